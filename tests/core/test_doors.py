"""Every door to a solver gives the same answers and prices, and none calls a failure an optimum."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from optimizer.errors import SolveError
from optimizer.lp import Expr, LinearProgram, total
from optimizer.solvers import Options, Solution, Status, maximize
from optimizer.solvers.highs import conflicting_rows
from optimizer.solvers.via_pulp import problem

DOORS = ("highs", "pulp:cbc", "pulp:highs")
EXACT = Options(mip_gap_share=0.0)
pytestmark = pytest.mark.filterwarnings("ignore:.*PuLP 4.0.*:DeprecationWarning")


def program(columns: int, rows: int = 1) -> LinearProgram:
    """One scenario, whose columns are its months; ``r`` counts rows."""
    labels = {"w": ("base",), "m": [f"m{i}" for i in range(columns)], "r": [f"r{i}" for i in range(rows)]}
    return LinearProgram(labels, np.ones((1, columns)), "wm")


def through(door: str, lp: LinearProgram, options: Options = EXACT) -> Solution:
    return maximize(lp, replace(options, door=door))


def dense(matrix: np.ndarray, x: np.ndarray) -> Expr:
    rows, columns = matrix.shape
    return Expr("r", (rows,), np.repeat(np.arange(rows), columns), np.tile(x, rows), matrix.ravel())


def random_program(seed: int, *, whole: bool) -> LinearProgram:
    """Rows of all three senses through a point that is inside, negative lower bounds, costs of both signs."""
    draw = np.random.default_rng(seed)
    columns, rows = int(draw.integers(3, 12)), int(draw.integers(2, 9))
    lp = program(columns, rows)
    x = lp.variable("x", "wm", lower=float(draw.choice([0.0, -2.0])), upper=draw.integers(1, 9, columns))
    lp.is_integer[:] = whole & (draw.random(columns) < 0.6)
    inside = np.floor(draw.uniform(lp.lower, lp.upper + 1)).clip(lp.lower, lp.upper)
    senses = (lp.at_most, lp.at_least, lp.equal)
    for number, (sense, slack) in enumerate(zip(senses, (2.0, -2.0, 0.0), strict=True)):
        some = draw.normal(size=(rows if number < 2 else 1, columns)).round(2)
        some[draw.random(some.shape) < 0.4] = 0.0
        full = np.zeros((rows, columns))
        full[: len(some)] = some
        sense(
            f"rows{number}", dense(full, x[0]), full @ inside + slack * draw.random(rows) * full.any(axis=1)
        )
    lp.earn("income", total("wm->wm", x).times(draw.normal(size=columns).round(2)))
    return lp


# --- the same answer through every door -------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS[1:])
def test_the_same_optimum_of_linear_programmes(door: str) -> None:
    """40 seeded programmes against the arrays' own door: equal to 1e-7, and proven on both sides."""
    for seed in range(40):
        lp = random_program(seed, whole=False)
        ours, theirs = through("highs", lp), through(door, lp)
        assert (ours.status, theirs.status) == (Status.PROVEN, Status.PROVEN), seed
        assert theirs.objective == pytest.approx(ours.objective, rel=1e-7, abs=1e-7), seed


@pytest.mark.parametrize("door", DOORS[1:])
def test_the_same_optimum_of_mixed_programmes(door: str) -> None:
    """20 with whole numbers; a door that drops the integrality would be above in most of them."""
    differ = 0
    for seed in range(100, 120):
        lp = random_program(seed, whole=True)
        ours, theirs = through("highs", lp), through(door, lp)
        relaxed = through("highs", replace(lp, is_integer=np.zeros_like(lp.is_integer)))
        assert ours.status.has_plan == theirs.status.has_plan, seed
        if ours.status.has_plan:
            assert theirs.objective == pytest.approx(ours.objective, rel=1e-7, abs=1e-7), seed
            differ += relaxed.objective > ours.objective + 1e-3
    assert differ >= 5


def finite_difference(lp: LinearProgram, row: int, step: float = 1e-4) -> float | None:
    """Objective per unit of the row's limit, where both sides agree; ``None`` at a kink."""
    here, gains = through("highs", lp).objective, []
    for sign in (1.0, -1.0):
        moved = replace(lp, row_low=lp.row_low.copy(), row_high=lp.row_high.copy())
        moved.row_low[row] += sign * step
        moved.row_high[row] += sign * step
        found = through("highs", moved)
        if not found.status.has_plan:
            return None
        gains.append((found.objective - here) / (sign * step))
    return gains[0] if abs(gains[0] - gains[1]) < 1e-5 else None


