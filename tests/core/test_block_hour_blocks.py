"""Hours decided in blocks, where one machine's decision depends on the others."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.blocks.hour_blocks import hour_blocks
from optimizer.extract import tables
from optimizer.inputs import Inputs
from tests.core.answers import answer, same
from tests.core.instances import changed, in_blocks, on_the_road, quiet
from tests.core.printed import model_of, rows

QUARTER = np.array([0.25, 0.75])[None, :, None]  # (s, b, m)


def cut(cap_kw: float = np.inf, **changes: object) -> Inputs:
    """`home` alone for a month: a quarter of its hours in block 1, limited, the rest in block 2."""
    data = in_blocks(quiet(sites=1, periods=1, **changes), [True], QUARTER)
    return changed(data, block_cap_kw=np.array([np.inf, cap_kw, np.inf])[None, :, None])


def test_every_block_is_within_the_peak_and_its_own_limit() -> None:
    """Power at the meter, not machines; a block without a limit has no row, "all hours" has no machines."""
    lp = model_of(cut(4.0, meter_kw=1.1), hour_blocks)
    draws = [f"+1.1 running[base, old, home, normal, block {block}, m1]" for block in (1, 2)]
    assert rows(lp, "block_draw") == [
        f"block_draw[base, home, block {block}, m1]: {draw} -peak_kw[base, home, m1] <= 0"
        for block, draw in enumerate(draws, 1)
    ]
    assert rows(lp, "block_cap") == [f"block_cap[base, home, block 1, m1]: {draws[0]} <= 4"]


def test_what_comes_late_keeps_its_power_free_in_every_block() -> None:
    """A quarter of the month is missed at `away`: that much of a kW is kept in blocks 1 and 2 of it."""
    halves = np.full((2, 2, 2), 0.5)
    data = in_blocks(quiet(periods=2, meter_kw=2.0, **on_the_road(2, 1, lost=0.25)), [False, True], halves)
    told = rows(model_of(data, hour_blocks), "block_draw")
    assert [row for row in told if "m2]: " in row] == [
        f"block_draw[base, away, block {block}, m2]: +0.5 arriving[base, old, away, road, m2] "
        f"+2 running[base, old, away, normal, block {block}, m2] -peak_kw[base, away, m2] <= 0"
        for block in (1, 2)
    ]


def test_a_limit_holds_in_its_hours_only() -> None:
    """4 kW in a quarter of the hours: 4 x 25 + 10 x 75 = 850. All month it would be 400, without it 1,000."""
    found = answer(cut(4.0))
    assert same(found.value_usd, 850)
    assert found.of("running")[0, 0, 0, :, 0].round(6).tolist() == [0, 4, 10]
    assert same(found.price("block_cap", 0, 0, 1, 0), 25.0)


def test_a_machine_that_serves_in_a_block_counts_for_its_hours() -> None:
    """In the table 4 machines for a quarter of the month are one, and 10 for the rest seven and a half."""
    data = cut(4.0)
    found = answer(data)
    running = tables(found.lp, data, found.plan, found.solution.values).running
    assert running.machines.tolist() == pytest.approx([1.0, 7.5])
    assert running.meter_kw.tolist() == pytest.approx([1.0, 7.5])
    assert running.hashrate_ths.tolist() == pytest.approx([100.0, 750.0])
    assert running.energy_kwh.tolist() == pytest.approx([4 * 180, 10 * 540])
    assert running.run_hours.tolist() == pytest.approx([4 * 180, 10 * 540])


def test_machines_share_the_block_that_is_short() -> None:
    """Five new at 200 and five old at 100; 6 kW in half of the hours: the new and one old run in it.

    5 x 100 + 50 + 5 x 100 + 5 x 50 = 1,300. Decided by lot alone, each with 6 kW, it would be 1,500.
    """
    revenue = np.array([100.0, 200.0])[:, None, None, None]
    data = quiet(lots=2, sites=1, periods=1, start_machines=[[5], [5]], revenue_usd=revenue)
    data = in_blocks(data, [True], np.full((1, 2, 1), 0.5))
    data = changed(data, block_cap_kw=np.array([np.inf, 6.0, np.inf])[None, :, None])
    found = answer(data)
    assert same(found.value_usd, 1300)
    assert found.of("running")[0, :, 0, 1, 0].round(6).tolist() == [1, 5]


def test_the_connection_holds_for_the_highest_block() -> None:
    """7 kW: seven machines in both blocks, 700. Added up over blocks it would be 7 x 75 = 525."""
    found = answer(cut(max_power_kw=7.0))
    assert same(found.value_usd, 700)
    assert found.of("peak_kw")[0, 0, 0] == pytest.approx(7)


def test_a_group_counts_the_highest_block_beside_sites_of_all_hours() -> None:
    """Ten at each of two sites, 15 kW together, `home` in blocks: 15 x 100; without its peak 20 x 100."""
    data = quiet(
        periods=1,
        start_machines=[[10, 10]],
        power_groups=("grid",),
        power_group_members=True,
        power_group_kw=15.0,
    )
    assert same(answer(in_blocks(data, [True, False], np.repeat(QUARTER, 2, axis=0))).value_usd, 1500)


def test_blocks_without_any_clause_are_the_month() -> None:
    """The same value as undivided, to the cent: a share that is squared, or left out, shows."""
    whole = quiet(sites=1, energy_usd=[30.0, 130.0, 40.0], max_power_kw=6.0)
    assert same(answer(in_blocks(whole, [True], np.repeat(QUARTER, 3, axis=2))).value_usd, 6 * 70 + 6 * 60)


def test_hours_of_one_price_stop_alone() -> None:
    """Block 1 costs 60 for its quarter against 25 of income: off; block 2 runs: 10 x 75, not 0, not 400."""
    data = cut()
    energy = np.array([0.0, 60.0, 0.0])[:, None]
    assert same(answer(changed(data, energy_usd=energy)).value_usd, 750)


def test_all_hours_may_have_a_limit_too() -> None:
    """A limit of 4 kW on "all hours" at a site that is not cut: 400; ignored there, it is 1,000."""
    assert same(answer(quiet(sites=1, periods=1, block_cap_kw=4.0)).value_usd, 400)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"can_run": True}, "by blocks of hours or for all hours, not both"),
        ({"profile_is_response": np.array([False, True, False])}, "an offer is for all hours"),
        ({"block_share": np.array([1.0, 0.0, 1.0])[None, :, None]}, "block_share is 0"),
    ],
)
def test_what_the_model_cannot_count_is_refused(changes: dict[str, object], told: str) -> None:
    """A machine could serve twice, be enrolled twice, or be shown as no machine at all."""
    with pytest.raises(ValueError, match=told):
        changed(cut(), **changes)
