"""What the cheapest power is, peaks and demand counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optimizer.baselines import _demand_usd_per_kwh
from optimizer.pipeline import solve_inputs
from optimizer.plan import Plan
from tests.core.instances import quiet


def cheapest(plan: Plan) -> float:
    """Its worth."""
    return next(each.kpis.value_usd for each in plan.alternatives if each.name == "cheapest power")


def by_site(home: float, away: float) -> np.ndarray:
    return np.array([[[[[home] * 3], [[away] * 3]]]]).reshape(1, 1, 2, 1, 3)


def test_peaks_count_and_credits_count_against_them() -> None:
    """Away is 10 cheaper by its hours, and has peaks of 30: ten machines stay, 3 x 10 x 60 = 1,800.

    By hours alone all go there and earn 3 x 10 x 40 = 1,200. With a credit of 40 they are right to go.
    """
    terms: dict[str, Any] = {"energy_usd": by_site(40.0, 30.0), "peak_usd": by_site(0.0, 30.0)}
    assert cheapest(solve_inputs(quiet(**terms))) == pytest.approx(1800)
    with_credit = quiet(**terms, credit_usd=by_site(0.0, 40.0))
    assert cheapest(solve_inputs(with_credit)) == pytest.approx(2400)


def test_demand_counts_at_full_load() -> None:
    """14 USD/kW over 720 hours of a month of 30 days; away is 10 cheaper by its hours: 4 dearer in all.

    Without it they go: 3 x 10 x (100 - 30 - 14) = 1,680 instead of 1,800.
    """
    charge: dict[str, Any] = {
        "demand_charges": ("away: plain 1",),
        "demand_site": 1,
        "demand_usd_per_kw": 14.0,
    }
    data = quiet(energy_usd=by_site(40.0, 30.0), **charge)
    assert _demand_usd_per_kwh(data) == pytest.approx(np.array([[0.0] * 3, [14 / 720] * 3]))
    assert cheapest(solve_inputs(data)) == pytest.approx(1800)


def test_demand_of_hours_that_are_not_run_in_costs_nothing() -> None:
    """The window has none of the blocks in which machines run."""
    charge: dict[str, Any] = {
        "demand_charges": ("away: peak 1",),
        "demand_site": 1,
        "demand_usd_per_kw": 14.0,
    }
    data = quiet(energy_usd=by_site(40.0, 30.0), **charge, demand_window=False)
    assert not _demand_usd_per_kwh(data).any()


def test_half_a_month_by_law_doubles_what_a_kwh_bears() -> None:
    """The kW is billed the same: 14 over 360 hours."""
    charge: dict[str, Any] = {"demand_charges": ("home: plain 1",), "demand_usd_per_kw": 14.0}
    data = quiet(sites=1, **charge, allowed_share=0.5)
    assert _demand_usd_per_kwh(data) == pytest.approx(np.array([[14 / 360] * 3]))
