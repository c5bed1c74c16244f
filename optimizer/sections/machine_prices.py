"""How prices of machines go on: by age, with the hashprice, or by a table; for old machines and new ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from optimizer.sections.base import Cost, NotNegative, Section, Share, refusal
from optimizer.sections.market_tables import MonthlyMachinePrice, table_only

Decline = Annotated[Share, Field(lt=1)]


class Elasticity(Section):
    """Per cent of price for each per cent of hashprice; left out: the bundled estimate of the class."""

    under_16: NotNegative | None = Field(None, description="machines below 16 J/TH")
    from_16: NotNegative | None = Field(None, description="16 to below 20 J/TH")
    from_20: NotNegative | None = Field(None, description="20 to below 25 J/TH")
    from_25: NotNegative | None = Field(None, description="25 to below 32 J/TH")
    from_32: NotNegative | None = Field(None, description="32 J/TH and above")


class MachinePrices(Section):
    """One way for prices to go on; what belongs to another way is an error."""

    by: Literal["time", "hashprice", "table"] = Field(
        description="time: the decline alone; hashprice: with the hashprice, by class; table: own prices"
    )
    decline_share_per_year: Decline | None = Field(
        None, description="0.25 is a quarter a year; by hashprice it comes on top, for age"
    )
    elasticity: Elasticity | None = Field(None, description="left out: the bundled estimates")
    lag_months: Annotated[int, Field(strict=True, ge=0, le=2)] | None = Field(
        None, description="months by which prices follow the hashprice: 0, 1 or 2; left out: 0"
    )
    scrap_usd_per_ths: Cost | None = Field(
        None, description="prices never fall below it; left out: the bundled estimate of the class"
    )
    table: Annotated[
        tuple[MonthlyMachinePrice, ...] | None, BeforeValidator(table_only("month, from_16_usd_per_ths, ..."))
    ] = Field(None, description="prices by month and class, here or in {file: machines.csv}")

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if self.by == "time" and self.decline_share_per_year is None:
            raise refusal("goes by time without a decline", "add decline_share_per_year: 0.25, or 0 for none")
        if self.by == "table" and not self.table:
            raise refusal("goes by table without one", "add table: {file: machines.csv} or rows by month")
        for key in self._foreign():
            raise refusal(f"goes by {self.by}, and {key} has no meaning there", f"take out {key}")
        return self

    def _foreign(self) -> Iterator[str]:
        own = {
            "time": {"decline_share_per_year"},
            "hashprice": {"decline_share_per_year", "elasticity", "lag_months", "scrap_usd_per_ths"},
            "table": {"table"},
        }[self.by]
        for key in ("decline_share_per_year", "elasticity", "lag_months", "scrap_usd_per_ths", "table"):
            if key not in own and getattr(self, key) is not None:
                yield key


class MachinePricePaths(Section):
    """Prices of the machines one has, and of those on offer."""

    resale: MachinePrices = Field(description="what standing machines sell for")
    new: MachinePrices | None = Field(None, description="what offers cost; left out: as resale")
