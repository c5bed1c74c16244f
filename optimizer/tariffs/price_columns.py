"""The two columns of a price file, CSV or Parquet, as written, with the place of every row."""

from __future__ import annotations

import dataclasses
import gzip
import io
import zlib
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from optimizer.errors import ConfigError, Problem, shown
from optimizer.tables import AS_CSV, csv_lines, wrong_width
from optimizer.tariffs.base import Ints

SHOWN_PER_KIND = 5
PARQUET = ".parquet"


def file_bytes(path: Path) -> bytes:
    """The file as it is. Raises ConfigError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        rule = f"cannot be read: {error.strerror}"
        remedy = "check the path; it is relative to the study file"
        raise ConfigError([Problem(str(path), None, "", "", rule, remedy)]) from error


def why_unreadable(path: Path) -> str | None:
    """What the system says where a file cannot be read; None where it can."""
    try:
        path.open("rb").close()
    except OSError as error:
        return error.strerror
    return None


def headings(path: Path, raw: bytes) -> list[str]:
    """The names of its columns."""
    return [str(name) for name in table(path, raw).columns]


def table(path: Path, raw: bytes, *wanted: str) -> pd.DataFrame:
    """The file as written: text in a CSV file, its index the line of each row (in Parquet, its number).

    Raises ConfigError when it cannot be read, has no rows or lacks a wanted column.
    """
    if path.suffix.lower() == PARQUET:
        return _parquet(path, raw, wanted)
    return _csv(path, raw, wanted)


def _csv(path: Path, raw: bytes, wanted: tuple[str, ...]) -> pd.DataFrame:
    lines = list(csv_lines(path, _unpacked(path, raw)))
    names = lines[0][1] if lines else []
    if len(names) == 1 and ";" in names[0]:
        raise ConfigError([Problem(str(path), lines[0][0], "", "", "is not separated by commas", AS_CSV)])
    problems = _missing(path, 1, names, wanted)
    uneven = [(line, len(cells)) for line, cells in lines if len(cells) != len(names)]
    problems += [wrong_width(path, line, width, len(names)) for line, width in uneven[:SHOWN_PER_KIND]]
    if not problems and len(lines) < 2:
        problems = [_no_rows(path)]
    if problems:
        raise ConfigError(problems)
    cells = [cells for _, cells in lines[1:]]
    return pd.DataFrame(cells, columns=names, index=[line for line, _ in lines[1:]])


def _parquet(path: Path, raw: bytes, wanted: tuple[str, ...]) -> pd.DataFrame:
    import pyarrow

    try:
        read = pd.read_parquet(io.BytesIO(raw))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        rule = f"is not a Parquet file: {shown(str(error))}"
        raise ConfigError([Problem(str(path), None, "", "", rule, "write it again, or as CSV")]) from error
    if any(name is not None for name in read.index.names):
        read = read.reset_index()
    problems = _missing(path, None, [str(name) for name in read.columns], wanted)
    if not problems and read.empty:
        problems = [_no_rows(path)]
    if problems:
        raise ConfigError(problems)
    return read.set_axis(range(1, len(read) + 1))


def _missing(path: Path, line: int | None, names: list[str], wanted: tuple[str, ...]) -> list[Problem]:
    return [
        Problem(str(path), line, column, "", "is not a column of the file", _nearest(column, names))
        for column in wanted
        if column not in names
    ]


def _no_rows(path: Path) -> Problem:
    return Problem(str(path), None, "", "", "has no rows", "give one row for each hour")


def _unpacked(path: Path, raw: bytes) -> bytes:
    try:
        return gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigError(
            [Problem(str(path), None, "", "", f"cannot be unpacked: {error}", AS_CSV)]
        ) from error


def _nearest(column: str, names: list[str]) -> str:
    near = get_close_matches(column, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}its columns are {', '.join(repr(name) for name in names)}"


def listed(path: Path, written: pd.Series[str], rows: Ints, rule: str, remedy: str) -> list[Problem]:
    """The first few faults of a kind, and how many more there are."""
    found = [_at(path, written, row, rule, remedy) for row in rows[:SHOWN_PER_KIND].tolist()]
    if len(rows) > SHOWN_PER_KIND:
        more = f"{rule}; so do {len(rows) - SHOWN_PER_KIND} more rows further down"
        found[-1] = dataclasses.replace(found[-1], rule=more)
    return found


def _at(path: Path, written: pd.Series[str], row: int, rule: str, remedy: str) -> Problem:
    column, number, value = str(written.name), int(written.index[row]), written.iloc[row]
    told = shown(value if isinstance(value, str) else str(value))
    if path.suffix.lower() == PARQUET:
        return Problem(str(path), None, f"{column}, row {number}", told, rule, remedy)
    return Problem(str(path), number, column, told, rule, remedy)
