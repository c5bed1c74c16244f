"""A price for every hour, from a file: the horizon's own hours, or a past year repeated."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from optimizer.errors import ConfigError, Problem
from optimizer.sections.base import Count, Exchange, Text, refusal
from optimizer.sections.sites import TimeZone
from optimizer.tariffs.base import Floats, HoursInPeriod, Tariff, Times
from optimizer.tariffs.price_series import PriceSeries, hour_of_year
from optimizer.units import QuantityError, read_quantity

HOUR = np.timedelta64(60, "m")


class Hourly(Tariff):
    """Wholesale prices hour by hour. With reference_year, each hour takes the price of that year's same local
    month, day and clock hour; 29 February takes the 28th when that year has none."""

    kind: Literal["hourly"]
    file: Text = Field(description="CSV (may be .gz), relative to the study")
    time_column: Text = Field(description="heading of the column with the times")
    price_column: Text = Field(description="heading of the column with the prices")
    unit: Text = Field(description="unit of the prices, e.g. USD/MWh, CAD/MWh")
    time: Literal["utc_start", "local_ending"] = Field(
        description="utc_start: start of the hour in UTC; local_ending: end of the hour on the local clock"
    )
    timezone: TimeZone | None = Field(None, description="clock of local_ending times, e.g. America/Edmonton")
    reference_year: Annotated[Count, Field(ge=1990, le=2100)] | None = Field(
        None, description="year whose prices are repeated; left out: the file covers the horizon itself"
    )

    @field_validator("unit")
    @classmethod
    def _is_a_price_per_energy(cls, unit: str, info: ValidationInfo) -> str:
        rates = info.context.per_usd if isinstance(info.context, Exchange) else {}
        try:
            read_quantity(f"1 {unit}", "usd_per_kwh", rates)
        except QuantityError as error:
            raise refusal(error.rule, error.remedy) from error
        return unit

    _series: PriceSeries | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _local_times_have_a_clock(self) -> Self:
        if (self.time == "local_ending") != (self.timezone is not None):
            rule = (
                "has local times without a timezone"
                if self.timezone is None
                else "has a timezone, but its times are UTC"
            )
            raise refusal(rule, "give timezone together with time: local_ending, and only then")
        return self

    def with_series(self, series: PriceSeries) -> Self:
        """A copy that knows its prices."""
        known = self.model_copy()
        known._series = series
        return known

    @property
    def series(self) -> PriceSeries:
        if self._series is None:
            raise ValueError(f"the prices of {self.file} were not read; use Study.from_yaml or from_mapping")
        return self._series

    def energy_blocks(self, hours: HoursInPeriod) -> tuple[Floats, Floats]:
        prices = [
            self._prices(start, local, hours.timezone)
            for start, local in zip(hours.start_utc, hours.local, strict=True)
        ]
        shape = (max((len(p) for p in prices), default=0), len(prices))
        block_hours, energy = np.zeros(shape), np.zeros(shape)
        for m, price in enumerate(prices):
            block_hours[: len(price), m] = 1.0
            energy[: len(price), m] = price
        return block_hours, energy

    def _prices(self, start_utc: Times, local: Times, timezone: str) -> Floats:
        if self.reference_year is None:
            return self._at(start_utc)
        return self.series.by_wall_clock(self.reference_year, timezone)[hour_of_year(local)]

    def _at(self, start_utc: Times) -> Floats:
        """Mean price of each hour; one that starts at :30 UTC takes half of two."""
        series = self.series
        covered = (start_utc >= series.first_utc) & (start_utc + HOUR <= series.end_utc)
        if not covered.all():
            raise ConfigError([self._not_covered(start_utc[~covered])])
        minutes = (start_utc - series.first_utc).astype(np.int64)
        row, share = minutes // 60, (minutes % 60) / 60
        following = np.minimum(row + 1, len(series.usd_per_kwh) - 1)
        return (1 - share) * series.usd_per_kwh[row] + share * series.usd_per_kwh[following]

    def _not_covered(self, missing: Times) -> Problem:
        first, last = pd.Timestamp(missing[0]), pd.Timestamp(missing[-1])
        return Problem(
            file=self.file,
            line=None,
            where=self.price_column,
            value="",
            rule=f"covers {self.series.said()}; {len(missing)} more hours are needed, {first} to {last} UTC",
            remedy="give a longer file, a shorter horizon, or a reference_year to repeat",
        )
