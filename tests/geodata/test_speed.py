"""Loose limits on what must be quick; `python -m benchmarks.places` has the figures."""

from __future__ import annotations

import time

import geodata
from benchmarks.places import MONTHS, SPOTS, first_answer_s
from geodata.law import Spot


def test_the_first_answer_of_a_new_process_comes_soon() -> None:
    """Loading every table, or pandas for nothing, would take several seconds; the aim is one."""
    assert first_answer_s() < 4.0


def test_shares_of_many_sites_and_months_come_at_once() -> None:
    """30,000 months of law: rules sought anew for each would take minutes."""
    regions = [each for each in sorted(geodata.known_regions()) if not geodata.known_districts(each)]
    closed = ["RU-DA", "KW-KU", "CN-XJ", "UA-43", "US-TX", "CA-BC"]
    spots = [Spot(region, "") for region in (*closed, *regions)[:SPOTS]]
    months = [f"{2026 + number // 12}-{number % 12 + 1:02}" for number in range(MONTHS)]
    started = time.perf_counter()
    shares = geodata.allowed_share(spots, months)
    assert time.perf_counter() - started < 2.0
    assert shares.shape == (SPOTS, MONTHS)
    assert shares[0, 0] == 0.0
    assert shares[4, 0] == 1.0
