"""What a site's connection and its racks can hold."""

from optimizer.blocks.site_power import site_power
from tests.core.answers import answer, same
from tests.core.instances import on_the_road, quiet
from tests.core.printed import model_of, rows


def test_power_is_drawn_by_what_runs_and_racks_are_filled_by_what_stands() -> None:
    """1.05 kW at the meter per machine in service; idle machines fill racks and draw nothing."""
    lp = model_of(quiet(periods=1, meter_kw=1.05, max_power_kw=500.0, max_machines=600.0), site_power)
    assert rows(lp, "site_power") == [
        "site_power[base, home, m1]: +1.05 running[base, old, home, normal, m1] <= 500",
        "site_power[base, away, m1]: +1.05 running[base, old, away, normal, m1] <= 500",
    ]
    assert rows(lp, "site_racks") == [
        "site_racks[base, home, m1]: +staying[base, old, home, m1] <= 600",
        "site_racks[base, away, m1]: +arriving[base, old, away, direct, m1] <= 600",
    ]


def test_connection_limits_what_runs_month_by_month() -> None:
    """A connection that grows 2.1, 5.25, 105 kW at 1.05 kW each: 2, 5, then all 10 run: 1,700 USD.

    Power at the wall instead of the meter (1.00 kW) would run 2.1 and 5.25: 1,735.
    """
    found = answer(quiet(sites=1, meter_kw=1.05, max_power_kw=[2.1, 5.25, 105.0]))
    assert found.running(0) == [2, 5, 10]
    assert same(found.value_usd, 1700)


def test_one_more_kw_is_worth_a_machine_hour_over_its_power() -> None:
    """Five of ten run on 5.25 kW: one kW more runs 1/1.05 machines, 95.238 USD. Spare power is worth 0."""
    found = answer(quiet(sites=1, periods=2, meter_kw=1.05, max_power_kw=[5.25, 105.0]))
    assert same(found.price("site_power", 0, 0, 0), 100 / 1.05)
    assert same(found.price("site_power", 0, 0, 1), 0.0)


def test_racks_limit_what_stands_even_idle() -> None:
    """`away` has 4 racks and pays 300 against 100: 4 x 300 + 6 x 100 a month. Without racks 3,000."""
    data = quiet(periods=1, revenue_usd=[[[100.0]], [[300.0]]], max_machines=[100, 4])
    assert same(answer(data).value_usd, 1800)


def test_machines_on_the_road_draw_no_power_anywhere() -> None:
    """One month on the way to `away`: in m1 nothing runs and nothing is drawn, whatever the connection."""
    road = {"arrival_period": [1, 2, -1], "can_run": [[[[False] * 3], [[True] * 3]]]}
    found = answer(quiet(**road, max_power_kw=[[0.0] * 3, [0.0, 10.0, 4.0]]))
    assert found.running(1) == [0, 10, 4]


def test_late_arrivals_keep_their_connection_from_the_first_day() -> None:
    """A quarter of the month late: 1.05 kW x 0.25 beside what the machine draws on average after it came."""
    data = quiet(periods=2, meter_kw=1.05, max_power_kw=500.0, **on_the_road(2, 1, lost=0.25))
    assert rows(model_of(data, site_power), "site_power")[-1] == (
        "site_power[base, away, m2]: +0.2625 arriving[base, old, away, road, m2] "
        "+1.05 running[base, old, away, normal, m2] <= 500"
    )


def test_late_arrivals_do_not_share_out_the_first_half_of_the_month() -> None:
    """Ten come to 4 kW in the middle of m2: four run from then on, 200, and 400 in m3.

    An average over the month would let eight run for half of it: 400 + 400.
    """
    road = on_the_road(3, 1, lost=0.5)
    found = answer(
        quiet(**road, revenue_usd=[[[0.0] * 3], [[100.0] * 3]], max_power_kw=[[99.0] * 3, [4.0] * 3])
    )
    assert same(found.value_usd, 600)
