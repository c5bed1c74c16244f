"""The hours that the law leaves at each site, what its contract charges in them, and what they earn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from geodata.climate import Climate, temperature_normals
from optimizer.config import Study
from optimizer.inputs import Floats
from optimizer.market import MarketPath
from optimizer.prepare.contracts import contract_arrays
from optimizer.prepare.cooling import conditions, figures
from optimizer.prepare.fleet import Fleet, Service
from optimizer.prepare.machine_hours import Earnings, earnings
from optimizer.prepare.modes import ModeArrays, SiteCharges, SiteHours, mode_arrays
from optimizer.prepare.places import Place
from optimizer.prepare.site_terms import is_available, site_rates
from optimizer.sections.horizon import Period
from optimizer.sections.sites import Site
from optimizer.tariffs import site_hours
from optimizer.tariffs.base import Bounds

Arrays = dict[str, Any]


@dataclass(frozen=True)
class Earned:
    """The arrays of the hours, and what only the preparation needs of them."""

    arrays: Arrays
    best_margin_usd: Floats  # (l, s, m)
    typical_pue: Floats  # (s)
    sites: tuple[SiteHours, ...]
    earns: Earnings
    notes: tuple[str, ...]


def earned_hours(
    study: Study,
    periods: list[Period],
    where: Sequence[Place],
    fleet: Fleet,
    service: Service,
    path: MarketPath,
    is_sanctioned: np.ndarray,
) -> Earned:
    """What one machine earns at each site in every way of running, over the hours that the law leaves."""
    earns = earnings(
        fleet.hashrate_ths,
        fleet.power_kw,
        service.uptime_share,
        path.hashprice_usd_per_ths_day,
        path.btc_per_ths_day,
        study.market.pool_fee_share,
        fleet.firmware_share,
    )
    sites = site_hours_of(study, periods, where)
    found = mode_arrays(sites, earns, fleet.profiles)
    setting = found.modes.setting
    arrays: Arrays = {name: amounts[None] for name, amounts in found.amounts.items()}
    arrays |= {
        "profiles": found.modes.names,
        "hour_blocks": found.modes.blocks,
        "profile_block": found.modes.block,
        "profile_is_response": found.modes.is_response,
        "hashrate_ths": _and_highest(fleet.hashrate_ths)[:, setting],
        "wall_kw": _and_highest(fleet.power_kw)[:, setting],
        "meter_kw": found.meter_kw,
        "block_share": found.block_share,
        "block_cap_kw": found.block_cap_kw,
        "supply_kwh": found.supply_kwh,
        "supply_discount_usd_per_kwh": found.supply_discount_usd_per_kwh,
        "can_run": _can_run(study, periods, found, is_sanctioned),
        "allowed_share": _allowed_share(periods, where),
        **contract_arrays(sites, found),
    }
    pue = np.array([_typical_pue(site) for site in study.sites])
    notes = tuple(_hour_notes(study, sites, found))
    return Earned(arrays, found.best_margin_usd, pue, tuple(sites), earns, notes)


def _and_highest(by_setting: Floats) -> Floats:
    """(l, p + 1): the best by the hour is told as the highest setting, and runs in hours of that."""
    return np.concatenate([by_setting, by_setting.max(axis=1, keepdims=True)], axis=1)


def _hour_notes(study: Study, sites: Sequence[SiteHours], found: ModeArrays) -> Iterator[str]:
    """What switching costs, what cannot be offered, and on whose estimates the cooling rests."""
    lost, all_of = found.amounts["friction_usd"], found.amounts["revenue_usd"]
    for number, (each, cut) in enumerate(zip(sites, found.blocks, strict=True)):
        pays = 1.0 if cut is None else lost[:, number] > 0  # no machine need run in every block
        if each.frictions is not None and (revenue := (all_of[:, number] * pays).sum()) > 0:
            share = lost[:, number].sum() / revenue
            how = "" if cut is None else ", in every block of hours the same share of what is left"
            cost = f"switching costs {share:.1%} of revenue, by simulation"
            yield f"{each.site.id}: {cost}{how}, and is charged"
        if cut is not None and each.price.response is not None:
            yield (
                f"{each.site.id} is decided by blocks of hours, and the offer to be switched off is not "
                "counted there: its credits are missing"
            )
    kinds = {site.cooling.kind: site for site in study.sites if site.cooling is not None}
    for kind, site in kinds.items():
        if site.cooling is not None and (weak := figures(site.cooling).estimates):
            yield f"{kind} cooling by bundled figures of low confidence: {', '.join(weak)}; state your own"


def site_hours_of(study: Study, periods: list[Period], where: Sequence[Place]) -> list[SiteHours]:
    """Contract and weather of every site over its lawful hours."""
    bounds, rates = _bounds(periods), site_rates(study, periods)
    found = []
    for number, (place, site) in enumerate(zip(where, study.sites, strict=True)):
        lawful = site_hours(bounds, place.timezone, closed_days(place))
        tariff = study.tariffs[site.tariff]
        fx = np.array(study.currency.factor(tariff.currency, periods))
        price = tariff.power_price(lawful, fx)
        around = conditions(site.cooling, site.pue, climate_of(site), lawful, price)
        charges = SiteCharges(
            id=site.id,
            hosting_fee_usd_per_kwh=site.hosting_fee_usd_per_kwh * rates[number],
            opex_usd_per_kwh=site.opex_usd_per_kwh * rates[number],
            availability_share=site.availability_share,
            pue=site.pue,
        )
        month_hours = None if lawful.before_law is None else lawful.whole.hour_counts()
        found.append(SiteHours(charges, price, around, tariff.frictions, month_hours))
    return found


def climate_of(site: Site) -> Climate | None:
    """Only where the cooling asks for it: a site with a stated overhead needs no weather."""
    if site.cooling is None:
        return None
    return temperature_normals(site.lat_deg, site.lon_deg, site.cooling.elevation_m)


def _can_run(study: Study, periods: list[Period], found: ModeArrays, is_sanctioned: np.ndarray) -> np.ndarray:
    """(l, s, p, m) where a machine has hours to run in, and the site power."""
    bounds = _bounds(periods)
    has_power = np.array(
        [[site.power_limit_kw(first.strftime("%Y-%m")) > 0 for first, _ in bounds] for site in study.sites]
    )
    is_open = ~is_sanctioned & has_power & is_available(study, bounds)
    return np.asarray((found.amounts["run_hours"] > 0) & is_open[None, :, None, :])


def _allowed_share(periods: list[Period], where: Sequence[Place]) -> Floats:
    """(s, m) of the period's hours that the law leaves."""
    bounds = _bounds(periods)
    shares = [
        site_hours(bounds, place.timezone, closed_days(place)).hour_counts()
        / site_hours(bounds, place.timezone).hour_counts()
        for place in where
    ]
    return np.stack(shares)


