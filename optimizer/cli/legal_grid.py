"""A study against the law, without solving: every site and period, and the rules behind each closure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import groupby
from typing import Any

import numpy as np
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from optimizer.cli.law_screen import trust
from optimizer.config import Study
from optimizer.prepare import Prepared
from optimizer.prepare.law import Restriction, touches
from optimizer.reasons import law_table

MONTH_LETTERS = "JFMAMJJASOND"
YEAR_WIDTH = 4
GAP = "  "
SPANS_SHOWN = 3
# Symbol and style of each state; a period open in part shows the tenths of its hours that are open.
STATES = {
    "open": (".", "green"),
    "partly closed": ("0-9", "yellow"),
    "closed": ("#", "red"),
    "sanctioned": ("S", "bold red"),
    "no new load": ("n", "cyan"),
    "no power": ("-", "dim"),
}
MEANINGS = {
    "open": "open",
    "partly closed": "open in part: tenths of its hours",
    "closed": "closed by law",
    "sanctioned": "sanctioned",
    "no new load": "nothing beyond the load that stood there",
    "no power": "no connection yet",
}


@dataclass(frozen=True)
class Cell:
    """One site in one period; `rules` are the ids of all that hold there, advice left out."""

    period: str
    state: str
    open_share: float  # of the period's hours
    max_load_kw: float | None  # None: no limit but the site's own
    rules: tuple[str, ...]


def cells(prepared: Prepared) -> dict[str, list[Cell]]:
    """Every site's cells in order of periods."""
    data = prepared.inputs
    places = zip(data.sites, prepared.places, strict=True)
    return {
        site: [_cell(prepared, place.restrictions, s, m) for m in range(len(data.periods))]
        for s, (site, place) in enumerate(places)
    }


def _cell(prepared: Prepared, restrictions: Sequence[Restriction], s: int, m: int) -> Cell:
    data, period = prepared.inputs, prepared.periods[m]
    share, load = float(data.allowed_share[s, m]), float(data.moratorium_kw[s, m])
    states = {
        "sanctioned": bool(data.is_sanctioned[s, m]),
        "closed": share <= 0,
        "no power": bool(data.max_power_kw[s, m] <= 0),
        "partly closed": share < 1,
        "no new load": np.isfinite(load),
        "open": True,
    }
    state = next(name for name, holds in states.items() if holds)
    binding = (each for each in restrictions if each.effect not in ("advice", "met", "exempt"))
    held = (each for each in binding if touches(each.days, period))
    rules = tuple(dict.fromkeys(each.rule.rule_id for each in held))
    return Cell(period.name, state, share, load if np.isfinite(load) else None, rules)


def as_dict(study: Study, prepared: Prepared) -> dict[str, Any]:
    """The screening for programs."""
    grid = cells(prepared)
    return {
        "study": study.name,
        "title": study.title,
        "valid": True,
        "periods": [period.name for period in prepared.periods],
        "sites": [
            {
                "site": site.id,
                "name": site.name,
                "region": place.region,
                "district": place.district or None,
                "jurisdiction": place.jurisdiction,
                "timezone": place.timezone,
                "periods": [asdict(cell) for cell in grid[site.id]],
            }
            for site, place in zip(study.sites, prepared.places, strict=True)
        ],
        "law": law_table(prepared.restrictions).to_dict("records"),
        "notes": list(prepared.notes),
    }


def screen(study: Study, prepared: Prepared, width: int) -> RenderableType:
    """The screening for people, in lines of at most `width` columns."""
    grid = cells(prepared)
    machines = sum(lot.count for lot in study.fleet)
    first, last = study.horizon.start, study.horizon.last_month
    title = Text(f"{study.title}\n", style="bold")
    counted = f"{_count(study.sites, 'site')}, {_count(study.fleet, 'lot')} with {machines:,} machines"
    title.append(f"Valid: {counted}, {first} to {last}.\n", style="green")
    table = _grid(study, prepared, grid, width)
    return Group(title, *table, _legend(study, grid), *_rules(prepared), *_notes(prepared))


def _count(things: Sequence[object], what: str) -> str:
    return f"{len(things)} {what}" + ("" if len(things) == 1 else "s")


