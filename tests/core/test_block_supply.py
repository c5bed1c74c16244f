"""Power bought ahead: the first kWh of a block of hours cost less."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.blocks.supply import supply
from tests.core.answers import answer, same
from tests.core.instances import changed, in_blocks, quiet
from tests.core.printed import line, model_of, rows

BOUGHT = {"supply_kwh": 3000.0, "supply_discount_usd_per_kwh": 0.02}
MONTH = {"sites": 1, "periods": 1}


def test_no_more_is_supplied_than_drawn() -> None:
    """A column up to what was bought, a row that holds it to the draw, a line of income."""
    lp = model_of(quiet(**MONTH, **BOUGHT), supply)
    supplied = "supplied_kwh[base, home, all hours, m1]"
    assert rows(lp, "supplied_kwh") == [
        f"{supplied}: -720 running[base, old, home, normal, m1] +{supplied} <= 0"
    ]
    assert line(lp, "supply_credits") == [f"base, home, m1: +0.02 {supplied}"]
    assert lp.upper[lp.variables["supplied_kwh"][1].ravel()].tolist() == [3000]


def test_only_the_first_kwh_cost_less() -> None:
    """Ten draw 7,200 kWh, 3,000 of them at 2 cents less: 1,000 + 60; for all of them it would be 1,144."""
    assert same(answer(quiet(**MONTH, **BOUGHT)).value_usd, 1060)


def test_what_is_not_drawn_gives_nothing() -> None:
    """Three draw 2,160: 300 + 43.20, not 300 + 60."""
    assert same(answer(quiet(**MONTH, **BOUGHT, start_machines=3.0)).value_usd, 343.2)


def test_machines_run_as_far_as_the_supply_reaches() -> None:
    """Power at 110 against 100: a loss, but for 14.40 on supplied kWh. 3,000 / 720 machines run at +4.40."""
    found = answer(quiet(**MONTH, **BOUGHT, energy_usd=110.0))
    assert found.running(0) == [pytest.approx(3000 / 720, abs=1e-5)]
    assert same(found.value_usd, 3000 / 720 * 4.4)


def test_every_block_has_its_own_supply() -> None:
    """2,000 kWh in block 1 alone, which draws 1,800: 36 USD; over the month it would be 40, block 2 none."""
    data = in_blocks(quiet(**MONTH), [True], np.array([0.25, 0.75])[None, :, None])
    bought = np.array([0.0, 2000.0, 0.0])[None, :, None]
    data = changed(data, supply_kwh=bought, supply_discount_usd_per_kwh=0.02)
    assert same(answer(data).value_usd, 1036)


def test_a_supply_without_a_discount_is_no_column() -> None:
    """Nothing to decide: what is not taken is sold back for the same."""
    assert "supplied_kwh" not in model_of(quiet(supply_kwh=3000.0), supply).variables
