"""A charge for law that may come, on every machine that stands there."""

from optimizer.blocks.legal_risk import legal_risk
from tests.core.answers import answer, same
from tests.core.instances import quiet
from tests.core.printed import line, model_of


def test_the_charge_is_on_standing_machines_and_is_not_cash() -> None:
    """Stayed or arrived alike, in service or not; a budget does not see it."""
    lp = model_of(quiet(periods=1, legal_risk_usd=[[15.0], [4.0]]), legal_risk)
    assert line(lp, "legal_risk") == [
        "base, home, m1: -15 staying[base, old, home, m1]",
        "base, away, m1: -4 arriving[base, old, away, direct, m1]",
    ]
    assert not lp.ledger["legal_risk"].is_cash


def test_risk_moves_machines_when_it_outweighs_the_way() -> None:
    """15 a month for three months is 45 against 20 of freight: all leave, 3,000 - 200 = 2,800.

    A charge on one month only (15 < 20) keeps them: 3,000 - 450 = 2,550.
    """
    found = answer(quiet(legal_risk_usd=[[15.0] * 3, [0.0] * 3], freight_usd=20.0))
    assert found.standing(1) == [10, 10, 10]
    assert same(found.value_usd, 2800)


def test_idle_machines_are_at_risk_too() -> None:
    """Nothing can run, nothing can leave: 10 x 15 x 3 = 450. A charge on running machines gives 0."""
    found = answer(quiet(sites=1, can_run=False, legal_risk_usd=15.0))
    assert same(found.value_usd, -450)


def test_the_charge_does_not_eat_the_cash() -> None:
    """Income 1,000 a month, a charge of 2,000 and an empty purse: feasible, because nobody pays it."""
    found = answer(quiet(sites=1, legal_risk_usd=200.0, opening_cash_usd=0.0))
    assert same(found.value_usd, -3000)
    assert found.of("cash_balance").ravel().round(6).tolist() == [1000, 2000, 3000]


def test_machines_flee_to_a_place_where_they_cannot_run() -> None:
    """Nothing runs anywhere and a machine is worth 500 at the end. `home` costs 15 a month, the way out 20.

    Leaving: 5,000 - 200 = 4,800; staying 5,000 - 450 = 4,550.
    """
    data = quiet(can_run=False, legal_risk_usd=[[15.0] * 3, [0.0] * 3], freight_usd=20.0, end_value_usd=500.0)
    assert same(answer(data).value_usd, 4800)
