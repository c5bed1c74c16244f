"""A file of the network's months, as a user downloaded it, with the names that its columns may have."""

from __future__ import annotations

import calendar
import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from optimizer.errors import ConfigError, Problem
from optimizer.market.points import difficulty_of
from optimizer.market.refresh import GivenMonth
from optimizer.tables import csv_lines, wrong_width

# What a column is called, and how many of our own unit one of its own is.
NAMES: dict[str, tuple[str, float]] = {
    "month": ("month", 1.0),
    "days": ("days", 1.0),
    "price_usd": ("btc_price_usd", 1.0),
    "btc_price_usd": ("btc_price_usd", 1.0),
    "difficulty": ("difficulty", 1.0),
    "difficulty_t": ("difficulty", 1e12),
    "network_hashrate_ehs": ("network_ehs", 1.0),
    "fees_btc_per_block": ("fees_btc_per_block", 1.0),
    "hashprice_usd_per_ths_day": ("hashprice_usd_per_ths_day", 1.0),
    "hashprice_usd_per_ph_day": ("hashprice_usd_per_ths_day", 1e-3),
}
WANTED = "month, days, price_usd, difficulty, fees_btc_per_block"
NEEDED = ("month", "btc_price_usd", "fees_btc_per_block")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class MarketFile:
    """The months of a file, its checksum, and the columns of it that were not needed."""

    rows: tuple[GivenMonth, ...]
    sha256: str
    ignored: tuple[str, ...]


def read_market_file(path: Path) -> MarketFile:
    """The file's months. Raises ConfigError with every cell that cannot be read, and OSError."""
    raw = path.read_bytes()
    lines = list(csv_lines(path, raw))
    if not lines:
        raise ConfigError([Problem(str(path), None, "", "", "is empty", f"give the columns {WANTED}")])
    (heading_line, headings), *body = lines
    problems = [*_headings(path, heading_line, headings), *_cut_off(path, raw, body)]
    rows: list[GivenMonth] = []
    for line, cells in body if not problems else ():
        if len(cells) != len(headings):
            problems.append(wrong_width(path, line, len(cells), len(headings)))
            continue
        row = _Row(path, line, dict(zip(headings, cells, strict=True)))
        found = row.read()
        problems += row.problems
        rows += [found] if found is not None else []
    if problems:
        raise ConfigError(problems)
    ignored = tuple(name for name in headings if name not in NAMES)
    return MarketFile(tuple(rows), hashlib.sha256(raw).hexdigest(), ignored)


def _headings(path: Path, line: int, headings: list[str]) -> Iterator[Problem]:
    meant = [NAMES[name][0] for name in headings if name in NAMES]
    lacking = [name for name in NEEDED if name not in meant]
    if "difficulty" not in meant and "network_ehs" not in meant:
        lacking.append("difficulty")
    for name in lacking:
        known = ", ".join(alias for alias, (own, _) in NAMES.items() if own == name)
        yield Problem(
            str(path), line, "", "", f"has no column for {name}", f"name one of its columns {known}"
        )
    for name in sorted({name for name in meant if meant.count(name) > 1}):
        yield Problem(str(path), line, "", "", f"has two columns for {name}", "keep one of them")


def _cut_off(path: Path, raw: bytes, body: list[tuple[int, list[str]]]) -> Iterator[Problem]:
    """The last number of a file that was cut off is a wrong number, and reads like a right one."""
    if not raw.endswith((b"\n", b"\r")):
        line = body[-1][0] if body else 1
        remedy = "download it again; if it is whole, end its last line"
        yield Problem(str(path), line, "", "", "ends in the middle of a line: cut off?", remedy)


class _Row:
    """One line being read: problems are collected, not thrown."""

    def __init__(self, path: Path, line: int, cells: Mapping[str, str]) -> None:
        self.path, self.line, self.cells = path, line, cells
        self.problems: list[Problem] = []

    def read(self) -> GivenMonth | None:
        """The month of this line; None where a problem was found."""
        figures = {own: self._figure(name) for name, (own, _) in NAMES.items() if self._is_figure(name)}
        month, days = self.cells["month"], None
        if not MONTH.fullmatch(month) or not 2009 <= int(month[:4]) <= 2100:
            self._refuse("month", "is not a month", "write year and month, e.g. 2026-09")
        elif self.cells.get("days"):
            days = self._days(month)
        if self.problems:
            return None
        ehs = figures.get("network_ehs")
        difficulty = figures.get("difficulty") or difficulty_of(ehs or math.nan)
        return GivenMonth(
            line=self.line,
            month=month,
            days=days,
            btc_price_usd=figures["btc_price_usd"] or math.nan,
            difficulty=difficulty,
            fees_btc_per_block=figures["fees_btc_per_block"] or 0.0,
            hashprice_usd_per_ths_day=figures.get("hashprice_usd_per_ths_day"),
            network_ehs=ehs,
        )

    def _is_figure(self, name: str) -> bool:
        return name not in ("month", "days") and name in self.cells

    def _figure(self, name: str) -> float | None:
        own, size = NAMES[name]
        text = self.cells[name]
        if not text and own in ("hashprice_usd_per_ths_day", "network_ehs") and "difficulty" in self.cells:
            return None
        try:
            value = float(text) * size
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self._refuse(name, "is not a number", "write digits and a decimal point; no gap is guessed")
        elif value < 0 or (value == 0 and own != "fees_btc_per_block"):
            self._refuse(name, "must be above 0", "check the row")
        return value

    def _days(self, month: str) -> int | None:
        whole = calendar.monthrange(int(month[:4]), int(month[5:]))[1]
        text = self.cells["days"]
        if not text.isdigit() or not 1 <= int(text) <= whole:
            self._refuse("days", f"is not a number from 1 to {whole}", "count the days that are covered")
            return None
        return int(text)

    def _refuse(self, name: str, rule: str, remedy: str) -> None:
        self.problems.append(Problem(str(self.path), self.line, name, self.cells[name], rule, remedy))
