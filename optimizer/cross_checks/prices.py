"""Prices of power, of coins and of currencies: they cover the horizon and follow a rate that is known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optimizer.config import CurrencyTerms, Horizon, Market
from optimizer.cross_checks.draft import Draft, Finding, Where, nearest
from optimizer.tariffs import Hourly, price_file_of


def currency_is_known(draft: Draft) -> Iterator[Finding]:
    terms = draft.whole.get("currency")
    if isinstance(terms, CurrencyTerms) and terms.reporting != "USD" and terms.reporting not in terms.fx:
        remedy = f"add currency.fx.{terms.reporting} with per_usd, date and source, or report in USD"
        yield Finding(
            ("currency", "reporting"), terms.reporting, "has no exchange rate in this study", remedy
        )


def currencies_are_known(draft: Draft) -> Iterator[Finding]:
    """The currency that a contract or a site follows has a rate in the study."""
    terms = draft.whole.get("currency")
    if not isinstance(terms, CurrencyTerms):
        return
    used: list[tuple[Where, str]] = [
        (("tariffs", name), tariff.currency) for name, tariff in draft.tariffs.items()
    ]
    used += [(("sites", i), site.currency) for i, site in draft.sites.items()]
    for where, code in used:
        if code != "USD" and code not in terms.fx:
            remedy = f"add currency.fx.{code} with per_usd, date and source; {nearest(code, terms.fx)}"
            yield Finding((*where, "currency"), code, "has no exchange rate in this study", remedy)


def prices_cover_the_horizon(draft: Draft) -> Iterator[Finding]:
    horizon = draft.whole.get("horizon")
    if not isinstance(horizon, Horizon):
        return
    periods = horizon.periods()
    first, after = periods[0].first_day, periods[-1].day_after_last
    for name, tariff in draft.tariffs.items():
        named = price_file_of(tariff)
        if named is None:
            continue
        place: Where = ("tariffs", name) if isinstance(tariff, Hourly) else ("tariffs", name, "index")
        if named.reference_year is None and not named.series.covers_days(first, after):
            rule = f"covers {named.series.said()}, not all of {horizon.start} to {horizon.last_month}"
            remedy = "give a longer file, a shorter horizon, or a reference_year to repeat"
            yield Finding((*place, "file"), named.file, rule, remedy)
        elif named.reference_year is not None and not named.series.covers_year(named.reference_year):
            rule = f"is not covered in full by {named.file}, which has {named.series.said()}"
            remedy = "name a year that the file has from end to end"
            yield Finding((*place, "reference_year"), named.reference_year, rule, remedy)
    market = draft.whole.get("market")
    if isinstance(market, Market):
        months = [month for period in periods for month in period.month_names()]
        yield from (Finding(*fault) for fault in market.faults(months, None))


def moving_rates_left_still(draft: Draft) -> Iterator[str]:
    """Contracts written in a currency that moves in the study, without saying that they follow it."""
    terms = draft.whole["currency"]
    moving = [code for code, rate in terms.fx.items() if rate.path or rate.change_share_per_year]
    for section, entries in (("tariff", draft.tariffs), ("site", {s.id: s for s in draft.sites.values()})):
        for name, entry in entries.items():
            written = _written_of(draft, section, name)
            for code in moving:
                if entry.currency != code and re.search(rf"\b[kM]?\s?{code}\b", written):
                    what = f"{section} {name!r} is written in {code}, whose rate moves in this study"
                    yield f"{what}, but stays at today's rate; add currency: {code}"


def _written_of(draft: Draft, section: str, name: str) -> str:
    """All texts of a tariff or site as they stand in the study."""
    if section == "tariff":
        return str(draft.written.get("tariffs", {}).get(name, ""))
    entries = draft.written.get("sites", ())
    return next((str(each) for each in entries if isinstance(each, dict) and each.get("id") == name), "")
