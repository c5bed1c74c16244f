"""Own zones: any format to the same polygon, every repair told, and nothing a file holds can do harm."""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import re
import sqlite3
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyogrio import raw
from pyproj import Geod
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geodata.districts import district_at, district_polygons
from geodata.errors import GeodataError
from geodata.globe import area_km2
from geodata.places import region_polygons
from geodata.zone_places import borders_from, share_outside, zone_regions, zones_geojson
from geodata.zones import Limits, Zone, read_zones, zone_contains, zone_from_wkt

SQUARE = shapely.box(104, 52, 105, 53)
SQUARE_KM2 = 7_556.6  # 111.28 km by 67.9 km
FORMATS = ("a.geojson", "a.gpkg", "a.zip", "a.wkt")
FAST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def geojson(*shapes: BaseGeometry | dict[str, Any], names: tuple[str, ...] = (), **members: Any) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"name": names[i]} if names else {},
            "geometry": shape if isinstance(shape, dict) else mapping(shape),
        }
        for i, shape in enumerate(shapes)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features, **members})


def ring(*points: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(point) for point in points]]}


def write(folder: Path, content: str | bytes, name: str = "a.geojson") -> Path:
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    return folder / name


def shapefile(
    folder: Path, shape: BaseGeometry, crs: int | None = 4326, without: tuple[str, ...] = ()
) -> bytes:
    """A zipped shapefile of one polygon."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = gpd.GeoDataFrame({"name": ["square"]}, geometry=[shape], crs=4326)
        moved = frame.to_crs(crs) if crs else frame.set_crs(None, allow_override=True)
        moved.to_file(folder / "a.shp")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.glob("a.*")):
            if part.suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg") and part.suffix not in without:
                archive.write(part, f"sub/{part.name}")
    return packed.getvalue()


def packed(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def geopackage(folder: Path, crs: int = 4326) -> bytes:
    frame = gpd.GeoDataFrame({"name": ["square"]}, geometry=[SQUARE], crs=4326).to_crs(crs)
    frame.to_file(folder / "made.gpkg", layer="areas")
    return (folder / "made.gpkg").read_bytes()


def with_sql(data: bytes | None, *statements: str) -> bytes:
    connection = sqlite3.connect(":memory:")
    if data is not None:
        connection.deserialize(data)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    changed = connection.serialize()
    connection.close()
    return changed


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The square in every format."""
    folder = tmp_path_factory.mktemp("made")
    return {
        "a.geojson": geojson(SQUARE, names=("square",)).encode(),
        "a.gpkg": geopackage(folder, 32648),
        "a.zip": shapefile(folder, SQUARE, 3857),
        "a.wkt": SQUARE.wkt.encode(),
    }


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., str]:
    """The error that a file gives; it must name the file and say what to do."""

    def read(content: str | bytes, name: str = "a.geojson", **options: Any) -> str:
        write(tmp_path, content, name)
        with pytest.raises(GeodataError) as error:
            read_zones(name, tmp_path, **options)
        assert str(error.value).startswith(name)
        assert "; " in str(error.value)
        return str(error.value)

    return read


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_area(name: str, files: dict[str, bytes], tmp_path: Path) -> None:
    """A format read with swapped axes or a wrong system would put the zone elsewhere or change its area."""
    read = read_zones(write(tmp_path, files[name], name), tmp_path)
    (zone,) = read.zones
    assert zone.name == ("a" if name == "a.wkt" else "square")
    assert zone.area_km2 == pytest.approx(SQUARE_KM2, rel=1e-3)
    assert zone.polygon.bounds == pytest.approx(SQUARE.bounds, abs=0.01)
    assert read.repairs == ()


def test_area_and_border_at_the_equator() -> None:
    """By hand: one degree square is 12,309 km2 there; its middle is half of 110.57 km from the border."""
    (zone,) = zone_from_wkt("POLYGON ((10 -0.5, 11 -0.5, 11 0.5, 10 0.5, 10 -0.5))", name="z").zones
    assert zone.area_km2 == pytest.approx(12_308.8, rel=1e-4)
    inside, border_km = zone_contains(zone, 0.0, 10.5)
    assert inside
    assert border_km == pytest.approx(55.4, abs=0.4)
    inside, border_km = zone_contains(zone, 0.0, 12.0)
    assert not inside
    assert border_km == pytest.approx(111.2, abs=0.4)


def test_a_hole_is_outside() -> None:
    """A zone with its holes filled would close the enclave that it spares."""
    holed = shapely.box(104, 52, 105, 53).difference(shapely.box(104.4, 52.4, 104.6, 52.6))
    (zone,) = zone_from_wkt(holed.wkt, name="z").zones
    assert zone_contains(zone, 52.5, 104.5)[0] is False
    assert zone_contains(zone, 52.2, 104.5)[0] is True


def test_a_zone_across_180_degrees(tmp_path: Path) -> None:
    """Longitudes written on past 180 are one area: both sides inside, and the cut is no border."""
    read = read_zones(write(tmp_path, geojson(shapely.box(178, 65, 183, 67))), tmp_path)
    (zone,) = read.zones
    assert zone.polygon.bounds[0] == -180
    assert zone.polygon.bounds[2] == 180
    assert zone.area_km2 == pytest.approx(area_km2(shapely.box(10, 65, 15, 67)), rel=1e-3)
    for lon_deg in (179.999, 180.0, -180.0, -179.999):
        inside, border_km = zone_contains(zone, 66.0, lon_deg)
        assert inside
        assert border_km == pytest.approx(90.4, abs=1.0)  # two degrees of longitude at 66 N
    assert zone_contains(zone, 66.0, -176.0)[0] is False
    assert zone_contains(zone, 66.0, 177.0)[0] is False


