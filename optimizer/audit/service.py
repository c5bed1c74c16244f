"""What runs: within the machines, the law and the power that there are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from optimizer.audit.findings import TOLERANCE, Finding, at_most, equal
from optimizer.audit.flows import Flows, dense
from optimizer.inputs import Floats, Inputs
from optimizer.plan_tables import PlanTables


def service(flows: Flows, data: Inputs) -> Iterator[Finding]:
    """In every block of hours no more machines than stand there, and only such as fit and can run."""
    there = flows.standing - flows.lost
    for block in range(len(data.hour_blocks)):
        in_service = flows.running[:, :, :, data.profile_block == block].sum(axis=3)
        yield from at_most("more machines run than stand there", data, "wlsm", in_service, there)
    fits = np.asarray(data.fits)[:, :, None, None]
    where_not = np.where(data.can_run & fits, np.inf, 0.0)
    yield from at_most("machines run where none can", data, "wlspm", flows.running, where_not)
    comes = np.where(np.asarray(data.fits)[:, :, None], np.inf, 0.0)
    yield from at_most("machines come where they do not fit", data, "wlsm", flows.coming, comes)


def law(flows: Flows, data: Inputs) -> Iterator[Finding]:
    running = flows.running.sum(axis=(1, 3))
    is_closed = (data.allowed_share <= 0) | data.is_sanctioned
    yield from at_most("machines run against the law", data, "wsm", running, np.where(is_closed, 0.0, np.inf))
    comes = flows.coming.sum(axis=1)
    nowhere = np.where(data.is_sanctioned, 0.0, np.inf)
    yield from at_most("machines arrive at a sanctioned place", data, "wsm", comes, nowhere)
    yield from at_most("new load under a moratorium", data, "wsm", drawn_kw(flows, data), data.moratorium_kw)


def power(flows: Flows, data: Inputs) -> Iterator[Finding]:
    peak_kw = drawn_kw(flows, data)
    yield from at_most("a connection is overdrawn", data, "wsm", peak_kw, data.max_power_kw)
    yield from at_most(
        "more machines than racks", data, "wsm", flows.standing.sum(axis=1), data.max_machines[:, None]
    )
    group_kw = np.einsum("wsm,gs->wgm", peak_kw, data.power_group_members.astype(float))
    yield from at_most("a group's power is overdrawn", data, "wgm", group_kw, data.power_group_kw)
    limited = np.where(_has_mode(data), data.block_cap_kw, np.inf)
    yield from at_most("an hourly limit is overdrawn", data, "wsbm", drawn_by_block_kw(flows, data), limited)
    enrolled = data.meter_kw * data.profile_is_response[:, None]
    offered_kw = np.einsum("wlspm,lspm->wsm", flows.running, enrolled)
    yield from at_most("more kW offered than taken", data, "wsm", offered_kw, data.response_max_kw)


def drawn_kw(flows: Flows, data: Inputs) -> Floats:
    """(w, s, m) the highest draw of any block of hours."""
    return np.asarray(drawn_by_block_kw(flows, data).max(axis=2))


def drawn_by_block_kw(flows: Flows, data: Inputs) -> Floats:
    """(w, s, b, m) power in service, and what late arrivals need from their day on, kept all period."""
    full_kw = np.max(data.meter_kw * data.can_run, axis=2)
    kept = np.einsum("wlsm,lsm->wsm", flows.lost, full_kw)
    drawn = np.zeros((*kept.shape[:2], len(data.hour_blocks), kept.shape[2]))
    for block in range(len(data.hour_blocks)):
        own = data.profile_block == block
        drawn[:, :, block] = np.einsum(
            "wlspm,lspm->wsm", flows.running[:, :, :, own], data.meter_kw[:, :, own]
        )
        drawn[:, :, block] += kept * _has_mode(data)[:, block]
    return drawn


def _has_mode(data: Inputs) -> NDArray[np.bool_]:
    """(s, b, m) whether some machine can run there in the block."""
    can = np.asarray(data.can_run.any(axis=0))
    each = [can[:, data.profile_block == block].any(axis=1) for block in range(len(data.hour_blocks))]
    return np.stack(each, axis=1)


def openings(tables: PlanTables, flows: Flows, data: Inputs) -> Iterator[Finding]:
    table, place = tables.openings, ("scenario", "site", "period")
    is_open, opens, closes, built = (
        dense(table, data, place, table[name]) for name in ("is_open", "opens", "closes", "built_kw")
    )
    priced = data.needs_opening
    may_stand = np.where(priced[:, None] & (is_open < 0.5), 0.0, np.inf)
    yield from at_most("machines at a closed site", data, "wsm", flows.standing.sum(axis=1), may_stand)
    size_kw = np.einsum("wlsm,l->wsm", flows.standing, data.machine_power_kw)
    yield from at_most("below the minimum size", data, "wsm", is_open * data.min_power_kw[:, None], size_kw)
    at_start = np.broadcast_to((data.is_open_at_start & priced).astype(float), is_open.shape[:2])
    before = np.concatenate([at_start[..., None], is_open[..., :-1]], axis=-1)
    yield from equal("opening and closing do not add up", data, "wsm", is_open - before, opens - closes)
    for age in range(1, int(data.min_term_periods.max(initial=0))):
        bound = opens[..., :-age] * (data.min_term_periods[:, :-age] > age)
        if (bound > is_open[..., age:] + TOLERANCE).any():
            yield Finding("closed within its minimum term", f"{age} periods after opening", 1.0, 0.0)
    ready_kw = data.built_at_start_kw[:, None] + np.cumsum(built, axis=-1)
    yield from at_most("more power drawn than built", data, "wsm", drawn_kw(flows, data), ready_kw)
