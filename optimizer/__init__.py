"""Rigshift: where a fleet of bitcoin machines should stand, month by month, and what moving is worth."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
_HOMES = {
    "Inputs": "inputs",
    "Options": "solvers",
    "Plan": "plan",
    "Study": "study",
    "solve": "solve",
    "solve_inputs": "solve",
}


def __getattr__(name: str) -> Any:
    """Public names are loaded on first use: `rigshift --help` need not wait for the numeric libraries."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)
    setattr(sys.modules[__name__], name, value)
    return value


class _Package(ModuleType):
    """Keeps `optimizer.solve` the function: importing the module of that name would put itself there."""

    def __setattr__(self, name: str, value: Any) -> None:
        is_module = name == "solve" and isinstance(value, ModuleType)
        super().__setattr__(name, value.solve if is_module else value)


sys.modules[__name__].__class__ = _Package
