"""Ids are unique and names lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optimizer.config import Concentration, Limits, Risk
from optimizer.cross_checks.draft import Draft, Finding, repeated, unknown
from optimizer.sections.base import PLACE


def ids_are_unique(draft: Draft) -> Iterator[Finding]:
    for section in ("fleet", "sites", "purchases", "refurbishments", "zones", "loans"):
        yield from repeated(draft.written_texts(section), (section,), "id")
    lots = {name for _, name in draft.written_texts("fleet")}
    for section in ("purchases", "refurbishments"):
        for i, name in draft.written_texts(section):
            if name in lots:
                rule = "is the id of a lot of the fleet too"
                yield Finding((section, i, "id"), name, rule, "give it another id")
    offered = {name for _, name in draft.written_texts("purchases")}
    for i, name in draft.written_texts("refurbishments"):
        if name in offered:
            yield Finding(
                ("refurbishments", i, "id"), name, "is the id of a purchase too", "give it another id"
            )
    risk, limits = draft.whole.get("risk"), draft.whole.get("limits")
    if isinstance(risk, Risk):
        yield from repeated(
            [(i, hazard.id) for i, hazard in enumerate(risk.hazards)], ("risk", "hazards"), "id"
        )
    if isinstance(limits, Limits):
        for key in ("power_groups", "concentration"):
            yield from repeated(
                [(i, group.name) for i, group in enumerate(getattr(limits, key))], ("limits", key), "name"
            )


def references_lead_somewhere(draft: Draft) -> Iterator[Finding]:
    sites = [name for _, name in draft.written_texts("sites")]
    written = draft.written.get("tariffs")
    tariffs = list(written) if isinstance(written, dict) else []
    for i, site in draft.written_texts("fleet", "site"):
        yield from unknown(("fleet", i, "site"), site, sites, "site")
    for i, tariff in draft.written_texts("sites", "tariff"):
        yield from unknown(("sites", i, "tariff"), tariff, tariffs, "tariff")
    limits, risk = draft.whole.get("limits"), draft.whole.get("risk")
    hosts = sorted({site.host for site in draft.sites.values() if site.host})
    if isinstance(limits, Limits):
        for key in ("power_groups", "concentration"):
            for i, group in enumerate(getattr(limits, key)):
                for j, name in enumerate(group.sites):
                    yield from unknown(("limits", key, i, "sites", j), name, sites, "site")
                for j, name in enumerate(group.hosts if isinstance(group, Concentration) else ()):
                    yield from unknown(("limits", key, i, "hosts", j), name, hosts, "host of a site")
    for i, hazard in enumerate(risk.hazards if isinstance(risk, Risk) else ()):
        if not re.fullmatch(PLACE, hazard.place):
            yield from unknown(
                ("risk", "hazards", i, "place"), hazard.place, sites, "country, region or site"
            )
