"""`rigshift law`, `map` and `check`: what a person asks before looking at any plan."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.small_studies import Run, WriteStudy

SECOND_SITE = (
    "sites:\n",
    "sites:\n  - {id: chernogorsk, name: Chernogorsk, lat_deg: 53.82, lon_deg: 91.3, region: RU-KK,\n"
    "     max_power_kw: 4 MW, pue: 1.05, tariff: dear}\n",
)
AROUND_IT = "POLYGON ((91.2 53.78, 91.38 53.78, 91.38 53.86, 91.2 53.86, 91.2 53.78))"


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


def test_hazards_of_some_districts(run: Run, document: Callable[..., Any]) -> None:
    """A ban may still come to Bratsk: told of it and, with the districts, of the region; not of Angarsk."""
    irkutsk, bratsk, angarsk = (
        document("law", place)["hazards"] for place in ("RU-IRK", "Bratsk", "Angarsk")
    )
    (ban,) = [each for each in bratsk if each["kind"] == "ban"]
    assert "Bratsk" in ban["districts"]
    assert ban in irkutsk
    assert ban not in angarsk
    assert re.search(r"ban \d+% a year in Bodaybinsky, Bratsk,", run("law", "RU-IRK").stdout)
    assert re.search(r"ban \d+% a year, notice", run("law", "Bratsk").stdout)


def test_law_of_a_district(run: Run) -> None:
    """Bratsk is open to those in the register; a town that only a rule names is a place, too."""
    assert "on 2026-11-22: registration" in run("law", "Bratsk", "--on", "2026-11-22").stdout
    assert "Weatherford, Texas (US-TX)" in run("law", "Weatherford", "--on", "2026-11-22").stdout
    assert "on 2026-11-22: banned" in run("law", "Иркутск", "--on", "2026-11-22").stdout


def test_law_of_a_country(run: Run, document: Callable[..., Any]) -> None:
    """The register holds in all of Russia; the regions with rules of their own are told by status."""
    told = document("law", "Russia", "--on", "2026-11-22")
    regions = {each["region"]: each["status"] for each in told["regions"]}
    assert (told["status"], told["region"], told["jurisdiction"]) == ("registration", None, "RU")
    assert (regions["RU-DA"], regions["RU-IRK"]) == ("banned", "banned in part")
    assert regions["RU-MUR"] == "registration"
    assert not {"RU-TOM", "RU-KK"} & regions.keys()
    assert {rule["rule_id"] for rule in told["rules"]} == {
        "ru-register", "ru-foreign", "ru-eu-persons", "ru-own-generation",
    }  # fmt: skip
    summer = document("law", "Russia", "--on", "2026-07-01", "--law", "in_force")["regions"]
    assert {each["region"]: each["status"] for each in summer}["RU-BU"] == "registration"
    assert document("law", "Kyrgyzstan", "--on", "2026-11-22")["regions"] == []
    told = {law: document("law", "Norway", "--law", law)["hazards"] for law in ("in_force", "announced")}
    assert len(told["in_force"]) > len(told["announced"])  # the announced stop has come, or may come
    shown = " ".join(run("law", "USA", "--on", "2026-11-22").stdout.split())
    assert re.search(r"Regions with rules of their own .*conditions: .*Texas \(US-TX\)", shown)


def test_a_status_ends_when_it_changes_and_not_when_a_rule_behind_it_does(
    run: Run, document: Callable[..., Any]
) -> None:
    """Kherson: Russia's ban ends in 2031, the sanction has no end; ten years ahead are looked at."""
    told = document("law", "Kherson", "--on", "2027-01-01")
    assert (told["status"], told["status_until"]) == ("sanctioned", None)
    assert [window["last"] for window in told["windows"]] == ["2031-03-15", "2037-12-31"]
    shown = " ".join(run("law", "Kherson", "--on", "2027-01-01").stdout.split())
    assert (
        "sanctioned, under sanctions: nothing may arrive, run or be paid; no change on record to 2037"
        in shown
    )
    assert "What changes 2031-03-16: rules change, still sanctioned" in shown


def test_seasons_within_a_ban_are_one_line(run: Run, document: Callable[..., Any]) -> None:
    """Buryatia: banned all year to 2031, whatever its winters; then open to those in the register."""
    told = document("law", "RU-BU", "--on", "2026-11-22")
    assert (told["status"], told["in_part"], told["status_until"]) == ("banned", True, "2031-03-15")
    shown = " ".join(run("law", "RU-BU", "--on", "2026-11-22").stdout.split())
    assert "closed: mining is not lawful; to 2031-03-15" in shown
    changes = shown.partition("What changes ")[2]
    days = "2027-03-16, 2027-11-15, 2028-03-16 and 5 more times"
    assert changes.startswith(f"{days}: rules change, still banned 2031-03-16 registration")
    assert document("law", "RU-IRK", "--on", "2031-03-15")["status_until"] == "2031-03-15"


