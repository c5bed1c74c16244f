"""Who asks and over which months: the operator, the horizon, the currency and the discount rate."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, model_validator

from optimizer.sections.base import (
    Cost,
    Count,
    Currency,
    Day,
    Growth,
    Jurisdiction,
    Month,
    Positive,
    Section,
    Text,
    refusal,
)

MONTHS_IN_QUARTER = 3
DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Period:
    """One step of the plan: a calendar month, or three of them further out."""

    name: str  # "2026-12", "2028-12..2029-02"
    first_day: datetime.date
    day_after_last: datetime.date
    months: int  # 1 or 3

    @property
    def first_month(self) -> str:
        return month_name(self.first_day)

    def month_names(self) -> tuple[str, ...]:
        first = month_number(self.first_month)
        return tuple(month_name(month_start(first + step)) for step in range(self.months))


def month_number(month: str) -> int:
    """Months since year 0, so that months can be counted: "0001-01" is 12."""
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def month_start(number: int) -> datetime.date:
    return datetime.date(number // 12, number % 12 + 1, 1)


def month_name(day: datetime.date) -> str:
    return f"{day:%Y-%m}"


class Horizon(Section):
    """Months first; quarters further out keep a long horizon small."""

    start: Month = Field(
        description="first month of the plan, e.g. 2026-12; the fleet stands where it is on its first day"
    )
    months: Annotated[Count, Field(ge=1, le=240)] = Field(
        description="number of single months, from the start"
    )
    quarters: Annotated[Count, Field(le=80)] = Field(
        0, description="number of three-month periods after the single months"
    )

    def periods(self) -> list[Period]:
        first = month_number(self.start)
        lengths = [1] * self.months + [MONTHS_IN_QUARTER] * self.quarters
        starts = [first + sum(lengths[:i]) for i in range(len(lengths))]
        return [_period(number, length) for number, length in zip(starts, lengths, strict=True)]

    @property
    def last_month(self) -> str:
        return self.periods()[-1].month_names()[-1]

    @model_validator(mode="after")
    def _stays_in_the_calendar(self) -> Self:
        if not "2009-01" <= self.start <= "2100-12":
            raise refusal("starts outside 2009-01 to 2100-12", "check the year of horizon.start")
        return self


def _period(number: int, months: int) -> Period:
    first, after = month_start(number), month_start(number + months)
    last = month_name(month_start(number + months - 1))
    name = month_name(first) if months == 1 else f"{month_name(first)}..{last}"
    return Period(name, first, after, months)


class Licence(Section):
    id: Text = Field(description="the licence or register entry, as the legal rules name it")
    held_from: Day = Field(description="first day on which it is held, e.g. 2026-12-01")
    held_to: Day | None = Field(None, description="last day; left out: renewed whenever it falls due")
    holder_jurisdiction: Jurisdiction | None = Field(
        None, description="country of the company that holds it; left out: the operator's entity"
    )
    fee_once_usd: Cost = Field(0.0, description="paid in the month in which it is first held, USD")
    fee_yearly_usd: Cost = Field(
        0.0, description="paid in that month and on every anniversary of its first day while it is held, USD"
    )
    currency: Currency = Field("USD", description="currency of the fees: they follow its rate over time")
    note: str = ""

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.held_to is not None and self.held_to < self.held_from:
            raise refusal(f"is held to {self.held_to}, before it is held from", "exchange the two days")
        return self


class Operator(Section):
    """Who owns and runs the fleet; decides which sanctions and licences apply."""

    name: Text = Field(description="company or group")
    entity_jurisdiction: Jurisdiction = Field(
        description="country of the operating company, ISO 3166-1, e.g. RU"
    )
    owner_jurisdictions: tuple[Jurisdiction, ...] = Field(
        (), description="countries of the owners: whose sanctions bind them"
    )
    licences: tuple[Licence, ...] = Field((), description="licences and register entries held")
    coin_sale_jurisdictions: tuple[Jurisdiction, ...] = Field(
        (), description="countries of the venues that coins are sold through; some persons may not use some"
    )


class RateStep(Section):
    from_month: Month = Field(alias="from", description="first month of the rate")
    per_usd: Positive = Field(description="units of the currency per 1 USD from then on")


class ExchangeRate(Section):
    """Units of a currency per 1 USD: today's, by which the study is read, and what is expected of it."""

    per_usd: Positive = Field(description="units of this currency per 1 USD, e.g. 80.0 for the rouble")
    date: Day = Field(description="day of the rate")
    source: Text = Field(description="where the rate was read")
    path: tuple[RateStep, ...] = Field((), description="expected rates, each from a month on, in order")
    change_share_per_year: Growth = Field(
        0.0, description="yearly rise of per_usd after the last known rate: 0.08 is a currency losing value"
    )

    @model_validator(mode="after")
    def _path_is_in_order(self) -> Self:
        months = [step.from_month for step in self.path]
        if months != sorted(set(months)):
            raise refusal("has a path out of order or with a month twice", "give each month once, in order")
        if months and month_start(month_number(months[0])) <= self.date:
            raise refusal(
                f"has a path from {months[0]}, not after its own day {self.date}",
                "begin the path after the day of the rate",
            )
        return self

    @property
    def moves(self) -> bool:
        """Whether the study has it change."""
        return bool(self.path or self.change_share_per_year)

    def factor(self, periods: Sequence[Period]) -> tuple[float, ...]:
        """(m) worth in USD of one unit over its worth today: the mean over the period's days."""
        return tuple(self._mean(period.first_day, period.day_after_last) for period in periods)

    def per_usd_on(self, day: datetime.date) -> float:
        """Units per 1 USD on a day: the last known rate before it, grown only after the last of all."""
        known = [(self.date, self.per_usd)]
        known += [(month_start(month_number(step.from_month)), step.per_usd) for step in self.path]
        since, rate = [each for each in known if each[0] <= day or each is known[0]][-1]
        years = (day - since).days / DAYS_PER_YEAR if since == known[-1][0] else 0.0
        return float(rate * (1.0 + self.change_share_per_year) ** max(0.0, years))

    def _mean(self, first: datetime.date, after: datetime.date) -> float:
        days = [first + datetime.timedelta(days=step) for step in range((after - first).days)]
        return sum(self.per_usd / self.per_usd_on(day) for day in days) / len(days)


class CurrencyTerms(Section):
    """The money a plan is shown in and the dated rates that convert the study's amounts to USD."""

    reporting: Currency = Field(
        "USD", description="currency of the reports; inside the program all money is USD"
    )
    fx: dict[Currency, ExchangeRate] = Field(
        default_factory=dict, description="rates by currency code, e.g. RUB: {per_usd: 80.0, ...}"
    )

    @model_validator(mode="after")
    def _dollar_is_one(self) -> Self:
        if "USD" in self.fx:
            raise refusal("gives a rate for USD, which is 1 by definition", "remove fx.USD")
        return self

    def factor(self, currency: str, periods: Sequence[Period]) -> tuple[float, ...]:
        """(m) what an amount of the currency, converted at today's rate, is to be multiplied by.

        Raises KeyError when the study has no rate for the currency.
        """
        return (1.0,) * len(periods) if currency == "USD" else self.fx[currency].factor(periods)


class Finance(Section):
    discount_rate_share_per_year: Growth = Field(
        description="yearly cost of capital, nominal: 0.12 is 12 % a year"
    )
