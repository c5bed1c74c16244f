"""In which periods a dated thing of the study holds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optimizer.inputs import Bools, Floats
from optimizer.sections.fleet import Offer
from optimizer.sections.horizon import Period
from optimizer.sections.terms import Dated


def share_held(terms: Dated | Offer, periods: Sequence[Period]) -> Floats:
    """(m) share of each period's months in which a dated thing holds."""
    return np.array([np.mean([_is_on(terms, month) for month in period.month_names()]) for period in periods])


def holds(terms: Dated | Offer, periods: Sequence[Period]) -> Bools:
    """(m) whether a limit holds in any month of the period: a quarter keeps the strictest of its months."""
    return share_held(terms, periods) > 0


def _is_on(terms: Dated | Offer, month: str) -> bool:
    return (terms.from_month or month) <= month <= (terms.to_month or month)
