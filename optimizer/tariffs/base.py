"""What every power contract has beside its energy price, and how it becomes a `PowerPrice`."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from optimizer.sections.base import Cost, Currency, DateText, Evidence, Growth, Quantity, Section
from optimizer.tariffs.changes import Escalator, PricePath, PriceStep, Vat
from optimizer.tariffs.changes import Part as Part
from optimizer.tariffs.coincident_peak import CoincidentPeak
from optimizer.tariffs.demand import DemandTerms
from optimizer.tariffs.faults import refusal_at
from optimizer.tariffs.frame import Frame
from optimizer.tariffs.frictions import Frictions
from optimizer.tariffs.hours import Bools as Bools
from optimizer.tariffs.hours import Bounds as Bounds
from optimizer.tariffs.hours import Floats as Floats
from optimizer.tariffs.hours import HoursInPeriod as HoursInPeriod
from optimizer.tariffs.hours import Ints as Ints
from optimizer.tariffs.hours import Times as Times
from optimizer.tariffs.hours import site_hours as site_hours
from optimizer.tariffs.levies import LevyBand, TopUp, in_order, of_bands
from optimizer.tariffs.price import GRIDS, distinct
from optimizer.tariffs.price import DemandCharge as DemandCharge
from optimizer.tariffs.price import HostTerms as HostTerms
from optimizer.tariffs.price import PowerPrice as PowerPrice
from optimizer.tariffs.price import Response as Response
from optimizer.tariffs.price import VolumeSteps as VolumeSteps
from optimizer.tariffs.response import ResponseTerms
from optimizer.tariffs.windows import Holiday, HolidaysAs

PRICES_KEPT = 128  # of (tariff, clock): sites that share both share the arrays


class Tariff(Section):
    """What every power contract has beside its energy price."""

    delivery_usd_per_kwh: Cost = Field(0.0, description="grid and other adders, USD/kWh")
    levy_usd_per_kwh: Cost = Field(0.0, description="tax or levy on energy, USD/kWh")
    levy_by_price: Annotated[tuple[LevyBand, ...], AfterValidator(in_order)] = Field(
        (), description="levy by the price of the energy; bands from cheap to dear, each price in one"
    )
    levy_top_up: TopUp | None = Field(None, description="levy that fills the energy price up to a target")
    standing_usd_per_month: Quantity = Field(0.0, description="paid each month the contract is open")
    minimum_bill_usd_per_month: Cost = Field(0.0, description="a month's bill is never less, credits apart")
    demand: tuple[DemandTerms, ...] = Field((), description="charges on the month's highest draw")
    coincident_peaks: tuple[CoincidentPeak, ...] = Field(
        (), description="charges on the draw when the grid peaks: 4CP, 12CP"
    )
    response: ResponseTerms | None = Field(None, description="interruptible load: credit and calls")
    vat: Vat | None = Field(None, description="value-added tax that cannot be recovered")
    currency: Currency = Field("USD", description="currency of the contract: prices follow its rate")
    growth_share_per_year: Growth = Field(
        0.0, description="growth of the energy price from the horizon's start: 0.05 is 5 % a year"
    )
    steps: tuple[PriceStep, ...] = Field((), description="dated jumps of prices")
    escalators: tuple[Escalator, ...] = Field((), description="rises on the same month of every year")
    holidays: tuple[Holiday, ...] = Field(
        (), description="days as YYYY-MM-DD, or 'MM-DD' for every year, for windows of hours"
    )
    holidays_as: HolidaysAs = Field(
        "weekends", description="weekends: a holiday is a Sunday; own: windows name holidays among their days"
    )
    frictions: Frictions | None = Field(
        None, description="what operators lose in switching machines off and on as prices change"
    )
    source: str = Field("", description="where the price comes from")
    source_date: DateText = Field("", description="date of the price")
    confidence: Evidence = Field("unsourced", description="high, medium, low or unsourced")
    note: str = ""

    several_prices: ClassVar[bool] = False  # the kWh of one hour may cost differently: tiers, a PPA
    intervals_per_hour: ClassVar[int] = 1  # 0: which hours the intervals are is not known

    def energy_blocks(self, hours: HoursInPeriod) -> tuple[Floats, Floats]:
        """Length in hours and today's energy price of each interval, both (b, m), of whole periods."""
        raise NotImplementedError

    def power_price(self, hours: HoursInPeriod, fx: Floats | None = None) -> PowerPrice:
        """What the contract charges in the hours that the law leaves.

        `fx` (m): worth in USD of one unit of the tariff's currency over its worth today; None is 1.
        Raises ValueError for a rate that is not above 0.
        """
        kept = None if fx is None else tuple(np.broadcast_to(fx, (len(hours.months),)).tolist())
        if kept is not None and not all(0.0 < rate < np.inf for rate in kept):
            raise ValueError("an exchange rate must be above 0")
        return _lawful_price(self, hours, kept)

    def whole_price(self, hours: HoursInPeriod, fx: Floats) -> PowerPrice:
        """What this kind of contract charges in whole periods, before the law and before the clauses that all
        kinds share: energy of the month, adders and levies as written, all times `fx`, without VAT."""
        lengths, energy = self.energy_blocks(hours)
        return PowerPrice.plain(
            lengths,
            distinct(energy) * self.price_factors(hours) * fx,
            self.delivery_usd_per_kwh * fx,
            self.levy_usd_per_kwh * fx,
            intervals_per_hour=self.intervals_per_hour,
        )

    def market_usd_per_kwh(self, bare: PowerPrice, hours: HoursInPeriod) -> Floats:
        """(b, m) by which the dearest hours of a month are told: a grid peaks and calls by its market."""
        return bare.energy_usd_per_kwh

    def price_factors(self, hours: HoursInPeriod) -> Floats:
        """Energy price of each period over today's, (m); a quarter has the day-weighted mean of months."""
        return self.path(hours, np.ones(len(hours.months))).net("energy")

    def path(self, hours: HoursInPeriod, fx: Floats) -> PricePath:
        """How each part of the bill changes over the periods: steps, escalators, exchange rate, VAT."""
        changes: tuple[PriceStep | Escalator, ...] = (*self.steps, *self.escalators)
        return PricePath.of(hours, fx, self.growth_share_per_year, changes, self.vat)

    def _with_clauses(self, bare: PowerPrice, hours: HoursInPeriod, fx: Floats) -> PowerPrice:
        path = self.path(hours, fx)
        calendar = hours.calendar.each(max(1, bare.intervals_per_hour))
        frame = Frame(
            bare, calendar, self.holidays, self.holidays_as, path, self.market_usd_per_kwh(bare, hours)
        )
        peak, avoided = self._peaks(frame)
        imposed, credit = self._imposed(frame)
        on_share = (1.0 - distinct(bare.off_share)) * (1.0 - distinct(avoided)) * (1.0 - distinct(imposed))
        delivery = distinct(bare.delivery_usd_per_kwh) * path.net("delivery") * path.vat("delivery")
        standing = path.per_period("standing", self.standing_usd_per_month)
        return replace(
            bare,
            energy_usd_per_kwh=_spread(distinct(bare.energy_usd_per_kwh) * path.vat("energy"), bare),
            delivery_usd_per_kwh=_spread(delivery, bare),
            levy_usd_per_kwh=_spread(self._levy(bare, frame), bare),
            peak_usd_per_kwh=_spread(distinct(bare.peak_usd_per_kwh) + distinct(peak), bare),
            off_share=_spread(1.0 - on_share, bare),
            standing_charge_usd=bare.standing_charge_usd * path.vat("energy")
            + standing,  # the kind's: energy owed
            minimum_bill_usd=path.per_period("minimum", self.minimum_bill_usd_per_month),
            supply_discount_usd_per_kwh=_times(bare.supply_discount_usd_per_kwh, path.vat("energy")),
            volume=_taxed(bare.volume, path.vat("energy")),
            demand=tuple(charge for terms in self.demand for charge in terms.charges(frame)),
            response=None if self.response is None or self.response.forced else self.response.offer(frame),
            credit_usd_per_kwh=None if credit is None else _spread(credit, bare),
        )

    def _levy(self, bare: PowerPrice, frame: Frame) -> Floats:
        """A levy by price looks at the energy price in its own currency, before VAT and delivery."""
        path = frame.path
        levy = distinct(bare.levy_usd_per_kwh) * path.net("levy") * path.vat("levy")
        if self.levy_by_price:
            levy = levy + of_bands(self.levy_by_price, frame.energy_usd_per_kwh) * path.per_kwh("levy")
        if self.levy_top_up is not None:
            levy = levy + self.levy_top_up.usd_per_kwh(frame.energy_usd_per_kwh) * path.per_kwh("levy")
        return levy

    def _peaks(self, frame: Frame) -> tuple[Floats, Floats]:
        """Expected charge of a kWh and share switched off, both (b, m)."""
        usd, running = (np.broadcast_to(number, frame.lengths.shape) for number in (0.0, 1.0))
        for charge in self.coincident_peaks:
            added, avoided = charge.expected(frame)
            usd, running = usd + added, running * (1.0 - avoided)
        return usd, 1.0 - running

    def _imposed(self, frame: Frame) -> tuple[Floats, Floats | None]:
        """Share that the contract switches off and what it pays for it per kWh drawn, both (b, m)."""
        if self.response is None or not self.response.forced:
            return np.broadcast_to(0.0, frame.lengths.shape), None
        return self.response.imposed(frame)

    @model_validator(mode="after")
    def _hours_are_known(self) -> Self:
        """A curve of prices without hours cannot say what holds in certain hours."""
        if self.intervals_per_hour == 0 and (where := self._clause_for_hours()) is not None:
            raise refusal_at(
                where,
                None,
                "has a clause for certain hours, but its prices are shares of hours that nobody can name",
                "use another kind of tariff, or a clause for all hours",
            )
        return self

    def _clause_for_hours(self) -> tuple[str | int, ...] | None:
        """Where the first clause stands that holds in certain hours only."""
        for i, charge in enumerate(self.demand):
            if charge.windows:
                return ("demand", i, "windows")
        if self.response is not None and self.response.windows:
            return ("response", "windows")
        if self.response is not None and self.response.calls == "dearest":
            return ("response", "calls")
        return ("coincident_peaks", 0) if self.coincident_peaks else None

    @model_validator(mode="after")
    def _levies_see_one_price(self) -> Self:
        """A levy by the price of energy needs a kWh to have one; here it hangs on the month's volume."""
        wanted = "levy_by_price" if self.levy_by_price else "levy_top_up" if self.levy_top_up else None
        if self.several_prices and wanted is not None:
            raise refusal_at(
                (wanted,),
                None,
                "looks at the energy price of an hour, but in this kind of tariff an hour has several",
                "work out the mean levy on a kWh and state it as levy_usd_per_kwh",
            )
        return self


@lru_cache(maxsize=PRICES_KEPT)
def _lawful_price(tariff: Tariff, hours: HoursInPeriod, fx: tuple[float, ...] | None) -> PowerPrice:
    if hours.before_law is not None:
        return _read_only(_lawful_price(tariff, hours.before_law, fx).lawful(hours))
    rates = np.ones(len(hours.months)) if fx is None else np.array(fx)
    return _read_only(tariff._with_clauses(tariff.whole_price(hours, rates), hours, rates))


def _spread(grid: Floats, price: PowerPrice) -> Floats:
    return np.broadcast_to(grid, price.hours.shape)


def _taxed(volume: VolumeSteps | None, factor: float) -> VolumeSteps | None:
    return None if volume is None else replace(volume, usd_per_kwh=volume.usd_per_kwh * factor)


def _times(numbers: Floats | None, factor: float) -> Floats | None:
    return None if numbers is None else numbers * factor


def _read_only(price: PowerPrice) -> PowerPrice:
    """Sites share the arrays, so nobody may change them."""
    for name in GRIDS:
        if (grid := getattr(price, name)) is not None:
            grid.flags.writeable = False
    return price
