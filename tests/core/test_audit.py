"""The independent check: silent on a sound plan, and every kind of fault found under its own name.

The plan is that of ``busy()``: two old machines go from `home` to `away`, five new ones are bought to it,
four old ones are sold from `far`, `away` is opened in m2 and `far` is built up by 2.4 kW.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.audit import Finding, audit
from optimizer.extract import tables
from optimizer.inputs import Inputs
from optimizer.pipeline import build
from optimizer.plan_tables import PlanTables
from optimizer.solvers import Options
from optimizer.whole_machines import rounded
from tests.core.answers import answer
from tests.core.instances import busy, quiet

Edit = Callable[[PlanTables], PlanTables]


@pytest.fixture(scope="module")
def data() -> Inputs:
    return busy()


@pytest.fixture(scope="module")
def sound(data: Inputs) -> tuple[PlanTables, float]:
    """The best plan in whole machines, and its objective."""
    found = answer(data)
    whole, why = rounded(found.lp, data, found.plan, found.solution, Options())
    assert whole is not None, why
    return tables(found.lp, data, found.plan, whole.values), whole.objective


def checks(found: list[Finding]) -> set[str]:
    return {finding.check for finding in found}


# --- edits ------------------------------------------------------------------------------------------------


def where(table: pd.DataFrame, **labels: str) -> pd.Series:
    chosen = pd.Series(True, index=table.index)
    for column, label in labels.items():
        chosen &= table[column] == label
    assert chosen.any(), labels
    return chosen


def put(name: str, column: str, value: object, **labels: str) -> Edit:
    """One cell of a table replaced, or changed by a function of what it was."""

    def edit(plan: PlanTables) -> PlanTables:
        table = getattr(plan, name).copy()
        rows = where(table, **labels)
        before = table.loc[rows, column]
        table.loc[rows, column] = value(before) if callable(value) else value
        return replace(plan, **{name: table})

    return edit


def add(name: str, **cells: Any) -> Edit:
    """A copy of the table's first row with other cells, at the end."""

    def edit(plan: PlanTables) -> PlanTables:
        table = getattr(plan, name)
        row = table.iloc[[0]].assign(**cells)
        return replace(plan, **{name: pd.concat([table, row], ignore_index=True)})

    return edit


def drop(name: str, **labels: str) -> Edit:
    def edit(plan: PlanTables) -> PlanTables:
        table = getattr(plan, name)
        return replace(plan, **{name: table[~where(table, **labels)].reset_index(drop=True)})

    return edit


def both(*edits: Edit) -> Edit:
    def edit(plan: PlanTables) -> PlanTables:
        for each in edits:
            plan = each(plan)
        return plan

    return edit


def more(by: float) -> Callable[[pd.Series], pd.Series]:
    return lambda before: before + by


