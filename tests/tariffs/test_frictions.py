"""Switching as operators do it: by hand, against a plain loop, and never better than the ideal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.tariffs.base import Floats
from optimizer.tariffs.frictions import Frictions, friction_loss_usd_per_kw, simulate


def column(*prices: float) -> Floats:
    return np.array(prices)[:, None]


def run(prices: Floats, breakeven: float, **terms: object) -> tuple[list[int], float, float]:
    """Which intervals of an hour it runs in, and what it earns and could have earned, in cents per kW."""
    found = simulate(np.ones_like(prices), prices, np.array([[breakeven]]), Frictions.model_validate(terms))
    on = found.is_running[0, :, 0].astype(int).tolist()
    return on, 100 * found.margin_usd_per_kw[0, 0], 100 * found.ideal_usd_per_kw[0, 0]


def test_without_frictions_it_is_the_ideal() -> None:
    """At 5 c: 3, 7, 4, 5 c earn 2 and 1; at 5 c exactly there is nothing to earn and nothing runs."""
    assert run(column(0.03, 0.07, 0.04, 0.05), 0.05) == ([1, 0, 1, 0], pytest.approx(3), pytest.approx(3))


def test_the_last_price_decides() -> None:
    """It runs through the hour at 7 c because the one before cost 3, and sits out the 4 c after it: 2 - 2
    = 0, then on through 5 c for nothing. Foresight earns 3."""
    on, earned, ideal = run(column(0.03, 0.07, 0.04, 0.05), 0.05, decides_on="last")
    assert on == [1, 1, 0, 1]
    assert (earned, ideal) == (pytest.approx(0), pytest.approx(3))


def test_a_restart_draws_power_and_hashes_nothing() -> None:
    """Thirty minutes after the start at 4 c cost half an hour of 5 c: 2 + 1 - 2.5. The first hour finds it
    running and costs no start."""
    on, earned, _ = run(column(0.03, 0.07, 0.04), 0.05, restart_minutes=30)
    assert on == [1, 0, 1]
    assert earned == pytest.approx(0.5)


def test_a_restart_longer_than_an_interval_goes_on_in_the_next() -> None:
    """Ninety minutes: all of the first hour and half of the second, 1.5 x 5 c off 1 + 1 + 1."""
    on, earned, _ = run(column(0.07, 0.04, 0.04, 0.04), 0.05, restart_minutes=90)
    assert on == [0, 1, 1, 1]
    assert earned == pytest.approx(3 - 7.5)


def test_it_stays_off_for_the_minimum_time() -> None:
    """Off at 7 c for three hours at the least: two hours at 3 c go by. Counted from the hour after: three."""
    on, earned, ideal = run(column(0.03, 0.07, 0.03, 0.03, 0.03), 0.05, min_off_hours=3)
    assert on == [1, 0, 0, 0, 1]
    assert (earned, ideal) == (pytest.approx(4), pytest.approx(8))


def test_a_band_keeps_it_on_above_and_off_below() -> None:
    """10 % around 5 c: on until 5.5 c, off until below 4.5 c. It pays 5.2 c once and misses 4.8 c once."""
    on, earned, ideal = run(column(0.03, 0.052, 0.06, 0.048, 0.04), 0.05, hysteresis_share=0.1)
    assert on == [1, 1, 0, 0, 1]
    assert (earned, ideal) == (pytest.approx(2 - 0.2 + 1), pytest.approx(2 + 0.2 + 1))


def test_state_carries_over_from_period_to_period() -> None:
    """Off in the last hour of the first period, it starts in the second and loses its half hour there."""
    prices = np.array([[0.03, 0.04], [0.07, 0.04]])
    found = simulate(np.ones((2, 2)), prices, np.full((1, 2), 0.05), Frictions(restart_minutes=30))
    assert found.starts.tolist() == [[0, 1]]
    assert (100 * found.margin_usd_per_kw).round(9).tolist() == [[2.0, -0.5]]


def test_what_cannot_run_is_not_there() -> None:
    """A padded hour and one at infinite cost between two cheap ones are no reason to start again."""
    hours, prices = np.array([[1.0], [1.0], [1.0], [0.0]]), column(0.03, np.inf, 0.03, 0.0)
    found = simulate(hours, prices, np.array([[0.05]]), Frictions(restart_minutes=30))
    assert found.starts.sum() == 0
    assert found.run_hours.tolist() == [[2.0]]


def test_a_profile_that_a_machine_lacks_earns_and_loses_nothing() -> None:
    terms = Frictions(restart_minutes=30, hysteresis_share=0.1)
    found = simulate(np.ones((2, 1)), column(0.03, 0.04), np.array([[-np.inf]]), terms)
    assert (found.run_hours.item(), found.margin_usd_per_kw.item(), found.lost_share.item()) == (0, 0, 0)


def by_plain_loop(hours: Floats, cost: Floats, earns: Floats, terms: Frictions) -> Floats:
    """The loss of one machine (m), interval after interval: what the vectorised steps must come to."""
    loss = np.zeros(hours.shape[1])
    is_on, off_hours, starting_hours, last = True, 0.0, 0.0, None
    for m in range(hours.shape[1]):
        for h, price in zip(hours[:, m], cost[:, m], strict=True):
            if h == 0:
                continue
            seen = price if terms.decides_on != "last" or last is None else last
            band = terms.hysteresis_share * abs(earns[m])
            if is_on and seen >= earns[m] + band:
                is_on, off_hours = False, 0.0
            elif not is_on and seen < earns[m] - band and off_hours >= terms.min_off_hours - 1e-9:
                is_on, starting_hours = True, terms.restart_minutes / 60
            lost = min(h, starting_hours) if is_on else 0.0
            starting_hours -= lost
            off_hours += h
            earned = (earns[m] - price) * h - lost * max(earns[m], 0.0) if is_on else 0.0
            loss[m] += max(earns[m] - price, 0.0) * h - earned
            last = price
    return loss


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    restart=st.sampled_from([0.0, 10.0, 45.0, 200.0]),
    off=st.sampled_from([0.0, 0.25, 1.0, 7.0]),
    band=st.sampled_from([0.0, 0.1]),
    decides_on=st.sampled_from(["this", "last"]),
)
def test_it_agrees_with_a_plain_loop(
    seed: int, restart: float, off: float, band: float, decides_on: str
) -> None:
    draw = np.random.default_rng(seed)
    hours = np.full((60, 3), draw.choice([0.25, 1.0]))
    hours[50:, 1] = 0.0
    cost = draw.normal(0.05, 0.03, hours.shape).round(3)
    earns = draw.uniform(0.0, 0.12, (4, 3)).round(3)
    terms = Frictions.model_validate(
        {
            "restart_minutes": restart,
            "min_off_hours": off,
            "hysteresis_share": band,
            "decides_on": decides_on,
        }
    )
    found = friction_loss_usd_per_kw(hours, cost, earns, terms)
    for n, machine in enumerate(earns):
        assert found[n] == pytest.approx(by_plain_loop(hours, cost, machine, terms), abs=1e-12)
    assert (found >= 0).all()


def test_machines_in_parts_are_the_same_as_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many machines over many intervals are simulated in parts; the parts must be put together in order."""
    draw = np.random.default_rng(3)
    cost, earns = draw.normal(0.05, 0.03, (100, 2)), draw.uniform(0.02, 0.08, (7, 2))
    terms = Frictions(restart_minutes=15, min_off_hours=2)
    together = simulate(np.ones_like(cost), cost, earns, terms)
    monkeypatch.setattr("optimizer.tariffs.frictions.CELLS_AT_A_TIME", 500)
    apart = simulate(np.ones_like(cost), cost, earns, terms)
    for name, amounts in vars(together).items():
        assert getattr(apart, name) == pytest.approx(amounts, abs=1e-12), name
