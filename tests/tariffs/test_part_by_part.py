"""Every part of a contract bears its own VAT, rate, months and steps: where one borrowed another's."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from optimizer.pipeline import solve
from optimizer.tariffs import Hosting
from optimizer.tariffs.bill import bill
from tests.prepare.studies import small
from tests.tariffs.contracts import contract, days, lines, months, quarter, refused, steady
from tests.tariffs.test_ppa import MONTHLY, SHAPED, indexed

JANUARY = months("2027-01")  # 744 hours
FLAT = "{kind: flat, energy_usd_per_kwh: 0.04, %s}"
VAT = "vat: {unrecovered_share: 0.2, applies_to: [%s]}"


def test_a_site_switched_off_by_its_contract_is_solved() -> None:
    """100 machines of 3.5 kW: 350 x (3 + 8 x 0.5) = 2,450 of credit, more than any delivery. As a price below
    0 it was refused; on the line of delivery it would hide what the grid charges."""
    forced = {
        "credit_usd_per_kw_month": 3,
        "called_hours_per_month": 8,
        "call_usd_per_kwh": 0.5,
        "forced": True,
    }
    tariff = {"kind": "flat", "energy_usd_per_kwh": 0.04, "response": forced}
    plan = solve(small(horizon__months=1, tariffs__cheap=tariff))
    found = plan.ledger[plan.ledger.site == "home"].groupby("line").amount_usd.sum()
    assert found["response_credits"] == pytest.approx(2_450.00)
    assert found["energy"] == pytest.approx(-350 * 736 * 0.04)
    assert "delivery" not in found


@pytest.mark.parametrize(
    ("parts", "owed"), [("energy", 20_160), ("standing", 16_800), ("energy, standing", 20_160)]
)
def test_what_is_owed_bears_the_vat_of_energy(parts: str, owed: float) -> None:
    """400,000 kWh at 4.2 c are energy, taken or not: 16,800, with VAT on energy 20,160. Under the VAT of
    standing charges it would be the other way round."""
    made = lines(MONTHLY + VAT % parts, JANUARY, 500.0)
    assert made[0][["energy", "volume", "standing"]].sum() == pytest.approx(owed, abs=0.02)


def test_volume_and_supply_bear_the_vat_of_energy() -> None:
    """744,000 kWh: 21,000 + 14,640, each 1.2 times. An option of 1 MW at 4.2 c, the market at 10 c: 744 x 42,
    1.2 times; with the discount untaxed 8,630 more."""
    assert lines(MONTHLY + VAT % "energy", JANUARY, 1000.0)[0]["total"] == pytest.approx(1.2 * 35_640)
    price = indexed(SHAPED.replace("share: 1", "share: 0") + VAT % "energy", JANUARY, np.full(744, 0.098))
    assert bill(price, steady(price, 1000.0)).loc["total", 0] == pytest.approx(1.2 * 744 * 42)


def test_power_above_contract_bears_the_vat_of_demand() -> None:
    """6 MW of 5 MW contracted: (6,000 x 6 + 1,000 x 3) x 1.2 = 46,800; the excess untaxed 46,200."""
    text = FLAT % (
        "demand: [{usd_per_kw_month: 6, contracted_kw: 5000, excess_usd_per_kw_month: 3}], " + VAT % "demand"
    )
    assert lines(text, JANUARY, 6000.0)[0]["demand"] == pytest.approx(46_800)


def test_the_hosts_credit_follows_its_currency() -> None:
    """3 c promised in a currency that halves are 1.5 c: the rate halves, so must what is paid back."""
    made = contract(
        "{kind: hosting, rate_usd_per_kwh: 0.07, guaranteed_uptime_share: 0.95, "
        "uptime_credit_usd_per_kwh: 0.03}"
    )
    assert isinstance(made, Hosting)
    terms = made.power_price(months("2027-01", 2), np.array([1.0, 0.5])).hosting
    assert terms is not None
    assert np.broadcast_to(terms.uptime_credit_usd_per_kwh, 2).tolist() == [0.03, 0.015]


@pytest.mark.parametrize("forced", [False, True])
def test_credit_and_payment_for_calls_follow_the_currency(forced: bool) -> None:
    """3 USD a kW and 8 h x 0.5 USD, halved in February: 7 and 3.50 for each kW of 1 MW."""
    terms = "credit_usd_per_kw_month: 3, called_hours_per_month: 8, call_usd_per_kwh: 0.5"
    text = FLAT % f"response: {{{terms}, forced: {str(forced).lower()}}}"
    price = contract(text).power_price(months("2027-01", 2), np.array([1.0, 0.5]))
    made = bill(price, steady(price, 1000.0) * (1 - price.off_share), np.full(2, 1000.0))
    assert made.loc["response credit"].tolist() == [-7_000.0, -3_500.0]


def test_calls_fall_in_their_own_months() -> None:
    """8 hours a month in a window that only July has: 8 in the quarter, not 24. Without one 8 in each."""
    july = FLAT % "response: {called_hours_per_month: 8, windows: [{hours: 16-20, months: [7]}]}"
    each = FLAT % "response: {called_hours_per_month: 8}"
    for text, wanted in ((july, [8.0, 0.0, 0.0]), (each, [8.0] * 3)):
        price = contract(text).power_price(quarter("2027-07"))
        assert price.response is not None
        called = (price.response.call_share * price.hours)[:, 0]
        assert [called[:744].sum(), called[744:1488].sum(), called[1488:].sum()] == pytest.approx(wanted)


def test_a_month_of_ppa_is_three_in_a_quarter() -> None:
    """1,200,000 kWh are owed in a quarter: 50,400. One month's would be 16,800."""
    price = contract(MONTHLY).power_price(quarter("2027-01"))
    assert price.standing_charge_usd.tolist() == pytest.approx([50_400.0])
    assert price.volume is not None
    assert price.volume.kwh[:2, 0].tolist() == pytest.approx([1_200_000, 300_000])


