"""Why a study has no plan: which of the user's own limits contradict each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.inputs import Inputs, Ints
from optimizer.lp import ABSENT, Columns, Expr, Line, LinearProgram
from optimizer.prices import LIMITS
from optimizer.solvers import Options, maximize
from optimizer.solvers.highs import conflicting_rows

IIS_SECONDS = 20.0


def contradicting_limits(lp: LinearProgram, data: Inputs, options: Options) -> list[str]:
    """The limits in the way, in plain words.

    An irreducible set where one is found in time, otherwise the set that is cheapest to give up.
    """
    rows = [row for row in conflicting_rows(lp, IIS_SECONDS) if _family(lp, row) in LIMITS]
    return _told(lp, data, rows or _cheapest_to_break(lp, replace(options, door="highs")))


def _family(lp: LinearProgram, row: int) -> str:
    return next(name for name, (_, numbers) in lp.rows.items() if (numbers == row).any())


def _cheapest_to_break(lp: LinearProgram, options: Options) -> list[int]:
    """Rows that break when every limit may be broken at a price per share of itself."""
    soft = np.concatenate([_present(numbers) for family, (_, numbers) in lp.rows.items() if family in LIMITS])
    size = np.maximum(1.0, np.abs(np.where(np.isfinite(lp.row_high), lp.row_high, lp.row_low)[soft]))
    sign = np.where(np.isfinite(lp.row_high[soft]), -1.0, 1.0)
    elastic = replace(
        lp,
        lower=lp.lower.copy(),
        upper=lp.upper.copy(),
        is_integer=lp.is_integer.copy(),
        ledger={},
        _pieces=[*lp._pieces],
    )
    breach = len(elastic.upper) + np.arange(len(soft))
    elastic.lower = np.append(elastic.lower, np.zeros(len(soft)))
    elastic.upper = np.append(elastic.upper, np.full(len(soft), np.inf))
    elastic.is_integer = np.append(elastic.is_integer, np.zeros(len(soft), dtype=bool))
    elastic._pieces.append((soft, breach, sign * size))
    shape = elastic.shape("wm")
    cells = np.zeros(len(soft), dtype=np.int64)
    elastic.ledger["breach"] = Line(Expr("wm", shape, cells, breach, np.full(len(soft), -1.0)), False, False)
    found = maximize(elastic, options)
    if not found.status.has_plan:
        return []
    return [int(row) for row in soft[found.values[breach] > 1e-6]]


def _present(numbers: Columns) -> Columns:
    return np.asarray(numbers[numbers != ABSENT])


def _told(lp: LinearProgram, data: Inputs, rows: list[int]) -> list[str]:
    """One sentence for each limit and place, with its periods taken together."""
    told: dict[tuple[str, str], list[str]] = {}
    for row in sorted(rows):
        family = _family(lp, row)
        axes, numbers = lp.rows[family]
        place = np.argwhere(numbers == row)[0]
        names = {axis: data.labels[axis][i] for axis, i in zip(axes, place, strict=True)}
        where = " ".join(name for axis, name in names.items() if axis not in "wm")
        told.setdefault((LIMITS[family][0], where), []).append(_dated_limit(lp, data, family, row, place))
    lines = [
        f"{limit}{f' of {where}' if where else ''}: {', '.join(when[:3])}{', ...' if len(when) > 3 else ''}"
        for (limit, where), when in told.items()
    ]
    return [*lines, *_drains(data)] if any(limit == LIMITS["cash_balance"][0] for limit, _ in told) else lines


def _drains(data: Inputs) -> list[str]:
    """What leaves the cash whatever the plan: no decision can save it."""
    overheads, paid_out = data.overhead_usd.sum(), -np.minimum(data.cash_in_usd, 0.0).sum()
    parts = {"overheads and licences": overheads, "money paid out to the owners": paid_out}
    told = [f"{name} {usd:,.0f} USD" for name, usd in parts.items() if usd > 0]
    return [f"paid out of the cash whatever the plan: {', '.join(told)}"] if told else []


def _dated_limit(lp: LinearProgram, data: Inputs, family: str, row: int, place: Ints) -> str:
    axes = lp.rows[family][0]
    at = dict(zip(axes, place.tolist(), strict=True))
    period = f"{data.periods[at['m']]} " if "m" in at else ""
    if family == "concentration":  # its row compares with zero; what the user wrote is the share
        return f"{period}({data.concentration_max_share[at['q'], at['m']]:.0%})"
    if family == "minimum_size":  # likewise
        site, period_number = at["s"], at["m"]
        signed = ", signed" if data.is_signed[site, period_number] else ""
        return f"{period}({data.min_power_kw[site]:,.6g} kW of machines{signed})"
    limit = lp.row_high[row] if np.isfinite(lp.row_high[row]) else lp.row_low[row]
    return f"{period}({abs(limit):,.6g})"
