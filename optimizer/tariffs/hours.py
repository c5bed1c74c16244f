"""The hours of each period on a site's own clock, before and after the law takes some away."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.sections.horizon import month_name, month_number

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Times = NDArray[np.datetime64]
Bounds = Sequence[tuple[datetime.date, datetime.date]]

SUNDAY = 6


@dataclass(frozen=True, eq=False)
class HoursInPeriod:
    """The hours one site may run, period by period, after the law has taken its days away.

    An hour starts on a whole hour of the local clock, so in a half-hour zone it starts at :30 in UTC.
    """

    start_utc: tuple[Times, ...]  # (m) of datetime64[m], the start of each hour
    local: tuple[Times, ...]  # (m) of datetime64[h], the same hours on the local clock
    months: tuple[str, ...]  # (m) first month of the period, "2026-12"
    months_in_period: tuple[int, ...]  # (m) calendar months touched, 1 or 3
    timezone: str
    before_law: HoursInPeriod | None = None  # all the hours; None where the law takes none

    def hour_counts(self) -> Floats:
        """Hours in each period, shape (m)."""
        return np.array([len(hours) for hours in self.start_utc], dtype=np.float64)

    @property
    def whole(self) -> HoursInPeriod:
        """Every hour of the periods, lawful or not."""
        return self.before_law or self

    @cached_property
    def calendar(self) -> Calendar:
        """Where each hour stands in the local calendar, in arrays (b, m)."""
        return Calendar.of(self.local)

    @cached_property
    def rows_of_whole(self) -> Ints:
        """(b, m) row that each hour has among the whole period's hours; -1 where padded."""
        rows = np.full((max(map(len, self.start_utc), default=0), len(self.start_utc)), -1, dtype=np.intp)
        for m, (kept, every) in enumerate(zip(self.start_utc, self.whole.start_utc, strict=True)):
            rows[: len(kept), m] = np.searchsorted(every, kept)
        return rows


@dataclass(frozen=True, eq=False)
class Calendar:
    """Local month, day and hour of every interval, all (b, m); noise where `is_hour` is False."""

    is_hour: Bools
    month_slot: Ints  # months since 0001-01, as month_number counts
    day: Ints  # days since 1970-01-01
    hour_of_day: Ints

    @classmethod
    def of(cls, local: Sequence[Times]) -> Calendar:
        shape = (max(map(len, local), default=0), len(local))
        grid, is_hour = np.zeros(shape, dtype="datetime64[h]"), np.zeros(shape, dtype=bool)
        for m, hours in enumerate(local):
            grid[: len(hours), m], is_hour[: len(hours), m] = hours, True
        days = grid.astype("datetime64[D]")
        months = grid.astype("datetime64[M]").astype(np.intp) + month_number("1970-01")
        return cls(is_hour, months, days.astype(np.intp), (grid - days).astype(np.intp))

    def month_of_year(self) -> Ints:
        """0 is January."""
        return self.month_slot % 12

    def weekday(self) -> Ints:
        """0 is Monday."""
        return (self.day + 3) % 7  # 1970-01-01 was a Thursday

    def each(self, intervals_per_hour: int) -> Calendar:
        """The same hours cut into equal intervals."""
        if intervals_per_hour == 1:
            return self
        cut = (np.repeat(grid, intervals_per_hour, axis=0) for grid in vars(self).values())
        return Calendar(*cut)


def site_hours(period_bounds: Bounds, timezone: str, closed: Bounds = ()) -> HoursInPeriod:
    """The hours of each period at a site, true to its clock: a day has 23 or 25 where the clock changes.

    `period_bounds` are (first day, day after the last), local days, periods one after the other; `closed` are
    local days, first and last inclusive, in which the law lets nobody run.
    """
    whole = _clock_hours(tuple(period_bounds), timezone)
    return _lawful(whole, tuple(closed)) if closed else whole


@lru_cache(maxsize=256)
def _lawful(whole: HoursInPeriod, closed: tuple[tuple[datetime.date, datetime.date], ...]) -> HoursInPeriod:
    open_hours = [_outside(local, closed) for local in whole.local]
    return HoursInPeriod(
        start_utc=tuple(hours[kept] for hours, kept in zip(whole.start_utc, open_hours, strict=True)),
        local=tuple(hours[kept] for hours, kept in zip(whole.local, open_hours, strict=True)),
        months=whole.months,
        months_in_period=whole.months_in_period,
        timezone=whole.timezone,
        before_law=whole,
    )


@lru_cache(maxsize=256)
def _clock_hours(bounds: tuple[tuple[datetime.date, datetime.date], ...], timezone: str) -> HoursInPeriod:
    for (_, day_after), (next_first, _) in pairwise(bounds):
        if day_after != next_first:
            raise ValueError(
                f"a period ends before {day_after} and the next begins on {next_first}; they must follow on"
            )
    edges = [midnight_utc(day, timezone) for day in (*(first for first, _ in bounds), bounds[-1][1])]
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


def midnight_utc(day: datetime.date, timezone: str) -> np.datetime64:
    """Where the clock skips midnight, the moment it skips: the first of that day."""
    midnight = datetime.datetime.combine(day, datetime.time(), ZoneInfo(timezone))
    return np.datetime64(midnight.astimezone(datetime.UTC).replace(tzinfo=None), "m")


def _outside(local: Times, closed: Bounds) -> Bools:
    kept = np.ones(len(local), dtype=bool)
    for first, last in closed:
        start, end = np.datetime64(first, "h"), np.datetime64(last + datetime.timedelta(days=1), "h")
        kept &= (local < start) | (local >= end)
    return kept