@pytest.mark.parametrize("door", DOORS)
def test_prices_are_the_gain_of_one_more_unit(door: str) -> None:
    """Every row's price against a finite difference; `pulp.HiGHS` maximizing gives the opposite sign."""
    checked = 0
    for seed in range(12):
        lp = random_program(seed, whole=False)
        found = through(door, lp)
        for row in np.flatnonzero(np.abs(found.row_duals) > 1e-6):
            slope = finite_difference(lp, int(row))
            if slope is not None:
                assert found.row_duals[row] == pytest.approx(slope, rel=1e-4, abs=1e-5), (seed, row)
                checked += 1
    assert checked >= 20


@pytest.mark.parametrize("door", DOORS)
def test_prices_of_a_programme_by_hand(door: str) -> None:
    """3x + 2y, x + y <= 4, x <= 3: at (3, 1) the first limit is worth 2, the second 1."""
    lp = program(2)
    x = lp.variable("x", "wm")
    lp.at_most("sum", total("wm->w", x), 4.0)
    lp.at_most("first", total("wm->wm", x), [[3.0, np.inf]])
    lp.earn("income", total("wm->wm", x).times([3.0, 2.0]))
    found = through(door, lp)
    assert found.values.tolist() == pytest.approx([3.0, 1.0])
    assert found.row_duals.tolist() == pytest.approx([2.0, 1.0])
    assert found.reduced_costs.tolist() == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize("door", DOORS)
def test_reduced_costs_are_the_gain_of_one_more_of_a_column(door: str) -> None:
    """x <= 2 earns 3, and 3 more for one more of it; y loses 1. A broken sign gives -3 and 1."""
    lp = program(2)
    x = lp.variable("x", "wm", upper=[2.0, 5.0])
    lp.at_most("loose", total("wm->w", x), 100.0)
    lp.earn("income", total("wm->wm", x).times([3.0, -1.0]))
    assert through(door, lp).reduced_costs.tolist() == pytest.approx([3.0, -1.0])


def test_prices_of_whole_answers_are_those_with_the_answers_held() -> None:
    """Opening costs 5 and makes room for 10, racks hold 4 at 3 USD each: held open, a rack is worth 3."""
    lp = program(1)
    is_open = lp.variable("open", "wm", upper=1.0, is_integer=True)
    machines = lp.variable("machines", "wm")
    lp.at_most("room", total("wm->wm", machines) - total("wm->wm", is_open, 10.0), 0.0)
    lp.at_most("racks", total("wm->wm", machines), 4.0)
    lp.earn("income", total("wm->wm", machines, 3.0) - total("wm->wm", is_open, 5.0))
    found = through("highs", lp)
    assert found.objective == pytest.approx(7.0)
    assert found.row_duals.tolist() == pytest.approx([0.0, 3.0])


@pytest.mark.parametrize("method", ["simplex", "ipx"])
def test_methods_agree(method: str) -> None:
    """HiGHS 1.15 ends "Unknown" when an interior point method maximizes; minimizing the opposite does not."""
    lp = random_program(3, whole=False)
    found = through("highs", lp, replace(EXACT, method=method))
    assert found.status is Status.PROVEN
    assert found.objective == pytest.approx(through("pulp:cbc", lp).objective)


# --- no plan is never an optimum --------------------------------------------------------------------------


def infeasible(*, whole: bool) -> LinearProgram:
    """x <= 1 and x >= 2; or a whole x between 0.3 and 0.6."""
    lp = program(1)
    x = total("wm->wm", lp.variable("x", "wm", upper=1.0, is_integer=whole))
    lp.at_least("least", x, 0.3 if whole else 2.0)
    lp.at_most("most", x, 0.6 if whole else 9.0)
    lp.earn("income", x.times(7.0))
    return lp


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("whole", [False, True])
def test_infeasible_leaves_no_numbers(door: str, whole: bool) -> None:
    """PuLP leaves x = 0 and an objective of 7.0 behind; here everything is NaN."""
    found = through(door, infeasible(whole=whole))
    assert found.status is Status.INFEASIBLE
    assert not found.status.has_plan
    assert np.isnan(found.values).all()
    assert np.isnan([found.objective, found.bound]).all()


