"""Small studies as files, and the command line called in this process or in one of its own."""

from __future__ import annotations

import json
import random
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from optimizer.cli import app
from tests.cli.small_studies import STUDY, Run, WriteStudy, command


@pytest.fixture
def study(tmp_path: Path) -> WriteStudy:
    """Write the small study after replacing pieces of its text; 'name' is its own and its file's."""

    def write(*changes: tuple[str, str], name: str = "tiny") -> Path:
        text = STUDY.replace("name: tiny", f"name: {name}")
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} is in the study {text.count(old)} times"
            text = text.replace(old, new)
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def long_study(tmp_path: Path) -> Path:
    """A study whose whole-number search takes minutes: thirty sites, each with a price for opening it."""
    draw = random.Random(1)
    places = ("53.7, lon_deg: 91.4", "31.85, lon_deg: -102.37", "56.0, lon_deg: 93.0")
    lots = [
        f"  - {{id: lot{i}, hashrate_ths: {100 + 10 * i}, power_w: {3000 + draw.randint(0, 500)}, "
        f"mass_kg: 15, count: {draw.randint(200, 500)}, site: s{i}, uptime_share: 0.97, "
        f"resale_usd_per_ths: {2 + i / 5}}}"
        for i in range(10)
    ]
    sites = [
        f"  - {{id: s{i}, name: S{i}, lat_deg: {places[i % 3]}, max_power_kw: {draw.randint(5000, 9000)}, "
        f"pue: 1.05, tariff: t{i}, opening_cost_usd: {draw.randint(0, 50000)}}}"
        for i in range(30)
    ]
    tariffs = [
        f"  t{i}: {{kind: flat, energy_usd_per_kwh: {draw.uniform(0.03, 0.06):.4f}}}" for i in range(30)
    ]
    head, rest = STUDY.split("fleet:\n")
    tail = rest[rest.index("relocation:") :].replace("from: RU, to: US,", "from: '*', to: '*',")
    parts = [head.replace("months: 3", "months: 36").replace("name: tiny", "name: long"), "fleet:", *lots]
    path = tmp_path / "long.yaml"
    path.write_text("\n".join([*parts, "sites:", *sites, "tariffs:", *tariffs, tail]), encoding="utf-8")
    return path


@pytest.fixture
def run() -> Run:
    """Call the command line in this process."""

    def call(*arguments: object) -> Any:
        return CliRunner().invoke(app, [str(each) for each in arguments])

    return call


@pytest.fixture
def document(run: Run) -> Callable[..., Any]:
    """Call a command with --json: the exit code must be the document's, and stdout the document alone."""

    def call(*arguments: object) -> Any:
        result = run(*arguments, "--json")
        told = json.loads(result.stdout, parse_constant=pytest.fail)
        assert told["exit_code"] == result.exit_code
        assert told["schema"] == 1
        return told

    return call


@pytest.fixture
def begin() -> Callable[..., subprocess.Popen[bytes]]:
    """Start a command in a session of its own, where Ctrl-C means something even if it does not here."""

    def start(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command(*arguments),
            stdout=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            **options,
        )

    return start
