"""Many studies in processes: one that fails harms no other; a cancelled batch leaves nothing half done."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from optimizer.cli.destination import check_destinations
from optimizer.cli.faults import DONE, SOLVER, STOPPED, Cancelled, Fault, fault_of, told_in_row
from optimizer.cli.isolation import TEMPORARY
from optimizer.cli.terminal import SCHEMA, plain
from optimizer.errors import ConfigError, Problem
from optimizer.yaml_document import read_yaml

FAILED = {"config": "bad input", "file": "bad input", "stopped": "no plan in time", "internal": "failed"}


@dataclass(frozen=True)
class Task:
    """One study to solve, and the name of the directory that its plan will get."""

    file: Path
    name: str


@dataclass(frozen=True)
class Row:
    """How one study ended; money in USD, `None` where there is no plan or no answer."""

    study: str
    file: str
    status: str
    exit_code: int
    value_usd: float | None = None
    gain_usd: float | None = None  # against staying put
    mined_btc: float | None = None
    payback_months: float | None = None
    seconds: float = 0.0
    written: str | None = None
    error: dict[str, Any] | None = None


def tasks_of(files: Sequence[Path]) -> list[Task]:
    """The studies by name; ConfigError when two have the same, as the second plan would replace the first."""
    tasks = [Task(file, _name(file) or file.stem) for file in files]
    seen: dict[str, Path] = {}
    problems = []
    for task in tasks:
        first = seen.setdefault(task.name.casefold(), task.file)
        if first is not task.file:
            rule = f"is the name of {first} too; both plans would go to one directory"
            remedy = "give each study its own name"
            problems.append(Problem(str(task.file), None, "name", task.name, rule, remedy))
    if problems:
        raise ConfigError(problems)
    return tasks


def _name(file: Path) -> str | None:
    """The study's name without reading all it names; None when it has none that can be a directory's."""
    try:
        document, _ = read_yaml(file)
    except ConfigError:
        return None  # the study's own turn tells what is wrong with it
    name = document.value.get("name") if isinstance(document.value, dict) else None
    return name if isinstance(name, str) and Path(name).name == name else None


def solve_all(
    tasks: Sequence[Task], out: Path, jobs: int, form: str, progress: Callable[[str], None]
) -> list[Row]:
    """Solves every study and puts each plan under its name; rows in the order of the tasks.

    Raises
    ------
    ConfigError
        Before anything is solved, if plans cannot be written there.
    Cancelled
        On Ctrl-C; plans that were finished stay, of the others there is no trace.
    """
    check_destinations([out / task.name for task in tasks])
    is_new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".rigshift-", dir=out))
    rows: dict[Task, Row] = {}
    crew = _Crew(scratch, form)

    def begun(busy: Sequence[Task]) -> None:
        progress(_stage(len(rows), len(tasks), busy))

    try:
        for task, row in crew.results(tasks, jobs, begun):
            rows[task] = _published(row, crew.directory(task), out / task.name)
        ordered = [rows[task] for task in tasks]
        _write_summary(ordered, scratch, out)
        return ordered
    except KeyboardInterrupt:
        raise Cancelled(_left_behind(rows, out)) from None
    finally:
        with _deaf_to_interrupts():
            crew.stop()
            shutil.rmtree(scratch)
            if is_new and not any(out.iterdir()):
                out.rmdir()


def as_dict(rows: Sequence[Row]) -> dict[str, Any]:
    """The summary for programs."""
    return {"studies": [asdict(row) for row in rows]}


class _Crew:
    """Worker processes, each with one study at a time; one that dies takes only its own study with it."""

    def __init__(self, scratch: Path, form: str) -> None:
        self.scratch, self.form = scratch, form
        self.context = get_context("spawn")  # a forked copy of a process with threads may hang
        self.busy: dict[Connection, tuple[BaseProcess, Task]] = {}

    def directory(self, task: Task) -> Path:
        """Where a study's plan is written first."""
        return self.scratch / task.name

    def results(
        self, tasks: Sequence[Task], jobs: int, begun: Callable[[list[Task]], None]
    ) -> Iterator[tuple[Task, Row]]:
        """Each study's row as it ends; `begun` is told the studies in work."""
        left = deque(tasks)
        while left and len(self.busy) < jobs:
            self._start(left.popleft())
        while self.busy:
            begun([task for _, task in self.busy.values()])
            for pipe in wait(list(self.busy)):
                assert isinstance(pipe, Connection)
                process, task = self.busy.pop(pipe)
                yield task, self._row(pipe, process, task)
                if left:
                    self._start_again(pipe, process, left.popleft())
                else:
                    pipe.close()

    def stop(self) -> None:
        """End whatever still works, with the solvers it has started."""
        for pipe, (process, _) in self.busy.items():
            pipe.close()
            _kill(process)
        self.busy.clear()

    def _start(self, task: Task) -> None:
        ours, theirs = self.context.Pipe()
        process = self.context.Process(target=_serve, args=(theirs, self.form, self.scratch), daemon=True)
        with _deaf_to_interrupts():  # the child inherits it: Ctrl-C reaches this process alone
            process.start()
        theirs.close()
        self._give(ours, process, task)

    def _start_again(self, pipe: Connection, process: BaseProcess, task: Task) -> None:
        if process.is_alive():
            self._give(pipe, process, task)
        else:
            pipe.close()
            self._start(task)

    def _give(self, pipe: Connection, process: BaseProcess, task: Task) -> None:
        self.busy[pipe] = (process, task)
        with suppress(OSError):  # a worker that has just died is told of when its row is asked for
            pipe.send((task, self.directory(task)))

    def _row(self, pipe: Connection, process: BaseProcess, task: Task) -> Row:
        try:
            row: Row = pipe.recv()
            return row
        except (EOFError, OSError):
            process.join()
            message = f"its process ended by itself (exit code {process.exitcode}); too little memory?"
            return _failed(task, Fault("solver", SOLVER, message))


