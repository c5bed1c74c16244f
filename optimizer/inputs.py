"""Everything the model needs, as arrays in fixed axes, checked; where numbers came from is forgotten here.

Axis letters, the same everywhere: ``w`` scenario, ``l`` lot, ``s`` site, ``m`` period, ``p`` profile,
``h`` hub (regions that share every relocation term), ``k`` corridor between two hubs, ``c`` arrival class
(machines that lose the same share of their first period), ``g`` power group, ``q`` concentration limit,
``b`` hour block, ``t`` step of a month's energy, ``d`` demand charge, ``e`` company, ``y`` tax year, ``f``
loan. Money is nominal USD of the period; power is kW at the meter; numbers of a lot are for one machine.

A profile is a way of running: a setting of the machine, with or without an offer to be switched off, in one
block of hours. Block 0 is all hours: there the sum over the hours that pay is made outside the model. Where
an hour's decision depends on other machines, a site has modes for blocks 1, 2, ... instead, and the model
decides.
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
    "b": "hour_blocks",
    "t": "volume_steps",
    "d": "demand_charges",
    "e": "entities",
    "y": "tax_years",
    "f": "loans",
}


SHARES = (
    *("lost_share", "missed_share", "allowed_share", "block_share", "ratchet_share"),
    *("tax_rate_share", "loss_use_share", "treasury_share", "loan_share"),
)


def over(axes: str, *, is_limit: bool = False, is_signed: bool = False) -> Any:
    """A field over these axes; only a limit may be infinite, only a signed number negative."""
    return field(metadata={"axes": axes, "is_limit": is_limit, "is_signed": is_signed})


def option(axes: str, neutral: Any, *, is_limit: bool = False, is_signed: bool = False) -> Any:
    """The same for a field that may be left out: then it is ``neutral`` everywhere and changes nothing."""
    told = {"axes": axes, "is_limit": is_limit, "is_signed": is_signed, "neutral": neutral}
    return field(default=None, metadata=told)


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
    hour_blocks: tuple[str, ...] = ("all hours",)
    volume_steps: tuple[str, ...] = ()
    demand_charges: tuple[str, ...] = ()
    entities: tuple[str, ...] = ("operator",)
    tax_years: tuple[str, ...] = ()
    loans: tuple[str, ...] = ()

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
    peak_usd: Floats = option("wlspm", 0.0)  # expected charge for coincident peaks
    credit_usd: Floats = option("wlspm", 0.0)  # paid back by grid or host
    friction_usd: Floats = option("wlspm", 0.0)  # lost by switching, against hours taken one by one
    firmware_usd: Floats = option("wlspm", 0.0)

    # ways of running
    profile_block: Ints = option("p", 0)
    profile_is_response: Bools = option("p", False)  # enrolled in an offer to be switched off
    block_share: Floats = option("sbm", 1.0)  # of the period's lawful hours
    fits: Bools = option("ls", True)  # cooling and height of the site suit the machine
    unfit_because: Texts = option("ls", "")

    # power contracts, beside what an hour costs
    block_cap_kw: Floats = option("sbm", np.inf, is_limit=True)
    supply_kwh: Floats = option("sbm", 0.0)  # the first kWh of a block, bought ahead
    supply_discount_usd_per_kwh: Floats = option("sbm", 0.0)
    volume_step_kwh: Floats = option("stm", 0.0, is_limit=True)  # width; a step of no width is no step
    volume_step_usd_per_kwh: Floats = option("stm", 0.0, is_signed=True)  # beside the hour's price, rising
    standing_charge_usd: Floats = option("sm", 0.0, is_signed=True)  # while open, whatever is drawn
    minimum_bill_usd: Floats = option("sm", 0.0)
    response_max_kw: Floats = option("sm", np.inf, is_limit=True)
    is_signed: Bools = option("sm", False)  # a contract that runs: the site is open and its charges fall due
    demand_site: Ints = option("d", 0)
    demand_window: Bools = option("dbm", True)  # blocks whose highest draw is billed
    demand_usd_per_kw: Floats = option("dm", 0.0)
    demand_floor_kw: Floats = option("dm", 0.0)  # billed at least, while open
    contracted_kw: Floats = option("dm", np.inf, is_limit=True)
    excess_usd_per_kw: Floats = option("dm", 0.0)  # above what is contracted
    ratchet_share: Floats = option("d", 0.0)  # of a past peak that is billed still
    ratchet_until: Ints = option("dm", NEVER, is_signed=True)  # last period that this period's peak binds

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
    order_customs_usd: Floats = option("lhm", 0.0)  # duty and VAT where the seller has not paid them
    trade_in_lot: Ints = option("l", NEVER, is_signed=True)  # of which one is handed in for each order
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
    min_cash_usd: Floats = option("m", 0.0)
    cash_in_usd: Floats = option("m", 0.0, is_signed=True)  # put in by the owners, or taken out
    end_value_usd: Floats = over("l")  # at the horizon

    # companies, tax, loans, coins
    entity_of_site: Ints = option("s", 0)
    entity_of_hub: Ints = option("h", 0)
    overhead_usd: Floats = option("em", 0.0)
    year_share: Floats = option("ym", 0.0)  # of the period's profit that falls in the tax year
    tax_paid_in: Ints = option("y", 0)  # period
    tax_rate_share: Floats = option("ey", 0.0)
    loss_use_share: Floats = option("ey", 1.0)  # of a year's profit that past losses may offset
    loss_life_years: Floats = option("e", np.inf, is_limit=True)  # tax years in which a loss may be used
    opening_loss_usd: Floats = option("e", 0.0)
    depreciation_usd: Floats = option("elm", 0.0)  # of a machine of the first fleet, where it stands
    book_usd: Floats = option("lm", 0.0)  # what is left of its book value when it is sold
    order_depreciation_share: Floats = option("emm", 0.0)  # of an order's price: ordered, written off
    building_depreciation_share: Floats = option("emm", 0.0)  # of what is built: paid, written off
    loan_entity: Ints = option("f", 0)
    loan_max_usd: Floats = option("f", 0.0, is_limit=True)
    loan_share: Floats = option("fl", 0.0)  # of an order's price that may be borrowed
    loan_can_draw: Bools = option("fm", False)
    loan_fee_share: Floats = option("f", 0.0)
    loan_interest_share: Floats = option("fmm", 0.0)  # of the sum drawn: drawn, paid
    loan_principal_share: Floats = option("fmm", 0.0)
    loan_left_share: Floats = option("fm", 0.0)  # of the sum drawn, owed after the last period
    treasury_share: Floats = option("m", 0.0)  # of the coins mined that are kept
    end_btc_price_usd: float = 0.0  # at which kept coins count after the last period

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.metadata:
                self._fill(each.name, **each.metadata)
                self._check(each.name, np.asarray(getattr(self, each.name)), **each.metadata)
        self._check_scalars()
        self._check_pointers()
        self._check_contracts()

    def _check_scalars(self) -> None:
        if np.isnan(self.opening_cash_usd):
            raise ValueError("inputs.opening_cash_usd is NaN; leave it infinite for no budget")
        if abs(float(self.probability.sum()) - 1.0) > 1e-9:
            raise ValueError(f"inputs.probability adds up to {self.probability.sum():g}; it must be 1")
        for name in SHARES:
            if (getattr(self, name) > 1.0 + 1e-12).any():
                raise ValueError(f"inputs.{name} holds {getattr(self, name).max():g}; a share is at most 1")
        for axis, name in AXES.items():
            if len(set(self.labels[axis])) < len(self.labels[axis]):
                raise ValueError(f"inputs.{name} has a name twice; tables could not tell them apart")

    def _check_pointers(self) -> None:
        """What points to a hub, a class or a period finds one there, and no trip goes back in time."""
        ends = {"hub_of_site": self.hubs, "corridor_from": self.hubs, "corridor_to": self.hubs}
        ends |= {"arrival_class": self.arrival_classes, "order_arrival_class": self.arrival_classes}
        ends |= {"profile_block": self.hour_blocks, "demand_site": self.sites, "trade_in_lot": self.lots}
        ends |= {
            "entity_of_site": self.entities,
            "entity_of_hub": self.entities,
            "loan_entity": self.entities,
        }
        ends |= {"tax_paid_in": self.periods}
        for name, places in ends.items():
            if (getattr(self, name) >= len(places)).any():
                raise ValueError(f"inputs.{name} points past the {len(places)} that there are")
        for name in ("arrival_period", "order_arrival_period"):
            due, now = getattr(self, name), np.arange(len(self.periods))
            if (due >= len(self.periods)).any() or ((due < now) & (due != NEVER)).any():
                raise ValueError(f"inputs.{name} must lie between its own period and the last, or be NEVER")

    def _check_contracts(self) -> None:
        """What the model takes for granted of ways of running and of a month's steps of energy."""
        in_block = self.profile_block > 0
        if (
            self.can_run[:, :, in_block].any(axis=(0, 2)) & self.can_run[:, :, ~in_block].any(axis=(0, 2))
        ).any():
            raise ValueError(
                "inputs.can_run: a site is decided by blocks of hours or for all hours, not both"
            )
        if (in_block & self.profile_is_response).any():
            raise ValueError(
                "inputs.profile_is_response: an offer is for all hours, its profile's block is 0"
            )
        if (self.can_run & (self.block_share[:, self.profile_block] <= 0)).any():
            raise ValueError("inputs.can_run holds in a block of hours whose inputs.block_share is 0")
        width, price = self.volume_step_kwh, self.volume_step_usd_per_kwh
        if (np.isfinite(width).all(axis=1) & (width > 0).any(axis=1)).any():
            raise ValueError("inputs.volume_step_kwh: the last step of a month has no end; make it infinite")
        before = np.maximum.accumulate(np.where(width > 0, price, -np.inf), axis=1)
        if ((price < before - 1e-12) & (width > 0)).any():
            raise ValueError("inputs.volume_step_usd_per_kwh falls from one step to the next; it must rise")

    def _fill(self, name: str, axes: str, neutral: Any = None, **_: Any) -> None:
        """What was left out, or given as one number for every cell."""
        given = getattr(self, name)
        if given is None and neutral is not None:
            given = neutral
        if isinstance(given, bool | int | float | str):
            shape = tuple(len(self.labels[axis]) for axis in axes)
            object.__setattr__(self, name, np.full(shape, given))

    def _check(
        self,
        name: str,
        array: NDArray[Any],
        axes: str,
        is_limit: bool,
        is_signed: bool,
        neutral: Any = None,
    ) -> None:
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
        power = self.energy_usd + self.delivery_usd + self.levy_usd + self.peak_usd - self.credit_usd
        fees = self.pool_fee_usd + self.firmware_usd + self.hosting_usd + self.site_opex_usd
        return self.revenue_usd - fees - power - self.friction_usd

    @property
    def couples(self) -> Bools:
        """(s) whether an hour's decision depends on other machines, so that the model decides by block."""
        in_block = self.can_run[:, :, self.profile_block > 0]
        return np.asarray(in_block.any(axis=(0, 2, 3)))

    @property
    def needs_opening(self) -> Bools:
        """(s) whether standing open is a yes-or-no decision with a price."""
        is_priced = (self.fixed_usd > 0).any(axis=1) | (self.opening_usd > 0) | (self.exit_usd > 0)
        is_charged = (self.standing_charge_usd != 0).any(axis=1) | (self.minimum_bill_usd > 0).any(axis=1)
        is_bound = (self.min_term_periods > 1).any(axis=1) | (self.min_power_kw > 0)
        is_priced |= (self.deposit_usd > 0) | is_charged | self._has_billed_floor()
        return np.asarray(is_priced | is_bound)

    def _has_billed_floor(self) -> Bools:
        has = np.zeros(len(self.sites), dtype=bool)
        has[self.demand_site[(self.demand_floor_kw > 0).any(axis=1)]] = True
        return np.asarray(has)
