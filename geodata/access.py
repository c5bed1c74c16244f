"""The road between a site and the hubs near it."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from geodata.network import DETOUR, Hub, Leg, hubs
from geodata.places import locate, locate_many
from geodata.store import GeodataError

ACCESS_LIMIT_KM = 1500.0  # as the crow flies to the nearest hub of the site's own country
ABROAD_LIMIT_KM = 800.0  # and to one abroad, where its country has none
SPREAD = 2.0  # hubs up to this many times as far as the nearest are tried as well
SLACK_KM = 50.0  # and those this much further
MAX_HUBS = 6
SHORT_ACCESS_KM = 300.0  # beyond it the road is a guess, and the route says so
DIRECT_KM = 150.0  # nearer sites of one country are joined by road without a hub
BRIDGED_KM = 10.0  # further from any shore than this there is no road
SAMPLE_KM = 10.0
GUESSED = "too far from any hub to be more than a guess"
GEOD = Geod(ellps="WGS84")


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


def direct(first: Site, last: Site) -> Leg | None:
    """The road between two near sites of one country; None when they are not so, or the sea is between."""
    km = _straight_km(first, last.lat_deg, last.lon_deg)
    if km > DIRECT_KM or first.jurisdiction != last.jurisdiction:
        return None
    if not _is_dry([_line(first, last.lat_deg, last.lon_deg, km)])[0]:
        return None
    return _road(first, last.label, last.jurisdiction, km)


@lru_cache(maxsize=4096)
def ways_to_hubs(site: Site) -> tuple[Leg, ...]:
    """The roads from a site to the hubs near it, nearest first: those of its country, or else abroad.

    Raises GeodataError when the site is at sea or no hub is near on the same land.
    """
    landed = [hub for hub in hubs().values() if hub.kind != "waypoint"]
    near = sorted(((_straight_km(site, hub.lat_deg, hub.lon_deg), hub) for hub in landed), key=lambda f: f[0])
    own = [(km, hub) for km, hub in near if hub.jurisdiction == site.jurisdiction and km <= ACCESS_LIMIT_KM]
    abroad = [(km, hub) for km, hub in near if km <= ABROAD_LIMIT_KM]
    reached = _by_land(site, own) or _by_land(site, abroad)
    if not reached:
        raise GeodataError(
            f"no hub can be reached by road from {site.label}, neither within {ACCESS_LIMIT_KM:g} km in "
            f"{site.jurisdiction} nor within {ABROAD_LIMIT_KM:g} km abroad; "
            "state the freight of the site as a corridor of the study"
        )
    reach_km = reached[0][0] * SPREAD + SLACK_KM
    return tuple(
        _road(site, hub.hub, hub.jurisdiction, km) for km, hub in reached[:MAX_HUBS] if km <= reach_km
    )


def _by_land(site: Site, near: list[tuple[float, Hub]]) -> list[tuple[float, Hub]]:
    tried = near[: 2 * MAX_HUBS]
    dry = _is_dry([_line(site, hub.lat_deg, hub.lon_deg, km) for km, hub in tried])
    return [found for found, is_dry in zip(tried, dry, strict=True) if is_dry]


def _is_dry(lines: list[npt.NDArray[np.float64]]) -> list[bool]:
    """Whether each line of points (lat, lon) keeps to the land, straits that a bridge spans included."""
    if not lines:
        return []
    shore_km = locate_many(*np.concatenate(lines).T)["offshore_km"].to_numpy()
    ends = np.cumsum([len(line) for line in lines])[:-1]
    return [bool((part <= BRIDGED_KM).all()) for part in np.split(shore_km, ends)]


def _line(site: Site, lat_deg: float, lon_deg: float, km: float) -> npt.NDArray[np.float64]:
    count = max(1, math.ceil(km / SAMPLE_KM) - 1)
    return np.array(GEOD.npts(site.lon_deg, site.lat_deg, lon_deg, lat_deg, count))[:, ::-1]


def _straight_km(site: Site, lat_deg: float, lon_deg: float) -> float:
    return float(GEOD.inv(site.lon_deg, site.lat_deg, lon_deg, lat_deg)[2]) / 1000


def _road(site: Site, end: str, jurisdiction: str, straight_km: float) -> Leg:
    return Leg(
        start=site.label,
        end=end,
        start_jurisdiction=site.jurisdiction,
        end_jurisdiction=jurisdiction,
        mode="road",
        km=straight_km * DETOUR["road"],
        km_basis=f"great circle x {DETOUR['road']}",
        note=GUESSED if straight_km > SHORT_ACCESS_KM else "",
        source="computed from the coordinates",
        confidence="inferred" if straight_km <= SHORT_ACCESS_KM else "low",
    )
