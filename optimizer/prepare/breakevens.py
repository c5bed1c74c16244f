"""At which power price, and at which hashprice, a machine pays at a site."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from optimizer.economics import CheapestFirst
from optimizer.inputs import Floats
from optimizer.prepare.cooling import Conditions
from optimizer.prepare.machine_hours import Earnings, SiteTerms, sorted_intervals
from optimizer.tariffs.base import PowerPrice


@dataclass(frozen=True)
class Breakevens:
    """Of one machine at one site, all (l, p, m); NaN where a lot lacks the profile, infinite where none runs.

    Hashprices are USD per TH/s and day. Running only where it pays, the margin is nothing up to the first and
    above nothing beyond it; from the last on, every interval pays. Energy costs what it costs within the
    volume of a contract, its first step; what is owed whatever is drawn is not counted.
    """

    breakeven_usd_per_kwh: Floats  # at the meter and all-in, at the market's hashprice and the mean overhead
    pays_first_usd_per_ths_day: Floats  # in the cheapest interval
    pays_upkeep_usd_per_ths_day: Floats  # the intervals that pay bring upkeep and charges on any hour's peak
    pays_flat_out_usd_per_ths_day: Floats  # upkeep and every charge on peaks when it runs in every interval
    pays_always_usd_per_ths_day: Floats  # in the dearest interval too


def breakevens(
    site: SiteTerms, price: PowerPrice, earns: Earnings, around: Conditions, upkeep_usd: Floats
) -> Breakevens:
    """Exact over the intervals of the contract; ``upkeep_usd`` (l, m) is paid whether it runs or not."""
    intervals = sorted_intervals(site, _within_the_volume(price), around)
    has = np.where(earns.power_kw > 0, 1.0, np.nan)[..., None]
    per_wall_kwh = np.where(np.isnan(has), np.nan, earns.per_wall_kwh())
    with np.errstate(divide="ignore", invalid="ignore"):
        per_hashprice = per_wall_kwh / earns.hashprice_usd_per_ths_day
        host_share = 0.0 if price.hosting is None else price.hosting.profit_share
        served_kw = earns.power_kw[..., None] * site.availability_share * (1.0 - host_share)
        upkeep, in_all = (  # of a kW at the wall, with what its peak costs
            np.where(np.isnan(has), 0.0, (upkeep_usd[:, None] + earns.power_kw[..., None] * peak) / served_kw)
            for peak in (_peak_usd_per_kw(price, around, avoidable=each) for each in (False, True))
        )
    lowest, mean, highest, hours = _costs(intervals)
    with np.errstate(divide="ignore", invalid="ignore"):
        flat_out = mean + in_all / hours
    levels = (lowest, intervals.level_that_leaves(upkeep), flat_out, highest)
    return Breakevens(
        per_wall_kwh / _mean_pue(price, around), *(_not_below_zero(level / per_hashprice) for level in levels)
    )


COLUMNS = ("lot", "site", "profile", "period", *Breakevens.__dataclass_fields__)


def breakeven_table(
    found: Breakevens, lots: tuple[str, ...], profiles: tuple[str, ...], site: str, periods: tuple[str, ...]
) -> pd.DataFrame:
    """One row for each lot, profile it has, and period; columns of Breakevens."""
    index = pd.MultiIndex.from_product([lots, profiles, periods], names=["lot", "profile", "period"])
    table = pd.DataFrame({name: values.ravel() for name, values in vars(found).items()}, index=index)
    table = table.dropna(how="all").reset_index()
    table.insert(1, "site", site)
    return table


def _costs(intervals: CheapestFirst) -> tuple[Floats, Floats, Floats, Floats]:
    """(m) cheapest, mean and dearest cost of a kWh at the wall, and hours; infinite where nothing can run."""
    cost, sums = intervals.cost_usd_per_kwh, intervals.sums[0]
    known = np.isfinite(cost)
    hours = np.where(known, np.diff(sums, axis=1), 0.0)
    total = hours.sum(axis=1)
    lowest = np.where(known, cost, np.inf).min(axis=1, initial=np.inf)
    highest = np.where(known, cost, -np.inf).max(axis=1, initial=-np.inf)
    paid = np.where(known, cost, 0.0) * hours
    mean = np.divide(paid.sum(axis=1), total, out=np.full(total.shape, np.inf), where=total > 0)
    return lowest, mean, np.where(total > 0, highest, np.inf), total


def _within_the_volume(price: PowerPrice) -> PowerPrice:
    """The same with energy at what a kWh costs in the first step of the month, or within the supply."""
    energy = price.energy_usd_per_kwh
    if price.volume is not None:
        first = (price.volume.kwh > 0).argmax(axis=0)[None]
        energy = energy + np.take_along_axis(price.volume.usd_per_kwh, first, axis=0)
    if price.supply_kw is not None and price.supply_discount_usd_per_kwh is not None:
        energy = energy - np.where(price.supply_kw > 0, price.supply_discount_usd_per_kwh, 0.0)
    return price if energy is price.energy_usd_per_kwh else replace(price, energy_usd_per_kwh=energy)


def _peak_usd_per_kw(price: PowerPrice, around: Conditions, *, avoidable: bool) -> Floats:
    """(m) what a kW at the wall pays for the highest draw; if so asked, also in windows that it can avoid."""
    total = np.zeros(price.hours.shape[1])
    for charge in price.demand:
        counts = (price.hours > 0) & charge.in_window
        if avoidable or charge.in_window[price.hours > 0].all():
            total += charge.usd_per_kw * np.where(counts, around.pue, 0.0).max(axis=0, initial=0.0)
    return total


def _mean_pue(price: PowerPrice, around: Conditions) -> Floats:
    hours = price.hours.sum(axis=0)
    total = (price.hours * around.pue).sum(axis=0)
    return np.asarray(np.divide(total, hours, out=np.ones_like(hours), where=hours > 0))


def _not_below_zero(hashprice: Floats) -> Floats:
    return np.maximum(hashprice, 0.0)
