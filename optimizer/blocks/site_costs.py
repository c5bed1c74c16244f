"""What a site costs beside its power: hosting and own running cost, upkeep, and being open at all.

Opening is a yes-or-no decision only at sites where it has a price: a fixed monthly cost, an opening or
exit fee, a deposit, a minimum term or a minimum size. Elsewhere no such column exists.
"""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions, most_machines
from optimizer.inputs import Inputs
from optimizer.lp import ABSENT, Bools, Columns, Expr, Floats, LinearProgram, last_period, total


def site_costs(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Lines hosting, site_opex, maintenance; then opening and building where a site has them."""
    lp.spend("hosting", total("wlspm,wlspm->wsm", plan.running, data.hosting_usd))
    lp.spend("site_opex", total("wlspm,wlspm->wsm", plan.running, data.site_opex_usd))
    lp.spend("maintenance", plan.standing("wlsm,lm->wsm", data.maintenance_usd))
    if data.needs_opening.any():
        _opening(lp, data, plan)
    if np.isfinite(data.built_at_start_kw).any():
        _building(lp, data, plan)


def _opening(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Columns site_open (whole), opens, closes; rows keep them one story; lines for what each costs."""
    has = np.asarray(data.needs_opening)[:, None]
    commit = ("w", data.commit_periods)
    signed = np.asarray(data.is_signed)  # a contract that runs leaves nothing to decide
    is_open = lp.variable(
        "site_open", "wsm", exists=has, lower=signed, upper=1.0, is_integer=~signed, shared=commit
    )
    opens = lp.variable("site_opens", "wsm", exists=has, upper=1.0, shared=commit)
    closes = lp.variable("site_closes", "wsm", exists=has, upper=1.0, shared=commit)
    was_open = np.zeros(lp.shape("wsm"))
    was_open[..., 0] = data.is_open_at_start & data.needs_opening
    change = total("wsm->wsm", is_open) - total("wsm->wsm", last_period(is_open))
    lp.equal("opening", change - total("wsm->wsm", opens) + total("wsm->wsm", closes), was_open)
    room = _room_machines(data)
    lp.at_most(
        "open_to_stand", plan.standing("wlsm->wsm") - total("wsm,s->wsm", is_open, room), _where(has, 0.0, lp)
    )
    # The rest is implied for whole answers; it keeps the relaxed programme close to them.
    each = np.minimum(most_machines(data)[:, None], room)  # (l, s)
    by_lot = plan.standing("wlsm->wlsm") - _spread(lp, is_open, each)
    lp.at_most("open_to_stand_by_lot", by_lot, np.broadcast_to(np.where(has, 0.0, np.inf), by_lot.shape))
    drawn_kw = plan.drawn_kw(data)
    is_limited = np.isfinite(data.max_power_kw)
    capacity_kw = total("wsm,sm->wsm", is_open, np.where(is_limited, data.max_power_kw, 0.0))
    lp.at_most("open_to_run", drawn_kw - capacity_kw, _where(has & is_limited, 0.0, lp))
    size_kw = plan.standing("wlsm,l->wsm", data.machine_power_kw)
    lp.at_least(
        "minimum_size",
        size_kw - total("wsm,s->wsm", is_open, data.min_power_kw),
        _where(has, 0.0, lp, -np.inf),
    )
    _minimum_term(lp, data, is_open, opens)
    lp.spend("site_fixed", total("wsm,sm->wsm", is_open, data.fixed_usd))
    lp.spend("site_opening", total("wsm,s->wsm", opens, data.opening_usd), is_capital=True)
    lp.spend("site_exit", total("wsm,s->wsm", closes, data.exit_usd), is_capital=True)
    at_end = np.arange(len(data.periods)) == len(data.periods) - 1
    paid = total("wsm,s->wsm", opens, data.deposit_usd) - total("wsm,s->wsm", closes, data.deposit_usd)
    held = total("wsm,sm->wsm", is_open, data.deposit_usd[:, None] * at_end)
    lp.spend("deposits", paid - held, is_capital=True)


def _minimum_term(lp: LinearProgram, data: Inputs, is_open: Columns, opens: Columns) -> None:
    """A site that opened within its term is open; a term that runs past the horizon is cut there."""
    recent = total("wsm->wsm", opens)
    for age in range(1, int(data.min_term_periods.max(initial=0))):
        earlier = np.full_like(opens, ABSENT)
        earlier[..., age:] = np.where(data.min_term_periods[:, :-age] > age, opens[..., :-age], ABSENT)
        recent = recent + total("wsm->wsm", earlier)
    has_term = np.any(data.min_term_periods > 1, axis=1, keepdims=True)
    lp.at_most("minimum_term", recent - total("wsm->wsm", is_open), _where(has_term, 0.0, lp))


def _building(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Columns built_kw: power that machines draw must have been built, this period or before."""
    must_build = np.isfinite(data.built_at_start_kw)[:, None]
    built = lp.variable("built_kw", "wsm", exists=must_build, shared=("w", data.commit_periods))
    drawn_kw = plan.drawn_kw(data)
    so_far = total("wsm->wsm", built)
    for age in range(1, len(data.periods)):
        earlier = np.full_like(built, ABSENT)
        earlier[..., age:] = built[..., :-age]
        so_far = so_far + total("wsm->wsm", earlier)
    lp.at_most(
        "built_power", drawn_kw - so_far, np.broadcast_to(data.built_at_start_kw[:, None], lp.shape("wsm"))
    )
    lp.spend("building", total("wsm,s->wsm", built, data.build_usd_per_kw), is_capital=True)


def _spread(lp: LinearProgram, is_open: Columns, weights: Floats) -> Expr:
    """Every site's column once for each lot, weighted by (l, s)."""
    shape = lp.shape("wlsm")
    columns = np.broadcast_to(is_open[:, None], shape)
    return total("wlsm,ls->wlsm", columns, weights)


def _room_machines(data: Inputs) -> Floats:
    """(s) the most machines that can stand: the racks, or all that there are and can be bought."""
    return np.asarray(np.minimum(data.max_machines, most_machines(data).sum()))


def _where(has: Bools, limit: float, lp: LinearProgram, otherwise: float = np.inf) -> Floats:
    return np.broadcast_to(np.where(has, limit, otherwise), lp.shape("wsm"))
