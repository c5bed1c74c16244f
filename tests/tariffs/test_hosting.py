"""Hosting: the bill, the deposit, and what is handed to the site and to the value of a machine."""

from __future__ import annotations

import pytest

from optimizer.tariffs import Hosting
from optimizer.tariffs.bill import TOTAL
from tests.tariffs.contracts import contract, lines, months, refused

HOSTING = """
kind: hosting
rate_usd_per_kwh: 7.2 c/kWh
levy_usd_per_kwh: 1 USD/MWh
deposit_months: 2
min_term_months: 24
guaranteed_uptime_share: 0.95
uptime_credit_usd_per_kwh: 3 c/kWh
profit_share: 0.15
host_credit_share: 0.5
"""


def hosted(text: str) -> Hosting:
    made = contract(text)
    assert isinstance(made, Hosting)
    return made


def test_the_bill() -> None:
    """350 kW for the 672 hours of February 2027, 235,200 kWh: at 7.2 c 16,934.40, the levy 235.20."""
    made = lines(HOSTING, months("2027-02"), 350.0)[0]
    assert (made["energy"], made["levy"], made[TOTAL]) == (16_934.40, 235.20, 17_169.60)


def test_the_deposit_is_two_mean_months_at_full_load() -> None:
    """2 x 730.5 h x 7.3 c = 106.653 USD per kW; without the levy 105.192, with months of 720 hours 105.12."""
    assert hosted(HOSTING).deposit_usd_per_kw == pytest.approx(106.653)


def test_a_deposit_per_kw_is_taken_as_it_is() -> None:
    """Text with its unit is converted as in any other key, and nothing stated is nothing."""
    assert (
        hosted(HOSTING.replace("deposit_months: 2", "deposit_usd_per_kw: 0.06 M USD/MW")).deposit_usd_per_kw
        == 60.0
    )
    assert hosted(HOSTING.replace("deposit_months: 2\n", "")).deposit_usd_per_kw == 0.0
    assert hosted(HOSTING).min_term_months == 24


def test_what_the_host_takes_and_promises() -> None:
    """Handed on as they are: the profit share is not a line of the power bill."""
    terms = hosted(HOSTING).power_price(months("2027-02")).hosting
    assert terms is not None
    assert (terms.profit_share, terms.credit_share) == (0.15, 0.5)
    assert (terms.guaranteed_share, terms.uptime_credit_usd_per_kwh) == (0.95, 0.03)


def test_what_is_written_can_be_read_again() -> None:
    """The deposit has another name inside; what is dumped must still be a contract."""
    made = hosted(HOSTING.replace("deposit_months: 2", "deposit_usd_per_kw: 60"))
    assert Hosting.model_validate(made.model_dump()) == made


def test_two_deposits_and_a_credit_for_nothing() -> None:
    _, told, _ = refused(f"{HOSTING}deposit_usd_per_kw: 60")
    assert "states its deposit twice" in told
    _, told, what_to_do = refused(HOSTING.replace("guaranteed_uptime_share: 0.95\n", ""))
    assert "promises none" in told
    assert "guaranteed_uptime_share" in what_to_do
