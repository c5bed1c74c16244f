"""A charge on what is drawn when the grid peaks (4CP, 12CP), as an expected price of each hour."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from optimizer.sections.base import Cost, Count, Positive, Section, Share, Text, refusal
from optimizer.tariffs.faults import refusal_at
from optimizer.tariffs.frame import Frame
from optimizer.tariffs.hours import Floats
from optimizer.tariffs.windows import HourWindow, MonthsOfYear


class CoincidentPeak(Section):
    """One peak in each of its months. Nobody knows its hour before; the candidates are the hours watched.

    choose: an hour's share of the charge is part of its price, and machines run where that pays.
    always: everything is off in the candidates; what remains is the risk of a peak outside them.
    never: nobody watches, so that every hour of the month carries the same share of the charge.
    """

    name: Text = "coincident peak"
    months: MonthsOfYear = Field(description="months that have a peak: [6, 7, 8, 9] for 4CP, all for 12CP")
    usd_per_kw_year: Cost | None = Field(
        None, description="for a kW drawn at every peak of the year, '60 USD/kW/year'"
    )
    peak_usd_per_kw: Cost | None = Field(None, description="or: for a kW drawn at one peak, '15 USD/kW'")
    window: HourWindow | None = Field(None, description="hours and days that the peak is looked for in")
    days_per_month: Annotated[Count, Field(ge=1, le=31)] | None = Field(
        None, description="only so many days of the window are watched, the dearest on the mean"
    )
    hours_per_month: Annotated[Positive, Field(le=744)] | None = Field(
        None, description="or only so many hours, the dearest"
    )
    caught_share: Share = Field(description="probability that the peak falls outside the candidates")
    avoidance: Literal["choose", "always", "never"] = Field(
        "choose", description="choose: hour by hour; always: off in the candidates; never: nobody watches"
    )

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        if self.usd_per_kw_year is None and self.peak_usd_per_kw is None:
            raise refusal("has no price", "give either usd_per_kw_year or peak_usd_per_kw")
        if self.usd_per_kw_year is not None and self.peak_usd_per_kw is not None:
            where, price = ("peak_usd_per_kw",), self.peak_usd_per_kw
            raise refusal_at(
                where, price, "is a second price", "give either usd_per_kw_year or peak_usd_per_kw"
            )
        if self.days_per_month is not None and self.hours_per_month is not None:
            where, remedy = ("hours_per_month",), "give days_per_month or hours_per_month, not both"
            raise refusal_at(where, self.hours_per_month, "limits hours where days are limited too", remedy)
        if self.avoidance != "never" and self.window is None and self.hours_per_month is None:
            raise refusal("names no candidate hours", "give a window, hours_per_month, or avoidance: never")
        return self

    def candidates(self, frame: Frame) -> Floats:
        """(b, m) share of each interval that is watched."""
        among = frame.inside(() if self.window is None else (self.window,)) & frame.in_months(self.months)
        if self.hours_per_month is not None:
            return frame.dearest_hours(among, self.hours_per_month)
        if self.days_per_month is not None:
            return frame.dearest_days(among, self.days_per_month).astype(np.float64)
        return among.astype(np.float64)

    def expected(self, frame: Frame) -> tuple[Floats, Floats]:
        """(b, m) charge expected for a kWh drawn in the interval, USD, and share of it that is off."""
        in_season = frame.in_months(self.months).astype(np.float64)
        each = self.peak_usd_per_kw or (self.usd_per_kw_year or 0.0) / len(self.months)
        usd = each * frame.path.per_kwh("peak") * in_season
        if self.avoidance == "never":
            return usd * _per_hour(frame, in_season), np.zeros(in_season.shape)
        watched = self.candidates(frame)
        elsewhere = (in_season - watched) * _per_hour(frame, in_season - watched)
        within = watched * _per_hour(frame, watched)
        outside = _probability_outside(frame, watched, in_season, self.caught_share)
        if self.avoidance == "always":
            return usd * outside * _per_hour(frame, in_season - watched), watched
        return usd * (outside * elsewhere + (1.0 - outside) * within), np.zeros(in_season.shape)


def _per_hour(frame: Frame, share: Floats) -> Floats:
    """(b, m) one over the month's hours that `share` counts; 0 where it counts none."""
    hours = frame.by_month(share * frame.lengths)
    return np.divide(1.0, hours, out=np.zeros(hours.shape), where=hours > 1e-9)


def _probability_outside(frame: Frame, watched: Floats, in_season: Floats, caught_share: float) -> Floats:
    """(b, m) that the month's peak is no candidate: certain without candidates, impossible without others."""
    inside = frame.by_month(watched * frame.lengths)
    others = frame.by_month((in_season - watched) * frame.lengths)
    return np.where(inside <= 1e-9, 1.0, np.where(others <= 1e-9, 0.0, caught_share))
