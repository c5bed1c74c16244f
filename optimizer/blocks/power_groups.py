"""Nested caps: a substation, a region, a country or the whole portfolio draws at most so much."""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram


def power_groups(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Rows ``power_groups`` (w, g, m)."""
    drawn_kw, by_site, groups = lp.nothing("wgm"), plan.drawn_kw(data), len(data.power_groups)
    for group, members in enumerate(data.power_group_members):
        inside = np.flatnonzero(members)
        drawn_kw = drawn_kw + by_site.taken("s", inside, "i").regrouped("i", inside * 0 + group, "g", groups)
    lp.at_most("power_groups", drawn_kw, np.broadcast_to(data.power_group_kw, lp.shape("wgm")))
