"""Terms in quarters and in currencies that move: what a month allows, costs and owes, three months long."""

import datetime
from typing import Any

import numpy as np
import pytest

from optimizer import ConfigError, Study
from optimizer.prepare import prepare
from optimizer.prepare.customs_rates import Rate, charge
from optimizer.prepare.loans import payments
from optimizer.prepare.money import month_cost_usd
from optimizer.sections.money import Loan, Overhead
from optimizer.story import story_of
from tests.prepare.studies import ABAKAN, small

QUARTER: dict[str, Any] = {"horizon__months": 1, "horizon__quarters": 1}  # 2027-01, then February to April
OFFER = {
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
BETTER = {key: value for key, value in OFFER.items() if key not in ("price_usd_per_ths", "deliver_to")}
BETTER |= {"id": "better", "hands_in": "s21", "price_usd_per_machine": 400, "at": ["RU"]}
BANK = {
    "id": "bank",
    "max_usd": 1e6,
    "share": 0.7,
    "interest_share_per_year": 0.12,
    "repaid": "bullet",
    "term_months": 12,
}
ROUBLE = {
    "per_usd": 80.0,
    "date": "2026-12-31",
    "source": "central bank",
    "path": [{"from": "2027-02", "per_usd": 100.0}],
}


def told(study: Study) -> str:
    return "\n".join(prepare(study).notes)


# --- quarters ---------------------------------------------------------------------------------------------


def test_a_loan_that_ends_inside_a_quarter_is_not_drawn_in_it() -> None:
    """To March of February to April: only January is whole. Its `to` ignored, both periods are."""
    found = prepare(small(**QUARTER, purchases=[OFFER], loans=[{**BANK, "to": "2027-03"}])).inputs
    assert found.loan_can_draw.tolist() == [[True, False]]


def test_monthly_limits_count_three_times_in_a_quarter() -> None:
    """4 machines and 1,000 USD a month; unmultiplied the quarter would have 4 and 1,000."""
    budget = {"opening_cash_usd": 0, "max_capex_usd_per_month": 1000}
    offer = {**OFFER, "max_machines_per_month": 4}
    found = prepare(small(**QUARTER, purchases=[offer], limits__budget=budget)).inputs
    assert found.max_orders_per_period[1].tolist() == [4, 12]
    assert found.max_capex_usd.tolist() == [1000, 3000]


def test_a_quarter_keeps_the_highest_of_its_floors() -> None:
    """500 in March alone binds the whole quarter; the lowest, 100, would let March go under."""
    steps = [{"from": "2027-03", "min_cash_usd": 500}, {"from": "2027-04", "min_cash_usd": 100}]
    budget = {"opening_cash_usd": 900, "min_cash_usd": 100, "min_cash_steps": steps}
    assert prepare(small(**QUARTER, limits__budget=budget)).inputs.min_cash_usd.tolist() == [100, 500]


def test_work_on_a_machine_does_not_get_cheaper_as_machines_do() -> None:
    """400 in every month, while an offer of machines falls by half a year."""
    falling = {"market__machine_price_decline_share_per_year": 0.5}
    found = prepare(small(**falling, purchases=[OFFER], refurbishments=[BETTER])).inputs
    assert found.order_usd[2].tolist() == [400, 400, 400]
    assert found.order_usd[1, 2] < 2900 < found.order_usd[1, 0]


# --- currencies -------------------------------------------------------------------------------------------


def test_costs_of_a_site_and_of_companies_follow_their_currency() -> None:
    """80, then 100 roubles to the dollar: 1,000 USD of today are 800; a cost in USD stays."""
    licence = {"id": "RU-miner-register", "held_from": "2027-02-10", "fee_once_usd": 300, "currency": "RUB"}
    study = small(
        currency__fx={"RUB": ROUBLE},
        sites__0__fixed_usd_per_month="80000 RUB/month",
        sites__0__currency="RUB",
        operator__licences__1=licence,
        overheads=[
            {"name": "office", "usd_per_month": "80000 RUB/month", "currency": "RUB"},
            {"name": "audit", "usd_per_month": 50},
        ],
    )
    found = prepare(study).inputs
    assert found.fixed_usd == pytest.approx(np.array([[1000, 800, 800]]))
    assert found.overhead_usd == pytest.approx(np.array([[1050, 850 + 240, 850]]))


def test_a_currency_of_an_overhead_without_a_rate() -> None:
    """Named with its place, as those of sites are; it would end in a KeyError."""
    with pytest.raises(ConfigError, match=r"overheads\[0\].currency = 'KZT'\n +has no exchange rate"):
        small(overheads=[{"name": "office", "usd_per_month": 1, "currency": "KZT"}])


@pytest.mark.parametrize("reporting", ["RUB", "USD"])
def test_a_plan_says_at_which_rate_it_is_shown(reporting: str) -> None:
    """In the notes and the line of the market, for reports in the currency and for entries that name it."""
    terms = {"reporting": reporting, "fx": {"RUB": ROUBLE}}
    study = small(currency=terms, tariffs__cheap__currency="RUB")
    story = story_of(study, prepare(study))
    words = "shown at the rate of 2026-12-31, 80 RUB per USD"
    assert words in story.market
    assert sum(words in note for note in story.notes) == 1


def test_a_rate_that_stays_is_not_told() -> None:
    """Nothing to know: today's rate is the rate."""
    still = {**ROUBLE, "path": []}
    study = small(currency={"reporting": "RUB", "fx": {"RUB": still}})
    story = story_of(study, prepare(study))
    assert "shown at the rate" not in "\n".join((story.market, *story.notes))


# --- fees and loans ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held_from", "held_to", "times"),
    [
        ("2027-01-15", "2028-01-14", 1),  # the day before the anniversary: by months it would be two
        ("2027-01-15", "2028-01-15", 2),
        ("2027-01-15", "2027-01-20", 1),
        ("2027-01-15", None, 2),
        ("2024-02-29", "2027-02-28", 1),  # a leap day's anniversary is the last of February
    ],
)
def test_a_yearly_fee_is_due_while_the_licence_is_held(
    held_from: str, held_to: str | None, times: int
) -> None:
    """1,200 on the first day and on each anniversary, over January 2027 to February 2028."""
    licence = {"id": "RU-miner-register", "held_from": held_from, "held_to": held_to, "fee_yearly_usd": 1200}
    found = prepare(small(horizon__months=14, operator__licences__1=licence)).inputs
    assert found.overhead_usd.sum() == 1200 * times


