"""The section `market` of a study: every path, what contradicts itself, and faults with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer import Study, market
from optimizer.errors import ConfigError, Problem
from optimizer.prepare.market import end_btc_price_usd, machine_price_factors, market_of, treasury_share
from tests.market.paths import project
from tests.prepare.studies import small

MONTHS = ("2027-01", "2027-02", "2027-03")
NOVEMBER = {
    "month": "2026-11",
    "btc_price_usd": 70_000.0,
    "difficulty": 120e12,
    "fees_btc_per_block": 0.025,
    "source": "test",
}


def study(**keys: Any) -> Study:
    """The small study with these keys of its market alone."""
    return small(market={"start": NOVEMBER, "pool_fee_share": 0.0, **keys})


FLAT = {"btc_price_growth_share_per_year": 0.0, "network_growth_share_per_year": 0.0}
AGE = {"machine_price_decline_share_per_year": 0.25}


def path(**keys: Any) -> market.MarketPath:
    of = study(**keys)
    return market_of(of, of.horizon.periods())[1]


def rows(key: str, *values: float) -> list[dict[str, Any]]:
    return [{"month": month, key: value} for month, value in zip(MONTHS, values, strict=True)]


def refused(**keys: Any) -> Problem:
    with pytest.raises(ConfigError) as caught:
        path(**keys)
    return caught.value.problems[0]


# --- the paths -------------------------------------------------------------------------------------------


def test_old_keys_give_the_old_numbers() -> None:
    """As `project` gives them: nothing about tables may touch a growing path."""
    growth = {"btc_price_growth_share_per_year": 0.3, "network_growth_share_per_year": 0.2}
    of = study(**growth, **AGE)
    start, found = market_of(of, of.horizon.periods())
    bounds = [(period.first_day, period.day_after_last) for period in of.horizon.periods()]
    expected = project(start, bounds, 0.3, 0.2)
    assert np.array_equal(found.hashprice_usd_per_ths_day, expected.hashprice_usd_per_ths_day)
    assert np.array_equal(found.btc_price_usd, expected.btc_price_usd)


def test_tables_of_price_hashrate_and_fees() -> None:
    """3.225 BTC * 70,000 * 86,400e15 / (125.73e12 * 2^32) = 36.12 USD/PH/day; 900 EH/s are 125.73T."""
    found = path(
        btc_price_usd=rows("btc_price_usd", 70e3, 80e3, 60e3),
        network_hashrate_ehs=rows("network_hashrate_ehs", 900, 900, 900),
        fees_btc_per_block=rows("fees_btc_per_block", 0.1, 0.1, 0.1),
        **AGE,
    )
    assert 1000 * found.hashprice_usd_per_ths_day == pytest.approx([36.12, 41.28, 30.96], abs=1e-3)
    assert found.end_btc_price_usd == 60e3


def test_a_table_of_difficulty() -> None:
    found = path(
        network_difficulty=rows("network_difficulty", 100e12, 110e12, 121e12),
        btc_price_growth_share_per_year=0.0,
        **AGE,
    )
    assert found.difficulty == pytest.approx([100e12, 110e12, 121e12])


def test_a_forward_curve_begins_at_the_starts_middle() -> None:
    """70,000 in mid-November to 140,000 on 16 January (61.5 days): held from then on, so March is 140,000."""
    quotes = [{"date": "2027-01-16", "btc_price_usd": 140e3}]
    held = path(btc_price_forward=quotes, **FLAT, **AGE)
    assert held.btc_price_usd[2] == pytest.approx(140e3)
    days = np.arange(46, 77) + 0.5  # January, from midnight of 16 November
    expected = np.mean(70e3 * 2 ** np.minimum(days / 61.5, 1.0))
    assert held.btc_price_usd[0] == pytest.approx(expected, rel=1e-12)
    grown = path(btc_price_forward=quotes, **{**FLAT, "btc_price_growth_share_per_year": 1.0}, **AGE)
    assert grown.btc_price_usd[2] > 1.1 * 140e3


def test_hashprice_in_bitcoin_at_the_paths_price() -> None:
    """0.0005 BTC/PH/day x 70,000: 35 USD/PH/day; network and fees need not be said."""
    found = path(hashprice_btc_per_phs_day=0.0005, btc_price_growth_share_per_year=0.0, **AGE)
    assert 1000 * found.hashprice_usd_per_ths_day == pytest.approx([35.0] * 3)


def test_the_halving_that_a_study_states() -> None:
    """16 February 2027 as its day: 15 days at 3.125 and 13 at 1.5625 = 2.3996, and 0.025 of fees."""
    found = path(halving="2027-02-16", **FLAT, **AGE)
    assert found.reward_btc_per_block == pytest.approx(
        [3.15, 0.025 + (15 * 3.125 + 13 * 1.5625) / 28, 1.5875]
    )


def test_the_halving_from_a_studys_own_block() -> None:
    """4,320 blocks after noon of 1 January 2027 is noon of 31 January: one day of the month is at half."""
    own = {**NOVEMBER, "height": 1_045_680, "height_date": "2027-01-01"}
    found = path(start=own, halving="pace", **FLAT, **AGE)
    assert found.reward_btc_per_block is not None
    assert found.reward_btc_per_block[0] == pytest.approx(0.025 + (30 * 3.125 + 1.5625) / 31)


def test_a_studys_own_block_counts_at_ten_minutes_too() -> None:
    """The same block without `pace`: the bundled one puts the halving into 2028, and January at 3.15."""
    own = {**NOVEMBER, "height": 1_045_680, "height_date": "2027-01-01"}
    found = path(start=own, **FLAT, **AGE)
    assert found.reward_btc_per_block is not None
    assert found.reward_btc_per_block[0] == pytest.approx(0.025 + (30 * 3.125 + 1.5625) / 31)


# --- what is kept ----------------------------------------------------------------------------------------


def test_treasury_by_steps() -> None:
    """Nothing in January, 30 % from February on; at the path's price on the last day unless stated."""
    of = study(treasury_share=[{"from": "2027-02", "share": 0.3}], **FLAT, **AGE)
    periods = of.horizon.periods()
    assert treasury_share(of.market, periods).tolist() == pytest.approx([0.0, 0.3, 0.3])
    assert end_btc_price_usd(of.market, market_of(of, periods)[1]) == pytest.approx(70e3)
    steps = [{"from": "2027-02", "share": 0.3}, {"from": "2027-03", "share": 0.6}]
    later = study(treasury_share=steps, **FLAT, **AGE)
    assert treasury_share(later.market, periods).tolist() == pytest.approx([0.0, 0.3, 0.6])
    stated = study(treasury_share=0.1, treasury_price_at_end_usd="90 kUSD", **FLAT, **AGE)
    assert treasury_share(stated.market, periods).tolist() == [0.1] * 3
    assert end_btc_price_usd(stated.market, market_of(stated, periods)[1]) == 90e3


