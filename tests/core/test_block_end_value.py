"""What machines are worth at the horizon keeps a plan from living as if the world ended there."""

from optimizer.blocks.end_value import end_value
from tests.core.answers import answer, same
from tests.core.instances import on_the_road, quiet
from tests.core.printed import line, model_of


def test_end_value_is_booked_in_the_last_month_and_is_not_cash() -> None:
    """What stayed or arrived by then, wherever it stands."""
    lp = model_of(quiet(periods=2, end_value_usd=40.0), end_value)
    assert line(lp, "end_value") == [
        "base, home, m2: +40 staying[base, old, home, m2] +40 arriving[base, old, home, direct, m2]",
        "base, away, m2: +40 staying[base, old, away, m2] +40 arriving[base, old, away, direct, m2]",
    ]
    assert not lp.ledger["end_value"].is_cash


def test_machines_are_kept_when_they_are_worth_more_than_their_price() -> None:
    """Selling in the last month brings 130; a month of 100 and 40 at the end bring 140: nobody sells.

    3,000 + 400 = 3,400. Without the end value the model sells out in m3: 2,000 + 1,300 = 3,300.
    """
    found = answer(quiet(sites=1, sale_usd=[0.0, 0.0, 130.0], max_sales_per_period=100.0, end_value_usd=40.0))
    assert found.standing(0) == [10, 10, 10]
    assert same(found.value_usd, 3400)


def test_machines_are_sold_when_the_price_is_better() -> None:
    """At 141 the last month's sale wins: 2,000 + 1,410."""
    found = answer(quiet(sites=1, sale_usd=[0.0, 0.0, 141.0], max_sales_per_period=100.0, end_value_usd=40.0))
    assert same(found.value_usd, 3410)


def test_nothing_is_on_the_road_at_the_horizon() -> None:
    """A move that could not arrive is not begun: its machines would be worth nothing anywhere."""
    data = quiet(**on_the_road(3, 2), end_value_usd=[40.0], revenue_usd=[[[100.0] * 3], [[1000.0] * 3]])
    found = answer(data)
    assert found.standing(1) == [0, 0, 10]
    assert same(found.value_usd, 10_000 + 400)


def test_end_value_is_discounted_like_the_last_month() -> None:
    """400 at a quarter: 100."""
    data = quiet(sites=1, can_run=False, end_value_usd=40.0, discount=[1.0, 0.5, 0.25])
    assert same(answer(data).value_usd, 100)
