"""What the tax books of a plan say, from its tables alone: income, write-offs, losses, year by year."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

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


def counted_lines(tables: PlanTables, trusted_lines: Collection[str] = ()) -> set[str]:
    """Lines that the tax counts at once; trusted ones where they are cash and not capital."""
    ledger = tables.ledger
    own = ledger[ledger.line.isin(list(trusted_lines)) & ledger.is_cash.astype(bool)]
    own_lines = set(own[~own.is_capital.astype(bool)].line)
    return (set(CURRENT) | set(EXPENSED) | own_lines) - set(NOT_TAXED)


@dataclass(frozen=True)
class Settled:
    """One tax year of one company: the losses that it used, and what was left to tax."""

    used_usd: float
    taxed_usd: float


def settled(profit: Floats, data: Inputs, company: int) -> Iterator[Settled]:
    """Year by year (y): losses are used as soon as they can be, the oldest first, and lapse."""
    life = float(data.loss_life_years[company])
    losses = [(-1, float(data.opening_loss_usd[company]))]  # year and what is left of it
    for year, result in enumerate(profit.tolist()):
        losses = [(made, left) for made, left in losses if year - made <= life]
        if result < 0:
            losses.append((year, -result))
            yield Settled(0.0, 0.0)
            continue
        may_use = result * float(data.loss_use_share[company, year])
        kept, taken = [], 0.0
        for made, left in losses:
            used = min(left, may_use - taken)
            taken += used
            kept.append((made, left - used))
        losses = kept
        yield Settled(taken, result - taken)


@dataclass(frozen=True)
class Books:
    """Sums by scenario, company and period or year."""

    tables: PlanTables
    flows: Flows
    data: Inputs

    def before_write_offs(self, names: Collection[str]) -> Floats:
        """(w, e, y) lines that the tax counts at once, less the book value of machines that are gone."""
        by_month = self.of_lines(names) - self.of_what_is_gone()
        return np.asarray(by_month @ self.data.year_share.T)

    def written_off_in_year(self) -> Floats:
        """(w, e, y) of today's machines, of machines bought, and of what was built: negative."""
        return np.asarray((self.written_off_by_period() - self.first_fleet()) @ self.data.year_share.T)

    def of_lines(self, names: Collection[str], *, in_size: bool = False) -> Floats:
        """(w, e, m) the ledger's lines; ``in_size``, each amount without its sign."""
        ledger = self.tables.ledger
        rows = ledger[ledger.line.isin(list(names))]
        amounts = rows.amount_usd.abs() if in_size else rows.amount_usd
        return dense(rows, self.data, ("scenario", "entity", "period"), amounts)

    def first_fleet(self) -> Floats:
        """(w, e, m) written off by today's machines."""
        return self.by_company(self.first_fleet_by_site())

    def first_fleet_by_site(self) -> Floats:
        """(w, s, m) where they stand and, on the road, where they go."""
        data, moves = self.data, self.tables.moves
        each = np.moveaxis(data.depreciation_usd[data.entity_of_site], 0, 1)  # (l, s, m)
        sums = np.asarray((self.flows.standing * each).sum(axis=1))
        way = places(moves, data, ("scenario", "lot", "to_site", "leaves", "arrives"))
        for w, lot, site, leaves, arrives, machines in zip(*way, moves.machines, strict=True):
            sums[w, site, leaves:arrives] += machines * each[lot, site, leaves:arrives]
        return sums

    def of_what_is_gone(self) -> Floats:
        """(w, e, m) book value of machines sold or handed in."""
        return self.by_company(self.of_what_is_gone_by_site())

    def of_what_is_gone_by_site(self) -> Floats:
        """(w, s, m)"""
        gone = self.tables.sales
        lot, period = places(gone, self.data, ("lot", "period"))
        book = gone.machines.to_numpy(dtype=float) * self.data.book_usd[lot, period]
        return dense(gone, self.data, ("scenario", "from_site", "period"), book)

    def written_off_by_period(self) -> Floats:
        """(w, e, m) of machines bought and of what was built: negative."""
        return self.by_company(self.written_off_by_site())

    def written_off_by_site(self) -> Floats:
        """(w, s, m)"""
        data = self.data
        sums = np.zeros((len(data.scenarios), len(data.sites), len(data.periods)))
        for paid, share in self._paid():
            sums += np.einsum("wsx,sxm->wsm", paid, share[data.entity_of_site])
        return sums

    def gain_left(self) -> Floats:
        """(w, e) worth of what is left at the end over what the tax books hold of it."""
        data = self.data
        worn = data.depreciation_usd[data.entity_of_site, :, -1].T  # (l, s)
        held = self.flows.standing[..., -1] * (data.book_usd[:, -1, None] - worn)
        not_yet = held.sum(axis=1)
        for paid, share in self._paid():
            not_yet -= np.einsum("wsx,sx->ws", paid, 1.0 - share.sum(axis=2)[data.entity_of_site])
        return np.asarray(self.of_lines(LEFT).sum(axis=-1) - self.by_company(not_yet[..., None])[..., 0])

    def _paid(self) -> tuple[tuple[Floats, Floats], ...]:
        """(w, s, m) what was paid, negative, and the shares (e, m, m) that are written off."""
        data, ledger = self.data, self.tables.ledger
        paid = (ledger[ledger.line.isin(lines)] for lines in (("purchases", "import"), ("building",)))
        machines, building = (
            dense(rows, data, ("scenario", "site", "period"), rows.amount_usd) for rows in paid
        )
        return (machines, data.order_depreciation_share), (building, data.building_depreciation_share)

    def by_company(self, by_site: Floats) -> Floats:
        """(w, s, m) to (w, e, m)"""
        sums = np.zeros((by_site.shape[0], len(self.data.entities), by_site.shape[2]))
        for site, company in enumerate(self.data.entity_of_site):
            sums[:, company] += by_site[:, site]
        return sums
