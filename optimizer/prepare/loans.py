"""Loans as shares of the sum drawn: when it can be drawn, what falls due in each period, what is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from optimizer.config import Loan, Study
from optimizer.inputs import Bools, Floats
from optimizer.prepare.fleet import Fleet
from optimizer.sections.horizon import Period

Arrays = dict[str, Any]


def loan_arrays(study: Study, company_of_loan: Sequence[int], fleet: Fleet) -> Arrays:
    """Every field of the loans."""
    periods = study.horizon.periods()
    due = [schedule(loan, periods) for loan in study.loans]
    shape = (len(study.loans), len(periods), len(periods))
    return {
        "loans": tuple(loan.id for loan in study.loans),
        "loan_entity": np.array(company_of_loan, dtype=np.int64),
        "loan_max_usd": np.array([loan.max_usd for loan in study.loans]),
        "loan_share": np.array([_lent(loan, study, fleet) for loan in study.loans]).reshape(
            -1, len(fleet.ids)
        ),
        "loan_can_draw": np.array([_can_draw(loan, periods) for loan in study.loans]).reshape(shape[:2]),
        "loan_fee_share": np.array([loan.fee_share for loan in study.loans]),
        "loan_interest_share": np.array([each[0] for each in due]).reshape(shape),
        "loan_principal_share": np.array([each[1] for each in due]).reshape(shape),
        "loan_left_share": np.array([each[2] for each in due]).reshape(shape[:2]),
    }


def payments(loan: Loan) -> tuple[Floats, Floats]:
    """Interest and principal of every month after drawing, as shares of the sum drawn."""
    months, rate = loan.term_months, loan.interest_share_per_year / 12.0
    age = np.arange(months)
    if loan.repaid == "straight_line":
        principal = np.full(months, 1.0 / months)
    elif loan.repaid == "bullet":
        principal = np.where(age == months - 1, 1.0, 0.0)
    else:
        # Discounted from the end, so that no rate and no term can run out of numbers.
        growth = (1.0 + rate) ** (age - float(months))
        principal = (
            rate * growth / (1.0 - (1.0 + rate) ** -months) if rate > 0 else np.full(months, 1.0 / months)
        )
    owed = 1.0 - (np.cumsum(principal) - principal)
    return owed * rate, principal


def schedule(loan: Loan, periods: Sequence[Period]) -> tuple[Floats, Floats, Floats]:
    """(m, m) interest and principal by period of drawing and of payment; (m) what is owed after the last.

    A loan is drawn on a period's first day and paid from the month after on. What is owed at the end is the
    rest of the sum and the interest of the last month.
    """
    lengths = [period.months for period in periods]
    of_month = np.repeat(np.arange(len(periods)), lengths)
    starts = np.cumsum(lengths) - lengths
    shares = np.zeros((2, len(periods), len(periods)))
    for drawn, start in enumerate(starts):
        inside = of_month[start + 1 :]
        for kind, each in enumerate(payments(loan)):
            paid = each[: len(inside)]
            np.add.at(shares[kind, drawn], inside[: len(paid)], paid)
    left = 1.0 - shares[1].sum(axis=1)
    owed = np.where(left > 1e-12, left * (1.0 + loan.interest_share_per_year / 12.0), 0.0)
    return shares[0], shares[1], owed


def _lent(loan: Loan, study: Study, fleet: Fleet) -> Floats:
    """(l) of the price: of the offers that the loan is for, or of everything that can be ordered."""
    ordered = np.arange(len(fleet.ids)) >= len(study.fleet)
    named = np.isin(np.array(fleet.ids), loan.offers) if loan.offers else ordered
    return np.where(ordered & named, loan.share, 0.0)


def _can_draw(loan: Loan, periods: Sequence[Period]) -> Bools:
    """(m) in periods that lie wholly in its months."""
    first, last = loan.from_month or "", loan.to_month or "9999-12"
    return np.array([first <= each.first_month and each.month_names()[-1] <= last for each in periods])
