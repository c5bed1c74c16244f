"""The figures a plan is judged by, by hand."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from optimizer.baselines import stay_put
from optimizer.extract import tables
from optimizer.figures import CHANGE_FIGURES, KPI_FIGURES
from optimizer.inputs import Inputs
from optimizer.kpis import Change, Kpis, change, kpis
from optimizer.pipeline import build, solve_inputs
from optimizer.plan import Plan
from optimizer.plan_tables import COLUMNS, PlanTables
from optimizer.solvers import Options
from tests.core.answers import answer
from tests.core.instances import busy, quiet


def figures(**changes: object) -> Kpis:
    """Ten machines of 100 TH/s and 1 kW for three months; 40 USD of energy and 0.001 BTC a month each."""
    given = {"energy_usd": 40.0, "mined_btc": 0.001, "meter_kw": 1.1, "energy_kwh": 792.0, **changes}
    return kpis_of(quiet(sites=1, **given))


def kpis_of(data: Inputs) -> Kpis:
    found = answer(data)
    return kpis(tables(found.lp, data, found.plan, found.solution.values), data)


def test_hashrate_and_power_of_a_fleet_that_always_runs() -> None:
    """1,000 TH/s are 0.001 EH/s; 7,920 kWh in 720 h are 11 kW at the meter; 1 kW for 100 TH/s is 10 J/TH.

    Efficiency at the meter would be 11 J/TH.
    """
    found = figures()
    assert found.mean_hashrate_ehs == pytest.approx(0.001)
    assert found.last_hashrate_ehs == pytest.approx(0.001)
    assert found.mean_power_mw == pytest.approx(0.011)
    assert found.efficiency_j_per_th == pytest.approx(10.0)


def test_cost_of_a_bitcoin() -> None:
    """0.03 BTC for 1,200 USD of energy, 60 of upkeep, 30 of hosting: 43,000 each, energy alone 40,000."""
    found = figures(maintenance_usd=2.0, hosting_usd=1.0)
    assert found.mined_btc == pytest.approx(0.03)
    assert found.cash_cost_usd_per_btc == pytest.approx(1290 / 0.03)
    assert found.power_usd_per_kwh == pytest.approx(1230 / 23_760)


def test_cost_with_moving_and_wear() -> None:
    """Machines fall from 50 to 20 USD: 300 more than the energy's 1,200. Without wear it stays 40,000."""
    found = figures(machine_value_usd=[50.0, 40.0, 30.0], end_value_usd=20.0)
    assert found.all_in_cost_usd_per_btc == pytest.approx(1500 / 0.03)
    assert found.cash_cost_usd_per_btc == pytest.approx(1200 / 0.03)


def test_a_deposit_that_does_not_come_back_is_a_cost() -> None:
    """1,200 of energy and 300 of a deposit paid and not returned, 900 of opening: 2,400 on 0.03 BTC.

    A deposit that is returned costs nothing. Left out, the first would be 2,100.
    """
    data = quiet(sites=1, energy_usd=40.0, mined_btc=0.001, meter_kw=1.1, energy_kwh=792.0)
    found = answer(data)
    plain = tables(found.lp, data, found.plan, found.solution.values)
    paid, back = (
        plain.ledger.iloc[[0] * len(amounts)].assign(
            line=list(amounts), amount_usd=list(amounts.values()), present_value_usd=0.0, is_capital=True
        )
        for amounts in ({"deposits": -300.0, "site_opening": -900.0}, {"deposits": 300.0})
    )
    kept, returned = (
        kpis(replace(plain, ledger=pd.concat([plain.ledger, *more], ignore_index=True)), data)
        for more in ((paid,), (paid, back))
    )
    assert kept.all_in_cost_usd_per_btc == pytest.approx(2400 / 0.03)
    assert returned.all_in_cost_usd_per_btc == pytest.approx(2100 / 0.03)


def test_breakeven_hashprice() -> None:
    """1,200 USD over 1 PH/s for 90 days: 13.33 USD per PH/s and day."""
    assert figures().breakeven_hashprice_usd_per_ph_day == pytest.approx(1200 / 90)