def _serve(pipe: Connection, form: str, scratch: Path) -> None:
    """A worker's life: studies in, rows out, until the other end closes."""
    if hasattr(os, "setsid"):
        os.setsid()  # a group of its own, to be ended as one with the solvers it starts
    os.dup2(2, 1)  # what solvers print is no result
    os.environ.update(dict.fromkeys(TEMPORARY, str(scratch)))  # model files go when the batch goes
    with suppress(EOFError):
        while True:
            task, directory = pipe.recv()
            pipe.send(_solved(task, directory, form))


def _solved(task: Task, directory: Path, form: str) -> Row:
    from optimizer import Study, solve

    began = time.perf_counter()
    try:
        plan = solve(Study.from_yaml(task.file))
        plan.save(directory, "parquet" if form == "parquet" else "csv")
    except Exception as error:
        if "--debug" in sys.argv:
            traceback.print_exc()
        return replace(_failed(task, fault_of(error)), seconds=time.perf_counter() - began)
    gain = next((other.gain for other in plan.alternatives if other.name == "stay put"), None)
    return Row(
        study=task.name,
        file=str(task.file),
        status=str(plan.status),
        exit_code=STOPPED if plan.status == "stopped with a plan" else DONE,
        value_usd=plan.kpis.value_usd,
        gain_usd=gain.value_usd if gain else None,
        mined_btc=plan.kpis.mined_btc,
        payback_months=gain.payback_months if gain else None,
        seconds=time.perf_counter() - began,
    )


def _failed(task: Task, fault: Fault) -> Row:
    status = FAILED.get(fault.kind, fault.kind if fault.kind == "infeasible" else "solver failed")
    return Row(task.name, str(task.file), status, fault.exit_code, error=fault.as_dict())


def _published(row: Row, fresh: Path, target: Path) -> Row:
    """The row, once its plan stands where it belongs; an earlier plan there gives way in one step."""
    if row.error is not None:
        return row
    if target.exists():
        target.rename(fresh.with_name(f"{fresh.name}.earlier"))
    fresh.rename(target)
    return replace(row, written=str(target))


def _write_summary(rows: Sequence[Row], scratch: Path, out: Path) -> None:
    text = io.StringIO()
    names = [name for name in asdict(rows[0]) if name != "error"]
    table = csv.DictWriter(text, [*names, "error"], lineterminator="\n")
    table.writeheader()
    for row in rows:
        table.writerow({**asdict(row), "error": _in_one_line(row.error)})
    summary = json.dumps(plain({"schema": SCHEMA, **as_dict(rows)}), indent=2, allow_nan=False) + "\n"
    for name, content in (("summary.csv", text.getvalue()), ("summary.json", summary)):
        (scratch / name).write_text(content, encoding="utf-8")
        (scratch / name).replace(out / name)


def _in_one_line(error: Mapping[str, Any] | None) -> str:
    return "" if error is None else " ".join(told_in_row(error).split())


def _stage(done: int, count: int, busy: Sequence[Task]) -> str:
    return f"{done} of {count} studies done; solving {', '.join(task.name for task in busy)}"


def _left_behind(rows: dict[Task, Row], out: Path) -> str:
    written = [row.study for row in rows.values() if row.written]
    if not written:
        return "cancelled; nothing was written"
    return f"cancelled; finished before and kept under {out}: {', '.join(written)}; nothing else was written"


def _kill(process: BaseProcess) -> None:
    with suppress(ProcessLookupError, AttributeError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.kill()
    process.join()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
