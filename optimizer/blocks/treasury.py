"""Coins that are mined and kept: no cash when they come, and worth their price at the end."""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, grid, total, total_at


def treasury(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Line coins_held takes kept coins out of cash at what they were mined for; coins_at_end, not cash.

    The pool's fee is paid in cash. Mined coins are income for the tax whether they are kept or sold.
    """
    if not data.treasury_share.any():
        return
    kept_usd = data.revenue_usd * data.treasury_share
    lp.spend("coins_held", total("wlspm,wlspm->wsm", plan.running, kept_usd), is_taxable=False)
    worth = data.mined_btc * data.treasury_share * data.end_btc_price_usd
    w, _, s, _, _ = grid(plan.running)
    at_end = (w, s, np.asarray(len(data.periods) - 1))
    lp.earn("coins_at_end", total_at("wsm", lp.shape("wsm"), plan.running, at_end, worth), is_cash=False)
