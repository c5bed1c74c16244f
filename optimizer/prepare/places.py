"""Where each site is, which law binds it and which clock it lives by; all problems at once."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

import geodata
from geodata.borders import haversine_km
from geodata.clock import clock_at
from optimizer.config import Study, Where
from optimizer.errors import ConfigError, Problem
from optimizer.prepare.law import Restriction, position_of, restrictions
from optimizer.prepare.zones import OwnGeography, own_geography
from optimizer.sections.sites import Site

ONE_PLACE_KM = 3.0  # sites closer than this are one facility to thresholds of the law
LAW_STALE_AFTER_DAYS = 90


@dataclass(frozen=True)
class Place:
    """One site's place and law."""

    region: str
    district: str
    jurisdiction: str
    timezone: str
    restrictions: tuple[Restriction, ...]
    notes: tuple[str, ...]  # without the site's name


def places(study: Study, first: datetime.date, last: datetime.date) -> tuple[list[Place], tuple[str, ...]]:
    """The place of every site with its law from `first` to `last`, and what must be known of the geography.

    Raises
    ------
    ConfigError
        With every site that is at sea, outside its stated region, in a district of unclear law, or in a
        country whose law is not known, and every polygon that cannot be used.
    """
    found: list[Place] = []
    problems: list[Problem] = [*_unknown_codes(study)]
    own, bad_polygons = own_geography(study)
    problems += bad_polygons
    facilities = _facilities_mw(study)
    for number, site in enumerate(study.sites):
        try:
            found.append(_place(site, study, first, last, own, facilities[number]))
        except geodata.GeodataError as error:
            rule, _, remedy = str(error).partition("; ")
            problems.append(study.problem_at(("sites", number), site.id, rule, remedy))
    if problems:
        raise ConfigError(problems)
    return found, (*own.notes, *_law_age(first))


def _place(
    site: Site,
    study: Study,
    first: datetime.date,
    last: datetime.date,
    own: OwnGeography,
    facility_mw: float,
) -> Place:
    where = geodata.locate(site.lat_deg, site.lon_deg)
    region = _region(site, where)
    if geodata.jurisdiction_of(region) not in geodata.surveyed_jurisdictions():
        name = geodata.jurisdiction_name(geodata.jurisdiction_of(region))
        raise geodata.GeodataError(
            f"no law on mining is bundled for {name}; a plan there could be unlawful: leave the site out"
        )
    spot = geodata.spot_at(
        region,
        site.lat_deg,
        site.lon_deg,
        first,
        last,
        district=site.district,
        law=study.law,
        borders=own.borders.get(region),
    )
    zones, zone_notes = own.at(site.lat_deg, site.lon_deg)
    position = position_of(study.operator, site, facility_mw)
    law = tuple(restrictions(site, spot, position, zones, study.law, first, last))
    timezone, clock_notes = _clock(site, region)
    told = (*_notes(site, where), *spot.notes, *clock_notes, *zone_notes, *_law_notes(spot, law))
    return Place(region, spot.district, geodata.jurisdiction_of(region), timezone, law, told)


def site_notes(study: Study, where: Iterable[Place]) -> Iterator[str]:
    """The notes of all sites; what is said of several is said once."""
    sites_of: dict[str, list[str]] = {}
    for site, place in zip(study.sites, where, strict=True):
        for note in place.notes:
            sites_of.setdefault(note, []).append(repr(site.id))
    for note, sites in sites_of.items():
        yield f"{'site' if len(sites) == 1 else 'sites'} {', '.join(sites)}: {note}"


