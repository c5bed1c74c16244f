"""Tiny inputs with neutral values, for tests that change one thing and say what must follow.

``quiet()`` is one lot of ten machines at ``home``; a machine earns 100 USD in every period wherever it
runs, nothing costs anything, nothing is limited, nothing is forbidden, and money keeps its worth.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np

from optimizer.inputs import AXES, NEVER, Inputs

LOTS = ("old", "new", "third")
SITES = ("home", "away", "far", "remote")
PERIODS = tuple(f"m{number}" for number in range(1, 10))
PROFILES = ("normal", "eco")
UNLIMITED = {"max_orders", "max_orders_per_period", "max_sales_per_period"}  # limits that are zero when quiet
ONE = {"probability", "discount", "period_months", "wall_kw", "machine_power_kw", "meter_kw", "allowed_share"}
EARNS = {"revenue_usd": 100.0, "hashrate_ths": 100.0, "energy_kwh": 720.0, "run_hours": 720.0}
MONTH = {"period_days": 30.0}


def quiet(
    lots: int = 1, sites: int = 2, periods: int = 3, scenarios: int = 1, profiles: int = 1, **changes: Any
) -> Inputs:
    """Neutral inputs with the given fields changed; a number stands for a whole array of it.

    Every site is a hub of its own and every two are joined, in both directions, by a road without lead time.
    """
    ends = [(a, b) for a in range(sites) for b in range(sites) if a != b]
    names = {
        "scenarios": ("base",) if scenarios == 1 else tuple(f"w{number}" for number in range(scenarios)),
        "lots": LOTS[:lots],
        "sites": SITES[:sites],
        "periods": PERIODS[:periods],
        "profiles": PROFILES[:profiles],
        "hubs": SITES[:sites],
        "corridors": tuple(f"{SITES[a]}>{SITES[b]}" for a, b in ends),
        "arrival_classes": ("direct",),
        "power_groups": (),
        "concentrations": (),
    }
    names |= {name: changes.pop(name) for name in tuple(changes) if name in names}
    sizes = {axis: len(names[name]) for axis, name in AXES.items()}
    start = np.zeros((lots, sites))
    start[:, 0] = 10.0
    given: dict[str, Any] = {
        "commit_periods": 0,
        "opening_cash_usd": np.inf,
        "min_cash_usd": 0.0,
        "probability": 1.0 / scenarios,
        "start_machines": start,
        "can_run": True,
        "site_region": tuple(f"XX-{number}" for number in range(sites)),
        "site_jurisdiction": ("XX",) * sites,
        "is_open_at_start": start.sum(axis=0) > 0,
        "hub_of_site": np.arange(sites),
        "corridor_from": np.array([a for a, _ in ends], dtype=int),
        "corridor_to": np.array([b for _, b in ends], dtype=int),
        "arrival_period": np.arange(periods),
        "order_arrival_period": NEVER,
        **EARNS,
        **MONTH,
        **changes,
    }
    axed = [each for each in fields(Inputs) if each.metadata]
    arrays = {each.name: _shaped(each, given.pop(each.name, None), sizes) for each in axed}
    if "missed_share" not in changes:
        arrays["missed_share"] = _missed(arrays["lost_share"], sites, periods)
    return Inputs(**names, **arrays, **given)


def _missed(lost_share: np.ndarray, sites: int, periods: int) -> np.ndarray:
    """Every hour is lawful: what is lost of the period is missed of it."""
    return np.broadcast_to(lost_share[None, :, None], (sites, len(lost_share), periods)).copy()


def changed(inputs: Inputs, **changes: Any) -> Inputs:
    """The same inputs with the given fields changed; a number stands for a whole array of it."""
    sizes = {axis: len(changes.get(name, getattr(inputs, name))) for axis, name in AXES.items()}
    axed = {each.name: each for each in fields(Inputs) if each.metadata}
    shaped = {name: _shaped(axed[name], changes[name], sizes) for name in changes if name in axed}
    if "missed_share" not in changes and {"lost_share", "sites", "periods"} & set(changes):
        lost_share = shaped.get("lost_share", inputs.lost_share)
        shaped["missed_share"] = _missed(lost_share, sizes["s"], sizes["m"])
    return replace(inputs, **(changes | shaped))


def on_the_road(periods: int, months: int, lost: float = 0.0) -> dict[str, Any]:
    """Every road takes so many whole periods, and so much of the period of arrival."""
    due = np.arange(periods) + months
    return {
        "arrival_classes": ("road",),
        "arrival_period": np.where(due < periods, due, NEVER),
        "lost_share": lost,
    }


def on_offer(periods: int, months: int = 0, count: float = 10.0, **changes: Any) -> dict[str, Any]:
    """Machines of every lot can be ordered to any hub and come after so many whole periods."""
    due = np.arange(periods) + months
    return {
        "can_order": True,
        "order_arrival_period": np.where(due < periods, due, NEVER),
        "max_orders": count,
        "max_orders_per_period": np.inf,
        **changes,
    }


def _shaped(field: Any, value: Any, sizes: dict[str, int]) -> Any:
    """The value, or the neutral one, spread over the field's axes."""
    shape = tuple(sizes[axis] for axis in field.metadata["axes"])
    if isinstance(value, tuple):
        return value
    if value is None:
        value = _neutral(field)
    array = np.asarray(value)
    if array.dtype.kind == "i" and "Ints" not in field.type:
        array = array.astype(float)
    return np.broadcast_to(array, shape).copy()


