"""Standing charges and minimum bills: owed while the contract is open, whatever is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optimizer.blocks.contract_terms import contract_terms
from optimizer.blocks.mining import mining
from optimizer.blocks.site_costs import site_costs
from optimizer.extract import tables
from optimizer.inputs import Inputs
from optimizer.invoices import invoiced
from optimizer.pipeline import build
from tests.core.answers import Answer, answer, same
from tests.core.instances import changed, in_blocks, quiet
from tests.core.printed import line, model_of, rows

MONTH = {"sites": 1, "periods": 1}
SIGNED = {"is_signed": True}
EACH = dict.fromkeys(("energy_usd", "delivery_usd", "levy_usd", "peak_usd"), 10.0)
NOT_POWER = dict.fromkeys(
    ("pool_fee_usd", "hosting_usd", "site_opex_usd", "firmware_usd", "friction_usd"), 10.0
)


# --- standing charges -------------------------------------------------------------------------------------


def test_a_standing_charge_is_paid_while_open() -> None:
    """The open factor stands in the line."""
    lp = model_of(quiet(**MONTH, standing_charge_usd=40.0), site_costs, contract_terms)
    assert line(lp, "standing_charges") == ["base, home, m1: -40 site_open[base, home, m1]"]
    assert "minimum_bill" not in lp.rows


@pytest.mark.parametrize(("usd", "value_usd"), [(40.0, 2880.0), (-40.0, 3120.0)])
def test_every_month_charges_or_pays(usd: float, value_usd: float) -> None:
    """Three months of 1,000 less 40; a power purchase that is resold may pay instead."""
    assert same(answer(quiet(sites=1, standing_charge_usd=usd, **SIGNED)).value_usd, value_usd)


def test_a_site_that_is_not_worth_its_charge_is_left() -> None:
    """1,200 a month at home against 1,000 of income: all go to `away`, 3 x 900."""
    data = quiet(standing_charge_usd=[[1200.0], [0.0]], revenue_usd=[[[100.0] * 3], [[90.0] * 3]])
    assert same(answer(data).value_usd, 2700)


def test_a_signed_contract_is_paid_to_its_end() -> None:
    """Signed for two of three months, the same site: 2,400 are owed; machines leave for 90 in m3 only.

    2,000 - 2,400 + 900 = 500. Free to leave at once it would be 2,700, bound to the end 3,000 - 3,600.
    """
    data = quiet(
        standing_charge_usd=[[1200.0], [0.0]],
        revenue_usd=[[[100.0] * 3], [[90.0] * 3]],
        is_signed=np.array([[True, True, False], [False] * 3]),
    )
    found = answer(data)
    assert found.money("standing_charges") == [-1200, -1200, 0]
    assert same(found.value_usd, 500)


def test_signed_contracts_leave_nothing_to_decide() -> None:
    """No whole column, so that the study stays linear and its proof stands; unsigned months have one each."""
    assert not build(quiet(standing_charge_usd=40.0, **SIGNED))[0].is_integer.any()
    signed = np.array([[True, True, False]] * 2)
    lp, _ = build(quiet(standing_charge_usd=40.0, is_signed=signed))
    is_open = lp.variables["site_open"][1][0]
    assert lp.is_integer[is_open].tolist() == [[False, False, True]] * 2
    assert lp.lower[is_open].tolist() == [[1, 1, 0]] * 2


# --- minimum bills ----------------------------------------------------------------------------------------


def test_the_bill_and_its_top_up_reach_the_minimum_while_open() -> None:
    """Power counts towards the bill, the pool's fee does not."""
    data = quiet(**MONTH, minimum_bill_usd=300.0, energy_usd=20.0, pool_fee_usd=2.0)
    lp = model_of(data, mining, site_costs, contract_terms)
    assert rows(lp, "minimum_bill") == [
        "minimum_bill[base, home, m1]: +20 running[base, old, home, normal, m1] "
        "-300 site_open[base, home, m1] +top_up_usd[base, home, m1] >= 0"
    ]
    assert line(lp, "minimum_bill") == ["base, home, m1: -top_up_usd[base, home, m1]"]


@pytest.mark.parametrize(("least_usd", "top_up_usd"), [(350.0, 150.0), (200.0, 0.0), (150.0, 0.0)])
def test_the_rest_of_the_minimum_is_paid(least_usd: float, top_up_usd: float) -> None:
    """Ten machines at 20: 200 billed. 1,000 - 200 - the rest; a minimum beside the bill would take it all."""
    found = answer(quiet(**MONTH, **SIGNED, minimum_bill_usd=least_usd, energy_usd=20.0))
    assert found.money("minimum_bill") == [-top_up_usd]
    assert same(found.value_usd, 800 - top_up_usd)


def test_within_the_minimum_energy_is_free() -> None:
    """130 USD of energy against 100, a minimum of 650: five run for what is owed, 500 - 650; none: -650."""
    found = answer(quiet(**MONTH, **SIGNED, minimum_bill_usd=650.0, energy_usd=130.0))
    assert found.running(0) == [5]
    assert same(found.value_usd, -150)


def test_no_contract_no_bill() -> None:
    """`away` is not open: no 300 a month."""
    assert same(answer(quiet(minimum_bill_usd=[[0.0], [300.0]])).value_usd, 3000)


