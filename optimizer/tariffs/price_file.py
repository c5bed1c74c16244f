"""Reading a file of prices by the interval: every gap, repeat and unreadable row is a problem."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.errors import ConfigError, Problem
from optimizer.tariffs.base import Floats
from optimizer.tariffs.price_columns import file_bytes, listed, table
from optimizer.tariffs.price_series import PriceSeries
from optimizer.tariffs.price_stamps import Stamps, bad_stamps, intervals


def read_series(
    path: Path, time_column: str, price_column: str, *, usd_per_kwh_of_unit: float, stamps: Stamps
) -> PriceSeries:
    """The prices of a CSV (also .gz) or Parquet file, in steps of 60, 30, 15 or 5 minutes.

    Raises ConfigError with every gap, repeat, unreadable time and price (the first few of each kind).
    """
    raw = file_bytes(path)
    columns = table(path, raw, time_column, price_column)
    prices = pd.to_numeric(columns[price_column], errors="coerce").to_numpy(dtype=np.float64)
    found = intervals(columns[time_column], stamps)
    problems = [
        *_bad_prices(path, columns[price_column], prices),
        *bad_stamps(path, columns[time_column], found, stamps),
    ]
    if problems:
        raise ConfigError(problems)
    return PriceSeries(
        file=str(path),
        sha256=hashlib.sha256(raw).hexdigest(),
        usd_per_kwh_of_unit=usd_per_kwh_of_unit,
        first_utc=found.start_utc[0].astype("datetime64[m]"),
        timezone=stamps.timezone or "UTC",
        usd_per_kwh=prices * usd_per_kwh_of_unit,
        minutes=found.minutes,
    )


def _bad_prices(path: Path, written: pd.Series[str], prices: Floats) -> list[Problem]:
    remedy = "write a number with a decimal point; fill a missing hour from the source"
    return listed(path, written, np.flatnonzero(~np.isfinite(prices)), "is not a number", remedy)
