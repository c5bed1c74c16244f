"""The arithmetic of mining and money, by hand and against brute force over single hours."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.economics import (
    breakeven_usd_per_kwh,
    cheapest_first,
    discount_factors,
    irr_share_per_year,
    payback_months,
)
from optimizer.prepare.roads import arrivals
from optimizer.sections.horizon import Horizon

PRICES = st.floats(-0.2, 0.4).map(lambda price: round(price, 3))


def monthly(*cash: float) -> np.ndarray:
    """Months at which yearly cash flows fall, one a year."""
    return 12.0 * np.arange(len(cash))


# --- break-even -------------------------------------------------------------------------------------------


def test_breakeven_by_hand() -> None:
    """An S21 at 17.5 J/TH burns 0.42 kWh per TH/s and day; at 0.05 USD a day that pays 0.119 USD/kWh.

    Forgetting the 24 hours gives 2.86, J for kJ 0.000119.
    """
    assert breakeven_usd_per_kwh(0.05, 17.5) == pytest.approx(0.05 / 0.42)


def test_breakeven_takes_arrays() -> None:
    """Twice the hashprice or half the J/TH is twice the break-even."""
    found = breakeven_usd_per_kwh(np.array([0.04, 0.08]), np.array([20.0, 20.0]))
    assert found.tolist() == pytest.approx([0.04 / 0.48, 0.08 / 0.48])


# --- hours that pay ---------------------------------------------------------------------------------------


def paid(price: np.ndarray, hours: np.ndarray, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hours, and the cost of a kW's energy, over the intervals that cost less than the level."""
    length, cost = cheapest_first(price, [hours, hours * price]).below(level)
    return length, cost


def test_hours_that_pay_by_hand() -> None:
    """Blocks of 10 h at 0.03, 5 h at 0.09 and 1 h at -0.02 against 0.05: 11 hours, 0.28 USD per kW.

    Running flat out costs 0.73; leaving out the negative hour gives 0.30 for 10 hours.
    """
    price, hours = np.array([[0.03], [0.09], [-0.02]]), np.array([[10.0], [5.0], [1.0]])
    length, cost = paid(price, hours, np.array([0.05]))
    assert length.tolist() == [11.0]
    assert cost.tolist() == pytest.approx([0.28])


def test_an_hour_at_the_break_even_does_not_run() -> None:
    """It earns nothing and wears the machine; the order in which blocks are given does not matter."""
    length, _ = paid(np.array([[0.05], [0.04]]), np.array([[1.0], [2.0]]), np.array([0.05]))
    assert length.tolist() == [2.0]


def test_a_profile_that_does_not_exist_never_runs() -> None:
    """Break-even of minus infinity: no hours, no cost, no NaN."""
    length, cost = paid(np.array([[-5.0]]), np.array([[1.0]]), np.array([[-np.inf], [0.0]]))
    assert length.tolist() == [[0.0], [1.0]]
    assert cost.tolist() == [[0.0], [-5.0]]


