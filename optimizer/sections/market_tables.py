"""Figures of the market by month or by day, as rows of a list or a file, and what is wrong between rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

from pydantic import Field, ValidationInfo

from optimizer.sections.base import Cost, Day, Month, NotNegative, Positive, Quantity, Section, refusal

Where = tuple[str | int, ...]
Fault = tuple[Where, Any, str, str]  # where, value, rule, remedy

PositiveMoney = Annotated[Quantity, Field(gt=0)]


class MonthlyHashprice(Section):
    month: Month = Field(description="month that the hashprice holds for, e.g. 2026-12")
    hashprice_usd_per_ths_day: Cost = Field(
        description="income per TH/s and day before the pool's fee, e.g. '32.5 USD/PH/day'"
    )


class MonthlyBtcHashprice(Section):
    month: Month = Field(description="month that the hashprice holds for, e.g. 2026-12")
    hashprice_btc_per_phs_day: NotNegative = Field(
        description="BTC per PH/s and day before the pool's fee, e.g. 0.0005"
    )


class MonthlyPrice(Section):
    month: Month = Field(description="month that the price is the mean of, e.g. 2026-12")
    btc_price_usd: PositiveMoney = Field(description="mean bitcoin price of the month, USD")


class MonthlyDifficulty(Section):
    month: Month = Field(description="month that the difficulty is the mean of, e.g. 2026-12")
    network_difficulty: Positive = Field(description="mean difficulty of the month, e.g. 127.1e12")


class MonthlyHashrate(Section):
    month: Month = Field(description="month that the hashrate is the mean of, e.g. 2026-12")
    network_hashrate_ehs: Positive = Field(
        description="mean hashrate of the network, EH/s: difficulty x 2^32 / 600 s"
    )


class MonthlyFees(Section):
    month: Month = Field(description="month that the fees are the mean of, e.g. 2026-12")
    fees_btc_per_block: NotNegative = Field(description="mean transaction fees per block, BTC")


class ForwardQuote(Section):
    """What bitcoin of a day costs today."""

    date: Day = Field(description="day of delivery, e.g. 2027-03-26")
    btc_price_usd: PositiveMoney = Field(description="price for that day, USD")


class MonthlyMachinePrice(Section):
    """Prices per TH/s by class of efficiency; a class without machines may be left out."""

    month: Month = Field(description="month that the prices hold for, e.g. 2026-12")
    under_16_usd_per_ths: PositiveMoney | None = Field(None, description="machines below 16 J/TH")
    from_16_usd_per_ths: PositiveMoney | None = Field(None, description="16 to below 20 J/TH")
    from_20_usd_per_ths: PositiveMoney | None = Field(None, description="20 to below 25 J/TH")
    from_25_usd_per_ths: PositiveMoney | None = Field(None, description="25 to below 32 J/TH")
    from_32_usd_per_ths: PositiveMoney | None = Field(None, description="32 J/TH and above")


class SharesFrom(Section):
    """A share that holds from a month on, until the next step."""

    from_month: Month = Field(alias="from", description="first month")
    share: Annotated[NotNegative, Field(le=1)] = Field(description="of what is mined: 0.3 is 30 %")


# Tables that may stand in a file of their own, by their place in the section `market`.
TABLES: dict[tuple[str, ...], type[Section]] = {
    ("hashprice_usd_per_ths_day",): MonthlyHashprice,
    ("hashprice_btc_per_phs_day",): MonthlyBtcHashprice,
    ("btc_price_usd",): MonthlyPrice,
    ("btc_price_forward",): ForwardQuote,
    ("network_difficulty",): MonthlyDifficulty,
    ("network_hashrate_ehs",): MonthlyHashrate,
    ("fees_btc_per_block",): MonthlyFees,
    ("machine_prices", "resale", "table"): MonthlyMachinePrice,
    ("machine_prices", "new", "table"): MonthlyMachinePrice,
}


def table_only(columns: str) -> Callable[[Any], Any]:
    """A check before validation: a list of rows or nothing."""

    def check(value: Any) -> Any:
        if value is None or isinstance(value, list | tuple):
            return value
        raise refusal("is not a table", f"write a list of {{{columns}}} or {{file: name.csv}}")

    return check


def one_or_table(single: type[Section], remedy: str) -> Callable[[Any, ValidationInfo], Any]:
    """The same where one number may stand for all months; `single` has the number as its only key."""
    key = next(iter(single.model_fields))

    def check(value: Any, info: ValidationInfo) -> Any:
        if value is None or isinstance(value, list | tuple):
            return value
        if isinstance(value, dict):
            raise refusal("is a mapping", f"write one number, {remedy}")
        return getattr(single.model_validate({key: value}, context=info.context), key)

    return check


def month_faults(
    where: Where, months: Sequence[str], wanted: Sequence[str], start: str | None
) -> Iterator[Fault]:
    """A month given twice, before the market's start (None: any may stand), or missing from the horizon."""
    first: dict[str, int] = {}
    for i, month in enumerate(months):
        if month in first:
            rule = f"is the month of entry {first[month]} too"
            yield (*where, i, "month"), month, rule, "give each entry its own"
        elif start is not None and month < start:
            rule = f"is before the market's start, {start}"
            yield (*where, i, "month"), month, rule, "take the row out, or give an earlier market.start"
        first.setdefault(month, i)
    missing = [month for month in wanted if month not in first]
    if missing:
        rule = f"lacks {len(missing)} months of the horizon, first {', '.join(missing[:4])}"
        yield where, None, rule, "add them, or shorten the horizon"


def quote_faults(where: Where, quotes: Sequence[ForwardQuote], start: str | None) -> Iterator[Fault]:
    """Quotes out of order, given twice, or not after the month that the market starts from."""
    for i, quote in enumerate(quotes):
        day = f"{quote.date}"
        if i and quote.date <= quotes[i - 1].date:
            rule = f"is not after the quote before it, {quotes[i - 1].date}"
            yield (*where, i, "date"), day, rule, "write one quote for each day, in order"
        if start is not None and day[:7] <= start:
            rule = f"is not after {start}, the month of market.start"
            yield (*where, i, "date"), day, rule, "take the quote out, or give an earlier market.start"
