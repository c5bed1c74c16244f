"""What the chain has on record: past halvings, and changes of difficulty with their heights."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

GENESIS = date(2009, 1, 3)
PAST_HALVINGS = (date(2012, 11, 28), date(2016, 7, 9), date(2020, 5, 11), date(2024, 4, 20))
NEXT_HALVING = len(PAST_HALVINGS) + 1

BLOCKS_PER_HALVING = 210_000
BLOCKS_PER_EPOCH = 2016  # after which the difficulty is set anew


@dataclass(frozen=True)
class Block:
    """A block and the day it was found on; its hour is unknown, so noon halves the possible error."""

    height: int
    day: date

    @property
    def time(self) -> float:
        return self.day.toordinal() + 0.5


@dataclass(frozen=True)
class Epoch:
    """2,016 blocks of one difficulty, and the day of the first of them."""

    first_day: date
    first_height: int
    difficulty: float


@cache
def epochs() -> tuple[Epoch, ...]:
    """Every bundled change of difficulty, oldest first."""
    text = (files("optimizer") / "data" / "network_epochs.csv").read_text(encoding="utf-8")
    return tuple(
        Epoch(date.fromisoformat(row["first_day"]), int(row["first_height"]), float(row["difficulty"]))
        for row in csv.DictReader(text.splitlines())
    )


def newest_block() -> Block:
    """The newest block whose height and day are bundled."""
    return Block(epochs()[-1].first_height, epochs()[-1].first_day)


def known_block(day: date) -> Block:
    """The newest bundled one of that day or before it; of a day before all of them, the newest there is."""
    past = [epoch for epoch in epochs() if epoch.first_day <= day]
    return Block(past[-1].first_height, past[-1].first_day) if past else newest_block()
