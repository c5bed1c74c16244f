"""Profit tax by place: rate, use of losses and writing off, each row with its source and confidence."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class WriteOff:
    """How a price becomes yearly deductions; a method has a life or a share a year, or needs neither."""

    method: str  # straight_line, declining_balance, at_once
    life_months: int | None
    share_per_year: float | None
    bonus_share: float  # at once; the rest by the method


@dataclass(frozen=True)
class Regime:
    """The profit tax of a place for tax years that begin in ``from_month`` or later."""

    place: str  # ISO 3166-1, or 3166-2 where the region sets part of the rate
    from_month: str
    rate_share: float
    loss_use_share: float  # of a year's profit that past losses may offset
    loss_life_years: int | None  # None: for ever
    machines: WriteOff
    infrastructure: WriteOff
    source: str
    source_date: str
    confidence: str
    note: str


@cache
def regimes() -> tuple[Regime, ...]:
    """Every bundled regime."""
    text = (files("optimizer") / "data" / "taxes.csv").read_text(encoding="utf-8")
    return tuple(_from_row(row) for row in csv.DictReader(text.splitlines()))


def places() -> tuple[str, ...]:
    """Places whose tax is bundled."""
    return tuple(sorted({regime.place for regime in regimes()}))


def _from_row(row: dict[str, str]) -> Regime:
    life = row["loss_life_years"]
    return Regime(
        place=row["place"],
        from_month=row["from"],
        rate_share=float(row["rate_share"]),
        loss_use_share=float(row["loss_use_share"]),
        loss_life_years=int(life) if life else None,
        machines=_write_off(row, "machines"),
        infrastructure=_write_off(row, "infrastructure"),
        source=row["source"],
        source_date=row["source_date"],
        confidence=row["confidence"],
        note=row["note"],
    )


def _write_off(row: dict[str, str], what: str) -> WriteOff:
    life, share = row[f"{what}_life_months"], row[f"{what}_share_per_year"]
    return WriteOff(
        method=row[f"{what}_method"],
        life_months=int(life) if life else None,
        share_per_year=float(share) if share else None,
        bonus_share=float(row[f"{what}_bonus_share"]),
    )
