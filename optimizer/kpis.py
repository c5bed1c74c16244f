"""The handful of numbers that a plan is judged by, from its tables and the inputs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.accounts import lines_of
from optimizer.economics import HOURS_PER_DAY, irr_share_per_year, payback_months
from optimizer.inputs import Floats, Inputs
from optimizer.plan_tables import PlanTables
from optimizer.statements import TAX_LINES, is_left

ONE_OFF_LINES = (*lines_of("relocation"), "site_opening", "building", "deposits", "import")
POWER_LINES = lines_of("power")
REVENUE_LINES = lines_of("revenue")
RELOCATION_LINES = lines_of("relocation")
INTEREST_LINES = lines_of("interest")
NOT_OPERATING = (*INTEREST_LINES, *lines_of("financing"), *lines_of("tax_paid"))
TAX_LINE, DEFERRED_LINE = TAX_LINES  # figures before tax add both back


@dataclass(frozen=True)
class Kpis:
    """One way of running the fleet over the horizon; expectations where there are several scenarios.

    ``value_usd`` is what the plan maximizes: present value of all cash, of what is left at the horizon,
    less the charge for legal risk. ``npv_usd`` is the same without that charge. Both are after tax; figures
    before tax add back what is paid and what is due on what is left; decisions stay those best after it.
    ``figures.py`` has the words for each.
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
    revenue_usd: float
    ebitda_usd: float
    interest_usd: float
    profit_tax_usd: float
    npv_before_tax_usd: float
    cash_cost_after_tax_usd_per_btc: float | None
    all_in_after_tax_cost_usd_per_btc: float | None
    fleet_usd: float  # what the fleet would fetch in the first period
    irr_share_per_year: float | None  # on the fleet's worth; None: no rate, or several
    irr_before_tax_share_per_year: float | None
    payback_months: float | None  # of the fleet's worth, out of cash; None: not within the horizon
    payback_before_tax_months: float | None
    treasury_btc: float  # kept at the horizon
    treasury_usd: float

    def as_dict(self) -> dict[str, float | None]:
        """Name to number."""
        return asdict(self)


def kpis(tables: PlanTables, data: Inputs) -> Kpis:
    """The numbers of one plan."""
    return Kpis(
        **_worths(tables.ledger),
        **_service(tables.running, data),
        **_costs(tables, data),
        **_counts(tables, data),
        **_returns(tables, data),
    )


def _worths(ledger: pd.DataFrame) -> dict[str, float]:
    """Present values."""
    value, risk = float(ledger.present_value_usd.sum()), _worth_of(ledger, "legal_risk")
    taxes = sum(_worth_of(ledger, line) for line in TAX_LINES)
    return {
        "value_usd": value,
        "npv_usd": value - risk,
        "legal_risk_usd": 0.0 - risk,
        "npv_before_tax_usd": value - risk - taxes,
    }


@dataclass(frozen=True)
class _Served:
    """Sums over what was in service, expected over the scenarios."""

    ths_days: float
    wall_kwh: float
    energy_kwh: float
    btc: float

    @classmethod
    def of(cls, running: pd.DataFrame, data: Inputs) -> _Served:
        days = data.period_days[_index(running.period, data.periods)] if len(running) else np.empty(0)
        weight = data.probability[_index(running.scenario, data.scenarios)]
        hours = days * HOURS_PER_DAY
        share = np.divide(
            running.run_hours, running.machines * hours, out=np.zeros(len(running)), where=hours > 0
        )
        return cls(
            ths_days=float((weight * running.hashrate_ths * share * days).sum()),
            wall_kwh=float((weight * _wall_kw(running, data) * share * hours).sum()),
            energy_kwh=float((weight * running.energy_kwh).sum()),
            btc=float((weight * running.mined_btc).sum()),
        )


