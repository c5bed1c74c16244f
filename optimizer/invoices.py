"""What the invoice says, where the optimum leaves it open.

Where a minimum bill binds, a dollar more of peak or of volume is a dollar less of top-up, so that the solver
may book the one as the other. The worth is the same; here every charge becomes what its own terms say, in
the order in which a bill is written, and the top-up is the rest.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array

from optimizer.lp import ABSENT, Columns, Floats, LinearProgram

AT_LEAST = {  # what is billed, and the rows that say what it is at least
    "metered_kw": ("metered_peak",),
    "billed_kw": ("billed_peak", "billed_floor", "ratchet_"),
    "excess_kw": ("contracted",),
    "top_up_usd": ("minimum_bill",),
}


def invoiced(lp: LinearProgram, values: Floats) -> Floats:
    """The same values with every column of a power bill at what its terms say."""
    values = values.copy()
    if "supplied_kwh" in lp.variables:
        _take_all_supplied(lp, values)
    if "volume_kwh" in lp.variables:
        _fill_in_order(lp, values)
    for name, rows in AT_LEAST.items():
        if name in lp.variables:
            _lower(lp, values, name, rows)
    return values


def _take_all_supplied(lp: LinearProgram, values: Floats) -> None:
    """As much as is drawn and was bought ahead."""
    own, part, mine, rows = _own_in_rows(lp, "supplied_kwh", ("supplied_kwh",))
    values[own] = 0.0
    most = np.zeros(len(own))  # a block in which nothing can run has no row
    most[mine.col] = (lp.row_high[rows] - part @ values)[mine.row]
    values[own] = np.clip(most, 0.0, lp.upper[own])


def _fill_in_order(lp: LinearProgram, values: Floats) -> None:
    """The first step first."""
    columns = lp.variables["volume_kwh"][1]
    left = np.append(values, 0.0)[columns].sum(axis=2)
    for step in range(columns.shape[2]):
        own = columns[:, :, step]
        has = own != ABSENT
        taken = np.where(has, np.minimum(left, np.append(lp.upper, 0.0)[own]), 0.0)
        values[own[has]] = taken[has]
        left = left - taken


def _lower(lp: LinearProgram, values: Floats, name: str, families: tuple[str, ...]) -> None:
    """Every column to the least that its rows allow."""
    own, part, mine, rows = _own_in_rows(lp, name, families)
    values[own] = lp.lower[own]
    limit = np.where(np.isfinite(lp.row_low[rows]), lp.row_low[rows], lp.row_high[rows])
    least = (limit - part @ values)[mine.row] / mine.data
    np.maximum.at(values, own[mine.col], lp.lower[own[mine.col]] + least)


def _own_in_rows(
    lp: LinearProgram, name: str, families: tuple[str, ...]
) -> tuple[Columns, csr_array, coo_array, Columns]:
    """The variable's columns, the rows, where the columns stand in them (one in each), the rows' numbers."""
    own, rows = _present(lp.variables[name][1]), _rows_of(lp, families)
    part = csr_array(lp.matrix[rows])
    return own, part, coo_array(part[:, own]), rows


def _rows_of(lp: LinearProgram, families: tuple[str, ...]) -> Columns:
    """Numbers of the rows whose family's name begins so."""
    found = [_present(numbers) for name, (_, numbers) in lp.rows.items() if name.startswith(families)]
    return np.concatenate([np.empty(0, dtype=np.int64), *found])


def _present(columns: Columns) -> Columns:
    return np.asarray(np.unique(columns[columns != ABSENT]))
