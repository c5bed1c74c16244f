"""The smallest study that solves, what to change in it to make it fail, and the command line as a process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

STUDY = """\
rigshift: 1
name: tiny
title: Three sites, three months
operator:
  name: A miner
  entity_jurisdiction: RU
  licences:
    - {id: RU-miner-register, held_from: 2024-11-01}
    - {id: KZ-mining-licence, held_from: 2027-01-10, holder_jurisdiction: KZ}
horizon: {start: 2026-12, months: 3}
currency: {}
market:
  start: bundled
  btc_price_growth_share_per_year: 0.0
  network_growth_share_per_year: 0.1
  pool_fee_share: 0.02
  machine_price_decline_share_per_year: 0.2
finance: {discount_rate_share_per_year: 0.12}
fleet:
  - {id: old, hashrate_ths: 100, power_w: 3000, mass_kg: 15, count: 800, site: abakan, uptime_share: 0.97,
     resale_usd_per_ths: 2}
sites:
  - {id: abakan, name: Abakan, lat_deg: 53.7, lon_deg: 91.4, region: RU-KK,
     max_power_kw: 4 MW, pue: 1.05, tariff: dear}
  - {id: ekibastuz, name: Ekibastuz, lat_deg: 51.72, lon_deg: 75.32, region: KZ-55,
     max_power_kw: 4 MW, pue: 1.05, tariff: cheap}
  - {id: texas, name: Texas, lat_deg: 31.85, lon_deg: -102.37, region: US-TX,
     max_power_kw: 4 MW, pue: 1.05, tariff: cheap}
tariffs:
  dear: {kind: flat, energy_usd_per_kwh: 0.05}
  cheap: {kind: flat, energy_usd_per_kwh: 0.02}
relocation:
  deinstall_usd_per_machine: 1
  install_usd_per_machine: 1
  corridors:
    - {from: RU, to: US, mode: air, freight_usd_per_kg: 0.5, lead_time_weeks: 2}
sales: {allowed: false, fee_share: 0.05}
limits: {}
risk: {risk_aversion: 1.0}
end_value: {haircut_share: 0.2}
solver: {}
"""
# Every machine is in Russia, no road leads out, none may be sold, and a tenth at most may be there.
IMPOSSIBLE = (
    ("to: US, mode", "to: US-CA, mode"),
    (
        "limits: {}",
        "limits: {concentration: [{name: half-out, jurisdictions: [RU], measure: power, max_share: 0.1}]}",
    ),
)
STOPPED_AT_ONCE = ("solver: {}", "solver: {time_limit_s: 1.0e-9}")
NOT_INSTALLED = ("solver: {}", "solver: {door: 'pulp:gurobi'}")
MISSPELT = ("pool_fee_share", "pool_fee_shar")

WriteStudy = Callable[..., Path]
Run = Callable[..., Any]  # of typer's test runner: exit_code, stdout, stderr


def command(*arguments: object) -> list[str]:
    """The command line as a process of its own."""
    return [sys.executable, "-c", "from optimizer.cli import main; main()", *map(str, arguments)]
