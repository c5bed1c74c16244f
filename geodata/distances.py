"""How far two places are apart: by great circle, and by road, rail, sea and air over a network of hubs.

The network is coarse: some four hundred hubs, joined by legs of a published length or of the great circle
times a factor. It serves the planning of a move, not the choice of a road.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import overload

import numpy as np
import numpy.typing as npt

from geodata.access import GEOD, GUESSED, Site, direct, ways_to_hubs
from geodata.freight import ON_SITE, Rates, border_days, freight_rates
from geodata.network import ENDLESS, MODES, Leg, Measure, Network, closures_of, network, weight
from geodata.store import GeodataError

NEGLIGIBLE_KM = 1.0  # a site this near a hub is at it
WEEK_DAYS = 7.0
VOYAGES = ("sea", "air")  # each of their legs is loaded and unloaded by itself


@dataclass(frozen=True)
class Route:
    """A way from one place to another, leg by leg; the way back is as long.

    `is_complete` is False when the road between a site and its hub is so long that it is a guess.
    """

    legs: tuple[Leg, ...]
    km: float
    km_by_mode: dict[str, float]
    is_complete: bool
    notes: tuple[str, ...]

    @property
    def borders(self) -> tuple[tuple[str, str], ...]:
        """The jurisdictions on both sides of each border crossed, in the order of travel."""
        crossed = ((leg.start_jurisdiction, leg.end_jurisdiction) for leg in self.legs)
        return tuple((start, end) for start, end in crossed if start != end)

    def freight_usd_per_kg(self, rates: Rates | None = None) -> float:
        """What a kilogram of packed machine costs to send, USD; duty and insurance are not in it."""
        by_mode = dict(freight_rates() if rates is None else rates)
        by_distance = sum(leg.km / 1000 * by_mode[leg.mode].usd_per_kg_per_1000_km for leg in self.legs)
        return by_distance + sum(by_mode[mode].usd_per_kg_handling for mode in self._handled())

    def lead_time_weeks(self, rates: Rates | None = None) -> float:
        """Weeks from switching a machine off to its running again: packing, waiting, moving, clearing."""
        by_mode = dict(freight_rates() if rates is None else rates)
        moving = sum(leg.km / by_mode[leg.mode].km_per_day for leg in self.legs)
        waiting = sum(by_mode[mode].handling_days for mode in self._handled())
        clearing = sum(
            border_days(leg.start_jurisdiction, leg.end_jurisdiction, by_mode[leg.mode]) for leg in self.legs
        )
        return (by_mode[ON_SITE].handling_days + moving + waiting + clearing) / WEEK_DAYS

    def _handled(self) -> list[str]:
        """The mode of each loading and unloading: once for each voyage, flight, and stretch by land."""
        runs = [(mode, len(list(legs))) for mode, legs in groupby(leg.mode for leg in self.legs)]
        return [mode for mode, legs in runs for _ in range(legs if mode in VOYAGES else 1)]


@overload
def great_circle_km(lat1_deg: float, lon1_deg: float, lat2_deg: float, lon2_deg: float) -> float: ...
@overload
def great_circle_km(
    lat1_deg: npt.ArrayLike, lon1_deg: npt.ArrayLike, lat2_deg: npt.ArrayLike, lon2_deg: npt.ArrayLike
) -> npt.NDArray[np.float64]: ...
def great_circle_km(
    lat1_deg: npt.ArrayLike, lon1_deg: npt.ArrayLike, lat2_deg: npt.ArrayLike, lon2_deg: npt.ArrayLike
) -> float | npt.NDArray[np.float64]:
    """The shortest distance over the WGS 84 ellipsoid, km; arrays are broadcast against each other.

    Raises GeodataError when a coordinate is out of range or not a number.
    """
    degrees = (np.asarray(values, dtype=float) for values in (lat1_deg, lon1_deg, lat2_deg, lon2_deg))
    lats1, lons1, lats2, lons2 = np.broadcast_arrays(*degrees)
    for lats, lons in ((lats1, lons1), (lats2, lons2)):
        bad = ~((np.abs(lats) <= 90) & (np.abs(lons) <= 180))
        if bad.any():
            raise GeodataError(
                f"({lats[bad][0]}, {lons[bad][0]}) is not a latitude in -90..90 and a longitude in -180..180 "
                "degrees; write the latitude first, both in decimal degrees"
            )
    km = np.asarray(GEOD.inv(lons1, lats1, lons2, lats2)[2], dtype=float) / 1000
    return float(km) if km.ndim == 0 else km


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
    first, last = Site(lat1_deg, lon1_deg), Site(lat2_deg, lon2_deg)
    if (short := direct(first, last)) is not None:
        return _route([short])
    out, back = ways_to_hubs(first), ways_to_hubs(last)
    graph = network(wanted, on or ENDLESS, by, priced)
    best = _best(out, back, graph, by, priced)
    if best is None:
        raise GeodataError(_no_way(first, last, wanted, on or ENDLESS, by, priced))
    start, end = best
    return _route([start, *_told(graph.way(start.end, end.end)), end.reversed()])


def _modes(modes: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(modes)
    if unknown := sorted(wanted - set(MODES)):
        raise GeodataError(f"unknown mode {unknown[0]!r}; known: {', '.join(MODES)}")
    if "road" not in wanted:
        raise GeodataError(f"modes {sorted(wanted)} are without road; add it: every site is reached by road")
    return wanted


def _best(
    out: Sequence[Leg], back: Sequence[Leg], graph: Network, by: Measure, rates: Rates
) -> tuple[Leg, Leg] | None:
    """The roads to the first and the last hub of the cheapest way; None when there is no way."""
    road = dict(rates)["road"]
    costs = {
        (a, b): weight(a, by, road) + graph.cost(a.end, b.end) + weight(b, by, road)
        for a in out
        for b in back
    }
    best = min(costs, key=lambda pair: costs[pair])
    return best if math.isfinite(costs[best]) else None


def _told(stretches: Iterable[tuple[Leg, ...]]) -> Iterator[Leg]:
    """Legs as they are told: a voyage or a flight is one, without its way points and stops."""
    for stretch in stretches:
        first, last = stretch[0], stretch[-1]
        if first.mode not in VOYAGES:
            yield from stretch
        else:
            yield replace(
                first,
                end=last.end,
                end_jurisdiction=last.end_jurisdiction,
                km=sum(leg.km for leg in stretch),
                note="; ".join(dict.fromkeys(leg.note for leg in stretch if leg.note)),
            )


def _route(legs: Iterable[Leg]) -> Route:
    found = tuple(leg for leg in legs if leg.km >= NEGLIGIBLE_KM)
    km_by_mode = {mode: sum(leg.km for leg in found if leg.mode == mode) for mode in MODES}
    return Route(
        legs=found,
        km=sum(leg.km for leg in found),
        km_by_mode={mode: km for mode, km in km_by_mode.items() if km},
        is_complete=not any(leg.note == GUESSED for leg in found),
        notes=tuple(f"{leg.start} to {leg.end}: {leg.note}" for leg in found if leg.note),
    )


def _no_way(first: Site, last: Site, wanted: frozenset[str], on: date, by: Measure, rates: Rates) -> str:
    """Why two sites are not joined: the borders that are closed, or the want of a mode."""
    told = f"no way by {', '.join(sorted(wanted))} from {first.label} to {last.label}"
    remedy = "allow another mode, or state the freight between the two as a corridor of the study"
    open_graph = network(wanted, None, by, rates)
    best = _best(ways_to_hubs(first), ways_to_hubs(last), open_graph, by, rates)
    if best is None:
        return f"{told}; {remedy}"
    stretches = open_graph.way(best[0].end, best[1].end)
    shut = [closure for stretch in stretches for leg in stretch for closure in closures_of(leg, on)]
    reasons = dict.fromkeys(
        f"{closure.jurisdiction} is closed to {'/'.join(sorted(closure.modes))} ({closure.reason})"
        for closure in shut
    )
    return f"{told}: {', '.join(reasons).replace(';', ',')}; {remedy}"
