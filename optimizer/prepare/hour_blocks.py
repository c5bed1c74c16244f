"""Blocks of hours for a contract under which an hour's decision depends on the other machines.

Within a block every machine takes the same decision whatever the contract's marginal charges are: blocks are
cut where the price passes a machine's break-even, and where it would with the extra price of a step of volume
or the discount of a supply, or free below a minimum bill. Hours with another limit, supply or window are
never in one block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.inputs import Bools, Floats
from optimizer.prepare.cooling import Conditions
from optimizer.tariffs.base import Ints, PowerPrice

MOST_BLOCKS = 48  # of a month; docs/model.md has the error by number of blocks
BETWEEN = 7  # charges tried between two steps: a month that ends on a step is priced between them; so it is
# between a kWh's price and nothing in a month whose bill is just the minimum
MOST_LEVELS = 6  # different limits, or supplies, of a month
MOST_OVERHEADS = 2  # the highest of a block counts towards peaks and limits, so that far ones stay apart
SAME_OVERHEAD = 1e-3  # a smaller spread within the month is none
OUTSIDE = -1  # an interval in which nothing can run, or padding


@dataclass(frozen=True)
class HourBlocks:
    """The intervals of every period in blocks, and what holds for a block as a whole."""

    block_of_interval: Ints  # (b, m) number of the block, or OUTSIDE
    share: Floats  # (k, m) of the period's hours; 0: the period has no such block
    highest_pue: Floats  # (k, m) 1 where the period has no such block
    cap_kw: Floats  # (k, m) infinite: the connection alone
    in_window: Bools  # (charge, k, m) of each demand charge
    supply_kwh: Floats  # (k, m)
    supply_discount_usd_per_kwh: Floats  # (k, m)

    @property
    def count(self) -> int:
        """Blocks of the period that has most."""
        return len(self.share)

    def total(self, amount: Floats) -> Floats:
        """(k, m) sum of an amount (b, m) over the intervals of each block."""
        return _totals(self.block_of_interval, self.count, amount)


def hour_blocks(
    price: PowerPrice,
    around: Conditions,
    cost_usd_per_wall_kwh: Floats,
    breakevens_usd_per_wall_kwh: Floats,
    most: int = MOST_BLOCKS,
) -> HourBlocks:
    """Cut every period for machines with break-evens (n, m); the cost (b, m) is infinite where nothing runs.

    More than ``most`` blocks are merged, those first between which a kW can lose least; hours that differ in
    limit, supply or window stay apart, also beyond ``most``.
    """
    kinds = _kinds(price, around)
    labels: Ints = np.full(price.hours.shape, OUTSIDE, dtype=np.intp)
    for m in range(labels.shape[1]):
        rows = np.flatnonzero(np.isfinite(cost_usd_per_wall_kwh[:, m]))
        if not len(rows):
            continue
        cost, pue, hours = (each[rows, m] for each in (cost_usd_per_wall_kwh, around.pue, price.hours))
        levels = np.unique(breakevens_usd_per_wall_kwh[:, m])
        reached = cost[:, None] + pue[:, None] * _marginal_charges(price, rows, m)
        paying = np.searchsorted(levels, reached, side="right")
        labels[rows, m] = _pieces(kinds[rows, m], paying, hours, cost, most)
    return blocks_of(price, around, labels)


def blocks_of(price: PowerPrice, around: Conditions, labels: Ints) -> HourBlocks:
    """What holds for each block when interval b of period m belongs to block ``labels[b, m]``, or to none."""
    count = int(labels.max(initial=0)) + 1
    hours = _totals(labels, count, price.hours)
    nothing = np.zeros_like(hours)
    highest_pue, cap_kw, supply_kwh, discount = np.ones_like(hours), nothing + np.inf, nothing, nothing
    rows, months = np.nonzero(labels != OUTSIDE)
    block = labels[rows, months]
    np.maximum.at(highest_pue, (block, months), around.pue[rows, months])
    if price.cap_kw is not None:
        cap_kw = np.where(hours > 0, _mean(labels, count, price.hours, price.cap_kw), np.inf)
    if price.supply_kw is not None and price.supply_discount_usd_per_kwh is not None:
        bought_kwh = price.supply_kw * price.hours
        supply_kwh = _totals(labels, count, bought_kwh)
        discount = _mean(labels, count, bought_kwh, price.supply_discount_usd_per_kwh)
    in_window = np.zeros((len(price.demand), *hours.shape), dtype=bool)
    for charge, counts in zip(price.demand, in_window, strict=True):
        counts[block, months] |= charge.in_window[rows, months]
    share = hours / np.maximum(price.hours.sum(axis=0), np.finfo(float).tiny)
    return HourBlocks(labels, share, highest_pue, cap_kw, in_window, supply_kwh, discount)


def _marginal_charges(price: PowerPrice, rows: Ints, period: int) -> Floats:
    """(b, x) every price that may come to a kWh beside the hour's own, per kWh at the meter."""
    steps = np.zeros(1)
    if price.volume is not None:
        steps = np.unique([0.0, *price.volume.usd_per_kwh[price.volume.kwh[:, period] > 0, period]])
    places = np.linspace(0, len(steps) - 1, (BETWEEN + 1) * (len(steps) - 1) + 1)
    tried = np.interp(places, np.arange(len(steps)), steps)
    charges = np.broadcast_to(tried, (len(rows), len(tried)))
    if price.supply_kw is not None and price.supply_discount_usd_per_kwh is not None:
        is_supplied = price.supply_kw[rows, period] > 0
        less = np.where(is_supplied, price.supply_discount_usd_per_kwh[rows, period], 0.0)
        charges = np.concatenate([charges, charges - less[:, None]], axis=1)
    if price.minimum_bill_usd[period] <= 0:
        return charges
    parts = (price.delivery_usd_per_kwh, price.levy_usd_per_kwh, price.peak_usd_per_kwh)
    own = sum((part[rows, period] for part in parts), price.energy_usd_per_kwh[rows, period])
    billed = own[:, None] + charges
    free = np.linspace(0.0, 1.0, BETWEEN + 2)[:, None, None]  # share of the bill that is owed anyway
    return np.concatenate(list(charges - free * billed), axis=1)


