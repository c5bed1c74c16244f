"""A plan's ledger as an accountant reads it: income statement, cash flow, tax, cut by time and place.

Every line of the ledger has its place in ``accounts.py``. Amounts are nominal USD, expected over the
scenarios; income is positive, cost negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from optimizer.accounts import (
    BOOK,
    CASH,
    INCOME,
    OWN_NUMBERS,
    WORTH,
    Account,
    Result,
    Section,
    accounts_of,
    in_section,
)
from optimizer.inputs import Floats, Inputs

if TYPE_CHECKING:
    from optimizer.plan_tables import PlanTables

Tables = Mapping[str, pd.DataFrame]
Across = Literal["period", "year", "site", "jurisdiction", "entity"]
Name = Literal["income", "cash"]

COMPANY = "(company)"  # money of no single site
TAX_LINES = ("profit_tax", "deferred_tax")
AT_END = "what is left"  # in the table of tax, the row after a company's last tax year
SEVERAL = "(several)"  # money of a company with sites in more than one jurisdiction


def money_tables(
    found: PlanTables, others: Mapping[str, PlanTables | None], data: Inputs, first_days: Sequence[date]
) -> dict[str, pd.DataFrame]:
    """What statements need beside the ledger: the clock, the odds, and the cash of the alternatives.

    ``periods``: first_day ("" for plans from bare arrays), year, months, days, discount_share.
    ``scenarios``: probability. ``cash_flows``: expected cash, what is left, tax in both, of other plans.
    """
    days = [day.isoformat() for day in first_days[: len(data.periods)]] or [""] * len(data.periods)
    began = np.cumsum(data.period_months) - data.period_months
    years = [day.year for day in first_days[: len(data.periods)]] or (1 + began // 12).astype(int).tolist()
    periods = pd.DataFrame(
        {
            "period": data.periods,
            "first_day": days,
            "year": years,
            "months": data.period_months,
            "days": data.period_days,
            "discount_share": data.discount,
        }
    )
    scenarios = pd.DataFrame({"scenario": data.scenarios, "probability": data.probability})
    flows = [_flows(name, other.ledger, periods, scenarios) for name, other in others.items() if other]
    columns = ["plan", "period", "cash_usd", "tax_usd", "left_usd"]
    cash_flows = pd.concat(flows, ignore_index=True) if flows else pd.DataFrame(columns=columns)
    return {"periods": periods, "scenarios": scenarios, "cash_flows": cash_flows}


def _flows(name: str, ledger: pd.DataFrame, periods: pd.DataFrame, scenarios: pd.DataFrame) -> pd.DataFrame:
    amounts = expected({"ledger": ledger, "scenarios": scenarios})
    cash = amounts.is_cash.astype(bool)
    parts = {"cash_usd": cash, "tax_usd": amounts.line.isin(TAX_LINES), "left_usd": is_left(amounts)}
    sums = {
        column: amounts[shown].groupby("period").amount_usd.sum().reindex(periods.period, fill_value=0.0)
        for column, shown in parts.items()
    }
    return pd.DataFrame({"plan": name, **sums}).rename_axis("period").reset_index()[["plan", "period", *sums]]


def is_left(ledger: pd.DataFrame) -> pd.Series:
    """Rows of what counts in the worth without being cash, but for the charge for risk."""
    return ~ledger.is_cash.astype(bool) & ~ledger.line.isin(["legal_risk", *BOOK])


def expected(tables: Tables) -> pd.DataFrame:
    """The ledger with ``amount_usd`` expected over the scenarios, and the lines of the table ``book``."""
    ledger = tables["ledger"]
    book = tables.get("book")
    if book is not None and len(book):
        book = book.assign(present_value_usd=0.0, is_cash=False, is_capital=False)
        ledger = pd.concat([ledger, book], ignore_index=True) if len(ledger) else book
    odds = tables["scenarios"].set_index("scenario").probability
    weight = ledger.scenario.map(odds).to_numpy(dtype=float)
    return ledger.assign(amount_usd=ledger.amount_usd.to_numpy(dtype=float) * weight)


def sites_of(tables: Tables) -> pd.DataFrame:
    """Site, jurisdiction and entity of every site in the ledger, and of the company's own money."""
    known = tables.get("sites", pd.DataFrame(columns=["site", "jurisdiction", "entity"]))
    ledger = expected(tables).drop_duplicates(["site", "entity"])
    of_site = known.set_index("site").jurisdiction
    of_entity = known.groupby("entity").jurisdiction.unique()
    rows = [
        (site, entity, of_site.get(site, SEVERAL) if site else _home(of_entity.get(entity, ())))
        for site, entity in zip(ledger.site.astype(str), ledger.entity.astype(str), strict=True)
    ]
    order = {site: place for place, site in enumerate(known.site)}
    rows.sort(key=lambda row: (row[0] == "", order.get(row[0], len(order))))
    return pd.DataFrame(rows, columns=["site", "entity", "jurisdiction"])


