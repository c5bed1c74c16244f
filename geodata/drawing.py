"""Regions as paths for a flat map: the coarse layer, projected here so that a browser only draws.

Knows nothing of law or money. A view is one projection with its sheet; coordinates on the sheet are whole
units from its upper left corner, x to the right and y downwards, as in SVG.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Proj
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from geodata.places import unknown
from geodata.store import GeodataError, read_table

STEP_DEG = 1.0  # straight in longitude and latitude is curved on the sheet: no edge longer than this
LEAST_PART_UNITS2 = 6.0  # smaller islands are left out, unless a shape has nothing larger
DOT_UNITS = 2  # half the diagonal of the mark for a shape that is smaller than that altogether
OFF_GLOBE_UNITS = 0.01  # a point that does not come back to itself lies off the globe

Point = tuple[int, int]
Segment = tuple[Point, Point]


@dataclass(frozen=True)
class View:
    """One projection and its sheet: edges in metres on the plane, `lon_0_deg` its middle meridian.

    The globe is cut along the meridian opposite to the middle one, and at the southern limit.
    """

    name: str
    title: str
    projection: str
    lon_0_deg: float
    south_limit_deg: float
    west_m: float
    east_m: float
    south_m: float
    north_m: float
    metres_per_unit: float

    @property
    def width(self) -> int:
        """Units from the left to the right edge of the sheet."""
        return round((self.east_m - self.west_m) / self.metres_per_unit)

    @property
    def height(self) -> int:
        """Units from the upper to the lower edge of the sheet."""
        return round((self.north_m - self.south_m) / self.metres_per_unit)


class ShapeName(NamedTuple):
    """What a shape is; its jurisdiction is an ISO 3166-1 code."""

    name: str
    jurisdiction: str
    jurisdiction_name: str


@dataclass(frozen=True)
class Shape:
    """One region, or one country that is drawn whole: SVG path data and a place for its label."""

    code: str
    name: str
    jurisdiction: str
    jurisdiction_name: str
    path: str
    label_x: int
    label_y: int


VIEWS = (
    # Middle meridian 11 E: the cut at 169 W runs through the Bering Strait, so that Chukotka stays whole.
    View("world", "World", "+proj=eqearth", 11, -56, -17_250e3, 17_250e3, -6_600e3, 8_350e3, 5_000),
    View(
        "eurasia",
        "Russia and Central Asia",
        "+proj=aea +lat_1=40 +lat_2=68 +lat_0=55",
        *(95, 0, -5_200e3, 4_700e3, -2_350e3, 4_150e3, 2_500),
    ),
    View(
        "north_america",
        "North America",
        "+proj=aea +lat_1=25 +lat_2=60 +lat_0=45",
        *(-100, 0, -5_900e3, 4_000e3, -2_500e3, 4_000e3, 2_500),
    ),
)


def views() -> tuple[View, ...]:
    """Every view, the widest first."""
    return VIEWS


def view_named(view: str) -> View:
    """The view of that name; GeodataError when there is none."""
    named = {each.name: each for each in VIEWS}
    if view not in named:
        raise GeodataError(unknown("view", view, list(named)))
    return named[view]


def project(view: str, lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """The point (x, y) on the sheet, in units; beyond its edges where the sheet does not reach.

    Raises GeodataError for an unknown view, and for coordinates that are not on the globe.
    """
    if not (-90 <= lat_deg <= 90 and -180 <= lon_deg <= 180):
        raise GeodataError(
            f"({lat_deg}, {lon_deg}) is no place; give a latitude in -90..90 and a longitude in -180..180"
        )
    sheet = view_named(view)
    turned_deg = sheet.lon_0_deg + _within_half_turn(lon_deg - sheet.lon_0_deg)
    x, y = _flat(sheet, np.array([[turned_deg, lat_deg]]))[0]
    return float(x), float(y)


def unproject(view: str, x: float, y: float) -> tuple[float, float]:
    """The (latitude, longitude) in degrees of a point of the sheet: the inverse of project().

    Raises GeodataError for an unknown view, and for a point that lies off the globe.
    """
    sheet = view_named(view)
    east_m, north_m = sheet.west_m + x * sheet.metres_per_unit, sheet.north_m - y * sheet.metres_per_unit
    east_deg, lat_deg = _plane(sheet)(east_m, north_m, inverse=True)
    if abs(lat_deg) <= 90 and abs(east_deg) <= 180:
        lon_deg = float(east_deg) + sheet.lon_0_deg
        if math.dist(_flat(sheet, np.array([[lon_deg, lat_deg]]))[0], (x, y)) < OFF_GLOBE_UNITS:
            return float(lat_deg), _within_half_turn(lon_deg)
    raise GeodataError(f"({x:g}, {y:g}) lies off the globe of view {view!r}; choose a point on the map")


def is_on_sheet(view: str, lat_deg: float, lon_deg: float) -> bool:
    """Whether the view shows the place."""
    sheet = view_named(view)
    x, y = project(view, lat_deg, lon_deg)
    return lat_deg >= sheet.south_limit_deg and 0 <= x <= sheet.width and 0 <= y <= sheet.height


def shape_names() -> dict[str, ShapeName]:
    """Every shape of the layer by code, whether a view shows it or not."""
    return dict(_layer().names)


@lru_cache(maxsize=len(VIEWS))
def shapes(view: str) -> tuple[Shape, ...]:
    """The shapes that the view shows, sorted by code; GeodataError for an unknown view."""
    return tuple(
        Shape(code, *_layer().names[code], _path(rings), *_label(outline))
        for code, (outline, rings) in _drawn(view).items()
    )


@lru_cache(maxsize=len(VIEWS))
def frontiers(view: str) -> str:
    """The borders between jurisdictions as one path of lines, to be drawn over the shapes."""
    owners: defaultdict[Segment, set[str]] = defaultdict(set)
    for code, (_, rings) in _drawn(view).items():
        jurisdiction = _layer().names[code].jurisdiction
        for ring in rings:
            for first, last in zip(ring, (*ring[1:], ring[0]), strict=True):
                owners[min(first, last), max(first, last)].add(jurisdiction)
    shared = [segment for segment, jurisdictions in owners.items() if len(jurisdictions) > 1]
    lines = shapely.line_merge(shapely.MultiLineString(sorted(shared)))
    runs = ([(round(x), round(y)) for x, y in line.coords] for line in shapely.get_parts(lines))
    return "".join(_moves(run) for run in sorted(runs))


@lru_cache(maxsize=len(VIEWS))
def frame(view: str) -> str:
    """The outline of the sheet where it shows the globe, as a path: the sea under the shapes."""
    sheet = view_named(view)
    globe = _outline(sheet, shapely.box(-180, sheet.south_limit_deg, 180, 90))
    return _path(_rings(_polygons(globe.convex_hull)))  # a cone leaves a hole at the pole


def path_of(view: str, polygon: BaseGeometry) -> str:
    """A polygon in lon/lat degrees as path data; "" where the view does not show it.

    Longitudes beyond 180 degrees are taken as continuing eastwards, so a polygon across the antimeridian
    may be given in one piece or cut. Raises GeodataError for an unknown view or a geometry without area.
    """
    if polygon.is_empty or polygon.geom_type not in ("Polygon", "MultiPolygon") or not polygon.is_valid:
        raise GeodataError(f"{polygon.geom_type} cannot be drawn; give a valid polygon that is not empty")
    outline = _outline(view_named(view), polygon)
    return "" if outline.is_empty else _path(_rings(outline))


@dataclass(frozen=True)
class _Layer:
    names: dict[str, ShapeName]
    outlines: dict[str, BaseGeometry]


@lru_cache(maxsize=1)
def _layer() -> _Layer:
    """The coarse layer, sorted by code."""
    table = read_table("drawing.parquet")
    rows = sorted(zip(*(table[column] for column in ("shape", *ShapeName._fields, "geometry")), strict=True))
    names = {code: ShapeName(*told) for code, *told, _ in rows}
    return _Layer(names, {code: shapely.from_wkb(row[-1]) for code, row in zip(names, rows, strict=True)})


@lru_cache(maxsize=len(VIEWS))
def _drawn(view: str) -> dict[str, tuple[shapely.MultiPolygon, list[list[Point]]]]:
    """Every visible shape: its outline on the sheet and its rings in whole units."""
    sheet = view_named(view)
    outlines = {code: _outline(sheet, each) for code, each in _layer().outlines.items()}
    return {code: (each, _rings(each)) for code, each in outlines.items() if not each.is_empty}


def _outline(sheet: View, polygon: BaseGeometry) -> shapely.MultiPolygon:
    """The part of a polygon that the sheet shows, in units: cut where the globe is cut, joined elsewhere."""
    pieces = []
    for turn_deg in (-360.0, 0.0, 360.0):
        west, east = sheet.lon_0_deg - 180 + turn_deg, sheet.lon_0_deg + 180 + turn_deg
        piece = shapely.make_valid(shapely.clip_by_rect(polygon, west, sheet.south_limit_deg, east, 90))
        pieces.append(translate(piece, xoff=-turn_deg))
    whole = shapely.segmentize(shapely.union_all(pieces), STEP_DEG)
    flat = shapely.make_valid(shapely.transform(whole, lambda xy: _flat(sheet, xy)))
    shown = shapely.intersection(flat, shapely.box(0, 0, sheet.width, sheet.height))
    return _polygons(shown)


def _polygons(area: BaseGeometry) -> shapely.MultiPolygon:
    """The parts of it that have an area."""
    return shapely.MultiPolygon([part for part in shapely.get_parts(area) if part.geom_type == "Polygon"])


def _flat(sheet: View, lon_lat_deg: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Points as (x, y) in units; longitudes within half a turn of the middle meridian."""
    east_m, north_m = _plane(sheet)(lon_lat_deg[:, 0] - sheet.lon_0_deg, lon_lat_deg[:, 1])
    return np.column_stack((east_m - sheet.west_m, sheet.north_m - north_m)) / sheet.metres_per_unit


