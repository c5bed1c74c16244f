"""Loans for machines: what may be drawn, what falls due, and that what is owed at the end is owed."""

from typing import Any

import numpy as np
import pytest

from optimizer.blocks.loans import loans
from optimizer.certificate import upper_bound
from optimizer.inputs import Inputs
from tests.core.answers import answer, same
from tests.core.instances import on_offer, quiet
from tests.core.printed import line, model_of, rows

ANNUITY = 1000 * 0.01 / (1 - 1.01**-3)  # 340.0221: three payments on 1,000 at 1 % a month
INTEREST = (10.0, 6.699779, 3.366556)  # 1 % of 1,000, 669.9779 and 336.6556
PRINCIPAL = tuple(ANNUITY - paid for paid in INTEREST)


def by_age(periods: int, shares: tuple[float, ...]) -> np.ndarray:
    """Payments one, two, ... months after drawing, as shares of the sum."""
    return sum(share * np.eye(periods, k=age + 1) for age, share in enumerate(shares))[None]


def lent(periods: int = 4, **changes: Any) -> dict[str, Any]:
    """An annuity over three months at 1 % a month for 70 % of the price."""
    interest = by_age(periods, tuple(paid / 1000 for paid in INTEREST))
    principal = by_age(periods, tuple(paid / 1000 for paid in PRINCIPAL))
    return {
        "loans": ("bank",),
        "loan_can_draw": True,
        "loan_max_usd": 1e6,
        "loan_share": 0.7,
        "loan_interest_share": interest,
        "loan_principal_share": principal,
        "loan_left_share": 1.01 * (1.0 - principal.sum(axis=2)),
        **changes,
    }


def buying(periods: int = 4, **changes: Any) -> Inputs:
    """One machine on offer for 1,000 in m1, which earns 400 a month from m2; 300 in the purse."""
    offer = on_offer(periods, 1, count=1.0) | {"can_order": np.arange(periods) == 0}
    given = {"start_machines": 0.0, "order_usd": 1000.0, "revenue_usd": 400.0, "opening_cash_usd": 300.0}
    return quiet(sites=1, periods=periods, **(offer | given | lent(periods) | changes))


def test_rows_and_lines() -> None:
    """70 % of the month's orders; interest and principal from the month after; the rest is owed."""
    lp = model_of(buying(2, loan_fee_share=0.02, loan_max_usd=500.0), loans)
    drawn = "loan_drawn[base, bank, m1]"
    assert rows(lp, "loan_purpose")[0] == (
        "loan_purpose[base, bank, m1]: -700 ordered[base, old, home, m1] +loan_drawn[base, bank, m1] <= 0"
    )
    assert rows(lp, "loan_limit") == [f"loan_limit[base, bank]: +{drawn} +loan_drawn[base, bank, m2] <= 500"]
    assert not rows(lp, "loans_together")
    assert line(lp, "loan_drawn")[0] == f"base, operator, m1: +{drawn}"
    assert line(lp, "loan_interest") == [f"base, operator, m2: -0.01 {drawn}"]
    assert line(lp, "loan_principal") == [f"base, operator, m2: -0.330022 {drawn}"]
    assert line(lp, "loan_fees")[0] == f"base, operator, m1: -0.02 {drawn}"
    assert line(lp, "loan_left") == [
        f"base, operator, m2: -0.676678 {drawn} -1.01 loan_drawn[base, bank, m2]"
    ]


def test_an_annuity_by_hand() -> None:
    """700 are drawn: payments of 238.02, of which 7.00, 4.69 and 2.36 are interest: 1,200 - 1,000 - 14.05.

    Without the loan 0.3 machines are bought: 60. Interest on the whole sum until the end would be 21.
    """
    found = answer(buying())
    assert found.money("loan_drawn") == [700, 0, 0, 0]
    assert found.money("loan_interest") == pytest.approx([0, -7, -4.689845, -2.356589], abs=1e-5)
    paid = np.add(found.money("loan_interest"), found.money("loan_principal"))
    assert paid == pytest.approx([0, *[-0.7 * ANNUITY] * 3], abs=1e-5)
    assert same(found.value_usd, 1200 - 1000 - 14.046435, 1e-6)
    assert found.of("cash_balance")[0, 0] == pytest.approx(0)
    assert same(answer(buying(loan_can_draw=False)).value_usd, 60)


