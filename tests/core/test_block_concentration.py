"""No more than a share of the fleet in one place."""

import numpy as np

from optimizer.blocks.concentration import concentration
from optimizer.solvers import Status
from tests.core.answers import answer, same, status
from tests.core.instances import on_the_road, quiet
from tests.core.printed import model_of, rows

AWAY = {"concentrations": ("abroad",), "concentration_members": [[False, True]], "concentration_weight": 2.0}
BETTER_AWAY = {"revenue_usd": [[[100.0] * 3], [[150.0] * 3]]}


def test_a_share_is_a_row_inside_minus_share_of_all() -> None:
    """2 kW a machine, at most 40 %: 2 x 0.6 inside, 2 x 0.4 outside; no row while the limit is infinite."""
    data = quiet(periods=2, **AWAY, concentration_max_share=[np.inf, 0.4])
    assert rows(model_of(data, concentration), "concentration") == [
        "concentration[base, abroad, m2]: -0.8 staying[base, old, home, m2] "
        "+1.2 staying[base, old, away, m2] -0.8 arriving[base, old, home, direct, m2] "
        "+1.2 arriving[base, old, away, direct, m2] <= 0"
    ]


def test_only_the_share_moves_to_the_better_place() -> None:
    """`away` pays 150, at most 40 % of ten: 4 x 150 + 6 x 100 = 1,200 a month; unlimited it is 1,500."""
    found = answer(quiet(**AWAY, **BETTER_AWAY, concentration_max_share=0.4))
    assert found.standing(1) == [4, 4, 4]
    assert same(found.value_usd, 3600)


def test_a_dated_share_makes_machines_return() -> None:
    """No limit until m3: 1,500 + 1,500 + 1,200."""
    found = answer(quiet(**AWAY, **BETTER_AWAY, concentration_max_share=[np.inf, np.inf, 0.4]))
    assert found.standing(1) == [10, 10, 4]
    assert same(found.value_usd, 4200)


def test_shares_are_of_what_stands_not_of_what_is_under_way() -> None:
    """A month on the road; 5 leave in m1, 5 stand: in m1 the share of `home` is whole either way.

    `home` may hold at most half in m2 and m3. Five leave in m1: 1,000 - 500 + (500 + 750) x 2 = 3,000. A
    version that counts machines under way in the whole would let five leave in m2 instead: 3,250.
    """
    data = quiet(
        **on_the_road(3, 1),
        **BETTER_AWAY,
        concentrations=("home",),
        concentration_members=[[True, False]],
        concentration_weight=1.0,
        concentration_max_share=[np.inf, 0.5, 0.5],
        crew_out_machines=5.0,
    )
    found = answer(data)
    assert found.standing(0) == [5, 5, 5]
    assert same(found.value_usd, 3000)


def test_a_fleet_that_cannot_be_spread_is_infeasible() -> None:
    """All ten stand in one place, at most 40 % may, and there is no other: no plan, not a plan of 4."""
    data = quiet(
        sites=1,
        concentrations=("home",),
        concentration_members=True,
        concentration_weight=1.0,
        concentration_max_share=0.4,
    )
    assert status(data) is Status.INFEASIBLE
