"""The arrays themselves, one group of fields at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from optimizer.config import Study
from optimizer.economics import discount_factors
from optimizer.inputs import NEVER, Bools, Floats, Inputs
from optimizer.market import MarketPath, machine_price_factor
from optimizer.prepare.dated import holds, share_held
from optimizer.prepare.fleet import Fleet
from optimizer.prepare.hazards import legal_risk_usd
from optimizer.prepare.law import covers, touches
from optimizer.prepare.machine_hours import earnings, machine_months
from optimizer.prepare.places import Place
from optimizer.prepare.roads import Arrivals, Roads, arrivals
from optimizer.sections.horizon import Period
from optimizer.sections.sites import Site
from optimizer.sections.terms import Group
from optimizer.tariffs import site_hours
from optimizer.tariffs.base import Bounds

Arrays = dict[str, Any]


def assemble(
    study: Study,
    periods: list[Period],
    where: Sequence[Place],
    fleet: Fleet,
    path: MarketPath,
    network: Roads,
) -> Inputs:
    """One scenario of the study as ``Inputs``."""
    months = np.array([period.months for period in periods], dtype=float)
    bounds = [(period.first_day, period.day_after_last) for period in periods]
    decline = machine_price_factor(bounds, study.market.machine_price_decline_share_per_year)
    value = fleet.resale_usd[:, None] * decline
    law = _law(study, periods, where, fleet)
    hours = _hours(study, bounds, where, fleet, path, law)
    trade = _relocation_and_trade(study, periods, fleet, value, decline, network)
    return Inputs(
        scenarios=("base",),
        lots=fleet.ids,
        sites=tuple(site.id for site in study.sites),
        periods=tuple(period.name for period in periods),
        profiles=fleet.profiles,
        hubs=network.hubs,
        corridors=tuple(
            f"{network.hubs[a]} > {network.hubs[b]}"
            for a, b in zip(network.origin, network.target, strict=True)
        ),
        commit_periods=0,
        probability=np.ones(1),
        discount=discount_factors(np.cumsum(months) - months / 2, study.finance.discount_rate_share_per_year),
        period_months=months,
        period_days=np.array([(after - first).days for first, after in bounds], dtype=float),
        start_machines=_start_machines(study, len(fleet.ids)),
        hashrate_ths=fleet.hashrate_ths,
        wall_kw=fleet.power_kw,
        machine_power_kw=fleet.nameplate_kw,
        machine_value_usd=value,
        maintenance_usd=fleet.maintenance_usd_per_month[:, None] * months,
        end_value_usd=value[:, -1] * (1.0 - study.end_value.haircut_share),
        **law,
        **hours,
        **_sites(study, periods, months),
        **_places(where, network),
        legal_risk_usd=legal_risk_usd(study, periods, where, value, hours),
        **trade,
        missed_share=_missed(study, bounds, where, trade["lost_share"]),
        **_limits(study, periods, where, fleet, value, months),
    )


def _start_machines(study: Study, lot_count: int) -> Floats:
    number = {site.id: i for i, site in enumerate(study.sites)}
    start = np.zeros((lot_count, len(study.sites)))
    for lot, terms in enumerate(study.fleet):
        start[lot, number[terms.site]] = terms.count
    return start


def _law(study: Study, periods: list[Period], where: Sequence[Place], fleet: Fleet) -> Arrays:
    """Bars, sanctions and stops to new load by site and period, each with its rule's id."""
    shape = (len(where), len(periods))
    barred, sanctioned, moratorium = (np.full(shape, "", dtype="<U120") for _ in range(3))
    load_kw = np.full(shape, np.inf)
    standing_kw = fleet.nameplate_kw @ _start_machines(study, len(fleet.ids))
    for site, (place, terms) in enumerate(zip(where, study.sites, strict=True)):
        existing = (
            terms.existing_load_kw if terms.existing_load_kw is not None else standing_kw[site] * terms.pue
        )
        closed = tuple(_closed(place))
        for m, period in enumerate(periods):
            holding = [each for each in place.restrictions if touches(each.days, period)]
            if covers(closed, period):
                closing = [each for each in holding if each.effect in ("closed", "sanctioned")]
                whole = [each for each in closing if covers(each.days, period)]
                barred[site, m] = (whole or closing)[0].rule.rule_id
            for each in holding:
                if each.effect == "sanctioned":
                    sanctioned[site, m] = each.rule.rule_id
                elif each.effect == "no new load":
                    moratorium[site, m], load_kw[site, m] = each.rule.rule_id, existing
    return {
        "barred_by": barred,
        "is_sanctioned": sanctioned != "",
        "sanctioned_by": sanctioned,
        "moratorium_kw": load_kw,
        "moratorium_by": moratorium,
    }


