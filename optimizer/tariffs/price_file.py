"""Reading a file of hourly prices: every gap, repeat and unreadable row is a problem."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import zlib
from difflib import get_close_matches
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from optimizer.errors import ConfigError, Problem, shown
from optimizer.tables import AS_CSV, csv_lines, wrong_width
from optimizer.tariffs.base import Floats, Ints, Times
from optimizer.tariffs.price_series import PriceSeries

HOUR = np.timedelta64(1, "h")
SHOWN_PER_KIND = 5


def read_series(
    path: Path, time_column: str, price_column: str, *, usd_per_kwh_of_unit: float, ending_in: str | None
) -> PriceSeries:
    """The prices of a CSV file. `ending_in` is the zone of local hour-ending times; None: UTC starts.

    Raises ConfigError with every gap, repeat, unreadable time and price (the first few of each kind).
    """
    raw = _bytes_of(path)
    table = _table(path, raw, time_column, price_column)
    prices = pd.to_numeric(table[price_column], errors="coerce").to_numpy(dtype=np.float64)
    start_utc = _local_ends(table[time_column], ending_in) if ending_in else _utc_starts(table[time_column])
    problems = [
        *_bad_prices(path, table[price_column], prices),
        *_bad_times(path, table[time_column], start_utc),
    ]
    if problems:
        raise ConfigError(problems)
    return PriceSeries(
        file=str(path),
        sha256=hashlib.sha256(raw).hexdigest(),
        usd_per_kwh_of_unit=usd_per_kwh_of_unit,
        first_utc=start_utc[0].astype("datetime64[m]"),
        timezone=ending_in or "UTC",
        usd_per_kwh=prices * usd_per_kwh_of_unit,
    )


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            [
                _problem(
                    path,
                    None,
                    "",
                    "",
                    f"cannot be read: {error.strerror}",
                    "check the path; it is relative to the study file",
                )
            ]
        ) from error


def _table(path: Path, raw: bytes, *columns: str) -> pd.DataFrame:
    """The file as text, its index the line of each row."""
    lines = list(csv_lines(path, _unpacked(path, raw)))
    headings = lines[0][1] if lines else []
    if len(headings) == 1 and ";" in headings[0]:
        raise ConfigError([_problem(path, lines[0][0], "", "", "is not separated by commas", AS_CSV)])
    problems = [
        _problem(path, 1, column, "", "is not a column of the file", _nearest(column, headings))
        for column in columns
        if column not in headings
    ]
    uneven = [(line, len(cells)) for line, cells in lines if len(cells) != len(headings)]
    problems += [wrong_width(path, line, width, len(headings)) for line, width in uneven[:SHOWN_PER_KIND]]
    if not problems and len(lines) < 2:
        problems = [_problem(path, None, "", "", "has no rows", "give one row for each hour")]
    if problems:
        raise ConfigError(problems)
    return pd.DataFrame(
        [cells for _, cells in lines[1:]], columns=headings, index=[line for line, _ in lines[1:]]
    )


def _unpacked(path: Path, raw: bytes) -> bytes:
    try:
        return gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigError([_problem(path, None, "", "", f"cannot be unpacked: {error}", AS_CSV)]) from error


def _nearest(column: str, headings: list[str]) -> str:
    near = get_close_matches(column, headings, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}its columns are {', '.join(repr(heading) for heading in headings)}"


def _utc_starts(written: pd.Series[str]) -> Times:
    times = pd.to_datetime(written, utc=True, errors="coerce", format="ISO8601")
    return times.dt.tz_localize(None).to_numpy().astype("datetime64[s]")


def _local_ends(written: pd.Series[str], timezone: str) -> Times:
    """UTC starts of hours named by their end on a local clock. Files differ in how they name the hour at a
    clock change (the end as the clock shows it, or the start plus one); both are understood."""
    plain = written.where(written.str.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?"))
    starts = pd.to_datetime(plain, errors="coerce", format="ISO8601") - pd.Timedelta(hours=1)
    known = starts.notna()
    wall = pd.DatetimeIndex(starts[known])
    wall = _by_their_start(wall, timezone)
    second = wall.duplicated()
    clock = wall.tz_localize(timezone, ambiguous=~second, nonexistent="NaT")
    result = np.full(len(written), np.datetime64("NaT"), dtype="datetime64[s]")
    result[known.to_numpy()] = clock.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")
    return result


def _by_their_start(wall: pd.DatetimeIndex, timezone: str) -> pd.DatetimeIndex:
    """Where an hour at a clock change carries the end that the clock shows, name it by its start instead."""
    if wall.empty:
        return wall
    hour = pd.Timedelta(hours=1)
    first = (wall.min().normalize() - 24 * hour).tz_localize(
        timezone, ambiguous=True, nonexistent="shift_forward"
    )
    utc = pd.date_range(first.tz_convert("UTC"), periods=int((wall.max() - wall.min()) / hour) + 96, freq="h")
    shifts = pd.Series(np.diff(utc.tz_convert(timezone).tz_localize(None)), index=utc[1:])
    fixed = wall.to_numpy().copy()
    for moment, shift in shifts[shifts != hour].items():
        resumed = (
            cast(pd.Timestamp, moment).tz_convert(timezone).tz_localize(None)
        )  # first clock hour after the change
        named = np.flatnonzero(wall == resumed - hour)
        if shift > hour and not (wall == resumed - shift).any():
            fixed[named] = (resumed - shift).to_datetime64()
        elif shift < hour and len(named) == 2:
            fixed[named[1]] = resumed.to_datetime64()
    return pd.DatetimeIndex(fixed)


def _bad_prices(path: Path, written: pd.Series[str], prices: Floats) -> list[Problem]:
    remedy = "write a number with a decimal point; fill a missing hour from the source"
    return _listed(path, written, np.flatnonzero(~np.isfinite(prices)), "is not a number", remedy)


def _bad_times(path: Path, written: pd.Series[str], start_utc: Times) -> list[Problem]:
    unread = np.isnat(start_utc)
    form = "write 2026-12-01T13:00Z for UTC, 2026-12-01T13:00 on a local clock; a clock change skips some"
    problems = _listed(path, written, np.flatnonzero(unread), "is not a time", form)
    rows, times = np.flatnonzero(~unread), start_utc[~unread]
    uneven = rows[times != times.astype("datetime64[h]").astype(times.dtype)]
    problems += _listed(path, written, uneven, "is not on the hour", "give one row for each whole UTC hour")
    steps, after = np.diff(times) / HOUR, rows[1:]
    problems += _listed(path, written, after[steps == 0], "repeats an hour", "keep one row for each hour")
    problems += _listed(path, written, after[steps < 0], "goes back in time", "sort the rows by time")
    for step in np.unique(steps[steps > 1]):
        hours = "an hour is" if step == 2 else f"{step - 1:g} hours are"
        remedy = "fill the gap from the source; a gap is never filled by guess"
        problems += _listed(
            path, written, after[steps == step], f"comes after a gap: {hours} missing", remedy
        )
    return problems


def _listed(path: Path, written: pd.Series[str], rows: Ints, rule: str, remedy: str) -> list[Problem]:
    """The first few faults of a kind, and how many more there are."""
    column = str(written.name)
    found = [
        _problem(path, int(written.index[row]), column, shown(written.iloc[row]), rule, remedy)
        for row in rows.tolist()
    ]
    if len(found) > SHOWN_PER_KIND:
        more = f"{rule}; so do {len(found) - SHOWN_PER_KIND} more rows further down"
        found[SHOWN_PER_KIND - 1 :] = [dataclasses.replace(found[SHOWN_PER_KIND - 1], rule=more)]
    return found


def _problem(path: Path, line: int | None, where: str, value: str, rule: str, remedy: str) -> Problem:
    return Problem(str(path), line, where, value, rule, remedy)
