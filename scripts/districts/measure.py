"""Measure how far districts.parquet is off, against outlines that may be read but not shipped.

    python scripts/districts/measure.py REFERENCE

REFERENCE is any file of polygons that geopandas reads, with the columns region and district, named as in
districts.csv, or region and district_ru, the name on Russian maps, which names.csv translates.

Writes errors.csv: for each district the distance from its true border inside the region to the drawn border,
95 % of its length and mean, and the share of the area common to both. Nothing else of the reference is kept.
build_districts.py takes error_km from there, so measure and build twice after a change.
"""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "geodata" / "data"
SAMPLE_M = 1_000.0
OUTER_M = 5_000.0  # borders this close to the region's own are those of regions.parquet


def main() -> None:
    drawn = pd.read_parquet(DATA / "districts.parquet")
    drawn = gpd.GeoDataFrame(drawn, geometry=shapely.from_wkb(drawn["geometry"]), crs=4326)
    path = Path(sys.argv[1])
    true = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
    true = with_our_names(true)
    rows = []
    for region, of in drawn.groupby("region", sort=False):
        rows += measured(str(region), of, true[true["region"] == region])
    with (HERE / "errors.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["region", "district", "error_km", "mean_km", "common_share"])
        writer.writerows(rows)


def with_our_names(true: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The reference with a column district; polygons that names.csv does not have are left out."""
    if "district" in true.columns:
        return true
    names = pd.read_csv(HERE / "names.csv")
    named = true.merge(names, on=["region", "district_ru"], validate="many_to_one")
    if missing := sorted(set(names["district"]) - set(named["district"])):
        raise SystemExit(f"{', '.join(missing)} not in the reference; see scripts/districts/names.csv")
    return named


def measured(region: str, drawn: gpd.GeoDataFrame, true: gpd.GeoDataFrame) -> list[tuple[object, ...]]:
    crs = drawn.estimate_utm_crs()
    ours = drawn.to_crs(crs).set_index("district").geometry
    theirs = true.to_crs(crs).set_index("district").geometry.loc[list(ours.index)].make_valid()
    outer = shapely.union_all([ours.union_all().boundary, theirs.union_all().boundary]).buffer(OUTER_M)
    shapely.prepare(outer)
    rows: list[tuple[object, ...]] = []
    for district, mine in ours.items():
        its = theirs[district]
        points = shapely.points(shapely.get_coordinates(shapely.segmentize(its.boundary, SAMPLE_M)))
        inner = points[~shapely.intersects(outer, points)]
        km = shapely.distance(shapely.boundary(mine), inner) / 1000
        common = mine.intersection(its).area / mine.union(its).area
        p95, mean = (float(np.percentile(km, 95)), float(km.mean())) if len(km) else (math.nan, math.nan)
        rows.append((region, district, math.ceil(p95), round(mean, 1), round(common, 3)))
    return rows


if __name__ == "__main__":
    main()
