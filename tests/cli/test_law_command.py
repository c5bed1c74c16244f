"""`rigshift law` and `rigshift map`: what a person asks before looking at any plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, WriteStudy


def test_law_of_a_point_on_a_day(run: Run) -> None:
    """The day before the ban and its first day: since when, until when, by which act, how sure."""
    before = run("law", "52.54,103.89", "--on", "2025-04-06").stdout
    assert "Angarsk urban district, Irkutsk Oblast (RU-IRK)" in before
    assert "on 2025-04-06: registration" in before
    after = " ".join(run("law", "52.54,103.89", "--on", "2025-04-07").stdout.split())
    assert "on 2025-04-07: banned, closed: mining is not lawful" in after
    for told in ("2025-04-07", "2031-03-15", "ru-irk-south-ban", "Decree 1869", "two sources"):
        assert told in after


def test_law_of_a_region_closed_in_part_names_the_districts(run: Run) -> None:
    """Without them a reader in Bratsk would think he must leave."""
    told = run("law", "RU-IRK", "--on", "2026-11-22").stdout
    assert "banned (in part: districts below)" in told
    assert "Tulun city" in told


def test_law_of_a_district_and_of_a_country(run: Run) -> None:
    """Bratsk is open to those in the register; of Russia the regions that differ are told."""
    assert "on 2026-11-22: registration" in run("law", "Bratsk", "--on", "2026-11-22").stdout
    russia = " ".join(run("law", "Russia", "--on", "2026-11-22").stdout.split())
    assert "Republic of Dagestan (RU-DA)" in russia
    assert "banned in part: " in russia


def test_law_as_json_has_the_switch_and_what_is_only_on_record(document: Callable[..., Any]) -> None:
    """Khakassia: a request on file is not law by default, and closes under strict."""
    told = document("law", "Khakassia", "--on", "2026-11-22")
    assert (told["region"], told["status"], told["law"]) == ("RU-KK", "registration", "announced")
    assert "ru-kk-requested" in {rule["rule_id"] for rule in told["on_record"]}
    strict = document("law", "RU-KK", "--on", "2026-11-22", "--law", "strict")
    assert strict["status"] == "banned"
    assert "ru-kk-requested" in {rule["rule_id"] for rule in strict["rules"]}
    assert strict["windows"][0]["first"] == "2026-11-22"


def test_a_gap_in_the_law_is_not_called_open(document: Callable[..., Any]) -> None:
    """Of Wyoming nothing is known but sanctions on persons."""
    assert document("law", "US-WY", "--on", "2026-11-22")["status"] == "unknown"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["Georgia"], "GE (Georgia (GE)) or US-GA (Georgia (US-GA))"),
        (["Irkuts"], "did you mean"),
        (["0,0"], "in the sea"),
        (["RU-IRK", "--on", "2026-02-30"], "is not a day"),
        (["RU-IRK", "--district", "Angarsk"], "Angarsk urban district"),
        (["52.54,103.89", "--district", "Bratsk"], "lies in Angarsk urban district"),
        (["RU-IRK", "--law", "lenient"], "lenient"),
    ],
)
def test_bad_questions_are_answered_with_a_remedy(run: Run, args: list[str], said: str) -> None:
    """Each is bad input, exit code 2, and never a guess."""
    result = run("law", *args)
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_an_unknown_place_as_json_is_an_error_document(document: Callable[..., Any]) -> None:
    """A program must be able to tell an unknown place from a fault."""
    told = document("law", "Atlantis")
    assert told["error"]["kind"] == "geodata"


def test_map_writes_one_page_that_loads_nothing(run: Run, study: WriteStudy, tmp_path: Path) -> None:
    """The page holds the study's sites and rules, and no address that a browser would fetch from."""
    target = tmp_path / "out" / "law.html"
    assert run("map", study(), "-o", target, "--on", "2027-01-15").exit_code == 0
    page = target.read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "Ekibastuz" in page
    assert "kz-grid" in page
    for loads in ('src="http', "src='http", 'href="http', "@import", "url(http", "fetch(", "XMLHttpRequest"):
        assert loads not in page


def test_map_of_a_wrong_study_or_day_writes_nothing(run: Run, study: WriteStudy, tmp_path: Path) -> None:
    """Half a page would look like law."""
    target = tmp_path / "law.html"
    assert run("map", study(("region: US-TX", "region: US-NY")), "-o", target).exit_code == 2
    assert run("map", study(), "-o", target, "--on", "tomorrow").exit_code == 2
    assert run("map", study(), "-o", target, "--on", "1999-01-01").exit_code == 2
    assert not target.exists()
