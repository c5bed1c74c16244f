"""From the programme's fractions to whole machines, keeping every limit.

Rounding every walk down keeps every limit that counts machines, because fewer machines never need more
room. The few machines that are left over, one by one, take the most wanted walk that still has room, and
stay where they stand otherwise. With all counts held, the programme is solved once more for what runs.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
from scipy.sparse import csc_array

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import ABSENT, Bools, Columns, Floats, LinearProgram
from optimizer.solvers import Options, Solution, maximize
from optimizer.walks import DUST, ORDERED, Walk, walks

TOLERANCE = 1e-7  # of a row's size


def rounded(
    lp: LinearProgram, data: Inputs, plan: Decisions, solution: Solution, options: Options
) -> tuple[Solution | None, str]:
    """The same plan in whole machines, or ``None`` and the reason why rounding found none.

    The solution keeps the prices and the bound of the fractional one: the bound certifies the loss.
    """
    if len(data.scenarios) != 1:
        return None, "whole machines are rounded for a single scenario only"
    counted = _counted_columns(plan, len(lp.upper))
    counts: dict[Walk, float] = defaultdict(float)
    for walk, count in walks(data, plan, solution.values):
        counts[walk] += count
    room = _Room(lp, np.where(counted, 0.0, solution.values), counted)
    for walk, count in counts.items():
        room.add(walk, np.floor(count + DUST))
    homeless = _settle_leftovers(data, plan, counts, room)
    if homeless:
        return None, f"{homeless} machines found no place with room when counts were made whole"
    whole = maximize(_held(lp, room.values, counted, solution.values), options)
    if not whole.status.has_plan:
        return None, f"a limit on money, shares or power leaves no room for whole machines ({whole.status})"
    values = np.where(counted, room.values, whole.values)
    return replace(solution, values=values, objective=float(lp.objective @ values)), ""


class _Room:
    """Counts so far, and whether one more machine on a walk would breach a limit that holds now."""

    def __init__(self, lp: LinearProgram, values: Floats, counted: Bools) -> None:
        matrix = lp.matrix
        touches = np.asarray((abs(matrix) @ counted.astype(float)) > 0)
        is_limit = touches & (lp.row_low != lp.row_high)
        self.matrix = csc_array(matrix[is_limit])
        self.low, self.high = lp.row_low[is_limit], lp.row_high[is_limit]
        self.values = values
        self.activity = self.matrix @ values
        self._uses: dict[Walk, tuple[Columns, Floats]] = {}

    def add(self, walk: Walk, count: float) -> None:
        """Put machines on the walk."""
        rows, use = self._use(walk)
        self.values[list(walk.columns)] += count
        self.activity[rows] += count * use

    def allows(self, walk: Walk) -> bool:
        """A row may be breached already (a share, while counts are incomplete); it must not get worse."""
        rows, use = self._use(walk)
        before, after = self.activity[rows], self.activity[rows] + use
        slack = TOLERANCE * np.maximum(1.0, np.abs(before))
        is_below = after <= np.maximum(self.high[rows], before) + slack
        is_above = after >= np.minimum(self.low[rows], before) - slack
        return bool((is_below & is_above).all())

    def _use(self, walk: Walk) -> tuple[Columns, Floats]:
        if walk not in self._uses:
            total = self.matrix[:, list(walk.columns)].sum(axis=1)
            rows = np.flatnonzero(total).astype(np.int64)
            self._uses[walk] = (rows, np.asarray(total[rows], dtype=float))
        return self._uses[walk]


def _settle_leftovers(data: Inputs, plan: Decisions, counts: dict[Walk, float], room: _Room) -> int:
    """Give every machine that rounding down left over a walk; return how many found none."""
    groups: dict[tuple[int, int], list[Walk]] = defaultdict(list)
    for walk in counts:
        groups[walk.lot, walk.source].append(walk)
    homeless = 0
    for (lot, source), group in groups.items():
        wanted = sorted(group, key=lambda walk: -((counts[walk] + DUST) % 1.0))
        total = sum(counts[walk] for walk in group) if source == ORDERED else data.start_machines[lot, source]
        missing = int(np.floor(total + DUST) - sum(np.floor(counts[walk] + DUST) for walk in group))
        stay = [] if source == ORDERED else [Walk(lot, source, tuple(plan.staying[0, lot, source].tolist()))]
        for turn in range(missing):
            choices = [*wanted[turn % len(wanted) :], *wanted[: turn % len(wanted)], *stay]
            chosen = next((choice for choice in choices if room.allows(choice)), None)
            if chosen is not None:
                room.add(chosen, 1.0)
            elif source != ORDERED:  # an order can simply be one machine smaller
                homeless += 1
    return homeless


def _counted_columns(plan: Decisions, count: int) -> Bools:
    chosen = np.zeros(count, dtype=bool)
    for name, columns in vars(plan).items():
        if name != "running":
            chosen[columns[columns != ABSENT]] = True
    return chosen


def _held(lp: LinearProgram, counts: Floats, counted: Bools, values: Floats) -> LinearProgram:
    """The programme with every count held, and every yes-or-no at its answer."""
    fixed = np.where(lp.is_integer, np.round(values), counts)
    is_fixed = counted | lp.is_integer
    return replace(
        lp,
        lower=np.where(is_fixed, fixed, lp.lower),
        upper=np.where(is_fixed, fixed, lp.upper),
        is_integer=np.zeros(len(lp.upper), dtype=bool),
    )