def test_prices_rise_from_the_start_of_the_plan() -> None:
    """An overhead from February 2027 is dearer in January 2028; from its own start it would be 100."""
    cost = Overhead.model_validate(
        {"name": "audit", "from": "2027-02", "usd_per_month": 100, "change_share_per_year": 0.1}
    )
    assert month_cost_usd(cost, "2028-01", "2027-01") == pytest.approx(110)


@pytest.mark.parametrize(("rate", "months"), [(12.0, 1200), (0.12, 1200), (1e-9, 1200)])
def test_an_annuity_is_paid_off_whatever_its_terms(rate: float, months: int) -> None:
    """1 + rate to the number of months is beyond all numbers at 100 % a month: OverflowError."""
    loan = Loan.model_construct(interest_share_per_year=rate, term_months=months, repaid="annuity")
    interest, principal = payments(loan)
    assert principal.sum() == pytest.approx(1.0)
    assert interest + principal == pytest.approx(np.full(months, (interest + principal)[0]))


def test_percent_for_a_share_of_interest() -> None:
    """11 a year is 1,100 %."""
    with pytest.raises(ConfigError, match=r"interest_share_per_year"):
        small(purchases=[OFFER], loans=[{**BANK, "interest_share_per_year": 11.0}])


# --- borders ----------------------------------------------------------------------------------------------


