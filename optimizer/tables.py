"""CSV and XLSX tables as rows of text with their line numbers; what could be misread is refused."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from optimizer.errors import ConfigError, Problem

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
AS_CSV = "save it as CSV: UTF-8 without byte-order mark, commas between columns, decimal points"


@dataclass(frozen=True)
class Row:
    """One row: its line in the file and its filled cells by column; an empty cell is absent."""

    line: int
    cells: dict[str, Any]


def read_table(
    path: Path, columns: Collection[str], required: Collection[str], sheet: str | None = None
) -> list[Row]:
    """The rows of a table whose headings are among `columns`. Raises ConfigError with all that is wrong."""
    lines = list(_xlsx_lines(path, sheet) if path.suffix.lower() == ".xlsx" else _csv_lines(path, sheet))
    if not lines:
        raise ConfigError(
            [Problem(str(path), None, "", "", "is empty", "give a line of column names, then one row each")]
        )
    heading_line, headings = lines[0]
    names = [str(name).strip() for name in headings]
    problems = [*_bad_headings(path, heading_line, names, columns, required)]
    rows = []
    for line, cells in lines[1:]:
        if len(cells) != len(names):
            problems.append(wrong_width(path, line, len(cells), len(names)))
        else:
            filled = {name: cell for name, cell in zip(names, cells, strict=True) if cell not in (None, "")}
            rows.append(Row(line, filled))
    if problems:
        raise ConfigError(problems)
    return rows


def wrong_width(path: Path, line: int, cells: int, headings: int) -> Problem:
    rule = f"has {cells} cells under {headings} headings"
    remedy = 'quote a cell that contains a comma: "4.1, ..."; write decimal points, not decimal commas'
    return Problem(str(path), line, "", "", rule, remedy)


def _bad_headings(
    path: Path, line: int, names: list[str], columns: Collection[str], required: Collection[str]
) -> Iterator[Problem]:
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        yield Problem(str(path), line, "", "", "is not separated by commas", AS_CSV)
        return
    meant = set()
    for name in dict.fromkeys(names):
        if name not in columns:
            near = get_close_matches(name, columns, n=1)
            meant.update(near)
            hint = f"did you mean {near[0]!r}? " if near else ""
            yield Problem(
                str(path),
                line,
                name or "(no heading)",
                "",
                "is not a known column",
                f"{hint}known: {', '.join(columns)}",
            )
        if names.count(name) > 1:
            yield Problem(str(path), line, name, "", "heads two columns", "keep one of them")
    for name in required:
        if name not in names and name not in meant:
            yield Problem(str(path), line, name, "", "is a column that must be there", "add the column")


def _csv_lines(path: Path, sheet: str | None) -> Iterator[tuple[int, Sequence[Any]]]:
    if sheet is not None:
        raise ConfigError(
            [Problem(str(path), None, "sheet", sheet, "a CSV file has no sheets", "take out sheet")]
        )
    yield from csv_lines(path, _bytes_of(path))


def csv_lines(path: Path, raw: bytes) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row that is not blank, headings first; ConfigError when it is no CSV."""
    if raw.startswith((BYTE_ORDER_MARK, b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError([Problem(str(path), 1, "", "", "starts with a byte-order mark", AS_CSV)])
    try:
        reader = csv.reader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True)
        line = 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(
            [Problem(str(path), None, "", "", f"is not a CSV file: {error}", AS_CSV)]
        ) from error


def _xlsx_lines(path: Path, sheet: str | None) -> Iterator[tuple[int, Sequence[Any]]]:
    raw = _bytes_of(path)
    try:
        values = openpyxl.load_workbook(io.BytesIO(raw), data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(raw))
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise ConfigError(
            [Problem(str(path), None, "", "", f"is not an XLSX file: {error}", "save it as .xlsx or .csv")]
        ) from error
    name = sheet or values.sheetnames[0]
    if name not in values.sheetnames:
        known = ", ".join(values.sheetnames)
        raise ConfigError(
            [Problem(str(path), None, "sheet", name, "is not a sheet of the file", f"its sheets are {known}")]
        )
    pairs = zip(values[name].iter_rows(), formulas[name].iter_rows(), strict=True)
    problems, lines = [], []
    for line, (row, written) in enumerate(pairs, start=1):
        for cell, formula in zip(row, written, strict=True):
            if cell.data_type == "e" or (cell.value is None and formula.value is not None):
                rule = f"is {cell.value}" if cell.value is not None else "is a formula without a stored value"
                problems.append(
                    Problem(
                        str(path), line, cell.coordinate, str(formula.value), rule, "write the value itself"
                    )
                )
        if any(cell.value not in (None, "") for cell in row):
            lines.append((line, [_plain(cell.value) for cell in row]))
    if problems:
        raise ConfigError(problems)
    yield from _without_empty_columns(lines)


def _without_empty_columns(lines: list[tuple[int, list[Any]]]) -> Iterator[tuple[int, list[Any]]]:
    """A spreadsheet often remembers columns that hold nothing."""
    used = (
        [any(cells[i] not in (None, "") for _, cells in lines) for i in range(len(lines[0][1]))]
        if lines
        else []
    )
    for line, cells in lines:
        yield (
            line,
            [cell if cell is not None else "" for cell, is_used in zip(cells, used, strict=True) if is_used],
        )


def _plain(value: Any) -> Any:
    """Spreadsheets turn 2026-12 into the first of the month; such a day is written back as the month."""
    if isinstance(value, datetime.datetime):
        return (
            f"{value:%Y-%m}"
            if value.day == 1 and value.time() == datetime.time()
            else value.date().isoformat()
        )
    return value.strip() if isinstance(value, str) else value


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        rule = f"cannot be read: {error.strerror}"
        raise ConfigError(
            [Problem(str(path), None, "", "", rule, "check the path; it is relative to the study file")]
        ) from error
