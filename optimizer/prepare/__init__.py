"""From a study to arrays: the only place where the study, the law of the place and the market meet."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from itertools import product

import numpy as np

from geodata.calendars import ONE_DAY
from optimizer import market
from optimizer.config import Study
from optimizer.errors import ConfigError
from optimizer.inputs import Inputs
from optimizer.prepare.assemble import assemble
from optimizer.prepare.fleet import fleet
from optimizer.prepare.hazards import hazard_notes
from optimizer.prepare.law import Restriction
from optimizer.prepare.places import Place, places, site_notes
from optimizer.prepare.roads import Roads, roads
from optimizer.prepare.routes import routes
from optimizer.sections.horizon import Period
from optimizer.sections.market import StartPoint

STALE_AFTER_DAYS = 45
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
        machines = fleet(study.fleet, study.purchases)
        start, path = _market(study, periods)
    except (LookupError, ValueError) as error:
        raise ConfigError([study.problem_at((), None, str(error), "")]) from error
    regions = sorted({place.region for place in where})
    offers = [_delivered(offer.deliver_to, regions) for offer in study.purchases]
    _check_corridors(study, regions)
    routed = routes(study, where)
    network = roads(study.relocation, regions, offers, routed.corridors)
    inputs = assemble(study, periods, where, machines, path, network)
    notes = (*study.warnings, *_market_notes(start, periods[0].first_day), *geography_notes)
    notes += (*site_notes(study, where), *hazard_notes(study, where, periods))
    notes += (*routed.notes, *_road_notes(network), *machines.notes)
    return Prepared(inputs, tuple(periods), tuple(where), start, path, notes)


def _market(study: Study, periods: list[Period]) -> tuple[market.MarketPoint, market.MarketPath]:
    terms = study.market
    start = _start(terms.start)
    bounds = [(period.first_day, period.day_after_last) for period in periods]
    given = terms.hashprice_usd_per_ths_day
    if given is None:
        path = market.project(
            start,
            bounds,
            terms.btc_price_growth_share_per_year,
            terms.network_growth_share_per_year,
            terms.fees_btc_per_block,
        )
        return start, path
    if isinstance(given, float | int):
        hashprice = np.full(len(periods), float(given))
    else:
        hashprice = market.day_weighted({row.month: row.hashprice_usd_per_ths_day for row in given}, bounds)
    return start, market.given(hashprice, start, bounds, terms.btc_price_growth_share_per_year)


def _start(start: str | StartPoint) -> market.MarketPoint:
    if isinstance(start, StartPoint):
        return market.point(
            start.month, start.btc_price_usd, start.difficulty, start.fees_btc_per_block, start.source
        )
    return market.bundled_start()


def _market_notes(start: market.MarketPoint, first_day: datetime.date) -> list[str]:
    age = start.age_days(first_day)
    if age <= STALE_AFTER_DAYS:
        return []
    return [
        f"market figures are {age} days old on {first_day} "
        f"({start.month}, {start.btc_price_usd:,.0f} USD/BTC); give newer ones in market.start"
    ]


def _delivered(deliver_to: tuple[str, ...], regions: list[str]) -> frozenset[str]:
    return frozenset(region for region in regions if region in deliver_to or region[:2] in deliver_to)


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


__all__ = ["Prepared", "prepare"]
