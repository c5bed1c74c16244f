"""A price for every interval, from a file: the horizon's own, or a past year repeated; losses and limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from optimizer.errors import ConfigError, Problem
from optimizer.sections.base import Count, Exchange, Number, Quantity, Section, Text, refusal
from optimizer.sections.sites import TimeZone
from optimizer.tariffs.base import Floats, HoursInPeriod, PowerPrice, Tariff, Times
from optimizer.tariffs.faults import refusal_at
from optimizer.tariffs.price_series import PriceSeries, hour_of_year
from optimizer.tariffs.price_stamps import Stamps
from optimizer.units import QuantityError, read_quantity

LONGER = "give a longer file, a shorter horizon, or a reference_year to repeat"


class PriceFile(Section):
    """A file of prices: with reference_year, each interval takes the price of that year's same local month,
    day and clock time; 29 February takes the 28th when that year has none."""

    file: Text = Field(description="CSV (may be .gz) or Parquet, relative to the study")
    time_column: Text = Field(description="heading of the column with the times")
    price_column: Text = Field(description="heading of the column with the prices")
    unit: Text = Field(description="unit of the prices, e.g. USD/MWh, CAD/MWh")
    time: Literal["utc_start", "utc_ending", "local_start", "local_ending"] = Field(
        description="what a stamp names: start or end of its interval, in UTC or on the local clock"
    )
    timezone: TimeZone | None = Field(None, description="clock of local times, e.g. America/Edmonton")
    reference_year: Annotated[Count, Field(ge=1990, le=2100)] | None = Field(
        None, description="year whose prices are repeated; left out: the file covers the horizon itself"
    )

    _series: PriceSeries | None = PrivateAttr(None)

    @field_validator("unit")
    @classmethod
    def _is_a_price_per_energy(cls, unit: str, info: ValidationInfo) -> str:
        rates = info.context.per_usd if isinstance(info.context, Exchange) else {}
        try:
            read_quantity(f"1 {unit}", "usd_per_kwh", rates)
        except QuantityError as error:
            raise refusal(error.rule, error.remedy) from error
        return unit

    @model_validator(mode="after")
    def _local_times_have_a_clock(self) -> Self:
        if self.time.startswith("local") != (self.timezone is not None):
            rule = (
                "says local times without a timezone"
                if self.timezone is None
                else "is given, but its times are UTC"
            )
            where, value = ("time", self.time) if self.timezone is None else ("timezone", self.timezone)
            remedy = "give timezone together with time: local_start or local_ending, and only then"
            raise refusal_at((where,), value, rule, remedy)
        return self

    @property
    def stamps(self) -> Stamps:
        return Stamps.of(self.time, self.timezone)

    @property
    def series(self) -> PriceSeries:
        if self._series is None:
            raise ValueError(f"the prices of {self.file} were not read; use Study.from_yaml or from_mapping")
        return self._series

    def with_series(self, series: PriceSeries) -> Self:
        """A copy that knows its prices."""
        known = self.model_copy()
        known._series = series
        return known

    def in_periods(self, hours: HoursInPeriod) -> IndexPrices:
        """Its prices in every interval of the periods. Raises ConfigError where the file does not reach."""
        found = [
            self._prices(start, local, hours.timezone)
            for start, local in zip(hours.start_utc, hours.local, strict=True)
        ]
        shape = (max((len(prices) for prices in found), default=0), len(found))
        lengths, index = np.zeros(shape), np.zeros(shape)
        for m, prices in enumerate(found):
            lengths[: len(prices), m] = 1.0 / self.series.intervals_per_hour
            index[: len(prices), m] = prices
        return IndexPrices(self.series.intervals_per_hour, lengths, index)

    def _prices(self, start_utc: Times, local: Times, timezone: str) -> Floats:
        if self.reference_year is not None:
            return self.series.by_wall_clock(self.reference_year, timezone)[hour_of_year(local)].ravel()
        covered = self.series.covers_hours(start_utc)
        if not covered.all():
            raise ConfigError([self._not_covered(start_utc[~covered], timezone)])
        return self.series.in_hours(start_utc)

    def _not_covered(self, missing: Times, timezone: str) -> Problem:
        """Told where the study names the file, if it was read from a study."""
        first, last = pd.Timestamp(missing[0]), pd.Timestamp(missing[-1])
        place = self.series.named_at or Problem(self.file, None, self.price_column, "", "", "")
        rule = f"covers {self.series.said()}; {len(missing)} more hours are needed, {first} to {last} UTC"
        return replace(place, rule=f"{rule}, for a site on the clock of {timezone}", remedy=LONGER)


@dataclass(frozen=True)
class IndexPrices:
    """Prices of a file in the intervals of a site's periods, in today's money."""

    intervals_per_hour: int
    hours: Floats  # (b, m) length of each interval, 0 where padded
    usd_per_kwh: Floats  # (b, m)


class Index(PriceFile):
    """A price file, and what a contract does with its prices before anything is added."""

    market: Literal["day_ahead", "real_time"] = Field(
        "day_ahead",
        description="day_ahead: every price is known in time; real_time: only the last one, unless "
        "frictions say otherwise",
    )
    loss_share: Annotated[Number, Field(ge=0, lt=0.5)] = Field(
        0.0,
        description="share of the energy bought that is lost before the meter: bought = drawn / (1 - share)",
    )
    cap_usd_per_kwh: Quantity | None = Field(
        None, description="the index counts as no more, before losses and adders"
    )
    floor_usd_per_kwh: Quantity | None = Field(
        None, description="the index counts as no less, before losses and adders; 0 for no negative prices"
    )

    @model_validator(mode="after")
    def _cap_is_above_the_floor(self) -> Self:
        cap, floor = self.cap_usd_per_kwh, self.floor_usd_per_kwh
        if cap is not None and floor is not None and cap < floor:
            rule = f"is below the floor of {floor:g}"
            raise refusal_at(("cap_usd_per_kwh",), cap, rule, "exchange them, or drop one")
        return self

    def charged_usd_per_kwh(self, index_usd_per_kwh: Floats) -> Floats:
        """What a metered kWh costs at an index of the month: cap and floor, then losses."""
        low = -np.inf if self.floor_usd_per_kwh is None else self.floor_usd_per_kwh
        high = np.inf if self.cap_usd_per_kwh is None else self.cap_usd_per_kwh
        return np.asarray(np.clip(index_usd_per_kwh, low, high) / (1.0 - self.loss_share))


class Hourly(Tariff, Index):
    """Wholesale prices by the hour or finer. Growth and steps move the index before cap, floor and losses."""

    kind: Literal["hourly"]

    @model_validator(mode="before")
    @classmethod
    def _real_time_has_no_foresight(cls, written: Any) -> Any:
        return without_foresight(written, written)

    def whole_price(self, hours: HoursInPeriod, fx: Floats) -> PowerPrice:
        found = self.in_periods(hours)
        charged = self.charged_usd_per_kwh(found.usd_per_kwh * self.price_factors(hours))
        return PowerPrice.plain(
            found.hours,
            np.where(found.hours > 0, charged, 0.0) * fx,
            self.delivery_usd_per_kwh * fx,
            self.levy_usd_per_kwh * fx,
            intervals_per_hour=found.intervals_per_hour,
        )


def without_foresight(written: Any, index: Any) -> Any:
    """A contract as written; on a real-time market the last price decides, unless it says otherwise."""
    if not (isinstance(written, dict) and isinstance(index, dict) and index.get("market") == "real_time"):
        return written
    frictions = written.get("frictions")
    if frictions is None or (isinstance(frictions, dict) and frictions.get("decides_on") is None):
        return {**written, "frictions": {**(frictions or {}), "decides_on": "last"}}
    return written
