"""Studies in which the tax is a matter of yes or no: their baselines and stopped searches are plans too."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer import Study, solve
from optimizer.config import Finance, Solver
from optimizer.plan import Plan

GROUP = Path(__file__).parents[2] / "configs" / "group_accounts.yaml"


def solved_without_discount(time_limit_s: float) -> Plan:
    """Money that keeps its worth tempts a company to invent income and losses, so that tax is yes or no."""
    study = Study.from_yaml(GROUP)
    changes = {
        "finance": Finance(discount_rate_share_per_year=0.0),
        "solver": Solver(time_limit_s=time_limit_s),
    }
    return solve(study.model_copy(update=changes))


@pytest.fixture(scope="module")
def searched() -> Plan:
    return solved_without_discount(60.0)


def test_the_yes_or_no_of_the_tax_is_not_frozen_in_baselines(searched: Plan) -> None:
    """Answers of another objective made the LP build halls for the cost alone.

    Cheapest power came to -6.7 m instead of 5.7 m, and the audit refused a good plan.
    """
    worth = {each.name: each.kpis.value_usd for each in searched.alternatives}
    assert worth["cheapest power"] == pytest.approx(5.674e6, rel=2e-3)
    assert worth["stay put"] == pytest.approx(5.4565e6, rel=2e-3)
    assert searched.kpis.value_usd > worth["cheapest power"]


def test_a_search_cut_short_is_a_plan() -> None:
    """However early the clock stops it: audited, billed as invoiced, and worth no more than it says."""
    plan = solved_without_discount(0.2)
    assert plan.outcome.objective_usd >= plan.kpis.value_usd - 1e-3
    assert plan.kpis.value_usd > 5.4e6  # what staying put is worth, nearly


def test_what_a_company_pays_has_its_name(searched: Plan) -> None:
    """Overheads of no site stood in a column without a name."""
    by_site = searched.income_statement("site")
    assert set(searched.tables["sites"].entity) <= set(by_site.columns)
    assert "" not in by_site.columns
    booked = searched.ledger[searched.ledger.line == "overheads"].amount_usd.sum()
    assert by_site.loc["overheads"].sum() == pytest.approx(booked)
