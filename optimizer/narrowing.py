"""The same optimum from a tenth of the columns.

Nearly every column is zero in every good plan: a machine stays, or makes one of the few moves that pay. So
the programme is solved over few columns. Its prices on what lots share tell, by a longest path, how much the
best walk through any column falls short of that machine's best walk; those that fall short least come in.
This ends when the bound that the prices prove is the value in hand, so nothing is left out unproven.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from optimizer.certificate import best_walks, bound_of, shared_prices
from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import ABSENT, Bools, Floats, LinearProgram
from optimizer.shortfalls import shortfalls
from optimizer.solvers import Options, Solution, Status, highs, maximize

FROM_COLUMNS = 15_000  # below it the whole programme is as fast (docs/performance.md)
ADDED_SHARE = 0.02  # of all columns in a round: fewer means more rounds, more means larger ones
WHOLE_FROM_SHARE = 0.6  # of all columns: then the rest may come along
ALIKE = 1e-4  # of the largest worth of a column: walks that differ by less may all be best
PROVEN = 1e-8  # of the value: what an interior point method's own prices can show


def maximize_narrowed(lp: LinearProgram, data: Inputs, plan: Decisions, options: Options) -> Solution:
    """``maximize``, by way of few columns where that is faster: large, one scenario, nothing yes-or-no."""
    is_plain = len(data.scenarios) == 1 and not lp.is_integer.any()
    if options.door != "highs" or options.method != "auto" or not is_plain or len(lp.upper) < FROM_COLUMNS:
        return maximize(lp, options)
    return _Narrow(lp, data, plan, options).solved()


@dataclass
class _Narrow:
    lp: LinearProgram
    data: Inputs
    plan: Decisions
    options: Options

    def __post_init__(self) -> None:
        self.began = time.perf_counter()
        self.arrays = self.lp.arrays()
        self.is_walk = np.zeros(len(self.lp.upper), dtype=bool)
        for columns in self.plan.of_machines().values():
            self.is_walk[columns[columns != ABSENT]] = True
        self.least = max(1, int(ADDED_SHARE * len(self.lp.upper)))
        self.bound = np.inf

    def solved(self) -> Solution:
        """Rounds of solving, pricing and adding, from staying at home and walks where nothing is scarce."""
        free = self._shortfall(np.zeros(len(self.lp.row_low)))
        chosen, best = self._at_home(), None
        while chosen.mean() < WHOLE_FROM_SHARE:
            found = self._part(chosen, ends_at_vertex=False)
            if found.status in (Status.STOPPED, Status.NO_PLAN):
                return self._stopped(found, best)
            if found.status is not Status.PROVEN or np.isnan(found.row_duals).any():
                # So far no plan keeps every limit, or the method found no prices.
                chosen = self._with_more(chosen, free, int(chosen.sum()))
                continue
            shortfall = self._shortfall(found.row_duals)
            if self._is_proven(found):
                for part in (chosen & self._is_best(shortfall), chosen):
                    vertex = self._part(part, ends_at_vertex=True)
                    if self._is_proven(vertex):
                        return self._with_prices(vertex)
            if best is None:
                chosen = self._with_more(chosen, free, self.least)
            chosen, best = self._with_more(chosen, shortfall, self.least), found
        return maximize(self.lp, self._in_time(self.options))

    def _at_home(self) -> Bools:
        """What machines can do without moving, and every column that is in nobody's walk."""
        chosen = ~self.is_walk
        has = (self.data.start_machines > 0)[None, :, :]
        for columns in (self.plan.staying[has], self.plan.running[has]):
            chosen[columns[columns != ABSENT]] = True
        return chosen

    def _with_more(self, chosen: Bools, shortfall: Floats, count: int) -> Bools:
        """The chosen columns and so many more, those that fall short least."""
        waiting = np.where(chosen, np.inf, shortfall)
        count = min(count, int(np.isfinite(waiting).sum()))
        if count == 0:
            return np.ones_like(chosen)
        limit = np.partition(waiting, count - 1)[count - 1]
        return np.asarray(chosen | (waiting <= limit))

    def _is_best(self, shortfall: Floats) -> Bools:
        """Columns on best walks, which are all that an optimum can use; and those in nobody's walk."""
        return np.asarray(~self.is_walk | (shortfall <= ALIKE * np.abs(self.arrays.objective).max()))

    def _part(self, chosen: Bools, *, ends_at_vertex: bool) -> Solution:
        """The programme over the chosen columns, its values in the places of the whole."""
        options = replace(self._in_time(self.options), method="ipx", ends_at_vertex=ends_at_vertex)
        found = highs.maximize(self.arrays.only(chosen), options)
        values = np.zeros(len(chosen))
        values[chosen] = found.values
        return replace(found, values=values, seconds=time.perf_counter() - self.began)

    def _in_time(self, options: Options) -> Options:
        left = options.time_limit_s - (time.perf_counter() - self.began)
        return replace(options, time_limit_s=max(0.0, left))

    def _is_proven(self, found: Solution) -> bool:
        gap = self.bound - found.objective
        return found.status is Status.PROVEN and gap <= PROVEN * max(1.0, abs(found.objective))

    def _stopped(self, found: Solution, best: Solution | None) -> Solution:
        """Time is up: the last round's plan with what is proven so far, or nothing."""
        if best is None:
            return found if found.status is Status.NO_PLAN else replace(found, bound=float("nan"))
        prices, reduced = np.full_like(best.row_duals, np.nan), np.full_like(best.values, np.nan)
        stopped = replace(best, status=Status.STOPPED, row_duals=prices, reduced_costs=reduced)
        return replace(stopped, message=found.message, seconds=found.seconds, bound=self.bound)

    def _shortfall(self, row_prices: Floats) -> Floats:
        """How far each column falls short under these prices; notes what they prove."""
        prices = shared_prices(self.lp, row_prices)
        walks = best_walks(self.arrays, self.data, self.plan, prices)
        bound = bound_of(self.arrays, self.plan, prices, walks)
        if bound < self.bound:
            self.bound, self.proof = bound, (row_prices, walks)
        shortfall = np.full(len(self.is_walk), np.inf)
        for columns, values in shortfalls(walks, self.data, self.plan):
            shortfall[columns[columns != ABSENT]] = values[columns != ABSENT]
        return shortfall

    def _with_prices(self, vertex: Solution) -> Solution:
        """The prices that proved it; on rows of one lot alone, what a machine is worth in each place."""
        row_prices, walks = self.proof
        prices = row_prices.copy()
        worth = {"stock": walks.stood[..., :-1], "hub_out": -walks.out, "hub_in": -walks.comes}
        for family, values in (worth | {"in_service": walks.serving_in_block}).items():
            numbers = self.lp.rows[family][1][0]
            nowhere = 10.0 * float(np.abs(values[np.isfinite(values)]).max(initial=1.0))  # leads to no place
            prices[numbers[numbers != ABSENT]] = np.clip(values, -nowhere, nowhere)[numbers != ABSENT]
        reduced = self.arrays.objective - self.arrays.matrix.T @ prices
        bound = max(self.bound, vertex.objective)
        return replace(vertex, row_duals=prices, reduced_costs=reduced, bound=bound)
