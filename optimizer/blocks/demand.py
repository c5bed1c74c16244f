"""Charges on the highest draw of a month: in the hours that count, with a floor, a ratchet, and a price
above contract.

``metered_kw`` is the highest draw of the month itself; ``billed_kw`` is what is paid: at least that, at
least the floor of an open contract, and at least a share of the peaks that the ratchet still remembers. Where
being open is a decision, a contract that is closed is billed neither floor nor past peaks.
"""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions, blocks_in_use
from optimizer.inputs import NEVER, Inputs
from optimizer.lp import ABSENT, Columns, LinearProgram, grid, total, total_at


def demand(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Columns metered_kw, billed_kw, excess_kw (w, d, m), a row for what each is at least; line
    demand_charges."""
    if not data.demand_charges:
        return
    metered, billed = (lp.variable(name, "wdm") for name in ("metered_kw", "billed_kw"))
    _at_least_what_is_drawn(lp, data, plan, metered)
    as_drawn = total("wdm->wdm", billed) - total("wdm->wdm", metered)
    lp.at_least("billed_peak", as_drawn, 0.0)
    _floor(lp, data, billed)
    _ratchet(lp, data, metered, billed)
    has_contract = np.isfinite(data.contracted_kw)
    excess = lp.variable("excess_kw", "wdm", exists=has_contract[None])
    above = total("wdm->wdm", metered) - total("wdm->wdm", excess)
    lp.at_most("contracted", above, np.broadcast_to(data.contracted_kw, lp.shape("wdm")))
    _charge(lp, data, billed, excess)


def _at_least_what_is_drawn(lp: LinearProgram, data: Inputs, plan: Decisions, metered: Columns) -> None:
    """Rows ``metered_peak`` (w, d, b, m)."""
    shape = lp.shape("wdbm")
    counts = data.demand_window & blocks_in_use(data)[data.demand_site]
    drawn = plan.drawn_by_block_kw(data).taken("s", data.demand_site, "d")
    each = np.broadcast_to(metered[:, :, None], shape)
    excess = drawn - total_at("wdbm", shape, each, grid(each))
    lp.at_most("metered_peak", excess, np.broadcast_to(np.where(counts, 0.0, np.inf)[None], shape))


def _floor(lp: LinearProgram, data: Inputs, billed: Columns) -> None:
    """Rows ``billed_floor`` (w, d, m): what an open contract bills at least."""
    is_open = lp.variables["site_open"][1][:, data.demand_site] if "site_open" in lp.variables else None
    if is_open is None:
        return
    floor_kw = total("wdm,dm->wdm", is_open, data.demand_floor_kw)
    has = np.broadcast_to(np.where(data.demand_floor_kw > 0, 0.0, -np.inf), lp.shape("wdm"))
    lp.at_least("billed_floor", total("wdm->wdm", billed) - floor_kw, has)


def _ratchet(lp: LinearProgram, data: Inputs, metered: Columns, billed: Columns) -> None:
    """Rows ``ratchet_K`` (w, d, m): a share of the peak K periods ago is billed still, while open.

    What a closed contract is let off is the share of the whole connection, the most that a peak can be; where
    the connection has no limit the peak is billed, open or not.
    """
    period = np.arange(len(data.periods))
    nowhere = np.full(lp.shape("wsm"), ABSENT)
    is_open = (lp.variables["site_open"][1] if "site_open" in lp.variables else nowhere)[:, data.demand_site]
    most_kw = np.where(np.isfinite(data.max_power_kw), data.max_power_kw, 0.0)[data.demand_site]
    let_off_kw = most_kw * data.ratchet_share[:, None]
    for age in range(1, int((data.ratchet_until - period).max(initial=0)) + 1):
        binds = (data.ratchet_until >= period + age) & (data.ratchet_share > 0)[:, None]
        binds &= (data.ratchet_until != NEVER) & (period + age < len(period))
        past = np.full_like(metered, ABSENT)
        past[..., age:] = np.where(binds, metered, ABSENT)[..., :-age]
        remembered = total("wdm,d->wdm", past, data.ratchet_share)
        off_kw = np.zeros_like(let_off_kw)
        off_kw[:, age:] = let_off_kw[:, :-age]
        while_open = total("wdm,dm->wdm", is_open, off_kw)
        rows = np.full(lp.shape("wdm"), -np.inf)
        rows[..., age:] = np.where(binds, 0.0, -np.inf)[..., :-age]
        rows -= np.where(is_open == ABSENT, 0.0, off_kw)
        lp.at_least(f"ratchet_{age}", total("wdm->wdm", billed) - remembered - while_open, rows)


def _charge(lp: LinearProgram, data: Inputs, billed: Columns, excess: Columns) -> None:
    w, _, m = grid(billed)
    place, shape = (w, data.demand_site[:, None], m), lp.shape("wsm")
    for_peak = total_at("wsm", shape, billed, place, data.demand_usd_per_kw)
    for_excess = total_at("wsm", shape, excess, place, data.excess_usd_per_kw)
    lp.spend("demand_charges", for_peak + for_excess)
