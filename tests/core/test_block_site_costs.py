"""What a site costs beside its power, what it costs to be open, and what must be built first."""

from typing import Any

import numpy as np
import pytest

from optimizer.blocks.site_costs import site_costs
from tests.core.answers import answer, same
from tests.core.instances import on_offer, on_the_road, quiet
from tests.core.printed import columns, line, model_of, rows

BETTER_AWAY = {"revenue_usd": [[[100.0] * 3], [[150.0] * 3]]}


def away(**terms: Any) -> dict[str, Any]:
    """Terms of `away` alone; `home` has none."""
    return {name: [[0.0], [value]] if name == "fixed_usd" else [0.0, value] for name, value in terms.items()}


# --- running and standing ---------------------------------------------------------------------------------


def test_running_costs_follow_what_runs_and_upkeep_what_stands() -> None:
    """Hosting and own opex by machines in service, upkeep by machines that are there."""
    lp = model_of(
        quiet(sites=1, periods=1, hosting_usd=9.0, site_opex_usd=4.0, maintenance_usd=2.5), site_costs
    )
    assert {name: line(lp, name) for name in lp.ledger} == {
        "hosting": ["base, home, m1: -9 running[base, old, home, normal, m1]"],
        "site_opex": ["base, home, m1: -4 running[base, old, home, normal, m1]"],
        "maintenance": ["base, home, m1: -2.5 staying[base, old, home, m1]"],
    }


def test_idle_machines_cost_upkeep_only() -> None:
    """3 months x 10 x 2.50 for machines that cannot run: 75, and not 75 + 390."""
    data = quiet(sites=1, can_run=False, hosting_usd=9.0, site_opex_usd=4.0, maintenance_usd=2.5)
    assert same(answer(data).value_usd, -75)


def test_margin_after_the_site_s_own_costs() -> None:
    """10 x (100 - 9 - 4 - 2.5) = 845."""
    data = quiet(sites=1, periods=1, hosting_usd=9.0, site_opex_usd=4.0, maintenance_usd=2.5)
    assert same(answer(data).value_usd, 845)


# --- open or closed ---------------------------------------------------------------------------------------


def test_sites_without_a_price_of_being_open_have_no_yes_or_no() -> None:
    """Whole numbers are dear: none where nothing depends on them."""
    assert "site_open" not in model_of(quiet(), site_costs).variables
    lp = model_of(quiet(periods=1, **away(fixed_usd=50.0)), site_costs)
    assert columns(lp, "site_open") == ["site_open[base, away, m1]"]
    assert lp.is_integer.sum() == 1


def test_opening_rows_tell_one_story() -> None:
    """Open now is open before, plus opened, less closed; machines stand only where it is open."""
    lp = model_of(quiet(periods=2, **away(opening_usd=100.0, min_power_kw=4.0)), site_costs)
    assert rows(lp, "opening") == [
        "opening[base, away, m1]: +site_open[base, away, m1] -site_opens[base, away, m1] "
        "+site_closes[base, away, m1] = 0",
        "opening[base, away, m2]: -site_open[base, away, m1] +site_open[base, away, m2] "
        "-site_opens[base, away, m2] +site_closes[base, away, m2] = 0",
    ]
    assert rows(lp, "open_to_stand")[0] == (
        "open_to_stand[base, away, m1]: +arriving[base, old, away, direct, m1] "
        "-10 site_open[base, away, m1] <= 0"
    )
    assert rows(lp, "minimum_size")[0] == (
        "minimum_size[base, away, m1]: +arriving[base, old, away, direct, m1] "
        "-4 site_open[base, away, m1] >= 0"
    )


def test_a_site_that_stands_open_today_is_not_opened_again() -> None:
    """The opening row of the first month begins from one."""
    lp = model_of(quiet(periods=1, opening_usd=[100.0, 0.0]), site_costs)
    assert rows(lp, "opening") == [
        "opening[base, home, m1]: +site_open[base, home, m1] -site_opens[base, home, m1] "
        "+site_closes[base, home, m1] = 1"
    ]


