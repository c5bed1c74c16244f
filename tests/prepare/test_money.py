"""Companies, tax years and schedules, loans, overheads and exchange rates, from a study to arrays."""

import datetime
from typing import Any

import numpy as np
import pytest

from optimizer import ConfigError
from optimizer.prepare import prepare
from optimizer.prepare.loans import payments, schedule
from optimizer.prepare.money import companies_of, money_notes, month_cost_usd, owners_of_sites
from optimizer.prepare.places import places
from optimizer.prepare.tax import deducted_share, regime_on, tax_years
from optimizer.sections.horizon import CurrencyTerms, ExchangeRate, Horizon, month_number
from optimizer.sections.money import Entity, Loan, Overhead, TaxRegime, TaxTerms, WriteOff
from optimizer.sections.terms import Budget
from optimizer.taxes import regimes
from tests.prepare.studies import ABAKAN, small

TEXAS = {
    **ABAKAN,
    "id": "pecos",
    "name": "Pecos",
    "lat_deg": 31.42,
    "lon_deg": -103.49,
    "region": "US-TX",
}
RU, TX = {"id": "ru", "jurisdiction": "RU"}, {"id": "tx", "jurisdiction": "US-TX"}
EVEN = {"method": "straight_line", "life_months": 60}
OWN = {
    "jurisdiction": "RU",
    "rate_share": 0.2,
    "machines": EVEN,
    "infrastructure": EVEN,
    "source": "own reading",
}


