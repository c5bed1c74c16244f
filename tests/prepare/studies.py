"""A small study as plain values, with what a test wants to differ."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from optimizer import Study

BASE: dict[str, Any] = {
    "rigshift": 1,
    "name": "small",
    "title": "A small study",
    "operator": {
        "name": "Example",
        "entity_jurisdiction": "RU",
        "licences": [{"id": "RU-miner-register", "held_from": "2025-01-01"}],
    },
    "horizon": {"start": "2027-01", "months": 3},
    "currency": {"reporting": "USD"},
    "market": {
        "start": "bundled",
        "btc_price_growth_share_per_year": 0.0,
        "network_growth_share_per_year": 0.0,
        "hashprice_usd_per_ths_day": 0.05,
        "pool_fee_share": 0.0,
        "machine_price_decline_share_per_year": 0.0,
    },
    "finance": {"discount_rate_share_per_year": 0.0},
    "fleet": [
        {
            "id": "s21",
            "hashrate_ths": 200,
            "power_w": 3500,
            "mass_kg": 16,
            "count": 100,
            "site": "home",
            "uptime_share": 1.0,
            "resale_usd_per_ths": 5,
        }
    ],
    "sites": [
        {
            "id": "home",
            "name": "Krasnoyarsk",
            "lat_deg": 56.01,
            "lon_deg": 92.85,
            "max_power_kw": 1000,
            "pue": 1.0,
            "tariff": "cheap",
        }
    ],
    "tariffs": {"cheap": {"kind": "flat", "energy_usd_per_kwh": 0.04}},
    "relocation": {
        "deinstall_usd_per_machine": 10,
        "install_usd_per_machine": 20,
        "corridors": [
            {"from": "RU", "to": "RU", "mode": "truck", "freight_usd_per_kg": 0.5, "lead_time_weeks": 2}
        ],
    },
    "sales": {"allowed": False, "fee_share": 0.0},
    "risk": {"risk_aversion": 0},
    "end_value": {"haircut_share": 1.0},
}

ABAKAN = {
    "id": "abakan",
    "name": "Abakan",
    "lat_deg": 53.72,
    "lon_deg": 91.43,
    "region": "RU-KK",
    "max_power_kw": 210,
    "pue": 1.0,
    "tariff": "cheap",
}


def small(**changes: Any) -> Study:
    """The base study with changes named by path: ``small(horizon__months=6)``."""
    values = deepcopy(BASE)
    for path, value in changes.items():
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("__")]
        place: Any = values
        for step in steps:
            place = place[step] if isinstance(step, int) else place.setdefault(step, {})
        if isinstance(last, int) and last == len(place):
            place.append(value)
        else:
            place[last] = value
    return Study.from_mapping(values)
