"""The law of a place: which rules hold there, from when to when, and what share of its days they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from geodata.borders import haversine_km
from geodata.calendars import Window, calendar, check_order, closed_days, days_in_force, union
from geodata.districts import DistrictBorders, district_at, known_districts, match_district
from geodata.places import Place, jurisdiction_of, locate
from geodata.rules import DEFAULT_SWITCH, RuleWindow, checked_switch, rules_of
from geodata.store import GeodataError


@dataclass(frozen=True)
class Spot:
    """A place as the law sees it: region, district where one is known, and the point itself if there is one.

    `district` is "" where none is known or needed. `notes` say what was assumed.
    """

    region: str
    district: str
    lat_deg: float | None = None
    lon_deg: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LawAt:
    """Where a point is and what holds there on one day; the strictest rule first."""

    place: Place
    spot: Spot
    window: Window


def rules_at(
    lat_deg: float,
    lon_deg: float,
    on: date,
    *,
    district: str | None = None,
    law: str = DEFAULT_SWITCH,
) -> LawAt:
    """The rules that hold at a point on a day, strictest first.

    Raises GeodataError at sea, for an unknown district, and where the law differs between districts that
    the point may lie in.
    """
    place = locate(lat_deg, lon_deg)
    spot = spot_at(place.region, lat_deg, lon_deg, on, on, district=district, law=law)
    return LawAt(place, spot, calendar(rules_for(spot, on, on, law=law), on, on)[0])


def windows(
    region: str, start: date, end: date, *, district: str | None = None, law: str = DEFAULT_SWITCH
) -> list[Window]:
    """What holds in a region from day to day, in order and without gaps.

    Without a district the rules of all its districts are in it, and `is_partial` marks the windows whose
    strictest rules hold in some of them only. Days without any rule are windows too, "unknown".
    """
    check_order(start, end)
    if district is not None:
        return calendar(rules_for(spot_in(region, district), start, end, law=law), start, end)
    binding = checked_switch(law)
    rules = [rule for rule in rules_of(jurisdiction_of(region), region) if rule.status in binding]
    return calendar(rules, start, end, of_whole_region=True)


def rules_for(spot: Spot, start: date, end: date, *, law: str = DEFAULT_SWITCH) -> tuple[RuleWindow, ...]:
    """The rules that hold at a spot on any day of [start, end], under a study's switch.

    An empty answer means that no law is bundled, not that mining is free: see surveyed_jurisdictions().
    """
    check_order(start, end)
    binding = checked_switch(law)
    return tuple(
        rule
        for rule in rules_of(jurisdiction_of(spot.region), spot.region)
        if rule.status in binding and _is_there(rule, spot) and days_in_force(rule, start, end)
    )


def spot_in(region: str, district: str | None = None) -> Spot:
    """A region, with one of its districts where it is given; GeodataError for an unknown name."""
    jurisdiction = jurisdiction_of(region)
    if district is None:
        return Spot(region, "")
    listed = [name for rule in rules_of(jurisdiction, region) for name in rule.districts]
    return Spot(region, match_district(region, district, listed))


def spot_at(
    region: str,
    lat_deg: float,
    lon_deg: float,
    start: date,
    end: date,
    *,
    district: str | None = None,
    law: str = DEFAULT_SWITCH,
    borders: DistrictBorders | None = None,
) -> Spot:
    """A point in a region, with its district: the name decides, the outline is default and cross-check.

    Raises
    ------
    GeodataError
        For an unknown district; for a name whose outline lies further from the point than the outlines are
        good for; and, without a name, where districts within that distance differ in law on [start, end].
    """
    named = spot_in(region, district)
    guess = district_at(lat_deg, lon_deg, region, borders)
    if guess is None:
        return Spot(region, named.district, lat_deg, lon_deg)
    possible = (guess.name, *(name for name, _ in guess.others))
    kind = "surveyed" if guess.is_surveyed else "approximate"
    if named.district:
        if named.district in known_districts(region) and named.district not in possible:
            raise GeodataError(
                f"district says {named.district}, but {lat_deg}, {lon_deg} lies in {guess.name} and not "
                f"within {guess.error_km:.0f} km of it ({kind} borders of {region}); "
                "correct the district or the coordinates"
            )
        return Spot(region, named.district, lat_deg, lon_deg)
    laws = {name: rules_for(Spot(region, name), start, end, law=law) for name in possible}
    unlike = [name for name in possible if laws[name] != laws[guess.name]]
    if unlike:
        raise GeodataError(
            f"{region} is closed in part, and {lat_deg}, {lon_deg} may lie in {guess.name} or in "
            f"{', '.join(unlike[:4])}, where the law differs "
            f"({kind} borders, good to {guess.error_km:.0f} km); "
            "name the site's district"
        )
    note = f"taken to be in {guess.name} by {kind} borders good to {guess.error_km:.1f} km"
    return Spot(region, guess.name, lat_deg, lon_deg, (note,))


def _is_there(rule: RuleWindow, spot: Spot) -> bool:
    """Whether the rule's districts, or the circle that stands for one, take in the spot."""
    if not rule.districts:
        return True
    if spot.district:
        return spot.district in rule.districts
    if rule.circle is None or spot.lat_deg is None or spot.lon_deg is None:
        return False
    lat, lon = np.array([rule.circle.lat_deg, spot.lat_deg]), np.array([rule.circle.lon_deg, spot.lon_deg])
    return float(haversine_km(lat[:1], lon[:1], lat[1:], lon[1:])[0]) <= rule.circle.radius_km


def allowed_share(
    spots: Sequence[Spot], months: Sequence[str], *, law: str = DEFAULT_SWITCH
) -> npt.NDArray[np.float64]:
    """(spot, month) share of the days of each month, such as "2025-04", on which anyone may run at all.

    Counts what closes a place to everyone; conditions, licences and rules for some persons or sizes only
    are for position.verdicts to weigh. A region without rules counts as open: ask windows() what is known.
    """
    bounds = [month_bounds(month) for month in months]
    start, end = min(first for first, _ in bounds), max(last for _, last in bounds)
    rows: dict[tuple[str, ...], npt.NDArray[np.float64]] = {}
    shares = np.empty((len(spots), len(months)))
    for number, spot in enumerate(spots):
        closing = [
            rule
            for rule in rules_for(spot, start, end, law=law)
            if rule.closes and rule.scope.is_general and not rule.scope.new_load_only
        ]
        key = tuple(rule.rule_id for rule in closing)
        if key not in rows:
            rows[key] = _open_share(closing, bounds)
        shares[number] = rows[key]
    return shares


def _open_share(
    closing: Sequence[RuleWindow], bounds: Sequence[tuple[date, date]]
) -> npt.NDArray[np.float64]:
    shares = np.ones(len(bounds))
    for number, (first, last) in enumerate(bounds):
        closed = union(days for rule in closing for days in closed_days(rule, first, last))
        lost = sum((ended - opened).days + 1 for opened, ended in closed)
        shares[number] = 1.0 - lost / ((last - first).days + 1)
    return shares


def month_bounds(month: str) -> tuple[date, date]:
    """First and last day of a month such as "2025-04"; GeodataError for anything else."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise GeodataError(f"{month!r} is not a month; write it as 2025-04") from None
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first, following - timedelta(days=1)
