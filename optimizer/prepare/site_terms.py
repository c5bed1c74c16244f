"""What a site allows and costs beside its power: connection, racks, crews, opening, building."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from optimizer.config import Study
from optimizer.errors import ConfigError
from optimizer.inputs import Bools, Floats
from optimizer.sections.horizon import Period, month_name, month_number, month_start
from optimizer.sections.sites import Site
from optimizer.tariffs import Hosting
from optimizer.tariffs.base import Bounds

Arrays = dict[str, Any]


def site_terms(study: Study, periods: list[Period], months: Floats, typical_pue: Floats) -> Arrays:
    """Arrays (s) and (s, m); ``typical_pue`` (s) turns power at the meter into power of machines.

    Raises ConfigError for a contract that is signed until within a quarter.
    """
    sites, relocation = study.sites, study.relocation
    bounds = [(period.first_day, period.day_after_last) for period in periods]
    available = is_available(study, bounds)
    names = [period.month_names() for period in periods]
    limit = np.array([[_power_kw(site, each) for each in names] for site in sites])
    crew_out = _by_period([site.crew_out_machines_per_month for site in sites], months)
    crew_in = _by_period([site.crew_in_machines_per_month for site in sites], months)
    standing = {lot.site for lot in study.fleet if lot.count}
    rates = site_rates(study, periods)
    return {
        "max_power_kw": np.where(available, limit, 0.0),
        "max_machines": or_infinite([site.max_machines for site in sites]),
        "crew_out_machines": crew_out,
        "crew_in_machines": np.where(available, crew_in, 0.0),
        "deinstall_usd": _or_default(
            [s.deinstall_usd_per_machine for s in sites], relocation.deinstall_usd_per_machine
        ),
        "install_usd": _or_default(
            [s.install_usd_per_machine for s in sites], relocation.install_usd_per_machine
        ),
        "fixed_usd": np.array([site.fixed_usd_per_month for site in sites])[:, None] * months * rates,
        "opening_usd": np.array([site.opening_cost_usd for site in sites]),
        "exit_usd": np.array([site.exit_fee_usd for site in sites]),
        "deposit_usd": np.array([_deposit_usd(study, site, periods) for site in sites]),
        "min_term_periods": np.array([_term_periods(study, site, months) for site in sites], dtype=np.int64),
        "min_power_kw": np.array([site.min_power_kw for site in sites]) / typical_pue,
        "is_open_at_start": np.array([site.id in standing for site in sites]),
        "is_signed": np.array([_is_signed(study, number, periods) for number in range(len(sites))]),
        "build_usd_per_kw": np.array([site.build_usd_per_kw for site in sites]),
        "built_at_start_kw": or_infinite([site.built_power_kw for site in sites]),
    }


def site_rates(study: Study, periods: list[Period]) -> Floats:
    """(s, m) worth of a site's currency over its worth today: what its own costs are multiplied by."""
    return np.array([study.currency.factor(site.currency, periods) for site in study.sites])


def is_available(study: Study, bounds: Bounds) -> Bools:
    """(s, m) whether the site can be used yet."""
    months = [first.strftime("%Y-%m") for first, _ in bounds]
    return np.array([[(site.available_from or month) <= month for month in months] for site in study.sites])


def _power_kw(site: Site, months: Sequence[str]) -> float:
    """The least of a period's months."""
    return min(site.power_limit_kw(month) for month in months)


def _deposit_usd(study: Study, site: Site, periods: Sequence[Period]) -> float:
    """The site's own, and what its host asks for the whole connection, at the exchange rate of the first
    period in which the site can be used; what comes back is the same sum."""
    tariff = study.tariffs[site.tariff]
    if not isinstance(tariff, Hosting) or not tariff.deposit_usd_per_kw:
        return site.deposit_usd
    first = [each for each in periods if (site.available_from or "") <= each.first_month][:1] or periods[-1:]
    (rate,) = study.currency.factor(tariff.currency, first)
    return site.deposit_usd + tariff.deposit_usd_per_kw * site.largest_power_kw() * rate


def _term_periods(study: Study, site: Site, months: Floats) -> list[int]:
    """(m) periods for which a site that opens then stays open."""
    tariff = study.tariffs[site.tariff]
    hosted = tariff.min_term_months if isinstance(tariff, Hosting) else 0
    term, starts = max(site.min_term_months, hosted), np.cumsum(months) - months
    return [int(np.sum((starts >= at) & (starts < at + term))) for at in starts]


def _is_signed(study: Study, number: int, periods: list[Period]) -> list[bool]:
    """(m) whether the contract runs already, so that its charges fall due whatever the plan."""
    until = study.sites[number].signed_until
    if until is None:
        return [False] * len(periods)
    for period in periods:
        if until in (months := period.month_names())[:-1]:
            rule = f"ends within {period.name}, one period of the plan, whose charges fall due as a whole"
            before = month_name(month_start(month_number(months[0]) - 1))
            remedy = f"say {before} or {months[-1]}, or plan these months one by one (horizon.months)"
            raise ConfigError([study.problem_at(("sites", number, "signed_until"), until, rule, remedy)])
    return [period.first_month <= until for period in periods]


def _by_period(limits: Sequence[int | None], months: Floats) -> Floats:
    return or_infinite(limits)[:, None] * months


def or_infinite(limits: Sequence[float | None]) -> Floats:
    """None is no limit."""
    return np.array([np.inf if limit is None else float(limit) for limit in limits])


def _or_default(values: Sequence[float | None], default: float) -> Floats:
    return np.array([default if value is None else value for value in values])
