"""Paths of a market that grows in one way, as most tests want them."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer import market
from optimizer.market import MarketPath, MarketPoint, Period


def project(
    start: MarketPoint,
    bounds: Sequence[Period],
    price_growth: float,
    network_growth: float,
    fees_btc_per_block: float | None = None,
) -> MarketPath:
    """Price and difficulty grow by so much a year from the start; fees stay the start's unless given."""
    market.check_horizon(start, bounds)
    return market.network_path(
        bounds,
        market.growing_price(start, price_growth),
        market.growing_difficulty(start, network_growth),
        market.level(start.fees_btc_per_block if fees_btc_per_block is None else fees_btc_per_block),
        market.halving_days(market.last_day(bounds)),
    )
