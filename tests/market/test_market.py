"""The market path against published figures, days counted by hand, and a slow loop written another way."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer import market
from tests.market.paths import project

AUGUST = market.bundled_start()  # 21 days of 2026-08, so its middle is noon of 11 August


def month(text: str) -> market.Period:
    first = date.fromisoformat(f"{text}-01")
    return first, (first + timedelta(days=31)).replace(day=1)


def one_day(day: date) -> list[market.Period]:
    return [(day, day + timedelta(days=1))]


# --- the formula -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", market.history()[-24:], ids=lambda row: row.month)
def test_formula_gives_the_published_hashprice(row: market.MarketPoint) -> None:
    """Each of the last 24 months within 1 %; the subsidy before the halving would give about twice that."""
    formula = market.hashprice_usd_per_ths_day(
        row.btc_price_usd, row.difficulty, row.fees_btc_per_block, market.subsidy_btc(row.last_day)
    )
    assert formula == pytest.approx(row.hashprice_usd_per_ths_day, rel=0.01)


def test_formula_in_halving_months() -> None:
    """April 2024: 19 days at 6.25, 11 at 3.125: within 1.5 %; a whole month of either is 18 or 33 % off."""
    april = next(row for row in market.history() if row.month == "2024-04")
    own = market.point(
        "2024-04", april.btc_price_usd, april.difficulty, april.fees_btc_per_block, source="test"
    )
    assert own.hashprice_usd_per_ths_day == pytest.approx(april.hashprice_usd_per_ths_day, rel=0.015)


def test_november_2025_as_luxor_published_it() -> None:
    """39.82 USD/PH/day at a difficulty of 153.33 T (Luxor); ours is 39.73 at 153.23 T."""
    november = next(row for row in market.history() if row.month == "2025-11")
    assert 1000 * november.hashprice_usd_per_ths_day == pytest.approx(39.73, abs=0.005)
    at_luxors_difficulty = market.hashprice_usd_per_ths_day(
        november.btc_price_usd, 153.33e12, november.fees_btc_per_block, 3.125
    )
    assert 1000 * at_luxors_difficulty == pytest.approx(39.82, rel=0.005)


def test_bitcoin_of_one_exahash_in_a_month() -> None:
    """1 EH/s, 30 days, difficulty 120 T, 3.15 BTC per block: 5.0292 blocks, 15.842 BTC.

    Counting hashes per difficulty as 1e9 in place of 2**32 would give 68 BTC.
    """
    start = market.point("2026-11", 70_000, 120e12, 0.025, source="test")
    path = project(start, [month("2026-11")], 0.0, 0.0)
    assert path.btc_per_ths_day[0] * 1e6 * 30 == pytest.approx(15.842, abs=5e-4)


# --- halvings --------------------------------------------------------------------------------------------


def test_next_halving_by_hand() -> None:
    """1,050,000 - 961,632 = 88,368 blocks of 10 minutes = 613 days 16 h after noon of 2026-08-08."""
    assert market.halving_date(5) == date(2028, 4, 13)
    assert market.halving_date(6) == date(2032, 4, 10)  # 210,000 blocks = 1,458 days 8 h later


@pytest.mark.parametrize(
    ("day", "subsidy"),
    [
        (date(2009, 1, 3), 50.0),
        (date(2024, 4, 19), 6.25),
        (date(2024, 4, 20), 3.125),
        (date(2028, 4, 12), 3.125),
        (date(2028, 4, 13), 1.5625),
        (date(2032, 4, 10), 0.78125),
    ],
)
def test_subsidy_changes_on_the_day(day: date, subsidy: float) -> None:
    """An off-by-one shows on the eve or on the day; missing the later halvings shows in 2032."""
    assert market.subsidy_btc(day) == subsidy


def test_halving_month_is_weighted_by_days() -> None:
    """April 2028: 12 days at 3.125 and 18 at 1.5625 = 2.1875; a monthly switch gives one of the two."""
    path = project(AUGUST, [month("2028-04")], 0.0, 0.0, fees_btc_per_block=0.0)
    assert path.reward_btc_per_block is not None
    assert path.reward_btc_per_block[0] == pytest.approx(2.1875, rel=1e-14)


def test_no_subsidy_before_the_first_block() -> None:
    """Silence here would give 50 BTC in 2008."""
    with pytest.raises(ValueError, match="before the first block"):
        market.subsidy_btc(date(2008, 12, 31))
    with pytest.raises(ValueError, match="counted from 1"):
        market.halving_date(0)


# --- growth ----------------------------------------------------------------------------------------------


def test_growth_starts_in_the_middle_of_the_days_covered() -> None:
    """11 August is the middle of 1 to 21 August: nothing has grown. From mid-month it would be 1 % less."""
    path = project(AUGUST, one_day(date(2026, 8, 11)), 1.0, 1.0)
    assert path.btc_price_usd[0] == pytest.approx(AUGUST.btc_price_usd, rel=1e-14)


def test_growth_compounds_by_the_year() -> None:
    """1,461 days at +10 % and +20 % a year: price x 1.4641, difficulty x 2.0736, not x 1.4 and x 1.8."""
    path = project(AUGUST, one_day(date(2030, 8, 11)), 0.10, 0.20, fees_btc_per_block=0.0)
    assert path.difficulty is not None
    assert path.btc_price_usd[0] == pytest.approx(AUGUST.btc_price_usd * 1.4641, rel=1e-12)
    assert path.difficulty[0] == pytest.approx(AUGUST.difficulty * 2.0736, rel=1e-12)
    expected = market.hashprice_usd_per_ths_day(
        AUGUST.btc_price_usd * 1.4641, AUGUST.difficulty * 2.0736, 0.0, 1.5625
    )
    assert path.hashprice_usd_per_ths_day[0] == pytest.approx(expected, rel=1e-12)


def test_quarter_across_a_halving_against_a_loop_over_days() -> None:
    """The mean of daily hashprice; the hashprice of the mean price and difficulty is 1 % off here."""
    bounds = [(date(2028, 4, 1), date(2028, 7, 1))]
    path = project(AUGUST, bounds, 0.8, -0.3)
    total, days = 0.0, 91
    for offset in range(days):
        day = bounds[0][0] + timedelta(days=offset)
        years = ((day - date(2026, 8, 11)).days) / 365.25
        total += market.hashprice_usd_per_ths_day(
            AUGUST.btc_price_usd * 1.8**years,
            AUGUST.difficulty * 0.7**years,
            AUGUST.fees_btc_per_block,
            3.125 if day < date(2028, 4, 13) else 1.5625,
        )
    assert path.hashprice_usd_per_ths_day[0] == pytest.approx(total / days, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    price_growth=st.floats(-0.9, 3.0),
    network_growth=st.floats(-0.9, 3.0),
    fees=st.floats(0.0, 2.0),
    first_month=st.integers(0, 200),
)
def test_a_quarter_is_the_day_weighted_mean_of_its_months(
    price_growth: float, network_growth: float, fees: float, first_month: int
) -> None:
    """Long horizons may use quarters: plain means of three months would ignore the months' lengths."""
    numbers = range(first_month, first_month + 3)
    months = [month(f"{2026 + (11 + n) // 12}-{(11 + n) % 12 + 1:02}") for n in numbers]
    quarter = [(months[0][0], months[-1][1])]
    by_month = project(AUGUST, months, price_growth, network_growth, fees)
    whole = project(AUGUST, quarter, price_growth, network_growth, fees)
    lengths = np.array([(after - first).days for first, after in months])
    for fine, coarse in (
        (by_month.btc_price_usd, whole.btc_price_usd),
        (by_month.hashprice_usd_per_ths_day, whole.hashprice_usd_per_ths_day),
        (by_month.btc_per_ths_day, whole.btc_per_ths_day),
    ):
        assert coarse[0] == pytest.approx(np.average(fine, weights=lengths), rel=1e-9)


