"""Prices that rise with the energy of the month; the steps may differ from season to season."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from optimizer.sections.base import Positive, Quantity, Section
from optimizer.sections.horizon import month_number, month_start
from optimizer.tariffs.base import Floats, HoursInPeriod, PowerPrice, Tariff, VolumeSteps
from optimizer.tariffs.faults import refusal_at
from optimizer.tariffs.windows import MonthsOfYear, check_seasons

MONTHS = 12


class Tier(Section):
    up_to_kwh: Positive | None = Field(
        None, description="where the tier ends, kWh of the month from its first; left out in the last tier"
    )
    energy_usd_per_kwh: Quantity = Field(description="price of the energy in the tier, USD/kWh")


Tiers = Annotated[tuple[Tier, ...], Field(min_length=1)]


class TierSeason(Section):
    """Months with tiers of their own."""

    months: MonthsOfYear = Field(description="1 to 12")
    tiers: Tiers = Field(description="as outside the season")

    @model_validator(mode="after")
    def _tiers_rise(self) -> Self:
        _check(self.tiers)
        return self


class Tiered(Tariff):
    """The first kWh of a calendar month are the cheapest. Growth and steps move every tier's price."""

    kind: Literal["tiered"]
    several_prices: ClassVar[bool] = True
    tiers: Tiers = Field(description="from the first kWh of the month on, at rising prices")
    seasons: tuple[TierSeason, ...] = Field((), description="months in which other tiers hold")

    @model_validator(mode="after")
    def _every_month_has_its_tiers(self) -> Self:
        _check(self.tiers)
        check_seasons([season.months for season in self.seasons])
        return self

    def energy_blocks(self, hours: HoursInPeriod) -> tuple[Floats, Floats]:
        """Every hour at the price of the first tier; what the others cost more is in the steps of volume."""
        lengths = hours.calendar.is_hour.astype(np.float64)
        return lengths, np.broadcast_to(self.steps_of_volume(hours).usd_per_kwh[0], lengths.shape)

    def whole_price(self, hours: HoursInPeriod, fx: Floats) -> PowerPrice:
        steps = self.steps_of_volume(hours)
        above_first = (steps.usd_per_kwh - steps.usd_per_kwh[0]) * self.price_factors(hours) * fx
        return replace(super().whole_price(hours, fx), volume=VolumeSteps(steps.kwh, above_first))

    def steps_of_volume(self, hours: HoursInPeriod) -> VolumeSteps:
        """Today's price of the month's energy, (t, m). A quarter's kWh are spread over its months by days."""
        starts = [month_number(month) for month in hours.months]
        periods = [
            self._steps(range(start, start + length))
            for start, length in zip(starts, hours.months_in_period, strict=True)
        ]
        return side_by_side(periods)

    def _steps(self, months: range) -> tuple[Floats, Floats]:
        """Ends (t), the last one inf, and prices (t) of the steps of a period."""
        days = np.array([(month_start(n + 1) - month_start(n)).days for n in months])
        tables = [self._tiers_of(n % MONTHS + 1) for n in months]
        ends = [_ends(tiers) / share for tiers, share in zip(tables, days / days.sum(), strict=True)]
        every_end = np.unique(np.concatenate(ends))
        middle = np.concatenate([[0.0], every_end[:-1]])
        prices = [
            np.array([tier.energy_usd_per_kwh for tier in tiers])[np.searchsorted(own, middle, side="right")]
            for tiers, own in zip(tables, ends, strict=True)
        ]
        return every_end, np.average(prices, axis=0, weights=days)

    def _tiers_of(self, month: int) -> tuple[Tier, ...]:
        return next((season.tiers for season in self.seasons if month in season.months), self.tiers)


def side_by_side(periods: list[tuple[Floats, Floats]]) -> VolumeSteps:
    """Steps of every period as (t, m); a period with fewer has steps without width before its last."""
    most = max(len(ends) for ends, _ in periods)
    kwh, price = np.zeros((most, len(periods))), np.zeros((most, len(periods)))
    for m, (ends, prices) in enumerate(periods):
        spare = most - len(ends)
        kwh[:, m] = np.insert(np.diff(ends, prepend=0.0), len(ends) - 1, np.zeros(spare))
        price[:, m] = np.insert(prices, len(ends) - 1, np.full(spare, prices[-1]))
    return VolumeSteps(kwh, price)


def _ends(tiers: tuple[Tier, ...]) -> Floats:
    return np.array([np.inf if tier.up_to_kwh is None else tier.up_to_kwh for tier in tiers])


def _check(tiers: tuple[Tier, ...]) -> None:
    *ended, last = tiers
    endless = next((i for i, tier in enumerate(ended) if tier.up_to_kwh is None), len(ended))
    if last.up_to_kwh is not None or endless < len(ended):
        raise refusal_at(
            ("tiers", endless),
            last,
            "is the last tier and has an end"
            if endless == len(ended)
            else "has no end, and is not the last tier",
            "give up_to_kwh in every tier but the last, which covers all energy above",
        )
    for i in range(1, len(tiers)):
        low, high = tiers[i - 1], tiers[i]
        if high.up_to_kwh is not None and low.up_to_kwh is not None and high.up_to_kwh <= low.up_to_kwh:
            raise refusal_at(
                ("tiers", i, "up_to_kwh"),
                high.up_to_kwh,
                f"is not above the end of tiers[{i - 1}], {low.up_to_kwh:g} kWh",
                "list the tiers from the first kWh on; up_to_kwh counts from the first kWh of the month",
            )
        if high.energy_usd_per_kwh < low.energy_usd_per_kwh:
            raise refusal_at(
                ("tiers", i, "energy_usd_per_kwh"),
                high.energy_usd_per_kwh,
                f"is cheaper than tiers[{i - 1}]",
                "prices must rise: a linear plan would buy the cheap late tier without the dear first one; "
                "state the average price at the energy you expect as kind: flat",
            )
