"""Import duty and VAT on machines by destination, country of make and day, each rate with its source."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

ANY = "*"
# Members trade without duty, whatever the make; VAT is due where goods come to. By the treaties in force.
UNIONS = {
    "Eurasian Economic Union": ("AM", "BY", "KG", "KZ", "RU"),
    "European Union": (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    ),
    "customs union of the Gulf": ("AE", "BH", "KW", "OM", "QA", "SA"),
}


@dataclass(frozen=True)
class Rate:
    """One row of the bundled table; days are inclusive, `vat_share` is of value and duty."""

    destination: str  # country, or region where it has rates of its own
    made_in: str  # country of make, or ANY
    first_day: date
    last_day: date
    duty_share: float
    vat_share: float
    vat_recoverable_share: float
    is_on_cif: bool  # reckoned on value, freight and insurance; else on value alone
    source: str
    date: str
    confidence: str
    note: str

    @property
    def vat_cost_share(self) -> float:
        """VAT that is not given back."""
        return self.vat_share * (1.0 - self.vat_recoverable_share)

    @property
    def cost_share(self) -> float:
        return self.duty_share + self.vat_cost_share * (1.0 + self.duty_share)


@dataclass(frozen=True)
class Charge:
    """What a machine pays on the border: shares of its value or CIF value; VAT also of the duty."""

    duty_share: float
    vat_share: float  # that cannot be recovered
    duty_on_cif: bool = False
    vat_on_cif: bool = False


def charge_on(duty_share: float, vat_share: float, duty_on_cif: bool, vat_on_cif: bool) -> Charge:
    """Charges that ask the same are equal: no share, nothing that it could be of."""
    return Charge(duty_share, vat_share, duty_on_cif and duty_share > 0, vat_on_cif and vat_share > 0)


@dataclass(frozen=True)
class Found:
    """A charge and the row behind it; `is_highest` where the make is unknown and rates differ by it."""

    charge: Charge
    rate: Rate
    union: str  # "" where a customs border is crossed
    is_highest: bool


class NoRate(LookupError):
    """Nothing is bundled for this destination on this day."""


def rates() -> tuple[Rate, ...]:
    """Every bundled rate, in the file's order."""
    return _rates()


@cache
def destination(region: str, country: str) -> str:
    """The region itself where it has rates of its own, else its country."""
    return region if _of(region) else country


@cache
def charge(leaves: str, destination: str, made_in: str, day: date) -> Found:
    """What a machine made in a country (ISO 3166-1, "" unknown) pays when it comes to a destination on a day.

    `destination` is as `destination` finds it; `leaves` is the country that it comes from, another than that
    of the destination; "" where nobody says. Where no row names the make, the one that costs most counts.
    Raises NoRate.
    """
    country = destination[:2]
    rows = [rate for rate in _of(destination) if rate.first_day <= day <= rate.last_day]
    if not rows:
        raise NoRate(f"no duty and VAT are bundled for {country} on {day}")
    named = [rate for rate in rows if rate.made_in == made_in] or [r for r in rows if r.made_in == ANY]
    rate = max(named or rows, key=lambda each: each.cost_share)
    union = next((name for name, members in UNIONS.items() if {leaves, country} <= {*members}), "")
    paid = (
        Charge(0.0, rate.vat_cost_share)
        if union
        else charge_on(rate.duty_share, rate.vat_cost_share, rate.is_on_cif, rate.is_on_cif)
    )
    return Found(paid, rate, union, not named and not union)


@cache
def _of(destination: str) -> tuple[Rate, ...]:
    return tuple(rate for rate in _rates() if rate.destination == destination)


@cache
def _rates() -> tuple[Rate, ...]:
    text = (files("optimizer") / "data" / "customs.csv").read_text(encoding="utf-8")
    return tuple(_from_row(row) for row in csv.DictReader(text.splitlines()))


def _from_row(row: dict[str, str]) -> Rate:
    return Rate(
        destination=row["destination"],
        made_in=row["origin"],
        first_day=date.fromisoformat(row["from"]) if row["from"] else date.min,
        last_day=date.fromisoformat(row["to"]) if row["to"] else date.max,
        duty_share=float(row["duty_share"]),
        vat_share=float(row["vat_share"]),
        vat_recoverable_share=float(row["vat_recoverable_share"]),
        is_on_cif=row["basis"] == "cif",
        source=row["source"],
        date=row["date"],
        confidence=row["confidence"],
        note=row["note"],
    )
