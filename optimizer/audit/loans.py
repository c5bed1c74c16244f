"""Loans again: what was drawn explains what was paid, and was lent for machines alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.audit.findings import TOLERANCE, Finding
from optimizer.audit.flows import Flows, dense
from optimizer.inputs import Floats, Inputs
from optimizer.plan_tables import PlanTables

LINES = ("loan_drawn", "loan_interest", "loan_principal", "loan_fees", "loan_left")


def loans(tables: PlanTables, flows: Flows, data: Inputs) -> Iterator[Finding]:
    """Every company's five lines from the sums that it drew, and the limits on those sums."""
    ledger = tables.ledger
    place = ("scenario", "entity", "period")
    of_line = {name: ledger[ledger.line == name] for name in LINES}
    booked = {name: dense(rows, data, place, rows.amount_usd) for name, rows in of_line.items()}
    for w in range(len(data.scenarios)):
        for e, company in enumerate(data.entities):
            own = np.flatnonzero(data.loan_entity == e)
            lines = np.concatenate([booked[name][w, e] for name in LINES])
            if own.size == 0:
                if np.abs(lines).max(initial=0.0) > TOLERANCE:
                    yield Finding("a loan that the study lacks", company, float(np.abs(lines).max()), 0.0)
                continue
            drawn, off = _explained(lines, data, own)
            if off > TOLERANCE * max(1.0, float(np.abs(lines).sum())):
                yield Finding("what is paid on loans does not follow from what was drawn", company, off, 0.0)
            yield from _within_limits(drawn, flows, data, own, (w, e))


def _explained(lines: Floats, data: Inputs, own: np.ndarray) -> tuple[Floats, float]:
    """(f, m) sums drawn that explain a company's five lines best, and by how much they fail to.

    The ledger does not say which of a company's loans was drawn; with one loan there is nothing to find.
    """
    from scipy.optimize import nnls  # half a second to import, for studies with loans alone

    periods = len(data.periods)
    last = np.arange(periods) == periods - 1
    effect = np.zeros((len(own), periods, len(LINES), periods))
    for i, loan in enumerate(own):
        for drawn in np.flatnonzero(data.loan_can_draw[loan]):
            at_once = np.arange(periods) == drawn
            effect[i, drawn] = (
                at_once,
                -data.loan_interest_share[loan, drawn],
                -data.loan_principal_share[loan, drawn],
                -data.loan_fee_share[loan] * at_once,
                -data.loan_left_share[loan, drawn] * last,
            )
    sums, off = nnls(effect.reshape(len(own) * periods, -1).T, lines)
    return sums.reshape(len(own), periods), float(off)


def _within_limits(
    drawn: Floats, flows: Flows, data: Inputs, own: np.ndarray, place: tuple[int, int]
) -> Iterator[Finding]:
    """All that is drawn against the lenders' sums; each month's against what was ordered in it."""
    scenario, entity = place
    company = data.entities[entity]
    most, total = float(data.loan_max_usd[own].sum()), float(drawn.sum())
    if total > most * (1.0 + TOLERANCE) + TOLERANCE:
        yield Finding("more drawn than the lenders give", company, total, most)
    orders = flows.ordered_at[scenario][:, data.entity_of_hub == entity].sum(axis=1) * data.order_usd
    lent = data.loan_share[own].max(axis=0) @ orders
    over = drawn.sum(axis=0) - lent
    if over.max(initial=0.0) > TOLERANCE * max(1.0, float(lent.max(initial=0.0))):
        month = int(np.argmax(over))
        where = f"{company}, {data.periods[month]}"
        yield Finding(
            "more drawn than is lent for the month's orders",
            where,
            float(drawn[:, month].sum()),
            float(lent[month]),
        )
