"""The doors to the solvers, chosen by name: ``highs`` takes the arrays, ``pulp:NAME`` goes through PuLP."""

from __future__ import annotations

from optimizer.errors import SolveError
from optimizer.lp import Floats, LinearProgram
from optimizer.solvers import highs, via_pulp
from optimizer.solvers.solution import Options, Solution, Status

__all__ = ["Options", "Solution", "Status", "maximize"]


def maximize(lp: LinearProgram, options: Options, start: Floats | None = None) -> Solution:
    """Solve through the door that ``options.door`` names.

    ``start`` is a feasible point (one value per column) from which a mixed-integer search begins. The PuLP
    door takes neither it nor ``method`` and ``seed``: what they mean differs from solver to solver.

    Raises
    ------
    SolveError
        If the door's name or the solver is unknown or not installed.
    """
    if options.door == "highs":
        return highs.maximize(lp, options, start)
    family, _, solver_name = options.door.partition(":")
    if family == "pulp" and solver_name:
        return via_pulp.maximize(lp, options, solver_name)
    raise SolveError(
        f"solver door {options.door!r} is not known; write 'highs' or 'pulp:NAME', e.g. 'pulp:cbc'"
    )