@lru_cache(maxsize=len(VIEWS))
def _plane(sheet: View) -> Proj:
    """The projection about longitude 0, in which 180 and -180 degrees stay apart."""
    return Proj(f"{sheet.projection} +lon_0=0 +over +datum=WGS84")


def _within_half_turn(lon_deg: float) -> float:
    return lon_deg if -180 <= lon_deg <= 180 else (lon_deg + 180) % 360 - 180


def _rings(outline: shapely.MultiPolygon) -> list[list[Point]]:
    """Rings in whole units without repeated points, holes after their shells; at least a dot."""
    parts = sorted(outline.geoms, key=lambda part: -part.area)
    large = [part for part in parts if part.area >= LEAST_PART_UNITS2]
    rings = [_whole_units(ring) for part in large for ring in (part.exterior, *part.interiors)]
    return [ring for ring in rings if len(ring) > 2] or [_dot(parts[0].representative_point())]


def _whole_units(ring: shapely.LinearRing) -> list[Point]:
    points = [(round(x), round(y)) for x, y in ring.coords[:-1]]
    return [point for before, point in zip([points[-1], *points], points, strict=False) if point != before]


def _dot(point: shapely.Point) -> list[Point]:
    x, y = round(point.x), round(point.y)
    return [(x - DOT_UNITS, y), (x, y - DOT_UNITS), (x + DOT_UNITS, y), (x, y + DOT_UNITS)]


