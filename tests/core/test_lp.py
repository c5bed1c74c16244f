"""The arrays behind the model: sums with checked axes, absent columns, empty rows, names."""

import numpy as np
import pytest

from optimizer.lp import ABSENT, Expr, LinearProgram, grid, last_period, total, total_at
from tests.core.printed import line, rows

LABELS = {"w": ("dull", "boom"), "s": ("home", "away"), "m": ("jan", "feb", "mar")}


def program(scenarios: int = 1) -> LinearProgram:
    """Two sites, three periods; money of later periods is worth half each time."""
    labels = {**LABELS, "w": LABELS["w"][:scenarios]}
    return LinearProgram(labels, np.outer(np.ones(scenarios), [1.0, 0.5, 0.25]), "wm")


def at_point(expr: Expr, lp: LinearProgram) -> np.ndarray:
    """The cells' values where column j is 10^j: every digit tells which column is in which cell."""
    return expr.value(10.0 ** np.arange(len(lp.upper)))


# --- sums -------------------------------------------------------------------------------------------------


def test_total_sums_over_the_axes_that_are_not_kept() -> None:
    """Columns 0..5 over (s, m): a sum over the wrong axis would give 111000 and 111 for the two sites."""
    lp = program()
    machines = lp.variable("machines", "sm")
    assert at_point(total("sm->m", machines), lp).tolist() == [1001, 10010, 100100]


def test_total_puts_weights_on_their_own_axes() -> None:
    """Weights by site, on an axis in the middle, where numpy's own broadcasting would look at months."""
    lp = program()
    machines = lp.variable("machines", "wsm")
    found = at_point(total("wsm,s->ws", machines, np.array([2.0, 3.0])), lp)
    assert found.tolist() == [[222, 333000]]


def test_total_can_turn_the_axes_round() -> None:
    """`sm->ms` is the transpose, cell by cell."""
    lp = program()
    machines = lp.variable("machines", "sm")
    kept, turned = at_point(total("sm->sm", machines), lp), at_point(total("sm->ms", machines), lp)
    assert (turned == kept.T).all()


@pytest.mark.parametrize(
    ("axes", "weights"),
    [
        ("s->s", 1.0),  # the variable has two axes
        ("sm,s->s", np.ones(3)),  # as many weights as periods, called sites
        ("sm,m->s", np.ones(2)),
        ("sm,sm->s", np.ones(2)),  # one weight axis too few
        ("sm,w->s", np.ones(1)),  # an axis that the variable lacks
    ],
)
def test_total_refuses_axes_that_do_not_fit(axes: str, weights: object) -> None:
    """A square case (as many sites as months) would hide the mistake, so sizes alone must not decide it."""
    lp = program()
    machines = lp.variable("machines", "sm")
    with pytest.raises(ValueError, match=r"axis|does not fit"):
        total(axes, machines, weights)


def test_total_says_which_kept_axis_is_missing() -> None:
    """`sm->wm` cannot keep scenarios that are not there; the message must name the axis, as for weights."""
    lp = program()
    with pytest.raises(ValueError, match="has no axis w"):
        total("sm->wm", lp.variable("machines", "sm"))


def test_absent_columns_drop_out_of_every_sum() -> None:
    """ABSENT is -1, numpy's last place: a broken sum would put column 3 (1000) into feb."""
    lp = program()
    machines = lp.variable("machines", "sm", exists=[[True, False, True], [True, False, True]])
    assert machines[0, 1] == ABSENT
    assert at_point(total("sm->m", machines), lp).tolist() == [101, 0, 1010]
    place = total_at("m", (3,), machines, (np.arange(3),))
    assert at_point(place, lp).tolist() == [101, 0, 1010]


def test_zero_weights_leave_no_term() -> None:
    """A term with coefficient zero would make rows that say nothing and matrices that are not sparse."""
    lp = program()
    assert len(total("sm,s->m", lp.variable("machines", "sm"), np.array([1.0, 0.0])).columns) == 3


def test_total_at_sums_into_named_cells_and_drops_negative_places() -> None:
    """What leaves in jan, feb, mar arrives one period later; mar would wrap round to jan with numpy's -1."""
    lp = program()
    shipped = lp.variable("shipped", "sm")
    found = total_at("m", (3,), shipped, (np.array([1, 2, -1]),), np.array([[1.0], [2.0]]))
    assert at_point(found, lp).tolist() == [0, 2001, 20010]


