"""Tax and books of a study with two companies, from `solve` to the workbook: all say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from optimizer import solve
from optimizer.plan import Plan
from optimizer.statements import AT_END, notes, statement
from optimizer.workbook import write_workbook
from tests.core.test_workbook import AGREE, computed, rows_of
from tests.prepare.studies import BASE, small
from tests.prepare.test_money import OWN, RU, TEXAS, TX

pytestmark = pytest.mark.filterwarnings("ignore:.*PuLP 4.0.*:DeprecationWarning")
OFFER = {
    **{key: BASE["fleet"][0][key] for key in ("hashrate_ths", "power_w", "mass_kg", "uptime_share")},
    **{"id": "new", "resale_usd_per_ths": 8, "price_usd_per_ths": 8, "deliver_to": ["US"]},
    **{"lead_time_weeks": 0, "max_machines": 20, "to": "2027-02"},
}
LOT = {**BASE["fleet"][0], "id": "texan", "site": "pecos", "count": 30, "book_value_usd": 300}
CHANGES: dict[str, Any] = {
    "horizon__months": 14,
    "sites__1": {**TEXAS, "max_power_kw": 300},
    "entities": [{**RU, "losses_usd": 9000}, {**TX, "jurisdictions": ["US"]}],
    "tax": {"regimes": [{**OWN, "loss_use_share": 0.5}, {**OWN, "jurisdiction": "US-TX", "rate_share": 0.1}]},
    "fleet__0__book_value_usd": 1200,
    "fleet__1": LOT,
    "purchases": [OFFER],
    "sales__allowed": True,
    "end_value__haircut_share": 0.2,
    "tariffs__cheap__energy_usd_per_kwh": 0.03,
    "market__machine_price_decline_share_per_year": 0.3,
    "currency": {"reporting": "KZT", "fx": {"KZT": {"per_usd": 500, "date": "2026-12-15", "source": "any"}}},
}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve(small(**CHANGES))


@pytest.fixture(scope="module")
def written(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(plan, tmp_path_factory.mktemp("books") / "money.xlsx")


@pytest.fixture(scope="module")
def values(written: Path) -> dict[tuple[str, str], Any]:
    return computed(written)


def test_the_table_of_tax_is_the_ledger_s(plan: Plan) -> None:
    """Years add up to the tax paid, the row of what is left is the deferred tax, company by company."""
    table = plan.tables["tax"]
    is_end = table.tax_year == AT_END
    assert is_end.sum() == 2
    for rows, line in ((table[~is_end], "profit_tax"), (table[is_end], "deferred_tax")):
        booked = -plan.ledger[plan.ledger.line == line].groupby("entity").amount_usd.sum()
        told = rows.groupby("entity").tax_usd.sum()
        assert {"ru", "tx"} == set(booked.index) == set(told.index)
        assert told.to_dict() == pytest.approx(booked.to_dict())


def test_profit_before_tax_is_after_depreciation_and_leads_to_the_tax(plan: Plan) -> None:
    """Profit of the statement, company by company, is what the tax is reckoned from, relocation and all.

    Without the table of books it would be too high by everything that is written off.
    """
    income = statement(plan.tables, "income", "entity").set_index("key")
    table = plan.tables["tax"][plan.tables["tax"].tax_year != AT_END]
    taxed = (table.profit_usd + table.depreciation_usd).groupby(table.entity).sum()
    for company in ("ru", "tx"):
        assert income[company].before_tax == pytest.approx(taxed[company])
        assert income[company].depreciation < 0
    assert income.total.before_tax < income.total.ebitda


def test_depreciation_stands_at_the_sites(plan: Plan) -> None:
    """A hundred machines with 1,200 in the books over 60 months: 2,000 a month at home, where all stand."""
    book = plan.tables["book"]
    assert (book.site != "").all()
    first = book[(book.site == "home") & (book.period == "2027-01") & (book.line == "depreciation")]
    assert first.amount_usd.sum() == pytest.approx(-100 * 1200 / 60)
    by_site = statement(plan.tables, "income", "site").set_index("key").loc["depreciation"]
    assert by_site["home"] < 0
    assert by_site["pecos"] < 0


def test_deferred_tax_has_its_account(plan: Plan) -> None:
    """It is left at the horizon; not under other, not a line of the user's own."""
    cash = statement(plan.tables, "cash").set_index("key")
    assert "deferred_tax" in cash.index
    assert not cash.loc["deferred_tax"].label.startswith("Other")
    assert not any("user's own" in note for note in notes(plan.tables))


def test_figures_before_tax_add_both_taxes_back(plan: Plan) -> None:
    """The worth of all other lines."""
    others = plan.ledger[~plan.ledger.line.isin(["profit_tax", "deferred_tax", "legal_risk"])]
    assert plan.kpis.npv_before_tax_usd == pytest.approx(others.present_value_usd.sum())


def test_the_sheet_of_tax_is_recomputed(
    plan: Plan, written: Path, values: dict[tuple[str, str], Any]
) -> None:
    """MAX(0, ...) x rate by formula is the engine's tax, what is left included, in tenge."""
    page = openpyxl.load_workbook(written)["Tax"]
    rows = [cell.row for cell in page["C"] if cell.value == "base"]
    assert len(rows) == len(plan.tables["tax"]) == 6
    assert [values["TAX", f"K{row}"] for row in rows] == [0] * 6
    due = [values["TAX", f"I{row}"] for row in rows]
    assert due == pytest.approx((plan.tables["tax"].tax_usd * 500).to_list())
    assert any(abs(each) > 1 for row, each in zip(rows, due, strict=True) if page[f"B{row}"].value == AT_END)


def test_the_workbook_agrees(plan: Plan, written: Path, values: dict[tuple[str, str], Any]) -> None:
    """All figures, before tax too, and rates of return; moves and purchases in tenge."""
    assert values["SUMMARY", "A4"] == AGREE
    summary = rows_of(written, "Summary", values)
    for label in ("Net present value before tax", "Return on the fleet before tax"):
        assert summary[label][4] == 0
    page = openpyxl.load_workbook(written)["Moves"]
    row = next(cell.row for cell in page["B"] if cell.value == "new")
    assert values["MOVES", f"H{row}"] == pytest.approx(plan.purchases.cost_usd.iloc[0] * 500)
    assert "KZT" in page["A2"].value


def test_a_study_without_tax_says_so(tmp_path: Path) -> None:
    """The sheet says it, and shows no empty table."""
    plan = solve(small())
    book = openpyxl.load_workbook(write_workbook(plan, tmp_path / "plain.xlsx"))
    assert [cell.value for cell in book["Tax"]["A"]][-1].startswith("No profit tax is counted")
    assert any("no profit tax is counted" in note for note in notes(plan.tables))
    assert np.allclose(plan.kpis.npv_before_tax_usd, plan.kpis.npv_usd)


def test_a_tax_without_books_counts_what_sales_fetch_as_profit() -> None:
    """Machines deducted when bought have no book value: sold, all that they fetch is profit, and taxed."""
    at_once = {"regimes": [{**OWN, "machines": {"method": "at_once"}}]}
    plan = solve(
        small(tax=at_once, sales={"allowed": True, "fee_share": 0.0}, tariffs__cheap__energy_usd_per_kwh=0.2)
    )
    assert plan.kpis.sold_machines == 100
    income = statement(plan.tables, "income").set_index("key").total
    assert income.before_tax == pytest.approx(100_000 - 1000)
    assert plan.kpis.profit_tax_usd == pytest.approx(0.2 * 99_000)
    assert not any("before depreciation" in note for note in notes(plan.tables))
