"""Plans with everything that statements and the workbook read, and ledgers written by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd

from optimizer.baselines import stay_put
from optimizer.extract import tables
from optimizer.inputs import Inputs
from optimizer.kpis import change, kpis
from optimizer.pipeline import build, solve_inputs
from optimizer.plan import Alternative, Plan
from optimizer.plan_tables import COLUMNS, PlanTables
from optimizer.solvers import Options
from optimizer.statements import money_tables

NOT_CASH = ("end_value", "coins_at_end", "loan_left", "deferred_tax", "legal_risk", "own_paper")
CAPITAL = ("purchases", "sales", "building", "freight", "own_capital")
SITES = {
    "site": ["here", "there"],
    "jurisdiction": ["AA", "BB"],
    "entity": ["one", "two"],
    "region": ["", ""],
}
PERIODS = ("2027-11", "2027-12", "2028-01")
DISCOUNT = (1.0, 0.5, 0.25)


def solved(data: Inputs) -> Plan:
    """The best plan for some arrays, with the clock and the cash of staying put."""
    plan = solve_inputs(data)
    return replace(plan, tables={**plan.tables, **money_tables(found_in(plan), stayed(data), data, ())})


def stayed(data: Inputs) -> dict[str, PlanTables]:
    """Staying put, by its name."""
    lp, decisions = build(data)
    return {"stay put": tables(lp, data, decisions, stay_put(lp, data, decisions, Options()).values)}


def found_in(plan: Plan) -> PlanTables:
    """The tables that a plan's figures are made from."""
    return PlanTables(**{name: plan.tables[name] for name in COLUMNS})


def with_ledger(plan: Plan, ledger: pd.DataFrame, data: Inputs, **more: pd.DataFrame) -> Plan:
    """The same plan with other money, its figures made anew; staying put keeps its own."""
    found, others = replace(found_in(plan), ledger=ledger[list(COLUMNS["ledger"])]), stayed(data)
    fresh = {**plan.tables, "ledger": found.ledger, **money_tables(found, others, data, ()), **more}
    compared = tuple(
        Alternative(name, kpis(other, data), change(found, other, data)) for name, other in others.items()
    )
    return replace(plan, tables=fresh, kpis=kpis(found, data), alternatives=compared)


def by_hand(*rows: tuple[Any, ...], scenarios: dict[str, float] | None = None) -> dict[str, pd.DataFrame]:
    """Tables from rows (line, amount, site, period number, entity, scenario); the rest is the first."""
    standard = ("hash_revenue", 0.0, "here", 0, None, "base")
    owner = dict(zip(SITES["site"], SITES["entity"], strict=True))
    ledger = []
    for row in rows:
        line, amount, site, period, entity, scenario = (*row, *standard[len(row) :])
        odds = (scenarios or {"base": 1.0})[scenario]
        ledger.append(
            {
                "scenario": scenario,
                "entity": entity or owner[site],
                "site": site,
                "period": PERIODS[period],
                "line": line,
                "amount_usd": float(amount),
                "present_value_usd": amount * odds * DISCOUNT[period],
                "is_cash": line not in NOT_CASH,
                "is_capital": line in CAPITAL,
            }
        )
    odds = scenarios or {"base": 1.0}
    clock = {"period": PERIODS, "first_day": [f"{each}-01" for each in PERIODS]}
    return {
        "ledger": pd.DataFrame(ledger, columns=list(COLUMNS["ledger"])),
        "periods": pd.DataFrame(
            {**clock, "year": [2027, 2027, 2028], "months": 1.0, "days": 30.0, "discount_share": DISCOUNT}
        ),
        "scenarios": pd.DataFrame({"scenario": list(odds), "probability": list(odds.values())}),
        "sites": pd.DataFrame(SITES),
    }


def labelled(frame: pd.DataFrame) -> SimpleNamespace:
    """A statement as attributes: the total of each row."""
    return SimpleNamespace(
        **{str(key): float(total) for key, total in zip(frame.key, frame.total, strict=True)}
    )
