"""Expected loss from law that may come: a charge on every machine that stands there, and not cash."""

from __future__ import annotations

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram


def legal_risk(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Line legal_risk."""
    lp.spend("legal_risk", plan.standing("wlsm,wlsm->wsm", data.legal_risk_usd), is_cash=False)
