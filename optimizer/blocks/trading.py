"""Buying machines, paid when ordered and here when delivered, and selling what departs.

A refurbished machine is one bought for which another is handed in at the same hub, in the same period; none
is handed in for nothing.
"""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, grid, total, total_at


def trading(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Rows ``orders``, ``orders_per_period``, ``sales_per_period``, ``trade_in``; purchases, import,
    sales."""
    lp.at_most("orders", total("wlhm->wl", plan.ordered), data.max_orders)
    per_period = np.broadcast_to(data.max_orders_per_period, lp.shape("wlm"))
    lp.at_most("orders_per_period", total("wlhm->wlm", plan.ordered), per_period)
    lp.at_most("sales_per_period", total("wlhm->wm", plan.sold), data.max_sales_per_period)
    lp.spend("purchases", total("wlhm,lm->whm", plan.ordered, data.order_usd), is_capital=True)
    lp.spend("import", total("wlhm,lhm->whm", plan.ordered, data.order_customs_usd), is_capital=True)
    w, _, h, m = grid(plan.ordered)
    handed = (w, data.trade_in_lot[:, None, None], h, m)
    ordered = total_at("wlhm", lp.shape("wlhm"), plan.ordered, handed)
    limit = np.where(np.isin(np.arange(len(data.lots)), data.trade_in_lot), 0.0, np.inf)[:, None, None]
    one_each = ordered - total("wlhm->wlhm", plan.handed_in)
    lp.between("trade_in", one_each, *(np.broadcast_to(each, lp.shape("wlhm")) for each in (-limit, limit)))
    lp.earn("sales", total("wlhm,lm->whm", plan.sold, data.sale_usd), is_capital=True)
