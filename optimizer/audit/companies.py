"""What companies pay as a whole, and coins that are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from optimizer.audit.findings import Finding, equal
from optimizer.audit.flows import Flows, dense
from optimizer.audit.loans import LINES as LOAN_LINES
from optimizer.audit.loans import loans
from optimizer.audit.tax import tax
from optimizer.inputs import Floats, Inputs
from optimizer.plan_tables import PlanTables

OF_COMPANIES = ("overheads", "profit_tax", "deferred_tax", *LOAN_LINES)


def company_money(
    tables: PlanTables, flows: Flows, data: Inputs, trusted_lines: Collection[str]
) -> Iterator[Finding]:
    """Overheads, loans and tax again; a line at no site that is none of them is explained by nothing."""
    at_no_site = tables.ledger[tables.ledger.site == ""]
    for line in sorted(set(at_no_site.line) - {*OF_COMPANIES, *trusted_lines}):
        amount = float(at_no_site[at_no_site.line == line].amount_usd.sum())
        yield Finding("a ledger line that nothing explains", line, amount, 0.0)
    rows = at_no_site[at_no_site.line == "overheads"]
    booked = dense(rows, data, ("scenario", "entity", "period"), rows.amount_usd)
    expected = np.broadcast_to(-data.overhead_usd, booked.shape)
    yield from equal("ledger line overheads", data, "wem", booked, expected)
    yield from loans(tables, flows, data)
    yield from tax(tables, flows, data, trusted_lines)


def treasury_money(flows: Flows, data: Inputs) -> dict[str, Floats]:
    """(w, s, m) lines of coins that are kept: out of cash when mined, at their price in the last period."""
    last = np.arange(len(data.periods)) == len(data.periods) - 1
    mined_usd = (flows.running * data.revenue_usd).sum(axis=(1, 3))
    kept_btc = (flows.running * data.mined_btc).sum(axis=(1, 3)) * data.treasury_share
    at_end = kept_btc.sum(axis=-1, keepdims=True) * data.end_btc_price_usd
    return {"coins_held": -mined_usd * data.treasury_share, "coins_at_end": at_end * last}
