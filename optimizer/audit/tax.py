"""Profit tax again, company by company and year by year, from the ledger and the counts of machines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import numpy as np

from optimizer.audit.books import LEFT, Books, counted_lines, settled
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
    turnover = books.of_lines(counted | set(LEFT), in_size=True).sum(axis=-1)
    profit = books.before_write_offs(counted) + books.written_off_in_year()
    due = _each(profit, lambda year_by_year, company: _due(year_by_year, data, company))
    yield from _same("profit_tax", books.of_lines({"profit_tax"}), -due, turnover, data)
    gain = books.gain_left()[..., None]
    deferred = _each(np.concatenate([profit, gain], axis=-1), lambda both, e: _at_end(both, data, e))
    yield from _same("deferred_tax", books.of_lines({"deferred_tax"}), -deferred, turnover, data)


def _each(sums: Floats, of_one: Callable[[Floats, int], Floats]) -> Floats:
    """(w, e, m) by scenario and company."""
    return np.stack([[of_one(each, company) for company, each in enumerate(row)] for row in sums])


def _at_end(profit_and_gain: Floats, data: Inputs, company: int) -> Floats:
    """(m) what the last year's tax changes by, when all that is left is sold at its worth on the last day."""
    *profit, gain = profit_and_gain
    *_, without = settled(np.array(profit), data, company)
    *_, sold_off = settled(np.array([*profit[:-1], profit[-1] + gain]), data, company)
    more = (sold_off.taxed_usd - without.taxed_usd) * float(data.tax_rate_share[company, -1])
    return np.where(np.arange(len(data.periods)) == len(data.periods) - 1, more, 0.0)


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
