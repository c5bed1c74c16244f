"""A price-duration curve: shares of the hours at a price, when nobody knows which hours."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from optimizer.sections.base import Quantity, Section, Share
from optimizer.tariffs.base import Floats, HoursInPeriod, Tariff
from optimizer.tariffs.faults import refusal_at

SUM_TOLERANCE = 1e-6


class PriceBlock(Section):
    share: Share = Field(description="share of the hours: 0.05")
    energy_usd_per_kwh: Quantity = Field(description="energy price in those hours, USD/kWh")


class Duration(Tariff):
    """The same curve in every period, spread evenly over the hours the site may run."""

    kind: Literal["duration"]
    intervals_per_hour: ClassVar[int] = 0  # nobody knows which hours
    blocks: Annotated[tuple[PriceBlock, ...], Field(min_length=1)] = Field(
        alias="blocks", description="shares of the hours and their price; shares add up to 1"
    )

    def energy_blocks(self, hours: HoursInPeriod) -> tuple[Floats, Floats]:
        shares = np.array([block.share for block in self.blocks])
        block_hours = np.outer(shares / shares.sum(), hours.hour_counts())
        prices = np.array([block.energy_usd_per_kwh for block in self.blocks])
        return block_hours, np.broadcast_to(prices[:, None], block_hours.shape)

    @model_validator(mode="after")
    def _shares_fill_the_hours(self) -> Self:
        total = sum(block.share for block in self.blocks)
        if abs(total - 1) > SUM_TOLERANCE:
            raise refusal_at(
                ("blocks",),
                None,
                f"has shares that add up to {total:g}",
                "make the shares of the blocks add up to 1",
            )
        return self
