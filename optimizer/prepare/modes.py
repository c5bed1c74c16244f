"""Every way of running at every site as arrays: what a machine earns by setting, offer and block of hours.

A *mode* is what the model calls a profile: a setting of the machine (normal, eco, turbo) or, by the hour, the
best of them, with or without an offer to be switched off, over all hours or over one block of them. A site
whose contract ties machines together is decided by block; everywhere else the hours that pay are summed here
and nothing is left to decide by the hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.inputs import Bools, Floats, Ints
from optimizer.prepare.cooling import Conditions
from optimizer.prepare.hour_blocks import HourBlocks, hour_blocks
from optimizer.prepare.machine_hours import (
    Earnings,
    MachineMonths,
    best_by_the_hour,
    cost_usd_per_wall_kwh,
    machine_blocks,
    machine_months,
)
from optimizer.tariffs.base import PowerPrice, Response
from optimizer.tariffs.frictions import Frictions

MONEY_AND_HOURS = tuple(MachineMonths.__dataclass_fields__)
WITH_RESPONSE = "ready to switch off"
BEST_BY_THE_HOUR = "best by the hour"


@dataclass(frozen=True)
class SiteCharges:
    """What a site takes of every kWh beside its contract, and the share of hours in which it has power."""

    id: str
    hosting_fee_usd_per_kwh: Floats  # (m)
    opex_usd_per_kwh: Floats  # (m)
    availability_share: float
    pue: float | None


@dataclass(frozen=True)
class SiteHours:
    """One site's contract and weather, by the interval."""

    site: SiteCharges
    price: PowerPrice
    around: Conditions
    frictions: Frictions | None = None
    month_hours: Floats | None = None  # (m) with those that the law takes; None: it takes none


@dataclass(frozen=True)
class Modes:
    """The axis of modes: which setting, whether under an offer, which block; and what blocks are called."""

    names: tuple[str, ...]
    setting: Ints  # (p) number of the machine's setting; one past the last: the best by the hour
    is_response: Bools  # (p)
    block: Ints  # (p) 0: all hours
    blocks: tuple[str, ...]  # (b)

    def all_hours(self, *, is_response: bool) -> Ints:
        """Numbers of the modes over all hours, in the order of the settings, then the best by the hour."""
        return np.flatnonzero((self.block == 0) & (self.is_response == is_response))

    def of_block(self, block: int) -> Ints:
        """Numbers of the modes of a block, in the order of the settings."""
        return np.flatnonzero((self.block == block) & ~self.is_response)


@dataclass(frozen=True)
class ModeArrays:
    """What one machine does in every mode; (l, s, p, m) unless said, and what holds for blocks (s, b, m)."""

    modes: Modes
    amounts: dict[str, Floats]  # the fields of MachineMonths
    meter_kw: Floats
    block_share: Floats
    block_cap_kw: Floats
    supply_kwh: Floats
    supply_discount_usd_per_kwh: Floats
    best_margin_usd: Floats  # (l, s, m) of a machine that runs where it pays, whatever the others do
    blocks: tuple[HourBlocks | None, ...]  # (s)


def mode_arrays(sites: Sequence[SiteHours], earns: Earnings, settings: Sequence[str]) -> ModeArrays:
    """Sum the hours of every lot, site, mode and period."""
    blocks = [_blocks(each, earns) for each in sites]
    modes = _modes(settings, sites, blocks)
    lots, _, periods = earns.revenue_usd_per_hour.shape
    shape = (lots, len(sites), len(modes.names), periods)
    amounts = {name: np.zeros(shape) for name in MONEY_AND_HOURS}
    found = ModeArrays(
        modes=modes,
        amounts=amounts,
        meter_kw=np.zeros(shape),
        block_share=_by_block(sites, modes, periods, 1.0, 0.0),
        block_cap_kw=_by_block(sites, modes, periods, np.inf, np.inf),
        supply_kwh=_by_block(sites, modes, periods, 0.0, 0.0),
        supply_discount_usd_per_kwh=_by_block(sites, modes, periods, 0.0, 0.0),
        best_margin_usd=np.zeros((lots, len(sites), periods)),
        blocks=tuple(blocks),
    )
    for number, (each, cut) in enumerate(zip(sites, blocks, strict=True)):
        if cut is None:
            _fill_all_hours(found, number, each, earns)
        else:
            _fill_blocks(found, number, each, earns, cut)
    return found


def _blocks(each: SiteHours, earns: Earnings) -> HourBlocks | None:
    if not each.price.couples():
        return None
    cost, levels = cost_usd_per_wall_kwh(each.site, each.price, each.around), earns.levels_usd_per_wall_kwh()
    if _is_below_every_level(each, cost, levels):
        return None
    return hour_blocks(each.price, each.around, cost, levels)


def _is_below_every_level(each: SiteHours, cost: Floats, levels: Floats) -> bool:
    """Whether nothing but a minimum bill ties hours together, and every machine runs at its highest setting
    in all hours, whether it pays for them in full or, below the minimum, for nothing but the site's fees."""
    if replace(each.price, minimum_bill_usd=np.zeros_like(each.price.minimum_bill_usd)).couples():
        return False
    free = each.around.pue * (each.site.hosting_fee_usd_per_kwh + each.site.opex_usd_per_kwh)
    dearest = np.where(np.isfinite(cost), np.maximum(cost, free), -np.inf).max(axis=0, initial=-np.inf)
    return bool((dearest < np.where(np.isfinite(levels), levels, np.inf).min(axis=0)).all())


