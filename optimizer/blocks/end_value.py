"""What is left at the horizon is worth its resale less a haircut; else nothing would move near the end."""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram


def end_value(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Line end_value, booked in the last period, not cash."""
    at_end = np.arange(len(data.periods)) == len(data.periods) - 1
    worth = data.end_value_usd[:, None] * at_end
    lp.earn("end_value", plan.standing("wlsm,lm->wsm", worth), is_cash=False)