def _grid(study: Study, prepared: Prepared, grid: dict[str, list[Cell]], width: int) -> Iterator[Text]:
    places = list(zip(study.sites, prepared.places, strict=True))
    name_width = max(4, *(len(site.id) for site, _ in places))
    region_width = max(6, *(len(place.region) for _, place in places))
    stub = name_width + region_width + 2 * len(GAP)
    for years in _pages(_years(prepared), width - stub):
        yield _line(" " * stub, years, [(f"{year}", "bold") for year, _ in years])
        heads = ["".join(_letter(prepared, m) for m in numbers) for _, numbers in years]
        head = f"{'site':<{name_width}}{GAP}{'region':<{region_width}}{GAP}"
        yield _line(head, years, [(letters, "dim") for letters in heads])
        for site, place in places:
            row = Text(f"{site.id:<{name_width}}{GAP}{place.region:<{region_width}}{GAP}")
            for _, numbers in years:
                for m in numbers:
                    row.append(*_symbol(grid[site.id][m]))
                row.append(" " * (YEAR_WIDTH - len(numbers)) + GAP)
            row.rstrip()
            yield row
        yield Text("")


def _letter(prepared: Prepared, m: int) -> str:
    return MONTH_LETTERS[prepared.periods[m].first_day.month - 1]


def _line(stub: str, years: Sequence[tuple[int, list[int]]], parts: Sequence[tuple[str, str]]) -> Text:
    line = Text(stub)
    for (_, numbers), (text, style) in zip(years, parts, strict=True):
        line.append(f"{text:<{max(YEAR_WIDTH, len(numbers))}}{GAP}", style)
    line.rstrip()
    return line


def _years(prepared: Prepared) -> list[tuple[int, list[int]]]:
    """Numbers of the periods that begin in each year."""
    by_year = groupby(enumerate(prepared.periods), lambda numbered: numbered[1].first_day.year)
    return [(year, [m for m, _ in part]) for year, part in by_year]


def _pages(years: Iterable[tuple[int, list[int]]], width: int) -> Iterator[list[tuple[int, list[int]]]]:
    """As many whole years side by side as there is room for, at least one."""
    page: list[tuple[int, list[int]]] = []
    used = 0
    for year in years:
        needed = max(YEAR_WIDTH, len(year[1])) + len(GAP)
        if page and used + needed > width + len(GAP):
            yield page
            page, used = [], 0
        page.append(year)
        used += needed
    yield page


def _symbol(cell: Cell) -> tuple[str, str]:
    symbol, style = STATES[cell.state]
    return (str(min(9, int(10 * cell.open_share))) if cell.state == "partly closed" else symbol), style


def _legend(study: Study, grid: dict[str, list[Cell]]) -> Text:
    """Only what stands in the grid above."""
    used = {cell.state for row in grid.values() for cell in row}
    parts = [
        Text.assemble((symbol, style), f" {MEANINGS[state]}")
        for state, (symbol, style) in STATES.items()
        if state in used
    ]
    if study.horizon.quarters:
        first_quarter = study.horizon.periods()[study.horizon.months].first_month
        parts.append(Text(f"from {first_quarter} each column is three months"))
    return Text("   ").join(parts)


def _rules(prepared: Prepared) -> Iterator[RenderableType]:
    """Each rule once for the sites that it holds on the same days."""
    held: dict[tuple[Any, ...], list[Restriction]] = {}
    exempt: dict[tuple[Any, ...], list[Restriction]] = {}
    for each in prepared.restrictions:
        if each.effect in ("met", "exempt"):
            exempt.setdefault((each.rule.rule_id, each.reason), []).append(each)
        else:
            held.setdefault((each.rule.rule_id, each.effect, each.reason, each.days), []).append(each)
    if prepared.restrictions:
        yield Text("\nThe law behind it", style="bold")
    for where in held.values():
        first, rule = where[0], where[0].rule
        act = Text(f"{rule.act} [{rule.rule_id}; {rule.status.replace('_', ' ')}; {trust(rule)}]", "dim")
        effect = (first.effect, STATES.get(first.effect, ("", "dim"))[1])
        yield Text.assemble(f"{_sites(where)}: ", effect, f" {_spans(first.days)}")
        yield _indented(first.reason)
        yield _indented(act)
    if exempt:
        yield Text("\nLooked at, and met or of no concern", style="bold")
    for where in exempt.values():
        yield _indented(f"{where[0].rule.rule_id}: {where[0].reason} ({_sites(where)})")


def _sites(restrictions: Iterable[Restriction]) -> str:
    return ", ".join(dict.fromkeys(each.site for each in restrictions))


def _spans(days: Sequence[tuple[date, date]]) -> str:
    spans = [f"{first} to {last}" for first, last in days[:SPANS_SHOWN]]
    more = len(days) - SPANS_SHOWN
    return ", ".join(spans) + (f" and {more} more times" if more > 0 else "")


def _notes(prepared: Prepared) -> Iterator[RenderableType]:
    if prepared.notes:
        yield Text("\nTo know", style="bold")
    for note in prepared.notes:
        yield _indented(Text(note, style="yellow"))


def _indented(text: Text | str) -> Padding:
    return Padding(Text(text) if isinstance(text, str) else text, (0, 0, 0, 2), expand=False)
