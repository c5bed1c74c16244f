"""Where to begin when opening sites is a yes-or-no decision: good answers read off the relaxed programme.

Left alone, the search for whole answers can take minutes to find its first one. The relaxed programme
opens sites by fractions; opening those above a threshold and solving again gives a plan at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from optimizer.inputs import Bools, Inputs
from optimizer.lp import ABSENT, Columns, Floats, LinearProgram
from optimizer.solvers import Options, Solution, maximize

THRESHOLDS = (0.02, 0.2, 0.5)
IN_USE = 1e-6


def start_point(lp: LinearProgram, data: Inputs, options: Options) -> Floats | None:
    """A plan with whole answers to begin the search from, or ``None`` if none was found quickly."""
    if "site_open" not in lp.variables:  # yes or no elsewhere, as in the tax, needs no hint
        return None
    columns = lp.variables["site_open"][1]
    free = replace(lp, is_integer=lp.is_integer.copy())
    free.is_integer[columns[columns != ABSENT]] = False
    quick = replace(options, door="highs", time_limit_s=options.time_limit_s / 4)
    relaxed = maximize(free, quick)
    if not relaxed.status.has_plan:
        return None
    best: Solution | None = None
    for answer in _answers(data, relaxed.values[columns]):
        found = maximize(_answered(free, columns[columns != ABSENT], answer[columns != ABSENT]), quick)
        if found.status.has_plan and (best is None or found.objective > best.objective):
            best = found
    return None if best is None else best.values


def _answers(data: Inputs, opened: Floats) -> Iterator[Bools]:
    """Which sites are open when: by falling threshold, and last the sites that are open today, for good."""
    today = np.broadcast_to(np.asarray(data.is_open_at_start)[None, :, None], opened.shape)
    for threshold in THRESHOLDS:
        yield np.where(today, opened > IN_USE, _without_gaps(opened >= threshold))
    yield today


def _without_gaps(is_open: Bools) -> Bools:
    """From the first open period to the last."""
    has_opened = np.maximum.accumulate(is_open, axis=-1)
    will_open = np.maximum.accumulate(is_open[..., ::-1], axis=-1)[..., ::-1]
    return np.asarray(has_opened & will_open, dtype=bool)


def _answered(lp: LinearProgram, columns: Columns, answer: Bools) -> LinearProgram:
    lower, upper = lp.lower.copy(), lp.upper.copy()
    lower[columns] = upper[columns] = answer.astype(float)
    return replace(lp, lower=lower, upper=upper)
