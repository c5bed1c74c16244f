"""The tax of a plan for its readers: every company's year, and what its books write off by month.

From the tables by the arithmetic of the audit, which has held the ledger to it.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from optimizer.audit.books import Books, counted_lines, settled
from optimizer.audit.flows import Flows
from optimizer.inputs import Floats, Inputs
from optimizer.plan_tables import PlanTables

TAX_COLUMNS = (
    *("scenario", "entity", "tax_year", "profit_usd", "depreciation_usd", "loss_used_usd"),
    *("rate_share", "tax_usd"),
)
BOOK_COLUMNS = ("scenario", "entity", "site", "period", "line", "amount_usd")


def tax_tables(
    tables: PlanTables, data: Inputs, trusted_lines: Collection[str] = ()
) -> dict[str, pd.DataFrame]:
    """``tax``: profit before write-offs, write-offs (negative), losses used, tax, by company and tax year.

    ``book``: depreciation and the book value of machines sold, negative, by company and period, at no site.
    Both empty where the study asks for no tax.
    """
    if not data.tax_years:
        return {"tax": pd.DataFrame(columns=TAX_COLUMNS), "book": pd.DataFrame(columns=BOOK_COLUMNS)}
    books = Books(tables, Flows.read(tables, data), data)
    return {"tax": _years(books, data, counted_lines(tables, trusted_lines)), "book": _book(books, data)}


def _years(books: Books, data: Inputs, counted: set[str]) -> pd.DataFrame:
    before, written_off = books.before_write_offs(counted), books.written_off_in_year()
    rows = []
    for w, e in np.ndindex(*before.shape[:2]):
        for y, each in enumerate(settled(before[w, e] + written_off[w, e], data, e)):
            rate = float(data.tax_rate_share[e, y])
            told = (data.scenarios[w], data.entities[e], data.tax_years[y])
            sums = (before[w, e, y], written_off[w, e, y], each.used_usd, rate, each.taxed_usd * rate)
            rows.append((*told, *sums))
    return pd.DataFrame(rows, columns=TAX_COLUMNS)


def _book(books: Books, data: Inputs) -> pd.DataFrame:
    lines = {
        "depreciation": books.written_off_by_period() - books.first_fleet(),
        "book_value_sold": -books.of_what_is_gone(),
    }
    parts = [_long(name, amounts, data) for name, amounts in lines.items()]
    return pd.concat(parts, ignore_index=True)


def _long(line: str, amounts: Floats, data: Inputs) -> pd.DataFrame:
    w, e, m = places = np.nonzero(amounts)
    columns = {
        "scenario": np.array(data.scenarios, dtype=object)[w],
        "entity": np.array(data.entities, dtype=object)[e],
        "site": "",
        "period": np.array(data.periods, dtype=object)[m],
        "line": line,
        "amount_usd": amounts[places],
    }
    return pd.DataFrame(columns, columns=BOOK_COLUMNS)
