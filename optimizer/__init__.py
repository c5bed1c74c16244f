"""Rigshift: where a fleet of bitcoin machines should stand, month by month, and what moving is worth."""

from __future__ import annotations

import sys
import zoneinfo
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optimizer.errors import AuditError, ConfigError, Infeasible, NoPlanInTime, SolveError
    from optimizer.inputs import Inputs
    from optimizer.pipeline import solve, solve_inputs
    from optimizer.plan import Plan
    from optimizer.solvers import Options
    from optimizer.study import Study

# Clocks are those of the tzdata package on every machine: a system's own copy may be years old, and one of
# 2025 puts Alberta an hour wrong from November 2026.
zoneinfo.reset_tzpath(to=[])

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
_HOMES = {
    "Inputs": "inputs",
    "Options": "solvers",
    "Plan": "plan",
    "Study": "study",
    "solve": "pipeline",
    "solve_inputs": "pipeline",
}


def __getattr__(name: str) -> Any:
    """Public names are loaded on first use: `rigshift --help` need not wait for the numeric libraries."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)
    setattr(sys.modules[__name__], name, value)
    return value