def _home(jurisdictions: Sequence[str]) -> str:
    return str(jurisdictions[0]) if len(jurisdictions) == 1 else SEVERAL


def statement(tables: Tables, name: Name, by: Across = "period") -> pd.DataFrame:
    """One statement: ``key``, ``label``, ``kind`` (line, total, result), its columns, then ``total``.

    A quarter belongs to the year of its first day. Money of no single site stands under ``(company)``.
    """
    ledger = expected(tables)
    across, order = _across(ledger, tables, by)
    accounts = accounts_of(ledger)
    amounts = ledger.groupby(["line", across]).amount_usd.sum()
    by_line = amounts.unstack(fill_value=0).reindex(columns=order, fill_value=0.0)
    rows = _rows((*INCOME, *CASH, *WORTH), accounts, by_line)
    begin = [row[0] for row in rows].index("carried")
    shown = rows[:begin] if name == "income" else rows[begin:]
    frame = pd.DataFrame([row[:3] for row in shown], columns=["key", "label", "kind"])
    values = pd.DataFrame([row[3] for row in shown], columns=order)
    return pd.concat([frame, values.assign(total=values.sum(axis=1))], axis=1)


def _rows(
    parts: Sequence[Section | Result], accounts: Sequence[Account], by_line: pd.DataFrame
) -> list[tuple[str, str, str, Floats]]:
    """Key, label, kind and amounts of every row; a section without accounts is not shown."""
    nothing = np.zeros(by_line.shape[1])
    sums: dict[str, Floats] = {}
    rows = []
    for part in parts:
        if isinstance(part, Result):
            sums[part.key] = sum((sums.get(key, nothing) for key in part.adds), nothing)
            rows.append((part.key, part.label, "result", sums[part.key]))
            continue
        lines = in_section(part.key, accounts)
        rows += [(each.line, each.label, "line", by_line.loc[each.line].to_numpy()) for each in lines]
        if lines:
            sums[part.key] = np.asarray(by_line.loc[[each.line for each in lines]].sum(axis=0))
            rows.append((part.key, part.total, "total", sums[part.key]))
    return rows


def _across(ledger: pd.DataFrame, tables: Tables, by: Across) -> tuple[pd.Series, list[object]]:
    """The column in which each row of the ledger belongs, and the columns in order."""
    if by in ("period", "year"):
        periods = tables["periods"]
        names = ledger.period.map(periods.set_index("period")[by]) if by == "year" else ledger.period
        return names.rename(by), list(dict.fromkeys(periods[by]))
    places = sites_of(tables)
    if by == "jurisdiction":
        where = places.set_index(["site", "entity"]).jurisdiction
        keys = pd.MultiIndex.from_arrays([ledger.site.astype(str), ledger.entity.astype(str)])
        return pd.Series(where.reindex(keys).to_numpy(), ledger.index, name=by), list(
            dict.fromkeys(places.jurisdiction)
        )
    names = ledger[by].replace("", COMPANY) if by == "site" else ledger[by]
    return names.rename(by), list(dict.fromkeys(places[by].replace("", COMPANY)))


def counts_tax(tables: Tables) -> bool:
    """Whether the plan counts profit tax, paid or not."""
    years = tables.get("tax")
    return (years is not None and len(years) > 0) or bool(set(TAX_LINES) & set(tables["ledger"].line))


def notes(tables: Tables) -> tuple[str, ...]:
    """What a reader of the statements must know."""
    ledger = expected(tables)
    own = [account.line for account in accounts_of(ledger) if account.number >= OWN_NUMBERS]
    said = [
        "amounts are nominal, expected over the scenarios; income is positive, cost negative",
        "interest is a financing flow; a period belongs to the year of its first day",
        "relocation is an expense; machines bought, building and opening of sites are investing",
    ]
    if own:
        said.append(f"lines of the user's own blocks stand under other: {', '.join(own)}")
    return (*said, *_notes_on_books(tables, set(ledger.line)))


def _notes_on_books(tables: Tables, lines: set[str]) -> Iterator[str]:
    """What is written off and what is taxed, in every combination."""
    has_tax, has_books = counts_tax(tables), bool(set(BOOK) & lines)
    if has_books:
        yield "depreciation and book values are those of the tax"
    elif has_tax:
        yield "nothing is written off and nothing with a book value is sold: profit is before depreciation"
    else:
        yield "no book values are known: profit is before depreciation, and sales are in the cash flow only"
    if not has_tax:
        yield "no profit tax is counted: figures after tax are those before it"
        return
    yield "tax stands in the period in which it is paid: net profit is after tax paid, not after tax accrued"
    if "profit_tax" not in lines:
        yield "no profit tax falls due within the horizon"
    if "deferred_tax" in lines:
        yield (
            "what is left is taxed as if sold at its worth on the last day, in the last tax year: not cash, "
            "not in net profit"
        )
