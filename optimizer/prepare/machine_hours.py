"""The value of one machine at one site in every period, exact over the intervals of the contract's clock.

A machine runs in an interval exactly when a kWh at its wall earns more than it costs there. Which intervals
pay is the machine's own affair, so the sum is made here and not in the model; where an interval's decision
depends on other machines (`PowerPrice.couples`), `machine_blocks` sums whole blocks and the model decides.
A machine with several settings may also take, by the interval, the one that leaves most (`best_by_the_hour`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

import numpy as np

from optimizer.economics import HOURS_PER_DAY, CheapestFirst, cheapest_first, ranges_of_best
from optimizer.inputs import Floats
from optimizer.prepare.cooling import Conditions, steady
from optimizer.prepare.hour_blocks import HourBlocks
from optimizer.tariffs.base import HostTerms, PowerPrice, Response
from optimizer.tariffs.frictions import Frictions, friction_loss_usd_per_kw
from optimizer.tariffs.price import distinct

# What is summed over the intervals in which a machine runs, per kW at the wall.
AMOUNTS = ("hours", "kwh", "energy", "delivery", "levy", "peak", "credit")
OFFERED = ("enrolled_kwh", "called_usd")  # besides, under an offer to be switched off
TINY = 1e-300  # hours of a period without hours, whose sums are nothing
CELLS_KEPT = 200_000  # intervals of a contract whose sorted order is kept for the next call


class SiteTerms(Protocol):
    """What is needed of a site: the study's section, or its charges by the month."""

    @property
    def hosting_fee_usd_per_kwh(self) -> Floats | float: ...  # or (m)

    @property
    def opex_usd_per_kwh(self) -> Floats | float: ...  # or (m)

    @property
    def availability_share(self) -> float: ...

    @property
    def pue(self) -> float | None: ...


@dataclass(frozen=True)
class Earnings:
    """What one machine earns per hour of running, before any fee, and what it draws."""

    revenue_usd_per_hour: Floats  # (l, p, m)
    btc_per_hour: Floats  # (l, p, m)
    hashprice_usd_per_ths_day: Floats  # (m)
    pool_fee_share: float
    firmware_share: Floats  # (l, p) of revenue
    power_kw: Floats  # (l, p) at the wall

    def after_fees_usd_per_hour(self) -> Floats:
        """(l, p, m) what the pool and the firmware's maker leave."""
        return self.revenue_usd_per_hour * (1.0 - self.pool_fee_share - self.firmware_share[..., None])

    def per_wall_kwh(self) -> Floats:
        """(l, p, m) USD after fees; minus infinity where a lot lacks the profile, so that it never runs."""
        kept = self.after_fees_usd_per_hour()
        power = np.broadcast_to(self.power_kw[..., None], kept.shape)
        return np.asarray(np.divide(kept, power, out=np.full(kept.shape, -np.inf), where=power > 0))

    def levels_usd_per_wall_kwh(self) -> Floats:
        """(n, m) every cost at which some machine does something else: stops, or changes its setting."""
        alone = self.per_wall_kwh()
        _, best = ranges_of_best(self.after_fees_usd_per_hour(), self.power_kw)
        return np.concatenate([alone, best], axis=1).reshape(-1, alone.shape[-1])


@dataclass(frozen=True)
class MachineMonths:
    """One machine in service for each whole period, by lot, profile and period: all (l, p, m).

    In blocks of hours the axes are (l, p, block, m), and a machine runs in every hour of its block.
    """

    run_hours: Floats  # at full load, that of the highest setting where settings change by the hour
    revenue_usd: Floats
    pool_fee_usd: Floats
    firmware_usd: Floats
    energy_usd: Floats
    delivery_usd: Floats
    levy_usd: Floats
    peak_usd: Floats
    hosting_usd: Floats  # the host's fee and its share of the profit
    site_opex_usd: Floats
    credit_usd: Floats  # income: response, and the host's for power promised and not delivered
    friction_usd: Floats  # lost by switching, against the intervals taken one by one; 0 in blocks
    energy_kwh: Floats
    mined_btc: Floats

    @property
    def margin_usd(self) -> Floats:
        """What is left after everything that depends on running."""
        fees = self.pool_fee_usd + self.firmware_usd + self.hosting_usd + self.site_opex_usd
        power = self.energy_usd + self.delivery_usd + self.levy_usd + self.peak_usd
        return self.revenue_usd + self.credit_usd - fees - power - self.friction_usd


