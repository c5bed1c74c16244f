"""Every line of the ledger again, from the counts."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from optimizer.audit.companies import treasury_money
from optimizer.audit.findings import TOLERANCE, Finding, at_most, equal
from optimizer.audit.flows import Flows, dense, places
from optimizer.audit.power import contract_money
from optimizer.inputs import Floats, Inputs
from optimizer.plan_tables import PlanTables


def money(
    tables: PlanTables, flows: Flows, data: Inputs, trusted_lines: Collection[str]
) -> Iterator[Finding]:
    """Every line of the ledger again, from the counts."""
    ledger = tables.ledger[tables.ledger.site != ""]
    expected = {
        **_running_money(flows, data),
        **_standing_money(flows, data),
        **_trip_money(tables, data),
        **_site_money(tables, data),
        **treasury_money(flows, data),
    }
    expected |= contract_money(flows, data, _is_open(tables, data), expected)
    for line in sorted(set(ledger.line) - set(expected) - set(trusted_lines)):
        yield Finding(
            "a ledger line that nothing explains",
            line,
            float(ledger[ledger.line == line].amount_usd.sum()),
            0.0,
        )
    for line, amounts in expected.items():
        rows = ledger[ledger.line == line]
        booked = dense(rows, data, ("scenario", "site", "period"), rows.amount_usd)
        yield from equal(f"ledger line {line}", data, "wsm", booked, amounts)


def _running_money(flows: Flows, data: Inputs) -> dict[str, Floats]:
    signed = {
        "hash_revenue": data.revenue_usd,
        "pool_fees": -data.pool_fee_usd,
        "energy": -data.energy_usd,
        "delivery": -data.delivery_usd,
        "levies": -data.levy_usd,
        "firmware_fees": -data.firmware_usd,
        "peak_charges": -data.peak_usd,
        "frictions": -data.friction_usd,
        "response_credits": data.credit_usd,
        "hosting": -data.hosting_usd,
        "site_opex": -data.site_opex_usd,
    }
    return {line: (flows.running * each).sum(axis=(1, 3)) for line, each in signed.items()}


def _standing_money(flows: Flows, data: Inputs) -> dict[str, Floats]:
    last = np.arange(len(data.periods)) == len(data.periods) - 1
    return {
        "legal_risk": -(flows.standing * data.legal_risk_usd).sum(axis=1),
        "maintenance": -(flows.standing * data.maintenance_usd[:, None, :]).sum(axis=1),
        "end_value": (flows.standing * data.end_value_usd[:, None, None]).sum(axis=1) * last,
    }


def _trip_money(tables: PlanTables, data: Inputs) -> dict[str, Floats]:
    moves, bought, sold = tables.moves, tables.purchases, tables.sales
    lot, corridor, leaves = places(moves, data, ("lot", "corridor", "leaves"))
    machines = moves.machines.to_numpy(dtype=float)
    into = ("scenario", "to_site", "leaves")
    road = {
        "freight": data.freight_usd[lot, corridor],
        "insurance": data.insurance_usd[lot, corridor, leaves],
        "customs": data.customs_usd[lot, corridor, leaves],
        "breakage": data.breakage_usd[lot, corridor, leaves],
    }
    lines = {line: -dense(moves, data, into, machines * each) for line, each in road.items()}
    (origin,), (target,) = places(moves, data, ("from_site",)), places(moves, data, ("to_site",))
    lines["deinstallation"] = -dense(
        moves, data, ("scenario", "from_site", "leaves"), machines * data.deinstall_usd[origin]
    )
    lines["installation"] = -dense(
        moves, data, ("scenario", "to_site", "arrives"), machines * data.install_usd[target]
    )
    lot, target, ordered = places(bought, data, ("lot", "to_site", "ordered"))
    count = bought.machines.to_numpy(dtype=float)
    by_order = ("scenario", "to_site", "ordered")
    lines["purchases"] = -dense(bought, data, by_order, count * data.order_usd[lot, ordered])
    customs = data.order_customs_usd[lot, data.hub_of_site[target], ordered]
    lines["import"] = -dense(bought, data, by_order, count * customs)
    lines["installation"] -= dense(
        bought, data, ("scenario", "to_site", "arrives"), count * data.install_usd[target]
    )
    lot, origin, period = places(sold, data, ("lot", "from_site", "period"))
    count = sold.machines.to_numpy(dtype=float)
    paid = count * (sold.kind.to_numpy() == "sold")
    lines["sales"] = dense(sold, data, ("scenario", "from_site", "period"), paid * data.sale_usd[lot, period])
    lines["deinstallation"] -= dense(
        sold, data, ("scenario", "from_site", "period"), count * data.deinstall_usd[origin]
    )
    return lines


def _site_money(tables: PlanTables, data: Inputs) -> dict[str, Floats]:
    table, place = tables.openings, ("scenario", "site", "period")
    is_open, opens, closes, built = (
        dense(table, data, place, table[name]) for name in ("is_open", "opens", "closes", "built_kw")
    )
    last = np.arange(len(data.periods)) == len(data.periods) - 1
    deposit = data.deposit_usd[:, None]
    return {
        "site_fixed": -is_open * data.fixed_usd,
        "site_opening": -opens * data.opening_usd[:, None],
        "site_exit": -closes * data.exit_usd[:, None],
        "deposits": (closes - opens) * deposit + is_open * deposit * last,
        "building": -built * data.build_usd_per_kw[:, None],
    }


def _is_open(tables: PlanTables, data: Inputs) -> Floats:
    """(w, s, m)"""
    table = tables.openings
    return dense(table, data, ("scenario", "site", "period"), table.is_open)


def cash(tables: PlanTables, data: Inputs) -> Iterator[Finding]:
    ledger, place = tables.ledger, ("scenario", "period")
    cash, capital = (
        ledger[ledger.is_cash.astype(bool)],
        ledger[(ledger.is_capital & ledger.is_cash).astype(bool)],
    )
    spent = -dense(capital, data, place, capital.amount_usd)
    yield from at_most("more capital spent than allowed", data, "wm", spent, data.max_capex_usd)
    if np.isfinite(data.opening_cash_usd):
        flow = dense(cash, data, place, cash.amount_usd) + data.cash_in_usd
        balance = data.opening_cash_usd + np.cumsum(flow, axis=-1)
        floor = np.broadcast_to(data.min_cash_usd, balance.shape)
        yield from at_most("cash below its floor", data, "wm", -balance, -floor)


def present_value(tables: PlanTables, data: Inputs, objective_usd: float) -> Iterator[Finding]:
    ledger = tables.ledger
    scenario, period = places(ledger, data, ("scenario", "period"))
    expected = ledger.amount_usd.to_numpy(dtype=float) * data.probability[scenario] * data.discount[period]
    scale = max(1.0, float(np.abs(expected).sum()))
    off = float(np.abs(ledger.present_value_usd.to_numpy(dtype=float) - expected).max(initial=0.0))
    if off > TOLERANCE * scale:
        yield Finding("a present value is not amount times discount", "ledger", off, 0.0)
    if abs(expected.sum() - objective_usd) > TOLERANCE * scale:
        yield Finding("the ledger is not the objective", "ledger", float(expected.sum()), objective_usd)
