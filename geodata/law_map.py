"""The bundled law as a page: what the map needs of rules and windows, in the page's own words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import shapely

from geodata import drawing
from geodata.calendars import Window, calendar, days_in_force
from geodata.districts import district_polygons
from geodata.law import windows
from geodata.law_marks import RuleNote, SiteMark, Span, ZoneMark
from geodata.law_page import law_page
from geodata.places import known_regions, region_name
from geodata.rules import DEFAULT_SWITCH, RuleWindow, checked_switch, licences, rules_of, surveyed_on

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
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
    calendars = {code: spans_of(each) for code, each in held.items()}
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
        as_of=str(surveyed_on()),
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
        polygons = district_polygons(region)
        rules = {rule.rule_id: rule for window in law for rule in window.rules}
        for rule in rules.values():
            listed = [polygons[name] for name in rule.districts if name in polygons]
            if not listed or not rule.closes or not rule.scope.is_general:
                continue
            area = shapely.union_all(listed)
            name = f"{region_name(region)}: {len(listed)} districts, borders approximate ({rule.act})"
            for first, last in days_in_force(rule, start, end):
                yield ZoneMark(name, area, "ban", first, last, is_own=False)


def _windows(shape: str, start: date, end: date, law: str) -> list[Window]:
    """Of a country that is drawn whole, what holds in all of it."""
    if shape in known_regions():
        return windows(shape, start, end, law=law)
    binding = checked_switch(law)
    return calendar([rule for rule in rules_of(shape, shape) if rule.status in binding], start, end)


def spans_of(law: Iterable[Window]) -> tuple[Span, ...]:
    """Windows as the page takes them."""
    return tuple(
        Span(each.first, each.last, each.status, tuple(rule.rule_id for rule in each.rules), each.is_partial)
        for each in law
    )


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