OLD_HOME = {"lot": "old", "site": "home"}
FAULTS: dict[str, tuple[Edit, str]] = {
    "a machine vanishes": (
        put("placement", "machines", 7.0, **OLD_HOME, period="m3"),
        "machines do not add up",
    ),
    "a machine appears": (
        put("placement", "machines", more(1), lot="new", period="m4"),
        "machines do not add up",
    ),
    "a lot's row is lost": (drop("placement", **OLD_HOME, period="m2"), "machines do not add up"),
    "more leave than stood": (
        put("moves", "machines", 11.0, from_site="home"),
        "more machines leave than stood there",
    ),
    "more run than stand": (
        put("running", "machines", 9.0, **OLD_HOME, period="m1"),
        "more machines run than stand there",
    ),
    "arrivals run all month": (
        put("running", "machines", 3.0, lot="new", period="m2"),
        "more machines run than stand there",
    ),
    "runs at a closed, empty site": (
        add("running", site="away", period="m1"),
        "more machines run than stand there",
    ),
    "runs at a sanctioned site": (add("running", site="far", period="m4"), "machines run against the law"),
    "arrives at a sanctioned site": (
        add("moves", to_site="far", corridor="home>far", leaves="m3", arrives="m4"),
        "machines arrive at a sanctioned place",
    ),
    "new load under a moratorium": (
        put("running", "machines", 8.0, site="far", period="m3"),
        "new load under a moratorium",
    ),
    "a connection overdrawn": (
        put("running", "machines", 8.2, **OLD_HOME, period="m1"),
        "a connection is overdrawn",
    ),
    "over the group's cap": (
        put("running", "machines", more(1.6), **OLD_HOME, period="m3"),
        "a group's power is overdrawn",
    ),
    "too many on a site": (
        put("placement", "machines", 8.0, lot="new", period="m3"),
        "more machines than racks",
    ),
    "too much in one place": (
        put("placement", "machines", 200.0, lot="old", site="far", period="m2"),
        "too much in one place",
    ),
    "arrives early": (put("moves", "arrives", "m1", from_site="home"), "a move does not follow its corridor"),
    "goes by another road": (
        put("moves", "corridor", "far>away", from_site="home"),
        "a move does not follow its corridor",
    ),
    "ends elsewhere than its road": (
        put("moves", "to_site", "far", from_site="home"),
        "a move does not follow its corridor",
    ),
    "delivered early": (put("purchases", "arrives", "m1", ordered="m1"), "a purchase outside its offer"),
    "a lot that nobody offers": (
        put("purchases", "lot", "old", ordered="m1"),
        "a purchase outside its offer",
    ),
    "ordered too late to come": (put("purchases", "ordered", "m4"), "a purchase outside its offer"),
    "bought beyond the offer": (put("purchases", "machines", 3.0), "more bought than offered"),
    "bought beyond a month's offer": (
        put("purchases", "machines", 4.0, ordered="m1"),
        "more bought in a period than offered",
    ),
    "sold beyond the market": (put("sales", "machines", 3.0, period="m3"), "more sold than the market takes"),
    "a crew takes out too many": (
        put("moves", "machines", 7.0, from_site="home"),
        "a crew takes out too many",
    ),
    "a crew puts in too many": (
        both(put("moves", "machines", 4.0), put("purchases", "machines", 3.5, arrives="m2")),
        "a crew puts in too many",
    ),
    "stands at a closed site": (
        put("openings", "is_open", 0.0, site="away", period="m3"),
        "machines at a closed site",
    ),
    "opened without opening": (
        put("openings", "opens", 0.0, site="away", period="m2"),
        "opening and closing do not add up",
    ),
    "open for too few": (put("openings", "is_open", 1.0, site="away", period="m1"), "below the minimum size"),
    "closed within its term": (
        put("openings", "is_open", 0.0, site="away", period="m3"),
        "closed within its minimum term",
    ),
    "draws what was not built": (
        put("openings", "built_kw", 0.0, site="far", period="m1"),
        "more power drawn than built",
    ),
    "a negative count": (put("moves", "machines", -2.0), "negative machines"),
    "a fraction of a machine": (put("moves", "machines", 1.5), "a fraction of a machine"),
    "a missing number": (put("running", "energy_kwh", np.nan, site="far"), "a number is missing"),
    "a missing count": (put("placement", "machines", np.nan, site="far"), "a number is missing"),
    "an unknown site": (put("moves", "to_site", "atlantis"), "unknown name 'atlantis' in the tables"),
    "revenue inflated": (
        put("ledger", "amount_usd", lambda usd: usd * 1.001, line="hash_revenue"),
        "ledger line hash_revenue",
    ),
    "a cost line dropped": (drop("ledger", line="freight"), "ledger line freight"),
    "a cost in the wrong month": (put("ledger", "period", "m2", line="freight"), "ledger line freight"),
    "a cost at the wrong site": (put("ledger", "site", "home", line="site_fixed"), "ledger line site_fixed"),
    "a wrong sign": (put("ledger", "amount_usd", abs, line="purchases"), "ledger line purchases"),
    "income from nowhere": (
        add("ledger", line="grants", amount_usd=5.0, present_value_usd=5.0),
        "a ledger line that nothing explains",
    ),
    "a wrong present value": (
        put("ledger", "present_value_usd", more(1.0), line="freight"),
        "a present value is not amount times discount",
    ),
    "capital beyond its cap": (
        put("ledger", "amount_usd", lambda usd: 2 * usd, line="purchases"),
        "more capital spent than allowed",
    ),
    "cash below its floor": (
        put("ledger", "amount_usd", lambda usd: 3 * usd, line="purchases"),
        "cash below its floor",
    ),
}


# --- tests ------------------------------------------------------------------------------------------------


def test_a_sound_plan_has_no_findings(data: Inputs, sound: tuple[PlanTables, float]) -> None:
    """Nothing to say about a plan that moves, buys, sells, opens, builds and curtails."""
    plan, objective = sound
    assert audit(plan, data, objective, is_whole=True) == []
    assert (len(plan.moves), len(plan.purchases), len(plan.sales)) == (1, 2, 2)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_by_name(fault: str, data: Inputs, sound: tuple[PlanTables, float]) -> None:
    """One table edited; a check that looked at something else would leave its name out."""
    edit, check = FAULTS[fault]
    plan, objective = sound
    assert check in checks(audit(edit(plan), data, objective, is_whole=True))


def test_an_objective_that_is_not_the_ledger_is_found(data: Inputs, sound: tuple[PlanTables, float]) -> None:
    """One dollar more on 5,775 than the ledger adds up to."""
    plan, objective = sound
    assert checks(audit(plan, data, objective + 1.0, is_whole=True)) == {"the ledger is not the objective"}


