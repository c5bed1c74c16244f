"""The workbook, computed by an independent engine (``formulas``): it agrees with the plan, or says so."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import formulas
import numpy as np
import openpyxl
import pandas as pd
import pytest

from optimizer.inputs import Inputs
from optimizer.plan import Plan
from optimizer.statements import statement
from optimizer.workbook import source, write_workbook
from tests.core.instances import busy, changed, quiet
from tests.core.money import solved, with_ledger

pytestmark = pytest.mark.filterwarnings("ignore:.*PuLP 4.0.*:DeprecationWarning")
TENGE = 500.0
AGREE = "All figures agree with the engine."


def computed(path: Path) -> dict[tuple[str, str], Any]:
    """Every cell's value by sheet and place, as the independent engine has it; no cached value is read."""
    with redirect_stderr(StringIO()):  # its progress bar
        found = formulas.ExcelModel().loads(str(path)).finish().calculate()
    cells = {}
    for name, cell in found.items():
        place, _, address = str(name).rpartition("!")
        if ":" not in address and hasattr(cell, "value"):
            cells[place.strip("'").rpartition("]")[2], address] = cell.value[0, 0]
    return cells


def rows_of(path: Path, sheet: str, values: Mapping[tuple[str, str], Any]) -> dict[str, list[Any]]:
    """Rows by the text in their first column: what stands in the others, computed."""
    page = openpyxl.load_workbook(path)[sheet]
    return {
        str(row[0].value).strip(): [values.get((sheet.upper(), cell.coordinate)) for cell in row[1:]]
        for row in page.iter_rows()
        if row[0].value
    }


def in_tenge(plan: Plan) -> Plan:
    """Reported at 500 KZT for one USD."""
    return replace(plan, story=replace(plan.story, currency="KZT", units_per_usd=TENGE))


@pytest.fixture(scope="module")
def data() -> Inputs:
    middle = np.array([0.5, 1.5, 2.5, 4.5])
    months = {"period_months": [1.0, 1.0, 1.0, 3.0], "period_days": [30.0, 30.0, 30.0, 90.0]}
    return changed(busy(), **months, discount=1.1 ** (-middle / 12))


PLACES = {  # names that a condition of a spreadsheet reads as a pattern and as a comparison
    "site": ["A*", "AB", ">0"],
    "jurisdiction": ["XX", "XX", "YY"],
    "entity": ["one", "two", "two"],
}
MORE_MONEY = (
    ("m1", "loan_drawn", 500.0, True),
    ("m2", "loan_interest", -20.0, True),
    ("m3", "profit_tax", -90.0, True),
    ("m4", "loan_left", -480.0, False),
    ("m2", "=watch*man", -7.0, True),
)
TAXES = {
    **{"scenario": "base", "entity": "two", "tax_year": "2027", "profit_usd": 1200.0},
    **{"depreciation_usd": -200.0, "loss_used_usd": 550.0, "rate_share": 0.2, "tax_usd": 90.0},
}


@pytest.fixture(scope="module")
def plan(data: Inputs) -> Plan:
    """Two companies, three sites, tax, a loan, a line of the user's own, in tenge."""
    plain = solved(data)
    ledger = plain.ledger.assign(
        site=plain.ledger.site.map(dict(zip(data.sites, PLACES["site"], strict=True)))
    )
    ledger["entity"] = ledger.site.map(dict(zip(PLACES["site"], PLACES["entity"], strict=True)))
    worth = dict(zip(data.periods, data.discount, strict=True))
    more = pd.DataFrame(MORE_MONEY, columns=["period", "line", "amount_usd", "is_cash"])
    more["present_value_usd"] = more.amount_usd * more.period.map(worth)
    more = more.assign(scenario="base", entity="two", site="", is_capital=False)
    both = pd.concat([ledger, more], ignore_index=True)
    tables = {"sites": pd.DataFrame(PLACES), "tax": pd.DataFrame([TAXES])}
    return in_tenge(with_ledger(plain, both, data, **tables))


