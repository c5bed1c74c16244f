"""Closed-form mining economics: pure arithmetic on arrays, no model, no files.

The value of a machine-hour is exact: sorted by price, the hours that pay are the cheap end of the month,
so running sums answer every machine, profile and price path with one look-up each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Floats = NDArray[np.float64]

HOURS_PER_DAY = 24
DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12
WEEKS_PER_MONTH = DAYS_PER_MONTH / 7

LOWEST_RATE, HIGHEST_RATE = -0.9999, 1e9  # of return, a year


def breakeven_usd_per_kwh(
    hashprice_usd_per_ths_day: Floats | float, efficiency_j_per_th: Floats | float
) -> Floats:
    """Power price at which a machine earns exactly what it burns: 1 J/TH is 0.024 kWh per TH/s and day."""
    kwh_per_ths_day = np.asarray(efficiency_j_per_th) * HOURS_PER_DAY / 1000
    return np.asarray(np.asarray(hashprice_usd_per_ths_day) / kwh_per_ths_day)


@dataclass(frozen=True)
class CheapestFirst:
    """The intervals of every period by what running in them costs, with running sums of what they come to."""

    cost_usd_per_kwh: Floats  # (m, b) rising; infinite where nothing can run
    sums: Floats  # (a, m, b + 1): [:, :, n] is the total of each amount over the n cheapest intervals

    def below(self, level: Floats) -> Floats:
        """(a, ..., m) totals over the intervals that cost less than ``level`` (..., m), exactly."""
        flat = level.reshape(-1, level.shape[-1])
        number = np.empty(flat.shape, dtype=np.intp)
        for period, cost in enumerate(self.cost_usd_per_kwh):
            number[:, period] = np.searchsorted(cost, flat[:, period], side="left")
        found = self.sums[:, np.arange(flat.shape[1]), number]
        return found.reshape(len(self.sums), *level.shape)

    def level_that_leaves(self, left_usd: Floats, hours: int = 0) -> Floats:
        """(..., m) what a kWh must earn so that ``left_usd`` (..., m) a kW is left after what it costs.

        ``hours`` is the place, among the amounts, of the hours. Nothing left to ask for: the cheapest
        interval's cost. Infinite where there is no interval to run in.
        """
        flat = left_usd.reshape(-1, left_usd.shape[-1])
        found = np.full(flat.shape, np.inf)
        for period, cost in enumerate(self.cost_usd_per_kwh):
            known = int(np.isfinite(cost).sum())
            if known:
                length = self.sums[hours, period, : known + 1]
                found[:, period] = _level(cost[:known], length, flat[:, period])
        return found.reshape(left_usd.shape)


def ranges_of_best(earns_usd_per_hour: Floats, power_kw: Floats) -> tuple[Floats, Floats]:
    """Costs of a kWh from which, and below which, each setting leaves more than any other and than standing
    still; both (l, p, m), minus infinity twice where it never does.

    What a setting leaves in an hour is a line in the cost, ``earns`` (l, p, m) less ``power_kw`` (l, p) times
    the cost; the best of all is the upper envelope of the lines. Settings of power 0 are not there.
    """
    kw = power_kw[..., None]
    more_kw = kw[:, :, None] - kw[:, None]  # (l, p, other p, 1)
    more_usd = earns_usd_per_hour[:, :, None] - earns_usd_per_hour[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        switch, alone = more_usd / more_kw, earns_usd_per_hour / kw
    other = (kw > 0)[:, None]
    low = np.where(other & (more_kw < 0), switch, -np.inf).max(axis=2)
    high = np.minimum(alone, np.where(other & (more_kw > 0), switch, np.inf).min(axis=2))
    before = np.tri(kw.shape[1], k=-1, dtype=bool)[None, :, :, None]  # of two alike, the first
    beaten = (other & (more_kw == 0) & ((more_usd < 0) | (before & (more_usd == 0)))).any(axis=2)
    never = beaten | (kw <= 0) | ~(low < high)
    return np.where(never, -np.inf, low), np.where(never, -np.inf, high)


def cheapest_first(cost_usd_per_kwh: Floats, amounts: Sequence[Floats]) -> CheapestFirst:
    """Sort the intervals of each period once: ``cost_usd_per_kwh`` and each amount (b, m).

    What earns more per kWh than an interval costs runs in it; the intervals that pay are the cheap end of the
    period, so that one look-up in the running sums answers any machine. An infinite cost never pays.
    """
    can_run = np.isfinite(cost_usd_per_kwh)
    lowest = np.where(can_run, cost_usd_per_kwh, np.inf).min(axis=0, initial=np.inf)
    highest = np.where(can_run, cost_usd_per_kwh, -np.inf).max(axis=0, initial=-np.inf)
    if (highest <= lowest).all():  # one price all period, as most contracts have: nothing to sort
        whole = np.array([np.where(can_run, amount, 0.0).sum(axis=0) for amount in amounts])
        return CheapestFirst(lowest[:, None], np.stack([np.zeros_like(whole), whole], axis=-1))
    cost = np.ascontiguousarray(cost_usd_per_kwh.T)
    order = np.argsort(cost, axis=1, kind="stable")
    sums = np.zeros((len(amounts), cost.shape[0], cost.shape[1] + 1))
    for total, amount in zip(sums, amounts, strict=True):
        np.cumsum(np.take_along_axis(amount.T, order, axis=1), axis=1, out=total[:, 1:])
    return CheapestFirst(np.take_along_axis(cost, order, axis=1), sums)


def _level(cost: Floats, length: Floats, left_usd: Floats) -> Floats:
    """One period: what is left rises with the level in straight pieces that bend at the intervals' costs."""
    spent = np.concatenate([[0.0], np.cumsum(cost * np.diff(length))])
    left_at = cost * length[:-1] - spent[:-1]
    running = np.searchsorted(left_at, left_usd, side="right").clip(1)
    return np.asarray(np.maximum((left_usd + spent[running]) / length[running], cost[0]))


