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
from optimizer.sections.horizon import Period
from optimizer.sections.terms import Corridor, Relocation


@dataclass(frozen=True)
class Roads:
    """The network of hubs; axis letters as in ``inputs``."""

    hubs: tuple[str, ...]
    hub_of_region: dict[str, int]
    corridors: tuple[Corridor, ...]  # (k) the terms of each
    origin: Ints  # (k)
    target: Ints  # (k)
    missing: tuple[tuple[str, str], ...]  # pairs of hubs between which nothing can move


def roads(
    relocation: Relocation,
    regions: Sequence[str],
    offers: Sequence[frozenset[str]],
    routed: Mapping[tuple[str, str], Corridor],
) -> Roads:
    """Group regions into hubs.

    ``offers`` are the regions that each seller delivers to, ``routed`` the ways for pairs of regions that no
    corridor of the study names.
    """
    between = {
        (a, b): next(iter(relocation.closest(a, b)), routed.get((a, b))) for a in regions for b in regions
    }
    groups: dict[object, list[str]] = {}
    for region in regions:
        out = tuple(id(between[region, other]) for other in regions)
        into = tuple(id(between[other, region]) for other in regions)
        delivered = tuple(region in offer for offer in offers)
        groups.setdefault((out, into, delivered), []).append(region)
    hubs = ["+".join(members) for members in groups.values()]
    first = [members[0] for members in groups.values()]
    pairs = [(a, b) for a in range(len(hubs)) for b in range(len(hubs))]
    ways = [(a, b, corridor) for a, b in pairs if (corridor := between[first[a], first[b]]) is not None]
    return Roads(
        hubs=tuple(hubs),
        hub_of_region={region: hub for hub, members in enumerate(groups.values()) for region in members},
        corridors=tuple(corridor for *_, corridor in ways),
        origin=np.array([a for a, *_ in ways], dtype=np.int64),
        target=np.array([b for _, b, _ in ways], dtype=np.int64),
        missing=tuple((hubs[a], hubs[b]) for a, b in pairs if between[first[a], first[b]] is None),
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
