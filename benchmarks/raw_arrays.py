"""The model with nothing in between: index arithmetic in numpy, ``passModel``, HiGHS.

What the fastest possible layer would cost. Nothing of ``optimizer.lp`` or of the blocks is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from benchmarks.measure import Exists, Values
from optimizer.decisions import reserved_kw
from optimizer.inputs import Inputs

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass
class Rows:
    """Families of rows as triplets: numbered as they come; empty ones are squeezed out at the end."""

    count: int = 0
    low: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)
    triplets: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)

    def family(self, low: Floats, high: Floats) -> Ints:
        """Numbers of new rows with these limits."""
        numbers = self.count + np.arange(low.size).reshape(low.shape)
        self.count += low.size
        self.low.append(np.broadcast_to(low, numbers.shape).ravel())
        self.high.append(np.broadcast_to(high, numbers.shape).ravel())
        return numbers

    def put(self, rows: Ints, columns: Ints, values: Floats | float) -> None:
        """Coefficients of columns (-1: none) in rows; all three broadcast to the columns."""
        is_there = columns >= 0
        rows = np.broadcast_to(rows, columns.shape)[is_there]
        self.triplets.append((rows, columns[is_there], np.broadcast_to(values, columns.shape)[is_there]))


@dataclass
class Model:
    """Costs, columns and rows; the solver once it has run."""

    costs: Floats
    lower: Floats
    matrix: csr_array
    row_low: Floats
    row_high: Floats
    columns: dict[str, Ints]
    highs: highspy.Highs | None = None


def build(data: Inputs, exists: Exists) -> Model:
    """Number the columns, price them, fill the rows."""
    columns, count = {}, 0
    for name, mask in exists.items():
        columns[name] = np.full(mask.shape, -1)
        columns[name][mask] = count + np.arange(mask.sum())
        count += int(mask.sum())
    periods = len(data.periods)
    balance = count + np.arange(periods)
    count += periods
    rows = Rows()
    _balances(rows, data, columns)
    _limits(rows, data, columns)
    costs = _money(rows, data, columns, balance, count)
    lower = np.zeros(count)
    lower[balance] = data.min_cash_usd
    return _assembled(rows, costs, lower, columns)


def solve(model: Model, method: str, time_limit_s: float) -> None:
    """Minimize minus the value: interior point methods that maximize end without a status in HiGHS 1.15."""
    model.highs = highspy.Highs()
    options = {"output_flag": False, "solver": method, "time_limit": time_limit_s}
    for option, value in options.items():
        model.highs.setOptionValue(option, value)
    matrix, columns = model.matrix, len(model.costs)
    start, index = matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32)
    form, sense = int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize)
    limits = (model.lower, np.full(columns, np.inf), model.row_low, model.row_high)
    shape = (columns, len(model.row_low), matrix.nnz, form, sense, 0.0)
    kinds = np.zeros(columns, dtype=np.int32)
    model.highs.passModel(*shape, -model.costs, *limits, start, index, matrix.data, kinds)
    model.highs.run()


def extract(model: Model) -> tuple[float, Values]:
    """Objective, and values of every decision."""
    assert model.highs is not None
    solution = np.append(np.array(model.highs.getSolution().col_value), 0.0)
    objective = -model.highs.getInfo().objective_function_value
    return objective, {name: solution[columns] for name, columns in model.columns.items()}


def _balances(rows: Rows, data: Inputs, v: dict[str, Ints]) -> None:
    """At a site machines stay or depart; at a hub they are shipped or sold, and what comes settles."""
    lots, sites, periods = v["staying"].shape
    hubs, classes = len(data.hubs), len(data.arrival_classes)
    start = np.zeros((lots, sites, periods))
    start[:, :, 0] = data.start_machines
    stock = rows.family(start, start)
    rows.put(stock, v["staying"], 1.0)
    rows.put(stock, v["departing"], 1.0)
    rows.put(stock[:, :, 1:], v["staying"][:, :, :-1], -1.0)
    rows.put(stock[:, :, None, 1:], v["arriving"][..., :-1], -1.0)
    nothing = np.zeros((lots, hubs, periods))
    hub_out = rows.family(nothing, nothing)
    rows.put(hub_out[:, data.hub_of_site], v["departing"], 1.0)
    rows.put(hub_out[:, data.corridor_from], v["shipped"], -1.0)
    rows.put(hub_out, v["sold"], -1.0)
    nothing = np.zeros((lots, hubs, classes, periods))
    hub_in = rows.family(nothing, nothing)
    lot = np.arange(lots)[:, None, None]
    comes = hub_in[lot, data.corridor_to[:, None], data.arrival_class, data.arrival_period]
    rows.put(comes, v["shipped"], 1.0)
    hub = np.arange(hubs)[:, None]
    due, kind = data.order_arrival_period[:, None], data.order_arrival_class[:, None]
    rows.put(hub_in[lot, hub, kind, due], v["ordered"], 1.0)
    rows.put(hub_in[:, data.hub_of_site], v["arriving"], -1.0)


def _limits(rows: Rows, data: Inputs, v: dict[str, Ints]) -> None:
    """Service, power of sites and groups, crews, concentration, orders."""
    lots, sites, periods = v["staying"].shape
    service = rows.family(np.full((lots, sites, periods), -np.inf), np.zeros((lots, sites, periods)))
    rows.put(service[:, :, None], v["running"], 1.0)
    rows.put(service, v["staying"], -1.0)
    rows.put(service[:, :, None], v["arriving"], data.missed_share - 1.0)
    power = _at_most(rows, data.max_power_kw)
    rows.put(power[:, None], v["running"], data.meter_kw)
    reserved = reserved_kw(data)
    rows.put(power[:, None], v["arriving"], reserved)
    groups = _at_most(rows, data.power_group_kw)
    for group, members in zip(groups, data.power_group_members, strict=True):
        rows.put(group, v["running"][:, members], data.meter_kw[:, members])
        rows.put(group, v["arriving"][:, members], reserved[:, members])
    rows.put(_at_most(rows, data.crew_out_machines), v["departing"], 1.0)
    rows.put(_at_most(rows, data.crew_in_machines)[:, None], v["arriving"], 1.0)
    share = data.concentration_max_share
    holds = np.isfinite(share)
    concentration = _at_most(rows, np.where(holds, 0.0, np.inf))
    for q, members in enumerate(data.concentration_members):
        inside = members[:, None] - np.where(holds[q], share[q], 0.0)
        weight = data.concentration_weight[q][:, None] * inside * holds[q]
        rows.put(concentration[q], v["staying"], weight)
        rows.put(concentration[q], v["arriving"], weight[:, :, None])
    rows.put(_at_most(rows, data.max_orders)[:, None, None], v["ordered"], 1.0)


def _at_most(rows: Rows, limit: Floats) -> Ints:
    return rows.family(np.full(limit.shape, -np.inf), limit)


def _money(rows: Rows, data: Inputs, v: dict[str, Ints], balance: Ints, count: int) -> Floats:
    """Rows of capital spending and cash; returns the objective."""
    periods = len(data.periods)
    capex = rows.family(-data.max_capex_usd, np.full(periods, np.inf))
    opening = np.zeros(periods)
    opening[0] = data.opening_cash_usd
    cash = rows.family(opening, opening)
    rows.put(cash, balance, 1.0)
    rows.put(cash[1:], balance[:-1], -1.0)
    costs = np.zeros(count)
    for name, usd, is_capital in _cash_lines(data):
        columns = v[name]
        usd = np.broadcast_to(usd, columns.shape)
        rows.put(cash, columns, -usd)
        if is_capital:
            rows.put(capex, columns, usd)
        costs[columns[columns >= 0]] += (usd * data.discount)[columns >= 0]
    worth = -data.legal_risk_usd[0] * data.discount
    worth[:, :, -1] += data.discount[-1] * data.end_value_usd[:, None]
    for columns, usd in ((v["staying"], worth), (v["arriving"], worth[:, :, None])):
        costs[columns[columns >= 0]] += np.broadcast_to(usd, columns.shape)[columns >= 0]
    return costs


def _cash_lines(data: Inputs) -> Iterator[tuple[str, Floats, bool]]:
    """Decision, what one machine of it brings in nominal cash, and whether that is capital."""
    on_the_road = data.insurance_usd + data.customs_usd + data.breakage_usd
    yield "running", data.margin_usd[0], False
    yield "staying", -data.maintenance_usd[:, None], False
    yield "arriving", -data.maintenance_usd[:, None, None], False
    yield "arriving", -data.install_usd[:, None, None], True
    yield "departing", -data.deinstall_usd[:, None], True
    yield "shipped", -(data.freight_usd[:, :, None] + on_the_road), True
    yield "ordered", -data.order_usd[:, None], True
    yield "sold", data.sale_usd[:, None], True


def _assembled(rows: Rows, costs: Floats, lower: Floats, columns: dict[str, Ints]) -> Model:
    row, column, value = (np.concatenate(parts) for parts in zip(*rows.triplets, strict=True))
    low, high = np.concatenate(rows.low), np.concatenate(rows.high)
    can_bind = np.isfinite(low) | np.isfinite(high)
    is_kept = can_bind & (np.bincount(row, minlength=rows.count) > 0)
    number = np.cumsum(is_kept) - 1
    inside = is_kept[row] & (value != 0.0)
    shape = (int(is_kept.sum()), len(costs))
    matrix = csr_array((value[inside], (number[row[inside]], column[inside])), shape=shape)
    return Model(costs, lower, matrix, low[is_kept], high[is_kept], columns)
