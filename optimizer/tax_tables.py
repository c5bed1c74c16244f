"""The tax of a plan for its readers: every company's year, and what its books write off by month.

From the tables by the arithmetic of the audit, which has held the ledger to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd

from optimizer.audit.books import Books, counted_lines, settled
from optimizer.audit.flows import Flows, dense
from optimizer.inputs import Bools, Floats, Inputs
from optimizer.plan_tables import PlanTables
from optimizer.statements import AT_END

TAX_COLUMNS = (
    *("scenario", "entity", "tax_year", "profit_usd", "depreciation_usd", "loss_used_usd"),
    *("rate_share", "tax_usd"),
)
BOOK_COLUMNS = ("scenario", "entity", "site", "period", "line", "amount_usd")


def tax_tables(
    tables: PlanTables, data: Inputs, trusted_lines: Collection[str] = ()
) -> dict[str, pd.DataFrame]:
    """``tax``: profit before write-offs, write-offs (negative), losses used, tax, by company and tax year.

    After a company's last year, what is left: its gain over its book value, the losses that the whole year
    would use if it were sold in it, and what that would change the year's tax by.

    ``book``: depreciation and the book value of machines gone, negative, by site and period. Both empty where
    the study asks for no tax.
    """
    if not data.tax_years:
        return {"tax": pd.DataFrame(columns=TAX_COLUMNS), "book": pd.DataFrame(columns=BOOK_COLUMNS)}
    books = Books(tables, Flows.read(tables, data), data)
    years = pd.DataFrame(_years(books, data, counted_lines(tables, trusted_lines)), columns=TAX_COLUMNS)
    return {"tax": years, "book": _book(books, data)}


def _years(books: Books, data: Inputs, counted: set[str]) -> Iterator[tuple[object, ...]]:
    before, written_off = books.before_write_offs(counted), books.written_off_in_year()
    left = books.gain_left()
    for w, e in np.ndindex(*before.shape[:2]):
        company, profit = (data.scenarios[w], data.entities[e]), before[w, e] + written_off[w, e]
        years = list(settled(profit, data, e))
        rates = data.tax_rate_share[e].tolist()
        for y, (each, rate) in enumerate(zip(years, rates, strict=True)):
            sums = (before[w, e, y], written_off[w, e, y], each.used_usd, rate, each.taxed_usd * rate)
            yield (*company, data.tax_years[y], *sums)
        profit[-1] += left[w, e]
        *_, sold_off = settled(profit, data, e)
        more = (sold_off.taxed_usd - years[-1].taxed_usd) * rates[-1]
        yield (*company, AT_END, left[w, e], 0.0, sold_off.used_usd, rates[-1], more)


def _book(books: Books, data: Inputs) -> pd.DataFrame:
    """Machines gone have a row also where their book value is nothing: all that they fetch is profit."""
    depreciation = books.written_off_by_site() - books.first_fleet_by_site()
    sales = books.tables.sales
    gone = dense(sales, data, ("scenario", "from_site", "period"), sales.machines) > 0
    parts = (
        _long("depreciation", depreciation, depreciation != 0.0, data),
        _long("book_value_sold", 0.0 - books.of_what_is_gone_by_site(), gone, data),
    )
    return pd.concat(parts, ignore_index=True)


def _long(line: str, amounts: Floats, shown: Bools, data: Inputs) -> pd.DataFrame:
    w, s, m = places = np.nonzero(shown)
    columns = {
        "scenario": np.array(data.scenarios, dtype=object)[w],
        "entity": np.array(data.entities, dtype=object)[data.entity_of_site[s]],
        "site": np.array(data.sites, dtype=object)[s],
        "period": np.array(data.periods, dtype=object)[m],
        "line": line,
        "amount_usd": amounts[places],
    }
    return pd.DataFrame(columns, columns=BOOK_COLUMNS)
