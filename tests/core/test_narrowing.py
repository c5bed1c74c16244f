"""Few columns, the same optimum: what narrowing returns is held against the whole programme."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmarks.instance import instance
from optimizer import narrowing
from optimizer.certificate import upper_bound
from optimizer.narrowing import maximize_narrowed
from optimizer.pipeline import build
from optimizer.solvers import Options, Status, maximize
from optimizer.solvers.solution import largest_violation
from tests.core.instances import random_inputs


@pytest.fixture(autouse=True)
def _from_the_smallest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrowing, "FROM_COLUMNS", 0)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.integers(0, 99_999))
def test_the_same_value_as_the_whole(seed: int) -> None:
    """On random studies, the whole programme's value and status: a column left out would lose some."""
    data = random_inputs(seed)
    lp, plan = build(data)
    assume(not lp.is_integer.any())
    whole, narrow = maximize(lp, Options()), maximize_narrowed(lp, data, plan, Options())
    assert narrow.status is whole.status
    if whole.status.has_plan:
        assert narrow.objective == pytest.approx(whole.objective, rel=1e-7, abs=1e-4)
        assert largest_violation(lp, narrow.values) <= 1e-6


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_prices_prove_it_for_every_column(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No column could gain, chosen or left out, and the prices alone prove the value.

    The narrow programme's own prices say nothing about rows that it left empty: columns there seem to gain.
    """
    monkeypatch.setattr(narrowing, "maximize", lambda *_: pytest.fail("the whole programme was solved"))
    data = instance(15, 6, 15, seed=seed)
    lp, plan = build(data)
    narrow = maximize_narrowed(lp, data, plan, Options())
    assert narrow.status is Status.PROVEN
    assert narrow.reduced_costs.max() <= 1e-6
    assert np.allclose(narrow.reduced_costs, lp.objective - lp.matrix.T @ narrow.row_duals)
    assert upper_bound(lp, data, plan, narrow.row_duals) == pytest.approx(narrow.objective, rel=1e-8)


def test_time_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of time after a round: that round's plan and a bound that holds, never the word optimal."""
    data = instance(15, 6, 15)
    lp, plan = build(data)
    best = maximize(lp, Options()).objective
    rounds = iter([3_600.0] * 4)
    left = narrowing._Narrow._in_time
    monkeypatch.setattr(
        narrowing._Narrow,
        "_in_time",
        lambda self, options: left(self, options) if next(rounds, 0) else Options(time_limit_s=0.0),
    )
    stopped = maximize_narrowed(lp, data, plan, Options())
    assert stopped.status in (Status.STOPPED, Status.NO_PLAN)
    if stopped.status is Status.STOPPED:
        assert largest_violation(lp, stopped.values) <= 1e-6
        assert stopped.objective <= best * (1 + 1e-7) <= stopped.bound * (1 + 1e-6)
