"""What dated law closes, limits and forbids."""

import numpy as np
import pytest

from optimizer.blocks.legal_rules import legal_rules
from tests.core.answers import answer, same
from tests.core.instances import quiet
from tests.core.printed import columns, model_of, rows


def test_a_stop_to_new_load_is_a_row_on_what_runs() -> None:
    """In m2 only, and on power drawn: machines may come, but not run beyond the old load."""
    lp = model_of(quiet(periods=2, moratorium_kw=[[np.inf, np.inf], [np.inf, 4.0]]), legal_rules)
    assert rows(lp, "moratorium") == [
        "moratorium[base, away, m2]: +running[base, old, away, normal, m2] <= 4"
    ]


def test_nothing_arrives_or_runs_at_a_sanctioned_site() -> None:
    """`home` is sanctioned from m2: what stands there may stay idle or depart, and nothing comes in."""
    sanctioned = np.array([[False, True, True], [False, False, False]])
    lp = model_of(quiet(is_sanctioned=sanctioned), legal_rules)
    assert [name for name in columns(lp, "running") if "home" in name] == [
        "running[base, old, home, normal, m1]"
    ]
    assert [name for name in columns(lp, "arriving") if "home" in name] == []
    assert len([name for name in columns(lp, "departing") if "home" in name]) == 3


def test_a_ban_takes_the_month_away_and_nothing_else() -> None:
    """`home` is closed in m2. Leaving costs 61 a machine and `away` pays 80: idle for a month is better.

    Waiting 2 x 1,000; leaving in m2 1,000 + 2 x 800 - 610 = 1,990. A version without the ban gives 3,000.
    """
    data = quiet(
        can_run=[[[[True, False, True]], [[True, True, True]]]],
        revenue_usd=[[[100.0] * 3], [[80.0] * 3]],
        freight_usd=61.0,
    )
    found = answer(data)
    assert same(found.value_usd, 2000)
    assert found.standing(0) == [10, 10, 10]


@pytest.mark.parametrize(("lawful_share", "usd", "stays"), [(0.6, 2600, True), (0.0, 2500, False)])
def test_a_partly_banned_month_earns_its_lawful_hours(lawful_share: float, usd: float, stays: bool) -> None:
    """`away` pays 90, the way there costs 30: leaving in m2 gives 1,000 + 2 x 900 - 300 = 2,500.

    With 40 % of m2 banned at `home` staying gives 1,000 + 600 + 1,000; with all of it 2,000, so they leave.
    A version that closes the whole month for a partial ban gives 2,500 in both cases.
    """
    data = quiet(
        can_run=[[[[True, lawful_share > 0, True]], [[True] * 3]]],
        allowed_share=[[1.0, lawful_share, 1.0], [1.0] * 3],
        revenue_usd=[[[100.0, 100.0 * lawful_share, 100.0]], [[90.0] * 3]],
        freight_usd=30.0,
    )
    found = answer(data)
    assert same(found.value_usd, usd)
    assert (found.standing(0) == [10, 10, 10]) == stays


def test_old_load_runs_on_under_a_moratorium() -> None:
    """`away` pays 300 and 3 machines stand there: under a stop to new load 3 x 300 + 10 x 100 a month.

    A version that stops all load gives 1,000 a month, one that stops none 3,900.
    """
    data = quiet(
        start_machines=[[10, 3]],
        revenue_usd=[[[100.0] * 3], [[300.0] * 3]],
        moratorium_kw=[[np.inf] * 3, [3.0] * 3],
    )
    assert same(answer(data).value_usd, 3 * 1900)


def test_machines_may_leave_a_sanctioned_site() -> None:
    """Sanctions from m2 on; `away` pays 50 and freight is 20: 1,000 + 2 x 500 - 200 = 1,800.

    Machines held by the sanction give 1,000; an escape in m1 1,300.
    """
    data = quiet(
        is_sanctioned=[[False, True, True], [False] * 3],
        revenue_usd=[[[100.0] * 3], [[50.0] * 3]],
        freight_usd=20.0,
    )
    found = answer(data)
    assert same(found.value_usd, 1800)
    assert found.standing(0) == [10, 0, 0]
