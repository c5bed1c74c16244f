"""What mining pays: price, network, fees and halving, or a hashprice given directly; what machines cost."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from optimizer.sections.base import (
    Cost,
    Count,
    Day,
    Growth,
    Month,
    NotNegative,
    Number,
    Positive,
    Quantity,
    Section,
    Share,
    Text,
    refusal,
)
from optimizer.sections.machine_prices import Decline, MachinePricePaths
from optimizer.sections.market_tables import (
    TABLES,
    Fault,
    ForwardQuote,
    MonthlyBtcHashprice,
    MonthlyDifficulty,
    MonthlyFees,
    MonthlyHashrate,
    MonthlyPrice,
    SharesFrom,
    month_faults,
    one_or_table,
    quote_faults,
    table_only,
)
from optimizer.sections.market_tables import (
    MonthlyHashprice as MonthlyHashprice,
)

LAST_HALVING = datetime.date(2024, 4, 20)


class StartPoint(Section):
    """The network in one past month, from which price and difficulty grow."""

    month: Month = Field(description="month of the figures")
    btc_price_usd: Positive = Field(description="mean bitcoin price of the month, USD")
    difficulty: Positive = Field(description="mean network difficulty of the month, e.g. 127.1e12")
    fees_btc_per_block: NotNegative = Field(description="mean transaction fees per block, BTC")
    source: Text = Field(description="where the figures were read")
    height: Annotated[Count, Field(ge=840_000, lt=1_050_000)] | None = Field(
        None, description="height of a block, from which the halving is counted; left out: a bundled one"
    )
    height_date: Day | None = Field(None, description="day on which that block was found")

    @model_validator(mode="after")
    def _dates_its_height(self) -> Self:
        if (self.height is None) != (self.height_date is None):
            raise refusal(
                "has a height without its day, or a day without its height", "give height and height_date"
            )
        if self.height_date is not None and self.height_date < LAST_HALVING:
            raise refusal(f"has a height_date before the last halving, {LAST_HALVING}", "correct the day")
        return self


class _OneHashprice(Section):
    hashprice_usd_per_ths_day: Cost


class _OneBtcHashprice(Section):
    hashprice_btc_per_phs_day: NotNegative


class _OneFee(Section):
    fees_btc_per_block: NotNegative


class _OneShare(Section):
    treasury_share: Share


def _word_or_point(value: Any, info: ValidationInfo) -> Any:
    if value in ("bundled", "refreshed") or isinstance(value, StartPoint):
        return value
    if isinstance(value, dict):
        return StartPoint.model_validate(value, context=info.context)
    raise refusal(
        "is neither 'bundled' nor 'refreshed' nor a starting point",
        "write 'bundled' for the newest month that comes with Rigshift, 'refreshed' for your own copy, or "
        "month, btc_price_usd, difficulty, fees_btc_per_block and source",
    )


def _pace_or_day(value: Any) -> Any:
    if value in ("ten_minutes", "pace") or isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise refusal(
            "is neither a pace nor a day",
            "write ten_minutes, pace (as the network's growth implies) or a day, e.g. 2028-04-11",
        ) from None


def _after_the_last(value: Any) -> Any:
    if isinstance(value, datetime.date) and value <= LAST_HALVING:
        raise refusal(f"is not after the last halving, {LAST_HALVING}", "write the day of the next one")
    return value


Price = Annotated[tuple[MonthlyPrice, ...] | None, BeforeValidator(table_only("month, btc_price_usd"))]
Forward = Annotated[tuple[ForwardQuote, ...] | None, BeforeValidator(table_only("date, btc_price_usd"))]
Difficulty = Annotated[
    tuple[MonthlyDifficulty, ...] | None, BeforeValidator(table_only("month, network_difficulty"))
]
Hashrate = Annotated[
    tuple[MonthlyHashrate, ...] | None, BeforeValidator(table_only("month, network_hashrate_ehs"))
]
Fees = Annotated[
    Number | tuple[MonthlyFees, ...] | None,
    BeforeValidator(one_or_table(_OneFee, "a list of {month, fees_btc_per_block} or {file: fees.csv}")),
]
Hashprice = Annotated[
    Number | tuple[MonthlyHashprice, ...] | None,
    BeforeValidator(
        one_or_table(_OneHashprice, "a list of {month, hashprice_usd_per_ths_day} or {file: hashprice.csv}")
    ),
]
BtcHashprice = Annotated[
    Number | tuple[MonthlyBtcHashprice, ...] | None,
    BeforeValidator(
        one_or_table(
            _OneBtcHashprice, "a list of {month, hashprice_btc_per_phs_day} or {file: hashprice.csv}"
        )
    ),
]
Halving = Annotated[
    Literal["ten_minutes", "pace"] | Day, BeforeValidator(_after_the_last), BeforeValidator(_pace_or_day)
]
Treasury = Annotated[
    Number | tuple[SharesFrom, ...], BeforeValidator(one_or_table(_OneShare, "or a list of {from, share}"))
]


class Market(Section):
    """The path of the hashprice and of machine prices. Each figure goes on in exactly one way."""

    start: Annotated[Literal["bundled", "refreshed"] | StartPoint, BeforeValidator(_word_or_point)] = Field(
        description="'bundled' (newest month that comes with Rigshift), 'refreshed' (newest of the copy that "
        "`rigshift market refresh` wrote) or the figures of a month"
    )
    btc_price_growth_share_per_year: Growth = Field(
        0.0, description="0.1 is +10 % a year, 0 keeps the price flat; beside a forward curve: after its end"
    )
    btc_price_usd: Price = Field(
        None, description="own price path: month by month, here or in {file: prices.csv}"
    )
    btc_price_forward: Forward = Field(
        None, description="dated quotes, here or in a file; straight lines of the logarithm between them"
    )
    network_growth_share_per_year: Growth = Field(
        0.0, description="growth of the network's hashrate, share a year"
    )
    network_difficulty: Difficulty = Field(
        None, description="own difficulty, month by month, here or in a file"
    )
    network_hashrate_ehs: Hashrate = Field(
        None, description="own hashrate of the network, month by month, here or in a file"
    )
    fees_btc_per_block: Fees = Field(
        None, description="BTC per block, one figure or month by month; left out: the starting point's"
    )
    halving: Halving = Field(
        "ten_minutes",
        description="ten_minutes: by height, a block every 10 minutes; pace: by height, as fast as the "
        "network's growth implies; or the day itself",
    )
    hashprice_usd_per_ths_day: Hashprice = Field(
        None, description="income per TH/s and day, given directly: replaces price, difficulty and fees"
    )
    hashprice_btc_per_phs_day: BtcHashprice = Field(
        None, description="BTC per PH/s and day, given directly: replaces difficulty and fees, not the price"
    )
    pool_fee_share: Share = Field(description="share of revenue the pool keeps: 0.02 is 2 %")
    machine_price_decline_share_per_year: Decline = Field(
        0.0, description="how fast machine prices per TH/s fall: 0.25 is a quarter a year"
    )
    machine_prices: MachinePricePaths | None = Field(
        None, description="prices of machines by hashprice or by a table, in place of the decline above"
    )
    treasury_share: Treasury = Field(
        0.0, description="share of the mined coins that is kept, or steps of {from, share}"
    )
    treasury_price_at_end_usd: Annotated[Quantity, Field(gt=0)] | None = Field(
        None, description="USD per coin kept, at the end; left out: the path's price on the last day"
    )

    @model_validator(mode="after")
    def _says_each_path_once(self) -> Self:
        self._one_of(
            "how the bitcoin price goes on",
            ("btc_price_growth_share_per_year", "btc_price_usd"),
            "btc_price_growth_share_per_year (0 keeps it flat; beside btc_price_forward it holds after the "
            "last quote)",
        )
        self._one_of("two paths of the price", ("btc_price_usd", "btc_price_forward"))
        self._one_of("two hashprices", ("hashprice_usd_per_ths_day", "hashprice_btc_per_phs_day"))
        network = ("network_growth_share_per_year", "network_difficulty", "network_hashrate_ehs")
        needs_network = not (
            self._gives("hashprice_usd_per_ths_day") or self._gives("hashprice_btc_per_phs_day")
        )
        self._one_of(
            "how the network goes on", network, f"{network[0]} (0 keeps it level)" if needs_network else None
        )
        self._one_of(
            "how prices of machines go on",
            ("machine_price_decline_share_per_year", "machine_prices"),
            "machine_price_decline_share_per_year, e.g. 0.25",
        )
        return self

    @model_validator(mode="after")
    def _treasury_steps_are_in_order(self) -> Self:
        steps = self.treasury_share if isinstance(self.treasury_share, tuple) else ()
        months = [step.from_month for step in steps]
        if months != sorted(set(months)):
            raise refusal(
                "has treasury_share steps out of order or of the same month",
                "write each month once, in order",
            )
        return self

    def _one_of(self, what: str, keys: Sequence[str], add: str | None = None) -> None:
        given = [key for key in keys if self._gives(key)]
        if len(given) > 1:
            raise refusal(f"gives both {given[0]} and {given[1]}", f"keep one of them: {what}")
        if add is not None and not any(self._says(key) for key in keys):
            raise refusal(f"does not say {what}", f"add {add}, or one of {', '.join(keys[1:])}")

    def _says(self, key: str) -> bool:
        return key in self.model_fields_set and getattr(self, key) is not None

    def _gives(self, key: str) -> bool:
        """Whether a key says more than its default: what was dumped has every key, and can be read again."""
        return self._says(key) and getattr(self, key) != type(self).model_fields[key].default

    def faults(self, months: Sequence[str], start_month: str | None) -> Iterator[Fault]:
        """What is wrong between the rows of tables, in which every one of `months` must be.

        `start_month` None: not known, and what lies before it is not looked for.
        """
        for place in TABLES:
            rows = self._table(place)
            where = ("market", *place)
            if place == ("btc_price_forward",):
                yield from quote_faults(where, rows, start_month)
            elif rows:
                # A hashprice given directly does not go on from the start.
                begins = None if place == ("hashprice_usd_per_ths_day",) else start_month
                yield from month_faults(where, [row.month for row in rows], months, begins)

    def _table(self, place: tuple[str, ...]) -> tuple[Any, ...]:
        value: Any = self
        for key in place:
            value = getattr(value, key, None)
        return value if isinstance(value, tuple) else ()