def missed_share(periods: list[Period], where: Sequence[Place], lost_share: Floats) -> Floats:
    """(s, c, m) share of a site's lawful hours that have passed when machines of a class arrive."""
    bounds = _bounds(periods)
    missed = np.empty((len(where), len(lost_share), len(bounds)))
    for site, place in enumerate(where):
        lawful = site_hours(bounds, place.timezone, closed_days(place))
        whole = lawful.whole
        if whole is lawful:
            missed[site] = lost_share[:, None]
            continue
        for m, (every, left) in enumerate(zip(whole.start_utc, lawful.start_utc, strict=True)):
            arrives = every[0] + lost_share * (every[-1] - every[0] + np.timedelta64(60, "m"))
            passed = np.searchsorted(left, arrives) / max(1, len(left))
            # No closed hours: the share itself, free of the rounding to hours.
            missed[site, :, m] = lost_share if len(left) == len(every) else passed
    return missed


def closed_days(place: Place) -> list[tuple[date, date]]:
    """Local days, first and last, in which nothing may run there."""
    return [
        days for each in place.restrictions if each.effect in ("closed", "sanctioned") for days in each.days
    ]


def _bounds(periods: Sequence[Period]) -> Bounds:
    return [(period.first_day, period.day_after_last) for period in periods]


def _typical_pue(site: Site) -> float:
    """What is stated, or the overhead at the year's normal temperatures."""
    if site.pue is not None or site.cooling is None or (climate := climate_of(site)) is None:
        return site.pue or 1.0
    known = figures(site.cooling)
    return float(np.interp(climate.mean_c, known.curve_c, known.curve_pue).mean())
