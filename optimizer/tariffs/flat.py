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
        lengths = hours.calendar.is_hour.astype(np.float64)
        return lengths, np.broadcast_to(self.energy_usd_per_kwh, lengths.shape)
