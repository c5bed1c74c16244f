"""Unbroken prices by UTC interval, and one year of them by the hour of a local clock."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd

from optimizer.errors import Problem
from optimizer.tariffs.base import Floats, Ints, Times
from optimizer.tariffs.hours import midnight_utc

LEAP_YEAR_DAYS = 366
ZONES_AT_MINUTES = 15  # zones exist at quarters of an hour
LEAP_YEAR = 2024
FEBRUARY_29 = 59  # days before it

# What the middle of a year's prices has been anywhere, and what no market has let a price rise to, USD/kWh.
USUAL_MEDIAN, HIGHEST = (0.005, 0.20), 20.0
SAME_FOR_HOURS = 72


@dataclass(frozen=True)
class PriceSeries:
    """Unbroken energy prices in equal steps."""

    file: str
    sha256: str
    usd_per_kwh_of_unit: float
    first_utc: np.datetime64  # [m] start of the first interval
    timezone: str  # clock by which the file's years begin and end
    usd_per_kwh: Floats = field(compare=False, repr=False)
    minutes: int = 60  # length of an interval: 60, 30, 15 or 5
    named_at: Problem | None = field(
        default=None, compare=False, repr=False
    )  # place in a study, no fault yet

    @property
    def intervals_per_hour(self) -> int:
        return 60 // self.minutes

    @property
    def start_utc(self) -> Times:
        """Start of every interval, datetime64[m]."""
        return self.first_utc + np.arange(len(self.usd_per_kwh)) * np.timedelta64(self.minutes, "m")

    @property
    def end_utc(self) -> np.datetime64:
        return self.first_utc + len(self.usd_per_kwh) * np.timedelta64(self.minutes, "m")

    def said(self) -> str:
        return (
            f"{pd.Timestamp(self.first_utc):%Y-%m-%dT%H:%MZ} to {pd.Timestamp(self.end_utc):%Y-%m-%dT%H:%MZ}"
        )

    def covers_year(self, year: int) -> bool:
        return self.covers_days(datetime.date(year, 1, 1), datetime.date(year + 1, 1, 1))

    def covers_days(self, first: datetime.date, day_after_last: datetime.date) -> bool:
        """Whether it has every interval of these days on its own clock."""
        return self.covers_days_of(self.timezone, first, day_after_last)

    def covers_days_of(
        self, timezone: str, first: datetime.date, day_after_last: datetime.date, slack_hours: int = 0
    ) -> bool:
        """Whether it has every interval of these days on a clock; `slack_hours` may lack at each end."""
        slack = np.timedelta64(60 * slack_hours, "m")
        begins, ends = (midnight_utc(day, timezone) for day in (first, day_after_last))
        return bool(self.first_utc <= begins + slack and ends - slack <= self.end_utc)

    def covers_hours(self, start_utc: Times) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which of the hours that begin at these moments it has in full."""
        hour = np.timedelta64(60, "m")
        return (start_utc >= self.first_utc) & (start_utc + hour <= self.end_utc)

    def in_hours(self, start_utc: Times) -> Floats:
        """Prices of covered hours, interval by interval, shape (hours * intervals_per_hour).

        An hour that begins between two of the file's steps takes the time-weighted mean of both.
        """
        finest = min(self.minutes, ZONES_AT_MINUTES)
        minutes = (start_utc - self.first_utc).astype(np.int64)[:, None] + np.arange(0, 60, finest)
        steps = self.usd_per_kwh[minutes // self.minutes]
        return np.asarray(steps.reshape(-1, self.minutes // finest).mean(axis=1))

    def by_wall_clock(self, year: int, timezone: str) -> Floats:
        """Prices of one year by `hour_of_year` on the clock of a zone, shape (8784, intervals_per_hour)."""
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


def oddities(series: PriceSeries) -> Iterator[str]:
    """What is allowed but hardly meant: a unit that slipped by a thousand or a hundred, a frozen feed."""
    middle, highest = float(np.median(series.usd_per_kwh)), float(series.usd_per_kwh.max())
    low, high = USUAL_MEDIAN
    if not low <= middle <= high:
        yield (
            f"half of its prices are below {middle:.3g} USD/kWh, which is outside {low:g} to {high:g}; "
            "check unit and currency (MWh or kWh, cents or whole)"
        )
    if highest > HIGHEST:
        yield f"its highest price is {highest:,.4g} USD/kWh; check unit and currency"
    length, at = _longest_constant(series.usd_per_kwh)
    if length > SAME_FOR_HOURS * series.intervals_per_hour and length < len(series.usd_per_kwh):
        since = pd.Timestamp(series.start_utc[at])
        hours = length // series.intervals_per_hour
        yield f"its price stays the same for {hours} hours from {since:%Y-%m-%dT%H:%MZ}; was a gap filled?"


def _longest_constant(prices: Floats) -> tuple[int, int]:
    """How many intervals the longest stretch at one price has, and where it begins."""
    starts = np.flatnonzero(np.concatenate([[True], np.diff(prices) != 0]))
    lengths = np.diff(np.append(starts, len(prices)))
    longest = int(lengths.argmax())
    return int(lengths[longest]), int(starts[longest])


@lru_cache(maxsize=512)
def _by_wall_clock(series: PriceSeries, year: int, timezone: str) -> Floats:
    finest = min(series.minutes, ZONES_AT_MINUTES)
    repeats, per_hour = series.minutes // finest, series.intervals_per_hour
    starts = series.first_utc + np.arange(len(series.usd_per_kwh) * repeats) * np.timedelta64(finest, "m")
    chosen = _on_clock(starts, series.timezone).astype("datetime64[Y]") == np.datetime64(str(year))
    local = _on_clock(starts[chosen], timezone)
    minute = (local - local.astype("datetime64[h]")) // np.timedelta64(series.minutes, "m")
    slots = hour_of_year(local) * per_hour + minute.astype(np.intp)
    size = LEAP_YEAR_DAYS * 24 * per_hour
    sums = np.bincount(slots, weights=np.repeat(series.usd_per_kwh, repeats)[chosen], minlength=size)
    counts = np.bincount(slots, minlength=size)
    prices = np.divide(sums, counts, out=np.full(size, np.nan), where=counts > 0)
    filled = _filled(prices.reshape(-1, per_hour))
    filled.flags.writeable = False  # kept for the next caller
    return filled


def _filled(prices: Floats) -> Floats:
    """29 February from the 28th, an hour the clock skipped from the hour before it; (hours, intervals)."""
    by_day = prices.reshape(LEAP_YEAR_DAYS, -1)
    if np.isnan(by_day[FEBRUARY_29]).all():
        by_day[FEBRUARY_29] = by_day[FEBRUARY_29 - 1]
    skipped = np.isnan(prices)
    for hour in np.flatnonzero(skipped.any(axis=1)):
        prices[hour] = np.where(skipped[hour], prices[hour - 1], prices[hour])
    if np.isnan(prices).any():
        raise ValueError("the reference year has hours without a price")
    return prices


def _on_clock(start_utc: Times, timezone: str) -> Times:
    index = pd.DatetimeIndex(start_utc.astype("datetime64[s]")).tz_localize("UTC").tz_convert(timezone)
    return index.tz_localize(None).to_numpy()
