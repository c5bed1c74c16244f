"""Nested caps: a substation, a region, a country or the whole portfolio draws at most so much."""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions, reserved_kw
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, grid, total_at


def power_groups(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Rows ``power_groups`` (w, g, m)."""
    drawn_kw = lp.nothing("wgm")
    for group, members in enumerate(data.power_group_members):
        for columns, each_kw in ((plan.running, data.meter_kw), (plan.arriving, reserved_kw(data))):
            inside = columns[:, :, members]
            scenario, *_, period = grid(inside)
            place = (scenario, group, period)
            drawn_kw = drawn_kw + total_at("wgm", lp.shape("wgm"), inside, place, each_kw[:, members])
    lp.at_most("power_groups", drawn_kw, np.broadcast_to(data.power_group_kw, lp.shape("wgm")))
