"""Flows by calendar month, and the rates of return over them."""

from __future__ import annotations

import numpy as np

from optimizer.workbook.cells import Cell, Sheet, formula, number, text
from optimizer.workbook.grid import Grid
from optimizer.workbook.source import FX, Source

MOST_RATE = 1e4  # a year; above, spreadsheets lose the root
COLUMNS = "ABCDEFGHIJ"
HEADS = ("month", "middle, months", "fleet", "net cash", "tax, paid and on what is left", "left")
FLOWS = ("flow after tax", "flow before tax")
GAPS = ("less staying put, after tax", "less staying put, before tax")


def returns_sheet(source: Source, cash: Grid) -> tuple[Sheet, dict[str, str]]:
    """Flows by calendar month, each in the middle of its period, and the rates of return over them.

    The rates are left out where a period does not have its middle in the middle of a month.
    """
    sheet = Sheet("Returns", (9, 16, *[18] * 8), "A6", 5)
    sheet.head(
        "Returns: flows in the middle of each period, by month",
        f"{source.plan.story.currency}, nominal; the fleet counts as bought in the first period; "
        "what is left at the horizon counts in its last period",
    )
    months = source.middle_months - 0.5
    if not np.allclose(months, np.round(months), rtol=0, atol=1e-12):
        sheet.add(
            text("Periods are not whole odd numbers of months: rates are the engine's, on the first sheet.")
        )
        return sheet, {}
    has_gap = "gap_cash_usd" in cash.rows
    rates = sheet.add()
    sheet.add(*(text(head, "head") for head in (*HEADS, *FLOWS, *(GAPS if has_gap else ()))))
    first, last = len(sheet.rows) + 1, len(sheet.rows) + 1 + round(float(months[-1]))
    for row in range(first, last + 1):
        _add_month(sheet, source, cash, row - first, row)
    sheet.rows[rates - 1], found = _rates(source, has_gap, first, last)
    return sheet, {name: f"{sheet.title}!{column}{rates}" for name, column in found.items()}


def _rates(source: Source, has_gap: bool, first: int, last: int) -> tuple[list[Cell | None], dict[str, str]]:
    """The row of rates of return, and the column of each."""
    cells: list[Cell | None] = [text("rate a year", "section"), *[None] * (len(COLUMNS) - 1)]
    found = {}
    for name, (column, rate) in _asked(source, has_gap).items():
        if rate is not None and rate < MOST_RATE:
            guess = (1.0 + rate) ** (1 / 12) - 1.0
            told = f"(1+IRR({column}{first}:{column}{last},{guess:.6f}))^12-1"
            cells[COLUMNS.index(column)] = formula(told, "share")
            found[name] = column
    return cells, found


def _asked(source: Source, has_gap: bool) -> dict[str, tuple[str, float | None]]:
    """The engine's rates, and in which column their flows stand."""
    plan = source.plan
    asked = {
        "irr_share_per_year": ("G", plan.kpis.irr_share_per_year),
        "irr_before_tax_share_per_year": ("H", plan.kpis.irr_before_tax_share_per_year),
    }
    gain = next((other.gain for other in plan.alternatives if other.name == "stay put"), None)
    if has_gap and gain is not None:
        asked |= {
            "gain irr_share_per_year": ("I", gain.irr_share_per_year),
            "gain irr_before_tax_share_per_year": ("J", gain.irr_before_tax_share_per_year),
        }
    return asked


def _add_month(sheet: Sheet, source: Source, cash: Grid, place: int, row: int) -> None:
    def flow(key: str) -> Cell:
        if key not in cash.rows:
            return number(0.0, "money")
        where = cash.sheet.ref
        return formula(f"SUMIFS({where}!{cash.span(key)},{where}!{cash.span('middle')},$B{row})")

    fleet = formula(f"-{float(source.plan.kpis.fleet_usd)!r}*{FX}") if place == 0 else number(0.0, "money")
    cells = [number(place + 1, "plain"), number(place + 0.5, "number"), fleet]
    cells += [flow(key) for key in ("net_cash", "all_tax", "left")]
    cells += [formula(f"C{row}+D{row}+F{row}"), formula(f"G{row}-E{row}")]
    if "gap_cash_usd" in cash.rows:
        cash_gap, tax_gap, left_gap = (flow(f"gap_{each}_usd").value for each in ("cash", "tax", "left"))
        both = f"{str(cash_gap)[1:]}+{str(left_gap)[1:]}"
        cells += [formula(both), formula(f"I{row}-{str(tax_gap)[1:]}")]
    sheet.add(*cells)
