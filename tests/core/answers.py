"""The optimum of tiny inputs, and the few figures of it that a hand calculation gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.blocks import BLOCKS, Block
from optimizer.decisions import Decisions
from optimizer.extract import at, standing
from optimizer.inputs import Floats, Inputs
from optimizer.invoices import invoiced
from optimizer.lp import LinearProgram
from optimizer.pipeline import build
from optimizer.solvers import Options, Solution, Status, maximize


@dataclass(frozen=True)
class Answer:
    """A solved model, read by name."""

    lp: LinearProgram
    data: Inputs
    plan: Decisions
    solution: Solution

    @property
    def value_usd(self) -> float:
        return self.solution.objective

    def money(self, line: str) -> list[float]:
        """Nominal money of a line in each period, all places together, as it is billed."""
        expr = self.lp.ledger[line].expr
        billed = invoiced(self.lp, self.data, self.solution.values)
        return list(expr.summed_to("m").value(billed).round(6) + 0.0)

    def standing(self, site: int) -> list[float]:
        """Machines of all lots at the site in each period, in the first scenario."""
        return list(standing(self.plan, self.solution.values)[0, :, site].sum(axis=0).round(6) + 0.0)

    def running(self, site: int) -> list[float]:
        """Machines of all lots in service at the site in each period, in the first scenario."""
        return list(at(self.solution.values, self.plan.running)[0, :, site].sum(axis=(0, 1)).round(6) + 0.0)

    def of(self, variable: str) -> Floats:
        """The values of any variable, zero where it has no column."""
        return at(self.solution.values, self.lp.variables[variable][1])

    def price(self, family: str, *place: int) -> float:
        """Shadow price of one row."""
        return float(self.solution.row_duals[self.lp.rows[family][1][place]])


def answer(data: Inputs, blocks: Sequence[Block] = BLOCKS, options: Options | None = None) -> Answer:
    """The proven optimum; fails where there is none."""
    lp, plan = build(data, blocks)
    solution = maximize(lp, options or Options(mip_gap_share=0.0))
    assert solution.status is Status.PROVEN, solution.status
    return Answer(lp, data, plan, solution)


def status(data: Inputs) -> Status:
    """How the solve ends."""
    return maximize(build(data)[0], Options()).status


def value(data: Inputs) -> float:
    """Objective of the proven optimum."""
    return answer(data).value_usd


def same(found: float, expected: float, share: float = 1e-7) -> bool:
    """Equal but for the solver's rounding."""
    return bool(np.isclose(found, expected, rtol=share, atol=share))
