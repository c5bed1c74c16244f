"""What a price file does not say outright: which columns, which unit, what stamps mean; guesses are told."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from optimizer.errors import ConfigError, Problem
from optimizer.tariffs.price_columns import table
from optimizer.tariffs.price_stamps import Stamps, usual_step_minutes

LOOKED_AT = 50  # rows
CURRENCIES = (
    "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK ETB EUR GBP GEL HUF IDR INR ISK JPY KGS KRW KZT MXN MYR "
    "NGN NOK NZD OMR PEN PLN PYG RON RUB SEK TRY UAH USD UZS ZAR"
)
UNIT = re.compile(r"(?<![a-z])(?P<money>[a-z]{3})(?: |_|/|per)*(?P<size>[mk])wh", re.IGNORECASE)
HAS_OFFSET = r".*(Z|[+-]\d\d:?\d\d)$"
HOUR = pd.Timedelta(hours=1)
MONTHS_OF_CHANGE = (3, 4, 9, 10, 11)  # north and south


@dataclass(frozen=True)
class Reading:
    """How a file is to be read; what stays None is to be guessed."""

    time_column: str | None = None
    price_column: str | None = None
    unit: str | None = None
    time: str | None = None
    timezone: str | None = None

    @property
    def stamps(self) -> Stamps:
        return Stamps.of(self.time or "", self.timezone)


def complete(path: Path, raw: bytes, given: Reading) -> tuple[Reading, list[str]]:
    """The reading with everything filled in, and what was guessed; ConfigError where it could be wrong."""
    named = [name for name in (given.time_column, given.price_column) if name is not None]
    columns, told = table(path, raw, *named), []
    if given.time_column is None:
        given = replace(given, time_column=_time_column(path, columns))
        told.append(f"times are in {given.time_column!r}")
    if given.price_column is None:
        given = replace(given, price_column=_price_column(path, columns, str(given.time_column)))
        told.append(f"prices are in {given.price_column!r}")
    if given.unit is None:
        given = replace(given, unit=_unit(path, str(given.price_column)))
        told.append(f"prices are in {given.unit}")
    if given.time is None:
        time, why = _time(path, columns[str(given.time_column)], given.timezone)
        given = replace(given, time=time)
        told.append(f"--time {time}: {why}")
    return given, told


def _time_column(path: Path, columns: pd.DataFrame) -> str:
    for name in columns.columns:
        if _as_times(columns[name].head(LOOKED_AT)).notna().all():
            return str(name)
    remedy = f"write them as 2026-12-01T13:00Z, or name one with --time-column: {_names(columns)}"
    raise ConfigError([Problem(str(path), None, "", "", "has no column that reads as times", remedy)])


def _as_times(written: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    if pd.api.types.is_numeric_dtype(written):
        return pd.Series(pd.NaT, index=written.index)
    text = written.astype(str).str.replace("24:00", "00:00")
    return pd.to_datetime(text, utc=True, errors="coerce", format="ISO8601").dt.tz_localize(None)


def _price_column(path: Path, columns: pd.DataFrame, time_column: str) -> str:
    others = [str(name) for name in columns.columns if name != time_column]
    numbers = [name for name in others if _is_numeric(columns[name].head(LOOKED_AT))]
    said = [name for name in numbers if UNIT.search(name)]
    for choice in (numbers, said):
        if len(choice) == 1:
            return choice[0]
    rule = f"has {len(numbers)} columns of numbers" if numbers else "has no column of numbers"
    remedy = f"name the one with the prices: --price-column with one of {_names(columns)}"
    raise ConfigError([Problem(str(path), None, "", "", rule, remedy)])


def _is_numeric(written: pd.Series[str]) -> bool:
    return bool(pd.to_numeric(written, errors="coerce").notna().mean() >= 0.5)


def _unit(path: Path, heading: str) -> str:
    found = UNIT.search(heading)
    if found is None or found["money"].upper() not in CURRENCIES.split():
        remedy = "give it, e.g. --unit USD/MWh"
        raise ConfigError([Problem(str(path), None, heading, "", "does not say its unit", remedy)])
    return f"{found['money'].upper()}/{'M' if found['size'] in 'mM' else 'k'}Wh"


def _time(path: Path, written: pd.Series[str], timezone: str | None) -> tuple[str, str]:
    heading, first = str(written.name).lower(), str(written.iloc[0])
    shown = _as_times(written)
    edge, why_edge = _edge(heading, shown)
    if timezone is not None:
        return f"local_{edge}", f"--timezone is given; {why_edge}"
    has_offset = isinstance(written.dtype, pd.DatetimeTZDtype) or re.fullmatch(HAS_OFFSET, first[10:])
    if has_offset or "utc" in heading or "gmt" in heading:
        return (
            f"utc_{edge}",
            f"{'stamps carry their offset' if has_offset else 'the heading says so'}; {why_edge}",
        )
    why = "its heading says so" if "local" in heading else _clock_jump(shown)
    if why is not None:
        rule = f"has local times ({why}), but does not say of which clock"
        remedy = f"give --timezone, e.g. --timezone America/Edmonton (and --time local_{edge})"
        raise ConfigError([Problem(str(path), None, str(written.name), "", rule, remedy)])
    return f"utc_{edge}", f"stamps name no clock and no clock change shows; {why_edge}"


def _edge(heading: str, shown: pd.Series[pd.Timestamp]) -> tuple[str, str]:
    """Whether stamps name the start or the end: by the heading, else by the stamp that a day begins with."""
    if re.search(r"end|(^|[^a-z])he([^a-z]|$)", heading):
        return "ending", "the heading says ending"
    if re.search(r"start|begin", heading):
        return "start", "the heading says start"
    first = shown.iloc[0]
    if first - first.normalize() == pd.Timedelta(minutes=usual_step_minutes(shown)):
        return "ending", f"the first stamp is {first:%H:%M}, one step after midnight"
    return "start", f"the first stamp is {first:%H:%M}"


def _clock_jump(shown: pd.Series[pd.Timestamp]) -> str | None:
    """Where an hour is skipped in a month in which clocks go forward."""
    steps = shown.diff()
    step = pd.Timedelta(minutes=usual_step_minutes(shown))
    skipped = shown[(steps == HOUR + step) & shown.dt.month.isin(MONTHS_OF_CHANGE)]
    return f"the hour before {skipped.iloc[0]:%Y-%m-%d %H:%M} is not there" if len(skipped) else None


def _names(columns: pd.DataFrame) -> str:
    return ", ".join(repr(str(name)) for name in columns.columns)