def _kinds(price: PowerPrice, around: Conditions) -> Ints:
    """(b, m) the same number where limit, supply, windows and, nearly, the overhead are the same."""
    is_limited = price.cap_kw is not None or bool(price.demand)
    varies = is_limited and bool((_spread(around.pue, price.hours) > SAME_OVERHEAD).any())
    kinds = np.zeros(price.hours.shape, dtype=np.intp)
    grids = [(price.cap_kw, MOST_LEVELS), (price.supply_kw, MOST_LEVELS)]
    for grid, most in (*grids, (around.pue if varies else None, MOST_OVERHEADS)):
        if grid is not None:
            kinds = kinds * (most + 1) + _levels(grid, price.hours, most)
    for charge in price.demand:
        kinds = 2 * kinds + charge.in_window
    return kinds


def _spread(grid: Floats, hours: Floats) -> Floats:
    """(m) highest less lowest over the hours that there are."""
    highest = np.where(hours > 0, grid, -np.inf).max(axis=0, initial=-np.inf)
    lowest = np.where(hours > 0, grid, np.inf).min(axis=0, initial=np.inf)
    return np.asarray(highest - lowest)


def _levels(grid: Floats, hours: Floats, most: int) -> Ints:
    """(b, m) number of the level, near ones as one where a period has too many; infinite is its own."""
    levels = np.full(grid.shape, most, dtype=np.intp)
    for m in range(grid.shape[1]):
        rows = np.flatnonzero(np.isfinite(grid[:, m]) & (hours[:, m] > 0))
        if len(rows):
            found, of_row = np.unique(grid[rows, m], return_inverse=True)
            length = np.bincount(of_row, hours[rows, m]).astype(np.float64)
            levels[rows, m] = merged(length, found, np.zeros(len(found), dtype=np.intp), most)[of_row]
    return levels


def _pieces(kind: Ints, paying: Ints, hours: Floats, cost: Floats, most: int) -> Ints:
    """Number of the block of each interval: by kind, then by cost."""
    _, piece = np.unique(np.column_stack([kind, paying]), axis=0, return_inverse=True)
    length = np.bincount(piece, hours).astype(np.float64)
    mean = np.bincount(piece, hours * cost) / length
    kind_of_piece = np.zeros(len(length), dtype=np.intp)
    kind_of_piece[piece] = kind
    order = np.lexsort((mean, kind_of_piece))
    place = np.empty_like(order)
    place[order] = merged(length[order], mean[order], kind_of_piece[order], most)
    return np.asarray(place[piece])


def merged(hours: Floats, value: Floats, kind: Ints, most: int) -> Ints:
    """Number of the group of each piece, in order of kind and value: neighbours join until ``most`` are left.

    Joining costs ``h1 h2 / (h1 + h2) * (v2 - v1)``: the most that a kW, whatever its break-even, can lose
    because it runs in both or in neither.
    """
    group = np.arange(len(hours))
    while len(hours) > most:
        loss = hours[1:] * hours[:-1] / (hours[1:] + hours[:-1]) * np.diff(value)
        loss[kind[1:] != kind[:-1]] = np.inf
        around = np.concatenate([[np.inf], loss, [np.inf]])
        least = np.flatnonzero((loss < np.inf) & (loss < around[:-2]) & (loss <= around[2:]))
        if not len(least):  # every kind is one group already
            break
        least = least[np.argsort(loss[least], kind="stable")][: len(hours) - most]
        starts = np.ones(len(hours), dtype=bool)
        starts[least + 1] = False
        step = np.cumsum(starts) - 1
        firsts = np.flatnonzero(starts)
        joined = np.add.reduceat(hours, firsts)
        value = np.add.reduceat(hours * value, firsts) / joined
        hours, kind, group = joined, kind[starts], step[group]
    return group


def _totals(labels: Ints, count: int, amount: Floats) -> Floats:
    """(k, m) sum of an amount (b, m) over the intervals with each label."""
    rows, months = np.nonzero(labels != OUTSIDE)
    cells = labels[rows, months] * labels.shape[1] + months
    sums = np.bincount(cells, amount[rows, months], count * labels.shape[1])
    return np.asarray(sums.reshape(count, labels.shape[1]), dtype=np.float64)


def _mean(labels: Ints, count: int, weight: Floats, amount: Floats) -> Floats:
    """(k, m) weighted mean of an amount over each block; 0 where nothing weighs."""
    total = _totals(labels, count, weight)
    with np.errstate(invalid="ignore"):
        weighted = np.where(weight > 0, weight * amount, 0.0)
    return np.divide(_totals(labels, count, weighted), total, out=np.zeros_like(total), where=total > 0)
