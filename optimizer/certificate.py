"""Proof of optimality without the solver: with prices on what lots share, each lot is a longest path.

Put the linear programme's prices on every row that lots share (power, racks, crews, cash, ...). What is
left falls apart into one network per lot, a machine walking from month to month over sites and roads, and
the best walk is a dynamic programme of a few lines. The prices' own value plus every machine's best walk
is never below the optimum, whatever the prices; at the optimal prices it equals it.
"""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import NEVER, Inputs, Ints
from optimizer.lp import ABSENT, Arrays, Floats, LinearProgram

NETWORK_ROWS = ("stock", "hub_out", "hub_in", "in_service")  # one lot alone; everything else is shared


def upper_bound(lp: LinearProgram, data: Inputs, plan: Decisions, row_prices: Floats) -> float:
    """An upper bound of the objective from any prices (one per row); infinite when these prove nothing.

    Raises
    ------
    ValueError
        If the study has more than one scenario: their shared first decisions tie the lots' networks together.
    """
    if len(data.scenarios) != 1:
        raise ValueError("the certificate is for a single scenario")
    arrays = lp.arrays()
    prices = shared_prices(lp, row_prices)
    return bound_of(arrays, plan, prices, best_walks(arrays, data, plan, prices))


def best_walks(lp: Arrays, data: Inputs, plan: Decisions, prices: Floats) -> Walks:
    """Every lot's best walks when what lots share has these prices."""
    return Walks(lp, data, plan, lp.objective - lp.matrix.T @ prices)


def bound_of(lp: Arrays, plan: Decisions, prices: Floats, walks: Walks) -> float:
    """What the prices and the walks that are best under them prove."""
    return _value_of_limits(lp, prices) + walks.total() + _value_of_other_columns(lp, plan, walks.worth)


def shared_prices(lp: LinearProgram, row_prices: Floats) -> Floats:
    """Prices of the shared rows only, each with the sign that its sense allows."""
    prices = row_prices.copy()
    for family in NETWORK_ROWS:
        _, numbers = lp.rows[family]
        prices[numbers[numbers != ABSENT]] = 0.0
    prices = np.where(np.isfinite(lp.row_high), prices, np.minimum(prices, 0.0))
    return np.where(np.isfinite(lp.row_low), prices, np.maximum(prices, 0.0))


def _value_of_limits(lp: Arrays, prices: Floats) -> float:
    limit = np.where(prices > 0, lp.row_high, lp.row_low)
    return float(np.sum(prices[prices != 0] * limit[prices != 0]))


def _value_of_other_columns(lp: Arrays, plan: Decisions, worth: Floats) -> float:
    """Columns that are in nobody's network (opening, building, cash), each at its better end."""
    is_walk = np.zeros(len(worth), dtype=bool)
    for columns in plan.of_machines().values():
        is_walk[columns[columns != ABSENT]] = True
    rest = worth * ~is_walk
    negligible = 1e-9 * max(1.0, float(np.abs(lp.objective).max(initial=0.0)))
    rest[np.abs(rest) < negligible] = 0.0
    end = np.where(rest > 0, lp.upper, lp.lower)
    return float(np.sum(rest[rest != 0] * end[rest != 0]))


class Walks:
    """Best walks of one machine of each lot, backwards in time; values are (l, ...)."""

    def __init__(self, lp: Arrays, data: Inputs, plan: Decisions, worth: Floats) -> None:
        self.data, self.worth = data, worth
        open_worth = np.append(np.where(lp.upper > 0, worth, -np.inf), -np.inf)  # ABSENT reads the last place
        self.departs, self.ships, self.orders, self.sells, self.hands_in, stays, arrives, runs = (
            open_worth[columns[0]]
            for columns in (
                plan.departing,
                plan.shipped,
                plan.ordered,
                plan.sold,
                plan.handed_in,
                plan.staying,
                plan.arriving,
                plan.running,
            )
        )
        self.ends = np.maximum(self.sells, self.hands_in)  # (l, h, m)
        of_block = [runs[:, :, data.profile_block == block] for block in range(len(data.hour_blocks))]
        best = [np.maximum(0.0, each.max(axis=2, initial=-np.inf)) for each in of_block]
        self.serving_in_block = np.stack(best, axis=2)  # (l, s, b, m)
        self.serving = self.serving_in_block.sum(axis=2)  # (l, s, m)
        self.stays = stays + self.serving
        self.arrives = arrives + (1.0 - data.missed_share) * self.serving[:, :, None, :]
        self.order_limit = np.minimum(data.max_orders[:, None], data.max_orders_per_period)
        self._look_ahead()

    def _look_ahead(self) -> None:
        """What a machine is worth from each place on: at a site, out of it, coming to a hub."""
        lots, hubs, periods = self.orders.shape
        self.stood = np.zeros((*self.stays.shape[:2], periods + 1))  # (l, s, m) there when the period begins
        self.out = np.full((lots, hubs, periods), -np.inf)
        self.comes = np.full((lots, hubs, len(self.data.lost_share), periods), -np.inf)
        for period in reversed(range(periods)):
            after = self.stood[..., period + 1]
            self.comes[..., period] = self.best_site(self.arrives[..., period] + after[:, :, None])
            self.out[..., period] = self._best_way_out(self.comes, period)
            away = self.departs[..., period] + self.out[:, self.data.hub_of_site, period]
            self.stood[..., period] = np.maximum(self.stays[..., period] + after, away)

    def total(self) -> float:
        """Value of every machine's best walk: those that stand at the start, and orders that pay."""
        has = self.data.start_machines > 0
        value = float(np.sum(self.stood[..., 0][has] * self.data.start_machines[has]))
        gain = self.order_gains()
        scale = max(1.0, float(np.abs(self.orders[np.isfinite(self.orders)]).max(initial=0.0)))
        lot, _, period = pays = np.nonzero(gain > 1e-9 * scale)
        return value + float(np.sum(gain[pays] * self.order_limit[lot, period]))

    def order_gains(self) -> Floats:
        """(l, h, m) what an order of one machine earns on its best walk; minus infinity where none exists."""
        gains = np.full(self.orders.shape, -np.inf)
        lot, hub, period = places = np.nonzero(np.isfinite(self.orders))
        due = self.data.order_arrival_period[lot, period]
        gains[places] = (
            self.orders[places] + self.comes[lot, hub, self.data.order_arrival_class[lot, period], due]
        )
        return gains

    def best_site(self, values: Floats) -> Floats:
        """(l, s, c) to (l, h, c)"""
        return best_by(self.data.hub_of_site, len(self.data.hubs), values)

    def _best_way_out(self, comes: Floats, period: int) -> Floats:
        """(l, h) the best of selling, handing in and the best corridor."""
        data = self.data
        due = data.arrival_period[:, period]
        road = np.flatnonzero(due != NEVER)
        target = comes[:, data.corridor_to[road], data.arrival_class[road, period], due[road]]
        by_road = best_by(data.corridor_from[road], len(data.hubs), self.ships[:, road, period] + target)
        return np.asarray(np.maximum(self.ends[..., period], by_road))


def best_by(group: Ints, count: int, values: Floats) -> Floats:
    """(l, each, ...) to (l, group, ...): the best member of each group, minus infinity where it has none."""
    return np.stack(
        [values[:, group == number].max(axis=1, initial=-np.inf) for number in range(count)], axis=1
    )
