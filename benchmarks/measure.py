"""One builder, one size, one process: what is timed, and what every builder has to offer."""

from __future__ import annotations

import importlib
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from benchmarks.instance import SIZES, instance
from optimizer.decisions import Decisions, declare
from optimizer.inputs import Inputs
from optimizer.lp import ABSENT, LinearProgram

Floats = NDArray[np.float64]
Exists = Mapping[str, NDArray[np.bool_]]  # decision -> where it exists, over the axes of ``Decisions`` without ``w``

# A builder is a module with build(data, exists) -> model, solve(model, method, time_limit_s) -> the solver's own
# seconds, and extract(model) -> (objective, values of every decision in the shape of ``exists``).
BUILDERS = {
    "raw arrays": "benchmarks.raw_arrays",
    "Rigshift": "benchmarks.ours",
    "PuLP, idiomatic": "benchmarks.pulp_idiomatic",
    "linopy": "benchmarks.linopy_model",
}
SIMPLEX_UP_TO_COLUMNS = 2_000  # the rule of docs/performance.md, the same for every builder


@dataclass(frozen=True)
class Measured:
    """One run. Seconds are (wall, CPU with children); ``solve`` is what the layer adds to the solver's own time."""

    builder: str
    size: str
    method: str
    columns: int
    build_s: tuple[float, float]
    hand_over_s: tuple[float, float]
    extract_s: tuple[float, float]
    solver_s: float
    objective: float
    peak_mb: float


def builder(name: str) -> ModuleType:
    """The module that builds the model this way."""
    return importlib.import_module(BUILDERS[name])


def existing(data: Inputs) -> Exists:
    """Which decisions exist, found once and given to every builder, so that all write down the same columns."""
    plan = declare(LinearProgram(data.labels, np.outer(data.probability, data.discount), "wm"), data)
    return {name: columns[0] != ABSENT for name, columns in vars(plan).items()}


def values_of(plan: Decisions, solution: Floats) -> dict[str, Floats]:
    """Every decision's values as a dense array: what all builders hand back."""
    return {name: np.append(solution, 0.0)[columns][0] for name, columns in vars(plan).items()}


def measure(name: str, size: str, method: str, time_limit_s: float) -> Measured:
    """Build, solve and extract once, in this process."""
    module = builder(name)
    data = instance(*SIZES[size])
    exists = existing(data)
    columns = int(sum(mask.sum() for mask in exists.values())) + len(data.periods)  # and the cash balance
    if method == "rule":
        method = "simplex" if columns <= SIMPLEX_UP_TO_COLUMNS else "ipx"
    model, build_s = _timed(lambda: module.build(data, exists))
    solver_s, solve_s = _timed(lambda: module.solve(model, method, time_limit_s))
    (objective, _), extract_s = _timed(lambda: module.extract(model))
    # The solver runs on one thread, so that its wall time stands for its CPU time unless the machine is shared.
    hand_over_s = (max(0.0, solve_s[0] - solver_s), max(0.0, solve_s[1] - min(solver_s, solve_s[1])))
    peak_mb = _peak_memory_mb()
    return Measured(name, size, method, columns, build_s, hand_over_s, extract_s, solver_s, objective, peak_mb)


def _timed[T](work: Callable[[], T]) -> tuple[T, tuple[float, float]]:
    wall, cpu = time.perf_counter(), _cpu_s()
    result = work()
    return result, (time.perf_counter() - wall, _cpu_s() - cpu)


def _cpu_s() -> float:
    return sum(os.times()[:4])


def _peak_memory_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
