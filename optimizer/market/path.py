"""The market over a horizon: means over the days of each period, made of price, difficulty and fees."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from optimizer.market.curves import Curve, Growing
from optimizer.market.days import Days, Floats, Period, days_of, mean_of_periods, middles
from optimizer.market.halvings import subsidies_btc
from optimizer.market.points import MarketPoint, blocks_per_ths_day

THS_PER_PHS = 1000.0


@dataclass(frozen=True, eq=False)
class MarketPath:
    """Means over the days of each period, shape (m). Arrays are read-only.

    Hashprice is the mean of the daily hashprice, not the hashprice of the mean price and difficulty.
    `difficulty` and `reward_btc_per_block` are None when the hashprice was given directly.
    """

    btc_price_usd: Floats  # (m)
    hashprice_usd_per_ths_day: Floats  # (m)
    btc_per_ths_day: Floats  # (m)
    end_btc_price_usd: float  # on the last day of the horizon
    difficulty: Floats | None = None  # (m)
    reward_btc_per_block: Floats | None = None  # (m) subsidy plus fees

    def __post_init__(self) -> None:
        for field in fields(self):
            values = getattr(self, field.name)
            if isinstance(values, np.ndarray):
                values.setflags(write=False)


def given(
    hashprice_usd_per_ths_day: Floats,
    start: MarketPoint,
    period_bounds: Sequence[Period],
    btc_price_growth_share_per_year: float,
) -> MarketPath:
    """A path from a hashprice stated per period, shape (m), and a growing bitcoin price.

    Raises ValueError when the shape differs from the periods or a value is negative or not finite.
    """
    check_horizon(start, period_bounds)
    price = growing_price(start, btc_price_growth_share_per_year)
    return usd_hashprice_path(period_bounds, price, hashprice_usd_per_ths_day)


def network_path(
    period_bounds: Sequence[Period], price: Curve, difficulty: Curve, fees: Curve, halvings: Days
) -> MarketPath:
    """The path that price, difficulty, fees per block and the days of halvings make."""
    days = days_of(period_bounds)
    times = middles(days)
    daily_price, daily_difficulty = price.at(times), difficulty.at(times)
    reward = subsidies_btc(days, halvings) + fees.at(times)
    btc_per_ths_day = reward * blocks_per_ths_day(1.0) / daily_difficulty
    return MarketPath(
        btc_price_usd=mean_of_periods(daily_price, period_bounds),
        hashprice_usd_per_ths_day=mean_of_periods(btc_per_ths_day * daily_price, period_bounds),
        btc_per_ths_day=mean_of_periods(btc_per_ths_day, period_bounds),
        end_btc_price_usd=float(daily_price[-1]),
        difficulty=mean_of_periods(daily_difficulty, period_bounds),
        reward_btc_per_block=mean_of_periods(reward, period_bounds),
    )


def usd_hashprice_path(
    period_bounds: Sequence[Period], price: Curve, hashprice_usd_per_ths_day: Floats
) -> MarketPath:
    """A path from a hashprice stated per period, shape (m), instead of price over difficulty.

    Bitcoin are still counted: hashprice divided by the mean bitcoin price. Money never depends on that price.
    """
    hashprice = np.array(hashprice_usd_per_ths_day, dtype=np.float64)
    if hashprice.shape != (len(period_bounds),):
        raise ValueError(f"hashprice has shape {hashprice.shape}, but there are {len(period_bounds)} periods")
    if not np.all(np.isfinite(hashprice) & (hashprice >= 0)):
        raise ValueError("hashprice_usd_per_ths_day must be finite and not negative in every period")
    daily = price.at(middles(days_of(period_bounds)))
    mean_price = mean_of_periods(daily, period_bounds)
    return MarketPath(mean_price, hashprice, hashprice / mean_price, float(daily[-1]))


def btc_hashprice_path(
    period_bounds: Sequence[Period], price: Curve, hashprice_btc_per_phs_day: Curve
) -> MarketPath:
    """A path from a hashprice in bitcoin: each day's is multiplied by that day's price."""
    times = middles(days_of(period_bounds))
    daily, btc = price.at(times), hashprice_btc_per_phs_day.at(times) / THS_PER_PHS
    return MarketPath(
        mean_of_periods(daily, period_bounds),
        mean_of_periods(btc * daily, period_bounds),
        mean_of_periods(btc, period_bounds),
        float(daily[-1]),
    )


def growing_price(start: MarketPoint, share_per_year: float) -> Growing:
    return Growing(start.btc_price_usd, start.middle, share_per_year, "bitcoin price")


def growing_difficulty(start: MarketPoint, share_per_year: float) -> Growing:
    return Growing(start.difficulty, start.middle, share_per_year, "network")


def level(value: float) -> Growing:
    """A figure that stays as it is."""
    return Growing(value, 0.0, 0.0)


def check_horizon(start: MarketPoint, period_bounds: Sequence[Period]) -> None:
    """Raises ValueError for a period without days or before the start."""
    first = date.fromordinal(int(days_of(period_bounds).min()))
    if first < start.first_day:
        raise ValueError(f"the horizon begins on {first}, before the market's start, {start.month}")


def last_day(period_bounds: Sequence[Period]) -> date:
    return date.fromordinal(int(days_of(period_bounds).max()))
