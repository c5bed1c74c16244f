"""Rows and lines of money as a person would write them, so that a whole rule can be compared as text."""

from __future__ import annotations

from math import inf

import numpy as np

from optimizer.blocks import Block
from optimizer.decisions import declare
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram


def model_of(data: Inputs, *blocks: Block) -> LinearProgram:
    """The decisions and these blocks alone."""
    lp = LinearProgram(data.labels, np.outer(data.probability, data.discount), "wm")
    plan = declare(lp, data)
    for block in blocks:
        block(lp, data, plan)
    return lp


def rows(lp: LinearProgram, family: str) -> list[str]:
    """``site_power[base, home, 2026-01]: +1.05 running[...] <= 500``, in the order of the rows."""
    matrix, columns, names = lp.matrix, lp.column_names(), lp.row_names()
    found = []
    for row in np.sort(lp.rows[family][1][lp.rows[family][1] >= 0]):
        inside = slice(matrix.indptr[row], matrix.indptr[row + 1])
        terms = dict(zip(matrix.indices[inside], matrix.data[inside], strict=True))
        limit = _limit(lp.row_low[row], lp.row_high[row])
        found.append(f"{names[row]}: {_sum(terms, columns)} {limit}")
    return found


def line(lp: LinearProgram, name: str) -> list[str]:
    """``base, home, 2026-01: -60 running[...]`` for every cell of a line of money that has a term."""
    expr = lp.ledger[name].expr
    columns = lp.column_names()
    cells: dict[int, dict[int, float]] = {}
    for cell, column, value in zip(expr.cells, expr.columns, expr.values, strict=True):
        terms = cells.setdefault(int(cell), {})
        terms[int(column)] = terms.get(int(column), 0.0) + float(value)
    return [f"{_place(lp, expr.axes, cell)}: {_sum(cells[cell], columns)}" for cell in sorted(cells)]


def columns(lp: LinearProgram, family: str) -> list[str]:
    """Names of the columns of a family that can be more than zero."""
    numbers = np.unique(lp.variables[family][1])
    names = lp.column_names()
    return [names[number] for number in numbers if number >= 0 and lp.upper[number] > 0]


def _place(lp: LinearProgram, axes: str, cell: int) -> str:
    index = np.unravel_index(cell, lp.shape(axes))
    return ", ".join(lp.labels[axis][i] for axis, i in zip(axes, index, strict=True))


def _sum(terms: dict[int, float], names: list[str]) -> str:
    return " ".join(f"{_coefficient(value)}{names[column]}" for column, value in sorted(terms.items()))


def _coefficient(value: float) -> str:
    sign = "+" if value >= 0 else "-"
    return f"{sign}" if abs(value) == 1 else f"{sign}{abs(value):g} "


def _limit(low: float, high: float) -> str:
    if low == high:
        return f"= {high:g}"
    return f"<= {high:g}" if low == -inf else f">= {low:g}"
