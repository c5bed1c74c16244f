"""A plan as a workbook: every total, cumulative sum, present value and rate of return is a live formula."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from optimizer.workbook.cells import write
from optimizer.workbook.data_sheets import assumptions_sheet, ledger_sheet, moves_sheet
from optimizer.workbook.period_sheets import by_period
from optimizer.workbook.place_sheets import by_company, by_jurisdiction, by_site, tax_sheet
from optimizer.workbook.returns import returns_sheet
from optimizer.workbook.source import Source
from optimizer.workbook.summary import Grids, meanings_sheet, summary_sheet

if TYPE_CHECKING:
    from optimizer.plan import Plan


def write_workbook(plan: Plan, path: str | Path) -> Path:
    """Write a plan's money as XLSX: statements, tax, sites, moves, ledger, assumptions.

    Formulas sum the sheet Ledger, in the reporting currency at the rate of one cell. The column *difference*
    of the first sheet must show 0 everywhere. A ledger of more than 200,000 rows is written by month and
    company, and the sheets by site and by jurisdiction are left out.
    """
    source = Source(plan)
    income, cash = by_period(source)
    sites = [by_site(source)] if source.has_sites else []
    places = [*sites, *(by_jurisdiction(source, each) for each in sites)]
    if len(source.entities) > 1:
        places.append(by_company(source))
    returns, rates = returns_sheet(source, cash)
    first = summary_sheet(source, Grids(income, cash, tuple(places), returns, rates))
    sheets = [
        *(first, income.sheet, cash.sheet, returns, tax_sheet(source)),
        *(grid.sheet for grid in places),
        *(moves_sheet(source), ledger_sheet(source)),
        *(meanings_sheet(source), assumptions_sheet(source)),
    ]
    write(sheets, Path(path), plan.story.title or plan.story.name)
    return Path(path)