def test_opening_fixed_cost_and_deposit_by_hand() -> None:
    """`away` pays 500 more a month. Opening 100, fixed 50 a month, deposit 200 held for three months.

    4,500 - 100 - 150 - 200 + 200 = 4,250. A deposit that never returns gives 4,050.
    """
    found = answer(quiet(**BETTER_AWAY, **away(opening_usd=100.0, fixed_usd=50.0, deposit_usd=200.0)))
    assert same(found.value_usd, 4250)
    assert found.money("site_opening") == [-100, 0, 0]
    assert found.money("site_fixed") == [-50, -50, -50]
    assert found.money("deposits") == [-200, 0, 200]


def test_a_deposit_costs_its_discount() -> None:
    """200 paid at 1 and returned at 0.5: 100. 1,500 + 750 from running less 100."""
    data = quiet(
        periods=2, revenue_usd=[[[0.0] * 2], [[150.0] * 2]], discount=[1, 0.5], **away(deposit_usd=200.0)
    )
    assert same(answer(data).value_usd, 2250 - 100)


@pytest.mark.parametrize(("fixed_usd", "moved"), [(499.0, 10), (501.0, 0)])
def test_a_site_opens_just_when_it_pays(fixed_usd: float, moved: float) -> None:
    """500 more a month: worth a fixed cost of 499, not one of 501."""
    assert answer(quiet(**BETTER_AWAY, **away(fixed_usd=fixed_usd))).standing(1) == [moved] * 3


def test_a_site_is_not_opened_by_halves() -> None:
    """Room for 4 machines that each earn 50 more, against 250 a month: 3,000. In fractions it would pay."""
    found = answer(quiet(**BETTER_AWAY, **away(fixed_usd=250.0), max_machines=[100, 4]))
    assert same(found.value_usd, 3000)
    assert found.of("site_open").sum() == 0


def test_leaving_a_site_ends_its_fixed_cost_and_pays_its_exit() -> None:
    """`home` costs 600 a month and 700 to leave; `away` pays 90: 2,700 - 700 = 2,000 against 3,000 - 1,800.

    An exit fee that is not charged gives 2,700.
    """
    data = quiet(fixed_usd=[[600.0], [0.0]], exit_usd=[700.0, 0.0], revenue_usd=[[[100.0] * 3], [[90.0] * 3]])
    found = answer(data)
    assert same(found.value_usd, 2000)
    assert found.money("site_exit") == [-700, 0, 0]
    assert found.money("site_fixed") == [0, 0, 0]


def test_the_deposit_of_a_site_that_is_left_comes_back() -> None:
    """500 were paid before the horizon. Leaving `home` at once returns them: 950 x 2.3 + 500 = 2,685.

    A month later they are worth 400, at the horizon 250: 2,635 and 2,550.
    """
    data = quiet(
        deposit_usd=[500.0, 0.0],
        install_usd=[10.0, 0.0],  # nobody comes back
        revenue_usd=[[[100.0] * 3], [[95.0] * 3]],
        discount=[1.0, 0.8, 0.5],
    )
    found = answer(data)
    assert found.money("deposits") == [500, 0, 0]
    assert same(found.value_usd, 2685)


def test_a_small_fleet_may_not_open_a_large_site() -> None:
    """`away` wants at least 12 kW and the fleet has 10: it stays closed at any price."""
    found = answer(quiet(revenue_usd=[[[100.0] * 3], [[900.0] * 3]], **away(min_power_kw=12.0)))
    assert same(found.value_usd, 3000)


def test_minimum_size_is_all_or_nothing() -> None:
    """`home` has power for 5 of the 10; `away` pays 90 and wants 6: one is taken from its work, 400 + 540.

    Staying gives 500; a site opened by five sixths would take just the five that are idle, 950.
    """
    data = quiet(
        periods=1,
        max_power_kw=[[5.0], [100.0]],
        revenue_usd=[[[100.0]], [[90.0]]],
        **away(min_power_kw=6.0),
    )
    assert same(answer(data).value_usd, 940)


