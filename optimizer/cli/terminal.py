"""Between commands and terminal: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

SCHEMA = 1  # of every JSON document; docs/cli.md
WIDTH_OF_FILES = 112


def document(content: Mapping[str, Any]) -> None:
    """One JSON document on stdout; numbers that are not finite become null."""
    print(json.dumps(plain({"schema": SCHEMA, **content}), indent=2, allow_nan=False))


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, date | os.PathLike):
        return str(value)
    if type(value).__module__ == "numpy":
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def show(*parts: RenderableType) -> None:
    """Results for people, on stdout: as wide as the terminal, or as a plan's own text when there is none."""
    console = _console(is_error=False)
    for part in parts:
        console.print(part, markup=False)


def width() -> int:
    """Columns on stdout."""
    return _console(is_error=False).width


def say(text: str, style: str = "") -> None:
    """A message for people, on stderr; its first line in the style."""
    console = _console(is_error=True)
    first, *rest = text.split("\n")
    console.print(first, style=style, markup=False, soft_wrap=True)
    for line in rest:
        console.print(line, markup=False, soft_wrap=True)


def _console(*, is_error: bool) -> Console:
    from rich.console import Console

    console = Console(stderr=is_error, highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDTH_OF_FILES
    return console


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Tells the stage and the time it has taken so far, on a terminal; quiet anywhere else."""
    console = _console(is_error=True)
    if not console.is_terminal:
        yield lambda stage: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda stage: bar.update(task, description=stage)
