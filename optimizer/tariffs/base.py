"""The one form every tariff takes before the rest of the program sees it: blocks of hours at a price."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from optimizer.sections.base import Cost, DateText, Evidence, Growth, Month, Positive, Section
from optimizer.sections.horizon import month_name, month_number, month_start

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Times = NDArray[np.datetime64]
Bounds = Sequence[tuple[datetime.date, datetime.date]]


@dataclass(frozen=True)
class HoursInPeriod:
    """The hours one site may run, period by period, after the law has taken its days away.

    An hour starts on a whole hour of the local clock, so in a half-hour zone it starts at :30 in UTC.
    """

    start_utc: tuple[Times, ...]  # (m) of datetime64[m], the start of each hour
    local: tuple[Times, ...]  # (m) of datetime64[h], the same hours on the local clock
    months: tuple[str, ...]  # (m) first month of the period, "2026-12"
    months_in_period: tuple[int, ...]  # (m) calendar months touched, 1 or 3
    timezone: str

    def hour_counts(self) -> Floats:
        """Hours in each period, shape (m)."""
        return np.array([len(hours) for hours in self.start_utc], dtype=np.float64)


@dataclass(frozen=True)
class PowerPrice:
    """Blocks of hours at a price in each period; a period with fewer blocks ends in blocks of 0 hours."""

    hours: Floats  # (b, m)
    energy_usd_per_kwh: Floats  # (b, m) 0 where hours is 0
    delivery_usd_per_kwh: float
    levy_usd_per_kwh: float

    def __post_init__(self) -> None:
        if self.hours.shape != self.energy_usd_per_kwh.shape:
            raise ValueError(
                f"hours {self.hours.shape} and prices {self.energy_usd_per_kwh.shape} differ; want (b, m)"
            )
        if not (np.isfinite(self.hours).all() and np.isfinite(self.energy_usd_per_kwh).all()):
            raise ValueError("a power price has a number that is not finite")

    def total_usd_per_kwh(self) -> Floats:
        """Energy, delivery and levy together, shape (b, m); 0 where there are no hours."""
        total = self.energy_usd_per_kwh + self.delivery_usd_per_kwh + self.levy_usd_per_kwh
        return np.where(self.hours > 0, total, 0.0)


def site_hours(period_bounds: Bounds, timezone: str, closed: Bounds = ()) -> HoursInPeriod:
    """The hours of each period at a site, true to its clock: a day has 23 or 25 where the clock changes.

    `period_bounds` are (first day, day after the last), local days, periods one after the other; `closed` are
    local days, first and last inclusive, in which the law lets nobody run.
    """
    whole = _clock_hours(tuple(period_bounds), timezone)
    if not closed:
        return whole
    open_hours = [_outside(local, closed) for local in whole.local]
    return HoursInPeriod(
        start_utc=tuple(hours[kept] for hours, kept in zip(whole.start_utc, open_hours, strict=True)),
        local=tuple(hours[kept] for hours, kept in zip(whole.local, open_hours, strict=True)),
        months=whole.months,
        months_in_period=whole.months_in_period,
        timezone=timezone,
    )


@lru_cache(maxsize=256)
def _clock_hours(bounds: tuple[tuple[datetime.date, datetime.date], ...], timezone: str) -> HoursInPeriod:
    for (_, day_after), (next_first, _) in pairwise(bounds):
        if day_after != next_first:
            raise ValueError(
                f"a period ends before {day_after} and the next begins on {next_first}; they must follow on"
            )
    edges = [_midnight_utc(day, timezone) for day in (*(first for first, _ in bounds), bounds[-1][1])]
    start_utc = np.arange(edges[0], edges[-1], np.timedelta64(60, "m"))
    clock = pd.DatetimeIndex(start_utc.astype("datetime64[s]")).tz_localize("UTC").tz_convert(timezone)
    local = clock.tz_localize(None).to_numpy().astype("datetime64[m]")
    if (local != local.astype("datetime64[h]")).any():
        raise ValueError(
            f"the clock of {timezone} changes by less than an hour within the horizon, which is not supported"
        )
    cuts = np.searchsorted(start_utc, np.array(edges[1:-1], dtype="datetime64[m]"))
    start_utc.flags.writeable = False
    return HoursInPeriod(
        start_utc=tuple(np.split(start_utc, cuts)),
        local=tuple(np.split(local.astype("datetime64[h]"), cuts)),
        months=tuple(month_name(first) for first, _ in bounds),
        months_in_period=tuple(_months_touched(first, after) for first, after in bounds),
        timezone=timezone,
    )


def _months_touched(first: datetime.date, day_after_last: datetime.date) -> int:
    last = day_after_last - datetime.timedelta(days=1)
    return month_number(month_name(last)) - month_number(month_name(first)) + 1


def _midnight_utc(day: datetime.date, timezone: str) -> np.datetime64:
    """Where the clock skips midnight, the moment it skips: the first of that day."""
    midnight = datetime.datetime.combine(day, datetime.time(), ZoneInfo(timezone))
    return np.datetime64(midnight.astimezone(datetime.UTC).replace(tzinfo=None), "m")


def _outside(local: Times, closed: Bounds) -> NDArray[np.bool_]:
    kept = np.ones(len(local), dtype=bool)
    for first, last in closed:
        start, end = np.datetime64(first, "h"), np.datetime64(last + datetime.timedelta(days=1), "h")
        kept &= (local < start) | (local >= end)
    return kept


class PriceStep(Section):
    """A dated jump of the energy price; steps multiply up."""

    from_month: Month = Field(
        alias="from",
        description="first month of the new price; a month before the horizon counts from the start",
    )
    multiply: Positive = Field(description="1.28 raises the energy price by 28 %")


class Tariff(Section):
    """What every power contract has beside its energy price."""

    delivery_usd_per_kwh: Cost = Field(0.0, description="grid and other adders, USD/kWh; constant")
    levy_usd_per_kwh: Cost = Field(0.0, description="tax or levy on energy, USD/kWh; constant")
    growth_share_per_year: Growth = Field(
        0.0, description="growth of the energy price from the horizon's start: 0.05 is 5 % a year"
    )
    steps: tuple[PriceStep, ...] = Field((), description="dated jumps of the energy price")
    source: str = Field("", description="where the price comes from")
    source_date: DateText = Field("", description="date of the price")
    confidence: Evidence = Field("unsourced", description="high, medium, low or unsourced")
    note: str = ""

    def energy_blocks(self, hours: HoursInPeriod) -> tuple[Floats, Floats]:
        """Hours and today's energy price of each block, both (b, m)."""
        raise NotImplementedError

    def power_price(self, hours: HoursInPeriod) -> PowerPrice:
        """The blocks at their price in each period, growth and steps included."""
        block_hours, energy = self.energy_blocks(hours)
        priced = np.where(block_hours > 0, energy * self.price_factors(hours), 0.0)
        return PowerPrice(block_hours, priced, self.delivery_usd_per_kwh, self.levy_usd_per_kwh)

    def price_factors(self, hours: HoursInPeriod) -> Floats:
        """Energy price of each period over today's, (m); a quarter has the day-weighted mean of months."""
        first = month_number(hours.months[0])
        starts = [month_number(month) for month in hours.months]
        return np.array(
            [
                self._mean_factor(first, start, length)
                for start, length in zip(starts, hours.months_in_period, strict=True)
            ]
        )

    def _mean_factor(self, horizon_start: int, period_start: int, length: int) -> float:
        numbers = range(period_start, period_start + length)
        days = [(month_start(n + 1) - month_start(n)).days for n in numbers]
        factors = [self._factor(n, (n - horizon_start) / 12) for n in numbers]
        return float(np.average(factors, weights=days))

    def _factor(self, number: int, years: float) -> float:
        reached = [step.multiply for step in self.steps if month_number(step.from_month) <= number]
        return float((1 + self.growth_share_per_year) ** years * np.prod(reached))
