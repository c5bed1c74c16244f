"""Caps that several sites share, nested and dated."""

import numpy as np

from optimizer.blocks.power_groups import power_groups
from tests.core.answers import answer, same
from tests.core.instances import quiet
from tests.core.printed import model_of, rows

GRID = {
    "power_groups": ("substation", "country"),
    "power_group_members": np.array([[True, True, False], [True, True, True]]),
}
STANDS = {"sites": 3, "start_machines": [[10, 10, 10]]}


def test_a_group_adds_up_its_members_and_only_while_its_limit_holds() -> None:
    """Each member with its own power at the meter; an infinite month has no row."""
    data = quiet(
        periods=2,
        meter_kw=[[[1.0, 1.0]], [[1.1, 1.1]]],
        power_groups=("grid",),
        power_group_members=True,
        power_group_kw=[np.inf, 6.0],
    )
    assert rows(model_of(data, power_groups), "power_groups") == [
        "power_groups[base, grid, m2]: +running[base, old, home, normal, m2] "
        "+1.1 running[base, old, away, normal, m2] <= 6"
    ]


def test_nested_caps_hold_together() -> None:
    """Three sites of ten; substation (home, away) 12 kW, country 18 kW: 1,800 a month and far runs 6 to 10.

    The substation alone would let 22 run, the country alone 18 anywhere: only the price of each tells them
    apart. With `far` worth 90 the substation's 12 come first: 12 x 100 + 6 x 90 = 1,740.
    """
    revenue = np.full((3, 1, 1), 100.0)
    revenue[2] = 90.0
    data = quiet(**STANDS, periods=1, **GRID, power_group_kw=[[12.0], [18.0]], revenue_usd=revenue)
    found = answer(data)
    assert same(found.value_usd, 1740)
    assert found.running(2) == [6]
    assert same(found.price("power_groups", 0, 0, 0), 10.0)
    assert same(found.price("power_groups", 0, 1, 0), 90.0)


def test_the_rest_runs_where_the_group_does_not_reach() -> None:
    """The substation stops at 12 kW; the 8 that find no power move to `far` at 20 each, which has 100 kW.

    12 x 100 + 8 x (100 - 20) + 10 x 100 = 2,840; a model that lets the group cap all sites gives 1,200.
    """
    data = quiet(**STANDS, periods=1, **GRID, power_group_kw=[[12.0], [np.inf]], freight_usd=20.0)
    assert same(answer(data).value_usd, 2840)


def test_a_dated_cap_holds_in_its_months_only() -> None:
    """5 kW in m2: 1,000 + 500 + 1,000."""
    data = quiet(power_groups=("grid",), power_group_members=True, power_group_kw=[np.inf, 5.0, np.inf])
    assert same(answer(data).value_usd, 2500)
