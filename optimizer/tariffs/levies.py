"""Levies per kWh that depend on the price of the energy: by price band, or topping it up to a target."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from pydantic import Field

from optimizer.sections.base import Cost, Quantity, Section
from optimizer.tariffs.faults import refusal_at
from optimizer.tariffs.hours import Floats


class LevyBand(Section):
    from_usd_per_kwh: Quantity | None = Field(
        None, description="energy price from which it holds; left out in the cheapest band"
    )
    to_usd_per_kwh: Quantity | None = Field(
        None, description="energy price below which it holds; left out in the dearest band"
    )
    levy_usd_per_kwh: Cost = Field(description="levy on each kWh in this band")


class TopUp(Section):
    """The levy fills energy up to a target, and is never less than a least: max(1, 25 - price)."""

    target_usd_per_kwh: Cost = Field(description="energy and levy together come to this, '25 KZT/kWh'")
    least_usd_per_kwh: Cost = Field(0.0, description="levy where energy costs more than the target")

    def usd_per_kwh(self, energy_usd_per_kwh: Floats) -> Floats:
        return np.maximum(self.least_usd_per_kwh, self.target_usd_per_kwh - energy_usd_per_kwh)


def in_order(bands: Sequence[LevyBand]) -> Sequence[LevyBand]:
    """The bands, if every energy price lies in exactly one; else a refusal that names the two edges."""
    if not bands:
        return bands
    if bands[0].from_usd_per_kwh is not None:
        raise refusal_at(
            (0, "from_usd_per_kwh"),
            bands[0].from_usd_per_kwh,
            f"leaves no levy for prices below {bands[0].from_usd_per_kwh:g} USD/kWh",
            "write the bands from cheap to dear and leave out from_usd_per_kwh in the first",
        )
    if bands[-1].to_usd_per_kwh is not None:
        raise refusal_at(
            (len(bands) - 1, "to_usd_per_kwh"),
            bands[-1].to_usd_per_kwh,
            f"leaves no levy for prices from {bands[-1].to_usd_per_kwh:g} USD/kWh on",
            "write the bands from cheap to dear and leave out to_usd_per_kwh in the last",
        )
    for i, (one, following) in enumerate(pairwise(bands), start=1):
        _follow_on(i, one.to_usd_per_kwh, following.from_usd_per_kwh)
    edges = [band.to_usd_per_kwh for band in bands[:-1]]
    for i, (low, high) in enumerate(pairwise(edge for edge in edges if edge is not None), start=2):
        if high <= low:
            raise refusal_at(
                (i - 1,),
                None,
                f"is a band from {low:g} to {high:g} USD/kWh",
                "write bands from cheap to dear",
            )
    return bands


def _follow_on(i: int, ends: float | None, begins: float | None) -> None:
    if ends is None or begins is None:
        raise refusal_at(
            (i,),
            None,
            f"has no edge between band {i} and band {i + 1}",
            "give the one a to_ and the other the same from_",
        )
    if ends != begins:
        fault = "a hole" if ends < begins else "an overlap"
        raise refusal_at(
            (i, "from_usd_per_kwh"),
            begins,
            f"leaves {fault}: band {i} ends at {ends:g} USD/kWh, band {i + 1} begins at {begins:g} USD/kWh",
            "let each band begin where the one before ends",
        )


def of_bands(bands: Sequence[LevyBand], energy_usd_per_kwh: Floats) -> Floats:
    """The levy on energy of each price; a price on an edge belongs to the dearer band."""
    edges = np.array([band.from_usd_per_kwh for band in bands[1:]], dtype=np.float64)
    levies = np.array([band.levy_usd_per_kwh for band in bands])
    found: Floats = levies[np.searchsorted(edges, energy_usd_per_kwh, side="right")]
    return found