def test_total_at_refuses_a_place_outside_the_shape() -> None:
    """A period past the horizon must be said as negative; 3 of 3 is a mistake, not the next row."""
    lp = program()
    with pytest.raises(ValueError, match="invalid entry"):
        total_at("m", (3,), lp.variable("shipped", "sm"), (np.array([1, 2, 3]),))


def test_grid_is_the_index_that_changes_nothing() -> None:
    """`total_at` over the grid is `total`: the two ways of saying a sum agree."""
    lp = program(2)
    machines = lp.variable("machines", "wsm")
    w, s, m = grid(machines)
    by_index = total_at("wsm", machines.shape, machines, (w, s, m))
    assert (at_point(by_index, lp) == at_point(total("wsm->wsm", machines), lp)).all()


def test_last_period_has_nothing_before_the_first() -> None:
    """A roll instead of a shift would let the last month's machines stand in the first."""
    lp = program()
    earlier = last_period(lp.variable("machines", "sm"))
    assert earlier.tolist() == [[ABSENT, 0, 1], [ABSENT, 3, 4]]


def test_summed_to_keeps_the_named_axes_in_the_named_order() -> None:
    """Per scenario and month, then turned round, then one grand total of all twelve columns."""
    lp = program(2)
    expr = total("wsm->wsm", lp.variable("machines", "wsm"))
    assert at_point(expr.summed_to("wm"), lp)[0].tolist() == [1001, 10010, 100100]
    assert (at_point(expr.summed_to("mw"), lp) == at_point(expr.summed_to("wm"), lp).T).all()
    assert at_point(expr.summed_to(""), lp) == 111_111_111_111


def test_summed_to_refuses_an_axis_that_is_not_there() -> None:
    """Summing site money to lots cannot be done, whatever the sizes."""
    lp = program()
    with pytest.raises((KeyError, ValueError)):
        total("sm->sm", lp.variable("machines", "sm")).summed_to("l")


def test_expressions_add_only_over_the_same_axes() -> None:
    """Two sites and two scenarios have the same shape; added by shape, money lands in the wrong place."""
    lp = program(2)
    machines = lp.variable("machines", "wsm")
    with pytest.raises(ValueError, match="cannot add 's'"):
        total("wsm->s", machines) + total("wsm->w", machines)


def test_difference_and_weights_by_cell() -> None:
    """(a - b) times (1, 2, 3) by month; multiplying only a would leave -1 in every month."""
    lp = program()
    a, b = lp.variable("a", "m"), lp.variable("b", "m")
    expr = (total("m->m", a) - total("m->m", b)).times([1.0, 2.0, 3.0])
    assert at_point(expr, lp).tolist() == [1 - 1000, 2 * (10 - 10_000), 3 * (100 - 100_000)]


def test_regrouped_sums_places_into_groups() -> None:
    """Two sites in the second of three groups: 1001 by month there, nothing in the others."""
    lp = LinearProgram({**LABELS, "g": ("a", "b", "c")}, np.ones((2, 3)), "wm")
    expr = total("sm->sm", lp.variable("machines", "sm"))
    found = expr.regrouped("s", np.array([1, 1]), "g", 3)
    assert found.axes == "gm"
    assert at_point(found, lp).tolist() == [[0, 0, 0], [1001, 10010, 100100], [0, 0, 0]]


def test_regrouped_keeps_the_place_of_the_axis() -> None:
    """Months into two halves, the last axis: jan and feb together, mar alone."""
    lp = LinearProgram({**LABELS, "y": ("first", "second")}, np.ones((2, 3)), "wm")
    found = total("sm->sm", lp.variable("machines", "sm")).regrouped("m", np.array([0, 0, 1]), "y", 2)
    assert at_point(found, lp).tolist() == [[11, 100], [11000, 100000]]


def test_taken_reads_places_one_by_one_and_again() -> None:
    """The second site, the first, the second again: as a charge reads its site; a place may repeat."""
    lp = LinearProgram({**LABELS, "d": ("x", "y", "z")}, np.ones((2, 3)), "wm")
    expr = total("sm->sm", lp.variable("machines", "sm"))
    found = expr.taken("s", np.array([1, 0, 1]), "d")
    assert (found.axes, found.shape) == ("dm", (3, 3))
    assert at_point(found, lp)[:, 0].tolist() == [1000, 1, 1000]
    nowhere = expr.taken("s", np.empty(0, dtype=np.int64), "d")
    assert nowhere.shape == (0, 3)


# --- columns ----------------------------------------------------------------------------------------------


