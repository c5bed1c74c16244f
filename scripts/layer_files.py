"""Where the bundled layers are, and how one is written so that every build gives the same bytes."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import shapely
from region_shapes import LON_LAT

DATA = Path(__file__).parent.parent / "geodata" / "data"


def write(regions: gpd.GeoDataFrame, path: Path) -> None:
    regions = regions.set_crs(LON_LAT).reset_index(drop=True)
    regions["geometry"] = regions.geometry.normalize()
    regions.to_parquet(path, compression="zstd", compression_level=19, write_covering_bbox=False)
    vertices = shapely.get_num_coordinates(regions.geometry.to_numpy()).sum()
    print(f"{path.name}: {len(regions)} regions, {vertices} vertices, {path.stat().st_size / 1e6:.2f} MB")
