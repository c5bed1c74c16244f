"""What the model may choose. Every block reads these; a block may add columns of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.inputs import NEVER, Bools, Inputs, Ints
from optimizer.lp import Columns, Expr, Floats, LinearProgram, total


@dataclass(frozen=True)
class Decisions:
    """Column numbers, all counting machines, all at the start of the period except ``running``."""

    staying: Columns  # (w, l, s, m) stood there last period and still does
    departing: Columns  # (w, l, s, m) stood there last period and leaves
    arriving: Columns  # (w, l, s, c, m) first period at the site
    shipped: Columns  # (w, l, k, m) put on the road between two hubs
    ordered: Columns  # (w, l, h, m) new machines, by the period of the order
    sold: Columns  # (w, l, h, m) out of what departs
    running: Columns  # (w, l, s, p, m) in service under a profile, in machine-periods

    def standing(self, axes: str, weights: Floats | float = 1.0) -> Expr:
        """Sum of the machines at the sites, weighted: ``standing("wlsm,lm->wsm", weights)``."""
        given, _, kept = axes.partition("->")
        with_class = given.replace("wlsm", "wlscm", 1)
        return total(f"{given}->{kept}", self.staying, weights) + total(
            f"{with_class}->{kept}", self.arriving, weights
        )

    def drawn_kw(self, data: Inputs) -> Expr:
        """(w, s, m) kW at the meter, with the connection of late arrivals kept for them all period.

        ``running`` is an average over the period: without the reserve, machines that come on its last day
        could share out a whole period's power among them.
        """
        served = total("wlspm,lspm->wsm", self.running, data.meter_kw)
        return served + total("wlscm,lscm->wsm", self.arriving, reserved_kw(data))


def reserved_kw(data: Inputs) -> Floats:
    """(l, s, c, m) kW that one machine arriving late keeps free before it comes."""
    most_kw = np.where(data.can_run, data.meter_kw, 0.0).max(axis=2)
    return np.asarray(most_kw[:, :, None, :] * data.missed_share)


def declare(lp: LinearProgram, data: Inputs) -> Decisions:
    """Declare the columns that can exist: a machine stands only where a road can have brought it by then."""
    arrives = _arrival_classes(data, reachable(data))[:, data.hub_of_site]
    stands = (data.start_machines > 0)[:, :, None] | _ever_since(np.asarray(arrives.any(axis=2)))
    stood = (data.start_machines > 0)[:, :, None] | _one_later(stands)
    leaves = stood & _leads_somewhere(data)[:, data.hub_of_site]
    is_shipped = _has_stock(stood, data)[:, data.corridor_from] & (data.arrival_period != NEVER)[None]
    is_sold = _has_stock(stood, data) & (data.max_sales_per_period > 0)
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
        running=lp.variable("running", "wlspm", exists=(data.can_run & stands[:, :, None])[None]),
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
    return np.asarray(leads | (data.max_sales_per_period > 0))


def _has_stock(stood: Bools, data: Inputs) -> Bools:
    """(l, h, m) whether a site of the hub can hold machines that could depart."""
    return _any_by(data.hub_of_site, len(data.hubs), stood)


def _any_by(group: Ints, count: int, facts: Bools) -> Bools:
    """(n, each, ...) to (n, group, ...): whether a fact holds for any member of the group."""
    return np.stack([facts[:, group == number].any(axis=1) for number in range(count)], axis=1)


def _ever_since(facts: Bools) -> Bools:
    """Whether a fact has held in this period or any before."""
    return np.asarray(np.maximum.accumulate(facts, axis=-1), dtype=bool)
