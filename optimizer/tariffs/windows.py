"""Hours of the week that a contract speaks of, and its holidays."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, get_args

import numpy as np
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from optimizer.sections.base import Count, Section, refusal
from optimizer.tariffs.faults import refusal_at
from optimizer.tariffs.hours import SUNDAY, Bools, Calendar, Ints

DayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holidays"]
DAYS: tuple[DayName, ...] = get_args(DayName)
HOLIDAY = DAYS.index("holidays")
DAY_KINDS = {"all": DAYS, "weekdays": DAYS[:5], "weekends": DAYS[5:7]}
EVERY_MONTH = tuple(range(1, 13))
A_LEAP_YEAR = 2024

MonthOfYear = Annotated[Count, Field(ge=1, le=12)]
HolidaysAs = Literal["weekends", "own"]


def hours_of_day(text: str) -> tuple[int, ...]:
    """The hours that "18-22" covers (18, 19, 20, 21); "22-6" goes round midnight."""
    ends = re.fullmatch(r"(\d{1,2})-(\d{1,2})", text)
    first, last = (int(ends[1]), int(ends[2])) if ends else (0, 0)
    if first == last or first > 23 or last > 24:
        raise refusal(
            "is not a range of hours",
            "write e.g. '18-22' for 18:00 to 22:00, '22-6' for the night, '0-24' for all day",
        )
    return tuple(range(first, last)) if first < last else (*range(first, 24), *range(last))


def _is_hours(text: str) -> str:
    hours_of_day(text)
    return text


def _all_months(value: Any) -> Any:
    return EVERY_MONTH if value == "all" else value


def _is_holiday(value: Any) -> Any:
    """A day of one year, or "12-25": the same day every year."""
    text = value.isoformat() if isinstance(value, datetime.date) else value
    try:
        datetime.date.fromisoformat(f"{A_LEAP_YEAR}-{text}" if len(str(text)) == 5 else text)
    except (TypeError, ValueError):
        raise refusal(
            "is not a day", "write YYYY-MM-DD for one year, or 'MM-DD' for every year, e.g. '12-25'"
        ) from None
    return text


def _has_some(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Pydantic's own least length also speaks up wherever a single entry is wrong."""
    if not values:
        raise refusal("is empty", "name at least one, or leave the key out")
    return values


def _once_each(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """A month named twice would count twice in what is spread over the months."""
    twice = next((value for i, value in enumerate(values) if value in values[:i]), None)
    if twice is not None:
        raise refusal(f"names {twice} twice", "name each once")
    return values


SOME = AfterValidator(_has_some)
ONCE = AfterValidator(_once_each)
MONTHS_AS_TEXT = WithJsonSchema(
    {
        "anyOf": [
            {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 12}},
            {"const": "all"},
        ]
    }
)
DAYS_AS_TEXT = WithJsonSchema(
    {"anyOf": [{"type": "array", "items": {"enum": list(DAYS)}}, {"enum": list(DAY_KINDS)}]}
)
MonthsOfYear = Annotated[tuple[MonthOfYear, ...], BeforeValidator(_all_months), SOME, ONCE, MONTHS_AS_TEXT]
Holiday = Annotated[str, BeforeValidator(_is_holiday)]


class HourWindow(Section):
    """Hours of some days; a night window covers the first and last hours of each day it names."""

    hours: Annotated[str, AfterValidator(_is_hours)] = Field(
        description="local clock, '18-22' is 18:00 to 22:00; may go round midnight"
    )
    days: Annotated[tuple[DayName, ...], SOME, DAYS_AS_TEXT] = Field(
        DAYS, description="all, weekdays, weekends, or a list of mon..sun and holidays; the hour's own day"
    )
    months: MonthsOfYear = Field(EVERY_MONTH, description="1 to 12, or all")

    @field_validator("days", mode="before")
    @classmethod
    def _named_days(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, str) and value in DAY_KINDS:
            return DAY_KINDS[value]
        if not isinstance(value, list | tuple) or any(day not in DAYS for day in value):
            raise refusal(
                "is no choice of days",
                "write all, weekdays, weekends, or a list such as [mon, sat, holidays]",
            )
        return value

    def covers(self) -> Bools:
        """Which hours it covers, shape (12 months, 7 weekdays and holidays, 24 hours)."""
        mask = np.zeros((12, len(DAYS), 24), dtype=bool)
        days = [DAYS.index(day) for day in self.days]
        mask[np.ix_([month - 1 for month in self.months], days, hours_of_day(self.hours))] = True
        return mask


def check_seasons(months_of_seasons: Iterable[Sequence[int]]) -> None:
    """Raise where a month is in two seasons of an entry's `seasons`."""
    seen: set[int] = set()
    for i, months in enumerate(months_of_seasons):
        if twice := sorted(seen & set(months)):
            rule = f"names month {twice[0]}, which an earlier season has"
            raise refusal_at(("seasons", i, "months"), None, rule, "name each month in one season at most")
        seen |= set(months)


def day_kinds(calendar: Calendar, holidays: Iterable[str], holidays_as: HolidaysAs) -> Ints:
    """(b, m) index in DAYS of each interval; a holiday is a Sunday unless it has prices of its own."""
    kinds = calendar.weekday()
    days = _epoch_days(holidays, calendar)
    if len(days):
        kinds[np.isin(calendar.day, days)] = HOLIDAY if holidays_as == "own" else SUNDAY
    return kinds


def _epoch_days(holidays: Iterable[str], calendar: Calendar) -> Ints:
    """Holidays as days since 1970-01-01; one of every year in each year of the calendar."""
    slots = calendar.month_slot[calendar.is_hour]
    years = range(slots.min() // 12, slots.max() // 12 + 1) if slots.size else range(0)
    written = [
        day for text in holidays for day in ([text] if len(text) > 5 else [f"{y}-{text}" for y in years])
    ]
    real = [datetime.date.fromisoformat(day) for day in written if _is_real(day)]
    return np.array([day.toordinal() for day in real], dtype=np.intp) - datetime.date(1970, 1, 1).toordinal()


def _is_real(day: str) -> bool:
    """29 February exists in leap years alone."""
    try:
        datetime.date.fromisoformat(day)
    except ValueError:
        return False
    return True


def inside(windows: Iterable[HourWindow], calendar: Calendar, kinds: Ints) -> Bools:
    """(b, m) whether an interval lies in any of the windows, of which there is at least one."""
    table = np.logical_or.reduce([window.covers() for window in windows])
    found: Bools = table[calendar.month_of_year(), kinds, calendar.hour_of_day]
    return found
