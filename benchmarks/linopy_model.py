"""The model as the linopy documentation teaches: labels, masks, xarray arithmetic, ``groupby``."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.measure import Exists, Values
from optimizer.decisions import reserved_kw
from optimizer.inputs import NEVER, Inputs

DIMS = {
    "staying": ("lot", "site", "period"),
    "departing": ("lot", "site", "period"),
    "arriving": ("lot", "site", "kind", "period"),
    "shipped": ("lot", "corridor", "period"),
    "ordered": ("lot", "hub", "period"),
    "sold": ("lot", "hub", "period"),
    "running": ("lot", "site", "profile", "period"),
}
EVERYTHING = {"lot", "site", "kind", "profile", "corridor", "hub"}


@dataclass
class Model:
    """The model, whose variables know their places."""

    linopy: linopy.Model


def build(data: Inputs, exists: Exists) -> Model:
    """Variables, rows, money."""
    lengths = {"lot": data.lots, "site": data.sites, "period": data.periods, "profile": data.profiles}
    lengths |= {"corridor": data.corridors, "hub": data.hubs, "kind": data.arrival_classes}
    index = {dim: pd.RangeIndex(len(names), name=dim) for dim, names in lengths.items()}
    model = linopy.Model()
    v = {}
    for name, dims in DIMS.items():
        coords = [index[dim] for dim in dims]
        mask = xr.DataArray(exists[name], coords=coords)
        v[name] = model.add_variables(lower=0, coords=coords, mask=mask, name=name)
    with warnings.catch_warnings():
        # 0.10 announces that an absent variable will one day no longer count as zero in a sum.
        warnings.simplefilter("ignore")
        _balances(model, data, v)
        _limits(model, data, v)
        _money(model, data, v, index)
    return Model(model)


def solve(model: Model, method: str, time_limit_s: float) -> None:
    """linopy's direct interface: matrices to HiGHS without a file."""
    options = {"solver": method, "time_limit": time_limit_s, "output_flag": False}
    model.linopy.solve("highs", io_api="direct", set_names=False, progress=False, **options)


def extract(model: Model) -> tuple[float, Values]:
    """Objective, and values of every decision."""
    values = {name: model.linopy.variables[name].solution.fillna(0.0).values for name in DIMS}
    return model.linopy.objective.value, values


def _over(values: np.ndarray, *dims: str) -> xr.DataArray:
    return xr.DataArray(
        values, dims=dims, coords={dim: np.arange(n) for dim, n in zip(dims, values.shape, strict=True)}
    )


def _balances(model: linopy.Model, data: Inputs, v: dict[str, linopy.Variable]) -> None:
    """At a site machines stay or depart; at a hub they are shipped or sold, and what comes settles."""
    start = np.zeros(v["staying"].shape)
    start[:, :, 0] = data.start_machines
    stood = v["staying"].shift(period=1) + v["arriving"].sum("kind").shift(period=1)
    model.add_constraints(
        v["staying"] + v["departing"] - stood == _over(start, "lot", "site", "period"), name="stock"
    )
    hub = _over(data.hub_of_site, "site").rename("hub")
    origin = _over(data.corridor_from, "corridor").rename("hub")
    departs, settles = v["departing"].groupby(hub).sum(), v["arriving"].groupby(hub).sum()
    model.add_constraints(departs - v["shipped"].groupby(origin).sum() - v["sold"] == 0, name="hub_out")
    for kind in range(len(data.arrival_classes)):
        coming = _coming(data, v, kind)
        model.add_constraints(coming - settles.sel(kind=kind, drop=True) == 0, name=f"hub_in_{kind}")


def _coming(data: Inputs, v: dict[str, linopy.Variable], kind: int) -> linopy.LinearExpression:
    """What comes to a hub in a class: a shift by the lead time, which is the same in every period."""
    pieces = []
    lead, kinds = _lead(data.arrival_period), data.arrival_class[:, 0]
    for periods in np.unique(lead[kinds == kind]):
        chosen = np.flatnonzero((lead == periods) & (kinds == kind))
        target = xr.DataArray(
            data.corridor_to[chosen], dims="corridor", coords={"corridor": chosen}, name="hub"
        )
        pieces.append(v["shipped"].isel(corridor=chosen).shift(period=int(periods)).groupby(target).sum())
    if (data.order_arrival_class == kind).all():
        (periods,) = np.unique(_lead(data.order_arrival_period))
        pieces.append(1 * v["ordered"].shift(period=int(periods)))
    hubs = np.arange(len(data.hubs))
    return linopy.merge(
        [piece.reindex(hub=hubs) for piece in pieces], join="outer", cls=linopy.LinearExpression
    )