def _service(running: pd.DataFrame, data: Inputs) -> dict[str, Any]:
    """Coins, hashrate and power."""
    served, days = _Served.of(running, data), float(data.period_days.sum())
    weight = data.probability[_index(running.scenario, data.scenarios)]
    last = running.period == data.periods[-1]
    return {
        "mined_btc": served.btc,
        "mean_hashrate_ehs": served.ths_days / days / 1e6,
        "last_hashrate_ehs": float((weight * running.hashrate_ths)[last].sum()) / 1e6,
        "mean_power_mw": served.energy_kwh / (days * HOURS_PER_DAY) / 1000,
        "efficiency_j_per_th": _ratio(served.wall_kwh * 1000, served.ths_days * HOURS_PER_DAY),
    }


def _costs(tables: PlanTables, data: Inputs) -> dict[str, Any]:
    """Nominal money, and what a bitcoin, a kWh and a petahash cost."""
    ledger, served = tables.ledger, _Served.of(tables.running, data)
    nominal = _expected_by_line(ledger, data)
    operating = -_running_costs(ledger, nominal)
    interest, tax = 0.0 - _sum_of(nominal, INTEREST_LINES), 0.0 - _sum_of(nominal, (TAX_LINE,))
    all_in = operating - _sum_of(nominal, ONE_OFF_LINES) + interest + _loss_of_value(data, nominal)
    cash_lines = [line for line in nominal if ledger.loc[ledger.line == line, "is_cash"].all()]
    return {
        "cash_usd": sum((nominal[line] for line in cash_lines), 0.0),
        "power_usd_per_kwh": _ratio(-_sum_of(nominal, POWER_LINES), served.energy_kwh),
        "cash_cost_usd_per_btc": _ratio(operating, served.btc),
        "all_in_cost_usd_per_btc": _ratio(all_in, served.btc),
        "breakeven_hashprice_usd_per_ph_day": _ratio(operating * 1000, served.ths_days),
        "revenue_usd": _sum_of(nominal, REVENUE_LINES),
        "ebitda_usd": nominal.get("hash_revenue", 0.0) - operating + _sum_of(nominal, RELOCATION_LINES),
        "interest_usd": interest,
        "profit_tax_usd": tax,
        "cash_cost_after_tax_usd_per_btc": _ratio(operating + tax, served.btc),
        "all_in_after_tax_cost_usd_per_btc": _ratio(all_in + tax, served.btc),
        "treasury_btc": _ratio(nominal.get("coins_at_end", 0.0), data.end_btc_price_usd) or 0.0,
        "treasury_usd": nominal.get("coins_at_end", 0.0),
    }


def _counts(tables: PlanTables, data: Inputs) -> dict[str, float]:
    """Machines, and what the fleet is worth."""
    return {
        "moved_machines": _machines(tables.moves, data),
        "bought_machines": _machines(tables.purchases, data),
        "sold_machines": _machines(tables.sales[tables.sales.kind == "sold"], data),
        "fleet_usd": _fleet_usd(data),
    }


def _returns(tables: PlanTables, data: Inputs) -> dict[str, Any]:
    """Return on the fleet, as if it were bought at its market worth when the first cash comes in."""
    after, left = cash_by_period(tables, data), left_by_period(tables, data)
    after[0] -= _fleet_usd(data)
    before = after - _lines_by_period(tables, data, (TAX_LINE,))
    before_in_all = after + left - _lines_by_period(tables, data, TAX_LINES)
    middle = middle_months(data)
    return {
        "irr_share_per_year": irr_share_per_year(after + left, middle),
        "irr_before_tax_share_per_year": irr_share_per_year(before_in_all, middle),
        "payback_months": payback_months(after, data.period_months),
        "payback_before_tax_months": payback_months(before, data.period_months),
    }


@dataclass(frozen=True)
class Change:
    """What a plan is worth against another, and the return on the cash that the change takes."""

    value_usd: float
    npv_usd: float
    irr_share_per_year: float | None  # None: never under water, never above it, or several rates
    payback_months: float | None  # None: not within the horizon
    lowest_cash_usd: float  # deepest point of the cumulative difference
    npv_before_tax_usd: float
    irr_before_tax_share_per_year: float | None
    payback_before_tax_months: float | None

    def as_dict(self) -> dict[str, float | None]:
        """Name to number."""
        return asdict(self)


