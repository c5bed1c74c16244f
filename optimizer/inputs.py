"""Everything the model needs, as arrays in fixed axes, checked; where numbers came from is forgotten here.

Axis letters, the same everywhere: ``w`` scenario, ``l`` lot, ``s`` site, ``m`` period, ``p`` profile,
``h`` hub (regions that share every relocation term), ``k`` corridor between two hubs, ``c`` arrival class
(machines that lose the same share of their first period), ``g`` power group, ``q`` concentration limit.
Money is nominal USD of the period; power is kW at the meter; numbers of a lot are for one machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.str_]

NEVER = -1  # an arrival that falls past the horizon

AXES = {
    "w": "scenarios",
    "l": "lots",
    "s": "sites",
    "m": "periods",
    "p": "profiles",
    "h": "hubs",
    "k": "corridors",
    "c": "arrival_classes",
    "g": "power_groups",
    "q": "concentrations",
}


def over(axes: str, *, is_limit: bool = False, is_signed: bool = False) -> Any:
    """A field over these axes; only a limit may be infinite, only a signed number negative."""
    return field(metadata={"axes": axes, "is_limit": is_limit, "is_signed": is_signed})


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """One study as arrays; ``solve_inputs`` takes one of these from whoever brings own numbers.

    Raises
    ------
    ValueError
        On construction, naming the array, if a shape does not fit its axes, a number is NaN, infinite
        where it is not a limit, or negative where it cannot be.
    """

    scenarios: tuple[str, ...]
    lots: tuple[str, ...]
    sites: tuple[str, ...]
    periods: tuple[str, ...]
    profiles: tuple[str, ...]
    hubs: tuple[str, ...]
    corridors: tuple[str, ...]
    arrival_classes: tuple[str, ...]
    power_groups: tuple[str, ...]
    concentrations: tuple[str, ...]

    commit_periods: int  # decisions of these first periods are the same in every scenario
    probability: Floats = over("w")
    discount: Floats = over("m")  # worth today of one dollar of the period
    period_months: Floats = over("m")
    period_days: Floats = over("m")

    # the fleet
    start_machines: Floats = over("ls")  # standing before the first period
    hashrate_ths: Floats = over("lp")  # in service
    wall_kw: Floats = over("lp")  # in service, without the site's overhead
    machine_power_kw: Floats = over("l")  # nameplate
    machine_value_usd: Floats = over("lm")  # what it would fetch, before fees
    maintenance_usd: Floats = over("lm")  # of a standing machine

    # one machine in service for a whole period, running in the lawful hours that pay
    can_run: Bools = over("lspm")
    meter_kw: Floats = over("lspm")
    revenue_usd: Floats = over("wlspm")
    pool_fee_usd: Floats = over("wlspm")
    energy_usd: Floats = over("wlspm", is_signed=True)
    delivery_usd: Floats = over("wlspm")
    levy_usd: Floats = over("wlspm")
    hosting_usd: Floats = over("wlspm")
    site_opex_usd: Floats = over("wlspm")
    energy_kwh: Floats = over("wlspm")
    run_hours: Floats = over("wlspm")
    mined_btc: Floats = over("wlspm")

    # the sites
    site_region: tuple[str, ...] = over("s")  # ISO 3166-2
    site_jurisdiction: tuple[str, ...] = over("s")  # ISO 3166-1
    max_power_kw: Floats = over("sm", is_limit=True)  # of the connection
    max_machines: Floats = over("s", is_limit=True)  # racks
    crew_out_machines: Floats = over("sm", is_limit=True)
    crew_in_machines: Floats = over("sm", is_limit=True)
    deinstall_usd: Floats = over("s")
    install_usd: Floats = over("s")
    fixed_usd: Floats = over("sm")  # while open
    opening_usd: Floats = over("s")
    exit_usd: Floats = over("s")
    deposit_usd: Floats = over("s")  # paid on opening, returned on closing or at the horizon
    min_term_periods: Ints = over("sm")  # of a term that begins in the period
    min_power_kw: Floats = over("s")  # nameplate of standing machines, while open
    is_open_at_start: Bools = over("s")
    build_usd_per_kw: Floats = over("s")
    built_at_start_kw: Floats = over("s", is_limit=True)  # infinite where nothing needs to be built

    # the law
    allowed_share: Floats = over("sm")  # of the period's hours
    barred_by: Texts = over("sm")  # rule that closes the whole period, "" where none does
    is_sanctioned: Bools = over("sm")
    sanctioned_by: Texts = over("sm")
    moratorium_kw: Floats = over("sm", is_limit=True)  # load that a stop to new load leaves
    moratorium_by: Texts = over("sm")
    legal_risk_usd: Floats = over("wlsm")  # expected loss of a standing machine to law that may come

    # relocation
    hub_of_site: Ints = over("s")
    corridor_from: Ints = over("k")
    corridor_to: Ints = over("k")
    arrival_period: Ints = over("km", is_signed=True)  # of what leaves in the period, or NEVER
    arrival_class: Ints = over("km")
    lost_share: Floats = over("c")  # of the arrival period, still under way
    missed_share: Floats = over("scm")  # of the site's lawful hours of the period, gone by at arrival
    freight_usd: Floats = over("lk")
    insurance_usd: Floats = over("lkm")
    customs_usd: Floats = over("lkm")  # duty, and VAT that cannot be recovered
    breakage_usd: Floats = over("lkm")  # expected, made good at market value

    # trading
    order_usd: Floats = over("lm")
    can_order: Bools = over("lhm")
    order_arrival_period: Ints = over("lm", is_signed=True)
    order_arrival_class: Ints = over("lm")
    max_orders: Floats = over("l", is_limit=True)  # over the whole horizon
    max_orders_per_period: Floats = over("lm", is_limit=True)
    sale_usd: Floats = over("lm")  # after fees
    max_sales_per_period: Floats = over("m", is_limit=True)

    # the user's own limits
    power_group_members: Bools = over("gs")
    power_group_kw: Floats = over("gm", is_limit=True)
    concentration_members: Bools = over("qs")
    concentration_weight: Floats = over("qlm")  # of a standing machine
    concentration_max_share: Floats = over("qm", is_limit=True)
    max_capex_usd: Floats = over("m", is_limit=True)
    opening_cash_usd: float  # infinite: the study has no budget
    min_cash_usd: float
    end_value_usd: Floats = over("l")  # at the horizon

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.metadata:
                self._check(each.name, np.asarray(getattr(self, each.name)), **each.metadata)

        self._check_scalars()
        self._check_pointers()

    def _check_scalars(self) -> None:
        for name in ("opening_cash_usd", "min_cash_usd"):
            if np.isnan(getattr(self, name)):
                raise ValueError(f"inputs.{name} is NaN; leave opening_cash_usd infinite for no budget")
        if abs(float(self.probability.sum()) - 1.0) > 1e-9:
            raise ValueError(f"inputs.probability adds up to {self.probability.sum():g}; it must be 1")
        for name in ("lost_share", "missed_share", "allowed_share"):
            if (getattr(self, name) > 1.0 + 1e-12).any():
                raise ValueError(f"inputs.{name} holds {getattr(self, name).max():g}; a share is at most 1")
        for axis, name in AXES.items():
            if len(set(self.labels[axis])) < len(self.labels[axis]):
                raise ValueError(f"inputs.{name} has a name twice; tables could not tell them apart")

    def _check_pointers(self) -> None:
        """What points to a hub, a class or a period finds one there, and no trip goes back in time."""
        ends = {"hub_of_site": self.hubs, "corridor_from": self.hubs, "corridor_to": self.hubs}
        ends |= {"arrival_class": self.arrival_classes, "order_arrival_class": self.arrival_classes}
        for name, places in ends.items():
            if (getattr(self, name) >= len(places)).any():
                raise ValueError(f"inputs.{name} points past the {len(places)} that there are")
        for name in ("arrival_period", "order_arrival_period"):
            due, now = getattr(self, name), np.arange(len(self.periods))
            if (due >= len(self.periods)).any() or ((due < now) & (due != NEVER)).any():
                raise ValueError(f"inputs.{name} must lie between its own period and the last, or be NEVER")

    def _check(self, name: str, array: NDArray[Any], axes: str, is_limit: bool, is_signed: bool) -> None:
        expected = tuple(len(self.labels[axis]) for axis in axes)
        if array.shape != expected:
            raise ValueError(
                f"inputs.{name} has shape {array.shape}; its axes ({', '.join(axes)}) are {expected}"
            )
        if array.dtype.kind not in "fi":
            return
        if np.isnan(array).any():
            raise ValueError(
                f"inputs.{name} holds {int(np.isnan(array).sum())} NaN; give every cell a number"
            )
        if np.isinf(array).any() and not is_limit:
            raise ValueError(f"inputs.{name} holds an infinite number; only limits may be infinite")
        if (array < 0).any() and not is_signed:
            raise ValueError(f"inputs.{name} holds {array.min():g}; it cannot be negative")

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """Names along each axis letter."""
        return {axis: getattr(self, name) for axis, name in AXES.items()}

    @property
    def margin_usd(self) -> Floats:
        """(w, l, s, p, m) what a machine in service earns after every cost that depends on running."""
        power = self.energy_usd + self.delivery_usd + self.levy_usd
        return self.revenue_usd - self.pool_fee_usd - power - self.hosting_usd - self.site_opex_usd

    @property
    def needs_opening(self) -> Bools:
        """(s) whether standing open is a yes-or-no decision with a price."""
        is_priced = (self.fixed_usd > 0).any(axis=1) | (self.opening_usd > 0) | (self.exit_usd > 0)
        return (
            is_priced
            | (self.deposit_usd > 0)
            | (self.min_term_periods > 1).any(axis=1)
            | (self.min_power_kw > 0)
        )
