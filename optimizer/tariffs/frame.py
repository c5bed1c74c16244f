"""The intervals of whole periods as a clause sees them: their place in the week and the price of energy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.tariffs.changes import PricePath
from optimizer.tariffs.hours import Bools, Calendar, Floats, Ints
from optimizer.tariffs.price import PowerPrice, distinct
from optimizer.tariffs.windows import HolidaysAs, HourWindow, day_kinds, inside


@dataclass(frozen=True, eq=False)
class Frame:
    """All arrays (b, m). Months are local calendar months: a quarter has three."""

    price: PowerPrice  # of the kind of tariff, before any clause and VAT
    calendar: Calendar
    holidays: tuple[str, ...]
    holidays_as: HolidaysAs
    path: PricePath
    market_usd_per_kwh: Floats  # what the dearest hours and days are told by

    @property
    def lengths(self) -> Floats:
        """Hours; 0 where padded."""
        return self.price.hours

    @cached_property
    def energy_usd_per_kwh(self) -> Floats:
        """Of the month, in the contract's currency at today's rate, before VAT."""
        return np.broadcast_to(distinct(self.price.energy_usd_per_kwh) / self.path.fx, self.lengths.shape)

    @cached_property
    def day_kinds(self) -> Ints:
        """Index in windows.DAYS."""
        return day_kinds(self.calendar, self.holidays, self.holidays_as)

    @cached_property
    def _month(self) -> Ints:
        """Number of the calendar month among those of the frame; 0 where padded."""
        is_hour = self.lengths > 0
        return np.where(is_hour, self.calendar.month_slot - self.calendar.month_slot[is_hour].min(), 0)

    def inside(self, windows: Sequence[HourWindow]) -> Bools:
        """Whether an interval lies in any of the windows; no windows mean every hour."""
        if not windows:
            return np.broadcast_to(np.True_, self.lengths.shape)
        return inside(windows, self.calendar, self.day_kinds)

    def in_months(self, months_of_year: Iterable[int]) -> Bools:
        return np.isin(self.calendar.month_of_year(), np.array(list(months_of_year)) - 1) & (self.lengths > 0)

    def by_month(self, amounts: Floats) -> Floats:
        """(b, m) the sum of `amounts` over the calendar month that each interval lies in; a month of a period
        whose hours nobody can name has an equal part of it."""
        if self.price.intervals_per_hour == 0:
            months = np.array([len(months) for months in self.path.months])
            return np.broadcast_to(amounts.sum(axis=0) / months, amounts.shape)
        is_hour = self.lengths > 0
        sums = np.bincount(self._month.ravel(), weights=np.where(is_hour, amounts, 0.0).ravel())
        return np.where(is_hour, sums[self._month], 0.0)

    def dearest_hours(self, among: Bools, hours_per_month: float) -> Floats:
        """(b, m) share of each interval that is one of its month's dearest hours, the earlier of equals."""
        chosen = np.zeros(self.lengths.shape)
        for rows, period in self._months(among):
            order = rows[np.argsort(-self.market_usd_per_kwh[rows, period], kind="stable")]
            length = self.lengths[order, period]
            left = np.clip(hours_per_month - (np.cumsum(length) - length), 0.0, length)
            chosen[order, period] = left / length
        return chosen

    def dearest_days(self, among: Bools, days_per_month: int) -> Bools:
        """(b, m) intervals on the days of each month that are dearest on the mean, the earlier of equals."""
        chosen = np.zeros(self.lengths.shape, dtype=bool)
        for rows, period in self._months(among):
            _, of_day = np.unique(self.calendar.day[rows, period], return_inverse=True)
            length = self.lengths[rows, period]
            cost = np.bincount(of_day, weights=length * self.market_usd_per_kwh[rows, period])
            dearest = np.argsort(-cost / np.bincount(of_day, weights=length), kind="stable")[:days_per_month]
            chosen[rows, period] = np.isin(of_day, dearest)
        return chosen

    def _months(self, among: Bools) -> Iterator[tuple[Ints, int]]:
        """Rows, in order of time, and period of every calendar month that has such intervals."""
        wanted, month = among & (self.lengths > 0), self._month
        for period in range(self.lengths.shape[1]):
            rows = np.flatnonzero(wanted[:, period])
            for number in np.unique(month[rows, period]):
                yield rows[month[rows, period] == number], period
