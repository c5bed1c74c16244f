"""What stands beside the counts: power, hashrate, hours, energy, bitcoin, the price of each trip."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from optimizer.audit.findings import TOLERANCE, Finding
from optimizer.audit.flows import places
from optimizer.audit.lines import CAPITAL, CURRENT, NOT_CASH
from optimizer.inputs import Floats, Inputs
from optimizer.plan_tables import PlanTables


def figures(tables: PlanTables, data: Inputs) -> Iterator[Finding]:
    """What stands beside the counts, again: power, hashrate, hours, energy, bitcoin; which money is which."""
    running = tables.running
    w, lot, site, profile, period = places(running, data, ("scenario", "lot", "site", "profile", "period"))
    machines = running.machines.to_numpy(dtype=float)
    expected = {
        "meter_kw": data.meter_kw[lot, site, profile, period],
        "hashrate_ths": data.hashrate_ths[lot, profile],
    }
    share = data.block_share[site, data.profile_block[profile], period]
    totals = {"run_hours": data.run_hours, "energy_kwh": data.energy_kwh, "mined_btc": data.mined_btc}
    for name, each in totals.items():
        expected[name] = each[w, lot, site, profile, period] / share
    for name, each in expected.items():
        off = np.abs(running[name].to_numpy(dtype=float) - machines * each)
        size = np.maximum(1.0, np.abs(machines * each))
        if (off > TOLERANCE * size).any():
            yield Finding(f"{name} does not follow from the machines", "running", float(off.max()), 0.0)
    yield from _trip_figures(tables, data)
    ledger = tables.ledger
    for flag, lines in (("is_cash", NOT_CASH), ("is_capital", CAPITAL)):
        is_told = ledger[flag].to_numpy(dtype=bool)
        is_so = ledger.line.isin(lines).to_numpy() != (flag == "is_cash")
        known = ledger.line.isin([*NOT_CASH, *CAPITAL, *CURRENT]).to_numpy()
        if (is_told != is_so)[known].any():
            yield Finding(f"{flag} is wrong", "ledger", 1.0, 0.0)


def _trip_figures(tables: PlanTables, data: Inputs) -> Iterator[Finding]:
    """What each trip is said to cost or bring, and that a yes or no is one or the other."""
    moves, bought, sold = tables.moves, tables.purchases, tables.sales
    lot, origin, target, k, m = places(moves, data, ("lot", "from_site", "to_site", "corridor", "leaves"))
    road = data.freight_usd[lot, k] + data.insurance_usd[lot, k, m]
    road = road + data.customs_usd[lot, k, m] + data.breakage_usd[lot, k, m]
    by_hand = data.deinstall_usd[origin] + data.install_usd[target]
    yield from _said("moves", "cost_usd", moves, road + by_hand)
    lot, target, m = places(bought, data, ("lot", "to_site", "ordered"))
    price = data.order_usd[lot, m] + data.order_customs_usd[lot, data.hub_of_site[target], m]
    yield from _said("purchases", "cost_usd", bought, price + data.install_usd[target])
    lot, m = places(sold, data, ("lot", "period"))
    is_sold = sold.kind.to_numpy() == "sold"
    yield from _said("sales", "income_usd", sold, data.sale_usd[lot, m] * is_sold)
    answers = tables.openings[["is_open"]].to_numpy(dtype=float)
    if np.abs(answers - np.round(answers)).max(initial=0.0) > TOLERANCE:
        yield Finding("a site that is open by a part", "openings", float(answers.min()), 0.0)


def _said(name: str, column: str, table: pd.DataFrame, each: Floats) -> Iterator[Finding]:
    expected = table.machines.to_numpy(dtype=float) * each
    off = np.abs(table[column].to_numpy(dtype=float) - expected)
    if (off > TOLERANCE * np.maximum(1.0, np.abs(expected))).any():
        yield Finding(f"{column} does not follow from the machines", name, float(off.max()), 0.0)
