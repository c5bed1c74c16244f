"""What mining pays: bitcoin price, network, fees, or a hashprice given directly."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo

from optimizer.sections.base import (
    Cost,
    Growth,
    Month,
    NotNegative,
    Number,
    Positive,
    Section,
    Share,
    Text,
    refusal,
)


class StartPoint(Section):
    """The network in one past month, from which price and difficulty grow."""

    month: Month = Field(description="month of the figures")
    btc_price_usd: Positive = Field(description="mean bitcoin price of the month, USD")
    difficulty: Positive = Field(description="mean network difficulty of the month, e.g. 127.1e12")
    fees_btc_per_block: NotNegative = Field(description="mean transaction fees per block, BTC")
    source: Text = Field(description="where the figures were read")


class MonthlyHashprice(Section):
    month: Month = Field(description="month that the hashprice holds for, e.g. 2026-12")
    hashprice_usd_per_ths_day: Cost = Field(
        description="income per TH/s and day before the pool's fee, e.g. '32.5 USD/PH/day'"
    )


class _OneHashprice(Section):
    hashprice_usd_per_ths_day: Cost


def _bundled_or_point(value: Any, info: ValidationInfo) -> Any:
    if value == "bundled" or isinstance(value, StartPoint):
        return value
    if isinstance(value, dict):
        return StartPoint.model_validate(value, context=info.context)
    raise refusal(
        "is neither 'bundled' nor a starting point",
        "write 'bundled' for the newest month that comes with Rigshift, or month, btc_price_usd, difficulty, "
        "fees_btc_per_block and source",
    )


def _one_or_monthly(value: Any, info: ValidationInfo) -> Any:
    if value is None or isinstance(value, list | tuple):
        return value
    if isinstance(value, dict):
        raise refusal(
            "is a mapping",
            "write one number, a list of {month, hashprice_usd_per_ths_day} or {file: hashprice.csv}",
        )
    return _OneHashprice.model_validate(
        {"hashprice_usd_per_ths_day": value}, context=info.context
    ).hashprice_usd_per_ths_day


START_SCHEMA = {"anyOf": [{"const": "bundled"}, {"$ref": "#/$defs/StartPoint"}]}


class Market(Section):
    """The path of the hashprice and of machine prices."""

    start: Annotated[Literal["bundled"] | StartPoint, BeforeValidator(_bundled_or_point)] = Field(
        description="'bundled' (newest month that comes with Rigshift) or the figures of a month"
    )
    btc_price_growth_share_per_year: Growth = Field(description="0.1 is +10 % a year; 0 keeps the price flat")
    network_growth_share_per_year: Growth = Field(
        description="growth of the network's hashrate, share a year"
    )
    fees_btc_per_block: NotNegative | None = Field(
        None, description="BTC per block; left out: the starting point's"
    )
    hashprice_usd_per_ths_day: Annotated[
        Number | tuple[MonthlyHashprice, ...] | None, BeforeValidator(_one_or_monthly)
    ] = Field(
        None, description="income per TH/s and day, given directly: replaces price, difficulty and fees"
    )
    pool_fee_share: Share = Field(description="share of revenue the pool keeps: 0.02 is 2 %")
    machine_price_decline_share_per_year: Annotated[Share, Field(lt=1)] = Field(
        description="how fast machine prices per TH/s fall: 0.25 is a quarter a year"
    )
