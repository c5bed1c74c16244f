"""A plan as plain tables, the form in which it is shown, saved, compared and audited."""

from __future__ import annotations

from dataclasses import dataclass, fields

import pandas as pd

COLUMNS = {
    "placement": ("scenario", "lot", "site", "period", "machines"),
    "running": (
        "scenario",
        "lot",
        "site",
        "period",
        "profile",
        "machines",
        "meter_kw",
        "hashrate_ths",
        "run_hours",
        "energy_kwh",
        "mined_btc",
    ),
    "moves": (
        "scenario",
        "lot",
        "machines",
        "from_site",
        "to_site",
        "corridor",
        "leaves",
        "arrives",
        "cost_usd",
    ),
    "purchases": ("scenario", "lot", "machines", "to_site", "ordered", "arrives", "cost_usd"),
    "sales": ("scenario", "lot", "machines", "from_site", "period", "kind", "income_usd"),
    "openings": ("scenario", "site", "period", "is_open", "opens", "closes", "built_kw"),
    "ledger": (
        "scenario",
        "entity",
        "site",
        "period",
        "line",
        "amount_usd",
        "present_value_usd",
        "is_cash",
        "is_capital",
    ),
}


@dataclass(frozen=True)
class PlanTables:
    """Every decision and every line of money of a plan; ``COLUMNS`` names each table's columns.

    Machines are counts, ``running.machines`` machine-periods in service, ``run_hours``, ``energy_kwh`` and
    ``mined_btc`` totals of those machines; ``ledger.amount_usd`` is nominal, income positive, cost
    negative, its ``site`` "" where a company pays as a whole. Machines that serve in a block of hours count
    for its share of the period. ``sales.kind`` is "sold", or "handed in" for one refurbished.
    """

    placement: pd.DataFrame
    running: pd.DataFrame
    moves: pd.DataFrame
    purchases: pd.DataFrame
    sales: pd.DataFrame
    openings: pd.DataFrame
    ledger: pd.DataFrame

    def __post_init__(self) -> None:
        for each in fields(self):
            found = tuple(getattr(self, each.name).columns)
            if found != COLUMNS[each.name]:
                raise ValueError(f"table {each.name} has columns {found}; want {COLUMNS[each.name]}")

    def items(self) -> list[tuple[str, pd.DataFrame]]:
        """Name and table, in reading order."""
        return [(each.name, getattr(self, each.name)) for each in fields(self)]


def empty(table: str) -> pd.DataFrame:
    """A table of that name without rows."""
    return pd.DataFrame({column: [] for column in COLUMNS[table]})
