"""Machines bought, paid when ordered and here when delivered, and machines sold."""

from typing import Any

import numpy as np
import pytest

from optimizer.blocks.trading import trading
from optimizer.certificate import upper_bound
from optimizer.extract import tables
from optimizer.inputs import NEVER, Inputs
from tests.core.answers import answer, same
from tests.core.instances import on_offer, quiet
from tests.core.printed import line, model_of, rows

NONE = {"start_machines": 0.0}


def test_offers_are_limited_in_all_and_by_month_and_sales_by_month() -> None:
    """Orders of every hub count against the seller's stock; sales of every hub against the market."""
    data = quiet(periods=1, **on_offer(1, count=8.0, max_orders_per_period=5.0), max_sales_per_period=3.0)
    lp = model_of(data, trading)
    both = "+ordered[base, old, home, m1] +ordered[base, old, away, m1]"
    assert rows(lp, "orders") == [f"orders[base, old]: {both} <= 8"]
    assert rows(lp, "orders_per_period") == [f"orders_per_period[base, old, m1]: {both} <= 5"]
    assert rows(lp, "sales_per_period") == ["sales_per_period[base, m1]: +sold[base, old, home, m1] <= 3"]


def test_money_falls_when_the_order_is_placed() -> None:
    """A cost in the month of the order, though the machines come a month later."""
    lp = model_of(quiet(periods=2, order_usd=120.0, **on_offer(2, months=1)), trading)
    assert line(lp, "purchases") == [
        "base, home, m1: -120 ordered[base, old, home, m1]",
        "base, away, m1: -120 ordered[base, old, away, m1]",
    ]


def test_a_purchase_earns_from_its_delivery_on() -> None:
    """Paid 120 now, running in m2 and m3 at 0.9 and 0.8: 90 + 80 - 120 = 50 each, 500 for ten.

    Paid on delivery (120 x 0.9 = 108) it would be 620, running at once 1,500.
    """
    data = quiet(sites=1, **NONE, order_usd=120.0, discount=[1.0, 0.9, 0.8], **on_offer(3, months=1))
    found = answer(data)
    assert found.standing(0) == [0, 10, 10]
    assert found.money("purchases") == [-1200, 0, 0]
    assert same(found.value_usd, 500)


@pytest.mark.parametrize(("price_usd", "bought"), [(199.0, 10), (201.0, 0)])
def test_a_purchase_happens_just_when_it_pays(price_usd: float, bought: float) -> None:
    """Two months of 100 pay for 200, no more."""
    data = quiet(sites=1, **NONE, order_usd=price_usd, **on_offer(3, months=1))
    assert answer(data).standing(0)[2] == bought


def test_offers_by_month_run_out() -> None:
    """Six a month, ten in all, a machine at 50: 6 run three months and 4 two: 2,600 - 500."""
    data = quiet(sites=1, **NONE, order_usd=50.0, **on_offer(3, count=10.0, max_orders_per_period=6.0))
    found = answer(data)
    assert found.standing(0) == [6, 10, 10]
    assert same(found.value_usd, 2100)
    assert same(found.price("orders", 0, 0), 150.0)  # of m2 and m3, the months an eleventh could come in


def test_lost_share_of_the_month_of_delivery() -> None:
    """Delivered 60 % into m1: ten earn 400 in m1 and 2,000 later."""
    data = quiet(sites=1, **NONE, **on_offer(3), lost_share=0.6)
    assert same(answer(data).value_usd, 2400)


def test_sales_of_the_best_month_within_what_the_market_takes() -> None:
    """The price falls 400, 300, 50; four a month are taken. Four now, four next, the rest runs on.

    4 x 400 + 4 x 300 = 2,800; 6 + 2 + 2 machine-months of 100 earn 1,000. Unlimited sales would give 4,000.
    """
    data = quiet(sites=1, sale_usd=[400.0, 300.0, 50.0], max_sales_per_period=4.0)
    found = answer(data)
    assert found.money("sales") == [1600, 1200, 0]
    assert same(found.value_usd, 3800)


def test_machines_under_way_are_not_sold() -> None:
    """What has not been delivered stands at no hub: bought at 10 with a month's delivery, sold from m3 only.

    A machine bought in m1 stands in m2 and can go in m3 at 1,000. One sold out of its crate in m1 would be
    a money pump; the offer of ten makes 9,900 + 1,000 for running m2.
    """
    data = quiet(
        sites=1,
        **NONE,
        order_usd=10.0,
        **on_offer(3, months=1),
        sale_usd=1000.0,
        max_sales_per_period=100.0,
    )
    found = answer(data)
    assert found.money("sales") == [0, 0, 10_000]
    assert same(found.value_usd, 10_900)


# --- import -----------------------------------------------------------------------------------------------


def test_duty_on_an_order_is_a_line_of_its_own_by_hub() -> None:
    """30 USD where machines come to `away`, none at home; paid with the order."""
    lp = model_of(quiet(periods=1, order_customs_usd=[[0.0], [30.0]], **on_offer(1)), trading)
    assert line(lp, "import") == ["base, away, m1: -30 ordered[base, old, away, m1]"]


