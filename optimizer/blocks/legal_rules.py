"""What dated law says.

Hours that a ban takes away are already gone from what a machine can run; a period without any lawful hour
has no ``running`` column at all. Here stand the rules that reach further: nothing may arrive at a
sanctioned place, and a stop to new load leaves the load that stood there.
"""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram


def legal_rules(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Rows ``moratorium`` (w, s, m); no arrivals and no running where sanctioned."""
    lp.forbid(plan.arriving, data.is_sanctioned[:, None, :])
    lp.forbid(plan.running, data.is_sanctioned[:, None, :])
    lp.at_most("moratorium", plan.drawn_kw(data), np.broadcast_to(data.moratorium_kw, lp.shape("wsm")))
