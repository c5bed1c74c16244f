"""The hours of a site are those of its clock, to the hour."""

from __future__ import annotations

import datetime
from datetime import date

import numpy as np
import pytest

from optimizer.config import Horizon
from optimizer.tariffs import HoursInPeriod, site_hours


def hours(
    timezone: str, first: date, after: date, closed: tuple[tuple[date, date], ...] = ()
) -> HoursInPeriod:
    return site_hours([(first, after)], timezone, closed)


@pytest.mark.parametrize(
    ("timezone", "first", "after", "expected"),
    [
        ("America/Chicago", date(2027, 3, 1), date(2027, 4, 1), 743),  # 14 March has 23 hours
        ("America/Chicago", date(2027, 11, 1), date(2027, 12, 1), 721),  # 7 November has 25
        ("Europe/Oslo", date(2027, 3, 28), date(2027, 3, 29), 23),
        ("Europe/Oslo", date(2027, 10, 31), date(2027, 11, 1), 25),
        ("Asia/Irkutsk", date(2027, 3, 1), date(2027, 4, 1), 744),
        ("Asia/Kolkata", date(2028, 2, 1), date(2028, 3, 1), 696),  # leap year
        ("Africa/Cairo", date(2027, 4, 30), date(2027, 5, 1), 23),  # the clock skips midnight itself
        ("UTC", date(2027, 1, 1), date(2028, 1, 1), 8760),
    ],
)
def test_true_hours(timezone: str, first: date, after: date, expected: int) -> None:
    """Days x 24 would be an hour off in the months in which the clock changes."""
    assert hours(timezone, first, after).hour_counts().tolist() == [expected]


def test_hours_of_a_half_hour_zone_start_on_the_local_hour() -> None:
    """India is 5:30 ahead: its midnight is 18:30 UTC; whole UTC hours would shift every tariff window."""
    found = hours("Asia/Kolkata", date(2027, 1, 1), date(2027, 1, 2))
    assert found.start_utc[0][0] == np.datetime64("2026-12-31T18:30")
    assert (
        found.local[0].tolist() == np.arange("2027-01-01T00", "2027-01-02T00", dtype="datetime64[h]").tolist()
    )


def test_the_clock_skips_and_repeats() -> None:
    """In spring 02:00 is missing, in autumn 01:00 is there twice, in Chicago."""
    spring = hours("America/Chicago", date(2027, 3, 14), date(2027, 3, 15)).local[0].astype(str).tolist()
    autumn = hours("America/Chicago", date(2027, 11, 7), date(2027, 11, 8)).local[0].astype(str).tolist()
    assert [text[-2:] for text in spring[:3]] == ["00", "01", "03"]
    assert [text[-2:] for text in autumn[:4]] == ["00", "01", "01", "02"]


def test_closed_days_are_local_and_inclusive() -> None:
    """A ban from 15 November to 15 March takes both ends; in UTC it would leave 8 hours of the last day."""
    found = hours(
        "Asia/Irkutsk", date(2027, 3, 1), date(2027, 4, 1), ((date(2026, 11, 15), date(2027, 3, 15)),)
    )
    assert found.hour_counts().tolist() == [16 * 24]
    assert str(found.local[0][0]) == "2027-03-16T00"


def test_periods_share_no_hour_and_lose_none() -> None:
    """Months and quarters of any zone add up to the whole horizon."""
    periods = Horizon.model_validate({"start": "2026-12", "months": 5, "quarters": 3}).periods()
    bounds = [(period.first_day, period.day_after_last) for period in periods]
    for timezone in ("America/Chicago", "Asia/Kolkata", "Australia/Adelaide"):
        found = site_hours(bounds, timezone)
        together = np.concatenate(found.start_utc)
        assert (np.diff(together) == np.timedelta64(60, "m")).all()
        assert found.months == (
            "2026-12",
            "2027-01",
            "2027-02",
            "2027-03",
            "2027-04",
            "2027-05",
            "2027-08",
            "2027-11",
        )
        assert found.months_in_period == (1, 1, 1, 1, 1, 3, 3, 3)


def test_what_cannot_be_counted_is_refused() -> None:
    """Lord Howe moves its clock by half an hour; and periods with a hole would shift every later one."""
    with pytest.raises(ValueError, match="less than an hour"):
        hours("Australia/Lord_Howe", date(2027, 1, 1), date(2027, 12, 1))
    with pytest.raises(ValueError, match="must follow on"):
        site_hours([(date(2027, 1, 1), date(2027, 2, 1)), (date(2027, 3, 1), date(2027, 4, 1))], "UTC")


def test_periods_of_a_horizon() -> None:
    """Months first, then quarters that begin in the very next month, over the turn of a year."""
    periods = Horizon.model_validate({"start": "2027-11", "months": 1, "quarters": 2}).periods()
    assert [period.name for period in periods] == ["2027-11", "2027-12..2028-02", "2028-03..2028-05"]
    assert periods[1].first_day == datetime.date(2027, 12, 1)
    assert periods[1].day_after_last == datetime.date(2028, 3, 1)
    assert periods[1].month_names() == ("2027-12", "2028-01", "2028-02")