def _hours(
    study: Study,
    bounds: Bounds,
    where: Sequence[Place],
    fleet: Fleet,
    path: MarketPath,
    law: Arrays,
) -> Arrays:
    """What one machine earns at each site, over the hours that the law leaves."""
    earns = earnings(
        fleet.hashrate_ths,
        fleet.power_kw,
        fleet.uptime_share,
        path.hashprice_usd_per_ths_day,
        path.btc_per_ths_day,
        study.market.pool_fee_share,
    )
    by_site, allowed = [], []
    for place, site in zip(where, study.sites, strict=True):
        lawful = site_hours(bounds, place.timezone, _closed(place))
        whole = site_hours(bounds, place.timezone)
        by_site.append(machine_months(site, study.tariffs[site.tariff].power_price(lawful), earns))
        allowed.append(lawful.hour_counts() / whole.hour_counts())
    fields = vars(by_site[0])
    arrays: Arrays = {name: np.stack([vars(each)[name] for each in by_site], axis=1)[None] for name in fields}
    has_power = np.array(
        [[site.power_limit_kw(first.strftime("%Y-%m")) > 0 for first, _ in bounds] for site in study.sites]
    )
    open_site = ~law["is_sanctioned"] & has_power & _available(study, bounds)
    arrays["can_run"] = (arrays["run_hours"][0] > 0) & open_site[None, :, None, :]
    pue = np.array([site.pue for site in study.sites])
    meter_kw = fleet.power_kw[:, None, :, None] * pue[:, None, None]
    arrays["meter_kw"] = np.broadcast_to(meter_kw, arrays["can_run"].shape).copy()
    arrays["allowed_share"] = np.stack(allowed)
    return arrays


def _missed(study: Study, bounds: Bounds, where: Sequence[Place], lost_share: Floats) -> Floats:
    """(s, c, m) share of a site's lawful hours that have passed when machines of a class arrive."""
    missed = np.empty((len(where), len(lost_share), len(bounds)))
    for site, place in enumerate(where):
        whole, lawful = site_hours(bounds, place.timezone), site_hours(bounds, place.timezone, _closed(place))
        for m, (every, left) in enumerate(zip(whole.start_utc, lawful.start_utc, strict=True)):
            arrives = every[0] + lost_share * (every[-1] - every[0] + np.timedelta64(60, "m"))
            passed = np.searchsorted(left, arrives) / max(1, len(left))
            # No closed hours: the share itself, free of the rounding to hours.
            missed[site, :, m] = lost_share if len(left) == len(every) else passed
    return missed


def _closed(place: Place) -> list[tuple[date, date]]:
    return [
        days for each in place.restrictions if each.effect in ("closed", "sanctioned") for days in each.days
    ]


def _available(study: Study, bounds: Bounds) -> Bools:
    """(s, m) whether the site can be used yet."""
    months = [first.strftime("%Y-%m") for first, _ in bounds]
    return np.array([[(site.available_from or month) <= month for month in months] for site in study.sites])


