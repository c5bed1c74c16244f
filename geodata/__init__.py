"""Where things are and which law holds there: places, codes and dates in, tables out."""

from geodata.places import (
    Place,
    jurisdiction_name,
    jurisdiction_of,
    known_jurisdictions,
    known_regions,
    locate,
    region_name,
    region_polygons,
    timezone_of,
)
from geodata.rules import (
    RuleWindow,
    all_rules,
    banned_days,
    days_in_force,
    known_districts,
    licences,
    rules_for,
    surveyed_jurisdictions,
)
from geodata.store import GeodataError, sources

__all__ = [
    "GeodataError",
    "Place",
    "RuleWindow",
    "all_rules",
    "banned_days",
    "days_in_force",
    "jurisdiction_name",
    "jurisdiction_of",
    "known_districts",
    "known_jurisdictions",
    "known_regions",
    "licences",
    "locate",
    "region_name",
    "region_polygons",
    "rules_for",
    "sources",
    "surveyed_jurisdictions",
    "timezone_of",
]
