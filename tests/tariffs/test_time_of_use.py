"""Days of the week, holidays, and weeks without a price for the rest."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from optimizer.tariffs import site_hours
from tests.tariffs.contracts import contract, months, refused

BY_DAY = """
kind: time_of_use
otherwise_usd_per_kwh: 0.05
windows: [{hours: 0-24, days: %s, energy_usd_per_kwh: 0.01}]
%s
"""


def cheap_days(days: str, more: str = "") -> list[int]:
    """Days of the week from Friday 1 January 2027 on that are all cheap."""
    price = contract(BY_DAY % (days, more)).power_price(
        site_hours([(date(2027, 1, 1), date(2027, 1, 8))], "UTC")
    )
    return [day for day in range(1, 8) if (price.energy_usd_per_kwh[24 * (day - 1) : 24 * day] == 0.01).all()]


@pytest.mark.parametrize(
    ("days", "cheap"),
    [
        ("all", [1, 2, 3, 4, 5, 6, 7]),
        ("weekdays", [1, 4, 5, 6, 7]),
        ("weekends", [2, 3]),
        ("[mon, thu]", [4, 7]),
        ("[sat]", [2]),
        ("[holidays]", []),
    ],
)
def test_days_of_the_week(days: str, cheap: list[int]) -> None:
    """A week counted from another day would move every one of them."""
    assert cheap_days(days) == cheap


@pytest.mark.parametrize(
    ("days", "more", "cheap"),
    [
        ("weekdays", "holidays: [2027-01-01, '01-06']", [4, 5, 7]),
        ("weekends", "holidays: [2027-01-01, '01-06']", [1, 2, 3, 6]),
        ("[sun]", "holidays: [2027-01-01]", [1, 3]),
        ("weekends", "holidays: ['01-06']\nholidays_as: own", [2, 3]),
        ("[holidays]", "holidays: ['01-06']\nholidays_as: own", [6]),
        ("all", "holidays: ['01-06']\nholidays_as: own", [1, 2, 3, 4, 5, 6, 7]),
        ("weekdays", "holidays: [2026-01-01, '02-29']", [1, 4, 5, 6, 7]),
    ],
)
def test_holidays(days: str, more: str, cheap: list[int]) -> None:
    """A holiday is a Sunday, or a day of its own; 1 January of another year is none, and 29 February of a
    year that has none does no harm."""
    assert cheap_days(days, more) == cheap


def test_a_week_in_which_every_hour_has_its_price() -> None:
    """Without a price for the rest, day 6 c and night 2 c fill the week: 31 x (12 x 6 + 12 x 2) c per kW."""
    text = """
    kind: time_of_use
    windows:
      - {hours: 7-19, energy_usd_per_kwh: 0.06}
      - {hours: 19-7, energy_usd_per_kwh: 0.02}
    """
    price = contract(text).power_price(months("2027-01"))
    assert (price.energy_usd_per_kwh * price.hours).sum() == pytest.approx(31 * 0.96)


@pytest.mark.parametrize(
    ("windows", "more", "said"),
    [
        ("[{hours: 7-19, energy_usd_per_kwh: 1}]", "", "no price for 0:00 on Monday of month 1"),
        ("[{hours: 0-24, days: weekdays, energy_usd_per_kwh: 1}]", "", "0:00 on Saturday of month 1"),
        ("[{hours: 0-24, months: [1, 2, 3], energy_usd_per_kwh: 1}]", "", "0:00 on Monday of month 4"),
        ("[{hours: 0-23, energy_usd_per_kwh: 1}, {hours: 23-24, days: [mon, tue, wed, fri, sat, sun], "
         "energy_usd_per_kwh: 1}]", "", "no price for 23:00 on Thursday of month 1"),
        ("[{hours: 0-24, days: weekdays, energy_usd_per_kwh: 1}, {hours: 0-24, days: weekends, "
         "energy_usd_per_kwh: 1}]", "holidays: ['01-01']\nholidays_as: own", "no price for 0:00 on holidays"),
        ("[{hours: 0-24, energy_usd_per_kwh: 1}, {hours: 9-10, days: [wed], months: [5], "
         "energy_usd_per_kwh: 2}]", "", "covers 9:00 on Wednesday of month 5 like windows[0]"),
    ],
)  # fmt: skip
def test_an_hour_of_the_week_with_no_price_or_two(windows: str, more: str, said: str) -> None:
    """The first such hour is named."""
    assert said in refused(f"kind: time_of_use\nwindows: {windows}\n{more}")[1]


@pytest.mark.parametrize("days", ["[monday]", "workdays", "7", "[]", "[mon, {}]"])
def test_days_that_are_none(days: str) -> None:
    """ "monday" is not silently nothing."""
    assert refused(BY_DAY % (days, ""))[0].startswith("windows.0.days")


def test_two_november_hours_have_the_price_of_their_clock_hour() -> None:
    """On 7 November 2027 Chicago has two hours from 1 to 2: both are cheap. By elapsed hours one is not."""
    text = "{kind: time_of_use, otherwise_usd_per_kwh: 5, windows: [{hours: 1-2, energy_usd_per_kwh: 1}]}"
    day = site_hours([(date(2027, 11, 7), date(2027, 11, 8))], "America/Chicago")
    energy = contract(text).power_price(day).energy_usd_per_kwh[:, 0]
    assert np.flatnonzero(energy == 1).tolist() == [1, 2]
    assert len(energy) == 25
