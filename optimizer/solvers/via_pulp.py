"""The model as a ``pulp.LpProblem`` with names that people can read, and any solver PuLP reaches.

The objective handed to PuLP is *minus* the value: ``pulp.HiGHS`` gives prices of the wrong sign when
it maximizes, and minimizing makes every solver agree.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import numpy as np
import pulp
from numpy.typing import NDArray

from optimizer.errors import SolveError
from optimizer.lp import Bools, Floats, LinearProgram
from optimizer.solvers.solution import (
    FEASIBILITY_TOLERANCE,
    Options,
    Solution,
    Status,
    largest_violation,
    without_plan,
)

_SOLVERS = {
    "cbc": "PULP_CBC_CMD",
    "highs": "HiGHS",
    "scip": "SCIP_PY",
    "gurobi": "GUROBI",
    "cplex": "CPLEX_PY",
}


def problem(lp: LinearProgram, name: str = "rigshift") -> pulp.LpProblem:
    """The linear programme as a ``pulp.LpProblem`` that minimizes minus the value."""
    with _pulp_quiet():
        return _problem(lp, name)


@contextmanager
def _pulp_quiet() -> Iterator[None]:
    """PuLP 3.3 announces its own 4.0 on every call; that is for us to know, not for the user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _problem(lp: LinearProgram, name: str) -> pulp.LpProblem:
    columns = _variables(lp)
    model = pulp.LpProblem(_identifier(name), pulp.LpMinimize)
    costs = -lp.objective
    model.setObjective(pulp.LpAffineExpression(_pairs(columns, np.flatnonzero(costs), costs[costs != 0.0])))
    matrix = lp.matrix
    is_limit = _is_limit(lp)
    for row, row_name in enumerate(_unique(lp.row_names())):
        if not is_limit[row]:
            continue
        inside = slice(matrix.indptr[row], matrix.indptr[row + 1])
        terms = pulp.LpAffineExpression(_pairs(columns, matrix.indices[inside], matrix.data[inside]))
        sense, limit = _sense(lp.row_low[row], lp.row_high[row])
        model.addConstraint(pulp.LpConstraint(terms, sense, row_name, limit))
    return model


def maximize(lp: LinearProgram, options: Options, solver_name: str) -> Solution:
    """Solve through PuLP with the solver of that name."""
    solver, label = _solver(solver_name, options)
    with _pulp_quiet():
        found = _solved(lp, options, solver, label)
        if found.status is not Status.INFEASIBLE:
            return found
        # Some solvers stop at "unbounded or infeasible", PuLP calls that infeasible; without a goal it shows.
        without_goal = _solved(replace(lp, ledger={}), options, solver, label)
    if without_goal.status.has_plan:
        return replace(found, status=Status.UNBOUNDED)
    return found


def _solved(lp: LinearProgram, options: Options, solver: pulp.LpSolver, label: str) -> Solution:
    began = time.perf_counter()
    model = _problem(lp, "rigshift")
    try:
        model.solve(solver)
    except pulp.PulpSolverError as error:
        return without_plan(lp, Status.FAILED, label, time.perf_counter() - began, str(error))
    return _read(model, lp, label, options, began)


def _variables(lp: LinearProgram) -> list[pulp.LpVariable]:
    kinds = np.where(lp.is_integer, pulp.LpInteger, pulp.LpContinuous)
    bounds = zip(lp.lower, lp.upper, strict=True)
    return [
        pulp.LpVariable(name, _finite(low), _finite(high), str(kind))
        for name, (low, high), kind in zip(_unique(lp.column_names()), bounds, kinds, strict=True)
    ]


def _is_limit(lp: LinearProgram) -> Bools:
    """Rows that limit anything; one that was freed has no form in PuLP."""
    return np.isfinite(lp.row_low) | np.isfinite(lp.row_high)


def _finite(limit: float) -> float | None:
    return float(limit) if np.isfinite(limit) else None


def _pairs(
    columns: list[pulp.LpVariable], numbers: NDArray[np.integer], values: Floats
) -> list[tuple[pulp.LpVariable, float]]:
    """PuLP keeps one value per variable: a column named twice would lose one, so duplicates raise."""
    if len(np.unique(numbers)) != len(numbers):
        raise ValueError("a column is named twice in one row; add its coefficients up first")
    return [(columns[number], float(value)) for number, value in zip(numbers, values, strict=True)]


