"""Reads polygons from text: GeoJSON and WKT, whose numbers and nesting are checked before any geometry."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.errors import GeodataError
from geodata.zone_files import Content, Limits, Shape

DEEPEST_COLLECTION = 8
DEEPEST_PARENTHESES = 12  # GEOS reads nested text by recursion, without a limit of its own
AUTHORITY = re.compile(r"^(?:urn:ogc:def:crs:)?(EPSG|ESRI|OGC|IAU_2015):(?:[\w.]*:)?(\w+)$", re.IGNORECASE)
CURVED = re.compile(r"\b(CIRCULARSTRING|\w*(CURVE|SURFACE)\w*)", re.IGNORECASE)
SRID = re.compile(r"\s*SRID\s*=\s*(\d{1,9})\s*;", re.IGNORECASE)
LON_LAT = "OGC:CRS84"
DRAWN = {"Polygon", "MultiPolygon"}


def read_geojson(text: str, limits: Limits) -> Content:
    """The features of a GeoJSON text; coordinates are lon/lat unless an old `crs` member says otherwise."""
    try:
        found = json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise GeodataError("nests too deeply to be a map; export it again") from error
    except ValueError as error:
        raise GeodataError(f"is not GeoJSON: {error}; it may be cut off, so export it again") from error
    repairs: list[str] = []
    shapes = tuple(
        Shape(_geometry(feature.get("geometry"), number, repairs), _properties(feature, number))
        for number, feature in enumerate(_features(found, limits), start=1)
    )
    return Content(shapes, _crs(found), tuple(repairs))


def _no_number(text: str) -> NoReturn:
    raise GeodataError(f"has {text} where a number belongs; remove or correct the vertex")


def _features(found: Any, limits: Limits) -> list[dict[str, Any]]:
    kind = found.get("type") if isinstance(found, dict) else None
    match kind:
        case "FeatureCollection":
            features = found.get("features")
        case "Feature":
            features = [found]
        case "Polygon" | "MultiPolygon" | "GeometryCollection":
            features = [{"geometry": found}]
        case _:
            raise GeodataError(
                f"is JSON of type {str(kind)[:40]!r}; a FeatureCollection of polygons is wanted"
            )
    if not isinstance(features, list) or not all(isinstance(each, dict) for each in features):
        raise GeodataError("has no list of features; export it again as GeoJSON")
    if len(features) > limits.zones:
        raise GeodataError(f"has {len(features)} features, more than {limits.zones}; keep those of the study")
    return features


def _properties(feature: dict[str, Any], number: int) -> dict[str, Any]:
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise GeodataError(f"feature {number}: properties are not a mapping; export it again")
    return properties


def _crs(found: dict[str, Any]) -> str | None:
    """The member that GeoJSON had before 2016."""
    if "crs" not in found:
        return LON_LAT
    member = found["crs"]
    try:
        name = member["properties"]["name"]
        named = AUTHORITY.match(name) if member["type"] == "name" else None
    except (KeyError, TypeError):
        named = None
    if named is None:
        raise GeodataError(
            f"has the crs {str(member)[:80]}, which names no system; export it in lon/lat (WGS 84)"
        )
    return f"{named[1].upper()}:{named[2].upper()}"


def _geometry(given: Any, number: int, repairs: list[str], depth: int = 0) -> BaseGeometry | None:
    if given is None:
        return None
    kind = given.get("type") if isinstance(given, dict) else None
    if kind == "GeometryCollection":
        if depth == DEEPEST_COLLECTION:
            raise GeodataError(f"feature {number} nests collections too deeply; keep its polygons only")
        parts = given.get("geometries")
        if not isinstance(parts, list):
            raise GeodataError(f"feature {number} has a collection without geometries; export it again")
        inner = [_geometry(part, number, repairs, depth + 1) for part in parts]
        return shapely.GeometryCollection([part for part in inner if part is not None])
    if kind not in DRAWN:
        raise GeodataError(
            f"feature {number} is a {str(kind)[:40]}, not a polygon; remove it or draw its area"
        )
    nested = given.get("coordinates")
    parts = [nested] if kind == "Polygon" else nested
    if not isinstance(parts, list):
        raise GeodataError(f"feature {number} has no coordinates; remove it")
    drawn = [polygon for part in parts if (polygon := _polygon(part, number, repairs)) is not None]
    return shapely.MultiPolygon(drawn)


def _polygon(rings: Any, number: int, repairs: list[str]) -> shapely.Polygon | None:
    if not isinstance(rings, list):
        raise GeodataError(f"feature {number} has a polygon that is no list of rings; export it again")
    closed = list(_closed(rings, number, repairs))
    return shapely.Polygon(closed[0], closed[1:]) if closed else None


def _closed(rings: list[Any], number: int, repairs: list[str]) -> Iterator[shapely.LinearRing]:
    for ring in rings:
        vertices = _vertices(ring, number)
        if len(vertices) and (vertices[0] != vertices[-1]).any():
            repairs.append(f"feature {number}: a ring was not closed; closed by a straight line")
            vertices = np.vstack([vertices, vertices[:1]])
        if len(vertices) < 4:
            raise GeodataError(
                f"feature {number} has a ring of {max(len(vertices) - 1, 0)} points; draw three at least"
            )
        yield shapely.LinearRing(vertices)


def _vertices(ring: Any, number: int) -> npt.NDArray[np.float64]:
    """The (x, y) of a ring; heights are dropped."""
    numbers = isinstance(ring, list) and all(
        isinstance(point, list)
        and len(point) >= 2
        and all(isinstance(each, int | float) and not isinstance(each, bool) for each in point[:2])
        for point in ring
    )
    if not numbers:
        raise GeodataError(f"feature {number} has a vertex that is not a pair of numbers; export it again")
    try:
        return np.array([point[:2] for point in ring], dtype=float).reshape(-1, 2)
    except OverflowError as error:
        raise GeodataError(f"feature {number} has a coordinate out of range; correct the vertex") from error


def read_wkt(text: str) -> Content:
    """One geometry as text; a leading SRID=4326; says its coordinate system."""
    depth = deepest = 0
    for sign in re.findall(r"[()]", text):
        depth += 1 if sign == "(" else -1
        deepest = max(deepest, depth)
    if deepest > DEEPEST_PARENTHESES:
        raise GeodataError("is WKT that nests too deeply to be a polygon; write POLYGON ((lon lat, ...))")
    if curved := CURVED.search(text):
        raise GeodataError(f"has a {curved[1][:40].upper()}; export it as POLYGON, with straight edges")
    said = SRID.match(text)
    try:
        with np.errstate(invalid="ignore"):  # of "nan", which is told later with the other coordinates
            geometry = shapely.from_wkt(text[said.end() :] if said else text)
    except (shapely.errors.ShapelyError, ValueError) as error:
        raise GeodataError(f"is not WKT: {str(error)[:200]}; write POLYGON ((lon lat, ...))") from error
    return Content((Shape(shapely.force_2d(geometry), {}),), f"EPSG:{said[1]}" if said else LON_LAT)
