"""Tax years, each company's terms in them, and how prices become deductions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from optimizer import taxes
from optimizer.config import Study
from optimizer.errors import Problem
from optimizer.inputs import Floats, Ints
from optimizer.prepare.fleet import age_months
from optimizer.sections.horizon import Period, month_name, month_number, month_start
from optimizer.sections.money import Entity, TaxRegime, TaxTerms, WriteOff

Arrays = dict[str, Any]
LEAST_MONTHS_LEFT = 12  # over which a lot past its life writes off what its books still hold


def tax_arrays(
    study: Study, terms: TaxTerms, companies: Sequence[Entity], owner_of_lot: Ints, value: Floats
) -> Arrays:
    """Every field of the tax; ``owner_of_lot`` is the company of each of today's lots, ``value`` (l, m).

    The companies' terms must be known: ``tax_problems`` says where they are not.
    """
    periods = study.horizon.periods()
    years = tax_years(terms, periods)
    regimes = [[_regime(terms, each, year) for year in years] for each in companies]
    today = [regime_on(terms, each, month_number(periods[0].first_month)) for each in companies]
    machines, infrastructure = (
        np.stack([_orders(terms, each, periods, what) for each in companies])
        for what in ("machines", "infrastructure")
    )
    lives = [each.loss_life_years for each in today if each is not None]
    first_fleet = _first_fleet(study, [each.machines for each in today if each], owner_of_lot, value, periods)
    return {
        "tax_years": tuple(_year_name(year) for year in years),
        "year_share": np.array([[_share(year, period) for period in periods] for year in years]),
        "tax_paid_in": np.array([_paid_in(terms, year, periods) for year in years], dtype=np.int64),
        "tax_rate_share": np.array([[each.rate_share for each in row] for row in regimes]),
        "loss_use_share": np.array([[each.loss_use_share for each in row] for row in regimes]),
        "loss_life_years": np.array([np.inf if life is None else float(life) for life in lives]),
        "opening_loss_usd": np.array([each.losses_usd for each in companies]),
        "order_depreciation_share": machines,
        "building_depreciation_share": infrastructure,
        "depreciation_usd": np.broadcast_to(first_fleet[0], (len(companies), *first_fleet[0].shape)).copy(),
        "book_usd": first_fleet[1],
    }


def tax_problems(study: Study, terms: TaxTerms, companies: Sequence[Entity]) -> Iterator[Problem]:
    """Companies whose tax nobody has stated for some year of the plan."""
    periods = study.horizon.periods()
    months = [*tax_years(terms, periods), month_number(periods[0].first_month)]
    for number, company in enumerate(companies):
        unknown = [month for month in months if regime_on(terms, company, month) is None]
        if unknown:
            own = ("entities", number, "jurisdiction")
            where = own if study.entities else ("operator", "entity_jurisdiction")
            year = month_name(month_start(min(unknown)))
            rule = f"has no known profit tax for tax years that begin in {year}"
            bundled = ", ".join(taxes.places())
            remedy = f"state it in tax.regimes (jurisdiction: {company.jurisdiction}); bundled: {bundled}"
            yield study.problem_at(where, company.jurisdiction, rule, remedy)


def tax_notes(study: Study, terms: TaxTerms, companies: Sequence[Entity]) -> list[str]:
    """What the reader must know of each company's tax: rate, source and confidence."""
    first = month_number(study.horizon.start)
    told = []
    for company in companies:
        if (regime := regime_on(terms, company, first)) is not None:
            basis = f"{regime.rate_share:.1%}, {regime.source}; {regime.confidence} confidence"
            told.append(f"profit tax of {company.id} ({company.jurisdiction}): {basis}")
    return told


def regime_on(terms: TaxTerms, company: Entity, month: int) -> TaxRegime | None:
    """The terms of tax years that begin in the month: the study's own before the bundled ones."""
    for known in (terms.regimes, _bundled()):
        for place in dict.fromkeys((company.jurisdiction, company.jurisdiction[:2])):
            begun = [
                each
                for each in known
                if each.jurisdiction == place
                and (each.from_month is None or month_number(each.from_month) <= month)
            ]
            if begun:
                return max(begun, key=lambda each: each.from_month or "")
    return None


