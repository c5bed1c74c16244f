"""What zones mean on the map: as GeoJSON, in which regions they lie, and as exact borders of districts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import shapely
from shapely import affinity
from shapely.geometry.polygon import orient

from geodata.districts import DistrictBorders, known_districts, match_district
from geodata.errors import GeodataError
from geodata.globe import KM_PER_DEG, area_km2
from geodata.places import region_polygons, unknown
from geodata.zones import Zone, ZoneFile

OUTSIDE_SLACK_KM = 5.0  # borders of regions are drawn to this at worst
MAX_OUTSIDE_SHARE = 0.05
MAX_OVERLAP_SHARE = 0.01
GRID_DEG = 1e-7  # about 1 cm


def zones_geojson(zones: Sequence[Zone]) -> dict[str, Any]:
    """The zones as a GeoJSON document (RFC 7946): lon/lat to 1 cm, shells anticlockwise."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {**each.properties, "name": each.name},
                "geometry": shapely.geometry.mapping(_oriented(_on_grid(each.polygon))),
            }
            for each in zones
        ],
    }


def _oriented(polygon: shapely.MultiPolygon) -> shapely.MultiPolygon:
    """Shells anticlockwise and holes clockwise, as RFC 7946 has them."""
    return shapely.MultiPolygon([orient(each) for each in polygon.geoms])


def _on_grid(polygon: shapely.MultiPolygon) -> shapely.MultiPolygon:
    rounded = shapely.set_precision(polygon, GRID_DEG)
    return polygon if rounded.is_empty else shapely.MultiPolygon(list(shapely.get_parts(rounded)))


@lru_cache(maxsize=1)
def _regions() -> tuple[tuple[str, ...], shapely.STRtree]:
    polygons = region_polygons()
    return tuple(polygons), shapely.STRtree(list(polygons.values()))


def zone_regions(zone: Zone) -> tuple[tuple[str, float], ...]:
    """The regions that a zone lies in, with the share of its area, largest first; the sea is in none."""
    codes, tree = _regions()
    rows = tree.query(zone.polygon, predicate="intersects")
    common = shapely.intersection(tree.geometries[rows], zone.polygon)
    shares = [area_km2(each) / zone.area_km2 for each in common]
    found = [(codes[row], share) for row, share in zip(rows, shares, strict=True) if share > 0.0005]
    return tuple(sorted(found, key=lambda each: (-each[1], each[0])))


def share_outside(zone: Zone, region: str, slack_km: float = 0.0) -> float:
    """The share of a zone's area that is further than `slack_km` outside a region."""
    outline = region_polygons()[region]
    near = shapely.clip_by_rect(outline, *_around(zone.polygon.bounds))
    if slack_km > 0 and not near.is_empty:
        shrink = math.cos(math.radians(zone.polygon.centroid.y))
        near = affinity.scale(near, shrink, 1, origin=(0, 0)).buffer(slack_km / KM_PER_DEG)
        near = affinity.scale(near, 1 / shrink, 1, origin=(0, 0))
    return area_km2(shapely.difference(zone.polygon, near)) / zone.area_km2


def _around(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = bounds
    return west - 1, south - 1, east + 1, north + 1


def borders_from(file: ZoneFile, region: str, error_km: float) -> DistrictBorders:
    """The zones of a file as the exact borders of districts of a region, checked against its outline.

    Raises
    ------
    GeodataError
        If a name is no district of the region, a polygon lies outside it, or two overlap.
    """
    if region not in region_polygons():
        raise GeodataError(unknown("region", region, sorted(region_polygons())))
    if not known_districts(region):
        raise GeodataError(f"{region} has no bundled districts; bring its polygons as zones instead")
    districts = {match_district(region, zone.name): zone for zone in file.zones}
    for name, zone in districts.items():
        if (share := share_outside(zone, region, OUTSIDE_SLACK_KM)) > MAX_OUTSIDE_SHARE:
            raise GeodataError(f"{name} lies {share:.0%} outside {region}; check its crs and its name")
    for first, second, share in _overlaps(districts):
        raise GeodataError(f"{first} and {second} overlap by {share:.0%} of the smaller; correct the border")
    return DistrictBorders(region, {name: zone.polygon for name, zone in districts.items()}, error_km)


def _overlaps(districts: Mapping[str, Zone]) -> Iterator[tuple[str, str, float]]:
    names, zones = list(districts), list(districts.values())
    outlines = [zone.polygon for zone in zones]
    for one, other in shapely.STRtree(outlines).query(outlines, predicate="intersects").T:
        if one < other:
            common_km2 = area_km2(shapely.intersection(outlines[one], outlines[other]))
            share = common_km2 / min(zones[one].area_km2, zones[other].area_km2)
            if share > MAX_OVERLAP_SHARE:
                yield names[one], names[other], share