def problems(**changes: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        prepare(small(**changes))
    return str(caught.value)


# --- companies --------------------------------------------------------------------------------------------


def test_a_study_without_companies_is_the_operator_s() -> None:
    """One company, every site, no tax: nothing moves."""
    found = prepare(small()).inputs
    assert found.entities == ("operator",)
    assert found.entity_of_site.tolist() == [0]
    assert found.tax_years == ()
    assert not found.overhead_usd.any()


def test_every_site_has_one_company() -> None:
    """One by country, the other takes the rest; hubs follow, and no hub has two."""
    found = prepare(small(sites__1=TEXAS, entities=[RU, {**TX, "jurisdictions": ["US"]}])).inputs
    assert found.entity_of_site.tolist() == [0, 1]
    assert found.entity_of_hub[found.hub_of_site].tolist() == [0, 1]


def test_two_companies_in_one_region_are_two_hubs() -> None:
    """Else a purchase at the hub would be nobody's."""
    twin = {**ABAKAN, "id": "twin"}
    companies = [RU, {"id": "second", "jurisdiction": "RU", "sites": ["twin"]}]
    found = prepare(small(sites__1=ABAKAN, sites__2=twin, entities=companies)).inputs
    assert found.entity_of_site.tolist() == [0, 0, 1]
    assert found.hub_of_site[1] != found.hub_of_site[2]


@pytest.mark.parametrize(
    ("companies", "told"),
    [
        ([{**RU, "sites": ["home"]}, {**TX, "regions": ["RU-KYA"]}], "belongs to ru and tx"),
        ([{**TX, "jurisdictions": ["US"]}], "belongs to no company"),
        ([{**RU, "sites": ["hom"]}], "is not a site of this study"),
        ([RU, RU], "has an id twice"),
    ],
)
def test_a_site_without_a_clear_owner_is_told(companies: list[Any], told: str) -> None:
    """Never silently the first."""
    assert told in problems(entities=companies)


def test_a_company_names_its_sites_in_one_way() -> None:
    """By id or by place, not both."""
    with pytest.raises(ConfigError, match="names its sites by sites and regions"):
        small(entities=[{**RU, "sites": ["home"], "regions": ["RU-KYA"]}])


# --- tax years --------------------------------------------------------------------------------------------


def test_calendar_years_and_a_quarter_between_two() -> None:
    """November 2027 to January 2028 in one period: two thirds in 2027. Paid in March after, or at the end."""
    terms = TaxTerms()
    periods = Horizon(start="2027-10", months=1, quarters=2).periods()
    assert tax_years(terms, periods) == [month_number("2027-01"), month_number("2028-01")]
    found = prepare(small(horizon={"start": "2027-10", "months": 1, "quarters": 2}, tax={})).inputs
    assert found.tax_years == ("2027", "2028")
    assert found.year_share == pytest.approx(np.array([[1, 2 / 3, 0], [0, 1 / 3, 1]]))
    assert found.tax_paid_in.tolist() == [2, 2]


def test_a_fiscal_year_and_when_it_is_paid() -> None:
    """From April: January to March 2027 are of 2026/27, whose tax is due in May, two months after March."""
    terms = {"year_starts_in_month": 4, "paid_months_after_year": 2}
    found = prepare(small(horizon__months=6, tax=terms)).inputs
    assert found.tax_years == ("2026/27", "2027/28")
    assert found.year_share.sum(axis=1).tolist() == [3, 3]
    assert found.tax_paid_in.tolist() == [4, 5]


def test_a_bundled_regime_is_read_with_its_limits() -> None:
    """Russia: 25 %, half of a year's profit, no end of losses; machines over five years."""
    found = prepare(small(tax={}, entities=[{**RU, "losses_usd": "1.5 M USD"}])).inputs
    assert found.tax_rate_share.tolist() == [[0.25]]
    assert found.loss_use_share.tolist() == [[0.5]]
    assert found.loss_life_years.tolist() == [np.inf]
    assert found.opening_loss_usd.tolist() == [1.5e6]
    assert found.order_depreciation_share[0, 0] == pytest.approx([1 / 60] * 3)
    assert found.building_depreciation_share[0, 1] == pytest.approx([0, 1 / 120, 1 / 120])


def test_own_terms_come_before_bundled_ones_and_change_by_date() -> None:
    """20 % until 2027, 30 % from 2028; a region has its country's terms where it has none of its own."""
    own = TaxTerms.model_validate({"regimes": [OWN, {**OWN, "from": "2028-01", "rate_share": 0.3}]})
    company = Entity(id="ru", jurisdiction="RU-IRK")
    rates = [regime_on(own, company, month_number(month)) for month in ("2027-01", "2028-01", "2029-01")]
    assert [each.rate_share for each in rates if each] == [0.2, 0.3, 0.3]
    bundled = regime_on(TaxTerms(), company, month_number("2027-01"))
    assert bundled is not None
    assert bundled.rate_share == 0.25


def test_tax_of_an_unknown_place_is_an_error_with_a_remedy() -> None:
    """Never taken as zero. The rest of the United States has a tax that is not bundled."""
    told = problems(tax={}, entities=[{"id": "us", "jurisdiction": "US"}])
    assert "entities[0].jurisdiction = 'US'" in told
    assert "has no known profit tax for tax years that begin in 2027-01" in told
    assert "tax.regimes (jurisdiction: US)" in told
    assert "US-TX" in told
    assert "operator" in problems(tax={}, operator__entity_jurisdiction="DE")


def test_every_bundled_regime_is_readable_and_says_what_it_rests_on() -> None:
    """Shares are shares, methods have their terms, and nothing is without source and confidence."""
    for each in regimes():
        company = Entity(id="any", jurisdiction=each.place)
        read = regime_on(TaxTerms(), company, month_number("2027-01"))
        assert isinstance(read, TaxRegime)
        assert read.rate_share == each.rate_share
        assert each.source
        assert each.source_date
        assert each.confidence in ("high", "medium", "low")


def test_the_reader_is_told_of_rates_and_sites_abroad() -> None:
    """Source, confidence, and that a site in Texas is taxed in Russia."""
    study = small(sites__1=TEXAS, tax={})
    where, _ = places(study, datetime.date(2027, 1, 1), datetime.date(2027, 3, 31))
    told = money_notes(study, where, owners_of_sites(study, where))
    assert told[0].startswith("profit tax of operator (RU): 25.0%, https://")
    assert told[0].endswith("medium confidence")
    assert told[1] == "taxed abroad: pecos (US) in RU"
    assert money_notes(small(), where, ()) == []


# --- writing off ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "after"),
    [
        ({"method": "straight_line", "life_months": 24}, [0, 0.5, 1, 1]),
        ({"method": "declining_balance", "share_per_year": 0.25}, [0, 0.25, 0.4375, 0.578125]),
        ({"method": "at_once"}, [0, 1, 1, 1]),
        ({"method": "straight_line", "life_months": 24, "bonus_share": 0.4}, [0, 0.7, 1, 1]),
    ],
)
def test_what_is_deducted_after_none_to_three_years(rule: dict[str, Any], after: list[float]) -> None:
    """By hand; declining is 25 % of what is left each year, so 75 %, 56.25 %, 42.19 % remain."""
    found = deducted_share(WriteOff.model_validate(rule), np.array([0.0, 12.0, 24.0, 36.0]))
    assert found == pytest.approx(after)


