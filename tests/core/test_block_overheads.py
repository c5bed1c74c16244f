"""Costs of a company that no site has."""

from optimizer.blocks.overheads import overheads
from optimizer.certificate import upper_bound
from tests.core.answers import answer, same
from tests.core.instances import quiet
from tests.core.printed import line, model_of


def test_a_company_s_costs_stand_in_the_ledger_by_month() -> None:
    """A column that is one carries them; two companies, each its own."""
    data = quiet(periods=2, entities=("here", "there"), overhead_usd=[[7.0, 0.0], [0.0, 30.0]])
    lp = model_of(data, overheads)
    assert line(lp, "overheads") == [
        "base, here, m1: -7 in_business[base]",
        "base, there, m2: -30 in_business[base]",
    ]
    assert lp.lower.tolist()[-1] == lp.upper.tolist()[-1] == 1.0


def test_they_are_paid_whatever_the_machines_do() -> None:
    """3,000 earned less 3 x 50; the proof without the solver counts them too. Optional, they would be 0."""
    data = quiet(sites=1, overhead_usd=50.0)
    found = answer(data)
    assert same(found.value_usd, 2850)
    assert same(upper_bound(found.lp, data, found.plan, found.solution.row_duals), 2850)


def test_without_overheads_there_is_no_column() -> None:
    """Nothing to pay, nothing in the model."""
    assert "in_business" not in model_of(quiet(), overheads).variables
