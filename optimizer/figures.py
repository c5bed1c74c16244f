"""The words for every figure: its unit, whether nominal or present value, before or after tax."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What a number is."""

    label: str
    unit: str  # "currency": the reporting currency
    basis: str
    meaning: str


_PV_AFTER, _NOMINAL_AFTER = "present value, after tax", "nominal, after tax"
_PV_BEFORE, _NOMINAL_BEFORE = "present value, before tax", "nominal, before tax"
_COUNT, _PER_BTC = "expected over the scenarios", "currency/BTC"
_FLEET = "the fleet counts as bought at its market worth in the first period"

KPI_FIGURES: Mapping[str, Figure] = {
    name: Figure(*told)
    for name, told in {
        "value_usd": (
            "Worth today",
            "currency",
            _PV_AFTER,
            "all cash and what is left, less the charge for legal risk; what the plan maximizes",
        ),
        "npv_usd": ("Net present value", "currency", _PV_AFTER, "worth before the charge for legal risk"),
        "npv_before_tax_usd": (
            "Net present value before tax",
            "currency",
            _PV_BEFORE,
            "with the profit tax and that on what is left added back; decisions are those best after tax",
        ),
        "legal_risk_usd": (
            "Charge for legal risk",
            "currency",
            "present value, not cash",
            "expected loss to law that may come, times the risk aversion",
        ),
        "cash_usd": ("Net cash", "currency", _NOMINAL_AFTER, "all cash lines of the horizon"),
        "revenue_usd": (
            "Revenue",
            "currency",
            _NOMINAL_BEFORE,
            "coins mined at the price of their period, less pool fees",
        ),
        "ebitda_usd": (
            "EBITDA",
            "currency",
            _NOMINAL_BEFORE,
            "revenue less power, operating costs and relocation",
        ),
        "interest_usd": ("Interest and loan fees", "currency", "nominal", "paid in the horizon"),
        "profit_tax_usd": (
            "Profit tax",
            "currency",
            "nominal",
            "paid in the horizon; not that on what is left at its end",
        ),
        "irr_share_per_year": (
            "Return on the fleet",
            "share a year",
            "after tax",
            f"rate at which cash and what is left are worth the fleet; {_FLEET}; none: several rates",
        ),
        "irr_before_tax_share_per_year": (
            "Return on the fleet before tax",
            "share a year",
            "before tax",
            "the same with the profit tax and that on what is left added back",
        ),
        "fleet_usd": (
            "Fleet at the start",
            "currency",
            "nominal",
            "market worth of the machines in the first period",
        ),
        "payback_months": (
            "Payback of the fleet",
            "months",
            _NOMINAL_AFTER,
            f"until cash has paid for the fleet; {_FLEET}; none: not within the horizon",
        ),
        "payback_before_tax_months": (
            "Payback of the fleet before tax",
            "months",
            _NOMINAL_BEFORE,
            "the same with the profit tax added back",
        ),
        "mined_btc": ("Bitcoin mined", "BTC", _COUNT, "before pool fees"),
        "cash_cost_usd_per_btc": (
            "Cost of a bitcoin, cash",
            _PER_BTC,
            _NOMINAL_BEFORE,
            "pool fees, power and operating costs by bitcoin mined; no relocation, no interest",
        ),
        "cash_cost_after_tax_usd_per_btc": (
            "Cost of a bitcoin, cash, with tax",
            _PER_BTC,
            _NOMINAL_AFTER,
            "the same and the profit tax paid",
        ),
        "all_in_cost_usd_per_btc": (
            "Cost of a bitcoin, all in",
            _PER_BTC,
            _NOMINAL_BEFORE,
            "cash cost, relocation, building, interest and the machines' loss of market worth",
        ),
        "all_in_after_tax_cost_usd_per_btc": (
            "Cost of a bitcoin, all in, with tax",
            _PER_BTC,
            _NOMINAL_AFTER,
            "the same and the profit tax paid",
        ),
        "power_usd_per_kwh": (
            "Power, all in",
            "currency/kWh",
            _NOMINAL_BEFORE,
            "energy, delivery, levies, demand and standing charges, hosting, less credits, by kWh drawn",
        ),
        "breakeven_hashprice_usd_per_ph_day": (
            "Break-even hashprice",
            "currency/PH/day",
            _NOMINAL_BEFORE,
            "cash cost by petahash and day in service",
        ),
        "treasury_btc": ("Bitcoin kept", "BTC", "at the horizon", "mined and not sold"),
        "treasury_usd": (
            "Bitcoin kept, worth",
            "currency",
            "nominal, at the horizon",
            "at the price after the last period; not cash",
        ),
        "mean_hashrate_ehs": ("Hashrate, mean", "EH/s", _COUNT, "over all hours of the horizon"),
        "last_hashrate_ehs": ("Hashrate at the end", "EH/s", _COUNT, "in service in the last period"),
        "mean_power_mw": ("Power drawn, mean", "MW", _COUNT, "at the meter, over all hours of the horizon"),
        "efficiency_j_per_th": ("Efficiency", "J/TH", _COUNT, "at the wall, of what is in service"),
        "moved_machines": ("Machines moved", "machines", _COUNT, "counted by move"),
        "bought_machines": ("Machines bought", "machines", _COUNT, ""),
        "sold_machines": ("Machines sold", "machines", _COUNT, ""),
    }.items()
}

CHANGE_FIGURES: Mapping[str, Figure] = {
    name: Figure(*told)
    for name, told in {
        "value_usd": ("Worth more by", "currency", _PV_AFTER, "difference of worth today"),
        "npv_usd": ("Net present value more by", "currency", _PV_AFTER, "before the charge for legal risk"),
        "npv_before_tax_usd": (
            "Net present value before tax more by",
            "currency",
            _PV_BEFORE,
            "with the profit tax of both, and that on what is left, added back",
        ),
        "irr_share_per_year": (
            "Return on the cash that the change takes",
            "share a year",
            "after tax",
            "of the difference of cash and of what is left; none: takes no cash, no rate, or several",
        ),
        "irr_before_tax_share_per_year": (
            "Return before tax",
            "share a year",
            "before tax",
            "the same with the profit tax of both, and that on what is left, added back",
        ),
        "payback_months": (
            "Payback of the change",
            "months",
            _NOMINAL_AFTER,
            "until the cumulative difference of cash stays above nothing",
        ),
        "payback_before_tax_months": (
            "Payback before tax",
            "months",
            _NOMINAL_BEFORE,
            "the same with the profit tax of both added back",
        ),
        "lowest_cash_usd": (
            "Deepest point of the difference",
            "currency",
            _NOMINAL_AFTER,
            "the cash that the change takes",
        ),
    }.items()
}
