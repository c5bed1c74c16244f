"""How warm a place is, month by month: what cooling has to reckon with.

Normals of 419 towns, interpolated between. They are general knowledge rounded to whole degrees, not read
from a source; `error_c` says how far an answer may be off, as measured by leaving out each town in turn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from geodata.globe import Floats, check_coordinates, great_circle_km
from geodata.store import GeodataError, read_rows

MAX_DISTANCE_KM = 400.0  # to the nearest town; the error grows beyond use further out
MAX_TOWNS = 6
FADE_KM = 600.0  # how far a town's climate tells of another's
LAPSE_C_PER_KM = 5.0
C_PER_DEG_LAT = 0.6  # colder towards the pole
TABLE_ERROR_C = 0.8  # root mean square, against published yearly means of 164 towns
ERROR_C_PER_KM = 0.006  # fits the root mean square errors found by leaving out each town in turn
MONTHS = 12
LOWEST_M, HIGHEST_M = -450.0, 6000.0  # the shore of the Dead Sea, and above any town


@dataclass(frozen=True)
class Climate:
    """Temperature normals of a point, January first.

    `error_c` is the standard error of each figure. Leaving out each town in turn, 80 % of the figures are
    within it, 94 % within twice and 98 % within three times as much (80, 95 and 98 % where the height is not
    given); inversion basins and cool coasts are off by up to nine times. `elevation_m` is the height the
    normals are for: the one given, or else that of the towns around.
    """

    mean_c: tuple[float, ...]  # mean of day and night
    warm_c: tuple[float, ...]  # mean daily maximum
    elevation_m: float
    station: str  # the nearest town of the table
    distance_km: float
    error_c: float
    source: str
    confidence: str


class _Towns(NamedTuple):
    names: tuple[str, ...]
    lat_deg: Floats
    lon_deg: Floats
    elevation_m: Floats
    normals_c: Floats  # (town, 12 means and 12 mean maxima)
    sources: tuple[str, ...]
    confidences: tuple[str, ...]


@lru_cache(maxsize=4096)
def temperature_normals(lat_deg: float, lon_deg: float, elevation_m: float | None = None) -> Climate:
    """Monthly mean and mean daily maximum temperature at a point, interpolated from the nearest towns.

    Without `elevation_m` the point is taken to be as high as the towns around, which is wrong by half a
    degree for each 100 m: how much their heights differ is then in `error_c`. Raises GeodataError when the
    coordinates or the height are out of range or the nearest town is more than 400 km away.
    """
    check_coordinates(lat_deg, lon_deg)
    if elevation_m is not None and not LOWEST_M <= elevation_m <= HIGHEST_M:
        raise GeodataError(
            f"an elevation of {elevation_m} m is not in {LOWEST_M:g}..{HIGHEST_M:g}; "
            "give metres above the sea, or none where the height is not known"
        )
    towns = _towns()
    km = great_circle_km(lat_deg, lon_deg, towns.lat_deg, towns.lon_deg)
    nearest = int(km.argmin())
    if km[nearest] > MAX_DISTANCE_KM:
        raise GeodataError(
            f"no temperatures are bundled near ({lat_deg}, {lon_deg}): the nearest town, "
            f"{towns.names[nearest]}, is {km[nearest]:.0f} km away; state the site's own monthly temperatures"
        )
    normals_c, height_m, spread_m = _interpolated(towns, km, lat_deg, elevation_m)
    height_error_c = 0.0 if elevation_m is not None else LAPSE_C_PER_KM * spread_m / 1000
    error_c = math.hypot(TABLE_ERROR_C, ERROR_C_PER_KM * float(km[nearest]), height_error_c)
    return Climate(
        mean_c=tuple(normals_c[:MONTHS].round(1).tolist()),
        warm_c=tuple(normals_c[MONTHS:].round(1).tolist()),
        elevation_m=round(height_m),
        station=towns.names[nearest],
        distance_km=float(km[nearest]),
        error_c=round(error_c, 1),
        source=towns.sources[nearest],
        confidence=towns.confidences[nearest],
    )


def _interpolated(
    towns: _Towns, km: Floats, lat_deg: float, elevation_m: float | None
) -> tuple[Floats, float, float]:
    """Normals at a point from the towns at given distances, the height they are for, and how much the heights
    of the towns differ from it (root mean square).

    Each town's normals are first taken to the height and the latitude of the point.
    """
    near = np.argsort(km)[:MAX_TOWNS]
    weights = np.maximum(km[near], 1.0) ** -1.5 * np.exp(-((km[near] / FADE_KM) ** 2))
    weights /= weights.sum()
    height_m = float(weights @ towns.elevation_m[near]) if elevation_m is None else elevation_m
    above_m = towns.elevation_m[near] - height_m
    warmer_c = LAPSE_C_PER_KM * above_m / 1000
    warmer_c += C_PER_DEG_LAT * (np.abs(towns.lat_deg[near]) - abs(lat_deg))
    normals_c = weights @ (towns.normals_c[near] + warmer_c[:, None])
    return normals_c, height_m, math.sqrt(float(weights @ above_m**2))


@lru_cache(maxsize=1)
def _towns() -> _Towns:
    rows = read_rows("temperatures.csv")
    months = [f"{kind}_c_{month:02d}" for kind in ("mean", "warm") for month in range(1, MONTHS + 1)]
    try:
        numbers = np.array(
            [[float(row[name]) for name in ("lat_deg", "lon_deg", "elevation_m", *months)] for row in rows]
        )
    except (KeyError, ValueError) as error:
        raise GeodataError(f"temperatures.csv: {error}; correct the file") from error
    return _Towns(
        tuple(row["place"] for row in rows),
        numbers[:, 0],
        numbers[:, 1],
        numbers[:, 2],
        numbers[:, 3:],
        tuple(row["source"] for row in rows),
        tuple(row["confidence"] for row in rows),
    )
