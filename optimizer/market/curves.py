"""How one figure of the market goes on: growing, by a table of months, or along dated quotes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from optimizer.market.days import DAYS_PER_YEAR, Floats, by_month_on, month_middle


class Curve(Protocol):
    """A figure over time."""

    def at(self, times: Floats) -> Floats:
        """The figure at each time. Raises ValueError where it is not known."""
        ...

    def trend(self, times: Floats) -> Floats:
        """The same without steps and for any time, to tell how fast blocks come."""
        ...


@dataclass(frozen=True)
class Growing:
    """A value at a time, growing by the same share every year, before that time too."""

    value: float
    time: float
    share_per_year: float
    what: str = "market"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.share_per_year) and self.share_per_year > -1):
            told = f"{self.what} growth is {self.share_per_year} a year"
            raise ValueError(f"{told}; it must be a finite number above -1")

    def at(self, times: Floats) -> Floats:
        grown: Floats = self.value * (1 + self.share_per_year) ** ((times - self.time) / DAYS_PER_YEAR)
        return grown

    def trend(self, times: Floats) -> Floats:
        return self.at(times)


@dataclass(frozen=True, eq=False)
class ByMonth:
    """A table: each month's mean, which holds on each of its days.

    Its trend joins the middles of the months, and the value known at a time before them, in straight lines of
    the logarithm; further out it stays level.
    """

    values: Mapping[str, float]
    known: tuple[float, float] | None = None  # time and value before the table

    def at(self, times: Floats) -> Floats:
        return by_month_on(self.values, times)

    def trend(self, times: Floats) -> Floats:
        knots = {month_middle(month): value for month, value in self.values.items()}
        first = min(knots)
        if self.known is not None and self.known[0] < first:
            knots[self.known[0]] = self.known[1]
        return _between(knots, times)


@dataclass(frozen=True, eq=False)
class Quoted:
    """Dated quotes: straight lines of the logarithm between them, growth (0: held) after the last."""

    quotes: Mapping[float, float]  # by time; the first is what is known today
    share_per_year_after: float

    def at(self, times: Floats) -> Floats:
        last = max(self.quotes)
        beyond = Growing(1.0, last, self.share_per_year_after, "forward curve's").at(np.maximum(times, last))
        return _between(self.quotes, times) * beyond

    def trend(self, times: Floats) -> Floats:
        return self.at(times)


def _between(knots: Mapping[float, float], times: Floats) -> Floats:
    at = sorted(knots)
    values: Floats = np.exp(np.interp(times, at, np.log([knots[time] for time in at])))
    return values
