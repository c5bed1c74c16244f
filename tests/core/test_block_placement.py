"""Machines stay, leave, travel and arrive; none appears and none vanishes."""

import numpy as np
import pytest

from optimizer.blocks.placement import placement
from optimizer.inputs import NEVER
from tests.core.answers import answer, same
from tests.core.instances import on_offer, on_the_road, quiet
from tests.core.printed import columns, model_of, rows


def test_stock_rows_carry_machines_from_month_to_month() -> None:
    """The ten at the start are a number, later stock is what stayed and arrived the month before."""
    lp = model_of(quiet(periods=2), placement)
    assert rows(lp, "stock") == [
        "stock[base, old, home, m1]: +staying[base, old, home, m1] +departing[base, old, home, m1] = 10",
        "stock[base, old, home, m2]: -staying[base, old, home, m1] +staying[base, old, home, m2] "
        "+departing[base, old, home, m2] = 0",
        "stock[base, old, away, m2]: +staying[base, old, away, m2] +departing[base, old, away, m2] "
        "-arriving[base, old, away, direct, m1] = 0",
    ]


def test_hub_rows_ship_or_sell_what_departs() -> None:
    """Nothing departs into thin air: out of the sites of a hub onto its roads or to a buyer."""
    lp = model_of(quiet(periods=1, max_sales_per_period=5.0), placement)
    assert rows(lp, "hub_out") == [
        "hub_out[base, old, home, m1]: +departing[base, old, home, m1] -shipped[base, old, home>away, m1] "
        "-sold[base, old, home, m1] = 0"
    ]


def test_what_leaves_now_arrives_a_month_later() -> None:
    """With a month on the road the shipment of m1 is the arrival of m2; broken, it is that of m1."""
    lp = model_of(quiet(periods=2, **on_the_road(2, 1)), placement)
    assert rows(lp, "hub_in") == [
        "hub_in[base, old, away, road, m2]: -arriving[base, old, away, road, m2] "
        "+shipped[base, old, home>away, m1] = 0"
    ]


def test_orders_join_what_comes_by_road() -> None:
    """An order to a hub is settled on its sites like a shipment."""
    lp = model_of(quiet(periods=1, **on_offer(1)), placement)
    assert rows(lp, "hub_in") == [
        "hub_in[base, old, home, direct, m1]: -arriving[base, old, home, direct, m1] "
        "+ordered[base, old, home, m1] = 0",
        "hub_in[base, old, away, direct, m1]: -arriving[base, old, away, direct, m1] "
        "+shipped[base, old, home>away, m1] +ordered[base, old, away, m1] = 0",
    ]


def test_sites_of_one_hub_share_its_road() -> None:
    """`home` and `away` are one region: one road leads into both, and the hub's row adds both up."""
    data = quiet(
        sites=3,
        periods=1,
        hubs=("near", "far"),
        corridors=("near>far", "far>near"),
        hub_of_site=np.array([0, 0, 1]),
        corridor_from=np.array([0, 1]),
        corridor_to=np.array([1, 0]),
        start_machines=[[1, 2, 3]],
    )
    assert rows(model_of(data, placement), "hub_in")[0] == (
        "hub_in[base, old, near, direct, m1]: -arriving[base, old, home, direct, m1] "
        "-arriving[base, old, away, direct, m1] +shipped[base, old, far>near, m1] = 0"
    )


def test_only_columns_that_can_be_used_exist() -> None:
    """Nothing stands at `away` before a road could bring it, nothing ships that would come too late."""
    lp = model_of(quiet(periods=3, **on_the_road(3, 1)), placement)
    assert columns(lp, "staying") == [
        "staying[base, old, home, m1]",
        "staying[base, old, home, m2]",
        "staying[base, old, home, m3]",
        "staying[base, old, away, m3]",
    ]
    assert columns(lp, "shipped") == [
        "shipped[base, old, home>away, m1]",
        "shipped[base, old, home>away, m2]",
    ]
    assert columns(lp, "sold") == []


@pytest.mark.parametrize(
    ("months", "lost", "usd"), [(0, 0.0, 3000), (1, 0.0, 2000), (2, 0.25, 750), (3, 0.0, 0)]
)
def test_time_on_the_road_earns_nothing(months: int, lost: float, usd: float) -> None:
    """Ten machines can earn 100 a month at `away` only. On the road they earn nothing, and then lose a share.

    Two months and a quarter of the third: 10 x 100 x 0.75 = 750. A broken version that counts the whole
    month of arrival gives 1,000; one that forgets the road 3,000.
    """
    data = quiet(**on_the_road(3, months, lost), can_run=[[[[False] * 3], [[True] * 3]]])
    assert same(answer(data).value_usd, usd)


