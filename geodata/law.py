"""The law of a place: which rules hold there, from when to when, and what share of its days they leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt

from geodata.calendars import Window, calendar, check_order, closed_days, days_in_force, union
from geodata.districts import DistrictBorders, district_at, match_district
from geodata.globe import haversine_km
from geodata.places import Place, jurisdiction_of, locate
from geodata.rules import DEFAULT_SWITCH, RuleWindow, checked_switch, rules_of
from geodata.store import GeodataError

CIRCLE_DOUBT = 1.5  # radii of a circle that stands for a town: further out its limits surely are not


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
    rules = rules_for(Spot(region, ""), start, end, law=law, in_any_district=True)
    return calendar(rules, start, end, of_whole_region=True)


def rules_for(
    spot: Spot, start: date, end: date, *, law: str = DEFAULT_SWITCH, in_any_district: bool = False
) -> tuple[RuleWindow, ...]:
    """The rules that hold at a spot on any day of [start, end], under a study's switch.

    With `in_any_district` also those of other districts of the region. An empty answer means that no law is
    bundled, not that mining is free.
    """
    check_order(start, end)
    binding = checked_switch(law)
    return tuple(
        rule
        for rule in rules_of(jurisdiction_of(spot.region), spot.region)
        if rule.status in binding
        and (in_any_district or _is_there(rule, spot))
        and days_in_force(rule, start, end)
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
    spot = Spot(region, named.district, lat_deg, lon_deg)
    guess = district_at(lat_deg, lon_deg, region, borders)
    if guess is None:
        rules = rules_for(Spot(region, ""), start, end, law=law, in_any_district=True)
        towns = [r for r in rules if r.circle and (r.closes or named.district in r.districts)]
        notes = [note for rule in towns for note in _circle_notes(rule, spot)]
        return replace(spot, notes=tuple(notes))
    possible = (guess.name, *(name for name, _ in guess.others))
    kind = "surveyed" if guess.is_surveyed else "approximate"
    if named.district:
        if named.district not in possible:
            raise GeodataError(
                f"district says {named.district}, but {lat_deg}, {lon_deg} lies in {guess.name} and not "
                f"within {guess.error_km:.0f} km of it ({kind} borders of {region}); "
                "correct the district or the coordinates"
            )
        return spot
    laws = {name: _what_binds(Spot(region, name), start, end, law) for name in possible}
    unlike = [name for name in possible if laws[name] != laws[guess.name]]
    if unlike:
        raise GeodataError(
            f"{region} is closed in part, and {lat_deg}, {lon_deg} may lie in {guess.name} or in "
            f"{', '.join(unlike[:4])}, where the law differs "
            f"({kind} borders, good to {guess.error_km:.0f} km); "
            "name the site's district"
        )
    note = f"taken to be in {guess.name} by {kind} borders good to {guess.error_km:.1f} km"
    return replace(spot, district=guess.name, notes=(note,))


def _what_binds(spot: Spot, start: date, end: date, law: str) -> tuple[RuleWindow, ...]:
    """The rules of a spot that ask anything of anyone."""
    return tuple(rule for rule in rules_for(spot, start, end, law=law) if rule.kind != "open")


def _circle_notes(rule: RuleWindow, spot: Spot) -> Iterator[str]:
    """What a town that is drawn as a circle means for a point: its limits run somewhere near the circle.

    Raises GeodataError where the name and the circle contradict each other, and where neither decides.
    """
    circle, town = rule.circle, rule.districts[0]
    km = _km_from_centre(rule, spot)
    if circle is None or km is None:
        return
    told = f"{km:.0f} km from the centre of {town} ({rule.act})"
    if spot.district in rule.districts:
        if km > CIRCLE_DOUBT * circle.radius_km:
            raise GeodataError(
                f"district says {spot.district}, but {spot.lat_deg}, {spot.lon_deg} is {told}; "
                "correct the district or the coordinates"
            )
    elif spot.district:
        if _alike(spot.district, town):
            raise GeodataError(f"district says {spot.district!r}, {told}; write {town!r} if that is meant")
        if km <= circle.radius_km / 2 or (km <= circle.radius_km and "county" in spot.district.casefold()):
            raise GeodataError(
                f"district says {spot.district!r}, and the point is {told}; "
                f"write {town!r}, or correct the coordinates (a county does not tell its towns apart)"
            )
        if km <= CIRCLE_DOUBT * circle.radius_km:
            yield f"taken to be outside {town} on the word of its district, {spot.district}: {told}"
    elif km <= circle.radius_km:
        yield f"taken to be in {town}: {told}; name the district if it is another"
    elif km <= CIRCLE_DOUBT * circle.radius_km:
        raise GeodataError(
            f"{spot.lat_deg}, {spot.lon_deg} is {told}, and its limits are not drawn exactly; "
            "name the site's district"
        )


def _alike(text: str, town: str) -> bool:
    """Whether a name that is no listed one still seems to mean it: "City of Weatherford"."""
    return town.casefold() in text.casefold() or bool(get_close_matches(text, [town], n=1, cutoff=0.8))


def _km_from_centre(rule: RuleWindow, spot: Spot) -> float | None:
    if rule.circle is None or spot.lat_deg is None or spot.lon_deg is None:
        return None
    lat, lon = np.array([rule.circle.lat_deg, spot.lat_deg]), np.array([rule.circle.lon_deg, spot.lon_deg])
    return float(haversine_km(lat[:1], lon[:1], lat[1:], lon[1:])[0])


def _is_there(rule: RuleWindow, spot: Spot) -> bool:
    """Whether the rule's districts, or the circle that stands for one, take in the spot."""
    if not rule.districts:
        return True
    if spot.district:
        return spot.district in rule.districts
    km = _km_from_centre(rule, spot)
    return km is not None and rule.circle is not None and km <= rule.circle.radius_km


