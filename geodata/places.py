"""Which region and jurisdiction a point lies in, and how far from the next one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Proj

from geodata.store import GeodataError, read_regions, read_rows

OFFSHORE_LIMIT_KM = 25.0  # further from every region than any quay, pier or coast lost to simplification
KM_PER_DEG = 110.5
SEARCH_RADII_DEG = (1.5, 6.0, 40.0)  # widened until the nearest border is surely inside
SEGMENTS_PER_RADIUS = 30  # a border along a parallel is straight in lon/lat but curved on the ground


@dataclass(frozen=True)
class Place:
    """Where a point lies.

    `border_km` is the distance to the nearest other region, `neighbour`: below about 5 km the region of the
    point is uncertain, since borders are drawn to 1-3 km. `offshore_km` is 0 inside a region.
    `is_approximate` marks the regions whose outline is an estimate (the Kazakhstan oblasts of 2018 and
    2022).
    """

    region: str
    jurisdiction: str
    region_name: str
    border_km: float
    neighbour: str
    offshore_km: float
    is_approximate: bool


class _Region(NamedTuple):
    name: str
    jurisdiction: str
    jurisdiction_name: str
    is_approximate: bool


class _Atlas(NamedTuple):
    regions: dict[str, _Region]
    codes: tuple[str, ...]
    outlines: npt.NDArray[np.object_]
    tree: shapely.STRtree


@lru_cache(maxsize=1)
def _atlas() -> _Atlas:
    table = read_regions()
    outlines = shapely.from_wkb(table["geometry"].to_numpy())
    codes = tuple(table["region"])
    facts = zip(
        table["name"], table["jurisdiction"], table["jurisdiction_name"], table["is_approximate"], strict=True
    )
    regions = {code: _Region(*fact) for code, fact in zip(codes, facts, strict=True)}
    return _Atlas(regions, codes, outlines, shapely.STRtree(outlines))


@lru_cache(maxsize=4096)
def locate(lat_deg: float, lon_deg: float) -> Place:
    """The region at a point, or the nearest one when the point lies a little off the coast.

    Raises GeodataError when the coordinates are out of range or more than 25 km from any region.
    """
    if not (-90 <= lat_deg <= 90 and -180 <= lon_deg <= 180):
        raise GeodataError(
            f"({lat_deg}, {lon_deg}) is not a latitude in -90..90 and a longitude in -180..180 degrees"
        )
    region, offshore_km = _home(lat_deg, lon_deg)
    neighbour, border_km = _nearest_other(lat_deg, lon_deg, region)
    found = _atlas().regions[region]
    return Place(
        region, found.jurisdiction, found.name, border_km, neighbour, offshore_km, found.is_approximate
    )


def _home(lat_deg: float, lon_deg: float) -> tuple[str, float]:
    near = _distances_km(lat_deg, lon_deg, SEARCH_RADII_DEG[0])
    if near and near[0][1] <= OFFSHORE_LIMIT_KM:
        return near[0]
    nearest = (
        f"the nearest region, {near[0][0]}, is {near[0][1]:.0f} km away" if near else "no region is near"
    )
    raise GeodataError(
        f"({lat_deg}, {lon_deg}) is in the sea: {nearest}; check the order (latitude first) and the signs"
    )


def _nearest_other(lat_deg: float, lon_deg: float, region: str) -> tuple[str, float]:
    for radius_deg in SEARCH_RADII_DEG:
        others = [near for near in _distances_km(lat_deg, lon_deg, radius_deg) if near[0] != region]
        if others and others[0][1] <= radius_deg * KM_PER_DEG:
            return others[0]
    raise GeodataError(f"({lat_deg}, {lon_deg}): no second region within {SEARCH_RADII_DEG[-1]:.0f} degrees")


def _distances_km(lat_deg: float, lon_deg: float, radius_deg: float) -> list[tuple[str, float]]:
    """Regions with their distances, nearest first; complete up to the radius."""
    atlas = _atlas()
    ground = Proj(proj="aeqd", lat_0=lat_deg, lon_0=lon_deg, datum="WGS84")  # true distances from the point
    nearest: dict[str, float] = {}
    for window in _windows(lat_deg, lon_deg, radius_deg):
        rows = atlas.tree.query(shapely.box(*window))
        near = shapely.segmentize(
            shapely.clip_by_rect(atlas.outlines[rows], *window), radius_deg / SEGMENTS_PER_RADIUS
        )
        flat = shapely.transform(near, lambda xy: np.column_stack(ground(xy[:, 0], xy[:, 1])))
        for row, distance_m in zip(rows, shapely.distance(flat, shapely.Point(0, 0)), strict=True):
            code = atlas.codes[row]
            nearest[code] = min(float(distance_m) / 1000, nearest.get(code, math.inf))
    found = [(code, km) for code, km in nearest.items() if math.isfinite(km)]
    return sorted(found, key=lambda near: (near[1], near[0]))


def _windows(lat_deg: float, lon_deg: float, radius_deg: float) -> list[tuple[float, float, float, float]]:
    """Boxes (west, south, east, north) that cover a circle; two where it crosses 180 degrees."""
    south, north = max(lat_deg - radius_deg, -90.0), min(lat_deg + radius_deg, 90.0)
    if abs(lat_deg) + radius_deg >= 90:
        return [(-180.0, south, 180.0, north)]
    half_width_deg = math.degrees(
        math.asin(math.sin(math.radians(radius_deg)) / math.cos(math.radians(lat_deg)))
    )
    west, east = lon_deg - half_width_deg, lon_deg + half_width_deg
    shifted = [(max(west + turn, -180.0), min(east + turn, 180.0)) for turn in (-360.0, 0.0, 360.0)]
    return [(w, south, e, north) for w, e in shifted if w < e]


def region_name(region: str) -> str:
    """The English name of a region; GeodataError when the code is unknown."""
    return _region(region).name


def jurisdiction_name(jurisdiction: str) -> str:
    """The English name of a country; GeodataError when the code is unknown."""
    names = _jurisdiction_names()
    if jurisdiction not in names:
        raise GeodataError(unknown("jurisdiction", jurisdiction, sorted(names)))
    return names[jurisdiction]


def jurisdiction_of(region: str) -> str:
    """The country a region belongs to by ISO 3166; GeodataError when the code is unknown."""
    return _region(region).jurisdiction


def known_regions() -> frozenset[str]:
    """Codes of all regions: ISO 3166-2, or the country code where a country is one region."""
    return frozenset(_atlas().regions)


def known_jurisdictions() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes of all countries; XK for Kosovo."""
    return frozenset(_jurisdiction_names())


