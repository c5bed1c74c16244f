"""Taking machines out, carrying them, customs, and putting them back; crews can only do so many a month."""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, total


def relocation(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Rows ``crew_out``, ``crew_in`` (w, s, m); a line for each thing that is paid on the way."""
    crews = {"crew_out": data.crew_out_machines, "crew_in": data.crew_in_machines}
    limits = {name: np.broadcast_to(limit, lp.shape("wsm")) for name, limit in crews.items()}
    lp.at_most("crew_out", total("wlsm->wsm", plan.departing), limits["crew_out"])
    lp.at_most("crew_in", total("wlscm->wsm", plan.arriving), limits["crew_in"])
    lp.spend("deinstallation", total("wlsm,s->wsm", plan.departing, data.deinstall_usd), is_capital=True)
    lp.spend("installation", total("wlscm,s->wsm", plan.arriving, data.install_usd), is_capital=True)
    lp.spend("freight", total("wlkm,lk->wkm", plan.shipped, data.freight_usd), is_capital=True)
    lp.spend("insurance", total("wlkm,lkm->wkm", plan.shipped, data.insurance_usd), is_capital=True)
    lp.spend("customs", total("wlkm,lkm->wkm", plan.shipped, data.customs_usd), is_capital=True)
    lp.spend("breakage", total("wlkm,lkm->wkm", plan.shipped, data.breakage_usd), is_capital=True)
