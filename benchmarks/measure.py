"""One builder, one size, one process: what is timed, and what every builder has to offer."""

from __future__ import annotations

import importlib
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

import highspy
import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks.instance import SIZES, instance
from optimizer.decisions import Decisions, declare
from optimizer.inputs import Inputs
from optimizer.lp import ABSENT, LinearProgram

T = TypeVar("T")
Exists = Mapping[str, NDArray[np.bool_]]  # decision -> where it exists, over its axes without ``w``
Values = dict[str, NDArray[np.float64]]  # decision -> its values, in the same shape

# A builder is a module with build(data, exists) -> model, solve(model, method, time_limit_s) -> None and
# extract(model) -> (objective, values).
BUILDERS = {
    "raw arrays": "benchmarks.raw_arrays",
    "Rigshift": "benchmarks.ours",
    "PuLP, idiomatic": "benchmarks.pulp_idiomatic",
    "linopy": "benchmarks.linopy_model",
}
SIMPLEX_UP_TO_COLUMNS = 2_000  # the rule of docs/performance.md, the same for every builder


@dataclass(frozen=True)
class Seconds:
    """Time by the clock, and of the processor with all threads and children."""

    wall: float
    cpu: float

    def __sub__(self, other: Seconds) -> Seconds:
        return Seconds(max(0.0, self.wall - other.wall), max(0.0, self.cpu - other.cpu))


@dataclass(frozen=True)
class Measured:
    """One run. ``hand_over`` is what the layer adds to the solver's own time: translate, pass, read back."""

    builder: str
    size: str
    method: str
    build: Seconds
    hand_over: Seconds
    solver: Seconds
    extract: Seconds
    is_solved: bool
    objective: float
    start_mb: float  # everything imported, nothing built
    peak_mb: float


def module_of(name: str) -> ModuleType:
    """The module that builds the model this way."""
    return importlib.import_module(BUILDERS[name])


def existing(data: Inputs) -> Exists:
    """Which decisions exist: found once and given to every builder, so that all write the same columns."""
    plan = declare(LinearProgram(data.labels, np.outer(data.probability, data.discount), "wm"), data)
    return {name: columns[0] != ABSENT for name, columns in vars(plan).items() if (columns != ABSENT).any()}


def values_of(plan: Decisions, solution: NDArray[np.float64]) -> Values:
    """Every decision as a dense array: what all builders hand back."""
    own = {name: columns for name, columns in vars(plan).items() if (columns != ABSENT).any()}
    return {name: np.append(solution, 0.0)[columns][0] for name, columns in own.items()}


def measure(name: str, size: str, method: str, time_limit_s: float) -> Measured:
    """Build, solve and extract once, in this process."""
    module = module_of(name)
    data = instance(*SIZES[size])
    exists = existing(data)
    if method == "rule":
        columns = sum(int(mask.sum()) for mask in exists.values())
        method = "simplex" if columns <= SIMPLEX_UP_TO_COLUMNS else "ipx"
    highspy.Highs = WatchedHighs
    start_mb = psutil.Process().memory_info().rss / 2**20
    model, build = _timed(lambda: module.build(data, exists))
    _, solve = _timed(lambda: module.solve(model, method, time_limit_s))
    (objective, _), extract = _timed(lambda: module.extract(model))
    solver, is_solved = WatchedHighs.spent, WatchedHighs.is_solved
    stages = (build, solve - solver, solver, extract)
    return Measured(name, size, method, *stages, is_solved, objective, start_mb, _peak_mb())


class WatchedHighs(highspy.Highs):  # type: ignore[misc, unused-ignore]
    """HiGHS with a stopwatch around the solve alone, the same for every layer that calls it."""

    spent = Seconds(0.0, 0.0)
    is_solved = False
    began_cpu_s = 0.0

    def run(self) -> Any:
        """Run, and remember for how long."""
        self.began_cpu_s = _cpu_s()
        status = super().run()
        self._note()
        return status

    def startSolve(self) -> Any:  # noqa: N802 (HiGHS's own name)
        """Begin to run beside the main thread."""
        self.began_cpu_s = _cpu_s()
        return super().startSolve()

    def wait(self, timeout: float = -1.0) -> Any:
        """Wait for what ``startSolve`` began, and remember how long it took."""
        answer = super().wait(timeout)
        if answer[0]:
            self._note()
        return answer

    def _note(self) -> None:
        total = WatchedHighs.spent
        cpu = _cpu_s() - self.began_cpu_s
        WatchedHighs.spent = Seconds(total.wall + self.getRunTime(), total.cpu + cpu)
        WatchedHighs.is_solved = self.getModelStatus() == highspy.HighsModelStatus.kOptimal


def _timed(work: Callable[[], T]) -> tuple[T, Seconds]:
    wall, cpu = time.perf_counter(), _cpu_s()
    result = work()
    return result, Seconds(time.perf_counter() - wall, _cpu_s() - cpu)


def _cpu_s() -> float:
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in spent)


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
