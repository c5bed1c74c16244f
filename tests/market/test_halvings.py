"""Halvings by height: ten minutes a block, the pace of a path of difficulty, a stated day."""

from datetime import date, timedelta

import numpy as np
import pytest

from optimizer import market
from optimizer.market.halvings import time_of
from optimizer.market.record import Block, epochs, known_block

AUGUST = market.bundled_start()


def growing(share: float) -> market.Curve:
    return market.growing_difficulty(AUGUST, share)


def test_a_level_network_finds_a_block_every_ten_minutes() -> None:
    """Without growth an epoch is 14 days, so both ways of counting give 13 April 2028."""
    assert market.halving_date(5, difficulty=growing(0.0)) == market.halving_date(5) == date(2028, 4, 13)


def test_a_network_that_doubles_every_year_by_hand() -> None:
    """T * 2**(T / 365.25) = 14 days: T = 13.6422. 43.8333 epochs of it are 597.98 days, to 28 March.

    Growth by the simple share (100 % x 14 / 365.25) would give 13.49 days and 20 March.
    """
    assert time_of(961_632 + 2016, Block(961_632, date(2026, 8, 8)), growing(1.0)) == pytest.approx(
        date(2026, 8, 8).toordinal() + 0.5 + 13.6422, abs=1e-4
    )
    assert market.halving_date(5, difficulty=growing(1.0)) == date(2028, 3, 28)


def test_a_network_that_shrinks_is_late() -> None:
    """-30 % a year: 14 * ln(0.7) * 1.69 years = 8.4 days late, 21 April; the wrong sign gives 5 April."""
    assert market.halving_date(5, difficulty=growing(-0.3)) == date(2028, 4, 21)


def test_the_pace_foretells_the_halving_of_2024_from_2018() -> None:
    """From block 556,416 of 31 December 2018 along the difficulties that were: 20 April 2024 within two days.

    Ten minutes a block would have said 22 May, a month late.
    """
    first = Block(epochs()[0].first_height, epochs()[0].first_day)
    record = market.Quoted({each.first_day.toordinal() + 0.5: each.difficulty for each in epochs()}, 0.0)
    foretold = date.fromordinal(int(time_of(840_000, first, record)))
    assert abs(foretold - date(2024, 4, 20)) <= timedelta(days=2)
    assert date.fromordinal(int(time_of(840_000, first, None))) == date(2024, 5, 22)


def test_the_bundled_epochs_follow_each_other() -> None:
    """A lost or repeated row would shift every height after it: 202 changes, 2,016 blocks apart."""
    heights = [each.first_height for each in epochs()]
    assert len(heights) == 202
    assert set(np.diff(heights)) == {2016}
    assert all(height % 2016 == 0 for height in heights)


def test_a_start_in_the_past_does_not_know_later_blocks() -> None:
    """On 5 August 2026 the newest known block is that of 25 July; the one of 8 August had not been found."""
    assert known_block(date(2026, 8, 5)) == Block(959_616, date(2026, 7, 25))
    assert known_block(date(2026, 8, 8)) == Block(961_632, date(2026, 8, 8))


def test_a_block_between_two_retargets() -> None:
    """1,000 blocks after noon of 1 April 2028: 6.94 days, 8 April; from the retarget before it, 3 April."""
    near = Block(1_049_000, date(2028, 4, 1))
    assert market.halving_date(5, near) == date(2028, 4, 8)
    assert market.halving_date(5, near, growing(0.0)) == date(2028, 4, 8)


def test_a_stated_day_moves_this_halving_and_those_after_it() -> None:
    """1 May 2028 instead of 13 April; the sixth 1,458 days 8 hours later, 28 April 2032 and not 10 April."""
    days = market.halving_days(date(2030, 1, 1), next_day=date(2028, 5, 1))
    assert [date.fromordinal(day) for day in days.tolist()][-2:] == [date(2028, 5, 1), date(2032, 4, 28)]
    with pytest.raises(ValueError, match="not after the last one"):
        market.halving_days(date(2030, 1, 1), next_day=date(2024, 4, 20))


def test_the_pace_of_a_table_follows_its_trend() -> None:
    """127.06T rising to 180T over two years by table: 14 * ln(D / 127.06) = about 4 days early, not 0.

    A table's steps would let an epoch fall on an edge, where no length fits.
    """
    months = [f"{2026 + (8 + n) // 12}-{(8 + n) % 12 + 1:02}" for n in range(24)]
    values = {month: 127.06e12 + (180e12 - 127.06e12) * n / 23 for n, month in enumerate(months)}
    table = market.ByMonth(values, (AUGUST.middle, AUGUST.difficulty))
    assert market.halving_date(5, difficulty=table) == date(2028, 4, 9)


def test_a_difficulty_that_jumps_moves_by_four_at_most() -> None:
    """The protocol allows a factor of 4: an epoch lasts 3.5 days at least, however fast the table rises."""
    table = market.ByMonth({"2026-08": 1e12, "2026-09": 1e18})
    assert time_of(963_648, Block(961_632, date(2026, 8, 8)), table) >= date(2026, 8, 8).toordinal() + 4.0