def _sites(study: Study, periods: list[Period], months: Floats) -> Arrays:
    sites, relocation = study.sites, study.relocation
    bounds = [(period.first_day, period.day_after_last) for period in periods]
    is_available = _available(study, bounds)
    limit = np.array([[_power_kw(site, period) for period in periods] for site in sites])
    crew_out = _monthly([site.crew_out_machines_per_month for site in sites], months)
    crew_in = _monthly([site.crew_in_machines_per_month for site in sites], months)
    standing = {lot.site for lot in study.fleet if lot.count}
    term_ends = np.cumsum(months) - months
    term = np.array(
        [
            [np.sum((term_ends >= at) & (term_ends < at + site.min_term_months)) for at in term_ends]
            for site in sites
        ]
    )
    return {
        "max_power_kw": np.where(is_available, limit, 0.0),
        "max_machines": _or_infinite([site.max_machines for site in sites]),
        "crew_out_machines": crew_out,
        "crew_in_machines": np.where(is_available, crew_in, 0.0),
        "deinstall_usd": _or_default(
            [s.deinstall_usd_per_machine for s in sites], relocation.deinstall_usd_per_machine
        ),
        "install_usd": _or_default(
            [s.install_usd_per_machine for s in sites], relocation.install_usd_per_machine
        ),
        "fixed_usd": np.array([site.fixed_usd_per_month for site in sites])[:, None] * months,
        "opening_usd": np.array([site.opening_cost_usd for site in sites]),
        "exit_usd": np.array([site.exit_fee_usd for site in sites]),
        "deposit_usd": np.array([site.deposit_usd for site in sites]),
        "min_term_periods": term.astype(np.int64),
        "min_power_kw": np.array([site.min_power_kw / site.pue for site in sites]),
        "is_open_at_start": np.array([site.id in standing for site in sites]),
        "build_usd_per_kw": np.array([site.build_usd_per_kw for site in sites]),
        "built_at_start_kw": _or_infinite([site.built_power_kw for site in sites]),
    }


def _places(where: Sequence[Place], network: Roads) -> Arrays:
    return {
        "site_region": tuple(place.region for place in where),
        "site_jurisdiction": tuple(place.jurisdiction for place in where),
        "hub_of_site": np.array([network.hub_of_region[place.region] for place in where], dtype=np.int64),
    }


def _power_kw(site: Site, period: Period) -> float:
    """The least of the period's months."""
    return min(site.power_limit_kw(month) for month in period.month_names())


def _relocation_and_trade(
    study: Study, periods: list[Period], fleet: Fleet, value: Floats, decline: Floats, network: Roads
) -> Arrays:
    offers = study.purchases
    leads = [corridor.lead_time_weeks for corridor in network.corridors] + [
        offer.lead_time_weeks for offer in offers
    ]
    due = arrivals(leads, periods)
    by_road, by_order = slice(0, len(network.corridors)), slice(len(network.corridors), None)
    insurance, breakage = (
        np.array([getattr(corridor, name) for corridor in network.corridors])
        for name in ("insurance_share", "breakage_share")
    )
    duty, vat = (
        np.array([getattr(corridor, name) for corridor in network.corridors])
        for name in ("duty_share", "vat_share")
    )
    freight = np.array([corridor.freight_usd_per_kg for corridor in network.corridors])
    worth = value[:, None, :]
    return {
        "arrival_classes": tuple(f"{share:.1%} lost" for share in due.lost_share),
        "lost_share": due.lost_share,
        "corridor_from": network.origin,
        "corridor_to": network.target,
        "arrival_period": due.period[by_road],
        "arrival_class": due.arrival_class[by_road],
        "freight_usd": fleet.mass_kg[:, None] * freight,
        "insurance_usd": worth * insurance[:, None],
        "customs_usd": worth * (duty + vat * (1.0 + duty))[:, None],
        "breakage_usd": worth * breakage[:, None],
        **_orders(study, periods, fleet, decline, network, due, by_order),
        "sale_usd": value * (1.0 - study.sales.fee_share),
        "max_sales_per_period": _max_sales(study, periods),
    }