def test_area_has_edges_straight_on_the_map() -> None:
    """A border along a parallel stays on it; geodesics from corner to corner would add an eighth here."""
    (zone,) = zone_from_wkt(shapely.box(60, 55, 120, 65).wkt, name="z").zones
    geod = Geod(ellps="WGS84")
    strips = [shapely.box(60 + i / 10, 55, 60.1 + i / 10, 65) for i in range(600)]
    exact_km2 = sum(abs(geod.geometry_area_perimeter(strip)[0]) for strip in strips) / 1e6
    assert zone.area_km2 == pytest.approx(exact_km2, rel=1e-4)


def test_a_hole_across_180_degrees_stays_in_its_shell(tmp_path: Path) -> None:
    """The shell's longitudes run on past 180; a hole left a turn away would no longer be one."""
    holed = shapely.box(178, 65, 184, 67).difference(shapely.box(181, 65.5, 182, 66.5))
    moved = gpd.GeoSeries([holed], crs=4326).to_crs(32660)
    member = {"type": "name", "properties": {"name": "EPSG:32660"}}
    (zone,) = read_zones(write(tmp_path, geojson(moved.iloc[0], crs=member)), tmp_path).zones
    assert zone_contains(zone, 66.0, -178.5)[0] is False
    assert zone_contains(zone, 66.0, -179.5)[0] is True
    assert zone_contains(zone, 66.0, -177.0)[0] is True
    assert zone.area_km2 == pytest.approx(area_km2(holed), rel=3e-3)  # whose edges are straight elsewhere


def test_a_ring_round_the_world_is_refused(told: Callable[..., str]) -> None:
    """From -179 to 179 is two degrees or 358: taken literally, a small zone would close half the world."""
    assert "cut it at 180 degrees" in told(geojson(shapely.box(-179, 65, 179, 67)))


def test_longitudes_of_another_turn_are_brought_back(tmp_path: Path) -> None:
    """Some programs count from 0 to 360: 264 is 96 degrees west."""
    (zone,) = read_zones(write(tmp_path, geojson(shapely.box(262, 30, 264, 32))), tmp_path).zones
    assert zone.polygon.bounds == (-98, 30, -96, 32)


def test_a_projected_zone_keeps_its_straight_edges(tmp_path: Path) -> None:
    """1,000 km east to west in a projection is no parallel: its middle bulges by several km in lon/lat."""
    frame = gpd.GeoDataFrame(
        {"name": ["z"]}, geometry=[shapely.box(-5e5, 3e6, 5e5, 3.2e6)], crs="ESRI:102025"
    )
    frame.to_file(tmp_path / "a.gpkg")
    (zone,) = read_zones("a.gpkg", tmp_path).zones
    exact = frame.segmentize(1000).to_crs(4326).iloc[0]
    assert shapely.hausdorff_distance(zone.polygon, exact) < 1e-3
    assert shapely.hausdorff_distance(frame.to_crs(4326).geometry.iloc[0], exact) > 0.05


def test_a_shapefile_without_prj_needs_the_crs(told: Callable[..., str], tmp_path: Path) -> None:
    """Metres taken for degrees, or one datum for another, would be a silent shift."""
    data = shapefile(tmp_path, SQUARE, None)
    assert "give the crs" in told(data, "a.zip")
    (zone,) = read_zones("a.zip", tmp_path, crs="EPSG:4326").zones
    assert zone.area_km2 == pytest.approx(SQUARE_KM2, rel=1e-3)


def test_a_crs_that_contradicts_the_file_is_refused(
    told: Callable[..., str], files: dict[str, bytes]
) -> None:
    """A typing error in the study would otherwise move the zone by hundreds of km."""
    assert "leave the crs out" in told(files["a.gpkg"], "a.gpkg", crs="EPSG:32647")


def test_the_old_crs_member_is_honoured(tmp_path: Path) -> None:
    """GeoJSON before 2016 could be in any system, and exports still are."""
    square = gpd.GeoSeries([SQUARE], crs=4326).to_crs(3857).iloc[0]
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    (zone,) = read_zones(write(tmp_path, geojson(square, crs=member)), tmp_path).zones
    assert zone.polygon.bounds == pytest.approx(SQUARE.bounds, abs=0.01)


def test_swapped_coordinates_are_refused(told: Callable[..., str]) -> None:
    """Irkutsk written latitude first lies on no map."""
    assert "swapped" in told(geojson(shapely.box(52, 104, 53, 105)))


def test_metres_taken_for_degrees_are_refused(told: Callable[..., str]) -> None:
    """A GeoJSON in Web Mercator without a word about it."""
    assert "EPSG:3857" in told(geojson(shapely.box(1.1e7, 6.8e6, 1.2e7, 6.9e6)))


