"""An independent re-computation of a plan from its tables, with plain arithmetic.

Nothing here is shared with the model that made the plan: no columns, no rows, no blocks. The tables and
the inputs go in; what does not fit comes out. A plan with findings is never shown as a result.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from optimizer.audit.companies import company_money
from optimizer.audit.counts import counts, handling, shares, stock, trips
from optimizer.audit.figures import figures
from optimizer.audit.findings import Finding as Finding
from optimizer.audit.flows import Flows
from optimizer.audit.lines import CAPITAL as CAPITAL
from optimizer.audit.lines import CURRENT as CURRENT
from optimizer.audit.lines import NOT_CASH as NOT_CASH
from optimizer.audit.money import cash, money, present_value
from optimizer.audit.service import law, openings, power, service
from optimizer.inputs import Inputs
from optimizer.plan_tables import PlanTables


def audit(
    tables: PlanTables,
    data: Inputs,
    objective_usd: float,
    *,
    is_whole: bool,
    trusted_lines: Collection[str] = (),
) -> list[Finding]:
    """Everything in the plan that does not hold; empty for a sound plan.

    ``trusted_lines`` are lines of money that a notebook's own block adds and that nothing here can recompute.
    """
    try:
        return list(_findings(tables, data, objective_usd, trusted_lines, is_whole=is_whole))
    except KeyError as error:
        return [Finding(f"unknown name {error} in the tables", "the plan", 1.0, 0.0)]


def _findings(
    tables: PlanTables, data: Inputs, objective_usd: float, trusted_lines: Collection[str], *, is_whole: bool
) -> Iterator[Finding]:
    flows = Flows.read(tables, data)
    checks = (
        counts(tables, is_whole=is_whole),
        stock(flows, data),
        trips(tables, data),
        service(flows, data),
        law(flows, data),
        power(flows, data),
        handling(flows, data),
        shares(flows, data),
        openings(tables, flows, data),
        figures(tables, data),
        money(tables, flows, data, trusted_lines),
        company_money(tables, flows, data, trusted_lines),
        cash(tables, data),
        present_value(tables, data, objective_usd),
    )
    for check in checks:
        yield from check