def region_polygons() -> dict[str, shapely.Geometry]:
    """The outline of every region in lon/lat degrees, for maps."""
    atlas = _atlas()
    return dict(zip(atlas.codes, atlas.outlines, strict=True))


def timezone_of(region: str) -> str:
    """The IANA time zone of a region; GeodataError when it has none bundled or the code is unknown."""
    zones = _timezones()
    jurisdiction = jurisdiction_of(region)
    zone = zones.get(region) or zones.get(jurisdiction)
    if zone is None:
        raise GeodataError(
            f"no time zone is bundled for region {region!r}; state the site's own, such as 'Europe/Paris'"
        )
    return zone


def unknown(kind: str, given: str, known: Sequence[str]) -> str:
    """The text of an error about an unknown name, with the nearest known ones."""
    longer = [name for name in known if given and name.casefold().startswith(given.casefold())]
    close = longer[:3] or get_close_matches(given, known, n=3, cutoff=0.5)
    remedy = f"did you mean {' or '.join(map(repr, close))}?" if close else f"known: {', '.join(known[:12])}"
    return f"unknown {kind} {given!r}; {remedy}"


def _region(region: str) -> _Region:
    regions = _atlas().regions
    if region not in regions:
        raise GeodataError(unknown("region", region, sorted(regions)))
    return regions[region]


@lru_cache(maxsize=1)
def _jurisdiction_names() -> dict[str, str]:
    return {r.jurisdiction: r.jurisdiction_name for r in _atlas().regions.values()}


@lru_cache(maxsize=1)
def _timezones() -> dict[str, str]:
    return {row["place"]: row["timezone"] for row in read_rows("timezones.csv")}
