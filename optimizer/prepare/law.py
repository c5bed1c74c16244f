"""What the law leaves of a site's time and load, period by period, with the rule behind every loss.

Only law in force or to be planned with as if it were; an own position (licence held, load that stood there)
counts. What is not lawful is not offered to the model at any price.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

import geodata
from optimizer.sections.horizon import Operator, Period
from optimizer.sections.sites import Site

ONE_DAY = datetime.timedelta(days=1)
EU_MEMBERS = frozenset(  # as of 2026
    "AT,BE,BG,CY,CZ,DE,DK,EE,ES,FI,FR,GR,HR,HU,IE,IT,LT,LU,LV,MT,NL,PL,PT,RO,SE,SI,SK".split(",")  # noqa: SIM905
)
Days = tuple[datetime.date, datetime.date]  # first and last, inclusive


@dataclass(frozen=True)
class Restriction:
    """One rule's hold on one site: which days, what it does, and the act that says so."""

    site: str
    rule: geodata.RuleWindow
    effect: str  # "closed", "sanctioned", "no new load", "advice"
    days: tuple[Days, ...]
    reason: str


def restrictions(site: Site, region: str, operator: Operator, periods: list[Period]) -> list[Restriction]:
    """Every rule that binds the site within the horizon.

    Raises
    ------
    geodata.GeodataError
        If the region is closed in part and the site names no district.
    """
    first, last = periods[0].first_day, periods[-1].day_after_last - ONE_DAY
    rules = geodata.rules_for(region, site.district, first, last)
    found = (_restriction(site, rule, operator, first, last) for rule in rules)
    return [restriction for restriction in found if restriction is not None]


def _restriction(
    site: Site, rule: geodata.RuleWindow, operator: Operator, first: datetime.date, last: datetime.date
) -> Restriction | None:
    days = tuple(geodata.days_in_force(rule, first, last))
    if not _concerns(rule, site, operator):
        return None
    if rule.scope == "eu_persons":
        return Restriction(
            site.id, rule, "advice", days, "binds persons of the EU in how they sell coins, not in hashing"
        )
    if rule.kind == "sanctioned":
        return Restriction(
            site.id, rule, "sanctioned", days, "sanctioned: nothing may arrive, run or be paid"
        )
    if rule.kind in ("banned", "seasonal") and rule.scope not in ("new_load", "new_load_above_mw"):
        return Restriction(site.id, rule, "closed", days, f"{rule.kind}: mining is not lawful on these days")
    if rule.kind in ("banned", "seasonal", "moratorium"):
        return Restriction(site.id, rule, "no new load", days, "no load beyond what was connected before")
    return _licence(site, rule, operator, days)


def _concerns(rule: geodata.RuleWindow, site: Site, operator: Operator) -> bool:
    """Whether the rule's scope takes in this site and operator."""
    largest_mw = max([site.max_power_kw, *(step.max_power_kw for step in site.power_steps)]) / 1000
    threshold = rule.threshold_mw or 0.0
    match rule.scope:
        case "all" | "new_load":
            return True
        case "above_mw" | "new_load_above_mw":
            return largest_mw >= threshold
        case "below_mw":
            return largest_mw < threshold
        case "eu_persons":
            owners = {operator.entity_jurisdiction, *operator.owner_jurisdictions}
            return bool(owners & EU_MEMBERS)
        case _:
            return False  # farmland, own generation, permits of another trade: the study has no such site


def _licence(
    site: Site, rule: geodata.RuleWindow, operator: Operator, days: tuple[Days, ...]
) -> Restriction | None:
    """A licence that is not held, or not yet, closes the days until it is."""
    if rule.licence is None:
        return None
    held = min(
        (licence.held_from for licence in operator.licences if licence.id == rule.licence), default=None
    )
    missing = tuple(_before(days, held))
    if not missing:
        return None
    what = geodata.licences()[rule.licence]
    effect = "no new load" if rule.scope.startswith("new_load") else "closed"
    when = "is not held" if held is None else f"is held only from {held}"
    return Restriction(site.id, rule, effect, missing, f"licence {rule.licence} ({what}) {when}")


def _before(days: tuple[Days, ...], held: datetime.date | None) -> Iterator[Days]:
    for first, last in days:
        if held is None or last < held:
            yield first, last
        elif first < held:
            yield first, held - ONE_DAY


def touches(days: tuple[Days, ...], period: Period) -> bool:
    """Whether any of the days lies in the period."""
    return any(first < period.day_after_last and last >= period.first_day for first, last in days)


def covers(days: tuple[Days, ...], period: Period) -> bool:
    """Whether every day of the period is among the days."""
    end = period.day_after_last - ONE_DAY
    day = period.first_day
    for first, last in sorted(days):
        if first <= day <= last:
            day = last + ONE_DAY
    return day > end
