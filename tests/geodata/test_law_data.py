"""The law as data: rows sourced, codes and dates possible, nothing lost from the survey or said twice."""

from __future__ import annotations

import csv
import math
import re
from calendar import monthrange
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import pytest

import geodata
from geodata.hazards import hazards_at
from geodata.position import Position, verdicts
from geodata.rules import rules_of
from geodata.store import read_rows

Row = dict[str, str]

HERE = Path(__file__).parent
SURVEYED_ZONES = 77
ONE_DAY = timedelta(days=1)
ALWAYS = "2009-01-03"
COLUMNS = {
    "rules.csv": "rule_id jurisdiction region districts centre_lat_deg centre_lon_deg radius_km kind start "
    "end season_first season_last new_load_only at_least_mw below_mw supplies land persons concerns licence "
    "act note source source_date read_on fresh_to confidence status survey_rows",
    "rule_parameters.csv": "rule_id name value unit note",
    "licences.csv": "licence jurisdiction region what holders host_may_hold valid_months wait_days source "
    "source_date confidence",
    "hazards.csv": "hazard_id place districts unless_rule kind yearly_probability_share notice_weeks "
    "stranded_share evacuation_usd_per_machine lost_margin_months evidence source source_date confidence",
    "country_risk.csv": "jurisdiction oecd_class valid_on note source second_source confidence",
    "sanctioned_parties.csv": "party aliases list since note source source_date confidence",
}
KINDS = {
    "banned", "seasonal", "sanctioned", "moratorium", "licensed", "registration", "levy", "surplus_only",
    "share_of_output", "curtailment", "open",
}  # fmt: skip
CLOSING = {"banned", "seasonal", "sanctioned"}
STATUSES = {"in_force", "announced", "proposed", "contested", "lapsed"}
PLACE_STATUSES = {
    "sanctioned", "banned", "moratorium", "licensed", "registration", "conditions", "open", "unknown",
}  # fmt: skip
CONFIDENCES = {"confirmed_2", "one_source", "inferred", "unsourced"}
UNITS = {
    "share", "times", "KZT/kWh", "USD/kWh", "CAD/kWh", "SEK/kWh", "MW", "kWh/month", "GWh/year", "h/year",
    "minutes", "months", "years", "USD", "USD/MW", "USD/violation-day", "AED", "MCI",
}  # fmt: skip
MONEY = re.compile(r"(KZT|USD|CAD|SEK)/kWh|times")
SUPPLIES = {
    "grid", "own_generation", "own_renewables", "isolated_generation", "imported",
    "fossil_behind_the_meter", "reserved_block",
}  # fmt: skip
# Acts on connections concern own generation behind the connection too; contracts only what is bought.
CONNECTED = SUPPLIES - {"isolated_generation", "reserved_block"}
BOUGHT = {"grid", "imported"}
UNDATED = {"KP", "CU", "IR", "IS", "MN"}  # countries on whose law no dated page was found
HAZARD_KINDS = {"ban", "levy", "curtailment", "seizure", "repatriation"}

RULES = read_rows("rules.csv")
BY_ID = {row["rule_id"]: row for row in RULES}
PARAMETERS = read_rows("rule_parameters.csv")
HAZARDS = read_rows("hazards.csv")


def names(text: str) -> list[str]:
    """The parts of a cell that holds a list."""
    return [name for name in text.split(";") if name]


def ends(rule: Row) -> tuple[date, date]:
    """First and last day of a rule."""
    return date.fromisoformat(rule["start"]), date.fromisoformat(rule["end"] or "9999-12-30")


def overlap(one: Row, other: Row) -> bool:
    """Whether two rules hold on a common day, seasons aside."""
    (first, last), (other_first, other_last) = ends(one), ends(other)
    return first <= other_last and other_first <= last


def own_table(file: str) -> list[Row]:
    """A table of expectations beside this module."""
    with (HERE / file).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize("file", COLUMNS)
def test_columns_and_cells(file: str) -> None:
    """A column out of order or a stray space would be read as another value, or as none."""
    rows = read_rows(file)
    assert rows
    assert list(rows[0]) == COLUMNS[file].split()
    for row in rows:
        assert None not in row, row
        assert all(isinstance(cell, str) and cell == cell.strip() for cell in row.values()), row


def test_every_zone_of_the_survey_is_carried() -> None:
    """A zone lost on the way from the survey would be a law nobody is told of."""
    carried = {int(number) for row in RULES for number in names(row["survey_rows"])}
    assert carried == set(range(1, SURVEYED_ZONES + 1))
    assert all(row["survey_rows"] for row in RULES)