def _orders(
    study: Study,
    periods: list[Period],
    fleet: Fleet,
    decline: Floats,
    network: Roads,
    due: Arrivals,
    rows: slice,
) -> Arrays:
    own, count, months = len(study.fleet), len(fleet.ids), len(periods)
    price, per_period = np.zeros((count, months)), np.zeros((count, months))
    limit = np.zeros(count)
    can_order = np.zeros((count, len(network.hubs), months), dtype=bool)
    period, arrival_class = np.full((count, months), NEVER), np.zeros((count, months), dtype=np.int64)
    period[own:], arrival_class[own:] = due.period[rows], due.arrival_class[rows]
    for lot, offer in enumerate(study.purchases, start=own):
        holds = share_held(offer, periods) == 1.0  # on offer all the period
        price[lot] = offer.price_usd_per_ths * fleet.nameplate_ths[lot] * decline
        limit[lot] = offer.max_machines
        monthly = np.inf if offer.max_machines_per_month is None else float(offer.max_machines_per_month)
        per_period[lot] = np.where(holds, monthly, 0.0)
        hubs = [
            hub
            for region, hub in network.hub_of_region.items()
            if region in offer.deliver_to or region[:2] in offer.deliver_to
        ]
        can_order[lot, hubs] = holds
    return {
        "order_usd": price,
        "can_order": can_order,
        "order_arrival_period": period,
        "order_arrival_class": arrival_class,
        "max_orders": limit,
        "max_orders_per_period": per_period * np.array([each.months for each in periods]),
    }


def _max_sales(study: Study, periods: list[Period]) -> Floats:
    months = np.array([period.months for period in periods], dtype=float)
    if not study.sales.allowed:
        return np.zeros(len(periods))
    limit = study.sales.max_machines_per_month
    return np.full(len(periods), np.inf) if limit is None else limit * months


def _limits(
    study: Study, periods: list[Period], where: Sequence[Place], fleet: Fleet, value: Floats, months: Floats
) -> Arrays:
    groups, shares, budget = study.limits.power_groups, study.limits.concentration, study.limits.budget
    count = len(periods)
    weights = {
        "power": np.broadcast_to(fleet.nameplate_kw[:, None], value.shape),
        "hashrate": np.broadcast_to(fleet.nameplate_ths[:, None], value.shape),
        "value": value,
    }
    capex = np.full(count, np.inf)
    if budget is not None and budget.max_capex_usd_per_month is not None:
        capex = budget.max_capex_usd_per_month * months
    return {
        "power_groups": tuple(group.name for group in groups),
        "power_group_members": _members(groups, study, where),
        "power_group_kw": np.array(
            [np.where(holds(g, periods), g.max_power_kw, np.inf) for g in groups]
        ).reshape(-1, count),
        "concentrations": tuple(share.name for share in shares),
        "concentration_members": _members(shares, study, where),
        "concentration_weight": np.array([weights[share.measure] for share in shares]).reshape(
            -1, *value.shape
        ),
        "concentration_max_share": np.array(
            [np.where(holds(share, periods), share.max_share, np.inf) for share in shares]
        ).reshape(-1, count),
        "max_capex_usd": capex,
        "opening_cash_usd": np.inf if budget is None else budget.opening_cash_usd,
        "min_cash_usd": 0.0 if budget is None else budget.min_cash_usd,
    }


def _members(groups: Sequence[Group], study: Study, where: Sequence[Place]) -> Bools:
    """(g, s) whether the site belongs to each named set."""
    rows = [
        [
            site.id in group.sites
            or place.region in group.regions
            or place.jurisdiction in group.jurisdictions
            or (site.host is not None and site.host in getattr(group, "hosts", ()))
            for place, site in zip(where, study.sites, strict=True)
        ]
        for group in groups
    ]
    return np.array(rows, dtype=bool).reshape(-1, len(study.sites))


def _monthly(limits: Sequence[int | None], months: Floats) -> Floats:
    return _or_infinite(limits)[:, None] * months


def _or_infinite(limits: Sequence[float | None]) -> Floats:
    return np.array([np.inf if limit is None else float(limit) for limit in limits])


def _or_default(values: Sequence[float | None], default: float) -> Floats:
    return np.array([default if value is None else value for value in values])
