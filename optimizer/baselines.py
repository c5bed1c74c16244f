"""What a plan is held against: staying put, and moving everything at once to the cheapest power.

Both go through the same model with decisions held, so that their money is the same money. Limits that a
user sets on the plan (shares, cash, crews) do not hold for them: they describe what is, or what a hurried
operator would do, and must exist whatever one wishes for. Law, roads, connections and racks do hold.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.decisions import OF_TAX, Decisions
from optimizer.economics import HOURS_PER_DAY
from optimizer.inputs import Floats, Inputs
from optimizer.lp import ABSENT, Columns, Line, LinearProgram, total
from optimizer.narrowing import maximize_narrowed
from optimizer.solvers import Options, Solution, maximize

USER_LIMITS = ("concentration", "capex", "cash_balance", "crew_out", "crew_in")


def stay_put(lp: LinearProgram, data: Inputs, plan: Decisions, options: Options) -> Solution:
    """Nothing is moved, bought or sold; what runs, and which sites stay open, is still chosen."""
    held = _without_user_limits(lp)
    for columns in (plan.shipped, plan.ordered, plan.sold, plan.departing, plan.arriving):
        held.forbid(columns, True)
    return maximize_narrowed(held, data, plan, replace(options, door="highs"))


def cheapest_power(lp: LinearProgram, data: Inputs, plan: Decisions, options: Options) -> Solution:
    """Everything is moved once, in the first period, to where a kWh costs least.

    Freight, customs, risk and resale are ignored in choosing, as one does who fills sites by tariff; they are
    paid all the same. A kWh costs what its hours do, coincident peaks less credits, and demand charges at
    full load. Volume steps, standing charges, minimum bills, ratchets, power above contract and supply bought
    ahead are ignored too: they have no price for a machine by itself. Its ``objective`` is in the plan's own
    money.
    """
    held = _without_user_limits(lp)
    later = np.arange(len(data.periods)) > 0
    for columns in (plan.ordered, plan.sold):
        held.forbid(columns, True)
    for columns in (plan.shipped, plan.departing):
        held.forbid(columns, later)
    costs = _power_usd(data)
    per_kwh = np.divide(costs, data.energy_kwh, out=np.zeros_like(costs), where=data.energy_kwh > 0)
    dearest = float(per_kwh.max(initial=0.0))
    weight = (
        dearest + 1e-3 * max(dearest, 1e-3)
    ) * data.energy_kwh - costs  # the dearest site is hardly worth it
    appeal = total("wlspm,wlspm->wsm", plan.running, weight)
    if "site_open" in lp.variables:  # a cent, so that no site is opened for nothing
        appeal = appeal - total("wsm->wsm", lp.variables["site_open"][1], 0.01)
    held.ledger = {"appeal": Line(appeal, is_cash=False, is_capital=False)}
    found = maximize_narrowed(held, data, plan, replace(options, door="highs"))
    return _paid_for(lp, held, plan, found, options) if found.status.has_plan else found


def _power_usd(data: Inputs) -> Floats:
    """(w, l, s, p, m) what the power of a machine in service costs, as far as it has a price by the kWh."""
    by_hour = data.energy_usd + data.delivery_usd + data.levy_usd + data.hosting_usd + data.site_opex_usd
    demand = _demand_usd_per_kwh(data)[None, None, :, None, :] * data.energy_kwh
    return by_hour + data.peak_usd - data.credit_usd + demand


def _demand_usd_per_kwh(data: Inputs) -> Floats:
    """(s, m) demand charges of a kW over the kWh that it takes when it runs in every lawful hour.

    A charge counts where its window covers any block in which machines of the site run.
    """
    runs = np.asarray(data.can_run.any(axis=0))  # (s, p, m)
    full_hours = HOURS_PER_DAY * data.period_days * data.allowed_share
    per_kw = np.zeros(full_hours.shape)
    for charge, site in enumerate(data.demand_site):
        counts = (runs[site] & data.demand_window[charge][data.profile_block]).any(axis=0)
        per_kw[site] += np.where(counts, data.demand_usd_per_kw[charge], 0.0)
    return np.divide(per_kw, full_hours, out=np.zeros_like(per_kw), where=full_hours > 0)


def _paid_for(
    lp: LinearProgram, held: LinearProgram, plan: Decisions, found: Solution, options: Options
) -> Solution:
    """The same machines in the same places, with what they cost: peaks, tax and loans follow, at their
    best."""
    counted = np.zeros(len(lp.upper), dtype=bool)
    for columns in plan.of_machines().values():
        counted[_present(columns)] = True
    of_tax = lp.marked(*OF_TAX)
    chosen = lp.is_integer & ~of_tax
    whole = counted | chosen
    fixed = np.where(chosen, np.round(found.values), found.values)
    priced = replace(
        held,
        ledger=lp.ledger,
        lower=np.where(whole, fixed, held.lower),
        upper=np.where(whole, fixed, held.upper),
        is_integer=of_tax,
    )
    return replace(maximize(priced, replace(options, door="highs")), bound=float("nan"))


def _without_user_limits(lp: LinearProgram) -> LinearProgram:
    freed = replace(
        lp,
        lower=lp.lower.copy(),
        upper=lp.upper.copy(),
        row_low=lp.row_low.copy(),
        row_high=lp.row_high.copy(),
        ledger=dict(lp.ledger),
    )
    for family in USER_LIMITS:
        numbers = _present(freed.rows[family][1]) if family in freed.rows else np.empty(0, dtype=np.int64)
        freed.row_low[numbers], freed.row_high[numbers] = -np.inf, np.inf
    return freed


def _present(columns: Columns) -> Columns:
    return np.asarray(columns[columns != ABSENT])