def test_a_yearly_holiday_is_one_in_every_year() -> None:
    """1 January 2027 is a Friday, 2028 a Saturday, 2029 a Monday: as Sundays, at 3 c for all 24 hours."""
    text = """
    {kind: time_of_use, otherwise_usd_per_kwh: 0.03, holidays: ['01-01'],
     windows: [{hours: 7-23, days: [mon, tue, wed, thu, fri, sat], energy_usd_per_kwh: 0.06}]}
    """
    price = contract(text).power_price(months("2027-01", 25))
    for january in (0, 12, 24):
        assert set(price.energy_usd_per_kwh[:24, january]) == {0.03}
    assert price.energy_usd_per_kwh[24 + 7, 24] == 0.06


def test_two_coincident_peaks_are_two_charges() -> None:
    """15 and 5 USD of a kW that runs all June: 20; the last alone would be 5."""
    one, two = (
        f"{{months: [6], peak_usd_per_kw: {usd}, caught_share: 0, avoidance: never}}" for usd in (15, 5)
    )
    made = lines(FLAT % f"coincident_peaks: [{one}, {two}]", months("2027-06"), 1000.0)
    assert made.loc["coincident peak", 0] == pytest.approx(20_000)


@pytest.mark.parametrize(("part", "standing", "minimum"), [("standing", 1_000, 100), ("minimum", 500, 200)])
def test_a_step_moves_its_own_part(part: str, standing: float, minimum: float) -> None:
    """Twice the standing charge leaves the minimum bill alone, and the other way round."""
    step = f"steps: [{{from: 2027-01, multiply: 2, applies_to: [{part}]}}]"
    price = contract(
        FLAT % f"standing_usd_per_month: 500, minimum_bill_usd_per_month: 100, {step}"
    ).power_price(JANUARY)
    assert (price.standing_charge_usd.tolist(), price.minimum_bill_usd.tolist()) == ([standing], [minimum])


def test_calls_of_the_hours_that_the_law_leaves() -> None:
    """Calls from 16 to 20, the first day closed from midnight: the first row left is midnight of the second,
    and the call at its row 16. Cut by row number instead of hour the window would lie where it was."""
    text = (
        FLAT
        % "response: {called_hours_per_month: 8, call_usd_per_kwh: 1, windows: [{hours: 16-20, days: [sat]}]}"
    )
    closed = months("2027-01", closed=days(date(2027, 1, 1), date(2027, 1, 1)))  # a Friday
    offer = contract(text).power_price(closed).response
    assert offer is not None
    assert np.flatnonzero(offer.call_share[:48, 0]).tolist() == [16, 17, 18, 19]
    assert offer.call_share.shape == offer.call_usd_per_kwh.shape
    assert offer.call_share[:, 0].sum() == pytest.approx(8)


@pytest.mark.parametrize(
    "levy", ["levy_top_up: {target_usd_per_kwh: 0.06}", "levy_by_price: [{levy_usd_per_kwh: 0.01}]"]
)
@pytest.mark.parametrize("text", [MONTHLY, "kind: tiered\ntiers: [{energy_usd_per_kwh: 0.04}]\n"])
def test_a_levy_by_price_needs_one_price(text: str, levy: str) -> None:
    """A top-up to 6 c on energy bought at 4.2 c is 1.8 c; by the price above the volume it is none."""
    where, rule, remedy = refused(text + levy)
    assert where == levy.partition(":")[0]
    assert "an hour has several" in rule
    assert "levy_usd_per_kwh" in remedy


def test_the_dearest_hours_of_a_ppa_are_those_of_its_index() -> None:
    """Above at a flat 6 c, the market dear in hour 30: that is when the grid calls. By the flat price it
    would be the first hour of the month."""
    text = SHAPED.replace("above_fee_usd_per_kwh: 2 USD/MWh", "above_usd_per_kwh: 0.06\nresale: index\n")
    text += "response: {called_hours_per_month: 1, calls: dearest}"
    offer = indexed(text, JANUARY, np.where(np.arange(744) == 30, 0.5, 0.03)).response
    assert offer is not None
    assert np.flatnonzero(offer.call_share[:, 0]).tolist() == [30]


def test_a_forced_credit_is_earned_in_the_hours_that_the_law_leaves() -> None:
    """11 USD a kW over the 734 hours not called; from the 16th closed, 360 of 744 hours are left: as much
    of it for a kW that runs in all of them."""
    terms = "credit_usd_per_kw_month: 10, called_hours_per_month: 10, call_usd_per_kwh: 0.1, forced: true"
    closed = months("2027-01", closed=days(date(2027, 1, 16), date(2027, 1, 31)))
    price = contract(FLAT % f"response: {{{terms}}}").power_price(closed)
    made = bill(price, steady(price, 1000.0) * (1 - price.off_share))
    assert made.loc["response credit", 0] == pytest.approx(-11_000 * 360 / 744, abs=0.01)
