"""What every machine needs at every site: the power price it can bear and the hashprice it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

HASHPRICES = {  # heading of each column of hashprices, and what it means
    "pays_first_usd_per_ths_day": "first hour",
    "pays_upkeep_usd_per_ths_day": "upkeep too",
    "pays_flat_out_usd_per_ths_day": "all hours",
}
PER_PHS = 1000
MEANING = (
    "bears: all-in price of a kWh at the meter at which it earns nothing. Then hashprices: from the "
    "first on the cheapest hour pays, from the second the upkeep and charges on the month's peak are paid, "
    "from the third all hours pay too, with charges on peaks in windows. Energy at its price within a "
    "contract's volume or first tier. Not counted: what a contract asks whatever is drawn, minimum bills, "
    "ratchets, excess over contracted power, credits for being switched off."
)


def screen(found: pd.DataFrame, period: str, hashprice_usd_per_ths_day: float) -> Iterator[RenderableType]:
    """One period's break-evens, best machines first; those that pay at the market's hashprice are marked."""
    rows = found[found.period == period]
    yield Text(f"{period}: hashprice {PER_PHS * hashprice_usd_per_ths_day:.1f} USD/PH/day", style="bold")
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("lot", "profile", "site"):
        table.add_column(name)
    table.add_column("bears, US c/kWh", justify="right")
    for name in HASHPRICES.values():
        table.add_column(f"{name}, USD/PH/day", justify="right")
    table.add_column("pays")
    for row in rows.sort_values("pays_upkeep_usd_per_ths_day", kind="stable").to_dict("records"):
        needs = [row[name] for name in HASHPRICES]
        table.add_row(
            *(str(row[name]) for name in ("lot", "profile", "site")),
            f"{100 * row['breakeven_usd_per_kwh']:.2f}",
            *(f"{PER_PHS * each:.1f}" if np.isfinite(each) else "closed" for each in needs),
            _verdict(hashprice_usd_per_ths_day, *needs),
        )
    yield table
    yield Text(MEANING, style="dim")


def _verdict(hashprice: float, first: float, upkeep: float, flat_out: float) -> str:
    if hashprice >= flat_out:
        return "even flat out"
    if hashprice >= upkeep:
        return "in the hours that pay"
    return "not its upkeep" if hashprice >= first else "no"


def as_dict(found: pd.DataFrame) -> dict[str, Any]:
    """Every row; a hashprice that does not exist, because nothing can run there, is null."""
    rows = found.to_dict("records")
    return {"breakevens": [{key: _plain(value) for key, value in row.items()} for row in rows]}


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
