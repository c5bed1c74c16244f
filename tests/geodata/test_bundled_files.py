"""The bundled tables agree with each other and say where they come from."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from zoneinfo import ZoneInfo

import geodata
from geodata.rules import CLOSING_KINDS, KINDS
from geodata.store import read_rows

SURVEYED_ZONES = 77


def test_every_zone_of_the_survey_became_a_rule() -> None:
    """A zone lost on the way from the survey would be a law nobody is told of."""
    assert {int(row["survey_row"]) for row in read_rows("rules.csv")} == set(range(1, SURVEYED_ZONES + 1))


def test_every_rule_says_where_it_comes_from() -> None:
    """An unsourced law cannot be checked: 'none: ...' is the only way to say that no page was found."""
    for rule in geodata.all_rules():
        assert re.match(r"https?://|none: ", rule.source), rule.rule_id
        assert rule.source_date, rule.rule_id
        assert rule.confidence in {"confirmed_2", "one_source", "inferred"}, rule.rule_id
        assert rule.act, rule.rule_id
        assert rule.note, rule.rule_id


def test_every_rule_is_somewhere_known() -> None:
    """A rule on a code that no point can have would never apply."""
    for rule in geodata.all_rules():
        assert rule.jurisdiction in geodata.known_jurisdictions(), rule.rule_id
        if rule.region is not None:
            assert geodata.jurisdiction_of(rule.region) == rule.jurisdiction, rule.rule_id
        else:
            assert not rule.districts, rule.rule_id


def test_rule_ids_are_unique_slugs_and_all_kinds_occur() -> None:
    """Reports refer to rules by id: two rules of one id would be cited for each other."""
    ids = [rule.rule_id for rule in geodata.all_rules()]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]{2}-[a-z0-9-]+", rule_id) for rule_id in ids)
    assert {rule.kind for rule in geodata.all_rules()} == KINDS


def test_inferred_closures_are_planned_and_not_law() -> None:
    """A closure that no source confirms must carry the status that a scenario can lift."""
    for rule in geodata.all_rules():
        if rule.kind in CLOSING_KINDS and rule.confidence == "inferred":
            assert rule.status == "planned", rule.rule_id


def test_licences_of_rules_are_described_and_used() -> None:
    """An id in one file only would be a licence nobody can hold, or one nobody asks for."""
    assert {rule.licence for rule in geodata.all_rules() if rule.licence} == set(geodata.licences())


def test_district_lists_agree_with_the_rules() -> None:
    """rules.csv and districts.csv both name districts: a difference would open a banned one."""
    rules = {rule.rule_id: rule for rule in geodata.all_rules()}
    listed: dict[str, set[str]] = {}
    for row in read_rows("districts.csv"):
        assert row["source"], row["district"]
        listed.setdefault(row["in_list"], set()).add(row["district"])
    for rule_id, names in listed.items():
        if rule_id and rules[rule_id].districts:
            assert set(rules[rule_id].districts) == names, rule_id
    assert set(rules["ru-bu-year-round"].districts) == listed["ru-bu-season"]
    assert set(rules["ru-irk-south-season"].districts) == listed["ru-irk-south-ban"]


def test_district_counts() -> None:
    """The decree's counts: 29 of 42 municipalities in Irkutsk Oblast, 20 of 23 in Buryatia."""
    rows = read_rows("districts.csv")
    assert len(geodata.known_districts("RU-IRK")) == 42
    assert len(geodata.known_districts("RU-BU")) == 23
    assert len(geodata.known_districts("RU-ZAB")) == 35
    assert sum(row["in_list"] == "ru-irk-south-ban" for row in rows) == 29
    assert sum(row["in_list"] == "ru-bu-season" for row in rows) == 20
    assert len({(row["region"], row["district"]) for row in rows}) == len(rows)


def test_every_surveyed_country_has_time_zones() -> None:
    """A tariff by local hour in a country with rules must not fail for want of a zone."""
    for region in geodata.known_regions():
        if geodata.jurisdiction_of(region) in geodata.surveyed_jurisdictions():
            ZoneInfo(geodata.timezone_of(region))


def test_sources_cover_every_bundled_file() -> None:
    """A file without a licence line cannot be shipped; a stale line would describe another file."""
    table = geodata.sources()
    bundled = {entry.name for entry in (files("geodata") / "data").iterdir()}
    assert set(table["file"]) == bundled - {"sources.csv"}
    assert list(table.columns) == ["file", "source", "licence", "date", "rows", "sha256", "note"]
    assert (table["rows"] > 0).all()
    assert all(re.fullmatch(r"[0-9a-f]{64}", text) for text in table["sha256"])
    assert all(date.fromisoformat(text) for text in table["date"])
    assert table["licence"].all()


def test_the_outlines_stay_small() -> None:
    """The file travels with every install: raw outlines would be 35 MB."""
    assert len((files("geodata") / "data" / "regions.parquet").read_bytes()) < 1_500_000
