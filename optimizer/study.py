"""The study as people use it: read it, look at its model, solve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer import config
from optimizer.pipeline import build
from optimizer.prepare import prepare
from optimizer.solvers.via_pulp import problem

if TYPE_CHECKING:
    import pulp


class Study(config.Study):
    """One question to the optimiser, complete and checked; ``Study.from_yaml(path)`` reads one."""

    def problem(self) -> pulp.LpProblem:
        """The model as a ``pulp.LpProblem`` that minimizes minus the value, with readable names."""
        lp, _ = build(prepare(self).inputs)
        return problem(lp, self.name)
