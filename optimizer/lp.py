"""A linear program held as flat arrays, with a name for everything a person will ask about.

A variable is an integer array of column numbers, so picking months is slicing an array and a machine
that is under way for two months is the same array shifted by two. A column that cannot exist (no road
leads there, the delivery falls past the horizon) is the number ``ABSENT`` and drops out of every sum.
Sums are written in einsum notation: the axes of every term can be read, and are checked.

This module knows nothing about mining: no site, no tariff, no dollar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array

Columns = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)

ABSENT = -1


@dataclass(frozen=True)
class Expr:
    """One linear expression per cell of ``axes``, as (cell, column, value) triplets."""

    axes: str
    shape: tuple[int, ...]
    cells: Columns
    columns: Columns
    values: Floats

    def __add__(self, other: Expr) -> Expr:
        if (self.axes, self.shape) != (other.axes, other.shape):
            raise ValueError(f"cannot add {self.axes!r} of {self.shape} and {other.axes!r} of {other.shape}")
        return Expr(
            self.axes,
            self.shape,
            np.concatenate([self.cells, other.cells]),
            np.concatenate([self.columns, other.columns]),
            np.concatenate([self.values, other.values]),
        )

    def __neg__(self) -> Expr:
        return Expr(self.axes, self.shape, self.cells, self.columns, -self.values)

    def __sub__(self, other: Expr) -> Expr:
        return self + -other

    def times(self, weights: ArrayLike) -> Expr:
        """Multiply each cell by its weight; ``weights`` broadcasts to the cells' shape."""
        per_cell = np.broadcast_to(np.asarray(weights, dtype=float), self.shape).ravel()
        return Expr(self.axes, self.shape, self.cells, self.columns, self.values * per_cell[self.cells])

    def summed_to(self, kept: str) -> Expr:
        """Sum over the axes that are not in ``kept``, e.g. ``"wsm"`` to ``"wm"``."""
        index = dict(zip(self.axes, np.unravel_index(self.cells, self.shape), strict=True))
        shape = tuple(self.shape[self.axes.index(axis)] for axis in kept)
        cells = np.ravel_multi_index(tuple(index[axis] for axis in kept), shape) if kept else self.cells * 0
        return Expr(kept, shape, cells.astype(np.int64), self.columns, self.values)

    def regrouped(self, axis: str, group: Columns, new_axis: str, length: int) -> Expr:
        """Sum the places along one axis into groups along another: sites into the companies that own them."""
        index = dict(zip(self.axes, np.unravel_index(self.cells, self.shape), strict=True))
        sizes = dict(zip(self.axes, self.shape, strict=True))
        axes = self.axes.replace(axis, new_axis)
        index[new_axis], sizes[new_axis] = np.asarray(group)[index[axis]], length
        shape = tuple(sizes[each] for each in axes)
        cells = np.ravel_multi_index(tuple(index[each] for each in axes), shape).astype(np.int64)
        return Expr(axes, shape, cells, self.columns, self.values)

    def taken(self, axis: str, places: Columns, new_axis: str) -> Expr:
        """The cells at the given places along an axis, place after place along a new one; places may
        repeat."""
        index = dict(zip(self.axes, np.unravel_index(self.cells, self.shape), strict=True))
        sizes = dict(zip(self.axes, self.shape, strict=True))
        axes = self.axes.replace(axis, new_axis)
        sizes[new_axis] = len(places)
        shape = tuple(sizes[each] for each in axes)
        picks = [np.flatnonzero(index[axis] == place) for place in places.tolist()]
        pick = np.concatenate([np.empty(0, dtype=np.int64), *picks])
        index[new_axis] = np.repeat(np.arange(len(picks)), [len(each) for each in picks])
        here = [index[each] if each == new_axis else index[each][pick] for each in axes]
        cells = np.ravel_multi_index(tuple(here), shape).astype(np.int64)
        return Expr(axes, shape, cells, self.columns[pick], self.values[pick])

    def value(self, solution: Floats) -> Floats:
        """The number in each cell at a solution, in the cells' shape."""
        sums = np.bincount(self.cells, self.values * solution[self.columns], prod(self.shape))
        return np.asarray(sums, dtype=float).reshape(self.shape)