@pytest.mark.parametrize(
    "rule",
    [
        {"method": "straight_line"},
        {"method": "straight_line", "life_months": 24, "share_per_year": 0.2},
        {"method": "declining_balance", "life_months": 24},
        {"method": "at_once", "life_months": 24},
    ],
)
def test_a_method_has_its_own_term_and_no_other(rule: dict[str, Any]) -> None:
    """A life with a declining balance would be ignored in silence."""
    with pytest.raises(ConfigError, match=f"{rule['method']} needs"):
        small(tax={"regimes": [{**OWN, "machines": rule}]})


def test_today_s_fleet_is_written_off_over_what_is_left_of_its_life() -> None:
    """Bought 24 months ago, five years of life: 600 over 36 months, 16.67 off the books each month.

    Over the whole life it would be 10 a month.
    """
    lot = {"fleet__0__bought": "2025-01", "fleet__0__book_value_usd": 600}
    found = prepare(small(tax={}, **lot)).inputs
    assert found.depreciation_usd[0, 0] == pytest.approx([600 / 36] * 3)
    assert found.book_usd[0] == pytest.approx([600, 600 - 600 / 36, 600 - 1200 / 36])


def test_what_is_past_its_life_is_written_off_in_a_year() -> None:
    """Bought ten years ago, five of life: 600 over twelve months, 50 a month; not 600 in the first."""
    lot = {"fleet__0__bought": "2017-01", "fleet__0__book_value_usd": 600}
    assert prepare(small(tax={}, **lot)).inputs.depreciation_usd[0, 0] == pytest.approx([50, 50, 50])


def test_a_bonus_is_for_what_is_bought_and_not_for_what_stands() -> None:
    """40 % at once of an order; of today's 600 over 60 months 10 a month, not 246 in the first."""
    bonus = {"regimes": [{**OWN, "machines": {**EVEN, "bonus_share": 0.4}}]}
    found = prepare(small(tax=bonus, fleet__0__book_value_usd=600)).inputs
    assert found.depreciation_usd[0, 0] == pytest.approx([10, 10, 10])
    assert found.order_depreciation_share[0, 0] == pytest.approx([0.41, 0.01, 0.01])


def test_a_lot_without_a_book_value_has_its_worth_unless_it_was_deducted_at_once() -> None:
    """200 TH/s at 5 USD: 1,000 over 60 months. Where machines are deducted when bought: nothing is left."""
    assert prepare(small(tax={})).inputs.depreciation_usd[0, 0] == pytest.approx([1000 / 60] * 3)
    at_once = {"regimes": [{**OWN, "machines": {"method": "at_once"}}]}
    assert not prepare(small(tax=at_once)).inputs.depreciation_usd.any()


# --- loans ------------------------------------------------------------------------------------------------


def loan(**terms: Any) -> Loan:
    base = {"id": "bank", "max_usd": 1e6, "share": 0.7, "interest_share_per_year": 0.12, "term_months": 3}
    return Loan.model_validate({**base, "repaid": "annuity", **terms})


