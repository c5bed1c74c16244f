"""What freight costs and how long it takes, by mode."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, NamedTuple

from geodata.store import GeodataError, read_rows

Measure = Literal["days", "usd", "km"]
Border = tuple[str, str]  # the jurisdictions on both sides, in the order of travel

VOYAGES = ("sea", "air")  # each of their legs is loaded and unloaded by itself
ON_SITE = "site"  # the row of freight_rates.csv for what a move takes at its two ends

# Inside these goods are not cleared again at each border: the European Union and the Eurasian one.
CUSTOMS_UNIONS = tuple(
    frozenset(members.split())
    for members in (
        "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK",
        "AM BY KG KZ RU",
        "PR US",
    )
)


class Rate(NamedTuple):
    """One mode's price and pace; a kilogram is one of packed machine."""

    usd_per_kg_per_1000_km: float
    usd_per_kg_handling: float  # loading and unloading once, with the papers
    km_per_day: float
    handling_days: float  # waiting for departure and unloading, once for each stretch of one mode
    border_days: float  # at each border with customs
    union_border_days: float  # at each border inside a customs union


Rates = tuple[tuple[str, Rate], ...]  # by mode, and "site" for the two ends


@lru_cache(maxsize=1)
def freight_rates() -> Rates:
    """The bundled rates by mode; most are own estimates of low confidence: see freight_rates.csv.

    Change one with ``tuple({**dict(freight_rates()), "road": Rate(...)}.items())``.
    """
    return tuple((row["mode"], _rate(row)) for row in read_rows("freight_rates.csv"))


def border_days(start: str, end: str, rate: Rate) -> float:
    """Days that crossing from one jurisdiction to another takes; 0 where they are the same."""
    if start == end:
        return 0.0
    inside = any(start in union and end in union for union in CUSTOMS_UNIONS)
    return rate.union_border_days if inside else rate.border_days


def travel_cost(km: float, borders: Iterable[Border], by: Measure, rate: Rate) -> float:
    """What a stretch by one mode adds to a way, with clearing at its borders, in the unit of the measure."""
    if by == "km":
        return km
    if by == "usd":
        return km / 1000 * rate.usd_per_kg_per_1000_km
    return km / rate.km_per_day + sum(border_days(start, end, rate) for start, end in borders)


def handling_cost(by: Measure, rate: Rate) -> float:
    """What loading and unloading once adds to a way, in the unit of the measure; no km."""
    return {"days": rate.handling_days, "usd": rate.usd_per_kg_handling, "km": 0.0}[by]


def _rate(row: dict[str, str]) -> Rate:
    try:
        rate = Rate(*(float(row[name] or 0) for name in Rate._fields))
    except (KeyError, ValueError) as error:
        raise GeodataError(
            f"freight_rates.csv, mode {row.get('mode')!r}: {error}; correct the row"
        ) from error
    if row["mode"] != ON_SITE and rate.km_per_day <= 0:
        raise GeodataError(f"freight_rates.csv, mode {row['mode']!r}: km_per_day must be above 0; correct it")
    return rate
