"""The law of a place on a day, from coordinates, codes and names."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import GeodataError, allowed_share, known_districts, known_regions, rules_at, windows
from geodata.law import Spot, month_bounds, rules_for, spot_at, spot_in

TODAY = date(2026, 11, 22)


def test_angarsk_from_its_coordinates() -> None:
    """No district is given: the outline finds it, and everything within its error is closed as well."""
    found = rules_at(52.54, 103.89, TODAY)
    assert found.spot.district == "Angarsk urban district"
    assert found.window.status == "banned"
    assert found.window.rules[0].rule_id == "ru-irk-south-ban"
    assert rules_at(52.54, 103.89, date(2025, 4, 6)).window.status == "registration"
    assert rules_at(52.54, 103.89, date(2025, 4, 7)).window.status == "banned"


def test_bratsk_is_open_by_coordinates_and_by_name() -> None:
    """North of the line: a region-wide flag would close it."""
    assert rules_at(56.15, 101.63, TODAY).window.status == "registration"
    assert rules_at(56.15, 101.63, TODAY, district="Bratsk").window.status == "registration"


def test_a_district_that_contradicts_the_coordinates_is_refused() -> None:
    """Angarsk's coordinates with the name of open Bratsk, 430 km away, would open a closed site."""
    with pytest.raises(GeodataError, match=r"district says Bratsk, but .* lies in Angarsk"):
        rules_at(52.54, 103.89, TODAY, district="Bratsk")


def test_near_the_line_the_name_is_asked_for() -> None:
    """Between open Tayshet and closed Nizhneudinsk an approximate border decides nothing."""
    asked = [(lat, lon) for lat in np.arange(54.0, 56.6, 0.1) for lon in np.arange(97.0, 101.0, 0.2)]
    unclear = 0
    for lat, lon in asked:
        try:
            spot = spot_at("RU-IRK", float(lat), float(lon), TODAY, TODAY)
        except GeodataError as error:
            unclear += "name the site's district" in str(error)
        else:
            assert spot.district
    assert unclear > 0
    assert unclear < len(asked) / 2


def test_a_region_banned_in_part_is_told_in_part() -> None:
    """Without a district both laws are shown, the strictest as partial; in 2031 it ends for all at once."""
    found = windows("RU-IRK", date(2031, 3, 15), date(2031, 3, 16))
    assert [(w.status, w.is_partial) for w in found] == [("banned", True), ("registration", False)]


def test_a_spot_without_district_where_districts_differ_has_no_share() -> None:
    """One number for closed Tulun and open Bratsk would be wrong for one of them."""
    with pytest.raises(GeodataError, match="closed in part"):
        allowed_share([spot_in("RU-IRK")], ["2027-01"])
    assert allowed_share([spot_in("RU-IRK")], ["2024-11"])[0, 0] == 1.0
    assert allowed_share([spot_in("RU-KK")], []).shape == (1, 0)


@pytest.mark.parametrize(
    ("lat_deg", "district", "said"),
    [
        (32.759, "City of Weatherford", "write 'Weatherford'"),
        (32.759, "Hudson Oaks", "write 'Weatherford'"),  # in the middle of the town there is no other
        (32.81, "Parker County", "a county does not tell"),
        (31.5, "Granbury", "103 km from the centre of Hood County"),
        (32.759, "Parker County, Weatherford", "write 'Weatherford'"),
        (32.85, None, "name the site's district"),  # 10 km: neither inside nor surely outside
        (31.5, "Weatherford", "140 km from the centre"),
    ],
)
def test_a_town_drawn_as_a_circle_contradicted(lat_deg: float, district: str | None, said: str) -> None:
    """Free text must not open a closed town, nor a misplaced name close a distant site."""
    with pytest.raises(GeodataError, match=said):
        rules_at(lat_deg, -97.797, TODAY, district=district)


def test_a_town_drawn_as_a_circle_tells_what_it_assumed() -> None:
    """Closed by the circle, or open on the word of a name: either must be said."""
    assert "taken to be in Weatherford" in rules_at(32.759, -97.797, TODAY).spot.notes[0]
    east = rules_at(32.81, -97.797, TODAY, district="Aledo").spot.notes[0]
    assert "on the word of its district, Aledo" in east
    assert rules_at(31.5, -97.797, TODAY).spot.notes == ()


def test_weatherford_is_a_circle_and_a_name() -> None:
    """Closed inside the city limits, open in the rest of Texas, and open where another town is named."""
    assert rules_at(32.759, -97.797, TODAY).window.status == "banned"
    assert rules_at(32.81, -97.797, TODAY, district="Willow Park").window.status == "conditions"
    assert rules_at(31.5, -97.8, TODAY).window.status == "conditions"
    assert windows("US-TX", TODAY, TODAY)[0].status == "conditions"


