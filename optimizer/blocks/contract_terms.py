"""What a power contract costs while it is open, whatever is drawn: standing charges, and a minimum bill."""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, total

BILL = (  # what the seller of power charges
    *("energy", "delivery", "levies", "peak_charges", "demand_charges", "volume_charges"),
    *("standing_charges", "supply_credits"),
)


def contract_terms(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Lines standing_charges and minimum_bill; columns ``top_up_usd``, rows ``minimum_bill`` (w, s, m)."""
    if "site_open" not in lp.variables:
        return
    is_open = lp.variables["site_open"][1]
    lp.spend("standing_charges", total("wsm,sm->wsm", is_open, data.standing_charge_usd))
    has = data.minimum_bill_usd > 0
    if not has.any():
        return
    top_up = lp.variable("top_up_usd", "wsm", exists=has[None])
    bill = total("wsm->wsm", top_up)
    for line in BILL:
        if line in lp.ledger:
            bill = bill - lp.ledger[line].expr
    least = total("wsm,sm->wsm", is_open, data.minimum_bill_usd)
    rows = np.broadcast_to(np.where(has, 0.0, -np.inf)[None], lp.shape("wsm"))
    lp.at_least("minimum_bill", bill - least, rows)
    lp.spend("minimum_bill", total("wsm->wsm", top_up))
