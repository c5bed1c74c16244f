"""Prices by hours of the local clock, day of the week, holiday and month; one price for the rest, or none."""

from __future__ import annotations

from itertools import combinations
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from optimizer.sections.base import Quantity
from optimizer.tariffs.base import Bools, Floats, HoursInPeriod, Tariff
from optimizer.tariffs.faults import refusal_at
from optimizer.tariffs.windows import DAYS, HOLIDAY, SOME, HourWindow, day_kinds

SAID = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "holidays")


class Window(HourWindow):
    """Hours at one price."""

    energy_usd_per_kwh: Quantity = Field(description="energy price in these hours, USD/kWh")


class TimeOfUse(Tariff):
    """Windows of hours at a price. Without `otherwise_usd_per_kwh` they must fill the week of every month."""

    kind: Literal["time_of_use"]
    otherwise_usd_per_kwh: Quantity | None = Field(
        None,
        description="energy price in all hours outside the windows, USD/kWh; left out: there are none",
    )
    windows: Annotated[tuple[Window, ...], SOME] = Field(
        description="hours at another price; they must not overlap"
    )

    def energy_blocks(self, hours: HoursInPeriod) -> tuple[Floats, Floats]:
        table = np.full((12, len(DAYS), 24), self.otherwise_usd_per_kwh or 0.0)
        for window in self.windows:
            table[window.covers()] = window.energy_usd_per_kwh
        calendar = hours.calendar
        kinds = day_kinds(calendar, self.holidays, self.holidays_as)
        price: Floats = table[calendar.month_of_year(), kinds, calendar.hour_of_day]
        return calendar.is_hour.astype(np.float64), price

    @model_validator(mode="after")
    def _windows_do_not_overlap(self) -> Self:
        masks = [self._known_days(window.covers()) for window in self.windows]
        for (earlier, one), (later, other) in combinations(enumerate(masks), 2):
            if (one & other).any():
                raise refusal_at(
                    ("windows", later),
                    self.windows[later],
                    f"covers {_first(one & other)} like windows[{earlier}]",
                    "cut one of them so that each hour has one price",
                )
        return self

    @model_validator(mode="after")
    def _every_hour_has_a_price(self) -> Self:
        covered = np.logical_or.reduce([window.covers() for window in self.windows])
        missing = self._known_days(~covered)
        if self.otherwise_usd_per_kwh is None and missing.any():
            raise refusal_at(
                ("windows",),
                None,
                f"has no price for {_first(missing)}",
                "add a window for it, or otherwise_usd_per_kwh for all that is left",
            )
        return self

    def _known_days(self, mask: Bools) -> Bools:
        """Without holidays of their own there are seven kinds of day."""
        own = bool(self.holidays) and self.holidays_as == "own"
        return mask if own else mask[:, :HOLIDAY]


def _first(mask: Bools) -> str:
    """The first hour of a week, said in words."""
    month, day, hour = np.argwhere(mask)[0]
    return f"{hour}:00 on {SAID[day]} of month {month + 1}"
