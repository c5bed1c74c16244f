"""What the commands print and write when all is well."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optimizer import Plan
from tests.cli.small_studies import Run, WriteStudy


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_solve_writes_a_plan_that_loads(run: Run, study: WriteStudy, tmp_path: Path, form: str) -> None:
    """The directory is a plan to the library too, with the same moves; and no scratch stays beside it."""
    result = run("solve", study(), "-o", tmp_path / "out", "--form", form)
    assert result.exit_code == 0
    assert f"written to {tmp_path / 'out'}" in result.stderr
    assert Plan.load(tmp_path / "out").moves.machines.sum() == 800
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "tiny.yaml"]


def test_solve_as_json(document: Callable[..., Any], study: WriteStudy, tmp_path: Path) -> None:
    """The tables of a decision and where the rest is: 800 machines from Abakan to Texas on the first day."""
    told = document("solve", study(), "-o", tmp_path / "out")
    (move,) = told["plan"]["moves"]
    assert (move["machines"], move["from_site"], move["to_site"]) == (800, "abakan", "texas")
    assert (move["leaves"], move["arrives"]) == ("2026-12-01", "2026-12-15")
    assert told["written"] == str(tmp_path / "out")
    assert told["plan"]["alternatives"]["stay put"]["kpis"]["efficiency_j_per_th"] is None


def test_an_earlier_plan_is_replaced(run: Run, study: WriteStudy, tmp_path: Path) -> None:
    """Solving twice into one directory works, and the tables of the other form do not stay behind."""
    out = tmp_path / "out"
    assert run("solve", study(), "-o", out).exit_code == 0
    assert run("solve", study(), "-o", out, "--form", "parquet").exit_code == 0
    assert not (out / "moves.csv").exists()
    assert (out / "moves.parquet").exists()


def test_destinations_are_checked_before_the_work(run: Run, study: WriteStudy, tmp_path: Path) -> None:
    """A study that could not even be read is not asked for when the place is wrong; the user's files stay."""
    foreign, file, plan = tmp_path / "mine", tmp_path / "file", tmp_path / "plan"
    foreign.mkdir()
    (foreign / "fleet.csv").write_text("id\n", encoding="utf-8")
    file.write_text("", encoding="utf-8")
    assert run("solve", study(), "-o", plan).exit_code == 0
    (plan / "notes.txt").write_text("mine", encoding="utf-8")
    for place, said in (
        (foreign, "fleet.csv"),
        (file, "is a file"),
        (file / "below", "cannot be written"),
        (plan, "notes.txt"),
        (Path(), "is where you are working"),
    ):
        result = run("solve", tmp_path / "never-read.yaml", "-o", place)
        assert result.exit_code == 2, place
        assert said in result.stderr
        assert "never-read" not in result.stderr
    assert (plan / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_check_shows_the_law(run: Run, study: WriteStudy) -> None:
    """Ekibastuz: closed in December, open from 10 January (22 of 31 days: 7 tenths), open in February."""
    result = run("check", study())
    assert result.exit_code == 0
    assert "ekibastuz  KZ-55   #     7." in result.stdout
    assert "abakan     RU-KK   .     .." in result.stdout
    assert "[kz-grid; " in result.stdout
    assert "Valid: 3 sites, 1 lot with 800 machines" in result.stdout


def test_check_as_json(document: Callable[..., Any], study: WriteStudy) -> None:
    """The same as shares of hours, with the rule behind it and its act."""
    told = document("check", study())
    sites = {site["site"]: site for site in told["sites"]}
    december, january, february = sites["ekibastuz"]["periods"]
    assert (december["state"], december["open_share"], december["rules"]) == ("closed", 0.0, ["kz-grid"])
    assert (january["state"], january["open_share"]) == ("partly closed", pytest.approx(22 / 31))
    assert (february["state"], february["open_share"], february["rules"]) == ("open", 1.0, [])
    assert {rule["rule_id"]: rule["act"] for rule in told["law"]}["kz-grid"].startswith("Law 193-VII")
    assert told["valid"] is True


@pytest.mark.parametrize("width", [80, 140])
def test_check_fits_the_terminal(
    run: Run, study: WriteStudy, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """Fifteen years fold into blocks of whole years; a grid that wraps would put months under wrong years."""
    monkeypatch.setenv("COLUMNS", str(width))
    result = run("check", study(("months: 3", "months: 180")))
    lines = result.stdout.splitlines()
    rows = [line for line in lines if line.startswith("texas ")]
    assert max(map(len, lines)) <= width
    assert "".join("".join(row.split()[2:]) for row in rows) == "." * 180


def test_check_of_a_site_without_power(document: Callable[..., Any], study: WriteStudy) -> None:
    """Lawful but not connected is a state of its own: calling it open would promise what nobody can use."""
    changes = (
        "region: US-TX,\n     max_power_kw: 4 MW",
        "region: US-TX, available_from: 2027-01,\n     max_power_kw: 4 MW",
    )
    texas = document("check", study(changes))["sites"][2]
    assert [period["state"] for period in texas["periods"]] == ["no power", "open", "open"]


def test_init_gives_a_study_that_is_valid(run: Run, document: Callable[..., Any], tmp_path: Path) -> None:
    """The template checks as written; a second init does not overwrite it; a file in the way is an error."""
    result = run("init", tmp_path / "new")
    assert result.exit_code == 0
    assert f"rigshift solve {tmp_path / 'new' / 'study.yaml'}" in result.stdout
    assert run("check", tmp_path / "new" / "study.yaml").exit_code == 0
    again = document("init", tmp_path / "new")
    assert (again["exit_code"], again["error"]["kind"], len(again["error"]["problems"])) == (2, "config", 3)
    (tmp_path / "file").touch()
    assert document("init", tmp_path / "file")["error"]["kind"] == "file"
    assert document("init", tmp_path / "other")["files"][0] == str(tmp_path / "other" / "study.yaml")


def test_catalogue(run: Run, document: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures in one line of 80 columns, sources below; a wrong name gets the nearest."""
    monkeypatch.setenv("COLUMNS", "80")
    shown = run("catalogue", "s19j", "pro+").stdout
    (row,) = [line.split() for line in shown.splitlines() if line.startswith("Antminer S19j Pro+  ")]
    assert row[3:6] == ["122", "3355", "27.5"]
    assert "specification: " in shown
    whole = run("catalogue").stdout
    assert max(len(line.rstrip()) for line in whole.splitlines()) <= 80
    assert "\N{HORIZONTAL ELLIPSIS}" not in whole
    assert "did you mean Antminer S19" in " ".join(run("catalogue", "S99").stdout.split())
    (found,) = document("catalogue", "s19j", "pro+")["models"]
    assert (found["hashrate_ths"], found["price_new_usd_per_ths"]) == (122, None)


@pytest.mark.parametrize("flag", [(), ("--json",)])
def test_schema_is_json_alone(run: Run, flag: tuple[str, ...]) -> None:
    """Redirected into a file it is what an editor takes; every section of the study is in it."""
    told = json.loads(run("schema", *flag).stdout)
    assert {"fleet", "sites", "solver"} <= told["properties"].keys()


def test_help_and_version(run: Run) -> None:
    """No command at all is a question, not an error."""
    assert run("--version").stdout.startswith("rigshift ")
    assert run().stdout == run("--help").stdout
    assert run().exit_code == 0


@pytest.mark.parametrize("arguments", [["--help"], ["catalogue", "s21"]])
def test_starts_fast(arguments: list[str]) -> None:
    """Help and catalogue do not wait for the numeric libraries, which take a second and more to import."""
    code = (
        "import sys\nfrom optimizer.cli import app\n"
        f"try: app({arguments})\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'geopandas', 'highspy', 'pulp'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_names_of_the_library_are_the_same_in_any_order() -> None:
    """`solve` is the function although a module has its name: importing that first must not put it there."""
    code = "import optimizer.pipeline\nfrom optimizer import *\nassert solve.__name__ == 'solve'\nStudy, Plan"
    subprocess.run([sys.executable, "-c", code], check=True)
