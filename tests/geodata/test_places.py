"""Points, codes and distances: each case names a wrong answer that a plausible slip would give."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import geodata
from geodata import GeodataError, locate, locate_many
from geodata.borders import Borders
from geodata.globe import GEOD
from geodata.places import OFFSHORE_LIMIT_KM, UNCERTAIN_KM

PLACES = list(csv.DictReader(StringIO((Path(__file__).parent / "places.csv").read_text(encoding="utf-8"))))
LAND = shapely.multipolygons(
    shapely.get_parts(np.array(list(geodata.region_polygons().values()), dtype=object))
)
GOOD = [place for place in PLACES if place["region"] != "error"]


@pytest.mark.parametrize("place", GOOD, ids=[place["name"] for place in GOOD])
def test_a_known_place_lies_in_its_region(place: dict[str, str]) -> None:
    """A site in the wrong region gets the wrong law.

    Where the true border is too close to be drawn (`either`), the other region may be found, but never
    without naming the right one among the alternatives.
    """
    found = locate(float(place["lat_deg"]), float(place["lon_deg"]))
    if found.region != place["region"]:
        assert place["either"], f"{place['name']}: {found.region}"
        assert place["region"] in {region for region, _ in found.alternatives}
        assert found.warning


@pytest.mark.parametrize(
    "place", [place for place in PLACES if place["region"] == "error"], ids=lambda place: place["name"]
)
def test_points_at_sea_or_out_of_range_are_refused(place: dict[str, str]) -> None:
    """A nearest-polygon answer without a limit would put a typing error into some country or other."""
    lat_deg, lon_deg = float(place["lat_deg"]), float(place["lon_deg"])
    is_on_earth = abs(lat_deg) <= 90 and abs(lon_deg) <= 180
    with pytest.raises(GeodataError, match="in the sea" if is_on_earth else "not a latitude"):
        locate(lat_deg, lon_deg)


def test_a_quay_off_the_drawn_coast_belongs_to_the_nearest_region() -> None:
    """Uelen stands on a spit the outline loses: strict containment would call a real town the sea."""
    place = locate(66.1600, -169.8000)
    assert place.region == "RU-CHU"
    assert 0 < place.offshore_km < 25
    assert "off the drawn coast of RU-CHU" in place.warning


def test_river_towns_carry_a_warning() -> None:
    """Sayanogorsk is within 5 km of the border: the neighbour and the distance must be told."""
    place = locate(53.1008, 91.4122)
    assert place.neighbour == "RU-KYA"
    assert 0 < place.border_km < 5
    assert place.alternatives == (("RU-KYA", place.border_km),)
    assert f"may lie in RU-KYA ({place.border_km:.1f} km away)" in place.warning


@pytest.mark.parametrize(
    ("lat_deg", "region", "alternatives"),
    [(48.950, "US-MT", ["CA-SK"]), (48.944, "US-MT", [])],
)
def test_five_kilometres_decide(lat_deg: float, region: str, alternatives: list[str]) -> None:
    """On both sides of the limit, at a drawn border: at 4 km for it, one town in a hundred would lose its
    warning."""
    place = locate(lat_deg, -106.0)
    assert place.border_km == pytest.approx(UNCERTAIN_KM, abs=0.5)
    assert (place.region, [code for code, _ in place.alternatives]) == (region, alternatives)


def test_off_the_coast_every_shore_within_25_km_is_possible() -> None:
    """In the Øresund both countries are: 3.6 km off one shore and 10.5 km off the other."""
    place = locate(55.80, 12.66)
    assert place.region == "DK-84"
    assert place.offshore_km == pytest.approx(3.6, abs=0.2)
    assert place.alternatives == (("SE-M", pytest.approx(10.5, abs=0.2)),)
    assert "islets below 5 km2 may be undrawn" in place.warning
    assert "may lie in SE-M (10.5 km away)" in place.warning


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "region", "alternatives"),
    [
        (39.60, 26.00, "TR-17", {"GR-K": 28.3}),
        (10.00, 104.60, "VN-47", {"KH-7": 49.0}),
        (45.30, 13.40, "HR-18", {"SI": 25.6, "IT-36": 40.7}),  # Veneto is beyond Friuli, and not named
        (46.09, -62.14, "CA-PE", {"CA-NS": 27.7}),  # 24.4 km off: no surer of the one than of the other
        (35.172, -4.300, "MA", {}),
    ],
)
def test_an_undrawn_islet_may_be_another_country_s(
    lat_deg: float, lon_deg: float, region: str, alternatives: dict[str, float]
) -> None:
    """Off the coast the nearest region of each country within 60 km: Matsu passed for Fujian."""
    place = locate(lat_deg, lon_deg)
    assert place.region == region
    assert place.offshore_km > 0
    assert dict(place.alternatives) == pytest.approx(alternatives, abs=0.2)
    row = locate_many([lat_deg], [lon_deg]).iloc[0]
    assert row["neighbour"] == (place.alternatives[0][0] if alternatives else None)
    assert not row["is_certain"]


def test_off_a_crowded_coast_the_warning_stays_short() -> None:
    """Malta has 68 councils within 25 km of anywhere: a warning with all of them is read by nobody."""
    place = locate(36.01, 14.335)
    assert len(place.alternatives) > 50
    assert place.warning.count("km away") == 4
    assert f"or {len(place.alternatives) - 4} more" in place.warning


def test_deep_inside_there_is_no_warning() -> None:
    """A warning on every site is read by nobody."""
    place = locate(56.15, 101.63)
    assert (place.warning, place.alternatives) == ("", ())


def test_estimated_borders_are_uncertain_further_out() -> None:
    """At the estimated border of Abai and East Kazakhstan 10 km decide nothing; at a drawn one they do."""
    assert locate(50.4111, 80.2275).border_error_km > UNCERTAIN_KM
    assert locate(51.7237, 75.3229).border_error_km <= UNCERTAIN_KM


def test_border_distance_along_a_parallel() -> None:
    """From 59 N the border on the 60th parallel is 111.2 km away; its chord over Alberta would give 121."""
    place = locate(59.0, -115.0)
    assert place.neighbour == "CA-NT"
    assert place.border_km == pytest.approx(111.2, abs=1.0)


def test_a_lonely_island_has_no_neighbour() -> None:
    """Bermuda is 1,000 km from anywhere: a neighbour there would be an artefact."""
    place = locate(32.30, -64.78)
    assert (place.region, place.neighbour, place.border_km) == ("BM", "", math.inf)


SQUARES = np.array(
    [shapely.box(179.0, 60.0, 180.0, 61.0), shapely.box(-180.0, 60.0, -179.0, 61.0), shapely.box(0, 0, 1, 1)],
    dtype=object,
)


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "polygon", "seen_from"),
    [(60.5, 178.9, 0, (60.5, 179.0)), (60.5, -178.8, 1, (60.5, -179.0)), (60.5, -179.9, 0, (60.5, 180.0)),
     (60.5, 179.9, 1, (60.5, -180.0)), (0.5, 1.2, 2, (0.5, 1.0)), (1.3, 0.5, 2, (1.0, 0.5))],
)  # fmt: skip
def test_distance_to_squares(
    lat_deg: float, lon_deg: float, polygon: int, seen_from: tuple[float, float]
) -> None:
    """Across 180 degrees and at the equator, against the geodesic; a missed turn would find nothing."""
    near = Borders(SQUARES).within(np.array([lat_deg]), np.array([lon_deg]), np.array([60.0]))
    expected_km = GEOD.inv(lon_deg, lat_deg, seen_from[1], seen_from[0])[2] / 1000
    found = dict(zip(near.polygon.tolist(), near.km.tolist(), strict=True))
    assert found[polygon] == pytest.approx(expected_km, rel=0.006)


def test_near_a_pole_the_search_is_wide_enough() -> None:
    """The nearest point may lie polewards, where degrees of longitude are shorter than at the point."""
    square = shapely.box(29.3, 81.0, 32.0, 81.7)
    near = Borders(np.array([square], dtype=object)).within(
        np.array([80.0]), np.array([0.0]), np.array([550.0])
    )
    ring = shapely.get_coordinates(shapely.segmentize(square, 0.01))
    km = GEOD.inv(np.zeros(len(ring)), np.full(len(ring), 80.0), ring[:, 0], ring[:, 1])[2] / 1000
    assert near.km.tolist() == [pytest.approx(km.min(), rel=0.006)]


@settings(deadline=None)
@given(st.floats(-80, 80), st.floats(-180, 180), st.floats(1, 150))
def test_distances_against_many_points_along_the_border(
    lat_deg: float, lon_deg: float, radius_km: float
) -> None:
    """The nearest of thousands of points on a square's border, by geodesic: never nearer, hardly further."""
    offset_deg = radius_km / 111.0
    square = shapely.box(lon_deg + offset_deg / 2, lat_deg - 1, lon_deg + offset_deg / 2 + 1, lat_deg + 1)
    if square.bounds[2] > 180:
        return
    near = Borders(np.array([square], dtype=object)).within(
        np.array([lat_deg]), np.array([lon_deg]), np.array([radius_km])
    )
    ring = shapely.get_coordinates(shapely.segmentize(square, 0.005))
    km = GEOD.inv(np.full(len(ring), lon_deg), np.full(len(ring), lat_deg), ring[:, 0], ring[:, 1])[2] / 1000
    if km.min() < 0.98 * radius_km:
        assert near.km[0] == pytest.approx(km.min(), rel=0.02, abs=0.5)
    elif km.min() > 1.02 * radius_km:
        assert len(near.km) == 0


