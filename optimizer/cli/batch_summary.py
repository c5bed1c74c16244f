"""A batch on a screen: one line for each study."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from optimizer.cli.batch_run import Row
from optimizer.cli.faults import DONE

COLUMNS = ("value, m USD", "gain, m USD", "BTC", "payback, months", "seconds")


def table(rows: Sequence[Row]) -> Table:
    """Value and gain against staying put in millions of USD, whatever currency a study reports in."""
    shown = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    shown.add_column("study", overflow="fold")
    shown.add_column("status")
    for name in COLUMNS:
        shown.add_column(name, justify="right")
    for row in rows:
        numbers = (
            _number(row.value_usd, "{:,.2f}", 1e-6),
            _number(row.gain_usd, "{:+,.2f}", 1e-6),
            _number(row.mined_btc, "{:,.1f}"),
            _number(row.payback_months, "{:.1f}"),
            _number(row.seconds, "{:.1f}"),
        )
        style = "green" if row.exit_code == DONE else "red" if row.error else "yellow"
        shown.add_row(Text(row.study), Text(row.status, style), *map(Text, numbers))
    return shown


def _number(value: float | None, form: str, factor: float = 1.0) -> str:
    return "-" if value is None else form.format(value * factor)
