"""Tables, forward curves and hashprice in bitcoin, each against a number worked out by hand."""

from datetime import date

import numpy as np
import pytest

from optimizer import market

DECEMBER_AND_JANUARY = [(date(2026, 12, 1), date(2027, 1, 1)), (date(2027, 1, 1), date(2027, 2, 1))]
WINTER = [(date(2026, 12, 1), date(2027, 3, 1))]


def test_a_forward_curve_is_straight_in_the_logarithm() -> None:
    """100 to 400 in ten days: 200 in the middle (250 on a straight line); back to 100: 200 again half way."""
    curve = market.Quoted({0.0: 100.0, 10.0: 400.0, 30.0: 100.0}, share_per_year_after=0.0)
    assert curve.at(np.array([0.0, 5.0, 10.0, 20.0, 30.0])) == pytest.approx([100, 200, 400, 200, 100])


def test_after_the_last_quote_it_is_held_or_grows_as_said() -> None:
    """A year after the last quote of 100: 100 when held, 150 at +50 %; going on in the last slope gives 0."""
    a_year_on = np.array([30.0 + 365.25])
    assert market.Quoted({0.0: 400.0, 30.0: 100.0}, 0.0).at(a_year_on) == pytest.approx([100.0])
    grown = market.Quoted({0.0: 400.0, 30.0: 100.0}, 0.5)
    assert grown.at(a_year_on) == pytest.approx([150.0])
    assert grown.at(np.array([0.0, 15.0])) == pytest.approx([400.0, 200.0])  # the quotes stay quotes


def test_a_table_holds_on_every_day_of_its_month() -> None:
    """(31 * 60,000 + 31 * 80,000 + 28 * 90,000) / 90 = 76,222; a plain mean of months gives 76,667."""
    table = market.ByMonth({"2026-12": 60e3, "2027-01": 80e3, "2027-02": 90e3})
    path = market.usd_hashprice_path(WINTER, table, np.array([0.05]))
    assert path.btc_price_usd == pytest.approx([6.86e6 / 90])
    assert path.end_btc_price_usd == 90e3


def test_a_month_that_is_not_in_the_table_is_named() -> None:
    """Never the neighbour's value."""
    with pytest.raises(ValueError, match="no value for 2027-01, 2027-02"):
        market.usd_hashprice_path(WINTER, market.ByMonth({"2026-12": 60e3}), np.array([0.05]))


def test_hashprice_in_bitcoin_follows_the_price() -> None:
    """0.0005 BTC/PH/day at 60,000 and 80,000: 30 and 40 USD/PH/day; the mean price on both gives 35."""
    price = market.ByMonth({"2026-12": 60e3, "2027-01": 80e3})
    path = market.btc_hashprice_path(DECEMBER_AND_JANUARY, price, market.level(0.0005))
    assert 1000 * path.hashprice_usd_per_ths_day == pytest.approx([30.0, 40.0])
    assert path.btc_per_ths_day == pytest.approx([5e-7, 5e-7])
    assert path.difficulty is None


def test_a_quarter_multiplies_day_by_day() -> None:
    """0.0006 BTC at 60,000, 0.0004 at 80,000: (31*36 + 31*32 + 28*36) / 90 = 34.62; mean x mean is 35.6."""
    price = market.ByMonth({"2026-12": 60e3, "2027-01": 80e3, "2027-02": 60e3})
    btc = market.ByMonth({"2026-12": 0.0006, "2027-01": 0.0004, "2027-02": 0.0006})
    path = market.btc_hashprice_path(WINTER, price, btc)
    assert 1000 * path.hashprice_usd_per_ths_day == pytest.approx([3116 / 90])


def test_a_hashrate_is_a_difficulty() -> None:
    """900 EH/s x 600 s / 2^32 = 125.73T; at a block a minute it would be a tenth of it."""
    assert market.difficulty_of(900.0) == pytest.approx(125.729e12, rel=1e-5)


def test_tables_of_difficulty_and_fees_by_the_formula() -> None:
    """3.15 BTC * 70,000 * 86,400e12 / (120e12 * 2^32) = 36.96 USD/PH/day; with 1 BTC of fees 48.41."""
    path = market.network_path(
        DECEMBER_AND_JANUARY,
        market.level(70_000.0),
        market.ByMonth({"2026-12": 120e12, "2027-01": 120e12}),
        market.ByMonth({"2026-12": 0.025, "2027-01": 1.0}),
        market.halving_days(date(2027, 2, 1)),
    )
    assert 1000 * path.hashprice_usd_per_ths_day == pytest.approx([36.964, 48.405], abs=1e-3)


def test_what_comes_before_a_table_is_bridged_for_the_pace_only() -> None:
    """100 forty days before the middle of December, 400 in it: half way between lies 200."""
    middle = market.month_middle("2026-12")
    table = market.ByMonth({"2026-12": 400.0}, known=(middle - 40, 100.0))
    assert table.trend(np.array([middle - 60, middle - 20, middle + 99])) == pytest.approx([100, 200, 400])
    with pytest.raises(ValueError, match="no value for 2026-11"):
        table.at(np.array([middle - 20]))
