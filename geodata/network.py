"""The hubs and legs that freight can take, and the shortest way over them.

A hub has one node for each mode that serves it and one where goods change between modes, so that changing
costs its handling. Way points at sea are hubs that belong to nobody and that nothing can be landed at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import combinations, product
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pyproj import Geod
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.freight import Rate, Rates, border_days
from geodata.store import GeodataError, read_rows

Measure = Literal["days", "usd", "km"]
MODES = ("road", "rail", "sea", "air")
# A leg without a published length is this much longer than the great circle.
DETOUR = {"road": 1.3, "rail": 1.3, "sea": 1.0, "air": 1.05}
TINY = 1e-9
ENDLESS = date.max
GEOD = Geod(ellps="WGS84")


class Hub(NamedTuple):
    """A place where freight is loaded, changes its mode or crosses a border; or a way point at sea."""

    hub: str
    name: str
    kind: str  # city, port, border or waypoint
    lat_deg: float
    lon_deg: float
    jurisdiction: str  # "" for a way point
    is_air_hub: bool


@dataclass(frozen=True)
class Leg:
    """One stretch of a way by one mode; its ends are hubs of hubs.csv, or a site's coordinates.

    A voyage is one leg from port to port. `km_basis` is "published", or the great circle times a factor.
    """

    start: str
    end: str
    start_jurisdiction: str
    end_jurisdiction: str
    mode: str
    km: float
    km_basis: str
    note: str
    source: str
    confidence: str

    def reversed(self) -> Leg:
        """The same leg travelled the other way."""
        return replace(
            self,
            start=self.end,
            end=self.start,
            start_jurisdiction=self.end_jurisdiction,
            end_jurisdiction=self.start_jurisdiction,
        )


@dataclass(frozen=True)
class Closure:
    """A border that law or war closes to some modes."""

    jurisdiction: str
    neighbours: frozenset[str]  # "*" for all
    modes: frozenset[str]
    closed_from: date
    closed_to: date
    reason: str

    def holds(self, leg: Leg, on: date) -> bool:
        """Whether it shuts a leg on a day."""
        ends = {leg.start_jurisdiction, leg.end_jurisdiction}
        others = ends - {self.jurisdiction, ""}
        return (
            self.jurisdiction in ends
            and len(others) == 1
            and leg.mode in self.modes
            and self.closed_from <= on <= self.closed_to
            and ("*" in self.neighbours or not others.isdisjoint(self.neighbours))
        )


@lru_cache(maxsize=1)
def hubs() -> dict[str, Hub]:
    """Every hub by its name in legs.csv."""
    return {row["hub"]: _hub(row) for row in read_rows("hubs.csv")}


@lru_cache(maxsize=1)
def legs() -> tuple[Leg, ...]:
    """Every leg by land and sea, and a flight between each two air hubs; each stands for both directions."""
    by_land_and_sea = [_leg(row) for row in read_rows("legs.csv")]
    flights = combinations([hub for hub in hubs().values() if hub.is_air_hub], 2)
    return (*by_land_and_sea, *(_computed(a, b, "air") for a, b in flights))


@lru_cache(maxsize=1)
def closures() -> tuple[Closure, ...]:
    """Every closed border, whatever its dates."""
    return tuple(
        Closure(
            row["jurisdiction"],
            frozenset(row["neighbours"].split(";")),
            frozenset(row["modes"].split(";")),
            date.fromisoformat(row["closed_from"]),
            date.fromisoformat(row["closed_to"]) if row["closed_to"] else ENDLESS,
            row["reason"],
        )
        for row in read_rows("closures.csv")
    )


def closures_of(leg: Leg, on: date) -> tuple[Closure, ...]:
    """The closures that shut a leg on a day."""
    return tuple(closure for closure in closures() if closure.holds(leg, on))


class Lane(NamedTuple):
    """A mode, or a part of it: voyages that land nowhere in the jurisdictions shut out."""

    mode: str
    shut_out: frozenset[str] = frozenset()


ROAD = Lane("road")
CHANGE = Lane("")  # where goods change between modes


class Network:
    """The legs of some modes that are open on a day, weighed by one measure."""

    def __init__(self, modes: frozenset[str], on: date | None, measure: Measure, rates: Rates) -> None:
        """Build the graph; without a day (`on` None) no border is closed."""
        self._legs = {
            (way.start, way.end, lane): way
            for lane in _lanes(modes, on)
            for leg in legs()
            if leg.mode == lane.mode
            and lane.shut_out.isdisjoint((leg.start_jurisdiction, leg.end_jurisdiction))
            and (on is None or not closures_of(leg, on))
            for way in (leg, leg.reversed())
        }
        landed = [hub.hub for hub in hubs().values() if hub.kind != "waypoint"]
        served = [(start, lane) for start, _, lane in self._legs]
        nodes = [*((hub, CHANGE) for hub in landed), *((hub, ROAD) for hub in landed), *served]
        self._nodes = list(dict.fromkeys(nodes))
        self._number = {node: number for number, node in enumerate(self._nodes)}
        self._graph = self._weighed(measure, dict(rates))
        self._found: dict[str, tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]] = {}

    def cost(self, start: str, end: str) -> float:
        """The least cost from road to road between two hubs, in the unit of the measure; inf if no way."""
        return float(self._from(start)[0][self._number[end, ROAD]])

    def way(self, start: str, end: str) -> tuple[tuple[Leg, ...], ...]:
        """The legs of the cheapest way between two hubs in the order of travel, apart where goods change."""
        before = self._from(start)[1]
        node, first = self._number[end, ROAD], self._number[start, ROAD]
        stretches: list[list[Leg]] = [[]]
        while node != first:
            previous = int(before[node])
            (hub, lane), (next_hub, next_lane) = self._nodes[previous], self._nodes[node]
            if lane == next_lane:
                stretches[-1].append(self._legs[hub, next_hub, lane])
            elif stretches[-1]:
                stretches.append([])
            node = previous
        return tuple(tuple(reversed(stretch)) for stretch in reversed(stretches) if stretch)

    def _from(self, start: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
        if start not in self._found:
            first = [self._number[start, ROAD]]
            costs, before = dijkstra(self._graph, indices=first, return_predecessors=True)
            self._found[start] = costs[0], before[0]
        return self._found[start]

    def _weighed(self, measure: Measure, rates: dict[str, Rate]) -> csr_array:
        edges = [
            (self._number[start, lane], self._number[end, lane], weight(leg, measure, rates[lane.mode]))
            for (start, end, lane), leg in self._legs.items()
        ]
        for hub, lane in self._nodes:
            if lane != CHANGE and hubs()[hub].kind != "waypoint":
                half = _handling(measure, rates[lane.mode]) / 2  # the other half is borne at the other end
                served, change = self._number[hub, lane], self._number[hub, CHANGE]
                edges += [(served, change, half), (change, served, half)]
        starts, ends, weights = (np.array(column) for column in zip(*edges, strict=True))
        size = len(self._nodes)
        # An explicit zero would read as no edge, and changing modes costs no km.
        return csr_array((np.maximum(weights, TINY), (starts, ends)), shape=(size, size))


@lru_cache(maxsize=32)
def network(modes: frozenset[str], on: date | None, measure: Measure, rates: Rates) -> Network:
    """The network of some modes on a day, built once."""
    return Network(modes, on, measure, rates)


def _lanes(modes: frozenset[str], on: date | None) -> list[Lane]:
    """The modes; the sea is split so that no ship can sail between ports that are closed to each other.

    A leg at sea mostly ends at a way point, so that a closure cannot be read off it: a ship that calls in
    one of two such countries shuts out the ports of the other for the whole voyage.
    """
    shut = [
        c for c in closures() if "sea" in c.modes and on is not None and c.closed_from <= on <= c.closed_to
    ]
    sides = [(frozenset({closure.jurisdiction}), closure.neighbours) for closure in shut]
    voyages = [Lane("sea", frozenset[str]().union(*chosen)) for chosen in product(*sides)]
    return [lane for mode in sorted(modes) for lane in (voyages if mode == "sea" else [Lane(mode)])]


def weight(leg: Leg, measure: Measure, rate: Rate) -> float:
    """What a leg adds to a way, in the unit of the measure."""
    if measure == "km":
        return leg.km
    if measure == "usd":
        return leg.km / 1000 * rate.usd_per_kg_per_1000_km
    waypoint_at_sea = not (leg.start_jurisdiction and leg.end_jurisdiction)
    clearing = 0.0 if waypoint_at_sea else border_days(leg.start_jurisdiction, leg.end_jurisdiction, rate)
    return leg.km / rate.km_per_day + clearing


def _handling(measure: Measure, rate: Rate) -> float:
    return {"days": rate.handling_days, "usd": rate.usd_per_kg_handling, "km": 0.0}[measure]


def _hub(row: dict[str, str]) -> Hub:
    return Hub(
        row["hub"],
        row["name"],
        row["kind"],
        float(row["lat_deg"]),
        float(row["lon_deg"]),
        row["jurisdiction"],
        row["is_air_hub"] == "yes",
    )


def _leg(row: dict[str, str]) -> Leg:
    for end in (row["from_hub"], row["to_hub"]):
        if end not in hubs():
            raise GeodataError(f"legs.csv: {end!r} is not a hub; add it to hubs.csv or correct the leg")
    if row["mode"] not in DETOUR:
        raise GeodataError(f"legs.csv: unknown mode {row['mode']!r}; known: {', '.join(MODES)}")
    leg = _computed(hubs()[row["from_hub"]], hubs()[row["to_hub"]], row["mode"])
    told = replace(leg, note=row["note"], source=row["source"], confidence=row["confidence"])
    return replace(told, km=float(row["km"]), km_basis=row["km_basis"]) if row["km"] else told


def _computed(start: Hub, end: Hub, mode: str) -> Leg:
    straight_km = GEOD.inv(start.lon_deg, start.lat_deg, end.lon_deg, end.lat_deg)[2] / 1000
    return Leg(
        start=start.hub,
        end=end.hub,
        start_jurisdiction=start.jurisdiction,
        end_jurisdiction=end.jurisdiction,
        mode=mode,
        km=straight_km * DETOUR[mode],
        km_basis=f"great circle x {DETOUR[mode]}",
        note="",
        source="computed from the coordinates of the hubs",
        confidence="inferred",
    )
