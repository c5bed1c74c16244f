"""Turns a polygon in any coordinate system into a valid one in lon/lat, and says in words what it changed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from geodata.errors import GeodataError
from geodata.globe import EDGE_DEG, area_km2

WGS84 = CRS.from_epsg(4326)
EQUAL_AREA = Proj("+proj=cea +ellps=WGS84 +over")
LONGEST_EDGE_M = 10_000.0  # a straight edge of a projection, cut this short, is off by metres in lon/lat
WIDEST_RING_DEG = 180.0
FURTHEST_LON_DEG = 540.0
MAX_AREA_CHANGE = 0.05
MAX_CROSSINGS = 1_000
MAX_NEAR_PAIRS = 3_000_000  # of edges whose boxes overlap; a border has about four for each edge
MAX_CROSSINGS_OF_ALL = 200_000  # between the polygons of a file, which may overlap
PAIRS_AT_A_TIME = 5_000_000
MAX_OUTLINE_DEG = 50_000.0  # areas are measured in steps of a quarter of a degree along it
MAX_OUTSIDE_USE_DEG = 5.0
HALF_ZONE_DEG = 3.0  # zones of the usual transverse Mercator systems are six degrees wide
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
    """The polygon in lon/lat degrees, as drawn, and what is odd about its place.

    Raises
    ------
    GeodataError
        If it is no polygon, a coordinate is out of range, a ring is wider than 180 degrees, it lies nowhere
        near the area that its crs is made for, or it needs more than `max_vertices`.
    """
    polygons = _polygons(geometry)
    _check_range(shapely.get_coordinates(polygons), crs)
    _check_size(polygons, crs, max_vertices)
    moved = shapely.MultiPolygon([_moved(each, crs) for each in polygons])
    _check_lon_lat(moved)
    return moved, _outside_use(moved, crs)


def check_tangle(outlines: Sequence[shapely.MultiPolygon]) -> None:
    """Raises GeodataError when looking at these polygons, alone or together, could take minutes.

    Neither whether they are valid nor what they have in common is known yet: what counts are the pairs of
    edges whose boxes overlap.
    """
    if sum(each.length for each in outlines) > MAX_OUTLINE_DEG:
        raise GeodataError(f"has outlines of more than {MAX_OUTLINE_DEG:,.0f} degrees in all; simplify it")
    edges = _edges(outlines)
    tree, pairs = shapely.STRtree(edges), 0
    for some in np.array_split(edges, 1 + len(edges) ** 2 // PAIRS_AT_A_TIME):
        pairs += tree.query(some).shape[1]
        if pairs > MAX_NEAR_PAIRS:
            raise GeodataError("has edges that run across and along each other; redraw it: it is no border")
    if pairs - 3 * len(edges) <= 2 * MAX_CROSSINGS_OF_ALL:  # each meets itself and its neighbours
        return
    crossings = 0
    for some in np.array_split(edges, 1 + pairs // MAX_CROSSINGS_OF_ALL):
        one, other = tree.query(some, predicate="intersects")
        crossings += int(shapely.crosses(some[one], edges[other]).sum())
        if crossings > 2 * MAX_CROSSINGS_OF_ALL:  # each is met from both sides
            raise GeodataError(f"has outlines that cross more than {MAX_CROSSINGS_OF_ALL:,} times; redraw it")


def repaired(outline: shapely.MultiPolygon) -> tuple[shapely.MultiPolygon, list[str]]:
    """The polygon valid and cut at 180 degrees, and what had to be repaired.

    Raises GeodataError when a repair would change the area by more than 5 %.
    """
    try:
        whole, repairs = _made_valid(outline)
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
            kind = getattr(each, "geom_type", "curve")  # which shapely has as None in a collection
            raise GeodataError(f"is a {kind}, not a polygon; remove it or draw its area")
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


def _check_size(polygons: list[shapely.Polygon], crs: CRS, max_vertices: int) -> None:
    """Before long edges are cut, which may need far more vertices than were drawn."""
    vertices = float(sum(shapely.get_num_coordinates(polygons)))
    if crs.is_projected:
        length_m = sum(each.length for each in polygons) * _unit_m(crs)
        if length_m / LONGEST_EDGE_M > max_vertices:
            raise GeodataError(f"has coordinates too large for {crs.name}; correct the vertices or the crs")
        vertices += length_m / LONGEST_EDGE_M
    if vertices > max_vertices:
        raise GeodataError(f"has too many vertices, {vertices:,.0f} once long edges are cut; simplify it")


def _unit_m(crs: CRS) -> float:
    return float(crs.axis_info[0].unit_conversion_factor)


def _moved(polygon: shapely.Polygon, crs: CRS) -> shapely.Polygon:
    """The polygon in lon/lat, each ring in one piece even where it crosses 180 degrees."""
    if _is_plain(crs):
        return shapely.force_2d(polygon)
    dense = shapely.segmentize(polygon, LONGEST_EDGE_M / _unit_m(crs)) if crs.is_projected else polygon
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


def _outside_use(outline: shapely.MultiPolygon, crs: CRS) -> list[str]:
    """A word when the polygon reaches beyond the area that its crs is made for; an error when all of it does.

    So does one whose axes were exchanged, or whose zone is another one's.
    """
    if (area := _area_of_use(crs)) is None:
        return []
    west, south, east, north = area
    lon, lat = shapely.get_coordinates(outline).T
    east_of_middle = (lon - (west + east) / 2 + 180) % 360 - 180
    beyond_deg = np.maximum.reduce([np.abs(east_of_middle) - (east - west) / 2, south - lat, lat - north])
    if beyond_deg.min() > MAX_OUTSIDE_USE_DEG:
        raise GeodataError(
            f"would lie at latitude {lat[0]:.4g}, longitude {lon[0]:.4g}, {beyond_deg.min():.0f} degrees "
            f"from the area that {crs.name} is made for; correct the crs, or the order of x and y"
        )
    if (furthest := float(beyond_deg.max())) > MAX_OUTSIDE_USE_DEG:
        return [f"reaches {furthest:.0f} degrees beyond the area that {crs.name} is made for; check the crs"]
    return []


def _area_of_use(crs: CRS) -> tuple[float, float, float, float] | None:
    """West, south, east and north in degrees, east above west; None where nothing is said of it."""
    if (area := crs.area_of_use) is not None:
        return area.west, area.south, area.east + 360 * (area.east < area.west), area.north
    if (operation := crs.coordinate_operation) is None or "Transverse Mercator" not in operation.method_name:
        return None
    values = {each.name: each.value for each in operation.params}
    middle = float(values.get("Longitude of natural origin", 0.0))
    return middle - HALF_ZONE_DEG, -90.0, middle + HALF_ZONE_DEG, 90.0


def _made_valid(outline: shapely.MultiPolygon) -> tuple[shapely.MultiPolygon, list[str]]:
    if shapely.is_valid(outline):
        if outline.area == 0:
            raise GeodataError("has no area; remove it or draw its area")
        return outline, []
    if _is_scribble(outline):
        raise GeodataError(
            f"has rings that cross more than {MAX_CROSSINGS:,} times; redraw it: it is no border"
        )
    reason = _readable(shapely.is_valid_reason(outline))
    whole = shapely.make_valid(outline, method="structure", keep_collapsed=False)
    parts = [each for each in shapely.get_parts(whole) if each.geom_type == "Polygon" and each.area > 0]
    before, after = sum(map(_drawn_km2, outline.geoms)), sum(map(area_km2, parts))
    change = abs(after - before) / max(before, after) if parts else 1.0
    if change > MAX_AREA_CHANGE:
        raise GeodataError(
            f"is not a valid polygon ({reason}), and repairing it changes its area by {change:.0%}; redraw it"
        )
    return shapely.MultiPolygon(parts), [f"{reason}; repaired, which changed the area by {change:.2%}"]


def _drawn_km2(polygon: shapely.Polygon) -> float:
    """The area as drawn, where what is run round the other way counts against the rest.

    globe.area_km2 does not know it: GEOS repairs whole polygons, but no rings, when it cuts their edges.
    """
    shell, *holes = (
        np.column_stack(EQUAL_AREA(*shapely.get_coordinates(shapely.segmentize(ring, EDGE_DEG)).T)) / 1000
        for ring in (polygon.exterior, *polygon.interiors)
    )
    return shapely.Polygon(shell, holes).area


def _readable(reason: str) -> str:
    """GEOS says 'Self-intersection[104.123456789 52.1]'."""
    said = re.match(r"(.*)\[(\S+) (\S+)\]$", reason)
    return f"{said[1].lower()} at {float(said[2]):.5g}, {float(said[3]):.5g}" if said else reason


def _is_scribble(outline: shapely.MultiPolygon) -> bool:
    """Whether edges meet others than their neighbours too often: to repair that could take for ever."""
    edges = _edges([shapely.remove_repeated_points(outline)])
    met = shapely.STRtree(edges).query(edges, predicate="intersects").shape[1]
    return bool(met - 3 * len(edges) > 2 * MAX_CROSSINGS)  # each is met from both sides


def _edges(outlines: Sequence[shapely.MultiPolygon]) -> npt.NDArray[np.object_]:
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(outlines)), return_index=True)
    follows = ring[1:] == ring[:-1]
    return np.asarray(
        shapely.linestrings(np.stack([xy[:-1][follows], xy[1:][follows]], axis=1)), dtype=object
    )


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
