"""A site cannot draw more than its connection, nor hold more machines than it has racks."""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram


def site_power(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Rows ``site_power`` and ``site_racks`` (w, s, m)."""
    lp.at_most("site_power", plan.drawn_kw(data), data.max_power_kw)
    lp.at_most(
        "site_racks", plan.standing("wlsm->wsm"), np.broadcast_to(data.max_machines[:, None], lp.shape("wsm"))
    )
