"""Prices by hour of the local clock, kind of day and month; one price for the rest."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, ValidationInfo, model_validator
from pydantic.functional_validators import field_validator

from optimizer.sections.base import Count, Quantity, Section, refusal
from optimizer.tariffs.base import Floats, HoursInPeriod, Ints, Tariff, Times

DAY_KINDS = {"all": (0, 1), "weekdays": (0,), "weekends": (1,)}
EVERY_MONTH = tuple(range(1, 13))
MonthOfYear = Annotated[Count, Field(ge=1, le=12)]
SATURDAY = 5


def _hours_of_day(text: str) -> tuple[int, ...]:
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
    _hours_of_day(text)
    return text


class Window(Section):
    """Hours at one price; a night window covers the first and last hours of each day it names."""

    hours: Annotated[str, AfterValidator(_is_hours)] = Field(
        description="local clock, '18-22' is 18:00 to 22:00; may go round midnight"
    )
    days: Literal["all", "weekdays", "weekends"] = Field(
        "all", description="calendar day of the hour itself; holidays are not known"
    )
    months: tuple[MonthOfYear, ...] = Field(EVERY_MONTH, description="1 to 12, or all")
    energy_usd_per_kwh: Quantity = Field(description="energy price in these hours, USD/kWh")

    @field_validator("months", mode="before")
    @classmethod
    def _all_months(cls, value: Any, info: ValidationInfo) -> Any:
        return EVERY_MONTH if value == "all" else value

    def covers(self) -> NDArray[np.bool_]:
        """Which hours of the week it covers, shape (12 months, workday or weekend, 24 hours)."""
        mask = np.zeros((12, 2, 24), dtype=bool)
        mask[
            np.ix_([month - 1 for month in self.months], DAY_KINDS[self.days], _hours_of_day(self.hours))
        ] = True
        return mask


class TimeOfUse(Tariff):
    kind: Literal["time_of_use"]
    otherwise_usd_per_kwh: Quantity = Field(
        description="energy price in all hours outside the windows, USD/kWh"
    )
    windows: Annotated[tuple[Window, ...], Field(min_length=1)] = Field(
        description="hours at another price; they must not overlap"
    )

    def energy_blocks(self, hours: HoursInPeriod) -> tuple[Floats, Floats]:
        table = sum(
            ((i + 1) * window.covers() for i, window in enumerate(self.windows)),
            np.zeros((12, 2, 24), dtype=np.intp),
        )
        prices = np.array(
            [self.otherwise_usd_per_kwh, *(window.energy_usd_per_kwh for window in self.windows)]
        )
        counts = [np.bincount(_look_up(table, local), minlength=len(prices)) for local in hours.local]
        block_hours = np.array(counts, dtype=np.float64).T
        return block_hours, np.broadcast_to(prices[:, None], block_hours.shape)

    @model_validator(mode="after")
    def _windows_do_not_overlap(self) -> Self:
        masks = [window.covers() for window in self.windows]
        for later in range(len(masks)):
            for earlier in range(later):
                if (masks[earlier] & masks[later]).any():
                    month, day, hour = np.argwhere(masks[earlier] & masks[later])[0]
                    raise refusal(
                        f"has windows[{earlier}] and windows[{later}] both covering {hour}:00 on "
                        f"{('workdays', 'weekends')[day]} of month {month + 1}",
                        "cut one of them so that each hour has one price",
                    )
        return self


def _look_up(table: Ints, local: Times) -> Ints:
    days = local.astype("datetime64[D]")
    month = local.astype("datetime64[M]").astype(np.intp) % 12
    weekend = ((days.astype(np.intp) + 3) % 7 >= SATURDAY).astype(np.intp)  # 1970-01-01 was a Thursday
    hour = (local - days).astype(np.intp)
    found: Ints = table[month, weekend, hour]
    return found