@pytest.mark.parametrize(
    ("door", "whole"),
    [
        *((door, False) for door in DOORS),
        ("highs", True),
        ("pulp:cbc", True),
        ("pulp:highs", True),
    ],
)
def test_unbounded_is_said(door: str, whole: bool) -> None:
    """A programme without end is not infeasible: there are no limits to look for."""
    lp = program(1)
    x = total("wm->wm", lp.variable("x", "wm", is_integer=whole))
    lp.at_least("least", x, 1.0)
    lp.earn("income", x)
    assert through(door, lp).status is Status.UNBOUNDED


def slow(*, whole: bool, least: bool = True) -> LinearProgram:
    """120 dense rows of either sense: finding any point takes thousands of times longer than 1e-6 s."""
    draw = np.random.default_rng(0)
    lp = program(120, 120)
    x = lp.variable("x", "wm", upper=5.0, is_integer=whole)
    matrix, other = draw.random((2, 120, 120))
    lp.at_most("most", dense(matrix, x[0]), 1.2 * matrix.sum(axis=1))
    if least:
        lp.at_least("least", dense(other, x[0]), other.sum(axis=1))
    lp.earn("income", total("wm->wm", x).times(draw.uniform(1, 2, 120)))
    return lp


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("whole", [False, True])
def test_a_time_limit_without_a_plan_is_no_plan(door: str, whole: bool) -> None:
    """PuLP reports "Optimal, Solution Found" with an objective above the true optimum. There is no plan."""
    lp = slow(whole=whole)
    found = through(door, lp, replace(EXACT, time_limit_s=1e-6))
    if door == "pulp:cbc" and found.status is Status.PROVEN:  # CBC may be done before it looks at the clock
        assert found.objective == pytest.approx(through("highs", lp, EXACT).objective, rel=1e-7)
        return
    assert found.status is Status.NO_PLAN
    assert np.isnan(found.values).all()


@pytest.mark.parametrize("door", ["highs", "pulp:highs"])
def test_a_time_limit_with_a_plan_is_not_called_optimal(door: str) -> None:
    """x = 0 is feasible, so there is a point in hand; it is a stop, with nothing proven."""
    lp = slow(whole=False, least=False)
    found = through(door, lp, replace(EXACT, time_limit_s=0.0))
    assert found.status is Status.STOPPED
    assert np.isnan(found.bound)


def test_a_gap_to_nothing_is_not_zero() -> None:
    """A stop without a bound has no gap; 0.0 says that the plan is optimal."""
    found = through("highs", infeasible(whole=False))
    assert np.isnan(found.gap_share)


@pytest.mark.parametrize("door", DOORS)
def test_a_row_whose_limit_was_taken_away_is_free(door: str) -> None:
    """As the baselines do with the user's own limits: x <= 9 by its bound, and the freed row says nothing."""
    lp = program(1)
    x = total("wm->wm", lp.variable("x", "wm", upper=9.0))
    lp.at_most("crew", x, 4.0)
    lp.earn("income", x)
    lp.row_high[:] = np.inf
    assert through(door, lp).objective == pytest.approx(9.0)


def test_a_search_begins_from_the_given_plan() -> None:
    """Stopped at once it has no plan of its own; with a start it has that one, and says that it stopped."""
    lp = slow(whole=True, least=False)
    start = np.zeros(120)
    start[0] = 1.0
    without = maximize(lp, replace(EXACT, time_limit_s=0.0))
    found = maximize(lp, replace(EXACT, time_limit_s=0.0), start)
    assert without.status is Status.NO_PLAN
    assert found.status is Status.STOPPED
    assert found.objective == pytest.approx(lp.objective[0])


def test_a_wide_gap_is_not_called_proven() -> None:
    """Asked for 50 %, a plan within 50 % is "within gap", and the bound is above it."""
    lp = random_program(104, whole=True)
    found = maximize(lp, Options(mip_gap_share=0.5))
    exact = maximize(lp, EXACT)
    assert exact.objective <= found.bound + 1e-9
    assert (found.status is Status.PROVEN) == (found.bound - found.objective <= 1e-9 * abs(found.objective))


@pytest.mark.parametrize(
    "door",
    [
        "highs",
        "pulp:cbc",
        "pulp:highs",
    ],
)
def test_nothing_to_decide_is_decided(door: str) -> None:
    """No columns, no rows: the optimum is zero. A fleet of nothing is not a failure of the solver."""
    lp = program(1)
    lp.variable("x", "wm", exists=False)
    found = through(door, lp)
    assert (found.status, found.objective) == (Status.PROVEN, 0.0)


