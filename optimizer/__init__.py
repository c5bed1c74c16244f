"""Rigshift: where a fleet of bitcoin machines should stand, month by month, and what moving is worth."""

from optimizer.errors import AuditError, ConfigError, Infeasible, NoPlanInTime, SolveError
from optimizer.inputs import Inputs
from optimizer.plan import Plan
from optimizer.solve import solve, solve_inputs
from optimizer.solvers import Options
from optimizer.study import Study

__all__ = [
    "AuditError",
    "ConfigError",
    "Infeasible",
    "Inputs",
    "NoPlanInTime",
    "Options",
    "Plan",
    "SolveError",
    "Study",
    "solve",
    "solve_inputs",
]
