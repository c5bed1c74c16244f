"""Freight and lead time where the study states no corridor: the way over the bundled network of hubs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import geodata
from geodata.distances import Route
from optimizer.config import Study
from optimizer.prepare.places import Place
from optimizer.sections.sites import Site
from optimizer.sections.terms import Corridor, Routed

Pair = tuple[str, str]  # regions, from and to


@dataclass(frozen=True)
class Routes:
    """Corridors found on the network, by pair of regions, and what must be known of them."""

    corridors: dict[Pair, Corridor]
    notes: tuple[str, ...]


def routes(study: Study, where: Sequence[Place]) -> Routes:
    """A corridor for every pair of the study's regions that none of its own corridors names.

    None when the study does not ask for it (`relocation.routed`). Where no way exists the pair stays without
    one, and the note says why.
    """
    terms = study.relocation.routed
    if terms is None:
        return Routes({}, ())
    sites: dict[str, list[Site]] = {}
    for place, site in zip(where, study.sites, strict=True):
        sites.setdefault(place.region, []).append(site)
    corridors: dict[Pair, Corridor] = {}
    notes: dict[str, None] = {}  # in order, each once
    for origin, target in product(sites, sites):
        if study.relocation.closest(origin, target):
            continue
        try:
            ways = [_way(a, b, terms) for a, b in product(sites[origin], sites[target]) if a is not b]
        except geodata.GeodataError as error:
            notes[str(error)] = None
            continue
        notes |= {f"way from {origin} to {target}: {note}": None for way in ways for note in _doubts(way)}
        if ways:
            corridors[origin, target] = _corridor(origin, target, ways, terms)
    return Routes(corridors, (*notes, *_told(corridors)))


def _way(origin: Site, target: Site, terms: Routed) -> Route:
    return geodata.route(
        origin.lat_deg, origin.lon_deg, target.lat_deg, target.lon_deg, terms.modes, by=terms.by
    )


def _doubts(way: Route) -> tuple[str, ...]:
    """What is told of a way that is partly a guess: foreign ground, a front line, a road nobody knows."""
    return () if way.is_complete else way.notes


def _corridor(origin: str, target: str, ways: Sequence[Route], terms: Routed) -> Corridor:
    """The dearest freight and the longest time between two regions' sites: a plan must not count on less."""
    longest = max(ways, key=lambda way: way.km)
    crosses = geodata.jurisdiction_of(origin) != geodata.jurisdiction_of(target)
    return Corridor.model_validate(
        {
            "from": origin,
            "to": target,
            "mode": "+".join(longest.km_by_mode) or "road",
            "freight_usd_per_kg": max(way.freight_usd_per_kg() for way in ways),
            "lead_time_weeks": max(way.lead_time_weeks() for way in ways),
            "insurance_share": terms.insurance_share,
            "breakage_share": terms.breakage_share,
            "duty_share": terms.duty_share if crosses else 0.0,
            "vat_share": terms.vat_share if crosses else 0.0,
            "source": f"bundled network, {longest.km:,.0f} km",
            "confidence": "low",
        }
    )


def _told(corridors: dict[Pair, Corridor]) -> Iterator[str]:
    if corridors:
        told = "; ".join(_terms(*each) for each in corridors.items() if each[0][0] <= each[0][1])
        yield f"routed over the bundled network, by own estimates of rates: {told}"


def _terms(pair: Pair, way: Corridor) -> str:
    terms = f"{way.mode}, {way.freight_usd_per_kg:.2f} USD/kg, {way.lead_time_weeks:.1f} weeks"
    return f"{pair[0]} to {pair[1]}: {terms}"
