"""What the time stamps of a price file mean: the start of every interval in UTC, and all that is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from optimizer.errors import Problem
from optimizer.tariffs.base import Bools, Ints, Times
from optimizer.tariffs.price_columns import listed

MINUTE = np.timedelta64(1, "m")
STEPS_MINUTES = (60, 30, 15, 5)  # what a price file may have
CLOCKS_MOVE_BY_MINUTES = 15  # at the least: where clocks change is looked for on this grid
FEW = 24  # rows off the file's step that are told as gaps; more are another step
CLOCK_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.0+)?)?"
FORM = "write 2026-12-01T13:00Z for UTC, 2026-12-01T13:00 on a local clock; a clock change skips some"
CARRY_OFFSET = "carries its own offset from UTC"
LOCAL_AFTER_ALL = "; if the stamps are local and skip or repeat the hour of a clock change, say so in time:"


@dataclass(frozen=True)
class Stamps:
    """How a file names its intervals: by start or end, on a clock (`timezone`) or in UTC (None)."""

    names_end: bool
    timezone: str | None

    @classmethod
    def of(cls, time: str, timezone: str | None) -> Stamps:
        """From the words of a study, e.g. "local_ending"."""
        return cls(time.endswith("_ending"), timezone)


@dataclass(frozen=True)
class Intervals:
    """The start of each row's interval in UTC, NaT where unread, and the length that most rows have."""

    start_utc: Times  # [s]
    minutes: int
    off_grid: Bools  # stamps that are not at a multiple of `minutes` on their own clock


def intervals(written: pd.Series[str], stamps: Stamps) -> Intervals:
    """The intervals that a column of stamps names."""
    shown = _clock(written, is_utc=stamps.timezone is None)
    minutes = usual_step_minutes(shown)
    length = pd.Timedelta(minutes=minutes)
    starts = shown - length if stamps.names_end else shown
    start_utc = starts if stamps.timezone is None else _in_utc(starts, stamps, length)
    in_seconds = shown.to_numpy().astype("datetime64[s]")
    since_midnight = (in_seconds - in_seconds.astype("datetime64[D]")).astype(np.int64)
    off_grid = ~np.isnat(in_seconds) & (since_midnight % (60 * min(minutes, 60)) != 0)
    return Intervals(start_utc.to_numpy().astype("datetime64[s]"), minutes, off_grid)


def usual_step_minutes(shown: pd.Series[pd.Timestamp]) -> int:
    """The most common time from one stamp to the next; 60 where there is only one."""
    steps = (np.diff(shown.dropna().to_numpy().astype("datetime64[s]")) / MINUTE).round().astype(np.int64)
    values, counts = np.unique(steps[steps > 0], return_counts=True)
    return int(values[counts.argmax()]) if len(values) else STEPS_MINUTES[0]


def _clock(written: pd.Series[str], *, is_utc: bool) -> pd.Series[pd.Timestamp]:
    """The stamps as the clock shows them, without a zone; NaT where a stamp is none."""
    if isinstance(written.dtype, pd.DatetimeTZDtype):
        stamps = pd.DatetimeIndex(written).tz_convert("UTC").tz_localize(None)
        read = pd.Series(stamps if is_utc else pd.NaT, index=written.index)
        return read.astype("datetime64[ns]")
    if pd.api.types.is_datetime64_any_dtype(written):
        return cast("pd.Series[pd.Timestamp]", written)
    text, next_day = _without_hour_24(written.astype(str))
    if is_utc:
        read = pd.to_datetime(text, utc=True, errors="coerce", format="ISO8601").dt.tz_localize(None)
    else:
        read = pd.to_datetime(text.where(text.str.fullmatch(CLOCK_TIME)), errors="coerce", format="ISO8601")
    return read + pd.to_timedelta(next_day.astype(int), unit="D")


def _without_hour_24(written: pd.Series[str]) -> tuple[pd.Series[str], pd.Series[bool]]:
    """Some files call the end of a day 24:00."""
    next_day = written.str[11:16] == "24:00"
    midnight = written.str[:11] + "00:00" + written.str[16:]
    return written.mask(next_day, midnight), next_day


def _in_utc(starts: pd.Series[pd.Timestamp], stamps: Stamps, length: pd.Timedelta) -> pd.Series[pd.Timestamp]:
    """Starts on a local clock in UTC. Files differ in how they name the interval before a clock change by its
    end (as the clock shows it, or the start plus the length); both are understood."""
    assert stamps.timezone is not None
    known = starts.notna()
    wall = pd.DatetimeIndex(starts[known])
    if stamps.names_end and len(wall):
        wall = _by_their_start(wall, stamps.timezone, length)
    clock = wall.tz_localize(stamps.timezone, ambiguous=~wall.duplicated(), nonexistent="NaT")
    found = pd.Series(pd.NaT, index=starts.index).astype("datetime64[ns]")
    found[known] = clock.tz_convert("UTC").tz_localize(None).as_unit("ns")
    return found


