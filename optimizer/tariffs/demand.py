"""Charges on the month's highest draw: seasonal, contracted, with a ratchet."""

from __future__ import annotations

from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from optimizer.sections.base import Cost, Count, Month, Section, Share, Text
from optimizer.sections.horizon import month_number
from optimizer.tariffs.faults import refusal_at
from optimizer.tariffs.frame import Frame
from optimizer.tariffs.hours import Floats, Ints
from optimizer.tariffs.price import DemandCharge
from optimizer.tariffs.windows import EVERY_MONTH, HourWindow, MonthsOfYear, check_seasons

PowerKw = Annotated[Cost, Field(gt=0)]


class Season(Section):
    months: MonthsOfYear = Field(description="1 to 12")
    usd_per_kw_month: Cost = Field(description="price of a kW in these months instead")


class PastPeak(Section):
    month: Month = Field(description="before the horizon, e.g. 2026-07")
    peak_kw: PowerKw = Field(description="highest draw of that month in the window of the charge")


class Ratchet(Section):
    """The bill never counts less than a share of the highest peak of the months before."""

    share: Share = Field(description="of the earlier peak that is billed at least: 0.8 is 80 %")
    look_back_months: Annotated[Count, Field(ge=1, le=60)] = Field(
        description="how many months before the billed one are looked at, e.g. 11"
    )
    counting_months: MonthsOfYear = Field(
        EVERY_MONTH, description="months of the year whose peaks count, e.g. [6, 7, 8, 9]"
    )
    past_peaks: tuple[PastPeak, ...] = Field((), description="peaks of the site before the horizon")

    def until(self, frame: Frame) -> Ints:
        """(m) last period whose bill looks back on each period; -1 for one that does not count."""
        starts = np.array([months[0] for months in frame.path.months])
        counting = [[n for n in months if n % 12 + 1 in self.counting_months] for months in frame.path.months]
        found = [
            np.searchsorted(starts, max(each) + self.look_back_months, side="right") - 1 if each else -1
            for each in counting
        ]
        return np.array(found, dtype=np.intp)

    def floor_kw(self, frame: Frame) -> Floats:
        """(m) billed at least for peaks before the horizon; a quarter as its first month."""
        floors = np.zeros(len(frame.path.months))
        for past in self.past_peaks:
            at = month_number(past.month)
            if at % 12 + 1 in self.counting_months:
                seen = [at < months[0] <= at + self.look_back_months for months in frame.path.months]
                floors = np.maximum(floors, np.where(seen, self.share * past.peak_kw, 0.0))
        return floors


class PowerBand(Section):
    above_kw: PowerKw = Field(description="the band begins above this draw, '8 MW'")
    added_usd_per_kw_month: Cost = Field(description="paid more for each kW in and above this band")


class DemandTerms(Section):
    """A charge on the highest draw of each month; several may hold at once, each in its own hours."""

    name: Text = Field("demand", description="how the bill calls it")
    usd_per_kw_month: Cost = Field(description="per kW of the month's highest draw, '4 USD/kW/month'")
    seasons: tuple[Season, ...] = Field((), description="months at another price")
    windows: tuple[HourWindow, ...] = Field((), description="hours in which a draw counts; none: all")
    contracted_kw: PowerKw | None = Field(None, description="contracted power, '5 MW'")
    floor_share: Share = Field(0.0, description="share of contracted power that is billed at least")
    excess_usd_per_kw_month: Cost = Field(
        0.0, description="paid more for each kW drawn above contracted power"
    )
    bands: tuple[PowerBand, ...] = Field((), description="more edges above which a kW costs more")
    ratchet: Ratchet | None = Field(None, description="earlier peaks that floor later bills")

    @model_validator(mode="after")
    def _contracted_where_it_is_spoken_of(self) -> Self:
        wanted = "floor_share" if self.floor_share else "excess_usd_per_kw_month"
        if self.contracted_kw is None and getattr(self, wanted):
            raise refusal_at(
                (wanted,),
                getattr(self, wanted),
                "is without contracted_kw",
                "give contracted_kw, or remove it",
            )
        return self

    @model_validator(mode="after")
    def _a_month_has_one_price(self) -> Self:
        check_seasons([season.months for season in self.seasons])
        return self

    def charges(self, frame: Frame) -> list[DemandCharge]:
        """The charge itself, then one for each further band."""
        return [self._own(frame), *(self._of_band(frame, band) for band in self.bands)]

    def _own(self, frame: Frame) -> DemandCharge:
        by_month = np.full(12, self.usd_per_kw_month)
        for season in self.seasons:
            by_month[[month - 1 for month in season.months]] = season.usd_per_kw_month
        contracted = np.full(len(frame.path.months), self.contracted_kw or np.inf)
        floor = self.floor_share * (self.contracted_kw or 0.0) + np.zeros(len(frame.path.months))
        ratchet = self.ratchet
        none = np.full(len(frame.path.months), -1, dtype=np.intp)
        return DemandCharge(
            usd_per_kw=frame.path.per_period("demand", by_month),
            in_window=frame.inside(self.windows),
            floor_kw=floor if ratchet is None else np.maximum(floor, ratchet.floor_kw(frame)),
            contracted_kw=contracted,
            excess_usd_per_kw=frame.path.per_period("demand", self.excess_usd_per_kw_month),
            ratchet_share=0.0 if ratchet is None else ratchet.share,
            ratchet_until=none if ratchet is None else ratchet.until(frame),
            name=self.name,
        )

    def _of_band(self, frame: Frame, band: PowerBand) -> DemandCharge:
        count = len(frame.path.months)
        return DemandCharge(
            usd_per_kw=np.zeros(count),
            in_window=frame.inside(self.windows),
            floor_kw=np.zeros(count),
            contracted_kw=np.full(count, band.above_kw),
            excess_usd_per_kw=frame.path.per_period("demand", band.added_usd_per_kw_month),
            ratchet_share=0.0,
            ratchet_until=np.full(count, -1, dtype=np.intp),
            name=f"{self.name} above {band.above_kw:,.0f} kW",
        )
