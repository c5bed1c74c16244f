"""How the prices of a contract change over time: dated steps, yearly rises, VAT on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from optimizer.sections.base import Growth, Month, Positive, Section, Share
from optimizer.sections.horizon import month_number, month_start
from optimizer.tariffs.hours import Floats, HoursInPeriod
from optimizer.tariffs.windows import SOME

Part = Literal["energy", "delivery", "levy", "peak", "demand", "standing", "minimum"]
PARTS: tuple[Part, ...] = ("energy", "delivery", "levy", "peak", "demand", "standing", "minimum")
Parts = Annotated[tuple[Part, ...], SOME]


class PriceStep(Section):
    """A dated jump of prices; steps multiply up."""

    from_month: Month = Field(
        alias="from",
        description="first month of the new price; a month before the horizon counts from the start",
    )
    multiply: Positive = Field(description="1.28 raises the price by 28 %")
    applies_to: Parts = Field(("energy",), description=f"what it changes: any of {', '.join(PARTS)}")

    def factor(self, month: int) -> float:
        return self.multiply if month_number(self.from_month) <= month else 1.0


class Escalator(Section):
    """A rise on the same month of every year; the prices of the study are those before the first."""

    from_month: Month = Field(
        alias="from",
        description="month of the first rise, then every twelve; one before the horizon has happened",
    )
    share_per_year: Growth = Field(description="0.03 raises the price by 3 % on each anniversary")
    applies_to: Parts = Field(("energy",), description=f"what it changes: any of {', '.join(PARTS)}")

    def factor(self, month: int) -> float:
        rises = (month - month_number(self.from_month)) // 12 + 1
        return (1.0 + self.share_per_year) ** max(0, rises)


class Vat(Section):
    """Value-added tax that the miner cannot recover and so pays for good."""

    unrecovered_share: Share = Field(description="of the price before VAT: 0.12 is 12 %")
    applies_to: Parts = Field(PARTS, description="what it is charged on; left out: everything, levies too")


@dataclass(frozen=True)
class PricePath:
    """What one dollar of today's contract price comes to in each month, by part of the bill."""

    months: tuple[range, ...]  # (m) month numbers of each period
    fx: Floats  # (m) USD of one unit of the contract's currency over today's
    growth_share_per_year: float  # of energy alone
    changes: Sequence[PriceStep | Escalator]
    vat_terms: Vat | None

    @classmethod
    def of(
        cls,
        hours: HoursInPeriod,
        fx: Floats,
        growth_share_per_year: float,
        changes: Sequence[PriceStep | Escalator],
        vat: Vat | None,
    ) -> PricePath:
        starts = [month_number(month) for month in hours.months]
        spans = [range(a, a + n) for a, n in zip(starts, hours.months_in_period, strict=True)]
        return cls(tuple(spans), fx, growth_share_per_year, changes, vat)

    def net_factor(self, part: Part, month: int) -> float:
        """Price over today's in a month, in the contract's currency, before VAT."""
        years = (month - self.months[0][0]) / 12
        grown = (1.0 + self.growth_share_per_year) ** years if part == "energy" else 1.0
        return float(grown * prod(each.factor(month) for each in self.changes if part in each.applies_to))

    def _stays(self, part: Part) -> bool:
        grows = part == "energy" and self.growth_share_per_year != 0.0
        return not grows and not any(part in each.applies_to for each in self.changes)

    def net(self, part: Part) -> Floats:
        """(m) the same for each period: the day-weighted mean of a quarter's months."""
        if self._stays(part):
            return np.ones(len(self.months))
        return np.array([self._mean(part, months) for months in self.months])

    def _mean(self, part: Part, months: range) -> float:
        days = [(month_start(n + 1) - month_start(n)).days for n in months]
        return sum(self.net_factor(part, n) * d for n, d in zip(months, days, strict=True)) / sum(days)

    def vat(self, part: Part) -> float:
        """Price with VAT over the price before it."""
        if self.vat_terms is None or part not in self.vat_terms.applies_to:
            return 1.0
        return 1.0 + self.vat_terms.unrecovered_share

    def per_kwh(self, part: Part) -> Floats:
        """(m) factor that turns today's price per kWh into USD of the month, VAT included."""
        return self.net(part) * self.fx * self.vat(part)

    def per_period(self, part: Part, usd_by_month_of_year: Floats | float) -> Floats:
        """(m) sums over each period's months of an amount, or of one for each month of the year (12)."""
        if not np.any(usd_by_month_of_year):
            return np.zeros(len(self.months))
        usd = np.broadcast_to(np.asarray(usd_by_month_of_year, dtype=np.float64), (12,))
        sums = [sum(usd[n % 12] * self.net_factor(part, n) for n in months) for months in self.months]
        return np.array(sums) * self.fx * self.vat(part)