def test_rule_ids_are_unique_slugs() -> None:
    """Reports refer to rules by id: two rules of one id would be cited for each other."""
    assert len(BY_ID) == len(RULES)
    for row in RULES:
        assert re.fullmatch(rf"{row['jurisdiction'].lower()}-[a-z0-9-]+", row["rule_id"]), row["rule_id"]


def test_every_rule_is_somewhere_known() -> None:
    """A rule on a code that no point can have would never apply."""
    for row in RULES:
        if row["region"]:
            assert geodata.jurisdiction_of(row["region"]) == row["jurisdiction"], row["rule_id"]
        else:
            assert row["jurisdiction"] in geodata.known_jurisdictions(), row["rule_id"]
            assert not row["districts"], row["rule_id"]


def test_circles_stand_for_named_places_near_their_region() -> None:
    """Latitude and longitude exchanged, or a sign lost, would ban a piece of sea."""
    circles = [row for row in RULES if row["radius_km"]]
    assert {row["rule_id"] for row in circles} == {"us-tx-weatherford", "us-tx-hood", "ua-znpp-exclusion"}
    for row in RULES:
        given = [bool(row[column]) for column in ("centre_lat_deg", "centre_lon_deg", "radius_km")]
        assert given in ([True] * 3, [False] * 3), row["rule_id"]
    for row in circles:
        assert row["districts"], row["rule_id"]
        place = geodata.locate(float(row["centre_lat_deg"]), float(row["centre_lon_deg"]))
        assert place.region == row["region"], row["rule_id"]
        assert 1 <= float(row["radius_km"]) <= 30, row["rule_id"]


def test_words_are_from_the_lists() -> None:
    """A misspelt kind, status or supply would be no law, or law for nobody."""
    jurisdictions = geodata.known_jurisdictions() | {"EU", "foreign"}
    for row in RULES:
        rule = row["rule_id"]
        assert row["kind"] in KINDS, rule
        assert row["status"] in STATUSES, rule
        assert row["confidence"] in CONFIDENCES, rule
        assert row["new_load_only"] in ("", "yes"), rule
        assert set(names(row["supplies"])) <= SUPPLIES, rule
        assert row["land"] in ("", "agricultural"), rule
        assert set(names(row["persons"])) <= jurisdictions, rule
        assert row["concerns"] in ("", "coin_sales"), rule
    assert {row["kind"] for row in RULES} == KINDS
    assert {row["status"] for row in RULES} == STATUSES


def test_scopes_that_spare_most() -> None:
    """Without their scope these would close all of Abu Dhabi, Russia, Arkansas, Quebec and Texas."""
    scope = {
        rule: [BY_ID[rule][column] for column in ("land", "persons", "concerns", "supplies", "at_least_mw")]
        for rule in BY_ID
    }
    assert scope["ae-az-farmland"] == ["agricultural", "", "", "", ""]
    assert scope["ru-foreign"] == ["", "foreign", "", "", ""]
    assert scope["ru-eu-persons"] == ["", "EU", "coin_sales", "", ""]
    assert scope["by-eu-persons"] == ["", "EU", "coin_sales", "", ""]
    assert scope["ru-venues-bill"] == ["", "EU", "", "", ""]
    assert scope["us-embargoed-persons"] == ["", "IR;KP;CU", "", "", ""]
    assert scope["us-ar-foreign"] == ["", "foreign", "", "", ""]
    assert scope["us-ny-freeze"] == ["", "", "", "fossil_behind_the_meter", ""]
    assert scope["ca-qc-block"] == ["", "", "", "reserved_block", ""]
    assert scope["kz-surplus"] == ["", "", "", "grid", ""]
    assert scope["us-tx-register"][-1] == scope["ca-ab-large"][-1] == "75"
    assert {rule for rule in BY_ID if BY_ID[rule]["new_load_only"]} == {
        *("us-tx-sb6", "us-tx-sb6-disconnect", "us-tx-25-194", "ca-qc-rate-cb", "ca-bc-new"),
        *("ca-bc-permanent", "ca-mb-new", "ca-mb-new-after", "ca-nb-new", "no-new", "et-new"),
    }


@pytest.mark.parametrize(
    ("rules", "supplies"),
    [
        ("us-tx-register us-tx-sb6 us-tx-sb6-disconnect us-tx-25-194", CONNECTED),
        ("ca-bc-new ca-bc-permanent ca-mb-new ca-mb-new-after ca-mb-curtailment ca-nb-new", CONNECTED),
        ("ca-qc-rate-cb ca-qc-rate-proposed ca-qc-curtailment", CONNECTED | {"reserved_block"}),
        ("et-new", CONNECTED),
        ("py-ande py-peak-cut et-contract ca-ab-large kz-2022-outage kz-2024-notice", BOUGHT),
        ("kz-surplus kz-grid uz-grid-tariff", {"grid"}),
        ("om-free-zone bt-dhi kg-winter-2025 kg-winters no-new no-register ve-ban us-ar-permit", set()),
    ],
)
def test_acts_of_utilities_spare_what_is_off_their_grid(rules: str, supplies: set[str]) -> None:
    """A well in Texas or a dam of one's own in Paraguay needs no connection; where nothing is known, all."""
    for rule in rules.split():
        assert set(names(BY_ID[rule]["supplies"])) == supplies, rule
        if supplies == CONNECTED:
            assert "isolated from" in BY_ID[rule]["note"], rule


