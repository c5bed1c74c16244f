"""The model as the PuLP documentation teaches: dictionaries of variables, ``lpSum``, ``prob += row``.

Numbers come as plain Python floats and keys as small integers, which is the fastest of the usual styles.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pulp

from benchmarks.measure import Exists, Values
from optimizer.decisions import reserved_kw
from optimizer.inputs import NEVER, Inputs

Key = tuple[int, ...]
Variables = dict[Key, pulp.LpVariable]
Sums = list[pulp.LpAffineExpression]


@dataclass
class Model:
    """The problem and its variables, by decision and place."""

    problem: pulp.LpProblem
    variables: dict[str, Variables]
    exists: Exists


def build(data: Inputs, exists: Exists) -> Model:
    """Variables, money, rows."""
    problem = pulp.LpProblem("relocation", pulp.LpMaximize)
    variables = {name: _variables(problem, name, mask) for name, mask in exists.items()}
    cash_flow, capital = _money(data, variables)
    discount = data.discount.tolist()
    periods = range(len(data.periods))
    problem += pulp.lpSum(discount[m] * cash_flow[m] for m in periods) + _not_cash(data, variables)
    _balances(problem, data, variables)
    _limits(problem, data, variables)
    _cash(problem, data, cash_flow, capital)
    return Model(problem, variables, exists)


def solve(model: Model, method: str, time_limit_s: float) -> None:
    """PuLP's own HiGHS interface."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        model.problem.solve(pulp.HiGHS(msg=False, timeLimit=time_limit_s, solver=method))


def extract(model: Model) -> tuple[float, Values]:
    """Objective, and values of every decision."""
    values = {}
    for name, variables in model.variables.items():
        values[name] = np.zeros(model.exists[name].shape)
        for key, variable in variables.items():
            values[name][key] = variable.varValue
    return pulp.value(model.problem.objective), values


def _variables(problem: pulp.LpProblem, name: str, mask: np.ndarray) -> Variables:
    keys = [tuple(key) for key in np.argwhere(mask).tolist()]
    return problem.add_variable_dicts(name, keys, lowBound=0)


def _money(data: Inputs, v: dict[str, Variables]) -> tuple[Sums, Sums]:
    """Cash flow and its capital part, by period."""
    margin = data.margin_usd[0].tolist()
    upkeep, order, sale = data.maintenance_usd.tolist(), data.order_usd.tolist(), data.sale_usd.tolist()
    deinstall, install = data.deinstall_usd.tolist(), data.install_usd.tolist()
    on_the_road = data.insurance_usd + data.customs_usd + data.breakage_usd
    road = (data.freight_usd[:, :, None] + on_the_road).tolist()
    operating: dict[int, Sums] = defaultdict(list)
    capital: dict[int, Sums] = defaultdict(list)
    for (lot, s, p, m), running in v["running"].items():
        operating[m].append(margin[lot][s][p][m] * running)
    for (lot, _, m), staying in v["staying"].items():
        operating[m].append(-upkeep[lot][m] * staying)
    for (lot, s, _, m), arriving in v["arriving"].items():
        operating[m].append(-upkeep[lot][m] * arriving)
        capital[m].append(-install[s] * arriving)
    for (_, s, m), departing in v["departing"].items():
        capital[m].append(-deinstall[s] * departing)
    for (lot, k, m), shipped in v["shipped"].items():
        capital[m].append(-road[lot][k][m] * shipped)
    for (lot, _, m), ordered in v["ordered"].items():
        capital[m].append(-order[lot][m] * ordered)
    for (lot, _, m), sold in v["sold"].items():
        capital[m].append(sale[lot][m] * sold)
    periods = range(len(data.periods))
    cash_flow = [pulp.lpSum(operating[m] + capital[m]) for m in periods]
    return cash_flow, [pulp.lpSum(capital[m]) for m in periods]


def _not_cash(data: Inputs, v: dict[str, Variables]) -> pulp.LpAffineExpression:
    """Discounted: what machines are worth at the horizon, less the expected loss to law that may come."""
    last = len(data.periods) - 1
    worth = -data.legal_risk_usd[0] * data.discount
    worth[:, :, last] += data.discount[last] * data.end_value_usd[:, None]
    each = worth.tolist()
    stay = pulp.lpSum(each[lot][s][m] * staying for (lot, s, m), staying in v["staying"].items())
    return stay + pulp.lpSum(each[lot][s][m] * arriving for (lot, s, _, m), arriving in v["arriving"].items())


def _balances(problem: pulp.LpProblem, data: Inputs, v: dict[str, Variables]) -> None:
    """At a site machines stay or depart; at a hub they are shipped or sold, and what comes settles."""
    lots, sites, hubs, periods = (
        range(len(each)) for each in (data.lots, data.sites, data.hubs, data.periods)
    )
    classes = range(len(data.arrival_classes))
    start, hub = data.start_machines.tolist(), data.hub_of_site.tolist()
    sites_of = {h: [s for s in sites if hub[s] == h] for h in hubs}
    leaving, coming = _roads(data, v)
    for lot in lots:
        for s in sites:
            for m in periods:
                here = [v[name][lot, s, m] for name in ("staying", "departing") if (lot, s, m) in v[name]]
                stood = [v["staying"][lot, s, m - 1]] if (lot, s, m - 1) in v["staying"] else []
                stood += [v["arriving"][key] for c in classes if (key := (lot, s, c, m - 1)) in v["arriving"]]
                if here or stood:
                    problem += pulp.lpSum(here) == pulp.lpSum(stood) + (start[lot][s] if m == 0 else 0)
        for h in hubs:
            for m in periods:
                departs = [v["departing"][key] for s in sites_of[h] if (key := (lot, s, m)) in v["departing"]]
                sold = [v["sold"][lot, h, m]] if (lot, h, m) in v["sold"] else []
                if departs or sold or leaving[lot, h, m]:
                    problem += pulp.lpSum(departs) == pulp.lpSum(leaving[lot, h, m] + sold)
                for c in classes:
                    settles = [
                        v["arriving"][key] for s in sites_of[h] if (key := (lot, s, c, m)) in v["arriving"]
                    ]
                    if settles or coming[lot, h, c, m]:
                        problem += pulp.lpSum(coming[lot, h, c, m]) == pulp.lpSum(settles)


