"""One deterministic model at three sizes: plausible machines, sites, prices and roads from a fixed seed."""

from __future__ import annotations

import numpy as np

from optimizer.inputs import NEVER, Inputs

SIZES = {"small": (10, 5, 12), "middle": (40, 10, 24), "large": (150, 20, 36)}  # sites, lots, periods
HOURS = 730.5
UNLIMITED = np.inf


def instance(sites: int, lots: int, periods: int, seed: int = 7) -> Inputs:
    """One scenario, one profile; every fourth lot can be bought too, every eighth site is shut in winter."""
    draw = np.random.default_rng(seed)
    hubs = max(2, sites // 12 + 2)
    hub_of_site = np.arange(sites) % hubs
    hashrate = draw.uniform(100, 320, lots)
    power_kw = hashrate * draw.uniform(13, 30, lots) / 1000
    month = np.arange(periods)
    hashprice = 0.045 * 0.985**month * (1 + 0.05 * np.sin(month))
    price = draw.uniform(0.025, 0.065, sites)[:, None] * (1 + 0.03 * draw.standard_normal((sites, periods)))
    allowed = np.ones((sites, periods))
    allowed[::8, month % 12 < 3] = 0.0
    revenue = (hashprice * hashrate[:, None] * HOURS / 24)[:, None, :]
    energy_kwh = np.broadcast_to((power_kw * HOURS)[:, None, None] * allowed, (lots, sites, periods))
    pays = (revenue > power_kw[:, None, None] * HOURS * price) & (allowed > 0)
    fleet = np.zeros((lots, sites))
    for lot in range(lots):
        fleet[lot, draw.choice(sites, 3, replace=False)] = draw.integers(200, 2000, 3)
    value = (8.0 * 20 / (power_kw / hashrate * 1000) * hashrate)[:, None] * 0.985 ** month[None, :]
    max_kw = np.maximum(draw.uniform(2_000, 12_000, sites), 1.05 * power_kw @ fleet)
    lead = np.where(np.eye(hubs, dtype=bool), 0.5, draw.uniform(1.2, 2.8, (hubs, hubs)).round(0) + 0.4)
    origin, target = (axis.ravel() for axis in np.indices((hubs, hubs)))
    arrival = month[None, :] + np.floor(lead[origin, target])[:, None].astype(int)
    arrival_class = np.where(origin == target, 0, 1)[:, None] * np.ones(periods, dtype=int)
    freight = draw.uniform(20, 60, (hubs, hubs))[origin, target] * np.where(origin == target, 0.3, 1.0)
    is_new = np.arange(lots) % 4 == 0
    names = {"w": 1, "l": lots, "s": sites, "m": periods, "p": 1}
    one = np.ones((1, lots, sites, 1, periods))
    running = pays[None, :, :, None, :] * one
    zeros = np.zeros_like(one)
    customs_share = np.where(origin == target, 0.0, draw.uniform(0, 0.2, len(origin)))
    assert len(names) == 5
    return Inputs(
        scenarios=("base",),
        lots=tuple(f"lot{i}" for i in range(lots)),
        sites=tuple(f"site{i}" for i in range(sites)),
        periods=tuple(f"{2027 + i // 12}-{i % 12 + 1:02d}" for i in range(periods)),
        profiles=("normal",),
        hubs=tuple(f"hub{i}" for i in range(hubs)),
        corridors=tuple(f"hub{a}>hub{b}" for a, b in zip(origin, target, strict=True)),
        arrival_classes=("domestic", "foreign"),
        power_groups=("east", "west"),
        concentrations=("hub0",),
        commit_periods=0,
        probability=np.ones(1),
        discount=0.99**month,
        period_months=np.ones(periods),
        period_days=np.full(periods, HOURS / 24),
        start_machines=fleet,
        hashrate_ths=hashrate[:, None],
        wall_kw=power_kw[:, None],
        machine_power_kw=power_kw,
        machine_value_usd=value,
        maintenance_usd=np.full((lots, periods), 1.0),
        can_run=pays[:, :, None, :],
        meter_kw=np.broadcast_to(power_kw[:, None, None, None], (lots, sites, 1, periods)) * 1.05,
        revenue_usd=running * (revenue * allowed)[None, :, :, None, :],
        pool_fee_usd=running * 0.02 * (revenue * allowed)[None, :, :, None, :],
        energy_usd=running * (energy_kwh * price)[None, :, :, None, :],
        delivery_usd=zeros,
        levy_usd=zeros,
        hosting_usd=zeros,
        site_opex_usd=running * 0.003 * energy_kwh[None, :, :, None, :],
        energy_kwh=running * energy_kwh[None, :, :, None, :],
        run_hours=running * HOURS * allowed[None, None, :, None, :],
        mined_btc=running * (revenue * allowed)[None, :, :, None, :] / 70_000,
        site_region=tuple(f"XX-{i}" for i in hub_of_site),
        site_jurisdiction=tuple("XX" for _ in range(sites)),
        max_power_kw=np.broadcast_to(max_kw[:, None], (sites, periods)).copy(),
        max_machines=np.full(sites, UNLIMITED),
        crew_out_machines=np.full((sites, periods), 1500.0),
        crew_in_machines=np.full((sites, periods), 1500.0),
        deinstall_usd=np.full(sites, 15.0),
        install_usd=np.full(sites, 20.0),
        fixed_usd=np.zeros((sites, periods)),
        opening_usd=np.zeros(sites),
        exit_usd=np.zeros(sites),
        deposit_usd=np.zeros(sites),
        min_term_periods=np.zeros((sites, periods), dtype=int),
        min_power_kw=np.zeros(sites),
        is_open_at_start=fleet.sum(axis=0) > 0,
        build_usd_per_kw=np.zeros(sites),
        built_at_start_kw=np.full(sites, UNLIMITED),
        allowed_share=allowed,
        barred_by=np.where(allowed == 0, "winter", ""),
        is_sanctioned=np.zeros((sites, periods), dtype=bool),
        sanctioned_by=np.full((sites, periods), ""),
        moratorium_kw=np.full((sites, periods), UNLIMITED),
        moratorium_by=np.full((sites, periods), ""),
        legal_risk_usd=np.broadcast_to(
            draw.uniform(0, 6, (1, 1, sites, 1)), (1, lots, sites, periods)
        ).copy(),
        hub_of_site=hub_of_site,
        corridor_from=origin,
        corridor_to=target,
        arrival_period=np.where(arrival < periods, arrival, NEVER),
        arrival_class=arrival_class,
        lost_share=np.array([0.5, 0.4]),
        missed_share=np.broadcast_to(np.array([0.5, 0.4])[:, None], (sites, 2, periods)).copy(),
        freight_usd=np.broadcast_to(freight, (lots, hubs * hubs)).copy(),
        insurance_usd=0.005 * np.broadcast_to(value[:, None, :], (lots, hubs * hubs, periods)),
        customs_usd=customs_share[None, :, None] * value[:, None, :],
        breakage_usd=0.015 * np.broadcast_to(value[:, None, :], (lots, hubs * hubs, periods)),
        order_usd=value * 1.3,
        can_order=np.broadcast_to(is_new[:, None, None], (lots, hubs, periods)).copy(),
        order_arrival_period=np.broadcast_to(
            np.where(month + 2 < periods, month + 2, NEVER), (lots, periods)
        ).copy(),
        order_arrival_class=np.ones((lots, periods), dtype=int),
        max_orders=np.where(is_new, 5000.0, 0.0),
        max_orders_per_period=np.full((lots, periods), UNLIMITED),
        sale_usd=value * 0.9,
        max_sales_per_period=np.full(periods, UNLIMITED),
        power_group_members=np.stack([np.arange(sites) % 2 == 0, np.arange(sites) % 2 == 1]),
        power_group_kw=np.full((2, periods), 0.45 * max_kw.sum()),
        concentration_members=(hub_of_site == 0)[None, :],
        concentration_weight=np.broadcast_to(power_kw[None, :, None], (1, lots, periods)).copy(),
        concentration_max_share=np.where(month < 6, np.inf, 0.4)[None, :],
        max_capex_usd=np.full(periods, 0.1 * (value[:, 0] @ fleet.sum(axis=1))),
        opening_cash_usd=0.05 * float(value[:, 0] @ fleet.sum(axis=1)),
        min_cash_usd=0.0,
        end_value_usd=0.85 * value[:, -1],
    )
