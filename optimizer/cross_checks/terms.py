"""Terms between places and over time: periods of validity, corridors."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

from optimizer.config import Limits, Relocation, Risk
from optimizer.cross_checks.draft import Draft, Finding, Where


def periods_of_validity_are_in_order(draft: Draft) -> Iterator[Finding]:
    dated: list[tuple[Where, Any]] = [(("purchases", i), offer) for i, offer in draft.purchases.items()]
    dated += [(("refurbishments", i), offer) for i, offer in draft.refurbishments.items()]
    limits, risk = draft.whole.get("limits"), draft.whole.get("risk")
    if isinstance(limits, Limits):
        dated += [(("limits", "power_groups", i), group) for i, group in enumerate(limits.power_groups)]
        dated += [(("limits", "concentration", i), group) for i, group in enumerate(limits.concentration)]
    if isinstance(risk, Risk):
        dated += [(("risk", "hazards", i), hazard) for i, hazard in enumerate(risk.hazards)]
    for where, entry in dated:
        if entry.from_month and entry.to_month and entry.from_month > entry.to_month:
            rule = f"is after `to` ({entry.to_month})"
            yield Finding(
                (*where, "from"), entry.from_month, rule, "swap from and to, or correct one of them"
            )


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
