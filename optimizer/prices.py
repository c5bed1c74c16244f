"""Shadow prices with names: what one more unit of each limit is worth, and which limits bind."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.inputs import Inputs
from optimizer.lp import ABSENT, LinearProgram
from optimizer.solvers import Solution

AXIS_COLUMN = {
    "w": "scenario",
    "l": "lot",
    "s": "site",
    "h": "hub",
    "c": "arrival_class",
    "p": "profile",
    "m": "period",
    "g": "group",
    "q": "limit_name",
    "b": "hours",
    "t": "step",
    "d": "charge",
    "e": "entity",
    "y": "tax_year",
    "f": "loan",
}
LIMITS = {  # what a limit is called, and the unit that its price is per
    "site_power": ("connection of the site", "kW"),
    "site_racks": ("racks of the site", "machine"),
    "power_groups": ("shared power limit", "kW"),
    "moratorium": ("stop to new load", "kW"),
    "concentration": ("share limit", "unit of the measure"),
    "crew_out": ("crew taking machines out", "machine"),
    "crew_in": ("crew putting machines in", "machine"),
    "orders": ("machines on offer", "machine"),
    "orders_per_period": ("machines on offer in a period", "machine"),
    "sales_per_period": ("machines the market takes", "machine"),
    "built_power": ("power built", "kW"),
    "minimum_size": ("least size of an open site", "kW"),
    "minimum_term": ("minimum term", "site"),
    "block_cap": ("hourly limit of the site", "kW"),
    "response": ("kW that the grid pays to be ready", "kW"),
    "loan_limit": ("loan", "USD"),
    "capex": ("capital spending", "USD"),
    "cash_balance": ("cash", "USD"),
}
STRUCTURE = (  # rows that hold the model together and limit nothing by themselves
    *("stock", "hub_out", "hub_in", "in_service", "opening"),
    *("open_to_stand", "open_to_stand_by_lot", "open_to_run", "block_draw", "supplied_kwh", "volume"),
    *("metered_peak", "billed_peak", "billed_floor", "contracted", "minimum_bill"),
    *("tax_profit", "tax_losses", "loss_share", "loss_life", "profit_year", "loss_year", "all_losses_used"),
    *("share_used", "loan_purpose", "loans_together", "trade_in"),
)
NOT_A_REASON = ("minimum_term",)  # priced at answers already given, its prices say nothing to a reader
NEGLIGIBLE = 1e-7


def shadow_prices(lp: LinearProgram, data: Inputs, solution: Solution) -> dict[str, pd.DataFrame]:
    """For every family of limits, a table by site (or group) and period: limit, use, worth of one more unit.

    ``worth_usd`` is present value per unit; NaN where the solver gave no prices.
    """
    activity = lp.matrix @ solution.values
    limits = [family for family in lp.rows if family not in STRUCTURE and not family.startswith("ratchet_")]
    return {family: _table(lp, data, solution, activity, family) for family in limits}


def _table(
    lp: LinearProgram, data: Inputs, solution: Solution, activity: np.ndarray, family: str
) -> pd.DataFrame:
    axes, numbers = lp.rows[family]
    places = np.nonzero(numbers != ABSENT)
    rows = numbers[places]
    labels = {
        AXIS_COLUMN[axis]: np.array(data.labels[axis], dtype=object)[i]
        for axis, i in zip(axes, places, strict=True)
    }
    low, high = lp.row_low[rows], lp.row_high[rows]
    limit = np.where(np.isfinite(high), high, low)
    slack = np.abs(limit - activity[rows])
    worth = solution.row_duals[rows]
    return pd.DataFrame(
        {
            **labels,
            "limit": limit,
            "used": activity[rows],
            "worth_usd": worth,
            "unit": _words(family)[1],
            "binds": (np.abs(worth) > NEGLIGIBLE) & (slack <= 1e-6 * np.maximum(1.0, np.abs(limit))),
        }
    )


def _words(family: str) -> tuple[str, str]:
    """What a limit is called and its unit; a notebook's own family goes by its name."""
    return LIMITS.get(family, (family, "unit"))


def binding(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every limit that binds somewhere, by what it is worth over the horizon, largest first."""
    rows = []
    for family, table in tables.items():
        if family in NOT_A_REASON:
            continue
        held = table[table.binds & ((family != "crew_in") | (table.limit > 0))]  # 0: not available yet
        by = [column for column in ("site", "group", "limit_name", "lot") if column in held.columns]
        groups = held.groupby(by, sort=False) if by else [((), held)]
        full = table[table.binds | _is_full(table)]
        for key, part in groups:
            if len(part):
                same = (full[by] == part[by].iloc[0]).all(axis=1) if by else slice(None)
                name = " ".join(map(str, key)) if isinstance(key, tuple) else str(key)
                rows.append(_binding_row(family, name, part, full[same]))
    columns = ["limit", "where", "periods", "first", "last", "worth_usd_per_unit", "unit"]
    found = pd.DataFrame(rows, columns=columns)
    return found.sort_values("worth_usd_per_unit", ascending=False, key=abs, ignore_index=True)


def _is_full(table: pd.DataFrame) -> pd.Series:
    """Whether a limit is used up, be its price another period's; no room at all is no limit."""
    at_it = (table.limit - table.used).abs() <= 1e-6 * table.limit.abs().clip(lower=1.0)
    return at_it & (table.limit != 0)


def _binding_row(family: str, where: str, priced: pd.DataFrame, full: pd.DataFrame) -> dict[str, object]:
    """A limit with the periods in which it is used up, and what one more unit is worth in all of them."""
    has_periods = "period" in full.columns
    return {
        "limit": _words(family)[0],
        "where": where,
        "periods": len(full),
        "first": full.period.iloc[0] if has_periods else "",
        "last": full.period.iloc[-1] if has_periods else "",
        "worth_usd_per_unit": float(priced.worth_usd.sum()),
        "unit": _words(family)[1],
    }
