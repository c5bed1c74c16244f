"""Ctrl-C in the middle of a solve: heard at once, said in one line, nothing left behind."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="pseudo-terminals are POSIX")


@pytest.mark.parametrize(("flag", "number"), [((), signal.SIGINT), (("--json",), signal.SIGTERM)])
def test_cancelled_in_the_solver(
    begin: Callable[..., subprocess.Popen[bytes]],
    long_study: Path,
    tmp_path: Path,
    flag: tuple[str, ...],
    number: signal.Signals,
) -> None:
    """The solver hears of it only between its own steps, seconds later; the user must not wait for that.

    Also proves that a terminal is told the stage: the signal is sent when 'solving' stands there.
    """
    terminal, other_end = pty.openpty()
    process = begin("solve", long_study, "-o", tmp_path / "out", *flag, stderr=other_end)
    os.close(other_end)
    _read_until(terminal, b"solving")
    time.sleep(0.5)
    began = time.monotonic()
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert time.monotonic() - began < 1.5
    assert process.returncode == 130
    assert [path.name for path in tmp_path.iterdir()] == ["long.yaml"]
    if flag:
        assert json.loads(output)["error"]["kind"] == "cancelled"
    else:
        assert output == b""
        _read_until(terminal, b"cancelled; nothing was written")
    os.close(terminal)


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_a_solver_run_as_a_program_ends_too(
    begin: Callable[..., subprocess.Popen[bytes]], long_study: Path, tmp_path: Path
) -> None:
    """CBC catches Ctrl-C and would compute on to its time limit, its model file left behind."""
    text = long_study.read_text(encoding="utf-8")
    long_study.write_text(text.replace("solver: {}", "solver: {door: 'pulp:cbc'}"), encoding="utf-8")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = begin("solve", long_study, stderr=subprocess.PIPE, env=os.environ | {"TMPDIR": str(temporary)})
    deadline = time.monotonic() + 30
    while b"cbc" not in _commands(process.pid).values():
        assert time.monotonic() < deadline, "CBC was never started"
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.strip() == b"cancelled; nothing was written"
    assert _commands(process.pid) == {}
    assert list(temporary.iterdir()) == []


def _commands(session: int) -> dict[int, bytes]:
    """Living processes of a session, by id."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = status.read_bytes().partition(b"(")[2].rpartition(b")")
        except OSError:
            continue  # it has just ended
        state, _, _, its_session = rest.split()[:4]
        if int(its_session) == session and state != b"Z":
            found[int(status.parent.name)] = name
    return found


def _read_until(terminal: int, words: bytes) -> None:
    seen, deadline = b"", time.monotonic() + 30
    while words not in seen:
        assert time.monotonic() < deadline, seen[-500:]
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 4096)
