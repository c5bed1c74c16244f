"""A machine is in service under one profile at a time, and every cost of running is a line of its own."""

import numpy as np

from optimizer.blocks.mining import mining
from tests.core.answers import answer, same
from tests.core.instances import in_blocks, on_the_road, quiet
from tests.core.printed import line, model_of, rows

LINES = {"pool_fees": 2.0, "energy": 40.0, "delivery": 5.0, "levies": 3.0}
LINES |= {"firmware_fees": 1.5, "peak_charges": 7.0, "frictions": 0.5}
COSTS = {"pool_fee_usd": 2.0, "energy_usd": 40.0, "delivery_usd": 5.0, "levy_usd": 3.0}
COSTS |= {"firmware_usd": 1.5, "peak_usd": 7.0, "friction_usd": 0.5}


def test_profiles_share_the_machines_that_are_there() -> None:
    """Normal and eco together at most what stands; arrivals count with what their month has left."""
    data = quiet(sites=2, periods=2, profiles=2, **on_the_road(2, 1, lost=0.25))
    assert rows(model_of(data, mining), "in_service") == [
        "in_service[base, old, home, all hours, m1]: -staying[base, old, home, m1] "
        "+running[base, old, home, normal, m1] +running[base, old, home, eco, m1] <= 0",
        "in_service[base, old, home, all hours, m2]: -staying[base, old, home, m2] "
        "+running[base, old, home, normal, m2] +running[base, old, home, eco, m2] <= 0",
        "in_service[base, old, away, all hours, m2]: -0.75 arriving[base, old, away, road, m2] "
        "+running[base, old, away, normal, m2] +running[base, old, away, eco, m2] <= 0",
    ]


def test_every_cost_of_running_is_a_line() -> None:
    """Income is positive, costs are negative, and each stands on its own."""
    lp = model_of(quiet(sites=1, periods=1, **COSTS), mining)
    assert {name: line(lp, name) for name in lp.ledger} == {
        "hash_revenue": ["base, home, m1: +100 running[base, old, home, normal, m1]"],
        "pool_fees": ["base, home, m1: -2 running[base, old, home, normal, m1]"],
        "energy": ["base, home, m1: -40 running[base, old, home, normal, m1]"],
        "delivery": ["base, home, m1: -5 running[base, old, home, normal, m1]"],
        "levies": ["base, home, m1: -3 running[base, old, home, normal, m1]"],
        "firmware_fees": ["base, home, m1: -1.5 running[base, old, home, normal, m1]"],
        "peak_charges": ["base, home, m1: -7 running[base, old, home, normal, m1]"],
        "frictions": ["base, home, m1: -0.5 running[base, old, home, normal, m1]"],
    }


def test_margin_is_revenue_less_every_cost() -> None:
    """10 x (100 - 2 - 40 - 5 - 3 - 1.5 - 7 - 0.5) = 410 a month; without one line it is off by that line."""
    found = answer(quiet(sites=1, periods=1, **COSTS))
    assert same(found.value_usd, 410)
    assert {name: found.money(name) for name in LINES} == {name: [-10 * usd] for name, usd in LINES.items()}


def test_eco_profile_shares_scarce_power() -> None:
    """Normal earns 100 on 3 kW, eco 80 on 2 kW; 25 kW for ten machines: five of each, 900 USD.

    Ten in eco give 800; as many normal as the power takes (8.33) 833; a model that lets a machine run both
    profiles at once 1,000 (12.5 in eco).
    """
    found = answer(
        quiet(
            sites=1,
            periods=1,
            profiles=2,
            revenue_usd=[[100.0], [80.0]],
            meter_kw=[[3.0], [2.0]],
            max_power_kw=25.0,
        )
    )
    assert same(found.value_usd, 900)
    assert found.of("running").ravel().round(6).tolist() == [5, 5]


def test_machines_idle_when_running_costs_more_than_it_earns() -> None:
    """Energy is 130 in m2 against an income of 100: two months of 1,000, not 2 x 1,000 - 300."""
    found = answer(quiet(sites=1, energy_usd=[0.0, 130.0, 0.0]))
    assert found.running(0) == [10, 0, 10]
    assert same(found.value_usd, 2000)


def test_negative_energy_prices_pay_for_running() -> None:
    """20 USD a month paid for taking power, no income: 200. A version that clips costs at zero gives 0."""
    assert same(answer(quiet(sites=1, periods=1, revenue_usd=0.0, energy_usd=-20.0)).value_usd, 200)


def test_later_money_is_worth_less() -> None:
    """Three months of 1,000 at 1, 0.9 and 0.8."""
    assert same(answer(quiet(sites=1, discount=[1.0, 0.9, 0.8])).value_usd, 2700)


def test_no_column_where_no_machine_can_run() -> None:
    """A month without a lawful, paying hour has no `running` at all, so no tolerance can leak into it."""
    data = quiet(sites=1, can_run=np.array([True, False, True]))
    assert (model_of(data, mining).variables["running"][1][0, 0, 0, 0] >= 0).tolist() == [True, False, True]


def test_a_machine_serves_in_every_block_of_hours() -> None:
    """A row for each block, late arrivals in each: one row for both would let it work in one or the other."""
    data = in_blocks(quiet(periods=2, **on_the_road(2, 1, lost=0.25)), [False, True], np.full((2, 2, 2), 0.5))
    assert rows(model_of(data, mining), "in_service")[2:] == [
        f"in_service[base, old, away, block {block}, m2]: -0.75 arriving[base, old, away, road, m2] "
        f"+running[base, old, away, normal, block {block}, m2] <= 0"
        for block in (1, 2)
    ]
