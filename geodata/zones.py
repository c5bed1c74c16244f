"""Polygons that a user brings, as zones: named, in lon/lat, valid, with a word on every repair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from geodata.borders import Borders
from geodata.errors import GeodataError
from geodata.globe import EARTH_RADIUS_KM, area_km2, check_coordinates
from geodata.places import OFFSHORE_LIMIT_KM, locate_many, region_polygons, unknown
from geodata.zone_files import (
    FORMATS,
    SQLITE,
    WKT_START,
    ZIP,
    Content,
    bytes_inside,
    name_field_among,
    read_geopackage,
    read_shapefile,
    shapes_in,
    text_of,
)
from geodata.zone_files import Limits as Limits
from geodata.zone_shapes import check_tangle, crs_of, in_lon_lat, repaired, same_system
from geodata.zone_text import LON_LAT, read_geojson, read_wkt

LONGEST_NAME = 200
SEA_STEP_DEG = 0.1
SEARCH_RADII_KM = (50.0, 1_000.0, 20_100.0)  # widened until the border is inside; the last is half the globe


@dataclass(frozen=True)
class Zone:
    """A named area: lon/lat degrees on WGS 84, valid, cut at 180 degrees."""

    name: str
    polygon: shapely.MultiPolygon
    properties: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @cached_property
    def area_km2(self) -> float:
        """On the ellipsoid, edges straight in longitude and latitude."""
        return area_km2(self.polygon)

    @cached_property
    def _seamless(self) -> BaseGeometry:
        """Without the cut at 180 degrees, which is no border: its western parts moved a turn east."""
        west, _, east, _ = self.polygon.bounds
        if west > -180 or east < 180:
            return self.polygon
        parts = [
            affinity.translate(each, 360) if each.bounds[2] <= 0 else each for each in self.polygon.geoms
        ]
        return shapely.union_all(parts)

    @cached_property
    def _borders(self) -> Borders:
        return Borders(np.array([self._seamless], dtype=object))


@dataclass(frozen=True)
class ZoneFile:
    """The zones of one file or text, and what was repaired in them."""

    zones: tuple[Zone, ...]
    repairs: tuple[str, ...]

    def zone(self, name: str) -> Zone:
        """The zone of a name; GeodataError with the nearest names when there is none."""
        found = {each.name.casefold(): each for each in self.zones}
        if (zone := found.get(name.strip().casefold())) is None:
            raise GeodataError(unknown("zone", name, [each.name for each in self.zones]))
        return zone


def read_zones(
    path: Path | str,
    root: Path | str,
    *,
    layer: str | None = None,
    name_field: str | None = None,
    crs: str | None = None,
    limits: Limits | None = None,
) -> ZoneFile:
    """The zones of a GeoJSON, GeoPackage, zipped shapefile or WKT file in the folder `root` or below it.

    `layer` names one of several layers, `name_field` the property with the names (default: name), `crs` the
    coordinate system where the file does not say it.

    Raises
    ------
    GeodataError
        Naming the file, the feature and the remedy, whatever is wrong with it.
    """
    limits = limits or Limits()
    try:
        data = bytes_inside(path, root, limits)
        content = _content(data, layer, name_field, limits)
        return _zone_file(content, Path(path).stem, name_field, crs, limits)
    except GeodataError as error:
        raise GeodataError(f"{path} {error}") from error


def zone_from_wkt(text: str, *, name: str, crs: str | None = None, limits: Limits | None = None) -> ZoneFile:
    """One zone from WKT, such as POLYGON ((104.1 52.2, ...)); longitude first, EPSG:4326 unless said."""
    limits = limits or Limits()
    try:
        if len(text) > limits.file_bytes:
            raise GeodataError("is too long; bring the polygon as a file")
        return _zone_file(read_wkt(text), name, None, crs, limits)
    except GeodataError as error:
        raise GeodataError(f"zone {name!r} {error}") from error


def zone_contains(zone: Zone, lat_deg: float, lon_deg: float) -> tuple[bool, float]:
    """Whether a point lies in the zone, its border included, and how far that border is in km.

    The distance is good to 1 % up to 1,000 km and rough beyond.
    """
    check_coordinates(lat_deg, lon_deg)
    whole = zone._seamless
    at_lon_deg = lon_deg + 360 if lon_deg < 0 and whole.bounds[2] > 180 else lon_deg
    inside = bool(shapely.intersects_xy(whole, at_lon_deg, lat_deg))
    for radius_km in SEARCH_RADII_KM:
        near = zone._borders.within(np.array([lat_deg]), np.array([at_lon_deg]), np.array([radius_km]))
        if len(near.km):
            return inside, float(near.km[0])
    return inside, np.pi * EARTH_RADIUS_KM  # numerically on the antipode


def _content(data: bytes, layer: str | None, name_field: str | None, limits: Limits) -> Content:
    if data.startswith(ZIP):
        return read_shapefile(data, layer, name_field, limits)
    if data.startswith(SQLITE):
        return read_geopackage(data, layer, name_field, limits)
    text = text_of(data)
    if layer is not None:
        raise GeodataError(f"has no layers, so none named {layer!r}; leave the layer out")
    if text.lstrip().startswith("{"):
        return read_geojson(text, limits)
    if WKT_START.match(text):
        return read_wkt(text)
    raise GeodataError(f"is {'empty' if not text.strip() else 'none of the known formats'}; {FORMATS}")


def _zone_file(
    content: Content, stem: str, name_field: str | None, crs: str | None, limits: Limits
) -> ZoneFile:
    if len(content.shapes) > limits.zones:
        raise GeodataError(f"has more than {limits.zones:,} features; keep those of the study")
    if not (shapes := list(shapes_in(content.shapes))):
        raise GeodataError("has no polygon; draw one")
    vertices = sum(shapely.get_num_coordinates(shape) for _, shape, _ in shapes)
    if vertices > limits.vertices:
        raise GeodataError(f"has {vertices:,} vertices, more than {limits.vertices:,}; simplify it")
    system = crs_of(_system(content.crs, crs))
    repairs = [*content.repairs]
    if empty := len(content.shapes) - len(shapes):
        repairs.append(f"{empty} feature{'s' * (empty > 1)} without a geometry left out")
    key = _name_key([properties for _, _, properties in shapes], name_field)
    names = [_name(each.get(key), number) if key is not None else stem for number, _, each in shapes]
    outlines: list[shapely.MultiPolygon] = []
    left = limits.vertices
    for name, (number, shape, _) in zip(names, shapes, strict=True):
        with _named(number, name):
            outline, odd = in_lon_lat(shape, system, left)
        left -= int(shapely.get_num_coordinates(outline))
        repairs += [f"{name}: {each}" for each in odd]
        outlines.append(outline)
    check_tangle(outlines)
    zones: dict[str, list[Zone]] = {}
    for name, outline, (number, _, properties) in zip(names, outlines, shapes, strict=True):
        with _named(number, name):
            polygon, mended = repaired(outline)
        if _is_at_sea(polygon):
            mended.append(f"lies in the sea, {OFFSHORE_LIMIT_KM:.0f} km from any region; is latitude first?")
        repairs += [f"{name}: {each}" for each in mended]
        kept = {each: value for each, value in properties.items() if value is not None}
        zones.setdefault(name.casefold(), []).append(Zone(name, polygon, kept))
    merged = tuple(_merged(parts, repairs) for parts in zones.values())
    return ZoneFile(merged, tuple(dict.fromkeys(repairs)))


@contextmanager
def _named(number: int, name: str) -> Iterator[None]:
    """Says of which feature an error is."""
    try:
        yield
    except GeodataError as error:
        raise GeodataError(f"feature {number} ({name}) {error}") from error


@lru_cache(maxsize=1)
def _land() -> shapely.STRtree:
    return shapely.STRtree(list(region_polygons().values()))


def _is_at_sea(polygon: shapely.MultiPolygon) -> bool:
    """Whether neither it nor a point of its outline is at a region, or as near to one as a site may be."""
    if len(_land().query(polygon, predicate="intersects")):
        return False
    lon, lat = shapely.get_coordinates(shapely.segmentize(polygon, SEA_STEP_DEG)).T
    return bool(locate_many(lat, lon)["region"].isna().all())


def _system(said: str | None, given: str | None) -> str:
    """What the file says of its coordinates, or the caller; not both, unless they agree."""
    if said is None and given is None:
        raise GeodataError("does not say its coordinate system (no .prj); give the crs, such as EPSG:4326")
    if said is None or given is None or said == LON_LAT:
        return given or said or LON_LAT
    if not same_system(said, given):
        raise GeodataError(f"says that its crs is {crs_of(said).name}, not {given}; leave the crs out")
    return said


def _name_key(properties: list[dict[str, Any]], wanted: str | None) -> str | None:
    """The property that names the features; None for the one nameless feature of a file."""
    keys = sorted({key for each in properties for key in each})
    if (found := name_field_among(keys, wanted)) is not None:
        return found
    if wanted is not None:
        raise GeodataError(unknown("name field", wanted, keys))
    if len(properties) == 1:
        return None
    listed = f"one of {', '.join(keys[:12])}" if keys else "after adding one"
    raise GeodataError(f"has no property 'name'; say which property names the zones, {listed}")


def _name(value: Any, number: int) -> str:
    name = str(value).strip() if value is not None and not isinstance(value, dict | list) else ""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise GeodataError(f"feature {number} has the name {str(value)[:40]!r}; give it a plain one")
    return name


def _merged(parts: list[Zone], repairs: list[str]) -> Zone:
    """One zone of all features of a name: exports often split a district into its parts."""
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    repairs.append(f"{first.name}: {len(parts)} features of this name united")
    whole = shapely.union_all([each.polygon for each in parts])
    pieces = [each for each in shapely.get_parts(whole) if each.geom_type == "Polygon"]
    return Zone(first.name, shapely.MultiPolygon(pieces), first.properties)