def test_half_the_hours_are_half_the_hashrate() -> None:
    """Running 360 of 720 hours: 0.0005 EH/s on average, the same J/TH and the same last hashrate in service.

    A mean over machines in service instead of hours stays at 0.001.
    """
    found = figures(run_hours=360.0, energy_kwh=396.0, mined_btc=0.0005, energy_usd=20.0)
    assert found.mean_hashrate_ehs == pytest.approx(0.0005)
    assert found.mean_power_mw == pytest.approx(0.0055)
    assert found.efficiency_j_per_th == pytest.approx(10.0)
    assert found.breakeven_hashprice_usd_per_ph_day == pytest.approx(600 / 45)


def test_value_before_and_after_the_charge_for_risk() -> None:
    """Value 3,000 - 1,200 - 150 = 1,650; before the charge 1,800; cash, of which it is none, 1,800."""
    found = figures(legal_risk_usd=5.0)
    assert (found.value_usd, found.npv_usd, found.legal_risk_usd, found.cash_usd) == pytest.approx(
        (1650, 1800, 150, 1800)
    )


def test_value_is_discounted_and_cash_is_not() -> None:
    """600 a month at 1, 1/2 and 1/4."""
    found = figures(discount=[1.0, 0.5, 0.25])
    assert (found.value_usd, found.cash_usd) == pytest.approx((1050, 1800))


def test_scenarios_are_expected_with_their_probabilities() -> None:
    """Three to one: 100 and 200 a machine and month are 125; mined 0.001 and 0.003 are 0.0015 each.

    The plain mean would be 150 and 0.002.
    """
    data = quiet(
        sites=1,
        scenarios=2,
        probability=[0.75, 0.25],
        revenue_usd=np.array([100.0, 200.0])[:, None, None, None, None],
        mined_btc=np.array([0.001, 0.003])[:, None, None, None, None],
    )
    found = kpis_of(data)
    assert found.value_usd == pytest.approx(3750)
    assert found.cash_usd == pytest.approx(3750)
    assert found.mined_btc == pytest.approx(0.045)
    assert found.mean_hashrate_ehs == pytest.approx(0.001)


def test_nothing_runs_and_nothing_is_divided_by_it() -> None:
    """No bitcoin, no cost of one: None, not infinity and not zero."""
    found = figures(can_run=False)
    assert found.mined_btc == 0.0
    assert (found.cash_cost_usd_per_btc, found.efficiency_j_per_th, found.power_usd_per_kwh) == (None,) * 3


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve_inputs(busy())


def test_machines_are_counted_once_however_they_come_and_go(plan: Plan) -> None:
    """Two moved, five bought, four sold: the tables' counts, not their rows."""
    found = plan.kpis
    assert (found.moved_machines, found.bought_machines, found.sold_machines) == (2, 5, 4)


def test_the_gain_is_against_the_cash_of_staying_put(plan: Plan) -> None:
    """Cash by month of this plan less that of staying; its lowest point is what the change takes."""
    stay = plan.alternatives[0]
    ours = plan.ledger[plan.ledger.is_cash].groupby("period").amount_usd.sum()
    assert plan.kpis.cash_usd == pytest.approx(ours.sum())
    assert stay.gain.lowest_cash_usd < 0
    assert stay.gain.npv_usd == pytest.approx(plan.kpis.npv_usd - stay.kpis.npv_usd)


def test_gain_by_hand() -> None:
    """Ten machines move at 120 each for 50 more a month: -700, +500, +500 against staying.

    Back within the third month: 2.4. The flow is worth nothing at the rate that the return names.
    """
    data = quiet(revenue_usd=[[[100.0] * 3], [[150.0] * 3]], freight_usd=120.0)
    gain = solve_inputs(data).alternatives[0].gain
    assert gain.value_usd == pytest.approx(300)
    assert gain.lowest_cash_usd == pytest.approx(-700)
    assert gain.payback_months == pytest.approx(2.4)
    monthly = (1.0 + gain.irr_share_per_year) ** (1 / 12)
    assert -700 + 500 / monthly + 500 / monthly**2 == pytest.approx(0.0, abs=1e-6)


