"""The model through Rigshift's own door: blocks, arrays, HiGHS."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.measure import Exists, Values, values_of
from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram
from optimizer.pipeline import build as build_blocks
from optimizer.solvers import Options, Solution, maximize


@dataclass
class Model:
    """The linear programme and, once solved, its solution."""

    lp: LinearProgram
    plan: Decisions
    solution: Solution | None = None


def build(data: Inputs, exists: Exists) -> Model:
    """Every block; what exists is found again here, as in every study, and counts as building."""
    return Model(*build_blocks(data))


def solve(model: Model, method: str, time_limit_s: float) -> None:
    """The door as ``optimizer.pipeline`` uses it, with every check that it makes."""
    model.solution = maximize(model.lp, Options(method=method, time_limit_s=time_limit_s))


def extract(model: Model) -> tuple[float, Values]:
    """Objective, and values of every decision."""
    assert model.solution is not None
    return model.solution.objective, values_of(model.plan, model.solution.values)
