"""Days, months and periods as arrays. A time is a day's ordinal plus the fraction of the day that is over."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Days = NDArray[np.int64]
Period = tuple[date, date]  # first day, day after the last

DAYS_PER_YEAR = 365.25
EPOCH_1970 = date(1970, 1, 1).toordinal()


def days_of(period_bounds: Sequence[Period]) -> Days:
    """Ordinals of every day of every period, in order. Raises ValueError when there is none."""
    if not period_bounds:
        raise ValueError("there are no periods")
    for first, after in period_bounds:
        if first >= after:
            raise ValueError(f"the period from {first} to before {after} has no days")
    return np.concatenate([np.arange(first.toordinal(), after.toordinal()) for first, after in period_bounds])


def middles(days: Days) -> Floats:
    """Noon of each day."""
    return days.astype(np.float64) + 0.5


def mean_of_periods(daily: Floats, period_bounds: Sequence[Period]) -> Floats:
    """Means over the days of each period of values by day, shape (..., days) to (..., m)."""
    lengths = np.array([(after - first).days for first, after in period_bounds])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    means: Floats = np.add.reduceat(daily, starts, axis=-1) / lengths
    return means


def day_weighted(by_month: Mapping[str, float], period_bounds: Sequence[Period]) -> Floats:
    """Monthly values ("2026-12": value) as means over the days of each period, shape (m).

    Raises ValueError naming every month that a period touches and the values do not have.
    """
    daily = by_month_on(by_month, middles(days_of(period_bounds)))
    return mean_of_periods(daily, period_bounds)


def by_month_on(by_month: Mapping[str, float], times: Floats) -> Floats:
    """The value of the month in which each time lies. Raises ValueError naming every missing month."""
    months = months_of(times)
    known = {month_number(month): value for month, value in by_month.items()}
    touched, position = np.unique(months, return_inverse=True)
    missing = [month_text(number) for number in touched.tolist() if number not in known]
    if missing:
        raise ValueError(f"no value for {', '.join(missing)}")
    values: Floats = np.array([known[number] for number in touched.tolist()], dtype=np.float64)[position]
    return values


def months_of(times: Floats) -> Days:
    """Months since January 1970 of each time."""
    days = np.floor(times).astype(np.int64) - EPOCH_1970
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_number(month: str) -> int:
    """Months since January 1970: "1970-02" is 1."""
    return (int(month[:4]) - 1970) * 12 + int(month[5:7]) - 1


def month_text(number: int) -> str:
    return f"{1970 + number // 12}-{number % 12 + 1:02}"


def month_bounds(month: str) -> Period:
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1)


def month_middle(month: str) -> float:
    first, after = month_bounds(month)
    return (first.toordinal() + after.toordinal()) / 2
