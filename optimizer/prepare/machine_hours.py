"""The value of one machine at one site in every period, exact over the intervals of the contract's clock.

A machine runs in an interval exactly when a kWh at its wall earns more than it costs there. Which intervals
pay is the machine's own affair, so the sum is made here and not in the model; where an interval's decision
depends on other machines (`PowerPrice.couples`), `machine_blocks` sums whole blocks and the model decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from optimizer.economics import HOURS_PER_DAY, CheapestFirst, cheapest_first
from optimizer.inputs import Floats
from optimizer.prepare.cooling import Conditions, steady
from optimizer.prepare.hour_blocks import HourBlocks
from optimizer.tariffs.base import HostTerms, PowerPrice, Response
from optimizer.tariffs.frictions import Frictions, friction_loss_usd_per_kw

# What is summed over the intervals in which a machine runs, per kW at the wall.
AMOUNTS = ("hours", "kwh", "energy", "delivery", "levy", "peak")
OFFERED = ("enrolled_kwh", "called_usd")  # besides, under an offer to be switched off
TINY = 1e-300  # hours of a period without hours, whose sums are nothing


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


@dataclass(frozen=True)
class MachineMonths:
    """One machine in service for each whole period, by lot, profile and period: all (l, p, m).

    In blocks of hours the axes are (l, p, block, m), and a machine runs in every hour of its block.
    """

    run_hours: Floats  # at full load
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
) -> MachineMonths:
    """Run exactly in the intervals in which the machine earns more than they cost.

    Without ``conditions`` the site's overhead is its ``pue``, whatever the weather. With ``response``, that
    of the contract, the machine is enrolled: the same intervals, less the share in which it is called off.
    What switching costs under ``frictions`` is simulated, and told beside.
    """
    around = conditions or steady(site.pue, price.hours.shape)
    intervals = sorted_intervals(site, price, around, response)
    sums = dict(zip(_names(response), intervals.below(earns.per_wall_kwh()), strict=True))
    found = _machine_months(site, price, earns, sums, response, blocks=False)
    if frictions is None or price.intervals_per_hour == 0:  # without an order in time there is no switching
        return found
    return replace(found, friction_usd=_friction_usd(site, price, earns, around, frictions))


def machine_blocks(
    site: SiteTerms,
    price: PowerPrice,
    earns: Earnings,
    blocks: HourBlocks,
    conditions: Conditions | None = None,
    response: Response | None = None,
) -> MachineMonths:
    """(l, p, block, m) a machine that runs in every interval of a block, whether it pays or not."""
    around = conditions or steady(site.pue, price.hours.shape)
    amounts = _amounts(price, around, response)
    sums = {name: blocks.total(amount) for name, amount in zip(_names(response), amounts, strict=True)}
    return _machine_months(site, price, earns, sums, response, blocks=True)


def cost_usd_per_wall_kwh(site: SiteTerms, price: PowerPrice, around: Conditions) -> Floats:
    """(b, m) every cost of a kWh at the wall, overhead included; infinite where nothing can run."""
    fees = site.hosting_fee_usd_per_kwh + site.opex_usd_per_kwh
    cost = around.pue * sum(_price_parts(price), np.full(price.hours.shape, fees))
    return np.where((price.hours > 0) & (around.weight > 0) & (price.off_share < 1), cost, np.inf)


def sorted_intervals(
    site: SiteTerms, price: PowerPrice, around: Conditions, response: Response | None = None
) -> CheapestFirst:
    """The site's intervals, cheapest first, with the running sums of AMOUNTS (and OFFERED)."""
    return cheapest_first(cost_usd_per_wall_kwh(site, price, around), _amounts(price, around, response))


def _names(response: Response | None) -> tuple[str, ...]:
    return AMOUNTS if response is None else (*AMOUNTS, *OFFERED)


def _price_parts(price: PowerPrice) -> tuple[Floats, ...]:
    parts = (price.energy_usd_per_kwh, price.delivery_usd_per_kwh, price.levy_usd_per_kwh)
    return (*parts, price.peak_usd_per_kwh)


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
    site: SiteTerms,
    price: PowerPrice,
    earns: Earnings,
    sums: dict[str, Floats],
    response: Response | None,
    *,
    blocks: bool,
) -> MachineMonths:
    """Sums per kW at the wall, (l, p, m) or (block, m), into one machine's hours, energy and money."""

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
        credit_usd=_credit_usd(site, price, response, sums, served_kw),
        friction_usd=np.zeros_like(revenue),
        energy_kwh=energy_kwh,
        mined_btc=hours * each(earns.btc_per_hour),
    )
    return found if price.hosting is None else _with_the_host(found, price.hosting)


def _credit_usd(
    site: SiteTerms, price: PowerPrice, response: Response | None, sums: dict[str, Floats], served_kw: Floats
) -> Floats:
    """What grid and host pay back. Enrolled is the mean power that stands ready to be called off, so that a
    machine that runs in half of the hours has enrolled half of its power."""
    credit = np.zeros(np.broadcast_shapes(served_kw.shape, sums["kwh"].shape))
    host = price.hosting
    if response is not None:
        month_hours = np.maximum(price.hours.sum(axis=0), TINY)
        enrolled = sums["enrolled_kwh"] / month_hours * response.credit_usd_per_kw
        kept_share = 1.0 if host is None else 1.0 - host.credit_share
        credit = (enrolled + sums["called_usd"]) * served_kw * kept_share
    if host is not None:
        missing_share = max(0.0, host.guaranteed_share - site.availability_share) / site.availability_share
        credit = credit + sums["kwh"] * served_kw * missing_share * host.uptime_credit_usd_per_kwh
    return credit


def _with_the_host(found: MachineMonths, host: HostTerms) -> MachineMonths:
    """Add the host's share of what is left after every cost per kWh; in hours that pay it never is a loss."""
    profit = np.maximum(0.0, found.margin_usd - found.credit_usd)
    return replace(found, hosting_usd=found.hosting_usd + host.profit_share * profit)


def _friction_usd(
    site: SiteTerms, price: PowerPrice, earns: Earnings, around: Conditions, frictions: Frictions
) -> Floats:
    """(l, p, m) simulated at full weight, which in hot hours is a little much; a host bears its share."""
    breakeven = earns.per_wall_kwh()
    cost = cost_usd_per_wall_kwh(site, price, around)
    flat = breakeven.reshape(-1, breakeven.shape[-1])
    loss = friction_loss_usd_per_kw(price.hours, cost, flat, frictions).reshape(breakeven.shape)
    borne_share = 1.0 if price.hosting is None else 1.0 - price.hosting.profit_share
    return loss * earns.power_kw[..., None] * (site.availability_share * borne_share)