def test_treasury_steps_in_a_quarter_are_weighted_by_days() -> None:
    """April to June, 30 % from May: 61 of 91 days; the quarter's first month alone would give 0."""
    of = study(treasury_share=[{"from": "2027-05", "share": 0.3}], **FLAT, **AGE)
    quarter = of.horizon.model_copy(update={"months": 3, "quarters": 1}).periods()
    assert treasury_share(of.market, quarter)[3] == pytest.approx(0.3 * 61 / 91)


# --- machine prices --------------------------------------------------------------------------------------


def factors(of: Study, j_per_th: float = 17.5) -> tuple[Any, Any]:
    periods = of.horizon.periods()
    start, found = market_of(of, periods)
    return machine_price_factors(of, periods, start, found, np.array([j_per_th]), np.array([5.0]))


def test_without_machine_prices_both_decline() -> None:
    resale, new = factors(study(**FLAT, **AGE))
    assert resale is new
    assert resale[0, 0] == pytest.approx(0.75 ** (15.5 / 365.25), rel=1e-4)


def test_resale_by_hashprice_and_new_machines_by_time() -> None:
    """The stated hashprice halves: 0.5 ** 1.2 as bundled, 0.5 as the study has it; offers only age.

    Today's prices go with the stated path's first month; against the start's hashprice, a tenth lower here,
    machines would be worth 1.13 of their price on the first day.
    """
    first = 1.1 * market.point("2026-11", 70e3, 120e12, 0.025, "test").hashprice_usd_per_ths_day
    path = [
        {"month": month, "hashprice_usd_per_ths_day": price}
        for month, price in zip(MONTHS, (first, first / 2, first / 2), strict=True)
    ]
    prices: dict[str, Any] = {
        "resale": {"by": "hashprice"},
        "new": {"by": "time", "decline_share_per_year": 0.0},
    }
    keys = {"hashprice_usd_per_ths_day": path, "btc_price_growth_share_per_year": 0.0}
    resale, new = factors(study(machine_prices=prices, **keys))
    assert resale[0] == pytest.approx([1.0, 0.5**1.2, 0.5**1.2])
    assert new[0] == pytest.approx([1.0] * 3)
    prices["resale"]["elasticity"] = {"from_16": 1.0}
    assert factors(study(machine_prices=prices, **keys))[0][0] == pytest.approx([1.0, 0.5, 0.5])


