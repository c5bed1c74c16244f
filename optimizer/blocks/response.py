"""Being ready to be switched off for pay: machines that run under the offer, at most as many kW as the grid
takes."""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, total


def response(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Rows ``response`` (w, s, m); line response_credits, with what a host pays back for hours without
    power."""
    if not data.credit_usd.any():
        return
    enrolled_kw = data.meter_kw * data.profile_is_response[:, None]
    limit = np.broadcast_to(data.response_max_kw, lp.shape("wsm"))
    lp.at_most("response", total("wlspm,lspm->wsm", plan.running, enrolled_kw), limit)
    lp.earn("response_credits", total("wlspm,wlspm->wsm", plan.running, data.credit_usd))