def change(plan: PlanTables, other: PlanTables, data: Inputs) -> Change:
    """The difference of two plans: cash gives return and payback, what is left counts for the return."""
    ours, theirs = kpis(plan, data), kpis(other, data)
    turnover = float(np.abs(plan.ledger.amount_usd).sum() + np.abs(other.ledger.amount_usd).sum())
    paid, due = (
        _lines_by_period(plan, data, lines) - _lines_by_period(other, data, lines)
        for lines in ((TAX_LINE,), (DEFERRED_LINE,))
    )
    after = cash_by_period(plan, data) - cash_by_period(other, data)
    left = left_by_period(plan, data) - left_by_period(other, data)
    irr, payback, lowest = _return_on(_without_dust(after, turnover), left, data)
    irr_before, payback_before, _ = _return_on(_without_dust(after - paid, turnover), left - due, data)
    return Change(
        value_usd=ours.value_usd - theirs.value_usd,
        npv_usd=ours.npv_usd - theirs.npv_usd,
        irr_share_per_year=irr,
        payback_months=payback,
        lowest_cash_usd=lowest,
        npv_before_tax_usd=ours.npv_before_tax_usd - theirs.npv_before_tax_usd,
        irr_before_tax_share_per_year=irr_before,
        payback_before_tax_months=payback_before,
    )


def _return_on(cash: Floats, left: Floats, data: Inputs) -> tuple[float | None, float | None, float]:
    """Rate, months until the cash is back, deepest point; what first brings cash has no return on any."""
    lowest = float(min(0.0, np.cumsum(cash).min(initial=0.0)))
    rate = irr_share_per_year(cash + left, middle_months(data)) if lowest < 0.0 else None
    return rate, payback_months(cash, data.period_months), lowest


def _without_dust(cash: Floats, turnover_usd: float) -> Floats:
    """The solver's rounding has no return."""
    return np.where(np.abs(cash) < 1e-9 * turnover_usd, 0.0, cash)


def middle_months(data: Inputs) -> Floats:
    """(m) months from the start to the middle of each period."""
    return np.asarray(np.cumsum(data.period_months) - data.period_months / 2)


def cash_by_period(tables: PlanTables, data: Inputs) -> Floats:
    """(m) expected nominal cash."""
    cash = tables.ledger[tables.ledger.is_cash.astype(bool)]
    return _by_period(cash, data)


def left_by_period(tables: PlanTables, data: Inputs) -> Floats:
    """(m) expected worth of what is left: machines, coins, less loans; not cash."""
    return _by_period(tables.ledger[is_left(tables.ledger)], data)


def _lines_by_period(tables: PlanTables, data: Inputs, lines: tuple[str, ...]) -> Floats:
    return _by_period(tables.ledger[tables.ledger.line.isin(lines)], data)


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
    return sum(nominal[line] for line in set(current.line) - {"hash_revenue", *NOT_OPERATING})


def _loss_of_value(data: Inputs, nominal: dict[str, float]) -> float:
    """What the machines lost: their worth at the start and what was paid for more, less what came back."""
    return _fleet_usd(data) - _sum_of(nominal, ("purchases", "sales", "end_value"))


def _fleet_usd(data: Inputs) -> float:
    """What the fleet would fetch in the first period."""
    return float((data.start_machines.sum(axis=1) * data.machine_value_usd[:, 0]).sum())


def _sum_of(nominal: dict[str, float], lines: tuple[str, ...]) -> float:
    return sum((nominal.get(line, 0.0) for line in lines), 0.0)


def _worth_of(ledger: pd.DataFrame, line: str) -> float:
    return float(ledger.loc[ledger.line == line, "present_value_usd"].sum())


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
