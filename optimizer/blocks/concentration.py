"""No more than a share of the standing fleet in one jurisdiction, region, host or set of sites."""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import Columns, Expr, Floats, LinearProgram, grid, total_at


def concentration(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Rows ``concentration`` (w, q, m): the weight inside minus the share of all weight is at most zero."""
    holds = np.isfinite(data.concentration_max_share)
    share = np.where(holds, data.concentration_max_share, 0.0)
    excess = lp.nothing("wqm")
    for limit, members in enumerate(data.concentration_members):
        part = members[:, None] - share[limit]  # (s, m)
        weight = data.concentration_weight[limit][:, None, :] * part * holds[limit]  # (l, s, m)
        excess = excess + _at_limit(lp, limit, plan.staying, weight)
        excess = excess + _at_limit(lp, limit, plan.arriving, weight[:, :, None, :])
    lp.at_most("concentration", excess, np.broadcast_to(np.where(holds, 0.0, np.inf), lp.shape("wqm")))


def _at_limit(lp: LinearProgram, limit: int, columns: Columns, weight: Floats) -> Expr:
    scenario, *_, period = grid(columns)
    return total_at("wqm", lp.shape("wqm"), columns, (scenario, limit, period), weight)
