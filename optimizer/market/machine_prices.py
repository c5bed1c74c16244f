"""What machines sell for over time: by age alone, with the hashprice by class of efficiency, or by a table.

Factors are relative to the price of today, which the fleet, the catalogue or an offer states. The bundled
elasticities are own estimates from very few quotes.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from optimizer.market.days import (
    DAYS_PER_YEAR,
    Days,
    Floats,
    Period,
    by_month_on,
    days_of,
    mean_of_periods,
    middles,
    month_text,
    months_of,
)
from optimizer.market.path import MarketPath

CLASSES = ("under_16", "from_16", "from_20", "from_25", "from_32")  # J/TH
CLASS_STARTS_J_PER_TH = (16.0, 20.0, 25.0, 32.0)


@dataclass(frozen=True)
class ResaleClass:
    """How the prices of one class of efficiency follow the hashprice, and how far we trust it."""

    name: str
    elasticity: float  # per cent of price for each per cent of hashprice
    scrap_usd_per_ths: float  # for parts and metal
    basis: str
    source: str
    confidence: str


@dataclass(frozen=True)
class ByTime:
    """Prices fall by the same share every year, whatever the market does."""

    decline_share_per_year: float

    def __post_init__(self) -> None:
        _check_decline(self.decline_share_per_year)


@dataclass(frozen=True)
class ByHashprice:
    """Prices follow the hashprice by class, never below scrap; the yearly decline comes on top, for age."""

    elasticity: tuple[float, ...]  # by class
    scrap_usd_per_ths: tuple[float, ...]  # by class
    reference_hashprice_usd_per_ths_day: float  # at which today's prices were made
    lag_months: int = 0
    decline_share_per_year: float = 0.0

    def __post_init__(self) -> None:
        _check_decline(self.decline_share_per_year)


@dataclass(frozen=True, eq=False)
class ByTable:
    """Prices move as those of their class in a table by month; the level is that of today's own price."""

    usd_per_ths: Mapping[str, Mapping[str, float]]  # by class, then by month


PriceTerms = ByTime | ByHashprice | ByTable


@cache
def resale_classes() -> tuple[ResaleClass, ...]:
    """The bundled elasticities and scrap values, from the most efficient class on."""
    text = (files("optimizer") / "data" / "resale_classes.csv").read_text(encoding="utf-8")
    return tuple(
        ResaleClass(
            row["class"],
            float(row["elasticity"]),
            float(row["scrap_usd_per_ths"]),
            row["basis"],
            row["source"],
            row["confidence"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def efficiency_class(j_per_th: Floats) -> Days:
    """Number of the class in CLASSES of each machine; 16.0 J/TH is in `from_16`."""
    return np.searchsorted(CLASS_STARTS_J_PER_TH, j_per_th, side="right").astype(np.int64)


def machine_price_factor(period_bounds: Sequence[Period], decline_share_per_year: float) -> Floats:
    """Machine price relative to the first period's first day, mean over each period's days, shape (m)."""
    _check_decline(decline_share_per_year)
    days = days_of(period_bounds)
    return mean_of_periods(_aged(days, decline_share_per_year), period_bounds)


def machine_value_factor(
    period_bounds: Sequence[Period],
    path: MarketPath,
    j_per_th: Floats,
    terms: PriceTerms,
    today_usd_per_ths: Floats,
) -> Floats:
    """Price of each machine relative to its price today, mean over each period's days, shape (l, m).

    `today_usd_per_ths` (l) is only needed for the floor: a price below scrap today never falls further.
    Raises ValueError for a table without a class or month that is needed.
    """
    match terms:
        case ByTime():
            factor = machine_price_factor(period_bounds, terms.decline_share_per_year)
            return np.tile(factor, (len(j_per_th), 1))
        case ByHashprice():
            return _by_hashprice(period_bounds, path, j_per_th, terms, today_usd_per_ths)
        case ByTable():
            return _by_table(period_bounds, j_per_th, terms)


def _by_hashprice(
    period_bounds: Sequence[Period], path: MarketPath, j_per_th: Floats, terms: ByHashprice, today: Floats
) -> Floats:
    days, which = days_of(period_bounds), efficiency_class(j_per_th)
    relative = _lagged(period_bounds, path, terms.lag_months) / terms.reference_hashprice_usd_per_ths_day
    followed = relative[None, :] ** np.array(terms.elasticity)[which][:, None]
    daily = followed * _aged(days, terms.decline_share_per_year)
    scrap = np.array(terms.scrap_usd_per_ths)[which]
    floor = np.divide(scrap, today, out=np.zeros(len(today)), where=today > 0)
    return mean_of_periods(np.maximum(daily, np.minimum(floor, 1.0)[:, None]), period_bounds)


def _lagged(period_bounds: Sequence[Period], path: MarketPath, lag_months: int) -> Floats:
    """Hashprice of the period in which the month so many months earlier lies, for each day.

    Months before the horizon have the first period's.
    """
    days = days_of(period_bounds)
    months = months_of(middles(days))
    by_day = np.repeat(path.hashprice_usd_per_ths_day, [(b - a).days for a, b in period_bounds])
    by_month = dict(zip(months.tolist(), by_day.tolist(), strict=True))
    first = min(by_month)
    return np.array([by_month[max(month - lag_months, first)] for month in months.tolist()])


def _by_table(period_bounds: Sequence[Period], j_per_th: Floats, terms: ByTable) -> Floats:
    times = middles(days_of(period_bounds))
    first = month_text(int(months_of(times[:1])[0]))
    rows = []
    for number in efficiency_class(j_per_th).tolist():
        values = terms.usd_per_ths.get(CLASSES[number])
        if values is None:
            raise ValueError(f"the table of machine prices has no {CLASSES[number]}, in which machines are")
        rows.append(mean_of_periods(by_month_on(values, times), period_bounds) / values[first])
    return np.array(rows).reshape(len(j_per_th), len(period_bounds))


def _aged(days: Days, decline_share_per_year: float) -> Floats:
    aged: Floats = (1 - decline_share_per_year) ** ((middles(days) - float(days[0])) / DAYS_PER_YEAR)
    return aged


def _check_decline(share_per_year: float) -> None:
    if not 0 <= share_per_year < 1:
        raise ValueError(f"machine price decline is {share_per_year} a year; it must be in [0, 1)")
