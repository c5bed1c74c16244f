"""The arrays themselves, one group of fields at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from optimizer.config import Study
from optimizer.economics import discount_factors
from optimizer.errors import ConfigError, Problem
from optimizer.inputs import Floats, Inputs, Texts
from optimizer.market import MarketPath
from optimizer.prepare.cooling import fits
from optimizer.prepare.customs import Customs
from optimizer.prepare.fleet import Fleet, Service
from optimizer.prepare.hazards import legal_risk_usd
from optimizer.prepare.law import covers, touches
from optimizer.prepare.lawful_hours import Earned, climate_of, closed_days, earned_hours, missed_share
from optimizer.prepare.limits import limits
from optimizer.prepare.market import end_btc_price_usd, treasury_share
from optimizer.prepare.money import money_arrays
from optimizer.prepare.places import Place
from optimizer.prepare.roads import Roads
from optimizer.prepare.site_terms import site_terms
from optimizer.prepare.trade import MachinePrices, trade
from optimizer.sections.horizon import Period
from optimizer.sections.sites import Site

Arrays = dict[str, Any]


def assemble(
    study: Study,
    periods: list[Period],
    where: Sequence[Place],
    fleet: Fleet,
    service: Service,
    prices: MachinePrices,
    path: MarketPath,
    network: Roads,
    border: Customs,
    owners: Sequence[str],
) -> tuple[Inputs, Earned]:
    """One scenario of the study, and the hours it rests on; ``owners`` are the companies of the sites."""
    months = np.array([period.months for period in periods], dtype=float)
    value = prices.value_usd
    fitting = _fits(study, fleet)
    start = _start_machines(study, len(fleet.ids))
    closing = _closing(periods, where)
    hours = earned_hours(study, periods, where, fleet, service, path, closing["is_sanctioned"])
    traded = trade(study, periods, fleet, prices, network, border)
    inputs = Inputs(
        scenarios=("base",),
        lots=fleet.ids,
        sites=tuple(site.id for site in study.sites),
        periods=tuple(period.name for period in periods),
        hubs=network.hubs,
        corridors=tuple(
            f"{network.hubs[a]} > {network.hubs[b]}"
            for a, b in zip(network.origin, network.target, strict=True)
        ),
        commit_periods=0,
        probability=np.ones(1),
        discount=discount_factors(np.cumsum(months) - months / 2, study.finance.discount_rate_share_per_year),
        period_months=months,
        period_days=np.array([(p.day_after_last - p.first_day).days for p in periods], dtype=float),
        start_machines=start,
        machine_power_kw=fleet.nameplate_kw,
        machine_value_usd=value,
        maintenance_usd=service.maintenance_usd,
        end_value_usd=value[:, -1] * (1.0 - study.end_value.haircut_share),
        treasury_share=treasury_share(study.market, periods),
        end_btc_price_usd=end_btc_price_usd(study.market, path),
        **closing,
        **_moratorium(study, periods, where, fleet.nameplate_kw @ start * hours.typical_pue),
        **hours.arrays,
        **fitting,
        **site_terms(study, periods, months, hours.typical_pue),
        **_places(where, network, owners),
        legal_risk_usd=legal_risk_usd(
            study, periods, where, value, hours.best_margin_usd, hours.arrays["allowed_share"]
        ),
        **traded,
        missed_share=missed_share(periods, where, traded["lost_share"]),
        **limits(study, periods, where, fleet, value, months),
        **money_arrays(study, periods, network, owners, fleet, value),
    )
    return inputs, hours


def _start_machines(study: Study, lot_count: int) -> Floats:
    number = {site.id: i for i, site in enumerate(study.sites)}
    start = np.zeros((lot_count, len(study.sites)))
    for lot, terms in enumerate(study.fleet):
        start[lot, number[terms.site]] = terms.count
    return start


def _closing(periods: list[Period], where: Sequence[Place]) -> Arrays:
    """Bars and sanctions by site and period, each with its rule's id."""
    barred, sanctioned = (np.full((len(where), len(periods)), "", dtype="<U120") for _ in range(2))
    for site, place in enumerate(where):
        closed = tuple(closed_days(place))
        for m, period in enumerate(periods):
            holding = [each for each in place.restrictions if touches(each.days, period)]
            if covers(closed, period):
                closing = [each for each in holding if each.effect in ("closed", "sanctioned")]
                whole = [each for each in closing if covers(each.days, period)]
                barred[site, m] = (whole or closing)[0].rule.rule_id
            for each in holding:
                if each.effect == "sanctioned":
                    sanctioned[site, m] = each.rule.rule_id
    return {"barred_by": barred, "is_sanctioned": sanctioned != "", "sanctioned_by": sanctioned}


def _moratorium(study: Study, periods: list[Period], where: Sequence[Place], standing_kw: Floats) -> Arrays:
    """Stops to new load: the load that they leave is what the site states, or the fleet that stands there."""
    rule_id = np.full((len(where), len(periods)), "", dtype="<U120")
    load_kw = np.full(rule_id.shape, np.inf)
    for site, (place, terms) in enumerate(zip(where, study.sites, strict=True)):
        existing = standing_kw[site] if terms.existing_load_kw is None else terms.existing_load_kw
        for m, period in enumerate(periods):
            for each in place.restrictions:
                if each.effect == "no new load" and touches(each.days, period):
                    rule_id[site, m], load_kw[site, m] = each.rule.rule_id, existing
    return {"moratorium_kw": load_kw, "moratorium_by": rule_id}


def _fits(study: Study, fleet: Fleet) -> Arrays:
    """Which machines a site can take, and why not; ConfigError where a lot stands that does not fit."""
    heights = [_elevation_m(site) for site in study.sites]
    because = np.full((len(fleet.ids), len(study.sites)), "", dtype="<U200")
    for lot, (cooling, limit_m) in enumerate(zip(fleet.cooling, fleet.altitude_limit_m, strict=True)):
        for number, (site, elevation_m) in enumerate(zip(study.sites, heights, strict=True)):
            _, because[lot, number] = fits(cooling, limit_m, site.cooling, elevation_m)
    problems = list(_misplaced(study, because))
    if problems:
        raise ConfigError(problems)
    return {"fits": because == "", "unfit_because": because}


def _misplaced(study: Study, because: Texts) -> Iterator[Problem]:
    """Lots that stand on the first day where they cannot run; ``because`` (l, s)."""
    number = {site.id: i for i, site in enumerate(study.sites)}
    for i, lot in enumerate(study.fleet):
        reason = str(because[i, number[lot.site]])
        if lot.count and reason:
            rule = f"is where lot {lot.id!r} stands, which does not fit there: {reason}"
            remedy = "correct the lot's cooling or altitude_limit_m, the site's cooling, or the lot's site"
            yield study.problem_at(("fleet", i, "site"), lot.site, rule, remedy)


def _elevation_m(site: Site) -> float | None:
    """Known where the site says how it cools."""
    climate = climate_of(site)
    return None if climate is None else climate.elevation_m


def _places(where: Sequence[Place], network: Roads, owners: Sequence[str]) -> Arrays:
    at = [network.hub_of[place.region, owner] for place, owner in zip(where, owners, strict=True)]
    return {
        "site_region": tuple(place.region for place in where),
        "site_jurisdiction": tuple(place.jurisdiction for place in where),
        "hub_of_site": np.array(at, dtype=np.int64),
    }
