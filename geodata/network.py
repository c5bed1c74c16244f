"""The hubs and legs that freight can take, and the borders closed to them.

Way points at sea are hubs that belong to nobody and that nothing can be landed at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import combinations, pairwise
from typing import NamedTuple

from geodata.freight import Border, Measure, Rate, travel_cost
from geodata.globe import great_circle_km
from geodata.store import GeodataError, read_rows

MODES = ("road", "rail", "sea", "air")
# A leg without a published length is this much longer than the great circle.
DETOUR = {"road": 1.3, "rail": 1.3, "sea": 1.0, "air": 1.05}
ENDLESS = date.max


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
    `through` are the jurisdictions that a site's road crosses between those of its ends; `is_guess` says
    that nobody knows whether such a road is there and open.
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
    through: tuple[str, ...] = ()
    is_guess: bool = False

    @property
    def borders(self) -> tuple[Border, ...]:
        """The borders crossed, in the order of travel; none at a way point, which belongs to nobody."""
        passed = (self.start_jurisdiction, *self.through, self.end_jurisdiction)
        return tuple((a, b) for a, b in pairwise(passed) if a != b and a and b)

    def cost(self, by: Measure, rate: Rate) -> float:
        """What the leg adds to a way, with clearing, in the unit of the measure."""
        return travel_cost(self.km, self.borders, by, rate)

    def reversed(self) -> Leg:
        """The same leg travelled the other way."""
        return replace(
            self,
            start=self.end,
            end=self.start,
            start_jurisdiction=self.end_jurisdiction,
            end_jurisdiction=self.start_jurisdiction,
            through=self.through[::-1],
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
        return (
            leg.mode in self.modes
            and self.closed_from <= on <= self.closed_to
            and any(self._between(*border) for border in leg.borders)
        )

    def _between(self, start: str, end: str) -> bool:
        if self.jurisdiction not in (start, end):
            return False
        return "*" in self.neighbours or (end if start == self.jurisdiction else start) in self.neighbours


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
    straight_km = great_circle_km(start.lat_deg, start.lon_deg, end.lat_deg, end.lon_deg)
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
