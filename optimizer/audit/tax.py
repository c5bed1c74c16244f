"""Profit tax again, company by company and year by year, from the ledger and the counts of machines."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from optimizer.audit.books import Books, counted_lines, settled
from optimizer.audit.findings import TOLERANCE, Finding
from optimizer.audit.flows import Flows
from optimizer.inputs import Floats, Inputs
from optimizer.plan_tables import PlanTables


def tax(
    tables: PlanTables, flows: Flows, data: Inputs, trusted_lines: Collection[str] = ()
) -> Iterator[Finding]:
    """Lines profit_tax and deferred_tax; trusted lines count where they are cash and not capital."""
    ledger = tables.ledger
    if not data.tax_years:
        for name in ("profit_tax", "deferred_tax"):
            if (ledger.line == name).any():
                yield Finding("a tax that the study does not ask for", name, 1.0, 0.0)
        return
    counted = counted_lines(tables, trusted_lines)
    books = Books(tables, flows, data)
    turnover = books.of_lines(counted, in_size=True).sum(axis=-1)
    profit = books.before_write_offs(counted) + books.written_off_in_year()
    due = np.stack(
        [[_due(profit[w, e], data, e) for e in range(profit.shape[1])] for w in range(len(profit))]
    )
    yield from _same("profit_tax", books.of_lines({"profit_tax"}), -due, turnover, data)
    last = np.arange(len(data.periods)) == len(data.periods) - 1
    deferred = -(data.tax_rate_share[:, -1] * books.gain_left())[..., None] * last
    yield from _same("deferred_tax", books.of_lines({"deferred_tax"}), deferred, turnover, data)


def _due(profit: Floats, data: Inputs, company: int) -> Floats:
    """(m) tax of one company, in the period in which it is paid."""
    due = np.zeros(len(data.periods))
    for year, each in enumerate(settled(profit, data, company)):
        due[data.tax_paid_in[year]] += each.taxed_usd * float(data.tax_rate_share[company, year])
    return due


def _same(line: str, booked: Floats, expected: Floats, turnover: Floats, data: Inputs) -> Iterator[Finding]:
    """A tax may be out by rounding of what it is reckoned from."""
    off = np.abs(booked - expected) / np.maximum(1.0, turnover)[..., None]
    if off.max(initial=0.0) > TOLERANCE:
        w, e, m = (int(i) for i in np.unravel_index(int(np.argmax(off)), off.shape))
        where = f"{data.scenarios[w]}, {data.entities[e]}, {data.periods[m]}"
        yield Finding(f"ledger line {line}", where, float(booked[w, e, m]), float(expected[w, e, m]))
