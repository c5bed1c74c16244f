"""From a study's market to its path, the prices of machines, and what is kept in bitcoin."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from optimizer import market
from optimizer.config import Market, Study
from optimizer.errors import ConfigError
from optimizer.market import Floats, MarketPath, MarketPoint
from optimizer.sections.horizon import Period
from optimizer.sections.machine_prices import MachinePricePaths, MachinePrices
from optimizer.sections.market import StartPoint

REFRESH = "run `rigshift market refresh FILE` with a file that you downloaded, or write bundled"


def market_of(study: Study, periods: Sequence[Period]) -> tuple[MarketPoint, MarketPath]:
    """The month that the market starts from, and its path over the periods.

    Raises ConfigError for tables with months lacking, given twice or before the start, and for a refreshed
    copy that is not there; ValueError for a horizon before the start.
    """
    start = market_start(study)
    months = [month for period in periods for month in period.month_names()]
    faults = [study.problem_at(*fault) for fault in study.market.faults(months, start.month)]
    if faults:
        raise ConfigError(faults)
    return start, _path(study.market, start, _bounds(periods))


def market_start(study: Study) -> MarketPoint:
    """The bundled month, the newest of the user's copy, or the study's own. Raises ConfigError."""
    stated = study.market.start
    if isinstance(stated, StartPoint):
        return _own(stated)
    return market.bundled_start() if stated == "bundled" else _refreshed(study)


def market_notes(start: MarketPoint, first_day: datetime.date) -> list[str]:
    """What a reader of the plan must know of the start's age."""
    age = start.age_days(first_day)
    if age <= market.STALE_AFTER_DAYS:
        return []
    return [
        f"market figures are {age} days old on {first_day} "
        f"({start.month}, {start.btc_price_usd:,.0f} USD/BTC); give newer ones in market.start"
    ]


def treasury_share(terms: Market, periods: Sequence[Period]) -> Floats:
    """Share of the mined coins that is kept, mean over the days of each period, shape (m)."""
    if not isinstance(terms.treasury_share, tuple):
        return np.full(len(periods), float(terms.treasury_share))
    months = {month for period in periods for month in period.month_names()}
    steps = [(step.from_month, step.share) for step in terms.treasury_share]
    held = {month: next((s for since, s in reversed(steps) if since <= month), 0.0) for month in months}
    return market.day_weighted(held, _bounds(periods))


def end_btc_price_usd(terms: Market, path: MarketPath) -> float:
    """What a coin that was kept is worth at the horizon's end."""
    stated = terms.treasury_price_at_end_usd
    return path.end_btc_price_usd if stated is None else stated


def machine_price_factors(
    study: Study,
    periods: Sequence[Period],
    start: MarketPoint,
    path: MarketPath,
    j_per_th: Floats,
    today_usd_per_ths: Floats,
) -> tuple[Floats, Floats]:
    """Prices relative to today's of machines sold, and of machines ordered; each (l, m).

    `today_usd_per_ths` (l) is the resale price of each machine today. Raises ConfigError.
    """
    paths, bounds = study.market.machine_prices, _bounds(periods)
    if paths is None:
        terms = market.ByTime(study.market.machine_price_decline_share_per_year)
        both = market.machine_value_factor(bounds, path, j_per_th, terms, today_usd_per_ths)
        return both, both
    reference = _reference_usd_per_ths_day(study.market, start, path)
    try:
        resale, new = (
            market.machine_value_factor(
                bounds, path, j_per_th, price_terms(each, reference), today_usd_per_ths
            )
            for each in (paths.resale, _of_new(paths))
        )
    except ValueError as error:
        remedy = "give every class that the study has machines in, for every month of the horizon"
        raise ConfigError(
            [study.problem_at(("market", "machine_prices"), None, str(error), remedy)]
        ) from error
    return resale, new


def _reference_usd_per_ths_day(terms: Market, start: MarketPoint, path: MarketPath) -> float:
    """The hashprice that today's prices of machines go with: a path that is stated begins with its own."""
    stated = (terms.hashprice_usd_per_ths_day, terms.hashprice_btc_per_phs_day)
    if any(each is not None for each in stated) and path.hashprice_usd_per_ths_day[0] > 0:
        return float(path.hashprice_usd_per_ths_day[0])
    return start.hashprice_usd_per_ths_day


def price_terms(prices: MachinePrices, reference_usd_per_ths_day: float) -> market.PriceTerms:
    """The terms as the market's arithmetic takes them; what is left out is the bundled estimate.

    ``reference_usd_per_ths_day`` is the hashprice at which today's prices were made.
    """
    if prices.by == "time":
        return market.ByTime(prices.decline_share_per_year or 0.0)
    if prices.by == "table":
        columns = {name: _column(prices, name) for name in market.CLASSES}
        return market.ByTable({name: values for name, values in columns.items() if values})
    bundled = market.resale_classes()
    own = [getattr(prices.elasticity, each.name, None) for each in bundled]
    scrap = prices.scrap_usd_per_ths
    return market.ByHashprice(
        tuple(each.elasticity if e is None else e for each, e in zip(bundled, own, strict=True)),
        tuple(each.scrap_usd_per_ths if scrap is None else scrap for each in bundled),
        reference_usd_per_ths_day,
        prices.lag_months or 0,
        prices.decline_share_per_year or 0.0,
    )


