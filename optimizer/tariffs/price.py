"""What a contract charges at one site: the only thing that the rest of the program knows of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.tariffs.hours import Bools, Floats, HoursInPeriod, Ints

SLACK = 1e-12
GRIDS = (  # fields of a price that are (b, m), some of them None
    "hours",
    "energy_usd_per_kwh",
    "delivery_usd_per_kwh",
    "levy_usd_per_kwh",
    "peak_usd_per_kwh",
    "off_share",
    "credit_usd_per_kwh",
    "cap_kw",
    "supply_kw",
    "supply_discount_usd_per_kwh",
)


@dataclass(frozen=True)
class VolumeSteps:
    """Charges beside the hourly prices, rising with the energy of the month."""

    kwh: Floats  # (t, m) width of each step; the last one inf
    usd_per_kwh: Floats  # (t, m) signed, rising in t

    def __post_init__(self) -> None:
        _same_shape(self.kwh, self.usd_per_kwh, "steps of volume", "(t, m)")
        if not (np.isposinf(self.kwh[-1:]).all() and len(self.kwh) and (self.kwh >= 0).all()):
            raise ValueError("the last step of volume must be endless, and no width below 0")
        _finite(self.usd_per_kwh, "prices of volume")
        if (np.diff(self.usd_per_kwh, axis=0) < -SLACK).any():
            raise ValueError("prices of volume must rise from step to step")

    def charge_usd(self, kwh: Floats) -> Floats:
        """What `kwh` of each period cost, both (m)."""
        below = np.concatenate([np.zeros((1, self.kwh.shape[1])), np.cumsum(self.kwh[:-1], axis=0)])
        taken = np.clip(kwh - below, 0.0, self.kwh)
        charge: Floats = (taken * self.usd_per_kwh).sum(axis=0)
        return charge


@dataclass(frozen=True)
class DemandCharge:
    """What is paid per kW of the month's highest draw."""

    usd_per_kw: Floats  # (m)
    in_window: Bools  # (b, m) intervals that count; all True for a plain charge
    floor_kw: Floats  # (m) billed at least (contracted x share, past peaks in the ratchet), while open
    contracted_kw: Floats  # (m) inf: none; above it `excess_usd_per_kw` is added
    excess_usd_per_kw: Floats  # (m)
    ratchet_share: float  # 0: none
    ratchet_until: Ints  # (m) last period whose bill this period's peak still floors; -1: does not count
    name: str = "demand"

    def __post_init__(self) -> None:
        for name in ("usd_per_kw", "floor_kw", "excess_usd_per_kw"):
            _finite(getattr(self, name), name, at_least=0.0)
        for name in ("floor_kw", "contracted_kw", "excess_usd_per_kw", "ratchet_until"):
            _same_shape(self.usd_per_kw, getattr(self, name), name, "(m)")
        if np.isnan(self.contracted_kw).any() or (self.contracted_kw < 0).any():
            raise ValueError("contracted power must be 0 or more")
        if not 0.0 <= self.ratchet_share <= 1.0:
            raise ValueError("the share of a ratchet must be 0 to 1")

    def billed_kw(self, peak_kw: Floats) -> Floats:
        """Power billed in each period for its highest draws in the window, both (m)."""
        billed = np.maximum(peak_kw, self.floor_kw)
        for earlier, until in enumerate(self.ratchet_until):
            later = slice(earlier + 1, until + 1)
            billed[later] = np.maximum(billed[later], self.ratchet_share * peak_kw[earlier])
        return billed

    def charge_usd(self, peak_kw: Floats) -> Floats:
        """What the highest draws in the window cost, both (m)."""
        excess = np.maximum(0.0, peak_kw - self.contracted_kw)
        return self.usd_per_kw * self.billed_kw(peak_kw) + self.excess_usd_per_kw * excess


@dataclass(frozen=True)
class Response:
    """Interruptible load that may be offered: what it earns and when it is called."""

    credit_usd_per_kw: Floats  # (m) for each kW enrolled (machines that run under the offer)
    call_share: Floats  # (b, m) expected share of the interval that is called (machine off)
    call_usd_per_kwh: Floats  # (b, m) paid for each kWh not drawn when called
    max_kw: Floats  # (m)

    def __post_init__(self) -> None:
        _finite(self.credit_usd_per_kw, "credit for response", at_least=0.0)
        _finite(self.call_usd_per_kwh, "payment for calls", at_least=0.0)
        _share(self.call_share, "share called")
        _same_shape(self.call_share, self.call_usd_per_kwh, "payment for calls", "(b, m)")
        if np.isnan(self.max_kw).any() or (self.max_kw < 0).any():
            raise ValueError("power that may respond must be 0 or more")


