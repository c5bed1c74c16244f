"""Interruptible load: paid to be ready, called for some hours of a month."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from optimizer.sections.base import Cost, NotNegative, Section
from optimizer.tariffs.demand import PowerKw
from optimizer.tariffs.faults import refusal_at
from optimizer.tariffs.frame import Frame
from optimizer.tariffs.hours import Floats
from optimizer.tariffs.price import Response
from optimizer.tariffs.windows import HOLIDAY, HourWindow

WEEKS_OF_ANY_MONTH = 4


class ResponseTerms(Section):
    """Demand response that machines may be enrolled in, or a contract that interrupts without a choice."""

    credit_usd_per_kw_month: Cost = Field(0.0, description="for each kW enrolled, '3 USD/kW/month'")
    called_hours_per_month: Annotated[NotNegative, Field(le=744)] = Field(
        description="expected hours of calls in a month"
    )
    windows: tuple[HourWindow, ...] = Field((), description="hours in which calls come; none: all")
    calls: Literal["spread", "dearest"] = Field(
        "spread", description="spread: any hour of the windows alike; dearest: the dearest of them"
    )
    call_usd_per_kwh: Cost = Field(0.0, description="paid for each kWh not drawn when called")
    max_kw: PowerKw | None = Field(None, description="most that may be enrolled; left out: all of the site")
    notice_minutes: NotNegative | None = Field(
        None, description="warning before a call; for the reader, nothing is computed from it"
    )
    forced: bool = Field(
        False, description="true: the contract switches the whole site off when it calls, without a choice"
    )

    @model_validator(mode="after")
    def _forced_is_the_whole_site(self) -> Self:
        if self.forced and self.max_kw is not None:
            raise refusal_at(
                ("max_kw",),
                self.max_kw,
                "caps a response that is forced, which takes the whole site",
                "remove max_kw, or forced: true",
            )
        return self

    @model_validator(mode="after")
    def _calls_fit_their_windows(self) -> Self:
        if self.windows:
            covered = np.logical_or.reduce([window.covers() for window in self.windows])[:, :HOLIDAY]
            fewest = WEEKS_OF_ANY_MONTH * int(covered.sum(axis=(1, 2)).max())
            if self.called_hours_per_month > fewest:
                raise refusal_at(
                    ("called_hours_per_month",),
                    self.called_hours_per_month,
                    f"is more than the {fewest} hours that the windows have in four weeks",
                    "widen the windows, or lower called_hours_per_month",
                )
        return self

    def call_share(self, frame: Frame) -> Floats:
        """(b, m) expected share of each interval that is called."""
        among = frame.inside(self.windows) & (frame.lengths > 0)
        if self.calls == "dearest":
            return frame.dearest_hours(among, self.called_hours_per_month)
        open_hours = frame.by_month(among * frame.lengths)  # a month without windows has no calls
        wanted = self.called_hours_per_month
        share: Floats = np.divide(wanted, open_hours, out=np.zeros(open_hours.shape), where=open_hours > 0)
        return np.where(among, np.minimum(share, 1.0), 0.0)

    def offer(self, frame: Frame) -> Response:
        """What machines may be enrolled in."""
        called = self.call_share(frame)
        paid = np.broadcast_to(self.call_usd_per_kwh * frame.path.fx, called.shape)
        most = np.full(len(frame.path.months), self.max_kw or np.inf)
        return Response(self._credit(frame), called, paid, most)

    def imposed(self, frame: Frame) -> tuple[Floats, Floats]:
        """(b, m) share switched off, and what is paid for it per kWh drawn: a kW that runs all the hours left
        gets the credit and the payment for calls in full."""
        called = self.call_share(frame)
        paid = (called * frame.lengths).sum(axis=0) * self.call_usd_per_kwh * frame.path.fx
        left = ((1.0 - called) * frame.lengths).sum(axis=0)
        per_kwh = np.divide(self._credit(frame) + paid, left, out=np.zeros(left.shape), where=left > 0)
        return called, np.broadcast_to(per_kwh, called.shape)

    def _credit(self, frame: Frame) -> Floats:
        months = np.array([len(months) for months in frame.path.months], dtype=np.float64)
        return self.credit_usd_per_kw_month * months * frame.path.fx