def _region(site: Site, where: geodata.Place) -> str:
    """A stated region decides near a border and must agree with the coordinates elsewhere."""
    if site.region is None or site.region == where.region:
        return where.region
    if site.region not in geodata.known_regions():
        raise geodata.GeodataError(
            f"region {site.region!r} is not known, and the coordinates lie in {where.region}; correct it"
        )
    if site.region not in {region for region, _ in where.alternatives}:
        raise geodata.GeodataError(
            f"region says {site.region}, but {site.lat_deg}, {site.lon_deg} lies in {where.region} "
            f"({where.region_name}), too far from {site.region} for a misdrawn border; "
            "correct the region or the coordinates"
        )
    return site.region


def _facilities_mw(study: Study) -> list[float]:
    """Megawatts of all that stands at one place: a load split over sites does not pass below a threshold."""
    largest_kw = [
        max([site.max_power_kw, *(step.max_power_kw for step in site.power_steps)]) for site in study.sites
    ]
    lat, lon = (np.array([getattr(site, key) for site in study.sites]) for key in ("lat_deg", "lon_deg"))
    together = haversine_km(lat[:, None], lon[:, None], lat, lon) <= ONE_PLACE_KM
    return [float(each) / 1000 for each in together @ np.array(largest_kw)]


def _clock(site: Site, region: str) -> tuple[str, list[str]]:
    if site.timezone is not None:
        return site.timezone, []
    clock = clock_at(site.lat_deg, site.lon_deg)
    if not clock.others:
        return clock.timezone, []
    others = ", ".join(clock.others)
    return clock.timezone, [f"taken to live by {clock.timezone}, and not {others}; state its timezone"]


def _law_age(first_day: datetime.date) -> list[str]:
    read_on = geodata.surveyed_on()
    age_days = (first_day - read_on).days
    if age_days <= LAW_STALE_AFTER_DAYS:
        return []
    return [f"the law is known as of {read_on}, {age_days} days before the plan begins; check what is newer"]


def _law_notes(spot: geodata.Spot, law: tuple[Restriction, ...]) -> Iterator[str]:
    """Law that does not close a site but must be known, and places of which no law is known."""
    for each in law:
        if each.effect == "advice" and each.rule.kind != "open":
            yield f"{each.rule.act}: {each.reason} [{each.rule.rule_id}]"
        elif each.rule.status not in ("in_force", "lapsed") and each.effect != "exempt":
            told = f"{each.rule.act} is {each.rule.status}, not law, and planned with as law"
            yield f"{told} [{each.rule.rule_id}]"
    if not any(each.rule.scope.is_general or each.rule.kind == "open" for each in law):
        yield f"no rule on mining is bundled for {spot.region} itself; that is not the same as open"


def _notes(site: Site, where: geodata.Place) -> Iterator[str]:
    if where.warning and site.region is None:
        yield f"taken to be in {where.region}; {where.warning}"
    elif where.offshore_km > 0:
        yield f"lies {where.offshore_km:.1f} km off the drawn coast of {where.region}"


def _unknown_codes(study: Study) -> Iterator[Problem]:
    """Codes of places and licences that no law or map knows: misspelt, they would silently match nothing."""
    known_places = geodata.known_regions() | geodata.known_jurisdictions() | {"*"}
    known_places |= {site.id for site in study.sites}
    for where, code in _codes(study):
        if code not in known_places:
            yield study.problem_at(where, code, "is no region, country or site", _nearest(code, known_places))
    for where, licence in _licences(study):
        if licence not in geodata.licences():
            remedy = _nearest(licence, geodata.licences())
            yield study.problem_at(where, licence, "is no licence that a rule asks for", remedy)


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


def _licences(study: Study) -> Iterator[tuple[Where, str]]:
    for number, licence in enumerate(study.operator.licences):
        yield ("operator", "licences", number, "id"), licence.id
    for place, site in enumerate(study.sites):
        for number, licence in enumerate(site.host_licences):
            yield ("sites", place, "host_licences", number, "id"), licence.id


def _nearest(code: str, known: Iterable[str]) -> str:
    close = get_close_matches(code, known, n=3)
    return f"did you mean {' or '.join(close)}?" if close else "see the ISO 3166 codes and the site ids"
