"""Where each site is, which law binds it and which clock it lives by; all problems at once."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

import geodata
from geodata.calendars import minus, place_status
from geodata.climate import temperature_normals
from geodata.clock import clock_at
from geodata.globe import haversine_km
from geodata.places import OFFSHORE_LIMIT_KM
from geodata.rules import rules_by_id
from optimizer.config import Study, Where
from optimizer.errors import ConfigError, Problem
from optimizer.prepare.law import Restriction, operator_law, position_of, restrictions
from optimizer.prepare.zones import OwnGeography, idle_polygons, own_geography
from optimizer.sections.horizon import Licence
from optimizer.sections.sites import Site
from optimizer.tariffs import PowerPrice

ONE_PLACE_KM = 3.0  # sites closer than this are one facility to thresholds of the law
LAW_STALE_AFTER_DAYS = 90
DRAWN_COAST_KM = 2.0  # a pier this far out is where the coast was drawn straight
OTHER_CODES = {"UK": "GB", "EL": "GR", "EU": "the members' own codes"}  # not ISO 3166, but often written


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
    own, bad_polygons = own_geography(study)
    unlawful, sale_notes = operator_law(study.operator, study.law, first, last)
    problems: list[Problem] = [*_unknown_codes(study), *bad_polygons]
    problems += [
        study.problem_at(("operator",), study.operator.name, rule, "change the operator's own terms")
        for rule in unlawful
    ]
    facilities = _facilities_mw(study)
    for number, site in enumerate(study.sites):
        try:
            found.append(_place(site, study, first, last, own, facilities[number]))
        except geodata.GeodataError as error:
            rule, _, remedy = str(error).partition("; ")
            problems.append(study.problem_at(("sites", number), site.id, rule, remedy))
    if problems:
        raise ConfigError(problems)
    idle = (*idle_polygons(study, own, first, last), *_idle_terms(study, own, found))
    return found, (*own.notes, *sale_notes, *idle, *_law_age(found, first))


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
    if site.supply == "reserved_block" and region != "CA-QC":
        raise geodata.GeodataError(
            f"supply is reserved_block, and {region} has none; it is Quebec's block of allocated power"
        )
    _check_climate(site)
    zones, zone_notes = own.at(site.lat_deg, site.lon_deg)
    position = position_of(study.operator, site, facility_mw)
    law = tuple(restrictions(site, spot, position, zones, study.law, first, last))
    telling = [each.rule for each in law if _tells_of_the_place(each)]
    if site.law_checked is None and not telling:
        raise geodata.GeodataError(
            f"no law on mining is bundled for {geodata.region_name(region)} ({region}) that concerns this "
            "site, and a plan there could be unlawful; leave the site out, or say in law_checked who looked "
            "at the law, and when"
        )
    timezone, clock_notes = _clock(site, region)
    told = (*_notes(site, where), *spot.notes, *clock_notes, *zone_notes, *_law_notes(study, site, law))
    told += tuple(_gaps(telling, first, last))
    return Place(region, spot.district, geodata.jurisdiction_of(region), timezone, law, told)


def _check_climate(site: Site) -> None:
    """Cooling goes by the weather of towns around, and there are deserts and islands without any."""
    if site.cooling is None:
        return
    try:
        temperature_normals(site.lat_deg, site.lon_deg, site.cooling.elevation_m)
    except geodata.GeodataError as error:
        rule, _, _ = str(error).partition("; ")
        raise geodata.GeodataError(f"has cooling, but {rule}; state a pue and leave cooling out") from error


def _tells_of_the_place(restriction: Restriction) -> bool:
    """Whether bundled law says anything of mining here to this operator.

    A rule of no concern is silent, and an own zone or a host under sanctions tells of itself only.
    """
    is_bundled = restriction.rule.rule_id in rules_by_id()
    return is_bundled and restriction.effect != "exempt" and place_status(restriction.rule) != "unknown"


def _gaps(telling: Sequence[geodata.RuleWindow], first: datetime.date, last: datetime.date) -> Iterator[str]:
    """Days of the plan before the first rule or after the last; the months between seasons are no gap."""
    known = [(max(first, rule.start), min(last, rule.end or last)) for rule in telling]
    for start, end in minus([(first, last)], known) if telling else ():
        yield f"no rule on mining is on record from {start} to {end}; taken as open, which nobody has said"


def site_notes(
    study: Study, where: Sequence[Place], prices: Sequence[PowerPrice] | None = None
) -> Iterator[str]:
    """The notes of all sites, with what their contracts count where it is known; once for like sites."""
    known: Sequence[PowerPrice | None] = prices or [None] * len(where)
    sites_of: dict[str, list[str]] = {}
    for site, place, price in zip(study.sites, where, known, strict=True):
        for note in (*place.notes, *_levy_notes(place, price)):
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
    if site.region not in {region for region, km in where.alternatives if km <= OFFSHORE_LIMIT_KM}:
        raise geodata.GeodataError(
            f"region says {site.region}, but {site.lat_deg}, {site.lon_deg} lies in {where.region} "
            f"({where.region_name}), too far from {site.region} for a misdrawn border; "
            "correct the region or the coordinates"
        )
    return site.region


def _facilities_mw(study: Study) -> list[float]:
    """Megawatts of all that stands at one place: a load split over sites does not pass below a threshold.

    Sites within 3 km of each other are one place, and so is a chain of them.
    """
    first, last = study.horizon.start, study.horizon.last_month
    largest_kw = np.array([site.largest_power_kw(first, last) for site in study.sites])
    lat, lon = (np.array([getattr(site, key) for site in study.sites]) for key in ("lat_deg", "lon_deg"))
    together = haversine_km(lat[:, None], lon[:, None], lat, lon) <= ONE_PLACE_KM
    _, place = connected_components(csr_array(together.astype(np.int8)))
    return [float(each) / 1000 for each in np.bincount(place, largest_kw)[place]]


def _clock(site: Site, region: str) -> tuple[str, list[str]]:
    if site.timezone is not None:
        return site.timezone, []
    clock = clock_at(site.lat_deg, site.lon_deg)
    if not clock.others:
        return clock.timezone, []
    others = ", ".join(clock.others)
    return clock.timezone, [f"taken to live by {clock.timezone}, and not {others}; state its timezone"]


def _idle_terms(study: Study, own: OwnGeography, where: Sequence[Place]) -> Iterator[str]:
    """Exceptions and borders that meet no site."""
    binding = {each.rule.rule_id for place in where for each in place.restrictions}
    for terms in study.zones:
        for rule_id in terms.lifts:
            if rule_id not in binding:
                yield f"own zone {terms.id!r} lifts {rule_id}, which holds at no site of the study"
    for region in own.borders:
        if region not in {place.region for place in where}:
            yield f"district borders of {region} are given, and no site lies there"


def _law_age(where: Sequence[Place], first_day: datetime.date) -> Iterator[str]:
    """Countries whose newest bundled page is old when the plan begins."""
    newest = {each: geodata.known_to(each) for each in sorted({place.jurisdiction for place in where})}
    old = [
        f"{jurisdiction} to {day or 'an unknown day'}"
        for jurisdiction, day in newest.items()
        if day is None or (first_day - day).days > LAW_STALE_AFTER_DAYS
    ]
    if old:
        yield f"the law is known only so far: {', '.join(old)}; check what came later"


def _law_notes(study: Study, site: Site, law: Sequence[Restriction]) -> Iterator[str]:
    """Law that does not close a site but must be known, and what was taken on somebody's word."""
    for each in law:
        rule = f"{each.rule.act} [{each.rule.rule_id}]"
        if each.rule.status not in ("in_force", "lapsed") and each.effect not in ("met", "exempt"):
            yield f"{rule} is {each.rule.status}, not law, and planned with as law"
        if each.effect == "advice" and each.rule.kind == "levy":
            continue  # `levy_notes`, once it is known what the tariff counts
        elif each.effect == "advice" and each.rule.kind != "open":
            yield f"{rule}: {each.reason}"
        if each.effect == "no new load" and site.existing_load_kw is None:
            yield (
                f"{rule}: the machines that stand here on the first day are taken as connected before it; "
                "state existing_load_kw"
            )
    if site.law_checked is not None:
        yield f"law taken on the study's word: {site.law_checked}"


