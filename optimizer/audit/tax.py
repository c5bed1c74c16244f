"""Profit tax again, company by company and year by year, from the ledger and the counts of machines."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.audit.findings import TOLERANCE, Finding
from optimizer.audit.flows import Flows, dense, places
from optimizer.audit.lines import CURRENT
from optimizer.inputs import Floats, Inputs
from optimizer.plan_tables import PlanTables

NOT_TAXED = ("coins_held", "profit_tax", "loan_drawn", "loan_principal")
EXPENSED = (
    *("deinstallation", "installation", "freight", "insurance", "customs", "breakage"),
    *("site_opening", "site_exit", "sales"),
)
LEFT = ("end_value", "coins_at_end", "coins_held")


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
    own = ledger[ledger.line.isin(trusted_lines) & ledger.is_cash.astype(bool)]
    own_lines = set(own[~own.is_capital.astype(bool)].line)
    counted = (set(CURRENT) | set(EXPENSED) | own_lines) - set(NOT_TAXED)
    books = _Books(tables, flows, data)
    by_month = books.of_lines(counted) - books.first_fleet() - books.of_what_is_gone()
    turnover = books.of_lines(counted, in_size=True).sum(axis=-1)
    profit = by_month @ data.year_share.T + books.written_off()
    due = np.stack(
        [[_due(profit[w, e], data, e) for e in range(profit.shape[1])] for w in range(len(profit))]
    )
    yield from _same("profit_tax", books.of_lines({"profit_tax"}), -due, turnover, data)
    last = np.arange(len(data.periods)) == len(data.periods) - 1
    deferred = -(data.tax_rate_share[:, -1] * books.gain_left())[..., None] * last
    yield from _same("deferred_tax", books.of_lines({"deferred_tax"}), deferred, turnover, data)


def _due(profit: Floats, data: Inputs, company: int) -> Floats:
    """(m) tax of one company: losses are used as soon as they can be, the oldest first, and lapse."""
    due = np.zeros(len(data.periods))
    life = float(data.loss_life_years[company])
    losses = [(-1, float(data.opening_loss_usd[company]))]  # year and what is left of it
    for year, result in enumerate(profit.tolist()):
        losses = [(made, left) for made, left in losses if year - made <= life]
        if result < 0:
            losses.append((year, -result))
            continue
        may_use = result * float(data.loss_use_share[company, year])
        kept = []
        for made, left in losses:
            used = min(left, may_use)
            may_use, result = may_use - used, result - used
            kept.append((made, left - used))
        losses = kept
        due[data.tax_paid_in[year]] += result * float(data.tax_rate_share[company, year])
    return due


@dataclass(frozen=True)
class _Books:
    """Sums by scenario, company and period or year."""

    tables: PlanTables
    flows: Flows
    data: Inputs

    def of_lines(self, names: Collection[str], *, in_size: bool = False) -> Floats:
        """(w, e, m) the ledger's lines; ``in_size``, each amount without its sign."""
        ledger = self.tables.ledger
        rows = ledger[ledger.line.isin(list(names))]
        amounts = rows.amount_usd.abs() if in_size else rows.amount_usd
        return dense(rows, self.data, ("scenario", "entity", "period"), amounts)

    def first_fleet(self) -> Floats:
        """(w, e, m) written off by today's machines, where they stand and, on the road, where they go."""
        data, moves = self.data, self.tables.moves
        each = np.moveaxis(data.depreciation_usd[data.entity_of_site], 0, 1)  # (l, s, m)
        sums = self._by_company((self.flows.standing * each).sum(axis=1))
        way = places(moves, data, ("scenario", "lot", "to_site", "leaves", "arrives"))
        for w, lot, site, leaves, arrives, machines in zip(*way, moves.machines, strict=True):
            company = data.entity_of_site[site]
            sums[w, company, leaves:arrives] += machines * data.depreciation_usd[company, lot, leaves:arrives]
        return sums

    def of_what_is_gone(self) -> Floats:
        """(w, e, m) book value of machines sold or handed in."""
        gone = self.tables.sales
        lot, period = places(gone, self.data, ("lot", "period"))
        book = gone.machines.to_numpy(dtype=float) * self.data.book_usd[lot, period]
        return self._by_company(dense(gone, self.data, ("scenario", "from_site", "period"), book))

    def written_off(self) -> Floats:
        """(w, e, y) of machines bought and of what was built: negative."""
        data = self.data
        sums = np.zeros((len(data.scenarios), len(data.entities), len(data.tax_years)))
        for paid, share in self._paid():
            sums += np.einsum("wex,exm,ym->wey", paid, share, data.year_share)
        return sums

    def gain_left(self) -> Floats:
        """(w, e) worth of what is left at the end over what the tax books hold of it."""
        data = self.data
        gain = self.of_lines(LEFT).sum(axis=-1)
        for paid, share in self._paid():
            gain += np.einsum("wex,ex->we", paid, 1.0 - share.sum(axis=2))
        worn = data.depreciation_usd[data.entity_of_site, :, -1].T  # (l, s)
        held = self.flows.standing[..., -1] * (data.book_usd[:, -1, None] - worn)
        return np.asarray(gain - self._by_company(held.sum(axis=1)[..., None])[..., 0])

    def _paid(self) -> tuple[tuple[Floats, Floats], ...]:
        data = self.data
        machines = self.of_lines({"purchases", "import"})
        return (machines, data.order_depreciation_share), (
            self.of_lines({"building"}),
            data.building_depreciation_share,
        )

    def _by_company(self, by_site: Floats) -> Floats:
        """(w, s, m) to (w, e, m)"""
        sums = np.zeros((by_site.shape[0], len(self.data.entities), by_site.shape[2]))
        for site, company in enumerate(self.data.entity_of_site):
            sums[:, company] += by_site[:, site]
        return sums


def _same(line: str, booked: Floats, expected: Floats, turnover: Floats, data: Inputs) -> Iterator[Finding]:
    """A tax may be out by rounding of what it is reckoned from."""
    off = np.abs(booked - expected) / np.maximum(1.0, turnover)[..., None]
    if off.max(initial=0.0) > TOLERANCE:
        w, e, m = (int(i) for i in np.unravel_index(int(np.argmax(off)), off.shape))
        where = f"{data.scenarios[w]}, {data.entities[e]}, {data.periods[m]}"
        yield Finding(f"ledger line {line}", where, float(booked[w, e, m]), float(expected[w, e, m]))
