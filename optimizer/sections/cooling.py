"""How a site cools its machines: which ones it takes, what the cooling draws, what heat does to them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from optimizer.sections.base import Evidence, NotNegative, Number, Section, Share, refusal

MachineCooling = Literal["air", "hydro", "immersion"]
TAKES: dict[str, tuple[MachineCooling, ...]] = {
    "air": ("air",),
    "evaporative": ("air",),
    "hydro": ("hydro",),
    "immersion": ("immersion",),
}
OF_AIR = ("rise_c", "derate_above_c", "derate_share", "shutdown_above_c")
Intake = Annotated[Number, Field(ge=20, le=80)]


class Cooling(Section):
    """The cooling of one site. What is left out is taken by kind from the bundled figures, most of which are
    estimates: `rigshift` says so. The overhead follows the temperature unless the site states a `pue`."""

    kind: Literal["air", "evaporative", "hydro", "immersion"] = Field(description="how the site cools")
    takes: Annotated[tuple[MachineCooling, ...], Field(min_length=1)] | None = Field(
        None,
        description="which machines fit: air, hydro, immersion; left out: air machines where air cools, else "
        "those made for it. Add air where an immersion site takes converted air machines",
    )
    rise_c: Annotated[Number, Field(ge=-30, le=30)] | None = Field(
        None, description="air at the machines' intake over ambient, C; negative where water cools it"
    )
    derate_above_c: Intake | None = Field(
        None, description="intake temperature above which machines slow down, C"
    )
    derate_share: Share | None = Field(
        None, description="hashrate and power that they lose then: 0.1 is a tenth"
    )
    shutdown_above_c: Intake | None = Field(
        None, description="intake temperature above which machines stop, C"
    )
    day_spread_c: Annotated[NotNegative, Field(le=15)] | None = Field(
        None, description="standard deviation of a day's temperature around the month's normal, C"
    )
    elevation_m: Annotated[Number, Field(ge=-450, le=6000)] | None = Field(
        None, description="height above the sea, m; left out: that of the towns around"
    )
    source: str = Field("", description="where the figures come from")
    confidence: Evidence = Field("unsourced", description="high, medium, low or unsourced")
    note: str = ""

    @property
    def fitting(self) -> tuple[MachineCooling, ...]:
        """Coolings of the machines that the site takes."""
        return TAKES[self.kind] if self.takes is None else self.takes

    @model_validator(mode="after")
    def _heat_is_of_air(self) -> Self:
        given = [key for key in OF_AIR if getattr(self, key) is not None]
        if given and self.kind in ("hydro", "immersion"):
            raise refusal(
                f"gives {', '.join(given)} for {self.kind} cooling, whose machines take in no air",
                f"take {', '.join(given)} out",
            )
        return self

    @model_validator(mode="after")
    def _slows_before_it_stops(self) -> Self:
        slows, stops = self.derate_above_c, self.shutdown_above_c
        if slows is not None and stops is not None and slows > stops:
            raise refusal(
                f"slows machines down above {slows:g} C, after it stops them at {stops:g} C",
                "give a derate_above_c that is not above shutdown_above_c",
            )
        return self
