"""The cheapest way over the hubs and legs of freight, by the measure asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import pairwise, product

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.freight import VOYAGES, Measure, Rates, handling_cost, travel_cost
from geodata.globe import Floats
from geodata.network import Leg, closures, closures_of, hubs, legs

TINY = 1e-9
ROAD, CHANGE = "road", ""  # lanes: a mode, or where goods change between modes
Node = tuple[str, str]  # a hub and a lane


class Network:
    """The legs of some modes that are open on a day, weighed by one measure.

    Road and rail go from hub to hub; goods are handled where they enter either. A voyage and a flight go
    from change to change, handled and cleared each by itself.
    """

    def __init__(self, modes: frozenset[str], on: date | None, measure: Measure, rates: Rates) -> None:
        """Build the graph; without a day (`on` None) no border is closed."""
        self._measure, self._rates = measure, dict(rates)
        opened = [leg for leg in legs() if leg.mode in modes and (on is None or not closures_of(leg, on))]
        self._legs = {
            (way.start, way.end, way.mode): way
            for leg in opened
            if leg.mode != "sea"
            for way in (leg, leg.reversed())
        }
        self._seas = [sea(shut_out) for shut_out in _shut_out(on)] if "sea" in modes else []
        landed = [hub.hub for hub in hubs().values() if hub.kind != "waypoint"]
        nodes = [(hub, lane) for hub in landed for lane in (CHANGE, ROAD)]
        arrivals = [(end, mode) for _, end, mode in self._legs]
        called = [(port, "sea") for port in (self._seas[0].ports if self._seas else ())]
        self._nodes: list[Node] = list(dict.fromkeys((*nodes, *arrivals, *called)))
        self._number = {node: number for number, node in enumerate(self._nodes)}
        self._graph = self._weighed()
        self._found: dict[Node, tuple[Floats, npt.NDArray[np.int32]]] = {}

    def cost(self, start: Node, end: Node) -> float:
        """The least cost between two nodes, in the unit of the measure; infinite if there is no way."""
        return float(self._from(start)[0][self._number[end]])

    def way(self, start: Node, end: Node) -> tuple[Leg, ...]:
        """The legs of the cheapest way between two nodes in the order of travel; a voyage is one."""
        before = self._from(start)[1]
        node, first = self._number[end], self._number[start]
        found: list[Leg] = []
        while node != first:
            previous = int(before[node])
            hub, (next_hub, next_lane) = self._nodes[previous][0], self._nodes[node]
            if next_hub != hub:
                is_voyage = next_lane == "sea"
                found.append(
                    self._voyage(hub, next_hub) if is_voyage else self._legs[hub, next_hub, next_lane]
                )
            node = previous
        return tuple(reversed(found))

    def _from(self, start: Node) -> tuple[Floats, npt.NDArray[np.int32]]:
        if start not in self._found:
            first = [self._number[start]]
            costs, before = dijkstra(self._graph, indices=first, return_predecessors=True)
            self._found[start] = costs[0], before[0]
        return self._found[start]

    def _voyage(self, start: str, end: str) -> Leg:
        return min(self._seas, key=lambda each: each.km_between(start, end)).voyage(start, end)

    def _weighed(self) -> csr_array:
        edges = [self._edge(leg) for leg in self._legs.values()]
        for hub, lane in self._nodes:
            if lane != CHANGE:
                served, change = self._number[hub, lane], self._number[hub, CHANGE]
                edges.append((served, change, 0.0))
                if lane not in VOYAGES:
                    edges.append((change, served, handling_cost(self._measure, self._rates[lane])))
        starts, ends, weights = (np.array(column) for column in zip(*edges, strict=True))
        if self._seas:
            sailed = zip((starts, ends, weights), self._voyages(), strict=True)
            starts, ends, weights = (np.concatenate(both) for both in sailed)
        size = len(self._nodes)
        # An explicit zero would read as no edge, and changing modes costs no km.
        return csr_array((np.maximum(weights, TINY), (starts, ends)), shape=(size, size))

    def _edge(self, leg: Leg) -> tuple[int, int, float]:
        cost = leg.cost(self._measure, self._rates[leg.mode])
        if leg.mode in VOYAGES:
            cost += handling_cost(self._measure, self._rates[leg.mode])
            return self._number[leg.start, CHANGE], self._number[leg.end, leg.mode], cost
        return self._number[leg.start, leg.mode], self._number[leg.end, leg.mode], cost

    def _voyages(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
        """Edges from every port to every other: starts, ends and costs."""
        rate, ports = self._rates["sea"], self._seas[0].ports
        km = np.min([each.km for each in self._seas], axis=0)
        lands, land = np.unique([hubs()[port].jurisdiction for port in ports], return_inverse=True)
        clearing = np.array([[travel_cost(0.0, [(a, b)], self._measure, rate) for b in lands] for a in lands])
        costs = travel_cost(1.0, (), self._measure, rate) * km + clearing[np.ix_(land, land)]
        costs += handling_cost(self._measure, rate)
        start, end = np.nonzero(np.isfinite(km) & (km > 0))
        change = np.array([self._number[port, CHANGE] for port in ports])
        called = np.array([self._number[port, "sea"] for port in ports])
        return change[start], called[end], costs[start, end]


@lru_cache(maxsize=32)
def network(modes: frozenset[str], on: date | None, measure: Measure, rates: Rates) -> Network:
    """The network of some modes on a day, built once."""
    return Network(modes, on, measure, rates)


class Sea:
    """The shortest voyages between all ports, keeping off the ports of some jurisdictions."""

    def __init__(self, shut_out: frozenset[str]) -> None:
        """Find the voyages; a port shut out keeps its place in `ports`, and no ship calls or passes there."""
        ways = {
            (way.start, way.end): way for leg in legs() if leg.mode == "sea" for way in (leg, leg.reversed())
        }
        self._names = list(dict.fromkeys(start for start, _ in ways))
        self._number = {name: number for number, name in enumerate(self._names)}
        self._legs = {
            ends: leg
            for ends, leg in ways.items()
            if shut_out.isdisjoint((leg.start_jurisdiction, leg.end_jurisdiction))
        }
        self.ports = tuple(name for name in self._names if hubs()[name].kind != "waypoint")
        self._place = {port: place for place, port in enumerate(self.ports)}
        size = len(self._names)
        starts, ends = np.array([[self._number[name] for name in both] for both in self._legs]).T
        graph = csr_array(([leg.km for leg in self._legs.values()], (starts, ends)), shape=(size, size))
        calls = [self._number[port] for port in self.ports]
        km, self._before = dijkstra(graph, indices=calls, return_predecessors=True)
        self.km: Floats = km[:, calls]  # infinite where no ship sails

    def km_between(self, start: str, end: str) -> float:
        """Length of the voyage between two ports, km."""
        return float(self.km[self._place[start], self._place[end]])

    def voyage(self, start: str, end: str) -> Leg:
        """The voyage between two ports as one leg, with the straits and canals it passes as its note."""
        before = self._before[self._place[start]]
        names = [end]
        while names[-1] != start:
            names.append(self._names[before[self._number[names[-1]]]])
        passed = [self._legs[ends] for ends in pairwise(reversed(names))]
        return replace(
            passed[0],
            end=end,
            end_jurisdiction=passed[-1].end_jurisdiction,
            km=self.km_between(start, end),
            note="; ".join(dict.fromkeys(leg.note for leg in passed if leg.note)),
        )


@lru_cache(maxsize=32)
def sea(shut_out: frozenset[str]) -> Sea:
    """The voyages that keep off the ports of some jurisdictions, found once."""
    return Sea(shut_out)


def _shut_out(on: date | None) -> list[frozenset[str]]:
    """Which jurisdictions a ship keeps off, so that none sails between ports that are closed to each other.

    A leg at sea mostly ends at a way point, so that a closure cannot be read off it: a ship that calls in
    one of two such countries keeps off the ports of the other for the whole voyage.
    """
    shut = [
        c for c in closures() if "sea" in c.modes and on is not None and c.closed_from <= on <= c.closed_to
    ]
    sides = [(frozenset({closure.jurisdiction}), closure.neighbours) for closure in shut]
    return [frozenset[str]().union(*chosen) for chosen in product(*sides)]