def test_an_interval_of_infinite_cost_never_pays() -> None:
    """Padding and hours in which the heat stops everything: neither their hours nor a NaN."""
    found = cheapest_first(np.array([[np.inf], [0.02]]), [np.array([[7.0], [3.0]])])
    assert found.below(np.array([1e9])).tolist() == [[3.0]]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_hours_that_pay_equal_brute_force(draw: st.DataObject) -> None:
    """Every hour asked by itself, with prices below zero and equal prices: hours exact, cost to 1e-12."""
    blocks, months = draw.draw(st.integers(1, 8)), draw.draw(st.integers(1, 3))
    cells = st.lists(PRICES, min_size=blocks * months, max_size=blocks * months)
    price = np.array(draw.draw(cells)).reshape(blocks, months)
    hours = draw.draw(st.lists(st.integers(0, 9), min_size=blocks * months, max_size=blocks * months))
    length = np.array(hours, dtype=float).reshape(blocks, months)
    machines = draw.draw(st.integers(1, 3))
    levels = draw.draw(st.lists(PRICES, min_size=machines * months, max_size=machines * months))
    level = np.array(levels).reshape(machines, months)
    found_hours, found_cost = paid(price, length, level)
    pays = price[None] < level[:, None]
    assert (found_hours == (length * pays).sum(axis=1)).all()
    assert found_cost == pytest.approx((length * price * pays).sum(axis=1), abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(st.lists(PRICES, min_size=1, max_size=24), PRICES)
def test_curtailing_never_loses_to_running_flat_out(prices: list[float], level: float) -> None:
    """One kW over single hours worth `level` each: no less than running every hour, or none."""
    price = np.array(prices)[:, None]
    length, cost = paid(price, np.ones_like(price), np.array([level]))
    profit = float((length * level - cost)[0])
    assert profit >= len(prices) * level - sum(prices) - 1e-12
    assert profit >= -1e-12


def test_the_level_that_leaves_something_by_hand() -> None:
    """4 h at 0.02 and 6 h at 0.05: 0.08 is left at 0.04 (4 x 0.02), 0.30 at 0.068 (10 x 0.068 - 0.38).

    Spreading it over all hours regardless gives 0.046 for the first; the cheap hours alone 0.095 for the
    second. Nothing to leave: the cheapest hour. No hours at all: never.
    """
    hours = np.array([[4.0, 0.0], [6.0, 0.0]])
    cost = np.where(hours > 0, np.array([[0.02], [0.05]]), np.inf)
    found = cheapest_first(cost, [hours]).level_that_leaves(np.array([[0.08] * 2, [0.30] * 2, [0.0] * 2]))
    assert found[:, 0].tolist() == pytest.approx([0.04, 0.068, 0.02])
    assert np.isposinf(found[:, 1]).all()


@settings(deadline=None, max_examples=60)
@given(st.lists(PRICES, min_size=1, max_size=12), st.floats(0.0, 3.0))
def test_the_level_leaves_what_was_asked(prices: list[float], left: float) -> None:
    """Put back into the sum over the hours that pay, the level leaves the amount it was found for."""
    price = np.array(prices)[:, None]
    intervals = cheapest_first(price, [np.ones_like(price), price])
    level = intervals.level_that_leaves(np.array([[left]]))
    hours, cost = intervals.below(level)
    assert float((hours * level - cost)[0, 0]) == pytest.approx(left, abs=1e-12)


# --- time on the road -------------------------------------------------------------------------------------


def test_arrivals_by_hand() -> None:
    """365.25 days a year: a month is 4.348 weeks. Half of it loses half of m1; 6.522 weeks half of m2.

    What would come after the last month never does: -1.
    """
    month = 365.25 / 12 / 7
    found = arrivals([0.0, month / 2, month, 1.5 * month], Horizon(start="2026-12", months=3).periods())
    assert found.period.tolist() == [[0, 1, 2], [0, 1, 2], [1, 2, -1], [1, 2, -1]]
    lost = found.lost_share[found.arrival_class]
    assert lost[:, 0].tolist() == pytest.approx([0.0, 0.5, 0.0, 0.5])


def test_arrivals_within_a_quarter_lose_their_part_of_it() -> None:
    """A month on the road: from a month into a quarter nothing of it is lost, within a quarter a third."""
    month = 365.25 / 12 / 7
    found = arrivals([month], Horizon(start="2026-12", months=1, quarters=2).periods())
    lost = found.lost_share[found.arrival_class]
    assert found.period.tolist() == [[1, 1, 2]]
    assert lost[0].tolist() == pytest.approx([0.0, 1 / 3, 1 / 3])


# --- present value, return, payback -----------------------------------------------------------------------


def test_discount_by_hand() -> None:
    """At 21 % a year: half a year is worth 1/1.1, a year 1/1.21."""
    assert discount_factors(np.array([0.0, 6.0, 12.0]), 0.21).tolist() == pytest.approx(
        [1.0, 1 / 1.1, 1 / 1.21]
    )


def test_irr_by_hand() -> None:
    """100 out, 60 a year later, 72 two years later: 20 % (50 + 50), by years and not by months."""
    assert irr_share_per_year(np.array([-100.0, 60.0, 72.0]), monthly(0, 0, 0)) == pytest.approx(0.2)


def test_irr_does_not_depend_on_the_size_or_the_start() -> None:
    """Ten times the money, three months later: the same rate."""
    assert irr_share_per_year(np.array([-1000.0, 600.0, 720.0]), monthly(0, 0, 0) + 3) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("cash", "why"),
    [
        ([], "no flow"),
        ([0.0, 0.0], "nothing flows"),
        ([10.0, 20.0], "never under water"),
        ([-10.0, -20.0], "never above it"),
        ([-100.0, 230.0, -131.0], "two rates: 4 % and 26 %"),
        ([-100.0, 230.0, -120.0], "two rates: -20 % and 50 %"),
        ([-1.0, 2.0, -1.0, 2.0, -3.0], "under water twice"),
    ],
)
def test_no_single_rate_is_no_rate(cash: list[float], why: str) -> None:
    """A root finder left alone would report one of two rates, or the end of its bracket."""
    assert irr_share_per_year(np.array(cash), monthly(*cash)) is None, why


def test_a_loss_has_a_negative_rate() -> None:
    """100 out and 90 back a year later is -10 % a year, the only rate there is."""
    assert irr_share_per_year(np.array([-100.0, 90.0]), monthly(0, 0)) == pytest.approx(-0.1)


def test_a_very_high_rate_is_a_rate() -> None:
    """100 out and 200 back a month later doubles monthly: 2^12 - 1 = 4,095 times a year."""
    found = irr_share_per_year(np.array([-100.0, 200.0]), np.array([0.0, 1.0]))
    assert found == pytest.approx(4095.0)


def test_payback_by_hand() -> None:
    """-100, then 40 a month: back in the middle of the fourth month, 3.5."""
    assert payback_months(np.array([-100.0, 40.0, 40.0, 40.0]), np.ones(4)) == pytest.approx(3.5)


def test_payback_counts_quarters_as_three_months() -> None:
    """-90 in a month, 60 in the quarter after, 60 in the next: 1 + 3 + 1.5."""
    assert payback_months(np.array([-90.0, 60.0, 60.0]), np.array([1.0, 3.0, 3.0])) == pytest.approx(5.5)


def test_payback_waits_for_the_last_time_under_water() -> None:
    """Above at +20, below again at -10, above for good: 4.25, not the first crossing at 1.83."""
    assert payback_months(np.array([-100.0, 120.0, 0.0, -30.0, 40.0]), np.ones(5)) == pytest.approx(4.25)


@pytest.mark.parametrize(("cash", "months"), [([-100.0, 40.0], None), ([], None), ([5.0, -5.0, 1.0], 0.0)])
def test_payback_at_the_corners(cash: list[float], months: float | None) -> None:
    """Never back within the horizon; nothing to pay back; never below zero."""
    assert payback_months(np.array(cash), np.ones(len(cash))) == months
