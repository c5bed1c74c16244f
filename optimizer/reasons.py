"""Why nothing runs where nothing runs: the rule and its act, or the plain reason."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from optimizer.decisions import reachable
from optimizer.inputs import Bools, Inputs, Texts
from optimizer.prepare.law import Restriction

LAW_COLUMNS = [
    "site",
    "rule_id",
    "kind",
    "effect",
    "first_day",
    "last_day",
    "reason",
    "act",
    "source",
    "source_date",
    "confidence",
    "status",
]
ZERO_COLUMNS = ["site", "period", "reason", "rule_id"]


def law_table(restrictions: Sequence[Restriction]) -> pd.DataFrame:
    """Every rule that binds a site within the horizon, one row for each unbroken run of days."""
    rows = [
        {
            "site": each.site,
            "rule_id": each.rule.rule_id,
            "kind": each.rule.kind,
            "effect": each.effect,
            "first_day": first.isoformat(),
            "last_day": last.isoformat(),
            "reason": each.reason,
            "act": each.rule.act,
            "source": each.rule.source,
            "source_date": each.rule.source_date,
            "confidence": each.rule.confidence,
            "status": each.rule.status,
        }
        for each in restrictions
        for first, last in each.days
    ]
    return pd.DataFrame(rows, columns=LAW_COLUMNS)


def zeros(data: Inputs, running: pd.DataFrame) -> pd.DataFrame:
    """Every site and period in which no machine is in service, with the first reason that explains it."""
    served = set(zip(running.site, running.period, strict=True))
    causes = _causes(data)
    rows = []
    for s, site in enumerate(data.sites):
        for m, period in enumerate(data.periods):
            if (site, period) not in served:
                reason, rule = next((text, rule[s, m]) for text, holds, rule in causes if holds[s, m])
                rows.append((site, period, reason, str(rule)))
    return pd.DataFrame(rows, columns=ZERO_COLUMNS)


def _causes(data: Inputs) -> list[tuple[str, Bools, Texts]]:
    """(reason, where it holds (s, m), rule id (s, m)), in the order in which they are asked."""
    shape = (len(data.sites), len(data.periods))
    none = np.full(shape, "")
    runs = np.asarray(data.can_run.any(axis=(0, 2)))
    fits = np.broadcast_to(np.asarray(data.fits.any(axis=0))[:, None], shape)
    return [
        ("sanctioned", data.is_sanctioned, data.sanctioned_by),
        ("closed by law", data.allowed_share <= 0, data.barred_by),
        ("a stop to new load leaves none", data.moratorium_kw <= 0, data.moratorium_by),
        ("no connection yet", data.max_power_kw <= 0, none),
        ("no machine fits: cooling or height", ~fits, none),
        ("no machine earns its power there", ~runs, none),
        ("no machine can be there yet", ~_within_reach(data), none),
        ("other places or other uses are worth more", np.ones(shape, dtype=bool), none),
    ]


def _within_reach(data: Inputs) -> Bools:
    """(s, m) whether any machine stands there at the start or could have arrived."""
    arrives = np.asarray(reachable(data).any(axis=0))[data.hub_of_site]
    stands = np.any(data.start_machines > 0, axis=0)[:, None]
    return np.asarray(stands | np.maximum.accumulate(arrives, axis=1), dtype=bool)