def _neutral(field: Any) -> Any:
    if "Texts" in field.type:
        return ""
    if "Bools" in field.type:
        return False
    if "Ints" in field.type:
        return 0
    if field.metadata["is_limit"] and field.name not in UNLIMITED:
        return np.inf
    return 1.0 if field.name in ONE else 0.0


def random_inputs(seed: int, *, limits: bool = True) -> Inputs:
    """A small study with a bit of everything but yes-or-no decisions, different for every seed."""
    draw = np.random.default_rng(seed)
    lots, sites, periods, profiles = (
        int(draw.integers(low, high)) for low, high in ((1, 3), (2, 5), (2, 6), (1, 3))
    )
    start = draw.integers(0, 9, (lots, sites)).astype(float)
    start[0, 0] += 1.0
    value = draw.uniform(50, 300, (lots, 1)) * 0.97 ** np.arange(periods)
    data = quiet(
        lots,
        sites,
        periods,
        profiles=profiles,
        start_machines=start,
        is_open_at_start=start.sum(axis=0) > 0,
        discount=0.99 ** np.arange(periods),
        machine_value_usd=value,
        end_value_usd=0.8 * value[:, -1],
        maintenance_usd=draw.uniform(0, 3),
        deinstall_usd=draw.uniform(0, 8, sites),
        install_usd=draw.uniform(0, 8, sites),
        legal_risk_usd=draw.uniform(0, 10, (1, 1, sites, 1)),
        sale_usd=0.85 * value,
        max_sales_per_period=float(draw.choice([0.0, 3.0, np.inf])),
        **_random_hours(draw, lots, sites, periods, profiles),
        **_random_roads(draw, lots, sites, periods),
    )
    return _limited(data, draw) if limits else data


def _random_hours(
    draw: np.random.Generator, lots: int, sites: int, periods: int, profiles: int
) -> dict[str, Any]:
    """Income and cost of a month in service; some months do not pay at some places."""
    wall = draw.uniform(0.8, 3.5, (lots, 1)) * np.array([1.0, 0.7])[:profiles]
    eco = np.array([1.0, 0.8])[:profiles, None]
    pays = draw.random((lots, sites, 1, periods)) > 0.15
    meter = wall[:, None, :, None] * draw.uniform(1.0, 1.2, (sites, 1, 1))
    revenue = np.where(pays, draw.uniform(60, 140, (lots, 1, 1, periods)) * eco, 0.0)
    return {
        "wall_kw": wall,
        "machine_power_kw": wall[:, 0],
        "hashrate_ths": 100.0 * eco[:, 0],
        "can_run": pays,
        "meter_kw": meter,
        "revenue_usd": revenue,
        "pool_fee_usd": 0.02 * revenue,
        "energy_usd": np.where(pays, draw.uniform(-5, 45, (sites, 1, periods)) * meter, 0.0),
        "site_opex_usd": np.where(pays, draw.uniform(0, 4), 0.0),
        "energy_kwh": np.where(pays, 700.0 * meter, 0.0),
        "run_hours": np.where(pays, 700.0, 0.0),
        "mined_btc": revenue / 9e4,
    }