def test_running_where_no_machine_can_is_found(data: Inputs, sound: tuple[PlanTables, float]) -> None:
    """The same plan against inputs in which `home` has no hour that pays in m1."""
    plan, objective = sound
    closed = data.can_run.copy()
    closed[:, 0, :, 0] = False
    found = audit(plan, replace(data, can_run=closed), objective, is_whole=True)
    assert checks(found) == {"machines run where none can"}


def test_running_through_a_ban_is_found(data: Inputs, sound: tuple[PlanTables, float]) -> None:
    """The law of the place closes m1 at `home` altogether."""
    plan, objective = sound
    share = data.allowed_share.copy()
    share[0, 0] = 0.0
    found = audit(plan, replace(data, allowed_share=share), objective, is_whole=True)
    assert checks(found) == {"machines run against the law"}


def test_a_fraction_is_no_fault_of_a_plan_in_fractions(data: Inputs, sound: tuple[PlanTables, float]) -> None:
    """The programme's own optimum holds fractions, is a little better, and is sound as what it is."""
    found = answer(data)
    plan = tables(found.lp, data, found.plan, found.solution.values)
    assert audit(plan, data, found.value_usd, is_whole=False) == []
    assert checks(audit(plan, data, found.value_usd, is_whole=True)) == {"a fraction of a machine"}
    assert found.value_usd > sound[1]


def test_a_finding_says_where_and_how_much(data: Inputs, sound: tuple[PlanTables, float]) -> None:
    """What is there, what it should be, and the worst place: a reader must be able to look it up."""
    plan, objective = sound
    broken = put("placement", "machines", 7.0, lot="old", site="home", period="m4")(plan)
    told = [str(finding) for finding in audit(broken, data, objective, is_whole=True)]
    assert "machines do not add up at base, old, home, m4: 7, expected 8" in told


def test_an_empty_plan_of_an_empty_fleet_is_sound() -> None:
    """No machine, no row in any table: no finding, and no error on empty tables."""
    data = quiet(start_machines=0.0)
    lp, plan = build(data)
    assert audit(tables(lp, data, plan, np.zeros(len(lp.upper))), data, 0.0, is_whole=True) == []


# --- figures beside the counts ----------------------------------------------------------------------------

BESIDE: dict[str, tuple[Edit, str]] = {
    "bitcoin inflated": (
        put("running", "mined_btc", lambda btc: 2 * btc),
        "mined_btc does not follow from the machines",
    ),
    "energy halved": (
        put("running", "energy_kwh", lambda kwh: 0.5 * kwh),
        "energy_kwh does not follow from the machines",
    ),
    "hashrate inflated": (
        put("running", "hashrate_ths", lambda ths: 2 * ths, lot="old", site="far", period="m1"),
        "hashrate_ths does not follow from the machines",
    ),
    "power at the meter": (
        put("running", "meter_kw", lambda kw: 0.5 * kw, site="home"),
        "meter_kw does not follow from the machines",
    ),
    "hours": (
        put("running", "run_hours", more(1.0), site="home"),
        "run_hours does not follow from the machines",
    ),
    "end value called cash": (put("ledger", "is_cash", True, line="end_value"), "is_cash is wrong"),
    "upkeep called no cash": (put("ledger", "is_cash", False, line="maintenance"), "is_cash is wrong"),
    "a purchase that is not capital": (
        put("ledger", "is_capital", False, line="purchases"),
        "is_capital is wrong",
    ),
}


@pytest.mark.parametrize("fault", BESIDE)
def test_a_figure_beside_the_counts_is_found(
    fault: str, data: Inputs, sound: tuple[PlanTables, float]
) -> None:
    """KPIs, the screen and the cash floor are read from these columns, which no row of the model holds."""
    edit, check = BESIDE[fault]
    plan, objective = sound
    assert checks(audit(edit(plan), data, objective, is_whole=True)) == {check}


UNSEEN: dict[str, Edit] = {
    "the cost of a move": put("moves", "cost_usd", 1.0),
    "the cost of a purchase": put("purchases", "cost_usd", 1.0),
    "the income of a sale": put("sales", "income_usd", 1.0),
    "a site open by half": both(
        put("openings", "is_open", lambda share: 0.5 * share),
        put("openings", "opens", lambda share: 0.5 * share),
        *(
            put("ledger", "amount_usd", lambda usd: 0.5 * usd, line=line)
            for line in ("site_fixed", "site_opening", "deposits")
        ),
    ),
}


@pytest.mark.parametrize("fault", UNSEEN)
def test_money_beside_the_moves_is_found(fault: str, data: Inputs, sound: tuple[PlanTables, float]) -> None:
    """A move shown at 1 USD, a site open by half at half its cost: what a reader sees must be audited too."""
    plan, objective = sound
    found = checks(audit(UNSEEN[fault](plan), data, objective, is_whole=True))
    assert found - {"the ledger is not the objective", "a present value is not amount times discount"}
