"""A plan's flow taken apart into walks: where each machine stood, left for, and stood then.

The model only counts machines; a walk is one machine's way through the counts. Any way of pairing what
leaves a hub with what reaches another costs the same, so the pairing here is simply the first that fits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import Floats

DUST = 1e-6  # machines; a flow below it is the solver's rounding
ORDERED = -1


@dataclass(frozen=True)
class Move:
    """One change of place; ``origin`` or ``target`` is ``None`` for a purchase or a sale."""

    origin: int | None  # site
    target: int | None  # site
    corridor: int | None
    leaves: int  # period in which it leaves, or is ordered
    arrives: int
    is_handed_in: bool = False  # for one refurbished


@dataclass(frozen=True)
class Walk:
    """One machine of a lot from the first period to the last."""

    lot: int
    source: int  # site where it stood at the start, or ORDERED
    columns: tuple[int, ...] = ()  # every column of the model that it uses
    moves: tuple[Move, ...] = ()

    def through(self, column: int) -> Walk:
        """The same walk, one column longer."""
        return replace(self, columns=(*self.columns, int(column)))

    def then(self, move: Move) -> Walk:
        """The same walk, one move longer."""
        return replace(self, moves=(*self.moves, move))


Token = tuple[Walk, float]  # a walk and the machines on it


def walks(data: Inputs, plan: Decisions, values: Floats, scenario: int = 0) -> list[Token]:
    """Every lot's walks with their machine counts, which add up to the value of every column they use."""
    padded = np.append(values, 0.0)  # the column ABSENT reads the last place
    return [token for lot in range(len(data.lots)) for token in _Lot(data, plan, padded, scenario, lot).run()]


class _Lot:
    """The flow of one lot, followed forward in time."""

    def __init__(self, data: Inputs, plan: Decisions, values: Floats, scenario: int, lot: int) -> None:
        self.data, self.lot = data, lot
        self.columns = {name: columns[scenario, lot] for name, columns in plan.of_machines().items()}
        self.flow = {name: np.where(values[c] > DUST, values[c], 0.0) for name, c in self.columns.items()}
        self.at_site: dict[int, list[Token]] = defaultdict(list)
        self.due: dict[tuple[int, int, int], list[Token]] = defaultdict(list)  # by hub, class, period
        for site in np.flatnonzero(data.start_machines[lot]):
            self.at_site[int(site)] = [(Walk(lot, int(site)), float(data.start_machines[lot, site]))]

    def run(self) -> Iterator[Token]:
        """Walks as they end: by a sale, or at the horizon."""
        for period in range(len(self.data.periods)):
            self._order(period)
            for hub, leaving in self._depart(period).items():
                yield from self._leave_hub(hub, leaving, period)
            self._arrive(period)
        for tokens in self.at_site.values():
            yield from tokens

    def _order(self, period: int) -> None:
        due = int(self.data.order_arrival_period[self.lot, period])
        arrival_class = int(self.data.order_arrival_class[self.lot, period])
        for hub in np.flatnonzero(self.flow["ordered"][:, period]):
            walk = Walk(self.lot, ORDERED, moves=(Move(None, None, None, period, due),))
            token = (
                walk.through(self.columns["ordered"][hub, period]),
                float(self.flow["ordered"][hub, period]),
            )
            self.due[int(hub), arrival_class, due].append(token)

    def _depart(self, period: int) -> dict[int, list[Token]]:
        leaving: dict[int, list[Token]] = defaultdict(list)
        for site in [site for site, tokens in self.at_site.items() if tokens]:
            staying, rest = _take(self.at_site[site], self.flow["staying"][site, period])
            departing, _ = _take(rest, self.flow["departing"][site, period])
            self.at_site[site] = _through(staying, self.columns["staying"][site, period])
            gone = _through(departing, self.columns["departing"][site, period])
            leaving[int(self.data.hub_of_site[site])] += [
                (walk.then(Move(site, None, None, period, period)), count) for walk, count in gone
            ]
        return leaving

    def _leave_hub(self, hub: int, leaving: list[Token], period: int) -> Iterator[Token]:
        sold, rest = _take(leaving, self.flow["sold"][hub, period])
        yield from _through(sold, self.columns["sold"][hub, period])
        handed_in, rest = _take(rest, self.flow["handed_in"][hub, period])
        for walk, count in _through(handed_in, self.columns["handed_in"][hub, period]):
            yield _with_last(walk, is_handed_in=True), count
        for corridor in np.flatnonzero(
            (self.data.corridor_from == hub) & (self.flow["shipped"][:, period] > 0)
        ):
            sent, rest = _take(rest, self.flow["shipped"][corridor, period])
            due = int(self.data.arrival_period[corridor, period])
            place = (
                int(self.data.corridor_to[corridor]),
                int(self.data.arrival_class[corridor, period]),
                due,
            )
            self.due[place] += [
                (_with_last(walk, corridor=int(corridor), arrives=due), count)
                for walk, count in _through(sent, self.columns["shipped"][corridor, period])
            ]

    def _arrive(self, period: int) -> None:
        for place in [place for place in self.due if place[2] == period]:
            hub, arrival_class, _ = place
            rest = self.due.pop(place)
            arriving = self.flow["arriving"][:, arrival_class, period]
            for site in np.flatnonzero((self.data.hub_of_site == hub) & (arriving > 0)):
                settled, rest = _take(rest, arriving[site])
                self.at_site[int(site)] += [
                    (_with_last(walk, target=int(site)), count)
                    for walk, count in _through(
                        settled, self.columns["arriving"][site, arrival_class, period]
                    )
                ]


def _with_last(walk: Walk, **facts: Any) -> Walk:
    return replace(walk, moves=(*walk.moves[:-1], replace(walk.moves[-1], **facts)))


def _take(tokens: list[Token], amount: float) -> tuple[list[Token], list[Token]]:
    """Split tokens into those that make up ``amount`` and the rest."""
    taken, rest = [], []
    for walk, count in tokens:
        part = min(count, max(amount, 0.0))
        amount -= part
        if part > DUST:
            taken.append((walk, part))
        if count - part > DUST:
            rest.append((walk, count - part))
    return taken, rest


def _through(tokens: list[Token], column: int) -> list[Token]:
    return [(walk.through(column), count) for walk, count in tokens]