@dataclass(frozen=True)
class HostTerms:
    """What a host takes of, and gives to, the machines it hosts."""

    profit_share: float  # of revenue after pool less every power cost, hour by hour
    credit_share: float  # of curtailment and response credits that the host keeps
    guaranteed_share: float  # uptime promised
    uptime_credit_usd_per_kwh: Floats | float  # (m) or one: paid by the host for promised kWh not delivered

    def __post_init__(self) -> None:
        for name in ("profit_share", "credit_share", "guaranteed_share"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} must be 0 to 1")
        _finite(np.atleast_1d(self.uptime_credit_usd_per_kwh), "credit for uptime", at_least=0.0)


@dataclass(frozen=True)
class PowerPrice:
    """What a contract charges at one site. Interval b of period m, in order of time, lawful hours only,
    padded with hours 0. All money is USD of the month: escalators, dated steps, the path of the exchange
    rate and VAT that cannot be recovered are in it."""

    intervals_per_hour: (
        int  # interval k of hour i is row i * n + k; 0: not aligned with hours (kind: duration)
    )
    hours: Floats  # (b, m) length: 1.0, 0.25; 0 where padded
    energy_usd_per_kwh: Floats  # (b, m)
    delivery_usd_per_kwh: Floats  # (b, m) grid, adders
    levy_usd_per_kwh: Floats  # (b, m) may depend on the energy price of the interval (price bands)
    peak_usd_per_kwh: Floats  # (b, m) expected coincident-peak charge of a kWh drawn in the interval
    off_share: Floats  # (b, m) share of the interval that the contract switches off, 0..1
    standing_charge_usd: Floats  # (m) paid while the contract is open, whatever is drawn; may be negative
    minimum_bill_usd: Floats  # (m) 0: none
    cap_kw: Floats | None = (
        None  # (b, m) most the site may draw; inf: the connection alone; None: no such clause
    )
    supply_kw: Floats | None = None  # (b, m) shaped supply: the first supply_kw cost the discount less
    supply_discount_usd_per_kwh: Floats | None = None  # (b, m) >= 0
    volume: VolumeSteps | None = None
    demand: tuple[DemandCharge, ...] = ()
    response: Response | None = None
    hosting: HostTerms | None = None
    credit_usd_per_kwh: Floats | None = (
        None  # (b, m) >= 0 paid for each kWh drawn where the contract may switch the site off (`off_share`)
    )

    def __post_init__(self) -> None:
        if self.hours.ndim != 2:
            raise ValueError(f"hours {self.hours.shape} are not intervals by period; want (b, m)")
        for name, grid in _grids(self):
            _same_shape(self.hours, grid, name, "(b, m)")
        _finite(self.hours, "hours", at_least=0.0)
        for name in ("energy", "delivery", "levy", "peak"):
            _finite(getattr(self, f"{name}_usd_per_kwh"), f"{name}_usd_per_kwh")
        _share(self.off_share, "off_share")
        self._check_sums()
        self._check_limits()

    def _check_sums(self) -> None:
        months = self.hours[:0].sum(axis=0)
        for name in ("standing_charge_usd", "minimum_bill_usd"):
            _same_shape(months, getattr(self, name), name, "(m)")
            _finite(getattr(self, name), name)
        if (self.minimum_bill_usd < 0).any():
            raise ValueError("minimum_bill_usd is below 0")
        for charge in self.demand:
            _same_shape(months, charge.usd_per_kw, "demand charge", "(m)")
        if self.volume is not None:
            _same_shape(months, self.volume.kwh[0], "steps of volume", "(t, m)")
        if self.response is not None:
            _same_shape(months, self.response.credit_usd_per_kw, "credit for response", "(m)")
            _same_shape(months, self.response.max_kw, "power that may respond", "(m)")

    def _check_limits(self) -> None:
        if (self.supply_kw is None) != (self.supply_discount_usd_per_kwh is None):
            raise ValueError("supply_kw and supply_discount_usd_per_kwh go together")
        for name in ("cap_kw", "supply_kw", "supply_discount_usd_per_kwh", "credit_usd_per_kwh"):
            grid = getattr(self, name)
            if grid is not None and (np.isnan(distinct(grid)).any() or (distinct(grid) < 0).any()):
                raise ValueError(f"{name} must be 0 or more")

    @classmethod
    def plain(
        cls,
        hours: Floats,
        energy_usd_per_kwh: Floats | float,
        delivery_usd_per_kwh: Floats | float = 0.0,
        levy_usd_per_kwh: Floats | float = 0.0,
        *,
        intervals_per_hour: int = 1,
    ) -> PowerPrice:
        """Prices alone, without any clause; numbers and rows are spread over (b, m)."""
        energy, delivery, levy, nothing = (
            np.broadcast_to(np.asarray(given, dtype=np.float64), hours.shape)
            for given in (energy_usd_per_kwh, delivery_usd_per_kwh, levy_usd_per_kwh, 0.0)
        )
        none = np.zeros(hours.shape[1:])
        return cls(intervals_per_hour, hours, energy, delivery, levy, nothing, nothing, none, none)

    def total_usd_per_kwh(self) -> Floats:
        """Energy, delivery, levy and coincident peak together, before any credit, shape (b, m); 0 where there
        are no hours."""
        parts = (self.delivery_usd_per_kwh, self.levy_usd_per_kwh, self.peak_usd_per_kwh)
        return np.where(self.hours > 0, sum(parts, self.energy_usd_per_kwh), 0.0)

    def couples(self) -> bool:
        """Whether an hour's decision depends on the other machines: a limit in the hour, supply at a
        discount, a peak in a window, steps of volume where hours differ in price or where some energy is
        worth running on that would not pay at the hour's own price, as it is below a minimum bill."""
        if (self.minimum_bill_usd > 0).any():
            return True
        if self.cap_kw is not None and np.isfinite(self.cap_kw).any():
            return True
        if self.supply_discount_usd_per_kwh is not None and (self.supply_discount_usd_per_kwh > 0).any():
            return True
        if any(not charge.in_window[self.hours > 0].all() for charge in self.demand):
            return True
        if self.volume is None:
            return False
        is_owed = (self.volume.usd_per_kwh[self.volume.kwh > 0] < 0).any()
        return bool(is_owed) or (len(self.volume.kwh) > 1 and self._hours_differ())

    def _hours_differ(self) -> bool:
        is_hour, total = self.hours > 0, self.total_usd_per_kwh()
        dearest = np.where(is_hour, total, -np.inf).max(axis=0, initial=-np.inf)
        cheapest = np.where(is_hour, total, np.inf).min(axis=0, initial=np.inf)
        return bool((dearest > cheapest + SLACK).any())

    def lawful(self, hours: HoursInPeriod) -> PowerPrice:
        """This price of the whole periods with the hours alone that the law leaves."""
        if hours.before_law is None:
            return self
        if self.intervals_per_hour == 0:
            left = hours.hour_counts() / hours.whole.hour_counts()
            return replace(self, hours=self.hours * left)
        rows = _interval_rows(hours.rows_of_whole, self.intervals_per_hour)
        own = {name: getattr(self, name) for name in GRIDS}
        kept: dict[str, Any] = {name: _taken(grid, rows) for name, grid in own.items() if grid is not None}
        kept["hours"] = np.where(rows >= 0, kept["hours"], 0.0)
        charges = tuple(replace(each, in_window=_taken(each.in_window, rows)) for each in self.demand)
        return replace(self, **kept, demand=charges, response=self._lawful_response(rows))

    def _lawful_response(self, rows: Ints) -> Response | None:
        if self.response is None:
            return None
        called, paid = self.response.call_share, self.response.call_usd_per_kwh
        return replace(self.response, call_share=_taken(called, rows), call_usd_per_kwh=_taken(paid, rows))