# --- what is not known is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("door", "told"),
    [
        ("higs", "'higs' is not known"),
        ("cbc", "write 'highs' or 'pulp:NAME'"),
        ("pulp:", "is not known"),
        ("pulp:cbcc", "PuLP knows no solver 'cbcc'"),
        ("pulp:GUROBI_CMD", "'GUROBI_CMD' is not installed here"),
    ],
)
def test_unknown_doors_are_named(door: str, told: str) -> None:
    """A misspelt solver must not quietly become another one."""
    with pytest.raises(SolveError, match=told):
        through(door, infeasible(whole=False))


@pytest.mark.parametrize("method", ["hipoo", "interior"])
def test_unknown_methods_are_named(method: str) -> None:
    """HiGHS ignores an option that it does not know and runs something else."""
    with pytest.raises(SolveError, match=method):
        through("highs", infeasible(whole=False), replace(EXACT, method=method))


def test_numbers_that_are_not_finite_are_refused() -> None:
    """An infinite coefficient would otherwise be solved as something."""
    lp = program(1)
    x = lp.variable("x", "wm", upper=1.0)
    lp.at_most("cap", total("wm->wm", x, np.inf), 1.0)
    lp.earn("income", total("wm->wm", x))
    with pytest.raises(SolveError, match="not a finite number"):
        through("highs", lp)


# --- PuLP's own traps -------------------------------------------------------------------------------------


def test_a_column_named_twice_reaches_pulp_added_up() -> None:
    """`LpAffineExpression([(x, 1), (x, 2)])` is 2x in PuLP. Ours is 3x <= 6, so x = 2; broken it is 3."""
    lp = program(1)
    x = total("wm->wm", lp.variable("x", "wm"))
    lp.at_most("cap", x + x.times(2.0), 6.0)
    lp.earn("income", x + x)
    for door in DOORS:
        found = through(door, lp)
        assert found.values.tolist() == pytest.approx([2.0])
        assert found.objective == pytest.approx(4.0)


def test_names_in_pulp_are_those_of_the_model() -> None:
    """`x[base, m1]` becomes `x_base__m1`: still to be read, and legal in an .lp file."""
    lp = random_program(1, whole=False)
    assert next(iter(problem(lp).variablesDict())).startswith("x_base__m")


def test_names_that_become_alike_stay_apart() -> None:
    """`a b`, `a_b` and `a_b__2` are three columns worth 1, 10 and 100; two of one name would lose one."""
    labels = {"w": ("base",), "m": ("a b", "a_b", "a_b__2")}
    lp = LinearProgram(labels, np.ones((1, 3)), "wm")
    x = lp.variable("x", "wm", upper=1.0)
    lp.at_most("cap", total("wm->w", x), 3.0)
    lp.earn("income", total("wm->wm", x).times([1.0, 10.0, 100.0]))
    assert through("pulp:cbc", lp).objective == pytest.approx(111.0)


def test_columns_that_nothing_names_keep_their_place() -> None:
    """PuLP drops a column without row or cost (y) and sorts the rest by name: z and x must not swap."""
    lp = program(1)
    z, y, x = (lp.variable(name, "wm", upper=upper) for name, upper in (("z", 3.0), ("y", 5.0), ("x", 7.0)))
    assert y.shape == (1, 1)
    lp.at_most("cap", total("wm->wm", z) + total("wm->wm", x), 9.0)
    lp.earn("income", total("wm->wm", z) + total("wm->wm", x, 2.0))
    for door in DOORS:
        assert through(door, lp).values.tolist() == pytest.approx([2.0, 0.0, 7.0])


def test_pulp_s_own_announcements_stay_inside_the_door() -> None:
    """PuLP 3.3 announces its 4.0 on every variable; run with warnings as errors, it must still solve."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert through("pulp:cbc", random_program(0, whole=False)).status is Status.PROVEN


# --- which limits contradict each other -------------------------------------------------------------------


def test_conflicting_rows_are_found() -> None:
    """HiGHS by default answers "valid" with no rows in it; x + y >= 5 against two caps of 2 is three rows."""
    lp = program(2)
    x = lp.variable("x", "wm")
    lp.at_most("caps", total("wm->wm", x), 2.0)
    lp.at_least("need", total("wm->w", x), 5.0)
    lp.at_most("far", total("wm->w", x), 1e6)
    assert sorted(conflicting_rows(lp, 10.0)) == [0, 1, 2]


def test_no_conflict_in_a_feasible_model() -> None:
    """Nothing is blamed where nothing is wrong."""
    assert conflicting_rows(random_program(0, whole=False), 10.0) == []
