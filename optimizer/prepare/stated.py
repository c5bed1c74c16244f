"""Rules that are not bundled, in the form of those that are: a plan names either as what closed a site."""

from __future__ import annotations

import datetime

import geodata
from geodata.rules import Scope


def stated_rule(
    region: str,
    *,
    rule_id: str,
    kind: str,
    start: datetime.date,
    end: datetime.date | None,
    act: str,
    note: str,
    source: str,
    source_date: str,
    read_on: datetime.date,
    confidence: str,
) -> geodata.RuleWindow:
    """A rule for everyone at a site of the region: an own zone, or a host under sanctions."""
    return geodata.RuleWindow(
        rule_id=rule_id,
        jurisdiction=geodata.jurisdiction_of(region),
        region=region,
        districts=(),
        circle=None,
        kind=kind,
        start=start,
        end=end,
        season=None,
        scope=Scope(),
        licence=None,
        parameters=(),
        act=act,
        note=note,
        source=source,
        source_date=source_date,
        read_on=read_on,
        fresh_to=None,
        confidence=confidence,
        status="in_force",
    )
