"""From a study to arrays: the only place where the study, the law of the place and the market meet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import product

import pandas as pd

from geodata.calendars import ONE_DAY
from optimizer import market
from optimizer.config import Study
from optimizer.errors import ConfigError
from optimizer.inputs import Inputs
from optimizer.prepare.assemble import assemble
from optimizer.prepare.breakevens import COLUMNS as BREAKEVEN_COLUMNS
from optimizer.prepare.breakevens import breakeven_table, breakevens
from optimizer.prepare.customs import customs
from optimizer.prepare.fleet import Fleet, fleet, service
from optimizer.prepare.hazards import hazard_notes
from optimizer.prepare.law import Restriction
from optimizer.prepare.lawful_hours import Earned
from optimizer.prepare.market import machine_price_factors, market_notes, market_of
from optimizer.prepare.money import money_notes, owners_of_sites
from optimizer.prepare.places import Place, places, site_notes
from optimizer.prepare.roads import Roads, roads
from optimizer.prepare.routes import routes
from optimizer.prepare.trade import MachinePrices, offer_notes, offers_of, regions_of
from optimizer.sections.horizon import Period

PAIRS_SHOWN = 6


@dataclass(frozen=True)
class Prepared:
    """The arrays of a study, and what a reader of the plan must be told about where they come from."""

    inputs: Inputs
    periods: tuple[Period, ...]
    places: tuple[Place, ...]
    market_start: market.MarketPoint
    market_path: market.MarketPath
    notes: tuple[str, ...]
    hours: Earned

    @property
    def restrictions(self) -> tuple[Restriction, ...]:
        """Every rule that binds a site within the horizon."""
        return tuple(restriction for place in self.places for restriction in place.restrictions)


def prepare(study: Study) -> Prepared:
    """Everything the model needs.

    Raises
    ------
    ConfigError
        With every problem that only the place, the law, the catalogue or the market can show.
    """
    periods = study.horizon.periods()
    where, geography_notes = places(study, periods[0].first_day, periods[-1].day_after_last - ONE_DAY)
    try:
        machines = fleet(study.fleet, study.purchases, study.refurbishments)
        worn = service(machines.machines, periods)
        start, path = market_of(study, periods)
    except (LookupError, ValueError) as error:
        raise ConfigError([study.problem_at((), None, str(error), "")]) from error
    regions = sorted({place.region for place in where})
    _check_corridors(study, regions)
    routed = routes(study, where)
    border = customs(study, regions, routed.corridors, machines, periods)
    owners = owners_of_sites(study, where)
    owned = sorted({(place.region, owner) for place, owner in zip(where, owners, strict=True)})
    offers = [regions_of(offer, regions) for offer in offers_of(study)]
    network = roads(study.relocation, owned, offers, routed.corridors, border)
    prices = _machine_prices(study, periods, start, path, machines)
    inputs, hours = assemble(study, periods, where, machines, worn, prices, path, network, border, owners)
    notes = (*study.warnings, *market_notes(start, periods[0].first_day), *geography_notes)
    notes += (
        *site_notes(study, where, [each.price for each in hours.sites]),
        *hazard_notes(study, where, periods),
    )
    notes += (
        *money_notes(study, where, owners),
        *routed.notes,
        *border.notes,
        *offer_notes(study, regions),
        *_road_notes(network),
        *machines.notes,
    )
    notes += hours.notes
    return Prepared(inputs, tuple(periods), tuple(where), start, path, notes, hours)


def breakevens_of(prepared: Prepared, periods: Collection[str] | None = None) -> pd.DataFrame:
    """Break-even power price and hashprice of every lot, setting, site and period."""
    data, hours = prepared.inputs, prepared.hours
    settings = [data.profiles[mode] for mode in range(hours.earns.power_kw.shape[1])]
    tables = [
        breakeven_table(
            breakevens(each.site, each.price, hours.earns, each.around, data.maintenance_usd),
            data.lots,
            tuple(settings),
            each.site.id,
            data.periods,
        )
        for each in hours.sites
    ]
    found = pd.concat(tables, ignore_index=True)
    return found if periods is None else found[found.period.isin(periods)].reset_index(drop=True)


def _machine_prices(
    study: Study, periods: list[Period], start: market.MarketPoint, path: market.MarketPath, machines: Fleet
) -> MachinePrices:
    today = machines.resale_usd
    factors = machine_price_factors(
        study, periods, start, path, machines.j_per_th, today / machines.nameplate_ths
    )
    return MachinePrices(value_usd=today[:, None] * factors[0], order_factor=factors[1])


def _road_notes(network: Roads) -> list[str]:
    """Pairs of different hubs that no corridor joins."""
    pairs = [f"{origin} to {target}" for origin, target in network.missing if origin != target]
    if not pairs:
        return []
    more = f" and {len(pairs) - PAIRS_SHOWN} more" if len(pairs) > PAIRS_SHOWN else ""
    return [f"no corridor, so nothing moves: {', '.join(pairs[:PAIRS_SHOWN])}{more}"]


def _check_corridors(study: Study, regions: list[str]) -> None:
    """Two corridors that name a pair equally closely would leave the terms to chance."""
    problems = []
    for origin, target in product(regions, regions):
        closest = study.relocation.closest(origin, target)
        if len(closest) > 1:
            number = study.relocation.corridors.index(closest[1])
            rule = f"{len(closest)} corridors name {origin} to {target} equally closely"
            where = ("relocation", "corridors", number)
            problems.append(study.problem_at(where, None, rule, "name the regions in one, or drop one"))
    if problems:
        raise ConfigError(problems)


__all__ = ["BREAKEVEN_COLUMNS", "Prepared", "breakevens_of", "prepare"]
