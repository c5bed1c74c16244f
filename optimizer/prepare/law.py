"""What the law leaves of a site's time and load, with the rule behind every loss.

The rules and what they mean for an operator are geodata's; here they meet the study: its switch, its own
zones, its sites and hosts. What is not lawful is not offered to the model at any price.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import geodata
from geodata.calendars import ONE_DAY, Days, minus
from geodata.position import (
    ADVICE,
    CLOSED,
    EXEMPT,
    MET,
    NO_NEW_LOAD,
    SANCTIONED,
    HeldLicence,
    Position,
    sale_verdicts,
    sanctioned_party,
    verdicts,
)
from optimizer.prepare.stated import stated_rule
from optimizer.prepare.zones import SiteZone
from optimizer.sections.horizon import Licence, Operator, Period
from optimizer.sections.sites import Site

LIFTABLE = (CLOSED, NO_NEW_LOAD)  # an own zone never lifts a sanction


@dataclass(frozen=True)
class Restriction:
    """One rule's hold on one site: which days, what it does, and the act that says so."""

    site: str
    rule: geodata.RuleWindow
    effect: str  # "sanctioned", "closed", "no new load", "advice", "met", "exempt"
    days: tuple[Days, ...]
    reason: str


def position_of(operator: Operator, site: Site, facility_mw: float) -> Position:
    """Operator and site as the law looks at them; licences that nobody knows are told elsewhere."""
    kinds = geodata.licences()
    return Position(
        entity_jurisdiction=operator.entity_jurisdiction,
        owner_jurisdictions=operator.owner_jurisdictions,
        licences=tuple(
            _held(each, operator.entity_jurisdiction) for each in operator.licences if each.id in kinds
        ),
        coin_sale_jurisdictions=operator.coin_sale_jurisdictions,
        facility_mw=facility_mw,
        supply=site.supply,
        land=site.land,
        host_licences=tuple(
            _held(each, kinds[each.id].jurisdiction) for each in site.host_licences if each.id in kinds
        ),
    )


def _held(licence: Licence, holder_jurisdiction: str) -> HeldLicence:
    """A licence with its holder; where none is stated, a company of `holder_jurisdiction`."""
    holder = licence.holder_jurisdiction or holder_jurisdiction
    return HeldLicence(licence.id, licence.held_from, licence.held_to, holder)


def operator_law(
    operator: Operator, law: str, first: datetime.date, last: datetime.date
) -> tuple[list[str], list[str]]:
    """What is unlawful about the operator wherever it mines, and what it must know."""
    position = Position(
        entity_jurisdiction=operator.entity_jurisdiction,
        owner_jurisdictions=operator.owner_jurisdictions,
        coin_sale_jurisdictions=operator.coin_sale_jurisdictions,
    )
    found = sale_verdicts(position, law, first, last)
    told = {
        effect: [
            f"{each.rule.act}: {each.reason} [{each.rule.rule_id}]" for each in found if each.effect == effect
        ]
        for effect in (CLOSED, ADVICE)
    }
    party = sanctioned_party(operator.name)
    if party is not None:
        told[CLOSED].append(f"operator {operator.name!r} is {party.party}, under sanctions ({party.act})")
    return told[CLOSED], told[ADVICE]


def restrictions(
    site: Site,
    spot: geodata.Spot,
    position: Position,
    zones: Sequence[SiteZone],
    law: str,
    first: datetime.date,
    last: datetime.date,
) -> list[Restriction]:
    """Every rule that holds at the site on some of the days, those that do not concern it last."""
    rules = geodata.rules_for(spot, first, last, law=law)
    found = [
        Restriction(site.id, rule, verdict.effect, verdict.days, verdict.reason)
        for rule in rules
        if not rule.scope.coin_sales  # of the operator, wherever it mines: operator_law()
        for verdict in verdicts(rule, position, first, last)
    ]
    found = [left for each in found for left in _after_lifting(each, zones)]
    found += _host_under_sanctions(site, spot, first, last)
    found += [
        Restriction(site.id, zone.as_rule(spot.region, first), CLOSED, zone.days(first, last), zone.reason)
        for zone in zones
        if zone.terms.effect == "closed" and zone.days(first, last)
    ]
    order = (SANCTIONED, CLOSED, NO_NEW_LOAD, ADVICE, MET, EXEMPT)
    return sorted(found, key=lambda each: order.index(each.effect))


def _after_lifting(restriction: Restriction, zones: Sequence[SiteZone]) -> Iterator[Restriction]:
    """The days of a restriction that no own zone lifts, and the lifted ones as a thing to know."""
    start, end = restriction.days[0][0], restriction.days[-1][1]
    lifting = [
        zone for zone in zones if restriction.rule.rule_id in zone.terms.lifts and zone.days(start, end)
    ]
    if restriction.effect not in LIFTABLE or not lifting:
        yield restriction
        return
    left = minus(restriction.days, [days for zone in lifting for days in zone.days(start, end)])
    if left:
        yield replace(restriction, days=tuple(left))
    lifted = minus(restriction.days, left)
    if lifted:
        acts = "; ".join(f"{zone.terms.act} (own zone {zone.terms.id})" for zone in lifting)
        reason = f"lifted by the study, not checked by Rigshift: {acts}"
        yield replace(restriction, effect=ADVICE, days=tuple(lifted), reason=reason)


def _host_under_sanctions(
    site: Site, spot: geodata.Spot, first: datetime.date, last: datetime.date
) -> Iterator[Restriction]:
    party = sanctioned_party(site.host) if site.host else None
    if party is None:
        return
    rule = stated_rule(
        spot.region,
        rule_id=f"party-{party.party.casefold().replace(' ', '-')}",
        kind="sanctioned",
        start=datetime.date.fromisoformat(party.since),
        end=None,
        act=party.act,
        note=party.note,
        source=party.source,
        source_date=party.source_date,
        read_on=geodata.surveyed_on(),
        confidence=party.confidence,
    )
    days = geodata.days_in_force(rule, first, last)
    if days:
        reason = f"host {site.host!r} is {party.party}, under sanctions: nothing may arrive, run or be paid"
        yield Restriction(site.id, rule, SANCTIONED, tuple(days), reason)


def touches(days: tuple[Days, ...], period: Period) -> bool:
    """Whether any of the days lies in the period."""
    return any(first < period.day_after_last and last >= period.first_day for first, last in days)


def covers(days: tuple[Days, ...], period: Period) -> bool:
    """Whether every day of the period is among the days."""
    return not minus([(period.first_day, period.day_after_last - ONE_DAY)], days)
