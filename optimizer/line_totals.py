"""Lines of money over the whole horizon, of the plan and of what it is held against."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from optimizer.inputs import Inputs
from optimizer.plan_tables import PlanTables

COLUMNS = ("plan", "line", "amount_usd")
THIS_PLAN = "this plan"


def line_totals(found: PlanTables, others: Mapping[str, PlanTables | None], data: Inputs) -> pd.DataFrame:
    """Plan, line and expected nominal USD; income is positive, cost negative."""
    odds = dict(zip(data.scenarios, data.probability, strict=True))
    parts = [
        _totals(name, each.ledger, odds)
        for name, each in {THIS_PLAN: found, **others}.items()
        if each is not None
    ]
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _totals(name: str, ledger: pd.DataFrame, odds: Mapping[str, float]) -> pd.DataFrame:
    amount = ledger.amount_usd.astype(float) * ledger.scenario.map(odds).astype(float)
    by_line = amount.groupby(ledger.line, sort=False).sum()
    return pd.DataFrame({"plan": name, "line": by_line.index.astype(str), "amount_usd": by_line.to_numpy()})
