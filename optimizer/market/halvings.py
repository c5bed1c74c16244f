"""When the subsidy halves: by height, a block every ten minutes or at the pace of the network's growth.

Every 2,016 blocks the difficulty is set so that the hashrate of the blocks just found would have taken
14 days for them: D' = D * 14 days / T. So a path of difficulty says how long each epoch took,
T = 14 days * D / D', and nothing else is needed: while hashrate grows, blocks come early by what it grows
within an epoch. Over many epochs the days won add up to about 14 * ln(D at the halving / D today).
"""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

from optimizer.market.curves import Curve
from optimizer.market.days import Days, Floats
from optimizer.market.record import (
    BLOCKS_PER_EPOCH,
    BLOCKS_PER_HALVING,
    GENESIS,
    NEXT_HALVING,
    PAST_HALVINGS,
    Block,
    newest_block,
)

DAYS_PER_BLOCK = 10 / (24 * 60)
DAYS_PER_EPOCH = BLOCKS_PER_EPOCH * DAYS_PER_BLOCK
LARGEST_STEP = 4.0  # of the difficulty at one retarget, up or down


def halving_date(number: int, known: Block | None = None, difficulty: Curve | None = None) -> date:
    """Day of the n-th halving: the record for the past, from a known block for the future.

    A block every 10 minutes, or at the pace that a path of difficulty implies; `known` None: the newest
    bundled one.
    """
    if number < 1:
        raise ValueError(f"halving {number}: they are counted from 1")
    if number < NEXT_HALVING:
        return PAST_HALVINGS[number - 1]
    return date.fromordinal(int(time_of(number * BLOCKS_PER_HALVING, known or newest_block(), difficulty)))


def halving_days(
    until: date, known: Block | None = None, difficulty: Curve | None = None, next_day: date | None = None
) -> Days:
    """Ordinals of all halvings to a day, and of the first after it.

    `next_day` overrides the next halving; those after it are counted from it, a block every 10 minutes.
    Raises ValueError when it is no later than the last halving on record.
    """
    known, number, days = known or newest_block(), NEXT_HALVING, [day.toordinal() for day in PAST_HALVINGS]
    if next_day is not None:
        if next_day <= PAST_HALVINGS[-1]:
            raise ValueError(
                f"the next halving is on {next_day}, not after the last one, {PAST_HALVINGS[-1]}"
            )
        known, difficulty = Block(NEXT_HALVING * BLOCKS_PER_HALVING, next_day), None
    while days[-1] <= until.toordinal():
        days.append(halving_date(number, known, difficulty).toordinal())
        number += 1
    return np.array(days, dtype=np.int64)


def subsidies_btc(days: Days, halvings: Days | None = None) -> Floats:
    """New bitcoin per block on days; `halvings` None: a block every 10 minutes from the newest known one."""
    if halvings is None:
        halvings = halving_days(date.fromordinal(int(days.max())))
    count = np.searchsorted(halvings, days, side="right").astype(np.float64)
    return 50.0 * 0.5**count


def subsidy_btc(day: date) -> float:
    """New bitcoin per block on a day; the whole day of a halving counts as after it."""
    if day < GENESIS:
        raise ValueError(f"{day} lies before the first block of {GENESIS}")
    return float(subsidies_btc(np.array([day.toordinal()]))[0])


def time_of(height: int, known: Block, difficulty: Curve | None) -> float:
    """When a block is found, as a time: counted from a known block, as in `halving_date`."""
    if difficulty is None or height <= known.height:
        return known.time + (height - known.height) * DAYS_PER_BLOCK
    for (first, first_time), (after, after_time) in pairwise(_retargets(known, difficulty)):
        if height <= after:
            return first_time + (after_time - first_time) * (height - first) / (after - first)
    raise AssertionError("retargets never end")


def _retargets(known: Block, difficulty: Curve) -> Iterator[tuple[int, float]]:
    """Height and time of the known block and of every change of difficulty after it."""
    height, time = known.height, known.time
    while True:
        yield height, time
        left = BLOCKS_PER_EPOCH - height % BLOCKS_PER_EPOCH
        time += _days_of_epoch(time, difficulty) * left / BLOCKS_PER_EPOCH
        height += left


def _days_of_epoch(begins: float, difficulty: Curve) -> float:
    """T with T * D(begins + T) / D(begins) = 14 days."""

    def too_long(days: float) -> float:
        before, after = difficulty.trend(np.array([begins, begins + days]))
        return float(days * np.clip(after / before, 1 / LARGEST_STEP, LARGEST_STEP) - DAYS_PER_EPOCH)

    shortest, longest = DAYS_PER_EPOCH / (2 * LARGEST_STEP), DAYS_PER_EPOCH * 2 * LARGEST_STEP
    return float(brentq(too_long, shortest, longest, xtol=1e-9))
