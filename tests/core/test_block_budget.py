"""Cash that must be there, and capital that may be spent."""

import numpy as np
import pytest

from optimizer.blocks.budget import budget
from optimizer.blocks.mining import mining
from optimizer.blocks.relocation import relocation
from optimizer.solvers import Status
from tests.core.answers import answer, same, status
from tests.core.instances import changed, on_the_road, quiet
from tests.core.printed import model_of, rows

FREIGHT = {"freight_usd": 30.0}
AWAY_ONLY = {"revenue_usd": [[[0.0] * 3], [[150.0] * 3]]}


def test_the_balance_carries_over_and_takes_in_every_cash_line() -> None:
    """Opening cash in the first month, then last month's balance plus income less freight."""
    data = quiet(periods=2, **FREIGHT, **on_the_road(2, 1), opening_cash_usd=500.0, min_cash_usd=20.0)
    lp = model_of(data, mining, relocation, budget)
    assert rows(lp, "cash_balance") == [
        "cash_balance[base, m1]: +30 shipped[base, old, home>away, m1] "
        "-100 running[base, old, home, normal, m1] +cash_balance[base, m1] = 500",
        "cash_balance[base, m2]: -100 running[base, old, home, normal, m2] "
        "-100 running[base, old, away, normal, m2] -cash_balance[base, m1] +cash_balance[base, m2] = 0",
    ]
    assert lp.lower[lp.variables["cash_balance"][1]].tolist() == [[20.0, 20.0]]


def test_capital_is_limited_by_month() -> None:
    """Only lines of capital count: freight, not income."""
    data = quiet(periods=1, **FREIGHT, max_capex_usd=120.0)
    lp = model_of(data, mining, relocation, budget)
    assert rows(lp, "capex") == ["capex[base, m1]: -30 shipped[base, old, home>away, m1] >= -120"]


def test_without_a_budget_there_is_no_cash_column() -> None:
    """Infinite opening cash is no budget at all."""
    assert "cash_balance" not in model_of(quiet(), budget).variables


def test_moves_wait_for_the_cash_that_pays_them() -> None:
    """100 USD move 3 1/3 machines at 30; a month on the road, then they earn 500 and the rest can follow.

    2 x 500 + 1,000 - 300 = 1,700. With all the cash in the world 2 x 1,500 - 300 = 2,700.
    """
    found = answer(quiet(**FREIGHT, **AWAY_ONLY, **on_the_road(3, 1), opening_cash_usd=100.0))
    assert same(found.standing(1)[1], 10 / 3, 1e-6)
    assert same(found.value_usd, 1700)


def test_the_floor_is_kept() -> None:
    """Of 100 USD 40 must stay: two machines move first, earn 300 in m2, and the other eight follow.

    2 x 300 + 8 x 150 - 300 = 1,500; a floor of nothing gives 1,700.
    """
    found = answer(
        quiet(**FREIGHT, **AWAY_ONLY, **on_the_road(3, 1), opening_cash_usd=100.0, min_cash_usd=40.0)
    )
    assert same(found.value_usd, 1500)
    assert found.of("cash_balance").min() == pytest.approx(40.0)


def test_a_floor_that_rises_holds_from_its_month() -> None:
    """100 USD move 3 1/3 machines at once; 400 must be there at the end of m2, so of 500 only 100 move more.

    3 1/3 from m2 and as many again from m3: 2 x 500 + 500 - 200 = 1,300. Without the step 1,700; with 400
    from the first day there is no plan at all.
    """
    base = quiet(**FREIGHT, **AWAY_ONLY, **on_the_road(3, 1), opening_cash_usd=100.0)
    found = answer(changed(base, min_cash_usd=[0.0, 400.0, 400.0]))
    assert same(found.value_usd, 1300)
    assert found.of("cash_balance")[0, 1] == pytest.approx(400.0)
    assert status(changed(base, min_cash_usd=400.0)) is Status.INFEASIBLE


def test_owners_money_is_cash_and_no_income() -> None:
    """300 put in at once move all ten: 2 x 1,500 - 300 = 2,700, not 3,000; they are taken out in m2 again.

    Left out of the balance it would be 0: nothing can move.
    """
    base = quiet(**FREIGHT, **AWAY_ONLY, **on_the_road(3, 1), opening_cash_usd=0.0)
    found = answer(changed(base, cash_in_usd=[300.0, -300.0, 0.0]))
    assert same(found.value_usd, 2700)
    assert found.of("cash_balance")[0] == pytest.approx([0, 1200, 2700])
    assert status(changed(base, cash_in_usd=[0.0, -300.0, 0.0])) is Status.INFEASIBLE


def test_one_more_dollar_of_cash_is_worth_what_it_moves() -> None:
    """One dollar moves 1/30 machine a month earlier: 150 / 30 = 5 USD."""
    data = quiet(**FREIGHT, **AWAY_ONLY, **on_the_road(3, 1), opening_cash_usd=100.0)
    assert same(answer(data).price("cash_balance", 0, 0), 5.0)


def test_spending_is_capped_each_month() -> None:
    """120 a month at 30 a machine: four go each month. Without the cap all go at once, 4,200."""
    found = answer(quiet(**FREIGHT, revenue_usd=[[[100.0] * 3], [[150.0] * 3]], max_capex_usd=120.0))
    assert found.standing(1) == [4, 8, 10]
    assert same(found.value_usd, 3000 + 4 * 120 + 4 * 70 + 2 * 20)


def test_a_loss_that_nobody_can_pay_is_infeasible() -> None:
    """Upkeep of 200 a month and an empty purse: no plan, rather than a debt."""
    data = quiet(sites=1, revenue_usd=0.0, maintenance_usd=20.0, opening_cash_usd=100.0)
    assert status(data) is Status.INFEASIBLE


def test_value_at_the_horizon_is_not_cash() -> None:
    """A machine worth 1,000 at the end pays no freight today."""
    data = quiet(
        **FREIGHT, **AWAY_ONLY, **on_the_road(3, 1), opening_cash_usd=0.0, end_value_usd=np.array([1000.0])
    )
    assert answer(data).standing(1) == [0, 0, 0]
