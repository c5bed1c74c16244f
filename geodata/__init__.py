"""Where things are and which law holds there: places, codes and dates in, tables out."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geodata.calendars import Window as Window
    from geodata.calendars import closed_days as closed_days
    from geodata.calendars import days_in_force as days_in_force
    from geodata.climate import Climate as Climate
    from geodata.climate import temperature_normals as temperature_normals
    from geodata.clock import Clock as Clock
    from geodata.clock import clock_at as clock_at
    from geodata.clock import timezone_at as timezone_at
    from geodata.clock import timezone_of as timezone_of
    from geodata.control import all_controls as all_controls
    from geodata.control import control_of as control_of
    from geodata.distances import Route as Route
    from geodata.distances import great_circle_km as great_circle_km
    from geodata.distances import route as route
    from geodata.districts import DistrictBorders as DistrictBorders
    from geodata.districts import district_at as district_at
    from geodata.districts import district_polygons as district_polygons
    from geodata.districts import known_districts as known_districts
    from geodata.errors import GeodataError as GeodataError
    from geodata.hazards import bundled_hazards as bundled_hazards
    from geodata.hazards import country_risk as country_risk
    from geodata.hazards import hazards_at as hazards_at
    from geodata.law import LawAt as LawAt
    from geodata.law import Spot as Spot
    from geodata.law import allowed_share as allowed_share
    from geodata.law import rules_at as rules_at
    from geodata.law import rules_for as rules_for
    from geodata.law import spot_at as spot_at
    from geodata.law import spot_in as spot_in
    from geodata.law import windows as windows
    from geodata.places import Place as Place
    from geodata.places import jurisdiction_name as jurisdiction_name
    from geodata.places import jurisdiction_of as jurisdiction_of
    from geodata.places import known_jurisdictions as known_jurisdictions
    from geodata.places import known_regions as known_regions
    from geodata.places import locate as locate
    from geodata.places import locate_many as locate_many
    from geodata.places import region_frame as region_frame
    from geodata.places import region_name as region_name
    from geodata.places import region_polygons as region_polygons
    from geodata.places import regions_of as regions_of
    from geodata.position import HeldLicence as HeldLicence
    from geodata.position import Position as Position
    from geodata.position import Verdict as Verdict
    from geodata.position import verdicts as verdicts
    from geodata.rules import RuleWindow as RuleWindow
    from geodata.rules import all_rules as all_rules
    from geodata.rules import known_to as known_to
    from geodata.rules import licences as licences
    from geodata.rules import surveyed_jurisdictions as surveyed_jurisdictions
    from geodata.rules import surveyed_on as surveyed_on
    from geodata.store import sources as sources

# Loaded when asked for: a question about a place must not wait for what only a map or a route needs.
_HOMES = {
    "clock": ("Clock", "clock_at", "timezone_at", "timezone_of"),
    "climate": ("Climate", "temperature_normals"),
    "control": ("all_controls", "control_of"),
    "distances": ("Route", "great_circle_km", "route"),
    "districts": ("DistrictBorders", "district_at", "district_polygons", "known_districts"),
    "errors": ("GeodataError",),
    "hazards": ("bundled_hazards", "country_risk", "hazards_at"),
    "law": (
        "LawAt",
        "Spot",
        "allowed_share",
        "rules_at",
        "rules_for",
        "spot_at",
        "spot_in",
        "windows",
    ),
    "places": (
        "Place",
        "jurisdiction_name",
        "jurisdiction_of",
        "known_jurisdictions",
        "known_regions",
        "locate",
        "locate_many",
        "region_frame",
        "region_name",
        "region_polygons",
        "regions_of",
    ),
    "position": ("HeldLicence", "Position", "Verdict", "verdicts"),
    "rules": ("RuleWindow", "all_rules", "known_to", "licences", "surveyed_jurisdictions", "surveyed_on"),
    "store": ("sources",),
    "calendars": ("Window", "closed_days", "days_in_force"),
}
__all__ = sorted(name for names in _HOMES.values() for name in names)


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f"{__name__}.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
