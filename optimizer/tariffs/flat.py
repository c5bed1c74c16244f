"""One energy price for every hour."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from optimizer.sections.base import Quantity
from optimizer.tariffs.base import Floats, HoursInPeriod, Tariff


class Flat(Tariff):
    kind: Literal["flat"]
    energy_usd_per_kwh: Quantity = Field(description="energy price, USD/kWh, e.g. '52 RUB/MWh'")

    def energy_blocks(self, hours: HoursInPeriod) -> tuple[Floats, Floats]:
        counts = hours.hour_counts()[None, :]
        return counts, np.full_like(counts, self.energy_usd_per_kwh)
