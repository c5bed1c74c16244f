"""What no section can know by itself: references, starts, windows, corridors."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from optimizer.config import Relocation, Study
from optimizer.errors import Problem

One = Callable[..., Problem]
Many = Callable[..., list[Problem]]
Load = Callable[..., Study]
LAST = "end_value: {haircut_share: 0.2}\n"
LIMITS = "limits:\n  {kind}:\n    - {{name: a, {members}, {terms}}}\n"
OFFER = (
    "purchases:\n  - {{id: {id}, model: {model}, price_usd_per_ths: 9, lead_time_weeks: 6,\n"
    "     max_machines: 10, deliver_to: [US], uptime_share: 0.98{more}}}\n"
)
CORRIDORS = "  corridors:\n"


def limits(members: str, terms: str = "max_power_kw: 1 MW", kind: str = "power_groups") -> tuple[str, str]:
    return LAST, LAST + LIMITS.format(kind=kind, members=members, terms=terms)


def offer(name: str = "new", model: str = "Antminer S21", more: str = "") -> tuple[str, str]:
    return LAST, LAST + OFFER.format(id=name, model=model, more=more)


def hazard(place: str, more: str = "") -> tuple[str, str]:
    return (
        "{risk_aversion: 1.0}",
        f"\n  risk_aversion: 1\n  hazards:\n    - {{id: h, place: {place}, kind: ban, evidence: none,\n"
        f"       yearly_probability_share: 0.1{more}}}",
    )


@pytest.mark.parametrize(
    ("change", "where", "rule", "remedy"),
    [
        (("site: bratsk", "site: brask"), "fleet[0].site", "is not a site", "did you mean 'bratsk'?"),
        (
            ("pue: 1.05, tariff: grid}\nt", "pue: 1.05, tariff: gird}\nt"),
            "sites[1].tariff",
            "is not a tariff",
            "'grid'",
        ),
        (("{id: texas", "{id: bratsk"), "sites[1].id", "is the id of entry 0 too", "its own"),
        (
            ("hashrate_ths: 100, power_w: 3000, mass_kg: 15", "model: Antminer S12"),
            "fleet[0].model",
            "not one model",
            "S21",
        ),
        (("resale_usd_per_ths: 2", "note: 1"), "fleet[0].note", "not a known key", "known here"),
        (
            ("0.97,\n     resale_usd_per_ths: 2", "0.97"),
            "fleet[0].resale_usd_per_ths",
            "no used price",
            "add resale",
        ),
        (
            ("uptime_share: 0.97", "profiles: [eco], uptime_share: 0.97"),
            "fleet[0].profiles",
            "no figures",
            "eco_power_w",
        ),
        (
            ("max_power_kw: 5 MW", "max_machines: 1100, max_power_kw: 5 MW"),
            "sites[0].max_machines",
            "site 'bratsk' has 1,100 racks but 1,200 machines start there",
            "raise max_machines",
        ),
        (
            ("max_power_kw: 5 MW", "available_from: 2027-01, max_power_kw: 5 MW"),
            "sites[0].available_from",
            "opens in 2027-01 but 1,200 machines start there",
            "correct the fleet",
        ),
        (
            ("currency:\n", "currency:\n  reporting: KZT\n"),
            "currency.reporting",
            "has no exchange rate",
            "currency.fx.KZT",
        ),
        (limits("sites: [bratsk, texs]"), "limits.power_groups[0].sites[1]", "is not a site", "'texas'"),
        (
            limits("sites: [texas], regions: [RU-IRK]"),
            "limits.power_groups[0]",
            "gives sites and regions",
            "keep one",
        ),
        (limits("note: x"), "limits.power_groups[0].note", "not a known key", "sites, regions"),
        (
            limits("hosts: [Acme]", "measure: power, max_share: 0.5", "concentration"),
            "limits.concentration[0].hosts[0]",
            "is not a host of a site",
            "none; add it",
        ),
        (
            limits("sites: [texas]", "max_power_kw: 1, from: 2027-02, to: 2027-01"),
            "limits.power_groups[0].from",
            "is after `to` (2027-01)",
            "swap",
        ),
        (offer(name="old"), "purchases[0].id", "is the id of a lot of the fleet too", "another id"),
        (offer(model="Antminer S99"), "purchases[0].model", "not one model", "rigshift catalogue"),
        (offer(model="Antminer S23"), "purchases[0].resale_usd_per_ths", "no used price", "add resale"),
        (offer(more=", from: 2027-03, to: 2027-02"), "purchases[0].from", "is after `to`", "swap"),
        (hazard("bratks"), "risk.hazards[0].place", "is not a country, region or site", "'bratsk'"),
        (hazard("RU", ", from: 2027-03, to: 2027-02"), "risk.hazards[0].from", "is after `to`", "swap"),
        (
            (LAST, LAST + "limits: {budget: {opening_cash_usd: 1, min_cash_usd: 2}}\n"),
            "limits.budget",
            "min_cash_usd above opening_cash_usd",
            "lower the floor",
        ),
    ],
)
def test_each_contradiction_is_told(
    problems: Many, change: tuple[str, str], where: str, rule: str, remedy: str
) -> None:
    """Each row is right section by section and wrong as a whole; unchecked it would be a KeyError later."""
    told = {one.where: one for one in problems(change)}[where]
    assert told.line is not None
    assert rule in told.rule
    assert remedy in told.remedy


def test_a_wrong_site_does_not_make_its_lots_lost(problem: One) -> None:
    """Only the pue is wrong: a message that 'bratsk' is unknown would send the user astray."""
    change = ("max_power_kw: 5 MW, pue: 1.05", "max_power_kw: 5 MW, pue: 0.5")
    assert problem(change).where == "sites[0].pue"


def test_machines_at_a_site_without_power_are_a_caution(load: Load) -> None:
    """A closed site whose machines are to leave is a plain case, not an error; but it is said."""
    study = load(("max_power_kw: 5 MW", "max_power_kw: 0"))
    assert study.warnings == (
        "site 'bratsk': max_power_kw is 0 but 1,200 machines start there; raise the limit or let them leave",
    )


def corridors(*ends: tuple[str, str]) -> tuple[str, str]:
    terms = "mode: truck, freight_usd_per_kg: 1, lead_time_weeks: 1"
    lines = [f"    - {{from: '{a}', to: '{b}', {terms}}}\n" for a, b in ends]
    return "  corridors:\n", "  corridors:\n" + "".join(lines)


@pytest.mark.parametrize(
    "ends",
    [
        [("RU", "US")],  # the one of the small study, again
        [("RU-IRK", "*"), ("*", "US-TX")],  # for Irkutsk to Texas: both name one region and anywhere
        [("RU-IRK", "US"), ("RU", "US-TX")],
    ],
)
def test_corridors_that_compete(problems: Many, ends: list[tuple[str, str]]) -> None:
    """Taking the first of two equally close corridors would make the cost depend on the order of lines."""
    for told in problems(corridors(*ends)):
        assert told.where.startswith("relocation.corridors[")
        assert "keep one" in told.remedy


def test_the_closest_corridor_counts(load: Load) -> None:
    """Region beats country beats anywhere; a pair that none covers has no way."""
    study = load(corridors(("RU-IRK", "US"), ("*", "*"), ("RU-IRK", "US-TX")))
    relocation: Relocation = study.relocation

    def way(start: str, end: str) -> list[tuple[str, str]]:
        return [(c.origin, c.destination) for c in relocation.closest(start, end)]

    assert way("RU-IRK", "US-TX") == [("RU-IRK", "US-TX")]
    assert way("RU-IRK", "US-NY") == [("RU-IRK", "US")]
    assert way("RU-KK", "US-NY") == [("RU", "US")]
    assert way("KZ-55", "US-NY") == [("*", "*")]
    assert load().relocation.closest("US-TX", "RU-IRK") == ()
