"""Many studies: none harms another, the summary tells all, and the exit code is that of the worst."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optimizer import Plan
from tests.cli.small_studies import IMPOSSIBLE, MISSPELT, STOPPED_AT_ONCE, Run, WriteStudy


def test_one_bad_study_harms_no_other(
    run: Run, document: Callable[..., Any], study: WriteStudy, tmp_path: Path
) -> None:
    """A plan, a refusal, a contradiction and a stop in one run; bad input is the worst of them.

    An earlier plan of the same study gives way, files of its other form with it.
    """
    out = tmp_path / "out"
    assert run("solve", study(name="good"), "-o", out / "good", "--form", "parquet").exit_code == 0
    torn = tmp_path / "torn.yaml"
    torn.write_text("name: [", encoding="utf-8")
    studies = [
        study(name="good"),
        study(MISSPELT, name="bad"),
        study(*IMPOSSIBLE, name="tight"),
        study(STOPPED_AT_ONCE, name="slow"),
        torn,
        tmp_path / "none.yaml",
    ]
    told = document("batch", *studies, "--jobs", 2, "-o", out)
    assert told["exit_code"] == 2
    assert [row["exit_code"] for row in told["studies"]] == [0, 2, 3, 4, 2, 2]
    assert [row["study"] for row in told["studies"]] == ["good", "bad", "tight", "slow", "torn", "none"]
    assert told["studies"][1]["error"]["problems"][0]["line"] == 16
    assert sorted(path.name for path in out.iterdir()) == ["good", "slow", "summary.csv", "summary.json"]
    assert not (out / "good" / "moves.parquet").exists()
    assert Plan.load(out / "good").kpis.value_usd == pytest.approx(told["studies"][0]["value_usd"])
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["studies"] == told["studies"]
    with (out / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["status"] for row in rows][:3] == ["proven optimal", "bad input", "infeasible"]
    assert float(rows[0]["gain_usd"]) == pytest.approx(told["studies"][0]["gain_usd"])


def test_the_table(run: Run, study: WriteStudy, tmp_path: Path) -> None:
    """One line for each study on stdout, why one failed on stderr."""
    result = run("batch", study(name="good"), study(MISSPELT, name="bad"), "-o", tmp_path / "out")
    assert result.exit_code == 2
    good, bad = (line for line in result.stdout.splitlines() if line.startswith(("good", "bad")))
    assert "proven optimal" in good
    assert "bad input" in bad
    assert "pool_fee_share" in result.stderr


def test_names_that_collide_stop_everything(run: Run, study: WriteStudy, tmp_path: Path) -> None:
    """Before anything is solved: the second plan would have replaced the first."""
    first = study(name="same")
    second = tmp_path / "other.yaml"
    second.write_text(first.read_text(encoding="utf-8"), encoding="utf-8")
    result = run("batch", first, second, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "same.yaml" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_place_with_other_files_stops_everything(run: Run, study: WriteStudy, tmp_path: Path) -> None:
    """Files of the user's under a study's name are never replaced."""
    (tmp_path / "out" / "good").mkdir(parents=True)
    (tmp_path / "out" / "good" / "notes.txt").touch()
    result = run("batch", study(name="good"), "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "notes.txt" in result.stderr
    assert (tmp_path / "out" / "good" / "notes.txt").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="finds the worker in /proc")
def test_a_process_that_dies_takes_only_its_study(
    begin: Callable[..., subprocess.Popen[bytes]], long_study: Path, study: WriteStudy, tmp_path: Path
) -> None:
    """Killed from outside, as when memory runs out: the others are solved, the dead one is told of."""
    process = begin("batch", long_study, study(name="good"), "-o", tmp_path / "out", "--json")
    os.kill(_worker(process.pid), signal.SIGKILL)
    output, _ = process.communicate(timeout=60)
    told = json.loads(output)
    assert [row["status"] for row in told["studies"]] == ["solver failed", "proven optimal"]
    assert "ended by itself" in told["studies"][0]["error"]["message"]
    assert process.returncode == 5


def test_ctrl_c_keeps_what_is_finished(
    begin: Callable[..., subprocess.Popen[bytes]], long_study: Path, study: WriteStudy, tmp_path: Path
) -> None:
    """Cancelled in the second study: the first plan stays whole, of the second there is no trace."""
    out = tmp_path / "out"
    process = begin("batch", study(name="good"), long_study, "-o", out, stderr=subprocess.PIPE)
    _wait_for(out / "good" / "manifest.json")
    time.sleep(1.0)
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert time.monotonic() - began < 2.0
    assert process.returncode == 130
    assert b"finished before and kept" in said
    assert b"Traceback" not in said
    assert [path.name for path in out.iterdir()] == ["good"]
    assert Plan.load(out / "good").moves.machines.sum() == 800


def _worker(parent: int) -> int:
    """Process id of the one worker of a batch."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for child in Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split():
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        time.sleep(0.05)
    raise AssertionError("the batch has started no worker")


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.05)
