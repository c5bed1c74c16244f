"""How much is lost by deciding in blocks of hours instead of hour by hour, on one coupled site-month.

    python -m benchmarks.hour_blocks

A month of 730 h with ten lots, a limit of 40 % in 6 % of the hours, take-or-pay on the energy drawn, a charge
for the peak of the month and one for a coincident hour. Every hour its own block is the truth.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array

from optimizer.prepare.cooling import Conditions
from optimizer.prepare.hour_blocks import OUTSIDE, HourBlocks, blocks_of, hour_blocks
from optimizer.prepare.machine_hours import Earnings, cost_usd_per_wall_kwh, earnings, machine_blocks
from optimizer.tariffs.base import DemandCharge, PowerPrice, VolumeSteps

Floats = NDArray[np.float64]
HOURS, LOTS = 730, 10


@dataclass(frozen=True)
class SiteMonth:
    """One site, one month, so many machines of each lot."""

    site: Any
    price: PowerPrice
    around: Conditions
    earns: Earnings
    machines: Floats  # (l)

    @property
    def cost(self) -> Floats:
        """(b, m) cost of a kWh at the wall."""
        return cost_usd_per_wall_kwh(self.site, self.price, self.around)


def site_month(seed: int, *, warm: bool = False) -> SiteMonth:
    """Wholesale prices with a daily shape and a tail, and machines from 12 to 38 J/TH."""
    draw = np.random.default_rng(seed)
    hour = np.arange(HOURS)
    base = 0.035 + 0.012 * np.sin(2 * np.pi * (hour - 9) / 24) + draw.normal(0, 0.008, HOURS)
    energy = np.where(draw.random(HOURS) < 0.04, base + draw.pareto(1.5, HOURS) * 0.05, base)[:, None]
    j_per_th = np.linspace(12, 38, LOTS) + draw.uniform(-1, 1, LOTS)
    ths = draw.uniform(100, 300, (LOTS, 1))
    power_kw = ths * j_per_th[:, None] / 1000
    machines = draw.integers(200, 900, LOTS).astype(float)
    earns = earnings(ths, power_kw, np.full(LOTS, 0.97), np.array([0.045]), np.array([5e-7]), 0.01)
    installed_kw = float(machines @ power_kw[:, 0])
    site = SimpleNamespace(hosting_fee_usd_per_kwh=0.0, opex_usd_per_kwh=0.002, availability_share=1.0)
    pue = 1.04 + (0.01 * np.sin(2 * np.pi * (hour - 9) / 24) if warm else 0.0 * hour)
    around = Conditions(pue[:, None], np.ones((HOURS, 1)))
    return SiteMonth(site, _contract(energy, installed_kw, draw), around, earns, machines)


def _contract(energy: Floats, installed_kw: float, draw: np.random.Generator) -> PowerPrice:
    """The first 62 % of the energy are paid anyway, at 2.5 c; above 82 % a kWh costs 0.8 c more."""
    plain = PowerPrice.plain(np.ones_like(energy), energy, 0.004)
    cap_kw = np.full(energy.shape, np.inf)
    cap_kw[draw.choice(HOURS, int(0.06 * HOURS), replace=False)] = 0.4 * installed_kw
    steps = VolumeSteps(
        np.array([[0.62 * HOURS * installed_kw], [0.2 * HOURS * installed_kw], [np.inf]]),
        np.array([[-0.025], [0.0], [0.008]]),
    )
    is_peak = np.zeros(energy.shape, dtype=bool)
    is_peak[int(np.argsort(energy[:, 0])[-60])] = True  # dear, but not the dearest
    month = np.ones_like(is_peak)
    charges = (_charge(month, 4.0), _charge(is_peak, 1.5))
    return _with(plain, cap_kw=cap_kw, volume=steps, demand=charges)


def _charge(in_window: NDArray[np.bool_], usd_per_kw: float) -> DemandCharge:
    none, endless = np.zeros(1), np.full(1, np.inf)
    return DemandCharge(np.array([usd_per_kw]), in_window, none, endless, none, 0.0, np.array([-1]))


def _with(price: PowerPrice, **clauses: Any) -> PowerPrice:
    return PowerPrice(**{**vars(price), **clauses})


def aligned(month: SiteMonth, most: int) -> HourBlocks:
    """The blocks of the program."""
    breakevens = month.earns.per_wall_kwh().reshape(-1, 1)
    return hour_blocks(month.price, month.around, month.cost, breakevens, most)


def every_hour(month: SiteMonth) -> HourBlocks:
    """Every interval its own block: the truth."""
    return blocks_of(month.price, month.around, np.arange(HOURS)[:, None])


def equal_counts(month: SiteMonth, count: int) -> HourBlocks:
    """As many hours in each block, by price, for each limit and window: what one would try first."""
    price = month.price
    assert price.cap_kw is not None
    kind = 2 * np.isfinite(price.cap_kw[:, 0]) + price.demand[1].in_window[:, 0]
    labels = np.full((HOURS, 1), OUTSIDE, dtype=np.intp)
    used = 0
    for each in np.unique(kind):
        rows = np.flatnonzero(kind == each)
        rows = rows[np.argsort(month.cost[rows, 0], kind="stable")]
        pieces = max(1, min(len(rows), round(count * len(rows) / HOURS)))
        labels[rows, 0] = used + np.arange(len(rows)) * pieces // len(rows)
        used += pieces
    return blocks_of(price, month.around, labels)


def optimum_usd(month: SiteMonth, blocks: HourBlocks) -> float:
    """The most that the month can bring: machines in service by block, energy by step, a peak by charge."""
    each = machine_blocks(month.site, month.price, month.earns, blocks, month.around)
    volume = month.price.volume
    assert volume is not None
    lots, count, steps = len(month.machines), blocks.count, len(volume.kwh)
    running = np.arange(lots * count).reshape(lots, count)
    peak = running.size + steps + np.arange(len(month.price.demand))
    drawn_kw = month.earns.power_kw * blocks.highest_pue[None, :, 0]  # (l, block)
    cost = np.concatenate([-each.margin_usd[:, 0, :, 0].ravel(), volume.usd_per_kwh[:, 0]])
    cost = np.concatenate([cost, [charge.usd_per_kw[0] for charge in month.price.demand]])
    upper = np.concatenate([np.repeat(month.machines, count), volume.kwh[:, 0], np.full(len(peak), np.inf)])
    rows = [(running[:, k], drawn_kw[:, k], None, blocks.cap_kw[k, 0]) for k in range(count)]
    rows += [
        (running[:, k], drawn_kw[:, k], peak[d], 0.0)
        for d in range(len(peak))
        for k in np.flatnonzero(blocks.in_window[d, :, 0])
    ]
    rows = [row for row in rows if np.isfinite(row[3])]
    kwh = csr_array(
        np.concatenate([each.energy_kwh[:, 0, :, 0].ravel(), -np.ones(steps), np.zeros(len(peak))])[None]
    )
    found = linprog(
        cost,
        A_ub=_matrix(rows, len(cost)),
        b_ub=[row[3] for row in rows],
        A_eq=kwh,
        b_eq=[0.0],
        bounds=np.column_stack([np.zeros(len(cost)), upper]),
        method="highs",
    )
    if found.status != 0:
        raise ValueError(f"the month was not solved: {found.message}")
    return -float(found.fun)


def _matrix(rows: list[Any], width: int) -> csr_array:
    number, column, value = [], [], []
    for i, (columns, kw, peak, _) in enumerate(rows):
        number += [i] * (len(columns) + (peak is not None))
        column += [*columns, *([] if peak is None else [peak])]
        value += [*kw, *([] if peak is None else [-1.0])]
    return csr_array(coo_array((value, (number, column)), shape=(len(rows), width)))


def main() -> None:
    """Print the error of each way of making blocks, over several months."""
    ways: dict[str, Any] = {f"aligned, at most {most}": _aligned(most) for most in (999, 96, 48, 24, 12)}
    ways |= {f"equal counts, {count}": _equal(count) for count in (96, 48, 24, 8)}
    for warm in (False, True):
        months = [site_month(seed, warm=warm) for seed in range(10)]
        truth = [optimum_usd(month, every_hour(month)) for month in months]
        told = "of 3 to 5 % by the hour" if warm else "constant"
        print(f"\noverhead {told}: blocks, error of the month's value (median, worst), time to cut it")
        for name, way in ways.items():
            started = time.process_time()
            blocks = [way(month) for month in months]
            made_ms = 1000 * (time.process_time() - started) / len(months)
            pairs = zip(months, blocks, truth, strict=True)
            errors = [1 - optimum_usd(month, each) / true for month, each, true in pairs]
            counts = f"{min(each.count for each in blocks)}-{max(each.count for each in blocks)}"
            print(
                f"{name:24} {counts:>9} blocks {np.median(errors):9.1e} {max(errors):9.1e}  {made_ms:.1f} ms"
            )


def _aligned(most: int) -> Any:
    return lambda month: aligned(month, most)


def _equal(count: int) -> Any:
    return lambda month: equal_counts(month, count)


if __name__ == "__main__":
    main()
