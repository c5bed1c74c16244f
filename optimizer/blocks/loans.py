"""Loans for machines: drawn when the machines are ordered, paid back by schedule, what is left is owed.

A schedule is a share of the sum drawn for every period of drawing and period of payment, so that interest is
linear in what is drawn. What is owed after the last period is charged there, or borrowing would be a gift.
"""

from __future__ import annotations

import numpy as np

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import Columns, Expr, Floats, LinearProgram, grid, total, total_at


def loans(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Columns ``loan_drawn`` (w, f, m); what may be drawn; lines for drawing, interest, repayment and fees.

    Borrowing and paying back is neither income nor capital: a limit on capital holds for machines, however
    they are paid for. Interest and fees are deducted by the tax.
    """
    if not data.loans:
        return
    commit = ("w", data.commit_periods)
    drawn = lp.variable("loan_drawn", "wfm", exists=data.loan_can_draw[None], shared=commit)
    _limits(lp, data, plan, drawn)
    last = np.arange(len(data.periods)) == len(data.periods) - 1
    at_once = np.broadcast_to(np.eye(len(data.periods)), data.loan_interest_share.shape)
    left = data.loan_left_share[:, :, None] * last
    lp.earn("loan_drawn", _paid(lp, data, drawn, at_once), is_taxable=False)
    lp.spend("loan_interest", _paid(lp, data, drawn, data.loan_interest_share))
    lp.spend("loan_principal", _paid(lp, data, drawn, data.loan_principal_share), is_taxable=False)
    lp.spend("loan_fees", _paid(lp, data, drawn, at_once * data.loan_fee_share[:, None, None]))
    lp.spend("loan_left", _paid(lp, data, drawn, left), is_cash=False)


def _limits(lp: LinearProgram, data: Inputs, plan: Decisions, drawn: Columns) -> None:
    """Rows ``loan_limit`` (w, f), ``loan_purpose`` (w, f, m), ``loans_together`` (w, e, m)."""
    each = total("wfm->wfm", drawn)
    together = _by_company(each, data)
    lp.at_most("loan_limit", total("wfm->wf", drawn), np.broadcast_to(data.loan_max_usd, lp.shape("wf")))
    for loan, company in enumerate(data.loan_entity):
        each = each - _lent(lp, data, plan, "wfm", loan, company, data.loan_share[loan])
    lp.at_most("loan_purpose", each, 0.0)
    for company in range(len(data.entities)):  # two loans cannot both pay for the same machine
        share = data.loan_share[data.loan_entity == company].max(axis=0, initial=0.0)
        together = together - _lent(lp, data, plan, "wem", company, company, share)
    has_several = np.bincount(data.loan_entity, minlength=len(data.entities)) > 1
    limit = np.where(has_several, 0.0, np.inf)[:, None]
    lp.at_most("loans_together", together, np.broadcast_to(limit, lp.shape("wem")))


def _lent(
    lp: LinearProgram, data: Inputs, plan: Decisions, axes: str, place: int, company: int, share: Floats
) -> Expr:
    """What a share (l) of the price of a company's orders comes to, at one place of the middle axis."""
    w, _, _, m = grid(plan.ordered)
    is_own = (data.entity_of_hub == company)[None, :, None]
    price = share[:, None, None] * data.order_usd[:, None, :] * is_own
    return total_at(axes, lp.shape(axes), plan.ordered, (w, place, m), price)


def _paid(lp: LinearProgram, data: Inputs, drawn: Columns, share: Floats) -> Expr:
    """(w, e, m) the sums that fall due, from shares (f, m, m) of what is drawn: drawn, paid."""
    later = np.broadcast_to(drawn[..., None], (*drawn.shape, drawn.shape[-1]))
    due = total("wfxm,fxm->wfm", later, share)
    return _by_company(due, data)


def _by_company(expr: Expr, data: Inputs) -> Expr:
    """Loans summed into the companies that owe them."""
    return expr.regrouped("f", data.loan_entity, "e", len(data.entities))
