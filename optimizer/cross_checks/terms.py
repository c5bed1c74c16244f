"""Terms between places: corridors."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

from optimizer.config import Relocation
from optimizer.cross_checks.draft import Draft, Finding


def corridors_do_not_compete(draft: Draft) -> Iterator[Finding]:
    """Never two equally close corridors for a pair of regions, as far as regions are written down."""
    relocation = draft.whole.get("relocation")
    if not isinstance(relocation, Relocation):
        return
    corridors, reported = relocation.corridors, set()
    places = {(c.origin, c.destination): 0 for c in corridors}
    regions = sorted({site.region for site in draft.sites.values() if site.region})
    rivals = [[c for c in corridors if (c.origin, c.destination) == place] for place in places]
    rivals += [
        list(relocation.closest(start, end))
        for start, end in [*permutations(regions, 2), *((r, r) for r in regions)]
    ]
    for first, *others in (rival for rival in rivals if len(rival) > 1):
        for other in others:
            i, j = sorted((_position(corridors, first), _position(corridors, other)))
            if (i, j) not in reported:
                reported.add((i, j))
                rule = f"{other.origin} to {other.destination} fits some pair as closely as corridors[{i}]"
                yield Finding(
                    ("relocation", "corridors", j),
                    None,
                    rule,
                    "keep one, or add a corridor that names both places exactly",
                )


def _position(corridors: tuple[Any, ...], wanted: Any) -> int:
    return next(i for i, corridor in enumerate(corridors) if corridor is wanted)
