"""Nested caps: a substation, a region, a country or the whole portfolio draws at most so much."""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, grid, total_at


def power_groups(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Rows ``power_groups`` (w, g, m)."""
    drawn_kw = lp.nothing("wgm")
    for group, members in enumerate(data.power_group_members):
        running = plan.running[:, :, members]
        scenario, *_, period = grid(running)
        place = (scenario, group, period)
        drawn_kw = drawn_kw + total_at("wgm", lp.shape("wgm"), running, place, data.meter_kw[:, members])
    lp.at_most("power_groups", drawn_kw, np.broadcast_to(data.power_group_kw, lp.shape("wgm")))
