"""The model through Rigshift's own door: blocks, arrays, HiGHS."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.measure import Exists, Values, values_of
from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram
from optimizer.narrowing import maximize_narrowed
from optimizer.pipeline import build as build_blocks
from optimizer.solvers import Options, Solution, maximize


@dataclass
class Model:
    """The linear programme and, once solved, its solution."""

    data: Inputs
    lp: LinearProgram
    plan: Decisions
    solution: Solution | None = None


def build(data: Inputs, exists: Exists) -> Model:
    """Every block; what exists is found again here, as in every study, and counts as building."""
    return Model(data, *build_blocks(data))


def solve(model: Model, method: str, time_limit_s: float) -> None:
    """The door with every check that it makes; ``auto`` is what a study gets: few columns first if large."""
    options = Options(method=method, time_limit_s=time_limit_s)
    if method == "auto":
        model.solution = maximize_narrowed(model.lp, model.data, model.plan, options)
    else:
        model.solution = maximize(model.lp, options)


def extract(model: Model) -> tuple[float, Values]:
    """Objective, and values of every decision."""
    assert model.solution is not None
    return model.solution.objective, values_of(model.plan, model.solution.values)
