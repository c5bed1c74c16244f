"""Hosting at an all-in rate: what the host is paid, promises, and takes of the profit."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from optimizer.sections.base import Cost, Count, NotNegative, Share
from optimizer.tariffs.base import Floats, HostTerms, HoursInPeriod, PowerPrice, Tariff
from optimizer.tariffs.faults import refusal_at

HOURS_PER_MONTH = 365.25 * 24 / 12


class Hosting(Tariff):
    """The rate holds per kWh at the meter, whatever the hour. Growth and dated steps move the rate."""

    kind: Literal["hosting"]
    rate_usd_per_kwh: Cost = Field(description="all-in rate, USD/kWh, e.g. '7.2 USc/kWh'")
    stated_deposit_usd_per_kw: Cost | None = Field(
        None,
        alias="deposit_usd_per_kw",
        description="deposit when the site is opened, USD per kW; comes back",
    )
    deposit_months: NotNegative | None = Field(
        None, description="the deposit as months of the bill at full load; instead of deposit_usd_per_kw"
    )
    min_term_months: Count = Field(0, description="months that the contract runs at the least")
    guaranteed_uptime_share: Share = Field(0.0, description="uptime that the host promises: 0.95; 0 for none")
    uptime_credit_usd_per_kwh: Cost = Field(
        0.0, description="what the host pays for each promised kWh that it did not deliver"
    )
    profit_share: Share = Field(
        0.0, description="host's share of revenue after the pool's fee less every cost of power, hour by hour"
    )
    host_credit_share: Share = Field(
        0.0, description="host's share of what is paid for curtailment and demand response"
    )

    @model_validator(mode="after")
    def _terms_fit_together(self) -> Self:
        if self.stated_deposit_usd_per_kw is not None and self.deposit_months is not None:
            raise refusal_at(
                ("deposit_months",),
                self.deposit_months,
                "states its deposit twice",
                "keep deposit_usd_per_kw or deposit_months",
            )
        if self.uptime_credit_usd_per_kwh and not self.guaranteed_uptime_share:
            raise refusal_at(
                ("uptime_credit_usd_per_kwh",),
                self.uptime_credit_usd_per_kwh,
                "is a credit for uptime, but the host promises none",
                "give guaranteed_uptime_share, e.g. 0.95",
            )
        return self

    @property
    def deposit_usd_per_kw(self) -> float:
        """Paid per kW at the meter on opening; months of bill are mean months at full load."""
        if self.deposit_months is None:
            return self.stated_deposit_usd_per_kw or 0.0
        all_in = self.rate_usd_per_kwh + self.delivery_usd_per_kwh + self.levy_usd_per_kwh
        return self.deposit_months * HOURS_PER_MONTH * all_in

    def energy_blocks(self, hours: HoursInPeriod) -> tuple[Floats, Floats]:
        lengths = hours.calendar.is_hour.astype(np.float64)
        return lengths, np.broadcast_to(self.rate_usd_per_kwh, lengths.shape)

    def whole_price(self, hours: HoursInPeriod, fx: Floats) -> PowerPrice:
        terms = HostTerms(
            profit_share=self.profit_share,
            credit_share=self.host_credit_share,
            guaranteed_share=self.guaranteed_uptime_share,
            uptime_credit_usd_per_kwh=self.uptime_credit_usd_per_kwh * fx,
        )
        return replace(super().whole_price(hours, fx), hosting=terms)