def test_the_end_of_a_part_is_an_end(document: Callable[..., Any]) -> None:
    """Under law in force Buryatia's winters begin and end, each a change: 2026-11-15 to 2027-03-15."""
    told = document("law", "RU-BU", "--on", "2026-11-22", "--law", "in_force")
    assert told["status_until"] == "2027-03-15"
    assert (told["windows"][1]["first"], told["windows"][1]["status"]) == ("2027-03-16", "registration")


@pytest.mark.parametrize(
    "words",
    [
        ["-25.3,-57.6"],
        ["-25.3", "-57.6"],
        ["--on", "2026-11-22", "-25.3, -57.6"],
        ["25.3S", "57.6W"],
        ["-25.3,-57.6", "--law", "strict"],
    ],
)
def test_the_southern_half_of_the_world_is_no_option(document: Callable[..., Any], words: list[str]) -> None:
    """A place that begins with a minus, before and after options, in one word and in two."""
    told = document("law", *words)
    assert told["jurisdiction"] == "PY"
    assert told["asked"] in ("-25.3,-57.6", "-25.3 -57.6", "-25.3, -57.6", "25.3S 57.6W")


def test_names_of_several_words_need_no_quotes(document: Callable[..., Any]) -> None:
    """As catalogue takes its words."""
    told = document("law", "New", "York", "--on", "2026-11-22")
    assert (told["region"], told["asked"]) == ("US-NY", "New York")


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
        (["Russia", "--district", "Bratsk"], "name the district's region"),
        (["Angarsk", "--district", "Bratsk"], "name the district's region"),
        (["RU-IRK", "--on", "2200-01-01"], "before 2200"),
        (["RU-IRK", "--on", "9995-01-01"], "before 2200"),
        (["-25.3"], "write decimal degrees"),
        (["RU-IRK", "--onn", "2027-01-01"], "No such option: --onn"),
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


def _day(number: int) -> str:
    return str(date(1970, 1, 1) + timedelta(days=number))


def _page(
    run: Run, study: Path, target: Path
) -> tuple[dict[str, Any], dict[str, list[tuple[str, str, str]]]]:
    """The data of the page, and of each site its spans as first day, last day and status."""
    assert run("map", study, "-o", target).exit_code == 0
    (text,) = re.findall(r'id="data">(.*?)</script>', target.read_text(encoding="utf-8"), re.DOTALL)
    data = json.loads(text)
    keys = [status["key"] for status in data["statuses"]]
    spans = {
        site["id"]: [(_day(first), _day(last), keys[status]) for first, last, status, *_ in site["spans"]]
        for site in data["sites"]
    }
    return data, spans


def test_map_tells_a_missing_licence_from_a_ban(run: Run, study: WriteStudy, tmp_path: Path) -> None:
    """Ekibastuz waits for its licence to 9 January; Abakan is in the register, Texas was looked at."""
    _, spans = _page(run, study(), tmp_path / "law.html")
    assert spans["ekibastuz"] == [
        ("2026-12-01", "2027-01-09", "licensed"),
        ("2027-01-10", "2027-02-28", "conditions"),
    ]
    assert spans["abakan"] == spans["texas"] == [("2026-12-01", "2027-02-28", "open")]
    unregistered = study(("    - {id: RU-miner-register, held_from: 2024-11-01}\n", ""), name="second")
    _, spans = _page(run, unregistered, tmp_path / "law.html")
    assert spans["abakan"] == [("2026-12-01", "2027-02-28", "registration")]


def test_map_does_not_call_open_what_nobody_looked_at(run: Run, study: WriteStudy, tmp_path: Path) -> None:
    """In Wyoming only sanctions on persons are known, which do not concern this operator; nor a Texan rule
    for smaller sites this larger one."""
    texas = "lat_deg: 31.85, lon_deg: -102.37, region: US-TX"
    wyoming = study((texas, "lat_deg: 42.8, lon_deg: -106.3, law_checked: 'counsel, 2026-11-20'"))
    _, spans = _page(run, wyoming, tmp_path / "law.html")
    assert spans["texas"] == [("2026-12-01", "2027-02-28", "unknown")]
    off_the_grid = "region: US-TX, supply: isolated_generation, law_checked: x,\n     max_power_kw: 90 MW"
    large = study(("region: US-TX,\n     max_power_kw: 4 MW", off_the_grid))
    _, spans = _page(run, large, tmp_path / "law.html")
    assert spans["texas"][0][2] != "open"


def test_map_tells_the_studys_own_zones(run: Run, study: WriteStudy, tmp_path: Path) -> None:
    """A zone closes a site inside on its days, with its act among the rules."""
    zone = (
        "horizon:",
        f'zones:\n  - {{id: port, effect: closed, wkt: "{AROUND_IT}", from: 2027-01-01, to: 2027-01-31,\n'
        '     act: "Order 7 of the port", source: "letter"}\nhorizon:',
    )
    data, spans = _page(run, study(SECOND_SITE, zone), tmp_path / "law.html")
    assert spans["chernogorsk"][1] == ("2027-01-01", "2027-01-31", "banned")
    assert [status for _, _, status in spans["chernogorsk"]] == ["open", "banned", "open"]
    assert {rule["rule_id"]: rule["act"] for rule in data["rules"]}["zone-port"] == "Order 7 of the port"