def allowed_share(
    spots: Sequence[Spot], months: Sequence[str], *, law: str = DEFAULT_SWITCH
) -> npt.NDArray[np.float64]:
    """(spot, month) share of the days of each month, such as "2025-04", on which anyone may run at all.

    Counts what closes a place to everyone; conditions, licences and rules for some persons or sizes only
    are for position.verdicts to weigh. A region without rules counts as open: ask windows() what is known.
    Raises GeodataError for a spot without district in a region whose districts differ.
    """
    if not months:
        return np.empty((len(spots), 0))
    bounds = [month_bounds(month) for month in months]
    start, end = min(first for first, _ in bounds), max(last for _, last in bounds)
    rows: dict[tuple[str, ...], npt.NDArray[np.float64]] = {}
    shares = np.empty((len(spots), len(months)))
    for number, spot in enumerate(spots):
        closing = _closing(spot, start, end, law)
        key = tuple(rule.rule_id for rule in closing)
        if key not in rows:
            rows[key] = _open_share(closing, bounds)
        shares[number] = rows[key]
    return shares


def _closing(spot: Spot, start: date, end: date, law: str) -> list[RuleWindow]:
    """The rules that close a spot to everyone."""
    closing = [
        rule
        for rule in rules_for(spot, start, end, law=law, in_any_district=not spot.district)
        if rule.closes and rule.scope.is_general and not rule.scope.new_load_only
    ]
    partly = next(
        (rule for rule in closing if rule.districts and not spot.district and not rule.circle), None
    )
    if partly is not None:
        raise GeodataError(
            f"{spot.region} is closed in part by {partly.act}; name the district of each spot there"
        )
    return [rule for rule in closing if _is_there(rule, spot)]


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
        following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    except (ValueError, OverflowError):
        raise GeodataError(f"{month!r} is not a month; write it as 2025-04") from None
    return first, following - timedelta(days=1)