def test_the_dearest_row_counts_duty_and_vat() -> None:
    """A tenth of duty and a fifth of VAT on value and duty: 0.1 + 0.2 x 1.1 = 0.32; without VAT 0.1."""
    day = datetime.date(2027, 1, 1)
    rate = Rate("XX", "*", day, day, 0.1, 0.2, 0.0, False, "", "", "", "")
    assert rate.cost_share == pytest.approx(0.32)


def test_russian_vat_rose_in_2026() -> None:
    """20 % to the end of 2025, 22 % from 2026 on."""
    shares = [charge("CN", "RU", "", datetime.date(year, 6, 1)).charge.vat_share for year in (2025, 2026)]
    assert shares == [0.2, 0.22]


# --- what a site can take ---------------------------------------------------------------------------------


def test_a_lot_that_stands_where_it_does_not_fit() -> None:
    """Air-cooled machines in a tank on the first day: they stood there and never ran, without a word."""
    with pytest.raises(ConfigError) as caught:
        prepare(small(sites__0__cooling={"kind": "immersion"}))
    (problem,) = caught.value.problems
    assert problem.where == "fleet[0].site"
    assert "lot 's21'" in problem.rule
    assert "air machines do not fit immersion cooling" in problem.rule
    assert "correct the lot's cooling" in problem.remedy
    prepare(small(sites__0__cooling={"kind": "immersion"}, fleet__0__count=0))


def test_cooling_far_from_any_town() -> None:
    """The Gibson Desert: it was a fault of the geography, of no site and no line."""
    far = {**ABAKAN, "lat_deg": -25.0, "lon_deg": 127.0, "region": None, "cooling": {"kind": "air"}}
    far |= {"law_checked": "by a lawyer, 2026-11"}
    with pytest.raises(ConfigError) as caught:
        prepare(small(sites__1=far))
    (problem,) = caught.value.problems
    assert problem.where == "sites[1]"
    assert "has cooling, but no temperatures are bundled near" in problem.rule
    assert problem.remedy == "state a pue and leave cooling out"


# --- notes ------------------------------------------------------------------------------------------------


def test_an_offer_that_reaches_no_site_is_told() -> None:
    """The only site is in Russia; the offer would just never be taken."""
    lost = {**OFFER, "deliver_to": ["US", "CA"]}
    assert "offer 'new' reaches no site: deliver_to is US, CA" in told(small(purchases=[lost]))
    assert "reaches no site" not in told(small(purchases=[OFFER]))


def test_a_levy_that_tops_a_price_up_is_told_as_counted() -> None:
    """1 KZT/kWh is 0.0019 USD at the least; it stood as 0, since no levy by the kWh is stated."""
    study = Study.from_yaml("configs/contracts/kazakhstan_top_up_levy.yaml")
    levies = [note for note in prepare(study).notes if "the tariff counts" in note]
    assert levies
    assert all(float(levy.split("the tariff counts ")[1].split()[0]) > 0.001 for levy in levies)


def test_shares_of_the_law_are_per_cent() -> None:
    """Three quarters of the coins through AIFC: it stood as 0.75 share."""
    study = Study.from_yaml("configs/contracts/kazakhstan_top_up_levy.yaml")
    notes = told(study)
    assert "75 %" in notes
    assert "0.75 share" not in notes


def test_customs_name_their_source_in_short() -> None:
    """The host and the confidence; the whole address is in the bundled table."""
    corridors = [
        {"from": "RU", "to": "KZ", "mode": "truck", "freight_usd_per_kg": 1, "lead_time_weeks": 2},
    ]
    ekibastuz = {**ABAKAN, "id": "ekibastuz", "lat_deg": 51.72, "lon_deg": 75.32, "region": "KZ-55"}
    held = {"id": "KZ-mining-licence", "held_from": "2026-01-01", "holder_jurisdiction": "KZ"}
    notes = told(
        small(sites__1=ekibastuz, relocation__corridors=corridors, operator__licences__1=held)
    ).splitlines()
    (customs,) = [note for note in notes if note.startswith("customs into KZ")]
    assert "https://" not in customs.split(";")[0]