def test_shared_columns_are_one_decision_until_the_scenarios_part() -> None:
    """Two of three months shared: 6 + 2 columns, not 12; jan and feb are the same in both."""
    lp = program(2)
    machines = lp.variable("machines", "wsm", shared=("w", 2))
    assert len(lp.upper) == 8
    assert (machines[0, :, :2] == machines[1, :, :2]).all()
    assert (machines[0, :, 2] != machines[1, :, 2]).all()


def test_shared_columns_earn_in_every_scenario() -> None:
    """10 USD in each of two scenarios worth a half each is 10 in all; counted once it would be 5."""
    lp = LinearProgram({**LABELS}, np.full((2, 3), 0.5), "wm")
    machines = lp.variable("machines", "wm", shared=("w", 3))
    lp.earn("income", total("wm->wm", machines, 10.0))
    assert lp.objective.tolist() == [10.0, 10.0, 10.0]


def test_sharing_keeps_absent_columns_absent() -> None:
    """A column that does not exist in the first scenario does not exist in the second either."""
    lp = program(2)
    machines = lp.variable("machines", "wsm", exists=[[True, False, True]] * 2, shared=("w", 3))
    assert (machines[:, :, 1] == ABSENT).all()
    assert len(lp.upper) == 4


def test_upper_bounds_follow_their_columns() -> None:
    """Bounds are given for all places, columns exist for some: cut by count, mar would get 4, not 5."""
    lp = program()
    lp.variable("machines", "m", exists=[True, False, True], upper=[3.0, 4.0, 5.0])
    assert lp.upper.tolist() == [3.0, 5.0]


def test_lower_bounds_and_whole_columns_follow_their_columns() -> None:
    """By place, like the upper ones; without a word a column starts at zero and may be a fraction."""
    lp = program()
    lp.variable("x", "m", exists=[True, False, True], lower=[1.0, 2.0, 3.0], is_integer=[True, True, False])
    lp.variable("y", "m")
    assert lp.lower.tolist() == [1, 3, 0, 0, 0]
    assert lp.is_integer.tolist() == [True, False, False, False, False]


def test_forbid_holds_only_the_chosen_columns_at_zero() -> None:
    """ABSENT among the chosen must not close the last column of the whole model."""
    lp = program()
    machines = lp.variable("machines", "sm", exists=[[True, False, True], [True, True, True]])
    lp.forbid(machines, [False, True, False])  # feb, which home does not have
    assert lp.upper.tolist() == [np.inf, np.inf, np.inf, 0.0, np.inf]


@pytest.mark.parametrize("kind", ["variable", "rows", "line"])
def test_a_name_is_used_once(kind: str) -> None:
    """Two families of one name would overwrite each other's prices and money."""
    lp = program()
    expr = total("wm->wm", lp.variable("machines", "wm"))
    lp.at_most("cap", expr, 1.0)
    lp.earn("income", expr)
    again = {
        "variable": lambda: lp.variable("machines", "wm"),
        "rows": lambda: lp.at_most("cap", expr, 2.0),
        "line": lambda: lp.spend("income", expr),
    }
    with pytest.raises(ValueError, match="already in the model"):
        again[kind]()


# --- rows -------------------------------------------------------------------------------------------------


def test_rows_without_a_finite_limit_are_left_out() -> None:
    """An infinite limit is no limit; the row's number is ABSENT, and the others stay in place."""
    lp = program()
    lp.at_most("cap", total("m->m", lp.variable("x", "m")), [1.0, np.inf, 3.0])
    assert rows(lp, "cap") == ["cap[jan]: +x[jan] <= 1", "cap[mar]: +x[mar] <= 3"]
    assert lp.rows["cap"][1].tolist() == [0, ABSENT, 1]


def test_empty_rows_that_hold_are_left_out() -> None:
    """0 <= 1, 0 >= -1 and 0 = 0 say nothing."""
    lp = program()
    lp.variable("x", "m")
    lp.at_most("most", lp.nothing("m"), 1.0)
    lp.at_least("least", lp.nothing("m"), -1.0)
    lp.equal("same", lp.nothing("m"), 0.0)
    assert len(lp.row_low) == 0


def test_empty_rows_that_cannot_hold_are_kept() -> None:
    """0 >= 1 and 0 = 5 have no solution; leaving them out would call an impossible study solved."""
    lp = program()
    lp.variable("x", "m")
    lp.at_least("least", lp.nothing("m"), [1.0, 0.0, 0.0])
    lp.at_most("most", lp.nothing("m"), [-1.0, 0.0, 0.0])
    lp.equal("same", lp.nothing("m"), [0.0, 5.0, 0.0])
    assert lp.row_names() == ["least[jan]", "most[jan]", "same[feb]"]