def _regime(terms: TaxTerms, company: Entity, month: int) -> TaxRegime:
    regime = regime_on(terms, company, month)
    if regime is None:
        raise LookupError(f"no profit tax is known for {company.jurisdiction}")
    return regime


def _bundled() -> tuple[TaxRegime, ...]:
    return tuple(
        TaxRegime.model_validate(
            {
                "jurisdiction": each.place,
                "from": each.from_month,
                "rate_share": each.rate_share,
                "loss_use_share": each.loss_use_share,
                "loss_life_years": each.loss_life_years,
                "machines": vars(each.machines),
                "infrastructure": vars(each.infrastructure),
                "source": each.source,
                "confidence": each.confidence,
            }
        )
        for each in taxes.regimes()
    )


def tax_years(terms: TaxTerms, periods: Sequence[Period]) -> list[int]:
    """First month, as a number, of every tax year that the plan touches."""
    first, last = month_number(periods[0].first_month), month_number(periods[-1].month_names()[-1])
    begin = first - (first - (terms.year_starts_in_month - 1)) % 12
    return list(range(begin, last + 1, 12))


def _year_name(first_month: int) -> str:
    year = first_month // 12
    return str(year) if first_month % 12 == 0 else f"{year}/{(year + 1) % 100:02d}"


def _share(year: int, period: Period) -> float:
    """Share of the period's months that fall in the tax year."""
    months = [month_number(name) for name in period.month_names()]
    return sum(year <= month < year + 12 for month in months) / len(months)


def _paid_in(terms: TaxTerms, year: int, periods: Sequence[Period]) -> int:
    """The period in which the year's tax is paid; the last one when it falls after the plan."""
    due = year + 11 + terms.paid_months_after_year
    begun = [month_number(period.first_month) <= due for period in periods]
    return sum(begun) - 1


def _orders(terms: TaxTerms, company: Entity, periods: Sequence[Period], what: str) -> Floats:
    """(m, m) share of what is paid in one period that is deducted in another, by the terms of its month."""
    edges = _edges(periods)
    shares = np.zeros((len(periods), len(periods)))
    for paid, period in enumerate(periods):
        rule: WriteOff = getattr(_regime(terms, company, month_number(period.first_month)), what)
        shares[paid, paid:] = np.diff(deducted_share(rule, edges[paid:] - edges[paid]))
    return shares


def deducted_share(rule: WriteOff, months: Floats) -> Floats:
    """Share of a price that is deducted in its first so many months."""
    if rule.method == "straight_line":
        by_method = np.minimum(months / (rule.life_months or 1), 1.0)
    elif rule.method == "declining_balance":
        by_method = 1.0 - (1.0 - (rule.share_per_year or 0.0)) ** (months / 12.0)
    else:
        by_method = np.ones(len(months))
    return np.where(months > 0, rule.bonus_share + (1.0 - rule.bonus_share) * by_method, 0.0)


def _first_fleet(
    study: Study, rules: Sequence[WriteOff], owner_of_lot: Ints, value: Floats, periods: Sequence[Period]
) -> tuple[Floats, Floats]:
    """(l, m) what a machine of today's lots deducts in each period, and what the books hold before it.

    A lot without a stated book value has what it would fetch in the books, or nothing where the price of
    machines is deducted at once. It is deducted over what is left of the machine's life.
    """
    edges = _edges(periods)
    left = np.zeros((len(value), len(edges)))
    for number, lot in enumerate(study.fleet):
        rule = rules[owner_of_lot[number]]
        book_usd = value[number, 0] if lot.book_value_usd is None else lot.book_value_usd
        if rule.method == "at_once" and lot.book_value_usd is None:
            continue  # it was deducted when it was bought
        old = int(age_months(lot, periods[0].first_month))
        life = None if rule.life_months is None else max(rule.life_months - old, LEAST_MONTHS_LEFT)
        rest = rule.model_copy(update={"life_months": life, "bonus_share": 0.0})
        left[number] = book_usd * (1.0 - deducted_share(rest, edges))
    return -np.diff(left), left[:, :-1]


def _edges(periods: Sequence[Period]) -> Floats:
    """(m + 1) months from the start of the plan to the start of each period, and to its end."""
    return np.concatenate([[0.0], np.cumsum([period.months for period in periods], dtype=float)])