def _random_roads(draw: np.random.Generator, lots: int, sites: int, periods: int) -> dict[str, Any]:
    """One to all sites in a hub, roads within and between hubs of none to two months, some missing."""
    hubs = int(draw.integers(1, sites + 1))
    hub_of_site = np.arange(sites) % hubs
    ends = [(a, b) for a in range(hubs) for b in range(hubs) if draw.random() < 0.85]
    lead = draw.integers(0, 3, len(ends))
    due = np.arange(periods) + lead[:, None]
    shape = (lots, len(ends), periods)
    return {
        "hubs": tuple(f"hub{number}" for number in range(hubs)),
        "corridors": tuple(f"hub{a}>hub{b}" for a, b in ends),
        "hub_of_site": hub_of_site,
        "corridor_from": np.array([a for a, _ in ends], dtype=int),
        "corridor_to": np.array([b for _, b in ends], dtype=int),
        "arrival_classes": ("early", "late"),
        "lost_share": [0.0, float(draw.choice([0.25, 0.5]))],
        "arrival_period": np.where(due < periods, due, NEVER),
        "arrival_class": draw.integers(0, 2, (len(ends), 1)),
        "freight_usd": draw.uniform(0, 30, (lots, len(ends))),
        "customs_usd": draw.uniform(0, 20, shape),
        "breakage_usd": draw.uniform(0, 3, shape),
    }


def _limited(data: Inputs, draw: np.random.Generator) -> Inputs:
    """Limits of every kind that staying put can always meet: on power, racks, crews, offers and spending."""
    lots, sites, periods = len(data.lots), len(data.sites), len(data.periods)
    stood = data.start_machines.sum(axis=0)
    drawn_kw = 2.0 * stood.sum()
    offered = draw.random() < 0.6
    months = np.arange(periods)
    due = np.where(months + 1 < periods, months + 1, NEVER)
    return changed(
        data,
        power_groups=("grid",),
        power_group_members=True,
        power_group_kw=drawn_kw * draw.uniform(0.4, 1.5),
        max_power_kw=draw.uniform(0.3, 1.2, (sites, periods)) * drawn_kw,
        max_machines=stood + draw.integers(0, 8, sites),
        crew_out_machines=float(draw.choice([2.5, 5.0, np.inf])),
        crew_in_machines=float(draw.choice([2.5, 5.0, np.inf])),
        can_order=offered & (draw.random((lots, len(data.hubs), 1)) < 0.7),
        order_arrival_period=due,
        order_arrival_class=draw.integers(0, 2, (lots, 1)),
        max_orders=float(draw.integers(0, 6)) if offered else 0.0,
        max_orders_per_period=np.inf,
        order_usd=1.1 * data.machine_value_usd,
        max_capex_usd=float(draw.choice([200.0, 2000.0, np.inf])),
    )


def rich_inputs(seed: int) -> Inputs:
    """A random study with law, cash, shares, building and sites that must be opened, some of each."""
    data, draw = random_inputs(seed), np.random.default_rng(seed + 1_000_000)
    kinds = (_with_openings, _with_building, _with_law, _with_cash, _with_shares)
    for add in kinds:
        if draw.random() < 0.5:
            data = add(data, draw)
    return data


def _with_openings(data: Inputs, draw: np.random.Generator) -> Inputs:
    sites = len(data.sites)
    empty = data.start_machines.sum(axis=0) == 0
    return changed(
        data,
        fixed_usd=draw.uniform(0, 200, (sites, 1)) * (draw.random((sites, 1)) < 0.5),
        opening_usd=draw.uniform(0, 200, sites) * (draw.random(sites) < 0.5),
        exit_usd=draw.uniform(0, 100, sites) * (draw.random(sites) < 0.5),
        deposit_usd=draw.uniform(0, 100, sites) * (draw.random(sites) < 0.3),
        min_term_periods=draw.integers(0, 4, (sites, 1)),
        min_power_kw=draw.uniform(0, 6, sites) * empty,
    )


def _with_building(data: Inputs, draw: np.random.Generator) -> Inputs:
    sites = len(data.sites)
    built = np.where(draw.random(sites) < 0.5, draw.uniform(0, 20, sites), np.inf)
    return changed(data, build_usd_per_kw=draw.uniform(0, 30, sites), built_at_start_kw=built)


