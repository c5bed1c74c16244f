"""Price files finer than the hour, in any form and by any convention; what is wrong is told by its row."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from optimizer.errors import ConfigError, Problem
from optimizer.tariffs import Hourly, PowerPrice
from optimizer.tariffs.base import Floats
from optimizer.tariffs.bill import TOTAL, bill
from optimizer.tariffs.price_file import read_series
from optimizer.tariffs.price_series import PriceSeries, oddities
from optimizer.tariffs.price_stamps import Stamps
from tests.tariffs.contracts import contract, months, refused, steady

DENVER = "America/Denver"
INDEX = """
kind: hourly
file: p.csv
time_column: t
price_column: p
unit: USD/MWh
time: utc_start
"""


def read(path: Path, time: str = "utc_start", timezone: str | None = None) -> PriceSeries:
    return read_series(path, "t", "p", usd_per_kwh_of_unit=0.001, stamps=Stamps.of(time, timezone))


def written(path: Path, stamps: list[str], prices: list[Any] | None = None) -> Path:
    values = range(len(stamps)) if prices is None else prices
    path.write_text("t,p\n" + "".join(f"{t},{p}\n" for t, p in zip(stamps, values, strict=True)))
    return path


def stamps(first: str, count: int, minutes: int, form: str = "%Y-%m-%dT%H:%MZ") -> list[str]:
    begin = datetime.fromisoformat(first)
    return [f"{begin + i * timedelta(minutes=minutes):{form}}" for i in range(count)]


def local(first: str, count: int, minutes: int, *, end: bool, by_clock: bool = True) -> list[str]:
    """Stamps on the clock of Denver of intervals from a moment in UTC on. The interval before a change
    may be named by the end that the clock shows or by its start plus its length."""
    step, zone = timedelta(minutes=minutes), ZoneInfo(DENVER)
    begin = datetime.fromisoformat(first).replace(tzinfo=ZoneInfo("UTC"))
    starts = [begin + i * step for i in range(count)]
    if not end:
        shown = [each.astimezone(zone).replace(tzinfo=None) for each in starts]
    elif by_clock:
        shown = [(each + step).astimezone(zone).replace(tzinfo=None) for each in starts]
    else:
        shown = [each.astimezone(zone).replace(tzinfo=None) + step for each in starts]
    return [f"{each:%Y-%m-%d %H:%M}" for each in shown]


def problems(*arguments: Any) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        read(*arguments)
    return caught.value.problems


def of_contract(text: str, series: PriceSeries) -> Hourly:
    made = contract(text)
    assert isinstance(made, Hourly)
    return made.with_series(series)


def priced(text: str, prices: Floats, minutes: int, month: str, timezone: str = "UTC") -> PowerPrice:
    hours = months(month, timezone=timezone)
    series = PriceSeries(
        "p.csv", str(hash(prices.tobytes())), 0.001, hours.start_utc[0][0], timezone, prices, minutes
    )
    return of_contract(text, series).power_price(hours)


@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
@pytest.mark.parametrize("time", ["utc_start", "utc_ending"])
def test_steps_and_both_ends(tmp_path: Path, minutes: int, time: str) -> None:
    """A stamp at midnight names the interval that begins there, or the one that ends there."""
    series = read(written(tmp_path / "p.csv", stamps("2027-01-01", 100, minutes)), time)
    shift = np.timedelta64(minutes if time == "utc_ending" else 0, "m")
    assert series.minutes == minutes
    assert series.first_utc == np.datetime64("2027-01-01T00:00") - shift
    assert series.usd_per_kwh[99] == pytest.approx(0.099)


def test_parquet_holds_the_same(tmp_path: Path) -> None:
    """Text, naive and zoned stamps, and stamps as the index: the same series as from CSV."""
    text = stamps("2027-01-01", 96, 15)
    expected = read(written(tmp_path / "p.csv", text))
    zoned = pd.to_datetime(pd.Series(text))
    prices = pd.Series(range(96))
    forms = [pd.Series(text), zoned, zoned.dt.tz_localize(None), zoned.dt.tz_convert(DENVER)]
    for number, form in enumerate(forms):
        pd.DataFrame({"t": form, "p": prices}).to_parquet(tmp_path / f"{number}.parquet")
        assert np.array_equal(read(tmp_path / f"{number}.parquet").start_utc, expected.start_utc)
    pd.DataFrame({"t": zoned, "p": prices}).set_index("t").to_parquet(tmp_path / "i.parquet")
    assert np.array_equal(read(tmp_path / "i.parquet").usd_per_kwh, expected.usd_per_kwh)


def test_a_fault_in_parquet_is_told_by_its_row(tmp_path: Path) -> None:
    """There are no lines; the row and column are named instead."""
    zoned = pd.to_datetime(pd.Series(stamps("2027-01-01", 10, 60)))
    pd.DataFrame({"t": zoned.drop(4), "p": [1.0, 2.0, np.nan, *range(6)]}).to_parquet(tmp_path / "p.parquet")
    price, gap = problems(tmp_path / "p.parquet")
    assert (price.line, price.where, price.rule) == (None, "p, row 3", "is not a number")
    assert (gap.where, gap.rule) == ("t, row 5", "comes after a gap: an hour is missing")
    pd.DataFrame({"t": zoned, "p": 1.0}).to_parquet(tmp_path / "z.parquet")
    assert "own offset" in problems(tmp_path / "z.parquet", "local_start", DENVER)[0].rule
    (tmp_path / "n.parquet").write_bytes(b"no parquet")
    assert "is not a Parquet file" in problems(tmp_path / "n.parquet")[0].rule


@pytest.mark.parametrize("minutes", [60, 30, 15, 5])
@pytest.mark.parametrize("month", ["2026-11-01T06:00", "2027-03-14T07:00"])
@pytest.mark.parametrize("naming", ["start", "end by the clock", "end by the start"])
def test_local_stamps_over_a_clock_change(tmp_path: Path, minutes: int, month: str, naming: str) -> None:
    """The 25-hour and the 23-hour day of Denver, and a day after: nothing lost, doubled or shifted."""
    first = f"{month[:10]}T06:00" if month.startswith("2026") else month
    count = 47 * 60 // minutes
    shown = local(first, count, minutes, end=naming != "start", by_clock=naming != "end by the start")
    time = "local_start" if naming == "start" else "local_ending"
    series = read(written(tmp_path / "p.csv", shown), time, DENVER)
    assert series.first_utc == np.datetime64(first)
    assert (series.minutes, len(series.usd_per_kwh)) == (minutes, count)


def test_hour_24_is_midnight(tmp_path: Path) -> None:
    """Some files end a day at 24:00, and begin the next at 01:00."""
    text = stamps("2027-01-01T01:00", 48, 60, "%Y-%m-%d %H:%M")
    text = [each.replace("2027-01-02 00:00", "2027-01-01 24:00") for each in text]
    assert read(written(tmp_path / "p.csv", text), "utc_ending").first_utc == np.datetime64("2027-01-01")


def test_a_half_hour_zone_has_whole_hours_of_its_own(tmp_path: Path) -> None:
    """00:00 in Kolkata is 18:30 UTC."""
    text = stamps("2027-01-01", 48, 60, "%Y-%m-%d %H:%M")
    series = read(written(tmp_path / "p.csv", text), "local_start", "Asia/Kolkata")
    assert series.first_utc == np.datetime64("2026-12-31T18:30")


@pytest.mark.parametrize(
    ("change", "line", "rule", "remedy"),
    [
        (lambda rows: rows.pop(30), 32, "an interval of 15 minutes is missing", "never filled by guess"),
        (lambda rows: rows.__delitem__(slice(30, 34)), 32, "4 intervals of 15 minutes are missing", "local"),
        (lambda rows: rows.insert(30, rows[29]), 32, "repeats an interval of 15 minutes", "keep one row"),
        (lambda rows: rows.__setitem__(30, "2027-01-01T07:37Z"), 32, "is not on the 15 minutes", "whole UTC"),
        (lambda rows: rows.__setitem__(slice(None), rows[::4] * 2), 26, "goes back in time", "sort the rows"),
    ],
)
def test_what_breaks_a_series(tmp_path: Path, change: Any, line: int, rule: str, remedy: str) -> None:
    """A break that went unseen would shift every later price."""
    rows = stamps("2027-01-01", 96, 15)
    change(rows)
    told = problems(written(tmp_path / "p.csv", rows))[0]
    assert told.line == line
    assert rule in told.rule
    assert remedy in told.remedy


def test_a_file_that_changes_its_step(tmp_path: Path) -> None:
    """Day-ahead markets went from hours to quarters: told as such, and not as thousands of gaps."""
    rows = stamps("2027-01-01", 48, 60) + stamps("2027-01-03", 400, 15)
    (told,) = problems(written(tmp_path / "p.csv", rows))
    assert told.line == 3
    assert told.rule.startswith("comes 60 minutes after the row before it, as do 47 more rows, where most")
    assert "cut it where the step changes" in told.remedy


@pytest.mark.parametrize(("minutes", "said"), [(10, "10 minutes"), (1440, "24 hours")])
def test_a_step_that_is_not_known(tmp_path: Path, minutes: int, said: str) -> None:
    (told,) = problems(written(tmp_path / "p.csv", stamps("2027-01-01", 40, minutes)))
    assert said in told.rule
    assert "30, 15, 5" in told.remedy


def test_a_bill_of_quarters_on_a_day_of_25_hours() -> None:
    """November 2026 in Denver has 721 hours, 2,884 quarters: 1 MW at 3 c in all of them but the four of
    the repeated hour, at 43 c, and 0.8 c delivery: 250 kWh x (2,880 x 3.8 + 4 x 43.8) c = 27,798.00. A
    month of 720 hours lacks one hour: 27,360 or 27,760."""
    prices = np.full(2884, 0.03)
    prices[8:12] = 0.43  # 1 November 02:00 to 03:00 of elapsed time: the second 01:00 by the clock
    price = priced(f"{INDEX}delivery_usd_per_kwh: 8 USD/MWh", prices, 15, "2026-11", DENVER)
    assert (price.intervals_per_hour, price.hours.sum()) == (4, 721.0)
    assert bill(price, steady(price, 1000.0))[0][TOTAL] == 27_798.00
    second = priced(INDEX, prices, 15, "2026-11", DENVER).energy_usd_per_kwh[8:12, 0]
    assert second.tolist() == [0.43] * 4


def test_cap_floor_and_losses() -> None:
    """-2, 3 and 90 c count as 0, 3 and 50; a tenth is lost, so that a metered kWh needs 1 / 0.9: 0, 3.33,
    55.56 c, and 1 c delivery on what is metered. Losses before the cap would leave 50."""
    text = f"{INDEX}floor_usd_per_kwh: 0\ncap_usd_per_kwh: 0.5\nloss_share: 0.1\ndelivery_usd_per_kwh: 0.01"
    prices = np.tile([-0.02, 0.03, 0.90], 248)
    total = 100 * priced(text, prices, 60, "2027-01").total_usd_per_kwh()
    assert total[:3, 0] == pytest.approx([1.0, 3 / 0.9 + 1, 50 / 0.9 + 1])


def test_growth_moves_the_index_and_not_its_cap() -> None:
    """Doubled, 30 c would be 60; the cap of 50 c is the contract's and stays."""
    text = f"{INDEX}cap_usd_per_kwh: 0.5\nsteps: [{{from: 2027-01, multiply: 2}}]"
    energy = priced(text, np.tile([0.30, 0.10], 372), 60, "2027-01").energy_usd_per_kwh
    assert energy[:2, 0] == pytest.approx([0.5, 0.2])


