"""Charges on the highest draw of a month."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optimizer.blocks.demand import demand
from optimizer.blocks.site_costs import site_costs
from optimizer.inputs import NEVER, Inputs
from optimizer.pipeline import build
from tests.core.answers import answer, same
from tests.core.instances import changed, in_blocks, on_the_road, quiet
from tests.core.printed import line, model_of, rows

MONTH = {"sites": 1, "periods": 1}  # ten machines of one kW
OPEN = {"is_signed": True}


def charged(usd_per_kw: float, **changes: Any) -> dict[str, Any]:
    return {"demand_charges": ("peak",), "demand_usd_per_kw": usd_per_kw, **changes}


# --- the peak ---------------------------------------------------------------------------------------------


def test_metered_is_the_draw_and_billed_at_least_that() -> None:
    """Power at the meter; the money falls at the charge's own site."""
    lp = model_of(quiet(periods=1, meter_kw=1.1, demand_site=np.array([1]), **charged(5.0)), demand)
    assert rows(lp, "metered_peak") == [
        "metered_peak[base, peak, all hours, m1]: +1.1 running[base, old, away, normal, m1] "
        "-metered_kw[base, peak, m1] <= 0"
    ]
    assert rows(lp, "billed_peak") == [
        "billed_peak[base, peak, m1]: -metered_kw[base, peak, m1] +billed_kw[base, peak, m1] >= 0"
    ]
    assert line(lp, "demand_charges") == ["base, away, m1: -5 billed_kw[base, peak, m1]"]
    assert not {"billed_floor", "contracted"} & {name for name in lp.rows if rows(lp, name)}


def test_the_peak_is_paid_once_a_month() -> None:
    """10 kW at 5 for three months: 3,000 - 150."""
    assert same(answer(quiet(sites=1, **charged(5.0))).value_usd, 2850)


@pytest.mark.parametrize(("usd_per_kw", "usd"), [(99.0, 10.0), (101.0, 0.0)])
def test_no_peak_that_does_not_pay(usd_per_kw: float, usd: float) -> None:
    """A kW earns 100 in the month: at 101 nothing runs."""
    assert same(answer(quiet(**MONTH, **charged(usd_per_kw))).value_usd, usd)


def test_late_arrivals_count_towards_the_peak() -> None:
    """Ten come to `away` a quarter late: the meter shows 10 kW all the same, 7.5 x 100 - 10 x 5."""
    data = quiet(
        periods=2,
        can_run=[[[[False] * 2], [[True] * 2]]],
        demand_site=np.array([1]),
        **on_the_road(2, 1, lost=0.25),
        **charged(5.0),
    )
    assert same(answer(data).value_usd, 700)


def test_two_charges_at_one_site_add_up() -> None:
    """5 and 3 USD on the same 10 kW."""
    both = {"demand_charges": ("peak", "grid"), "demand_usd_per_kw": np.array([[5.0], [3.0]])}
    assert same(answer(quiet(**MONTH, **both)).value_usd, 920)


# --- the window -------------------------------------------------------------------------------------------


def windowed(usd_per_kw: float, **changes: Any) -> Inputs:
    """A quarter of the hours counts; blocks 1 (outside) and 2 (inside) of `home`."""
    data = in_blocks(quiet(**MONTH, **charged(usd_per_kw, **changes)), [True], np.array([[[0.75], [0.25]]]))
    return changed(data, demand_window=np.array([False, False, True])[None, :, None])


def test_only_hours_of_the_window_are_metered() -> None:
    """A row for block 2 alone."""
    assert rows(model_of(windowed(40.0), demand), "metered_peak") == [
        "metered_peak[base, peak, block 2, m1]: +running[base, old, home, normal, block 2, m1] "
        "-metered_kw[base, peak, m1] <= 0"
    ]


@pytest.mark.parametrize(("usd_per_kw", "usd"), [(40.0, 750.0), (20.0, 800.0)])
def test_machines_stop_in_the_window_where_that_is_cheaper(usd_per_kw: float, usd: float) -> None:
    """A kW earns 25 in the window: at 40 all stop there, at 20 none. A peak of all hours would cost 600."""
    assert same(answer(windowed(usd_per_kw)).value_usd, usd)


# --- the floor --------------------------------------------------------------------------------------------


def test_a_floor_is_billed_while_open() -> None:
    """The open factor stands in the row: a closed site owes nothing."""
    lp = model_of(quiet(**MONTH, **charged(5.0, demand_floor_kw=6.0)), site_costs, demand)
    assert rows(lp, "billed_floor") == [
        "billed_floor[base, peak, m1]: -6 site_open[base, home, m1] +billed_kw[base, peak, m1] >= 0"
    ]


@pytest.mark.parametrize(("machines", "usd"), [(10.0, -50.0), (3.0, -30.0), (0.0, -30.0)])
def test_what_is_billed_is_the_larger(machines: float, usd: float) -> None:
    """5 USD on 10 kW drawn, or on a floor of 6; their sum would be 80, 45, 30."""
    found = answer(quiet(**MONTH, start_machines=machines, **OPEN, **charged(5.0, demand_floor_kw=6.0)))
    assert found.money("demand_charges") == [usd]


def test_a_site_that_never_opens_has_no_floor() -> None:
    """`away` bills at least 6 kW at 5 while open and pays no better than home: it stays closed, 3,000."""
    found = answer(quiet(demand_site=np.array([1]), **charged(5.0, demand_floor_kw=6.0)))
    assert same(found.value_usd, 3000)
    assert found.money("demand_charges") == [0, 0, 0]


# --- the ratchet ------------------------------------------------------------------------------------------


