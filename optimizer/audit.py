"""An independent re-computation of a plan from its tables, with plain arithmetic.

Nothing here is shared with the model that made the plan: no columns, no rows, no blocks. The tables and
the inputs go in; what does not fit comes out. A plan with findings is never shown as a result.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.inputs import AXES, NEVER, Floats, Inputs
from optimizer.plan_tables import PlanTables

TOLERANCE = 1e-6  # relative to the size of what is compared

NOT_CASH = ("legal_risk", "end_value")
CURRENT = (
    *("hash_revenue", "pool_fees", "energy", "delivery", "levies", "hosting", "site_opex"),
    *("maintenance", "site_fixed"),
)
CAPITAL = (
    *("deinstallation", "installation", "freight", "insurance", "customs", "breakage"),
    *("purchases", "sales", "site_opening", "site_exit", "deposits", "building"),
)

AXIS_OF_COLUMN = {
    "scenario": "w",
    "lot": "l",
    "site": "s",
    "from_site": "s",
    "to_site": "s",
    "profile": "p",
    "corridor": "k",
    "period": "m",
    "leaves": "m",
    "arrives": "m",
    "ordered": "m",
}


@dataclass(frozen=True)
class Finding:
    """One thing in a plan that does not hold: which rule, where, and by how much."""

    check: str
    where: str
    found: float
    limit: float

    def __str__(self) -> str:
        return f"{self.check} at {self.where}: {self.found:,.6g}, expected {self.limit:,.6g}"


def audit(
    tables: PlanTables,
    data: Inputs,
    objective_usd: float,
    *,
    is_whole: bool,
    trusted_lines: Collection[str] = (),
) -> list[Finding]:
    """Everything in the plan that does not hold; empty for a sound plan.

    ``trusted_lines`` are lines of money that a notebook's own block adds and that nothing here can recompute.
    """
    try:
        return list(_findings(tables, data, objective_usd, trusted_lines, is_whole=is_whole))
    except KeyError as error:
        return [Finding(f"unknown name {error} in the tables", "the plan", 1.0, 0.0)]


def _findings(
    tables: PlanTables, data: Inputs, objective_usd: float, trusted_lines: Collection[str], *, is_whole: bool
) -> Iterator[Finding]:
    flows = _Flows.read(tables, data)
    checks = (
        _counts(tables, is_whole=is_whole),
        _stock(flows, data),
        _trips(tables, data),
        _service(flows, data),
        _law(flows, data),
        _power(flows, data),
        _handling(flows, data),
        _shares(flows, data),
        _openings(tables, flows, data),
        _figures(tables, data),
        _money(tables, flows, data, trusted_lines),
        _cash(tables, data),
        _present_value(tables, data, objective_usd),
    )
    for check in checks:
        yield from check


@dataclass(frozen=True)
class _Flows:
    """The tables as dense arrays, (w, l, s, ..., m)."""

    standing: Floats  # (w, l, s, m)
    running: Floats  # (w, l, s, p, m)
    leaving: Floats  # (w, l, s, m) by move or sale
    coming: Floats  # (w, l, s, m) by move or purchase
    lost: Floats  # (w, l, s, m) machine-periods that arrivals are still under way
    ordered: Floats  # (w, l, m)
    sold: Floats  # (w, l, m)

    @classmethod
    def read(cls, tables: PlanTables, data: Inputs) -> _Flows:
        moves, bought, sold = tables.moves, tables.purchases, tables.sales
        by_move = _dense(moves, data, ("scenario", "lot", "to_site", "arrives"), moves.machines)
        by_order = _dense(bought, data, ("scenario", "lot", "to_site", "arrives"), bought.machines)
        return cls(
            standing=_dense(
                tables.placement, data, ("scenario", "lot", "site", "period"), tables.placement.machines
            ),
            running=_dense(
                tables.running,
                data,
                ("scenario", "lot", "site", "profile", "period"),
                tables.running.machines,
            ),
            leaving=_dense(moves, data, ("scenario", "lot", "from_site", "leaves"), moves.machines)
            + _dense(sold, data, ("scenario", "lot", "from_site", "period"), sold.machines),
            coming=by_move + by_order,
            lost=_lost(tables, data),
            ordered=_dense(bought, data, ("scenario", "lot", "ordered"), bought.machines),
            sold=_dense(sold, data, ("scenario", "lot", "period"), sold.machines),
        )


def _places(table: pd.DataFrame, data: Inputs, columns: tuple[str, ...]) -> tuple[np.ndarray, ...]:
    numbers = []
    for column in columns:
        index = {name: i for i, name in enumerate(data.labels[AXIS_OF_COLUMN[column]])}
        numbers.append(np.array([index[name] for name in table[column]], dtype=np.int64))
    return tuple(numbers)


def _dense(table: pd.DataFrame, data: Inputs, columns: tuple[str, ...], values: pd.Series | Floats) -> Floats:
    sums = np.zeros([len(data.labels[AXIS_OF_COLUMN[column]]) for column in columns])
    np.add.at(sums, _places(table, data, columns), np.asarray(values, dtype=float))
    return sums


def _lost(tables: PlanTables, data: Inputs) -> Floats:
    moves, bought = tables.moves, tables.purchases
    corridor, target, leaves, arrives = _places(moves, data, ("corridor", "to_site", "leaves", "arrives"))
    by_move = (
        moves.machines.to_numpy(dtype=float)
        * data.missed_share[target, data.arrival_class[corridor, leaves], arrives]
    )
    lot, bought_to, ordered, came = _places(bought, data, ("lot", "to_site", "ordered", "arrives"))
    by_order = (
        bought.machines.to_numpy(dtype=float)
        * data.missed_share[bought_to, data.order_arrival_class[lot, ordered], came]
    )
    into = ("scenario", "lot", "to_site", "arrives")
    return _dense(moves, data, into, by_move) + _dense(bought, data, into, by_order)


def _counts(tables: PlanTables, *, is_whole: bool) -> Iterator[Finding]:
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


def _stock(flows: _Flows, data: Inputs) -> Iterator[Finding]:
    before = np.concatenate(
        [np.broadcast_to(data.start_machines, flows.standing.shape[:3])[..., None], flows.standing[..., :-1]],
        axis=-1,
    )
    yield from _equal(
        "machines do not add up", data, "wlsm", flows.standing, before - flows.leaving + flows.coming
    )
    yield from _at_most("more machines leave than stood there", data, "wlsm", flows.leaving, before)


def _trips(tables: PlanTables, data: Inputs) -> Iterator[Finding]:
    moves, bought = tables.moves, tables.purchases
    origin, target, corridor, leaves, arrives = _places(
        moves, data, ("from_site", "to_site", "corridor", "leaves", "arrives")
    )
    is_wrong = data.arrival_period[corridor, leaves] != arrives
    is_wrong |= data.hub_of_site[origin] != data.corridor_from[corridor]
    is_wrong |= data.hub_of_site[target] != data.corridor_to[corridor]
    for row in np.flatnonzero(is_wrong):
        due = data.arrival_period[corridor[row], leaves[row]]
        yield Finding("a move does not follow its corridor", f"move {row}", float(arrives[row]), float(due))
    lot, target, ordered, arrives = _places(bought, data, ("lot", "to_site", "ordered", "arrives"))
    is_wrong = (data.order_arrival_period[lot, ordered] != arrives) | ~data.can_order[
        lot, data.hub_of_site[target], ordered
    ]
    for row in np.flatnonzero(is_wrong):
        yield Finding("a purchase outside its offer", f"purchase {row}", float(arrives[row]), float(NEVER))


def _service(flows: _Flows, data: Inputs) -> Iterator[Finding]:
    in_service = flows.running.sum(axis=3)
    yield from _at_most(
        "more machines run than stand there", data, "wlsm", in_service, flows.standing - flows.lost
    )
    where_not = np.where(data.can_run, np.inf, 0.0)
    yield from _at_most("machines run where none can", data, "wlspm", flows.running, where_not)


def _law(flows: _Flows, data: Inputs) -> Iterator[Finding]:
    running = flows.running.sum(axis=(1, 3))
    is_closed = (data.allowed_share <= 0) | data.is_sanctioned
    yield from _at_most(
        "machines run against the law", data, "wsm", running, np.where(is_closed, 0.0, np.inf)
    )
    comes = flows.coming.sum(axis=1)
    nowhere = np.where(data.is_sanctioned, 0.0, np.inf)
    yield from _at_most("machines arrive at a sanctioned place", data, "wsm", comes, nowhere)
    yield from _at_most(
        "new load under a moratorium", data, "wsm", _drawn_kw(flows, data), data.moratorium_kw
    )


def _power(flows: _Flows, data: Inputs) -> Iterator[Finding]:
    drawn_kw = _drawn_kw(flows, data)
    yield from _at_most("a connection is overdrawn", data, "wsm", drawn_kw, data.max_power_kw)
    yield from _at_most(
        "more machines than racks", data, "wsm", flows.standing.sum(axis=1), data.max_machines[:, None]
    )
    group_kw = np.einsum("wsm,gs->wgm", drawn_kw, data.power_group_members.astype(float))
    yield from _at_most("a group's power is overdrawn", data, "wgm", group_kw, data.power_group_kw)


def _drawn_kw(flows: _Flows, data: Inputs) -> Floats:
    """Average power in service, and the power that late arrivals need from their day on, kept all period."""
    served = np.einsum("wlspm,lspm->wsm", flows.running, data.meter_kw)
    full_kw = np.max(data.meter_kw * data.can_run, axis=2)
    return np.asarray(served + np.einsum("wlsm,lsm->wsm", flows.lost, full_kw))


def _handling(flows: _Flows, data: Inputs) -> Iterator[Finding]:
    yield from _at_most(
        "a crew takes out too many", data, "wsm", flows.leaving.sum(axis=1), data.crew_out_machines
    )
    yield from _at_most(
        "a crew puts in too many", data, "wsm", flows.coming.sum(axis=1), data.crew_in_machines
    )
    yield from _at_most("more bought than offered", data, "wl", flows.ordered.sum(axis=2), data.max_orders)
    yield from _at_most(
        "more bought in a period than offered", data, "wlm", flows.ordered, data.max_orders_per_period
    )
    yield from _at_most(
        "more sold than the market takes", data, "wm", flows.sold.sum(axis=1), data.max_sales_per_period
    )


def _shares(flows: _Flows, data: Inputs) -> Iterator[Finding]:
    weight = np.einsum("wlsm,qlm->wqsm", flows.standing, data.concentration_weight)
    inside = np.einsum("wqsm,qs->wqm", weight, data.concentration_members.astype(float))
    limit = np.where(np.isfinite(data.concentration_max_share), data.concentration_max_share, 1.0)
    yield from _at_most("too much in one place", data, "wqm", inside, limit * weight.sum(axis=2))


def _openings(tables: PlanTables, flows: _Flows, data: Inputs) -> Iterator[Finding]:
    table, place = tables.openings, ("scenario", "site", "period")
    is_open, opens, closes, built = (
        _dense(table, data, place, table[name]) for name in ("is_open", "opens", "closes", "built_kw")
    )
    priced = data.needs_opening
    may_stand = np.where(priced[:, None] & (is_open < 0.5), 0.0, np.inf)
    yield from _at_most("machines at a closed site", data, "wsm", flows.standing.sum(axis=1), may_stand)
    size_kw = np.einsum("wlsm,l->wsm", flows.standing, data.machine_power_kw)
    yield from _at_most("below the minimum size", data, "wsm", is_open * data.min_power_kw[:, None], size_kw)
    at_start = np.broadcast_to((data.is_open_at_start & priced).astype(float), is_open.shape[:2])
    before = np.concatenate([at_start[..., None], is_open[..., :-1]], axis=-1)
    yield from _equal("opening and closing do not add up", data, "wsm", is_open - before, opens - closes)
    for age in range(1, int(data.min_term_periods.max(initial=0))):
        bound = opens[..., :-age] * (data.min_term_periods[:, :-age] > age)
        if (bound > is_open[..., age:] + TOLERANCE).any():
            yield Finding("closed within its minimum term", f"{age} periods after opening", 1.0, 0.0)
    ready_kw = data.built_at_start_kw[:, None] + np.cumsum(built, axis=-1)
    yield from _at_most("more power drawn than built", data, "wsm", _drawn_kw(flows, data), ready_kw)


def _figures(tables: PlanTables, data: Inputs) -> Iterator[Finding]:
    """What stands beside the counts, again: power, hashrate, hours, energy, bitcoin; which money is which."""
    running = tables.running
    w, lot, site, profile, period = _places(running, data, ("scenario", "lot", "site", "profile", "period"))
    machines = running.machines.to_numpy(dtype=float)
    expected = {
        "meter_kw": data.meter_kw[lot, site, profile, period],
        "hashrate_ths": data.hashrate_ths[lot, profile],
        "run_hours": data.run_hours[w, lot, site, profile, period],
        "energy_kwh": data.energy_kwh[w, lot, site, profile, period],
        "mined_btc": data.mined_btc[w, lot, site, profile, period],
    }
    for name, each in expected.items():
        off = np.abs(running[name].to_numpy(dtype=float) - machines * each)
        size = np.maximum(1.0, np.abs(machines * each))
        if (off > TOLERANCE * size).any():
            yield Finding(f"{name} does not follow from the machines", "running", float(off.max()), 0.0)
    yield from _trip_figures(tables, data)
    ledger = tables.ledger
    for flag, lines in (("is_cash", NOT_CASH), ("is_capital", CAPITAL)):
        is_told = ledger[flag].to_numpy(dtype=bool)
        is_so = ledger.line.isin(lines).to_numpy() != (flag == "is_cash")
        known = ledger.line.isin([*NOT_CASH, *CAPITAL, *CURRENT]).to_numpy()
        if (is_told != is_so)[known].any():
            yield Finding(f"{flag} is wrong", "ledger", 1.0, 0.0)


def _trip_figures(tables: PlanTables, data: Inputs) -> Iterator[Finding]:
    """What each trip is said to cost or bring, and that a yes or no is one or the other."""
    moves, bought, sold = tables.moves, tables.purchases, tables.sales
    lot, origin, target, k, m = _places(moves, data, ("lot", "from_site", "to_site", "corridor", "leaves"))
    road = data.freight_usd[lot, k] + data.insurance_usd[lot, k, m]
    road = road + data.customs_usd[lot, k, m] + data.breakage_usd[lot, k, m]
    by_hand = data.deinstall_usd[origin] + data.install_usd[target]
    yield from _said("moves", "cost_usd", moves, road + by_hand)
    lot, target, m = _places(bought, data, ("lot", "to_site", "ordered"))
    yield from _said("purchases", "cost_usd", bought, data.order_usd[lot, m] + data.install_usd[target])
    lot, m = _places(sold, data, ("lot", "period"))
    yield from _said("sales", "income_usd", sold, data.sale_usd[lot, m])
    answers = tables.openings[["is_open"]].to_numpy(dtype=float)
    if np.abs(answers - np.round(answers)).max(initial=0.0) > TOLERANCE:
        yield Finding("a site that is open by a part", "openings", float(answers.min()), 0.0)


def _said(name: str, column: str, table: pd.DataFrame, each: Floats) -> Iterator[Finding]:
    expected = table.machines.to_numpy(dtype=float) * each
    off = np.abs(table[column].to_numpy(dtype=float) - expected)
    if (off > TOLERANCE * np.maximum(1.0, np.abs(expected))).any():
        yield Finding(f"{column} does not follow from the machines", name, float(off.max()), 0.0)


def _money(
    tables: PlanTables, flows: _Flows, data: Inputs, trusted_lines: Collection[str]
) -> Iterator[Finding]:
    """Every line of the ledger again, from the counts."""
    ledger = tables.ledger
    expected = {
        **_running_money(flows, data),
        **_standing_money(flows, data),
        **_trip_money(tables, data),
        **_site_money(tables, data),
    }
    for line in sorted(set(ledger.line) - set(expected) - set(trusted_lines)):
        yield Finding(
            "a ledger line that nothing explains",
            line,
            float(ledger[ledger.line == line].amount_usd.sum()),
            0.0,
        )
    for line, amounts in expected.items():
        rows = ledger[ledger.line == line]
        booked = _dense(rows, data, ("scenario", "site", "period"), rows.amount_usd)
        yield from _equal(f"ledger line {line}", data, "wsm", booked, amounts)


def _running_money(flows: _Flows, data: Inputs) -> dict[str, Floats]:
    signed = {
        "hash_revenue": data.revenue_usd,
        "pool_fees": -data.pool_fee_usd,
        "energy": -data.energy_usd,
        "delivery": -data.delivery_usd,
        "levies": -data.levy_usd,
        "hosting": -data.hosting_usd,
        "site_opex": -data.site_opex_usd,
    }
    return {line: (flows.running * each).sum(axis=(1, 3)) for line, each in signed.items()}


def _standing_money(flows: _Flows, data: Inputs) -> dict[str, Floats]:
    last = np.arange(len(data.periods)) == len(data.periods) - 1
    return {
        "legal_risk": -(flows.standing * data.legal_risk_usd).sum(axis=1),
        "maintenance": -(flows.standing * data.maintenance_usd[:, None, :]).sum(axis=1),
        "end_value": (flows.standing * data.end_value_usd[:, None, None]).sum(axis=1) * last,
    }


def _trip_money(tables: PlanTables, data: Inputs) -> dict[str, Floats]:
    moves, bought, sold = tables.moves, tables.purchases, tables.sales
    lot, corridor, leaves = _places(moves, data, ("lot", "corridor", "leaves"))
    machines = moves.machines.to_numpy(dtype=float)
    into = ("scenario", "to_site", "leaves")
    road = {
        "freight": data.freight_usd[lot, corridor],
        "insurance": data.insurance_usd[lot, corridor, leaves],
        "customs": data.customs_usd[lot, corridor, leaves],
        "breakage": data.breakage_usd[lot, corridor, leaves],
    }
    lines = {line: -_dense(moves, data, into, machines * each) for line, each in road.items()}
    (origin,), (target,) = _places(moves, data, ("from_site",)), _places(moves, data, ("to_site",))
    lines["deinstallation"] = -_dense(
        moves, data, ("scenario", "from_site", "leaves"), machines * data.deinstall_usd[origin]
    )
    lines["installation"] = -_dense(
        moves, data, ("scenario", "to_site", "arrives"), machines * data.install_usd[target]
    )
    lot, target, ordered = _places(bought, data, ("lot", "to_site", "ordered"))
    count = bought.machines.to_numpy(dtype=float)
    lines["purchases"] = -_dense(
        bought, data, ("scenario", "to_site", "ordered"), count * data.order_usd[lot, ordered]
    )
    lines["installation"] -= _dense(
        bought, data, ("scenario", "to_site", "arrives"), count * data.install_usd[target]
    )
    lot, origin, period = _places(sold, data, ("lot", "from_site", "period"))
    count = sold.machines.to_numpy(dtype=float)
    lines["sales"] = _dense(
        sold, data, ("scenario", "from_site", "period"), count * data.sale_usd[lot, period]
    )
    lines["deinstallation"] -= _dense(
        sold, data, ("scenario", "from_site", "period"), count * data.deinstall_usd[origin]
    )
    return lines


def _site_money(tables: PlanTables, data: Inputs) -> dict[str, Floats]:
    table, place = tables.openings, ("scenario", "site", "period")
    is_open, opens, closes, built = (
        _dense(table, data, place, table[name]) for name in ("is_open", "opens", "closes", "built_kw")
    )
    last = np.arange(len(data.periods)) == len(data.periods) - 1
    deposit = data.deposit_usd[:, None]
    return {
        "site_fixed": -is_open * data.fixed_usd,
        "site_opening": -opens * data.opening_usd[:, None],
        "site_exit": -closes * data.exit_usd[:, None],
        "deposits": (closes - opens) * deposit + is_open * deposit * last,
        "building": -built * data.build_usd_per_kw[:, None],
    }


def _cash(tables: PlanTables, data: Inputs) -> Iterator[Finding]:
    ledger, place = tables.ledger, ("scenario", "period")
    cash, capital = (
        ledger[ledger.is_cash.astype(bool)],
        ledger[(ledger.is_capital & ledger.is_cash).astype(bool)],
    )
    spent = -_dense(capital, data, place, capital.amount_usd)
    yield from _at_most("more capital spent than allowed", data, "wm", spent, data.max_capex_usd)
    if np.isfinite(data.opening_cash_usd):
        balance = data.opening_cash_usd + np.cumsum(_dense(cash, data, place, cash.amount_usd), axis=-1)
        floor = np.full_like(balance, data.min_cash_usd)
        yield from _at_most("cash below its floor", data, "wm", -balance, -floor)


def _present_value(tables: PlanTables, data: Inputs, objective_usd: float) -> Iterator[Finding]:
    ledger = tables.ledger
    scenario, period = _places(ledger, data, ("scenario", "period"))
    expected = ledger.amount_usd.to_numpy(dtype=float) * data.probability[scenario] * data.discount[period]
    scale = max(1.0, float(np.abs(expected).sum()))
    off = float(np.abs(ledger.present_value_usd.to_numpy(dtype=float) - expected).max(initial=0.0))
    if off > TOLERANCE * scale:
        yield Finding("a present value is not amount times discount", "ledger", off, 0.0)
    if abs(expected.sum() - objective_usd) > TOLERANCE * scale:
        yield Finding("the ledger is not the objective", "ledger", float(expected.sum()), objective_usd)


def _equal(check: str, data: Inputs, axes: str, found: Floats, expected: Floats) -> Iterator[Finding]:
    off = np.abs(found - expected)
    yield from _worst(check, data, axes, off, found, expected)


def _at_most(check: str, data: Inputs, axes: str, found: Floats, limit: Floats) -> Iterator[Finding]:
    limit = np.broadcast_to(limit, found.shape)
    off = np.where(np.isfinite(limit), found - np.where(np.isfinite(limit), limit, 0.0), -np.inf)
    yield from _worst(check, data, axes, off, found, limit)


def _worst(
    check: str, data: Inputs, axes: str, off: Floats, found: Floats, expected: Floats
) -> Iterator[Finding]:
    """The worst cell, if it is out by more than rounding."""
    if not off.size:
        return
    size = np.maximum(np.abs(found), np.where(np.isfinite(expected), np.abs(expected), 0.0))
    share = off / np.maximum(1.0, size)
    cell = np.unravel_index(int(np.argmax(share)), off.shape)
    if share[cell] > TOLERANCE:
        names = (getattr(data, AXES[axis])[i] for axis, i in zip(axes, cell, strict=True))
        yield Finding(
            check, ", ".join(names), float(found[cell]), float(np.broadcast_to(expected, off.shape)[cell])
        )
