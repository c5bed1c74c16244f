"""The bundled law as a page: what the map needs of rules and windows, in the page's own words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import shapely

from geodata import drawing
from geodata.calendars import PLACE_STATUSES, Window, calendar, days_in_force, place_status
from geodata.districts import district_polygons
from geodata.law import windows
from geodata.law_marks import RuleNote, SiteMark, Span, ZoneMark
from geodata.law_page import law_page
from geodata.places import known_regions, region_name
from geodata.rules import (
    DEFAULT_SWITCH,
    RuleWindow,
    checked_switch,
    known_to,
    licences,
    rules_of,
    surveyed_jurisdictions,
    surveyed_on,
)

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WHAT_COUNTS = {  # of a study's `law:`
    "in_force": "Only law in force.",
    "announced": "What is announced counts as law.",
    "strict": "Proposals count as law too.",
}
WHOSE_STATUS = (
    "A region is coloured as it is to a newcomer with load from the grid and no licence; a site, as it is to "
    "its own operator, size and district."
)


def law_map(
    title: str,
    start: date,
    end: date,
    *,
    sites: Sequence[SiteMark] = (),
    zones: Sequence[ZoneMark] = (),
    site_rules: Sequence[RuleNote] = (),
    law: str = DEFAULT_SWITCH,
    opens_on: date | None = None,
    notes: Sequence[str] = (),
) -> str:
    """The page of the bundled law over [start, end], with a study's own sites and zones on it.

    `site_rules` are told besides the bundled rules: those that only the spans of sites name. Raises
    GeodataError as law_page() does, and for an unknown switch.
    """
    held = region_windows(start, end, law)
    calendars = {code: spans_of(code, each) for code, each in held.items()}
    known_days = {code: known_to(code) for code in surveyed_jurisdictions()}
    newest = max(day for day in known_days.values() if day)
    told = {
        rule.rule_id: rule_note(rule) for each in held.values() for window in each for rule in window.rules
    }
    told |= {note.rule_id: note for note in site_rules}
    return law_page(
        title,
        start,
        end,
        calendars,
        sites=sites,
        zones=(*zones, *_closed_districts(held, start, end)),
        rules=[told[rule_id] for rule_id in sorted(told)],
        as_of=f"Law read on {surveyed_on()}; newest page of {newest}. {WHAT_COUNTS[law]}",
        known_to=known_days,
        opens_on=opens_on,
        notes=(WHOSE_STATUS, *notes),
    )


def region_windows(start: date, end: date, law: str = DEFAULT_SWITCH) -> dict[str, list[Window]]:
    """What holds from day to day in every shape of the map of which any law is known."""
    found = {code: _windows(code, start, end, law) for code in drawing.shape_names()}
    return {code: each for code, each in found.items() if any(window.rules for window in each)}


def _closed_districts(held: dict[str, list[Window]], start: date, end: date) -> Iterator[ZoneMark]:
    """The districts of regions that are closed in part, as one area for each rule that closes them."""
    for region, law in held.items():
        rules = {rule.rule_id: rule for window in law for rule in window.rules}
        for rule in rules.values():
            if not (outlines := _closed_outlines(region, rule)):
                continue
            area = shapely.union_all(outlines)
            name = f"{region_name(region)}: {len(outlines)} districts, borders approximate ({rule.act})"
            for first, last in days_in_force(rule, start, end):
                yield ZoneMark(name, area, "ban", first, last, is_own=False)


def _closed_outlines(region: str, rule: RuleWindow) -> list[shapely.MultiPolygon]:
    """The outlines of the districts that the rule closes to everyone; none if one has no outline."""
    if place_status(rule) != "banned":
        return []
    outlines = district_polygons(region)
    return [outlines[name] for name in rule.districts] if outlines.keys() >= set(rule.districts) else []


def _windows(shape: str, start: date, end: date, law: str) -> list[Window]:
    """Of a country that is drawn whole, what holds in all of it."""
    if shape in known_regions():
        return windows(shape, start, end, law=law)
    binding = checked_switch(law)
    return calendar([rule for rule in rules_of(shape, shape) if rule.status in binding], start, end)


def spans_of(region: str, law: Iterable[Window]) -> tuple[Span, ...]:
    """Windows of a region as the page takes them."""
    return tuple(
        Span(
            each.first,
            each.last,
            each.status,
            tuple(rule.rule_id for rule in each.rules),
            each.is_partial,
            _rest(region, each),
        )
        for each in law
    )


def _rest(region: str, window: Window) -> str:
    """The status outside the closed districts; "" where they are not all drawn, or others differ as well."""
    undrawn = [rule for rule in window.rules if not _closed_outlines(region, rule)]
    if not window.is_partial or len(undrawn) == len(window.rules):
        return ""
    rest = _strictest([rule for rule in undrawn if not rule.districts])
    in_districts = _strictest([rule for rule in undrawn if rule.districts])
    is_even = PLACE_STATUSES.index(rest) <= PLACE_STATUSES.index(in_districts)
    return rest if is_even else ""


def _strictest(rules: Iterable[RuleWindow]) -> str:
    return min(map(place_status, rules), key=PLACE_STATUSES.index, default="unknown")


def rule_note(rule: RuleWindow) -> RuleNote:
    """A rule as the page tells it."""
    return RuleNote(
        rule.rule_id,
        rule.act,
        rule.kind,
        rule.start,
        rule.end,
        _whom(rule),
        rule.status,
        rule.confidence,
        rule.source,
        rule.note,
    )


def _whom(rule: RuleWindow) -> str:
    """Whom, where and when the rule concerns, as one line."""
    told = [f"Concerns: {rule.scope}"]
    if rule.districts:
        told.append(f"only in {', '.join(rule.districts)}")
    if rule.season:
        first, last = (f"{day} {MONTHS[month - 1]}" for month, day in rule.season)
        told.append(f"every year from {first} to {last}")
    if rule.licence:
        told.append(f"asks for: {licences()[rule.licence].what}")
    return ". ".join(text[0].upper() + text[1:] for text in told) + "."
