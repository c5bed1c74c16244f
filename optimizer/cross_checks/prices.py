"""Prices of power, of coins and of currencies: they cover the horizon and follow a rate that is known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optimizer.config import CurrencyTerms, Horizon, Market, Operator
from optimizer.cross_checks.draft import Draft, Finding, Where, nearest
from optimizer.tariffs import Hourly, PriceFile, price_file_of
from optimizer.tariffs.hourly import LONGER

HOURS_BETWEEN_CLOCKS = 24  # no clock is further from UTC


def currency_is_known(draft: Draft) -> Iterator[Finding]:
    terms = draft.whole.get("currency")
    if isinstance(terms, CurrencyTerms) and terms.reporting != "USD" and terms.reporting not in terms.fx:
        remedy = f"add currency.fx.{terms.reporting} with per_usd, date and source, or report in USD"
        yield Finding(
            ("currency", "reporting"), terms.reporting, "has no exchange rate in this study", remedy
        )


def currencies_are_known(draft: Draft) -> Iterator[Finding]:
    """The currency that a contract, a site, an overhead or a licence follows has a rate in the study."""
    terms = draft.whole.get("currency")
    if not isinstance(terms, CurrencyTerms):
        return
    used: list[tuple[Where, str]] = [
        (("tariffs", name), tariff.currency) for name, tariff in draft.tariffs.items()
    ]
    used += [(("sites", i), site.currency) for i, site in draft.sites.items()]
    used += [(("overheads", i), cost.currency) for i, cost in enumerate(draft.whole.get("overheads", ()))]
    operator = draft.whole.get("operator")
    licences = operator.licences if isinstance(operator, Operator) else ()
    used += [(("operator", "licences", i), licence.currency) for i, licence in enumerate(licences)]
    for where, code in used:
        if code != "USD" and code not in terms.fx:
            remedy = f"add currency.fx.{code} with per_usd, date and source; {nearest(code, terms.fx)}"
            yield Finding((*where, "currency"), code, "has no exchange rate in this study", remedy)


def prices_cover_the_horizon(draft: Draft) -> Iterator[Finding]:
    horizon = draft.whole.get("horizon")
    if not isinstance(horizon, Horizon):
        return
    periods = horizon.periods()
    for name, tariff in draft.tariffs.items():
        named = price_file_of(tariff)
        if named is None:
            continue
        place: Where = ("tariffs", name) if isinstance(tariff, Hourly) else ("tariffs", name, "index")
        if named.reference_year is None:
            yield from _file_covers(draft, name, named, horizon, (*place, "file"))
        elif not named.series.covers_year(named.reference_year):
            rule = f"is not covered in full by {named.file}, which has {named.series.said()}"
            remedy = "name a year that the file has from end to end"
            yield Finding((*place, "reference_year"), named.reference_year, rule, remedy)
    market = draft.whole.get("market")
    if isinstance(market, Market):
        months = [month for period in periods for month in period.month_names()]
        yield from (Finding(*fault) for fault in market.faults(months, None))


def _file_covers(
    draft: Draft, tariff: str, named: PriceFile, horizon: Horizon, where: Where
) -> Iterator[Finding]:
    """The days of the plan on the clock of every site with the tariff; where a site leaves its clock to its
    region, `prepare` says the last word and a day may lack here."""
    periods = horizon.periods()
    days = (periods[0].first_day, periods[-1].day_after_last)
    stated = {site.timezone for site in draft.sites.values() if site.tariff == tariff} or {None}
    for timezone in sorted(stated, key=str):
        slack_hours = HOURS_BETWEEN_CLOCKS if timezone is None else 0
        if not named.series.covers_days_of(timezone or "UTC", *days, slack_hours):
            clock = "" if timezone is None else f" on the clock of {timezone}"
            rule = f"covers {named.series.said()}, not all of {horizon.start} to {horizon.last_month}{clock}"
            yield Finding(where, named.file, rule, LONGER)
            return


def moving_rates_left_still(draft: Draft) -> Iterator[str]:
    """Contracts written in a currency that moves in the study, without saying that they follow it."""
    terms = draft.whole["currency"]
    moving = [code for code, rate in terms.fx.items() if rate.moves]
    for section, entries in (
        ("tariff", draft.tariffs),
        ("site", {site.id: site for site in draft.sites.values()}),
        ("overhead", {cost.name: cost for cost in draft.whole.get("overheads", ())}),
    ):
        for name, entry in entries.items():
            written = _written_of(draft, section, name)
            for code in moving:
                if entry.currency != code and re.search(rf"\b[kM]?\s?{code}\b", written):
                    what = f"{section} {name!r} is written in {code}, whose rate moves in this study"
                    yield f"{what}, but stays at today's rate; add currency: {code}"


def _written_of(draft: Draft, section: str, name: str) -> str:
    """All texts of a tariff, site or overhead as they stand in the study."""
    if section == "tariff":
        return str(draft.written.get("tariffs", {}).get(name, ""))
    key = "id" if section == "site" else "name"
    entries = draft.written.get(f"{section}s", ())
    return next((str(each) for each in entries if isinstance(each, dict) and each.get(key) == name), "")
