"""Charges on the energy of a month that rise with its volume: tiers, and energy to be paid if taken or not.

Each step has a width and a price beside the hourly one; because the price rises from step to step, the
cheaper step fills first by itself. A sum that is owed whatever is taken is a standing charge, and the first
step gives it back.
"""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, total


def volume(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Columns ``volume_kwh`` (w, s, t, m), rows ``volume`` (w, s, m); line volume_charges."""
    has_step = data.volume_step_kwh > 0
    if not has_step.any():
        return
    taken = lp.variable("volume_kwh", "wstm", exists=has_step[None], upper=data.volume_step_kwh[None])
    drawn_kwh = total("wlspm,wlspm->wsm", plan.running, data.energy_kwh)
    in_steps = total("wstm->wsm", taken)
    has = np.broadcast_to(has_step.any(axis=1), lp.shape("wsm"))
    low, high = np.where(has, 0.0, -np.inf), np.where(has, 0.0, np.inf)
    lp.between("volume", drawn_kwh - in_steps, low, high)
    lp.spend("volume_charges", total("wstm,stm->wsm", taken, data.volume_step_usd_per_kwh))
