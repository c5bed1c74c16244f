"""What a power contract charges beside its hours, again: standing sums, supply, volume, peaks, a minimum
bill.

Each is worked out as the invoice would, from what is drawn; nothing is asked of the model's own columns.
"""

from __future__ import annotations

import numpy as np

from optimizer.audit.flows import Flows
from optimizer.audit.service import drawn_by_block_kw
from optimizer.inputs import Floats, Inputs

BILLED = ("energy", "delivery", "levies", "peak_charges", "demand_charges", "volume_charges")
BILLED_TOO = ("standing_charges", "supply_credits")


def contract_money(
    flows: Flows, data: Inputs, is_open: Floats, lines: dict[str, Floats]
) -> dict[str, Floats]:
    """Lines of money (w, s, m) of the contracts; ``lines`` are those of the hours, which a minimum bill
    counts."""
    found = {
        "supply_credits": _supply(flows, data),
        "volume_charges": -_volume(flows, data),
        "demand_charges": -_demand(flows, data, is_open),
        "standing_charges": -is_open * data.standing_charge_usd,
    }
    billed = -sum((lines | found)[line] for line in (*BILLED, *BILLED_TOO))
    short = np.maximum(0.0, is_open * data.minimum_bill_usd - billed)
    found["minimum_bill"] = -np.where(data.minimum_bill_usd > 0, short, 0.0)
    return found


def _energy_kwh(flows: Flows, data: Inputs) -> Floats:
    """(w, s, b, m)"""
    drawn = flows.running * data.energy_kwh
    of_block = [
        drawn[:, :, :, data.profile_block == b].sum(axis=(1, 3)) for b in range(len(data.hour_blocks))
    ]
    return np.stack(of_block, axis=2)


def _supply(flows: Flows, data: Inputs) -> Floats:
    within = np.minimum(_energy_kwh(flows, data), data.supply_kwh)
    return np.asarray((within * data.supply_discount_usd_per_kwh).sum(axis=2))


def _volume(flows: Flows, data: Inputs) -> Floats:
    """Each step in turn takes what the steps before it have left."""
    left = _energy_kwh(flows, data).sum(axis=2)
    charged = np.zeros_like(left)
    for step in range(len(data.volume_steps)):
        taken = np.minimum(left, data.volume_step_kwh[:, step])
        charged += taken * data.volume_step_usd_per_kwh[:, step]
        left = left - taken
    return np.asarray(charged)


def _demand(flows: Flows, data: Inputs, is_open: Floats) -> Floats:
    """Every charge by itself, period by period, remembering past peaks."""
    drawn = drawn_by_block_kw(flows, data)
    charged = np.zeros_like(is_open)
    for charge, site in enumerate(data.demand_site.tolist()):
        window = data.demand_window[charge]
        is_let_off = data.needs_opening[site] & np.isfinite(data.max_power_kw[site])  # (m) when closed
        metered = np.where(window, drawn[:, site], 0.0).max(axis=1)  # (w, m)
        billed = np.maximum(metered, is_open[:, site] * data.demand_floor_kw[charge])
        for now in range(metered.shape[1]):
            for past in range(now):
                if data.ratchet_until[charge, past] >= now:
                    owed = np.where(is_let_off[past], is_open[:, site, now], 1.0)
                    remembered = owed * data.ratchet_share[charge] * metered[:, past]
                    billed[:, now] = np.maximum(billed[:, now], remembered)
        excess = np.maximum(0.0, metered - data.contracted_kw[charge])
        charged[:, site] += billed * data.demand_usd_per_kw[charge] + excess * data.excess_usd_per_kw[charge]
    return np.asarray(charged)