@pytest.mark.parametrize("key", ["hashprice_usd_per_ths_day", "hashprice_btc_per_phs_day"])
def test_a_machine_is_worth_its_price_on_the_first_day(key: str) -> None:
    """Whatever level the study states: against the start's 0.039 a machine of 1,000 USD stood at 1,678."""
    value = {"hashprice_usd_per_ths_day": 0.06, "hashprice_btc_per_phs_day": 0.00085}[key]
    keys: dict[str, Any] = {key: value, "btc_price_growth_share_per_year": 0.0}
    assert factors(study(machine_prices={"resale": {"by": "hashprice"}}, **keys))[0][0, 0] == pytest.approx(1)


def test_a_table_that_lacks_a_machines_class() -> None:
    table = [{"month": month, "under_16_usd_per_ths": 6} for month in MONTHS]
    with pytest.raises(ConfigError, match="no from_16, in which machines are"):
        factors(study(machine_prices={"resale": {"by": "table", "table": table}}, **FLAT))


# --- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "rule"),
    [
        ({**AGE}, "does not say how the bitcoin price goes on"),
        ({**AGE, "btc_price_growth_share_per_year": 0.0}, "does not say how the network goes on"),
        ({**FLAT}, "does not say how prices of machines go on"),
        (
            {
                **{**FLAT, **AGE, "btc_price_growth_share_per_year": 0.1},
                "btc_price_usd": rows("btc_price_usd", 1, 1, 1),
            },
            "gives both btc_price_growth_share_per_year and btc_price_usd",
        ),
        (
            {
                **FLAT,
                **AGE,
                "network_difficulty": rows("network_difficulty", 1, 1, 1),
                "network_hashrate_ehs": rows("network_hashrate_ehs", 1, 1, 1),
            },
            "gives both network_difficulty and network_hashrate_ehs",
        ),
        (
            {**FLAT, **AGE, "hashprice_usd_per_ths_day": 0.03, "hashprice_btc_per_phs_day": 0.0005},
            "gives both hashprice_usd_per_ths_day and hashprice_btc_per_phs_day",
        ),
        ({**FLAT, **AGE, "machine_prices": {"resale": {"by": "hashprice"}}}, "gives both machine_price"),
        ({**FLAT, "machine_prices": {"resale": {"by": "time"}}}, "goes by time without a decline"),
        ({**FLAT, "machine_prices": {"resale": {"by": "table"}}}, "goes by table without one"),
        ({**FLAT, "machine_prices": {"resale": {"by": "hashprice", "lag_months": 3}}}, "must be at most 2"),
        (
            {**FLAT, "machine_prices": {"resale": {"by": "table", "table": [{"month": "2027-01",
             "from_16_usd_per_ths": -1}]}}},
            "must be above 0",
        ),
        ({**FLAT, **AGE, "halving": "2024-01-01"}, "is not after the last halving"),
        ({**FLAT, **AGE, "halving": "soon"}, "is neither a pace nor a day"),
        ({**FLAT, **AGE, "treasury_share": 1.5}, "must be at most 1"),
        (
            {
                **{**FLAT, **AGE},
                "treasury_share": [{"from": "2027-02", "share": 0.1}, {"from": "2027-01", "share": 0.2}],
            },
            "has treasury_share steps out of order",
        ),
        ({**FLAT, **AGE, "start": {**NOVEMBER, "height": 961_632}}, "has a height without its day"),
        ({**FLAT, **AGE, "start": "newest"}, "is neither 'bundled' nor 'refreshed'"),
        ({**FLAT, **AGE, "btc_price_usd": 70_000}, "is not a table"),
    ],
)  # fmt: skip
def test_what_contradicts_itself(keys: dict[str, Any], rule: str) -> None:
    """Two ways for one figure, or none, would leave it to the program which of them counts."""
    told = refused(**keys)
    assert rule in told.rule
    assert told.remedy