@settings(deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180))
def test_any_point_on_earth_has_an_answer_or_is_at_sea(lat_deg: float, lon_deg: float) -> None:
    """No crash, no answer outside the polygon without saying how far, no near rival left unsaid."""
    try:
        place = locate(lat_deg, lon_deg)
    except GeodataError:
        assert shapely.distance(shapely.points(lon_deg, lat_deg), LAND) > 0.2  # degrees; 25 km on the equator
        return
    outline = geodata.region_polygons()[place.region]
    inside = shapely.intersects_xy(outline, lon_deg, lat_deg)
    assert inside == (place.offshore_km == 0)
    assert place.offshore_km <= OFFSHORE_LIMIT_KM
    assert bool(place.alternatives) <= bool(place.warning)
    assert all(km >= 0 and region != place.region for region, km in place.alternatives)


def test_many_points_are_located_as_each_alone() -> None:
    """The fast way and the careful way must agree on 3,000 points, borders and seas included."""
    draw = np.random.default_rng(7)
    towns = np.array([[float(place["lat_deg"]), float(place["lon_deg"])] for place in GOOD])
    lat = np.r_[np.degrees(np.arcsin(draw.uniform(-1, 1, 2000))), np.repeat(towns[:, 0], 7)]
    lon = np.r_[draw.uniform(-180, 180, 2000), np.repeat(towns[:, 1], 7)]
    lat = np.clip(lat + draw.normal(0, 0.05, len(lat)), -90, 90)
    lon = np.clip(lon + draw.normal(0, 0.05, len(lon)), -180, 180)
    table = locate_many(lat, lon)
    for row, lat_deg, lon_deg in zip(table.itertuples(), lat, lon, strict=True):
        try:
            place = locate(float(lat_deg), float(lon_deg))
        except GeodataError:
            assert row.region is None
            assert not row.is_certain
            continue
        assert row.region == place.region
        assert row.is_certain == (place.warning == "")
        assert row.offshore_km == pytest.approx(place.offshore_km)
        if place.alternatives:
            assert (row.neighbour, row.border_km) == (
                place.alternatives[0][0],
                pytest.approx(place.alternatives[0][1]),
            )