def _with_law(data: Inputs, draw: np.random.Generator) -> Inputs:
    shape = (len(data.sites), len(data.periods))
    load = np.where(draw.random(shape) < 0.2, draw.uniform(0, 10, shape), np.inf)
    return changed(data, is_sanctioned=draw.random(shape) < 0.15, moratorium_kw=load)


def _with_cash(data: Inputs, draw: np.random.Generator) -> Inputs:
    return replace(
        data, opening_cash_usd=float(draw.uniform(0, 3000)), min_cash_usd=float(draw.choice([0, 50]))
    )


def _with_shares(data: Inputs, draw: np.random.Generator) -> Inputs:
    later = np.arange(len(data.periods)) > len(data.periods) // 2
    return changed(
        data,
        concentrations=("place",),
        concentration_members=draw.random((1, len(data.sites))) < 0.6,
        concentration_weight=1.0,
        concentration_max_share=np.where(later, draw.uniform(0.5, 1.0), np.inf),
    )


def busy() -> Inputs:
    """Three sites and four months in which the best plan moves, buys, sells, opens, builds and waits.

    `away` pays best and must be opened for at least two months; `far` must be built up and is sanctioned in
    m4; everything is limited, and a month on the road costs a quarter of the next.
    """
    pays = np.array([[100.0, 160.0, 120.0], [150.0, 260.0, 200.0]])[:, :, None, None]
    return quiet(
        lots=2,
        sites=3,
        periods=4,
        **on_the_road(4, 1, lost=0.25),
        start_machines=[[10, 0, 4], [0, 0, 0]],
        is_open_at_start=np.array([True, False, True]),
        revenue_usd=pays,
        energy_usd=0.3 * pays,
        pool_fee_usd=0.02 * pays,
        mined_btc=0.001,
        discount=0.99 ** np.arange(4),
        maintenance_usd=1.0,
        legal_risk_usd=0.5,
        end_value_usd=[50.0, 300.0],
        meter_kw=1.1,
        **_limits_of_busy(),
        **_terms_of_busy(),
    )


def _limits_of_busy() -> dict[str, Any]:
    none = np.inf
    return {
        "max_power_kw": [[9.0] * 4, [8.0] * 4, [50.0] * 4],
        "max_machines": [12, 9, 30],
        "crew_out_machines": 6.0,
        "crew_in_machines": 7.0,
        "is_sanctioned": np.array([[False] * 4, [False] * 4, [False, False, False, True]]),
        "sanctioned_by": np.array([[""] * 4, [""] * 4, ["", "", "", "act 7"]]),
        "moratorium_kw": [[none] * 4, [none] * 4, [none, none, 8.0, none]],
        "power_groups": ("grid",),
        "power_group_members": True,
        "power_group_kw": [none, none, 16.5, none],
        "concentrations": ("far",),
        "concentration_members": np.array([[False, False, True]]),
        "concentration_weight": 1.0,
        "concentration_max_share": [none, 0.9, 0.9, 0.9],
        "max_capex_usd": 1500.0,
        "opening_cash_usd": 300.0,
        "min_cash_usd": 20.0,
    }


def _terms_of_busy() -> dict[str, Any]:
    return {
        "deinstall_usd": 5.0,
        "install_usd": 6.0,
        "freight_usd": 10.0,
        "insurance_usd": 1.0,
        "customs_usd": 2.0,
        "breakage_usd": 1.5,
        "can_order": np.array([False, True])[:, None, None],
        "order_arrival_period": [1, 2, 3, NEVER],
        "max_orders": [0.0, 5.0],
        "max_orders_per_period": 3.0,
        "order_usd": 320.0,
        "sale_usd": [[140.0, 130.0, 120.0, 110.0], [100.0] * 4],
        "max_sales_per_period": 2.0,
        "fixed_usd": [[0.0], [60.0], [0.0]],
        "opening_usd": [0.0, 100.0, 0.0],
        "deposit_usd": [0.0, 80.0, 0.0],
        "exit_usd": [0.0, 40.0, 0.0],
        "min_term_periods": [[0], [2], [0]],
        "min_power_kw": [0.0, 2.0, 0.0],
        "build_usd_per_kw": [0.0, 0.0, 10.0],
        "built_at_start_kw": [np.inf, np.inf, 2.0],
    }