@pytest.mark.parametrize(
    ("table", "where", "rule"),
    [
        (rows("btc_price_usd", 1e5, 1e5, 1e5)[:2], "market.btc_price_usd", "lacks 1 months of the horizon"),
        (
            [*rows("btc_price_usd", 1e5, 1e5, 1e5), {"month": "2027-02", "btc_price_usd": 9e4}],
            "market.btc_price_usd.3.month",
            "is the month of entry 1 too",
        ),
        (
            [{"month": "2026-10", "btc_price_usd": 9e4}, *rows("btc_price_usd", 1e5, 1e5, 1e5)],
            "market.btc_price_usd.0.month",
            "is before the market's start, 2026-11",
        ),
        (rows("btc_price_usd", 1e5, -1, 1e5), "market.btc_price_usd.1.btc_price_usd", "must be above 0"),
    ],
)
def test_tables_with_a_fault(table: list[dict[str, Any]], where: str, rule: str) -> None:
    """A gap, a repeat, a month before the start, a negative number: each at its row."""
    told = refused(btc_price_usd=table, network_growth_share_per_year=0.0, **AGE)
    assert told.where.replace("[", ".").replace("]", "") == where
    assert rule in told.rule


@pytest.mark.parametrize(
    ("days", "rule"),
    [
        (("2027-01-16", "2027-01-16"), "is not after the quote before it"),
        (("2026-11-20",), "is not after 2026-11"),
    ],
)
def test_forward_quotes_with_a_fault(days: tuple[str, ...], rule: str) -> None:
    """Two prices for one day, or a quote of the month that the start already has."""
    quotes = [{"date": day, "btc_price_usd": 80e3} for day in days]
    assert rule in refused(btc_price_forward=quotes, **FLAT, **AGE).rule


def test_a_dump_can_be_read_again() -> None:
    """Defaults that a dump writes out must not count as a second way of saying the same."""
    of = study(
        btc_price_usd=rows("btc_price_usd", 70e3, 80e3, 60e3),
        network_hashrate_ehs=rows("network_hashrate_ehs", 900, 900, 900),
        machine_prices={"resale": {"by": "hashprice"}},
    )
    assert small(market=of.market.model_dump(mode="json")).market == of.market


# --- files -----------------------------------------------------------------------------------------------


def test_tables_from_files_with_their_lines(tmp_path: Path) -> None:
    """A repeated month in the file is told by the file and its line, and the file is among the inputs."""
    import yaml

    from tests.prepare.studies import BASE

    prices = tmp_path / "prices.csv"
    prices.write_text(
        "month,btc_price_usd\n2027-01,70 kUSD\n2027-02,80000\n2027-03,60000\n", encoding="utf-8"
    )
    machines = tmp_path / "machines.csv"
    machines.write_text(
        "month,from_16_usd_per_ths\n" + "".join(f"{month},5\n" for month in MONTHS), encoding="utf-8"
    )
    section = {
        "start": NOVEMBER,
        "pool_fee_share": 0.0,
        "network_growth_share_per_year": 0.0,
        "btc_price_usd": {"file": "prices.csv"},
        "machine_prices": {"resale": {"by": "table", "table": {"file": "machines.csv"}}},
    }
    file = tmp_path / "study.yaml"
    file.write_text(yaml.safe_dump({**BASE, "market": section}), encoding="utf-8")
    of = Study.from_yaml(file)
    assert market_of(of, of.horizon.periods())[1].btc_price_usd == pytest.approx([70e3, 80e3, 60e3])
    assert {Path(source.path).name for source in of.source_files} == {
        "study.yaml",
        "prices.csv",
        "machines.csv",
    }
    prices.write_text(prices.read_text(encoding="utf-8") + "2027-02,70000\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Study.from_yaml(file)
    (told,) = caught.value.problems
    assert (Path(told.file).name, told.line, told.rule) == ("prices.csv", 5, "is the month of entry 1 too")
