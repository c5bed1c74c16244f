"""Closed-form mining economics: pure arithmetic on arrays, no model, no files.

The value of a machine-hour is exact: sorted by price, the hours that pay are the cheap end of the month,
so running sums answer every machine, profile and price path with one look-up each.
"""

from __future__ import annotations

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
class PaidHours:
    """What running in the hours that pay comes to, per kW drawn while running; (..., m)."""

    hours: Floats
    energy_usd_per_kw: Floats


def hours_that_pay(block_hours: Floats, energy_usd_per_kwh: Floats, breakeven: Floats) -> PaidHours:
    """Hours, and the cost of their energy, in which energy costs less than the break-even.

    ``block_hours`` and ``energy_usd_per_kwh`` are (b, m): blocks of hours at a price in each period.
    ``breakeven`` is (..., m) USD/kWh: what a machine earns per kWh less everything else it pays per kWh.
    """
    order = np.argsort(energy_usd_per_kwh, axis=0, kind="stable")
    price = np.take_along_axis(energy_usd_per_kwh, order, axis=0)
    hours = np.take_along_axis(block_hours, order, axis=0)
    hours_below = _from_zero(hours)
    cost_below = _from_zero(hours * price)
    flat = breakeven.reshape(-1, breakeven.shape[-1])
    run_hours, energy_cost = np.empty_like(flat), np.empty_like(flat)
    for period in range(flat.shape[1]):
        paying = np.searchsorted(price[:, period], flat[:, period], side="left")
        run_hours[:, period] = hours_below[paying, period]
        energy_cost[:, period] = cost_below[paying, period]
    return PaidHours(run_hours.reshape(breakeven.shape), energy_cost.reshape(breakeven.shape))


def _from_zero(amounts: Floats) -> Floats:
    return np.concatenate([np.zeros((1, amounts.shape[1])), np.cumsum(amounts, axis=0)])


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
