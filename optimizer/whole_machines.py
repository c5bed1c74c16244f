"""From the programme's fractions to whole machines, keeping every limit.

Rounding every walk down keeps every limit that counts machines, because fewer machines never need more
room. The few machines that are left over, one by one, take the most wanted walk that still has room, and
otherwise stay where they stand or are sold. With counts held, the programme is solved again for what runs.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
from scipy.sparse import csc_array

from optimizer.decisions import OF_TAX, Decisions
from optimizer.inputs import NEVER, Inputs
from optimizer.lp import ABSENT, Bools, Columns, Floats, LinearProgram
from optimizer.solvers import Options, Solution, maximize
from optimizer.walks import DUST, ORDERED, Walk, walks

TOLERANCE = 1e-7  # of a row's size
FEWER_BOUGHT = (1.0, 2.0, 4.0, 8.0, 16.0)  # of each order, one after the other


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
    room = _Room(lp, plan, np.where(counted, 0.0, solution.values), counted)
    for walk, count in counts.items():
        room.add(walk, np.floor(count + DUST))
    homeless = _Leftovers(data, plan, counts, room).settle()
    if homeless:
        return None, f"{homeless} machines found no place with room when counts were made whole"
    whole = _solved_with_counts(lp, data, room, counted, solution, options)
    if not whole.status.has_plan:
        return None, f"a limit on money, shares or power leaves no room for whole machines ({whole.status})"
    values = np.where(counted, room.values, whole.values)
    return replace(solution, values=values, objective=float(lp.objective @ values)), ""


def _solved_with_counts(
    lp: LinearProgram, data: Inputs, room: _Room, counted: Bools, solution: Solution, options: Options
) -> Solution:
    """What runs when counts are held; where money falls a little short, a few machines fewer are bought."""
    whole = maximize(_held(lp, room.values, counted, solution.values), options)
    is_rebuilt = data.trade_in_lot != NEVER  # one was handed in for each, and stays handed in
    bought = [walk for walk in room.counts if walk.source == ORDERED and not is_rebuilt[walk.lot]]
    for fewer in FEWER_BOUGHT:
        if whole.status.has_plan or not bought:
            break
        for walk in bought:
            room.add(walk, -min(fewer, room.counts[walk]))
        whole = maximize(_held(lp, room.values, counted, solution.values), options)
    return whole


class _Room:
    """Counts so far, and whether one more machine on a walk would breach a limit that holds now."""

    def __init__(self, lp: LinearProgram, plan: Decisions, values: Floats, counted: Bools) -> None:
        matrix = lp.matrix
        touches = np.asarray((abs(matrix) @ counted.astype(float)) > 0)
        runs = np.asarray((abs(matrix) @ _marked(plan.running, len(lp.upper)).astype(float)) > 0)
        is_limit = touches & ~runs & (lp.row_low != lp.row_high)  # what runs is solved for last
        is_limit[_rows(lp, "trade_in")] = True
        self.matrix = csc_array(matrix[is_limit])
        self.low, self.high = lp.row_low[is_limit], lp.row_high[is_limit]
        self.values = values
        self.activity = self.matrix @ values
        self.counts: dict[Walk, float] = defaultdict(float)
        self._uses: dict[Walk, tuple[Columns, Floats]] = {}

    def add(self, walk: Walk, count: float) -> None:
        """Put machines on the walk."""
        rows, use = self._use(walk)
        self.counts[walk] += count
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

    def is_breached(self) -> bool:
        """Whether a row does not hold."""
        return bool((self._breach(self.activity) > 0).any())

    def is_better_with(self, walk: Walk, other: Walk) -> bool:
        """Whether changing one machine from the other walk to this leaves no row worse and some better."""
        changed = self.activity.copy()
        for each, sign in ((walk, 1.0), (other, -1.0)):
            rows, use = self._use(each)
            changed[rows] += sign * use
        before, after = self._breach(self.activity), self._breach(changed)
        return bool((after <= before).all() and (after < before).any())

    def _breach(self, activity: Floats) -> Floats:
        """By how much each row does not hold; rounding is none."""
        out = np.maximum(self.low - activity, activity - self.high)
        return np.where(out > TOLERANCE * np.maximum(1.0, np.abs(activity)), out, 0.0)

    def mends(self, walk: Walk) -> bool:
        """Whether one more machine brings a breached row (a least size, say) nearer to holding."""
        rows, use = self._use(walk)
        slack = TOLERANCE * np.maximum(1.0, np.abs(self.activity[rows]))
        is_short = self.activity[rows] < self.low[rows] - slack
        is_over = self.activity[rows] > self.high[rows] + slack
        return bool(((is_short & (use > 0)) | (is_over & (use < 0))).any())

    def _use(self, walk: Walk) -> tuple[Columns, Floats]:
        if walk not in self._uses:
            total = self.matrix[:, list(walk.columns)].sum(axis=1)
            rows = np.flatnonzero(total).astype(np.int64)
            self._uses[walk] = (rows, np.asarray(total[rows], dtype=float))
        return self._uses[walk]


class _Leftovers:
    """Machines that rounding down left over, and the walks that they may take."""

    def __init__(self, data: Inputs, plan: Decisions, counts: dict[Walk, float], room: _Room) -> None:
        self.data, self.counts, self.room = data, counts, room
        self.groups: dict[tuple[int, int], list[Walk]] = defaultdict(list)
        for walk in counts:
            self.groups[walk.lot, walk.source].append(walk)
        self.choices = {
            (lot, source): sorted(group, key=lambda walk: -((counts[walk] + DUST) % 1.0))
            + ([] if source == ORDERED else _plain_walks(data, plan, lot, source))
            for (lot, source), group in self.groups.items()
        }

    def settle(self) -> int:
        """Give every machine a walk; return how many found none."""
        homeless = 0
        for group in self.groups:
            for turn in range(self._missing(group)):
                is_settled = self._take_free(group, turn) or (group[1] != ORDERED and self._make_room(group))
                homeless += not is_settled and group[1] != ORDERED  # an order can be one machine smaller
        while self._mend():
            pass
        return homeless

    def _mend(self) -> bool:
        """One machine changes its walk where that mends a breached row; whether one did."""
        placed = [walk for walk, count in self.room.counts.items() if count >= 1.0]
        for other in placed if self.room.is_breached() else []:
            for choice in self.choices[other.lot, other.source]:
                if self.room.mends(choice) and self.room.is_better_with(choice, other):
                    self.room.add(other, -1.0)
                    self.room.add(choice, 1.0)
                    return True
        return False

    def _missing(self, group: tuple[int, int]) -> int:
        walks_taken = self.groups[group]
        total = float(sum(self.counts[walk] for walk in walks_taken))
        if group[1] != ORDERED:
            total = float(self.data.start_machines[group])
        return int(np.floor(total + DUST) - sum(np.floor(self.counts[walk] + DUST) for walk in walks_taken))

    def _take_free(self, group: tuple[int, int], turn: int = 0, but: Walk | None = None) -> bool:
        """A walk that mends what rounding broke, or the most wanted with room; turns spread the machines."""
        choices, wanted = self.choices[group], max(1, len(self.groups[group]))
        first = turn % wanted
        in_turn = [*choices[first:], *choices[:first]]
        for choice in sorted(in_turn, key=lambda walk: not self.room.mends(walk)):
            if choice != but and self.room.allows(choice):
                self.room.add(choice, 1.0)
                return True
        return False

    def _make_room(self, group: tuple[int, int]) -> bool:
        """Another machine gives up its walk for this one, if it has another to take."""
        for other in [walk for walk, count in self.room.counts.items() if count >= 1.0]:
            self.room.add(other, -1.0)
            for choice in self.choices[group]:
                if choice != other and self.room.allows(choice):
                    self.room.add(choice, 1.0)
                    if self._take_free((other.lot, other.source), but=other):
                        return True
                    self.room.add(choice, -1.0)
            self.room.add(other, 1.0)
        return False


def _plain_walks(data: Inputs, plan: Decisions, lot: int, site: int) -> list[Walk]:
    """Staying to the horizon, or staying for a while and being sold, the longer stays first."""
    stays = plan.staying[0, lot, site].tolist()
    leaves, sold = plan.departing[0, lot, site].tolist(), plan.sold[0, lot, data.hub_of_site[site]].tolist()
    walks_out = [
        Walk(lot, site, (*stays[:period], leaves[period], sold[period]))
        for period in reversed(range(len(stays)))
        if leaves[period] != ABSENT and sold[period] != ABSENT
    ]
    return [Walk(lot, site, tuple(stays)), *walks_out]


def _rows(lp: LinearProgram, family: str) -> Columns:
    numbers = lp.rows[family][1] if family in lp.rows else np.empty(0, dtype=np.int64)
    return np.asarray(numbers[numbers != ABSENT])


def _counted_columns(plan: Decisions, count: int) -> Bools:
    every = [_marked(columns, count) for name, columns in plan.of_machines().items() if name != "running"]
    return np.asarray(np.logical_or.reduce(every))


def _marked(columns: Columns, count: int) -> Bools:
    chosen = np.zeros(count, dtype=bool)
    chosen[columns[columns != ABSENT]] = True
    return chosen


def _held(lp: LinearProgram, counts: Floats, counted: Bools, values: Floats) -> LinearProgram:
    """The programme with every count held, and every yes-or-no that was chosen at its answer."""
    of_tax = lp.marked(*OF_TAX)
    chosen = lp.is_integer & ~of_tax
    fixed = np.where(chosen, np.round(values), counts)
    is_fixed = counted | chosen
    return replace(
        lp,
        lower=np.where(is_fixed, fixed, lp.lower),
        upper=np.where(is_fixed, fixed, lp.upper),
        is_integer=of_tax,
    )
