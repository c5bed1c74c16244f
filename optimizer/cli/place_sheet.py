"""Where a study's sites are: region, district, clock, climate, and how far they are from each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

import geodata
from geodata.climate import Climate
from geodata.distances import Route
from optimizer.config import Site, Study
from optimizer.prepare import Prepared
from optimizer.prepare.places import Place

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class SitePlace:
    """One site: what geodata knows of its point."""

    site: Site
    place: Place
    point: geodata.Place
    climate: Climate | str  # a text says why there is none


@dataclass(frozen=True)
class Apart:
    """Two sites and the way between them; a text in its place says why there is none."""

    origin: str
    target: str
    great_circle_km: float
    way: Route | str


@dataclass(frozen=True)
class Sheet:
    study: Study
    sites: tuple[SitePlace, ...]
    pairs: tuple[Apart, ...]


def sheet(study: Study, prepared: Prepared, tell: Callable[[str], None]) -> Sheet:
    """Every site, and every pair of them by road, rail and sea; `tell` is told how far it has come."""
    sites = tuple(
        SitePlace(site, place, geodata.locate(site.lat_deg, site.lon_deg), _climate(site))
        for site, place in zip(study.sites, prepared.places, strict=True)
    )
    pairs = list(combinations(study.sites, 2))
    apart = []
    for number, (origin, target) in enumerate(pairs):
        tell(f"finding ways between sites: {number} of {len(pairs)}")
        apart.append(_apart(origin, target))
    return Sheet(study, sites, tuple(apart))


def _climate(site: Site) -> Climate | str:
    try:
        return geodata.temperature_normals(site.lat_deg, site.lon_deg)
    except geodata.GeodataError as error:
        return str(error)


def _apart(origin: Site, target: Site) -> Apart:
    ends = (origin.lat_deg, origin.lon_deg, target.lat_deg, target.lon_deg)
    km = geodata.great_circle_km(*ends)
    try:
        return Apart(origin.id, target.id, km, geodata.route(*ends))
    except geodata.GeodataError as error:
        return Apart(origin.id, target.id, km, str(error))


def as_dict(found: Sheet) -> dict[str, Any]:
    """The sheet for programs."""
    return {
        "study": found.study.name,
        "sites": [_site_dict(each) for each in found.sites],
        "pairs": [_pair_dict(each) for each in found.pairs],
    }


def _site_dict(each: SitePlace) -> dict[str, Any]:
    known = each.climate if isinstance(each.climate, Climate) else None
    return {
        "site": each.site.id,
        "lat_deg": each.site.lat_deg,
        "lon_deg": each.site.lon_deg,
        "region": each.place.region,
        "region_name": geodata.region_name(each.place.region),
        "district": each.place.district or None,
        "jurisdiction": each.place.jurisdiction,
        "border_km": each.point.border_km,
        "neighbour": each.point.neighbour or None,
        "timezone": each.place.timezone,
        "climate": None if known is None else asdict(known),
        "notes": [*each.place.notes, *([each.climate] if isinstance(each.climate, str) else [])],
    }


def _pair_dict(each: Apart) -> dict[str, Any]:
    way = each.way if isinstance(each.way, Route) else None
    return {
        "from": each.origin,
        "to": each.target,
        "great_circle_km": each.great_circle_km,
        "km": way and way.km,
        "km_by_mode": way and way.km_by_mode,
        "lead_time_weeks": way and way.lead_time_weeks(),
        "freight_usd_per_kg": way and way.freight_usd_per_kg(),
        "notes": [each.way] if isinstance(each.way, str) else list(each.way.notes),
    }


def screen(found: Sheet) -> Iterator[RenderableType]:
    """The sheet for people."""
    yield Text(found.study.title, style="bold")
    yield _sites(found)
    yield Text(
        "\ntemperatures: means of the month, and the mean daily maximum of the warmest; general knowledge, "
        "low confidence",
        style="dim",
    )
    if found.pairs:
        yield Text("\nHow far apart", style="bold")
        yield _pairs(found)
        yield Text(
            "\nways over a coarse network of roads, railways and ports, by bundled rates of low confidence; "
            "a study's corridors decide, or relocation.routed takes these",
            style="dim",
        )
    for apart in found.pairs:
        if isinstance(apart.way, str):
            yield Text(f"{apart.origin} to {apart.target}: {apart.way}", style="yellow")


def _sites(found: Sheet) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("site", "region", "district", "next border", "clock"):
        table.add_column(name, overflow="fold")
    for name in ("Jan °C", "Jul °C", "hottest °C"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in found.sites:
        region = f"{geodata.region_name(each.place.region)} ({each.place.region})"
        point = each.point
        border = f"{point.border_km:.0f} km, {point.neighbour}" if point.neighbour else "far"
        cells = (each.site.id, region, each.place.district or "-", border, each.place.timezone)
        table.add_row(*map(Text, (*cells, *_temperatures(each.climate))))
    return table


def _temperatures(climate: Climate | str) -> tuple[str, str, str]:
    if isinstance(climate, str):
        return "-", "-", "-"
    hottest = max(range(12), key=lambda month: climate.warm_c[month])
    return (
        f"{climate.mean_c[0]:.0f}",
        f"{climate.mean_c[6]:.0f}",
        f"{climate.warm_c[hottest]:.0f} {MONTHS[hottest]}",
    )


def _pairs(found: Sheet) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("from", "to"):
        table.add_column(name, overflow="fold")
    for name in ("direct km", "way km", "weeks", "USD/kg"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("by")
    for each in found.pairs:
        way = each.way
        told = ("-", "-", "-", "no way")
        if isinstance(way, Route):
            modes = ", ".join(f"{mode} {km:,.0f} km" for mode, km in way.km_by_mode.items())
            told = (
                f"{way.km:,.0f}",
                f"{way.lead_time_weeks():.1f}",
                f"{way.freight_usd_per_kg():.2f}",
                modes,
            )
        table.add_row(*map(Text, (each.origin, each.target, f"{each.great_circle_km:,.0f}", *told)))
    return table
