"""From corridors between regions to hubs, arrival periods and arrival classes.

Regions between which no relocation term differs are one hub, which keeps the model small without losing
anything: a road between two hubs costs and takes the same whichever of their sites it joins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.economics import WEEKS_PER_MONTH
from optimizer.inputs import NEVER, Floats, Ints
from optimizer.prepare.customs import Customs
from optimizer.sections.horizon import Period
from optimizer.sections.terms import Corridor, Relocation

Owned = tuple[str, str]  # a region, and the company whose sites there are meant


@dataclass(frozen=True)
class Roads:
    """The network of hubs; axis letters as in ``inputs``."""

    hubs: tuple[str, ...]
    hub_of: dict[Owned, int]
    corridors: tuple[Corridor, ...]  # (k) the terms of each
    origin: Ints  # (k)
    target: Ints  # (k)
    missing: tuple[tuple[str, str], ...]  # pairs of hubs between which nothing can move

    @property
    def region_of_hub(self) -> tuple[str, ...]:
        """Any region of each hub: their terms are the same."""
        names = {hub: region for (region, _), hub in self.hub_of.items()}
        return tuple(names[hub] for hub in range(len(self.hubs)))

    @property
    def entity_of_hub(self) -> tuple[str, ...]:
        """The company of each hub; no hub has two."""
        names = {hub: entity for (_, entity), hub in self.hub_of.items()}
        return tuple(names[hub] for hub in range(len(self.hubs)))


def roads(
    relocation: Relocation,
    places: Sequence[Owned],
    offers: Sequence[frozenset[str]],
    routed: Mapping[tuple[str, str], Corridor],
    border: Customs,
) -> Roads:
    """Group regions into hubs, by company.

    ``offers`` are the regions that each seller delivers to, ``routed`` the ways for pairs of regions that no
    corridor of the study names, ``border`` the duties on each pair.
    """
    regions = sorted({region for region, _ in places})
    between = {
        (a, b): next(iter(relocation.closest(a, b)), routed.get((a, b))) for a in regions for b in regions
    }
    groups: dict[object, list[Owned]] = {}
    for region, entity in places:
        out = tuple((id(between[region, other]), border.of_pair(region, other)) for other in regions)
        into = tuple((id(between[other, region]), border.of_pair(other, region)) for other in regions)
        delivered = tuple(region in offer for offer in offers)
        terms = (out, into, delivered, border.of_orders(region), entity)
        groups.setdefault(terms, []).append((region, entity))
    hubs = _hub_names(list(groups.values()))
    first = [members[0][0] for members in groups.values()]
    pairs = [(a, b) for a in range(len(hubs)) for b in range(len(hubs))]
    ways = [(a, b, corridor) for a, b in pairs if (corridor := between[first[a], first[b]]) is not None]
    return Roads(
        hubs=hubs,
        hub_of={place: hub for hub, members in enumerate(groups.values()) for place in members},
        corridors=tuple(corridor for *_, corridor in ways),
        origin=np.array([a for a, *_ in ways], dtype=np.int64),
        target=np.array([b for _, b, _ in ways], dtype=np.int64),
        missing=tuple((hubs[a], hubs[b]) for a, b in pairs if between[first[a], first[b]] is None),
    )


def _hub_names(groups: Sequence[Sequence[Owned]]) -> tuple[str, ...]:
    """The regions, and the company where the same regions are hubs of several."""
    names = ["+".join(region for region, _ in members) for members in groups]
    twice = {name for name in names if names.count(name) > 1}
    return tuple(
        f"{name} ({members[0][1]})" if name in twice else name
        for name, members in zip(names, groups, strict=True)
    )


@dataclass(frozen=True)
class Arrivals:
    """When what leaves at the start of a period arrives; classes are shares of the arrival period lost."""

    period: Ints  # (n, m) or NEVER
    arrival_class: Ints  # (n, m)
    lost_share: Floats  # (c)


def arrivals(lead_time_weeks: Sequence[float], periods: list[Period]) -> Arrivals:
    """Arrival of each of n lead times; a month is 1/12 of a year, so that equal leads lose equal shares."""
    lengths = np.array([period.months for period in periods], dtype=float)
    starts = np.concatenate([[0.0], np.cumsum(lengths)])
    due = starts[:-1][None, :] + np.asarray(lead_time_weeks, dtype=float).reshape(-1, 1) / WEEKS_PER_MONTH
    period = np.searchsorted(starts, due + 1e-9, side="right") - 1
    in_time = period < len(periods)
    inside = np.minimum(period, len(periods) - 1)
    lost = np.where(in_time, np.maximum(0.0, (due - starts[inside]) / lengths[inside]), 0.0).round(9)
    shares, classes = np.unique(np.append(lost.ravel(), 0.0), return_inverse=True)
    return Arrivals(
        period=np.where(in_time, period, NEVER).astype(np.int64),
        arrival_class=classes[:-1].reshape(lost.shape).astype(np.int64),
        lost_share=shares,
    )
