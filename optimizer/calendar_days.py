"""Periods of moves, purchases and sales as calendar days: everything leaves on a period's first day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from optimizer.inputs import Floats, Inputs, Ints
from optimizer.plan_tables import PlanTables


def dated(tables: PlanTables, data: Inputs, first_days: Sequence[date]) -> dict[str, pd.DataFrame]:
    """The three tables with ISO days; an arrival is as far into its period as its lead time says."""
    moves, bought, sold = tables.moves, tables.purchases, tables.sales
    corridor = _index(moves.corridor, data.corridors)
    lost = data.lost_share[data.arrival_class[corridor, _period(moves.leaves, data)]]
    bought_class = data.order_arrival_class[_index(bought.lot, data.lots), _period(bought.ordered, data)]
    return {
        "moves": moves.assign(
            leaves=_days(moves.leaves, data, first_days), arrives=_days(moves.arrives, data, first_days, lost)
        ),
        "purchases": bought.assign(
            ordered=_days(bought.ordered, data, first_days),
            arrives=_days(bought.arrives, data, first_days, data.lost_share[bought_class]),
        ),
        "sales": sold.assign(period=_days(sold.period, data, first_days)),
    }


def _days(
    periods: pd.Series, data: Inputs, first_days: Sequence[date], elapsed_share: Floats | None = None
) -> list[str]:
    number = _period(periods, data)
    elapsed = np.zeros(len(number)) if elapsed_share is None else elapsed_share * data.period_days[number]
    return [
        (first_days[period] + timedelta(days=round(days))).isoformat()
        for period, days in zip(number.tolist(), elapsed.tolist(), strict=True)
    ]


def _period(names: pd.Series, data: Inputs) -> Ints:
    return _index(names, data.periods)


def _index(names: pd.Series, labels: tuple[str, ...]) -> Ints:
    return np.asarray(pd.Index(labels).get_indexer(pd.Index(names)), dtype=np.int64)
