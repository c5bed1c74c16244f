"""Terms that hold between places and over the whole study: relocation, limits, risk, end value, solver."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from optimizer.sections.base import (
    Anywhere,
    Cost,
    Count,
    Door,
    Evidence,
    Flag,
    Id,
    Jurisdiction,
    Month,
    NotNegative,
    Positive,
    Quantity,
    Region,
    Section,
    Share,
    Text,
    refusal,
)


def _closeness(pattern: str, region: str) -> int | None:
    """How closely a corridor's end names a region: 2 itself, 1 its country, 0 anywhere, None not at all."""
    return {region: 2, region[:2]: 1, "*": 0}.get(pattern)


class Corridor(Section):
    """Freight between two places, one way; all a machine bears on the road."""

    origin: Anywhere = Field(alias="from", description="region, country or * for anywhere")
    destination: Anywhere = Field(alias="to", description="region, country or * for anywhere")
    mode: Text = Field(description="truck, rail, sea, air, ...")
    freight_usd_per_kg: Cost = Field(description="door to door, USD per kg of machine")
    lead_time_weeks: NotNegative = Field(description="weeks from switching off to running again")
    insurance_share: Share = Field(0.0, description="of the machine's value")
    breakage_share: Share = Field(0.0, description="machines lost on the way")
    duty_share: Share | None = Field(
        None, description="customs duty, of value; left out: bundled, by make, destination and day"
    )
    vat_share: Share | None = Field(
        None, description="import VAT that cannot be recovered, of value and duty; left out: bundled"
    )
    source: str = Field("", description="where the figures come from")
    confidence: Evidence = Field("unsourced", description="high, medium, low or unsourced")

    def closeness(self, origin_region: str, destination_region: str) -> int | None:
        """How closely this corridor names the pair: 0 to 4, None when it does not cover it."""
        start, end = _closeness(self.origin, origin_region), _closeness(self.destination, destination_region)
        return None if start is None or end is None else start + end


class Routed(Section):
    """Ways over the bundled network of roads, railways, ports and airports, by bundled rates of freight."""

    modes: tuple[Literal["road", "rail", "sea", "air"], ...] = Field(
        ("road", "rail", "sea"), description="what may be used; road always, by which every site is reached"
    )
    by: Literal["days", "usd", "km"] = Field("days", description="the quickest, cheapest or shortest way")
    insurance_share: Share = Field(0.0, description="of the machine's value")
    breakage_share: Share = Field(0.0, description="machines lost on the way")
    duty_share: Share | None = Field(
        None, description="customs duty between countries, of value; left out: bundled"
    )
    vat_share: Share | None = Field(
        None, description="import VAT between countries that cannot be recovered; left out: bundled"
    )

    @model_validator(mode="after")
    def _reaches_the_sites(self) -> Self:
        if "road" not in self.modes:
            raise refusal("has modes without road, by which every site is reached", "add road to modes")
        return self


class Relocation(Section):
    """Handling of one machine and the corridors; machines cannot move where no corridor leads."""

    deinstall_usd_per_machine: Cost = Field(
        description="taking out and packing, USD per machine, unless the site says otherwise"
    )
    install_usd_per_machine: Cost = Field(description="putting in and commissioning, USD per machine")
    corridors: tuple[Corridor, ...] = Field(description="freight by pair of places; the closest match counts")
    routed: Routed | None = Field(
        None, description="ways for pairs that no corridor names; left out: nothing moves between them"
    )

    def closest(self, origin_region: str, destination_region: str) -> tuple[Corridor, ...]:
        """The corridors that name a pair of regions most closely: none is no way, several are ambiguous."""
        rated = [
            (rate, c)
            for c in self.corridors
            if (rate := c.closeness(origin_region, destination_region)) is not None
        ]
        best = max((rate for rate, _ in rated), default=None)
        return tuple(corridor for rate, corridor in rated if rate == best)


class Dated(Section):
    """Something that holds from one month to another, both inclusive."""

    from_month: Month | None = Field(None, alias="from", description="first month; left out: the start")
    to_month: Month | None = Field(None, alias="to", description="last month; left out: the end")


class Group(Dated):
    """A named set of sites: by id, region, country, or host."""

    name: Id
    sites: tuple[Id, ...] = Field((), description="site ids")
    regions: tuple[Region, ...] = Field((), description="ISO 3166-2")
    jurisdictions: tuple[Jurisdiction, ...] = Field((), description="ISO 3166-1")

    def selectors(self) -> tuple[str, ...]:
        return ("sites", "regions", "jurisdictions")

    @model_validator(mode="after")
    def _has_one_selector(self) -> Self:
        used = [name for name in self.selectors() if getattr(self, name)]
        if len(used) != 1:
            wanted = ", ".join(self.selectors())
            said = " and ".join(used) if used else "none of them"
            raise refusal(
                f"must name its members by exactly one of {wanted}, but gives {said}", "keep one of the lists"
            )
        return self