def _grids(price: PowerPrice) -> Iterator[tuple[str, NDArray[Any]]]:
    """Every array (b, m) of a price, by name."""
    for name in GRIDS:
        if (grid := getattr(price, name)) is not None:
            yield name, grid
    for charge in price.demand:
        yield f"window of {charge.name}", charge.in_window
    if price.response is not None:
        yield "share called", price.response.call_share


def _interval_rows(hour_rows: Ints, per_hour: int) -> Ints:
    """(b, m) rows of intervals from rows of hours; -1 stays -1."""
    rows = hour_rows[:, None, :] * per_hour + np.arange(per_hour)[:, None]
    return np.where(hour_rows[:, None, :] >= 0, rows, -1).reshape(-1, hour_rows.shape[1])


def _taken(grid: NDArray[Any], rows: Ints) -> NDArray[Any]:
    if grid.strides[0] == 0 and len(grid):  # one number for all intervals: nothing to pick
        return np.broadcast_to(grid[:1], rows.shape)
    return np.take_along_axis(grid, rows, axis=0)


def distinct(grid: Floats) -> Floats:
    """An array (b, m) as (1, m) where its rows are one and the same in memory; sums of those cost nothing."""
    return grid[:1] if grid.ndim > 1 and grid.strides[0] == 0 else grid


def _finite(numbers: Floats, what: str, at_least: float = -np.inf) -> None:
    numbers = distinct(numbers)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{what}: a power price has a number that is not finite")
    if numbers.size and numbers.min() < at_least:
        raise ValueError(f"{what}: a number is below {at_least:g}")


def _share(numbers: Floats, what: str) -> None:
    _finite(numbers, what, at_least=0.0)
    if distinct(numbers).size and distinct(numbers).max() > 1.0:
        raise ValueError(f"{what}: a share is above 1")


def _same_shape(one: Floats, other: NDArray[Any], what: str, want: str) -> None:
    if one.shape != other.shape:
        raise ValueError(f"{what} {other.shape} and {one.shape} differ; want {want}")
