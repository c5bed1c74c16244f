"""The road between a site and the hubs near it."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geodata.control import Control, control_of
from geodata.freight import Border
from geodata.globe import GEOD, Floats, great_circle_km
from geodata.network import DETOUR, Hub, Leg, closures_of, hubs
from geodata.places import jurisdiction_of, locate, locate_many
from geodata.store import GeodataError

Objects = npt.NDArray[np.object_]

ACCESS_LIMIT_KM = 1500.0  # as the crow flies to the nearest hub of the site's own country
ABROAD_LIMIT_KM = 800.0  # and to one abroad, where its own ground leads to none
SPREAD = 2.0  # hubs up to this many times as far as the nearest are tried as well
SLACK_KM = 50.0  # and those this much further
MAX_HUBS = 6
SHORT_ACCESS_KM = 300.0  # beyond it the road is a guess, and the route says so
DIRECT_KM = 150.0  # nearer sites of one country are joined by road without a hub
BRIDGED_KM = 10.0  # further from any shore than this there is no road
SAMPLE_KM = 10.0
CLIPPED_SAMPLES = 1  # a road bends round a corner of foreign ground that so few points of the line lie on
GUESSED = "too far from any hub to be more than a guess"


class Site(NamedTuple):
    """A point that goods are sent from or to."""

    lat_deg: float
    lon_deg: float

    @property
    def label(self) -> str:
        """How the site is called in legs and errors."""
        return f"({self.lat_deg:g}, {self.lon_deg:g})"

    @property
    def jurisdiction(self) -> str:
        """The country of the site; GeodataError when it is at sea."""
        return locate(self.lat_deg, self.lon_deg).jurisdiction


class Ground(NamedTuple):
    """What the straight line between two points leads over."""

    is_dry: bool  # keeps to the land, straits that a bridge spans included
    crossed: tuple[str, ...]  # jurisdictions other than those of its ends
    contested: tuple[Control, ...]


def direct(first: Site, last: Site, on: date | None) -> Leg | None:
    """The road between two near sites of one country; None when they are not so, when the sea is between or
    a border that is closed on the day (`on` None: none is closed)."""
    km = great_circle_km(*first, *last)
    if km > DIRECT_KM or first.jurisdiction != last.jurisdiction:
        return None
    [ground] = _grounds([_line(first, *last, km)], [(first.jurisdiction, last.jurisdiction)])
    road = _road(first, last.label, last.jurisdiction, km, ground)
    return road if ground.is_dry and (on is None or not closures_of(road, on)) else None


def ways_to_hubs(site: Site, on: date | None) -> tuple[Leg, ...]:
    """The roads from a site to the hubs near it, without those a closed border is across.

    They lead to hubs of its own country over its own ground; where there is none, over foreign ground to
    hubs of its own country, and to hubs abroad. Empty when closed borders leave none (`on` None: none is
    closed). Raises GeodataError when the site is at sea or no hub is near on the same land.
    """
    reached = _roads(site)
    if not reached:
        raise GeodataError(
            f"no hub can be reached by road from {site.label}, neither within {ACCESS_LIMIT_KM:g} km in "
            f"{site.jurisdiction} nor within {ABROAD_LIMIT_KM:g} km abroad; "
            "state the freight of the site as a corridor of the study"
        )
    opened = [road for road in reached if on is None or not closures_of(road, on)]
    home = site.jurisdiction
    return (
        *_nearest([road for road in opened if road.end_jurisdiction == home]),
        *_nearest([road for road in opened if road.end_jurisdiction != home]),
    )


def _nearest(roads: list[Leg]) -> list[Leg]:
    reach_km = roads[0].km * SPREAD + SLACK_KM * DETOUR["road"] if roads else 0.0
    return [road for road in roads[:MAX_HUBS] if road.km <= reach_km]


@lru_cache(maxsize=4096)
def _roads(site: Site) -> tuple[Leg, ...]:
    """The roads to the hubs that can be reached, whether their borders are open or not; in each country
    nearest first."""
    landed = [hub for hub in hubs().values() if hub.kind != "waypoint"]
    far_km = great_circle_km(*site, [hub.lat_deg for hub in landed], [hub.lon_deg for hub in landed])
    near = sorted(zip(far_km.tolist(), landed, strict=True), key=lambda found: found[0])
    home = site.jurisdiction
    own = _by_land(
        site, [(km, hub) for km, hub in near if hub.jurisdiction == home and km <= ACCESS_LIMIT_KM]
    )
    if on_own_ground := tuple(road for road in own if not road.through):
        return on_own_ground
    away = _by_land(
        site, [(km, hub) for km, hub in near if hub.jurisdiction != home and km <= ABROAD_LIMIT_KM]
    )
    return (*own, *away)


def _by_land(site: Site, near: list[tuple[float, Hub]]) -> list[Leg]:
    tried = near[: 2 * MAX_HUBS]
    lines = [_line(site, hub.lat_deg, hub.lon_deg, km) for km, hub in tried]
    grounds = _grounds(lines, [(site.jurisdiction, hub.jurisdiction) for _, hub in tried])
    return [
        _road(site, hub.hub, hub.jurisdiction, km, ground)
        for (km, hub), ground in zip(tried, grounds, strict=True)
        if ground.is_dry
    ]


def _grounds(lines: list[Floats], ends: list[Border]) -> list[Ground]:
    """What each line of points (lat, lon) leads over, between the jurisdictions of its ends."""
    if not lines:
        return []
    points = locate_many(*np.concatenate(lines).T)
    cuts = np.cumsum([len(line) for line in lines])[:-1]
    regions, offshore_km, neighbours = (
        np.split(points[name].to_numpy(), cuts) for name in ("region", "offshore_km", "neighbour")
    )
    parts = zip(regions, offshore_km, neighbours, ends, strict=True)
    return [_ground(region, km, other, frozenset(both)) for region, km, other, both in parts]


def _ground(regions: Objects, offshore_km: Floats, neighbours: Objects, ends: frozenset[str]) -> Ground:
    if not (offshore_km[1:-1] <= BRIDGED_KM).all():
        return Ground(is_dry=False, crossed=(), contested=())
    ashore = offshore_km == 0
    lands = Counter(
        jurisdiction_of(region)
        for region, other in zip(regions[ashore], neighbours[ashore], strict=True)
        if other is None or jurisdiction_of(other) not in ends
    )
    crossed = tuple(land for land, count in lands.items() if land not in ends and count > CLIPPED_SAMPLES)
    on_the_way = dict.fromkeys(region for region in (regions[0], *regions[ashore], regions[-1]) if region)
    held = (_other_control(region) for region in on_the_way)
    contested = tuple(dict.fromkeys(control for control in held if control))
    return Ground(is_dry=True, crossed=crossed, contested=contested)


def _other_control(region: str) -> Control | None:
    """Who else than its country holds ground of a region; in a territory held whole is no line to cross."""
    control, jurisdiction = control_of(region), jurisdiction_of(region)
    if control is None or control.controller == jurisdiction:
        return None
    return None if control.region == jurisdiction and control.extent == "whole" else control


def _line(site: Site, lat_deg: float, lon_deg: float, km: float) -> Floats:
    """Points along the great circle, both ends among them."""
    count = max(1, math.ceil(km / SAMPLE_KM) - 1)
    between = GEOD.npts(site.lon_deg, site.lat_deg, lon_deg, lat_deg, count)
    return np.array([(site.lon_deg, site.lat_deg), *between, (lon_deg, lat_deg)])[:, ::-1]


def _road(site: Site, end: str, jurisdiction: str, straight_km: float, ground: Ground) -> Leg:
    notes = [GUESSED] if straight_km > SHORT_ACCESS_KM else []
    if ground.crossed:
        notes.append(f"leads across {', '.join(ground.crossed)}, as the crow flies")
    notes += [
        f"{each.region} is held {'' if each.extent == 'whole' else 'in part '}by {each.controller}, and "
        "whether a road is open there is not known"
        for each in ground.contested
    ]
    return Leg(
        start=site.label,
        end=end,
        start_jurisdiction=site.jurisdiction,
        end_jurisdiction=jurisdiction,
        mode="road",
        km=straight_km * DETOUR["road"],
        km_basis=f"great circle x {DETOUR['road']}",
        note="; ".join(notes),
        source="computed from the coordinates",
        confidence="low" if notes else "inferred",
        through=ground.crossed,
        is_guess=bool(notes),
    )
