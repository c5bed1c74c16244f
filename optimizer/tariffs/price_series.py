"""Unbroken hourly prices by UTC hour, and one year of them by the hour of a local clock."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd

from optimizer.tariffs.base import Floats, Ints, Times

LEAP_YEAR_DAYS = 366
QUARTERS = 4  # zones exist at quarters of an hour
LEAP_YEAR = 2024
FEBRUARY_29 = 59  # days before it


@dataclass(frozen=True)
class PriceSeries:
    """Unbroken hourly energy prices."""

    file: str
    sha256: str
    usd_per_kwh_of_unit: float
    first_utc: np.datetime64  # [m] start of the first hour
    timezone: str  # clock by which the file's years begin and end
    usd_per_kwh: Floats = field(compare=False, repr=False)

    @property
    def end_utc(self) -> np.datetime64:
        return self.first_utc + len(self.usd_per_kwh) * np.timedelta64(60, "m")

    def said(self) -> str:
        return (
            f"{pd.Timestamp(self.first_utc):%Y-%m-%dT%H:%MZ} to {pd.Timestamp(self.end_utc):%Y-%m-%dT%H:%MZ}"
        )

    def covers_year(self, year: int) -> bool:
        return self.covers_days(datetime.date(year, 1, 1), datetime.date(year + 1, 1, 1))

    def covers_days(self, first: datetime.date, day_after_last: datetime.date) -> bool:
        """Whether it has every hour of these days on its own clock."""
        edges = (
            pd.DatetimeIndex([first, day_after_last])
            .tz_localize(self.timezone)
            .tz_convert("UTC")
            .tz_localize(None)
        )
        return bool(self.first_utc <= edges[0].to_datetime64() and edges[1].to_datetime64() <= self.end_utc)

    def by_wall_clock(self, year: int, timezone: str) -> Floats:
        """Prices of one year by `hour_of_year` on the clock of a zone, shape (8784)."""
        return _by_wall_clock(self, year, timezone)


def hour_of_year(local: Times) -> Ints:
    """Number of the hour by month, day and clock hour, in a leap year: 1 March 00:00 is always 1,440."""
    days = local.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    before = np.array(
        [
            (np.datetime64(f"{LEAP_YEAR}-{m:02d}-01") - np.datetime64(f"{LEAP_YEAR}-01-01")).astype(int)
            for m in range(1, 13)
        ]
    )
    day_of_year = before[months.astype(np.intp) % 12] + (days - months).astype(np.intp)
    hours: Ints = day_of_year * 24 + (local.astype("datetime64[h]") - days).astype(np.intp)
    return hours


@lru_cache(maxsize=512)
def _by_wall_clock(series: PriceSeries, year: int, timezone: str) -> Floats:
    quarter_starts = series.first_utc + np.arange(len(series.usd_per_kwh) * QUARTERS) * np.timedelta64(
        15, "m"
    )
    own_years = _on_clock(quarter_starts, series.timezone).astype("datetime64[Y]")
    chosen = own_years == np.datetime64(str(year))
    slots = hour_of_year(_on_clock(quarter_starts[chosen], timezone))
    size = LEAP_YEAR_DAYS * 24
    sums = np.bincount(slots, weights=np.repeat(series.usd_per_kwh, QUARTERS)[chosen], minlength=size)
    counts = np.bincount(slots, minlength=size)
    prices = np.divide(sums, counts, out=np.full(size, np.nan), where=counts > 0)
    return _filled(prices)


def _filled(prices: Floats) -> Floats:
    """29 February from the 28th, an hour the clock skipped from the hour before it."""
    by_day = prices.reshape(LEAP_YEAR_DAYS, 24)
    if np.isnan(by_day[FEBRUARY_29]).all():
        by_day[FEBRUARY_29] = by_day[FEBRUARY_29 - 1]
    skipped = np.flatnonzero(np.isnan(prices))
    for slot in skipped:
        prices[slot] = prices[slot - 1]
    if np.isnan(prices).any():
        raise ValueError("the reference year has hours without a price")
    return prices


def _on_clock(start_utc: Times, timezone: str) -> Times:
    index = pd.DatetimeIndex(start_utc.astype("datetime64[s]")).tz_localize("UTC").tz_convert(timezone)
    return index.tz_localize(None).to_numpy()