@pytest.mark.parametrize(
    ("region", "supply", "stopped_by"),
    [
        ("US-TX", "grid", {"us-tx-register", "us-tx-sb6"}),
        ("US-TX", "fossil_behind_the_meter", {"us-tx-register", "us-tx-sb6"}),
        ("US-TX", "isolated_generation", set()),
        ("CA-BC", "own_generation", {"ca-bc-permanent"}),
        ("CA-BC", "isolated_generation", set()),
        ("CA-MB", "isolated_generation", set()),
        ("CA-NB", "isolated_generation", set()),
        ("CA-QC", "grid", {"ca-qc-rate-cb"}),
        ("CA-QC", "isolated_generation", set()),
        ("CA-AB", "own_generation", set()),
        ("PY-10", "grid", {"py-ande"}),
        ("PY-10", "own_generation", set()),
        ("PY-10", "isolated_generation", set()),
        ("ET-OR", "grid", {"et-contract", "et-new"}),
        ("ET-OR", "own_generation", {"et-new"}),
        ("ET-OR", "isolated_generation", set()),
        ("KZ-10", "isolated_generation", {"kz-own-power"}),
        ("OM-ZU", "isolated_generation", {"om-free-zone"}),
        ("KG-C", "isolated_generation", set()),  # the winter order is expected, not announced
    ],
)
def test_what_stops_a_large_site_by_its_supply(region: str, supply: str, stopped_by: set[str]) -> None:
    """100 MW off the grid are stopped by no utility, and by everyone else who was not seen to spare them."""
    country = geodata.jurisdiction_of(region)
    position = Position(country, facility_mw=100.0, supply=supply)
    first, last = date(2027, 1, 1), date(2027, 12, 31)
    found = {
        verdict.rule.rule_id
        for rule in rules_of(country, region)
        if rule.status in ("in_force", "announced") and not rule.districts
        for verdict in verdicts(rule, position, first, last)
        if verdict.effect in ("closed", "no new load")
    }
    assert found == stopped_by


def test_sizes_are_possible() -> None:
    """50 kW written as 50 would spare all but the largest."""
    for row in RULES:
        for column in ("at_least_mw", "below_mw"):
            if row[column]:
                assert 0.01 <= float(row[column]) <= 500, row["rule_id"]
        assert not (row["at_least_mw"] and row["below_mw"]), row["rule_id"]


def test_dates_are_in_order() -> None:
    """An end before its start is no rule; a season without both ends is none either."""
    for row in RULES:
        first, last = ends(row)
        assert first <= last, row["rule_id"]
        assert first >= date(2000, 1, 1), row["rule_id"]
        assert row["read_on"] == "2026-11-22", row["rule_id"]
        season = [row["season_first"], row["season_last"]]
        assert all(season) if row["kind"] == "seasonal" else not any(season), row["rule_id"]
        for day in filter(None, season):
            assert date.fromisoformat(f"2001-{day}"), row["rule_id"]


def test_freshness_is_that_of_the_newest_page() -> None:
    """A day later than the newest page would tell of law that nobody has seen."""
    for row in RULES:
        rule, dated = row["rule_id"], newest_day(row)
        if not row["fresh_to"]:
            assert dated is None, rule
            continue
        assert date.fromisoformat(row["fresh_to"]) <= date.fromisoformat(row["read_on"]), rule
        assert dated is None or date.fromisoformat(row["fresh_to"]) >= dated, rule
    newer = {row["rule_id"] for row in RULES if row["fresh_to"] and row["fresh_to"] != str(newest_day(row))}
    assert newer == {
        *(f"ru-{each}-ban{year}" for each in ("da", "in", "kb", "kc", "se", "ce") for year in ("", "-2025")),
        *("ru-irk-south-ban", "ru-venues-bill", "ru-own-generation", "sy-embargo", "sy-policy", "kz-grid"),
        *("kz-own-power", "kz-surplus", "kz-levy", "us-ny-levy", "ca-qc-block", "ca-mb-new-after", "cn-ban"),
    }


