"""The ledger as income statement, cash flow and tax: by hand, and every total the ledger's own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optimizer.accounts import ACCOUNTS, CASH, INCOME, WORTH, Section
from optimizer.extract import tables
from optimizer.pipeline import build
from optimizer.statements import COMPANY, SEVERAL, Across, expected, is_left, money_tables, notes, statement
from tests.core.answers import answer
from tests.core.instances import busy, quiet
from tests.core.money import NOT_CASH, by_hand, labelled

CUTS: tuple[Across, ...] = ("period", "year", "site", "jurisdiction", "entity")
YEAR_BY_HAND = (
    ("hash_revenue", 1000),
    ("pool_fees", -20),
    ("energy", -400),
    ("response_credits", 30),
    ("maintenance", -60),
    ("freight", -50),
    ("loan_interest", -40, "", 0, "one"),
    ("profit_tax", -90, "", 2, "one"),
    ("purchases", -300),
    ("loan_drawn", 200, "", 0, "one"),
    ("loan_principal", -70, "", 1, "one"),
    ("coins_held", -100),
    ("end_value", 150, "here", 2),
    ("coins_at_end", 110, "", 2, "one"),
    ("loan_left", -130, "", 2, "one"),
    ("legal_risk", -15),
)


def test_an_income_statement_by_hand() -> None:
    """1,000 - 20 = 980; less 370 power 610; less 60 and 50 EBITDA 500; less 40 interest 460; less 90 tax 370.

    Loans drawn or coins kept in the profit would make it 570 or 270.
    """
    found = labelled(statement(by_hand(*YEAR_BY_HAND), "income"))
    assert (found.revenue, found.power, found.gross_margin) == (980, -370, 610)
    assert (found.ebitda, found.before_tax, found.net_profit) == (500, 460, 370)


def test_a_cash_flow_by_hand() -> None:
    """500 - 90 tax - 100 kept = 310; -300; 200 - 70 - 40 = 90; in all 100; worth 100 + 130 - 15."""
    found = labelled(statement(by_hand(*YEAR_BY_HAND), "cash"))
    assert (found.from_operating, found.investing, found.financing) == (310, -300, 90)
    assert (found.net_cash, found.left, found.worth) == (100, 130, 215)


def test_months_and_years() -> None:
    """November and December 2027 are one year; the total is over both."""
    told = by_hand(
        ("hash_revenue", 1, "here", 0), ("hash_revenue", 2, "here", 1), ("hash_revenue", 4, "here", 2)
    )
    months, years = statement(told, "income").iloc[0], statement(told, "income", "year").iloc[0]
    assert list(months[3:]) == [1, 2, 4, 7]
    assert list(years[3:]) == [3, 4, 7]
    assert list(years.index[3:]) == [2027, 2028, "total"]


def test_a_company_with_one_home_pays_there_and_one_with_two_nowhere() -> None:
    """Tax of `one`, whose only site is in AA, is AA's; of `two`, which has another in CC, nobody's alone."""
    told = by_hand(
        ("profit_tax", -5, "", 0, "one"), ("profit_tax", -7, "", 0, "two"), ("energy", -1, "there")
    )
    told["sites"] = pd.concat(
        [told["sites"], pd.DataFrame({"site": ["third"], "jurisdiction": ["CC"], "entity": ["two"]})]
    )
    tax = statement(told, "income", "jurisdiction").set_index("key").loc["profit_tax"]
    assert (tax["AA"], tax[SEVERAL]) == (-5, -7)
    site = statement(told, "income", "site").set_index("key").loc["profit_tax"]
    assert (site["there"], site[COMPANY]) == (0, -12)


def test_scenarios_are_expected() -> None:
    """3/4 of 100 and 1/4 of 200 are 125; their plain sum is 300."""
    told = by_hand(
        ("hash_revenue", 100, "here", 0, None, "low"),
        ("hash_revenue", 200, "here", 0, None, "high"),
        scenarios={"low": 0.75, "high": 0.25},
    )
    assert labelled(statement(told, "income")).net_profit == 125


def test_lines_of_ones_own_are_named_and_counted() -> None:
    """Cash goes to profit, capital to investing, what is no cash to what is left; none is dropped."""
    told = by_hand(("hash_revenue", 10), ("watchman", -1), ("own_capital", -2), ("own_paper", 4))
    income, cash = statement(told, "income"), statement(told, "cash")
    assert labelled(income).other == labelled(income).watchman == -1
    assert labelled(cash).investing == labelled(cash).own_capital == -2
    assert labelled(cash).left == labelled(cash).own_paper == 4
    assert labelled(cash).worth == 11
    assert "Other: watchman" in set(income.label)
    assert any("watchman, own_capital, own_paper" in note for note in notes(told))


def test_book_values_change_profit_and_no_cash() -> None:
    """100 - 30 written off, and a machine sold for 50 that stood at 20: 100; the sale alone would make 80.

    Cash is 150 with and without.
    """
    told = by_hand(("hash_revenue", 100), ("sales", 50))
    assert "depreciation" not in set(statement(told, "income").key)
    assert any("before depreciation" in note for note in notes(told))
    place = {"scenario": "base", "entity": "one", "site": "here", "period": "2027-11"}
    lines = {"depreciation": -30.0, "book_value_sold": -20.0}
    told["book"] = pd.DataFrame([{**place, "line": line, "amount_usd": usd} for line, usd in lines.items()])
    income, cash = labelled(statement(told, "income")), labelled(statement(told, "cash"))
    assert (income.ebitda, income.book, income.net_profit) == (100, 0, 100)
    assert (income.depreciation, income.book_value_sold, income.sales) == (-30, -20, 50)
    assert (cash.net_cash, cash.worth) == (150, 150)
    assert not any("before depreciation" in note for note in notes(told))


def test_depreciation_is_not_what_is_left() -> None:
    """End value 40 and tax on it -8 are left; the lines of the books, though not cash, are not."""
    told = by_hand(("end_value", 40), ("deferred_tax", -8, "", 2, "one"), ("energy", -5), ("legal_risk", -3))
    row = {"scenario": "base", "entity": "one", "site": "here", "period": "2027-11", "line": "depreciation"}
    told["book"] = pd.DataFrame([row | {"amount_usd": -30.0}])
    ledger = expected(told)
    assert ledger[is_left(ledger)].amount_usd.sum() == 32


@pytest.mark.parametrize(
    ("lines", "has_years", "has_books", "said", "not_said"),
    [
        ((), False, False, ("no book values", "no profit tax is counted"), ("when it is paid", "falls due")),
        ((), True, True, ("those of the tax", "no profit tax falls due"), ("no book values", "is counted")),
        ((), True, False, ("nothing is written off", "no profit tax falls due"), ("no book", "is counted")),
        (("profit_tax",), True, True, ("those of the tax", "tax stands in the"), ("falls due", "left is")),
        (("profit_tax",), False, False, ("nothing is written off", "not after tax accrued"), ("is counted",)),
        (("deferred_tax",), True, True, ("falls due", "not in net profit"), ("is counted", "no book")),
    ],
)
def test_notes_are_true_of_every_combination(
    lines: tuple[str, ...],
    has_years: bool,
    has_books: bool,
    said: tuple[str, ...],
    not_said: tuple[str, ...],
) -> None:
    """Tax that is counted and not due, or due only on what is left, is not "no profit tax"."""
    told = by_hand(("hash_revenue", 10), *((line, -1, "", 2, "one") for line in lines))
    told["tax"] = pd.DataFrame({"entity": ["one"] * has_years})
    row = {"scenario": "base", "entity": "one", "site": "here", "period": "2027-11", "line": "depreciation"}
    told["book"] = pd.DataFrame([row | {"amount_usd": -3.0}] * has_books, columns=[*row, "amount_usd"])
    notes_told = "; ".join(notes(told))
    assert all(each in notes_told for each in said), notes_told
    assert not any(each in notes_told for each in not_said), notes_told


def test_no_money_is_a_statement_of_nothing() -> None:
    """An empty ledger has results and no lines."""
    found = statement(by_hand(), "cash")
    assert set(found.kind) == {"result"}
    assert found.total.sum() == 0


@pytest.mark.parametrize("seed", range(6))
def test_every_total_is_the_ledgers(seed: int) -> None:
    """Whatever lines there are, and however they are cut, net cash and worth are plain sums of the ledger."""
    draw = np.random.default_rng(seed)
    lines = [account.line for account in ACCOUNTS] + ["watchman", "own_capital", "own_paper"]
    lines = [line for line in lines if line not in ("depreciation", "book_value_sold")]
    rows = [
        (
            str(draw.choice(lines)),
            float(draw.normal()),
            site,
            int(draw.integers(3)),
            "one" if site == "here" else "two",
        )
        for site in ("here", "there", "") * 40
    ]
    told = by_hand(*rows)
    ledger = told["ledger"]
    for by in CUTS:
        cash = statement(told, "cash", by).set_index("key")
        assert cash.total.net_cash == pytest.approx(ledger[ledger.is_cash].amount_usd.sum(), abs=1e-9)
        assert cash.total.worth == pytest.approx(ledger.amount_usd.sum(), abs=1e-9)
    sums = ledger.groupby("period").amount_usd.sum()
    by_period = statement(told, "cash").set_index("key").loc["worth"]
    for period, amount in sums.items():
        assert by_period[period] == pytest.approx(amount, abs=1e-9)


def test_every_line_of_the_model_has_an_account() -> None:
    """A block's new line must be given its place; it would stand under *other* until then."""
    lp, _ = build(busy())
    known = {account.line: account for account in ACCOUNTS}
    assert set(lp.ledger) <= set(known)
    for name, line in lp.ledger.items():
        in_worth = {"left", "risk"} & set(known[name].sections)
        assert bool(in_worth) == (not line.is_cash), name


