"""Income from hashing and what every hour of it costs.

A machine is in service under one profile at a time; what it earns in a period was summed over the lawful
hours that pay, outside the model. Where an hour's decision depends on other machines it is in service under
one profile in each block of hours. A machine that arrives during a period serves the rest of it.
"""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions, blocks_in_use
from optimizer.inputs import Inputs
from optimizer.lp import Expr, LinearProgram, grid, total, total_at

LINES = {  # a ledger line for each cost of running, and the input that it is read from
    "pool_fees": "pool_fee_usd",
    "firmware_fees": "firmware_usd",
    "energy": "energy_usd",
    "delivery": "delivery_usd",
    "levies": "levy_usd",
    "peak_charges": "peak_usd",
    "frictions": "friction_usd",
}


def mining(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Rows ``in_service`` (w, l, s, b, m); line hash_revenue and those of LINES."""
    shape = lp.shape("wlsbm")
    w, lot, s, p, m = grid(plan.running)
    serving = total_at("wlsbm", shape, plan.running, (w, lot, s, data.profile_block[p], m))
    limit = np.where(blocks_in_use(data), 0.0, np.inf)[None, None]
    lp.at_most("in_service", serving - _present(lp, data, plan), np.broadcast_to(limit, shape))
    lp.earn("hash_revenue", total("wlspm,wlspm->wsm", plan.running, data.revenue_usd))
    for line, name in LINES.items():
        lp.spend(line, total("wlspm,wlspm->wsm", plan.running, getattr(data, name)))


def _present(lp: LinearProgram, data: Inputs, plan: Decisions) -> Expr:
    """(w, l, s, b, m) machines there to serve, the same in every block."""
    shape = lp.shape("wlsbm")
    staying = np.broadcast_to(plan.staying[:, :, :, None], shape)
    late = (*plan.arriving.shape[:4], *shape[3:])
    arriving = np.broadcast_to(plan.arriving[:, :, :, :, None], late)
    w, lot, s, _, b, m = grid(arriving)
    serves = 1.0 - data.missed_share[None, None, :, :, None]
    return total("wlsbm->wlsbm", staying) + total_at("wlsbm", shape, arriving, (w, lot, s, b, m), serves)