def _levy_notes(place: Place, price: PowerPrice | None) -> Iterator[str]:
    """Levies by law beside the one that the contract counts, on the mean of its hours: none is added."""
    counted = "" if price is None else f"; the tariff counts {_mean_levy(price):.4g} USD/kWh on the mean"
    for each in place.restrictions:
        if each.effect == "advice" and each.rule.kind == "levy":
            yield f"{each.rule.act} [{each.rule.rule_id}]: {each.reason}{counted}"


def _mean_levy(price: PowerPrice) -> float:
    hours = float(price.hours.sum())
    return float((price.levy_usd_per_kwh * price.hours).sum()) / hours if hours else 0.0


def _notes(site: Site, where: geodata.Place) -> Iterator[str]:
    if where.warning and site.region is None:
        yield f"taken to be in {where.region}; {where.warning}"
    elif where.offshore_km > DRAWN_COAST_KM:
        yield f"lies {where.offshore_km:.1f} km off the drawn coast of {where.region}"


def _unknown_codes(study: Study) -> Iterator[Problem]:
    """Codes of places and licences that no law or map knows: misspelt, they would silently match nothing."""
    known_places = geodata.known_regions() | geodata.known_jurisdictions() | {"*"}
    known_places |= {site.id for site in study.sites}
    for where, code in _codes(study):
        if code not in known_places:
            yield study.problem_at(where, code, "is no region, country or site", _nearest(code, known_places))
    for where, licence in _licences(study):
        if licence.id not in geodata.licences():
            remedy = _nearest(licence.id, geodata.licences())
            yield study.problem_at((*where, "id"), licence.id, "is no licence that a rule asks for", remedy)


