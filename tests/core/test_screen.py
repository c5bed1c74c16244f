"""What the screen says: sums on their own scale, lines of contracts and lenders, limits, dust in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.errors import Infeasible
from optimizer.pipeline import solve_inputs
from optimizer.plan import Plan
from optimizer.prices import binding
from optimizer.screen import _exactness, _own_money, _return, _rounding_loss, rendered
from optimizer.story import Story
from tests.core.instances import on_offer, quiet


def shown(plan: Plan) -> str:
    return " ".join(rendered(plan).split())


def moved(**changes: Any) -> Plan:
    """Ten machines; `away` earns 10 a month more each, moving costs 5 each: 3 x 100 - 50 = 250 USD."""
    revenue = np.full((1, 1, 2, 1, 3), 100.0)
    revenue[:, :, 1] = 110.0
    return solve_inputs(quiet(revenue_usd=revenue, freight_usd=5.0, **changes))


# --- the headline -----------------------------------------------------------------------------------------


def test_a_gain_has_its_own_scale() -> None:
    """250 USD beside a plan of 3,250; in thousands it would be +0.25 k, in millions nothing."""
    assert "Against staying put this plan is worth +250 USD today" in shown(moved())
    plan = replace(moved(), story=Story(currency="CAD", units_per_usd=2.0))
    assert _own_money(plan, 9_999.0) == "20.00 k CAD"
    assert _own_money(plan, -1_500_000.0, sign=True) == "-3.00 m CAD"


def test_where_nothing_is_gained_staying_put_is_best() -> None:
    """Not '+0 USD today'."""
    text = shown(solve_inputs(quiet()))
    assert "Staying put is the best plan: nothing is gained" in text
    assert "Against staying put" not in text


def test_a_rate_beyond_a_thousand_per_cent_is_left_out() -> None:
    """50 USD that bring 100 a month back: the months tell, the rate does not."""
    plan = moved()
    gain = replace(
        plan.alternatives[0].gain, irr_share_per_year=63.0, payback_months=0.5, lowest_cash_usd=-50.0
    )
    text = shown(replace(plan, alternatives=(replace(plan.alternatives[0], gain=gain),)))
    assert "is back after 0.5 months." in text
    gain = replace(gain, irr_share_per_year=0.63)
    text = shown(replace(plan, alternatives=(replace(plan.alternatives[0], gain=gain),)))
    assert "is back after 0.5 months, 63% a year." in text


def test_dust_is_told_in_words() -> None:
    assert _exactness(0.0) == "to the last digit"
    assert _exactness(3e-9) == "to 3e-09"
    assert _rounding_loss(-1e-12) == "whole machines cost nothing"
    assert _rounding_loss(0.0123) == "whole machines cost 1.2300%"
    assert [_return(each) for each in (None, 0.5, 63.0)] == ["no one rate", "50%", "over 1,000%"]


# --- the comparison ---------------------------------------------------------------------------------------


def test_the_row_before_the_risk_charge_needs_a_charge() -> None:
    """Without one it repeats the row above it."""
    assert "legal-risk charge" not in shown(moved())
    assert "before the legal-risk charge" in shown(moved(legal_risk_usd=1.0))


def test_lines_of_contracts_and_lenders() -> None:
    """7 USD/kW on ten kW and 40 USD, three months long; what is nothing has no line."""
    charge = {"demand_charges": ("home: plain 1",), "demand_usd_per_kw": 7.0}
    data = quiet(sites=1, standing_charge_usd=40.0, is_signed=True, **charge)
    text = rendered(solve_inputs(data))
    lines = {" ".join(line.split()[:-2]): line.split()[-2:] for line in text.splitlines() if line.strip()}
    assert lines["Demand charges"] == ["-0.21", "-0.21"]
    assert lines["Standing charges"] == ["-0.12", "-0.12"]
    assert "Coincident-peak" not in text
    assert "power and money by line" in text


def test_a_plain_study_has_no_block_of_lines() -> None:
    assert "power and money by line" not in rendered(moved())


def test_loans_and_coins_are_lines() -> None:
    """Half of ten orders at 20 USD is lent and owed at the end; a tenth of what is mined is kept."""
    coins = {"treasury_share": 0.1, "mined_btc": 0.001, "end_btc_price_usd": 200_000.0}
    bank = {"loans": ("bank",), "loan_max_usd": 1e6, "loan_share": 0.5, "loan_can_draw": True}
    data = quiet(sites=1, **on_offer(3, order_usd=20.0), **coins, **bank, loan_left_share=0.9)
    text = rendered(solve_inputs(data))
    assert "Loans drawn" in text
    assert "Loans owed at the end" in text
    assert "Coins kept, at the end" in text


# --- the limits -------------------------------------------------------------------------------------------


def test_money_for_money_is_the_same_in_any_currency() -> None:
    """A dollar more of cash that is worth 0.42 USD is 0.42 CAD per CAD, not 0.59 CAD per dollar."""
    plan = moved()
    row = {"limit": "cash", "where": "", "first": "m1", "last": "m1", "periods": 1}
    bound = plan.binding.iloc[:0].copy()
    bound.loc[0] = {**row, "worth_usd_per_unit": 0.42, "unit": "USD"}
    bound.loc[1] = {**row, "worth_usd_per_unit": 10.0, "unit": "kW"}
    cad = replace(
        plan, story=Story(currency="CAD", units_per_usd=1.4), tables={**plan.tables, "binding": bound}
    )
    text = shown(cad)
    assert "0.42 CAD per CAD" in text
    assert "14 CAD per kW" in text
    assert "periods at the limit, and what one more is worth, over the plan" in text


def test_periods_at_the_limit_are_those_in_which_it_is_used_up() -> None:
    """A limit that is full in all three months but priced in one: three periods, the worth of the one."""
    table = pd.DataFrame(
        {
            "scenario": "base",
            "site": ["home"] * 3 + ["away"] * 3,
            "period": ["m1", "m2", "m3"] * 2,
            "limit": [5.0] * 6,
            "used": [5.0, 5.0, 5.0, 0.0, 0.0, 5.0],
            "worth_usd": [0.0, 300.0, 0.0, 0.0, 0.0, 0.0],
            "unit": "kW",
            "binds": [False, True, False, False, False, False],
        }
    )
    (row,) = binding({"site_power": table}).to_dict("records")
    assert (row["where"], row["first"], row["last"], row["periods"]) == ("home", "m1", "m3", 3)
    assert row["worth_usd_per_unit"] == pytest.approx(300.0)


def test_what_megawatts_are_shown_is_said() -> None:
    assert "Where machines run: MW that those in service draw at the meter" in shown(moved())


# --- no plan ----------------------------------------------------------------------------------------------


def test_what_drains_the_cash_is_named() -> None:
    """500 a month of overheads and 100 to the owners against 300 of cash: no limit says so by itself."""
    data = quiet(
        sites=1, revenue_usd=0.0, overhead_usd=500.0, opening_cash_usd=300.0, cash_in_usd=[-100.0, 0.0, 0.0]
    )
    with pytest.raises(Infeasible) as caught:
        solve_inputs(data)
    assert "overheads and licences 1,500 USD, money paid out to the owners 100 USD" in str(caught.value)