def test_what_is_owed_at_the_end_is_charged() -> None:
    """Two months: 669.98 of each 1,000 and a month's interest are owed, 473.67 on 700; 600 earned do not pay.

    Forgotten, the loan would be a gift of 473.67 and the machine would be bought.
    """
    assert answer(buying(2, revenue_usd=600.0)).value_usd == pytest.approx(0)
    dear = answer(buying(2, revenue_usd=1400.0))
    assert same(dear.value_usd, 1400 - 1000 - 7 - 0.01 * 468.984519)
    assert dear.money("loan_left") == pytest.approx([0, -0.7 * 1.01 * 669.977885], abs=1e-4)


def test_borrowing_for_nothing_is_worth_nothing() -> None:
    """No interest, all of it owed at the end, money that keeps its worth: 200 with and without the loan."""
    free = {"loan_interest_share": 0.0, "loan_principal_share": 0.0, "loan_left_share": 1.0}
    rich = answer(buying(**free, opening_cash_usd=1e6))
    assert same(rich.value_usd, 200)


def test_a_loan_is_only_for_the_company_s_own_orders() -> None:
    """The order is at a hub of the other company: nothing can be lent, 0.3 machines are bought."""
    data = buying(entities=("here", "there"), entity_of_hub=[1], entity_of_site=[1], loan_entity=[0])
    assert same(answer(data).value_usd, 60)


def test_two_loans_do_not_pay_for_the_same_machine_twice() -> None:
    """70 % and 60 %: together at most 70 %; with 200 in the purse two thirds of a machine are bought.

    Apart, 1,300 could be drawn for 1,000, and a whole one would be.
    """
    two = {
        "loans": ("bank", "maker"),
        "loan_share": np.array([[0.7], [0.6]]),
        "opening_cash_usd": 200.0,
    }
    schedules = ("loan_interest_share", "loan_principal_share", "loan_left_share")
    both = {name: np.repeat(lent()[name], 2, axis=0) for name in schedules}
    assert same(answer(buying(**two, **both)).money("purchases")[0], -2000 / 3, 1e-5)
    assert rows(model_of(buying(**two, **both), loans), "loans_together")[0] == (
        "loans_together[base, operator, m1]: -700 ordered[base, old, home, m1] "
        "+loan_drawn[base, bank, m1] +loan_drawn[base, maker, m1] <= 0"
    )


def test_interest_is_deducted_and_principal_is_not() -> None:
    """25 % of 1,400 less 7 of interest, 348.25; with the principal of 231.02 deducted, 290.5."""
    found = answer(
        buying(
            2,
            revenue_usd=1400.0,
            discount=[1.0, 0.99],
            tax_years=("y1", "y2"),
            year_share=np.eye(2),
            tax_paid_in=[0, 1],
            tax_rate_share=0.25,
        )
    )
    assert found.money("loan_interest") == pytest.approx([0, -7])
    assert found.money("profit_tax") == pytest.approx([0, -(1400 - 7) * 0.25])


def test_a_limit_on_capital_holds_for_machines_however_they_are_paid() -> None:
    """500 a month for machines: half of one, though a loan would pay 700 of it."""
    found = answer(buying(opening_cash_usd=1e6, max_capex_usd=500.0))
    assert found.money("purchases")[0] == -500


def test_the_optimum_is_proven_without_the_solver() -> None:
    """Loans tie lots together; with their prices the bound is tight."""
    data = buying()
    found = answer(data)
    assert same(upper_bound(found.lp, data, found.plan, found.solution.row_duals), found.value_usd)
