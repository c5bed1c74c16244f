"""A power purchase agreement: a volume at a price, owed in part whether taken or not, what is left resold."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from optimizer.sections.base import Cost, Growth, Positive, Share, refusal
from optimizer.tariffs.base import Floats, HoursInPeriod, Ints, PowerPrice, Tariff, VolumeSteps
from optimizer.tariffs.changes import PricePath
from optimizer.tariffs.faults import refusal_at
from optimizer.tariffs.hourly import Index, IndexPrices, without_foresight
from optimizer.tariffs.price_series import PriceSeries

FULL_DAY, FULL_YEAR = (1.0,) * 24, (1.0,) * 12


class PpaIndex(Index):
    """The market price that resale or energy above the volume follows. Cap, floor and losses concern what is
    bought; energy is resold at the index itself."""

    growth_share_per_year: Growth = Field(0.0, description="growth of the index from the horizon's start")

    def of_month(self, hours: HoursInPeriod) -> IndexPrices:
        """Its prices in every interval, grown to the month."""
        found, none = self.in_periods(hours), np.ones(len(hours.months))
        grown = PricePath.of(hours, none, self.growth_share_per_year, (), None).net("energy")
        return replace(found, usd_per_kwh=found.usd_per_kwh * grown)


class Ppa(Tariff):
    """Owed is the volume times take_or_pay_share, at the price, taken or not. The rest of the volume may be
    had at the price; beyond it energy costs the price above, and so does the rest where that is cheaper."""

    kind: Literal["ppa"]
    several_prices: ClassVar[bool] = True
    price_usd_per_kwh: Cost = Field(description="price of the volume, USD/kWh; growth and steps move it")
    volume_kw: Cost | None = Field(
        None, description="power in every hour, e.g. '10 MW'; or volume_kwh_per_month"
    )
    shape_by_hour: Annotated[tuple[Share, ...], Field(min_length=24, max_length=24)] = Field(
        FULL_DAY, description="share of volume_kw in each hour of the local day, 24 numbers from 00:00 on"
    )
    shape_by_month: Annotated[tuple[Share, ...], Field(min_length=12, max_length=12)] = Field(
        FULL_YEAR, description="share of volume_kw in each month of the year, 12 numbers from January on"
    )
    volume_kwh_per_month: Positive | None = Field(
        None, description="energy of a calendar month, in any hours; or volume_kw"
    )
    take_or_pay_share: Share = Field(description="share of the volume that is paid for even if not taken")
    above_usd_per_kwh: Cost | None = Field(
        None, description="flat price of energy above the volume; left out: index plus above_fee_usd_per_kwh"
    )
    above_fee_usd_per_kwh: Cost = Field(0.0, description="added to the index for energy above the volume")
    resale: Literal["none", "flat", "index"] = Field(
        "none", description="what becomes of energy owed and not taken: lost, or sold"
    )
    resale_usd_per_kwh: Cost | None = Field(None, description="flat price of energy resold")
    resale_fee_usd_per_kwh: Cost = Field(0.0, description="taken off the index for energy resold")
    index: PpaIndex | None = Field(None, description="file of market prices, for resale and energy above")

    @model_validator(mode="before")
    @classmethod
    def _real_time_has_no_foresight(cls, written: Any) -> Any:
        return without_foresight(written, written.get("index") if isinstance(written, dict) else None)

    def with_series(self, series: PriceSeries) -> Self:
        """A copy whose index knows its prices."""
        if self.index is None:
            raise ValueError("this contract has no index")
        return self.model_copy(update={"index": self.index.with_series(series)})

    def whole_price(self, hours: HoursInPeriod, fx: Floats) -> PowerPrice:
        """Every interval at the price of energy above the volume; what the volume changes is beside it."""
        factors = self.price_factors(hours)
        market = None if self.index is None else self.index.of_month(hours)
        above = self._above_usd_per_kwh(market, factors)
        plain = PowerPrice.plain(
            hours.calendar.is_hour.astype(np.float64) if market is None else market.hours,
            above * fx,
            self.delivery_usd_per_kwh * fx,
            self.levy_usd_per_kwh * fx,
            intervals_per_hour=1 if market is None else market.intervals_per_hour,
        )
        price, income = self.price_usd_per_kwh * factors, self._income_usd_per_kwh(market, factors, above)
        if self.volume_kwh_per_month is not None:
            return self._monthly(plain, price * fx, income * fx, np.array(hours.months_in_period))
        return self._shaped(plain, price * fx, income * fx, self._supply_kw(hours, plain.intervals_per_hour))

    def _above_usd_per_kwh(self, market: IndexPrices | None, factors: Floats) -> Floats:
        """(m) or (b, m)."""
        if self.above_usd_per_kwh is not None or self.index is None or market is None:
            return (self.above_usd_per_kwh or 0.0) * factors
        charged = self.index.charged_usd_per_kwh(market.usd_per_kwh) + self.above_fee_usd_per_kwh * factors
        return np.where(market.hours > 0, charged, 0.0)

    def _income_usd_per_kwh(self, market: IndexPrices | None, factors: Floats, above: Floats) -> Floats:
        """Worth of a kWh owed and not taken, (m) or (b, m): never more than a kWh above costs, because buying
        to resell is no part of the plan."""
        if self.resale == "index" and market is not None:
            return np.minimum(market.usd_per_kwh - self.resale_fee_usd_per_kwh * factors, above)
        if self.resale == "flat":
            return np.minimum((self.resale_usd_per_kwh or 0.0) * factors, above)
        return np.zeros_like(above)

    def _supply_kw(self, hours: HoursInPeriod, per_hour: int) -> Floats:
        calendar = hours.calendar.each(per_hour)
        by_hour, by_month = np.array(self.shape_by_hour), np.array(self.shape_by_month)
        shape = by_hour[calendar.hour_of_day] * by_month[calendar.month_of_year()]
        return np.where(calendar.is_hour, (self.volume_kw or 0.0) * shape, 0.0)

    def market_usd_per_kwh(self, bare: PowerPrice, hours: HoursInPeriod) -> Floats:
        """The index, where there is one: a flat price above the volume tells no hour from another."""
        return bare.energy_usd_per_kwh if self.index is None else self.index.of_month(hours).usd_per_kwh

    def _monthly(self, plain: PowerPrice, price: Floats, income: Floats, months: Ints) -> PowerPrice:
        """All amounts (m)."""
        above = plain.energy_usd_per_kwh[0]
        volume = (self.volume_kwh_per_month or 0.0) * months
        owed, rest = volume * self.take_or_pay_share, volume * (1.0 - self.take_or_pay_share)
        widths = np.stack([owed, rest, np.full_like(owed, np.inf)])
        beside = np.stack([income - above, np.minimum(price - above, 0.0), np.zeros_like(above)])
        order = np.argsort(beside[:2], axis=0, kind="stable")  # what is cheapest is used first
        for grid in (widths, beside):
            grid[:2] = np.take_along_axis(grid[:2], order, axis=0)
        has_steps = bool(beside[widths > 0].any())
        return replace(
            plain,
            standing_charge_usd=owed * (price - income),
            volume=VolumeSteps(widths, beside) if has_steps else None,
        )

    def _shaped(self, plain: PowerPrice, price: Floats, income: Floats, supply_kw: Floats) -> PowerPrice:
        """Price (m); income (m) or (b, m); supply (b, m)."""
        kwh, volume = supply_kw * plain.hours, None
        if self.take_or_pay_share == 1.0:
            inside, standing = income, (kwh * (price - income)).sum(axis=0)
        else:  # owed and settled on the energy of the month
            owed = self.take_or_pay_share * kwh.sum(axis=0)
            inside, standing, volume = price, owed * price, _paid_already(owed, price)
        discount = np.maximum(plain.energy_usd_per_kwh - inside, 0.0)
        is_used = bool((discount * kwh).any())
        return replace(
            plain,
            standing_charge_usd=standing,
            supply_kw=supply_kw if is_used else None,
            supply_discount_usd_per_kwh=discount if is_used else None,
            volume=volume,
        )

    @model_validator(mode="after")
    def _volume_is_stated_once(self) -> Self:
        if (self.volume_kw is None) == (self.volume_kwh_per_month is None):
            raise refusal(
                "does not state its volume exactly once",
                "give volume_kw (every hour) or volume_kwh_per_month",
            )
        shape = "shape_by_hour" if self.shape_by_hour != FULL_DAY else "shape_by_month"
        if self.volume_kw is None and (self.shape_by_hour, self.shape_by_month) != (FULL_DAY, FULL_YEAR):
            raise refusal_at(
                (shape,),
                None,
                "shapes a volume that has no hours",
                "give volume_kw instead of volume_kwh_per_month",
            )
        if self.volume_kw is None and self.index is not None:
            raise refusal_at(
                ("index",),
                None,
                "is an index for a volume of no certain hours: which hours the index holds for is not said",
                "state the volume as volume_kw, or flat prices above_usd_per_kwh and resale_usd_per_kwh",
            )
        return self

    @model_validator(mode="after")
    def _prices_are_stated_once(self) -> Self:
        is_above_flat = self.above_usd_per_kwh is not None
        if not is_above_flat and self.index is None:
            raise refusal("has no price of energy above the volume", "give above_usd_per_kwh or an index")
        if is_above_flat and self.above_fee_usd_per_kwh:
            raise refusal_at(
                ("above_fee_usd_per_kwh",),
                self.above_fee_usd_per_kwh,
                "is a fee on top of a flat price above",
                "drop above_fee_usd_per_kwh or above_usd_per_kwh",
            )
        if (self.resale == "flat") != (self.resale_usd_per_kwh is not None):
            raise refusal_at(
                ("resale",),
                self.resale,
                "does not say how it resells",
                "give resale: flat together with resale_usd_per_kwh",
            )
        if self.resale != "index" and self.resale_fee_usd_per_kwh:
            where, fee = ("resale_fee_usd_per_kwh",), self.resale_fee_usd_per_kwh
            raise refusal_at(
                where,
                fee,
                "is a fee on resale at an index, which the contract does not have",
                "say resale: index, or drop the fee",
            )
        if self.index is None and self.resale == "index":
            raise refusal_at(
                ("resale",),
                self.resale,
                "means an index that the contract does not name",
                "give index: with file and columns",
            )
        if self.index is not None and is_above_flat and self.resale != "index":
            raise refusal_at(
                ("index",), None, "is an index that nothing follows", "drop index, or say what follows it"
            )
        return self

    @model_validator(mode="after")
    def _a_part_owed_can_be_settled(self) -> Self:
        if self.volume_kw is None or self.take_or_pay_share in (0.0, 1.0):
            return self
        above = self.above_usd_per_kwh
        if self.resale != "none" or above is None or above < self.price_usd_per_kwh:
            raise refusal_at(
                ("take_or_pay_share",),
                self.take_or_pay_share,
                f"owes {self.take_or_pay_share:.0%} of a power in every hour, which can be settled only "
                "without resale and with a flat price above that is not below its own price",
                "state the part owed as volume_kw with take_or_pay_share: 1, or give volume_kwh_per_month",
            )
        return self


def _paid_already(owed_kwh: Floats, price: Floats) -> VolumeSteps | None:
    """The first kWh of a month cost nothing more where they are owed anyway, (m)."""
    if not owed_kwh.any():
        return None
    widths = np.stack([owed_kwh, np.full_like(owed_kwh, np.inf)])
    return VolumeSteps(widths, np.stack([-price, np.zeros_like(price)]))