def test_map_never_overwrites_the_study_or_a_directory(run: Run, study: WriteStudy, tmp_path: Path) -> None:
    """Neither the study's own file nor one that it reads, by whatever name; the files stay as they are."""
    lots = tmp_path / "fleet.csv"
    lots.write_text(
        "id,hashrate_ths,power_w,mass_kg,count,site,uptime_share,resale_usd_per_ths\n"
        "old,100,3000,15,800,abakan,0.97,2\n",
        encoding="utf-8",
    )
    own = study((
        "fleet:\n  - {id: old, hashrate_ths: 100, power_w: 3000, mass_kg: 15, count: 800, site: abakan, "
        "uptime_share: 0.97,\n     resale_usd_per_ths: 2}\n",
        "fleet: {file: fleet.csv}\n",
    ))  # fmt: skip
    link, directory = tmp_path / "link.html", tmp_path / "out"
    link.symlink_to(lots)
    directory.mkdir()
    before = {path: path.read_bytes() for path in (own, lots)}
    for target, said in (
        (own, "is a file of the study"),
        (lots, "is a file of the study"),
        (link, "is a file of the study"),
        (directory, "is a directory"),
        (tmp_path / "out" / ".." / own.name, "is a file of the study"),
    ):
        result = run("map", own, "-o", target)
        assert result.exit_code == 2, target
        assert said in result.stderr
    assert {path: path.read_bytes() for path in before} == before
    assert not list(directory.iterdir())


def test_map_that_cannot_be_written_leaves_what_was_there(
    run: Run, study: WriteStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up while the page is written: the earlier page stays, and nothing lies beside it."""
    target = tmp_path / "out" / "law.html"
    target.parent.mkdir()
    target.write_text("earlier", encoding="utf-8")
    write = Path.write_text

    def full(path: Path, text: str, **options: Any) -> int:
        write(path, text[:100], **options)
        raise OSError(28, "No space left on device", str(path))

    own = study()
    monkeypatch.setattr(Path, "write_text", full)
    assert run("map", own, "-o", target).exit_code == 2
    assert [path.name for path in target.parent.iterdir()] == ["law.html"]
    assert target.read_text(encoding="utf-8") == "earlier"


def test_check_names_the_days_of_each_site(run: Run, study: WriteStudy) -> None:
    """One ban over two sites, lifted in January at one of them: each is told with its own days."""
    lifted = (
        "horizon:",
        f'law: strict\nzones:\n  - {{id: park, effect: allowed, wkt: "{AROUND_IT}", from: 2027-01-01,\n'
        '     to: 2027-01-31, lifts: [ru-kk-requested], act: "Letter 3", source: "letter"}\nhorizon:',
    )
    shown = run("check", study(SECOND_SITE, lifted)).stdout
    assert "chernogorsk: closed 2026-12-01 to 2026-12-31, 2027-02-01 to 2027-02-28" in shown
    assert "abakan: closed 2026-12-01 to 2027-02-28" in shown
    same = run("check", study(SECOND_SITE, ("horizon:", "law: strict\nhorizon:"), name="same")).stdout
    assert "chernogorsk, abakan: closed 2026-12-01 to 2027-02-28" in same
    assert "chernogorsk, abakan" in same.partition("Looked at, and met or of no concern")[2]


@pytest.mark.parametrize(
    ("held_from", "state", "share", "sign"),
    [
        ("2027-01-30", "partly closed", 2 / 31, "0"),
        ("2027-01-17", "partly closed", 15 / 31, "4"),
        ("2027-01-02", "partly closed", 30 / 31, "9"),
        ("2027-01-01", "open", 1.0, "."),
        ("2027-02-01", "closed", 0.0, "#"),
    ],
)
def test_check_of_a_month_open_in_part(
    run: Run,
    document: Callable[..., Any],
    study: WriteStudy,
    held_from: str,
    state: str,
    share: float,
    sign: str,
) -> None:
    """Two days of a month are neither open nor closed; one day short is not the whole month."""
    path = study(("held_from: 2027-01-10", f"held_from: {held_from}"))
    site = document("check", path)["sites"][1]
    january = site["periods"][1]
    assert (january["state"], january["open_share"]) == (state, pytest.approx(share))
    assert f"ekibastuz  KZ-55   #     {sign}." in run("check", path).stdout


def test_check_as_json_tells_the_district(document: Callable[..., Any], study: WriteStudy) -> None:
    """In a region closed in part the district decides; elsewhere there is none."""
    bratsk = (
        "lat_deg: 53.7, lon_deg: 91.4, region: RU-KK",
        "lat_deg: 56.15, lon_deg: 101.63, region: RU-IRK",
    )
    sites = document("check", study(bratsk))["sites"]
    assert [site["district"] for site in sites] == ["Bratsk", None, None]


def test_who_holds_disputed_ground_is_told_beside_the_code(run: Run) -> None:
    """Crimea is UA-43 by ISO and held by Russia: neither may stand for the other."""
    told = " ".join(run("law", "UA-43", "--on", "2026-11-22").stdout.split())
    assert "Crimea (UA-43)" in told
    assert "drawn by its ISO code; RU holds it since 2014" in told
