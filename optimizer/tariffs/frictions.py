"""What switching costs an operator against running exactly in the intervals that pay: a simulation.

The closed form lets a machine run in every interval that pays, as if it knew the price in time and started at
once. Here it decides on the price it knows, has to clear a band around its break-even, stays off for a while
and hashes nothing while it starts. The difference is a haircut on the value, stated beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from optimizer.sections.base import NotNegative, Number, Section
from optimizer.tariffs.hours import Bools, Floats, Ints

CELLS_AT_A_TIME = 4_000_000  # machines times intervals held in memory
TIME_SLACK_HOURS = 1e-9
NEVER_RUNS_USD_PER_KWH = -1e6  # stands in for minus infinity: a profile that a machine does not have


class Frictions(Section):
    """What keeps machines from following the price exactly."""

    restart_minutes: NotNegative = Field(
        0.0, description="minutes after each start in which power is drawn and nothing is hashed"
    )
    min_off_hours: NotNegative = Field(
        0.0, description="hours that a machine stays off once it was switched off"
    )
    hysteresis_share: Annotated[Number, Field(ge=0, lt=1)] = Field(
        0.0, description="0.05: off when power costs 5 % more than the break-even, on again when 5 % less"
    )
    decides_on: Literal["this", "last"] | None = Field(
        None,
        description="price of this interval, known in advance, or of the last one; left out: this, and last "
        "where the market is real_time",
    )


@dataclass(frozen=True)
class Switched:
    """What one kW of each machine does and earns, shapes (n, m); `is_running` is (n, b, m)."""

    is_running: Bools
    run_hours: Floats  # hours switched on, starts included
    starts: Floats
    margin_usd_per_kw: Floats
    ideal_usd_per_kw: Floats  # running exactly in the intervals that pay

    @property
    def loss_usd_per_kw(self) -> Floats:
        """Never below 0: nothing beats the intervals that pay."""
        return np.maximum(self.ideal_usd_per_kw - self.margin_usd_per_kw, 0.0)

    @property
    def lost_share(self) -> Floats:
        """Of the ideal margin, over all periods, (n); 0 where there is none."""
        ideal = self.ideal_usd_per_kw.sum(axis=1)
        lost = self.loss_usd_per_kw.sum(axis=1)
        share: Floats = np.divide(lost, ideal, out=np.zeros_like(ideal), where=ideal > 0)
        return share


def friction_loss_usd_per_kw(
    hours: Floats, cost_usd_per_kwh: Floats, breakeven_usd_per_kwh: Floats, terms: Frictions
) -> Floats:
    """Ideal margin less simulated margin of each machine and period, (n, m), USD per kW, never below 0.

    `hours` and `cost_usd_per_kwh` are (b, m): intervals in order of time, padded with hours 0 (an infinite
    cost: nothing can run). `breakeven_usd_per_kwh` is (n, m): what a kWh earns. State carries over from
    period to period.
    """
    return simulate(hours, cost_usd_per_kwh, breakeven_usd_per_kwh, terms).loss_usd_per_kw


def simulate(
    hours: Floats, cost_usd_per_kwh: Floats, breakeven_usd_per_kwh: Floats, terms: Frictions
) -> Switched:
    """Switch every machine through all intervals; arguments as in `friction_loss_usd_per_kw`.

    A machine is switched off when the price it decides on is at or above its break-even plus the band, and on
    again when that price is below the break-even less the band and it has been off long enough. It begins as
    if it had been running. Intervals in which nothing can run are not there: what comes after follows on.
    """
    known = np.atleast_2d(breakeven_usd_per_kwh)
    chunk = max(1, CELLS_AT_A_TIME // max(1, hours.size))
    parts = [
        _simulated(hours, cost_usd_per_kwh, known[i : i + chunk], terms) for i in range(0, len(known), chunk)
    ]
    return (
        parts[0]
        if len(parts) == 1
        else Switched(*map(np.concatenate, zip(*map(_fields, parts), strict=True)))
    )


def _fields(part: Switched) -> tuple[Floats, ...]:
    return tuple(vars(part).values())


def _simulated(hours: Floats, cost: Floats, breakeven: Floats, terms: Frictions) -> Switched:
    """In one row of intervals (i), period after period."""
    is_real = ((hours > 0) & np.isfinite(cost)).T  # (m, b): picking by it then runs in order of time
    period = np.nonzero(is_real)[0]
    length, price = hours.T[is_real], cost.T[is_real]
    earns = np.maximum(breakeven, NEVER_RUNS_USD_PER_KWH)[:, period]
    on, starts = _on_and_starts(_decided_on(price, terms), earns, length, terms)
    lost = _starting_hours(on, starts, length, terms.restart_minutes / 60)
    edges = np.searchsorted(period, np.arange(hours.shape[1] + 1))
    is_running = np.zeros((len(on), *is_real.shape), dtype=bool)
    is_running[:, is_real] = on
    return Switched(
        is_running=is_running.transpose(0, 2, 1),
        run_hours=_by_period(on * length, edges),
        starts=_by_period(starts, edges),
        margin_usd_per_kw=_by_period(on * length * (earns - price) - lost * np.maximum(earns, 0.0), edges),
        ideal_usd_per_kw=_by_period(length * np.maximum(earns - price, 0.0), edges),
    )


def _by_period(amounts: Floats | Bools, edges: Ints) -> Floats:
    sums = [amounts[:, first:after].sum(axis=1, dtype=np.float64) for first, after in pairwise(edges)]
    return np.stack(sums, axis=1)


def _decided_on(price: Floats, terms: Frictions) -> Floats:
    """The price that each interval's decision sees; nothing is known before the first one but its own."""
    return np.concatenate([price[:1], price[:-1]]) if terms.decides_on == "last" else price


def _on_and_starts(
    decided_on: Floats, earns: Floats, length: Floats, terms: Frictions
) -> tuple[Bools, Bools]:
    """Which intervals each machine is on in, and which it starts in, both (n, i).

    Steps from switch to switch, all machines at once, rather than from interval to interval.
    """
    band = terms.hysteresis_share * np.abs(earns)
    next_off, next_on = _next(decided_on >= earns + band), _next(decided_on < earns - band)
    begins = np.concatenate([[0.0], np.cumsum(length)])
    count, machines = len(length), np.arange(len(earns))
    switches, starts = np.zeros((2, len(earns), count + 1), dtype=np.int8)
    switches[:, 0] = 1
    at = np.zeros(len(earns), dtype=np.intp)
    while (at < count).any():
        off = next_off[machines, at]
        may_start = np.searchsorted(begins, begins[off] + terms.min_off_hours - TIME_SLACK_HOURS)
        at = next_on[machines, np.maximum(may_start, off).clip(max=count)]
        switches[machines, off] -= 1
        switches[machines, at] += 1
        starts[machines, at] = 1
    return np.cumsum(switches[:, :count], axis=1, dtype=np.int8) > 0, starts[:, :count] > 0


def _next(is_so: Bools) -> Ints:
    """(n, i + 1) the first place from each one on at which it is so; i where there is none."""
    count = is_so.shape[1]
    places = np.where(is_so, np.arange(count), count)
    found = np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1]
    return np.concatenate([found, np.full((len(is_so), 1), count)], axis=1)


def _starting_hours(on: Bools, starts: Bools, length: Floats, restart_hours: float) -> Floats:
    """Hours of each interval in which a machine that is on is still starting, (n, i)."""
    begins = np.cumsum(length) - length
    started = np.maximum.accumulate(np.where(starts, begins, -np.inf), axis=1)
    return np.where(on, np.clip(restart_hours - (begins - started), 0.0, length), 0.0)
