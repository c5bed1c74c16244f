"""Power bought ahead for every hour: the first kWh of a block of hours cost less than those above.

What is not taken is sold back for less than more would cost, so a kWh within the supply is worth the
difference. The sum that the supply costs in any case is a standing charge.
"""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, grid, total, total_at


def supply(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Columns and rows ``supplied_kwh`` (w, s, b, m); line supply_credits."""
    has = (data.supply_kwh > 0) & (data.supply_discount_usd_per_kwh > 0)
    if not has.any():
        return
    shape = lp.shape("wsbm")
    upper_kwh = np.where(has, data.supply_kwh, 0.0)
    supplied = lp.variable("supplied_kwh", "wsbm", exists=has[None], upper=upper_kwh[None])
    w, _, s, p, m = grid(plan.running)
    place = (w, s, data.profile_block[p], m)
    drawn_kwh = total_at("wsbm", shape, plan.running, place, data.energy_kwh)
    rows = np.broadcast_to(np.where(has, 0.0, np.inf)[None], shape)
    lp.at_most("supplied_kwh", total("wsbm->wsbm", supplied) - drawn_kwh, rows)
    lp.earn("supply_credits", total("wsbm,sbm->wsm", supplied, data.supply_discount_usd_per_kwh))