def test_a_limit_that_is_not_a_number_is_refused() -> None:
    """A missing figure must not become freedom: with the row gone the cap of feb would be infinite."""
    lp = program()
    with pytest.raises(ValueError, match="cap"):
        lp.at_most("cap", total("m->m", lp.variable("x", "m")), [1.0, np.nan, 3.0])


def test_a_column_named_twice_in_a_row_is_added_up() -> None:
    """x + 2x is 3x; a matrix that keeps the last entry would say 2x."""
    lp = program()
    x = total("m->m", lp.variable("x", "m"))
    lp.at_most("cap", x + x.times(2.0), 9.0)
    assert rows(lp, "cap")[0] == "cap[jan]: +3 x[jan] <= 9"
    assert lp.matrix.nnz == 3


def test_rows_need_the_shape_that_the_labels_say() -> None:
    """Two periods of a three-period model are not a row family."""
    lp = program()
    machines = lp.variable("x", "m")
    with pytest.raises(ValueError, match="labels say"):
        lp.at_most("cap", total("m->m", machines[:2]), 1.0)


# --- money ------------------------------------------------------------------------------------------------


def test_a_line_of_money_needs_the_axes_of_its_worth() -> None:
    """Money without a month has no discount, and so no place in the objective."""
    lp = program()
    with pytest.raises(ValueError, match=r"needs \['m'\]"):
        lp.earn("income", total("wsm->ws", lp.variable("x", "wsm")))


def test_objective_is_the_worth_of_every_line() -> None:
    """100 earned and 40 spent a month at 1, 1/2, 1/4: 60, 30, 15. Without discount all would be 60."""
    lp = program()
    x = lp.variable("x", "wm")
    lp.earn("income", total("wm->wm", x, 100.0))
    lp.spend("cost", total("wm->wm", x, 40.0))
    assert lp.objective.tolist() == [60.0, 30.0, 15.0]
    assert line(lp, "cost")[0] == "dull, jan: -40 x[dull, jan]"


def test_a_line_may_turn_its_axes_round() -> None:
    """A line over (m, w) is discounted by its months, not by the place that months have elsewhere."""
    lp = program(2)
    x = lp.variable("x", "wm")
    lp.earn("income", total("wm->mw", x))
    assert lp.objective.tolist() == [1.0, 0.5, 0.25] * 2


def test_money_adds_cash_lines_and_leaves_out_the_rest() -> None:
    """Income 100, freight 30 (capital), a charge of 7 that is not cash: cash 70, capital -30."""
    lp = program()
    x = total("wm->wm", lp.variable("x", "wm"))
    lp.earn("income", x.times(100.0))
    lp.spend("freight", x.times(30.0), is_capital=True)
    lp.spend("risk", x.times(7.0), is_cash=False)
    one = np.ones(3)
    assert lp.money("wm").value(one).tolist() == [[70.0] * 3]
    assert lp.money("wm", only_capital=True).value(one).tolist() == [[-30.0] * 3]


def test_the_tax_counts_cash_that_is_not_capital_unless_told_otherwise() -> None:
    """Income yes, a purchase no, an end value no; depreciation, which is no cash, if it says so."""
    lp = program()
    x = total("wm->wm", lp.variable("x", "wm"))
    lp.earn("income", x)
    lp.spend("purchases", x, is_capital=True)
    lp.earn("end_value", x, is_cash=False)
    lp.spend("depreciation", x, is_cash=False, is_taxable=True)
    lp.earn("grant", x, is_taxable=False)
    told = {name: line.is_taxable for name, line in lp.ledger.items()}
    assert told == {
        "income": True,
        "purchases": False,
        "end_value": False,
        "depreciation": True,
        "grant": False,
    }


# --- names ------------------------------------------------------------------------------------------------


def test_every_column_and_row_has_its_own_name() -> None:
    """Shared columns bear the first scenario's name; nothing is nameless."""
    lp = program(2)
    x = lp.variable("x", "wm", shared=("w", 1))
    lp.at_most("cap", total("wm->wm", x), 1.0)
    names = ["x[dull, jan]", "x[dull, feb]", "x[dull, mar]", "x[boom, feb]", "x[boom, mar]"]
    assert lp.column_names() == names
    assert lp.row_names() == [f"cap[{w}, {m}]" for w in LABELS["w"] for m in LABELS["m"]]


def test_an_empty_model_has_no_rows_and_no_objective() -> None:
    """The corner in which nothing may be concatenated."""
    lp = program()
    lp.variable("x", "m", exists=False)
    assert (lp.matrix.shape, lp.objective.tolist(), lp.column_names()) == ((0, 0), [], [])
