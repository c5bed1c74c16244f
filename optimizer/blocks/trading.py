"""Buying machines, paid when ordered and here when delivered, and selling what departs."""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, total


def trading(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Rows ``orders`` (w, l), ``orders_per_period`` (w, l, m), ``sales_per_period`` (w, m); two lines."""
    lp.at_most("orders", total("wlhm->wl", plan.ordered), data.max_orders)
    per_period = np.broadcast_to(data.max_orders_per_period, lp.shape("wlm"))
    lp.at_most("orders_per_period", total("wlhm->wlm", plan.ordered), per_period)
    lp.at_most("sales_per_period", total("wlhm->wm", plan.sold), data.max_sales_per_period)
    lp.spend("purchases", total("wlhm,lm->whm", plan.ordered, data.order_usd), is_capital=True)
    lp.earn("sales", total("wlhm,lm->whm", plan.sold, data.sale_usd), is_capital=True)
