"""Who holds disputed ground.

The rule of this package: a region is drawn and named by its ISO 3166-2 code, that is by membership as ISO
and the UN have it (Crimea is UA-43). Who controls it is told here, beside the map, and law and sanctions are
told by the rules; none of the three is derived from another. A region that is held in part must not be read
as held: its polygon does not follow any front line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, cast, get_args

from geodata.places import jurisdiction_of
from geodata.store import GeodataError, read_rows

FILE = "control.csv"
Extent = Literal["whole", "part"]


@dataclass(frozen=True)
class Control:
    """Who controls a region, or a whole jurisdiction, whose ground is disputed.

    `controller` is an ISO 3166-1 code (XK for Kosovo) or the name of an authority that has none. `extent`
    says whether it holds the whole region or a part that is not drawn; `note` says which part and who claims
    it.
    """

    region: str
    controller: str
    extent: Extent
    since: date
    note: str
    source: str
    source_date: date
    confidence: str


def control_of(region: str) -> Control | None:
    """Who controls a region; None when nobody contests it. GeodataError when the code is unknown."""
    jurisdiction = jurisdiction_of(region)
    return _by_region().get(region) or _by_region().get(jurisdiction)


def all_controls() -> tuple[Control, ...]:
    """Every disputed region or jurisdiction, by code."""
    return tuple(_by_region().values())


@lru_cache(maxsize=1)
def _by_region() -> dict[str, Control]:
    found: dict[str, Control] = {}
    for row in read_rows(FILE):
        if row["region"] in found:
            raise GeodataError(f"{FILE}: {row['region']} occurs twice; keep one row per region")
        found[row["region"]] = _control(row)
    return found


def _control(row: dict[str, str]) -> Control:
    if row["extent"] not in get_args(Extent):
        raise GeodataError(
            f"{FILE}: extent {row['extent']!r} of {row['region']} is unknown; write 'whole' or 'part'"
        )
    if not row["controller"] or not row["note"] or not row["source"]:
        raise GeodataError(f"{FILE}: {row['region']} lacks controller, note or source; fill them in")
    return Control(
        region=row["region"],
        controller=row["controller"],
        extent=cast("Extent", row["extent"]),
        since=_day(row, "since"),
        note=row["note"],
        source=row["source"],
        source_date=_day(row, "source_date"),
        confidence=row["confidence"],
    )


def _day(row: dict[str, str], column: str) -> date:
    try:
        return date.fromisoformat(row[column])
    except ValueError as error:
        raise GeodataError(
            f"{FILE}: {column} {row[column]!r} of {row['region']} is not a day; write it as YYYY-MM-DD"
        ) from error