def test_every_account_is_in_cash_or_worth_once() -> None:
    """Twice would count money double; nowhere would lose it."""
    assert (
        len({account.line for account in ACCOUNTS})
        == len({account.number for account in ACCOUNTS})
        == len(ACCOUNTS)
    )
    in_ebitda = {"revenue", "power", "operating", "relocation", "other"}
    below = {part.key for part in (*CASH, *WORTH) if isinstance(part, Section)}
    for account in ACCOUNTS:
        places = (in_ebitda | below) & set(account.sections)
        assert len(places) == (0 if account.line in ("depreciation", "book_value_sold") else 1), account.line
    assert {part.key for part in INCOME if isinstance(part, Section)} >= in_ebitda
    assert set(NOT_CASH) - {"own_paper"} == {
        account.line for account in ACCOUNTS if {"left", "risk"} & set(account.sections)
    }


def test_the_clock_and_the_cash_of_the_others() -> None:
    """Ten machines earn 1,000 a month and are worth 40 each at the end; month 13 is of year 2."""
    data = quiet(sites=1, periods=3, period_months=[6.0, 6.0, 1.0], end_value_usd=40.0)
    found = answer(data)
    made = money_tables(
        (plan := tables(found.lp, data, found.plan, found.solution.values)),
        {"stay put": plan, "none": None},
        data,
        (),
    )
    assert list(made["periods"].year) == [1, 1, 2]
    flows = made["cash_flows"]
    assert list(flows.plan.unique()) == ["stay put"]
    assert list(flows.cash_usd) == pytest.approx([1000, 1000, 1000])
    assert list(flows.left_usd) == pytest.approx([0, 0, 400])
    assert list(flows.tax_usd) == [0, 0, 0]