class PowerGroup(Group):
    """Sites that share a limit: a substation, a region, a contract."""

    max_power_kw: Cost = Field(description="kW at the meter, all members together")


class Concentration(Group):
    """The largest share of the fleet allowed in one set of sites."""

    hosts: tuple[Text, ...] = Field((), description="hosting companies")
    measure: Literal["power", "hashrate", "value"] = Field(
        description="what is shared out: power, hashrate or machine value"
    )
    max_share: Share = Field(description="largest share of the whole fleet: 0.4")

    def selectors(self) -> tuple[str, ...]:
        return (*super().selectors(), "hosts")


class CashFloor(Section):
    from_month: Month = Field(alias="from", description="first month of the new floor")
    min_cash_usd: Cost = Field(description="cash never below this from then on, USD")


class Equity(Section):
    """Money that the owners put in or take out; it is no income and counts in cash alone."""

    month: Month = Field(description="month in which it is paid")
    amount_usd: Quantity = Field(description="USD; negative is paid out to the owners")


class Budget(Section):
    opening_cash_usd: Cost = Field(description="cash on the first day, USD")
    min_cash_usd: Cost = Field(0.0, description="cash never below this, USD")
    min_cash_steps: tuple[CashFloor, ...] = Field((), description="dated changes of min_cash_usd, in order")
    equity: tuple[Equity, ...] = Field((), description="money put in or taken out by the owners, by month")
    max_capex_usd_per_month: Cost | None = Field(
        None, description="machines, moves and building in one month, USD; left out: no limit"
    )

    def floor_usd(self, month: str) -> float:
        """Least cash in a month."""
        floor = self.min_cash_usd
        for step in self.min_cash_steps:
            if step.from_month <= month:
                floor = step.min_cash_usd
        return floor

    @model_validator(mode="after")
    def _starts_above_the_floor(self) -> Self:
        if self.min_cash_usd > self.opening_cash_usd:
            raise refusal(
                "has min_cash_usd above opening_cash_usd", "raise the opening cash or lower the floor"
            )
        return self

    @model_validator(mode="after")
    def _steps_are_in_order(self) -> Self:
        months = [step.from_month for step in self.min_cash_steps]
        if months != sorted(set(months)):
            raise refusal(
                "has min_cash_steps out of order or twice in a month", "give each month once, in order"
            )
        return self


class Limits(Section):
    power_groups: tuple[PowerGroup, ...] = Field((), description="power limits over several sites")
    concentration: tuple[Concentration, ...] = Field((), description="largest share in one place or host")
    budget: Budget | None = Field(None, description="cash; left out: no limit on money")


class Hazard(Dated):
    """Law or power that may go wrong at a place, what it would cost, and why one thinks so."""

    id: Id
    place: Id = Field(description="country, region or site id")
    kind: Literal["ban", "levy", "curtailment", "seizure", "repatriation"]
    yearly_probability_share: Share = Field(description="probability within a year: 0.1")
    stranded_share: Share = Field(0.0, description="of machine value lost when it happens")
    evacuation_usd_per_machine: Cost = Field(0.0, description="cost of leaving in a hurry, USD per machine")
    lost_margin_months: NotNegative = Field(
        0.0, description="months without margin, counted from the day it is announced"
    )
    notice_weeks: NotNegative = Field(
        0.0, description="weeks between announcement and effect, in which machines still earn"
    )
    evidence: Text = Field(description="what the probability rests on")


class Risk(Section):
    risk_aversion: NotNegative = Field(
        description="1 charges the expected loss, 0 ignores it, 2 charges it twice"
    )
    hazards: tuple[Hazard, ...] = Field(
        (), description="own views; one of the same place and kind replaces the bundled one"
    )
    bundled_hazards: Flag = Field(
        True, description="false: only the hazards above, none of those that come with Rigshift"
    )


class EndValue(Section):
    haircut_share: Share = Field(description="taken off the resale value of what is left at the end: 0.2")


class Solver(Section):
    door: Door = Field("highs", description="highs, pulp:highs, pulp:cbc or pulp:NAME")
    time_limit_s: Positive = Field(600.0, description="seconds; the best plan so far is given then")
    mip_gap_share: Share = Field(
        1e-4, description="how far from the proven best an answer with on/off sites may be"
    )
    whole_machines: Flag = Field(
        True, description="true: machine counts are rounded to whole ones, the loss reported"
    )
    seed: Count = Field(0, description="for solvers that draw lots")