def test_up_to_when_the_law_of_a_country_is_known() -> None:
    """The newest page of the survey is of June 2026, and of some countries there is no dated one at all."""
    known: dict[str, str] = {}
    for row in RULES:
        known[row["jurisdiction"]] = max(known.get(row["jurisdiction"], ""), row["fresh_to"])
    assert {country for country, day in known.items() if not day} == UNDATED
    assert max(known.values()) == known["CA"] == "2026-06-30"
    assert (known["RU"], known["KZ"], known["US"]) == ("2026-04-23", "2026-01-15", "2026-05-19")
    assert (known["PY"], known["OM"], known["SE"]) == ("2024-07-31", "2023-08-31", "2023-12-31")


def test_dates_that_are_a_reading_say_so() -> None:
    """'Always' and whole months are our reading of a page, and must not pass for a date in an act."""
    for row in RULES:
        if row["start"] == ALWAYS:
            assert ALWAYS in row["note"], row["rule_id"]
    for rule in ("ua-crimea-embargo", "ca-nb-new", "om-free-zone", "us-tx-weatherford", "ge-abkhazia"):
        assert "Month only" in BY_ID[rule]["note"], rule


def test_every_rule_says_where_it_comes_from() -> None:
    """An unsourced law cannot be checked: 'none: ...' is the only way to say that no page was found."""
    for row in RULES:
        assert re.match(r"https?://\S+$|none: ", row["source"]), row["rule_id"]
        assert row["source_date"], row["rule_id"]
        assert row["act"], row["rule_id"]
        assert len(row["note"]) >= 20, row["rule_id"]


def test_exclusions_by_the_survey_are_not_law() -> None:
    """What no authority has said may bind by default, never where a study takes only law in force."""
    excluded = {
        row["rule_id"] for row in RULES if re.match("Exclusion by the survey", row["note"] + row["act"])
    }
    excluded |= {row["rule_id"] for row in RULES if "Exclusion by the survey" in row["act"]}
    assert {"md-transnistria", "sy-policy", "ua-znpp-exclusion", "xk-ban", "ca-mb-new-after"} <= excluded
    assert {BY_ID[rule]["status"] for rule in excluded} == {"announced"}


def test_requests_and_bills_do_not_bind_by_default() -> None:
    """A request taken for a ban would close Khakassia; a bill taken for law would tax New York."""
    for row in RULES:
        if re.match(r"Request|Bill (?!31)|Bills|Draft|Filing|Senate bill", row["act"]):
            assert row["status"] in ("proposed", "lapsed"), row["rule_id"]
    assert BY_ID["ru-kk-requested"]["status"] == "proposed"


def test_licences_of_rules_are_described_and_used() -> None:
    """An id in one file only would be a licence nobody can hold, or one nobody asks for."""
    licences = read_rows("licences.csv")
    for row in RULES:
        assert bool(row["licence"]) == (row["kind"] in ("licensed", "registration")), row["rule_id"]
    assert {row["licence"] for row in RULES if row["licence"]} == {row["licence"] for row in licences}
    places = {(row["licence"], row["jurisdiction"], row["region"]) for row in licences}
    assert {(row["licence"], row["jurisdiction"], row["region"]) for row in RULES if row["licence"]} == places


def test_licences_are_possible() -> None:
    """Months read as days, or a holder that no country is, would open or close a market."""
    by_id = {row["licence"]: row for row in read_rows("licences.csv")}
    for licence, row in by_id.items():
        assert set(names(row["holders"])) <= geodata.known_jurisdictions(), licence
        assert row["host_may_hold"] in ("yes", "no"), licence
        assert row["confidence"] in CONFIDENCES, licence
        assert row["source"].startswith("http"), licence
        assert row["source_date"], licence
    assert {k: v["valid_months"] for k, v in by_id.items() if v["valid_months"]} == {
        "KZ-mining-licence": "36",
        "UZ-napp-certificate": "12",
        "US-TX-puct-registration": "12",
    }
    assert by_id["KZ-mining-licence"]["wait_days"] == "21"  # 15 working days are three weeks
    assert by_id["KZ-mining-licence"]["host_may_hold"] == "no"  # type II is the client's own
    assert by_id["RU-miner-register"]["holders"] == "RU"


def test_parameters_belong_to_rules_and_have_units() -> None:
    """A figure without a unit is none; one of a rule that is not there is told to nobody."""
    assert len({(row["rule_id"], row["name"]) for row in PARAMETERS}) == len(PARAMETERS)
    for row in PARAMETERS:
        where = (row["rule_id"], row["name"])
        assert row["rule_id"] in BY_ID, where
        assert re.fullmatch(r"[a-z][a-z0-9_]*", row["name"]), where
        assert row["unit"] in UNITS, where
        assert math.isfinite(float(row["value"])), where
        assert float(row["value"]) >= 0, where
        if row["unit"] == "share":
            assert float(row["value"]) <= 1, where
    assert {row["unit"] for row in PARAMETERS} == UNITS


