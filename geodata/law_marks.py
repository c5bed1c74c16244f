"""What a page of the law shows: spans of days, sites, zones and rules, checked before they are drawn."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shapely.geometry.base import BaseGeometry

from geodata import drawing
from geodata.places import unknown
from geodata.store import GeodataError

# The strictest first: the name the page colours by, the label, what it means.
STATUSES = {
    "sanctioned": ("Sanctioned", "Nothing may arrive, run or be paid"),
    "banned": ("Banned", "Mining is not lawful on this day"),
    "moratorium": ("No new load", "No load beyond what was connected before"),
    "licensed": ("Licence required", "Closed until the licence is held"),
    "registration": ("Registration required", "Closed until registered"),
    "conditions": ("Under conditions", "Open, under conditions that the rules tell"),
    "open": ("Open", "Looked at, and nothing found against mining"),
    "unknown": ("No rule on record", "Nobody looked, or nothing was found: not the same as open"),
}
ZONE_EFFECTS = ("ban", "allowance")


@dataclass(frozen=True)
class Span:
    """One status over a closed interval of days, and the rules that say so.

    `is_partial`: it holds only in part of the region (some districts, or some districts are exempt). `rest`
    is then the status of the other part where a zone of the map draws the first; "": the region is striped.
    """

    first: date
    last: date
    status: str
    rule_ids: tuple[str, ...] = ()
    is_partial: bool = False
    rest: str = ""


@dataclass(frozen=True)
class SiteMark:
    """A site on the map, with its own status: that of its district, size and operator."""

    id: str
    name: str
    lat_deg: float
    lon_deg: float
    mw: float
    spans: tuple[Span, ...]
    note: str = ""


@dataclass(frozen=True)
class ZoneMark:
    """A polygon, lon/lat degrees; `effect` is "ban" or "allowance"; None: no end.

    `is_own` is False for districts that a rule of a region closes: drawn, but not listed as zones.
    """

    name: str
    polygon: BaseGeometry
    effect: str
    first: date | None = None
    last: date | None = None
    is_own: bool = True


@dataclass(frozen=True)
class RuleNote:
    """What is told of a rule: dates, whom it concerns, how sure it is. `until` None: no end is known."""

    rule_id: str
    act: str
    kind: str
    since: date
    until: date | None
    scope: str
    status: str
    confidence: str
    source: str
    note: str = ""


def check_marks(
    start: date,
    end: date,
    opens_on: date | None,
    calendars: Mapping[str, Sequence[Span]],
    sites: Sequence[SiteMark],
    zones: Sequence[ZoneMark],
    rules: Sequence[RuleNote],
    known_to: Mapping[str, date | None],
) -> None:
    """Raises GeodataError for a date, code, status, effect or number that a page could not show."""
    if end < start:
        raise GeodataError(f"the map runs from {start} to {end}; its last day must not be before its first")
    if opens_on is not None and not start <= opens_on <= end:
        raise GeodataError(f"the map opens on {opens_on}; choose a day from {start} to {end}")
    known = {rule.rule_id for rule in rules}
    if len(known) < len(rules):
        raise GeodataError("two rules of the map have the same id; give every rule its own")
    shapes = drawing.shape_names()
    jurisdictions = {shape.jurisdiction for shape in shapes.values()}
    codes = {*shapes, *jurisdictions}
    for jurisdiction in known_to:
        if jurisdiction not in jurisdictions:
            raise GeodataError(unknown("jurisdiction", jurisdiction, sorted(jurisdictions)))
    for code, spans in calendars.items():
        if code not in codes:
            raise GeodataError(f"the calendar is of an {unknown('region', code, sorted(codes))}")
        _check_spans(f"region {code}", spans, known)
    for site in sites:
        _check_spans(f"site {site.id!r}", site.spans, known)
        if not (math.isfinite(site.mw) and site.mw >= 0):
            raise GeodataError(f"site {site.id!r} has {site.mw} MW; give a number from 0")
    for zone in zones:
        if zone.effect not in ZONE_EFFECTS:
            raise GeodataError(f"zone {zone.name!r} has {unknown('effect', zone.effect, ZONE_EFFECTS)}")
        if zone.first and zone.last and zone.last < zone.first:
            raise GeodataError(
                f"zone {zone.name!r} ends on {zone.last}; that is before it begins on {zone.first}"
            )


def _check_spans(whose: str, spans: Sequence[Span], known_rules: Collection[str]) -> None:
    for span in spans:
        if span.status not in STATUSES:
            raise GeodataError(f"{whose} has {unknown('status', span.status, list(STATUSES))}")
        if span.rest and (span.rest not in STATUSES or not span.is_partial):
            raise GeodataError(
                f"{whose}: rest {span.rest!r} of a span; give a status of the map, and to a partial span only"
            )
        if span.last < span.first:
            raise GeodataError(
                f"{whose}: a span from {span.first} to {span.last}; it must not end before it begins"
            )
        if missing := [rule_id for rule_id in span.rule_ids if rule_id not in known_rules]:
            raise GeodataError(f"{whose} names rule {missing[0]!r}; add its note to the rules of the map")
