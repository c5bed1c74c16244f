"""The records of law: a typing error in a file must stop the program, not change the law."""

from __future__ import annotations

from datetime import date

import pytest

from geodata import GeodataError, all_rules, licences
from geodata.rules import Circle, Scope, _rule, check_rule, checked_switch, rules_by_id
from geodata.store import read_rows
from tests.geodata.records import rule


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"kind": "forbidden"}, "kind"),
        ({"status": "maybe"}, "status"),
        ({"end": date(2000, 1, 1)}, "before the start"),
        ({"kind": "seasonal"}, "season"),
        ({"season": ((11, 15), (3, 15))}, "season"),
        ({"kind": "licensed"}, "licence"),
        ({"licence": "RU-miner-register"}, "licence"),
        ({"scope": Scope(supplies=("coal",))}, "supplies"),
        ({"scope": Scope(land="marsh")}, "land"),
        ({"scope": Scope(at_least_mw=75, below_mw=10)}, "above below_mw"),
        ({"circle": Circle(50, 90, 5)}, "circle"),
        ({"region": None, "districts": ("Bratsk",)}, "districts need a region"),
    ],
)
def test_a_contradictory_rule_is_refused(changes: dict[str, object], fault: str) -> None:
    """Each contradiction by itself; the plain rule is right."""
    check_rule(rule())
    with pytest.raises(GeodataError, match=fault):
        check_rule(rule(**changes))


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("start", "2025-13-01"),
        ("end", "15.03.2031"),
        ("at_least_mw", "75 MW"),
        ("new_load_only", "no"),
        ("read_on", ""),
        ("season_first", "02-29"),
    ],
)
def test_a_cell_that_cannot_be_read_names_its_rule(column: str, text: str) -> None:
    """The message must say which of a hundred rows is wrong."""
    row = read_rows("rules.csv")[0] | {"rule_id": "xx-wrong", column: text}
    with pytest.raises(GeodataError, match=r"'xx-wrong'.*correct the row"):
        _rule(row, ())


def test_the_switch_takes_more_as_it_gets_stricter() -> None:
    """Announced is decided but not law; strict adds what is proposed or contested; lapsed never counts."""
    assert checked_switch("in_force") < checked_switch("announced") < checked_switch("strict")
    assert "lapsed" not in checked_switch("strict")
    with pytest.raises(GeodataError, match="no switch"):
        checked_switch("lenient")


def test_rules_are_found_by_id_and_ask_for_known_licences() -> None:
    """Two rules of one id would be cited for each other."""
    assert len(rules_by_id()) == len(all_rules())
    assert {each.licence for each in all_rules() if each.licence} == set(licences())


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        (Scope(), "everyone"),
        (Scope(new_load_only=True, at_least_mw=75), "new load; 75 MW and up"),
        (Scope(supplies=("own_generation",)), "power: own generation"),
        (Scope(persons=("EU",), coin_sales=True), "persons: EU; sale of coins"),
    ],
)
def test_a_scope_in_words(scope: Scope, text: str) -> None:
    """A scope left out of the words would read as a rule for everyone."""
    assert str(scope) == text
