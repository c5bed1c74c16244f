"""Machines: those that stand somewhere today and those that can be bought, exchanged or sold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from optimizer import catalogue
from optimizer.sections.base import (
    Cost,
    Count,
    Flag,
    Id,
    Jurisdiction,
    Month,
    NotNegative,
    Place,
    Positive,
    Section,
    Share,
    Text,
    refusal,
)
from optimizer.sections.profiles import Profile as Profile
from optimizer.sections.profiles import Setting, contradicts_normal, off_the_curve, unbelievable

Uptime = Annotated[Share, Field(gt=0)]
PartShare = Annotated[Share, Field(lt=1)]
OWN_FIGURES = ("hashrate_ths", "power_w", "mass_kg")
REPAIRS = ("failure_growth_share_per_year", "repair_usd", "repair_days")


class Machine(Section):
    """What a machine is: a model of the catalogue, or its own figures; how it is run and how it ages."""

    id: Id
    model: Text | None = Field(
        None, description="name in the catalogue (`rigshift catalogue`); or give the three figures below"
    )
    hashrate_ths: Positive | None = Field(None, description="TH/s of one machine in normal operation")
    power_w: Positive | None = Field(None, description="watts at the wall of one machine in normal operation")
    mass_kg: Positive | None = Field(None, description="shipping mass of one machine, kg")
    cooling: Literal["air", "hydro", "immersion"] | None = Field(
        None, description="how it is cooled; left out: the catalogue's, air for own figures"
    )
    altitude_limit_m: Positive | None = Field(
        None, description="highest site it may run at, m; left out: the catalogue's, none where unknown"
    )
    made_in: Jurisdiction | None = Field(
        None, description="country on its plate, for customs; left out: the highest rate that is known"
    )
    eco_hashrate_ths: Positive | None = Field(None, description="TH/s when under-clocked")
    eco_power_w: Positive | None = Field(None, description="watts when under-clocked")
    eco_hashrate_share: Positive | None = Field(
        None, description="hashrate of eco over normal, power by the bundled curve: 0.8"
    )
    turbo_hashrate_ths: Positive | None = Field(None, description="TH/s when over-clocked")
    turbo_power_w: Positive | None = Field(None, description="watts when over-clocked")
    turbo_hashrate_share: Positive | None = Field(
        None, description="hashrate of turbo over normal, power by the bundled curve: 1.05"
    )
    uptime_share: Uptime = Field(
        description="share of the hours in service that a machine really hashes: 0.97"
    )
    resale_usd_per_ths: Cost | None = Field(
        None, description="price of a used one today, USD per TH/s; left out: the catalogue's"
    )
    maintenance_usd_per_month: Cost = Field(
        0.0, description="repairs and parts of one standing machine, running or not, USD a month"
    )
    profiles: Annotated[tuple[Profile, ...], Field(min_length=1)] = Field(
        ("normal",), description="ways it may be run: normal, eco, turbo"
    )
    firmware_fee_share: PartShare = Field(
        0.0, description="firmware's share of what is hashed, in every profile: 0.02"
    )
    eco_firmware_fee_share: PartShare | None = Field(
        None, description="the same in eco; left out: firmware_fee_share"
    )
    turbo_firmware_fee_share: PartShare | None = Field(
        None, description="the same in turbo; left out: firmware_fee_share"
    )
    age_months: NotNegative | None = Field(
        None, description="age on the first day of the plan, or when first on offer, months"
    )
    failure_share_per_year: NotNegative = Field(
        0.0, description="repairs of a new machine in a year: 0.08 is 8 in 100 machines"
    )
    failure_growth_share_per_year: NotNegative = Field(
        0.0, description="how many more with each year of age: 0.2"
    )
    repair_usd: Cost = Field(0.0, description="of one repair, USD, beside maintenance_usd_per_month")
    repair_days: NotNegative = Field(0.0, description="out of service for one repair, days")
    hashrate_loss_share_per_year: PartShare = Field(
        0.0, description="hashrate lost in a year, from that of the first day of the plan: 0.02"
    )

    def setting(self, profile: str) -> Setting | None:
        """TH/s and W of a profile: own figures, else by the curve if a share is given, else the catalogue's.

        None where nothing is known. Raises UnknownModel for a model that the catalogue lacks.
        """
        known = None if self.model is None else catalogue.model(self.model)
        normal = _pair(*((self.hashrate_ths, self.power_w) if known is None else _nameplate(known)))
        if profile == "normal":
            return normal
        measured, hashrate_share = self._own_setting(profile), self._hashrate_share(profile)
        if measured is not None:
            return measured
        if hashrate_share is not None:
            return None if normal is None else normal.clocked(hashrate_share)
        tested = profile == "eco" and known is not None
        return _pair(known.eco_hashrate_ths, known.eco_power_w) if tested and known is not None else None

    def firmware_fee_share_in(self, profile: str) -> float:
        own: float | None = getattr(self, f"{profile}_firmware_fee_share", None)
        return self.firmware_fee_share if own is None else own

    def _own_setting(self, profile: str) -> Setting | None:
        return _pair(getattr(self, f"{profile}_hashrate_ths"), getattr(self, f"{profile}_power_w"))

    def _hashrate_share(self, profile: str) -> float | None:
        share: float | None = getattr(self, f"{profile}_hashrate_share")
        return share

    @model_validator(mode="after")
    def _says_what_it_is_once(self) -> Self:
        given = [name for name in OWN_FIGURES if getattr(self, name) is not None]
        if self.model is not None and given:
            raise refusal(
                f"gives both model and {', '.join(given)}",
                "keep the model, or take it out and give the figures",
            )
        if self.model is None and len(given) < len(OWN_FIGURES):
            missing = ", ".join(name for name in OWN_FIGURES if name not in given)
            raise refusal(
                f"has no model and lacks {missing}", "name a catalogue model, or give all three figures"
            )
        return self

    @model_validator(mode="after")
    def _profiles_are_physical(self) -> Self:
        for fault in self._faults_of_profiles():
            raise fault
        if len(set(self.profiles)) < len(self.profiles):
            raise refusal("names a profile twice", "name each profile once")
        return self

    def _faults_of_profiles(self) -> Iterator[PydanticCustomError]:
        try:
            normal = self.setting("normal")
        except catalogue.UnknownModel:
            normal = None  # the study's check of models says so, with the nearest names
        if normal is not None and self.model is None:
            yield from unbelievable("normal", normal)
        for profile in ("eco", "turbo"):
            yield from self._faults_of_profile(profile, normal)

    def _faults_of_profile(self, profile: str, normal: Setting | None) -> Iterator[PydanticCustomError]:
        figures = (f"{profile}_hashrate_ths", f"{profile}_power_w")
        given = [key for key in figures if getattr(self, key) is not None]
        measured, hashrate_share = self._own_setting(profile), self._hashrate_share(profile)
        if len(given) == 1:
            yield refusal(
                f"has one of {figures[0]} and {figures[1]} without the other", "give both or neither"
            )
        if given and hashrate_share is not None:
            rule = f"gives both {profile}_hashrate_share and {given[0]}"
            yield refusal(rule, "keep the figures, or the share to take power from the curve")
        if measured is not None and normal is not None:
            yield from contradicts_normal(profile, measured, normal)
        if measured is not None:
            yield from unbelievable(profile, measured)
        if hashrate_share is not None:
            yield from off_the_curve(profile, hashrate_share)

    @model_validator(mode="after")
    def _ages_as_a_whole(self) -> Self:
        useless = [key for key in REPAIRS if getattr(self, key) and not self.failure_share_per_year]
        if useless:
            raise refusal(
                f"has {useless[0]} without failure_share_per_year", "add it, e.g. 0.08: 8 in 100 a year"
            )
        if self.failure_growth_share_per_year and not self._says_its_age():
            raise refusal(
                "has failure_growth_share_per_year, but no age",
                "add age_months; of a lot that stands, or bought",
            )
        return self

    def _says_its_age(self) -> bool:
        return self.age_months is not None


def _nameplate(known: catalogue.Model) -> tuple[float, float]:
    return known.hashrate_ths, known.power_w


def _pair(hashrate_ths: float | None, power_w: float | None) -> Setting | None:
    return None if hashrate_ths is None or power_w is None else Setting(hashrate_ths, power_w)


class Lot(Machine):
    """Identical machines standing at one site on the first day."""

    count: Count = Field(description="number of machines")
    site: Id = Field(description="id of the site where they stand")
    bought: Month | None = Field(
        None, description="month in which they were bought new, for age and depreciation"
    )
    book_value_usd: Cost | None = Field(
        None, description="of one machine in the books on the first day; left out: its resale value"
    )

    @model_validator(mode="after")
    def _says_its_age_once(self) -> Self:
        if self.bought is not None and self.age_months is not None:
            raise refusal("gives both bought and age_months", "keep one of them")
        return self

    def _says_its_age(self) -> bool:
        return super()._says_its_age() or self.bought is not None


class Offer(Machine):
    """Machines that come to the fleet when they are ordered and paid, within a time window."""

    lead_time_weeks: NotNegative = Field(description="weeks from payment to arrival at the site")
    max_machines: Count = Field(description="machines on offer over the whole horizon")
    max_machines_per_month: Count | None = Field(
        None, description="machines on offer in one month; left out: no monthly limit"
    )
    from_month: Month | None = Field(
        None, alias="from", description="first month of the offer; left out: the start"
    )
    to_month: Month | None = Field(None, alias="to", description="last month of the offer; left out: the end")


class Purchase(Offer):
    """An offer of new or used machines."""

    price_usd_per_ths: Cost = Field(
        description="price today, USD per TH/s, delivered, and duty paid unless duty_paid is false"
    )
    deliver_to: Annotated[tuple[Place, ...], Field(min_length=1)] = Field(
        description="countries or regions the seller delivers to"
    )
    duty_paid: Flag = Field(
        True, description="false: import duty and VAT of the place of delivery are added, by made_in"
    )


class Refurbishment(Offer):
    """Machines of one lot handed in, each for one machine as described here, for a price."""

    hands_in: Id = Field(description="id of the lot whose machines are handed in")
    price_usd_per_machine: Cost = Field(description="paid for each machine that comes back, USD, today's")
    at: Annotated[tuple[Place, ...], Field(min_length=1)] = Field(
        description="countries or regions where it is done; machines come back to where they were"
    )


class Sales(Section):
    allowed: Flag = Field(description="true when machines may be sold")
    fee_share: Share = Field(description="broker's share of the price: 0.05")
    max_machines_per_month: Count | None = Field(
        None, description="what the market takes in a month; left out: no limit"
    )