def _lead(arrival_period: np.ndarray) -> np.ndarray:
    """Whole periods under way, which must not depend on when one leaves."""
    periods = np.arange(arrival_period.shape[1])
    lead = arrival_period - periods
    arrives = arrival_period != NEVER
    assert (np.where(arrives, lead, lead[:, :1]) == lead[:, :1]).all()
    return lead[:, 0]


def _limits(model: linopy.Model, data: Inputs, v: dict[str, linopy.Variable]) -> None:
    """Service, power of sites and groups, crews, concentration, orders."""
    present = v["staying"] + (v["arriving"] * _over(1.0 - data.missed_share, "site", "kind", "period")).sum(
        "kind"
    )
    model.add_constraints(v["running"].sum("profile") - present <= 0, name="in_service")
    draws = (v["running"] * _over(data.meter_kw, "lot", "site", "profile", "period")).sum(["lot", "profile"])
    reserved = _over(reserved_kw(data), "lot", "site", "kind", "period")
    draws = draws + (v["arriving"] * reserved).sum(["lot", "kind"])
    model.add_constraints(draws <= _over(data.max_power_kw, "site", "period"), name="site_power")
    for group, members in enumerate(data.power_group_members):
        drawn_kw = draws.isel(site=np.flatnonzero(members)).sum("site")
        model.add_constraints(
            drawn_kw <= _over(data.power_group_kw[group], "period"), name=f"power_group_{group}"
        )
    crew_out, crew_in = (
        _over(data.crew_out_machines, "site", "period"),
        _over(data.crew_in_machines, "site", "period"),
    )
    model.add_constraints(v["departing"].sum("lot") <= crew_out, name="crew_out")
    model.add_constraints(v["arriving"].sum(["lot", "kind"]) <= crew_in, name="crew_in")
    for limit, members in enumerate(data.concentration_members):
        share = data.concentration_max_share[limit]
        holds = np.flatnonzero(np.isfinite(share))
        inside = (members[:, None] - share[holds])[None] * data.concentration_weight[limit][:, None, holds]
        weight = xr.DataArray(
            inside,
            dims=("lot", "site", "period"),
            coords={"lot": np.arange(len(data.lots)), "site": np.arange(len(data.sites)), "period": holds},
        )
        machines = (v["staying"] + v["arriving"].sum("kind")).isel(period=holds)
        model.add_constraints((machines * weight).sum(["lot", "site"]) <= 0, name=f"concentration_{limit}")
    model.add_constraints(v["ordered"].sum(["hub", "period"]) <= _over(data.max_orders, "lot"), name="orders")


def _money(
    model: linopy.Model, data: Inputs, v: dict[str, linopy.Variable], index: dict[str, pd.Index]
) -> None:
    """Cash carries over and stays above its floor; capital spending has a ceiling; the objective."""
    upkeep = _over(data.maintenance_usd, "lot", "period")
    on_the_road = data.insurance_usd + data.customs_usd + data.breakage_usd
    road = _over(data.freight_usd[:, :, None] + on_the_road, "lot", "corridor", "period")
    operating = [
        v["running"] * _over(data.margin_usd[0], "lot", "site", "profile", "period"),
        v["staying"] * -upkeep,
        v["arriving"] * -upkeep,
    ]
    spending = [
        v["arriving"] * _over(-data.install_usd, "site"),
        v["departing"] * _over(-data.deinstall_usd, "site"),
        v["shipped"] * -road,
        v["ordered"] * _over(-data.order_usd, "lot", "period"),
        v["sold"] * _over(data.sale_usd, "lot", "period"),
    ]
    capital = linopy.merge([_by_period(line) for line in spending], cls=linopy.LinearExpression)
    cash_flow = linopy.merge(
        [_by_period(line) for line in operating] + [capital], cls=linopy.LinearExpression
    )
    balance = model.add_variables(lower=data.min_cash_usd, coords=[index["period"]], name="cash_balance")
    opening = np.zeros(len(data.periods))
    opening[0] = data.opening_cash_usd
    model.add_constraints(
        balance - balance.shift(period=1) - cash_flow == _over(opening, "period"), name="cash"
    )
    model.add_constraints(capital >= _over(-data.max_capex_usd, "period"), name="capex")
    worth = -data.legal_risk_usd[0] * data.discount
    worth[:, :, -1] += data.discount[-1] * data.end_value_usd[:, None]
    standing = (v["staying"] + v["arriving"].sum("kind")) * _over(worth, "lot", "site", "period")
    model.add_objective((cash_flow * _over(data.discount, "period")).sum() + standing.sum(), sense="max")


def _by_period(line: linopy.LinearExpression) -> linopy.LinearExpression:
    return line.sum([dim for dim in line.coord_dims if dim in EVERYTHING])
