"""What rules mean for one operator: each case is a plan that a wrong reading would open or forbid."""

from __future__ import annotations

from datetime import date

import pytest

from geodata.position import HeldLicence, Position, sale_verdicts, sanctioned_party, verdicts
from geodata.rules import Scope, rules_by_id
from tests.geodata.records import rule

FIRST, LAST = date(2026, 12, 1), date(2027, 12, 31)
RUSSIAN = Position("RU", licences=(HeldLicence("RU-miner-register", date(2024, 11, 1), None, "RU"),))


def effects(rule_id: str, position: Position) -> list[tuple[str, str]]:
    """Effect and reason of a bundled rule over thirteen months."""
    found = verdicts(rules_by_id()[rule_id], position, FIRST, LAST)
    return [(each.effect, each.reason) for each in found]


def only(rule_id: str, position: Position) -> tuple[str, str]:
    (found,) = effects(rule_id, position)
    return found


def test_the_register_is_asked_of_everyone_and_met_by_its_holder() -> None:
    """A register entry that is held must not close, and one that is not must."""
    assert only("ru-register", RUSSIAN)[0] == "met"
    effect, reason = only("ru-register", Position("RU"))
    assert effect == "closed"
    assert "is not held" in reason


def test_a_register_entry_of_a_foreign_company_counts_for_nothing() -> None:
    """Only Russian entities may be in the register: an entry "held" by a Cypriot one is a mistake."""
    foreign = Position("CY", licences=(HeldLicence("RU-miner-register", date(2024, 11, 1), None, "CY"),))
    effect, reason = only("ru-register", foreign)
    assert effect == "closed"
    assert "only by entities of RU, not of CY" in reason


def test_a_foreign_group_mines_in_russia_through_a_russian_company_or_host() -> None:
    """Barred as a foreign entity; lawful with a daughter in the register, or a host that is in it."""
    held = HeldLicence("RU-miner-register", date(2024, 11, 1), None, "RU")
    assert only("ru-foreign", Position("AE"))[0] == "closed"
    assert only("ru-foreign", Position("AE", licences=(held,)))[0] == "exempt"
    assert only("ru-foreign", Position("AE", host_licences=(held,)))[0] == "exempt"
    assert only("ru-register", Position("AE", host_licences=(held,)))[0] == "met"


def test_a_kazakh_licence_is_held_by_kazakhs_and_from_its_day_on() -> None:
    """Until the licence is held the site is closed; a host's licence does not serve its client there."""
    later = HeldLicence("KZ-mining-licence", date(2027, 3, 1), None, "KZ")
    found = list(verdicts(rules_by_id()["kz-grid"], Position("RU", licences=(later,)), FIRST, LAST))
    closed = next(each for each in found if each.effect == "closed")
    assert closed.days == ((date(2026, 12, 1), date(2027, 2, 28)),)
    assert only("kz-grid", Position("RU", host_licences=(later,)))[0] == "closed"


def test_a_licence_that_ends_closes_the_days_after() -> None:
    """held_to is the last day: an exclusive end would close it."""
    held = HeldLicence("KZ-mining-licence", date(2024, 7, 1), date(2027, 6, 30), "KZ")
    found = list(verdicts(rules_by_id()["kz-grid"], Position("KZ", licences=(held,)), FIRST, LAST))
    closed = next(each for each in found if each.effect == "closed")
    assert closed.days == ((date(2027, 7, 1), date(2027, 12, 31)),)
    assert "only from 2024-07-01 to 2027-06-30" in closed.reason


def test_a_licence_without_an_end_is_taken_as_renewed_and_says_so() -> None:
    """Three years from the first day: silence would hide that it lapses inside a horizon."""
    held = HeldLicence("KZ-mining-licence", date(2025, 3, 1), None, "KZ")
    told = dict(effects("kz-grid", Position("KZ", licences=(held,))))
    assert "closed" not in told
    assert "36 months from 2025-03-01" in told["advice"]


def test_two_licences_without_an_end_are_one_without_an_end() -> None:
    """The operator's and the host's: joining their days must not step past the last day there is."""
    entry = HeldLicence("RU-miner-register", date(2024, 11, 1), None, "RU")
    assert only("ru-register", Position("RU", licences=(entry,), host_licences=(entry,)))[0] == "met"


def test_a_licence_stated_for_longer_than_the_law_gives_is_told() -> None:
    """To 2040 on a licence of three years is no less of an assumption than no end at all."""
    long = HeldLicence("KZ-mining-licence", date(2025, 3, 1), date(2040, 1, 1), "KZ")
    assert "runs 36 months" in dict(effects("kz-grid", Position("KZ", licences=(long,))))["advice"]
    short = HeldLicence("KZ-mining-licence", date(2025, 3, 1), date(2028, 3, 1), "KZ")
    assert "advice" not in dict(effects("kz-grid", Position("KZ", licences=(short,))))


