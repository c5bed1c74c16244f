"""How much the best walk through each column falls short of the best walk of the same machine.

``Walks`` looks ahead: what a machine is worth from each place on. This looks back: the best way to have come
there, counted from what the machine could have been worth. Together they are the walk through the column.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.certificate import Walks, best_by
from optimizer.decisions import Decisions
from optimizer.inputs import NEVER, Inputs
from optimizer.lp import Columns, Floats


def shortfalls(walks: Walks, data: Inputs, plan: Decisions) -> Iterator[tuple[Columns, Floats]]:
    """Every decision's columns without the scenario, and their shortfalls; infinite where no walk leads."""
    back = _LookBack(walks, data)
    after, hub = walks.stood[..., 1:], data.hub_of_site
    staying = -(back.stood[..., :-1] + walks.stays + after)
    arriving = -(back.comes[:, hub] + walks.arrives + after[:, :, None])
    present = np.minimum(staying, arriving.min(axis=2))
    yield plan.staying[0], staying
    yield plan.arriving[0], arriving
    yield plan.departing[0], -(back.stood[..., :-1] + walks.departs + walks.out[:, hub])
    yield plan.shipped[0], -(back.out[:, data.corridor_from] + walks.ships + _on_arrival(walks.comes, data))
    yield plan.ordered[0], back.best_gain[:, None, None] - walks.order_gains()
    yield plan.sold[0], -(back.out + walks.sells)
    yield plan.handed_in[0], -(back.out + walks.hands_in)
    yield plan.running[0], np.broadcast_to(present[:, :, None], plan.running[0].shape)


class _LookBack:
    """Forwards in time; every number is at most zero: what the best way here has lost so far."""

    def __init__(self, walks: Walks, data: Inputs) -> None:
        self.walks, self.data = walks, data
        periods = walks.stays.shape[2]
        self.stood = np.full(walks.stood.shape, -np.inf)
        self.stood[..., 0] = np.where(data.start_machines > 0, -walks.stood[..., 0], -np.inf)
        self.out = np.full(walks.out.shape, -np.inf)
        self.comes = np.full(walks.comes.shape, -np.inf)
        self._order()
        for period in range(periods):
            leaves = self.stood[..., period] + walks.departs[..., period]
            self.out[..., period] = best_by(data.hub_of_site, len(data.hubs), leaves)
            self._ship(period)
            settles = self.comes[..., period][:, data.hub_of_site] + walks.arrives[..., period]
            stays = self.stood[..., period] + walks.stays[..., period]
            self.stood[..., period + 1] = np.maximum(stays, settles.max(axis=2))

    def _order(self) -> None:
        """An order begins at its lot's best order, or at none."""
        gains = self.walks.order_gains()
        self.best_gain = np.maximum(0.0, gains.max(axis=(1, 2), initial=0.0))
        lot, hub, period = places = np.nonzero(np.isfinite(gains))
        due = self.data.order_arrival_period[lot, period]
        arrival = (lot, hub, self.data.order_arrival_class[lot, period], due)
        np.maximum.at(self.comes, arrival, self.walks.orders[places] - self.best_gain[lot])

    def _ship(self, period: int) -> None:
        data = self.data
        road = np.flatnonzero(data.arrival_period[:, period] != NEVER)
        value = self.out[:, data.corridor_from[road], period] + self.walks.ships[:, road, period]
        due, arrival_class = data.arrival_period[road, period], data.arrival_class[road, period]
        lot = np.arange(len(value))[:, None]
        np.maximum.at(self.comes, (lot, data.corridor_to[road], arrival_class, due), value)


def _on_arrival(comes: Floats, data: Inputs) -> Floats:
    """(l, k, m) what a machine is worth on arrival, by the period in which it was shipped."""
    target = comes[:, data.corridor_to[:, None], data.arrival_class, data.arrival_period]
    return np.where(data.arrival_period != NEVER, target, -np.inf)