def test_real_time_decides_on_the_last_price() -> None:
    """Nobody knows a real-time price in time; a contract may say otherwise."""
    assert contract(INDEX).frictions is None
    for more, decides_on in (("", "last"), ("\nfrictions: {decides_on: this}", "this")):
        made = contract(f"{INDEX}market: real_time{more}")
        assert made.frictions is not None
        assert made.frictions.decides_on == decides_on
        assert Hourly.model_validate(made.model_dump()) == made


def test_a_cap_below_the_floor_and_a_clock_too_many() -> None:
    where, told, _ = refused(f"{INDEX}cap_usd_per_kwh: 0.01\nfloor_usd_per_kwh: 0.02")
    assert (where, told) == ("cap_usd_per_kwh", "is below the floor of 0.02")
    where, told, _ = refused(f"{INDEX}timezone: {DENVER}")
    assert where == "timezone"
    assert "its times are UTC" in told


def test_quarters_of_a_reference_year_find_their_own() -> None:
    """The price names month, day, hour and quarter of 2025; 1 March 2028, after a leap day, still finds 1
    March."""
    starts = pd.date_range("2025-01-01", "2025-12-31 23:45", freq="15min")
    prices = (starts.month * 1e4 + starts.day * 100 + starts.hour + starts.minute / 100).to_numpy(
        dtype=np.float64
    )
    series = PriceSeries("p", "quarters", 0.001, np.datetime64("2025-01-01T00:00"), "UTC", prices, 15)
    made = of_contract(f"{INDEX}reference_year: 2025", series)
    energy = made.power_price(months("2028-02", 2)).energy_usd_per_kwh
    assert energy[[4 * 5 + 3, 28 * 96], 0].tolist() == [20_105.45, 22_800.0]  # the 29th takes the 28th
    assert energy[4 * 5 + 3, 1] == 30_105.45


