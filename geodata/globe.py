"""The earth as this package measures it: coordinates that can be, distances in km, areas in km2."""

from __future__ import annotations

from typing import overload

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod

from geodata.errors import GeodataError

Floats = npt.NDArray[np.float64]

GEOD = Geod(ellps="WGS84")
EARTH_RADIUS_KM = 6371.0088  # mean radius; great circles on the sphere are within 0.5 % of the ellipsoid
KM_PER_DEG = np.pi * EARTH_RADIUS_KM / 180
EDGE_DEG = 0.25  # edges are straight in longitude and latitude: longer ones are cut before they are measured


def check_coordinates(lat_deg: float, lon_deg: float) -> None:
    """Raises GeodataError when a point is not on earth, as when latitude and longitude are exchanged."""
    if not (-90 <= lat_deg <= 90 and -180 <= lon_deg <= 180):
        raise GeodataError(
            f"({lat_deg}, {lon_deg}) is not a latitude in -90..90 and a longitude in -180..180 degrees; "
            "write the latitude first, both in decimal degrees"
        )


@overload
def great_circle_km(lat1_deg: float, lon1_deg: float, lat2_deg: float, lon2_deg: float) -> float: ...
@overload
def great_circle_km(
    lat1_deg: npt.ArrayLike, lon1_deg: npt.ArrayLike, lat2_deg: npt.ArrayLike, lon2_deg: npt.ArrayLike
) -> Floats: ...
def great_circle_km(
    lat1_deg: npt.ArrayLike, lon1_deg: npt.ArrayLike, lat2_deg: npt.ArrayLike, lon2_deg: npt.ArrayLike
) -> float | Floats:
    """The shortest distance over the WGS 84 ellipsoid, km; arrays are broadcast against each other.

    Raises GeodataError when a coordinate is out of range or not a number.
    """
    degrees = (np.asarray(values, dtype=float) for values in (lat1_deg, lon1_deg, lat2_deg, lon2_deg))
    lats1, lons1, lats2, lons2 = np.broadcast_arrays(*degrees)
    for lats, lons in ((lats1, lons1), (lats2, lons2)):
        bad = ~((np.abs(lats) <= 90) & (np.abs(lons) <= 180))
        if bad.any():
            check_coordinates(float(lats[bad][0]), float(lons[bad][0]))
    km = np.asarray(GEOD.inv(lons1, lats1, lons2, lats2)[2], dtype=float) / 1000
    return float(km) if km.ndim == 0 else km


def haversine_km(lat1_deg: Floats, lon1_deg: Floats, lat2_deg: Floats, lon2_deg: Floats) -> Floats:
    """Distance on the sphere, km, precise for neighbours too: for millions of pairs, without checks."""
    lat1, lat2 = np.radians(lat1_deg), np.radians(lat2_deg)
    half = (
        np.sin((lat2 - lat1) / 2) ** 2
        + np.cos(lat1) * np.cos(lat2) * np.sin(np.radians(lon2_deg - lon1_deg) / 2) ** 2
    )
    km: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return km


def area_km2(polygon: shapely.Geometry) -> float:
    """Area of a valid polygon in longitude and latitude, its edges straight there, on the ellipsoid.

    Holes count off, and winding does not matter.
    """
    authalic = shapely.transform(shapely.segmentize(polygon, EDGE_DEG), _equal_area)
    return float(shapely.area(authalic))


def _equal_area(lon_lat_deg: Floats) -> Floats:
    """Coordinates in km whose areas are true: longitude by the radius, latitude by its zone's area."""
    eccentricity2 = 2 / 298.257223563 - 1 / 298.257223563**2
    e, sine = np.sqrt(eccentricity2), np.sin(np.radians(lon_lat_deg[:, 1]))
    zone = (1 - eccentricity2) * (sine / (1 - eccentricity2 * sine**2) + np.arctanh(e * sine) / e) / 2
    return np.column_stack([np.radians(lon_lat_deg[:, 0]) * 6378.137, zone * 6378.137])