def test_bad_rows_of_a_table_have_no_region() -> None:
    """One typing error must not cost the other 99,999 answers, nor pass for a place."""
    table = locate_many([56.15, 101.63, math.nan, 0.0], [101.63, 56.15, 10.0, 0.0])
    assert table["region"].tolist() == ["RU-IRK", None, None, None]
    assert table["is_certain"].tolist() == [True, False, False, False]
    with pytest.raises(GeodataError, match="2 latitudes and 1 longitudes"):
        locate_many([1.0, 2.0], [3.0])


def test_a_hundred_thousand_points_take_about_a_second() -> None:
    """Point by point it would be minutes. The limit leaves room for a busy machine."""
    draw = np.random.default_rng(1)
    lat, lon = np.degrees(np.arcsin(draw.uniform(-1, 1, 100_000))), draw.uniform(-180, 180, 100_000)
    locate(50.0, 50.0)
    started = time.perf_counter()
    table = locate_many(lat, lon)
    assert time.perf_counter() - started < 3.0
    assert 0.28 < table["region"].notna().mean() < 0.36  # land and what lies within 25 km of it


def test_regions_as_a_frame() -> None:
    """For a notebook: a row for each code with its outline in degrees; a shifted column misnames all."""
    frame = geodata.region_frame().set_index("region")
    assert len(frame) == len(geodata.known_regions())
    assert frame.crs.to_epsg() == 4326
    assert frame.loc["RU-KK", "name"] == "Republic of Khakassia"
    assert frame.loc["RU-KK"].geometry.contains(shapely.Point(89.5, 53.0))


def test_every_public_name_is_there() -> None:
    """Names are loaded when asked for: a misspelt one would fail only in somebody's notebook."""
    for name in geodata.__all__:
        assert getattr(geodata, name) is not None
    with pytest.raises(AttributeError, match="no attribute"):
        _ = geodata.nothing_of_the_kind  # type: ignore[attr-defined]


def test_names_of_codes() -> None:
    """Reports print names: a swapped code would call the city of Moscow an oblast."""
    assert geodata.region_name("RU-KK") == "Republic of Khakassia"
    assert geodata.region_name("RU-MOW") == "Moscow"
    assert geodata.region_name("RU-MOS") == "Moscow Oblast"
    assert geodata.jurisdiction_name("KZ") == "Kazakhstan"
    assert geodata.jurisdiction_of("UA-43") == "UA"
    assert geodata.jurisdiction_of("XK") == "XK"
    assert "RU-IRK" in geodata.regions_of("RU")


@pytest.mark.parametrize(
    ("ask", "code", "remedy"),
    [
        (geodata.region_name, "RU-KKK", "RU-KK"),
        (geodata.jurisdiction_name, "KAZ", "KZ"),
        (geodata.regions_of, "KAZ", "KZ"),
        (geodata.jurisdiction_of, "US-TEX", "US-TX"),
    ],
)
def test_an_unknown_code_names_the_nearest(ask: Callable[[str], object], code: str, remedy: str) -> None:
    """A misspelt code must not pass as a place without rules."""
    with pytest.raises(GeodataError, match=remedy):
        ask(code)