def test_conditions_carry_their_figures() -> None:
    """A levy told without its rate cannot be put into a tariff."""
    units: dict[str, set[str]] = {}
    for row in PARAMETERS:
        units.setdefault(row["rule_id"], set()).add(row["unit"])
    for row in RULES:
        found = units.get(row["rule_id"], set())
        if row["kind"] == "levy":
            assert any(MONEY.fullmatch(unit) for unit in found), row["rule_id"]
        if row["kind"] in ("share_of_output", "surplus_only"):
            assert "share" in found, row["rule_id"]


def test_figures_of_the_facts() -> None:
    """The figures that plans turn on, as the pages give them; a slip of a decimal would show here."""
    figures = {(row["rule_id"], row["name"]): (float(row["value"]), row["unit"]) for row in PARAMETERS}
    assert figures["kz-levy", "levy"] == (2, "KZT/kWh")
    assert figures["kz-levy-2023", "levy_highest"] == (25, "KZT/kWh")
    assert figures["kz-levy-2023", "levy_own_generation"] == (10, "KZT/kWh")
    assert figures["kz-coin-sales", "sold_through_aifc"] == (0.75, "share")
    assert figures["kz-2022-outage", "curtailed_share"] == (1, "share")
    assert figures["ca-qc-curtailment", "curtailed_time"] == (300, "h/year")
    assert figures["ca-qc-curtailment", "curtailed_share"] == (0.95, "share")
    assert figures["py-peak-cut", "notice"] == (10, "minutes")
    assert figures["se-power-tax", "levy"] == (0.36, "SEK/kWh")
    assert figures["us-ny-levy", "free_up_to"] == (2.25, "GWh/year")
    assert figures["us-tx-sb6", "screening_fee"] == (100_000, "USD")
    assert figures["ru-register", "unregistered_limit"] == (6000, "kWh/month")


def test_no_rule_is_there_twice() -> None:
    """Two rules of one kind for the same people, place and days: one of them is a leftover."""
    same = [
        *("jurisdiction", "region", "districts", "kind", "new_load_only", "at_least_mw", "below_mw"),
        *("supplies", "land", "persons", "concerns"),
    ]
    binding = [row for row in RULES if row["status"] in ("in_force", "announced") and row["kind"] != "levy"]
    for one, other in combinations(binding, 2):
        if all(one[column] == other[column] for column in same):
            assert not overlap(one, other), (one["rule_id"], other["rule_id"])


def test_one_levy_of_a_country_at_a_time() -> None:
    """Two fees on the same kWh on the same day would both be added to the tariff."""
    kazakh = [row for row in RULES if row["rule_id"].startswith("kz-levy")]
    assert len(kazakh) == 3
    for one, other in combinations(kazakh, 2):
        assert not overlap(one, other), (one["rule_id"], other["rule_id"])


def test_open_and_closed_exclude_each_other() -> None:
    """'Nothing found against it' cannot stand beside a ban of the same place for the same people."""
    binding = [row for row in RULES if row["status"] in ("in_force", "announced")]
    for row in binding:
        if row["kind"] != "open" or row["below_mw"] or row["supplies"]:
            continue
        for other in binding:
            same = (other["jurisdiction"], other["region"]) == (row["jurisdiction"], row["region"])
            limited = other["land"] or other["persons"] or other["concerns"] or other["new_load_only"]
            if not same or limited or other["kind"] not in CLOSING or not overlap(row, other):
                continue
            assert row["districts"] or other["radius_km"], (row["rule_id"], other["rule_id"])
            assert not set(names(row["districts"])) & set(names(other["districts"])), row["rule_id"]


def test_isolated_generation_is_exempt_in_russia_from_mid_march_2025_only() -> None:
    """The exemption read back into the first winter, or forgotten later, would change what is lawful."""
    decree = [
        row
        for row in RULES
        if row["jurisdiction"] == "RU" and row["act"].startswith(("Decree 1869", "Commission"))
    ]
    assert len(decree) == 20
    for row in decree:
        early = row["start"] < "2025-03-16"
        assert bool(row["supplies"]) != early, row["rule_id"]
        assert "isolated_generation" not in names(row["supplies"]), row["rule_id"]
        if early:
            assert row["end"] == "2025-03-15", row["rule_id"]
        else:
            assert set(names(row["supplies"])) == SUPPLIES - {"isolated_generation", "reserved_block"}
    assert BY_ID["ru-own-generation"]["start"] == "2025-03-16"


