"""Cash: what is spent must be there, and the balance stays above the floor."""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, last_period, total


def budget(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Columns and rows ``cash_balance``, rows ``capex`` (w, m), over the cash lines before this block.

    What the owners put in or take out counts in the balance and is no income.
    """
    lp.at_least(
        "capex", lp.money("wm", only_capital=True), np.broadcast_to(-data.max_capex_usd, lp.shape("wm"))
    )
    if not np.isfinite(data.opening_cash_usd):
        return
    balance = lp.variable("cash_balance", "wm", lower=data.min_cash_usd)
    given = np.tile(data.cash_in_usd, (len(data.scenarios), 1))
    given[:, 0] += data.opening_cash_usd
    lp.equal(
        "cash_balance",
        total("wm->wm", balance) - total("wm->wm", last_period(balance)) - lp.money("wm"),
        given,
    )
