"""What a company costs whatever its machines do: administration, audit, registration and licence fees."""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, total


def overheads(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Column ``in_business`` (w), which is one; line overheads."""
    if not data.overhead_usd.any():
        return
    in_business = lp.variable("in_business", "w", lower=1.0, upper=1.0)
    everywhere = np.broadcast_to(in_business[:, None, None], lp.shape("wem"))
    lp.spend("overheads", total("wem,em->wem", everywhere, data.overhead_usd))
