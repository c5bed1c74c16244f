"""A solve kept apart: Ctrl-C ends it at once, stdout stays for the result, nothing is left behind."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
HEARTBEAT_S = 0.1
WORK = "rigshift-work"  # name of the thread
TEMPORARY = ("TMPDIR", "TEMP", "TMP")


def isolated(work: Callable[[], T]) -> T:
    """The result of the work, done in a thread: Ctrl-C is heard however deep a solver is in its own code."""
    with stdout_for_results(), own_temporary_directory():
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

        threading.Thread(target=run, daemon=True, name=WORK).start()
        try:
            while not future.done():
                wait([future], HEARTBEAT_S)
        except KeyboardInterrupt:
            _end_children()
            raise
        return future.result()


def is_left_behind() -> bool:
    """Whether cancelled work still runs; its thread cannot be ended, only the process."""
    return any(thread.name == WORK for thread in threading.enumerate())


@contextmanager
def stdout_for_results() -> Iterator[None]:
    """What solvers print goes to stderr, even from C."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def own_temporary_directory() -> Iterator[None]:
    """Model files that PuLP writes for a solver go when the command goes, even if the solver was cut off."""
    before = {name: os.environ.get(name) for name in TEMPORARY}
    with tempfile.TemporaryDirectory(prefix="rigshift-", ignore_cleanup_errors=True) as directory:
        os.environ.update(dict.fromkeys(TEMPORARY, directory))
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def _end_children() -> None:
    """Solvers run as programs do not end with Ctrl-C: CBC catches it and goes on for a while."""
    for each in gc.get_objects():
        if isinstance(each, subprocess.Popen):
            each.kill()