SWAPPED = gpd.GeoSeries([SQUARE], crs=4326).to_crs(28418).transform(lambda xy: xy[:, ::-1]).iloc[0]
GAUSS = 'PROJCS["own",GEOGCS["g",DATUM["d",SPHEROID["s",6378245,298.3]],PRIMEM["Greenwich",0],UNIT["degree",\
0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["central_meridian",104],UNIT["metre",1]]'


@pytest.mark.parametrize(
    ("shape", "crs"),
    [
        (SWAPPED, "EPSG:28418"),
        (shapely.box(5.5e6, 5.8e6, 5.6e6, 5.9e6), "EPSG:32648"),
        (shapely.box(5e6, 5.8e6, 5.1e6, 5.9e6), GAUSS),
    ],
)
def test_coordinates_far_from_the_area_of_their_crs_are_refused(
    shape: BaseGeometry, crs: str, tmp_path: Path
) -> None:
    """Exchanged axes or another zone put Irkutsk into the Gulf of Guinea, or 5,000 km east."""
    with pytest.raises(GeodataError, match=r"is made for; correct the crs, or the order of x and y"):
        zone_from_wkt(shape.wkt, name="z", crs=crs)


@pytest.mark.parametrize("crs", ["EPSG:32648", GAUSS])
def test_a_zone_that_reaches_beyond_its_crs_is_told(crs: str) -> None:
    """One UTM zone for a wide region is usual, and exact; the neighbouring zone is no word worth."""
    for width_m, told in ((5e5, False), (1.2e6, True)):
        read = zone_from_wkt(shapely.box(0, 5.8e6, width_m, 5.9e6).wkt, name="z", crs=crs)
        assert any("beyond the area that" in each for each in read.repairs) == told


def test_areas_of_use_across_180_degrees() -> None:
    """Chukotka in Pulkovo 1942, whose area ends at 169 W, is no foreigner there."""
    for west in (178, -172):
        read = zone_from_wkt(shapely.box(west, 65, west + 1, 66).wkt, name="z", crs="EPSG:4284")
        assert read.repairs == ()


@pytest.mark.parametrize(
    ("shape", "at_sea"),
    [
        (shapely.box(-40, 0, -39, 1), True),
        (shapely.box(52, 30, 53, 31), False),  # latitude first, but on land: only the sites can tell
        (shapely.box(-26, 62.3, -11.5, 67.5), False),  # all round Iceland
        (shapely.box(4.0, 52.1, 4.1, 52.2), False),  # 15 km off Holland
        (shapely.box(3.0, 53.2, 3.1, 53.3), True),
    ],
)
def test_a_zone_in_the_sea_is_told(shape: BaseGeometry, at_sea: bool) -> None:
    """The likeliest cause is latitude written first."""
    told = any("lies in the sea" in each for each in zone_from_wkt(shape.wkt, name="z").repairs)
    assert told == at_sea


def test_a_spike_is_repaired_and_told(tmp_path: Path) -> None:
    """A line that runs out and back is a slip of the hand: the area stays, and the reader hears of it."""
    spiked = ring((104, 52), (105, 52), (105, 53), (105, 54), (105, 53), (104, 53), (104, 52))
    read = read_zones(write(tmp_path, geojson(spiked, names=("z",))), tmp_path)
    assert read.zones[0].area_km2 == pytest.approx(SQUARE_KM2, rel=1e-3)
    assert read.repairs[0].startswith("z: ring self-intersection at 105, 53; repaired")
    assert "0.00%" in read.repairs[0]


def test_an_open_ring_is_closed_and_told(tmp_path: Path) -> None:
    """Software that leaves the last point out means the same area."""
    read = read_zones(write(tmp_path, geojson(ring((104, 52), (105, 52), (105, 53), (104, 53)))), tmp_path)
    assert read.zones[0].area_km2 == pytest.approx(SQUARE_KM2, rel=1e-3)
    assert "not closed" in read.repairs[0]


def test_a_small_loop_is_repaired_with_its_share(tmp_path: Path) -> None:
    """A crossing near a corner changes little; the share told must be that of the lost area."""
    looped = ring((104, 52), (105, 52), (105, 53), (104.01, 53.0), (104.0, 52.99), (104.0, 53.01), (104, 52))
    read = read_zones(write(tmp_path, geojson(looped)), tmp_path)
    assert "repaired, which changed the area by" in read.repairs[0]
    assert read.zones[0].area_km2 == pytest.approx(SQUARE_KM2, rel=0.05)


def eight(lobe_deg: float, south: float = 52, north: float = 53) -> dict[str, Any]:
    """A box whose outline crosses itself at the north-west corner, where it adds a triangle."""
    beyond = (104 - lobe_deg, north), (104, north + lobe_deg)
    return ring((104, south), beyond[1], beyond[0], (105, north), (105, south), (104, south))


def test_a_repair_may_change_a_twentieth_of_the_area(told: Callable[..., str], tmp_path: Path) -> None:
    """By hand: the lobe counts against the box before and for it after,
    2 a / (1 + a); the lobe in the north a little less."""
    assert "changes its area by 18%; redraw it" in told(geojson(eight(0.45)))
    assert (
        "changed the area by 3.87%" in read_zones(write(tmp_path, geojson(eight(0.2))), tmp_path).repairs[0]
    )


def test_what_a_repair_changes_is_counted_in_km2(tmp_path: Path) -> None:
    """5.4 % of the square degrees; but a degree of longitude is shorter at 72 N than in the rest."""
    read = read_zones(write(tmp_path, geojson(eight(1.05, 52, 72))), tmp_path)
    assert "changed the area by 3." in read.repairs[0]