def _modes(settings: Sequence[str], sites: Sequence[SiteHours], blocks: Sequence[HourBlocks | None]) -> Modes:
    count = max((cut.count for cut in blocks if cut is not None), default=0)
    offered = any(
        each.price.response is not None and cut is None for each, cut in zip(sites, blocks, strict=True)
    )
    ways = settings if len(settings) == 1 else (*settings, BEST_BY_THE_HOUR)
    rows = [(name, number, False, 0) for number, name in enumerate(ways)]
    if offered:
        rows += [(f"{name}, {WITH_RESPONSE}", number, True, 0) for number, name in enumerate(ways)]
    rows += [
        (f"{name}, block {block}", number, False, block)
        for block in range(1, count + 1)
        for number, name in enumerate(settings)
    ]
    names, setting, is_response, block = zip(*rows, strict=True)
    return Modes(
        names=names,
        setting=np.array(setting, dtype=np.int64),
        is_response=np.array(is_response, dtype=bool),
        block=np.array(block, dtype=np.int64),
        blocks=("all hours", *(f"block {number}" for number in range(1, count + 1))),
    )


def _by_block(
    sites: Sequence[SiteHours], modes: Modes, periods: int, all_hours: float, in_block: float
) -> Floats:
    """(s, b, m)"""
    found = np.full((len(sites), len(modes.blocks), periods), in_block)
    found[:, 0] = all_hours
    return found


def _fill_all_hours(found: ModeArrays, number: int, each: SiteHours, earns: Earnings) -> None:
    offers = [(_over_all_hours(each, earns, None), found.modes.all_hours(is_response=False))]
    if each.price.response is not None:
        enrolled = _over_all_hours(each, earns, each.price.response)
        offers.append((enrolled, found.modes.all_hours(is_response=True)))
    highest = np.where(each.price.hours > 0, each.around.pue, 0.0).max(axis=0, initial=0.0)
    for (months, power_kw), rows in offers:
        for name, amounts in found.amounts.items():
            amounts[:, number, rows] = getattr(months, name)
        found.meter_kw[:, number, rows] = power_kw * highest
    margins = np.stack([months.margin_usd for (months, _), _ in offers])
    found.best_margin_usd[:, number] = np.maximum(0.0, margins.max(axis=(0, 2)))


def _over_all_hours(
    each: SiteHours, earns: Earnings, response: Response | None
) -> tuple[MachineMonths, Floats]:
    """(l, p, m) of every setting, then of the best by the hour; and the highest power of each at the wall."""
    terms = (each.site, each.price, earns, each.around, response, each.frictions, each.month_hours)
    months = machine_months(*terms)
    power_kw = np.broadcast_to(earns.power_kw[..., None], months.run_hours.shape)
    if earns.power_kw.shape[1] == 1:
        return months, power_kw
    best, best_kw = best_by_the_hour(*terms)
    pairs = {name: (getattr(months, name), getattr(best, name)) for name in MONEY_AND_HOURS}
    both = MachineMonths(**{name: np.concatenate(pair, axis=1) for name, pair in pairs.items()})
    return both, np.concatenate([power_kw, best_kw], axis=1)


def _fill_blocks(found: ModeArrays, number: int, each: SiteHours, earns: Earnings, cut: HourBlocks) -> None:
    months = machine_blocks(each.site, each.price, earns, cut, each.around)  # (l, p, k, m)
    if each.frictions is not None:
        lost_usd = _friction_share(each, earns)[:, None, None] * np.maximum(0.0, months.margin_usd)
        months = replace(months, friction_usd=lost_usd)
    for block in range(cut.count):
        rows = found.modes.of_block(block + 1)
        for name, amounts in found.amounts.items():
            amounts[:, number, rows] = getattr(months, name)[:, :, block]
        found.meter_kw[:, number, rows] = earns.power_kw[..., None] * cut.highest_pue[block]
    own = slice(1, cut.count + 1)
    found.block_share[number, own] = cut.share
    found.block_cap_kw[number, own] = cut.cap_kw
    found.supply_kwh[number, own] = cut.supply_kwh
    found.supply_discount_usd_per_kwh[number, own] = cut.supply_discount_usd_per_kwh
    best = np.maximum(0.0, months.margin_usd.max(axis=1))  # (l, k, m)
    found.best_margin_usd[:, number] = best.sum(axis=1)


def _friction_share(each: SiteHours, earns: Earnings) -> Floats:
    """(l, m) of a machine's margin that switching costs where it decides alone: so it does in blocks."""
    months, _ = _over_all_hours(each, earns, None)
    left = np.maximum(0.0, months.margin_usd.max(axis=1))
    ideal = (months.margin_usd + months.friction_usd).max(axis=1)
    return np.asarray(1.0 - np.divide(left, ideal, out=np.ones_like(ideal), where=ideal > 0))