def test_windows_that_follow_each_other_leave_no_day_out() -> None:
    """A rule cut in two by date must not open, or close twice, the day between."""
    for before, after in [
        *((f"ru-{each}-ban-2025", f"ru-{each}-ban") for each in ("da", "in", "kb", "kc", "se", "ce")),
        ("ru-bu-season-2025", "ru-bu-season"),
        ("ru-zab-season-2025", "ru-zab-season"),
        ("kz-levy-2022", "kz-levy-2023"),
        ("kz-levy-2023", "kz-levy"),
        ("kz-coin-sales-2024", "kz-coin-sales"),
        ("ca-bc-new", "ca-bc-permanent"),
        ("ca-mb-new", "ca-mb-new-after"),
        ("sy-embargo", "sy-policy"),
        ("xk-emergency-jan-2022", "xk-emergency-aug-2022"),
        ("xk-emergency-aug-2022", "xk-ban"),
    ]:
        assert ends(BY_ID[before])[1] + ONE_DAY == ends(BY_ID[after])[0], before


def test_the_gap_in_irkutsk_is_kept() -> None:
    """Between the season and the ban of 2025 lay 22 open days."""
    gap = ends(BY_ID["ru-irk-south-ban"])[0] - ends(BY_ID["ru-irk-south-season"])[1] - ONE_DAY
    assert gap.days == 22


def test_district_lists_of_cut_rules_are_one_list() -> None:
    """A district missing from one of the rules of its territory would be open for a season."""
    south = names(BY_ID["ru-irk-south-ban"]["districts"])
    assert len(set(south)) == len(south) == 29
    assert names(BY_ID["ru-irk-south-season"]["districts"]) == south
    listed = names(BY_ID["ru-bu-season"]["districts"])
    assert len(set(listed)) == len(listed) == 20
    for rule in ("ru-bu-season-2025", "ru-bu-year-round"):
        assert names(BY_ID[rule]["districts"]) == listed, rule
    assert len(names(BY_ID["ru-irk-north"]["districts"])) == 13
    assert len(names(BY_ID["ru-bu-north"]["districts"])) == 3
    assert not set(listed) & set(names(BY_ID["ru-bu-north"]["districts"]))
    assert not set(south) & set(names(BY_ID["ru-irk-north"]["districts"]))


def test_hazards_are_possible() -> None:
    """A per cent written as a share, or a place that is none, would weigh on every plan or on none."""
    assert len({row["hazard_id"] for row in HAZARDS}) == len(HAZARDS)
    keys = {(row["place"], row["districts"], row["kind"], row["unless_rule"]) for row in HAZARDS}
    assert len(keys) == len(HAZARDS)
    known = geodata.known_regions() | geodata.known_jurisdictions()
    for row in HAZARDS:
        hazard = row["hazard_id"]
        assert row["place"] in known, hazard
        assert row["kind"] in HAZARD_KINDS, hazard
        assert 0 < float(row["yearly_probability_share"]) < 1, hazard
        assert 0 <= float(row["stranded_share"]) <= 1, hazard
        assert 0 <= float(row["notice_weeks"]) <= 52, hazard
        assert 0 <= float(row["evacuation_usd_per_machine"]) <= 200, hazard
        assert 0 < float(row["lost_margin_months"]) <= 12, hazard
        assert re.match(r"https?://|none: ", row["source"]), hazard
        assert row["source_date"], hazard
        assert row["confidence"] in CONFIDENCES, hazard
    assert {row["kind"] for row in HAZARDS} == HAZARD_KINDS


def test_hazards_of_districts_are_of_the_districts_of_the_rules() -> None:
    """A misspelt district would carry no hazard; one of two lists would carry two."""
    places = {row["hazard_id"]: set(names(row["districts"])) for row in HAZARDS if row["districts"]}
    assert places == {
        "ru-irk-ban": set(names(BY_ID["ru-irk-north"]["districts"])),
        "ru-bu-ban": set(names(BY_ID["ru-bu-year-round"]["districts"])),
        "ru-bu-north-ban": set(names(BY_ID["ru-bu-north"]["districts"])),
    }
    for row in HAZARDS:
        assert set(names(row["districts"])) <= set(geodata.known_districts(row["place"])), row["hazard_id"]


def test_hazards_do_not_charge_for_what_a_rule_does_already() -> None:
    """The rule exists, is of the place, and is law under some switches only: else the row is dead or deaf."""
    found = {row["hazard_id"]: row["unless_rule"] for row in HAZARDS if row["unless_rule"]}
    assert found == {
        **{f"ru-{each}-ban": f"ru-{each}-requested" for each in ("kk", "kr", "pnz")},
        **{f"ru-{each}-ban": f"ru-{each}-year-round" for each in ("bu", "zab")},
        "kg-winter-cut": "kg-winters",
        "no-ban-announced": "no-new",
        "ca-qc-levy": "ca-qc-rate-proposed",
        "us-ny-levy": "us-ny-levy",
    }
    for row in HAZARDS:
        if not row["unless_rule"]:
            continue
        rule = BY_ID[row["unless_rule"]]
        assert row["place"] == (rule["region"] or rule["jurisdiction"]), row["hazard_id"]
        assert row["districts"] == rule["districts"], row["hazard_id"]
        assert rule["status"] in ("announced", "proposed"), row["hazard_id"]
    seen: set[tuple[str, str, str]] = set()
    for row in HAZARDS:  # of one kind the first that counts is charged: what has no condition comes last
        key = row["place"], row["districts"], row["kind"]
        assert key not in seen, row["hazard_id"]
        if not row["unless_rule"]:
            seen.add(key)


