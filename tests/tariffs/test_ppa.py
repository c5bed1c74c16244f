"""Power purchase agreements: bills to the cent, equivalences, and what cannot be settled."""

from __future__ import annotations

import hashlib
from datetime import date

import numpy as np
import pytest

from optimizer.tariffs import HoursInPeriod, PowerPrice, Ppa
from optimizer.tariffs.base import Floats
from optimizer.tariffs.bill import TOTAL, bill
from optimizer.tariffs.price_series import PriceSeries
from tests.tariffs.contracts import contract, days, months, refused, steady

JANUARY = months("2027-01")  # 744 hours
MONTHLY = """
kind: ppa
price_usd_per_kwh: 42 USD/MWh
volume_kwh_per_month: 500000
take_or_pay_share: 0.8
above_usd_per_kwh: 60 USD/MWh
"""
SHAPED = """
kind: ppa
price_usd_per_kwh: 42 USD/MWh
volume_kw: 1 MW
take_or_pay_share: 1
index: {file: p.csv, time_column: t, price_column: p, unit: USD/MWh, time: utc_start}
above_fee_usd_per_kwh: 2 USD/MWh
"""


def total(text: str, hours: HoursInPeriod, *kw: float) -> float:
    return usd(price := contract(text).power_price(hours), steady(price, *kw))


def indexed(text: str, hours: HoursInPeriod, prices: Floats, minutes: int = 60) -> PowerPrice:
    """The price of a contract whose index is these prices, USD/kWh, from the start of the hours on."""
    made = contract(text)
    assert isinstance(made, Ppa)
    first, sha256 = hours.whole.start_utc[0][0], hashlib.sha256(prices.tobytes()).hexdigest()
    series = PriceSeries("p.csv", sha256, 0.001, first, hours.timezone, prices, minutes)
    return made.with_series(series).power_price(hours)


def usd(price: PowerPrice, drawn_kw: Floats) -> float:
    """The bill; a month that earns more by resale than it costs is below 0."""
    return float(round(bill(price, drawn_kw)[0].drop([TOTAL, "minimum bill"]).sum(), 2))


def test_taken_in_full() -> None:
    """500,000 kWh at 4.2 c: 21,000.00, and not a kWh above. 500,000 / 744 kW is the draw."""
    assert total(MONTHLY, JANUARY, 500_000 / 744) == 21_000.00


def test_short_with_take_or_pay() -> None:
    """372,000 kWh are below the 400,000 owed: 16,800.00 all the same. Paid as taken it would be 15,624."""
    assert total(MONTHLY, JANUARY, 500.0) == 16_800.00


def test_between_what_is_owed_and_the_volume() -> None:
    """446,400 kWh at 4.2 c: 18,748.80."""
    assert total(MONTHLY, JANUARY, 600.0) == 18_748.80


def test_above_the_volume() -> None:
    """744,000 kWh: 21,000 for the volume and 244,000 at 6 c, 14,640. All at the high price: 44,640."""
    assert total(MONTHLY, JANUARY, 1000.0) == 35_640.00


def test_what_is_short_is_resold() -> None:
    """28,000 kWh owed and not taken are sold at 3 c: 16,800 - 840 = 15,960.00."""
    text = f"{MONTHLY}resale: flat\nresale_usd_per_kwh: 30 USD/MWh"
    assert total(text, JANUARY, 500.0) == 15_960.00
    assert total(text, JANUARY, 0.0) == 16_800.00 - 12_000.00


def test_a_resale_above_the_price_comes_after_the_option() -> None:
    """At 5 c it pays to run on the 100,000 kWh that are optional at 4.2 c and to sell what is owed: 74,400
    kWh cost 4.2 c each beside 400,000 x (4.2 - 5) c = -3,200: -75.20. Owed energy first would be 520."""
    text = f"{MONTHLY}resale: flat\nresale_usd_per_kwh: 50 USD/MWh"
    assert total(text, JANUARY, 100.0) == -75.20


def test_the_bill_is_owed_where_the_law_closes_the_site() -> None:
    """A closed month still has its take-or-pay."""
    closed = months("2027-01", closed=days(date(2027, 1, 1), date(2027, 1, 31)))
    assert contract(MONTHLY).power_price(closed).standing_charge_usd.tolist() == [16_800.0]
    half = months("2027-01", closed=days(date(2027, 1, 1), date(2027, 1, 15)))
    price = indexed(SHAPED, half, np.full(744, 0.03))
    assert price.standing_charge_usd == pytest.approx(744 * 42.0)
    assert (price.hours.sum(), (price.hours > 0).sum()) == (384, 384)


def test_growth_moves_price_and_price_above() -> None:
    """5 % more from January on: 35,640 x 1.05."""
    assert total(f"{MONTHLY}steps: [{{from: 2027-01, multiply: 1.05}}]", JANUARY, 1000.0) == 37_422.00