def total(axes: str, columns: Columns, weights: ArrayLike = 1.0) -> Expr:
    """Sum a variable, optionally weighted: ``total("wlsm,l->wsm", staying, power_kw)``.

    Raises
    ------
    ValueError
        If an array does not have the axes, or the lengths, that ``axes`` says.
    """
    given, _, kept = axes.partition("->")
    column_axes, _, weight_axes = given.partition(",")
    weights = np.asarray(weights, dtype=float)
    if unknown := set(weight_axes + kept) - set(column_axes):
        raise ValueError(f"{axes!r}: the variable has no axis {', '.join(sorted(unknown))}")
    if columns.ndim != len(column_axes) or weights.ndim != len(weight_axes):
        raise ValueError(
            f"{axes!r} does not fit a variable of {columns.shape} and weights of {weights.shape}"
        )
    size = dict(zip(column_axes, columns.shape, strict=True))
    for axis, length in zip(weight_axes, weights.shape, strict=True):
        if size.get(axis) != length:
            raise ValueError(
                f"{axes!r}: axis {axis!r} is {length} in the weights, {size.get(axis)} in the variable"
            )
    shape = tuple(size[axis] for axis in kept)
    cells = np.arange(prod(shape)).reshape(shape)
    present = columns != ABSENT
    spread_cells = _spread(cells, kept, column_axes, columns.shape)[present]
    spread_weights = _spread(weights, weight_axes, column_axes, columns.shape)[present]
    nonzero = spread_weights != 0.0
    return Expr(kept, shape, spread_cells[nonzero], columns[present][nonzero], spread_weights[nonzero])


def total_at(
    axes: str,
    shape: tuple[int, ...],
    columns: Columns,
    index: tuple[ArrayLike, ...],
    weights: ArrayLike = 1.0,
) -> Expr:
    """Sum a variable into the cells named by ``index`` (one array per axis, each broadcast to the variable).

    For destinations that no einsum can say, such as "the month in which what leaves now arrives".
    A negative index drops the column.
    """
    places = [np.broadcast_to(np.asarray(place), columns.shape) for place in index]
    spread_weights = np.broadcast_to(np.asarray(weights, dtype=float), columns.shape)
    present = (columns != ABSENT) & (spread_weights != 0.0)
    for place in places:
        present &= place >= 0
    cells = np.ravel_multi_index(tuple(place[present] for place in places), shape).astype(np.int64)
    return Expr(axes, shape, cells, columns[present], spread_weights[present])


def grid(columns: Columns) -> tuple[Columns, ...]:
    """The place of every cell along each axis: the index of ``total_at`` that changes nothing."""
    return tuple(np.ogrid[tuple(slice(length) for length in columns.shape)])


def last_period(columns: Columns) -> Columns:
    """The same variable one place earlier along its last axis; ``ABSENT`` in the first place."""
    earlier = np.full_like(columns, ABSENT)
    earlier[..., 1:] = columns[..., :-1]
    return earlier


def _spread(array: NDArray[T], array_axes: str, axes: str, shape: tuple[int, ...]) -> NDArray[T]:
    """Repeat ``array`` along the axes that it lacks, in the order of ``axes``."""
    order = sorted(range(array.ndim), key=lambda i: axes.index(array_axes[i]))
    lengths = [size if axis in array_axes else 1 for axis, size in zip(axes, shape, strict=True)]
    return np.broadcast_to(array.transpose(order).reshape(lengths), shape)


@dataclass(frozen=True)
class Arrays:
    """A linear programme as a solver takes it: numbers without names."""

    matrix: csr_array
    objective: Floats
    lower: Floats
    upper: Floats
    row_low: Floats
    row_high: Floats
    is_integer: Bools

    def only(self, chosen: Bools) -> Arrays:
        """The programme of the chosen columns; every other column is held at zero by leaving it out."""
        return replace(
            self,
            matrix=csr_array(self.matrix[:, np.flatnonzero(chosen)]),
            objective=self.objective[chosen],
            lower=self.lower[chosen],
            upper=self.upper[chosen],
            is_integer=self.is_integer[chosen],
        )


@dataclass(frozen=True)
class Line:
    """A line of the ledger: nominal money per cell, whether it is cash, capital, and counted by the tax."""

    expr: Expr
    is_cash: bool
    is_capital: bool
    is_taxable: bool = False


