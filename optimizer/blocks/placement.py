"""Machines stay where they are unless they are moved, sold or bought; nothing appears and nothing vanishes.

At a site, last period's machines stay or depart. At a hub, what departs is shipped, sold or handed in; what
comes by road or by order is spread over the hub's sites. Machines under way belong to nobody's power cap.
"""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, grid, last_period, total, total_at


def placement(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Rows ``stock`` (w, l, s, m), ``hub_out`` (w, l, h, m) and ``hub_in`` (w, l, h, c, m)."""
    stood = total("wlsm->wlsm", last_period(plan.staying)) + total("wlscm->wlsm", last_period(plan.arriving))
    leaves_or_stays = total("wlsm->wlsm", plan.staying) + total("wlsm->wlsm", plan.departing)
    at_start = np.zeros(lp.shape("wlsm"))
    at_start[..., 0] = data.start_machines
    lp.equal("stock", leaves_or_stays - stood, at_start)
    _hub_out(lp, data, plan)
    _hub_in(lp, data, plan)


def _hub_out(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    shape = lp.shape("wlhm")
    w, lot, _, m = grid(plan.departing)
    departs = total_at("wlhm", shape, plan.departing, (w, lot, data.hub_of_site[:, None], m))
    w, lot, _, m = grid(plan.shipped)
    ships = total_at("wlhm", shape, plan.shipped, (w, lot, data.corridor_from[:, None], m))
    gone = total("wlhm->wlhm", plan.sold) + total("wlhm->wlhm", plan.handed_in)
    lp.equal("hub_out", departs - ships - gone, 0.0)


def _hub_in(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    shape = lp.shape("wlhcm")
    w, lot, _, _ = grid(plan.shipped)
    road = (w, lot, data.corridor_to[:, None], data.arrival_class, data.arrival_period)
    w, lot, hub, _ = grid(plan.ordered)
    order = (w, lot, hub, data.order_arrival_class[:, None, :], data.order_arrival_period[:, None, :])
    comes = total_at("wlhcm", shape, plan.shipped, road) + total_at("wlhcm", shape, plan.ordered, order)
    w, lot, _, c, m = grid(plan.arriving)
    settles = total_at("wlhcm", shape, plan.arriving, (w, lot, data.hub_of_site[:, None, None], c, m))
    lp.equal("hub_in", comes - settles, 0.0)
