"""Each kind of tariff against a bill worked by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from optimizer.tariffs import AnyTariff, PowerPrice, Tariff, site_hours

JANUARY = [(date(2027, 1, 1), date(2027, 2, 1))]  # 31 days from a Friday: 21 workdays, 10 weekend days


def tariff(**terms: Any) -> Tariff:
    made: Tariff = TypeAdapter(AnyTariff).validate_python(terms)
    return made


def bill_usd(price: PowerPrice, kw: float = 1000.0) -> list[float]:
    """Cost of a constant load in each period, in dollars and cents."""
    cost = (price.hours * price.total_usd_per_kwh()).sum(axis=0) * kw
    return [round(float(usd), 2) for usd in cost]


def hours_at(price: PowerPrice, *usd_per_kwh: float, period: int = 0) -> list[int]:
    """How many hours of a period have each energy price."""
    energy = price.energy_usd_per_kwh[price.hours[:, period] > 0, period]
    return [int((energy == usd).sum()) for usd in usd_per_kwh]


def refused(**terms: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        tariff(**terms)
    return str(caught.value)


def test_flat() -> None:
    """1 MW over 744 hours at 4 c energy, 0.5 c delivery, 0.1 c levy: 744,000 x 0.046 = 34,224.00 USD."""
    flat = tariff(kind="flat", energy_usd_per_kwh=0.04, delivery_usd_per_kwh=0.005, levy_usd_per_kwh=0.001)
    price = flat.power_price(site_hours(JANUARY, "Asia/Irkutsk"))
    assert bill_usd(price) == [34_224.00]
    assert price.hours.shape == (744, 1)
    for part, usd in (("energy", 0.04), ("delivery", 0.005), ("levy", 0.001), ("peak", 0.0)):
        assert np.unique(getattr(price, f"{part}_usd_per_kwh")).tolist() == [usd]


def test_time_of_use_in_ethiopia() -> None:
    """4 c base, 6 c from 18 to 22 h: 31 x (20 x 40 + 4 x 60) = 32,240.00 USD; mean 4.33 c as published."""
    windows = [{"hours": "18-22", "energy_usd_per_kwh": 0.06}]
    price = tariff(kind="time_of_use", otherwise_usd_per_kwh=0.04, windows=windows).power_price(
        site_hours(JANUARY, "Africa/Addis_Ababa")
    )
    assert bill_usd(price) == [32_240.00]
    assert hours_at(price, 0.04, 0.06) == [31 * 20, 31 * 4]
    assert price.energy_usd_per_kwh[16:24, 0].tolist() == [0.04, 0.04, 0.06, 0.06, 0.06, 0.06, 0.04, 0.04]
    mean = bill_usd(price)[0] / 744_000
    assert mean == pytest.approx(0.0433, abs=5e-5)


def test_time_of_use_by_kind_of_day_month_and_round_midnight() -> None:
    """January has 21 workdays and 10 weekend days: 21 x 8 night hours, 10 x 3 weekend hours, none in the
    February window. A window that ended at midnight would give 21 x 2."""
    windows = [
        {"hours": "22-6", "days": "weekdays", "energy_usd_per_kwh": 0.01},
        {"hours": "12-15", "days": "weekends", "months": [1, 12], "energy_usd_per_kwh": 0.02},
        {"hours": "12-15", "days": "weekdays", "months": [2], "energy_usd_per_kwh": 0.03},
    ]
    price = tariff(kind="time_of_use", otherwise_usd_per_kwh=0.05, windows=windows).power_price(
        site_hours(JANUARY, "UTC")
    )
    assert hours_at(price, 0.05, 0.01, 0.02, 0.03) == [744 - 168 - 30, 168, 30, 0]
    assert bill_usd(price) == [round(1000 * (546 * 0.05 + 168 * 0.01 + 30 * 0.02), 2)]


def test_the_weekend_is_saturday_and_sunday() -> None:
    """2 January 2027 is a Saturday; a week counted from another day would move the cheap hours."""
    windows = [{"hours": "0-24", "days": "weekends", "energy_usd_per_kwh": 0.01}]
    days = [(date(2027, 1, day), date(2027, 1, day + 1)) for day in range(1, 9)]
    price = tariff(kind="time_of_use", otherwise_usd_per_kwh=0.05, windows=windows)
    hours = [site_hours([day], "UTC") for day in days]
    assert [hours_at(price.power_price(day), 0.01)[0] for day in hours] == [0, 24, 24, 0, 0, 0, 0, 0]


def test_time_of_use_follows_the_clock_when_it_changes() -> None:
    """On 14 March 2027 Chicago has no 02:00: the 2-3 window has 30 hours in March, not 31; 1-2 has 31 in
    November for 30 days."""
    windows = [
        {"hours": "2-3", "energy_usd_per_kwh": 0.1},
        {"hours": "1-2", "energy_usd_per_kwh": 0.2},
    ]
    months = [(date(2027, m, 1), date(2027, m + 1, 1)) for m in range(3, 12)]
    price = tariff(kind="time_of_use", otherwise_usd_per_kwh=0.05, windows=windows).power_price(
        site_hours(months, "America/Chicago")
    )
    assert (hours_at(price, 0.1)[0], hours_at(price, 0.2, period=8)[0]) == (30, 31)


@pytest.mark.parametrize("hours", ["18", "18-18", "24-2", "5-25", "18:00-22:00", "a-b", ""])
def test_a_window_that_is_no_range_of_hours(hours: str) -> None:
    """ "18-18" could be none or all of the day."""
    windows = [{"hours": hours, "energy_usd_per_kwh": 0.06}]
    assert "is not a range of hours" in refused(
        kind="time_of_use", otherwise_usd_per_kwh=0.04, windows=windows
    )


def test_windows_that_overlap() -> None:
    """An hour with two prices is named with its day and month; the second would silently win."""
    windows = [
        {"hours": "22-6", "energy_usd_per_kwh": 0.06},
        {"hours": "5-7", "days": "weekends", "months": [3], "energy_usd_per_kwh": 0.07},
    ]
    text = refused(kind="time_of_use", otherwise_usd_per_kwh=0.04, windows=windows)
    assert "covers 5:00 on Saturday of month 3 like windows[0]" in text


def test_duration() -> None:
    """95 % of 744 h at 20 USD/MWh and 5 % at 200: 706.8 x 20 + 37.2 x 200 = 21,576.00 USD for 1 MW."""
    blocks = [{"share": 0.95, "energy_usd_per_kwh": 0.02}, {"share": 0.05, "energy_usd_per_kwh": 0.2}]
    price = tariff(kind="duration", blocks=blocks).power_price(site_hours(JANUARY, "UTC"))
    assert bill_usd(price) == [21_576.00]
    blocks[1]["share"] = 0.04
    assert "shares that add up to 0.99" in refused(kind="duration", blocks=blocks)


def test_growth_and_steps_touch_the_energy_price_only() -> None:
    """10 % a year from December 2026, x 1.2 from January 2027: a year on 0.05 is x 1.1 x 1.2 x the
    old doubling = 13.2 c, while the levy stays."""
    grown = tariff(
        kind="flat",
        energy_usd_per_kwh=0.05,
        levy_usd_per_kwh=0.004,
        growth_share_per_year=0.1,
        steps=[{"from": "2027-01", "multiply": 1.2}, {"from": "2020-01", "multiply": 2.0}],
    )
    months = [
        (date(2026 + m // 12, m % 12 + 1, 1), date(2026 + (m + 1) // 12, (m + 1) % 12 + 1, 1))
        for m in range(11, 24)
    ]
    price = grown.power_price(site_hours(months, "UTC"))
    assert price.energy_usd_per_kwh[0, [0, 1, 12]] == pytest.approx([0.1, 0.12 * 1.1 ** (1 / 12), 0.132])
    assert np.unique(price.levy_usd_per_kwh).tolist() == [0.004]


def test_a_step_inside_a_quarter_counts_for_its_days() -> None:
    """January to March 2027 has 31 + 28 + 31 days; doubled from March on that is (59 + 2 x 31) / 90."""
    stepped = tariff(kind="flat", energy_usd_per_kwh=0.09, steps=[{"from": "2027-03", "multiply": 2.0}])
    price = stepped.power_price(site_hours([(date(2027, 1, 1), date(2027, 4, 1))], "UTC"))
    assert price.energy_usd_per_kwh[0, 0] == pytest.approx(0.09 * 121 / 90)


def test_a_closed_month_has_no_hours_and_no_price() -> None:
    """A site closed all month must give zeros: NaN from 0 / 0 would travel into the plan."""
    closed = [(date(2026, 1, 1), date(2028, 1, 1))]
    for terms in (
        {"kind": "flat", "energy_usd_per_kwh": 0.05},
        {"kind": "duration", "blocks": [{"share": 1.0, "energy_usd_per_kwh": 0.05}]},
        {
            "kind": "time_of_use",
            "otherwise_usd_per_kwh": 1,
            "windows": [{"hours": "1-2", "energy_usd_per_kwh": 2}],
        },
    ):
        price = tariff(**terms).power_price(site_hours(JANUARY, "UTC", closed))
        assert price.hours.sum() == 0
        assert price.total_usd_per_kwh().sum() == 0


@given(
    st.sets(st.integers(0, 23), min_size=1, max_size=23),
    st.sampled_from(["Asia/Irkutsk", "America/Chicago", "Asia/Kolkata"]),
)
def test_windows_at_the_price_of_the_rest_are_flat(starts: set[int], timezone: str) -> None:
    """However the day is cut, the hours add up to the month: a lost or doubled hour would change the bill."""
    windows = [{"hours": f"{start}-{start + 1}", "energy_usd_per_kwh": 0.05} for start in starts]
    hours = site_hours([(date(2027, 3, 1), date(2027, 4, 1))], timezone)
    cut = tariff(kind="time_of_use", otherwise_usd_per_kwh=0.05, windows=windows).power_price(hours)
    flat = tariff(kind="flat", energy_usd_per_kwh=0.05).power_price(hours)
    assert cut.hours.sum(axis=0).tolist() == hours.hour_counts().tolist()
    assert bill_usd(cut) == bill_usd(flat)


def test_an_unknown_kind_names_the_known_ones() -> None:
    """A discriminated union's own message would list four classes and thirty keys."""
    assert "did you mean 'hourly'? the kinds are flat, time_of_use, duration, hourly" in str(
        _remedy({"kind": "hourlly"})
    )
    assert "the kinds are" in str(_remedy({"energy_usd_per_kwh": 0.05}))
    assert "write kind:" in str(_remedy(7))


def _remedy(value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(AnyTariff).validate_python(value)
    (error,) = caught.value.errors()
    return str(error["ctx"]["remedy"])
