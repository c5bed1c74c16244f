"""The independent check of tax, loans, overheads and coins: silent when sound, and faults by name."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optimizer.audit.companies import company_money, treasury_money
from optimizer.audit.findings import Finding
from optimizer.audit.flows import Flows, dense
from optimizer.extract import tables
from optimizer.inputs import Inputs
from optimizer.plan_tables import PlanTables
from tests.core.answers import answer
from tests.core.instances import changed, random_inputs, rich_inputs
from tests.core.test_block_loans import buying
from tests.core.test_block_tax import earning, taxed


def plan_of(data: Inputs) -> PlanTables:
    found = answer(data)
    return tables(found.lp, data, found.plan, found.solution.values)


def findings(plan: PlanTables, data: Inputs) -> list[Finding]:
    flows = Flows.read(plan, data)
    found = list(company_money(plan, flows, data, ()))
    for line, expected in treasury_money(flows, data).items():
        rows = plan.ledger[plan.ledger.line == line]
        booked = dense(rows, data, ("scenario", "site", "period"), rows.amount_usd)
        if not np.allclose(booked, expected):
            found.append(Finding(f"ledger line {line}", line, 1.0, 0.0))
    return found


def with_everything(data: Inputs, seed: int) -> Inputs:
    """Tax, overheads, coins and two loans of one company, one of the other."""
    periods, draw = len(data.periods), np.random.default_rng(seed)
    data = taxed(data, seed)
    one_month = np.eye(periods, k=1)
    return changed(
        data,
        overhead_usd=draw.uniform(0, 40, (2, periods)),
        treasury_share=draw.uniform(0, 0.4, periods),
        end_btc_price_usd=120_000.0,
        loans=("bank", "maker", "other"),
        loan_entity=np.array([0, 0, 1]),
        loan_max_usd=[300.0, 500.0, np.inf],
        loan_share=np.array([[0.7], [0.5], [0.6]]),
        loan_can_draw=True,
        loan_interest_share=np.array([0.01, 0.002, 0.005])[:, None, None] * one_month,
        loan_principal_share=np.array([0.5, 0.0, 1.0])[:, None, None] * one_month,
        loan_fee_share=[0.0, 0.02, 0.001],
        loan_left_share=np.array([0.51, 1.02, 0.0])[:, None] * np.ones(periods),
    )


@pytest.mark.parametrize("seed", range(10))
def test_it_agrees_with_the_model(seed: int) -> None:
    """Companies, years, schedules and shares drawn at random: nothing is found."""
    data = with_everything(random_inputs(seed), seed)
    assert findings(plan_of(data), data) == []


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_it_agrees_where_losses_lapse_and_rates_rise(seed: int) -> None:
    """With openings, building and yes-or-no columns for the tax as well."""
    data = with_everything(rich_inputs(seed), seed)
    rates = np.array([[0.05, 0.35], [0.0, 0.2]])
    data = replace(data, tax_rate_share=rates, loss_life_years=np.array([1.0, np.inf]))
    assert findings(plan_of(data), data) == []


@pytest.mark.parametrize("life_years", [1.0, 2.0, np.inf])
def test_it_knows_when_losses_lapse(life_years: float) -> None:
    """500 brought in and 300 a year: 200 are left after the first year, and good or lost in the second."""
    falling = 0.99 ** np.arange(3)
    data = earning(130, 130, 130, discount=falling, opening_loss_usd=500.0, loss_life_years=life_years)
    assert findings(plan_of(data), data) == []


def test_faults_are_found() -> None:
    """Each line of a sound plan with its amounts doubled is found under its own name."""
    data = with_everything(random_inputs(4), 4)
    plan = plan_of(data)
    doubled = {
        "profit_tax": "ledger line profit_tax",
        "deferred_tax": "ledger line deferred_tax",
        "overheads": "ledger line overheads",
        "coins_held": "ledger line coins_held",
        "coins_at_end": "ledger line coins_at_end",
    }
    for line, check in doubled.items():
        assert check in {each.check for each in findings(_doubled(plan, line), data)}, line


def test_a_tax_refund_for_losses_is_found() -> None:
    """Income taken out of the tax, as if losses had been carried from nowhere."""
    data = with_everything(random_inputs(4), 4)
    plan = plan_of(data)
    richer = replace(data, opening_loss_usd=data.opening_loss_usd + 500.0)
    assert "ledger line profit_tax" in {each.check for each in findings(plan, richer)}


def test_faults_of_loans_are_found() -> None:
    """Interest forgotten, more drawn than is lent, and a line that the study knows nothing of."""
    data = buying()
    plan = plan_of(data)
    assert findings(plan, data) == []
    for line in ("loan_interest", "loan_principal", "loan_drawn"):
        found = {each.check for each in findings(_doubled(plan, line), data)}
        assert "what is paid on loans does not follow from what was drawn" in found
    tight = replace(data, loan_max_usd=np.array([600.0]))
    assert {each.check for each in findings(plan, tight)} == {"more drawn than the lenders give"}
    tight = replace(data, loan_share=np.array([[0.6]]))
    assert {each.check for each in findings(plan, tight)} == {
        "more drawn than is lent for the month's orders"
    }
    ledger = plan.ledger.assign(line=plan.ledger.line.replace({"loan_fees": "gift", "loan_left": "gift"}))
    ledger = ledger.assign(line=ledger.line.replace({"loan_interest": "gift"}))
    found = {each.check for each in findings(replace(plan, ledger=ledger), data)}
    assert "a ledger line that nothing explains" in found


def _doubled(plan: PlanTables, line: str) -> PlanTables:
    is_line: Any = plan.ledger.line == line
    assert is_line.any(), line
    amounts = plan.ledger.amount_usd.where(~is_line, 2.0 * plan.ledger.amount_usd)
    return replace(plan, ledger=plan.ledger.assign(amount_usd=amounts))
