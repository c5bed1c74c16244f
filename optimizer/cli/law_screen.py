"""The law of one place on a screen: what holds, since when, until when, by which act, how sure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

import geodata
from geodata.calendars import PLACE_STATUSES
from geodata.rules import RuleWindow, known_to
from optimizer.cli.law_sheet import Sheet, Stretch

CHANGES_SHOWN = 6
DAYS_SHOWN = 3
TRUST = {"confirmed_2": "two sources", "one_source": "one source"}
STYLES = {
    "sanctioned": "bold red",
    "banned": "red",
    "moratorium": "cyan",
    "licensed": "yellow",
    "registration": "yellow",
    "conditions": "yellow",
    "open": "green",
    "unknown": "dim",
}
MEANINGS = {
    "sanctioned": "under sanctions: nothing may arrive, run or be paid",
    "banned": "closed: mining is not lawful",
    "moratorium": "no new load",
    "licensed": "open to holders of a licence",
    "registration": "open to those in the register",
    "conditions": "open, with conditions",
    "open": "open: no law against mining was found",
    "unknown": "not known: no rule on the place itself is bundled",
}


def screen(found: Sheet, width: int) -> Iterator[RenderableType]:
    """The sheet for people."""
    yield Text(found.place.name, style="bold")
    for note in found.notes:
        yield _indented(note, "yellow" if "may lie" in note or "off the" in note else "dim")
    status = found.today.status
    part = " (in part: districts below)" if found.today.is_partial else ""
    yield Text.assemble(
        f"\non {found.on}: ", (status + part, STYLES[status]), f", {MEANINGS[status]}{_until(found)}"
    )
    if found.today.rules:
        yield _table(found.today.rules, width)
    yield from _details(found.today.rules)
    if found.other_rules:
        yield Text(f"\nOn record, but not law under law: {found.law}", style="bold")
        yield _table(found.other_rules, width)
        yield from _details(found.other_rules)
    yield from _changes(found)
    yield from _parts(found)
    yield from _hazards(found)
    newest = known_to(found.place.jurisdiction)
    told = f"the newest on this country is of {newest}" if newest else "none on this country has a date"
    yield Text(
        f"\nPublic pages read on {geodata.surveyed_on()}; {told}. A survey, not legal advice.", style="dim"
    )


def _until(found: Sheet) -> str:
    if found.status_until is None:
        return f"; no change on record to {found.windows[-1].last.year}"
    return f"; to {found.status_until}"


def trust(rule: RuleWindow) -> str:
    """How sure a rule is, and of what date its source."""
    return f"{TRUST.get(rule.confidence, rule.confidence)}, {rule.source_date}"


def _table(rules: Sequence[RuleWindow], width: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, expand=False)
    for name in ("what", "whom", "since", "until", "by", "how sure"):
        table.add_column(name, no_wrap=name in ("what", "since", "until"), overflow="fold")
    for rule in rules:
        kind = rule.kind.replace("_", " ")
        season = _season(rule)
        until = "open" if rule.end is None else str(rule.end)
        act = f"{rule.act} [{rule.rule_id}]"
        status = "" if rule.status == "in_force" else f"; {rule.status}"
        where = f"{len(rule.districts)} districts; " if len(rule.districts) > 1 else ""
        table.add_row(
            *map(Text, (kind, where + str(rule.scope) + season, str(rule.start), until, act)),
            trust(rule) + status,
        )
    return table


def _season(rule: RuleWindow) -> str:
    if rule.season is None:
        return ""
    (month, day), (last_month, last_day) = rule.season
    return f"; each year {month:02}-{day:02} to {last_month:02}-{last_day:02}"


def _details(rules: Sequence[RuleWindow]) -> Iterator[RenderableType]:
    for rule in rules:
        yield Text(f"\n{rule.rule_id}", style="bold")
        if rule.districts:
            yield _indented(", ".join(rule.districts))
        for figure in rule.parameters:
            note = f" ({figure.note})" if figure.note else ""
            yield _indented(f"{figure.name.replace('_', ' ')}: {figure.value:g} {figure.unit}{note}")
        yield _indented(rule.note)
        yield _indented(f"{rule.source}, read {rule.read_on}", "dim")


def _changes(found: Sheet) -> Iterator[RenderableType]:
    today, *later = found.stretches
    if len(found.windows) > 1:
        yield Text("\nWhat changes", style="bold")
        yield from _within(today)
    for stretch in later[:CHANGES_SHOWN]:
        window = stretch.windows[0]
        part = " in part" if window.is_partial else ""
        rules = ", ".join(rule.rule_id for rule in window.rules) or "no rule"
        yield _indented(
            Text.assemble(f"{stretch.first}  ", (window.status + part, STYLES[window.status]), f"  ({rules})")
        )
        yield from _within(stretch)
    if (more := len(later) - CHANGES_SHOWN) > 0:
        yield _indented(f"and {more} more changes to {found.windows[-1].last.year}")


def _within(stretch: Stretch) -> Iterator[RenderableType]:
    """The days on which only the rules change."""
    days = [str(window.first) for window in stretch.windows[1:]]
    if days:
        more = f" and {len(days) - DAYS_SHOWN} more times" if len(days) > DAYS_SHOWN else ""
        status = stretch.windows[0].status
        told = f"{', '.join(days[:DAYS_SHOWN])}{more}: rules change, still {status}"
        yield _indented(told, "dim")


def _parts(found: Sheet) -> Iterator[RenderableType]:
    if not found.parts:
        return
    yield Text("\nRegions with rules of their own", style="bold")
    for status in (each + part for each in PLACE_STATUSES for part in ("", " in part")):
        regions = [f"{name} ({region})" for region, name, own in found.parts if own == status]
        if regions:
            yield _indented(
                Text.assemble((status, STYLES[status.removesuffix(" in part")]), f": {', '.join(regions)}")
            )


def _hazards(found: Sheet) -> Iterator[RenderableType]:
    if found.hazards:
        yield Text("\nWhat may go wrong (estimates by the year; a study can state its own)", style="bold")
    for each in found.hazards:
        where = f" in {', '.join(each.districts)}" if each.districts and not found.place.district else ""
        often = f"{each.yearly_probability_share:.0%} a year{where}"
        told = f"{each.kind} {often}, notice {each.notice_weeks:g} weeks"
        yield _indented(f"{told}: {each.evidence}")


def _indented(text: Text | str, style: str = "") -> Padding:
    return Padding(Text(text, style) if isinstance(text, str) else text, (0, 0, 0, 2), expand=False)
