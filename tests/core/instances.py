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
    names |= {
        each.name: each.default for each in fields(Inputs) if each.name in set(AXES.values()) - set(names)
    }
    names |= {name: changes.pop(name) for name in tuple(changes) if name in names}
    sizes = {axis: len(names[name]) for axis, name in AXES.items()}
    start = np.zeros((lots, sites))
    start[:, 0] = 10.0
    given: dict[str, Any] = {
        "commit_periods": 0,
        "opening_cash_usd": np.inf,
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
    if "neutral" in field.metadata:
        return field.metadata["neutral"]
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
    return with_contracts(_limited(data, draw), seed) if limits else data


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


def in_blocks(data: Inputs, couples: Any, share: Any, is_offered: Any = None) -> Inputs:
    """The same study with the sites of ``couples`` decided in blocks, ``share`` (s, b, m) of the hours.

    Amounts of a month are split by the share; ``is_offered`` (p) adds a second way of running, enrolled in an
    offer, to the profiles it names, at sites that are not decided by block.
    """
    couples, share = np.asarray(couples, dtype=bool), np.asarray(share, dtype=float)
    blocks = ("all hours", *(f"block {number}" for number in range(1, share.shape[1] + 1)))
    share = np.concatenate([np.ones_like(share[:, :1]), share], axis=1)
    plain = [(p, block, False) for block in range(len(blocks)) for p in range(len(data.profiles))]
    offered = [] if is_offered is None else [(p, 0, True) for p in np.flatnonzero(is_offered)]
    base, block, is_response = (np.array(each) for each in zip(*plain, *offered, strict=True))
    names = tuple(
        f"{data.profiles[p]}{' enrolled' * r}{f', {blocks[b]}' * (b > 0)}" for p, b, r in (*plain, *offered)
    )
    found: dict[str, Any] = {}
    for each in fields(Inputs):
        axes = each.metadata.get("axes", "")
        if "p" in axes and not each.name.startswith("profile_"):
            found[each.name] = np.take(getattr(data, each.name), base, axis=axes.index("p"))
        if axes == "wlspm":
            found[each.name] = found[each.name] * share[:, block]
    here = (couples[:, None] == (block > 0)) & (share[:, block].max(axis=2) > 0)  # (s, p)
    return replace(
        data,
        profiles=names,
        hour_blocks=blocks,
        profile_block=block,
        profile_is_response=is_response,
        block_share=share,
        block_cap_kw=np.full(share.shape, np.inf),
        supply_kwh=np.zeros(share.shape),
        supply_discount_usd_per_kwh=np.zeros(share.shape),
        demand_window=np.ones((len(data.demand_charges), *share.shape[1:]), dtype=bool),
        **(found | {"can_run": found["can_run"] & here[:, :, None] & (share[:, block] > 0)}),
    )


def with_contracts(data: Inputs, seed: int, *, chance: float = 0.4) -> Inputs:
    """The same study with clauses of power contracts, all signed to the end: no yes or no to decide."""
    draw = np.random.default_rng(seed + 2_000_000)
    data = _with_fees(_with_modes(data, draw, chance), draw)
    for add in (_with_supply, _with_volume, _with_demand, _with_charges, _with_trade_in, _with_misfits):
        if draw.random() < chance:
            data = add(data, draw)
    return data


def _with_modes(data: Inputs, draw: np.random.Generator, chance: float) -> Inputs:
    """Blocks of hours with prices and limits of their own, and an offer to be switched off."""
    sites, periods, profiles = len(data.sites), len(data.periods), len(data.profiles)
    blocks = int(draw.integers(1, 4))
    share = draw.dirichlet(np.full(blocks, 2.0), (sites, periods)).transpose(0, 2, 1)
    couples = (draw.random(sites) < 0.5) & (draw.random() < chance)
    is_offered = (draw.random(profiles) < 0.7) & (draw.random() < chance)
    data = in_blocks(data, couples, share, is_offered)
    dearer = draw.uniform(-20, 20, (1, sites, blocks + 1, periods))[:, :, data.profile_block]
    enrolled = data.profile_is_response[:, None] & data.can_run
    less = np.where(enrolled, draw.uniform(0.9, 1.0), 1.0)
    capped = draw.random((sites, blocks + 1, periods)) < 0.3
    drawn_kw = 2.0 * data.start_machines.sum()
    return changed(
        data,
        energy_usd=less * (data.energy_usd + dearer * data.energy_kwh / 700.0),
        revenue_usd=less * data.revenue_usd,
        pool_fee_usd=less * data.pool_fee_usd,
        energy_kwh=less * data.energy_kwh,
        run_hours=less * data.run_hours,
        mined_btc=less * data.mined_btc,
        credit_usd=np.where(enrolled, draw.uniform(0, 25, (sites, 1, periods)) * data.meter_kw, 0.0),
        response_max_kw=np.where(draw.random((sites, 1)) < 0.5, np.inf, draw.uniform(0, 0.6) * drawn_kw),
        block_cap_kw=np.where(capped, draw.uniform(0.1, 1.0, capped.shape) * drawn_kw, np.inf),
    )


def _with_fees(data: Inputs, draw: np.random.Generator) -> Inputs:
    """Costs of running that any contract may have, and duty on orders."""
    runs = data.energy_kwh > 0
    sites, hubs = len(data.sites), len(data.hubs)
    return changed(
        data,
        peak_usd=np.where(runs, draw.uniform(0, 3, (sites, 1, 1)), 0.0),
        friction_usd=np.where(runs, draw.uniform(0, 1, (sites, 1, 1)), 0.0),
        firmware_usd=np.where(runs, draw.uniform(0, 2), 0.0),
        order_customs_usd=draw.uniform(0, 20, (hubs, 1)),
    )


def _with_supply(data: Inputs, draw: np.random.Generator) -> Inputs:
    shape = (len(data.sites), len(data.hour_blocks), len(data.periods))
    return changed(
        data,
        supply_kwh=draw.uniform(0, 9000, shape) * (draw.random(shape) < 0.5),
        supply_discount_usd_per_kwh=draw.uniform(0, 0.03, shape),
    )


def _with_volume(data: Inputs, draw: np.random.Generator) -> Inputs:
    """One to three steps; a first step below zero is energy paid whether taken or not."""
    sites, periods, steps = len(data.sites), len(data.periods), int(draw.integers(1, 4))
    width = draw.uniform(500, 12_000, (sites, steps, periods)) * (draw.random((sites, steps, 1)) < 0.8)
    width[:, -1] = np.inf
    has = draw.random((sites, 1, 1)) < 0.6
    return changed(
        data,
        volume_steps=tuple(f"step {number}" for number in range(1, steps + 1)),
        volume_step_kwh=np.where(has, width, 0.0),
        volume_step_usd_per_kwh=np.sort(draw.uniform(-0.04, 0.04, (sites, steps, periods)), axis=1),
        standing_charge_usd=draw.uniform(0, 300, (sites, 1)) * has[:, :, 0],
        is_signed=True,
    )


def _with_demand(data: Inputs, draw: np.random.Generator) -> Inputs:
    """One to three charges, perhaps at one site, some with windows, floors, ratchets, contracts."""
    sites, blocks, periods = len(data.sites), len(data.hour_blocks), len(data.periods)
    charges = int(draw.integers(1, 4))
    months = np.arange(periods)
    remembered = months + draw.integers(0, 4, (charges, periods))
    return changed(
        data,
        demand_charges=tuple(f"charge {number}" for number in range(1, charges + 1)),
        demand_site=draw.integers(0, sites, charges),
        demand_window=draw.random((charges, blocks, periods)) < 0.7,
        demand_usd_per_kw=draw.uniform(0, 12, (charges, periods)),
        demand_floor_kw=draw.uniform(0, 15, (charges, 1)) * (draw.random((charges, 1)) < 0.5),
        contracted_kw=np.where(draw.random((charges, 1)) < 0.5, draw.uniform(2, 20, (charges, 1)), np.inf),
        excess_usd_per_kw=draw.uniform(0, 10, (charges, 1)),
        ratchet_share=draw.uniform(0.3, 1.0, charges) * (draw.random(charges) < 0.6),
        ratchet_until=np.where(draw.random((charges, periods)) < 0.7, remembered, NEVER),
        is_signed=True,
    )


def _with_charges(data: Inputs, draw: np.random.Generator) -> Inputs:
    sites = len(data.sites)
    standing = draw.uniform(-50, 150, (sites, 1)) * (draw.random((sites, 1)) < 0.5)
    return changed(
        data,
        standing_charge_usd=data.standing_charge_usd + standing,
        minimum_bill_usd=draw.uniform(0, 800, (sites, 1)) * (draw.random((sites, 1)) < 0.6),
        is_signed=True,
    )


def _with_trade_in(data: Inputs, draw: np.random.Generator) -> Inputs:
    """The last lot is ordered against machines of the first, or of its own."""
    lots, periods = len(data.lots), len(data.periods)
    months = int(draw.integers(0, 2))
    due = np.arange(periods) + months
    trade_in = np.full(lots, NEVER)
    trade_in[-1] = 0
    return changed(
        data,
        trade_in_lot=trade_in,
        can_order=data.can_order | (np.arange(lots) == lots - 1)[:, None, None],
        order_arrival_period=np.where(due < periods, due, NEVER),
        max_orders=float(draw.integers(1, 9)),
        order_usd=draw.uniform(0.05, 0.6) * data.machine_value_usd,
    )


def _with_misfits(data: Inputs, draw: np.random.Generator) -> Inputs:
    fits = draw.random((len(data.lots), len(data.sites))) < 0.75
    return changed(data, fits=fits, unfit_because=np.where(fits, "", "immersion only"))


def rich_inputs(seed: int) -> Inputs:
    """A random study with law, cash, shares, building and sites that must be opened, some of each."""
    data, draw = random_inputs(seed), np.random.default_rng(seed + 1_000_000)
    kinds = (_with_openings, _with_unsigned, _with_building, _with_law, _with_cash, _with_shares)
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


def _with_unsigned(data: Inputs, draw: np.random.Generator) -> Inputs:
    """Contracts that run for the first months only, or not at all."""
    months = draw.integers(0, len(data.periods) + 1, (len(data.sites), 1))
    return changed(data, is_signed=data.is_signed & (np.arange(len(data.periods)) < months))


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


def contracted() -> Inputs:
    """Two sites, three months, every clause of a power contract, and each of them binds.

    `home` is decided in two blocks of hours, the second inside the peak window of one of its two demand
    charges and limited; `away` takes an offer to be switched off. Four old machines are handed in for
    refurbished ones, which do not fit at `home`.
    """
    revenue = np.array([100.0, 180.0])[:, None, None, None]
    data = quiet(
        lots=2,
        sites=2,
        periods=3,
        start_machines=[[12, 8], [0, 0]],
        revenue_usd=revenue,
        energy_usd=30.0,
        delivery_usd=4.0,
        peak_usd=2.0,
        friction_usd=1.0,
        firmware_usd=1.5,
        discount=0.99 ** np.arange(3),
        deinstall_usd=2.0,
        freight_usd=400.0,
        lost_share=0.25,
        **_offer_of_contracted(),
    )
    share = np.broadcast_to(np.array([0.7, 0.3])[None, :, None], (2, 2, 3))
    data = in_blocks(data, [True, False], share, [True])
    capped = np.full((2, 3, 3), np.inf)
    capped[0, 2] = 9.0
    enrolled = data.profile_is_response[:, None] & data.can_run
    dear = (data.profile_block == 1)[:, None] & (np.arange(3) > 0)  # nothing runs: the ratchet binds
    return changed(
        data,
        energy_usd=data.energy_usd * np.where(dear, 5.0, 1.0),
        block_cap_kw=capped,
        credit_usd=np.where(enrolled, 6.0, 0.0),
        **_bill_of_contracted(),
    )


def _offer_of_contracted() -> dict[str, Any]:
    """Two a month, duty included, and nothing to buy that is not delivered at once."""
    return {
        "trade_in_lot": np.array([NEVER, 0]),
        "fits": np.array([[True, True], [False, True]]),
        "can_order": np.array([False, True])[:, None, None],
        "order_arrival_period": [0, 1, 2],
        "max_orders": [0.0, 4.0],
        "max_orders_per_period": 2.0,
        "order_usd": 60.0,
        "order_customs_usd": 9.0,
        "sale_usd": 3.0,
        "max_sales_per_period": 1.0,
    }


def _bill_of_contracted() -> dict[str, Any]:
    by_block = np.array([False, False, True])[None, :, None]
    supplied = np.zeros((2, 3, 3))
    supplied[0, 1:] = 1500.0
    return {
        "response_max_kw": [[np.inf], [5.0]],
        "supply_kwh": supplied,
        "supply_discount_usd_per_kwh": 0.01,
        "volume_steps": ("first", "rest"),
        "volume_step_kwh": np.array([[4000.0, np.inf], [0.0, 0.0]])[:, :, None],
        "volume_step_usd_per_kwh": np.array([0.0, 0.02])[:, None],
        "demand_charges": ("window", "ratchet", "floor"),
        "demand_site": np.array([0, 0, 1]),
        "demand_window": np.concatenate([by_block, ~by_block | by_block, ~by_block | by_block]),
        "demand_usd_per_kw": np.array([4.0, 2.0, 3.0])[:, None],
        "demand_floor_kw": np.array([0.0, 0.0, 14.0])[:, None],
        "contracted_kw": np.array([np.inf, 10.0, np.inf])[:, None],
        "excess_usd_per_kw": np.array([0.0, 5.0, 0.0])[:, None],
        "ratchet_share": np.array([0.0, 0.95, 0.0]),
        "ratchet_until": np.array([[NEVER] * 3, [1, 1, NEVER], [NEVER] * 3]),
        "standing_charge_usd": [[20.0], [30.0]],
        "minimum_bill_usd": [[0.0], [430.0]],
        "is_signed": True,
    }
