"""What goes into a solver and what comes out, the same through every door."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from optimizer.lp import Arrays, Floats, LinearProgram

FEASIBILITY_TOLERANCE = 1e-6


class Status(StrEnum):
    """How far a solve got. Only ``PROVEN`` is ever called optimal."""

    PROVEN = "proven optimal"
    WITHIN_GAP = "within gap"
    STOPPED = "stopped with a plan"
    NO_PLAN = "no plan found"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    FAILED = "failed"

    @property
    def has_plan(self) -> bool:
        """Whether the values are a feasible point of the model."""
        return self in (Status.PROVEN, Status.WITHIN_GAP, Status.STOPPED)


@dataclass(frozen=True)
class Options:
    """How to solve. ``method``: a HiGHS algorithm, or ``auto``, the measured rule of docs/performance.md."""

    door: str = "highs"
    method: str = "auto"
    time_limit_s: float = 600.0
    mip_gap_share: float = 1e-4
    seed: int = 0
    ends_at_vertex: bool = True  # False: an interior point method stops at its own point, with centred prices


@dataclass(frozen=True)
class Solution:
    """Values and prices of one solve, in the sense of *maximizing*.

    ``row_duals[i]`` is the objective gained by raising row ``i``'s limit by one, ``reduced_costs[j]`` the
    objective gained by raising column ``j`` by one. Both are NaN when the solver gave no prices.
    ``bound`` is a proven upper limit of the objective; NaN when nothing is proven.
    """

    status: Status
    solver: str
    seconds: float
    message: str
    values: Floats
    row_duals: Floats
    reduced_costs: Floats
    objective: float
    bound: float

    @property
    def gap_share(self) -> float:
        """Distance to the bound as a share of the objective; NaN when nothing is proven."""
        gap = (self.bound - self.objective) / max(1.0, abs(self.objective))
        return gap if np.isnan(gap) else max(0.0, gap)


def without_plan(
    lp: LinearProgram | Arrays, status: Status, solver: str, seconds: float, message: str
) -> Solution:
    """A solution that holds no numbers, so that nobody can mistake leftovers for a plan."""
    nothing = np.full(len(lp.upper), np.nan)
    prices = np.full(len(lp.row_low), np.nan)
    return Solution(status, solver, seconds, message, nothing, prices, nothing, float("nan"), float("nan"))


def largest_violation(lp: LinearProgram | Arrays, values: Floats) -> float:
    """The worst breach of any row, bound or integrality, relative to the row's size.

    A solver's word is not taken for it: PuLP calls a time-limited linear programme without any feasible
    point "Optimal", and leaves numbers in the variables of an infeasible one.
    """
    matrix = lp.matrix
    activity = matrix @ values
    scale = np.maximum(1.0, abs(matrix) @ np.abs(values))
    rows = np.maximum(lp.row_low - activity, activity - lp.row_high) / scale
    columns = np.maximum(lp.lower - values, values - lp.upper) / np.maximum(1.0, np.abs(values))
    fractions = np.abs(values - np.round(values))[lp.is_integer]
    return float(max(part.max(initial=0.0) for part in (rows, columns, fractions)))