def test_periods_need_not_touch() -> None:
    """A period's mean takes its own days only: each alone gives what it gives beside others."""
    bounds = [month("2026-12"), month("2027-06"), month("2028-04")]
    together = project(AUGUST, bounds, 0.2, 0.3).hashprice_usd_per_ths_day
    alone = [project(AUGUST, [one], 0.2, 0.3).hashprice_usd_per_ths_day[0] for one in bounds]
    assert together == pytest.approx(alone, rel=1e-14)


# --- given directly --------------------------------------------------------------------------------------


def test_given_hashprice_is_kept_and_bitcoin_follow_from_the_price() -> None:
    """0.04 and 0.03 USD/TH/day stay as given; bitcoin are those dollars at the projected price."""
    bounds = [month("2026-12"), month("2027-01")]
    path = market.given(np.array([0.04, 0.03]), AUGUST, bounds, btc_price_growth_share_per_year=0.5)
    projected = project(AUGUST, bounds, 0.5, 0.0)
    assert path.hashprice_usd_per_ths_day.tolist() == [0.04, 0.03]
    assert path.btc_per_ths_day * projected.btc_price_usd == pytest.approx([0.04, 0.03], rel=1e-14)
    assert path.difficulty is None
    assert path.reward_btc_per_block is None


@pytest.mark.parametrize(
    ("hashprice", "message"),
    [([0.04], "shape"), ([0.04, -0.01], "not negative"), ([0.04, float("nan")], "finite")],
)
def test_given_refuses_what_would_travel(hashprice: list[float], message: str) -> None:
    """One value short would be broadcast over the horizon; a NaN would reach the ledger."""
    bounds = [month("2026-12"), month("2027-01")]
    with pytest.raises(ValueError, match=message):
        market.given(np.array(hashprice), AUGUST, bounds, btc_price_growth_share_per_year=0.0)