def _roads(data: Inputs, v: dict[str, Variables]) -> tuple[dict[Key, list[pulp.LpVariable]], ...]:
    """What leaves a hub by period of departure, and what comes by period and class of arrival."""
    leaving: dict[Key, list[pulp.LpVariable]] = defaultdict(list)
    coming: dict[Key, list[pulp.LpVariable]] = defaultdict(list)
    origin, target = data.corridor_from.tolist(), data.corridor_to.tolist()
    due, kind = data.arrival_period.tolist(), data.arrival_class.tolist()
    for (lot, k, m), shipped in v["shipped"].items():
        leaving[lot, origin[k], m].append(shipped)
        coming[lot, target[k], kind[k][m], due[k][m]].append(shipped)
    due, kind = data.order_arrival_period.tolist(), data.order_arrival_class.tolist()
    for (lot, h, m), ordered in v["ordered"].items():
        if due[lot][m] != NEVER:
            coming[lot, h, kind[lot][m], due[lot][m]].append(ordered)
    return leaving, coming


def _limits(problem: pulp.LpProblem, data: Inputs, v: dict[str, Variables]) -> None:
    """Service, power of sites and groups, crews, concentration, orders."""
    _service(problem, data, v)
    _power(problem, data, v["running"], v["arriving"])
    _crew(problem, data.crew_out_machines, v["departing"])
    _crew(problem, data.crew_in_machines, v["arriving"])
    _concentration(problem, data, v)
    ordered_of = defaultdict(list)
    for (lot, _, _), ordered in v["ordered"].items():
        ordered_of[lot].append(ordered)
    for lot, ordered in ordered_of.items():
        problem += pulp.lpSum(ordered) <= float(data.max_orders[lot])


def _service(problem: pulp.LpProblem, data: Inputs, v: dict[str, Variables]) -> None:
    """What runs stands there; what has just arrived serves the rest of the period."""
    present = (1.0 - data.missed_share).tolist()
    serves: dict[Key, Sums] = defaultdict(list)
    runs: dict[Key, list[pulp.LpVariable]] = defaultdict(list)
    for place, staying in v["staying"].items():
        serves[place].append(staying)
    for (lot, s, kind, m), arriving in v["arriving"].items():
        serves[lot, s, m].append(present[s][kind][m] * arriving)
    for (lot, s, _, m), running in v["running"].items():
        runs[lot, s, m].append(running)
    for place, there in serves.items():
        problem += pulp.lpSum(runs[place]) <= pulp.lpSum(there)


def _power(problem: pulp.LpProblem, data: Inputs, running: Variables, arriving: Variables) -> None:
    draws: dict[Key, Sums] = defaultdict(list)
    meter_kw = data.meter_kw.tolist()
    for (lot, s, profile, m), machines in running.items():
        draws[s, m].append(meter_kw[lot][s][profile][m] * machines)
    reserved = reserved_kw(data).tolist()
    for (lot, s, kind, m), machines in arriving.items():
        draws[s, m].append(reserved[lot][s][kind][m] * machines)
    for (s, m), drawn_kw in draws.items():
        problem += pulp.lpSum(drawn_kw) <= float(data.max_power_kw[s, m])
    for members, limit_kw in zip(data.power_group_members, data.power_group_kw.tolist(), strict=True):
        inside = np.flatnonzero(members).tolist()
        for m in range(len(data.periods)):
            problem += pulp.lpSum(kw for s in inside for kw in draws[s, m]) <= limit_kw[m]


def _crew(problem: pulp.LpProblem, limit: np.ndarray, handled: Variables) -> None:
    """Machines that a crew handles at a site in a period: keys are lot, site, ..., period."""
    crew: dict[Key, list[pulp.LpVariable]] = defaultdict(list)
    for (_, s, *_, m), machines in handled.items():
        crew[s, m].append(machines)
    for (s, m), machines in crew.items():
        problem += pulp.lpSum(machines) <= float(limit[s, m])


def _concentration(problem: pulp.LpProblem, data: Inputs, v: dict[str, Variables]) -> None:
    standing: dict[int, list[tuple[int, int, pulp.LpVariable]]] = defaultdict(list)
    for name in ("staying", "arriving"):
        for (lot, s, *_, m), machines in v[name].items():
            standing[m].append((lot, s, machines))
    for q, members in enumerate(data.concentration_members.tolist()):
        weight, share = data.concentration_weight[q].tolist(), data.concentration_max_share[q].tolist()
        for m, limit in enumerate(share):
            if limit < float("inf"):
                excess = [
                    (members[s] - limit) * weight[lot][m] * machines for lot, s, machines in standing[m]
                ]
                problem += pulp.lpSum(excess) <= 0


def _cash(problem: pulp.LpProblem, data: Inputs, cash_flow: Sums, capital: Sums) -> None:
    """The balance carries over and stays above its floor; capital spending has a ceiling."""
    periods = range(len(data.periods))
    balance = problem.add_variable_dicts("cash_balance", periods)
    for m in periods:
        balance[m].lowBound = float(data.min_cash_usd[m])
        before = balance[m - 1] if m else data.opening_cash_usd
        problem += balance[m] == before + cash_flow[m]
        problem += capital[m] >= -float(data.max_capex_usd[m])
