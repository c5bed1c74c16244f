"""What a rule means for one operator at one site: closed, no new load, told as a condition, or not at all."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from geodata.calendars import Days, days_in_force, minus
from geodata.rules import (
    EU_MEMBERS,
    LicenceKind,
    Parameter,
    RuleWindow,
    Scope,
    all_rules,
    checked_switch,
    licences,
)
from geodata.store import read_rows

SANCTIONED = "sanctioned"  # nothing may arrive, run or be paid
CLOSED = "closed"  # nothing may run
NO_NEW_LOAD = "no new load"  # nothing beyond what was connected before
ADVICE = "advice"  # a condition that the operator must meet
MET = "met"  # a licence or register entry that is asked for, and held
EXEMPT = "exempt"  # looked at and found not to concern this operator


@dataclass(frozen=True)
class HeldLicence:
    """A licence or register entry that an entity of `holder_jurisdiction` holds; without an end: renewed."""

    licence: str
    held_from: date
    held_to: date | None
    holder_jurisdiction: str


@dataclass(frozen=True)
class Position:
    """Everything about an operator and its site that decides which rules concern it.

    `facility_mw` is the power of all that stands at one place, at the meter. `supply` and `land` are words
    of rules.SUPPLIES and rules.LANDS, land None when not stated. `coin_sale_jurisdictions` are where the
    venues are that coins are sold through; empty when not stated.
    """

    entity_jurisdiction: str
    owner_jurisdictions: tuple[str, ...] = ()
    licences: tuple[HeldLicence, ...] = ()
    coin_sale_jurisdictions: tuple[str, ...] = ()
    facility_mw: float = 0.0
    supply: str = "grid"
    land: str | None = None
    host_licences: tuple[HeldLicence, ...] = ()

    @property
    def persons(self) -> frozenset[str]:
        """Countries of the operating company and of its owners."""
        return frozenset({self.entity_jurisdiction, *self.owner_jurisdictions})

    def days_as_company_of(self, jurisdiction: str) -> list[Days]:
        """The days on which the operator, or the host that runs for it, acts as a company of that country.

        Always where its own entity is one; otherwise while an entity of the country holds one of the
        country's licences for it.
        """
        if jurisdiction == self.entity_jurisdiction:
            return [(date.min, date.max)]
        return [
            (each.held_from, each.held_to or date.max)
            for each in (*self.licences, *self.host_licences)
            if each.holder_jurisdiction == licences()[each.licence].jurisdiction == jurisdiction
        ]


@dataclass(frozen=True)
class Verdict:
    """What one rule does to one operator, on which days, and why."""

    rule: RuleWindow
    effect: str
    days: tuple[Days, ...]
    reason: str


def verdicts(rule: RuleWindow, position: Position, start: date, end: date) -> Iterator[Verdict]:
    """What the rule means for the operator inside [start, end]; nothing when it does not hold then."""
    days = tuple(days_in_force(rule, start, end))
    if not days:
        return
    if exemption := next(_exemptions(rule, position), ""):
        yield Verdict(rule, EXEMPT, days, exemption)
    elif "foreign" in rule.scope.persons and not _named_persons(rule.scope) & position.persons:
        yield from _foreign_verdicts(rule, position, days)
    elif rule.licence is not None:
        yield from _licence_verdicts(rule, position, days)
    else:
        yield _verdict(rule, position, days)


def _verdict(rule: RuleWindow, position: Position, days: tuple[Days, ...]) -> Verdict:
    scope = rule.scope
    if scope.coin_sales:
        return _sale_verdict(rule, position, days)
    if scope.land and position.land is None:
        return Verdict(rule, ADVICE, days, f"holds on {scope.land} land; state the site's land")
    if rule.kind == "sanctioned":
        return Verdict(rule, SANCTIONED, days, "sanctioned: nothing may arrive, run or be paid")
    if rule.kind == "moratorium" or (rule.closes and scope.new_load_only):
        return Verdict(rule, NO_NEW_LOAD, days, "no load beyond what was connected before")
    if rule.closes:
        whom = f" for {_named(scope.persons, rule.jurisdiction)}" if scope.persons else ""
        return Verdict(rule, CLOSED, days, f"{rule.kind}: mining is not lawful on these days{whom}")
    return Verdict(rule, ADVICE, days, condition(rule))


def _sale_verdict(rule: RuleWindow, position: Position, days: tuple[Days, ...]) -> Verdict:
    """Rules on where coins are sold: only the operator knows its venues."""
    venue = f"coins may not be sold through venues of {rule.jurisdiction}"
    if not position.coin_sale_jurisdictions:
        return Verdict(rule, ADVICE, days, f"{venue}; state where they are sold")
    if rule.jurisdiction in position.coin_sale_jurisdictions:
        return Verdict(rule, CLOSED, days, f"{venue}, and the operator sells there")
    sold = ", ".join(position.coin_sale_jurisdictions)
    return Verdict(rule, EXEMPT, days, f"{venue}; the operator sells in {sold}")


def condition(rule: RuleWindow) -> str:
    """A condition in words, with its figures."""
    figures = "; ".join(f"{each.name.replace('_', ' ')} {_amount(each)}" for each in rule.parameters)
    what = {
        "levy": "a levy on power",
        "surplus_only": "power only from surplus: plan for cuts",
        "share_of_output": "part of the output is bound",
        "curtailment": "power may be cut",
        "open": "no law against mining was found",
    }.get(rule.kind, rule.kind)
    return f"{what} ({figures})" if figures else what


def _amount(figure: Parameter) -> str:
    return f"{100 * figure.value:g} %" if figure.unit == "share" else f"{figure.value:g} {figure.unit}"


def sale_verdicts(position: Position, law: str, start: date, end: date) -> list[Verdict]:
    """What rules on the sale of coins, of whatever country, mean for the operator: it mines where it will."""
    binding = checked_switch(law)
    rules = [rule for rule in all_rules() if rule.scope.coin_sales and rule.status in binding]
    return [verdict for rule in rules for verdict in verdicts(rule, position, start, end)]


def _foreign_verdicts(rule: RuleWindow, position: Position, days: tuple[Days, ...]) -> Iterator[Verdict]:
    """A rule for foreign operators holds on the days on which no company of the country stands for one."""
    foreign = minus(days, position.days_as_company_of(rule.jurisdiction))
    if foreign:
        yield _verdict(rule, position, tuple(foreign))
    else:
        concerned = _named(rule.scope.persons, rule.jurisdiction)
        yield Verdict(rule, EXEMPT, days, f"concerns {concerned} only")


def _exemptions(rule: RuleWindow, position: Position) -> Iterator[str]:
    """Why the rule does not concern the operator on any day."""
    scope = rule.scope
    if scope.at_least_mw is not None and position.facility_mw < scope.at_least_mw:
        yield f"the facility has {position.facility_mw:g} MW; the rule begins at {scope.at_least_mw:g} MW"
    if scope.below_mw is not None and position.facility_mw >= scope.below_mw:
        yield f"the facility has {position.facility_mw:g} MW; the rule ends at {scope.below_mw:g} MW"
    if scope.supplies and position.supply not in scope.supplies:
        yield f"the site runs on {position.supply.replace('_', ' ')}"
    if scope.land and position.land not in (None, scope.land):
        yield f"the site stands on {position.land} land"
    if scope.persons and "foreign" not in scope.persons and not _named_persons(scope) & position.persons:
        yield f"concerns {_named(scope.persons, rule.jurisdiction)} only"


def _named(persons: tuple[str, ...], jurisdiction: str) -> str:
    foreign = f"operators without a company in {jurisdiction}"
    return ", ".join(foreign if each == "foreign" else f"persons of {each}" for each in persons)


def _named_persons(scope: Scope) -> frozenset[str]:
    """The countries of a scope, members of the Union one by one."""
    union = EU_MEMBERS if "EU" in scope.persons else frozenset()
    return union | (frozenset(scope.persons) - {"EU", "foreign"})


def _licence_verdicts(rule: RuleWindow, position: Position, days: tuple[Days, ...]) -> Iterator[Verdict]:
    """A licence that is not held, or not yet, or no longer, closes the days without it."""
    what = licences()[rule.licence or ""]
    held = [each for each in position.licences if each.licence == what.licence]
    if what.host_may_hold:
        held += [each for each in position.host_licences if each.licence == what.licence]
    barred = [each for each in held if what.holders and each.holder_jurisdiction not in what.holders]
    valid = [each for each in held if each not in barred]
    missing = minus(days, [(each.held_from, each.held_to or date.max) for each in valid])
    if missing:
        effect = NO_NEW_LOAD if rule.scope.new_load_only else CLOSED
        name = f"licence {what.licence} ({what.what})"
        yield Verdict(rule, effect, tuple(missing), f"{name} {_why_missing(what, valid, barred)}")
    else:
        yield Verdict(rule, MET, days, f"licence {what.licence} is held")
    yield from (Verdict(rule, ADVICE, days, told) for told in filter(None, map(_runs_out, valid)))


def _runs_out(held: HeldLicence) -> str:
    """What must be told of a licence that is taken to hold for longer than it is given for; empty if not."""
    months = licences()[held.licence].valid_months
    if months is None or (held.held_to is not None and held.held_to <= _months_later(held.held_from, months)):
        return ""
    until = "" if held.held_to is None else f" to {held.held_to}"
    return (
        f"licence {held.licence} runs {months} months from {held.held_from}; it is taken as renewed"
        f"{until or ' when it falls due'}; state another held_to if it may not be"
    )


def _months_later(day: date, months: int) -> date:
    """The same day of a later month; the first of the next where the month is too short."""
    month = day.month - 1 + months
    try:
        return day.replace(year=day.year + month // 12, month=month % 12 + 1)
    except ValueError:
        return date(day.year + month // 12, month % 12 + 2, 1)


def _why_missing(what: LicenceKind, valid: list[HeldLicence], barred: list[HeldLicence]) -> str:
    if barred and not valid:
        given = ", ".join(each.holder_jurisdiction for each in barred)
        return f"can be held only by entities of {', '.join(what.holders)}, not of {given}"
    if not valid:
        wait = f"; it takes {what.wait_days} days to get" if what.wait_days else ""
        return f"is not held{wait}"
    spans = (
        f"from {each.held_from}" + (f" to {each.held_to}" if each.held_to else "")
        for each in sorted(valid, key=lambda each: each.held_from)
    )
    return f"is held only {' and '.join(spans)}"


@dataclass(frozen=True)
class SanctionedParty:
    """A company that no one may host with, under any of its names."""

    party: str
    names: tuple[str, ...]
    act: str
    since: str
    note: str
    source: str
    source_date: str
    confidence: str


@lru_cache(maxsize=1)
def sanctioned_parties() -> tuple[SanctionedParty, ...]:
    """Every bundled party under sanctions; a short list of hosts, no substitute for screening."""
    return tuple(
        SanctionedParty(
            row["party"],
            (row["party"], *(name.strip() for name in row["aliases"].split(";") if name.strip())),
            row["list"],
            row["since"],
            row["note"],
            row["source"],
            row["source_date"],
            row["confidence"],
        )
        for row in read_rows("sanctioned_parties.csv")
    )


def sanctioned_party(name: str) -> SanctionedParty | None:
    """The party under sanctions whose name a company's contains, whatever its case and legal form."""
    given = _plain(name)
    return next(
        (party for party in sanctioned_parties() if any(_plain(each) in given for each in party.names)), None
    )


def _plain(name: str) -> str:
    """Letters and digits only, in one case and without accents: "Bit-River AG" and "BITRIVER ag" are one."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum())
