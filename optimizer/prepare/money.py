"""Companies: which sites are theirs, what they cost, and the fields of their tax and loans."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from optimizer.config import Licence, Overhead, Study
from optimizer.errors import ConfigError, Problem
from optimizer.inputs import Floats
from optimizer.prepare.fleet import Fleet
from optimizer.prepare.loans import loan_arrays
from optimizer.prepare.places import Place
from optimizer.prepare.roads import Roads
from optimizer.prepare.tax import tax_arrays, tax_notes, tax_problems
from optimizer.sections.horizon import Period, month_name, month_number, month_start
from optimizer.sections.money import SELECTORS, Entity

Arrays = dict[str, Any]


def companies_of(study: Study) -> tuple[Entity, ...]:
    """The study's companies; without any, one that owns everything and sits where the operator does."""
    alone = Entity(id="operator", jurisdiction=study.operator.entity_jurisdiction)
    return study.entities or (alone,)


def owners_of_sites(study: Study, where: Sequence[Place]) -> tuple[str, ...]:
    """The company of every site.

    Raises ConfigError, with every problem found, where a site belongs to none or to several, a loan or an
    overhead to no company, or nobody knows a company's tax.
    """
    problems = [*_problems_of_owners(study, where), *_problems_of_money(study)]
    if problems:
        raise ConfigError(problems)
    return tuple(_claimants(study, number, place)[0] for number, place in enumerate(where))


def money_arrays(
    study: Study,
    periods: Sequence[Period],
    network: Roads,
    owners: Sequence[str],
    fleet: Fleet,
    value: Floats,
) -> Arrays:
    """Companies, overheads, tax and loans; ``value`` (l, m) is what a machine would fetch."""
    companies = companies_of(study)
    number = {company.id: i for i, company in enumerate(companies)}
    owner_of = {site.id: number[owner] for site, owner in zip(study.sites, owners, strict=True)}
    of_lot = np.array([owner_of[lot.site] for lot in study.fleet], dtype=np.int64)
    arrays: Arrays = {
        "entities": tuple(number),
        "entity_of_site": np.array([number[owner] for owner in owners], dtype=np.int64),
        "entity_of_hub": np.array([number[owner] for owner in network.entity_of_hub], dtype=np.int64),
        "overhead_usd": _overhead_usd(study, companies, periods),
    }
    if study.tax is not None:
        arrays |= tax_arrays(study, study.tax, companies, of_lot, value)
    if study.loans:
        arrays |= loan_arrays(study, [number[_payer(study, loan.entity)] for loan in study.loans], fleet)
    return arrays


def money_notes(study: Study, where: Sequence[Place], owners: Sequence[str]) -> list[str]:
    """What a reader must know of the tax: its sources, and sites taxed in another country than their own."""
    companies = companies_of(study)
    if study.tax is None:
        return []
    at = {company.id: company.jurisdiction for company in companies}
    abroad = [
        f"{site.id} ({place.jurisdiction}) in {at[owner]}"
        for site, place, owner in zip(study.sites, where, owners, strict=True)
        if place.jurisdiction != at[owner][:2]
    ]
    told = tax_notes(study, study.tax, companies)
    return [*told, f"taxed abroad: {', '.join(abroad)}"] if abroad else told


def _claimants(study: Study, number: int, place: Place) -> list[str]:
    site = study.sites[number]
    companies = companies_of(study)
    named = [
        each.id
        for each in companies
        if site.id in each.sites or place.region in each.regions or place.jurisdiction in each.jurisdictions
    ]
    return named or [each.id for each in companies if each.takes_the_rest]


def _problems_of_owners(study: Study, where: Sequence[Place]) -> Iterator[Problem]:
    known = {site.id for site in study.sites}
    for i, company in enumerate(study.entities):
        for j, name in enumerate(company.sites):
            if name not in known:
                rule = "is not a site of this study"
                yield study.problem_at(("entities", i, "sites", j), name, rule, "name a site, or drop it")
    for number, (site, place) in enumerate(zip(study.sites, where, strict=True)):
        claimants = _claimants(study, number, place)
        if len(claimants) != 1:
            told = f"belongs to {' and '.join(claimants)}" if claimants else "belongs to no company"
            remedy = f"name it in exactly one company, by one of {', '.join(SELECTORS)}"
            yield study.problem_at(("sites", number, "id"), site.id, told, remedy)


