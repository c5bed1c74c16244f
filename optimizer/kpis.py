"""The handful of numbers that a plan is judged by, from its tables and the inputs."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from optimizer.economics import HOURS_PER_DAY, irr_share_per_year, payback_months
from optimizer.inputs import Floats, Inputs
from optimizer.plan_tables import PlanTables

ONE_OFF_LINES = (
    "deinstallation",
    "installation",
    "freight",
    "insurance",
    "customs",
    "breakage",
    "site_opening",
    "site_exit",
    "building",
    "deposits",
)
POWER_LINES = ("energy", "delivery", "levies", "hosting")


@dataclass(frozen=True)
class Kpis:
    """One way of running the fleet over the horizon; expectations where there are several scenarios.

    ``value_usd`` is what the plan maximizes: present value of all cash, of the machines left at the
    horizon, less the charge for legal risk. ``npv_usd`` is the same without that charge.
    """

    value_usd: float
    npv_usd: float
    legal_risk_usd: float  # present value of the charge
    cash_usd: float  # nominal, all cash lines
    mined_btc: float
    mean_hashrate_ehs: float
    last_hashrate_ehs: float
    mean_power_mw: float  # at the meter, in service
    efficiency_j_per_th: float | None  # at the wall, of what is in service
    power_usd_per_kwh: float | None
    cash_cost_usd_per_btc: float | None
    all_in_cost_usd_per_btc: float | None  # with one-off costs and the machines' loss of value
    breakeven_hashprice_usd_per_ph_day: float | None
    moved_machines: float
    bought_machines: float
    sold_machines: float

    def as_dict(self) -> dict[str, float | None]:
        """Name to number."""
        return asdict(self)


def kpis(tables: PlanTables, data: Inputs) -> Kpis:
    """The numbers of one plan."""
    running, ledger = tables.running, tables.ledger
    days = data.period_days[_index(running.period, data.periods)] if len(running) else np.empty(0)
    weight = data.probability[_index(running.scenario, data.scenarios)]
    hours = days * HOURS_PER_DAY
    served = np.divide(
        running.run_hours, running.machines * hours, out=np.zeros(len(running)), where=hours > 0
    )
    hashing_ths_days = float((weight * running.hashrate_ths * served * days).sum())
    wall_kwh = float((weight * _wall_kw(running, data) * served * hours).sum())
    energy_kwh = float((weight * running.energy_kwh).sum())
    btc = float((weight * running.mined_btc).sum())
    nominal = _expected_by_line(ledger, data)
    operating = -_running_costs(ledger, nominal)
    one_off = -sum(nominal.get(line, 0.0) for line in ONE_OFF_LINES)
    wear = _loss_of_value(data, nominal)
    risk = float(ledger.loc[ledger.line == "legal_risk", "present_value_usd"].sum())
    value = float(ledger.present_value_usd.sum())
    last = running.period == data.periods[-1]
    total_days = float(data.period_days.sum())
    return Kpis(
        value_usd=value,
        npv_usd=value - risk,
        legal_risk_usd=0.0 - risk,
        cash_usd=sum(nominal[line] for line in nominal if ledger.loc[ledger.line == line, "is_cash"].all()),
        mined_btc=btc,
        mean_hashrate_ehs=hashing_ths_days / total_days / 1e6,
        last_hashrate_ehs=float((weight * running.hashrate_ths)[last].sum()) / 1e6,
        mean_power_mw=energy_kwh / (total_days * HOURS_PER_DAY) / 1000,
        efficiency_j_per_th=_ratio(wall_kwh * 1000, hashing_ths_days * HOURS_PER_DAY),
        power_usd_per_kwh=_ratio(-sum(nominal.get(line, 0.0) for line in POWER_LINES), energy_kwh),
        cash_cost_usd_per_btc=_ratio(operating, btc),
        all_in_cost_usd_per_btc=_ratio(operating + one_off + wear, btc),
        breakeven_hashprice_usd_per_ph_day=_ratio(operating * 1000, hashing_ths_days),
        moved_machines=_machines(tables.moves, data),
        bought_machines=_machines(tables.purchases, data),
        sold_machines=_machines(tables.sales, data),
    )


@dataclass(frozen=True)
class Change:
    """What a plan is worth against another, and the return on the cash that the change takes."""

    value_usd: float
    npv_usd: float
    irr_share_per_year: float | None  # None: never under water, never above it, or several rates
    payback_months: float | None  # None: not within the horizon
    lowest_cash_usd: float  # deepest point of the cumulative difference

    def as_dict(self) -> dict[str, float | None]:
        """Name to number."""
        return asdict(self)


def change(plan: PlanTables, other: PlanTables, data: Inputs) -> Change:
    """The difference of two plans: cash gives return and payback, the end value counts for the return."""
    ours, theirs = kpis(plan, data), kpis(other, data)
    cash = cash_by_period(plan, data) - cash_by_period(other, data)
    turnover = float(np.abs(plan.ledger.amount_usd).sum() + np.abs(other.ledger.amount_usd).sum())
    cash[np.abs(cash) < 1e-9 * turnover] = 0.0  # the solver's rounding has no return
    ends = _line_by_period(plan, data, "end_value") - _line_by_period(other, data, "end_value")
    middle = np.cumsum(data.period_months) - data.period_months / 2
    lowest = float(min(0.0, np.cumsum(cash).min(initial=0.0)))
    takes_cash = lowest < 0.0  # a change that first brings cash has no return on any
    return Change(
        value_usd=ours.value_usd - theirs.value_usd,
        npv_usd=ours.npv_usd - theirs.npv_usd,
        irr_share_per_year=irr_share_per_year(cash + ends, middle) if takes_cash else None,
        payback_months=payback_months(cash, data.period_months),
        lowest_cash_usd=lowest,
    )


def cash_by_period(tables: PlanTables, data: Inputs) -> Floats:
    """(m) expected nominal cash."""
    cash = tables.ledger[tables.ledger.is_cash.astype(bool)]
    return _by_period(cash, data)


def _line_by_period(tables: PlanTables, data: Inputs, line: str) -> Floats:
    return _by_period(tables.ledger[tables.ledger.line == line], data)


def _by_period(ledger: pd.DataFrame, data: Inputs) -> Floats:
    amount = (
        ledger.amount_usd.to_numpy(dtype=float) * data.probability[_index(ledger.scenario, data.scenarios)]
    )
    return np.bincount(_index(ledger.period, data.periods), amount, len(data.periods)).astype(float)


def _expected_by_line(ledger: pd.DataFrame, data: Inputs) -> dict[str, float]:
    amount = (
        ledger.amount_usd.to_numpy(dtype=float) * data.probability[_index(ledger.scenario, data.scenarios)]
    )
    return {
        str(line): float(total)
        for line, total in pd.Series(amount).groupby(ledger.line.to_numpy()).sum().items()
    }


def _running_costs(ledger: pd.DataFrame, nominal: dict[str, float]) -> float:
    """Cash that is neither income from hashing nor capital; a notebook's own lines count too."""
    current = ledger[ledger.is_cash.astype(bool) & ~ledger.is_capital.astype(bool)]
    return sum(nominal[line] for line in set(current.line) - {"hash_revenue"})


def _loss_of_value(data: Inputs, nominal: dict[str, float]) -> float:
    """What the machines lost: their worth at the start and what was paid for more, less what came back."""
    at_start = float((data.start_machines.sum(axis=1) * data.machine_value_usd[:, 0]).sum())
    return (
        at_start - nominal.get("purchases", 0.0) - nominal.get("sales", 0.0) - nominal.get("end_value", 0.0)
    )


def _wall_kw(running: pd.DataFrame, data: Inputs) -> Floats:
    """Power without the site's overhead."""
    lot, profile = _index(running.lot, data.lots), _index(running.profile, data.profiles)
    return np.asarray(running.machines.to_numpy(dtype=float) * data.wall_kw[lot, profile])


def _machines(table: pd.DataFrame, data: Inputs) -> float:
    return float((table.machines * data.probability[_index(table.scenario, data.scenarios)]).sum())


def _index(names: pd.Series, labels: tuple[str, ...]) -> np.ndarray:
    return pd.Index(labels).get_indexer(pd.Index(names))


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