def test_what_arrives_leaves_again_next_month_at_the_earliest() -> None:
    """home > away > far, each road without lead time: `far` pays 100 from the second month, so 2,000 in all.

    A version in which machines pass through `away` within the month gives 3,000.
    """
    paying = np.zeros((3, 1, 3))
    paying[2] = 100.0
    direct = {"corridors": ("home>away", "away>far"), "corridor_from": np.array([0, 1])}
    data = quiet(sites=3, **direct, corridor_to=np.array([1, 2]), revenue_usd=paying)
    found = answer(data)
    assert same(found.value_usd, 2000)
    assert found.running(2) == [0, 10, 10]


def test_a_road_may_lead_through_a_place_where_nothing_runs() -> None:
    """As above, but at `away` no machine can run. It is a yard on the way: still 2,000, not 0."""
    can_run = np.zeros((3, 1, 3), dtype=bool)
    can_run[2] = True
    direct = {"corridors": ("home>away", "away>far"), "corridor_from": np.array([0, 1])}
    data = quiet(sites=3, **direct, corridor_to=np.array([1, 2]), can_run=can_run)
    assert same(answer(data).value_usd, 2000)


def test_machines_are_conserved_while_on_the_road() -> None:
    """Ten start; at every month's end standing plus under way plus sold is ten plus bought."""
    data = quiet(
        **on_the_road(3, 1),
        revenue_usd=[[[100.0] * 3], [[300.0] * 3]],
        max_sales_per_period=2.0,
        sale_usd=1000.0,
    )
    found = answer(data)
    stands = np.array(found.standing(0)) + np.array(found.standing(1))
    under_way = found.of("shipped")[0, 0, 0]
    sold = np.cumsum(found.of("sold").sum(axis=(0, 1, 2)))
    assert (stands + under_way + sold).round(6).tolist() == [10, 10, 10]
    assert sold.tolist() == [2, 4, 6]


def test_without_a_road_machines_stay() -> None:
    """No corridor, no buyer: three times better is out of reach, 3,000 and not 9,000."""
    nowhere = {"corridors": (), "corridor_from": np.empty(0, int), "corridor_to": np.empty(0, int)}
    data = quiet(**nowhere, revenue_usd=[[[100.0] * 3], [[300.0] * 3]])
    found = answer(data)
    assert found.standing(0) == [10, 10, 10]
    assert same(found.value_usd, 3000)


def test_a_road_may_close() -> None:
    """The road is shut in m1 (its arrival is NEVER): the move comes a month later, 1,000 + 2 x 3,000."""
    data = quiet(revenue_usd=[[[100.0] * 3], [[300.0] * 3]], arrival_period=[NEVER, 1, 2])
    assert same(answer(data).value_usd, 7000)


def test_lots_do_not_turn_into_each_other() -> None:
    """Only the new lot pays at `away` (500), the old one only at home: 10 x 500 + 10 x 100 in one month."""
    revenue = np.full((2, 2, 1, 1), 100.0)
    revenue[1, 1], revenue[0, 1] = 500.0, 0.0
    assert same(answer(quiet(lots=2, periods=1, revenue_usd=revenue)).value_usd, 6000)


MISFIT = {"fits": [[True, False]], "unfit_because": [["", "immersion only"]]}


def test_machines_neither_come_nor_run_where_they_do_not_fit() -> None:
    """`away` pays 300 but is no place for the machine: no columns there, 3,000 and not 9,000."""
    data = quiet(revenue_usd=[[[100.0] * 3], [[300.0] * 3]], **MISFIT)
    lp = model_of(data, placement)
    assert [name for name in (*columns(lp, "arriving"), *columns(lp, "running")) if "away" in name] == []
    assert same(answer(data).value_usd, 3000)


def test_what_stands_where_it_does_not_fit_may_leave() -> None:
    """Ten begin at `away`, idle for want of cooling; home takes them in m1 at 10 each: 3,000 - 100.

    Running where they stand they would make 3,000; if they could not leave, nothing.
    """
    data = quiet(start_machines=[[0, 10]], freight_usd=10.0, **MISFIT)
    found = answer(data)
    assert same(found.value_usd, 2900)
    assert found.running(1) == [0, 0, 0]


def test_a_lot_that_does_not_fit_leaves_the_place_to_others() -> None:
    """Only the old lot is kept out of `away`: 10 x 100 at home, 10 x 300 there."""
    fits = [[True, False], [True, True]]
    data = quiet(
        lots=2, periods=1, start_machines=[[10, 0], [10, 0]], fits=fits, revenue_usd=[[[100.0]], [[300.0]]]
    )
    assert same(answer(data).value_usd, 4000)
