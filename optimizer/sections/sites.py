"""Places with a power connection, existing or candidate: power, terms and costs."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from itertools import pairwise
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator

from optimizer.sections.base import (
    Cost,
    Count,
    Currency,
    Evidence,
    Id,
    Month,
    Number,
    Place,
    Section,
    Share,
    Text,
    refusal,
)
from optimizer.sections.cooling import Cooling
from optimizer.sections.horizon import Licence


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def known_zone(name: str) -> str:
    """The name itself when it is an IANA time zone; otherwise a refusal with the nearest one."""
    if name in _zones():
        return name
    near = get_close_matches(name, _zones(), n=1)
    hint = f"did you mean {near[0]!r}?" if near else "write it as Area/City, e.g. Asia/Irkutsk"
    raise refusal("is not an IANA time zone", hint)


TimeZone = Annotated[str, AfterValidator(known_zone)]


class PowerStep(Section):
    from_month: Month = Field(alias="from", description="first month of the new limit")
    max_power_kw: Cost = Field(description="kW at the meter from then on, e.g. '40 MW'")


class Site(Section):
    """A place with a power connection. Power is at the meter, money per machine or per kWh taken from it."""

    id: Id
    name: Text = Field(description="name for people")
    lat_deg: Annotated[Number, Field(ge=-90, le=90)] = Field(
        description="latitude in degrees, north positive"
    )
    lon_deg: Annotated[Number, Field(ge=-180, le=180)] = Field(
        description="longitude in degrees, east positive"
    )
    region: Place | None = Field(
        None, description="ISO 3166-2, e.g. RU-IRK; left out: found from the coordinates"
    )
    district: Text | None = Field(
        None, description="municipality, needed where the law differs within a region"
    )
    supply: Literal[
        "grid",
        "own_generation",
        "own_renewables",
        "isolated_generation",
        "imported",
        "fossil_behind_the_meter",
        "reserved_block",
    ] = Field("grid", description="where the power comes from, as far as the law makes a difference")
    land: Literal["agricultural", "industrial"] | None = Field(
        None, description="kind of land, where the law makes a difference"
    )
    timezone: TimeZone | None = Field(
        None, description="IANA name, e.g. Asia/Irkutsk; left out: the region's"
    )
    law_checked: Text | None = Field(
        None, description="who looked at the law of a place that no bundled rule covers, and when"
    )
    host: Text | None = Field(
        None, description="hosting company: for limits per host, and screened against parties under sanctions"
    )
    host_licences: tuple[Licence, ...] = Field(
        (), description="licences and register entries that the host holds for its clients"
    )

    max_power_kw: Cost = Field(description="power of the connection in kW at the meter, e.g. '60 MW'")
    power_steps: tuple[PowerStep, ...] = Field((), description="dated changes of max_power_kw, in order")
    max_machines: Count | None = Field(
        None, description="racks; left out: only power limits the number of machines"
    )
    existing_load_kw: Cost | None = Field(
        None, description="kW already drawn here today: what a moratorium on new load leaves in place"
    )
    available_from: Month | None = Field(
        None, description="first month in which machines may stand here; left out: the start"
    )
    availability_share: Annotated[Share, Field(gt=0)] = Field(
        1.0, description="share of hours in which the site has power: 0.98"
    )
    pue: Annotated[Number, Field(ge=1, le=3)] | None = Field(
        None,
        description="power at the meter over power of the machines: 1.03; may be left out with cooling",
    )
    cooling: Cooling | None = Field(
        None, description="kind of cooling: which machines fit, overhead and derating by temperature"
    )

    tariff: Id = Field(description="name of a tariff of this study")
    signed_until: Month | None = Field(
        None, description="last month of a contract that runs already: its charges fall due whatever the plan"
    )
    currency: Currency = Field(
        "USD", description="currency of the costs per kWh and the fixed cost below: they follow its rate"
    )
    hosting_fee_usd_per_kwh: Cost = Field(0.0, description="the host's fee on energy, USD/kWh")
    opex_usd_per_kwh: Cost = Field(0.0, description="own running costs on energy, USD/kWh")
    fixed_usd_per_month: Cost = Field(0.0, description="rent and staff while the site is open, USD a month")
    opening_cost_usd: Cost = Field(0.0, description="paid once when a closed site opens, USD")
    exit_fee_usd: Cost = Field(0.0, description="paid once when the site closes, USD")
    deposit_usd: Cost = Field(0.0, description="paid at opening, returned at closing, USD")
    min_term_months: Count = Field(0, description="months the site stays open once opened")
    min_power_kw: Cost = Field(0.0, description="least power taken while open, kW at the meter")
    build_usd_per_kw: Cost = Field(
        0.0, description="cost of building what is not built yet, USD per kW at the meter"
    )
    built_power_kw: Cost | None = Field(None, description="kW already built; left out: all of max_power_kw")

    deinstall_usd_per_machine: Cost | None = Field(
        None, description="taking out and packing; left out: relocation's"
    )
    install_usd_per_machine: Cost | None = Field(
        None, description="putting in and commissioning; left out: relocation's"
    )
    crew_out_machines_per_month: Count | None = Field(
        None, description="machines the crew can take out in a month"
    )
    crew_in_machines_per_month: Count | None = Field(
        None, description="machines the crew can put in in a month"
    )

    source: str = Field("", description="where the figures come from")
    confidence: Evidence = Field("unsourced", description="high, medium, low or unsourced")
    note: str = ""

    def power_limit_kw(self, month: str) -> float:
        """The connection in a month ("2027-03"), after the dated steps."""
        reached = [step.max_power_kw for step in self.power_steps if step.from_month <= month]
        return reached[-1] if reached else self.max_power_kw

    def largest_power_kw(self, first_month: str = "", last_month: str = "9999-12") -> float:
        """The largest connection in any of the months, both included."""
        steps = [s.max_power_kw for s in self.power_steps if first_month < s.from_month <= last_month]
        return max([self.power_limit_kw(first_month), *steps])

    @model_validator(mode="after")
    def _overhead_is_known(self) -> Self:
        if self.pue is None and self.cooling is None:
            raise refusal("has neither pue nor cooling", "give pue, e.g. 1.04, or cooling: {kind: air}")
        return self

    @model_validator(mode="after")
    def _licences_are_somebodys(self) -> Self:
        if self.host_licences and self.host is None:
            raise refusal("gives host_licences without a host", "name the host that holds them")
        return self

    @model_validator(mode="after")
    def _power_is_in_order(self) -> Self:
        months = [step.from_month for step in self.power_steps]
        for earlier, later in pairwise(months):
            if later <= earlier:
                raise refusal(
                    f"has power_steps out of order: {later} after {earlier}",
                    "list the steps by month, each month once",
                )
        largest = self.largest_power_kw()
        if self.min_power_kw > largest:
            raise refusal(
                f"has min_power_kw {self.min_power_kw:,.0f} above its largest max_power_kw {largest:,.0f}",
                "lower min_power_kw or raise max_power_kw",
            )
        return self
