"""The figures a plan is judged by, by hand."""

import numpy as np
import pytest

from optimizer.extract import tables
from optimizer.inputs import Inputs
from optimizer.kpis import Kpis, kpis
from optimizer.pipeline import solve_inputs
from optimizer.plan import Plan
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