def _path(rings: Iterable[list[Point]]) -> str:
    return "".join(_moves(_without_straights(ring)) + "z" for ring in rings)


def _without_straights(ring: list[Point]) -> list[Point]:
    """The ring without the points on a straight between its neighbours."""
    kept: list[Point] = []
    for point, after in zip(ring, (*ring[1:], ring[0]), strict=True):
        if not kept or not _is_between(kept[-1], point, after):
            kept.append(point)
    return kept


def _is_between(before: Point, point: Point, after: Point) -> bool:
    (dx, dy), (ex, ey) = _step(before, point), _step(point, after)
    return dx * ey == dy * ex and dx * ex + dy * ey > 0


def _step(start: Point, end: Point) -> Point:
    return end[0] - start[0], end[1] - start[1]


def _moves(points: Sequence[Point]) -> str:
    """A run of points as path data: the first absolute, the others relative, a minus sign as separator."""
    steps = [number for start, end in pairwise(points) for number in _step(start, end)]
    return f"M{points[0][0]} {points[0][1]}l{' '.join(map(str, steps))}".replace(" -", "-")


def _label(outline: shapely.MultiPolygon) -> Point:
    """A point inside the largest part, its centre where that is inside."""
    largest = max(outline.geoms, key=lambda part: part.area)
    inside = largest.centroid if largest.contains(largest.centroid) else largest.representative_point()
    return round(inside.x), round(inside.y)
