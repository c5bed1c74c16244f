"""From the values of the model's columns to a plan's tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import pandas as pd

from optimizer.decisions import Decisions
from optimizer.inputs import Floats, Inputs
from optimizer.invoices import invoiced
from optimizer.lp import Columns, Line, LinearProgram
from optimizer.plan_tables import COLUMNS, PlanTables
from optimizer.walks import DUST, Move, walks

Trips = dict[tuple[int, int, Move], float]  # machines by scenario, lot and move


def tables(lp: LinearProgram, data: Inputs, plan: Decisions, values: Floats) -> PlanTables:
    """Every table of the plan that the values describe."""
    values, trips = invoiced(lp, data, values), _trips(data, plan, values)
    moves, purchases, sales = (_trip_table(data, trips, kind) for kind in ("moves", "purchases", "sales"))
    return PlanTables(
        placement=_placement(data, plan, values),
        running=_running(data, plan, values),
        moves=moves,
        purchases=purchases,
        sales=sales,
        openings=_openings(lp, data, values),
        ledger=_ledger(lp, data, values, trips),
    )


def at(values: Floats, columns: Columns) -> Floats:
    """Values of an array of columns; 0 where the column does not exist."""
    return np.asarray(np.append(values, 0.0)[columns])


def standing(plan: Decisions, values: Floats) -> Floats:
    """(w, l, s, m) machines at each site."""
    return np.asarray(at(values, plan.staying) + at(values, plan.arriving).sum(axis=3))


def _placement(data: Inputs, plan: Decisions, values: Floats) -> pd.DataFrame:
    machines = standing(plan, values)
    return _long(data, "wlsm", machines > DUST, {"machines": machines})[list(COLUMNS["placement"])]


def _running(data: Inputs, plan: Decisions, values: Floats) -> pd.DataFrame:
    running = at(values, plan.running)
    share = data.block_share[:, data.profile_block]  # (s, p, m) of the period
    columns = {
        "machines": running * share,
        "meter_kw": running * share * data.meter_kw,
        "hashrate_ths": running * share * data.hashrate_ths[:, None, :, None],
        "run_hours": running * data.run_hours,
        "energy_kwh": running * data.energy_kwh,
        "mined_btc": running * data.mined_btc,
    }
    return _long(data, "wlspm", running > DUST, columns)[list(COLUMNS["running"])]


_AXIS_COLUMNS = {"w": "scenario", "l": "lot", "s": "site", "m": "period", "p": "profile", "e": "entity"}


def _long(data: Inputs, axes: str, shown: np.ndarray, columns: Mapping[str, Floats]) -> pd.DataFrame:
    """One row per shown cell: its labels, then the columns' values there."""
    places = np.nonzero(shown)
    labels = {
        _AXIS_COLUMNS[axis]: np.array(data.labels[axis], dtype=object)[index]
        for axis, index in zip(axes, places, strict=True)
    }
    return pd.DataFrame({**labels, **{name: array[places] for name, array in columns.items()}})


def _trips(data: Inputs, plan: Decisions, values: Floats) -> Trips:
    """Machines by scenario, lot and move, with like moves of different walks taken together."""
    found: Trips = defaultdict(float)
    for scenario in range(len(data.scenarios)):
        for walk, count in walks(data, plan, values, scenario):
            for move in walk.moves:
                found[scenario, walk.lot, move] += count
    return dict(
        sorted(found.items(), key=lambda trip: (trip[0][0], trip[0][2].leaves, trip[0][1], str(trip[0][2])))
    )


def _kind(move: Move) -> str:
    if move.origin is None:
        return "purchases"
    return "sales" if move.target is None else "moves"


def _trip_table(data: Inputs, trips: Trips, kind: str) -> pd.DataFrame:
    rows = [
        _trip_row(data, scenario, lot, move, count)
        for (scenario, lot, move), count in trips.items()
        if _kind(move) == kind
    ]
    return pd.DataFrame(rows, columns=sorted({key for row in rows for key in row} | set(COLUMNS[kind])))[
        list(COLUMNS[kind])
    ]


