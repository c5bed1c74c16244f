"""Machines bought, paid when ordered and here when delivered, and machines sold."""

import pytest

from optimizer.blocks.trading import trading
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
