"""Where an hour's decision depends on other machines, every block of hours is decided by itself.

The month of such a site is cut where a machine's decision can change (prepare/hour_blocks.py). The highest
draw of all blocks counts for the connection and for every limit over several sites; a block, also that of
all hours, may have a limit of its own.
"""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions, blocks_in_use
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, grid, total_at


def hour_blocks(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Rows ``block_draw`` (w, s, b, m) at sites that are decided by block, and ``block_cap`` anywhere."""
    if not (data.couples.any() or np.isfinite(data.block_cap_kw).any()):
        return
    shape = lp.shape("wsbm")
    drawn_kw = plan.drawn_by_block_kw(data)
    lp.at_most("block_cap", drawn_kw, np.broadcast_to(data.block_cap_kw, shape))
    peak = np.broadcast_to(plan.peak_kw[:, :, None], shape)
    decides = np.asarray(data.couples)[:, None, None] & blocks_in_use(data)
    no_more = np.broadcast_to(np.where(decides, 0.0, np.inf), shape)
    lp.at_most("block_draw", drawn_kw - total_at("wsbm", shape, peak, grid(peak)), no_more)