def _sense(low: float, high: float) -> tuple[int, float]:
    if low == high:
        return pulp.LpConstraintEQ, float(low)
    if np.isfinite(low) and np.isfinite(high):
        raise ValueError("a row with two different limits has no form in PuLP; write it as two rows")
    return (pulp.LpConstraintLE, float(high)) if np.isfinite(high) else (pulp.LpConstraintGE, float(low))


def _unique(names: Iterable[str]) -> list[str]:
    """Names that stay apart after PuLP has replaced what an .lp file cannot hold."""
    taken: set[str] = set()
    unique = []
    for name in names:
        clean = _identifier(name)
        numbered = (f"{clean}__{number}" for number in count(2))
        free = clean if clean not in taken else next(each for each in numbered if each not in taken)
        taken.add(free)
        unique.append(free)
    return unique


def _identifier(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter == "." else "_" for letter in name).strip("_")


def _solver(name: str, options: Options) -> tuple[pulp.LpSolver, str]:
    known = _SOLVERS.get(name.lower(), name)
    every = pulp.listSolvers()
    if known not in every:
        raise SolveError(f"PuLP knows no solver {name!r}; it knows {', '.join(every)}")
    arguments: dict[str, object] = {
        "msg": False,
        "timeLimit": options.time_limit_s,
        "gapRel": options.mip_gap_share,
    }
    with _pulp_quiet():
        solver = pulp.getSolver(known, **arguments)
        if not solver.available():
            ready = ", ".join(pulp.listSolvers(onlyAvailable=True))
            raise SolveError(f"solver {name!r} is not installed here; install it or choose one of: {ready}")
    return solver, f"PuLP {pulp.__version__} with {known}"


def _read(model: pulp.LpProblem, lp: LinearProgram, label: str, options: Options, began: float) -> Solution:
    seconds = time.perf_counter() - began
    message = f"{pulp.LpStatus[model.status]} / {pulp.LpSolution[model.sol_status]}"
    for status, ours in (
        (pulp.LpStatusInfeasible, Status.INFEASIBLE),
        (pulp.LpStatusUnbounded, Status.UNBOUNDED),
    ):
        if model.status == status:
            return without_plan(lp, ours, label, seconds, message)
    columns = _in_model_order(model, lp)
    values = np.array(
        [np.nan if column.varValue is None else column.varValue for column in columns], dtype=float
    )
    if np.isnan(values).any() or largest_violation(lp, values) > FEASIBILITY_TOLERANCE:
        stopped = seconds >= options.time_limit_s or model.sol_status != pulp.LpSolutionOptimal
        return without_plan(lp, Status.NO_PLAN if stopped else Status.FAILED, label, seconds, message)
    objective = float(lp.objective @ values)
    is_mip = bool(lp.is_integer.any())
    is_optimal = model.status == pulp.LpStatusOptimal and model.sol_status == pulp.LpSolutionOptimal
    status = (Status.WITHIN_GAP if is_mip else Status.PROVEN) if is_optimal else Status.STOPPED
    bound = float("nan")
    if is_optimal:
        bound = objective + (options.mip_gap_share * max(1.0, abs(objective)) if is_mip else 0.0)
    return Solution(
        status, label, seconds, message, values, *_prices(model, lp, columns, is_mip), objective, bound
    )


def _in_model_order(model: pulp.LpProblem, lp: LinearProgram) -> list[pulp.LpVariable]:
    """PuLP sorts variables by name and drops those that no row or cost names; ours stay in column order."""
    by_name = {column.name: column for column in model.variables()}
    order = []
    for name, low in zip(_unique(lp.column_names()), lp.lower, strict=True):
        column = by_name.get(name)
        if column is None:
            column = pulp.LpVariable(name)
            column.varValue = max(float(low), 0.0)
        order.append(column)
    return order


def _prices(
    model: pulp.LpProblem, lp: LinearProgram, columns: list[pulp.LpVariable], is_mip: bool
) -> tuple[Floats, Floats]:
    """Row and column prices in the sense of maximizing; NaN where the solver gives none."""
    duals = [row.pi for row in model.constraints.values()]
    if is_mip or any(dual is None for dual in duals):
        return np.full(len(lp.row_low), np.nan), np.full(len(lp.upper), np.nan)
    row_duals = np.zeros(len(lp.row_low))
    row_duals[_is_limit(lp)] = -np.array(duals, dtype=float)
    return row_duals, lp.objective - lp.matrix.T @ row_duals
