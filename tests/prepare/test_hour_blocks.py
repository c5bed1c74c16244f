"""Blocks of hours: where they are cut, what they hold, and what deciding by block loses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.hour_blocks import aligned, equal_counts, every_hour, optimum_usd, site_month
from optimizer.prepare.cooling import Conditions, steady
from optimizer.prepare.hour_blocks import HourBlocks, hour_blocks, merged
from optimizer.prepare.machine_hours import machine_months
from optimizer.tariffs.base import DemandCharge, PowerPrice, VolumeSteps

NEVER = np.array([-1])


def one_month(*energy: float, **clauses: Any) -> PowerPrice:
    column = np.array(energy)[:, None]
    return replace(PowerPrice.plain(np.ones_like(column), column), **clauses)


def cut(price: PowerPrice, *breakevens: float, around: Conditions | None = None, **more: Any) -> HourBlocks:
    around = around or steady(1.0, price.hours.shape)
    cost = np.where(price.hours > 0, around.pue * price.total_usd_per_kwh(), np.inf)
    return hour_blocks(price, around, cost, np.array(breakevens)[:, None], **more)


def groups(blocks: HourBlocks) -> list[list[int]]:
    """Rows of each block, of the only period."""
    labels = blocks.block_of_interval[:, 0]
    return [np.flatnonzero(labels == block).tolist() for block in range(blocks.count)]


def steps(*usd_per_kwh: float) -> VolumeSteps:
    width = np.array([10.0] * (len(usd_per_kwh) - 1) + [np.inf])[:, None]
    return VolumeSteps(width, np.array(usd_per_kwh)[:, None])


def window(*rows: bool) -> DemandCharge:
    one, none = np.ones(1), np.zeros(1)
    return DemandCharge(one, np.array(rows)[:, None], none, one * np.inf, none, 0.0, NEVER)


# --- where they are cut -----------------------------------------------------------------------------------


def test_cut_at_the_break_evens_and_nowhere_else() -> None:
    """Five prices, machines that pay 3 and 6 c: three blocks, from cheap to dear.

    Equal counts would part 1 from 2 c, or 4 from 5 c, where no machine decides otherwise.
    """
    assert groups(cut(one_month(0.02, 0.05, 0.01, 0.09, 0.04), 0.03, 0.06)) == [[0, 2], [1, 4], [3]]


def test_an_hour_at_the_break_even_is_with_those_that_do_not_pay() -> None:
    """At exactly 3 c a machine that pays 3 c stands still."""
    assert groups(cut(one_month(0.02, 0.03, 0.04), 0.03)) == [[0], [1, 2]]


def test_cut_at_the_break_even_less_each_steps_extra_price() -> None:
    """Take-or-pay at 2 c: what was paid anyway costs 2 c less, so 3 c also parts prices at 5 c.

    Two blocks without; three and, for prices between the steps, finer between 3 and 5 c with it.
    """
    prices = (0.02, 0.04, 0.06)
    assert len(groups(cut(one_month(*prices), 0.03))) == 2
    assert groups(cut(one_month(*prices, volume=steps(-0.02, 0.0)), 0.03)) == [[0], [1], [2]]


def test_a_steps_price_is_by_the_kwh_at_the_meter() -> None:
    """Overhead 1.5, a machine that pays 3 c at the wall, hours at 5.25 and 7.5 c there. What is paid for at
    2 c costs 3 c less at the wall: the first hour pays then. 2 c less would be enough for neither.
    """
    around = Conditions(np.full((2, 1), 1.5), np.ones((2, 1)))
    assert groups(cut(one_month(0.035, 0.05, volume=steps(-0.02, 0.0)), 0.03, around=around)) == [[0], [1]]


def test_a_step_without_width_cuts_nothing() -> None:
    """A step that does not exist this month brings no price."""
    volume = VolumeSteps(np.array([[0.0], [np.inf]]), np.array([[-0.02], [0.0]]))
    assert len(groups(cut(one_month(0.02, 0.04, 0.06, volume=volume), 0.03))) == 2


def test_cut_at_the_break_even_plus_the_discount_of_a_supply() -> None:
    """With 2 c less on the first kW, hours at 4 c pay for a machine at 3 c; hours at 6 c do not."""
    shape = (3, 1)
    supplied = one_month(
        0.02,
        0.04,
        0.06,
        supply_kw=np.full(shape, 100.0),
        supply_discount_usd_per_kwh=np.full(shape, 0.02),
    )
    found = cut(supplied, 0.03)
    assert groups(found) == [[0], [1], [2]]
    assert found.supply_kwh[:, 0].tolist() == [100.0] * 3
    assert found.supply_discount_usd_per_kwh[:, 0].tolist() == pytest.approx([0.02] * 3)


def test_cut_where_energy_is_free_below_a_minimum_bill() -> None:
    """3 c are earned; hours cost 2, 5 and 5 c, of which 0, 0 and 2 c are the site's own. Under a minimum bill
    all pay; with half of the bill owed anyway, 2 and 2.5 c do and 3.5 c do not: three blocks instead of two.
    """
    price = one_month(0.02, 0.05, 0.03)
    cost = np.array([[0.02], [0.05], [0.05]])
    around, earned = steady(1.0, (3, 1)), np.array([[0.03]])
    assert groups(hour_blocks(price, around, cost, earned)) == [[0], [1, 2]]
    least = replace(price, minimum_bill_usd=np.array([1.0]))
    assert sorted(groups(hour_blocks(least, around, cost, earned))) == [[0], [1], [2]]


def test_a_minimum_bill_frees_the_steps_of_volume_too() -> None:
    """A second step at 8 c more: hours of 2 c pay 3 c in it only with four fifths of the bill owed anyway,
    hours at 2.9 c and 8 c with other shares: each is a block of its own."""
    price = one_month(0.02, 0.029, 0.08, volume=steps(0.0, 0.08), minimum_bill_usd=np.array([1.0]))
    assert len(groups(cut(price, 0.03))) == 3


def test_limits_and_windows_are_never_mixed() -> None:
    """Four hours at one price: one with a limit, one in the window of a charge, two alike."""
    limit = np.array([[np.inf], [50.0], [np.inf], [np.inf]])
    found = cut(one_month(*[0.02] * 4, cap_kw=limit, demand=(window(False, False, True, False),)), 0.03)
    assert sorted(map(tuple, groups(found))) == [(0, 3), (1,), (2,)]
    by_rows = {tuple(rows): number for number, rows in enumerate(groups(found))}
    assert found.cap_kw[by_rows[(1,)], 0] == 50.0
    assert np.isposinf(found.cap_kw[by_rows[(0, 3)], 0])
    assert found.in_window[0, :, 0].tolist() == [rows == [2] for rows in groups(found)]
    assert found.share.sum() == pytest.approx(1.0)
    assert found.share[by_rows[(0, 3)], 0] == 0.5


def test_intervals_in_which_nothing_can_run_are_in_no_block() -> None:
    """Padding, and an hour too hot: its share of the month is nobody's."""
    price = one_month(0.02, 0.02)
    found = hour_blocks(price, steady(1.0, (2, 1)), np.array([[0.02], [np.inf]]), np.array([[0.03]]))
    assert found.block_of_interval[:, 0].tolist() == [0, -1]
    assert found.share[:, 0].tolist() == [0.5]


