"""Figures that are allowed but hardly meant: a unit that slipped, a rate of another decade."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from optimizer.sections.fleet import Lot, Machine
from optimizer.sections.horizon import CurrencyTerms, Finance, Horizon, month_number, month_start
from optimizer.sections.market import Market, StartPoint

RATE_STALE_AFTER_DAYS = 365
USUAL = {
    "energy price, USD/kWh": (0.0005, 1.0),
    "hashprice, USD per TH/s and day": (0.003, 1.0),
    "bitcoin price, USD": (1_000.0, 10_000_000.0),
    "difficulty": (1e12, 1e16),
    "yearly growth, as a share": (-0.9, 3.0),
    "yearly discount rate, as a share": (0.0, 1.0),
    "hashprice, BTC per PH/s and day": (1e-5, 2e-2),
    "resale price, USD per TH/s": (0.05, 150.0),
    "book value of one machine, USD": (1.0, 40_000.0),
}


def _unusual(what: str, quantity: str, value: float) -> Iterator[str]:
    low, high = USUAL[quantity]
    if not low <= value <= high:
        yield f"{what}: {quantity} of {value:g} is outside {low:g} to {high:g}; check its unit"


def price_oddities(name: str, energy_usd_per_kwh: float) -> Iterator[str]:
    """A price per MWh given per kWh; nothing at all is a price."""
    if energy_usd_per_kwh:
        yield from _unusual(f"tariff {name!r}", "energy price, USD/kWh", energy_usd_per_kwh)


def market_oddities(market: Market) -> Iterator[str]:
    """Percent given as shares, a hashprice per PH/s, a price in thousands."""
    for key in ("btc_price_growth_share_per_year", "network_growth_share_per_year"):
        yield from _unusual(f"market.{key}", "yearly growth, as a share", getattr(market, key) or 0.0)
    prices = [row.btc_price_usd for row in market.btc_price_usd or ()]
    prices += [quote.btc_price_usd for quote in market.btc_price_forward or ()]
    for price in prices:
        yield from _unusual("market", "bitcoin price, USD", price)
    for each in market.network_difficulty or ():
        yield from _unusual("market", "difficulty", each.network_difficulty)
    if isinstance(market.start, StartPoint):
        yield from _unusual("market.start", "bitcoin price, USD", market.start.btc_price_usd)
        yield from _unusual("market.start", "difficulty", market.start.difficulty)
    given = market.hashprice_usd_per_ths_day
    values = (
        [given] if isinstance(given, float | int) else [row.hashprice_usd_per_ths_day for row in given or ()]
    )
    for value in values:
        yield from _unusual("market", "hashprice, USD per TH/s and day", value)
    in_btc = market.hashprice_btc_per_phs_day
    btc = [row.hashprice_btc_per_phs_day for row in in_btc] if isinstance(in_btc, tuple) else [in_btc]
    for value in (each for each in btc if each is not None):
        yield from _unusual("market", "hashprice, BTC per PH/s and day", value)
    if market.treasury_price_at_end_usd is not None:
        what, price = "market.treasury_price_at_end_usd", market.treasury_price_at_end_usd
        yield from _unusual(what, "bitcoin price, USD", price)


def machine_oddities(section: str, machine: Machine) -> Iterator[str]:
    """A price per machine given per TH/s, the books of a whole lot for one machine; nothing is a price."""
    told = f"{section} {machine.id!r}"
    if machine.resale_usd_per_ths:
        yield from _unusual(told, "resale price, USD per TH/s", machine.resale_usd_per_ths)
    if isinstance(machine, Lot) and machine.book_value_usd:
        yield from _unusual(told, "book value of one machine, USD", machine.book_value_usd)


def finance_oddities(finance: Finance) -> Iterator[str]:
    """Percent given as a share."""
    rate = finance.discount_rate_share_per_year
    yield from _unusual("finance", "yearly discount rate, as a share", rate)


def rate_oddities(currency: CurrencyTerms, horizon: Horizon) -> Iterator[str]:
    """Exchange rates from long before the plan begins, or from after."""
    start: date = month_start(month_number(horizon.start))
    for code, rate in currency.fx.items():
        age = (start - rate.date).days
        if age > RATE_STALE_AFTER_DAYS:
            yield f"the {code} rate is of {rate.date}, {age} days before the plan begins"
        elif age < 0:
            yield f"the {code} rate is of {rate.date}, after the plan begins; that is a guess"