@pytest.mark.parametrize("kw", [0.0, 300.0, 671.0, 1000.0])
@pytest.mark.parametrize("own", [60, 75])
def test_without_take_or_pay_it_is_the_price_above(kw: float, own: int) -> None:
    """Where the contract's price is not below it, a PPA that owes nothing is a flat tariff in every
    clause."""
    text = MONTHLY.replace("0.8", "0").replace("42 USD", f"{own} USD")
    flat = contract("kind: flat\nenergy_usd_per_kwh: 60 USD/MWh").power_price(JANUARY)
    for volume in ("volume_kwh_per_month: 500000", "volume_kw: 700"):
        price = contract(text.replace("volume_kwh_per_month: 500000", volume)).power_price(JANUARY)
        assert usd(price, steady(price, kw)) == usd(flat, steady(flat, kw))
        assert (price.volume, price.supply_kw, price.standing_charge_usd.tolist()) == (None, None, [0.0])


def test_without_take_or_pay_and_price_it_is_the_index() -> None:
    """A price above every index price: the contract is never used, and nothing of it is left in the price."""
    prices = np.random.default_rng(1).normal(0.03, 0.01, 744)
    text = SHAPED.replace("share: 1", "share: 0").replace("42 USD", "420 USD")
    price = indexed(text, JANUARY, prices)
    assert np.array_equal(price.total_usd_per_kwh()[:, 0], prices + 0.002)
    assert not price.couples()
    assert (price.volume, price.supply_kw, price.standing_charge_usd.tolist()) == (None, None, [0.0])


def test_an_option_is_used_where_it_is_cheaper() -> None:
    """1 MW at 4.2 c and nothing owed: 372 hours at an index of 3 + 0.2 c are bought there, 372 at 9.8 + 0.2 c
    from the contract up to 1 MW and the rest at the index: 372 x (1.5 x 32 + 42 + 0.5 x 100)."""
    prices = np.tile([0.03, 0.098], 372)
    price = indexed(SHAPED.replace("share: 1", "share: 0"), JANUARY, prices)
    assert usd(price, steady(price, 1500.0)) == pytest.approx(372 * (48 + 42 + 50))


def test_shaped_and_resold_at_the_index() -> None:
    """1 MW owed at 4.2 c in 744 hours, 31,248. Half of them the index is 3 c, half 9.8 c. Drawn is 0.4 MW
    when it is cheap and nothing when it is dear. Sold is 600 kW at 3 - 0.1 c and 1 MW at 9.8 - 0.1 c, each
    for 372 hours: 6,472.80 and 36,084.00. So -11,308.80: the contract earns. Drawn from the index instead,
    with all of the contract sold, it would be -10,862.40."""
    text = f"{SHAPED}resale: index\nresale_fee_usd_per_kwh: 1 USD/MWh"
    price = indexed(text, JANUARY, np.tile([0.03, 0.098], 372))
    assert usd(price, np.tile([400.0, 0.0], 372)[:, None]) == -11_308.80


def test_shaped_and_above() -> None:
    """1.5 MW all month: 31,248, and half a MW at the index plus 0.2 c: 186,000 kWh each at 3.2 and 10 c."""
    text = f"{SHAPED}resale: index\nresale_fee_usd_per_kwh: 1 USD/MWh"
    price = indexed(text, JANUARY, np.tile([0.03, 0.098], 372))
    assert usd(price, steady(price, 1500.0)) == pytest.approx(31_248 + 5_952 + 18_600)


def test_shaped_without_resale_is_lost() -> None:
    """31,248 whatever is drawn up to 1 MW, but where the index falls below -0.2 c it pays to draw from it."""
    price = indexed(SHAPED, JANUARY, np.tile([0.03, -0.012], 372))
    assert usd(price, steady(price, 1000.0)) == pytest.approx(31_248 - 3_720)
    assert usd(price, np.tile([700.0, 0.0], 372)[:, None]) == 31_248.00


def test_a_quarter_hour_index_keeps_its_quarters() -> None:
    """1 MW above nothing, in the second quarter of each hour: 744 x 250 kWh at 5 + 0.2 c."""
    text = SHAPED.replace("volume_kw: 1 MW", "volume_kw: 1").replace("share: 1", "share: 0")
    price = indexed(text, JANUARY, np.tile([0.01, 0.05, 0.01, 0.01], 744), minutes=15)
    assert price.intervals_per_hour == 4
    drawn = np.tile([0.0, 1000.0, 0.0, 0.0], 744)[:, None]
    assert usd(price, drawn) == pytest.approx(744 * (249.75 * 0.052 + 0.25 * 0.042), abs=0.005)


