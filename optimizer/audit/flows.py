"""A plan's tables as dense arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.inputs import Floats, Inputs
from optimizer.plan_tables import PlanTables

AXIS_OF_COLUMN = {
    "scenario": "w",
    "lot": "l",
    "site": "s",
    "from_site": "s",
    "to_site": "s",
    "profile": "p",
    "corridor": "k",
    "period": "m",
    "leaves": "m",
    "arrives": "m",
    "ordered": "m",
    "entity": "e",
}


@dataclass(frozen=True)
class Flows:
    """The tables as dense arrays, (w, l, s, ..., m)."""

    standing: Floats  # (w, l, s, m)
    running: Floats  # (w, l, s, p, m) in service, each profile in the hours of its own block
    leaving: Floats  # (w, l, s, m) by move or sale
    coming: Floats  # (w, l, s, m) by move or purchase
    lost: Floats  # (w, l, s, m) machine-periods that arrivals are still under way
    ordered: Floats  # (w, l, m)
    sold: Floats  # (w, l, m) to the market
    handed_in: Floats  # (w, l, h, m)
    ordered_at: Floats  # (w, l, h, m)

    @classmethod
    def read(cls, tables: PlanTables, data: Inputs) -> Flows:
        moves, bought, gone = tables.moves, tables.purchases, tables.sales
        sold, handed_in = gone[gone.kind == "sold"], gone[gone.kind != "sold"]
        by_move = dense(moves, data, ("scenario", "lot", "to_site", "arrives"), moves.machines)
        by_order = dense(bought, data, ("scenario", "lot", "to_site", "arrives"), bought.machines)
        return cls(
            standing=dense(
                tables.placement, data, ("scenario", "lot", "site", "period"), tables.placement.machines
            ),
            running=_in_service(tables, data),
            leaving=dense(moves, data, ("scenario", "lot", "from_site", "leaves"), moves.machines)
            + dense(gone, data, ("scenario", "lot", "from_site", "period"), gone.machines),
            coming=by_move + by_order,
            lost=_lost(tables, data),
            ordered=dense(bought, data, ("scenario", "lot", "ordered"), bought.machines),
            sold=dense(sold, data, ("scenario", "lot", "period"), sold.machines),
            handed_in=_by_hub(handed_in, data, "from_site", "period"),
            ordered_at=_by_hub(bought, data, "to_site", "ordered"),
        )


def _in_service(tables: PlanTables, data: Inputs) -> Floats:
    """Machines in each block of hours: the table counts them for the block's share of the period."""
    served = dense(
        tables.running, data, ("scenario", "lot", "site", "profile", "period"), tables.running.machines
    )
    share = data.block_share[:, data.profile_block]  # (s, p, m)
    return np.divide(served, share, out=np.zeros_like(served), where=share > 0)


def _by_hub(table: pd.DataFrame, data: Inputs, site: str, period: str) -> Floats:
    """(w, l, h, m)"""
    scenario, lot, place, when = places(table, data, ("scenario", "lot", site, period))
    sums = np.zeros((len(data.scenarios), len(data.lots), len(data.hubs), len(data.periods)))
    np.add.at(sums, (scenario, lot, data.hub_of_site[place], when), table.machines.to_numpy(dtype=float))
    return sums


def places(table: pd.DataFrame, data: Inputs, columns: tuple[str, ...]) -> tuple[np.ndarray, ...]:
    numbers = []
    for column in columns:
        index = {name: i for i, name in enumerate(data.labels[AXIS_OF_COLUMN[column]])}
        numbers.append(np.array([index[name] for name in table[column]], dtype=np.int64))
    return tuple(numbers)


def dense(table: pd.DataFrame, data: Inputs, columns: tuple[str, ...], values: pd.Series | Floats) -> Floats:
    sums = np.zeros([len(data.labels[AXIS_OF_COLUMN[column]]) for column in columns])
    np.add.at(sums, places(table, data, columns), np.asarray(values, dtype=float))
    return sums


def _lost(tables: PlanTables, data: Inputs) -> Floats:
    moves, bought = tables.moves, tables.purchases
    corridor, target, leaves, arrives = places(moves, data, ("corridor", "to_site", "leaves", "arrives"))
    by_move = (
        moves.machines.to_numpy(dtype=float)
        * data.missed_share[target, data.arrival_class[corridor, leaves], arrives]
    )
    lot, bought_to, ordered, came = places(bought, data, ("lot", "to_site", "ordered", "arrives"))
    by_order = (
        bought.machines.to_numpy(dtype=float)
        * data.missed_share[bought_to, data.order_arrival_class[lot, ordered], came]
    )
    into = ("scenario", "lot", "to_site", "arrives")
    return dense(moves, data, into, by_move) + dense(bought, data, into, by_order)
