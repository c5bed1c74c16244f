"""Dated entries that hold in no month or period of the plan, terms of tax of nobody, slips of unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from optimizer.errors import ConfigError, Problem
from tests.prepare.studies import small

OFFER: dict[str, Any] = {
    "id": "new",
    "hashrate_ths": 300,
    "power_w": 3500,
    "mass_kg": 16,
    "uptime_share": 1.0,
    "resale_usd_per_ths": 8,
    "price_usd_per_ths": 10,
    "lead_time_weeks": 1,
    "max_machines": 100,
    "deliver_to": ["RU"],
}
BANK: dict[str, Any] = {
    "id": "bank",
    "max_usd": 1e6,
    "share": 0.7,
    "interest_share_per_year": 0.12,
    "repaid": "bullet",
    "term_months": 12,
}
EVEN = {"method": "at_once"}
REGIME = {"rate_share": 0.2, "machines": EVEN, "infrastructure": EVEN, "source": "own reading"}


def refused(**changes: Any) -> Problem:
    with pytest.raises(ConfigError) as caught:
        small(**changes)
    assert len(caught.value.problems) == 1, caught.value
    return caught.value.problems[0]


def warned(**changes: Any) -> str:
    return "\n".join(small(**changes).warnings)


def loans(**terms: Any) -> dict[str, Any]:
    return {"purchases": [OFFER], "loans": [{**BANK, **terms}]}


def overheads(**terms: Any) -> dict[str, Any]:
    return {"overheads": [{"name": "audit", **terms}]}


def offers(**terms: Any) -> dict[str, Any]:
    return {"purchases": [{**OFFER, **terms}]}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        (loans(**{"from": "2027-03", "to": "2027-02"}), "loans[0].from"),
        (overheads(usd_per_month=5, **{"from": "2027-03", "to": "2027-02"}), "overheads[0].from"),
        (offers(**{"from": "2027-03", "to": "2027-02"}), "purchases[0].from"),
    ],
)
def test_from_after_to(changes: dict[str, Any], where: str) -> None:
    """It would hold in no month, and nobody be told."""
    problem = refused(**changes)
    assert problem.where == where
    assert "is after `to` (2027-02)" in problem.rule


@pytest.mark.parametrize("terms", [loans, offers])
def test_months_inside_a_quarter(terms: Callable[..., dict[str, Any]]) -> None:
    """March alone of February to April: a quarter is taken whole or not at all."""
    window = {"from": "2027-03", "to": "2027-03"}
    problem = refused(horizon__months=1, horizon__quarters=1, **terms(**window))
    assert problem.where.endswith("[0].from")
    assert "no whole period of the plan: its months lie inside 2027-02..2027-04" in problem.rule
    assert small(horizon__months=4, **terms(**window)).warnings == ()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (offers(**{"from": "2027-06"}), "purchases 'new' holds in no month of the plan, 2027-01 to 2027-03"),
        (offers(**{"to": "2026-12"}), "purchases 'new' holds in no month"),
        (loans(**{"from": "2028-01"}), "loans 'bank' holds in no month"),
        (overheads(usd_per_month=5, **{"from": "2027-04"}), "overheads 'audit' holds in no month"),
        (
            overheads(once_usd=5, usd_per_month=1, **{"from": "2026-12"}),
            "once_usd fell due in 2026-12, before the plan",
        ),
        (
            {"market__treasury_share": [{"from": "2027-04", "share": 0.3}]},
            "market.treasury_share from 2027-04 begins after the plan",
        ),
        ({"sites__0__available_from": "2027-09", "fleet__0__count": 0}, "site 'home' opens in 2027-09"),
    ],
)
def test_what_lies_outside_the_plan_is_told(changes: dict[str, Any], told: str) -> None:
    """Allowed, as a study may look at the first months only; silent no more."""
    assert told in warned(**changes)


def test_a_sum_paid_once_before_the_plan() -> None:
    """Nothing else of it is left to pay."""
    problem = refused(**overheads(once_usd=5, **{"from": "2026-12"}))
    assert (problem.where, problem.rule) == (
        "overheads[0].from",
        "is paid once, before the plan, which begins in 2027-01",
    )


def test_terms_of_tax_twice_or_of_nobody() -> None:
    """The second of two would win or lose by its place in the list; a place of no company taxes nobody."""
    twice = {"tax": {"regimes": [{"jurisdiction": "RU", **REGIME}] * 2}}
    assert "is the place of entry 0 too, from the same month" in refused(**twice).rule
    nobody = refused(tax={"regimes": [{"jurisdiction": "KZ", **REGIME}]})
    assert nobody.where == "tax.regimes[0].jurisdiction"
    assert nobody.rule == "is a place where no company of the study is taxed"
    texas = [{"id": "tx", "jurisdiction": "US-TX"}]
    both = [{"jurisdiction": place, **REGIME} for place in ("US", "US-TX")]
    assert small(entities=texas, tax={"regimes": both}).warnings == ()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"market__treasury_price_at_end_usd": 90}, "bitcoin price, USD of 90"),
        ({"fleet__0__resale_usd_per_ths": 1000}, "lot 's21': resale price, USD per TH/s of 1000"),
        (offers(resale_usd_per_ths=2400), "purchase 'new': resale price, USD per TH/s of 2400"),
        ({"fleet__0__book_value_usd": 200_000}, "lot 's21': book value of one machine, USD of 200000"),
        (
            {"market__hashprice_usd_per_ths_day": None, "market__hashprice_btc_per_phs_day": 0.5},
            "hashprice, BTC per PH/s and day of 0.5",
        ),
    ],
)
def test_figures_that_slipped_a_unit(changes: dict[str, Any], told: str) -> None:
    """Thousands, a machine for a terahash, a lot for a machine, petahash for exahash."""
    assert f"{told} is outside" in warned(**changes)


def test_nothing_is_a_price_that_is_meant() -> None:
    """Machines written off, or worth nothing."""
    assert warned(fleet__0__book_value_usd=0, fleet__0__resale_usd_per_ths=0) == ""


def test_a_forward_curve_is_named_where_the_price_is_not_said() -> None:
    """Who gives quotes must learn that they end."""
    market = {"start": "bundled", "network_growth_share_per_year": 0.0, "pool_fee_share": 0.0}
    quotes = [{"date": "2027-06-25", "btc_price_usd": 90_000}]
    falls = {"machine_price_decline_share_per_year": 0.2}
    problem = refused(market={**market, **falls, "btc_price_forward": quotes})
    assert "beside btc_price_forward it holds after the last quote" in problem.remedy
