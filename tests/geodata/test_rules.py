"""The law of a place on a day: each case is a date on which an off-by-one or a wrong scope would show."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

import geodata
from geodata import GeodataError, RuleWindow, banned_days, rules_for
from geodata.rules import _check

EVERYONE = "all"

# place, district, day, whether mining is closed to everyone there on that day
CLOSED = [
    ("RU-DA", None, "2024-12-31", False),
    ("RU-DA", None, "2025-01-01", True),
    ("RU-DA", None, "2031-03-15", True),
    ("RU-DA", None, "2031-03-16", False),
    ("RU-IRK", "Irkutsk city", "2025-03-15", True),  # last day of the seasonal rule
    ("RU-IRK", "Irkutsk city", "2025-03-16", False),  # between the seasonal rule and the ban
    ("RU-IRK", "Irkutsk city", "2025-04-06", False),
    ("RU-IRK", "Irkutsk city", "2025-04-07", True),
    ("RU-IRK", "Angarsk urban district", "2027-07-01", True),
    ("RU-IRK", "Bratsk", "2027-01-15", False),
    ("RU-IRK", "Ust-Kutsky", "2027-01-15", False),
    ("RU-BU", "Ulan-Ude city", "2025-03-16", False),
    ("RU-BU", "Ulan-Ude city", "2025-11-14", False),
    ("RU-BU", "Ulan-Ude city", "2025-11-15", True),
    ("RU-BU", "Ulan-Ude city", "2025-12-31", True),
    ("RU-BU", "Ulan-Ude city", "2026-07-01", True),  # planned year-round rule
    ("RU-BU", "Muysky", "2027-01-15", False),
    ("RU-ZAB", None, "2025-06-01", False),
    ("RU-ZAB", None, "2025-12-01", True),
    ("RU-ZAB", None, "2026-06-01", True),
    ("RU-KK", None, "2027-01-15", False),
    ("RU-KYA", None, "2027-01-15", False),
    ("UA-43", None, "2026-12-01", True),
    ("UA-23", None, "2026-12-01", True),
    ("UA-46", None, "2026-12-01", False),
    ("GE-AB", None, "2026-12-01", True),
    ("GE-TB", None, "2026-12-01", False),
    ("MD-SN", None, "2026-12-01", True),
    ("MD-CU", None, "2026-12-01", False),
    ("XK", None, "2026-12-01", True),
    ("CN-XJ", None, "2021-09-23", False),
    ("CN-XJ", None, "2021-09-24", True),
    ("HK", None, "2026-12-01", False),
    ("KW-JA", None, "2026-12-01", True),
    ("IR-23", None, "2010-01-01", True),
    ("SY-DI", None, "2025-06-30", True),
    ("SY-DI", None, "2026-12-01", True),  # embargo over, policy stays
    ("KZ-55", None, "2022-01-23", False),
    ("KZ-55", None, "2022-01-24", True),
    ("KZ-55", None, "2022-01-31", True),
    ("KZ-55", None, "2022-02-01", False),
    ("KZ-55", None, "2024-01-25", False),
    ("KG-C", None, "2026-03-31", True),
    ("KG-C", None, "2026-04-01", False),
    ("KG-C", None, "2026-10-01", True),
    ("KG-C", None, "2030-02-01", True),
    ("US-TX", None, "2026-12-01", False),
    ("US-TX", "Weatherford", "2026-12-01", True),
    ("US-TX", "Weatherford", "2025-12-31", False),
    ("AE-AZ", None, "2026-12-01", False),  # farmland only
    ("CA-BC", None, "2026-12-01", False),  # new load only
    ("NO-18", None, "2026-12-01", False),
]
NEW_LOAD_CLOSED = [
    ("CA-BC", "2022-12-20", False),
    ("CA-BC", "2022-12-21", True),
    ("CA-MB", "2026-04-30", True),
    ("CA-MB", "2026-05-01", True),  # the pause ended, what follows is not known
    ("CA-NB", "2026-12-01", True),
    ("NO-18", "2025-09-30", False),
    ("NO-18", "2025-10-01", True),
    ("ET-OR", "2026-12-01", True),
    ("CA-AB", "2026-12-01", False),
]
LICENCES = [
    ("RU-KK", None, "2027-01-15", {"RU-miner-register"}),
    ("RU-KK", None, "2024-10-31", set()),
    ("RU-IRK", "Bratsk", "2027-01-15", {"RU-miner-register"}),
    ("KZ-55", None, "2026-12-01", {"KZ-mining-licence"}),
    ("KZ-55", None, "2023-03-31", set()),
    ("PY-10", None, "2026-12-01", {"PY-ande-special-group"}),
    ("SE-BD", None, "2026-12-01", set()),
    ("NO-18", None, "2026-12-01", {"NO-data-centre-register"}),
    ("TM-A", None, "2026-01-01", {"TM-mining-licence"}),
]


def days_closed(
    region: str, district: str | None, first: date, last: date, scope: str = EVERYONE
) -> set[date]:
    """The days of [first, last] that some rule of the scope closes."""
    closed: set[date] = set()
    for rule in rules_for(region, district, first, last):
        if rule.scope == scope:
            for opened, ended in banned_days(rule, first, last):
                closed |= {opened + timedelta(days=n) for n in range((ended - opened).days + 1)}
    return closed


@pytest.mark.parametrize(("region", "district", "day", "closed"), CLOSED)
def test_closed_to_everyone(region: str, district: str | None, day: str, closed: bool) -> None:
    """First and last days count as closed; a half-open interval would open each of the last ones."""
    when = date.fromisoformat(day)
    assert bool(days_closed(region, district, when, when)) is closed


@pytest.mark.parametrize(("region", "day", "closed"), NEW_LOAD_CLOSED)
def test_closed_to_new_load(region: str, day: str, closed: bool) -> None:
    """A moratorium read as a ban would shut running sites; read as nothing it would let new ones be built."""
    when = date.fromisoformat(day)
    assert bool(days_closed(region, None, when, when, scope="new_load")) is closed


@pytest.mark.parametrize(("region", "district", "day", "licences"), LICENCES)
def test_licence_for_everyone(region: str, district: str | None, day: str, licences: set[str]) -> None:
    """Which register entry a plan needs there; a rule of another scope must not add one."""
    when = date.fromisoformat(day)
    rules = rules_for(region, district, when, when)
    assert {rule.licence for rule in rules if rule.scope == EVERYONE and rule.licence} == licences


def test_irkutsk_south_in_april_2025() -> None:
    """Banned from the 7th: 24 of 30 days. A month-wide flag would say 30 or 0, an exclusive end 23."""
    april = days_closed("RU-IRK", "Tulun city", date(2025, 4, 1), date(2025, 4, 30))
    assert len(april) == 24
    assert min(april) == date(2025, 4, 7)


def test_season_across_new_year() -> None:
    """15 November to 15 March is 121 days (122 in a leap year); cut at New Year it would give 47 or 74."""
    rule = next(r for r in geodata.all_rules() if r.rule_id == "ru-bu-season")
    assert banned_days(rule, date(2025, 7, 1), date(2026, 6, 30)) == [(date(2025, 11, 15), date(2026, 3, 15))]
    leap = banned_days(rule, date(2027, 7, 1), date(2028, 6, 30))
    assert (leap[0][1] - leap[0][0]).days + 1 == 122


def test_season_clipped_to_the_rule_and_to_the_question() -> None:
    """The first season begins with the rule on 1 January, not the November before; the last ends in 2031."""
    rule = next(r for r in geodata.all_rules() if r.rule_id == "ru-bu-season")
    assert banned_days(rule, date(2024, 11, 1), date(2025, 6, 30)) == [(date(2025, 1, 1), date(2025, 3, 15))]
    assert banned_days(rule, date(2031, 1, 10), date(2032, 12, 31)) == [
        (date(2031, 1, 10), date(2031, 3, 15))
    ]
    assert banned_days(rule, date(2025, 12, 1), date(2025, 12, 31)) == [
        (date(2025, 12, 1), date(2025, 12, 31))
    ]
    assert banned_days(rule, date(2025, 6, 1), date(2025, 8, 31)) == []


def test_two_seasons_in_one_question() -> None:
    """A calendar year touches two winters: one interval would open January or November."""
    rule = next(r for r in geodata.all_rules() if r.rule_id == "ru-bu-season")
    assert banned_days(rule, date(2026, 1, 1), date(2026, 12, 31)) == [
        (date(2026, 1, 1), date(2026, 3, 15)),
        (date(2026, 11, 15), date(2026, 12, 31)),
    ]


def test_a_licence_closes_no_day() -> None:
    """A licensed regime must not shut the region down, yet its days must be known."""
    rule = next(r for r in geodata.all_rules() if r.rule_id == "ru-register")
    october_to_november = date(2024, 10, 1), date(2024, 11, 30)
    assert banned_days(rule, *october_to_november) == []
    assert geodata.days_in_force(rule, *october_to_november) == [(date(2024, 11, 1), date(2024, 11, 30))]


def test_scopes_that_concern_only_some() -> None:
    """Read as rules for everyone, these would close all of Abu Dhabi, Russia and Quebec."""
    when = date(2026, 12, 1)
    found = {r.rule_id: (r.scope, r.threshold_mw) for p in ("AE-AZ", "RU-KK", "CA-QC", "US-TX", "CA-AB")
             for r in rules_for(p, None, when, when)}  # fmt: skip
    assert found["ae-az-farmland"] == ("agricultural_land", None)
    assert found["ru-eu-persons"] == ("eu_persons", None)
    assert found["ca-qc-block"] == ("reserved_block", None)
    assert found["us-tx-register"] == ("above_mw", 75.0)
    assert found["ca-ab-large"] == ("above_mw", 75.0)


@pytest.mark.parametrize("region", ["RU-IRK", "RU-BU"])
def test_a_region_banned_in_part_needs_a_district(region: str) -> None:
    """Without a district the answer would be a guess between banned and open."""
    with pytest.raises(GeodataError, match="banned in part"):
        rules_for(region, None, date(2026, 12, 1), date(2027, 12, 1))


def test_no_district_is_needed_once_the_law_is_the_same_everywhere() -> None:
    """After 2031-03-15 all of Irkutsk Oblast has one law: asking for a district then would be noise."""
    rules = rules_for("RU-IRK", None, date(2031, 3, 16), date(2031, 12, 31))
    assert {rule.kind for rule in rules if rule.scope == EVERYONE} == {"licensed"}


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
    """A misspelt banned district must not read as one outside the list, that is as open."""
    with pytest.raises(GeodataError, match=nearest):
        rules_for(region, district, date(2026, 12, 1), date(2026, 12, 31))


def test_district_names_ignore_case() -> None:
    """'irkutsk city' is Irkutsk city: taken literally it would be refused, or worse, open."""
    day = date(2026, 12, 1)
    assert days_closed("RU-IRK", "irkutsk CITY", day, day) == {day}


def test_a_district_where_no_list_is_bundled() -> None:
    """Naming a county in a region that is not divided must not be an error."""
    day = date(2026, 12, 1)
    assert rules_for("US-TX", "Milam County", day, day) == rules_for("US-TX", None, day, day)


def test_an_unknown_region_is_refused() -> None:
    """A misspelt region must not come back as a place without rules."""
    with pytest.raises(GeodataError, match="RU-IRK"):
        rules_for("RU-IRKU", None, date(2026, 12, 1), date(2026, 12, 31))


def test_an_interval_backwards_is_refused() -> None:
    """Start and end exchanged would otherwise answer that nothing is banned."""
    with pytest.raises(GeodataError, match="ends before it starts"):
        rules_for("RU-DA", None, date(2026, 12, 31), date(2026, 12, 1))


def test_lapsed_rules_do_not_bind() -> None:
    """The US programme on Syria is over: only the policy exclusion may keep the place closed."""
    day = date(2020, 1, 1)
    assert {rule.rule_id for rule in rules_for("SY-DI", None, day, day)} == {"sy-policy"}


def test_countries_without_rules_are_told_apart_from_open_ones() -> None:
    """France has no bundled rule and Sweden an 'open' one: both give no ban, only one was looked at."""
    day = date(2026, 12, 1)
    assert rules_for("FR", None, day, day) == ()
    assert "FR" not in geodata.surveyed_jurisdictions()
    assert "SE" in geodata.surveyed_jurisdictions()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"kind": "forbidden"}, "kind"),
        ({"status": "maybe"}, "status"),
        ({"end": date(2000, 1, 1)}, "before the start"),
        ({"kind": "seasonal"}, "season"),
        ({"scope": "above_mw"}, "threshold_mw"),
        ({"kind": "licensed"}, "licence"),
    ],
)
def test_a_contradictory_rule_is_refused(changes: dict[str, object], fault: str) -> None:
    """A typing error in rules.csv must stop the program, not change the law."""
    good = next(rule for rule in geodata.all_rules() if rule.rule_id == "ru-da-ban")
    with pytest.raises(GeodataError, match=fault):
        _check(RuleWindow(**(vars(good) | changes)))
