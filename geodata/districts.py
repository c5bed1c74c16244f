"""In which district of a partly closed region a point lies, and which others its borders leave possible."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import shapely

from geodata.borders import Borders
from geodata.globe import check_coordinates
from geodata.places import unknown
from geodata.store import GeodataError, read_rows, read_table

BEYOND_LIMIT_KM = 25.0  # further outside all districts of its region than borders and coasts are misdrawn


@dataclass(frozen=True)
class DistrictGuess:
    """The district that the polygons give a point, and those it may lie in instead.

    `error_km`: the true border runs within this distance of the drawn one along 95 % of its length (bundled,
    approximate), or by the word of whoever brought the polygons (`is_surveyed`). `others`: every other
    district that the error of the border between leaves possible, with its distance in km, nearest first.
    """

    name: str
    is_surveyed: bool
    error_km: float
    others: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class DistrictBorders:
    """Polygons (lon/lat) of districts of one region that a user brought; they replace the bundled ones.

    Districts that are not among them keep their bundled polygons. `error_km` is the user's own statement.
    """

    region: str
    polygons: Mapping[str, shapely.Geometry]
    error_km: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.error_km) and self.error_km >= 0):
            raise GeodataError(
                f"district borders of {self.region}: error_km is {self.error_km}; give 0 or more kilometres"
            )
        if not self.polygons:
            raise GeodataError(f"district borders of {self.region}: no polygon; leave the entry out")
        named = {match_district(self.region, name): outline for name, outline in self.polygons.items()}
        if len(named) < len(self.polygons):
            raise GeodataError(f"district borders of {self.region}: a district occurs twice; merge its parts")
        object.__setattr__(self, "polygons", MappingProxyType(named))


class _Bundled(NamedTuple):
    name: str
    error_km: float
    is_surveyed: bool
    outline: shapely.MultiPolygon


class _Layer(NamedTuple):
    """The districts of one region; errors in km."""

    names: tuple[str, ...]
    errors_km: tuple[float, ...]
    surveyed: tuple[bool, ...]
    tree: shapely.STRtree
    borders: Borders


class _Near(NamedTuple):
    row: int
    km: float


def known_districts(region: str) -> tuple[str, ...]:
    """The districts of a region that is banned in part; empty for every other region."""
    return _names().get(region, ())


def match_district(region: str, text: str, listed: Iterable[str] = ()) -> str:
    """The district that a text names, as the bundled files write it.

    `listed` are names that rules of the region use. A region without bundled districts takes any name,
    unless it is a near miss of a listed one. Raises GeodataError with the nearest names.
    """
    known = known_districts(region)
    names = {name.casefold(): name for name in (*known, *listed)}
    if (found := names.get(text.strip().casefold())) is not None:
        return found
    if known or get_close_matches(text, list(names.values()), n=1, cutoff=0.8):
        raise GeodataError(f"{region}: {unknown('district', text, sorted(names.values()))}")
    return text


def district_polygons(region: str) -> dict[str, shapely.MultiPolygon]:
    """The bundled outline of every district in lon/lat degrees; empty where none are bundled."""
    return {row.name: row.outline for row in _bundled(region)}


def district_at(
    lat_deg: float, lon_deg: float, region: str, borders: DistrictBorders | None = None
) -> DistrictGuess | None:
    """The district of a point in a region; None where no districts are bundled or brought.

    Raises
    ------
    GeodataError
        If the coordinates are out of range, more than 25 km outside all districts, or `borders` are those of
        another region.
    """
    check_coordinates(lat_deg, lon_deg)
    if borders is not None and borders.region != region:
        raise GeodataError(
            f"district borders of {borders.region} cannot say where a point of {region} is; "
            "give those of its region"
        )
    layer = _layer(region, borders)
    if layer is None:
        return None
    near = _nearest(layer, lat_deg, lon_deg)
    if not near or near[0].km > BEYOND_LIMIT_KM:
        raise GeodataError(
            f"({lat_deg}, {lon_deg}) is more than {BEYOND_LIMIT_KM:.0f} km outside {region}; "
            "correct the region or the coordinates"
        )
    home, *others = near
    possible = tuple(
        (layer.names[each.row], each.km)
        for each in others
        if each.km <= home.km + _error_km(layer, home.row, each.row)
    )
    return DistrictGuess(layer.names[home.row], layer.surveyed[home.row], layer.errors_km[home.row], possible)


def _error_km(layer: _Layer, row: int, other: int) -> float:
    """The error of the border between two districts: a surveyed side knows it better than a drawn one."""
    exact = [layer.errors_km[each] for each in (row, other) if layer.surveyed[each]]
    return min(exact) if exact else max(layer.errors_km[row], layer.errors_km[other])


def _nearest(layer: _Layer, lat_deg: float, lon_deg: float) -> list[_Near]:
    """The districts around a point, its own first; complete as far as any error reaches."""

    def order(near: _Near) -> tuple[float, bool, str]:
        return near.km, not layer.surveyed[near.row], layer.names[near.row]

    inside = layer.tree.query(shapely.Point(lon_deg, lat_deg), predicate="intersects").tolist()
    reach_km = np.array([max(layer.errors_km) + BEYOND_LIMIT_KM])
    borders = layer.borders.within(np.array([lat_deg]), np.array([lon_deg]), reach_km)
    border_km = dict(zip(borders.polygon.tolist(), borders.km.tolist(), strict=True))
    near = [_Near(row, km) for row, km in (border_km | dict.fromkeys(inside, 0.0)).items()]
    near.sort(key=order)
    if not near or near[0].km > 0 or not layer.surveyed[near[0].row]:
        return near
    # A bundled polygon may reach into a surveyed one: what parts them is the surveyed border.
    home, *others = near
    own_km = border_km.get(home.row, math.inf)
    parted = (each if layer.surveyed[each.row] else _Near(each.row, max(each.km, own_km)) for each in others)
    return [home, *sorted(parted, key=order)]


@lru_cache(maxsize=32)
def _layer(region: str, borders: DistrictBorders | None) -> _Layer | None:
    """The brought polygons of a region, and the bundled ones of the districts that were not brought."""
    own = dict(borders.polygons) if borders is not None else {}
    own_error_km = borders.error_km if borders is not None else 0.0
    rows = [row for row in _bundled(region) if row.name not in own]
    outlines = np.array([*own.values(), *(row.outline for row in rows)], dtype=object)
    if not len(outlines):
        return None
    return _Layer(
        names=(*own, *(row.name for row in rows)),
        errors_km=(*[own_error_km] * len(own), *(row.error_km for row in rows)),
        surveyed=(*[True] * len(own), *(row.is_surveyed for row in rows)),
        tree=shapely.STRtree(outlines),
        borders=Borders(outlines),
    )


def _bundled(region: str) -> list[_Bundled]:
    table = read_table("districts.parquet")
    rows = np.flatnonzero(table["region"] == region)
    outlines = shapely.from_wkb(table["geometry"][rows])
    columns = (table[name][rows].tolist() for name in ("district", "error_km", "is_surveyed"))
    return [_Bundled(*row) for row in zip(*columns, outlines, strict=True)]


@lru_cache(maxsize=1)
def _names() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in read_rows("districts.csv"):
        found[row["region"]] = (*found.get(row["region"], ()), row["district"])
    return found