def _column(prices: MachinePrices, name: str) -> Mapping[str, float]:
    rows = ((row.month, getattr(row, f"{name}_usd_per_ths")) for row in prices.table or ())
    return {month: value for month, value in rows if value is not None}


def _of_new(paths: MachinePricePaths) -> MachinePrices:
    return paths.resale if paths.new is None else paths.new


def _own(stated: StartPoint) -> MarketPoint:
    block = None
    if stated.height is not None and stated.height_date is not None:
        block = market.Block(stated.height, stated.height_date)
    return market.point(
        stated.month,
        stated.btc_price_usd,
        stated.difficulty,
        stated.fees_btc_per_block,
        stated.source,
        block=block,
    )


def _refreshed(study: Study) -> MarketPoint:
    """The newest month of the user's copy, which must still be the one that the study was read with."""
    where, path = ("market", "start"), market.copy_path()
    try:
        copy = market.user_copy()
        points = () if copy is None else market.read_history(copy.text)
    except (OSError, ValueError, KeyError) as error:
        rule = f"means {path}, which cannot be read: {error}"
        raise ConfigError([study.problem_at(where, "refreshed", rule, REFRESH)]) from error
    if copy is None or not points:
        rule = f"means your own copy, but there is none at {path}"
        raise ConfigError([study.problem_at(where, "refreshed", rule, REFRESH)])
    if copy.sha256 not in {source.sha256 for source in study.source_files}:
        rule = f"means {path}, which has changed since the study was read"
        raise ConfigError([study.problem_at(where, "refreshed", rule, "read the study again")])
    return points[-1]


def _bounds(periods: Sequence[Period]) -> list[market.Period]:
    return [(period.first_day, period.day_after_last) for period in periods]


def _path(terms: Market, start: MarketPoint, bounds: list[market.Period]) -> MarketPath:
    market.check_horizon(start, bounds)
    price = _price(terms, start)
    in_usd, in_btc = terms.hashprice_usd_per_ths_day, terms.hashprice_btc_per_phs_day
    if in_btc is not None:
        return market.btc_hashprice_path(bounds, price, _curve(in_btc, "hashprice_btc_per_phs_day"))
    if isinstance(in_usd, tuple):
        by_month = _by_month(in_usd, "hashprice_usd_per_ths_day")
        return market.usd_hashprice_path(bounds, price, market.day_weighted(by_month, bounds))
    if in_usd is not None:
        return market.usd_hashprice_path(bounds, price, np.full(len(bounds), float(in_usd)))
    difficulty = _difficulty(terms, start)
    fees = start.fees_btc_per_block if terms.fees_btc_per_block is None else terms.fees_btc_per_block
    halvings = _halvings(terms, start, difficulty, market.last_day(bounds))
    return market.network_path(bounds, price, difficulty, _curve(fees, "fees_btc_per_block"), halvings)


def _price(terms: Market, start: MarketPoint) -> market.Curve:
    growth = terms.btc_price_growth_share_per_year
    if terms.btc_price_usd:
        return market.ByMonth(_by_month(terms.btc_price_usd, "btc_price_usd"))
    if terms.btc_price_forward:
        quotes = {quote.date.toordinal() + 0.5: quote.btc_price_usd for quote in terms.btc_price_forward}
        return market.Quoted({start.middle: start.btc_price_usd, **quotes}, growth)
    return market.growing_price(start, growth)


def _difficulty(terms: Market, start: MarketPoint) -> market.Curve:
    known = (start.middle, start.difficulty)
    if terms.network_difficulty:
        return market.ByMonth(_by_month(terms.network_difficulty, "network_difficulty"), known)
    if terms.network_hashrate_ehs:
        hashrate = _by_month(terms.network_hashrate_ehs, "network_hashrate_ehs")
        return market.ByMonth({month: market.difficulty_of(ehs) for month, ehs in hashrate.items()}, known)
    return market.growing_difficulty(start, terms.network_growth_share_per_year)


def _halvings(
    terms: Market, start: MarketPoint, difficulty: market.Curve, until: datetime.date
) -> market.Days:
    """Days of the halvings as the study has them counted, from the start's own block where it gives one."""
    if isinstance(terms.halving, datetime.date):
        return market.halving_days(until, next_day=terms.halving)
    if terms.halving == "pace":
        return market.halving_days(until, start.block or market.known_block(start.last_day), difficulty)
    return market.halving_days(until, start.block)


def next_halving(terms: Market, start: MarketPoint) -> datetime.date:
    """The day of the next halving as the study has it counted."""
    days = _halvings(terms, start, _difficulty(terms, start), start.last_day)
    return datetime.date.fromordinal(int(days[-1]))


def _curve(value: float | tuple[Any, ...], key: str) -> market.Curve:
    return market.ByMonth(_by_month(value, key)) if isinstance(value, tuple) else market.level(value)


def _by_month(rows: Sequence[Any], key: str) -> dict[str, float]:
    return {row.month: float(getattr(row, key)) for row in rows}
