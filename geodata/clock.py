"""Which clock a place keeps, as IANA time zones; the outlines of the zones are those of the tzfpy library."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import shapely
import tzfpy

from geodata.globe import GEOD, check_coordinates
from geodata.places import jurisdiction_of, locate, region_polygons, unknown
from geodata.store import GeodataError

BORDER_KM = 5.0  # towns this near a zone's border are known to keep the other side's clock
BORDER_RINGS_KM = (1.0, 2.5, BORDER_KM)
OFFSHORE_RINGS_KM = (2.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0)
DIRECTIONS_DEG = np.arange(0.0, 360.0, 22.5)
MIN_SHARE = 0.8  # of a region's area; below it one clock for the whole region would be a guess
SAMPLES_PER_REGION = 1500
CLOCK_DATES = [datetime(year, month, 15, tzinfo=UTC) for year in (2027, 2028) for month in range(1, 13)]
TZDATA = files("tzdata") / "zoneinfo"

# Occupied since 2014 and 2022, wholly or in part: Russian time is kept there against the law of Ukraine.
RUSSIAN_TIME_KEPT = frozenset({"UA-09", "UA-14", "UA-23", "UA-65"})


@dataclass(frozen=True)
class Clock:
    """The time zone of a point, and those of its neighbourhood that show another time.

    `timezone` is the official zone. `others` are the zones whose clock differs from it in 2027 or 2028 and
    that are kept within 5 km or are kept unofficially at the point itself; where there are any, ask which
    one the site lives by.
    """

    timezone: str
    others: tuple[str, ...]


def timezone_at(lat_deg: float, lon_deg: float) -> str:
    """The IANA name of the official time zone at a point on land or within reach of a coast.

    Raises GeodataError when the coordinates are out of range or the point is on the open sea.
    """
    return clock_at(lat_deg, lon_deg).timezone


@lru_cache(maxsize=4096)
def clock_at(lat_deg: float, lon_deg: float) -> Clock:
    """The time zone at a point with the doubtful ones named; raises GeodataError as timezone_at does."""
    check_coordinates(lat_deg, lon_deg)
    here = _land_zones(lat_deg, lon_deg)
    timezone = here[0] if here else _coast_zone(lat_deg, lon_deg)
    near = [*here, *_zones_around(lat_deg, lon_deg, BORDER_RINGS_KM)]
    if timezone == "Europe/Kyiv" and locate(lat_deg, lon_deg).region in RUSSIAN_TIME_KEPT:
        near.append("Europe/Moscow")
    others = {zone for zone in near if clock_times(zone) != clock_times(timezone)}
    return Clock(timezone, tuple(sorted(others)))


@lru_cache(maxsize=1024)
def timezone_of(region: str) -> str:
    """The time zone of a region where no point is known: the one of most of its area.

    Raises GeodataError when the code is unknown or more than a fifth of the area keeps another clock.
    """
    shares = _area_by_zone(region)
    clocks: defaultdict[tuple[float, ...], float] = defaultdict(float)
    for zone, share in shares.items():
        clocks[clock_times(zone)] += share
    main = max(clocks, key=lambda times: clocks[times])
    if clocks[main] < MIN_SHARE:
        listed = ", ".join(f"{zone} {share:.0%}" for zone, share in shares.items() if share >= 0.005)
        raise GeodataError(
            f"{region} keeps several clocks ({listed} of its area); "
            "give the site's coordinates or state its own time zone, such as 'Europe/Paris'"
        )
    return next(zone for zone in shares if clock_times(zone) == main)


@lru_cache(maxsize=512)
def zone_info(timezone: str) -> ZoneInfo:
    """The clock of a zone as the tzdata package has it; raises GeodataError when the name is unknown.

    ZoneInfo(timezone) prefers the operating system's copy, which may be years old: one of 2025 puts
    Alberta an hour wrong from November 2026.
    """
    if timezone not in _known_timezones():
        raise GeodataError(unknown("time zone", timezone, sorted(_known_timezones())))
    with TZDATA.joinpath(*timezone.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=timezone)


@lru_cache(maxsize=512)
def clock_times(timezone: str) -> tuple[float, ...]:
    """Hours ahead of UTC in the middle of every month of 2027 and 2028: equal for equal clocks."""
    zone = zone_info(timezone)
    offsets = (moment.astimezone(zone).utcoffset() for moment in CLOCK_DATES)
    return tuple(offset.total_seconds() / 3600 if offset is not None else math.nan for offset in offsets)


@lru_cache(maxsize=1)
def _known_timezones() -> frozenset[str]:
    return frozenset((files("tzdata") / "zones").read_text(encoding="utf-8").split())


@lru_cache(maxsize=1)
def _zones_of_jurisdictions() -> dict[str, frozenset[str]]:
    """The zones that the IANA database lists for each country."""
    zones: defaultdict[str, set[str]] = defaultdict(set)
    table = (TZDATA / "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            jurisdiction, _, zone, *_ = line.split("\t")
            zones[jurisdiction].add(zone)
    return {jurisdiction: frozenset(names) for jurisdiction, names in zones.items()}


def _land_zones(lat_deg: float, lon_deg: float) -> list[str]:
    """Zones that claim a point, the official one first; none on the open sea, where Etc/GMT is nautical."""
    official = tzfpy.get_tz(lon_deg, lat_deg)
    claims = [official, *tzfpy.get_tzs(lon_deg, lat_deg)]
    return [zone for zone in dict.fromkeys(claims) if zone and not zone.startswith("Etc/")]


def _coast_zone(lat_deg: float, lon_deg: float) -> str:
    region = locate(lat_deg, lon_deg).region  # refuses the open sea
    zone = next(_zones_around(lat_deg, lon_deg, OFFSHORE_RINGS_KM), None)
    return timezone_of(region) if zone is None else zone


def _zones_around(lat_deg: float, lon_deg: float, radii_km: tuple[float, ...]) -> Iterator[str]:
    """Zones met on circles around a point, nearest circle first."""
    radii_m, azimuths = np.meshgrid(1000.0 * np.array(radii_km), DIRECTIONS_DEG, indexing="ij")
    start = np.ones(radii_m.size)
    lons, lats, _ = GEOD.fwd(lon_deg * start, lat_deg * start, azimuths.ravel(), radii_m.ravel())
    for lat, lon in zip(lats, lons, strict=True):
        yield from _land_zones(float(lat), float(lon))


def _area_by_zone(region: str) -> dict[str, float]:
    """Share of a region's area in each zone, largest first."""
    own = _zones_of_jurisdictions().get(jurisdiction_of(region))
    outline = region_polygons()[region]
    area: defaultdict[str, float] = defaultdict(float)
    for part in shapely.get_parts(outline):
        points = _lattice(part, math.sqrt(shapely.area(outline) / SAMPLES_PER_REGION))
        for lon_deg, lat_deg in points:
            claims = _land_zones(float(lat_deg), float(lon_deg))
            for zone in [zone for zone in claims if own is None or zone in own][:1]:
                area[zone] += shapely.area(part) * math.cos(math.radians(lat_deg)) / len(points)
    if not area:
        raise GeodataError(
            f"no time zone is known for {region}; state the site's own, such as 'Europe/Paris'"
        )
    total = sum(area.values())
    return {zone: part / total for zone, part in sorted(area.items(), key=lambda item: -item[1])}


def _lattice(part: shapely.Geometry, step_deg: float) -> npt.NDArray[np.float64]:
    """Evenly spread points (lon, lat) inside a polygon; one where it is smaller than the spacing."""
    west, south, east, north = shapely.bounds(part)
    lons, lats = np.meshgrid(np.arange(west, east, step_deg), np.arange(south, north, step_deg))
    inside = shapely.contains_xy(part, lons.ravel(), lats.ravel())
    found = np.column_stack([lons.ravel()[inside], lats.ravel()[inside]])
    return found if len(found) else np.array(shapely.point_on_surface(part).coords)