def _trip_row(data: Inputs, scenario: int, lot: int, move: Move, count: float) -> dict[str, object]:
    sites, periods = data.sites, data.periods
    row: dict[str, object] = {"scenario": data.scenarios[scenario], "lot": data.lots[lot], "machines": count}
    if move.target is not None:
        row |= {"to_site": sites[move.target], "arrives": periods[move.arrives]}
    if move.origin is not None:
        row |= {
            "from_site": sites[move.origin],
            "leaves": periods[move.leaves],
            "period": periods[move.leaves],
        }
    if move.corridor is not None:
        row["corridor"] = data.corridors[move.corridor]
    money = {line: amount for line, _, _, amount in _trip_money(data, lot, move, count)}
    if _kind(move) == "sales":
        kind = "handed in" if move.is_handed_in else "sold"
        return row | {"income_usd": money.get("sales", 0.0), "kind": kind}
    cost = -sum(money.values())
    return row | {"cost_usd": cost, "ordered": periods[move.leaves]}


def _trip_money(data: Inputs, lot: int, move: Move, count: float) -> list[tuple[str, int, int, float]]:
    """Line, site, period and amount of everything that one trip pays: also what its two sites do by hand."""
    money: list[tuple[str, int, int, float]] = []
    if move.origin is not None:
        money.append(("deinstallation", move.origin, move.leaves, -count * data.deinstall_usd[move.origin]))
    if move.origin is not None and move.target is None and not move.is_handed_in:
        money.append(("sales", move.origin, move.leaves, count * data.sale_usd[lot, move.leaves]))
    if move.target is not None:
        money.append(("installation", move.target, move.arrives, -count * data.install_usd[move.target]))
    if move.origin is None and move.target is not None:
        hub = data.hub_of_site[move.target]
        paid = {"purchases": data.order_usd[lot, move.leaves]}
        paid |= {"import": data.order_customs_usd[lot, hub, move.leaves]}
        money += [(line, move.target, move.leaves, -count * float(each)) for line, each in paid.items()]
    if move.corridor is not None and move.target is not None:
        k, m = move.corridor, move.leaves
        road = {
            "freight": data.freight_usd[lot, k],
            "insurance": data.insurance_usd[lot, k, m],
            "customs": data.customs_usd[lot, k, m],
            "breakage": data.breakage_usd[lot, k, m],
        }
        money += [(line, move.target, m, -count * float(each)) for line, each in road.items()]
    return money


def _openings(lp: LinearProgram, data: Inputs, values: Floats) -> pd.DataFrame:
    shape = lp.shape("wsm")
    names = {"is_open": "site_open", "opens": "site_opens", "closes": "site_closes", "built_kw": "built_kw"}
    found = {
        column: at(values, lp.variables[name][1]) if name in lp.variables else np.zeros(shape)
        for column, name in names.items()
    }
    shown = np.broadcast_to(data.needs_opening[:, None], shape) | (found["built_kw"] > DUST)
    return _long(data, "wsm", shown, found)[list(COLUMNS["openings"])]


def _ledger(lp: LinearProgram, data: Inputs, values: Floats, trips: Trips) -> pd.DataFrame:
    """Lines by site and period; what a trip pays on the road stands at the site that it leads to.

    What a company pays as a whole stands at no site.
    """
    direct = ("wsm", "wem")
    amounts = {name: line.expr.value(values) for name, line in lp.ledger.items() if line.expr.axes in direct}
    of_trips = [name for name in lp.ledger if name not in amounts]
    amounts |= {name: np.zeros(lp.shape("wsm")) for name in of_trips}
    for (scenario, lot, move), count in trips.items():
        for name, site, period, amount in _trip_money(data, lot, move, count):
            if name in of_trips:
                amounts[name][scenario, site, period] += amount
    tables = [_ledger_line(lp, data, name, amounts[name], line) for name, line in lp.ledger.items()]
    return pd.concat(tables, ignore_index=True)[list(COLUMNS["ledger"])]


def _ledger_line(lp: LinearProgram, data: Inputs, name: str, amounts: Floats, line: Line) -> pd.DataFrame:
    axes = "wem" if line.expr.axes == "wem" else "wsm"
    worth = np.broadcast_to(lp.worth[:, None, :], lp.shape(axes))
    columns = {"amount_usd": amounts, "present_value_usd": amounts * worth}
    table = _long(data, axes, amounts != 0.0, columns)
    if axes == "wem":
        table["site"] = ""
    else:
        owner = dict(zip(data.sites, np.array(data.entities)[data.entity_of_site], strict=True))
        table["entity"] = table.site.map(owner)
    return table.assign(line=name, is_cash=line.is_cash, is_capital=line.is_capital)