@dataclass
class LinearProgram:
    """Maximize the worth of the ledger, subject to named families of rows.

    ``labels`` names the places along each axis letter; ``worth`` turns a line's nominal money into
    objective value, given over the axes ``worth_axes`` which every line must have.
    """

    labels: Mapping[str, Sequence[str]]
    worth: Floats
    worth_axes: str
    variables: dict[str, tuple[str, Columns]] = field(default_factory=dict)
    rows: dict[str, tuple[str, Columns]] = field(default_factory=dict)
    ledger: dict[str, Line] = field(default_factory=dict)
    lower: Floats = field(default_factory=lambda: np.empty(0))
    upper: Floats = field(default_factory=lambda: np.empty(0))
    is_integer: Bools = field(default_factory=lambda: np.empty(0, dtype=bool))
    row_low: Floats = field(default_factory=lambda: np.empty(0))
    row_high: Floats = field(default_factory=lambda: np.empty(0))
    _pieces: list[tuple[Columns, Columns, Floats]] = field(default_factory=list)

    def shape(self, axes: str) -> tuple[int, ...]:
        """Lengths of the named axes."""
        return tuple(len(self.labels[axis]) for axis in axes)

    def variable(
        self,
        name: str,
        axes: str,
        *,
        exists: ArrayLike = True,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        is_integer: ArrayLike = False,
        shared: tuple[str, int] | None = None,
    ) -> Columns:
        """Add variables; return their column numbers, ``ABSENT`` where ``exists`` is false.

        ``shared=("w", 3)`` makes the first three places of the last axis the same column for every
        place of axis ``w``: a decision taken before the scenarios part.
        """
        shape = self.shape(axes)
        is_own = np.broadcast_to(np.asarray(exists, dtype=bool), shape).copy()
        if shared is not None:
            _shared_part(is_own, axes.index(shared[0]), shared[1])[1:] = False
        count = int(is_own.sum())
        columns = np.full(shape, ABSENT, dtype=np.int64)
        columns[is_own] = len(self.upper) + np.arange(count)
        limits = [np.broadcast_to(np.asarray(each, dtype=float), shape)[is_own] for each in (lower, upper)]
        self.lower, self.upper = np.append(self.lower, limits[0]), np.append(self.upper, limits[1])
        whole = np.broadcast_to(np.asarray(is_integer, dtype=bool), shape)[is_own]
        self.is_integer = np.append(self.is_integer, whole)
        if shared is not None:
            part = _shared_part(columns, axes.index(shared[0]), shared[1])
            part[1:] = part[:1]
        _check_new(self.variables, name)
        self.variables[name] = (axes, columns)
        return columns

    def marked(self, *names: str) -> Bools:
        """Which columns belong to the named variables, to those of them that the programme has."""
        found = np.zeros(len(self.upper), dtype=bool)
        for name in names:
            columns = self.variables[name][1] if name in self.variables else np.empty(0, dtype=np.int64)
            found[columns[columns != ABSENT]] = True
        return found

    def forbid(self, columns: Columns, where: ArrayLike) -> None:
        """Hold columns at zero where ``where`` is true."""
        chosen = columns[np.broadcast_to(np.asarray(where, dtype=bool), columns.shape)]
        self.upper[chosen[chosen != ABSENT]] = 0.0

    def at_most(self, name: str, expr: Expr, limit: ArrayLike) -> None:
        """Rows ``expr <= limit``; a cell whose limit is infinite gets no row."""
        self._add_rows(name, expr, -np.inf, limit)

    def at_least(self, name: str, expr: Expr, limit: ArrayLike) -> None:
        """Rows ``expr >= limit``; a cell whose limit is minus infinite gets no row."""
        self._add_rows(name, expr, limit, np.inf)

    def between(self, name: str, expr: Expr, low: ArrayLike, high: ArrayLike) -> None:
        """Rows ``low <= expr <= high``; a cell without a finite limit gets no row."""
        self._add_rows(name, expr, low, high)

    def equal(self, name: str, expr: Expr, value: ArrayLike) -> None:
        """Rows ``expr == value``."""
        self._add_rows(name, expr, value, value)

    def earn(
        self,
        line: str,
        expr: Expr,
        *,
        is_cash: bool = True,
        is_capital: bool = False,
        is_taxable: bool | None = None,
    ) -> None:
        """Add a line of money. The lines are the objective now and the income statement later.

        The tax counts cash that is not capital, unless ``is_taxable`` says otherwise.
        """
        missing = set(self.worth_axes) - set(expr.axes)
        if missing:
            raise ValueError(f"ledger line {line!r} has axes {expr.axes!r}; it needs {sorted(missing)} too")
        _check_new(self.ledger, line)
        taxable = (is_cash and not is_capital) if is_taxable is None else is_taxable
        self.ledger[line] = Line(expr, is_cash, is_capital, taxable)

    def spend(
        self,
        line: str,
        expr: Expr,
        *,
        is_cash: bool = True,
        is_capital: bool = False,
        is_taxable: bool | None = None,
    ) -> None:
        """Add a line of money that is paid out."""
        self.earn(line, -expr, is_cash=is_cash, is_capital=is_capital, is_taxable=is_taxable)

    def money(self, axes: str, *, only_capital: bool = False) -> Expr:
        """Every cash line so far, summed to ``axes``: for a block that limits money itself."""
        lines = [
            line for line in self.ledger.values() if line.is_cash and (line.is_capital or not only_capital)
        ]
        parts = [self.nothing(axes), *(line.expr.summed_to(axes) for line in lines)]
        gathered = zip(*((part.cells, part.columns, part.values) for part in parts), strict=True)
        cells, columns, values = (np.concatenate(each) for each in gathered)
        return Expr(axes, self.shape(axes), cells, columns, values)

    def nothing(self, axes: str) -> Expr:
        """The expression that is zero in every cell: where a sum begins."""
        empty = np.empty(0, dtype=np.int64)
        return Expr(axes, self.shape(axes), empty, empty, np.empty(0))

    def _add_rows(self, name: str, expr: Expr, low: ArrayLike, high: ArrayLike) -> None:
        if expr.shape != self.shape(expr.axes):
            raise ValueError(
                f"rows {name!r}: {expr.axes!r} is {expr.shape}, the labels say {self.shape(expr.axes)}"
            )
        lows = np.broadcast_to(np.asarray(low, dtype=float), expr.shape).ravel()
        highs = np.broadcast_to(np.asarray(high, dtype=float), expr.shape).ravel()
        if np.isnan(lows).any() or np.isnan(highs).any() or np.isnan(expr.values).any():
            raise ValueError(f"rows {name!r}: a limit or a coefficient is NaN")
        is_filled = np.bincount(expr.cells, minlength=prod(expr.shape)) > 0
        can_bind = np.isfinite(lows) | np.isfinite(highs)
        is_kept = can_bind & (is_filled | (lows > 0) | (highs < 0))
        numbers = np.full(prod(expr.shape), ABSENT, dtype=np.int64)
        numbers[is_kept] = len(self.row_low) + np.arange(int(is_kept.sum()))
        _check_new(self.rows, name)
        self.rows[name] = (expr.axes, numbers.reshape(expr.shape))
        self.row_low = np.append(self.row_low, lows[is_kept])
        self.row_high = np.append(self.row_high, highs[is_kept])
        in_row = is_kept[expr.cells]
        self._pieces.append((numbers[expr.cells[in_row]], expr.columns[in_row], expr.values[in_row]))

    def arrays(self) -> Arrays:
        """The numbers, gathered once for a solver."""
        limits = (self.lower, self.upper, self.row_low, self.row_high)
        return Arrays(self.matrix, self.objective, *limits, self.is_integer)

    @property
    def objective(self) -> Floats:
        """Objective coefficient of every column: the ledger's lines times their worth."""
        costs = np.zeros(len(self.upper))
        for line in self.ledger.values():
            worth = self.worth_of(line)
            costs += np.bincount(
                line.expr.columns, line.expr.values * worth[line.expr.cells], minlength=len(costs)
            )
        return costs

    def worth_of(self, line: Line) -> Floats:
        """Objective value of one unit of nominal money in each (flattened) cell of a line."""
        return np.asarray(
            _spread(self.worth, self.worth_axes, line.expr.axes, line.expr.shape), dtype=float
        ).ravel()

    @property
    def matrix(self) -> csr_array:
        """Every row's coefficients; a column named twice in a row is added up."""
        if not self._pieces:
            return csr_array((0, len(self.upper)))
        rows, columns, values = (np.concatenate(parts) for parts in zip(*self._pieces, strict=True))
        matrix = csr_array(coo_array((values, (rows, columns)), shape=(len(self.row_low), len(self.upper))))
        matrix.sum_duplicates()
        return matrix

    def column_names(self) -> list[str]:
        """``machines[base, s21, bratsk, 2026-12]`` for every column."""
        return self._names(self.variables, len(self.upper))

    def row_names(self) -> list[str]:
        """``site_power[base, bratsk, 2026-12]`` for every row."""
        return self._names(self.rows, len(self.row_low))

    def _names(self, families: Mapping[str, tuple[str, Columns]], count: int) -> list[str]:
        names = [""] * count
        for family, (axes, numbers) in families.items():
            for place in zip(*np.nonzero(numbers != ABSENT), strict=True):
                number = int(numbers[place])
                if not names[number]:
                    labels = (self.labels[axis][i] for axis, i in zip(axes, place, strict=True))
                    names[number] = f"{family}[{', '.join(labels)}]"
        return names


def _shared_part(array: NDArray[T], axis: int, periods: int) -> NDArray[T]:
    """A view of the first periods with ``axis`` in front."""
    return np.moveaxis(array, axis, 0)[..., :periods]


def _check_new(named: Mapping[str, object], name: str) -> None:
    if name in named:
        raise ValueError(f"{name!r} is already in the model")