def test_payments_by_hand() -> None:
    """1 % a month on 1,000. Annuity: 340.02 three times; even parts: 10, 6.67 and 3.33; bullet: 10 each."""
    interest, principal = payments(loan())
    assert 1000 * interest == pytest.approx([10, 6.699779, 3.366556])
    assert 1000 * (interest + principal) == pytest.approx([340.022112] * 3)
    interest, principal = payments(loan(repaid="straight_line"))
    assert 1000 * interest == pytest.approx([10, 6.666667, 3.333333])
    assert principal == pytest.approx([1 / 3] * 3)
    interest, principal = payments(loan(repaid="bullet"))
    assert 1000 * interest == pytest.approx([10, 10, 10])
    assert principal.tolist() == [0, 0, 1]
    free_interest, free = payments(loan(interest_share_per_year=0.0))
    assert free == pytest.approx([1 / 3] * 3)
    assert not free_interest.any()


def test_a_schedule_ends_with_the_plan_and_leaves_what_is_owed() -> None:
    """Months 1 and 2, then a quarter. Drawn in month 2: all paid in the quarter but the last month's third.

    Drawn in month 1: paid in month 2 and the quarter. Drawn in the quarter: two payments in it, one is owed.
    """
    periods = Horizon(start="2027-01", months=2, quarters=1).periods()
    interest, principal, left = schedule(loan(repaid="straight_line"), periods)
    third = 1 / 3
    assert principal == pytest.approx(np.array([[0, third, 2 * third], [0, 0, 1], [0, 0, 2 * third]]))
    assert interest[0] == pytest.approx([0, 0.01, 0.01 * (2 * third + third)])
    assert left == pytest.approx([0, 0, third * 1.01])


def test_loans_reach_the_model() -> None:
    """For the named offer alone, in its months, by its company."""
    offer = {
        "id": "new",
        "hashrate_ths": 300,
        "power_w": 3500,
        "mass_kg": 16,
        "uptime_share": 1.0,
        "resale_usd_per_ths": 8,
        "price_usd_per_ths": 10,
        "lead_time_weeks": 4,
        "max_machines": 10,
        "deliver_to": ["RU"],
    }
    terms = {"id": "bank", "entity": "ru", "max_usd": "1 M USD", "share": 0.7, "offers": ["new"]}
    terms |= {"to": "2027-02", "interest_share_per_year": 0.12, "repaid": "bullet", "term_months": 12}
    found = prepare(small(purchases=[offer], entities=[RU], loans=[terms])).inputs
    assert found.loans == ("bank",)
    assert found.loan_share.tolist() == [[0.0, 0.7]]
    assert found.loan_can_draw.tolist() == [[True, True, False]]
    assert found.loan_left_share == pytest.approx(np.array([[1.01, 1.01, 1.01]]))
    for change, told in (
        ({"entity": "xx"}, "is not a company of this study"),
        ({"offers": ["old"]}, "is not on offer in this study"),
    ):
        assert told in problems(purchases=[offer], entities=[RU], loans=[{**terms, **change}])


# --- overheads --------------------------------------------------------------------------------------------


def test_overheads_by_month() -> None:
    """Monthly, yearly from the first month on, once; 3 % dearer after twelve months."""
    cost = Overhead.model_validate(
        {
            "name": "audit",
            "from": "2027-02",
            "usd_per_month": 100,
            "yearly_usd": 1200,
            "once_usd": 500,
            "change_share_per_year": 0.03,
        }
    )
    months = ("2027-01", "2027-02", "2027-03", "2028-02")
    found = [month_cost_usd(cost, month, "2027-01") for month in months]
    assert found == pytest.approx([0, 1800, 100, 1300 * 1.03])


def test_licence_fees_are_the_holder_s() -> None:
    """Held from February: 300 then and 50 a year, paid by the company in the holder's country."""
    licence = {
        "id": "US-AR-permit",
        "held_from": "2027-02-10",
        "holder_jurisdiction": "US",
        "fee_once_usd": 300,
        "fee_yearly_usd": "50 USD",
    }
    companies = [RU, {**TX, "jurisdictions": ["US"]}]
    found = prepare(small(operator__licences__1=licence, sites__1=TEXAS, entities=companies)).inputs
    assert found.overhead_usd.tolist() == [[0, 0, 0], [0, 350, 0]]


