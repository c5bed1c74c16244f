"""The value of one machine at one site in every period, exact over the lawful hours of the local clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.economics import HOURS_PER_DAY, hours_that_pay
from optimizer.inputs import Floats
from optimizer.sections.sites import Site
from optimizer.tariffs import PowerPrice


@dataclass(frozen=True)
class Earnings:
    """What one machine earns per hour of running, before the pool's fee, and what it draws."""

    revenue_usd_per_hour: Floats  # (l, p, m)
    btc_per_hour: Floats  # (l, p, m)
    pool_fee_share: float
    power_kw: Floats  # (l, p) at the wall


@dataclass(frozen=True)
class MachineMonths:
    """One machine in service for each whole period, by lot, profile and period: all (l, p, m)."""

    run_hours: Floats
    revenue_usd: Floats
    pool_fee_usd: Floats
    energy_usd: Floats
    delivery_usd: Floats
    levy_usd: Floats
    hosting_usd: Floats
    site_opex_usd: Floats
    energy_kwh: Floats
    mined_btc: Floats


def earnings(
    hashrate_ths: Floats,
    power_kw: Floats,
    uptime_share: Floats,
    hashprice: Floats,
    btc: Floats,
    pool_fee_share: float,
) -> Earnings:
    """From hashrate (l, p), uptime (l) and what a TH/s earns in a day (m), in USD and in BTC."""
    hashing = (hashrate_ths * uptime_share[:, None])[..., None] / HOURS_PER_DAY
    return Earnings(hashing * hashprice, hashing * btc, pool_fee_share, power_kw)


def machine_months(site: Site, price: PowerPrice, earns: Earnings) -> MachineMonths:
    """Run exactly in the hours in which the machine earns more than the hour costs."""
    meter_kw = (earns.power_kw * site.pue)[..., None]
    per_kwh = (
        price.delivery_usd_per_kwh
        + price.levy_usd_per_kwh
        + site.hosting_fee_usd_per_kwh
        + site.opex_usd_per_kwh
    )
    after_pool = earns.revenue_usd_per_hour * (1.0 - earns.pool_fee_share)
    # A profile that a machine does not have draws nothing and earns nothing; it never pays to run it.
    breakeven = (
        np.divide(after_pool, meter_kw, out=np.full_like(after_pool, -np.inf), where=meter_kw > 0) - per_kwh
    )
    paid = hours_that_pay(price.hours, price.energy_usd_per_kwh, breakeven)
    hours = paid.hours * site.availability_share
    energy_kwh = hours * meter_kw
    revenue = hours * earns.revenue_usd_per_hour
    return MachineMonths(
        run_hours=hours,
        revenue_usd=revenue,
        pool_fee_usd=revenue * earns.pool_fee_share,
        energy_usd=paid.energy_usd_per_kw * site.availability_share * meter_kw,
        delivery_usd=energy_kwh * price.delivery_usd_per_kwh,
        levy_usd=energy_kwh * price.levy_usd_per_kwh,
        hosting_usd=energy_kwh * site.hosting_fee_usd_per_kwh,
        site_opex_usd=energy_kwh * site.opex_usd_per_kwh,
        energy_kwh=energy_kwh,
        mined_btc=hours * earns.btc_per_hour,
    )