def earnings(
    hashrate_ths: Floats,
    power_kw: Floats,
    uptime_share: Floats,
    hashprice: Floats,
    btc: Floats,
    pool_fee_share: float,
    firmware_share: Floats | None = None,
) -> Earnings:
    """From hashrate (l, p), uptime (l, m) or (l) and what a TH/s earns in a day (m), in USD and in BTC."""
    uptime = uptime_share.reshape(len(uptime_share), 1, -1)
    hashing = hashrate_ths[..., None] * uptime / HOURS_PER_DAY
    firmware = np.zeros_like(hashrate_ths) if firmware_share is None else firmware_share
    return Earnings(hashing * hashprice, hashing * btc, hashprice, pool_fee_share, firmware, power_kw)


def machine_months(
    site: SiteTerms,
    price: PowerPrice,
    earns: Earnings,
    conditions: Conditions | None = None,
    response: Response | None = None,
    frictions: Frictions | None = None,
    month_hours: Floats | None = None,
) -> MachineMonths:
    """Run exactly in the intervals in which the machine earns more than they cost.

    Without ``conditions`` the site's overhead is its ``pue``, whatever the weather. With ``response``, that
    of the contract, the machine is enrolled: the same intervals, less the share in which it is called off;
    ``month_hours`` (m) are those of the whole period, over which its credit is spread, where the law leaves
    fewer. What switching costs under ``frictions`` is simulated, and told beside.
    """
    month = _Month(site, price, conditions or steady(site.pue, price.hours.shape), response, month_hours)
    level = earns.per_wall_kwh()
    found = _machine_months(month, earns, month.sums_below(level), blocks=False)
    if frictions is None:
        return found
    return replace(found, friction_usd=_friction_usd_per_kw(month, level, frictions) * month.borne_kw(earns))


def best_by_the_hour(
    site: SiteTerms,
    price: PowerPrice,
    earns: Earnings,
    conditions: Conditions | None = None,
    response: Response | None = None,
    frictions: Frictions | None = None,
    month_hours: Floats | None = None,
) -> tuple[MachineMonths, Floats]:
    """In each interval the setting that leaves most, if any does: (l, 1, m), and the highest power of the
    settings used, kW at the wall, (l, 1, m).

    Nothing where one setting is best in all intervals that pay: that setting says it already. Hours count by
    what they hash, as hours of the setting with the highest hashrate. Under ``frictions`` the step from each
    setting to the next higher switches like a machine of its own.
    """
    month = _Month(site, price, conditions or steady(site.pue, price.hours.shape), response, month_hours)
    low, high = ranges_of_best(earns.after_fees_usd_per_hour(), earns.power_kw)
    below_low, below_high = month.sums_below(low), month.sums_below(high)
    sums = {name: total - below_low[name] for name, total in below_high.items()}
    each = _machine_months(month, earns, sums, blocks=False)
    if frictions is not None:
        lost = _friction_usd_per_kw(month, high, frictions) - _friction_usd_per_kw(month, low, frictions)
        each = replace(each, friction_usd=lost * month.borne_kw(earns))
    is_used = each.run_hours > 0
    highest = earns.btc_per_hour.max(axis=1, keepdims=True)
    of_highest = np.divide(earns.btc_per_hour, highest, out=np.ones(low.shape), where=highest > 0)
    each = replace(each, run_hours=each.run_hours * of_highest)
    is_mixed = is_used.sum(axis=1, keepdims=True) > 1
    found = {
        name: np.where(is_mixed, amount.sum(axis=1, keepdims=True), 0.0)
        for name, amount in vars(each).items()
    }
    return MachineMonths(**found), (earns.power_kw[..., None] * is_used).max(axis=1, keepdims=True)


def machine_blocks(
    site: SiteTerms,
    price: PowerPrice,
    earns: Earnings,
    blocks: HourBlocks,
    conditions: Conditions | None = None,
    response: Response | None = None,
) -> MachineMonths:
    """(l, p, block, m) a machine that runs in every interval of a block, whether it pays or not."""
    month = _Month(site, price, conditions or steady(site.pue, price.hours.shape), response)
    amounts = _amounts(price, month.around, response)
    sums = {name: blocks.total(amount) for name, amount in zip(_names(response), amounts, strict=True)}
    return _machine_months(month, earns, sums, blocks=True)


