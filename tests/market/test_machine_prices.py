"""Machine prices by class of efficiency: elasticity, lag, floor and table, by hand."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from optimizer import market

QUARTER = [(date(2026, 12, 1), date(2027, 1, 1)), (date(2027, 1, 1), date(2027, 2, 1))]
THREE = [*QUARTER, (date(2027, 2, 1), date(2027, 3, 1))]


def path(bounds: Sequence[market.Period], usd_per_ph_day: Sequence[float]) -> market.MarketPath:
    return market.usd_hashprice_path(bounds, market.level(70_000.0), np.array(usd_per_ph_day) / 1000)


def by_hashprice(lag: int = 0, decline: float = 0.0, scrap: float = 0.0) -> market.ByHashprice:
    """Elasticities 1.0, 1.2, 1.5, 1.8 and 2.0 of prices made at 40 USD/PH/day."""
    return market.ByHashprice((1.0, 1.2, 1.5, 1.8, 2.0), (scrap,) * 5, 0.040, lag, decline)


def test_classes_begin_at_their_lower_bound() -> None:
    """16.0 J/TH is not under 16; one class off would give an S21 Hyd the elasticity of an S23."""
    found = market.efficiency_class(np.array([9.5, 15.99, 16.0, 19.9, 20.0, 25.0, 31.9, 32.0, 38.0]))
    assert found.tolist() == [0, 0, 1, 1, 2, 3, 3, 4, 4]


def test_a_halved_hashprice_by_class() -> None:
    """0.5 to the power of the elasticity: 0.5, 0.4353, 0.25; doubled it is 2, 2.2974 and 4. Rows are lots."""
    factor = market.machine_value_factor(
        QUARTER, path(QUARTER, [20.0, 80.0]), np.array([15.0, 18.0, 34.0]), by_hashprice(), np.full(3, 5.0)
    )
    assert factor == pytest.approx(np.array([[0.5, 2.0], [0.43528, 2.29740], [0.25, 4.0]]), abs=1e-5)


def test_prices_follow_a_month_or_two_later() -> None:
    """40, 20, 20 with a lag of 1: 1, 1, 0.5; of 2: 1, 1, 1. Months before the plan have the first one's."""
    falls = path(THREE, [40.0, 20.0, 20.0])
    one, two = (
        market.machine_value_factor(THREE, falls, np.array([15.0]), by_hashprice(lag), np.array([5.0]))
        for lag in (1, 2)
    )
    assert one == pytest.approx(np.array([[1.0, 1.0, 0.5]]))
    assert two == pytest.approx(np.array([[1.0, 1.0, 1.0]]))


def test_a_quarter_lags_by_months_not_by_periods() -> None:
    """40, then a quarter at 20, lag 1: (31 * 1 + 59 * 0.5) / 90 = 0.6722; lagged by periods it is 1."""
    bounds = [(date(2026, 12, 1), date(2027, 1, 1)), (date(2027, 1, 1), date(2027, 4, 1))]
    factor = market.machine_value_factor(
        bounds, path(bounds, [40.0, 20.0]), np.array([15.0]), by_hashprice(1), np.array([5.0])
    )
    assert factor[0] == pytest.approx([1.0, 60.5 / 90])


def test_never_below_scrap_and_what_is_below_it_today_stays() -> None:
    """Scrap 0.3: a price of 0.4 falls to 0.3 / 0.4 = 0.75, not 0.25; one of 0.2 stays, not 0.3."""
    factor = market.machine_value_factor(
        QUARTER,
        path(QUARTER, [20.0, 20.0]),
        np.array([34.0, 34.0]),
        by_hashprice(scrap=0.3),
        np.array([0.4, 0.2]),
    )
    assert factor[:, 0] == pytest.approx([0.75, 1.0])


def test_age_comes_on_top_of_the_hashprice() -> None:
    """At an unchanged hashprice only the decline is left, the same as by time alone."""
    level = path(QUARTER, [40.0, 40.0])
    aged = market.machine_value_factor(
        QUARTER, level, np.array([18.0]), by_hashprice(decline=0.3), np.array([5.0])
    )
    assert aged[0] == pytest.approx(market.machine_price_factor(QUARTER, 0.3))


def test_by_time_every_machine_falls_alike() -> None:
    """The old rule: one factor for all lots, whatever the hashprice does."""
    factor = market.machine_value_factor(
        QUARTER, path(QUARTER, [40.0, 4.0]), np.array([15.0, 34.0]), market.ByTime(0.25), np.array([5.0, 1.0])
    )
    assert factor == pytest.approx(np.tile(market.machine_price_factor(QUARTER, 0.25), (2, 1)))


def test_a_table_moves_prices_and_does_not_set_them() -> None:
    """A class from 6 to 4.5 USD/TH: every machine of it falls to 0.75 of its own price."""
    table = market.ByTable({"under_16": {"2026-12": 6.0, "2027-01": 4.5}})
    factor = market.machine_value_factor(
        QUARTER, path(QUARTER, [40.0, 40.0]), np.array([15.0]), table, np.array([9.0])
    )
    assert factor == pytest.approx(np.array([[1.0, 0.75]]))


def test_a_table_without_a_machines_class_or_month() -> None:
    """Another class's prices, or the month before, would be a guess."""
    level = path(QUARTER, [40.0, 40.0])
    table = market.ByTable({"under_16": {"2026-12": 6.0}})
    with pytest.raises(ValueError, match="no from_16"):
        market.machine_value_factor(QUARTER, level, np.array([18.0]), table, np.array([9.0]))
    with pytest.raises(ValueError, match="no value for 2027-01"):
        market.machine_value_factor(QUARTER, level, np.array([15.0]), table, np.array([9.0]))


def test_no_machines_no_factors() -> None:
    """A study without offers has an empty axis, not an error."""
    table = market.ByTable({"under_16": {"2026-12": 6.0, "2027-01": 4.5}})
    for terms in (table, by_hashprice(), market.ByTime(0.2)):
        factor = market.machine_value_factor(
            QUARTER, path(QUARTER, [40.0, 40.0]), np.array([]), terms, np.array([])
        )
        assert factor.shape == (0, 2)


def test_the_bundled_estimates_say_that_they_are() -> None:
    """Five classes in order, ever more sensitive, low confidence, each with its reason."""
    classes = market.resale_classes()
    assert tuple(each.name for each in classes) == market.CLASSES
    assert [each.elasticity for each in classes] == sorted(each.elasticity for each in classes)
    assert all(each.confidence == "low" and "own estimate" in each.source and each.basis for each in classes)


def test_the_anchor_of_the_second_class() -> None:
    """14.0 to 7.5 USD/TH while hashprice went from 64.47 to 37.82: an elasticity of 1.17, stated as 1.2."""
    points = {each.month: each.hashprice_usd_per_ths_day for each in market.history()}
    seen = np.log(14.0 / 7.5) / np.log(points["2023-10"] / points["2025-12"])
    assert seen == pytest.approx(1.17, abs=0.01)
    assert market.resale_classes()[1].elasticity == pytest.approx(seen, abs=0.05)
