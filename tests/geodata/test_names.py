"""Places by what people call them: a name that finds another place gives that place's law."""

from __future__ import annotations

from itertools import product

import pytest

from geodata import GeodataError, known_jurisdictions, known_regions, region_name
from geodata.names import Found, find
from geodata.places import jurisdiction_name
from geodata.rules import all_rules, surveyed_jurisdictions
from geodata.store import read_rows


@pytest.mark.parametrize(
    ("text", "region", "district"),
    [
        ("RU-IRK", "RU-IRK", ""),
        ("ru-irk", "RU-IRK", ""),
        ("Irkutsk Oblast", "RU-IRK", ""),
        ("irkutsk", "RU-IRK", ""),
        ("Khakassia", "RU-KK", ""),
        ("Texas", "US-TX", ""),
        ("New York State", "US-NY", ""),
        ("Québec", "CA-QC", ""),
        ("quebec", "CA-QC", ""),
        ("Angarsk urban district", "RU-IRK", "Angarsk urban district"),
        ("Angarsk", "RU-IRK", "Angarsk urban district"),
        ("Chita", "RU-ZAB", "Chita urban district"),
        ("Bratsk", "RU-IRK", "Bratsk"),
        ("Yakutia", "RU-SA", ""),
        ("Transnistria", "MD-SN", ""),
        ("Иркутская область", "RU-IRK", ""),
        ("бурятия", "RU-BU", ""),
        ("Алтай", "RU-AL", ""),
        ("Алтайский край", "RU-ALT", ""),
        ("Крым", "UA-43", ""),
        ("Иркутск", "RU-IRK", "Irkutsk city"),
        ("Братск", "RU-IRK", "Bratsk"),
        ("Братский район", "RU-IRK", "Bratsky"),
        ("Улан-Удэ", "RU-BU", "Ulan-Ude city"),
        ("Чита", "RU-ZAB", "Chita urban district"),
        ("Weatherford", "US-TX", "Weatherford"),
        ("Hood County", "US-TX", "Hood County"),
        ("Enerhodar", "UA-23", "Enerhodar"),
    ],
)
def test_places_by_name(text: str, region: str, district: str) -> None:
    """English and Russian, with and without the common words, and towns that only a rule names."""
    found = find(text)
    assert (found.region, found.district) == (region, district)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Kazakhstan", "KZ"),
        ("kz", "KZ"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("UK", "GB"),
        ("UAE", "AE"),
        ("Россия", "RU"),
        ("Грузия", "GE"),
    ],
)
def test_countries_by_name(text: str, code: str) -> None:
    """A country has no region of its own."""
    assert find(text) == Found(jurisdiction=code)


@pytest.mark.parametrize(
    ("text", "lat_deg", "lon_deg"),
    [
        ("52.54, 103.89", 52.54, 103.89),
        ("52.54 103.89", 52.54, 103.89),
        ("-25.4,-54.6", -25.4, -54.6),
        ("+52.3,104.3", 52.3, 104.3),
        ("52.3N 104.3E", 52.3, 104.3),
        ("25.4s; 54.6w", -25.4, -54.6),
        ("N52.3 E104.3", 52.3, 104.3),
        ("104.3°E, 52.3°N", 52.3, 104.3),
    ],
)
def test_points(text: str, lat_deg: float, lon_deg: float) -> None:
    """Latitude first, unless letters say which is which."""
    found = find(text)
    assert (found.lat_deg, found.lon_deg) == (lat_deg, lon_deg)


@pytest.mark.parametrize(
    "text", ["52.3N 104.3N", "52.3E 104.3W", "-52.3S,104.3E", "52°18'N 104°18'E", "52,3 104,3", "52.3"]
)
def test_numbers_that_are_no_point_are_refused(text: str) -> None:
    """A half-understood figure is a point somewhere else."""
    with pytest.raises(GeodataError, match=r"no pair of coordinates; write decimal degrees"):
        find(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Georgia", "GE .* or US-GA"),
        ("Irkuts", "Irkutsk"),
        ("Иркутцк", "Иркутск"),
        ("", "unknown"),
        ("Atlantis", "unknown"),
    ],
)
def test_unknown_and_ambiguous_names_are_refused(text: str, told: str) -> None:
    """Georgia is a country and a state: a guess would give the law of the other continent."""
    with pytest.raises(GeodataError, match=told):
        find(text)


def test_every_other_name_finds_its_place_and_no_second_one() -> None:
    """An alias of a wrong code, or one that is also the name of another place, would be found here."""
    for row in read_rows("aliases.csv"):
        found = find(row["alias"])
        assert (found.region or found.jurisdiction, found.district) == (row["code"], row["district"]), row


def test_every_place_of_the_law_is_found_by_its_names() -> None:
    """By its code, its English name and the names of its districts; Georgia alone means two places."""
    regions = {(rule.region, name) for rule in all_rules() if rule.region for name in ("", *rule.districts)}
    for region, district in regions:
        found = find(district or region_name(region))
        assert (found.region, found.district) == (region, district)
    for code in surveyed_jurisdictions() - {"GE"}:
        assert find(jurisdiction_name(code)).jurisdiction == code
        assert find(code).jurisdiction == code


def test_countries_and_regions_of_the_law_have_russian_names() -> None:
    """Whoever asks in Russian must not be told that a country under law is unknown."""
    named = {row["code"] for row in read_rows("aliases.csv") if not row["alias"].isascii()}
    law = set(surveyed_jurisdictions()) | {rule.region for rule in all_rules() if rule.region}
    assert not law - named
    assert not {code for code in known_regions() if code.startswith("RU-")} - named
    assert named <= known_regions() | known_jurisdictions()


def test_signs_and_letters_agree() -> None:
    """The same point in all four quarters of the globe."""
    for north, east in product((1, -1), repeat=2):
        signed = find(f"{12.5 * north:+},{34.25 * east:+}")
        lettered = find(f"12.5{'N' if north > 0 else 'S'} 34.25{'E' if east > 0 else 'W'}")
        assert signed == lettered == Found(lat_deg=12.5 * north, lon_deg=34.25 * east)