def test_quarters_in_a_zone_off_the_hour() -> None:
    """Nepal is 5:45 ahead: its midnight is 18:15 UTC, the second quarter of an hour."""
    starts = np.datetime64("2026-12-31T18:00") + np.arange(4 * 800) * np.timedelta64(15, "m")
    series = PriceSeries("p", "nepal", 0.001, starts[0], "UTC", np.arange(3200.0), 15)
    hours = months("2027-01", timezone="Asia/Kathmandu")
    assert of_contract(INDEX, series).power_price(hours).energy_usd_per_kwh[:3, 0].tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("prices", "said"),
    [
        (np.tile([2.5e-3, 2.7e-3], 400), "check unit and currency"),  # c/kWh called USD/MWh
        (np.tile([0.45, 0.47], 400), "check unit and currency"),  # SEK called USD
        (np.append(np.tile([0.03, 0.04], 400), 30.0), "highest price is 30 USD/kWh"),
        (np.concatenate([np.tile([0.03, 0.04], 200), np.full(100, 0.03)]), "the same for 10"),
    ],
)
def test_what_is_hardly_meant(prices: Floats, said: str) -> None:
    """Allowed, because a market may do anything, but said."""
    series = PriceSeries("p", "", 0.001, np.datetime64("2027-01-01T00:00"), "UTC", prices)
    (told,) = oddities(series)
    assert said in told


def test_nothing_is_odd_about_usual_prices() -> None:
    prices = np.random.default_rng(2).normal(0.04, 0.02, 8760)
    assert not list(oddities(PriceSeries("p", "", 0.001, np.datetime64("2027-01-01T00:00"), "UTC", prices)))


def test_compressed_text_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "p.csv", stamps("2027-01-01", 10, 30))
    (tmp_path / "p.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert read(tmp_path / "p.csv.gz").minutes == 30