def test_with_several_companies_a_cost_says_whose_it_is() -> None:
    """Never silently the first company's."""
    told = problems(
        sites__1=TEXAS,
        entities=[RU, {**TX, "jurisdictions": ["US"]}],
        overheads=[{"name": "audit", "once_usd": 1}],
    )
    assert "does not say which company pays" in told
    study = small(overheads=[{"name": "audit", "once_usd": 1}])
    assert [each.id for each in companies_of(study)] == ["operator"]
    assert prepare(study).inputs.overhead_usd.tolist() == [[1, 0, 0]]


# --- cash and exchange rates ------------------------------------------------------------------------------


def test_a_floor_of_cash_in_steps() -> None:
    """100, then 300 from March; out of order is an error."""
    steps = [{"from": "2027-03", "min_cash_usd": 300}]
    found = Budget.model_validate({"opening_cash_usd": 500, "min_cash_usd": 100, "min_cash_steps": steps})
    assert [found.floor_usd(month) for month in ("2027-01", "2027-03", "2028-01")] == [100, 300, 300]
    with pytest.raises(ConfigError, match="min_cash_steps out of order"):
        small(limits__budget={"opening_cash_usd": 500, "min_cash_steps": [*steps, *steps]})


def rate(**terms: Any) -> ExchangeRate:
    base = {"per_usd": 80.0, "date": "2026-12-31", "source": "central bank"}
    return ExchangeRate.model_validate({**base, **terms})


def test_a_currency_that_steps_down_buys_fewer_dollars() -> None:
    """80 per dollar, 100 from February: 1, then 0.8; a quarter from January: (31 + 0.8 x 59) / 90."""
    weaker = rate(path=[{"from": "2027-02", "per_usd": 100.0}])
    assert weaker.factor(Horizon(start="2027-01", months=2).periods()) == pytest.approx([1, 0.8])
    quarter = Horizon(start="2026-12", months=1, quarters=1).periods()
    assert weaker.factor(quarter) == pytest.approx([1, (31 + 0.8 * 59) / 90])


def test_a_currency_that_loses_value_does_so_day_by_day() -> None:
    """25 % a year: a year after the rate 1 / 1.25. After a step the loss begins at the step."""
    assert rate(change_share_per_year=0.25).per_usd_on(datetime.date(2027, 12, 31)) == pytest.approx(
        100, rel=1e-3
    )
    stepped = rate(change_share_per_year=0.25, path=[{"from": "2028-01", "per_usd": 90.0}])
    assert stepped.per_usd_on(datetime.date(2027, 12, 31)) == 80
    assert stepped.per_usd_on(datetime.date(2028, 1, 1)) == 90
    assert stepped.per_usd_on(datetime.date(2029, 1, 1)) == pytest.approx(112.5, rel=2e-3)
    month = rate(change_share_per_year=0.25).factor(Horizon(start="2027-01", months=1).periods())
    days = [1.25 ** (-age / 365.25) for age in range(1, 32)]
    assert month[0] == pytest.approx(sum(days) / 31)


def test_the_dollar_is_always_itself() -> None:
    """And a currency without a rate has no factor."""
    periods = Horizon(start="2027-01", months=2).periods()
    terms = CurrencyTerms.model_validate(
        {"fx": {"KZT": {"per_usd": 500, "date": "2026-12-01", "source": "x"}}}
    )
    assert terms.factor("USD", periods) == (1.0, 1.0)
    assert terms.factor("KZT", periods) == (1.0, 1.0)
    with pytest.raises(KeyError):
        terms.factor("RUB", periods)


def test_a_path_begins_after_its_rate_and_is_in_order() -> None:
    """Else the rate of the day it was read would never hold."""
    for path, told in (
        ([{"from": "2026-12", "per_usd": 90}], "not after its own day"),
        ([{"from": "2027-03", "per_usd": 90}, {"from": "2027-02", "per_usd": 95}], "out of order"),
    ):
        fx = {"RUB": {"per_usd": 80, "date": "2026-12-31", "source": "x", "path": path}}
        with pytest.raises(ConfigError, match=told):
            small(currency={"fx": fx})
