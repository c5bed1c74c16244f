"""Build geodata/data/drawing.parquet, the coarse layer for maps, from geodata/data/regions.parquet.

Run from the project root after build_regions.py; the result is committed. Countries whose law was surveyed
are drawn by region, every other one as one shape.

    python scripts/build_drawing.py
"""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import pandas as pd
import shapely
from layer_files import DATA, write
from region_shapes import simplified

DETAILED = frozenset([
    "AE", "BT", "BY", "CA", "CN", "CU", "ET", "FI", "GE", "IR", "IS", "KG", "KP", "KW", "KZ", "LA", "MD",
    "MN", "NO", "OM", "PK", "PY", "RU", "SE", "SY", "TJ", "TM", "UA", "US", "UZ", "VE",
])  # fmt: skip
TOLERANCE_M = 8_000.0
MIN_ISLET_M2 = 150e6
GRID_DEG = 2.0**-10  # about 100 m: the Vatican stays
VIEW_WIDTH = 4000  # units that 360 degrees of longitude take on the map


def main() -> None:
    fine = gpd.read_parquet(DATA / "regions.parquet")
    coarse = fine[fine.jurisdiction.isin(DETAILED)].drop(columns="border_error_km")
    whole = fine[~fine.jurisdiction.isin(DETAILED)].dissolve(
        "jurisdiction", aggfunc="first", method="coverage"
    )
    whole = whole.reset_index().assign(region=lambda w: w.jurisdiction, name=lambda w: w.jurisdiction_name)
    shapes = pd.concat([coarse, whole[coarse.columns]], ignore_index=True)
    shapes["geometry"] = simplified(shapes.geometry, TOLERANCE_M, MIN_ISLET_M2, GRID_DEG)
    shapes = shapes.rename(columns={"region": "shape"}).sort_values("shape")
    write(shapes, DATA / "drawing.parquet")
    print(f"as SVG paths in a view {VIEW_WIDTH} wide: {svg_bytes(shapes.geometry) / 1e3:.0f} kB")


def svg_bytes(geometry: gpd.GeoSeries) -> int:
    """Bytes of the shapes as path text with whole relative coordinates."""
    return sum(len(path_text(shape)) for shape in geometry)


def path_text(shape: shapely.Geometry) -> str:
    scale = VIEW_WIDTH / 360
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return "".join(
        ring_text([(round(x * scale), round(-y * scale)) for x, y in ring.coords]) for ring in rings
    )


def ring_text(points: list[tuple[int, int]]) -> str:
    steps = [(x - x0, y - y0) for (x0, y0), (x, y) in pairwise(points[:-1])]
    moves = "".join(f"{dx}{dy:+d}".replace("+", " ") + " " for dx, dy in steps if (dx, dy) != (0, 0))
    return f"M{points[0][0]} {points[0][1]}l{moves.strip().replace(' -', '-')}z"


if __name__ == "__main__":
    main()
