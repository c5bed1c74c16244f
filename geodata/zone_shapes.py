"""Turns a polygon in any coordinate system into a valid one in lon/lat, and says in words what it changed."""

from __future__ import annotations

import math
import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from geodata.store import GeodataError

WGS84 = CRS.from_epsg(4326)
LONGEST_EDGE_M = 10_000.0  # a straight edge of a projection, cut this short, is off by metres in lon/lat
WIDEST_RING_DEG = 180.0
FURTHEST_LON_DEG = 540.0
MAX_AREA_CHANGE = 0.05
MAX_CROSSINGS = 1_000
EDGES_AT_A_TIME = 50  # each may cross every other one
MAX_CRS_CHARACTERS = 10_000


def crs_of(text: str) -> CRS:
    """A coordinate system by its code (EPSG:3857) or by the WKT that files carry; never by a file's name."""
    if len(text) > MAX_CRS_CHARACTERS or not re.match(r"\s*(\w+:[\w.]+\s*$|[A-Z0-9_]+\s*\[)", text):
        raise GeodataError(f"{text[:60]!r} is no coordinate system; write its code, such as EPSG:4326")
    try:
        crs = CRS.from_user_input(text)
        flat = crs.to_2d()
    except (CRSError, ProjError) as error:
        raise GeodataError(
            f"{text[:60]!r} is no coordinate system that PROJ knows; write its code, such as EPSG:4326"
        ) from error
    if not (flat.is_geographic or flat.is_projected):
        raise GeodataError(f"coordinates in {crs.name!r} cannot be put on a map; export in lon/lat (WGS 84)")
    return flat


def same_system(first: str, second: str) -> bool:
    """Whether two codes mean the same coordinates, x first."""
    return crs_of(first).equals(crs_of(second), ignore_axis_order=True) or {
        _is_plain(crs_of(first)),
        _is_plain(crs_of(second)),
    } == {True}


def _is_plain(crs: CRS) -> bool:
    return crs.equals(WGS84, ignore_axis_order=True) or crs.to_authority() == ("OGC", "CRS84")


def in_lon_lat(geometry: BaseGeometry, crs: CRS, max_vertices: int) -> tuple[shapely.MultiPolygon, list[str]]:
    """The polygon in lon/lat degrees, valid and cut at 180 degrees, and what had to be repaired.

    Raises
    ------
    GeodataError
        If it is no polygon, a coordinate is out of range, a ring is wider than 180 degrees, or a repair
        would change the area by more than 5 %.
    """
    polygons = _polygons(geometry)
    _check_range(shapely.get_coordinates(polygons), crs)
    try:
        moved = shapely.MultiPolygon([_moved(each, crs, max_vertices) for each in polygons])
        _check_lon_lat(moved)
        whole, repairs = _repaired(moved)
        return _cut(whole), repairs
    except shapely.errors.ShapelyError as error:
        raise GeodataError(f"cannot be repaired: {str(error)[:200]}; redraw it") from error


def _polygons(geometry: BaseGeometry) -> list[shapely.Polygon]:
    """The polygons of a geometry, which must hold nothing else."""
    found: list[shapely.Polygon] = []
    waiting = [geometry]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, shapely.Polygon):
            found.append(each)
        elif hasattr(each, "geoms"):
            waiting += each.geoms
        else:
            raise GeodataError(f"is a {each.geom_type}, not a polygon; remove it or draw its area")
    return [each for each in found if not each.is_empty]


def _check_range(xy: npt.NDArray[np.float64], crs: CRS) -> None:
    if not np.isfinite(xy).all():
        raise GeodataError("has a coordinate that is not a finite number; remove or correct the vertex")
    x, y = np.abs(xy).max(axis=0)
    if crs.is_projected and x <= FURTHEST_LON_DEG and y <= 90:
        raise GeodataError(f"has coordinates up to {x:g}, {y:g}, too small for {crs.name}; correct the crs")
    if crs.is_projected or crs.axis_info[0].unit_name != "degree":
        return
    if y > 90 and x <= 90:
        raise GeodataError(
            f"has y = {y:g} where a latitude belongs; longitude and latitude seem swapped: write lon lat"
        )
    if y > 90 or x > FURTHEST_LON_DEG:
        raise GeodataError(
            f"has coordinates up to {x:g}, {y:g}, which are no degrees; give their crs, e.g. EPSG:3857"
        )


@lru_cache(maxsize=16)
def _transformer(crs: CRS) -> Transformer:
    return Transformer.from_crs(crs, WGS84, always_xy=True)


