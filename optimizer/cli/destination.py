"""Where a plan will be written, checked before the work, not after it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from optimizer.errors import ConfigError, Problem
from optimizer.plan import strangers


def check_destinations(directories: Sequence[Path]) -> None:
    """Raises ConfigError with everything that would keep plans from being written to these directories."""
    problems = [found for directory in directories if (found := _problem(directory)) is not None]
    if problems:
        raise ConfigError(problems)


def _problem(directory: Path) -> Problem | None:
    target = directory.resolve()
    if target.exists() and not target.is_dir():
        return _refused(directory, "is a file, not a directory", "name a directory")
    if Path.cwd().is_relative_to(target):
        remedy = f"name a directory of its own, e.g. {directory / 'plan'}"
        return _refused(directory, "is where you are working; a plan replaces its whole directory", remedy)
    if target.exists() and (foreign := strangers(target)):
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        rule = f"holds what is not part of a plan: {', '.join(foreign[:3])}{more}"
        return _refused(directory, rule, "name another directory: a plan replaces the whole of its own")
    return _unwritable(directory, target)


def _unwritable(directory: Path, target: Path) -> Problem | None:
    """Tries it, in the nearest directory that is there: permissions alone do not tell of a read-only disk."""
    there = next(parent for parent in target.parents if parent.exists())
    if target.exists() and not os.access(target, os.W_OK):
        there = target
    try:
        with tempfile.TemporaryDirectory(prefix=".rigshift-", dir=there):
            return None
    except OSError as error:
        rule = f"cannot be written: {there}: {error.strerror}"
        return _refused(directory, rule, "name a directory that you may write to")


def _refused(directory: Path, rule: str, remedy: str) -> Problem:
    return Problem(str(directory), None, "", "", rule, remedy)
