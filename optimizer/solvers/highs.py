"""The arrays straight into HiGHS."""

from __future__ import annotations

import time
from dataclasses import replace

import highspy
import numpy as np

from optimizer.errors import SolveError
from optimizer.lp import Arrays, Floats, LinearProgram
from optimizer.solvers.solution import (
    FEASIBILITY_TOLERANCE,
    Options,
    Solution,
    Status,
    largest_violation,
    without_plan,
)

SIMPLEX_UP_TO_COLUMNS = 2_000  # above it interior point with crossover is faster (docs/performance.md)
START_FINDERS = ("mip_heuristic_run_rens", "mip_heuristic_run_rins", "mip_heuristic_run_root_reduced_cost")
HEARTBEAT_S = 0.1
GRACE_S = 10.0  # for a cancelled solve to come to where it looks up
_MODEL_STATUS = highspy.HighsModelStatus
_OPTIMAL = (_MODEL_STATUS.kOptimal, _MODEL_STATUS.kModelEmpty)  # nothing to decide is decided
_STOPPED = (
    _MODEL_STATUS.kTimeLimit,
    _MODEL_STATUS.kIterationLimit,
    _MODEL_STATUS.kInterrupt,
    _MODEL_STATUS.kSolutionLimit,
)


def maximize(lp: LinearProgram | Arrays, options: Options, start: Floats | None = None) -> Solution:
    """Maximize the ledger's worth. Ctrl-C stops the solver and raises ``KeyboardInterrupt``."""
    began = time.perf_counter()
    lp = lp if isinstance(lp, Arrays) else lp.arrays()
    solver = _loaded(lp, options)
    if start is not None:
        _pass_start(solver, start)
        for heuristic in START_FINDERS:  # what they look for is in hand, and each is a search of its own
            _set(solver, heuristic, False)
    _run(solver)
    solution = _read(solver, lp, options, began)
    if lp.is_integer.any() and solution.status.has_plan:
        return replace(_with_prices(solution, lp, options), seconds=time.perf_counter() - began)
    return solution


def conflicting_rows(lp: LinearProgram, time_limit_s: float) -> list[int]:
    """Rows of a small set of limits that contradict each other; empty when none was found in time."""
    options = Options(method="simplex", time_limit_s=time_limit_s)
    solver = _loaded(lp.arrays(), options, relax_integers=True)
    _set(solver, "iis_strategy", 6)  # the default strategy answers "valid" with no rows in it
    _set(solver, "iis_time_limit", time_limit_s)
    _, found = solver.getIis()
    return [int(row) for row in found.row_index_] if found.valid_ else []


def _loaded(lp: Arrays, options: Options, *, relax_integers: bool = False) -> highspy.Highs:
    solver = highspy.Highs()
    _set(solver, "output_flag", False)
    _set(solver, "time_limit", float(options.time_limit_s))
    _set(solver, "random_seed", options.seed)
    _set(solver, "mip_rel_gap", options.mip_gap_share)
    _set(solver, "run_crossover", "on" if options.ends_at_vertex else "off")
    is_mip = bool(lp.is_integer.any()) and not relax_integers
    method = options.method
    if method == "auto":
        method = "simplex" if len(lp.upper) <= SIMPLEX_UP_TO_COLUMNS else "ipx"
    _set(solver, "mip_lp_solver" if is_mip else "solver", method)
    if _pass_model(solver, lp, is_mip) == highspy.HighsStatus.kError:
        raise SolveError("HiGHS refused the model; a coefficient or a limit is not a finite number")
    solver.HandleUserInterrupt = True
    return solver


def _run(solver: highspy.Highs) -> None:
    """Solve beside the main thread, so that Ctrl-C is heard at once; HiGHS alone would go on solving."""
    solver.startSolve()
    try:
        while not solver.wait(HEARTBEAT_S)[0]:
            pass
    except KeyboardInterrupt:
        solver.cancelSolve()
        solver.wait(GRACE_S)
        raise


def _set(solver: highspy.Highs, option: str, value: bool | int | float | str) -> None:
    """Set an option and see that it was accepted: HiGHS ignores what it does not know."""
    if solver.setOptionValue(option, value) != highspy.HighsStatus.kOk:
        raise SolveError(f"HiGHS does not accept the option {option} = {value!r}")


