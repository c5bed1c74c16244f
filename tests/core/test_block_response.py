"""Machines that run under an offer to be switched off for pay."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.blocks.response import response
from tests.core.answers import answer, same
from tests.core.instances import quiet
from tests.core.printed import line, model_of, rows


def offered(**changes: Any) -> dict[str, Any]:
    """Under the offer a machine earns 90 instead of 100, and 25 for being ready."""
    return {
        "sites": 1,
        "periods": 1,
        "profiles": 2,
        "profile_is_response": np.array([False, True]),
        "revenue_usd": [[100.0], [90.0]],
        "credit_usd": [[0.0], [25.0]],
        **changes,
    }


def test_enrolled_power_is_limited_and_its_credit_a_line() -> None:
    """kW at the meter of the machines under the offer alone."""
    lp = model_of(quiet(**offered(meter_kw=2.0, response_max_kw=8.0)), response)
    enrolled = "running[base, old, home, eco, m1]"
    assert rows(lp, "response") == [f"response[base, home, m1]: +2 {enrolled} <= 8"]
    assert line(lp, "response_credits") == [f"base, home, m1: +25 {enrolled}"]


def test_as_many_are_enrolled_as_the_grid_takes() -> None:
    """4 kW: 4 x 115 + 6 x 100 = 1,060. All of them would make 1,150, none 1,000."""
    found = answer(quiet(**offered(response_max_kw=4.0)))
    assert same(found.value_usd, 1060)
    assert same(found.price("response", 0, 0, 0), 15.0)


def test_two_kw_a_machine_take_twice_the_room() -> None:
    """4 kW are two machines: 2 x 115 + 8 x 100."""
    assert same(answer(quiet(**offered(response_max_kw=4.0, meter_kw=2.0))).value_usd, 1030)


def test_an_offer_that_does_not_pay_is_left() -> None:
    """A credit of 5 for a loss of 10: nobody enrols; without a limit either."""
    found = answer(quiet(**offered(credit_usd=[[0.0], [5.0]])))
    assert found.money("response_credits") == [0]
    assert same(found.value_usd, 1000)


def test_what_a_host_pays_back_needs_no_offer() -> None:
    """A credit on a plain profile, for hours without power: a line, and no limit on it."""
    found = answer(quiet(sites=1, periods=1, credit_usd=3.0, response_max_kw=0.0))
    assert same(found.value_usd, 1030)
