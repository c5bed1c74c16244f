"""Each class of outcome has its exit code, its words for people and its document for programs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import optimizer.prepare
from tests.cli.small_studies import (
    IMPOSSIBLE,
    MISSPELT,
    NOT_INSTALLED,
    STOPPED_AT_ONCE,
    Run,
    WriteStudy,
    command,
)


def test_a_plan_is_shown(run: Run, study: WriteStudy) -> None:
    """0 and the screen; a version that fails to move the fleet to the cheap site would show no gain."""
    result = run("solve", study())
    assert result.exit_code == 0
    assert "Three sites, three months" in result.stdout
    assert "Against staying put this plan is worth +" in result.stdout


def test_a_misspelt_key_is_bad_input(run: Run, study: WriteStudy) -> None:
    """2 with line and nearest key on stderr; stdout stays empty, so that a pipe gets no half answer."""
    result = run("solve", study(MISSPELT))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "tiny.yaml:16" in result.stderr
    assert "pool_fee_share" in result.stderr


def test_a_missing_file_is_bad_input(run: Run, tmp_path: Path) -> None:
    """2 and the path, not a traceback."""
    result = run("solve", tmp_path / "none.yaml")
    assert result.exit_code == 2
    assert "none.yaml" in result.stderr
    assert "No such file" in result.stderr


def test_malformed_yaml_is_bad_input(run: Run, tmp_path: Path) -> None:
    """2 with the line of the fault."""
    path = tmp_path / "torn.yaml"
    path.write_text("rigshift: 1\nname: [torn\n", encoding="utf-8")
    result = run("check", path)
    assert result.exit_code == 2
    assert "torn.yaml:3" in result.stderr
    assert "is not valid YAML" in result.stderr


def test_an_impossible_study_names_the_limits(run: Run, study: WriteStudy, tmp_path: Path) -> None:
    """3, the limit under the name that the study gives it, and nothing written."""
    result = run("solve", study(*IMPOSSIBLE), "-o", tmp_path / "out")
    assert result.exit_code == 3
    assert "contradict each other" in result.stderr
    assert "share limit of half-out" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_time_limit_still_gives_a_plan(
    document: Callable[..., Any], study: WriteStudy, tmp_path: Path
) -> None:
    """4 with the plan written and its gap stated; calling it optimal would be the wrong answer."""
    told = document("solve", study(STOPPED_AT_ONCE), "-o", tmp_path / "out")
    assert told["exit_code"] == 4
    assert told["plan"]["outcome"]["status"] == "stopped with a plan"
    assert told["plan"]["outcome"]["gap_share"] > 0
    assert (tmp_path / "out" / "manifest.json").exists()


def test_a_solver_that_is_not_there(run: Run, study: WriteStudy) -> None:
    """5, which one, and what is there instead."""
    result = run("solve", study(NOT_INSTALLED))
    assert result.exit_code == 5
    assert "gurobi" in result.stderr
    assert "PULP_CBC_CMD" in result.stderr


def test_a_fault_of_the_program_is_not_hidden(
    run: Run, study: WriteStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1, not 2 to 5: a bug must never look like a verdict on the study; its traceback comes with --debug."""
    monkeypatch.setattr(optimizer.prepare, "places", lambda *given: 1 // 0)
    result = run("check", study())
    assert result.exit_code == 1
    assert "ZeroDivisionError" in result.stderr
    assert "Traceback" not in result.stderr
    assert "Traceback" in run("check", study(), "--debug").stderr


def test_usage(run: Run) -> None:
    """2 with the nearest command and where help is."""
    result = run("sovle")
    assert result.exit_code == 2
    assert "Did you mean 'solve'?" in result.stderr
    assert "--help" in result.stderr


ERRORS = [
    ((MISSPELT,), "config", 2),
    (IMPOSSIBLE, "infeasible", 3),
    ((NOT_INSTALLED,), "solver", 5),
]


@pytest.mark.parametrize(("changes", "kind", "code"), ERRORS, ids=[kind for _, kind, _ in ERRORS])
def test_errors_as_json(
    document: Callable[..., Any],
    study: WriteStudy,
    changes: tuple[tuple[str, str], ...],
    kind: str,
    code: int,
) -> None:
    """Every error has the same four keys; what a class does not have is empty, not missing."""
    told = document("solve", study(*changes))
    assert told["exit_code"] == code
    assert told["error"].keys() == {"kind", "message", "problems", "limits"}
    assert told["error"]["kind"] == kind
    assert bool(told["error"]["problems"]) == (kind == "config")
    assert bool(told["error"]["limits"]) == (kind == "infeasible")


def test_a_problem_as_json(document: Callable[..., Any], study: WriteStudy) -> None:
    """An editor can jump to it: file and line as numbers, rule and remedy apart."""
    path = study(
        ("max_power_kw: 4 MW, pue: 1.05, tariff: dear", "max_power_kw: -4 MW, pue: 1.05, tariff: dear")
    )
    (problem,) = document("check", path)["error"]["problems"]
    assert (problem["file"], problem["line"], problem["where"]) == (str(path), 24, "sites[0].max_power_kw")
    assert problem["value"] == "'-4 MW'"
    assert problem["rule"]
    assert problem["remedy"]


@pytest.mark.parametrize(
    "arguments", [("sovle",), ("solve",), ("solve", "a", "--form", "xls"), ("--no-such",)]
)
def test_usage_as_json(document: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    """Even a wrong command line is answered in JSON when JSON was asked for."""
    told = document(*arguments)
    assert (told["error"]["kind"], told["exit_code"]) == ("usage", 2)


def test_as_a_real_process(study: WriteStudy) -> None:
    """Through the entry point: 0, one JSON document on stdout, stderr silent without a terminal."""
    result = subprocess.run(command("solve", study(), "--json"), capture_output=True, check=False)
    assert result.returncode == 0
    assert json.loads(result.stdout)["plan"]["kpis"]["moved_machines"] == 800
    assert result.stderr == b""


@pytest.mark.skipif(os.name == "nt", reason="no /dev/full")
def test_output_that_cannot_be_written() -> None:
    """A full disk under a redirected stdout is a failure, not a success with half a document."""
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(command("schema"), stdout=full, stderr=subprocess.PIPE, check=False)
    assert result.returncode != 0
