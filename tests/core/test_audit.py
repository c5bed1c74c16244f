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
from tests.core.instances import busy, changed, contracted, quiet

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


# --- power contracts --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def terms() -> Inputs:
    return contracted()


@pytest.fixture(scope="module")
def billed(terms: Inputs) -> tuple[PlanTables, float]:
    """The best plan under contracts, in whole machines, and its objective."""
    found = answer(terms)
    whole, why = rounded(found.lp, terms, found.plan, found.solution, Options())
    assert whole is not None, why
    return tables(found.lp, terms, found.plan, whole.values), whole.objective


def test_a_plan_under_contracts_has_no_findings(terms: Inputs, billed: tuple[PlanTables, float]) -> None:
    """Every line of a bill is there to be wrong: all that the next tests break is sound before."""
    plan, objective = billed
    assert audit(plan, terms, objective, is_whole=True) == []
    lines = set(plan.ledger[plan.ledger.amount_usd.abs() > 1].line)
    assert lines >= {*NEW_LINES}
    assert set(plan.sales.kind) == {"handed in", "sold"}


NEW_LINES = (
    *("firmware_fees", "peak_charges", "frictions", "supply_credits", "volume_charges", "demand_charges"),
    *("standing_charges", "minimum_bill", "response_credits", "import"),
)


@pytest.mark.parametrize("name", NEW_LINES)
@pytest.mark.parametrize("how", ["a thousandth more", "left out", "the other sign"])
def test_a_line_of_a_bill_that_is_wrong_is_found(
    name: str, how: str, terms: Inputs, billed: tuple[PlanTables, float]
) -> None:
    """Each under its own name: a line that the audit only trusts would pass."""
    plan, objective = billed
    edit = {
        "a thousandth more": put("ledger", "amount_usd", lambda usd: 1.001 * usd, line=name),
        "left out": drop("ledger", line=name),
        "the other sign": put("ledger", "amount_usd", lambda usd: -usd, line=name),
    }[how]
    assert f"ledger line {name}" in checks(audit(edit(plan), terms, objective, is_whole=True))


