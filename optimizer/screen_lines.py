"""Power and money by line, under the comparison: what contracts, lenders, kept coins and tax make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from optimizer.accounts import ACCOUNTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.plan import Plan

SHOWN = ("this plan", "stay put")
CONTRACT = (
    *("demand_charges", "peak_charges", "volume_charges", "standing_charges", "minimum_bill"),
    *("supply_credits", "response_credits", "frictions"),
)
MONEY = (
    *("loan_drawn", "loan_interest", "loan_fees", "loan_left"),
    *("coins_held", "coins_at_end", "deferred_tax"),
)
WORDS = {
    "loan_left": "Loans owed at the end",
    "coins_held": "Coins kept, at their worth when mined",
    "coins_at_end": "Coins kept, at the end",
    "deferred_tax": "Tax on what is left at the end",
}


def lines_block(plan: Plan, amount: Callable[[float], str], unit: str) -> Group | None:
    """Lines that are not nothing, for the plan and for staying put; none without any."""
    totals = plan.tables.get("line_totals")
    if totals is None:
        return None
    amounts = totals.amount_usd.to_numpy(dtype=float).tolist()
    sums = dict(zip(zip(totals.plan, totals.line, strict=True), amounts, strict=True))
    columns = [name for name in SHOWN if name in set(totals.plan)]
    all_of = {line: [sums.get((name, line), 0.0) for name in columns] for line in (*CONTRACT, *MONEY)}
    rows = [(line, values) for line, values in all_of.items() if any(abs(each) >= 0.5 for each in values)]
    if not rows:
        return None
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    table.add_column(f"power and money by line, nominal, {unit}")
    for name in columns:
        table.add_column(name, justify="right")
    for line, values in rows:
        table.add_row(_words(line), *(amount(value) for value in values))
    return Group(Text(""), table)


def _words(line: str) -> str:
    labels = {account.line: account.label for account in ACCOUNTS}
    return WORDS.get(line) or labels.get(line, line)
