"""Distances from points to the borders of polygons, many at once; knows nothing of what the polygons are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from geodata.globe import KM_PER_DEG, Floats, haversine_km

Ints = npt.NDArray[np.int64]

EDGES_PER_CHUNK = 32
SMALLEST_COSINE = 0.02  # within a degree of a pole a box of longitudes would go round the world
PAIRS_AT_A_TIME = 20_000  # keeps the temporaries of one step within a few megabytes


class Near(NamedTuple):
    """Pairs of a point and a polygon whose border is within the radius asked for."""

    point: Ints
    polygon: Ints
    km: Floats


class Borders:
    """The edges of polygons, grouped into short runs so that a point meets only those around it.

    Edges are straight in longitude and latitude, as the polygons themselves are: a border along a parallel
    stays on the parallel. The nearest point of an edge is sought with degrees of longitude shrunk to the
    latitude of the point, and its distance is then that of the great circle.
    """

    def __init__(self, polygons: npt.NDArray[np.object_]) -> None:
        xy, owner, polygon_of_ring = _rings(polygons)
        starts, ring = _runs(owner)
        # Runs overlap by one vertex; the last one of a ring repeats its final vertex.
        ring_end = np.searchsorted(owner, owner[starts], side="right") - 1
        steps = np.minimum(starts[:, None] + np.arange(EDGES_PER_CHUNK + 1), ring_end[:, None])
        self._runs = xy[steps]
        self._polygon = polygon_of_ring[ring]
        low, high = self._runs.min(axis=1), self._runs.max(axis=1)
        self._tree = shapely.STRtree(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))

    def within(self, lat_deg: Floats, lon_deg: Floats, radius_km: Floats) -> Near:
        """Every polygon whose border comes within `radius_km` (one for each point) of a point."""
        point, shift_deg, boxes = _boxes(lat_deg, lon_deg, radius_km)
        box, run = self._tree.query(boxes)
        near = [
            self._nearest(point[box[part]], shift_deg[box[part]], run[part], lat_deg, lon_deg)
            for part in np.array_split(np.arange(len(box)), 1 + len(box) // PAIRS_AT_A_TIME)
        ]
        points, polygons, km = (np.concatenate(each) for each in zip(*near, strict=True))
        kept = km <= radius_km[points]
        return _least(points[kept], polygons[kept], km[kept], len(self._polygon))

    def _nearest(self, point: Ints, shift_deg: Floats, run: Ints, lat_deg: Floats, lon_deg: Floats) -> Near:
        lat, lon = lat_deg[point][:, None], (lon_deg[point] + shift_deg)[:, None]
        shrink = np.maximum(np.cos(np.radians(lat)), SMALLEST_COSINE)
        x = (self._runs[run, :, 0] - lon) * shrink
        y = self._runs[run, :, 1] - lat
        dx, dy = np.diff(x), np.diff(y)
        length2 = np.maximum(dx * dx + dy * dy, 1e-30)
        along = np.clip(-(x[:, :-1] * dx + y[:, :-1] * dy) / length2, 0.0, 1.0)
        near_x, near_y = x[:, :-1] + along * dx, y[:, :-1] + along * dy
        rows, best = np.arange(len(run)), np.argmin(near_x**2 + near_y**2, axis=1)
        lon_away = near_x[rows, best] / shrink[:, 0]
        km = haversine_km(lat_deg[point], np.zeros(len(run)), lat_deg[point] + near_y[rows, best], lon_away)
        return Near(point, self._polygon[run], km)


def _rings(polygons: npt.NDArray[np.object_]) -> tuple[Floats, Ints, Ints]:
    """Vertices of all rings, the ring that each vertex belongs to, and the polygon of each ring."""
    parts, whole = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    return xy, ring, whole[part]


def _runs(owner: Ints) -> tuple[Ints, Ints]:
    """First vertices of the runs, and the ring of each; the last vertex of a ring starts none."""
    first = np.flatnonzero(np.r_[True, np.diff(owner) > 0])
    size = np.diff(np.r_[first, len(owner)])
    count = np.maximum(1, -(-(size - 1) // EDGES_PER_CHUNK))
    ring = np.repeat(np.arange(len(first)), count)
    within = np.arange(len(ring)) - np.repeat(np.cumsum(count) - count, count)
    return first[ring] + within * EDGES_PER_CHUNK, ring


def _boxes(
    lat_deg: Floats, lon_deg: Floats, radius_km: Floats
) -> tuple[Ints, Floats, npt.NDArray[np.object_]]:
    """Boxes around points; one that crosses 180 degrees comes twice, the second a whole turn away."""
    high = radius_km / KM_PER_DEG
    # The widest parallel of the circle is the one nearest to the pole.
    wide = high / np.maximum(np.cos(np.radians(np.minimum(np.abs(lat_deg) + high, 90))), SMALLEST_COSINE)
    point = np.arange(len(lat_deg))
    turns = [(point, np.zeros(len(point)))]
    for turn, crosses in ((-360.0, lon_deg + wide > 180), (360.0, lon_deg - wide < -180)):
        turns.append((point[crosses], np.full(int(crosses.sum()), turn)))
    points = np.concatenate([each for each, _ in turns])
    shift_deg = np.concatenate([each for _, each in turns])
    lon, lat = lon_deg[points] + shift_deg, lat_deg[points]
    boxes = shapely.box(lon - wide[points], lat - high[points], lon + wide[points], lat + high[points])
    return points, shift_deg, boxes


def _least(point: Ints, polygon: Ints, km: Floats, polygon_count: int) -> Near:
    """The shortest distance of each pair, pairs in order of point and distance."""
    order = np.lexsort((km, polygon, point))
    point, polygon, km = point[order], polygon[order], km[order]
    pair = point * polygon_count + polygon
    first = np.r_[True, np.diff(pair) != 0] if len(pair) else np.zeros(0, dtype=bool)
    point, polygon, km = point[first], polygon[first], km[first]
    order = np.lexsort((polygon, km, point))
    return Near(point[order], polygon[order], km[order])