def test_months_may_differ_in_their_blocks() -> None:
    """Two blocks in January and one in February: the second is empty there, with no share and no limit."""
    price = PowerPrice.plain(np.ones((2, 2)), np.array([[0.02, 0.02], [0.05, 0.02]]))
    found = hour_blocks(price, steady(1.1, (2, 2)), 1.1 * price.energy_usd_per_kwh, np.array([[0.04, 0.04]]))
    assert found.count == 2
    assert found.share.tolist() == [[0.5, 1.0], [0.5, 0.0]]
    assert found.highest_pue.tolist() == [[1.1, 1.1], [1.1, 1.0]]
    assert np.isposinf(found.cap_kw).all()
    assert found.total(price.energy_usd_per_kwh).tolist() == [[0.02, 0.04], [0.05, 0.0]]


def test_the_highest_overhead_counts_and_far_ones_stay_apart_where_peaks_are_billed() -> None:
    """Overheads of 1.02, 1.03 and 1.2: under a charge the last is a block of its own, without one not."""
    around = Conditions(np.array([[1.02], [1.03], [1.2]]), np.ones((3, 1)))
    free = cut(one_month(*[0.01] * 3), 0.05, around=around)
    assert groups(free) == [[0, 1, 2]]
    assert free.highest_pue.tolist() == [[1.2]]
    charged = cut(one_month(*[0.01] * 3, demand=(window(True, True, True),)), 0.05, around=around)
    assert groups(charged) == [[0, 1], [2]]
    assert charged.highest_pue[:, 0].tolist() == [1.03, 1.2]


