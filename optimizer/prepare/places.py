"""Where each site is, which law binds it and which clock it lives by; all problems at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import geodata
from optimizer.config import Study, Where
from optimizer.errors import ConfigError, Problem
from optimizer.prepare.law import Restriction, restrictions
from optimizer.sections.horizon import Period
from optimizer.sections.sites import Site

UNCERTAIN_KM = 5.0  # borders are drawn to 1-3 km; nearer than this the coordinates alone do not decide


@dataclass(frozen=True)
class Place:
    """One site's place and law."""

    region: str
    jurisdiction: str
    timezone: str
    restrictions: tuple[Restriction, ...]
    notes: tuple[str, ...]


def places(study: Study, periods: list[Period]) -> list[Place]:
    """The place of every site.

    Raises
    ------
    ConfigError
        With every site that is at sea, outside its stated region, in a partly closed region without a
        district, or in a country whose law is not known.
    """
    found: list[Place] = []
    problems: list[Problem] = []
    problems += _unknown_codes(study)
    for number, site in enumerate(study.sites):
        try:
            found.append(_place(site, study, periods))
        except geodata.GeodataError as error:
            rule, _, remedy = str(error).partition("; ")
            problems.append(study.problem_at(("sites", number), site.id, rule, remedy))
    if problems:
        raise ConfigError(problems)
    return found


def _place(site: Site, study: Study, periods: list[Period]) -> Place:
    where = geodata.locate(site.lat_deg, site.lon_deg)
    region = site.region or where.region
    _check_region(site, where)
    if where.jurisdiction not in geodata.surveyed_jurisdictions():
        name = geodata.jurisdiction_name(where.jurisdiction)
        raise geodata.GeodataError(
            f"no law on mining is bundled for {name}; a plan there could be unlawful; leave the site out"
        )
    law = tuple(restrictions(site, region, study.operator, periods))
    timezone = site.timezone or geodata.timezone_of(region)
    notes = (*_notes(site, where, region), *_law_notes(site, region, law, periods))
    return Place(region, geodata.jurisdiction_of(region), timezone, law, notes)


def _check_region(site: Site, where: geodata.Place) -> None:
    """A stated region decides near a border and must agree with the coordinates elsewhere."""
    if site.region is None or site.region == where.region:
        return
    if site.region not in geodata.known_regions():
        raise geodata.GeodataError(
            f"region {site.region!r} is not known; the coordinates lie in {where.region}"
        )
    if where.border_km > UNCERTAIN_KM or site.region != where.neighbour:
        raise geodata.GeodataError(
            f"region says {site.region}, but {site.lat_deg}, {site.lon_deg} lies in {where.region} "
            f"({where.region_name}), {where.border_km:.0f} km inside; correct the region or the coordinates"
        )


def _law_notes(site: Site, region: str, law: tuple[Restriction, ...], periods: list[Period]) -> Iterator[str]:
    """Law that does not close a site but must be known, and places of which no law is known."""
    for each in law:
        if each.effect == "advice":
            yield f"site {site.id!r}: {each.rule.act}: {each.reason} [{each.rule.rule_id}]"
    if not geodata.rules_for(region, site.district, periods[0].first_day, periods[-1].day_after_last):
        yield f"site {site.id!r}: no rule on mining is bundled for {region}; that is not the same as open"


def _notes(site: Site, where: geodata.Place, region: str) -> Iterator[str]:
    if where.border_km < UNCERTAIN_KM and site.region is None:
        yield (
            f"site {site.id!r} is taken to be in {region}, {where.border_km:.1f} km from {where.neighbour}; "
            "borders are drawn to 1-3 km, so state its region"
        )
    if where.offshore_km > 0:
        yield f"site {site.id!r} lies {where.offshore_km:.1f} km off the coast of {region}"


def _unknown_codes(study: Study) -> Iterator[Problem]:
    """Codes of places and licences that no law or map knows: misspelt, they would silently match nothing."""
    known_places = geodata.known_regions() | geodata.known_jurisdictions() | {"*"}
    known_places |= {site.id for site in study.sites}
    for where, code in _codes(study):
        if code not in known_places:
            yield study.problem_at(where, code, "is no region, country or site", _nearest(code, known_places))
    for number, licence in enumerate(study.operator.licences):
        if licence.id not in geodata.licences():
            remedy = _nearest(licence.id, geodata.licences())
            yield study.problem_at(
                ("operator", "licences", number, "id"),
                licence.id,
                "is no licence that a rule asks for",
                remedy,
            )


def _codes(study: Study) -> Iterator[tuple[Where, str]]:
    for number, corridor in enumerate(study.relocation.corridors):
        yield ("relocation", "corridors", number, "from"), corridor.origin
        yield ("relocation", "corridors", number, "to"), corridor.destination
    for number, offer in enumerate(study.purchases):
        yield from ((("purchases", number, "deliver_to"), code) for code in offer.deliver_to)
    for number, hazard in enumerate(study.risk.hazards):
        yield ("risk", "hazards", number, "place"), hazard.place
    for family in ("power_groups", "concentration"):
        for number, group in enumerate(getattr(study.limits, family)):
            codes = (*group.regions, *group.jurisdictions)
            yield from ((("limits", family, number), code) for code in codes)


def _nearest(code: str, known: Iterable[str]) -> str:
    close = get_close_matches(code, known, n=3)
    return f"did you mean {' or '.join(close)}?" if close else "see the ISO 3166 codes and the site ids"
