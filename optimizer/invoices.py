"""What the invoice and the tax return say, where the optimum leaves it open.

Where a minimum bill binds, a dollar more of peak or of volume is a dollar less of top-up, so that the solver
may book the one as the other. The worth is the same; here every charge becomes what its own terms say, in
the order in which a bill is written, and the top-up is the rest. So with tax: years that are paid in one
period, and cash tax beside tax on what is left at the end, are told apart by the law.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array

from optimizer.inputs import Inputs
from optimizer.lp import ABSENT, Columns, Floats, LinearProgram

AT_LEAST = {  # what is billed, and the rows that say what it is at least
    "metered_kw": ("metered_peak",),
    "billed_kw": ("billed_peak", "billed_floor", "ratchet_"),
    "excess_kw": ("contracted",),
    "top_up_usd": ("minimum_bill",),
}


def invoiced(lp: LinearProgram, data: Inputs, values: Floats) -> Floats:
    """The same values with every column of a power bill and of a tax return at what its terms say."""
    values = values.copy()
    if "supplied_kwh" in lp.variables:
        _take_all_supplied(lp, values)
    if "volume_kwh" in lp.variables:
        _fill_in_order(lp, values)
    for name, rows in AT_LEAST.items():
        if name in lp.variables:
            _lower(lp, values, name, rows)
    if "taxable" in lp.variables:
        _assess(lp, data, values)
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


def _assess(lp: LinearProgram, data: Inputs, values: Floats) -> None:
    """Columns taxable, in the last year with what is left at the end, and cash_taxable, by the law."""
    own = ("taxable", "loss_made", "loss_used", "loss_pool", "cash_taxable")
    other = values.copy()
    for name in own:
        other[_present(lp.variables[name][1])] = 0.0
    in_all, of_last = (-(lp.matrix[lp.rows[name][1].ravel()] @ other) for name in ("tax_profit", "cash_tax"))
    shape = lp.shape("wey")
    profit = in_all.reshape(shape)
    values[lp.variables["taxable"][1]] = taxed_by_law(profit, data)
    before_the_end = profit.copy()
    before_the_end[..., -1] = of_last.reshape(shape[:2])
    values[lp.variables["cash_taxable"][1]] = taxed_by_law(before_the_end, data)[..., -1]


def taxed_by_law(profit: Floats, data: Inputs) -> Floats:
    """(w, e, y) what of a year's profit is taxed: losses offset it, the oldest first, as soon as can be."""
    years = profit.shape[-1]
    made = np.arange(years + 1) - 1  # years of the losses: those brought in, then each year's own
    losses = np.zeros((*profit.shape[:2], years + 1))
    losses[..., 0] = data.opening_loss_usd
    taxed = np.maximum(profit, 0.0)
    for year in range(years):
        losses *= year - made <= data.loss_life_years[:, None]
        may_use = (taxed[..., year] * data.loss_use_share[:, year])[..., None]
        used = np.diff(np.minimum(np.cumsum(losses, axis=-1), may_use), axis=-1, prepend=0.0)
        losses -= used
        taxed[..., year] -= used.sum(axis=-1)
        losses[..., year + 1] = np.maximum(-profit[..., year], 0.0)
    return taxed