@pytest.mark.parametrize(
    ("region", "district", "nearest"),
    [
        ("RU-IRK", "Angarsk", "Angarsk urban district"),
        ("RU-IRK", "Bratsky district", "Bratsky"),
        ("RU-BU", "Ulan Ude", "Ulan-Ude city"),
        ("RU-ZAB", "Chita", "Chita urban district"),
        ("US-TX", "Wetherford", "Weatherford"),
    ],
)
def test_an_unknown_district_names_the_nearest(region: str, district: str, nearest: str) -> None:
    """A misspelt closed district must not read as one outside the list, that is as open."""
    with pytest.raises(GeodataError, match=nearest):
        spot_in(region, district)


def test_the_switch_of_the_study() -> None:
    """Buryatia all year is announced: law in force alone leaves the summer open, the default closes it."""
    ulan_ude, summer = spot_in("RU-BU", "Ulan-Ude city"), ["2026-07"]
    assert allowed_share([ulan_ude], summer, law="in_force")[0, 0] == 1.0
    assert allowed_share([ulan_ude], summer)[0, 0] == 0.0
    khakassia = spot_in("RU-KK")
    assert allowed_share([khakassia], summer)[0, 0] == 1.0
    assert allowed_share([khakassia], summer, law="strict")[0, 0] == 0.0


def test_allowed_share_is_exact_to_the_day() -> None:
    """South Irkutsk in April 2025: 6 of 30 days. By months it would be 0 or 1."""
    spots = [spot_in("RU-IRK", "Tulun city"), spot_in("RU-IRK", "Bratsk"), spot_in("RU-DA")]
    months = ["2024-12", "2025-03", "2025-04", "2025-05", "2031-03"]
    expected = [[1, 16 / 31, 6 / 30, 0, 16 / 31], [1, 1, 1, 1, 1], [1, 0, 0, 0, 16 / 31]]
    assert allowed_share(spots, months) == pytest.approx(np.array(expected))


def test_allowed_share_counts_overlapping_bans_once() -> None:
    """In force the season, announced the whole year: winter days closed twice are still one day each."""
    share = allowed_share([spot_in("RU-BU", "Ulan-Ude city")], ["2026-11"], law="announced")
    assert share[0, 0] == 0.0
    share = allowed_share([spot_in("RU-BU", "Ulan-Ude city")], ["2026-11"], law="in_force")
    assert share[0, 0] == pytest.approx(14 / 30)


@pytest.mark.parametrize("month", ["2025", "2025-13", "April 2025", "2025-04-01"])
def test_what_is_not_a_month_is_refused(month: str) -> None:
    """A day read as a month, or a year, would shift every share."""
    with pytest.raises(GeodataError, match="is not a month"):
        month_bounds(month)


def test_a_place_without_rules_is_not_open() -> None:
    """Of France nothing is known; Sweden was looked at."""
    assert windows("FR-IDF", TODAY, TODAY)[0].status == "unknown"
    assert windows("SE-BD", TODAY, TODAY)[0].status in ("open", "conditions")


DAY = st.dates(date(2022, 1, 1), date(2033, 12, 31))


@given(
    st.sampled_from(sorted(known_regions())),
    DAY,
    st.integers(0, 1500),
    st.sampled_from(["in_force", "announced", "strict"]),
)
def test_windows_of_any_region_agree_with_single_days(region: str, start: date, span: int, law: str) -> None:
    """Windows tile the interval, their first day alone says the same, a stricter switch never opens."""
    end = start + timedelta(days=span)
    found = windows(region, start, end, law=law)
    assert (found[0].first, found[-1].last) == (start, end)
    assert all(later.first == earlier.last + timedelta(days=1) for earlier, later in pairwise(found))
    for window in found[:3]:
        alone = windows(region, window.first, window.first, law=law)[0]
        assert (alone.status, alone.rules, alone.is_partial) == (
            window.status,
            window.rules,
            window.is_partial,
        )
    if known_districts(region):
        return
    lenient = allowed_share([Spot(region, "")], [f"{start:%Y-%m}"], law="in_force")
    strict = allowed_share([Spot(region, "")], [f"{start:%Y-%m}"], law="strict")
    assert strict[0, 0] <= lenient[0, 0]


def test_rules_for_an_interval_backwards_is_refused() -> None:
    """Start and end exchanged would otherwise answer that nothing holds."""
    with pytest.raises(GeodataError, match="ends before it starts"):
        rules_for(spot_in("RU-DA"), date(2026, 12, 31), date(2026, 12, 1))


CASES = list(
    csv.DictReader(StringIO((Path(__file__).parent / "place_dates.csv").read_text(encoding="utf-8")))
)


@pytest.mark.parametrize(
    "case",
    CASES,
    ids=[f"{c['region']} {c['district']} {c['on']} {c['law']} {c['tests'][:40]}" for c in CASES],
)
def test_a_place_on_a_day(case: dict[str, str]) -> None:
    """Status and rules as read in the sources: both ends of every window, every kind of rule, each switch."""
    on = date.fromisoformat(case["on"])
    window = windows(case["region"], on, on, district=case["district"] or None, law=case["law"])[0]
    held = {rule.rule_id for rule in window.rules}
    assert window.status == case["status"]
    assert set(filter(None, case["rules"].split(";"))) <= held
    assert not set(filter(None, case["not_rules"].split(";"))) & held