def _moved(polygon: shapely.Polygon, crs: CRS, max_vertices: int) -> shapely.Polygon:
    """The polygon in lon/lat, each ring in one piece even where it crosses 180 degrees."""
    if _is_plain(crs):
        return shapely.force_2d(polygon)
    unit_m = crs.axis_info[0].unit_conversion_factor if crs.is_projected else math.inf
    if crs.is_projected and polygon.length * unit_m / LONGEST_EDGE_M > max_vertices:
        raise GeodataError(f"has coordinates too large for {crs.name}; correct the vertices or the crs")
    dense = shapely.segmentize(polygon, LONGEST_EDGE_M / unit_m) if crs.is_projected else polygon
    shell, *holes = (_ring(ring, crs) for ring in (dense.exterior, *dense.interiors))
    return shapely.Polygon(shell, [hole + _whole_turns(shell[0] - hole[0]) for hole in holes])


def _ring(ring: shapely.LinearRing, crs: CRS) -> npt.NDArray[np.float64]:
    xy = shapely.get_coordinates(ring)
    try:
        lon, lat = _transformer(crs).transform(xy[:, 0], xy[:, 1])
    except ProjError as error:
        raise GeodataError(f"cannot be taken from {crs.name} to lon/lat: {error}; check the crs") from error
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        raise GeodataError(f"has coordinates outside the area of {crs.name}; correct the vertices or the crs")
    return np.column_stack([np.unwrap(lon, period=360), lat])


def _whole_turns(step: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.array([360 * round(step[0] / 360), 0.0])


def _check_lon_lat(outline: shapely.MultiPolygon) -> None:
    west, south, east, north = outline.bounds
    if south < -90 or north > 90 or max(-west, east) > FURTHEST_LON_DEG:
        raise GeodataError(
            f"reaches to {west:g}..{east:g}, {south:g}..{north:g} degrees; correct its vertices"
        )
    bounds = shapely.bounds(shapely.get_rings(shapely.get_parts(outline)))
    if (bounds[:, 2] - bounds[:, 0]).max() > WIDEST_RING_DEG:
        raise GeodataError(
            f"has a ring wider than {WIDEST_RING_DEG:.0f} degrees, as one is that crosses 180 degrees or "
            "goes round a pole; cut it at 180 degrees, or write longitudes on, such as 181 for -179"
        )


def _repaired(outline: shapely.MultiPolygon) -> tuple[shapely.MultiPolygon, list[str]]:
    before = float(shapely.area(shapely.get_parts(outline)).sum())
    if shapely.is_valid(outline):
        if before == 0:
            raise GeodataError("has no area; remove it or draw its area")
        return outline, []
    if _is_scribble(outline):
        raise GeodataError(
            f"has rings that cross more than {MAX_CROSSINGS:,} times; redraw it: it is no border"
        )
    reason = _readable(shapely.is_valid_reason(outline))
    whole = shapely.make_valid(outline, method="structure", keep_collapsed=False)
    parts = [each for each in shapely.get_parts(whole) if each.geom_type == "Polygon" and each.area > 0]
    after = sum(each.area for each in parts)
    change = abs(after - before) / max(before, after) if parts else 1.0
    if change > MAX_AREA_CHANGE:
        raise GeodataError(
            f"is not a valid polygon ({reason}), and repairing it changes its area by {change:.0%}; redraw it"
        )
    return shapely.MultiPolygon(parts), [f"{reason}; repaired, which changed the area by {change:.2%}"]


def _readable(reason: str) -> str:
    """GEOS says 'Self-intersection[104.123456789 52.1]'."""
    said = re.match(r"(.*)\[(\S+) (\S+)\]$", reason)
    return f"{said[1].lower()} at {float(said[2]):.5g}, {float(said[3]):.5g}" if said else reason


def _is_scribble(outline: shapely.MultiPolygon) -> bool:
    """Whether edges meet others than their neighbours too often: to repair that could take for ever."""
    plain = shapely.remove_repeated_points(outline)
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(plain)), return_index=True)
    follows = ring[1:] == ring[:-1]
    edges = np.asarray(shapely.linestrings(np.stack([xy[:-1][follows], xy[1:][follows]], axis=1)))
    tree = shapely.STRtree(edges.tolist())
    meetings = 0
    for start in range(0, len(edges), EDGES_AT_A_TIME):
        some = edges[start : start + EDGES_AT_A_TIME]
        meetings += tree.query(some, predicate="intersects").shape[1] - 3 * len(some)
        if meetings > 2 * MAX_CROSSINGS:  # each is met from both sides
            return True
    return False


def _cut(outline: shapely.MultiPolygon) -> shapely.MultiPolygon:
    """Parts beyond 180 degrees brought to the other side of the map."""
    west, _, east, _ = outline.bounds
    if west >= -180 and east <= 180:
        return outline
    pieces = []
    for turn in range(math.floor((west + 180) / 360), math.floor((east + 180) / 360) + 1):
        strip = shapely.box(360 * turn - 180, -90, 360 * turn + 180, 90)
        pieces.append(affinity.translate(shapely.intersection(outline, strip), -360 * turn))
    whole = shapely.union_all(pieces)
    parts = [each for each in shapely.get_parts(whole) if each.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)