SERVED = {"lot": "old", "site": "home", "period": "m1"}
BROKEN: dict[str, tuple[Edit, str]] = {
    "more than an hourly limit": (
        put("running", "machines", 10 * 0.3, **SERVED, profile="normal, block 2"),
        "an hourly limit is overdrawn",
    ),
    "more in one block than stand there": (
        put("running", "machines", 13 * 0.7, **SERVED, profile="normal, block 1"),
        "more machines run than stand there",
    ),
    "in all hours of a site in blocks": (
        put("running", "profile", "normal", **SERVED, profile="normal, block 1"),
        "machines run where none can",
    ),
    "more enrolled than taken": (
        put("running", "machines", more(0.5), lot="old", period="m1", profile="normal enrolled"),
        "more kW offered than taken",
    ),
    "refurbished without one handed in": (
        drop("sales", period="m1"),
        "more refurbished than handed in",
    ),
    "handed in as another lot": (
        put("sales", "lot", "new", period="m2"),
        "more refurbished than handed in",
    ),
    "handed in elsewhere": (
        put("sales", "from_site", "home", period="m1"),
        "more refurbished than handed in",
    ),
    "handed in at another time": (put("sales", "period", "m3", period="m1"), "handed in for nothing"),
    "one more handed in": (put("sales", "machines", 3.0, period="m1"), "handed in for nothing"),
    "handed in and sold too": (
        put("sales", "kind", "sold", period="m1"),
        "more refurbished than handed in",
    ),
    "paid for what was handed in": (
        put("sales", "income_usd", 6.0, period="m1"),
        "income_usd does not follow from the machines",
    ),
    "bought to where they do not fit": (
        put("purchases", "to_site", "home", ordered="m1"),
        "machines come where they do not fit",
    ),
    "running where they do not fit": (
        add("running", lot="new", site="home", profile="normal, block 1", period="m1"),
        "machines run where none can",
    ),
    "no customs in the price of a purchase": (
        put("purchases", "cost_usd", 120.0, ordered="m1"),
        "cost_usd does not follow from the machines",
    ),
    "energy of the month in a block": (
        put("running", "energy_kwh", lambda kwh: kwh / 0.7, **SERVED, profile="normal, block 1"),
        "energy_kwh does not follow from the machines",
    ),
    "a bill called capital": (
        put("ledger", "is_capital", True, line="demand_charges"),
        "is_capital is wrong",
    ),
    "duty called no capital": (put("ledger", "is_capital", False, line="import"), "is_capital is wrong"),
    "a minimum bill called no cash": (
        put("ledger", "is_cash", False, line="minimum_bill"),
        "is_cash is wrong",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_plan_that_breaks_a_contract_is_found(
    fault: str, terms: Inputs, billed: tuple[PlanTables, float]
) -> None:
    """One table edited; the finding bears the name of what is broken."""
    edit, check = BROKEN[fault]
    plan, objective = billed
    assert check in checks(audit(edit(plan), terms, objective, is_whole=True))


def other(name: str, place: tuple[int, ...] | None, value: float) -> Callable[[Inputs], Inputs]:
    """Inputs in which one field has another value, everywhere or in one place."""

    def change(data: Inputs) -> Inputs:
        array = np.array(getattr(data, name))
        array[() if place is None else place] = value
        return changed(data, **{name: array})

    return change


SITE, AWAY = 0, 1
OTHER_TERMS: dict[str, tuple[Callable[[Inputs], Inputs], set[str]]] = {
    "a ratchet a month longer": (other("ratchet_until", (1, 0), 2), {"ledger line demand_charges"}),
    "a ratchet a month shorter": (other("ratchet_until", (1, 0), 0), {"ledger line demand_charges"}),
    "a month that does not count": (other("ratchet_until", (1, 0), -1), {"ledger line demand_charges"}),
    "another share remembered": (other("ratchet_share", (1,), 0.96), {"ledger line demand_charges"}),
    "a window of all hours": (other("demand_window", (0, 1), True), {"ledger line demand_charges"}),
    "a window without hours": (other("demand_window", (0, 2), False), {"ledger line demand_charges"}),
    "a price of the peak": (other("demand_usd_per_kw", (0, 1), 4.1), {"ledger line demand_charges"}),
    "a lower floor": (other("demand_floor_kw", (2,), 13.0), {"ledger line demand_charges"}),
    "another site's charge": (other("demand_site", (2,), 0), {"ledger line demand_charges"}),
    "more contracted": (other("contracted_kw", (1,), 11.0), {"ledger line demand_charges"}),
    "a price of the excess": (other("excess_usd_per_kw", (1,), 5.1), {"ledger line demand_charges"}),
    "a wider first step": (other("volume_step_kwh", (SITE, 0), 4100.0), {"ledger line volume_charges"}),
    "a dearer second step": (
        other("volume_step_usd_per_kwh", (SITE, 1), 0.021),
        {"ledger line volume_charges"},
    ),
    "more supplied": (other("supply_kwh", (SITE, 1), 1600.0), {"ledger line supply_credits"}),
    "less supplied": (other("supply_kwh", (SITE, 2), 1400.0), {"ledger line supply_credits"}),
    "a larger discount": (
        other("supply_discount_usd_per_kwh", (SITE, 1), 0.011),
        {"ledger line supply_credits"},
    ),
    "a standing charge": (other("standing_charge_usd", (SITE, 1), 21.0), {"ledger line standing_charges"}),
    "a larger minimum": (other("minimum_bill_usd", (AWAY, 1), 431.0), {"ledger line minimum_bill"}),
    "a minimum where none was": (
        other("minimum_bill_usd", (SITE, 1), 900.0),
        {"ledger line minimum_bill"},
    ),
    "a smaller offer": (other("response_max_kw", (AWAY,), 4.9), {"more kW offered than taken"}),
    "a lower limit": (other("block_cap_kw", (SITE, 2, 1), 8.9), {"an hourly limit is overdrawn"}),
    "another lot to hand in": (
        other("trade_in_lot", (1,), 1),
        {"more refurbished than handed in", "handed in for nothing"},
    ),
    "no place for it": (
        other("fits", (1, AWAY), False),
        {"machines come where they do not fit", "machines run where none can"},
    ),
}


@pytest.mark.parametrize("change", OTHER_TERMS)
def test_the_same_plan_under_other_terms_is_found(
    change: str, terms: Inputs, billed: tuple[PlanTables, float]
) -> None:
    """One term of a contract changed: the audit must read each of them, and nothing else must fail."""
    edit, expected = OTHER_TERMS[change]
    plan, objective = billed
    found = checks(audit(plan, edit(terms), objective, is_whole=True))
    assert found >= expected
    assert found - expected <= {"ledger line minimum_bill"}


def test_a_closed_site_owes_nothing() -> None:
    """`away` has a floor, a minimum and a standing charge, and never opens: no line, and no finding."""
    data = quiet(
        demand_charges=("peak",),
        demand_site=np.array([1]),
        demand_usd_per_kw=5.0,
        demand_floor_kw=6.0,
        minimum_bill_usd=[[0.0], [300.0]],
        standing_charge_usd=[[0.0], [50.0]],
    )
    found = answer(data)
    plan = tables(found.lp, data, found.plan, found.solution.values)
    assert set(plan.openings.is_open.round(9)) == {0.0}
    assert audit(plan, data, found.value_usd, is_whole=True) == []


def test_what_a_bill_counts_is_read_by_the_minimum(terms: Inputs, billed: tuple[PlanTables, float]) -> None:
    """A dollar more of each charge of the month is a dollar less of top-up; a host's fee is none."""
    plan, objective = billed
    for name in ("energy_usd", "delivery_usd", "levy_usd", "peak_usd"):
        dearer = changed(terms, **{name: getattr(terms, name) + 1.0})
        assert "ledger line minimum_bill" in checks(audit(plan, dearer, objective, is_whole=True)), name
    for name in ("hosting_usd", "site_opex_usd", "pool_fee_usd", "firmware_usd", "friction_usd"):
        dearer = changed(terms, **{name: getattr(terms, name) + 1.0})
        assert "ledger line minimum_bill" not in checks(audit(plan, dearer, objective, is_whole=True)), name


def test_money_of_the_owners_counts_in_the_cash() -> None:
    """Upkeep of 1,000 a month from 500, and 2,500 put in: 0 at the end. Without it 2,500 would be missing."""
    data = quiet(
        sites=1,
        revenue_usd=0.0,
        maintenance_usd=100.0,
        opening_cash_usd=500.0,
        cash_in_usd=np.array([500.0, 1000.0, 1000.0]),
    )
    found = answer(data)
    plan = tables(found.lp, data, found.plan, found.solution.values)
    assert audit(plan, data, found.value_usd, is_whole=False) == []
    less = replace(data, cash_in_usd=np.array([500.0, 1000.0, 999.0]))
    assert checks(audit(plan, less, found.value_usd, is_whole=False)) == {"cash below its floor"}