@pytest.mark.parametrize(
    ("region", "district", "kind", "law", "share"),
    [
        ("RU-BU", "Ulan-Ude city", "ban", "in_force", 0.73),
        ("RU-BU", "Ulan-Ude city", "ban", "announced", 0.02),
        ("RU-BU", "Severobaykalsk city", "ban", "announced", 0.20),
        ("RU-ZAB", "", "ban", "in_force", 0.73),
        ("RU-ZAB", "", "ban", "announced", 0.02),
        ("RU-IRK", "Bratsk", "ban", "announced", 0.20),
        ("RU-IRK", "Irkutsk city", "ban", "announced", 0.02),
        ("RU-KK", "", "ban", "announced", 0.14),
        ("RU-KK", "", "ban", "strict", 0.02),
        ("NO-18", "", "ban", "in_force", 0.13),
        ("NO-18", "", "ban", "announced", 0.02),
        ("ET-OR", "", "ban", "strict", 0.25),
        ("US-NY", "", "levy", "announced", 0.10),
        ("US-NY", "", "levy", "strict", 0.04),
        ("CA-QC", "", "levy", "announced", 0.12),
        ("CA-QC", "", "levy", "strict", 0.04),
        ("CA-MB", "", "curtailment", "strict", 0.10),
    ],
)
def test_what_is_charged_where(region: str, district: str, kind: str, law: str, share: float) -> None:
    """What is law by the switch is not charged again; what a rule leaves running still is."""
    charged = {each.kind: each.yearly_probability_share for each in hazards_at(region, district, law)}
    assert charged[kind] == share


def test_hazards_show_their_arithmetic() -> None:
    """A prior without its count and its exposure cannot be argued with."""
    for row in HAZARDS:
        assert len(row["evidence"]) > 60, row["hazard_id"]
        assert re.search(r"\d", row["evidence"]), row["hazard_id"]


def test_hazards_are_ordered_as_the_evidence_is() -> None:
    """High where a season stands, moderate where a request is on file, low elsewhere."""
    bans = {
        row["hazard_id"]: float(row["yearly_probability_share"]) for row in HAZARDS if row["kind"] == "ban"
    }
    assert bans["ru-bu-ban"] == bans["ru-zab-ban"] > 0.5 > bans["ru-bu-north-ban"] == bans["ru-irk-ban"]
    assert bans["ru-irk-ban"] > bans["ru-kk-ban"] == bans["ru-kr-ban"] == bans["ru-pnz-ban"]
    assert bans["ru-pnz-ban"] > bans["ru-kya-ban"] > bans["ru-ban"]
    assert bans["et-ban"] > bans["no-ban-announced"] > bans["py-ban"] > bans["no-ban"]
    assert bans["no-ban"] == bans["ca-ban"] == bans["us-ban"] == bans["se-ban"]
    rate = 3 / ((3.2 + 12 + 12) / 12)
    assert bans["ru-bu-ban"] == pytest.approx(1 - math.exp(-rate), abs=0.005)
    assert bans["ru-kk-ban"] == pytest.approx(1 - math.exp(-0.5 / 3.35), abs=0.005)
    exposure_years = 3 * (date(2026, 4, 22) - date(2025, 1, 1)).days / 365.25
    low, high = (1 - math.exp(-events / exposure_years) for events in (0.5, 1.5))
    assert bans["ru-bu-north-ban"] == pytest.approx(math.sqrt(low * high), abs=0.005)
    assert bans["no-ban-announced"] == pytest.approx((1 - math.exp(-0.5 / 1.7)) / 2, abs=0.005)


def test_transfer_risk_follows_the_class() -> None:
    """Every classified country of the survey has one, none that is not classified has any."""
    classes = {row["jurisdiction"]: row["oecd_class"] for row in read_rows("country_risk.csv")}
    transfer = {row["place"]: row for row in HAZARDS if row["kind"] == "repatriation"}
    surveyed = {row["jurisdiction"] for row in RULES}
    assert set(transfer) == {place for place in surveyed if classes.get(place)}
    for place, row in transfer.items():
        assert float(row["yearly_probability_share"]) == pytest.approx(0.01 * int(classes[place])), place
        assert f"class {classes[place]} of 7" in row["evidence"], place


