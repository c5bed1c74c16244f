"""Clocks: each case is a place where a table by country or by region would give the wrong hour."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from zoneinfo import available_timezones

import pytest
import tzfpy
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.clock import clock_at, clock_times, timezone_at, timezone_of, zone_info
from geodata.places import known_regions
from geodata.store import GeodataError

PIER = (34.82, 25.0)  # 12 km south of Crete, beyond the 6 nautical miles of Greek waters

PLACES = [
    ("Irkutsk", 52.29, 104.28, "Asia/Irkutsk"),
    ("Taksimo in Buryatia", 56.34, 114.88, "Asia/Irkutsk"),
    ("Chara in Zabaykalsky, nearly as far west", 56.90, 118.26, "Asia/Chita"),
    ("Abakan", 53.72, 91.44, "Asia/Krasnoyarsk"),
    ("Verkhoyansk, in a Yakutia of three clocks", 67.55, 133.39, "Asia/Vladivostok"),
    ("Severo-Kurilsk, of Sakhalin", 50.68, 156.12, "Asia/Srednekolymsk"),
    ("Ekibastuz", 51.72, 75.32, "Asia/Almaty"),
    ("Aktau", 43.65, 51.15, "Asia/Aqtau"),
    ("El Paso, Texas on Mountain Time", 31.76, -106.49, "America/Denver"),
    ("Van Horn, the next county", 31.04, -104.83, "America/Chicago"),
    ("Rockdale", 30.66, -97.00, "America/Chicago"),
    ("Flagstaff, without summer time", 35.20, -111.65, "America/Phoenix"),
    ("Window Rock, Navajo Nation with it", 35.68, -109.05, "America/Denver"),
    ("Kykotsmovi, Hopi inside the Navajo", 35.87, -110.62, "America/Phoenix"),
    ("Gary, Indiana on Central Time", 41.59, -87.35, "America/Chicago"),
    ("Indianapolis", 39.77, -86.16, "America/Indiana/Indianapolis"),
    ("Baie-Comeau", 49.22, -68.15, "America/Toronto"),
    ("Blanc-Sablon, Quebec without summer time", 51.42, -57.13, "America/Blanc-Sablon"),
    ("Labrador City", 52.94, -66.91, "America/Goose_Bay"),
    ("Mary's Harbour, Labrador on Newfoundland time", 52.31, -55.84, "America/St_Johns"),
    ("Regina", 50.45, -104.60, "America/Regina"),
    ("Lloydminster, Saskatchewan on Alberta time", 53.28, -109.98, "America/Edmonton"),
    ("Rankin Inlet, Nunavut", 62.81, -92.09, "America/Rankin_Inlet"),
    ("Iqaluit, Nunavut", 63.75, -68.50, "America/Iqaluit"),
    ("Manaus", -3.10, -60.00, "America/Manaus"),
    ("Eucla, of a quarter of an hour", -31.68, 128.88, "Australia/Eucla"),
    ("Little Diomede", 65.75, -168.95, "America/Nome"),
    ("Big Diomede, 4 km west and a day later", 65.78, -169.06, "Asia/Anadyr"),
    ("Taveuni west of 180 degrees", -16.80, 179.95, "Pacific/Fiji"),
    ("Taveuni east of it", -16.85, -179.95, "Pacific/Fiji"),
    ("Hernandarias", -25.41, -54.64, "America/Asuncion"),
    ("Phuentsholing", 26.86, 89.39, "Asia/Thimphu"),
    ("Uvs in Mongolia", 49.98, 92.07, "Asia/Hovd"),
]


@pytest.mark.parametrize(("name", "lat_deg", "lon_deg", "zone"), PLACES, ids=[p[0] for p in PLACES])
def test_a_known_place_keeps_its_clock(name: str, lat_deg: float, lon_deg: float, zone: str) -> None:
    """A tariff with hours of use is an hour off for the whole life of a site in the wrong zone."""
    assert timezone_at(lat_deg, lon_deg) == zone


def test_kazakhstan_is_one_clock_since_march_2024() -> None:
    """Old tables put the east of Kazakhstan an hour ahead of the west."""
    hours = {clock_times(timezone_at(lat, lon)) for lat, lon in [(43.24, 76.9), (51.72, 75.3), (43.65, 51.2)]}
    assert hours == {(5.0,) * 24}
    before = datetime(2024, 2, 15, tzinfo=UTC).astimezone(zone_info("Asia/Almaty")).utcoffset()
    assert before is not None
    assert before.total_seconds() == 6 * 3600


@pytest.mark.parametrize(
    ("name", "lat_deg", "lon_deg", "zone", "other"),
    [
        ("Urumqi by its own clock", 43.80, 87.60, "Asia/Shanghai", "Asia/Urumqi"),
        ("Kherson", 46.64, 32.61, "Europe/Kyiv", "Europe/Moscow"),
        ("Enerhodar", 47.50, 34.66, "Europe/Kyiv", "Europe/Moscow"),
        ("Sukhumi", 43.00, 41.02, "Asia/Tbilisi", "Europe/Moscow"),
        ("West Wendover beside Nevada time", 40.74, -114.07, "America/Denver", "America/Los_Angeles"),
        ("Big Diomede beside the Little", 65.78, -169.06, "Asia/Anadyr", "America/Nome"),
    ],
)
def test_a_doubtful_clock_names_the_other(
    name: str, lat_deg: float, lon_deg: float, zone: str, other: str
) -> None:
    """Where two clocks are lived by, one answer without the other is silently wrong for half the sites."""
    clock = clock_at(lat_deg, lon_deg)
    assert clock.timezone == zone
    assert other in clock.others


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg"), [(52.29, 104.28), (30.66, -97.0), (53.28, -109.98), (51.5, 65.53)]
)
def test_a_border_between_equal_clocks_is_no_doubt(lat_deg: float, lon_deg: float) -> None:
    """Between Asia/Qostanay and Asia/Almaty both sides show the same time: a warning would be noise."""
    assert clock_at(lat_deg, lon_deg).others == ()


def test_a_pier_takes_the_clock_of_its_coast() -> None:
    """Beyond territorial waters the zone is nautical, Etc/GMT-2, which knows no summer time."""
    lat_deg, lon_deg = PIER
    assert tzfpy.get_tz(lon_deg, lat_deg).startswith("Etc/")
    assert timezone_at(lat_deg, lon_deg) == "Europe/Athens"


@pytest.mark.parametrize(("lat_deg", "lon_deg"), [(0.0, -30.0), (43.0, 34.0)])
def test_the_open_sea_has_no_clock(lat_deg: float, lon_deg: float) -> None:
    """A swapped sign must not become a site on nautical time."""
    with pytest.raises(GeodataError, match="in the sea"):
        timezone_at(lat_deg, lon_deg)


@pytest.mark.parametrize(("lat_deg", "lon_deg"), [(91.0, 0.0), (0.0, 181.0), (math.nan, 0.0)])
def test_coordinates_out_of_range_have_no_clock(lat_deg: float, lon_deg: float) -> None:
    """The library wraps longitudes silently."""
    with pytest.raises(GeodataError, match="not a latitude"):
        timezone_at(lat_deg, lon_deg)


@settings(max_examples=200, deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180))
def test_any_point_has_a_known_zone_or_an_error(lat_deg: float, lon_deg: float) -> None:
    """Every answer must be a zone that the clock code can load, and no coordinate may crash it."""
    try:
        clock = clock_at(lat_deg, lon_deg)
    except GeodataError:
        return
    for zone in (clock.timezone, *clock.others):
        assert zone_info(zone).key == zone
        assert not zone.startswith("Etc/")


def test_every_zone_of_the_library_is_in_the_time_zone_data() -> None:
    """The outlines and the clocks come from two packages, which may be of different years."""
    for zone in tzfpy.timezonenames():
        assert zone in available_timezones()
        assert zone_info(zone).key == zone


@pytest.mark.parametrize(
    ("region", "zone"),
    [("RU-IRK", "Asia/Irkutsk"), ("US-TX", "America/Chicago"), ("CA-QC", "America/Toronto"),
     ("US-AZ", "America/Phoenix"), ("CN-XJ", "Asia/Shanghai"), ("RU-CHU", "Asia/Anadyr"),
     ("XK", "Europe/Belgrade")],
)  # fmt: skip
def test_a_region_without_a_point_takes_the_clock_of_most_of_it(region: str, zone: str) -> None:
    """A corner of another clock, such as El Paso, must not leave Texas without one."""
    assert timezone_of(region) == zone


@pytest.mark.parametrize("region", ["RU-SA", "US-TN", "CA-NU"])
def test_a_region_of_several_clocks_asks_for_the_point(region: str) -> None:
    """Half of Tennessee is an hour off whichever zone is taken."""
    with pytest.raises(GeodataError, match=r"several clocks.*; give the site's coordinates"):
        timezone_of(region)


def test_an_unknown_region_or_zone_is_named() -> None:
    """A misspelt code must not pass for a place without a clock."""
    with pytest.raises(GeodataError, match="US-TX"):
        timezone_of("US-TEX")
    with pytest.raises(GeodataError, match="Asia/Irkutsk"):
        zone_info("Asia/Irkutzk")


def test_the_clock_is_that_of_the_package_not_of_the_system() -> None:
    """Alberta stays on UTC-6 from November 2026; a system database of 2025 is an hour off."""
    winter = datetime(2027, 1, 15, 12, tzinfo=UTC).astimezone(zone_info("America/Edmonton")).utcoffset()
    assert winter is not None
    assert winter.total_seconds() == -6 * 3600


def test_clocks_of_a_table_of_sites_are_quick() -> None:
    """Five hundred sites must not add a second to a study."""
    assert len(known_regions()) > 500
    clock_at(50.0, 50.0)
    started = time.perf_counter()
    for step in range(500):
        clock_at(50.0 + step / 1000, 60.0)
    assert time.perf_counter() - started < 2.0
