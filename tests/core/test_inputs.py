"""What comes in as bare arrays is checked before anything is built on it."""

from typing import Any

import numpy as np
import pytest

from optimizer.inputs import Inputs
from tests.core.instances import changed, on_the_road, quiet

NAN, INF = np.nan, np.inf


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (
            "max_power_kw",
            np.ones((3, 2)),
            r"inputs\.max_power_kw has shape \(3, 2\); its axes \(s, m\) are \(2, 3\)",
        ),
        ("revenue_usd", np.ones((1, 2, 1, 3)), "its axes \\(w, l, s, p, m\\)"),
        ("can_run", np.ones((1, 2, 3), dtype=bool), r"inputs\.can_run has shape"),
        ("site_region", ("XX",), r"inputs\.site_region has shape \(1,\)"),
        ("revenue_usd", np.full((1, 1, 2, 1, 3), NAN), r"inputs\.revenue_usd holds 6 NaN"),
        ("max_power_kw", np.full((2, 3), NAN), r"inputs\.max_power_kw holds 6 NaN"),
        ("freight_usd", np.full((1, 2), INF), "only limits may be infinite"),
        (
            "start_machines",
            np.array([[-1.0, 0.0]]),
            r"inputs\.start_machines holds -1; it cannot be negative",
        ),
        ("max_machines", np.array([-1.0, 9.0]), "cannot be negative"),
    ],
)
def test_arrays_that_cannot_be_are_named(name: str, value: Any, told: str) -> None:
    """A transposed array of another shape, a gap, a minus: caught here, or solved as something else."""
    data = quiet()
    with pytest.raises(ValueError, match=told):
        Inputs(**(vars(data) | {name: value}))


def test_limits_may_be_infinite_and_energy_may_be_paid_for() -> None:
    """No limit is an infinite one, and a negative price of power is a price."""
    data = quiet(max_power_kw=INF, energy_usd=-5.0)
    assert np.isinf(data.max_power_kw).all()


def test_margin_takes_off_every_cost_of_running() -> None:
    """100 - 2 - 40 - 5 - 3 - 9 - 4 = 37, as the lines of the ledger do one by one."""
    costs = {"pool_fee_usd": 2, "energy_usd": 40, "delivery_usd": 5, "levy_usd": 3, "hosting_usd": 9}
    assert (quiet(**costs, site_opex_usd=4).margin_usd == 37.0).all()


@pytest.mark.parametrize(
    "terms",
    [
        {"fixed_usd": [[0.0], [1.0]]},
        {"opening_usd": [0.0, 1.0]},
        {"exit_usd": [0.0, 1.0]},
        {"deposit_usd": [0.0, 1.0]},
        {"min_power_kw": [0.0, 1.0]},
        {"min_term_periods": [[0], [2]]},
    ],
)
def test_a_site_with_any_price_of_being_open_is_a_yes_or_no(terms: dict[str, Any]) -> None:
    """Each of the six alone; one that is forgotten would never be charged."""
    assert quiet(**terms).needs_opening.tolist() == [False, True]


def test_a_term_of_one_month_binds_nobody() -> None:
    """Open in a month is open for a month: no whole number is needed to say so."""
    assert not quiet(min_term_periods=1).needs_opening.any()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"probability": [0.5]}, "probability"),  # every figure is halved
        ({"opening_cash_usd": NAN}, "opening_cash_usd"),  # no budget at all
        ({"min_cash_usd": NAN}, "min_cash_usd"),
        ({"hub_of_site": [0, 2]}, "hub_of_site"),  # there are two hubs
        ({"corridor_to": [1, 2]}, "corridor_to"),
        ({"arrival_period": [0, 1, 3]}, "arrival_period"),  # past the horizon
        ({"arrival_period": [0, 0, 1]}, "arrival_period"),  # arrives before it leaves
        ({"arrival_class": 1}, "arrival_class"),
        ({"lost_share": 1.5}, "lost_share"),  # arrivals take others out of service
        ({"sites": ("home", "home")}, "sites"),  # tables could not tell them apart
    ],
)
def test_numbers_that_lead_nowhere_are_named(changes: dict[str, Any], name: str) -> None:
    """An index off by one is an IndexError deep inside or, worse, the last place."""
    with pytest.raises(ValueError, match=rf"inputs\.{name}"):
        changed(quiet(), **changes)


def test_roads_of_the_tests_lead_somewhere() -> None:
    """What the instances of these tests themselves say: nothing arrives past the horizon."""
    due = quiet(**on_the_road(3, 2)).arrival_period
    assert due.tolist() == [[2, -1, -1]] * 2