def _pass_model(solver: highspy.Highs, lp: Arrays, is_mip: bool) -> highspy.HighsStatus:
    """Arrays go over as they are; filling a ``HighsLp`` field by field takes four times as long."""
    matrix = lp.matrix
    rows, columns = matrix.shape
    start, index = matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32)
    kinds = (lp.is_integer & is_mip).astype(np.int32)  # 0 continuous, 1 integer
    form, offset = int(highspy.MatrixFormat.kRowwise), 0.0
    sense = int(highspy.ObjSense.kMinimize)  # interior point maximizing ends "Unknown" in HiGHS 1.15
    limits = (lp.lower, lp.upper, lp.row_low, lp.row_high)
    shape = (columns, rows, matrix.nnz, form, sense, offset)
    return solver.passModel(*shape, -lp.objective, *limits, start, index, matrix.data, kinds)


def _pass_start(solver: highspy.Highs, start: Floats) -> None:
    point = highspy.HighsSolution()
    point.col_value = list(start)
    solver.setSolution(point)


def _read(solver: highspy.Highs, lp: Arrays, options: Options, began: float) -> Solution:
    model_status = solver.getModelStatus()
    name = f"HiGHS {solver.version()}"
    message = solver.modelStatusToString(model_status)
    seconds = time.perf_counter() - began
    if model_status == _MODEL_STATUS.kUnboundedOrInfeasible:
        return _settled(lp, options, began)
    if model_status in (_MODEL_STATUS.kInfeasible, _MODEL_STATUS.kUnbounded):
        status = Status.INFEASIBLE if model_status == _MODEL_STATUS.kInfeasible else Status.UNBOUNDED
        return without_plan(lp, status, name, seconds, message)
    if model_status not in (*_OPTIMAL, *_STOPPED):
        return without_plan(lp, Status.FAILED, name, seconds, message)
    point = solver.getSolution()
    values = np.array(point.col_value)
    # The word "optimal" or a stopped search says nothing about the point in hand; the rows do.
    if not (point.value_valid or len(lp.upper) == 0) or largest_violation(lp, values) > FEASIBILITY_TOLERANCE:
        status = Status.NO_PLAN if model_status in _STOPPED else Status.FAILED
        return without_plan(lp, status, name, seconds, message)
    objective = float(lp.objective @ values)
    is_mip = bool(lp.is_integer.any())
    is_optimal = model_status in _OPTIMAL
    bound = objective if is_optimal else float("nan")
    if is_mip:
        bound = -float(solver.getInfo().mip_dual_bound)
    status = Status.PROVEN if is_optimal else Status.STOPPED
    if is_mip and is_optimal and bound - objective > 1e-9 * max(1.0, abs(objective)):
        status = Status.WITHIN_GAP
    duals, reduced = -np.array(point.row_dual), -np.array(point.col_dual)
    if is_mip or (len(lp.upper) and not (point.dual_valid and is_optimal)):
        duals, reduced = np.full(len(lp.row_low), np.nan), np.full(len(lp.upper), np.nan)
    return Solution(status, name, seconds, message, values, duals, reduced, objective, bound)


def _settled(lp: Arrays, options: Options, began: float) -> Solution:
    """Presolve saw that the model is infeasible or unbounded; say which."""
    solver = _loaded(lp, replace(options, method="simplex"))
    _set(solver, "presolve", "off")
    _run(solver)
    if solver.getModelStatus() == _MODEL_STATUS.kUnboundedOrInfeasible:
        return without_plan(
            lp, Status.FAILED, "HiGHS", time.perf_counter() - began, "unbounded or infeasible"
        )
    return _read(solver, lp, options, began)


def _with_prices(solution: Solution, lp: Arrays, options: Options) -> Solution:
    """Prices of a mixed-integer plan: those of the linear programme with the whole numbers held."""
    whole = np.round(solution.values[lp.is_integer])
    held = replace(
        lp, lower=lp.lower.copy(), upper=lp.upper.copy(), is_integer=np.zeros(len(lp.upper), dtype=bool)
    )
    held.lower[lp.is_integer] = held.upper[lp.is_integer] = whole
    priced = maximize(held, options)
    if not priced.status.has_plan:
        return solution
    return replace(
        solution,
        values=priced.values,
        objective=priced.objective,
        row_duals=priced.row_duals,
        reduced_costs=priced.reduced_costs,
    )