def taxed(tax: float, **changes: object) -> tuple[PlanTables, Inputs]:
    """Ten machines worth 60 each earn 1,000 a month for three months; `tax` is paid in the last."""
    data = quiet(
        sites=1, **{"machine_value_usd": 60.0, "discount": [1.0, 0.5, 0.25], "mined_btc": 0.001, **changes}
    )
    found = answer(data)
    plain = tables(found.lp, data, found.plan, found.solution.values)
    row = {"scenario": "base", "entity": data.entities[0], "site": "", "period": "m3", "line": "profit_tax"}
    row |= {"amount_usd": -tax, "present_value_usd": -tax / 4, "is_cash": True, "is_capital": False}
    ledger = pd.concat([plain.ledger, pd.DataFrame([row])], ignore_index=True)
    return replace(plain, ledger=ledger[list(COLUMNS["ledger"])]), data


def test_tax_lowers_worth_and_not_the_cost_before_it() -> None:
    """1,000 + 500 + 250 - 400 / 4 = 1,650, before tax 1,750; a bitcoin of 0.03 costs 13,333 more after tax.

    Tax among the running costs would make the cash cost 13,333 too, and the power costs nothing here.
    """
    plan, data = taxed(400.0)
    found = kpis(plan, data)
    assert (found.npv_usd, found.npv_before_tax_usd) == pytest.approx((1650, 1750))
    assert (found.profit_tax_usd, found.cash_usd) == pytest.approx((400, 2600))
    assert found.cash_cost_usd_per_btc == pytest.approx(0.0)
    assert found.cash_cost_after_tax_usd_per_btc == pytest.approx(400 / 0.03)
    assert found.all_in_cost_usd_per_btc == pytest.approx(600 / 0.03)
    assert found.all_in_after_tax_cost_usd_per_btc == pytest.approx(1000 / 0.03)
    assert (found.revenue_usd, found.ebitda_usd) == pytest.approx((3000, 3000))


def test_return_on_the_fleet_before_and_after_tax() -> None:
    """A fleet of 2,400: -1,400, +1,000, +600; before tax +1,000. Paid back after 2.67 months, before 2.4.

    Without the fleet as an outlay there is no return at all.
    """
    plan, data = taxed(400.0, machine_value_usd=240.0)
    found = kpis(plan, data)
    after, before = (
        (1.0 + rate) ** (1 / 12)
        for rate in (found.irr_share_per_year, found.irr_before_tax_share_per_year)
        if rate is not None
    )
    assert -1400 + 1000 / after + 600 / after**2 == pytest.approx(0.0, abs=1e-6)
    assert -1400 + 1000 / before + 1000 / before**2 == pytest.approx(0.0, abs=1e-6)
    assert found.payback_before_tax_months == pytest.approx(2.4)
    assert found.payback_months == pytest.approx(2 + 400 / 600)


def test_interest_is_in_the_all_in_cost_and_loans_are_not() -> None:
    """60 of interest on 0.03 BTC; 500 drawn and paid back are no cost."""
    plan, data = taxed(0.0)
    rows = plan.ledger.iloc[[-1] * 3].assign(
        line=["loan_interest", "loan_drawn", "loan_principal"], amount_usd=[-60.0, 500.0, -500.0]
    )
    found = kpis(replace(plan, ledger=pd.concat([plan.ledger, rows], ignore_index=True)), data)
    assert found.cash_cost_usd_per_btc == pytest.approx(0.0)
    assert found.all_in_cost_usd_per_btc == pytest.approx(660 / 0.03)
    assert (found.interest_usd, found.ebitda_usd) == pytest.approx((60, 3000))


def test_the_gain_before_tax_adds_both_taxes_back() -> None:
    """400 of tax against 100: worth 75 less after tax, the same before it."""
    (plan, data), (other, _) = taxed(400.0), taxed(100.0)
    found = change(plan, other, data)
    assert found.npv_usd == pytest.approx(-75)
    assert found.npv_before_tax_usd == pytest.approx(0.0)


