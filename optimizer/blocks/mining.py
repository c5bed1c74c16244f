"""Income from hashing and what every hour of it costs.

A machine is in service under one profile at a time; what it earns in a period was summed over the lawful
hours that pay, outside the model. A machine that arrives during a period serves the rest of it.
"""

from __future__ import annotations

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, total


def mining(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Rows ``in_service`` (w, l, s, m); lines hash_revenue, pool_fees, energy, delivery, levies."""
    present = total("wlsm->wlsm", plan.staying) + total(
        "wlscm,scm->wlsm", plan.arriving, 1.0 - data.missed_share
    )
    lp.at_most("in_service", total("wlspm->wlsm", plan.running) - present, 0.0)
    lp.earn("hash_revenue", total("wlspm,wlspm->wsm", plan.running, data.revenue_usd))
    lp.spend("pool_fees", total("wlspm,wlspm->wsm", plan.running, data.pool_fee_usd))
    lp.spend("energy", total("wlspm,wlspm->wsm", plan.running, data.energy_usd))
    lp.spend("delivery", total("wlspm,wlspm->wsm", plan.running, data.delivery_usd))
    lp.spend("levies", total("wlspm,wlspm->wsm", plan.running, data.levy_usd))
