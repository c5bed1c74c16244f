"""Machines: those that stand somewhere today and those that can be bought or sold."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from optimizer.sections.base import (
    Cost,
    Count,
    Flag,
    Id,
    Month,
    NotNegative,
    Place,
    Positive,
    Section,
    Share,
    Text,
    refusal,
)

Profile = Literal["normal", "eco"]
Uptime = Annotated[Share, Field(gt=0)]
OWN_FIGURES = ("hashrate_ths", "power_w", "mass_kg")


class Machine(Section):
    """What a machine is: a model of the catalogue, or its own figures."""

    id: Id
    model: Text | None = Field(
        None, description="name in the catalogue (`rigshift catalogue`); or give the three figures below"
    )
    hashrate_ths: Positive | None = Field(None, description="TH/s of one machine in normal operation")
    power_w: Positive | None = Field(None, description="watts at the wall of one machine in normal operation")
    mass_kg: Positive | None = Field(None, description="shipping mass of one machine, kg")
    eco_hashrate_ths: Positive | None = Field(None, description="TH/s when under-clocked")
    eco_power_w: Positive | None = Field(None, description="watts when under-clocked")
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
        ("normal",), description="ways it may be run: normal, eco"
    )

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
    def _eco_is_frugal(self) -> Self:
        if (self.eco_hashrate_ths is None) != (self.eco_power_w is None):
            raise refusal(
                "has one of eco_hashrate_ths and eco_power_w without the other", "give both or neither"
            )
        for name, normal in (("eco_hashrate_ths", self.hashrate_ths), ("eco_power_w", self.power_w)):
            eco = getattr(self, name)
            if eco is not None and normal is not None and eco >= normal:
                raise refusal(
                    f"has {name} {eco:g}, not below the normal {normal:g}",
                    "an eco profile runs slower on less power",
                )
        if len(set(self.profiles)) < len(self.profiles):
            raise refusal("names a profile twice", "name each profile once")
        return self


class Lot(Machine):
    """Identical machines standing at one site on the first day."""

    count: Count = Field(description="number of machines")
    site: Id = Field(description="id of the site where they stand")


class Purchase(Machine):
    """An offer of new or used machines, within a time window."""

    price_usd_per_ths: Cost = Field(description="price today, USD per TH/s, delivered and duty paid")
    lead_time_weeks: NotNegative = Field(description="weeks from payment to arrival at the site")
    max_machines: Count = Field(description="machines on offer over the whole horizon")
    max_machines_per_month: Count | None = Field(
        None, description="machines on offer in one month; left out: no monthly limit"
    )
    from_month: Month | None = Field(
        None, alias="from", description="first month of the offer; left out: the start"
    )
    to_month: Month | None = Field(None, alias="to", description="last month of the offer; left out: the end")
    deliver_to: Annotated[tuple[Place, ...], Field(min_length=1)] = Field(
        description="countries or regions the seller delivers to"
    )


class Sales(Section):
    allowed: Flag = Field(description="true when machines may be sold")
    fee_share: Share = Field(description="broker's share of the price: 0.05")
    max_machines_per_month: Count | None = Field(
        None, description="what the market takes in a month; left out: no limit"
    )
