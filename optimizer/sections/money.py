"""Companies and their sites, their tax and overheads, and loans for machines."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from optimizer.sections.base import (
    Cost,
    Count,
    Currency,
    Evidence,
    Growth,
    Id,
    Jurisdiction,
    Month,
    Place,
    Region,
    Section,
    Share,
    Text,
    refusal,
)
from optimizer.sections.terms import Dated

SELECTORS = ("sites", "regions", "jurisdictions")
Months = Annotated[Count, Field(ge=1, le=1200)]


class Entity(Section):
    """A company of the group: which sites are its own, and where it pays tax on them."""

    id: Id
    jurisdiction: Place = Field(
        description="where it is taxed: a country, or a region where regions tax too, e.g. KZ, CA-QC, US-TX"
    )
    sites: tuple[Id, ...] = Field((), description="site ids")
    regions: tuple[Region, ...] = Field((), description="ISO 3166-2: every site there")
    jurisdictions: tuple[Jurisdiction, ...] = Field((), description="ISO 3166-1: every site there")
    losses_usd: Cost = Field(
        0.0, description="tax losses of past years not yet used, USD; they count as made in the year before"
    )

    @model_validator(mode="after")
    def _has_one_selector(self) -> Self:
        used = [name for name in SELECTORS if getattr(self, name)]
        if len(used) > 1:
            raise refusal(f"names its sites by {' and '.join(used)}", "keep one of the lists")
        return self

    @property
    def takes_the_rest(self) -> bool:
        """Without any list it owns every site that no other company names."""
        return not any(getattr(self, name) for name in SELECTORS)


class WriteOff(Section):
    """How the price of a thing becomes deductions, month by month from its payment."""

    method: Literal["straight_line", "declining_balance", "at_once"] = Field(
        description="straight_line needs life_months, declining_balance share_per_year, at_once neither"
    )
    life_months: Months | None = Field(None, description="months over which the price is deducted evenly")
    share_per_year: Annotated[Share, Field(gt=0, lt=1)] | None = Field(
        None, description="deducted each year of what is left: 0.25"
    )
    bonus_share: Share = Field(0.0, description="of the price, deducted at once; the rest by the method")

    @model_validator(mode="after")
    def _has_what_its_method_needs(self) -> Self:
        needs = {"straight_line": "life_months", "declining_balance": "share_per_year"}.get(self.method)
        given = [name for name in ("life_months", "share_per_year") if getattr(self, name) is not None]
        if given != ([needs] if needs else []):
            wanted = f"{needs} and nothing else" if needs else "neither life_months nor share_per_year"
            raise refusal(
                f"has {' and '.join(given) or 'no term'}, but {self.method} needs {wanted}", "mend it"
            )
        return self


class TaxRegime(Section):
    """The profit tax of a place, from a month on; takes the place of the bundled one."""

    jurisdiction: Place = Field(description="country or region, as the companies name it")
    from_month: Month | None = Field(
        None, alias="from", description="first month; holds for tax years that begin in it or later"
    )
    rate_share: Share = Field(description="of taxable profit: 0.25")
    loss_use_share: Share = Field(1.0, description="of a year's profit that past losses may offset: 0.5")
    loss_life_years: Months | None = Field(
        None, description="tax years after its own in which a loss may be used; left out: for ever"
    )
    machines: WriteOff = Field(description="of machines bought")
    infrastructure: WriteOff = Field(description="of power that is built")
    source: Text = Field(description="where this was read")
    confidence: Evidence = Field("unsourced", description="high, medium, low or unsourced")


class TaxTerms(Section):
    """Asks for profit tax; without this section the plan is before tax."""

    year_starts_in_month: Annotated[Count, Field(ge=1, le=12)] = Field(
        1, description="month in which the tax year begins: 1 is the calendar year"
    )
    paid_months_after_year: Annotated[Count, Field(le=24)] = Field(
        3, description="months after the end of its year in which the tax is paid"
    )
    regimes: tuple[TaxRegime, ...] = Field(
        (), description="own terms; a place not named has the bundled ones"
    )


class Loan(Section):
    """Money lent for machines when they are ordered."""

    id: Id
    entity: Id | None = Field(None, description="company that borrows; left out: the only one")
    max_usd: Cost = Field(description="all that may be drawn, USD")
    share: Annotated[Share, Field(gt=0)] = Field(description="of the price that is lent: 0.7")
    offers: tuple[Id, ...] = Field((), description="purchases it is for; left out: every one")
    from_month: Month | None = Field(None, alias="from", description="first month in which it can be drawn")
    to_month: Month | None = Field(None, alias="to", description="last month in which it can be drawn")
    interest_share_per_year: Share = Field(description="yearly interest on what is owed, paid monthly: 0.11")
    fee_share: Share = Field(0.0, description="of the sum drawn, paid when it is drawn")
    repaid: Literal["annuity", "straight_line", "bullet"] = Field(
        description="equal payments, equal parts of the sum, or all of it at the end"
    )
    term_months: Months = Field(description="months from drawing to the last payment")


class Overhead(Dated):
    """A cost of a company that no site has: administration, audit, a yearly fee."""

    name: Text
    entity: Id | None = Field(None, description="company that pays; left out: the only one")
    usd_per_month: Cost = Field(0.0, description="every month from the first to the last")
    yearly_usd: Cost = Field(0.0, description="in the first month and every twelve months after it")
    once_usd: Cost = Field(0.0, description="in the first month")
    change_share_per_year: Growth = Field(
        0.0, description="yearly change from the start of the plan, in steps of twelve months: 0.03"
    )
    currency: Currency = Field("USD", description="currency of the amounts: they follow its rate over time")