def test_merging_takes_the_neighbours_between_which_least_is_lost() -> None:
    """1 h each at 1, 2, 5 and 5.5 c: joining the last two loses 0.25, the first two 0.5, the middle 1.5."""
    hours, kind = np.ones(4), np.zeros(4, dtype=int)
    value = np.array([1.0, 2.0, 5.0, 5.5])
    assert merged(hours, value, kind, 3).tolist() == [0, 1, 2, 2]
    assert merged(hours, value, kind, 2).tolist() == [0, 0, 1, 1]
    assert merged(hours, value, kind, 1).tolist() == [0, 0, 0, 0]


def test_merging_weighs_hours() -> None:
    """A long block 1 c from a short one loses less than two long ones half a cent apart."""
    assert merged(np.array([1.0, 90, 90]), np.array([0, 1.0, 1.5]), np.zeros(3, dtype=int), 2).tolist() == [
        0,
        0,
        1,
    ]


def test_merging_never_joins_two_kinds() -> None:
    """At most one block was asked for; two kinds are two."""
    assert merged(np.ones(4), np.arange(4.0), np.array([0, 0, 1, 1]), 1).tolist() == [0, 0, 1, 1]


def test_many_levels_of_a_limit_are_gathered_and_have_their_mean() -> None:
    """730 different limits: six, and their hours' mean is kept."""
    limit = np.linspace(100, 900, 730)[:, None]
    price = one_month(*[0.02] * 730, cap_kw=limit)
    found = cut(price, 0.03)
    assert found.count == 6
    assert (found.cap_kw[:, 0] * found.share[:, 0]).sum() == pytest.approx(limit.mean())


# --- what is lost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_blocks_lose_little_against_every_hour_by_itself(seed: int) -> None:
    """A limit in 6 % of the hours, take-or-pay, a peak and a coincident hour: at most 1e-4 of the value.

    As many blocks of equal counts lose 1e-3 or more. Deciding by block is a restriction: it cannot gain.
    """
    month = site_month(seed)
    truth = optimum_usd(month, every_hour(month))
    ours = 1 - optimum_usd(month, aligned(month, 48)) / truth
    equal = 1 - optimum_usd(month, equal_counts(month, 48)) / truth
    assert -1e-9 < ours < 1e-4
    assert equal > 5 * ours


def test_without_volume_the_blocks_are_exact() -> None:
    """A limit and two peaks, constant overhead, as few blocks as break-evens and kinds ask for: to 1e-9."""
    month = site_month(1)
    free = replace(month, price=replace(month.price, volume=steps(0.0)))
    blocks = aligned(free, 999)
    assert blocks.count < 40
    assert optimum_usd(free, blocks) == pytest.approx(optimum_usd(free, every_hour(free)), rel=1e-9)


def test_where_nothing_couples_the_blocks_are_the_hours_that_pay() -> None:
    """No limit, no charge, no step: the optimum over blocks is the closed form's margin of every machine."""
    month = site_month(2)
    plain = PowerPrice.plain(month.price.hours, month.price.energy_usd_per_kwh, 0.004)
    free = replace(month, price=replace(plain, volume=steps(0.0)))
    margin = machine_months(free.site, free.price, free.earns, free.around).margin_usd[:, 0, 0]
    assert optimum_usd(free, aligned(free, 48)) == pytest.approx(float(free.machines @ margin), rel=1e-9)


def test_an_overhead_that_follows_the_heat_costs_a_thousandth() -> None:
    """The highest overhead of a block counts for its peak: with 3 to 5 % by the hour at most 2e-3 is lost."""
    month = site_month(0, warm=True)
    error = 1 - optimum_usd(month, aligned(month, 48)) / optimum_usd(month, every_hour(month))
    assert -1e-9 < error < 2e-3
