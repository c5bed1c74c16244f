"""How long questions about places and law take: medians of several, on this machine.

python -m benchmarks.places
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

import geodata
from geodata.law import Spot

REPEATS = 7
POINTS = 100_000
SPOTS, MONTHS = 500, 60
FIRST_ANSWER = """
import time
started = time.perf_counter()
from datetime import date
import geodata
geodata.rules_at(52.54, 103.89, date(2026, 11, 22))
print(time.perf_counter() - started)
"""


def main() -> None:
    """Print one line for each question."""
    print(f"{os.cpu_count()} cores; medians of {REPEATS}, seconds; smallest and largest in brackets")
    draw = np.random.default_rng(0)
    lat, lon = np.degrees(np.arcsin(draw.uniform(-1, 1, POINTS))), draw.uniform(-180, 180, POINTS)
    report(f"locating {POINTS:,} points over the globe", lambda: geodata.locate_many(lat, lon))
    on_land = geodata.locate_many(lat, lon)["region"].notna().to_numpy()
    around = np.resize(np.flatnonzero(on_land), POINTS)
    near_lat = np.clip(lat[around] + draw.normal(0, 0.01, POINTS), -90, 90)
    near_lon = np.clip(lon[around] + draw.normal(0, 0.01, POINTS), -180, 180)
    report(f"locating {POINTS:,} points on land", lambda: geodata.locate_many(near_lat, near_lon))
    spots = [
        Spot(region, "") for region in sorted(geodata.known_regions()) if not geodata.known_districts(region)
    ]
    spots = (spots * (1 + SPOTS // len(spots)))[:SPOTS]
    months = [f"{2026 + number // 12}-{number % 12 + 1:02}" for number in range(MONTHS)]
    report(f"open share of {SPOTS} sites x {MONTHS} months", lambda: geodata.allowed_share(spots, months))
    answers = [first_answer_s() for _ in range(REPEATS)]
    told("import and first answer, each in a new process", answers)


def report(what: str, work: Callable[[], object]) -> None:
    """Time a piece of work several times, once to warm up."""
    work()
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    told(what, seconds)


def told(what: str, seconds: list[float]) -> None:
    print(f"{what:<55} {statistics.median(seconds):7.3f}  ({min(seconds):.3f} to {max(seconds):.3f})")


def first_answer_s() -> float:
    """Seconds from the first import to the law of a point, in a process of its own."""
    ran = subprocess.run([sys.executable, "-c", FIRST_ANSWER], capture_output=True, text=True, check=True)
    return float(ran.stdout)


if __name__ == "__main__":
    main()
