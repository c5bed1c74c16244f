"""What the model may choose. Every block reads these; a block may add columns of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.inputs import NEVER, Bools, Inputs, Ints
from optimizer.lp import ABSENT, Columns, Expr, Floats, LinearProgram, grid, total, total_at

OF_TAX = ("in_profit", "losses_gone")  # yes-or-no columns that follow from the money, not from what is chosen


@dataclass(frozen=True)
class Decisions:
    """Column numbers, all counting machines, all at the start of the period except ``running``."""

    staying: Columns  # (w, l, s, m) stood there last period and still does
    departing: Columns  # (w, l, s, m) stood there last period and leaves
    arriving: Columns  # (w, l, s, c, m) first period at the site
    shipped: Columns  # (w, l, k, m) put on the road between two hubs
    ordered: Columns  # (w, l, h, m) new machines, by the period of the order
    sold: Columns  # (w, l, h, m) out of what departs
    handed_in: Columns  # (w, l, h, m) out of what departs, for machines refurbished
    running: Columns  # (w, l, s, p, m) in service under a profile, in machine-periods (of its block of hours)
    peak_kw: Columns  # (w, s, m) highest draw, at sites that are decided by block of hours

    def of_machines(self) -> dict[str, Columns]:
        """The columns that count machines, by name: what a walk through the plan is made of."""
        return {name: columns for name, columns in vars(self).items() if name != "peak_kw"}

    def standing(self, axes: str, weights: Floats | float = 1.0) -> Expr:
        """Sum of the machines at the sites, weighted: ``standing("wlsm,lm->wsm", weights)``."""
        given, _, kept = axes.partition("->")
        with_class = given.replace("wlsm", "wlscm", 1)
        return total(f"{given}->{kept}", self.staying, weights) + total(
            f"{with_class}->{kept}", self.arriving, weights
        )

    def drawn_kw(self, data: Inputs) -> Expr:
        """(w, s, m) highest kW at the meter, with the connection of late arrivals kept for them all period.

        ``running`` is an average over the period: without the reserve, machines that come on its last day
        could share out a whole period's power among them.
        """
        couples = np.asarray(data.couples)[:, None]
        by_hand = np.where(couples[:, :, None], ABSENT, self.running)
        late = np.where(couples[:, :, None], ABSENT, self.arriving)
        served = total("wlspm,lspm->wsm", by_hand, data.meter_kw)
        reserved = total("wlscm,lscm->wsm", late, reserved_kw(data))
        return served + reserved + total("wsm->wsm", self.peak_kw)

    def drawn_by_block_kw(self, data: Inputs) -> Expr:
        """(w, s, b, m) kW at the meter in each block of hours that machines can run in, late arrivals'
        too."""
        shape = (*self.running.shape[:1], *self.running.shape[2:3], len(data.hour_blocks), len(data.periods))
        w, _, s, p, m = grid(self.running)
        served = total_at("wsbm", shape, self.running, (w, s, data.profile_block[p], m), data.meter_kw[None])
        late = np.broadcast_to(self.arriving[:, :, :, :, None], (*self.arriving.shape[:4], *shape[2:]))
        is_used = blocks_in_use(data)[:, None]  # (s, 1, b, m)
        kept_kw = reserved_kw(data)[:, :, :, None] * is_used
        w, _, s, _, b, m = grid(late)
        return served + total_at("wsbm", shape, late, (w, s, b, m), kept_kw[None])


def blocks_in_use(data: Inputs) -> Bools:
    """(s, b, m) whether some machine can run there in that block of hours."""
    can = np.asarray(data.can_run.any(axis=0))  # (s, p, m)
    return np.stack(
        [can[:, data.profile_block == b].any(axis=1) for b in range(len(data.hour_blocks))], axis=1
    )


def reserved_kw(data: Inputs) -> Floats:
    """(l, s, c, m) kW that one machine arriving late keeps free before it comes."""
    most_kw = np.where(data.can_run, data.meter_kw, 0.0).max(axis=2)
    return np.asarray(most_kw[:, :, None, :] * data.missed_share)


def declare(lp: LinearProgram, data: Inputs) -> Decisions:
    """Declare the columns that can exist: a machine stands only where a road can have brought it by then."""
    fits = np.asarray(data.fits)[:, :, None]
    arrives = _arrival_classes(data, reachable(data))[:, data.hub_of_site] & fits[..., None]
    stands = (data.start_machines > 0)[:, :, None] | _ever_since(np.asarray(arrives.any(axis=2)))
    stood = (data.start_machines > 0)[:, :, None] | _one_later(stands)
    leaves = stood & _leads_somewhere(data)[:, data.hub_of_site]
    is_shipped = _has_stock(stood, data)[:, data.corridor_from] & (data.arrival_period != NEVER)[None]
    is_sold = _has_stock(stood, data) & (data.max_sales_per_period > 0)
    is_wanted = np.isin(np.arange(len(data.lots)), data.trade_in_lot)[:, None, None]
    commit = ("w", data.commit_periods)
    return Decisions(
        staying=lp.variable("staying", "wlsm", exists=stood[None], shared=commit),
        departing=lp.variable("departing", "wlsm", exists=leaves[None], shared=commit),
        arriving=lp.variable("arriving", "wlscm", exists=arrives[None], shared=commit),
        shipped=lp.variable("shipped", "wlkm", exists=is_shipped[None], shared=commit),
        ordered=lp.variable(
            "ordered", "wlhm", exists=(data.can_order & _ordered_in_time(data))[None], shared=commit
        ),
        sold=lp.variable("sold", "wlhm", exists=is_sold[None], shared=commit),
        handed_in=lp.variable(
            "handed_in", "wlhm", exists=(_has_stock(stood, data) & is_wanted)[None], shared=commit
        ),
        running=lp.variable("running", "wlspm", exists=(data.can_run & (stands & fits)[:, :, None])[None]),
        peak_kw=lp.variable("peak_kw", "wsm", exists=np.asarray(data.couples)[:, None]),
    )


def reachable(data: Inputs) -> Bools:
    """(l, h, m) whether machines of the lot can arrive at the hub in the period."""
    lots, hubs, periods = len(data.lots), len(data.hubs), len(data.periods)
    arrives = np.zeros((lots, hubs, periods), dtype=bool)
    on_site = _any_by(data.hub_of_site, hubs, data.start_machines > 0)
    for period in range(periods):
        for lot, hub in np.argwhere(data.can_order[:, :, period]):
            if (due := data.order_arrival_period[lot, period]) != NEVER:
                arrives[lot, hub, due] = True
        # What arrives in a period leaves in the next at the earliest; without a lead time it arrives at once.
        for corridor in np.flatnonzero(data.arrival_period[:, period] != NEVER):
            due = data.arrival_period[corridor, period]
            arrives[:, data.corridor_to[corridor], due] |= on_site[:, data.corridor_from[corridor]]
        on_site |= arrives[:, :, period]
    return arrives


def _arrival_classes(data: Inputs, at_hub: Bools) -> Bools:
    """(l, h, c, m) whether some corridor or order brings the lot to the hub in that class and period."""
    shape = (len(data.hubs), len(data.arrival_classes), len(data.periods))
    by_road = np.zeros(shape, dtype=bool)
    corridor, period = np.nonzero(data.arrival_period != NEVER)
    due = data.arrival_period[corridor, period]
    by_road[data.corridor_to[corridor], data.arrival_class[corridor, period], due] = True
    classes = by_road[None] & at_hub[:, :, None, :]
    lot, hub, period = np.nonzero(data.can_order & _ordered_in_time(data))
    classes[lot, hub, data.order_arrival_class[lot, period], data.order_arrival_period[lot, period]] = True
    return classes


def _ordered_in_time(data: Inputs) -> Bools:
    return np.asarray(data.order_arrival_period != NEVER)[:, None, :]


def _one_later(stands: Bools) -> Bools:
    """(l, s, m) the same one period later: only what stood before can stay."""
    later = np.zeros_like(stands)
    later[..., 1:] = stands[..., :-1]
    return later


def _leads_somewhere(data: Inputs) -> Bools:
    """(1, h, m) whether what departs at the hub in the period can be shipped or sold."""
    leads = _any_by(data.corridor_from, len(data.hubs), (data.arrival_period != NEVER)[None])
    return np.asarray(leads | (data.max_sales_per_period > 0) | (data.trade_in_lot != NEVER).any())


def _has_stock(stood: Bools, data: Inputs) -> Bools:
    """(l, h, m) whether a site of the hub can hold machines that could depart."""
    return _any_by(data.hub_of_site, len(data.hubs), stood)


def _any_by(group: Ints, count: int, facts: Bools) -> Bools:
    """(n, each, ...) to (n, group, ...): whether a fact holds for any member of the group."""
    return np.stack([facts[:, group == number].any(axis=1) for number in range(count)], axis=1)


def _ever_since(facts: Bools) -> Bools:
    """Whether a fact has held in this period or any before."""
    return np.asarray(np.maximum.accumulate(facts, axis=-1), dtype=bool)


def most_machines(data: Inputs) -> Floats:
    """(l) the most machines of a lot that there can be; without a limit, as many as all power can run."""
    orders = np.minimum(data.max_orders, data.max_orders_per_period.sum(axis=1))
    orders = np.where(data.can_order.any(axis=(1, 2)), orders, 0.0)
    powered = data.max_power_kw.max(axis=1).sum() / data.machine_power_kw
    orders = np.where(np.isinf(orders), np.ceil(powered), orders)
    if np.isinf(orders).any():
        raise ValueError("an offer and the power are both without limit beside decisions of yes or no")
    return np.asarray(data.start_machines.sum(axis=1) + orders)