def discount_factors(months_from_start: Floats, rate_share_per_year: float) -> Floats:
    """Worth today of one dollar at each time; ``months_from_start`` at the middle of each period."""
    return np.asarray((1.0 + rate_share_per_year) ** (-months_from_start / 12))


def irr_share_per_year(cash_usd: Floats, months_from_start: Floats) -> float | None:
    """Yearly rate at which the cash flow is worth nothing; ``None`` where there is none, or more than one.

    A flow that changes sign once has one rate. One that changes more often has one rate above nothing if
    its running sum changes sign once (Norstrom), and is given it unless there is another below nothing;
    naming one of several would mislead.
    """

    def worth(rate: float) -> float:
        return float(np.sum(cash_usd * discount_factors(months_from_start, rate)))

    low = LOWEST_RATE
    if _sign_changes(cash_usd) != 1:
        if _sign_changes(np.cumsum(cash_usd)) != 1 or worth(LOWEST_RATE) * worth(0.0) < 0:
            return None
        low = 0.0
    high = 1.0
    while worth(low) * worth(high) > 0:
        high *= 10
        if high > HIGHEST_RATE:
            return None
    return float(brentq(worth, low, high))


def _sign_changes(amounts: Floats) -> int:
    signs = np.sign(amounts[np.abs(amounts) > 1e-9])
    return int(np.count_nonzero(np.diff(signs)))


def payback_months(cash_usd: Floats, period_months: Floats) -> float | None:
    """Months until the cumulative cash stays at or above zero; ``None`` if it never does."""
    cumulative = np.cumsum(cash_usd)
    if not len(cumulative) or cumulative[-1] < 0:
        return None
    if cumulative.min() >= 0:
        return 0.0
    last_below = int(np.flatnonzero(cumulative < 0)[-1])
    share = -cumulative[last_below] / cash_usd[last_below + 1]
    return float(period_months[: last_below + 1].sum() + share * period_months[last_below + 1])
