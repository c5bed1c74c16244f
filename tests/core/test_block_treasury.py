"""Coins that are kept: out of cash when mined, worth their price at the end, taxed when mined."""

import numpy as np
import pytest

from optimizer.blocks.treasury import treasury
from tests.core.answers import answer, same
from tests.core.instances import quiet
from tests.core.printed import model_of

COINS = {"mined_btc": 0.001, "treasury_share": [0.5, 0.2, 0.0], "end_btc_price_usd": 150_000.0}


def test_kept_coins_leave_cash_and_count_at_the_end() -> None:
    """0.01 BTC a month, worth 1,000: half of m1 and a fifth of m2 are kept, 0.007 BTC, 1,050 at the end.

    3,000 - 700 + 1,050. Counted at the price of the day they were mined it would be 3,000.
    """
    found = answer(quiet(sites=1, **COINS))
    assert found.money("coins_held") == [-500, -200, 0]
    assert found.money("coins_at_end") == pytest.approx([0, 0, 1050])
    assert same(found.value_usd, 3350)


def test_kept_coins_pay_no_bills() -> None:
    """500 of cash income in m1 against 600 of upkeep: the purse of 100 is emptied."""
    short = quiet(sites=1, **COINS, maintenance_usd=60.0, opening_cash_usd=100.0)
    assert answer(short).of("cash_balance")[0] == pytest.approx([0, 200, 600])


def test_kept_coins_are_taxed_when_they_are_mined() -> None:
    """25 % of the full 1,000 each month; what they gain until the end, 350, is taxed later: 87.5.

    Counted when sold, the first year's tax would be 125.
    """
    data = quiet(
        sites=1,
        **COINS,
        discount=0.99 ** np.arange(3),
        tax_years=("y1", "y2", "y3"),
        year_share=np.eye(3),
        tax_paid_in=[0, 1, 2],
        tax_rate_share=0.25,
    )
    found = answer(data)
    assert found.money("profit_tax") == pytest.approx([-250, -250, -250])
    assert found.money("deferred_tax") == pytest.approx([0, 0, -87.5])


def test_without_a_treasury_there_is_no_line() -> None:
    """Every coin is sold."""
    assert not model_of(quiet(), treasury).ledger
