"""Temperature normals: plausible everywhere, honest about their error, refused where nothing is near."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.climate import (
    ERROR_C_PER_KM,
    LAPSE_C_PER_KM,
    MAX_DISTANCE_KM,
    TABLE_ERROR_C,
    _interpolated,
    _towns,
    temperature_normals,
)
from geodata.globe import great_circle_km
from geodata.store import GeodataError

# Yearly means as published in lists of cities, which mix periods: within 1.5 C is as close as they agree.
YEARLY_C = [
    ("Irkutsk", 52.29, 104.28, 1.0),
    ("Novosibirsk", 55.03, 82.92, 1.7),
    ("Moscow", 55.75, 37.62, 5.8),
    ("Murmansk", 68.97, 33.08, 0.6),
    ("Yakutsk", 62.03, 129.73, -8.8),
    ("Astana", 51.17, 71.43, 3.5),
    ("Tashkent", 41.30, 69.25, 14.8),
    ("Houston", 29.76, -95.37, 20.8),
    ("Montreal", 45.50, -73.57, 6.8),
    ("Oslo", 59.91, 10.75, 5.7),
    ("Reykjavik", 64.15, -21.94, 4.3),
    ("Dubai", 25.20, 55.27, 26.9),
    ("Addis Ababa", 9.03, 38.74, 16.0),
    ("Tbilisi", 41.72, 44.79, 12.9),
    ("Ulaanbaatar", 47.92, 106.92, -0.4),
]


@pytest.mark.parametrize(("name", "lat_deg", "lon_deg", "yearly_c"), YEARLY_C, ids=[c[0] for c in YEARLY_C])
def test_the_yearly_mean_is_the_published_one(
    name: str, lat_deg: float, lon_deg: float, yearly_c: float
) -> None:
    """A slipped column or a month out of order would still look like a climate, but not like this one."""
    assert np.mean(temperature_normals(lat_deg, lon_deg).mean_c) == pytest.approx(yearly_c, abs=1.5)


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "warmest", "coldest"),
    [(52.29, 104.28, 7, 1), (30.66, -97.0, 8, 1), (-25.41, -54.64, 1, 7), (-33.45, -70.67, 1, 7),
     (23.6, 58.4, 6, 1)],
)  # fmt: skip
def test_seasons_are_those_of_the_hemisphere(
    lat_deg: float, lon_deg: float, warmest: int, coldest: int
) -> None:
    """Paraguay cooled by a northern calendar would be planned for its winter in its summer."""
    mean_c = temperature_normals(lat_deg, lon_deg).mean_c
    assert mean_c[warmest - 1] == max(mean_c)
    assert mean_c[coldest - 1] == min(mean_c)


def test_every_town_is_plausible() -> None:
    """Typing errors in the table: a maximum below the mean, a leap between months, a place off the earth."""
    towns = _towns()
    mean_c, warm_c = towns.normals_c[:, :12], towns.normals_c[:, 12:]
    assert len(set(towns.names)) == len(towns.names) >= 400
    assert ((warm_c - mean_c >= 1) & (warm_c - mean_c <= 12)).all()
    assert (np.abs(np.diff(mean_c, axis=1, append=mean_c[:, :1])) <= 21).all()
    assert ((mean_c > -50) & (warm_c < 48)).all()
    far_from_equator = np.abs(towns.lat_deg) > 30
    summer = np.where(towns.lat_deg > 0, mean_c[:, 6], mean_c[:, 0])
    winter = np.where(towns.lat_deg > 0, mean_c[:, 0], mean_c[:, 6])
    assert (summer > winter)[far_from_equator].all()


@pytest.mark.parametrize(
    ("knows_height", "root_mean_square_c", "shares"),
    [(True, 1.71, (0.796, 0.941, 0.978)), (False, 2.40, (0.805, 0.952, 0.985))],
)
def test_the_stated_error_is_the_one_found_by_leaving_out_each_town(
    knows_height: bool, root_mean_square_c: float, shares: tuple[float, ...]
) -> None:
    """An error smaller than the real one would pass a hot site for one that needs no cooling.

    `shares` of the figures are within once, twice and three times the stated error: as Climate and
    docs/data.md tell.
    """
    towns = _towns()
    errors_c, stated_c = [], []
    for town, (lat_deg, lon_deg) in enumerate(zip(towns.lat_deg, towns.lon_deg, strict=True)):
        km = great_circle_km(lat_deg, lon_deg, towns.lat_deg, towns.lon_deg)
        km[town] = math.inf
        if 10 < km.min() <= MAX_DISTANCE_KM:
            height_m = float(towns.elevation_m[town]) if knows_height else None
            found_c, _, spread_m = _interpolated(towns, km, lat_deg, height_m)
            errors_c.append(found_c - towns.normals_c[town])
            height_c = 0.0 if knows_height else LAPSE_C_PER_KM * spread_m / 1000
            stated_c.append(math.hypot(TABLE_ERROR_C, ERROR_C_PER_KM * km.min(), height_c))
    wrong_c, allowed_c = np.abs(np.array(errors_c)), np.array(stated_c)[:, None]
    assert len(errors_c) == 304
    assert np.sqrt((wrong_c**2).mean()) == pytest.approx(root_mean_square_c, abs=0.01)
    assert np.sqrt((allowed_c**2).mean()) == pytest.approx(root_mean_square_c, rel=0.05)
    found = [(wrong_c <= times * allowed_c).mean() for times in (1, 2, 3)]
    assert found == pytest.approx(shares, abs=0.001)


def test_an_unknown_height_among_mountains_errs_by_what_the_towns_differ() -> None:
    """In a valley of Bhutan or on a pass above it: the table cannot know which, and must say so."""
    towns = _towns()
    lat_deg, lon_deg = 27.5, 90.5
    km = great_circle_km(lat_deg, lon_deg, towns.lat_deg, towns.lon_deg)
    near = np.argsort(km)[:6]
    weights = km[near] ** -1.5 * np.exp(-((km[near] / 600) ** 2))
    spread_m = math.sqrt(np.cov(towns.elevation_m[near], aweights=weights, ddof=0))
    known, unknown = (temperature_normals(lat_deg, lon_deg, height) for height in (1500.0, None))
    assert spread_m > 500
    assert unknown.error_c == pytest.approx(math.hypot(known.error_c, 0.005 * spread_m), abs=0.1)
    flat = temperature_normals(56.0, 75.0)
    assert flat.error_c - temperature_normals(56.0, 75.0, flat.elevation_m).error_c <= 0.2


@pytest.mark.parametrize("elevation_m", [1e9, -5000.0, math.nan, math.inf, -math.inf, 6001.0, -451.0])
def test_a_height_that_is_none_is_refused(elevation_m: float) -> None:
    """A height in feet, or a missing one as NaN, would silently freeze or boil the site."""
    with pytest.raises(GeodataError, match=r"not in -450\.\.6000; give metres"):
        temperature_normals(52.3, 104.3, elevation_m)


@pytest.mark.parametrize("elevation_m", [-450.0, -430.0, 0.0, 6000.0])
def test_the_lowest_and_the_highest_sites_have_a_climate(elevation_m: float) -> None:
    """The shore of the Dead Sea lies at -430 m."""
    assert temperature_normals(31.5, 35.5, elevation_m).elevation_m == elevation_m


def test_height_makes_it_colder() -> None:
    """A site 1,000 m above the towns around is about 5 C cooler in every month."""
    low, high = (temperature_normals(27.0, 89.5, elevation_m=height_m) for height_m in (500.0, 1500.0))
    assert np.array(low.mean_c) - np.array(high.mean_c) == pytest.approx([5.0] * 12, abs=0.11)
    assert (low.elevation_m, high.elevation_m) == (500, 1500)


def test_not_knowing_the_height_is_stated_as_error() -> None:
    """The same point with and without its height: the answer without must not claim to be as sure."""
    known, unknown = temperature_normals(56.0, 98.0, elevation_m=320.0), temperature_normals(56.0, 98.0)
    assert unknown.error_c > known.error_c >= TABLE_ERROR_C


def test_an_answer_says_where_it_comes_from() -> None:
    """A reader must see that the figures are not read from a source, and from which town they are."""
    climate = temperature_normals(52.54, 103.89)
    assert climate.station == "Irkutsk"
    assert climate.distance_km == pytest.approx(42, abs=3)
    assert climate.confidence == "low"
    assert "not read from a source" in climate.source


def test_far_from_every_town_there_is_no_answer() -> None:
    """A guess from 900 km away would be taken for a normal."""
    with pytest.raises(GeodataError, match="km away; state the site's own"):
        temperature_normals(80.0, -40.0)


@pytest.mark.parametrize(("lat_deg", "lon_deg"), [(91.0, 0.0), (0.0, 181.0), (0.0, math.nan)])
def test_coordinates_out_of_range_have_no_climate(lat_deg: float, lon_deg: float) -> None:
    """Longitude first is the usual slip."""
    with pytest.raises(GeodataError, match="not a latitude"):
        temperature_normals(lat_deg, lon_deg)


@settings(max_examples=100, deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180), st.none() | st.floats(-400, 5000))
def test_any_point_has_a_climate_or_an_error(
    lat_deg: float, lon_deg: float, elevation_m: float | None
) -> None:
    """No coordinate may crash, and days are warmer than the mean of day and night everywhere."""
    try:
        climate = temperature_normals(lat_deg, lon_deg, elevation_m)
    except GeodataError:
        return
    assert len(climate.mean_c) == len(climate.warm_c) == 12
    assert all(warm > mean for mean, warm in zip(climate.mean_c, climate.warm_c, strict=True))


def test_the_antimeridian_is_no_border() -> None:
    """Egvekinot, 179 W, is 230 km from Anadyr, 177 E, not the width of the earth."""
    assert temperature_normals(66.32, -179.12).station == "Anadyr"