def test_a_bow_tie_is_refused(told: Callable[..., str]) -> None:
    """Two triangles or a square with exchanged corners: nobody can tell what was meant."""
    bow_tie = ring((104, 52), (105, 53), (105, 52), (104, 53), (104, 52))
    assert "redraw it" in told(geojson(bow_tie, names=("tie",)))
    assert "feature 1 (tie)" in told(geojson(bow_tie, names=("tie",)))


def test_scribble_is_refused_quickly(told: Callable[..., str]) -> None:
    """Every edge crosses every other: repairing would take hours, and looking at more of them a minute."""
    points = [(104 + math.cos(i * 2.4) / 50, 52 + math.sin(i * 2.4) / 50) for i in range(20_000)]
    assert "run across and along each other" in told(geojson(ring(*points, points[0])))
    assert "cross more than 1,000 times" in told(geojson(ring(*points[:400], points[0])))
    assert "outlines of more than 50,000 degrees" in told(geojson(comb(600, 179)))


def test_combs_that_cross_are_refused_quickly(told: Callable[..., str]) -> None:
    """Each is valid; to unite them, or ask what they have in common, every tooth would meet every one."""
    across = comb(1_000, 1)
    along = shapely.transform(across, lambda xy: xy[:, ::-1] + np.array([103.5, -103.5]))
    assert "cross more than 200,000 times" in told(geojson(across, along, names=("z", "z")))