def _problems_of_money(study: Study) -> Iterator[Problem]:
    companies = companies_of(study)
    ids = [company.id for company in companies]
    if len(set(ids)) < len(ids):
        yield study.problem_at(("entities",), None, "has an id twice", "give each company its own id")
    for section in ("loans", "overheads"):
        for i, terms in enumerate(getattr(study, section)):
            if terms.entity is not None and terms.entity not in ids:
                rule, remedy = "is not a company of this study", f"known: {', '.join(ids)}"
                yield study.problem_at((section, i, "entity"), terms.entity, rule, remedy)
            elif terms.entity is None and len(ids) > 1:
                rule = "does not say which company pays"
                yield study.problem_at((section, i), None, rule, f"add entity: one of {', '.join(ids)}")
    offers = {each.id for each in (*study.purchases, *study.refurbishments)}
    for i, loan in enumerate(study.loans):
        for j, name in enumerate(loan.offers):
            if name not in offers:
                rule, remedy = "is not on offer in this study", "name a purchase or a refurbishment"
                yield study.problem_at(("loans", i, "offers", j), name, rule, remedy)
    if study.tax is not None:
        yield from tax_problems(study, study.tax, companies)


def _payer(study: Study, entity: str | None) -> str:
    return entity or companies_of(study)[0].id


def _overhead_usd(study: Study, companies: Sequence[Entity], periods: Sequence[Period]) -> Floats:
    """(e, m)"""
    costs = np.zeros((len(companies), len(periods)))
    for row, company in enumerate(companies):
        terms = [each for each in study.overheads if _payer(study, each.entity) == company.id]
        held = [each for each in study.operator.licences if _holder(study, each) == company.id]
        terms += [_as_overhead(each) for each in held]
        for each in terms:
            rates = study.currency.factor(each.currency, periods)
            costs[row] += np.array([_period_cost_usd(each, period, study) for period in periods]) * rates
    return costs


def _period_cost_usd(terms: Overhead, period: Period, study: Study) -> float:
    """At today's rate of its currency."""
    return sum(month_cost_usd(terms, month, study.horizon.start) for month in period.month_names())


def _holder(study: Study, licence: Licence) -> str:
    """The company in the country of the holder; the first where no company sits there."""
    country = licence.holder_jurisdiction or study.operator.entity_jurisdiction
    companies = companies_of(study)
    return next((each.id for each in companies if each.jurisdiction[:2] == country), companies[0].id)


def _as_overhead(licence: Licence) -> Overhead:
    return Overhead.model_validate(
        {
            "name": licence.id,
            "from": month_name(licence.held_from),
            "to": _last_fee_month(licence),
            "once_usd": licence.fee_once_usd,
            "yearly_usd": licence.fee_yearly_usd,
            "currency": licence.currency,
        }
    )


def _last_fee_month(licence: Licence) -> str | None:
    """The last month on whose anniversary it is held: a fee is due on that day, not on the month's first."""
    if licence.held_to is None:
        return None
    last = month_number(month_name(licence.held_to))
    month_end = month_start(last + 1) - datetime.timedelta(days=1)
    is_held = licence.held_to.day >= min(licence.held_from.day, month_end.day)
    return month_name(month_start(last if is_held else last - 1))


def month_cost_usd(terms: Overhead, month: str, start: str) -> float:
    """What falls due in a month; prices change once in twelve months of the plan."""
    first = month_number(terms.from_month or start)
    now = month_number(month)
    if now < first or (terms.to_month is not None and month > terms.to_month):
        return 0.0
    due: float = terms.usd_per_month
    due += terms.yearly_usd if (now - first) % 12 == 0 else 0.0
    due += terms.once_usd if now == first else 0.0
    return due * (1.0 + terms.change_share_per_year) ** ((now - month_number(start)) // 12)