def test_country_risk_has_no_zero() -> None:
    """The source writes 0 for "not classified": read as a score it would call the United States riskless."""
    rows = read_rows("country_risk.csv")
    assert len({row["jurisdiction"] for row in rows}) == len(rows) == 31
    assert {row["jurisdiction"] for row in rows} <= geodata.known_jurisdictions()
    assert {row["oecd_class"] for row in rows} <= {"", *"1234567"}
    unclassified = {row["jurisdiction"]: row["note"] for row in rows if not row["oecd_class"]}
    assert set(unclassified) == {"US", "CA", "NO", "SE", "IS"}
    assert all("NOT classified" in note for note in unclassified.values())
    known = {row["jurisdiction"]: row["oecd_class"] for row in rows}
    assert (known["RU"], known["KZ"], known["OM"], known["AE"], known["BT"]) == ("7", "5", "4", "2", "6")
    for row in rows:
        assert row["valid_on"] == "2026-01-30", row["jurisdiction"]
        assert (row["confidence"] == "confirmed_2") == bool(row["second_source"]), row["jurisdiction"]


def test_sanctioned_parties_are_dated_and_named_in_both_scripts() -> None:
    """A host that signs in Cyrillic is the same host."""
    rows = read_rows("sanctioned_parties.csv")
    for row in rows:
        assert date.fromisoformat(row["since"]) <= date(2026, 11, 22), row["party"]
        assert row["source"].startswith("https://"), row["party"]
        assert row["confidence"] in CONFIDENCES, row["party"]
        assert row["list"], row["party"]
    assert {"BitRiver", "Битривер"} <= set(names(rows[0]["aliases"]))


def test_the_expected_places_are_well_formed() -> None:
    """A case that names no known region, or is there twice, would test less than it seems."""
    rows = own_table("places.csv")
    assert len(rows) >= 75
    assert len({row["name"] for row in rows}) == len(rows)
    for row in rows:
        assert row["region"] == "error" or row["region"] in geodata.known_regions(), row["name"]
        assert not row["neighbour"] or row["neighbour"] in geodata.known_regions(), row["name"]
        assert row["either"] in ("", "yes"), row["name"]
        assert row["neighbour"] or not row["either"], row["name"]
        assert row["tests"], row["name"]


def test_the_expected_dates_are_well_formed() -> None:
    """Two expectations for one place and day would contradict each other or be one too many."""
    rows = own_table("place_dates.csv")
    assert len(rows) >= 80
    assert len({(row["region"], row["district"], row["on"], row["law"]) for row in rows}) == len(rows)
    for row in rows:
        where = (row["region"], row["on"], row["law"])
        assert row["region"] in geodata.known_regions(), where
        assert row["law"] in ("in_force", "announced", "strict"), where
        assert row["status"] in PLACE_STATUSES, where
        assert date.fromisoformat(row["on"]), where
        for rule in names(row["rules"]) + names(row["not_rules"]):
            assert rule in BY_ID, (where, rule)
        assert not set(names(row["rules"])) & set(names(row["not_rules"])), where
        assert row["tests"], where
    assert {row["status"] for row in rows} == PLACE_STATUSES


def test_both_ends_of_every_rule_are_among_the_expected_dates() -> None:
    """Last day before, first day, last day, first day after: where an off-by-one would show."""
    rows = own_table("place_dates.csv")
    holds = {(rule, row["on"]) for row in rows for rule in names(row["rules"])}
    does_not = {(rule, row["on"]) for row in rows for rule in names(row["not_rules"])}
    for row in RULES:
        rule, (first, last) = row["rule_id"], ends(row)
        if row["status"] == "lapsed":
            assert any(known == rule for known, _ in does_not), rule
            continue
        if row["start"] != ALWAYS:
            assert (rule, str(first - ONE_DAY)) in does_not, rule
            starts_in_season = row["kind"] != "seasonal" or in_season(row, first)
            assert (rule, str(first)) in (holds if starts_in_season else does_not), rule
        if row["end"]:
            assert (rule, str(last)) in holds, rule
            assert (rule, str(last + ONE_DAY)) in does_not, rule


def newest_day(rule: Row) -> date | None:
    """Last day that the date of a rule's source can mean; None for an undated page, or for none."""
    dated = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", rule["source_date"])
    if dated is None or rule["source"].startswith("none: "):
        return None
    year, month = int(dated[1]), int(dated[2] or 12)
    return date(year, month, int(dated[3] or monthrange(year, month)[1]))


def in_season(rule: Row, day: date) -> bool:
    """Whether a day lies in a season, which may cross New Year."""
    first, last, given = rule["season_first"], rule["season_last"], f"{day:%m-%d}"
    return first <= given <= last if first <= last else given >= first or given <= last