def comb(teeth: int, width_deg: float) -> shapely.Polygon:
    """As wide as said, one degree high, with its spine in the west."""
    i = np.arange(2 * teeth)
    teeth_deg = np.column_stack([(i + 1) // 2 % 2 * width_deg, i / len(i)])
    outline = np.vstack([teeth_deg, [[-0.1, 1], [-0.1, 0]]])
    return shapely.transform(shapely.Polygon(outline), lambda xy: xy + np.array([104 - width_deg / 2, 0.0]))


def test_many_wide_zones_of_a_projection_are_refused(told: Callable[..., str]) -> None:
    """Each alone is within the limit; cut into 10 km all together would be millions of vertices."""
    wide = [shapely.box(-9e6, i, 9e6, 1e6 + i) for i in range(1, 101)]
    member = {"type": "name", "properties": {"name": "EPSG:3857"}}
    text = geojson(*wide, names=tuple(f"z{i}" for i in range(100)), crs=member)
    assert "feature 2 (z1) has coordinates too large" in told(text, limits=Limits(vertices=6_000))


def test_parts_of_one_name_are_united_and_told(tmp_path: Path) -> None:
    """Exports write a district once for each part; one of them alone would open the others."""
    text = geojson(shapely.box(104, 52, 104.5, 53), shapely.box(104.5, 52, 105, 53), names=("z", "z"))
    read = read_zones(write(tmp_path, text), tmp_path)
    assert len(read.zones) == 1
    assert read.zones[0].area_km2 == pytest.approx(SQUARE_KM2, rel=1e-3)
    assert "2 features of this name united" in read.repairs[0]


def test_names_come_from_the_field_that_is_said(tmp_path: Path, told: Callable[..., str]) -> None:
    """A zone under the wrong name would be closed for another."""
    features = [
        {"type": "Feature", "properties": {"okrug": name, "n": i}, "geometry": mapping(shape)}
        for i, (name, shape) in enumerate([("north", SQUARE), ("south", shapely.box(104, 51, 105, 52))])
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    assert "one of n, okrug" in told(text)
    assert "unknown name field 'okrugs'" in told(text, name_field="okrugs")
    read = read_zones(write(tmp_path, text), tmp_path, name_field="okrug")
    assert [zone.name for zone in read.zones] == ["north", "south"]
    assert read.zone("North").polygon.bounds == SQUARE.bounds
    with pytest.raises(GeodataError, match="did you mean 'north'"):
        read.zone("norht")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("hello", "none of the known formats"),
        ("<OGRVRTDataset/>", "none of the known formats"),
        (b"\xff\xfe\x00\x01\x02", "not UTF-8"),
        (geojson(SQUARE).encode("utf-16"), "not UTF-8"),
        (geojson(SQUARE)[:-20], "cut off"),
        ('{"type": "Topology"}', "'Topology'"),
        ('{"type": "FeatureCollection", "features": 3}', "no list of features"),
        (geojson(), "no polygon"),
        (geojson({"type": "Point", "coordinates": [104, 52]}), "is a Point"),
        (geojson({"type": "LineString", "coordinates": [[104, 52], [105, 53]]}), "is a LineString"),
        (geojson(ring((104, 52), (105, 52), (104, 52))), "ring of 2 points"),
        (geojson(ring((104, 52), (105, 52), (106, 52), (104, 52))), "redraw it"),
        (geojson({"type": "Polygon", "coordinates": [[["104", "52"]]]}), "not a pair of numbers"),
        (geojson({"type": "Polygon", "coordinates": [[[True, False]]]}), "not a pair of numbers"),
        (geojson({"type": "MultiPolygon", "coordinates": 7}), "no coordinates"),
        (geojson({"type": "Polygon", "coordinates": 7}), "no list of rings"),
        (geojson({"type": "Polygon", "coordinates": [7]}), "not a pair of numbers"),
        (geojson(SQUARE).replace("104.0", "NaN"), "NaN where a number belongs"),
        (geojson(SQUARE).replace("104.0", "1e999"), "not a finite number"),
        (geojson(SQUARE).replace("104.0", "1" * 400), "out of range"),
        (geojson(SQUARE).replace("104.0", "1" * 5000), "not GeoJSON"),
        (geojson(SQUARE).replace("104.0", "641.0"), "no degrees"),
        (geojson(SQUARE, crs={"type": "link"}), "names no system"),
        (geojson(SQUARE, crs={"type": "name", "properties": {"name": "EPSG:1"}}), "no coordinate system"),
        ("[" * 100_000, "none of the known formats"),
        ('{"a":' * 100_000, "nests too deeply"),
        (geojson(SQUARE, names=("a\nb",)), "give it a plain one"),
        ("POLYGON ((104 52, 105 52", "not WKT"),
        ("POLYGON ((104 52, 105 nan, 105 53, 104 52))", "not a finite number"),
        ("POLYGON EMPTY", "no polygon"),
        ("GEOMETRYCOLLECTION(" * 100_000, "nests too deeply"),
        ("SRID=999999; " + SQUARE.wkt, "no coordinate system"),
        ("CURVEPOLYGON((104 52, 105 52, 105 53, 104 52))", "has a CURVEPOLYGON"),
        ("SRID=4326;MULTISURFACE (((104 52, 105 52, 105 53, 104 52)))", "has a MULTISURFACE"),
        ("GEOMETRYCOLLECTION (CURVEPOLYGON ((104 52, 105 52, 105 53, 104 52)))", "has a CURVEPOLYGON"),
        ("CIRCULARSTRING Z (104 52 1, 105 52 1, 105 53 1)", "straight edges"),
        ("POINT (104 52)", "is a Point"),
        ("TIN (((104 52, 105 52, 105 53, 104 52)))", "not WKT"),
    ],
)  # fmt: skip
def test_bad_content_is_refused_in_words(content: str | bytes, words: str, told: Callable[..., str]) -> None:
    """Each would otherwise be another exception, or a zone that is not what was drawn."""
    assert words in told(content)


def test_a_hidden_format_is_never_opened(told: Callable[..., str]) -> None:
    """A VRT can name any file or address; under the name of a GeoPackage GDAL would follow it."""
    vrt = '<OGRVRTDataset><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
    assert "none of the known formats" in told(vrt, "a.gpkg")
    assert "none of the known formats" in told(vrt, "a.zip")
    assert "no GeoPackage" in told(with_sql(None, "CREATE TABLE t (a)"), "a.gpkg")


def test_a_geopackage_that_computes_is_refused(told: Callable[..., str], tmp_path: Path) -> None:
    """A view may recurse without end when it is read."""
    data = geopackage(tmp_path)
    view = "CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    assert "'v', which is computed" in told(with_sql(data, view), "a.gpkg")
    assert "has no layer of polygons 'x'; give as layer one of areas" in told(data, "a.gpkg", layer="x")


def test_a_column_that_computes_is_refused(told: Callable[..., str], tmp_path: Path) -> None:
    """98 kB that become 150 MB for each feature; whether stored or not, and in whatever table."""
    data = geopackage(tmp_path)
    big = "ALTER TABLE areas ADD COLUMN big TEXT GENERATED ALWAYS AS (hex(zeroblob(150000000)))"
    assert "areas.big, which is computed" in told(with_sql(data, big), "a.gpkg")
    other = "CREATE TABLE other (a, b GENERATED ALWAYS AS (a + 1) STORED)"
    assert "other.b, which is computed" in told(with_sql(data, other), "a.gpkg")


@pytest.mark.parametrize("name", ["f", "f/* USING rtree(a) */", '"f"" USING rtree("', '"a USING rtree(b)"'])
def test_virtual_tables_but_spatial_indexes_are_refused(
    name: str, told: Callable[..., str], tmp_path: Path
) -> None:
    """Their modules run on what the file holds; a comment or a name with the word in it is no index."""
    data = with_sql(geopackage(tmp_path), f"CREATE VIRTUAL TABLE {name} USING fts5(a)")
    assert "which is computed" in told(data, "a.gpkg")


def test_a_forged_schema_is_refused(told: Callable[..., str], tmp_path: Path) -> None:
    """A view may call itself an index."""
    forged = with_sql(
        geopackage(tmp_path),
        "CREATE VIEW v AS SELECT 1",
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET type = 'index' WHERE name = 'v'",
    )
    assert "malformed database schema" in told(forged, "a.gpkg")


def test_only_the_name_is_read_of_a_table(tmp_path: Path, told: Callable[..., str]) -> None:
    """The default of a column is stored once and stands in every row; it must not fill the memory."""
    data = geopackage(tmp_path)
    filled = with_sql(data, f"ALTER TABLE areas ADD COLUMN note TEXT DEFAULT '{'x' * 2_000_000}'")
    (zone,) = read_zones(write(tmp_path, filled, "a.gpkg"), tmp_path).zones
    assert (zone.name, zone.properties) == ("square", {"name": "square"})
    assert "more than 1 MB in name, note" in told(filled, "a.gpkg", name_field="NOTE")
    few = Limits(unpacked_bytes=50)
    assert "more than 0 MB in geom" in told(data, "a.gpkg", limits=few)


def test_fields_that_could_be_the_name_are_listed(tmp_path: Path, told: Callable[..., str]) -> None:
    """Though none of them is read."""
    frame = gpd.GeoDataFrame(
        {"okrug": ["a", "b"]}, geometry=[SQUARE, shapely.box(104, 51, 105, 52)], crs=4326
    )
    frame.to_file(tmp_path / "a.gpkg")
    data = (tmp_path / "a.gpkg").read_bytes()
    assert "one of okrug" in told(data, "a.gpkg")
    assert {zone.name for zone in read_zones("a.gpkg", tmp_path, name_field="Okrug").zones} == {"a", "b"}


def test_no_more_features_are_read_than_may_be(
    tmp_path: Path, told: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of millions of rows is refused after the first thousand."""
    frame = gpd.GeoDataFrame({"name": list("abcdef")}, geometry=[SQUARE] * 6, crs=4326)
    frame.to_file(tmp_path / "made.gpkg")
    rows: list[int] = []
    read = raw.read

    def counted(*args: Any, **options: Any) -> Any:
        found = read(*args, **options)
        rows.append(len(found[2]))
        return found

    monkeypatch.setattr(raw, "read", counted)
    assert "more than 2 features" in told(
        (tmp_path / "made.gpkg").read_bytes(), "a.gpkg", limits=Limits(zones=2)
    )
    assert rows == [3]


def test_unsaved_changes_are_not_passed_over(tmp_path: Path, told: Callable[..., str]) -> None:
    """What was drawn last is in the -wal file, while the program that wrote it is open."""
    data = geopackage(tmp_path)
    (tmp_path / "a.gpkg-wal").write_bytes(b"x")
    assert "not saved" in told(data, "a.gpkg")
    (tmp_path / "a.gpkg-wal").write_bytes(b"")
    assert read_zones("a.gpkg", tmp_path).zones


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([("../a.shp", b"x")], "leaves the archive"),
        ([("/a.shp", b"x")], "leaves the archive"),
        ([("C:\\a.shp", b"x")], "leaves the archive"),
        ([("a.shp", b"\0" * 5_000_000)], "packed more than 200 times"),
        ([(f"{i}.txt", b"x") for i in range(60)], "packs 60 files"),
        ([("a.txt", b"x")], "holds no shapefile"),
        ([("a.shp", b"x")], "without a.shx"),
        ([("a.shp", b"<OGRVRTDataset/>"), ("a.shx", b"x")], "no shapefile"),
        ([("a.shp", b"\x00\x00\x27\x0a"), ("a.shx", b"\x00\x00\x27\x0a")], "cannot be read"),
        ([("a.shp", b"x"), ("b.shp", b"x")], "one of a, b"),
        ([("1/a.shp", b"x"), ("2/a.shp", b"x")], "two files named a.shp"),
    ],
)  # fmt: skip
def test_a_bad_archive_is_refused(
    members: list[tuple[str, bytes]], words: str, told: Callable[..., str]
) -> None:
    """Bombs, paths that leave the archive and files that only look like a shapefile."""
    assert words in told(packed(*members), "a.zip")


def test_links_and_locks_in_an_archive_are_refused(told: Callable[..., str]) -> None:
    """A link would be followed when unpacked; a locked member cannot be read."""
    link = zipfile.ZipInfo("a.shp")
    link.external_attr = 0o120777 << 16
    assert "symbolic link" in told(packed((link, b"/etc/passwd")), "a.zip")
    data = bytearray(packed(("a.shp", b"x")))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "password" in told(bytes(data), "a.zip")


def test_limits_hold(told: Callable[..., str], tmp_path: Path) -> None:
    """One above each limit is refused, the limit itself is not."""
    text = geojson(SQUARE, shapely.box(1, 1, 2, 2), names=("a", "b"))
    for limits in (Limits(zones=1), Limits(vertices=9), Limits(file_bytes=len(text) - 1)):
        told(text, limits=limits)
    exact = Limits(zones=2, vertices=10, file_bytes=len(text))
    assert len(read_zones(write(tmp_path, text), tmp_path, limits=exact).zones) == 2
    packed_square = shapefile(tmp_path, SQUARE)
    assert "unpacks to more" in told(packed_square, "a.zip", limits=Limits(unpacked_bytes=300))


def test_paths_that_leave_the_folder_are_refused(tmp_path: Path) -> None:
    """A study from elsewhere must not read files of its reader."""
    root = tmp_path / "study"
    (root / "inner").mkdir(parents=True)
    outside = write(tmp_path, geojson(SQUARE), "outside.geojson")
    write(root / "inner", geojson(SQUARE), "kept.geojson")
    os.symlink(outside, root / "link.geojson")
    os.symlink(tmp_path, root / "door")
    for name in ("../outside.geojson", str(outside), "inner/../../outside.geojson", ".", "../study"):
        with pytest.raises(GeodataError, match="lies outside"):
            read_zones(name, root)
    for name in ("link.geojson", "door/outside.geojson", "door/study/inner/kept.geojson"):
        with pytest.raises(GeodataError, match="symbolic link"):
            read_zones(name, root)
    for name in ("none.geojson", "inner", "in\0ner", "x" * 5000):
        with pytest.raises(GeodataError, match=r"cannot be read|is not a file"):
            read_zones(name, root)
    assert read_zones("inner/../inner/kept.geojson", root).zones
    assert read_zones(root / "inner" / "kept.geojson", root).zones


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Opening one would hang for ever."""
    os.mkfifo(tmp_path / "a.geojson")
    with pytest.raises(GeodataError, match="is not a file"):
        read_zones("a.geojson", tmp_path)


def test_what_is_written_is_read_the_same(tmp_path: Path) -> None:
    """The clean GeoJSON is what the study reads: it must be the zone, and its shells anticlockwise."""
    read = zone_from_wkt(SQUARE.reverse().wkt, name="z")
    document = zones_geojson(read.zones)
    shell = shapely.LinearRing(document["features"][0]["geometry"]["coordinates"][0][0])
    assert shell.is_ccw
    again = read_zones(write(tmp_path, json.dumps(document)), tmp_path)
    assert again.zones[0].name == "z"
    assert shapely.equals(again.zones[0].polygon, SQUARE)


def test_where_a_zone_lies() -> None:
    """Half of a square across the border north of Zeya, one in the sea."""
    irkutsk = Zone("z", shapely.MultiPolygon([shapely.box(103, 54, 104, 55)]))
    assert dict(zone_regions(irkutsk)) == {"RU-IRK": pytest.approx(1.0)}
    assert zone_regions(Zone("z", shapely.MultiPolygon([shapely.box(-40, 0, -39, 1)]))) == ()
    assert share_outside(irkutsk, "RU-IRK") == 0
    assert share_outside(irkutsk, "RU-BU") == 1


def test_shares_are_of_km2() -> None:
    """By hand: a square degree has 7,557 km2 at 52.5 N and 12,309 at the equator, so 38 % and 62 %."""
    zone = Zone("z", shapely.MultiPolygon([SQUARE, shapely.box(-40, -0.5, -39, 0.5)]))
    assert dict(zone_regions(zone)) == {"RU-IRK": pytest.approx(0.3804, abs=1e-4)}
    assert share_outside(zone, "RU-IRK") == pytest.approx(0.6196, abs=1e-4)


def test_districts_may_overlap_by_a_hundredth_of_their_km2(tmp_path: Path) -> None:
    """By hand: 7,557 km2 in common of 7,557 and 6,309 at 59.5 N; and what a pen's breadth is."""
    small = shapely.union(SQUARE, shapely.box(105, 59, 106, 60))

    def borders(first: BaseGeometry, second: BaseGeometry) -> None:
        text = geojson(first, second, names=("Bratsk", "Bratsky"))
        borders_from(read_zones(write(tmp_path, text), tmp_path), "RU-IRK", 0.2)

    with pytest.raises(GeodataError, match="overlap by 54% of the smaller"):
        borders(small, shapely.box(102, 52, 105, 55))
    with pytest.raises(GeodataError, match="overlap by 5% of the smaller"):
        borders(SQUARE, shapely.box(103, 52, 104.05, 53))
    borders(SQUARE, shapely.box(103, 52, 104.005, 53))


@pytest.mark.parametrize(("beyond_deg", "is_refused"), [(0.03, False), (0.15, True)])
def test_districts_may_lie_as_far_outside_as_regions_are_misdrawn(
    beyond_deg: float, is_refused: bool, tmp_path: Path
) -> None:
    """A strip along the border up to 3 km outside is the same border; up to 17 km it is another region."""
    region = region_polygons()["RU-IRK"]
    strip = shapely.difference(shapely.buffer(region, beyond_deg), region)
    strip = shapely.intersection(strip, shapely.box(108, 59.5, 112, 64))
    read = read_zones(write(tmp_path, geojson(strip, names=("Bratsk",))), tmp_path)
    if is_refused:
        with pytest.raises(GeodataError, match="outside RU-IRK; check its crs"):
            borders_from(read, "RU-IRK", 0.2)
    else:
        borders_from(read, "RU-IRK", 0.2)


def test_exact_borders_of_districts(tmp_path: Path) -> None:
    """Brought polygons decide; the names must be districts, inside the region, and not overlap."""
    parts = district_polygons("RU-IRK")
    brought = {name: parts[name] for name in ("Bratsk", "Bratsky")}
    text = geojson(*brought.values(), names=tuple(name.upper() for name in brought))
    read = read_zones(write(tmp_path, text), tmp_path)
    borders = borders_from(read, "RU-IRK", 0.2)
    guess = district_at(56.15, 101.63, "RU-IRK", borders)
    assert guess is not None
    assert (guess.name, guess.is_surveyed, guess.error_km) == ("Bratsk", True, 0.2)
    for shape, name, words in (
        (SQUARE, "Bratskiy", "did you mean"),
        (shapely.box(30, 50, 31, 51), "Bratsk", "lies 100% outside RU-IRK"),
    ):
        bad = read_zones(write(tmp_path, geojson(shape, names=(name,))), tmp_path)
        with pytest.raises(GeodataError, match=words):
            borders_from(bad, "RU-IRK", 0.2)
    overlapping = read_zones(write(tmp_path, geojson(SQUARE, SQUARE, names=("Bratsk", "Bratsky"))), tmp_path)
    with pytest.raises(GeodataError, match="overlap by 100%"):
        borders_from(overlapping, "RU-IRK", 0.2)


COORDINATE = st.one_of(
    st.floats(-200, 200),
    st.integers(100, 106),
    st.sampled_from([0.0, 90.0, 180.0, -180.0, 1e308, -1e-300, 1e15, 540.0]),
)


@FAST
@given(points=st.lists(st.tuples(COORDINATE, COORDINATE), max_size=12), kind=st.sampled_from(["json", "wkt"]))
def test_no_ring_crashes(points: list[tuple[float, float]], kind: str, tmp_path: Path) -> None:
    """Random rings: refused in words, or a valid zone on the map with the repair told."""
    if kind == "json":
        text = geojson(ring(*points, *points[:1]))
    else:
        text = f"POLYGON (({', '.join(f'{x!r} {y!r}' for x, y in (*points, *points[:1]))}))"
    try:
        read = read_zones(write(tmp_path, text), tmp_path)
    except GeodataError:
        return
    for zone in read.zones:
        assert shapely.is_valid(zone.polygon)
        assert zone.polygon.area > 0
        west, south, east, north = zone.polygon.bounds
        assert west >= -180
        assert east <= 180
        assert south >= -90
        assert north <= 90
        drawn = shapely.Polygon(points)
        if shapely.is_valid(drawn) and max(abs(x) for x, _ in points) <= 180:
            assert shapely.equals(zone.polygon, drawn)
            assert read.repairs == ()
        inside, border_km = zone_contains(zone, 52.5, 104.5)
        assert inside == bool(shapely.intersects_xy(zone.polygon, 104.5, 52.5))
        assert border_km >= 0


WKT_TYPES = re.findall(
    r"\w+",
    "Point LineString LinearRing Polygon Triangle CircularString CompoundCurve CurvePolygon Curve Surface "
    "Tin PolyhedralSurface MultiPoint MultiLineString MultiPolygon MultiCurve MultiSurface "
    "GeometryCollection Geometry Circle GeodesicString EllipticalCurve "
    "NurbsCurve Clothoid SpiralCurve CompoundSurface Solid",
)
WKT_BODY = st.recursive(
    st.sampled_from(
        ["EMPTY", "(104 52)", "(104 52, 105 52, 105 53, 104 52)", "(104 52 1, 105 52 1, 105 53 1)"]
    ),
    lambda inner: st.lists(
        st.tuples(st.sampled_from(["", *WKT_TYPES]), inner).map(" ".join), min_size=1, max_size=3
    ).map(lambda parts: f"({', '.join(parts)})"),
    max_leaves=4,
)


@pytest.mark.parametrize("kind", WKT_TYPES)
@settings(FAST, max_examples=15)
@given(body=WKT_BODY, dimensions=st.sampled_from(["", " Z", " M", " ZM"]), is_upper=st.booleans())
def test_no_wkt_crashes(kind: str, body: str, dimensions: str, is_upper: bool, tmp_path: Path) -> None:
    """Every type that WKT knows, at the top and within: a polygon, or refused in words."""
    text = f"{kind}{dimensions} {body}"
    text = text.upper() if is_upper else text
    survives(tmp_path, "a.wkt", text.encode())
    with contextlib.suppress(GeodataError):
        zone_from_wkt(text, name="z")


@FAST
@given(data=st.binary(max_size=300), name=st.sampled_from(FORMATS))
def test_no_bytes_crash(data: bytes, name: str, tmp_path: Path) -> None:
    """Random bytes under any name."""
    heads = (b"", b"PK\x03\x04", b"SQLite format 3\x00", b"{", b"POLYGON ")
    for head in heads:
        with pytest.raises(GeodataError):
            read_zones(write(tmp_path, head + data, name), tmp_path)


@FAST
@given(
    name=st.sampled_from(FORMATS),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
    kept=st.sampled_from([1.0, 1.0, 0.99, 0.5, 0.1]),
)
def test_no_damaged_file_crashes(
    files: dict[str, bytes], name: str, cuts: list[tuple[float, int]], kept: float, tmp_path: Path
) -> None:
    """Valid files with some bytes changed or the tail cut off."""
    survives(tmp_path, name, damaged(files[name], cuts, kept))


@FAST
@given(
    part=st.sampled_from([".shp", ".shx", ".dbf", ".prj", ".cpg"]),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
    kept=st.sampled_from([1.0, 1.0, 0.99, 0.5, 0.1]),
)
def test_no_damaged_shapefile_crashes(
    files: dict[str, bytes], part: str, cuts: list[tuple[float, int]], kept: float, tmp_path: Path
) -> None:
    """The same inside an archive whose checksums are right."""
    with zipfile.ZipFile(io.BytesIO(files["a.zip"])) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[f"sub/a{part}"] = damaged(members[f"sub/a{part}"], cuts, kept)
    survives(tmp_path, "a.zip", packed(*members.items()))


def damaged(data: bytes, cuts: list[tuple[float, int]], kept: float) -> bytes:
    changed = bytearray(data)
    for place, value in cuts:
        changed[min(int(place * len(changed)), len(changed) - 1)] = value
    return bytes(changed[: int(kept * len(changed))])


def survives(folder: Path, name: str, data: bytes) -> None:
    try:
        read = read_zones(write(folder, data, name), folder)
    except GeodataError:
        return
    assert all(shapely.is_valid(zone.polygon) and zone.area_km2 > 0 for zone in read.zones)