def test_before_tax_is_before_tax_on_what_is_left_too() -> None:
    """1,750 today and 400 of machines at the end, 1,850; less 400 of tax, 100 today, and 100 on the rest, 25.

    Adding back only what is paid would leave 1,825. Payback is in cash and knows nothing of what is left.
    """
    plan, data = taxed(400.0, end_value_usd=40.0, machine_value_usd=240.0)
    row = plan.ledger.iloc[[-1]].assign(
        line="deferred_tax", amount_usd=-100.0, present_value_usd=-25.0, is_cash=False
    )
    both = replace(plan, ledger=pd.concat([plan.ledger, row], ignore_index=True))
    free, _ = taxed(0.0, end_value_usd=40.0, machine_value_usd=240.0)
    found, untaxed = kpis(both, data), kpis(free, data)
    assert found.npv_usd == pytest.approx(1750 - 100 + 100 - 25)
    assert found.npv_before_tax_usd == pytest.approx(1850)
    assert found.irr_before_tax_share_per_year == pytest.approx(untaxed.irr_share_per_year)
    assert found.payback_before_tax_months == pytest.approx(untaxed.payback_months)
    gain = change(both, free, data)
    assert gain.npv_usd == pytest.approx(-125)
    assert gain.npv_before_tax_usd == pytest.approx(0.0)


def test_a_change_s_return_before_tax_leaves_out_tax_on_what_is_left() -> None:
    """Ten move for 120 each to where they earn 50 more; taxes of one plan change only its return after tax.

    The return before tax stays that of the plan without taxes.
    """
    data = quiet(revenue_usd=[[[100.0] * 3], [[150.0] * 3]], freight_usd=120.0)
    plan = solve_inputs(data)
    ours = PlanTables(**{name: plan.tables[name] for name in COLUMNS})
    lp, decisions = build(data)
    stayed = tables(lp, data, decisions, stay_put(lp, data, decisions, Options()).values)
    rows = ours.ledger.iloc[[0, 0]].assign(
        line=["profit_tax", "deferred_tax"],
        amount_usd=[-90.0, -60.0],
        present_value_usd=0.0,
        period="m3",
        is_cash=[True, False],
    )
    more = replace(ours, ledger=pd.concat([ours.ledger, rows], ignore_index=True))
    plain, taxed_plan = change(ours, stayed, data), change(more, stayed, data)
    assert taxed_plan.irr_before_tax_share_per_year == pytest.approx(plain.irr_share_per_year)
    assert taxed_plan.irr_share_per_year < plain.irr_share_per_year
    assert taxed_plan.payback_before_tax_months == pytest.approx(plain.payback_months)


def test_a_plan_that_pays_nothing_back_says_so() -> None:
    """A fleet of 3,200 that earns 3,000, worth nothing after: no payback, and a rate below nothing."""
    plan, data = taxed(0.0, machine_value_usd=320.0)
    found = kpis(plan, data)
    assert found.payback_months is None
    assert found.irr_share_per_year is not None
    assert found.irr_share_per_year < 0


def test_every_figure_has_its_words() -> None:
    """Label, unit and basis of each, so that none is shown bare; a new figure needs its own."""
    assert set(KPI_FIGURES) == {each.name for each in fields(Kpis)}
    assert set(CHANGE_FIGURES) == {each.name for each in fields(Change)}
    for figure in (*KPI_FIGURES.values(), *CHANGE_FIGURES.values()):
        assert figure.label
        assert figure.unit
        assert figure.basis


def test_the_screen_shows_tax_where_there_is_any() -> None:
    """Rows after tax only where tax is paid: elsewhere they would repeat those above."""
    data = quiet(sites=1, machine_value_usd=60.0, mined_btc=0.001)
    plan = solve_inputs(data)
    assert "profit tax" not in str(plan)
    paid = replace(plan.kpis, profit_tax_usd=400.0, npv_before_tax_usd=1750.0)
    text = " ".join(str(replace(plan, kpis=paid)).split())
    assert "profit tax paid, nominal, k USD 0.40 0.00" in text
    assert "worth before tax and risk, k USD 1.75 3.00" in text