@pytest.mark.parametrize(
    ("terms", "billed_usd"),
    [
        *(({name: usd}, 100.0) for name, usd in EACH.items()),
        *(({name: usd}, 0.0) for name, usd in NOT_POWER.items()),
        ({"demand_charges": ("peak",), "demand_usd_per_kw": 10.0}, 100.0),
        ({"standing_charge_usd": 100.0}, 100.0),
        ({"volume_steps": ("all",), "volume_step_kwh": np.inf, "volume_step_usd_per_kwh": 1 / 72}, 100.0),
        ({"energy_usd": 20.0, "supply_kwh": 5000.0, "supply_discount_usd_per_kwh": 0.02}, 100.0),
    ],
)
def test_what_counts_towards_a_bill(terms: dict[str, Any], billed_usd: float) -> None:
    """Everything that the seller of power charges, less what it gives back: 100 of 400 in each case."""
    data = quiet(**MONTH, **SIGNED, minimum_bill_usd=400.0, **terms)
    found = answer(data)
    ledger = tables(found.lp, data, found.plan, found.solution.values).ledger
    assert -ledger[ledger.line == "minimum_bill"].amount_usd.sum() == pytest.approx(400.0 - billed_usd)


# --- the invoice ------------------------------------------------------------------------------------------


def full_bill() -> tuple[Inputs, Answer]:
    """Ten machines, 7,200 kWh in two blocks, a minimum of 2,000 that leaves every other charge open."""
    data = quiet(
        sites=1,
        periods=2,
        **SIGNED,
        minimum_bill_usd=2000.0,
        demand_charges=("peak", "grid"),
        demand_usd_per_kw=np.array([[5.0], [2.0]]),
        demand_floor_kw=np.array([[0.0], [14.0]]),
        contracted_kw=np.array([[6.0], [np.inf]]),
        excess_usd_per_kw=3.0,
        ratchet_share=np.array([0.8, 0.0]),
        ratchet_until=np.array([[1, 1], [-1, -1]]),
        volume_steps=("first", "rest"),
        volume_step_kwh=np.array([2160.0, np.inf])[:, None],
        volume_step_usd_per_kwh=np.array([0.0, 0.02])[:, None],
    )
    data = in_blocks(data, [True], np.full((1, 2, 2), 0.5))
    data = changed(data, supply_kwh=1000.0, supply_discount_usd_per_kwh=0.03)
    return data, answer(data)


def test_every_charge_of_a_bill_is_what_its_own_terms_say() -> None:
    """Peak 50 + 12 and 28, volume 100.80, supply 60 back: 130.80; the rest of 2,000 is top-up, 1,869.20.

    The solver may as well bill 400 kW and top up nothing: the worth is the same.
    """
    data, found = full_bill()
    ledger = tables(found.lp, data, found.plan, found.solution.values).ledger
    told = ledger[ledger.period == "m1"].set_index("line").amount_usd
    lines = {
        "demand_charges": -90.0,
        "volume_charges": -100.8,
        "supply_credits": 60.0,
        "minimum_bill": -1869.2,
    }
    assert {name: told[name] for name in lines} == pytest.approx(lines)


def test_an_inflated_bill_comes_back_to_what_it_is() -> None:
    """Every column of the bill moved where the minimum allows: the same invoice, the same objective."""
    data, found = full_bill()
    lp, honest = found.lp, invoiced(found.lp, data, found.solution.values)
    moved = honest.copy()
    for name, change in {"metered_kw": 3.0, "billed_kw": 7.0, "excess_kw": 4.0, "top_up_usd": -90.0}.items():
        moved[lp.variables[name][1]] += change
    moved[lp.variables["supplied_kwh"][1][lp.variables["supplied_kwh"][1] >= 0]] = 0.0
    steps = lp.variables["volume_kwh"][1]
    moved[steps[:, :, 0]], moved[steps[:, :, 1]] = 0.0, honest[steps].sum(axis=2)
    assert invoiced(lp, data, moved) == pytest.approx(honest)
    assert float(lp.objective @ honest) == pytest.approx(found.value_usd)


def test_a_bill_that_is_idle_is_its_floor() -> None:
    """No machine: 28 USD of floor, nothing supplied, nothing metered, although supply could be taken."""
    data, _ = full_bill()
    data = changed(data, start_machines=0.0)
    found = answer(data)
    ledger = tables(found.lp, data, found.plan, found.solution.values).ledger
    told = ledger[ledger.period == "m2"].set_index("line").amount_usd.to_dict()
    assert told == pytest.approx({"demand_charges": -28.0, "minimum_bill": -1972.0})


def test_a_bill_remembers_past_peaks_before_its_top_up() -> None:
    """10 kW in m1 at 5 USD, four fifths of it in m2, when nothing runs: 40 USD, and 1,960 of top-up.

    Without the ratchet's rows the invoice would say 0 and 2,000.
    """
    data = quiet(
        sites=1,
        periods=2,
        **SIGNED,
        revenue_usd=[1000.0, 0.0],
        can_run=[True, False],
        minimum_bill_usd=2000.0,
        demand_charges=("peak",),
        demand_usd_per_kw=5.0,
        ratchet_share=0.8,
        ratchet_until=np.array([[1, 1]]),
    )
    found = answer(data)
    ledger = tables(found.lp, data, found.plan, found.solution.values).ledger
    told = ledger[ledger.period == "m2"].set_index("line").amount_usd.to_dict()
    assert told == pytest.approx({"demand_charges": -40.0, "minimum_bill": -1960.0})