def _codes(study: Study) -> Iterator[tuple[Where, str]]:
    for number, corridor in enumerate(study.relocation.corridors):
        yield ("relocation", "corridors", number, "from"), corridor.origin
        yield ("relocation", "corridors", number, "to"), corridor.destination
    for number, offer in enumerate(study.purchases):
        yield from ((("purchases", number, "deliver_to"), code) for code in offer.deliver_to)
    operator = study.operator
    yield ("operator", "entity_jurisdiction"), operator.entity_jurisdiction
    for key in ("owner_jurisdictions", "coin_sale_jurisdictions"):
        yield from ((("operator", key, i), code) for i, code in enumerate(getattr(operator, key)))
    for where, licence in _licences(study):
        if licence.holder_jurisdiction is not None:
            yield (*where, "holder_jurisdiction"), licence.holder_jurisdiction
    for number, hazard in enumerate(study.risk.hazards):
        yield ("risk", "hazards", number, "place"), hazard.place
    for family in ("power_groups", "concentration"):
        for number, group in enumerate(getattr(study.limits, family)):
            codes = (*group.regions, *group.jurisdictions)
            yield from ((("limits", family, number), code) for code in codes)


def _licences(study: Study) -> Iterator[tuple[Where, Licence]]:
    for number, licence in enumerate(study.operator.licences):
        yield ("operator", "licences", number), licence
    for place, site in enumerate(study.sites):
        for number, licence in enumerate(site.host_licences):
            yield ("sites", place, "host_licences", number), licence


def _nearest(code: str, known: Iterable[str]) -> str:
    if code in OTHER_CODES:
        return f"write {OTHER_CODES[code]}"
    close = get_close_matches(code, known, n=3)
    return f"did you mean {' or '.join(close)}?" if close else "see the ISO 3166 codes and the site ids"
