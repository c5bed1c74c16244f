"""How far two places are apart: by great circle, and by road, rail, sea and air over a network of hubs.

The network is coarse: some four hundred hubs, joined by legs of a published length or of the great circle
times a factor. It serves the planning of a move, not the choice of a road.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, product

from geodata.access import Site, direct, ways_to_hubs
from geodata.freight import ON_SITE, VOYAGES, Border, Measure, Rates, freight_rates, handling_cost
from geodata.globe import great_circle_km as great_circle_km
from geodata.network import ENDLESS, MODES, Leg, closures_of
from geodata.store import GeodataError
from geodata.ways import CHANGE, ROAD, Node, network

NEGLIGIBLE_KM = 1.0  # a site this near a hub is at it
WEEK_DAYS = 7.0


@dataclass(frozen=True)
class Route:
    """A way from one place to another, leg by leg; the way back is as long.

    `is_complete` is False when the road between a site and its hub is a guess: because it is long, or leads
    across a third country or ground that somebody else than its own country holds; `notes` say which.
    """

    legs: tuple[Leg, ...]
    km: float
    km_by_mode: dict[str, float]
    is_complete: bool
    notes: tuple[str, ...]

    @property
    def borders(self) -> tuple[Border, ...]:
        """The jurisdictions on both sides of each border crossed, in the order of travel."""
        return tuple(border for leg in self.legs for border in leg.borders)

    def freight_usd_per_kg(self, rates: Rates | None = None) -> float:
        """What a kilogram of packed machine costs to send, USD; duty and insurance are not in it."""
        return self._cost("usd", freight_rates() if rates is None else rates)

    def lead_time_weeks(self, rates: Rates | None = None) -> float:
        """Weeks from switching a machine off to its running again: packing, waiting, moving, clearing."""
        by_mode = freight_rates() if rates is None else rates
        return (dict(by_mode)[ON_SITE].handling_days + self._cost("days", by_mode)) / WEEK_DAYS

    def _cost(self, by: Measure, rates: Rates) -> float:
        by_mode = dict(rates)
        handling = sum(handling_cost(by, by_mode[mode]) for mode in self._handled())
        return handling + sum(leg.cost(by, by_mode[leg.mode]) for leg in self.legs)

    def _handled(self) -> list[str]:
        """The mode of each loading and unloading: once for each voyage, flight, and stretch by land."""
        runs = [(mode, len(list(legs))) for mode, legs in groupby(leg.mode for leg in self.legs)]
        return [mode for mode, legs in runs for _ in range(legs if mode in VOYAGES else 1)]


def route(
    lat1_deg: float,
    lon1_deg: float,
    lat2_deg: float,
    lon2_deg: float,
    modes: Iterable[str] = ("road", "rail", "sea"),
    *,
    by: Measure = "days",
    on: date | None = None,
    rates: Rates | None = None,
) -> Route:
    """The best way from one place to another: the quickest, or the cheapest (`by="usd"`) or shortest ("km").

    `modes` must contain "road", by which every site is reached. `on` is the day on which borders must be
    open; without it those closed with no end known are closed. Raises GeodataError when a place is at sea
    or unknown, when no hub can be reached, and when no way exists, with the closed border that is the cause.
    """
    wanted, priced = _modes(modes), freight_rates() if rates is None else rates
    first, last, day = Site(lat1_deg, lon1_deg), Site(lat2_deg, lon2_deg), on or ENDLESS
    found = _best(first, last, wanted, day, by, priced)
    if found is None:
        raise GeodataError(_no_way(first, last, wanted, day, by, priced))
    return found


def _modes(modes: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(modes)
    if unknown := sorted(wanted - set(MODES)):
        raise GeodataError(f"unknown mode {unknown[0]!r}; known: {', '.join(MODES)}")
    if "road" not in wanted:
        raise GeodataError(f"modes {sorted(wanted)} are without road; add it: every site is reached by road")
    return wanted


def _best(
    first: Site, last: Site, modes: frozenset[str], on: date | None, by: Measure, rates: Rates
) -> Route | None:
    """The best way between two sites, by road alone where they are near; None when there is no way."""
    if (short := direct(first, last, on)) is not None:
        return _route((short,), ())
    graph, road = network(modes, on, by, rates), dict(rates)["road"]
    costs = {
        (out, back): (0.0 if _is_at_hub(out) else handling_cost(by, road) + out.cost(by, road))
        + graph.cost(_node(out), _node(back))
        + (0.0 if _is_at_hub(back) else back.cost(by, road))
        for out, back in product(ways_to_hubs(first, on), ways_to_hubs(last, on))
    }
    if not costs or math.isinf(min(costs.values())):
        return None
    out, back = min(costs, key=lambda pair: costs[pair])
    return _route((out, back.reversed()), _told(graph.way(_node(out), _node(back))))


def _is_at_hub(road: Leg) -> bool:
    return road.km < NEGLIGIBLE_KM and not road.borders


def _node(road: Leg) -> Node:
    """Where a site's road meets the network: on the road, or at the hub itself with nothing loaded yet."""
    return road.end, CHANGE if _is_at_hub(road) else ROAD


def _told(way: Sequence[Leg]) -> list[Leg]:
    """The legs of a way, its flights noted where one goes on to another."""
    flights = [leg for leg in way if leg.mode == "air"]
    stops = ", ".join(leg.end for leg in flights[:-1])
    noted = f"flown from {flights[0].start} to {flights[-1].end} by way of {stops}" if stops else ""
    return [replace(leg, note=noted) if flights and leg is flights[0] else leg for leg in way]


def _route(access: Sequence[Leg], way: Sequence[Leg]) -> Route:
    """A way with a site's road at each of its ends, or one such road alone."""
    roads = (access[0], *way, *access[1:])
    legs = tuple(leg for leg in roads if leg not in access or not _is_at_hub(leg))
    km_by_mode = {mode: sum(leg.km for leg in legs if leg.mode == mode) for mode in MODES}
    return Route(
        legs=legs,
        km=sum(leg.km for leg in legs),
        km_by_mode={mode: km for mode, km in km_by_mode.items() if km},
        is_complete=not any(leg.is_guess for leg in roads),
        notes=tuple(f"{leg.start} to {leg.end}: {leg.note}" for leg in roads if leg.note),
    )


def _no_way(first: Site, last: Site, modes: frozenset[str], on: date, by: Measure, rates: Rates) -> str:
    """Why two sites are not joined: the borders that are closed, or the want of a mode."""
    told = f"no way by {', '.join(sorted(modes))} from {first.label} to {last.label}"
    remedy = "allow another mode, or state the freight between the two as a corridor of the study"
    opened = _best(first, last, modes, None, by, rates)
    shut = [closure for leg in opened.legs for closure in closures_of(leg, on)] if opened else []
    reasons = dict.fromkeys(
        f"{closure.jurisdiction} is closed to {'/'.join(sorted(closure.modes))} ({closure.reason})"
        for closure in shut
    )
    if not reasons:
        return f"{told}; {remedy}"
    return f"{told}: {', '.join(reasons).replace(';', ',')}; {remedy}"
