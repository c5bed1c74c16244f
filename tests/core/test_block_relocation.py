"""What a move costs on every leg, and how many a crew can do."""

import pytest

from optimizer.blocks.relocation import relocation
from tests.core.answers import answer, same
from tests.core.instances import on_offer, on_the_road, quiet
from tests.core.printed import line, model_of, rows

COSTS = {
    "deinstall_usd": 5.0,
    "freight_usd": 12.0,
    "insurance_usd": 1.0,
    "customs_usd": 3.0,
    "breakage_usd": 2.0,
    "install_usd": 7.0,
}
LINES = ("deinstallation", "freight", "insurance", "customs", "breakage", "installation")
BETTER_AWAY = {"revenue_usd": [[[100.0] * 3], [[150.0] * 3]]}


def test_crews_count_what_departs_and_what_arrives() -> None:
    """Out by departures, in by arrivals of every class; an order fills the installing crew too."""
    lp = model_of(quiet(periods=1, crew_out_machines=4.0, crew_in_machines=3.0, **on_offer(1)), relocation)
    assert rows(lp, "crew_out") == ["crew_out[base, home, m1]: +departing[base, old, home, m1] <= 4"]
    assert rows(lp, "crew_in") == [
        "crew_in[base, home, m1]: +arriving[base, old, home, direct, m1] <= 3",
        "crew_in[base, away, m1]: +arriving[base, old, away, direct, m1] <= 3",
    ]


def test_every_leg_of_a_move_is_a_line_of_capital() -> None:
    """Handling at the site where it is done, the road where it begins."""
    lp = model_of(quiet(periods=1, **COSTS), relocation)
    assert {name: line(lp, name) for name in lp.ledger} == {
        "deinstallation": ["base, home, m1: -5 departing[base, old, home, m1]"],
        "installation": ["base, away, m1: -7 arriving[base, old, away, direct, m1]"],
        "freight": ["base, home>away, m1: -12 shipped[base, old, home>away, m1]"],
        "insurance": ["base, home>away, m1: -shipped[base, old, home>away, m1]"],
        "customs": ["base, home>away, m1: -3 shipped[base, old, home>away, m1]"],
        "breakage": ["base, home>away, m1: -2 shipped[base, old, home>away, m1]"],
    }
    assert all(each.is_capital and each.is_cash for each in lp.ledger.values())


def test_a_move_pays_every_leg_once() -> None:
    """5 + 12 + 1 + 3 + 2 + 7 = 30 a machine, 50 more a month for three months: 3 x 1,500 - 300 = 4,200."""
    found = answer(quiet(**BETTER_AWAY, **COSTS))
    assert same(found.value_usd, 4200)
    assert {name: sum(found.money(name)) for name in LINES} == {
        name: -10 * usd for name, usd in zip(LINES, (5, 12, 1, 3, 2, 7), strict=True)
    }


@pytest.mark.parametrize(("extra_usd", "moved"), [(119.0, 10), (121.0, 0)])
def test_a_move_happens_just_when_it_pays(extra_usd: float, moved: float) -> None:
    """The gain is 3 x 50 - 30 = 120 a machine: at 119 more for freight all move, at 121 none."""
    found = answer(quiet(**BETTER_AWAY, **(COSTS | {"freight_usd": 12.0 + extra_usd})))
    assert found.standing(1) == [moved] * 3


@pytest.mark.parametrize("crew", ["crew_out_machines", "crew_in_machines"])
def test_a_crew_of_four_moves_four_a_month(crew: str) -> None:
    """4 x (150 - 30) + 4 x (100 - 30) + 2 x (50 - 30) = 800 above 3,000; without the crew's limit 4,200."""
    found = answer(quiet(**BETTER_AWAY, **COSTS, **{crew: 4.0}))
    assert found.standing(1) == [4, 8, 10]
    assert same(found.value_usd, 3800)


def test_costs_fall_when_the_work_is_done() -> None:
    """A month on the road, money worth 1, 1/2, 1/4: out and road are paid at 1, the installation at 1/2.

    Ten at `away` earn 1,500 in m2 and m3: 750 + 375. Less 50 + 180 now and 70 / 2 later: 860 and nothing
    else, for `home` earns nothing. A version that pays the installer on departure gives 825.
    """
    data = quiet(
        **COSTS, **on_the_road(3, 1), revenue_usd=[[[0.0] * 3], [[150.0] * 3]], discount=[1, 0.5, 0.25]
    )
    found = answer(data)
    assert same(found.value_usd, 750 + 375 - 50 - 180 - 35)
    assert found.money("installation") == [0, -70, 0]


def test_sold_machines_are_taken_out_by_the_same_crew() -> None:
    """A buyer takes all at 1,000, 850, 700; the crew takes out 4 a month at 5 each: 4, 4 and 2 are sold.

    4 x 995 + 4 x 845 + 2 x 695 = 8,750, and those that wait earn 800. Without the crew's limit 9,950 at once.
    """
    data = quiet(
        sites=1,
        sale_usd=[1000.0, 850.0, 700.0],
        max_sales_per_period=100.0,
        deinstall_usd=5.0,
        crew_out_machines=4.0,
    )
    assert same(answer(data).value_usd, 8750 + 800)