def _by_their_start(wall: pd.DatetimeIndex, timezone: str, length: pd.Timedelta) -> pd.DatetimeIndex:
    """Where an interval at a clock change carries the end that the clock shows, name it by its start."""
    fixed = wall.to_numpy().copy()
    for before, resumed in clock_changes(wall.min(), wall.max(), timezone, length):
        named = np.flatnonzero(wall == resumed - length)
        goes_forward = resumed - before > length
        if goes_forward and not (wall == before).any():
            fixed[named] = before.to_datetime64()
        elif not goes_forward and len(named) == 2:
            fixed[named[1]] = before.to_datetime64()
    return pd.DatetimeIndex(fixed)


def clock_changes(
    first: pd.Timestamp, last: pd.Timestamp, timezone: str, length: pd.Timedelta
) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """What the clock shows `length` before each of its changes, and at the change."""
    day = pd.Timedelta(days=1)
    grid = pd.date_range(
        first.normalize() - day, last + 3 * day, freq=f"{CLOCKS_MOVE_BY_MINUTES}min", tz="UTC"
    )
    ahead = grid.tz_convert(timezone).tz_localize(None) - grid.tz_localize(None)
    at = grid[1:][np.diff(ahead.to_numpy()) != np.timedelta64(0, "s")]
    shown = [(at - step).tz_convert(timezone).tz_localize(None) for step in (length, pd.Timedelta(0))]
    return list(zip(*shown, strict=True))


def bad_stamps(path: Path, written: pd.Series[str], found: Intervals, stamps: Stamps) -> list[Problem]:
    """Stamps that are unread, off the grid, repeated, out of order or after a gap: the first of a kind."""
    unread = np.isnat(found.start_utc)
    if isinstance(written.dtype, pd.DatetimeTZDtype) and stamps.timezone is not None:
        remedy = "say time: utc_start or utc_ending, and leave out timezone"
        return listed(path, written, np.flatnonzero(unread), CARRY_OFFSET, remedy)
    if found.minutes not in STEPS_MINUTES:
        rule = f"has a row for every {length_text(found.minutes)}"
        known = ", ".join(map(str, STEPS_MINUTES[1:]))
        return [
            Problem(str(path), None, str(written.name), "", rule, f"give one for each hour, or {known} min")
        ]
    problems = listed(path, written, np.flatnonzero(unread), "is not a time", FORM)
    name = "the hour" if found.minutes == 60 else f"the {found.minutes} minutes"
    clock = "UTC" if stamps.timezone is None else "clock"
    remedy = f"give one row for each whole {clock} {length_text(found.minutes)}"
    problems += listed(path, written, np.flatnonzero(found.off_grid), f"is not on {name}", remedy)
    rows = np.flatnonzero(~unread & ~found.off_grid)
    return problems + _bad_steps(path, written, found, rows, LOCAL_AFTER_ALL if clock == "UTC" else "")


def _bad_steps(path: Path, written: pd.Series[str], found: Intervals, rows: Ints, hint: str) -> list[Problem]:
    steps = np.diff(found.start_utc[rows]) / MINUTE / found.minutes
    after, one = rows[1:], length_text(found.minutes)
    again = f"repeats {_a(one)}"
    problems = listed(path, written, after[steps == 0], again, f"keep one row for each {one}{hint}")
    problems += listed(path, written, after[steps < 0], "goes back in time", f"sort the rows by time{hint}")
    for step in np.unique(steps[steps > 1]):
        rows = after[steps == step]
        if len(rows) > FEW:
            told = _other_step(step, found.minutes, len(rows))
            problems += listed(path, written, rows[:1], *told)
        else:
            problems += listed(path, written, rows, *_gap(step, found.minutes, hint))
    return problems


def _gap(step: float, minutes: int, hint: str) -> tuple[str, str]:
    one = length_text(minutes)
    missing = f"{_a(one)} is" if step == 2 else f"{step - 1:g} {_many(one)} are"
    remedy = "fill the gap from the source; a gap is never filled by guess"
    is_an_hour = (step - 1) * minutes == 60
    return f"comes after a gap: {missing} missing", remedy + (hint if is_an_hour else "")


def _other_step(step: float, minutes: int, rows: int) -> tuple[str, str]:
    this, usual = (f"{int(each * minutes)} minutes" for each in (step, 1))
    rule = f"comes {this} after the row before it, as do {rows - 1} more rows, where most come {usual} after"
    return rule, "a file has one step throughout: cut it where the step changes, or bring it all to one"


def length_text(minutes: int) -> str:
    """ "hour", "15 minutes", "24 hours"."""
    if minutes == 60:
        return "hour"
    return f"{minutes} minutes" if minutes % 60 else f"{minutes // 60} hours"


def _a(one: str) -> str:
    return "an hour" if one == "hour" else f"an interval of {one}"


def _many(one: str) -> str:
    return "hours" if one == "hour" else f"intervals of {one}"