@pytest.fixture(scope="module")
def written(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(plan, tmp_path_factory.mktemp("workbook") / "money.xlsx")


@pytest.fixture(scope="module")
def values(written: Path) -> dict[tuple[str, str], Any]:
    return computed(written)


def formulas_in(path: Path) -> Iterator[tuple[str, str]]:
    for page in openpyxl.load_workbook(path):
        for row in page.iter_rows():
            yield from ((page.title.upper(), cell.coordinate) for cell in row if cell.data_type == "f")


def test_every_formula_has_a_number(written: Path, values: dict[tuple[str, str], Any]) -> None:
    """No #REF!, #NAME? or #DIV/0! anywhere; a sheet that was renamed would show them by the hundred."""
    asked = list(formulas_in(written))
    assert len(asked) > 500
    for place in asked:
        assert isinstance(values[place], float | int) or values[place] == AGREE, (place, values[place])


def test_every_difference_to_the_engine_is_nothing(
    plan: Plan, written: Path, values: dict[tuple[str, str], Any]
) -> None:
    """And there are many of them, with the worth of the plan among them, in tenge."""
    rows = rows_of(written, "Summary", values)
    checked = {label: row for label, row in rows.items() if isinstance(row[4], float | int)}
    assert len(checked) > 20
    assert {label: row[4] for label, row in checked.items() if row[4] != 0} == {}
    assert values["SUMMARY", "A4"] == AGREE
    assert rows["Worth today"][2] == pytest.approx(plan.kpis.value_usd * TENGE)
    assert rows["Cost of a bitcoin, all in"][2] == pytest.approx(plan.kpis.all_in_cost_usd_per_btc * TENGE)
    assert rows["Return on the fleet"][1] == "after tax"


@pytest.mark.parametrize(
    ("sheet", "by", "name"),
    [
        ("Income statement", "period", "income"),
        ("Cash flow", "period", "cash"),
        ("By site", "site", "income"),
        ("By jurisdiction", "jurisdiction", "cash"),
    ],
)
def test_sheets_are_the_statements(
    plan: Plan, written: Path, values: dict[tuple[str, str], Any], sheet: str, by: Any, name: Any
) -> None:
    """Every row and column in tenge; the total stands in the third column."""
    rows = rows_of(written, sheet, values)
    expected = statement(plan.tables, name, by)
    columns = [column for column in expected.columns[3:] if column != "total"]
    for row in expected.to_dict("records"):
        shown = rows[row["label"]]
        assert shown[1] == pytest.approx(row["total"] * TENGE, abs=1e-6), row["label"]
        own = [row[column] * TENGE for column in columns]
        begin = len(shown) - len(own)
        assert shown[begin:] == pytest.approx(own, abs=1e-6), row["label"]


def test_rate_and_ledger_are_live(tmp_path: Path) -> None:
    """1,000 a month at 44% a year instead of 21%, and one dollar more in the ledger: all of it is seen.

    1,001 x 1.44^(-1/24) + 1,000 x 1.44^(-1/8) = 1,941.2; copied values would stay at 1,968.7.
    """
    data = quiet(sites=1, periods=2, discount=[1.21 ** (-1 / 24), 1.21 ** (-1 / 8)])
    written = write_workbook(solved(data), tmp_path / "money.xlsx")
    book = openpyxl.load_workbook(written)
    assert book["Assumptions & sources"]["B6"].value == pytest.approx(0.21)
    book["Assumptions & sources"]["B6"] = 0.44
    assert book["Ledger"]["A6"].value == 1
    book["Ledger"]["K6"] = book["Ledger"]["K6"].value + 1.0
    book.save(tmp_path / "moved.xlsx")
    moved = computed(tmp_path / "moved.xlsx")
    rows = rows_of(written, "Summary", moved)
    assert moved["SUMMARY", "A4"].startswith("FIGURES DIFFER")
    expected = 1001 * 1.44 ** (-1 / 24) + 1000 * 1.44 ** (-1 / 8)
    assert rows["Net present value"][2] == pytest.approx(expected)
    assert rows["Net present value"][4] == pytest.approx(expected - rows["Net present value"][3], abs=0.01)
    assert rows["Net cash"][4] == pytest.approx(1.0)


def test_tax_loans_companies_and_own_lines(
    plan: Plan, written: Path, values: dict[tuple[str, str], Any]
) -> None:
    """90 of tax, 7 of the user's own; 1,200 - 200 - 550 = 450 at 20% are 90; companies are told apart."""
    rows = rows_of(written, "Summary", values)
    assert rows["Net present value before tax"][2] == pytest.approx(plan.kpis.npv_before_tax_usd * TENGE)
    assert rows["Profit tax"][2] == pytest.approx(90 * TENGE)
    assert rows_of(written, "Income statement", values)["Other: =watch*man"][1] == pytest.approx(-7 * TENGE)
    by_company = rows_of(written, "By company", values)["Net cash"]
    cash = statement(plan.tables, "cash", "entity").set_index("key").loc["net_cash"]
    assert by_company[2:4] == pytest.approx([cash["one"] * TENGE, cash["two"] * TENGE])
    book = openpyxl.load_workbook(written)["Tax"]
    row = next(cell.row for cell in book["B"] if cell.value == "2027")
    found = [values["TAX", f"{column}{row}"] for column in "GHIJK"]
    assert found == pytest.approx([450 * TENGE, 0.2, 90 * TENGE, 90 * TENGE, 0])


def test_text_is_never_a_formula(tmp_path: Path) -> None:
    """Names that begin a formula, name an error or hold a control character are shown as they are."""
    names = ("=1+1", "+SUM(A1)", "-2", "@x", "#REF!", "bell\x07")
    data = changed(quiet(sites=1), sites=("=HYPERLINK(1)",), lots=names[:1])
    plan = solved(data)
    story = replace(plan.story, title="=cmd|' /C calc'!A0", notes=names)
    path = write_workbook(replace(plan, story=story), tmp_path / "text.xlsx")
    book = openpyxl.load_workbook(path)
    notes = [row[1] for row in book["Assumptions & sources"].iter_rows() if row[1].value in names]
    assert [cell.value for cell in notes] == list(names[:5])
    assert {cell.data_type for cell in notes} == {"s"}
    assert all(cell.quotePrefix for cell in notes[:4])
    assert book["Summary"]["A1"].data_type == "s"
    site = book["Ledger"]["G6"]
    assert (site.value, site.data_type, site.quotePrefix) == ("=HYPERLINK(1)", "s", True)


def test_nothing_leads_out_of_the_file(written: Path) -> None:
    """No external link, no connection, no macro; formulas are computed when it is opened."""
    with zipfile.ZipFile(written) as packed:
        names = " ".join(packed.namelist())
        workbook = packed.read("xl/workbook.xml").decode()
    for what in ("externalLink", "connections", "vbaProject"):
        assert what not in names
    assert 'fullCalcOnLoad="1"' in workbook


def test_sheets_are_fit_to_be_read(written: Path) -> None:
    """Panes stay, columns are wide enough, pages are landscape with their head repeated."""
    for page in openpyxl.load_workbook(written):
        assert page.freeze_panes, page.title
        assert page.page_setup.orientation == "landscape"
        assert page.print_title_rows
        assert page.column_dimensions["A"].width >= 9
    assert openpyxl.load_workbook(written)["Cash flow"]["D7"].number_format.startswith("#,##0")


def test_odd_periods_leave_the_rates_to_the_engine(tmp_path: Path) -> None:
    """A period of two months has its middle between months: no formula is better than a wrong one."""
    data = quiet(sites=1, period_months=[1.0, 2.0, 1.0], machine_value_usd=50.0)
    path = write_workbook(solved(data), tmp_path / "odd.xlsx")
    book = openpyxl.load_workbook(path)
    assert not any("IRR" in str(cell.value) for page in book for row in page.iter_rows() for cell in row)
    assert "rates are the engine's" in book["Returns"]["A4"].value


def test_a_long_ledger_is_written_by_month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, leaves the sheets by site out, and still agrees."""
    monkeypatch.setattr(source, "MOST_ROWS", 2)
    path = write_workbook(solved(quiet(periods=2, energy_usd=40.0)), tmp_path / "long.xlsx")
    book = openpyxl.load_workbook(path)
    assert not {"By site", "By jurisdiction"} & set(book.sheetnames)
    assert "too long" in book["Ledger"]["A2"].value
    assert computed(path)["SUMMARY", "A4"] == AGREE


def test_a_saved_plan_holds_its_workbook(plan: Plan, tmp_path: Path) -> None:
    """It is among the plan's own files, so that the next save may replace it."""
    target = plan.save(tmp_path / "plan")
    assert "money.xlsx" in (target / "manifest.json").read_text()
    Plan.load(plan.save(target)).save(tmp_path / "again")
    again = openpyxl.load_workbook(tmp_path / "again" / "money.xlsx")
    assert (
        again["Summary"]["D6"].value == openpyxl.load_workbook(target / "money.xlsx")["Summary"]["D6"].value
    )
