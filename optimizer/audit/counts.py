"""Machines: none appears, none vanishes, and nobody handles or buys more than can be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.audit.findings import TOLERANCE, Finding, at_most, equal
from optimizer.audit.flows import Flows, places
from optimizer.inputs import NEVER, Inputs
from optimizer.plan_tables import PlanTables


def counts(tables: PlanTables, *, is_whole: bool) -> Iterator[Finding]:
    for name, table in tables.items():
        for column in table.select_dtypes("number").columns:
            values = table[column].to_numpy(dtype=float)
            if not np.isfinite(values).all():
                yield Finding("a number is missing", f"{name}.{column}", float("nan"), 0.0)
    for name in ("placement", "running", "moves", "purchases", "sales"):
        machines = getattr(tables, name).machines.to_numpy(dtype=float)
        if machines.min(initial=0.0) < -TOLERANCE:
            yield Finding("negative machines", name, float(machines.min()), 0.0)
        off = np.abs(machines - np.round(machines)).max(initial=0.0)
        if is_whole and name != "running" and off > TOLERANCE:
            yield Finding("a fraction of a machine", name, float(off), 0.0)


def stock(flows: Flows, data: Inputs) -> Iterator[Finding]:
    before = np.concatenate(
        [np.broadcast_to(data.start_machines, flows.standing.shape[:3])[..., None], flows.standing[..., :-1]],
        axis=-1,
    )
    yield from equal(
        "machines do not add up", data, "wlsm", flows.standing, before - flows.leaving + flows.coming
    )
    yield from at_most("more machines leave than stood there", data, "wlsm", flows.leaving, before)


def trips(tables: PlanTables, data: Inputs) -> Iterator[Finding]:
    moves, bought = tables.moves, tables.purchases
    origin, target, corridor, leaves, arrives = places(
        moves, data, ("from_site", "to_site", "corridor", "leaves", "arrives")
    )
    is_wrong = data.arrival_period[corridor, leaves] != arrives
    is_wrong |= data.hub_of_site[origin] != data.corridor_from[corridor]
    is_wrong |= data.hub_of_site[target] != data.corridor_to[corridor]
    for row in np.flatnonzero(is_wrong):
        due = data.arrival_period[corridor[row], leaves[row]]
        yield Finding("a move does not follow its corridor", f"move {row}", float(arrives[row]), float(due))
    lot, target, ordered, arrives = places(bought, data, ("lot", "to_site", "ordered", "arrives"))
    is_wrong = (data.order_arrival_period[lot, ordered] != arrives) | ~data.can_order[
        lot, data.hub_of_site[target], ordered
    ]
    for row in np.flatnonzero(is_wrong):
        yield Finding("a purchase outside its offer", f"purchase {row}", float(arrives[row]), float(NEVER))


def handling(flows: Flows, data: Inputs) -> Iterator[Finding]:
    yield from at_most(
        "a crew takes out too many", data, "wsm", flows.leaving.sum(axis=1), data.crew_out_machines
    )
    yield from at_most(
        "a crew puts in too many", data, "wsm", flows.coming.sum(axis=1), data.crew_in_machines
    )
    yield from at_most("more bought than offered", data, "wl", flows.ordered.sum(axis=2), data.max_orders)
    yield from at_most(
        "more bought in a period than offered", data, "wlm", flows.ordered, data.max_orders_per_period
    )
    wanted = np.zeros_like(flows.ordered_at)
    for lot in np.flatnonzero(data.trade_in_lot >= 0):
        wanted[:, data.trade_in_lot[lot]] += flows.ordered_at[:, lot]
    yield from at_most("more refurbished than handed in", data, "wlhm", wanted, flows.handed_in)
    yield from at_most("handed in for nothing", data, "wlhm", flows.handed_in, wanted)
    yield from at_most(
        "more sold than the market takes", data, "wm", flows.sold.sum(axis=1), data.max_sales_per_period
    )


def shares(flows: Flows, data: Inputs) -> Iterator[Finding]:
    weight = np.einsum("wlsm,qlm->wqsm", flows.standing, data.concentration_weight)
    inside = np.einsum("wqsm,qs->wqm", weight, data.concentration_members.astype(float))
    limit = np.where(np.isfinite(data.concentration_max_share), data.concentration_max_share, 1.0)
    yield from at_most("too much in one place", data, "wqm", inside, limit * weight.sum(axis=2))