def ratchet(until: list[int], share: float = 0.5, **changes: Any) -> Inputs:
    """Four months, 10 USD a kW; the ten machines earn in m1 alone, unless told otherwise."""
    terms = {"revenue_usd": [100.0, 0.0, 0.0, 0.0]} | changes
    return quiet(
        sites=1,
        periods=4,
        **charged(10.0, ratchet_share=np.array([share]), ratchet_until=np.array([until])),
        **terms,
    )


def test_a_share_of_a_past_peak_is_billed() -> None:
    """m1 counts until m3, m2 only for m3, m3 not at all, m4 has nothing after it."""
    lp = model_of(ratchet([2, 2, NEVER, 9]), demand)
    assert rows(lp, "ratchet_1") == [
        f"ratchet_1[base, peak, {now}]: -0.5 metered_kw[base, peak, {past}] "
        f"+billed_kw[base, peak, {now}] >= 0"
        for past, now in (("m1", "m2"), ("m2", "m3"))
    ]
    assert rows(lp, "ratchet_2") == [
        "ratchet_2[base, peak, m3]: -0.5 metered_kw[base, peak, m1] +billed_kw[base, peak, m3] >= 0"
    ]
    assert not any(rows(lp, name) for name in lp.rows if name.startswith("ratchet") and name[-1] > "2")


@pytest.mark.parametrize(
    ("until", "billed"),
    [
        ([NEVER] * 4, [10, 0, 0, 0]),
        ([0, 1, 2, 3], [10, 0, 0, 0]),
        ([1, 2, 3, 3], [10, 5, 0, 0]),
        ([2, 3, 3, 3], [10, 5, 5, 0]),
        ([11, 3, 3, 3], [10, 5, 5, 5]),
        ([NEVER, 3, 3, 3], [10, 0, 0, 0]),
    ],
)
def test_a_peak_is_remembered_as_long_as_it_says(until: list[int], billed: list[float]) -> None:
    """10 kW in m1, half of it later; what is billed is not itself remembered, or 5 would become 2.5 more."""
    found = answer(ratchet(until))
    assert found.of("billed_kw")[0, 0].round(6).tolist() == billed
    assert found.money("demand_charges") == [-10 * kw for kw in billed]


def test_a_peak_that_costs_later_months_is_not_made() -> None:
    """12 USD in m1 against 10 now and 5 in each of three months: nothing runs; blind to it, 20 - 150."""
    assert same(answer(ratchet([3, 3, 3, 3], revenue_usd=[12.0, 0.0, 0.0, 0.0])).value_usd, 0)


def test_a_higher_draw_now_is_billed_instead() -> None:
    """Eight of ten kW are remembered; ten are drawn in m2 too: 10 kW each month, not 18."""
    found = answer(ratchet([1, 2, 3, 3], share=0.8, revenue_usd=100.0))
    assert found.money("demand_charges") == [-100] * 4


def closing(**changes: Any) -> Inputs:
    """Ten kW in m1; a fixed cost keeps the site open only while something runs."""
    return ratchet([3, 3, 3, 3], **({"fixed_usd": 1.0, "max_power_kw": 40.0} | changes))


def test_a_ratchet_binds_while_the_contract_is_open() -> None:
    """Half of the 40 kW that the connection allows is let off when closed: more than any peak of the past."""
    lp = model_of(closing(), site_costs, demand)
    assert rows(lp, "ratchet_3") == [
        "ratchet_3[base, peak, m4]: -20 site_open[base, home, m4] -0.5 metered_kw[base, peak, m1] "
        "+billed_kw[base, peak, m4] >= -20"
    ]


def test_a_closed_site_is_not_billed_its_past_peak() -> None:
    """Sold after m1: 1,000 - 100 - 1 + nothing. Billed on, three more months of 5 kW at 10: 150 less."""
    sold = {"max_sales_per_period": np.inf, "sale_usd": 0.001, "crew_out_machines": np.inf}
    found = answer(closing(**sold))
    assert found.money("demand_charges") == [-100, 0, 0, 0]
    assert found.value_usd == pytest.approx(899.01)


def test_a_signed_contract_remembers_its_peak() -> None:
    """Signed for three of four months: 5 kW in m2 and m3, none in m4; nothing to decide before."""
    sold = {"max_sales_per_period": np.inf, "sale_usd": 0.001}
    signed = np.array([[True, True, True, False]])
    assert answer(closing(is_signed=signed, **sold)).money("demand_charges") == [-100, -50, -50, 0]


def test_without_a_limit_on_the_connection_a_past_peak_is_billed_open_or_closed() -> None:
    sold = {"max_sales_per_period": np.inf, "sale_usd": 0.001, "max_power_kw": np.inf}
    assert answer(closing(**sold)).money("demand_charges") == [-100, -50, -50, -50]


# --- contracts --------------------------------------------------------------------------------------------


def test_above_contract_another_price_is_added() -> None:
    """10 kW at 5, 4 of them above the contracted 6 at 3 more: 50 + 12; on all of them it would be 80."""
    data = quiet(**MONTH, **charged(5.0, contracted_kw=6.0, excess_usd_per_kw=3.0))
    lp, _ = build(data)
    assert rows(lp, "contracted") == [
        "contracted[base, peak, m1]: +metered_kw[base, peak, m1] -excess_kw[base, peak, m1] <= 6"
    ]
    found = answer(data)
    assert found.money("demand_charges") == [-62]
    assert same(found.value_usd, 938)


def test_no_machine_above_contract_where_that_costs_more_than_it_earns() -> None:
    """5 + 96 against 100: six run, 6 x 95."""
    data = quiet(**MONTH, **charged(5.0, contracted_kw=6.0, excess_usd_per_kw=96.0))
    assert same(answer(data).value_usd, 570)