def cost_usd_per_wall_kwh(site: SiteTerms, price: PowerPrice, around: Conditions) -> Floats:
    """(b, m) every cost of a kWh at the wall, overhead included; infinite where nothing can run."""
    fees = site.hosting_fee_usd_per_kwh + site.opex_usd_per_kwh
    *charges, credit = _price_parts(price)
    cost = around.pue * (sum(charges, np.full(price.hours.shape, fees)) - credit)
    return np.where((price.hours > 0) & (around.weight > 0) & (price.off_share < 1), cost, np.inf)


def sorted_intervals(
    site: SiteTerms, price: PowerPrice, around: Conditions, response: Response | None = None
) -> CheapestFirst:
    """The site's intervals, cheapest first, with the running sums of AMOUNTS (and OFFERED)."""
    asked = _Month(site, price, around, response)
    return _kept(asked) if price.hours.size <= CELLS_KEPT else _sorted(asked)


class _Month:
    """One site's contract and weather. Two are alike when the contract is the same object and what else costs
    depend on is equal: contracts are kept from call to call, and so is the order of their intervals."""

    def __init__(
        self,
        site: SiteTerms,
        price: PowerPrice,
        around: Conditions,
        response: Response | None = None,
        month_hours: Floats | None = None,
    ) -> None:
        self.site, self.price, self.around, self.response = site, price, around, response
        self.month_hours = price.hours.sum(axis=0) if month_hours is None else month_hours
        self.fees_usd_per_kwh = np.asarray(site.hosting_fee_usd_per_kwh + site.opex_usd_per_kwh, dtype=float)

    @property
    def key(self) -> tuple[object, ...]:
        weather = (distinct(self.around.pue).tobytes(), distinct(self.around.weight).tobytes())
        return (id(self.price), id(self.response), self.fees_usd_per_kwh.tobytes(), *weather)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Month) and self.key == other.key

    def sums_below(self, level: Floats) -> dict[str, Floats]:
        """Every amount over the intervals that cost less than ``level`` (l, p, m)."""
        intervals = sorted_intervals(self.site, self.price, self.around, self.response)
        return dict(zip(_names(self.response), intervals.below(level), strict=True))

    def borne_kw(self, earns: Earnings) -> Floats:
        """(l, p, 1) kW at the wall whose losses the machine's owner bears; a host bears its share."""
        host = self.price.hosting
        borne_share = 1.0 if host is None else 1.0 - host.profit_share
        return earns.power_kw[..., None] * (self.site.availability_share * borne_share)


@lru_cache(maxsize=64)
def _kept(asked: _Month) -> CheapestFirst:
    return _sorted(asked)


def _sorted(asked: _Month) -> CheapestFirst:
    cost = cost_usd_per_wall_kwh(asked.site, asked.price, asked.around)
    return cheapest_first(cost, _amounts(asked.price, asked.around, asked.response))


def _names(response: Response | None) -> tuple[str, ...]:
    return AMOUNTS if response is None else (*AMOUNTS, *OFFERED)


def _price_parts(price: PowerPrice) -> tuple[Floats, ...]:
    parts = (price.energy_usd_per_kwh, price.delivery_usd_per_kwh, price.levy_usd_per_kwh)
    none = np.broadcast_to(0.0, price.hours.shape)
    return (
        *parts,
        price.peak_usd_per_kwh,
        none if price.credit_usd_per_kwh is None else price.credit_usd_per_kwh,
    )


def _amounts(price: PowerPrice, around: Conditions, response: Response | None) -> list[Floats]:
    """Each (b, m): what running through each interval comes to, per kW at the wall."""
    wanted = price.hours * around.weight * (1.0 - price.off_share)
    hours = wanted if response is None else wanted * (1.0 - response.call_share)
    kwh = hours * around.pue
    amounts = [hours, kwh, *(kwh * part for part in _price_parts(price))]
    if response is not None:
        enrolled = wanted * around.pue
        amounts += [enrolled, enrolled * response.call_share * response.call_usd_per_kwh]
    return amounts


