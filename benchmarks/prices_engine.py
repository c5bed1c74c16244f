"""Whole price series through the value engine and a plain loop: ``python -m benchmarks.prices_engine FILE.``

Every year of every file, two machine models, one hashprice: run hours and margin from the tariff to the
look-up, month by month on the file's own clock, against a loop over the rows of the file. Fails where they
differ by more than 1e-9 of the loop's figure or a year takes more than a second. Months that a file has in
part are left out.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.catalogue import Model, model
from optimizer.cli.price_guess import Reading, complete
from optimizer.economics import breakeven_usd_per_kwh, cheapest_first
from optimizer.errors import ConfigError
from optimizer.market import bundled_start
from optimizer.sections.base import Exchange
from optimizer.sections.horizon import month_number, month_start
from optimizer.tariffs import Hourly, site_hours
from optimizer.tariffs.price_columns import file_bytes
from optimizer.tariffs.price_file import read_series
from optimizer.units import read_quantity

MODELS = ("S19j Pro", "S21 XP")
TOLERANCE = 1e-9
SECONDS_A_YEAR = 1.0
Floats = NDArray[np.float64]


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print, and fail where engine and loop part or the engine is slow."""
    asked = _parser().parse_args(arguments)
    models = [model(name) for name in MODELS]
    level = np.array([float(breakeven_usd_per_kwh(_hashprice(), each.j_per_th)) for each in models])
    is_right = True
    heads = f"{'hours':>9} {'margin USD':>11} {'difference':>10} {'s':>7}"
    print(f"{'file':32} {'year':>5} {'months':>6} {'model':>18} {heads}")
    for file in asked.files:
        tariff = _tariff(file, asked.timezone, asked.per_usd)
        for line, is_fine in _lines(tariff, models, level):
            print(f"{file.name[:32]:32} {line}")
            is_right = is_right and is_fine
    return 0 if is_right else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prices_engine", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="price files")
    parser.add_argument("--timezone", help="clock of files with local times: America/Edmonton")
    parser.add_argument("--per-usd", type=float, default=1.39, help="CAD per USD: %(default)s")
    return parser


def _hashprice() -> float:
    return bundled_start().hashprice_usd_per_ths_day


def _tariff(file: Path, timezone: str | None, cad_per_usd: float) -> Hourly:
    """The contract that a study would have for this file."""
    raw, fx = file_bytes(file), {"CAD": cad_per_usd}
    try:
        reading, _ = complete(file, raw, Reading())
    except ConfigError:
        reading, _ = complete(file, raw, Reading(timezone=timezone))
    terms = {"kind": "hourly", "file": file.name, **asdict(reading)}
    tariff = Hourly.model_validate(terms, context=Exchange(fx))
    columns = tariff.time_column, tariff.price_column
    rate = read_quantity(f"1 {tariff.unit}", "usd_per_kwh", fx)
    return tariff.with_series(read_series(file, *columns, usd_per_kwh_of_unit=rate, stamps=tariff.stamps))


def _lines(tariff: Hourly, models: list[Model], level: Floats) -> Iterator[tuple[str, bool]]:
    series = tariff.series
    clock = pd.DatetimeIndex(series.start_utc.astype("datetime64[s]")).tz_localize("UTC")
    clock = clock.tz_convert(series.timezone)
    for year in np.unique(clock.year):
        bounds = _whole_months(tariff, int(year))
        if not bounds:
            continue
        started = time.perf_counter()
        hours, margin = _by_engine(tariff, bounds, level)
        seconds = time.perf_counter() - started
        in_bounds = (
            (clock.year == year) & (clock.month <= bounds[-1][0].month) & (clock.month >= bounds[0][0].month)
        )
        prices = series.usd_per_kwh[in_bounds].tolist()
        for n, each in enumerate(models):
            by_loop = _by_plain_loop(prices, 1.0 / series.intervals_per_hour, float(level[n]))
            apart = max(_apart(hours[n], by_loop[0]), _apart(margin[n], by_loop[1]))
            usd = margin[n] * each.power_w / 1000
            line = f"{year:>5} {len(bounds):>6} {each.name:>18} {hours[n]:9,.0f} {usd:11,.2f}"
            yield f"{line} {apart:10.1e} {seconds:7.4f}", apart <= TOLERANCE and seconds < SECONDS_A_YEAR


def _whole_months(tariff: Hourly, year: int) -> list[tuple[date, date]]:
    first = month_number(f"{year}-01")
    months = [(month_start(n), month_start(n + 1)) for n in range(first, first + 12)]
    return [bounds for bounds in months if tariff.series.covers_days(*bounds)]


def _apart(mine: float, theirs: float) -> float:
    return abs(mine - theirs) / max(abs(theirs), 1e-300)


def _by_engine(tariff: Hourly, bounds: list[tuple[date, date]], level: Floats) -> tuple[Floats, Floats]:
    """Hours run and margin per kW of each machine over all months."""
    price = tariff.power_price(site_hours(bounds, tariff.series.timezone))
    total = price.total_usd_per_kwh()
    cost = np.where(price.hours > 0, total, np.inf)
    levels = np.repeat(level[:, None], len(bounds), axis=1)
    hours, paid = cheapest_first(cost, [price.hours, price.hours * total]).below(levels)
    return hours.sum(axis=1), (levels * hours - paid).sum(axis=1)


def _by_plain_loop(prices: list[float], length: float, level: float) -> tuple[float, float]:
    hours = margin = 0.0
    for price in prices:
        if price < level:
            hours += length
            margin += length * (level - price)
    return hours, margin


if __name__ == "__main__":
    sys.exit(main())