def test_duty_decides_whether_an_order_pays() -> None:
    """Two months of 100 against 150 + duty of 60 at home, nothing at `away`: ten go there, 10 x 50."""
    data = quiet(**NONE, order_usd=150.0, order_customs_usd=[[60.0] * 3, [0.0] * 3], **on_offer(3, months=1))
    found = answer(data)
    assert (found.standing(0)[2], found.standing(1)[2]) == (0, 10)
    assert same(found.value_usd, 500)


def test_duty_that_is_paid_stands_in_the_tables() -> None:
    """20 a machine on ten: 200 in the ledger and in the cost of the purchase, 10 x (50 + 20)."""
    data = quiet(sites=1, **NONE, order_usd=50.0, order_customs_usd=20.0, **on_offer(3))
    found = answer(data)
    plan = tables(found.lp, data, found.plan, found.solution.values)
    assert found.money("import") == [-200, 0, 0]
    assert plan.ledger[plan.ledger.line == "import"].amount_usd.sum() == pytest.approx(-200)
    assert plan.purchases.cost_usd.sum() == pytest.approx(700)


# --- refurbished machines ---------------------------------------------------------------------------------


def refurbished(**changes: Any) -> Inputs:
    """Ten old machines earn 10 a month, up to four new ones 100, for 20 and an old one each."""
    revenue = np.array([10.0, 100.0])[:, None, None, None]
    terms = {"lots": 2, "sites": 1, "periods": 1, "start_machines": [[10], [0]], "revenue_usd": revenue}
    terms |= {"trade_in_lot": np.array([NEVER, 0]), "order_usd": 20.0, **on_offer(1, count=4.0)}
    terms["can_order"] = np.array([False, True])[:, None, None]
    return quiet(**(terms | changes))


def test_one_is_handed_in_for_each_at_the_same_hub_and_period() -> None:
    """No more, no fewer; lots that nobody refurbishes have no row."""
    lp = model_of(refurbished(sites=2, start_machines=[[10, 5], [0, 0]]), trading)
    assert rows(lp, "trade_in") == [
        f"trade_in[base, old, {site}, m1]: +ordered[base, new, {site}, m1] "
        f"-handed_in[base, old, {site}, m1] = 0"
        for site in ("home", "away")
    ]


def test_a_refurbished_machine_costs_the_one_handed_in() -> None:
    """4 x (100 - 20) + 6 x 10 = 380; with the old ones kept as well it would be 420."""
    found = answer(refurbished())
    assert found.of("handed_in").sum() == pytest.approx(4)
    assert same(found.value_usd, 380)


def test_no_more_are_refurbished_than_there_are() -> None:
    """Two old machines: 2 x 80, though four are on offer."""
    assert same(answer(refurbished(start_machines=[[2], [0]])).value_usd, 160)


def test_what_is_handed_in_is_on_a_best_walk() -> None:
    """Both old machines go: the proof without the solver finds their 160 only if a walk may end so."""
    data = refurbished(start_machines=[[2], [0]])
    found = answer(data)
    assert upper_bound(found.lp, data, found.plan, found.solution.row_duals) == pytest.approx(160)


def test_a_machine_elsewhere_is_none_to_hand_in() -> None:
    """Orders come to home; the old stand at `away`, a month from it.

    Four leave in m1 (6 x 10), stand at home in m2 (10 x 10) and are handed in in m3: 4 x 80 + 6 x 10, 540 in
    all. Handed in where they stand they would bring 380 + 460 + 460; staying earns 300.
    """
    data = refurbished(
        sites=2,
        periods=3,
        start_machines=[[0, 10], [0, 0]],
        can_order=np.array([[[False], [False]], [[True], [False]]]),
        order_arrival_period=[0, 1, 2],
        arrival_period=[1, 2, NEVER],
    )
    assert same(answer(data).value_usd, 60 + 100 + 380)


def test_nothing_is_handed_in_for_nothing() -> None:
    """Machines that cost 5 a month and earn nothing cannot vanish into an offer of none: -100, not 0."""
    data = refurbished(periods=2, revenue_usd=0.0, maintenance_usd=5.0, **on_offer(2, count=0.0))
    found = answer(data)
    assert same(found.value_usd, -100)
    assert found.of("handed_in").sum() == pytest.approx(0)


def test_handed_in_is_no_sale() -> None:
    """In the table of sales, of its kind, without income, and not against what the market takes."""
    found_data = refurbished(sale_usd=15.0, max_sales_per_period=1.0, deinstall_usd=1.0)
    found = answer(found_data)
    sales = tables(found.lp, found_data, found.plan, found.solution.values).sales
    told = {row.kind: (row.machines, row.income_usd) for row in sales.itertuples()}
    assert told == {"sold": (pytest.approx(1), pytest.approx(15)), "handed in": (pytest.approx(4), 0.0)}
    assert found.money("deinstallation") == [-5]
    assert same(found.value_usd, 4 * 80 + 15 + 5 * 10 - 5)