def test_what_is_owed_in_quarters_is_owed_once() -> None:
    """1 MW at 4.2 c for 744 hours, whatever the step of the index. Four times that if a quarter were an
    hour."""
    price = indexed(SHAPED, JANUARY, np.full(4 * 744, 0.03), minutes=15)
    assert price.standing_charge_usd == pytest.approx(31_248)


def test_a_shape_by_hour_and_month() -> None:
    """A solar contract: half its power from 8 to 16, a fifth less in January: 31 x 8 x 400 kW at 4.2 c."""
    shape = [0.5 if 8 <= hour < 16 else 0.0 for hour in range(24)]
    text = f"{SHAPED}shape_by_hour: {shape}\nshape_by_month: {[0.8] + [1.0] * 11}"
    price = indexed(text, JANUARY, np.full(744, 0.03))
    assert price.standing_charge_usd == pytest.approx(31 * 8 * 400 * 0.042)
    assert price.supply_kw is not None
    assert price.supply_kw[:24, 0].tolist() == [400.0 if 8 <= hour < 16 else 0.0 for hour in range(24)]


def test_a_part_owed_of_a_power_is_settled_by_the_month() -> None:
    """80 % of 1 MW x 744 h is 595,200 kWh. At half a MW 372,000 are drawn and 24,998.40 paid; at 0.9 MW
    669,600 at 4.2 c: 28,123.20; at 1.2 MW 31,248 and 148,800 at 6 c: 40,176.00."""
    text = MONTHLY.replace("volume_kwh_per_month: 500000", "volume_kw: 1 MW")
    assert [total(text, JANUARY, kw) for kw in (500.0, 900.0, 1200.0)] == [24_998.40, 28_123.20, 40_176.00]


def test_a_kwh_is_never_resold_for_more_than_one_above_costs() -> None:
    """Above at a flat 6 c, the index at 10 c: what is unused counts 6 c; at 10 it would pay to buy and
    sell."""
    text = SHAPED.replace("above_fee_usd_per_kwh: 2 USD/MWh", "above_usd_per_kwh: 0.06\nresale: index")
    price = indexed(text, JANUARY, np.full(744, 0.10))
    assert usd(price, steady(price, 0.0)) == pytest.approx(744 * 1000 * (0.042 - 0.06))
    assert usd(price, steady(price, 1000.0)) == pytest.approx(31_248)


def test_growth_of_the_index_is_its_own() -> None:
    """The index doubles in a year; the contract's price does not."""
    year = months("2027-01", 13)
    text = SHAPED.replace("time: utc_start}", "time: utc_start, growth_share_per_year: 1.0}")
    hours = int(year.hour_counts().sum())
    price = indexed(text, year, np.full(hours, 0.03))
    assert price.energy_usd_per_kwh[0, [0, 12]] == pytest.approx([0.032, 0.062])
    assert price.standing_charge_usd[[0, 12]] == pytest.approx([31_248, 31_248])


def test_real_time_decides_on_the_last_price() -> None:
    """As on an hourly tariff: without foresight, unless the contract says otherwise."""
    text = SHAPED.replace("time: utc_start}", "time: utc_start, market: real_time}")
    for more, decides_on, restart in (
        ("", "last", 0),
        ("frictions: {restart_minutes: 15}", "last", 15),
        ("frictions: {decides_on: this}", "this", 0),
    ):
        terms = contract(text + more).frictions
        assert terms is not None
        assert (terms.decides_on, terms.restart_minutes) == (decides_on, restart)
    assert contract(SHAPED).frictions is None


@pytest.mark.parametrize(
    ("text", "rule", "remedy"),
    [
        (MONTHLY + "volume_kw: 5", "exactly once", "volume_kwh_per_month"),
        (MONTHLY + f"shape_by_month: {[0.5] * 12}", "no hours", "volume_kw"),
        (MONTHLY.replace("above_usd_per_kwh: 60 USD/MWh", ""), "no price of energy above", "index"),
        (MONTHLY + "above_fee_usd_per_kwh: 0.001", "fee on top of a flat price", "drop"),
        (MONTHLY + "resale: flat", "how it resells", "resale_usd_per_kwh"),
        (MONTHLY + "resale: index", "does not name", "index:"),
        (MONTHLY + "resale_fee_usd_per_kwh: 0.001", "which the contract does not have", "index"),
        (SHAPED.replace("volume_kw: 1 MW", "volume_kwh_per_month: 9"), "of no certain hours", "volume_kw"),
        (SHAPED.replace("share: 1", "share: 0.5"), "owes 50%", "take_or_pay_share: 1"),
        (
            SHAPED.replace("above_fee_usd_per_kwh: 2 USD/MWh", "above_usd_per_kwh: 0.06"),
            "nothing follows",
            "drop index",
        ),
    ],
)
def test_what_cannot_be_settled(text: str, rule: str, remedy: str) -> None:
    """Each with what to write instead."""
    _, told, what_to_do = refused(text)
    assert rule in told
    assert remedy in what_to_do
