"""The law of one place: what holds, what changes, what is only on record, what may go wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

import geodata
from geodata.calendars import Window, calendar
from geodata.clock import clock_at
from geodata.hazards import BundledHazard, hazards_at, hazards_in
from geodata.law import rules_for, spot_at, spot_in, windows
from geodata.names import Found, find
from geodata.rules import SWITCHES, RuleWindow, known_to, rules_of

YEARS_AHEAD = 10
LAST_YEAR = 2199  # no act reaches further


@dataclass(frozen=True)
class Stretch:
    """Windows that follow each other with the same status: only the rules behind it change."""

    windows: tuple[Window, ...]

    @property
    def first(self) -> date:
        return self.windows[0].first

    @property
    def last(self) -> date:
        return self.windows[-1].last


@dataclass(frozen=True)
class Sheet:
    """Everything the command tells of a place; `windows` begin with the one of the day asked about."""

    asked: str
    place: Found  # without coordinates
    on: date
    law: str
    windows: tuple[Window, ...]
    other_rules: tuple[RuleWindow, ...]  # on record, but not law under the switch
    parts: tuple[tuple[str, str, str], ...]  # of a country: region, its name, its status on the day
    hazards: tuple[BundledHazard, ...]
    notes: tuple[str, ...]

    @property
    def today(self) -> Window:
        return self.windows[0]

    @property
    def stretches(self) -> list[Stretch]:
        """The windows by status; each begins on a day on which the status changes."""
        alike = groupby(self.windows, lambda window: (window.status, window.is_partial))
        return [Stretch(tuple(windows)) for _, windows in alike]

    @property
    def status_until(self) -> date | None:
        """The last day of today's status; None when no change of it is on record in the days looked at."""
        today, *later = self.stretches
        return today.last if later else None


def sheet(asked: str, on: date, district: str | None, law: str) -> Sheet:
    """The law of a place on a day; GeodataError when the place is unknown or the law there unclear."""
    found = find(asked)
    if on.year > LAST_YEAR:
        raise geodata.GeodataError(
            f"the law is known as of {geodata.surveyed_on()}, and {on} is out of its reach; "
            f"ask for a day before {LAST_YEAR + 1}"
        )
    if district and (found.district or not (found.region or found.lat_deg is not None)):
        raise geodata.GeodataError(
            f"district says {district}, but {found.name} is no region; name the district's region"
        )
    until = date(on.year + YEARS_AHEAD, 12, 31)
    if found.lat_deg is not None and found.lon_deg is not None:
        return _of_point(asked, found.lat_deg, found.lon_deg, on, until, district, law)
    if not found.region:
        return _of_country(asked, found, on, until, law)
    name = district or found.district or None
    place = replace(found, district=spot_in(found.region, name).district)
    return _filled(asked, place, on, law, windows(found.region, on, until, district=name, law=law))


def _of_point(
    asked: str, lat_deg: float, lon_deg: float, on: date, until: date, district: str | None, law: str
) -> Sheet:
    point = geodata.locate(lat_deg, lon_deg)
    spot = spot_at(point.region, lat_deg, lon_deg, on, until, district=district, law=law)
    clock = clock_at(lat_deg, lon_deg)
    notes = [*([point.warning] if point.warning else []), *spot.notes, f"clock: {clock.timezone}"]
    notes += [f"or {other}, which is kept close by" for other in clock.others]
    place = Found(jurisdiction=point.jurisdiction, region=point.region, district=spot.district)
    held = calendar(rules_for(spot, on, until, law=law), on, until)
    return _filled(asked, place, on, law, held, notes=notes)


def _of_country(asked: str, found: Found, on: date, until: date, law: str) -> Sheet:
    """A country: the rules that hold in all of it, and the regions that have rules of their own."""
    national = [rule for rule in rules_of(found.jurisdiction, "") if rule.status in SWITCHES[law]]
    parts = []
    for region in geodata.regions_of(found.jurisdiction):
        window = windows(region, on, on, law=law)[0]
        if any(rule.region for rule in window.rules):
            status = window.status + (" in part" if window.is_partial else "")
            parts.append((region, geodata.region_name(region), status))
    return _filled(asked, found, on, law, calendar(national, on, until), parts=parts)


def _filled(
    asked: str,
    place: Found,
    on: date,
    law: str,
    held: Sequence[Window],
    *,
    parts: Sequence[tuple[str, str, str]] = (),
    notes: Sequence[str] = (),
) -> Sheet:
    others = tuple(
        rule
        for rule in rules_of(place.jurisdiction, place.region)
        if rule.status not in SWITCHES[law]
        and (not rule.districts or not place.district or place.district in rule.districts)
    )
    told = (*_disputed(place), *notes)
    return Sheet(asked, place, on, law, tuple(held), others, tuple(parts), _hazards_at(place, law), told)


def _disputed(place: Found) -> Iterator[str]:
    """Who holds the ground, where that is not the country that the code belongs to."""
    control = geodata.control_of(place.region) if place.region else None
    if control is not None:
        part = "part of it" if control.extent == "part" else "it"
        held = f"{control.controller} holds {part} since {control.since}"
        yield f"drawn by its ISO code; {held}: {control.note}"


def _hazards_at(place: Found, law: str) -> tuple[BundledHazard, ...]:
    """Of a region those of any of its districts; of a country those of all of it that are not law yet."""
    if place.district:
        return hazards_at(place.region, place.district, law)
    if place.region:
        return hazards_in(place.region, law)
    taken = {rule.rule_id for rule in rules_of(place.jurisdiction, "") if rule.status in SWITCHES[law]}
    found = (each for each in geodata.bundled_hazards() if each.place == place.jurisdiction)
    return tuple(each for each in found if each.unless_rule not in taken)


def as_dict(found: Sheet) -> dict[str, Any]:
    """The sheet for programs."""
    return {
        "asked": found.asked,
        "place": found.place.name,
        "jurisdiction": found.place.jurisdiction,
        "region": found.place.region or None,
        "district": found.place.district or None,
        "on": found.on,
        "law": found.law,
        "known_as_of": geodata.surveyed_on(),
        "newest_page": known_to(found.place.jurisdiction),
        "status": found.today.status,
        "status_until": found.status_until,
        "in_part": found.today.is_partial,
        "rules": [asdict(rule) for rule in found.today.rules],
        "on_record": [asdict(rule) for rule in found.other_rules],
        "windows": [
            {
                "first": window.first,
                "last": window.last,
                "status": window.status,
                "in_part": window.is_partial,
                "rules": [rule.rule_id for rule in window.rules],
            }
            for window in found.windows
        ],
        "regions": [
            {"region": region, "name": name, "status": status} for region, name, status in found.parts
        ],
        "hazards": [asdict(hazard) for hazard in found.hazards],
        "notes": list(found.notes),
    }
