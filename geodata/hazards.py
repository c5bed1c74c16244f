"""What may go wrong with law and power at a place: yearly probabilities with the base rate behind each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from geodata.districts import known_districts
from geodata.places import jurisdiction_of, unknown
from geodata.rules import DEFAULT_SWITCH, checked_switch, rules_by_id
from geodata.store import GeodataError, read_rows

HAZARD_KINDS = ("ban", "levy", "curtailment", "seizure", "repatriation")


@dataclass(frozen=True)
class BundledHazard:
    """A prior, to be replaced by whoever knows better.

    `place` is a region or a country, `districts` some of its districts (empty: all of it). Where the rule
    `unless_rule` is taken as law the event has come already, and the hazard does not count. A machine loses
    `stranded_share` of its value, `evacuation_usd_per_machine` and `lost_margin_months` of margin, counted
    from the announcement; `notice_weeks` lie between that and the day it takes effect.
    """

    hazard_id: str
    place: str
    districts: tuple[str, ...]
    unless_rule: str | None
    kind: str
    yearly_probability_share: float
    notice_weeks: float
    stranded_share: float
    evacuation_usd_per_machine: float
    lost_margin_months: float
    evidence: str
    source: str
    source_date: str
    confidence: str


@dataclass(frozen=True)
class CountryRisk:
    """The OECD's class of transfer risk, 0 to 7; None where a country is not classified, which is not 0."""

    jurisdiction: str
    oecd_class: int | None
    valid_on: str
    note: str
    source: str
    confidence: str


@lru_cache(maxsize=1)
def bundled_hazards() -> tuple[BundledHazard, ...]:
    """Every bundled hazard."""
    return tuple(_hazard(row) for row in read_rows("hazards.csv"))


def hazards_at(region: str, district: str = "", law: str = DEFAULT_SWITCH) -> tuple[BundledHazard, ...]:
    """The hazards of a place under a switch of law: of each kind the nearest, district before region before
    country."""
    binding = checked_switch(law)
    found: dict[str, BundledHazard] = {}
    for each in sorted(bundled_hazards(), key=_nearness, reverse=True):
        is_there = each.place in (region, jurisdiction_of(region))
        is_there &= not each.districts or district in each.districts
        has_come = each.unless_rule is not None and rules_by_id()[each.unless_rule].status in binding
        if is_there and not has_come:
            found.setdefault(each.kind, each)
    return tuple(found.values())


def hazards_in(region: str, law: str = DEFAULT_SWITCH) -> tuple[BundledHazard, ...]:
    """The hazards of a region in any of its districts, those of some districts among them."""
    places = known_districts(region) or ("",)
    return tuple(dict.fromkeys(each for name in places for each in hazards_at(region, name, law)))


def _nearness(hazard: BundledHazard) -> tuple[bool, bool]:
    return bool(hazard.districts), "-" in hazard.place


def country_risk(jurisdiction: str) -> CountryRisk:
    """The transfer risk of a country; GeodataError when it is not in the table."""
    table = _country_risks()
    if jurisdiction not in table:
        raise GeodataError(unknown("country", jurisdiction, sorted(table)))
    return table[jurisdiction]


@lru_cache(maxsize=1)
def _country_risks() -> dict[str, CountryRisk]:
    return {
        row["jurisdiction"]: CountryRisk(
            row["jurisdiction"],
            int(row["oecd_class"]) if row["oecd_class"] else None,
            row["valid_on"],
            row["note"],
            row["source"],
            row["confidence"],
        )
        for row in read_rows("country_risk.csv")
    }


def _hazard(row: dict[str, str]) -> BundledHazard:
    try:
        hazard = BundledHazard(
            hazard_id=row["hazard_id"],
            place=row["place"],
            districts=tuple(name.strip() for name in row["districts"].split(";") if name.strip()),
            unless_rule=row["unless_rule"] or None,
            kind=row["kind"],
            yearly_probability_share=float(row["yearly_probability_share"]),
            notice_weeks=float(row["notice_weeks"]),
            stranded_share=float(row["stranded_share"]),
            evacuation_usd_per_machine=float(row["evacuation_usd_per_machine"]),
            lost_margin_months=float(row["lost_margin_months"]),
            evidence=row["evidence"],
            source=row["source"],
            source_date=row["source_date"],
            confidence=row["confidence"],
        )
    except (KeyError, ValueError) as error:
        raise GeodataError(f"hazards.csv, {row.get('hazard_id')!r}: {error}; correct the row") from error
    if hazard.kind not in HAZARD_KINDS or not 0 <= hazard.yearly_probability_share <= 1:
        raise GeodataError(
            f"hazards.csv, {hazard.hazard_id!r}: kind is one of {', '.join(HAZARD_KINDS)} and the "
            "probability a share; correct the row"
        )
    return hazard