def test_monthly_values_are_weighted_by_days() -> None:
    """January to March 2027 at 31, 28, 31: (31*1 + 28*2 + 31*6) / 90 = 3.0333; a plain mean gives 3."""
    values = {"2027-01": 1.0, "2027-02": 2.0, "2027-03": 6.0}
    quarter = market.day_weighted(values, [(date(2027, 1, 1), date(2027, 4, 1))])
    assert quarter == pytest.approx([273 / 90], rel=1e-14)


def test_missing_months_are_all_named() -> None:
    """A gap is an error with its months, never the neighbour's value."""
    with pytest.raises(ValueError, match="2027-02, 2027-03"):
        market.day_weighted({"2027-01": 1.0}, [(date(2027, 1, 1), date(2027, 4, 1))])


# --- machine prices --------------------------------------------------------------------------------------


def test_machine_prices_fall_from_the_first_day() -> None:
    """-30 % a year: 0.7**(0.5/365.25) in the middle of day one, four years later 0.2401 of that."""
    bounds = [*one_day(date(2026, 12, 1)), *one_day(date(2030, 12, 1))]
    factor = market.machine_price_factor(bounds, 0.30)
    assert factor[0] == pytest.approx(0.7 ** (0.5 / 365.25), rel=1e-14)
    assert factor[1] / factor[0] == pytest.approx(0.2401, rel=1e-12)


def test_machine_prices_that_do_not_fall_stay() -> None:
    """A decline of 0 is no decline; 1 would make every machine worthless at once and is refused."""
    assert market.machine_price_factor([month("2027-01"), month("2031-01")], 0.0).tolist() == [1.0, 1.0]
    with pytest.raises(ValueError, match=r"in \[0, 1\)"):
        market.machine_price_factor([month("2027-01")], 1.0)


# --- the bundled start, and what is refused --------------------------------------------------------------


def test_bundled_start_says_where_the_data_end() -> None:
    """August 2026 covers 21 days: on 1 December it is 102 days old; the month's end would say 92."""
    assert (AUGUST.month, AUGUST.last_day, AUGUST.confidence) == ("2026-08", date(2026, 8, 21), "high")
    assert AUGUST.age_days(date(2026, 12, 1)) == 102
    assert AUGUST.source


def test_history_has_every_month_once() -> None:
    """A gap or a repeated month in the bundled file would bend every chart drawn from it."""
    months = [row.month for row in market.history()]
    expected = [f"{n // 12}-{n % 12 + 1:02}" for n in range(2019 * 12, 2026 * 12 + 8)]
    assert months == expected


@pytest.mark.parametrize("growth", [-1.0, -1.5, float("nan"), float("inf")])
def test_impossible_growth_is_refused(growth: float) -> None:
    """-100 % a year is a price of zero at once; below it the power of a negative number is NaN."""
    with pytest.raises(ValueError, match="above -1"):
        project(AUGUST, [month("2026-12")], growth, 0.0)
    with pytest.raises(ValueError, match="above -1"):
        project(AUGUST, [month("2026-12")], 0.0, growth)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ([], "no periods"),
        ([(date(2027, 1, 1), date(2027, 1, 1))], "has no days"),
        ([(date(2026, 7, 1), date(2026, 8, 1))], "before the market's start, 2026-08"),
    ],
)
def test_impossible_periods_are_refused(bounds: list[market.Period], message: str) -> None:
    """An empty period would be 0/0; one before the start would be growth run backwards."""
    with pytest.raises(ValueError, match=message):
        project(AUGUST, bounds, 0.0, 0.0)


def test_paths_cannot_be_changed() -> None:
    """A path is shared by every lot and site: writing to it would change them all."""
    path = project(AUGUST, [month("2026-12")], 0.0, 0.0)
    with pytest.raises(ValueError, match="read-only"):
        path.btc_price_usd[0] = 1.0
