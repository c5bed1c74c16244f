"""Points, codes and outlines: each case names a wrong answer that a plausible slip would give."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import pytest
import shapely
from pyproj import Geod

import geodata
from geodata import GeodataError, locate
from geodata.places import SEARCH_RADII_DEG, _distances_km

PLACES = [
    # The Yenisei towns that the unpatched source puts in Krasnoyarsk Krai.
    ("Abakan", 53.7206, 91.4424, "RU-KK"),
    ("Sayanogorsk", 53.1008, 91.4122, "RU-KK"),
    ("Cheryomushki dam", 52.8570, 91.4060, "RU-KK"),
    ("Minusinsk, the other bank", 53.7103, 91.6875, "RU-KYA"),
    ("Krasnoyarsk", 56.0097, 92.8523, "RU-KYA"),
    ("Bratsk", 56.1513, 101.6342, "RU-IRK"),
    ("Irkutsk", 52.2864, 104.2807, "RU-IRK"),
    ("Ulan-Ude", 51.8335, 107.5841, "RU-BU"),
    ("Taksimo", 56.3403, 114.8780, "RU-BU"),
    ("Chita", 52.0317, 113.5009, "RU-ZAB"),
    ("Monchegorsk", 67.9386, 32.9369, "RU-MUR"),
    ("Nadvoitsy", 63.8850, 34.2697, "RU-KR"),
    ("Moscow, swapped in the source", 55.7558, 37.6173, "RU-MOW"),
    ("Serpukhov, swapped in the source", 54.9158, 37.4111, "RU-MOS"),
    ("Barnaul, named Altai Republic in the source", 53.3548, 83.7698, "RU-ALT"),
    ("Grozny", 43.3178, 45.6949, "RU-CE"),
    ("Kaliningrad", 54.7065, 20.5110, "RU-KGD"),
    ("Uelen, east of 180 degrees", 66.1600, -169.8000, "RU-CHU"),
    ("Egvekinot, east of 180 degrees", 66.3214, -179.1256, "RU-CHU"),
    ("Anadyr, west of 180 degrees", 64.7337, 177.5089, "RU-CHU"),
    # Russian in the source.
    ("Simferopol", 44.9484, 34.1000, "UA-43"),
    ("Sevastopol", 44.6054, 33.5220, "UA-40"),
    ("Enerhodar", 47.4989, 34.6573, "UA-23"),
    ("Donetsk", 48.0159, 37.8028, "UA-14"),
    ("Sukhumi", 43.0015, 41.0234, "GE-AB"),
    ("Tiraspol, Bender in the source", 46.8403, 29.6433, "MD-SN"),
    ("Ribnita, Rezina in the source", 47.7660, 29.0000, "MD-SN"),
    ("Pristina", 42.6629, 21.1655, "XK"),
    # Codes of 2018 and 2022, which the source does not have.
    ("Ekibastuz", 51.7237, 75.3229, "KZ-55"),
    ("Semey", 50.4111, 80.2275, "KZ-10"),
    ("Zhezkazgan", 47.7833, 67.7667, "KZ-62"),
    ("Baikonur", 45.6200, 63.3200, "KZ-43"),
    ("Rockdale", 30.6555, -97.0014, "US-TX"),
    ("El Paso, in Mexico without its patch", 31.7587, -106.4869, "US-TX"),
    ("Anchorage", 61.2181, -149.9003, "US-AK"),
    ("Baie-Comeau", 49.2167, -68.1500, "CA-QC"),
    ("Medicine Hat", 50.0405, -110.6764, "CA-AB"),
    ("Tromso, Troms og Finnmark until 2023", 69.6492, 18.9553, "NO-55"),
    ("Longyearbyen", 78.2232, 15.6267, "SJ"),
    ("Boden", 65.8252, 21.6887, "SE-BD"),
    ("Reykjanesbaer", 63.9998, -22.5583, "IS-2"),
    ("Reykjavik, IS-0 in the source", 64.1355, -21.8954, "IS-1"),
    ("Hernandarias", -25.4056, -54.6389, "PY-10"),
    ("Abu Dhabi", 24.4539, 54.3773, "AE-AZ"),
    ("Sohar, OM-BA in the source", 24.3643, 56.7468, "OM-BS"),
    ("Salalah", 17.0194, 54.0897, "OM-ZU"),
    ("Addis Ababa", 9.0300, 38.7400, "ET-AA"),
    ("Tehran, Fars by today's reading of the old code", 35.6892, 51.3890, "IR-23"),
    ("Hong Kong", 22.3193, 114.1694, "HK"),
    ("Paris, drawn as a whole country", 48.8566, 2.3522, "FR"),
    ("Cayenne, France in the source", 4.9224, -52.3135, "GF"),
]

# km2, as the statistical offices publish them; regions whose figure counts sea or lagoon are left out.
AREAS_KM2 = [
    ("RU-IRK", 774_846, 0.01),
    ("RU-BU", 351_334, 0.01),
    ("RU-ZAB", 431_892, 0.01),
    ("RU-KK", 61_569, 0.04),  # the source draws the Krasnoyarsk reservoir outside
    ("RU-KYA", 2_366_797, 0.02),  # the source draws the Arctic gulfs as sea
    ("RU-SA", 3_083_523, 0.01),
    ("RU-CHU", 721_481, 0.02),
    ("RU-ALT", 167_996, 0.03),
    ("RU-AL", 92_903, 0.03),
    ("UA-43", 26_081, 0.03),
    ("KZ-55", 124_755, 0.02),
    ("KZ-10", 185_500, 0.05),  # approximate
    ("KZ-62", 188_936, 0.20),  # approximate
    ("US-TX", 695_662, 0.015),
    ("CA-AB", 661_848, 0.01),
    ("ET-AM", 154_709, 0.03),
    ("FR", 543_940, 0.03),
    ("XK", 10_887, 0.02),
]


@pytest.mark.parametrize(("name", "lat_deg", "lon_deg", "region"), PLACES, ids=[p[0] for p in PLACES])
def test_a_known_town_lies_in_its_region(name: str, lat_deg: float, lon_deg: float, region: str) -> None:
    """A site in the wrong region gets the wrong law: Abakan must not be in Krasnoyarsk Krai."""
    assert locate(lat_deg, lon_deg).region == region


@pytest.mark.parametrize(
    ("name", "lat_deg", "lon_deg"),
    [("Black Sea", 43.0, 34.0), ("Atlantic", 0.0, -30.0), ("Caspian Sea", 42.0, 50.5), ("Pole", 89.0, 0.0),
     ("Bratsk with latitude and longitude swapped and a sign lost", -34.0, 120.0 + 40.0)],
)  # fmt: skip
def test_a_point_at_sea_is_refused(name: str, lat_deg: float, lon_deg: float) -> None:
    """A nearest-polygon answer without a limit would put a typing error into some country or other."""
    with pytest.raises(GeodataError, match="in the sea"):
        locate(lat_deg, lon_deg)


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg"), [(91.0, 0.0), (0.0, 180.5), (math.nan, 0.0), (101.63, 56.15)]
)
def test_coordinates_out_of_range_are_refused(lat_deg: float, lon_deg: float) -> None:
    """Bratsk typed longitude first is latitude 101: a silent wrap would find it in another hemisphere."""
    with pytest.raises(GeodataError, match="not a latitude"):
        locate(lat_deg, lon_deg)


def test_a_quay_off_the_drawn_coast_belongs_to_the_nearest_region() -> None:
    """Uelen stands on a spit the outline loses: strict containment would call a real town the sea."""
    place = locate(66.1600, -169.8000)
    assert place.region == "RU-CHU"
    assert 0 < place.offshore_km < 25


def test_border_distance_along_a_parallel() -> None:
    """From 58 N the border on the 60th parallel is 222.8 km away; its chord over Alberta would give 233."""
    place = locate(58.0, -115.0)
    assert place.neighbour == "CA-NT"
    assert place.border_km == pytest.approx(222.8, abs=1.0)


def test_border_distance_across_the_antimeridian() -> None:
    """From Taveuni, 179.95 E, the next land is Futuna, 340 km east across 180 degrees."""
    place = locate(-16.8, 179.95)
    assert (place.region, place.neighbour) == ("FJ", "WF")
    assert place.border_km == pytest.approx(342, abs=10)


def test_border_distance_in_the_arctic() -> None:
    """From Wrangel Island, 71 N, the next region is Yakutia, 640 km off along short degrees."""
    place = locate(71.2, 179.9)
    assert (place.region, place.neighbour) == ("RU-CHU", "RU-SA")
    assert place.border_km == pytest.approx(640, abs=30)


def test_border_distance_of_a_lonely_island() -> None:
    """Saint Helena is about 1,850 km from Angola: a search that stops early finds no neighbour."""
    place = locate(-15.95, -5.70)
    assert place.region == "SH"
    assert place.border_km == pytest.approx(1_855, abs=30)


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg"), [(53.1008, 91.4122), (56.15, 101.63), (64.73, 177.51), (62.0, 129.7)]
)
def test_border_distance_does_not_depend_on_the_search_radius(lat_deg: float, lon_deg: float) -> None:
    """The answer of the small window must be that of the largest; one too narrow would miss the nearest."""
    place = locate(lat_deg, lon_deg)
    others = [d for d in _distances_km(lat_deg, lon_deg, SEARCH_RADII_DEG[1] * 1.5) if d[0] != place.region]
    assert others[0][0] == place.neighbour
    assert others[0][1] == pytest.approx(place.border_km, rel=2e-3, abs=0.01)


def test_river_towns_carry_a_warning() -> None:
    """Sayanogorsk is within 5 km of the border: border_km must show that it is uncertain."""
    place = locate(53.1008, 91.4122)
    assert place.neighbour == "RU-KYA"
    assert 0 < place.border_km < 5


def test_only_the_split_oblasts_are_approximate() -> None:
    """Semey's region is estimated from towns and Ekibastuz's is not; mixing them up hides the uncertainty."""
    assert locate(50.4111, 80.2275).is_approximate
    assert not locate(51.7237, 75.3229).is_approximate


@pytest.mark.parametrize(("region", "area_km2", "tolerance"), AREAS_KM2)
def test_area_is_the_published_one(region: str, area_km2: float, tolerance: float) -> None:
    """A lost part, a swapped code or a fold at 180 degrees would show as an area well off the published."""
    outline = geodata.region_polygons()[region]
    drawn_km2 = abs(Geod(ellps="WGS84").geometry_area_perimeter(outline)[0]) / 1e6
    assert drawn_km2 == pytest.approx(area_km2, rel=tolerance)


def test_outlines_share_their_borders() -> None:
    """Simplified one by one, outlines overlap and gape: a border site would be in two regions or in none."""
    outlines = list(geodata.region_polygons().values())
    assert all(shapely.is_valid(outlines))
    assert not any(shapely.is_empty(outlines))
    assert shapely.coverage_is_valid(outlines)


def test_chukotka_meets_itself_at_the_antimeridian() -> None:
    """Both halves must touch 180 degrees along the same stretch; a gap there would be a strip of sea."""
    parts = shapely.get_parts(geodata.region_polygons()["RU-CHU"])
    west = shapely.union_all([p for p in parts if p.bounds[2] == 180.0])
    east = shapely.union_all([p for p in parts if p.bounds[0] == -180.0])
    along_west = shapely.intersection(west, shapely.LineString([(180, 60), (180, 75)])).length
    along_east = shapely.intersection(east, shapely.LineString([(-180, 60), (-180, 75)])).length
    assert along_west > 3  # the mainland and Wrangel Island
    assert along_west == pytest.approx(along_east, abs=0.02)


def test_every_detailed_country_has_all_its_regions() -> None:
    """A dropped or merged code would give its towns to a neighbour; the counts are those of ISO 3166-2."""
    expected = {
        "RU": 83,
        "KZ": 20,
        "US": 51,
        "CA": 13,
        "UA": 27,
        "NO": 15,
        "SE": 21,
        "PY": 18,
        "OM": 11,
        "GE": 12,
    }
    found = {j: sum(r.startswith(f"{j}-") for r in geodata.known_regions()) for j in expected}
    assert found == expected


def test_names_of_codes() -> None:
    """Reports print names: a swapped code would call the city of Moscow an oblast."""
    assert geodata.region_name("RU-KK") == "Republic of Khakassia"
    assert geodata.region_name("RU-MOW") == "Moscow"
    assert geodata.region_name("RU-MOS") == "Moscow Oblast"
    assert geodata.jurisdiction_name("KZ") == "Kazakhstan"
    assert geodata.jurisdiction_of("UA-43") == "UA"
    assert geodata.jurisdiction_of("XK") == "XK"


@pytest.mark.parametrize(
    ("ask", "code", "remedy"),
    [
        (geodata.region_name, "RU-KKK", "RU-KK"),
        (geodata.jurisdiction_name, "KAZ", "KZ"),
        (geodata.timezone_of, "US-TEX", "US-TX"),
    ],
)
def test_an_unknown_code_names_the_nearest(ask: Callable[[str], str], code: str, remedy: str) -> None:
    """A misspelt code must not pass as a place without rules."""
    with pytest.raises(GeodataError, match=remedy):
        ask(code)


@pytest.mark.parametrize(
    ("region", "zone"),
    [
        ("RU-IRK", "Asia/Irkutsk"),
        ("RU-KK", "Asia/Krasnoyarsk"),
        ("RU-MUR", "Europe/Moscow"),
        ("RU-CHU", "Asia/Anadyr"),
        ("KZ-55", "Asia/Almaty"),
        ("US-TX", "America/Chicago"),
        ("US-NV", "America/Los_Angeles"),
        ("CA-AB", "America/Edmonton"),
        ("CA-QC", "America/Toronto"),
        ("NO-18", "Europe/Oslo"),
        ("CN-XJ", "Asia/Shanghai"),
        ("PY-10", "America/Asuncion"),
        ("ET-AA", "Africa/Addis_Ababa"),
        ("MN-043", "Asia/Hovd"),
        ("IS-2", "Atlantic/Reykjavik"),
        ("GE-TB", "Asia/Tbilisi"),
    ],
)
def test_time_zone_of_a_region(region: str, zone: str) -> None:
    """Irkutsk read at Moscow time would shift a peak tariff by five hours."""
    assert geodata.timezone_of(region) == zone


def test_a_country_of_many_clocks_has_no_time_zone() -> None:
    """One zone for all Brazil would be wrong for Manaus: the site has to say."""
    with pytest.raises(GeodataError, match="state the site's own"):
        geodata.timezone_of("BR")


def test_locate_is_fast_enough_for_a_table_of_sites() -> None:
    """A few hundred sites must read in seconds; a scan of every outline would take minutes."""
    locate(50.0, 50.0)
    started = time.perf_counter()
    for step in range(50):
        locate(50.0 + step / 100, 60.0)
    assert time.perf_counter() - started < 3.0