def _machine_months(
    month: _Month, earns: Earnings, sums: dict[str, Floats], *, blocks: bool
) -> MachineMonths:
    """Sums per kW at the wall, (l, p, m) or (block, m), into one machine's hours, energy and money."""
    site, price = month.site, month.price

    def each(by_machine: Floats) -> Floats:  # (l, p, m), with room for the blocks
        return by_machine[:, :, None] if blocks else by_machine

    served_kw = each(earns.power_kw[..., None]) * site.availability_share
    hours = sums["hours"] * site.availability_share * each(np.sign(earns.power_kw)[..., None])
    energy_kwh = sums["kwh"] * served_kw
    revenue = hours * each(earns.revenue_usd_per_hour)
    found = MachineMonths(
        run_hours=hours,
        revenue_usd=revenue,
        pool_fee_usd=revenue * earns.pool_fee_share,
        firmware_usd=revenue * each(earns.firmware_share[..., None]),
        energy_usd=sums["energy"] * served_kw,
        delivery_usd=sums["delivery"] * served_kw,
        levy_usd=sums["levy"] * served_kw,
        peak_usd=sums["peak"] * served_kw,
        hosting_usd=energy_kwh * site.hosting_fee_usd_per_kwh,
        site_opex_usd=energy_kwh * site.opex_usd_per_kwh,
        credit_usd=_credit_usd(month, sums, served_kw),
        friction_usd=np.zeros_like(revenue),
        energy_kwh=energy_kwh,
        mined_btc=hours * each(earns.btc_per_hour),
    )
    return found if price.hosting is None else _with_the_host(found, price.hosting)


def _credit_usd(month: _Month, sums: dict[str, Floats], served_kw: Floats) -> Floats:
    """What grid and host pay back. Enrolled is the mean power that stands ready to be called off, so that a
    machine that runs in half of the hours, for whatever reason, has enrolled half of its power."""
    site, host, response = month.site, month.price.hosting, month.response
    kept_share = 1.0 if host is None else 1.0 - host.credit_share
    credit = sums["credit"] * served_kw * kept_share  # of a contract that switches the site off itself
    if response is not None:
        enrolled = sums["enrolled_kwh"] / np.maximum(month.month_hours, TINY) * response.credit_usd_per_kw
        credit = credit + (enrolled + sums["called_usd"]) * served_kw * kept_share
    if host is not None:
        missing_share = max(0.0, host.guaranteed_share - site.availability_share) / site.availability_share
        credit = credit + sums["kwh"] * served_kw * missing_share * host.uptime_credit_usd_per_kwh
    return credit


def _with_the_host(found: MachineMonths, host: HostTerms) -> MachineMonths:
    """Add the host's share of what is left after every cost per kWh; in hours that pay it never is a loss."""
    profit = np.maximum(0.0, found.margin_usd - found.credit_usd)
    return replace(found, hosting_usd=found.hosting_usd + host.profit_share * profit)


def _friction_usd_per_kw(month: _Month, level: Floats, frictions: Frictions) -> Floats:
    """(l, p, m) lost by one kW that earns ``level`` a kWh, simulated at full weight, which in hot hours is a
    little much. Never more than by the better of running through and standing still all period."""
    if month.price.intervals_per_hour == 0:  # without an order in time there is no switching
        return np.zeros(level.shape)
    cost = cost_usd_per_wall_kwh(month.site, month.price, month.around)
    flat = level.reshape(-1, level.shape[-1])
    lost = friction_loss_usd_per_kw(month.price.hours, cost, flat, frictions).reshape(level.shape)
    always = np.full(level.shape, np.finfo(np.float64).max)
    ideal, through = (_left_usd_per_kw(month, level, month.sums_below(until)) for until in (level, always))
    return np.minimum(lost, np.maximum(ideal - np.maximum(through, 0.0), 0.0))


def _left_usd_per_kw(month: _Month, level: Floats, sums: dict[str, Floats]) -> Floats:
    charges = ("energy", "delivery", "levy", "peak")
    paid = sum((sums[name] for name in charges), month.fees_usd_per_kwh * sums["kwh"]) - sums["credit"]
    is_there = np.isfinite(level)
    return np.where(is_there, np.where(is_there, level, 0.0) * sums["hours"] - paid, 0.0)