def test_a_russian_company_stands_for_a_group_while_its_entry_lasts() -> None:
    """An entry that ended, or one of another country's register, makes no Russian company."""
    ended = HeldLicence("RU-miner-register", date(2024, 11, 1), date(2027, 6, 30), "RU")
    (found,) = verdicts(rules_by_id()["ru-foreign"], Position("AE", licences=(ended,)), FIRST, LAST)
    assert (found.effect, found.days) == ("closed", ((date(2027, 7, 1), date(2027, 12, 31)),))
    kazakh = HeldLicence("KZ-mining-licence", date(2024, 11, 1), None, "RU")
    assert only("ru-foreign", Position("AE", licences=(kazakh,)))[0] == "closed"


def test_sales_are_looked_at_for_every_country() -> None:
    """Wherever it mines, an owner in the Union may not deal with Russian venues."""
    owned = Position("KZ", owner_jurisdictions=("DE",), coin_sale_jurisdictions=("RU",))
    found = {each.rule.rule_id: each.effect for each in sale_verdicts(owned, "announced", FIRST, LAST)}
    assert found["ru-eu-persons"] == "closed"


def test_a_rule_for_small_facilities_ends_at_its_size() -> None:
    """below_mw is the first size outside."""
    small = rule(scope=Scope(below_mw=75))
    assert [v.effect for v in verdicts(small, Position("RU", facility_mw=74.9), FIRST, LAST)] == ["closed"]
    assert [v.effect for v in verdicts(small, Position("RU", facility_mw=75), FIRST, LAST)] == ["exempt"]


@pytest.mark.parametrize(("facility_mw", "effect"), [(74.9, "exempt"), (75.0, "closed"), (200.0, "closed")])
def test_texas_asks_for_registration_from_75_mw(facility_mw: float, effect: str) -> None:
    """The threshold itself is inside."""
    assert only("us-tx-register", Position("US", facility_mw=facility_mw))[0] == effect


def test_eu_persons_and_russian_venues() -> None:
    """The owner counts, not only the entity; selling elsewhere is lawful; selling in Russia closes."""
    owned = Position("RU", owner_jurisdictions=("DE",))
    assert only("ru-eu-persons", RUSSIAN)[0] == "exempt"
    effect, reason = only("ru-eu-persons", owned)
    assert effect == "advice"
    assert "state where they are sold" in reason
    abroad = Position("RU", owner_jurisdictions=("DE",), coin_sale_jurisdictions=("AE",))
    assert only("ru-eu-persons", abroad)[0] == "exempt"
    there = Position("RU", owner_jurisdictions=("DE",), coin_sale_jurisdictions=("AE", "RU"))
    assert only("ru-eu-persons", there)[0] == "closed"


def test_isolated_generation_is_outside_the_irkutsk_ban() -> None:
    """The exemption is for generation without a grid connection; own generation on the grid stays closed."""
    assert only("ru-irk-south-ban", Position("RU", supply="isolated_generation"))[0] == "exempt"
    assert only("ru-irk-south-ban", Position("RU", supply="own_generation"))[0] == "closed"
    assert only("ru-irk-south-ban", RUSSIAN)[0] == "closed"


@pytest.mark.parametrize(
    ("land", "effect"), [(None, "advice"), ("agricultural", "closed"), ("industrial", "exempt")]
)
def test_farm_land_in_abu_dhabi(land: str | None, effect: str) -> None:
    """Where the land is not stated the rule is told: silence would pass a farm."""
    assert only("ae-az-farmland", Position("AE", land=land))[0] == effect


def test_persons_of_embargoed_countries_may_not_run_in_the_united_states() -> None:
    """An Iranian owner of a Cypriot company is one."""
    assert only("us-embargoed-persons", Position("CY", owner_jurisdictions=("IR",)))[0] == "sanctioned"
    assert only("us-embargoed-persons", Position("CY"))[0] == "exempt"


@pytest.mark.parametrize(
    ("changes", "effect"),
    [
        ({"kind": "banned"}, "closed"),
        ({"kind": "banned", "scope": Scope(new_load_only=True)}, "no new load"),
        ({"kind": "moratorium", "scope": Scope(new_load_only=True)}, "no new load"),
        ({"kind": "sanctioned"}, "sanctioned"),
        ({"kind": "levy"}, "advice"),
        ({"kind": "open"}, "advice"),
    ],
)
def test_effect_by_kind(changes: dict[str, object], effect: str) -> None:
    """A moratorium read as a ban would shut running sites; read as nothing it would let new ones be built."""
    (found,) = verdicts(rule(**changes), RUSSIAN, FIRST, LAST)
    assert found.effect == effect


@pytest.mark.parametrize(
    "host",
    ["BitRiver", "BITRIVER RUS LLC", "Bit-River AG", "ООО «Битривер-Н»", "bitriver  ag (Bratsk)"],  # noqa: RUF001
)
def test_a_host_under_sanctions_is_known_by_any_spelling(host: str) -> None:
    """The listed family hosts under many names: a comparison letter by letter would pass them."""
    assert sanctioned_party(host) is not None


@pytest.mark.parametrize("host", ["River Bit Hosting", "Intelion", "Bratsk Data Centre", "Bit", ""])
def test_other_hosts_are_not_under_sanctions(host: str) -> None:
    """A loose comparison would exclude half of Siberia."""
    assert sanctioned_party(host) is None
