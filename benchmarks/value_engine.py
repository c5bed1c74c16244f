"""How fast hours become the value of a machine.

    python -m benchmarks.value_engine [--sites 200] [--lots 40] [--months 36]

Every part of the price differs by the hour, two settings a machine. A contract with response is summed twice.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optimizer.prepare.cooling import Conditions
from optimizer.prepare.machine_hours import Earnings, earnings, machine_months
from optimizer.sections.sites import Site
from optimizer.tariffs.base import PowerPrice, Response

DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
SITE = Site(id="any", name="Any", lat_deg=50.0, lon_deg=80.0, max_power_kw=1e6, pue=1.05, tariff="any")


def machines(lots: int, months: int, draw: np.random.Generator) -> Earnings:
    """Two settings, uptime and hashprice by the month."""
    ths = draw.uniform(90, 300, (lots, 2))
    power_kw = ths * draw.uniform(12, 38, (lots, 2)) / 1000
    hashprice = 0.05 * 0.99 ** np.arange(months)
    uptime = draw.uniform(0.9, 1.0, (lots, months))
    return earnings(ths, power_kw, uptime, hashprice, hashprice / 6e4, 0.02, np.full((lots, 2), 0.01))


def contract(months: int, draw: np.random.Generator) -> PowerPrice:
    """A wholesale price with everything else by the hour too."""
    hours = (np.arange(744)[:, None] < 24 * np.resize(DAYS, months)).astype(float)
    plain = PowerPrice.plain(hours, hours * np.maximum(-0.05, draw.gamma(1.5, 0.03, hours.shape)))
    parts = {
        f"{part}_usd_per_kwh": hours * draw.uniform(0, 0.02, hours.shape) for part in ("delivery", "levy")
    }
    return replace(plain, **parts, peak_usd_per_kwh=hours * (draw.random(hours.shape) < 0.01))


def offer(price: PowerPrice) -> Response:
    """Called in one hour of a hundred."""
    shape = price.hours.shape
    paid = np.full(shape, 0.2)
    return Response(np.full(shape[1], 2.0), np.full(shape, 0.01), paid, np.full(shape[1], np.inf))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the processor seconds of all sites."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.value_engine", description=__doc__)
    for name, default in (("--sites", 200), ("--lots", 40), ("--months", 36)):
        parser.add_argument(name, type=int, default=default)
    asked = parser.parse_args(arguments)
    draw = np.random.default_rng(1)
    earns = machines(asked.lots, asked.months, draw)
    prices = [contract(asked.months, draw) for _ in range(asked.sites)]
    pue = 1.02 + 0.04 * draw.random(prices[0].hours.shape)
    around = Conditions(pue, np.where(pue > 1.05, 0.9, 1.0))
    for told, response in (("plain", None), ("with response", offer(prices[0]))):
        started = time.process_time()
        for price in prices:
            machine_months(SITE, price, earns, around, response)
        print(f"{asked.sites} sites, {asked.lots} lots, {asked.months} months, {told}: ", end="")
        print(f"{time.process_time() - started:.2f} s of processor time")


if __name__ == "__main__":
    main()