@pytest.mark.parametrize(("term", "usd"), [(1, 3200), (2, 3000), (3, 3000)])
def test_a_minimum_term_must_pay_as_a_whole(term: int, usd: float) -> None:
    """`away` pays 200 in m1 and 0 later, for 800 a month while open; going and coming back is free.

    One month: 2,000 - 800 + 2 x 1,000 = 3,200. Bound for two or three months 3,200 - 800 (or 1,600) loses
    against 3,000: it stays closed. A version without the term always gives 3,200.
    """
    data = quiet(
        revenue_usd=[[[100.0] * 3], [[200.0, 0.0, 0.0]]],
        fixed_usd=[[0.0], [800.0]],
        min_term_periods=[[0], [term]],
    )
    assert same(answer(data).value_usd, usd)


def test_a_term_that_pays_is_sat_out() -> None:
    """As above at 100 a month for two months: open in m1 and m2 (empty), 3,000 + 1,000 - 200."""
    data = quiet(
        revenue_usd=[[[100.0] * 3], [[200.0, 0.0, 0.0]]],
        fixed_usd=[[0.0], [100.0]],
        min_term_periods=[[0], [2]],
    )
    found = answer(data)
    assert same(found.value_usd, 3800)
    assert found.of("site_open")[0, 1].tolist() == [1, 1, 0]


def test_a_term_past_the_horizon_is_cut_there() -> None:
    """Ten months from m1 in a plan of three: open to the end, and no row beyond it."""
    data = quiet(**BETTER_AWAY, fixed_usd=[[0.0], [100.0]], min_term_periods=[[0], [10]])
    found = answer(data)
    assert found.of("site_open")[0, 1].tolist() == [1, 1, 1]
    assert same(found.value_usd, 4200)


def test_a_site_waits_to_open_until_machines_arrive() -> None:
    """A month on the road: the fixed cost of `away` falls in m2 and m3 only, 2 x 1,500 - 2 x 50."""
    data = quiet(revenue_usd=[[[0.0] * 3], [[150.0] * 3]], **on_the_road(3, 1), **away(fixed_usd=50.0))
    found = answer(data)
    assert found.of("site_open")[0, 1].tolist() == [0, 1, 1]
    assert same(found.value_usd, 2900)


def test_a_site_with_a_fixed_cost_and_an_unlimited_offer() -> None:
    """Machines without number at 50, power for 20 of them, 100 to be open: 20 x (100 - 50) - 100."""
    offer = on_offer(1, count=np.inf, order_usd=50.0)
    data = quiet(sites=1, periods=1, start_machines=0.0, fixed_usd=100.0, max_power_kw=20.0, **offer)
    assert same(answer(data).value_usd, 900)


# --- building ---------------------------------------------------------------------------------------------


def test_power_is_built_before_it_is_drawn() -> None:
    """What is drawn in m2 may have been built in m1 or m2, above the 3 kW that are there."""
    lp = model_of(quiet(periods=2, built_at_start_kw=[np.inf, 3.0]), site_costs)
    assert rows(lp, "built_power") == [
        "built_power[base, away, m1]: +running[base, old, away, normal, m1] -built_kw[base, away, m1] <= 3",
        "built_power[base, away, m2]: +running[base, old, away, normal, m2] -built_kw[base, away, m1] "
        "-built_kw[base, away, m2] <= 3",
    ]


def test_building_is_paid_once_and_used_to_the_end() -> None:
    """50 more a month for three months against 120 a kW: seven kW are built beside the three that are there.

    4,500 - 7 x 120 = 3,660. Paid every month it would never pay (3,150 with the three alone).
    """
    found = answer(quiet(**BETTER_AWAY, built_at_start_kw=[np.inf, 3.0], build_usd_per_kw=120.0))
    assert same(found.value_usd, 3660)
    assert found.money("building") == [-840, 0, 0]


def test_nothing_is_built_that_does_not_pay() -> None:
    """At 151 a kW only the three kilowatts that stand there are used: 3,000 + 3 x 50 x 3."""
    found = answer(quiet(**BETTER_AWAY, built_at_start_kw=[np.inf, 3.0], build_usd_per_kw=151.0))
    assert same(found.value_usd, 3450)
