"""Polygons with shared borders: cleaned, simplified, snapped and patched together, never one by one."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

EQUAL_AREA = "ESRI:54034"  # cylindrical: true areas in the Arctic, and 180 degrees stays a straight line
LON_LAT = "EPSG:4326"
MIN_ISLET_M2 = 5e6
LEAST_SHARE = 0.02  # of its region: what a part must have to stay although it is an islet
SEA = "sea"  # in land_patches.csv and discs.csv: no region had it
GRID_DEG = 2.0**-11  # about 50 m; a binary fraction compresses better than a decimal one and keeps 180 exact


def cleaned(geometry: gpd.GeoSeries, gap_width_deg: float = 0.0, snap_deg: float = 1e-6) -> gpd.GeoSeries:
    """Valid polygons that share their borders exactly."""
    valid = [polygons_of(shapely.make_valid(g, method="structure", keep_collapsed=False)) for g in geometry]
    clean = shapely.coverage_clean(np.array(valid), gap_width=gap_width_deg, snapping_distance=snap_deg)
    return gpd.GeoSeries(list(clean), index=geometry.index, crs=geometry.crs)


def polygons_of(geometry: shapely.Geometry) -> shapely.Geometry:
    """The areal part of a geometry."""
    parts = shapely.get_parts(geometry)
    if {p.geom_type for p in parts} <= {"Polygon"}:
        return geometry
    return shapely.union_all([polygons_of(p) for p in parts if shapely.area(p) > 0])


def local_plane(geometry: shapely.Geometry) -> str:
    """An equal-area projection in metres with its centre in the middle of a geometry."""
    centre = geometry.centroid
    return f"+proj=laea +lat_0={centre.y} +lon_0={centre.x} +datum=WGS84"


def project(geometry: shapely.Geometry, source: str, target: str) -> shapely.Geometry:
    return gpd.GeoSeries([geometry], crs=source).to_crs(target).iloc[0]


def simplified(
    geometry: gpd.GeoSeries, tolerance_m: float, islet_m2: float = MIN_ISLET_M2, grid_deg: float = GRID_DEG
) -> gpd.GeoSeries:
    """Fewer vertices with shared borders kept shared, on true areas; islets dropped; snapped to the grid."""
    flat = shapely.coverage_simplify(geometry.to_crs(EQUAL_AREA).to_numpy(), tolerance_m)
    kept = gpd.GeoSeries(without_islets(flat, islet_m2), index=geometry.index, crs=EQUAL_AREA).to_crs(LON_LAT)
    return snapped(kept, grid_deg)


def without_islets(geometry: np.ndarray, islet_m2: float) -> list[shapely.Geometry]:
    """Drop small parts that touch nothing, unless the region has little else."""
    parts, owner = shapely.get_parts(geometry, return_index=True)
    area_m2 = shapely.area(parts)
    whole_m2 = pd.Series(area_m2).groupby(owner).transform("sum").to_numpy()
    small = np.flatnonzero((area_m2 < islet_m2) & (area_m2 < LEAST_SHARE * whole_m2))
    touching = shapely.STRtree(parts).query(parts[small], predicate="intersects")[0]
    lonely = small[np.bincount(touching, minlength=len(small)) <= 1]
    keep = np.ones(len(parts), dtype=bool)
    keep[lonely] = False
    return list(pd.Series(parts[keep]).groupby(owner[keep]).agg(lambda p: shapely.multipolygons(list(p))))


def snapped(geometry: gpd.GeoSeries, grid_deg: float = GRID_DEG) -> gpd.GeoSeries:
    """Coordinates on the grid; cleaned again if the rounding broke a ring."""

    def to_grid(xy: np.ndarray) -> np.ndarray:
        return np.clip(np.round(xy / grid_deg) * grid_deg, [-180, -90], [180, 90])

    rounded = gpd.GeoSeries(
        list(shapely.transform(geometry.to_numpy(), to_grid)), index=geometry.index, crs=LON_LAT
    )
    for _ in range(3):
        if rounded.is_valid.all() and shapely.coverage_is_valid(rounded.to_numpy()):
            return rounded
        rounded = cleaned(rounded, snap_deg=grid_deg / 2)
    raise SystemExit("the simplified regions do not form a valid coverage")


def patched(outline: gpd.GeoSeries, towns: pd.DataFrame) -> gpd.GeoSeries:
    """Give each town of border_patches.csv, with a disc around it, to the region it belongs to."""
    outline = outline.copy()
    for town in towns.to_dict("records"):
        local = f"+proj=laea +lat_0={town['lat_deg']} +lon_0={town['lon_deg']} +datum=WGS84"
        home = project(outline[town["region"]], LON_LAT, local)
        bridge = shapely.shortest_line(shapely.points(0, 0), home)
        disc = project(shapely.buffer(bridge, town["radius_km"] * 1000, quad_segs=3), local, LON_LAT)
        near = shapely.dwithin(outline, disc, 0.1)
        disc = shapely.intersection(disc, shapely.union_all(outline[near].to_numpy()))  # land only
        outline[near] = outline[near].difference(disc)
        outline[town["region"]] = shapely.union(outline[town["region"]], disc)
    return snapped(outline)


def with_discs(outline: gpd.GeoSeries, discs: pd.DataFrame) -> gpd.GeoSeries:
    """Each place of discs.csv given to its region, as far as it lies in the loser (or the sea).

    After the simplification, which would drop them. A disc in the sea leaves the land around as it is.
    """
    outline = outline.copy()
    for place in discs.to_dict("records"):
        local = f"+proj=laea +lat_0={place['lat_deg']} +lon_0={place['lon_deg']} +datum=WGS84"
        circle = shapely.buffer(shapely.Point(0, 0), place["radius_km"] * 1000, quad_segs=3)
        disc = project(circle, local, LON_LAT)
        near = outline[shapely.intersects(outline, disc)]
        if place["taken_from"] == SEA:
            part = shapely.difference(disc, shapely.union_all(near.to_numpy()))
        else:
            loser = outline[place["taken_from"]]
            part = shapely.intersection(disc, loser)
            outline[place["taken_from"]] = polygons_of(shapely.difference(loser, disc))
        if shapely.is_empty(polygons_of(part)):
            raise SystemExit(f"discs.csv: {place['place']} takes nothing from {place['taken_from']}")
        own = outline.get(place["region"], shapely.MultiPolygon())
        outline[place["region"]] = polygons_of(shapely.union(own, part))
    return snapped(outline)


def with_cities(outline: gpd.GeoSeries, cities: pd.DataFrame) -> gpd.GeoSeries:
    """Each city of cities.csv as a disc of its published area; its old outline goes to the region around."""
    outline = outline.copy()
    for city in cities.to_dict("records"):
        local = f"+proj=laea +lat_0={city['lat_deg']} +lon_0={city['lon_deg']} +datum=WGS84"
        radius_m = math.sqrt(city["area_km2"] * 1e6 / math.pi)
        disc = project(shapely.buffer(shapely.Point(0, 0), radius_m), local, LON_LAT)
        if city["region"] in outline.index:
            outline[city["inside"]] = shapely.union(outline[city["inside"]], outline[city["region"]])
        home = outline[city["inside"]]
        outline[city["region"]] = polygons_of(shapely.intersection(home, disc))
        outline[city["inside"]] = polygons_of(shapely.difference(home, disc))
    return outline


def with_land_patches(outline: gpd.GeoSeries, patches: pd.DataFrame) -> gpd.GeoSeries:
    """Each outline of land_patches.csv given to its region, as far as it lies in the loser (or the sea)."""
    outline = outline.copy()
    for patch in patches.to_dict("records"):
        corners = [tuple(map(float, pair.split())) for pair in patch["outline"].split(",")]
        part = shapely.Polygon(corners)
        losers = patch["taken_from"].split()
        if losers == [SEA]:
            part = shapely.difference(
                part, shapely.union_all(outline[shapely.intersects(outline, part)].to_numpy())
            )
        else:
            part = shapely.intersection(part, shapely.union_all(outline[losers].to_numpy()))
            outline[losers] = outline[losers].difference(part).map(polygons_of)
        outline[patch["region"]] = polygons_of(shapely.union(outline[patch["region"]], part))
    return outline
