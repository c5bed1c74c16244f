"""Which region and jurisdiction a point lies in, how sure that is, and what the codes are called."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from geodata.borders import Borders, Ints
from geodata.globe import Floats, check_coordinates
from geodata.store import GeodataError, read_table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Bools = npt.NDArray[np.bool_]

OFFSHORE_LIMIT_KM = 25.0  # further from every region than any quay, pier or coast lost to simplification
UNCERTAIN_KM = 5.0  # drawn borders are off by 1.3 km in the mean and 6 km at worst (1 in 100)
ISLET_LIMIT_KM = 60.0  # an islet that is not drawn may be another country's, with a nearer coast between
NEIGHBOUR_LIMIT_KM = 200.0  # beyond it the next region is of no interest to anyone at this point
NAMED_COUNT = 4  # alternatives that a warning names


@dataclass(frozen=True)
class Place:
    """Where a point lies.

    `border_km` is the distance to `neighbour`, the nearest other region; infinite, and the neighbour empty,
    when none is within 200 km. `offshore_km` is 0 inside a region. `alternatives` are the other regions,
    nearest first and with their distances in km, that the point may belong to as well: because the border
    between is not drawn to better than that, or, off every drawn coast, because islets are missing; then
    they are all within 25 km and the nearest of every other country within 60 km.
    """

    region: str
    jurisdiction: str
    region_name: str
    border_km: float
    neighbour: str
    offshore_km: float
    border_error_km: float
    alternatives: tuple[tuple[str, float], ...]

    @property
    def warning(self) -> str:
        """What a reader must know before relying on the region; empty when it is certain."""
        told = []
        if self.offshore_km > 0:
            told.append(
                f"{self.offshore_km:.1f} km off the drawn coast of {self.region} (islets below 5 km2 may be "
                "undrawn)"
            )
        if self.alternatives:
            others = " or ".join(f"{region} ({km:.1f} km away)" for region, km in self._named())
            unnamed = len(self.alternatives) - len(self._named())
            rest = f" or {unnamed} more" if unnamed else ""
            told.append(
                f"may lie in {others}{rest}: borders are not drawn to better than that; state the region"
            )
        return "; ".join(told)

    def _named(self) -> list[tuple[str, float]]:
        """The nearest alternatives and the nearest of each country: off some coasts there are dozens."""
        nearest: dict[str, str] = {}
        for region, _ in self.alternatives:
            nearest.setdefault(region[:2], region)
        return [
            (region, km)
            for rank, (region, km) in enumerate(self.alternatives)
            if rank < NAMED_COUNT or nearest[region[:2]] == region
        ]


class _Region(NamedTuple):
    name: str
    jurisdiction: str
    jurisdiction_name: str
    border_error_km: float


class _Atlas(NamedTuple):
    regions: dict[str, _Region]
    codes: npt.NDArray[np.object_]
    countries: npt.NDArray[np.object_]
    error_km: Floats
    outlines: npt.NDArray[np.object_]
    tree: shapely.STRtree
    borders: Borders


@lru_cache(maxsize=1)
def _atlas() -> _Atlas:
    table = read_table("regions.parquet")
    outlines = shapely.from_wkb(table["geometry"])
    codes = table["region"]
    facts = zip(
        table["name"],
        table["jurisdiction"],
        table["jurisdiction_name"],
        table["border_error_km"].tolist(),
        strict=True,
    )
    regions = {code: _Region(*fact) for code, fact in zip(codes, facts, strict=True)}
    error_km = np.maximum(table["border_error_km"], UNCERTAIN_KM)
    tree = shapely.STRtree(outlines)
    return _Atlas(regions, codes, table["jurisdiction"], error_km, outlines, tree, Borders(outlines))


@lru_cache(maxsize=4096)
def locate(lat_deg: float, lon_deg: float) -> Place:
    """The region at a point, or the nearest one when the point lies a little off the coast.

    Raises GeodataError when the coordinates are out of range or more than 25 km from any region.
    """
    check_coordinates(lat_deg, lon_deg)
    atlas = _atlas()
    lat, lon = np.array([float(lat_deg)]), np.array([float(lon_deg)])
    near = atlas.borders.within(lat, lon, np.array([NEIGHBOUR_LIMIT_KM]))
    inside = _inside(lat, lon)[0]
    home, offshore_km = _home(lat_deg, lon_deg, int(inside), near.polygon, near.km)
    others = near.polygon != home
    names, km = atlas.codes[near.polygon[others]], near.km[others]
    told, is_abroad = _rivals(near.polygon[others], np.array([home]), km, np.array([offshore_km]))
    _, nearest_of_each = np.unique(atlas.countries[near.polygon[others]].astype(str), return_index=True)
    told |= is_abroad & np.isin(np.arange(len(km)), nearest_of_each)
    region = str(atlas.codes[home])
    found = atlas.regions[region]
    return Place(
        region,
        found.jurisdiction,
        found.name,
        float(km[0]) if len(km) else math.inf,
        str(names[0]) if len(names) else "",
        offshore_km,
        found.border_error_km,
        tuple((str(name), float(each)) for name, each in zip(names[told], km[told], strict=True)),
    )


def _rivals(other: Ints, home: Ints, km: Floats, offshore_km: Floats) -> tuple[Bools, Bools]:
    """Whether a point in (or off) its home may belong to another region, and whether to another country's
    islet, which is told of the nearest region of each country only."""
    atlas = _atlas()
    is_off = offshore_km > 0
    limit_km = np.minimum(atlas.error_km[other], atlas.error_km[home])
    coast_km = np.maximum(OFFSHORE_LIMIT_KM, offshore_km + UNCERTAIN_KM)
    limit_km = np.where(is_off, np.clip(limit_km, coast_km, ISLET_LIMIT_KM), limit_km)
    is_foreign = atlas.countries[other] != atlas.countries[home]
    return km <= limit_km, is_off & is_foreign & (km <= ISLET_LIMIT_KM)


def _home(lat_deg: float, lon_deg: float, inside: int, near: Ints, km: Floats) -> tuple[int, float]:
    if inside >= 0:
        return inside, 0.0
    if len(km) and km[0] <= OFFSHORE_LIMIT_KM:
        return int(near[0]), float(km[0])
    nearest = (
        f"the nearest region, {_atlas().codes[near[0]]}, is {km[0]:.0f} km away"
        if len(km)
        else "no region is near"
    )
    raise GeodataError(
        f"({lat_deg}, {lon_deg}) is in the sea: {nearest}; check the order (latitude first) and the signs"
    )


def _inside(lat_deg: Floats, lon_deg: Floats) -> Ints:
    """The polygon that covers each point, -1 where none does; on a border the first of them."""
    points = np.asarray(shapely.points(lon_deg, lat_deg), dtype=object)
    found = np.full(len(lat_deg), -1)
    if len(lat_deg) < len(_atlas().outlines):
        point, polygon = _atlas().tree.query(points, predicate="intersects")
    else:  # a tree of the points lets each polygon be prepared once
        polygon, point = shapely.STRtree(points).query(_atlas().outlines, predicate="intersects")
    found[point[::-1]] = polygon[::-1]
    return found


def locate_many(lat_deg: Iterable[float], lon_deg: Iterable[float]) -> pd.DataFrame:
    """The region of many points at once: 100,000 take well under a second.

    Columns: region (None at sea or out of range), offshore_km, neighbour and border_km (the nearest other
    region that the point may belong to as well; None and infinite when its own is certain), is_certain.
    Bad points are rows without a region, not errors, so that a table can be cleaned in one go; ask locate()
    about one of them for the reason.
    """
    import pandas as pd

    lat, lon = np.asarray(list(lat_deg), dtype=float), np.asarray(list(lon_deg), dtype=float)
    if lat.shape != lon.shape:
        raise GeodataError(f"{len(lat)} latitudes and {len(lon)} longitudes; give one of each for a point")
    atlas = _atlas()
    region = np.full(len(lat), None, dtype=object)
    neighbour = np.full(len(lat), None, dtype=object)
    offshore_km, border_km = np.full(len(lat), np.nan), np.full(len(lat), np.inf)
    good = np.flatnonzero((np.abs(lat) <= 90) & (np.abs(lon) <= 180))
    home = _inside(lat[good], lon[good])
    is_inside = home >= 0
    radius_km = np.where(is_inside, atlas.error_km[home], ISLET_LIMIT_KM)
    near = atlas.borders.within(lat[good], lon[good], radius_km)
    first = np.searchsorted(near.point, np.arange(len(good)))
    at_sea = np.flatnonzero(~is_inside & (first < len(near.point)))
    at_sea = at_sea[near.point[first[at_sea]] == at_sea]
    at_sea = at_sea[near.km[first[at_sea]] <= OFFSHORE_LIMIT_KM]
    home[at_sea] = near.polygon[first[at_sea]]
    shore_km = np.where(is_inside, 0.0, np.nan)
    shore_km[at_sea] = near.km[first[at_sea]]
    is_near, is_abroad = _rivals(near.polygon, home[near.point], near.km, shore_km[near.point])
    is_other = (home[near.point] >= 0) & (near.polygon != home[near.point])
    rivals = np.flatnonzero(is_other & (is_near | is_abroad))[::-1]
    neighbour[good[near.point[rivals]]] = atlas.codes[near.polygon[rivals]]
    border_km[good[near.point[rivals]]] = near.km[rivals]
    found = home >= 0
    region[good[found]] = atlas.codes[home[found]]
    offshore_km[good] = shore_km
    return pd.DataFrame(
        {
            "region": pd.Series(region, dtype=object),
            "offshore_km": offshore_km,
            "neighbour": pd.Series(neighbour, dtype=object),
            "border_km": border_km,
            "is_certain": (offshore_km == 0) & np.isinf(border_km),
        }
    )


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


def regions_of(jurisdiction: str) -> tuple[str, ...]:
    """The regions of a country in order of their codes; GeodataError when the country is unknown."""
    jurisdiction_name(jurisdiction)
    return tuple(sorted(code for code, r in _atlas().regions.items() if r.jurisdiction == jurisdiction))


def region_polygons() -> dict[str, shapely.Geometry]:
    """The outline of every region in lon/lat degrees."""
    atlas = _atlas()
    return dict(zip(atlas.codes, atlas.outlines, strict=True))


def region_frame() -> gpd.GeoDataFrame:
    """Every region as a row: region, name, jurisdiction, jurisdiction_name, border_error_km, geometry."""
    import geopandas as gpd
    import pandas as pd

    atlas = _atlas()
    facts = pd.DataFrame(atlas.regions.values(), columns=_Region._fields)
    facts.insert(0, "region", list(atlas.regions))
    return gpd.GeoDataFrame(facts, geometry=atlas.outlines, crs="EPSG:4326")


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
