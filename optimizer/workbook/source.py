"""What every sheet draws on: the expected ledger with its numbers for period, account, site and company.

Formulas find their rows by these numbers and never by names: a spreadsheet reads a name such as ``A*``,
``>5`` or ``2027-01`` in a condition as a pattern, a comparison or a day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.accounts import Account, accounts_of
from optimizer.inputs import Floats
from optimizer.statements import COMPANY, expected, sites_of

if TYPE_CHECKING:
    from optimizer.plan import Plan

MOST_ROWS = 200_000  # of the ledger; above, it is written by month and company
ASSUMPTIONS = "Assumptions & sources"
FX = f"'{ASSUMPTIONS}'!$B$5"  # reporting currency for one USD
RATE = f"'{ASSUMPTIONS}'!$B$6"
FIRST_ROW = 6  # of the ledger's figures
COLUMNS = {"period": "A", "year": "C", "account": "D", "site": "F", "entity": "H", "cash": "J"}
AMOUNT, WORTH = "K", "L"


@dataclass(frozen=True)
class Source:
    """One plan, ready to be laid out."""

    plan: Plan

    @cached_property
    def full(self) -> pd.DataFrame:
        """One row for each period, line, site and company, scenarios expected."""
        keys = ["period", "line", "site", "entity", "is_cash"]
        ledger = expected(self.plan.tables)
        sums = ledger.groupby(keys, sort=False)[["amount_usd", "present_value_usd"]].sum().reset_index()
        return self._numbered(sums)

    @cached_property
    def has_sites(self) -> bool:
        """Whether the ledger is short enough to be written by site."""
        return len(self.full) <= MOST_ROWS

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """What the sheet Ledger holds."""
        if self.has_sites:
            return self.full
        keys = ["period", "line", "entity", "is_cash"]
        sums = self.full.groupby(keys, sort=False)[["amount_usd", "present_value_usd"]].sum().reset_index()
        return self._numbered(sums.assign(site=""))

    def _numbered(self, ledger: pd.DataFrame) -> pd.DataFrame:
        period, account = _places(self.periods.period), {each.line: each.number for each in self.accounts}
        entity = _places(self.entities)
        year = dict(zip(self.periods.period, self.periods.year, strict=True))
        pairs = pd.MultiIndex.from_frame(self.places[["site", "entity"]])
        own = pd.MultiIndex.from_arrays([ledger.site.astype(str), ledger.entity.astype(str)])
        return ledger.assign(
            period_no=ledger.period.map(period).to_numpy(dtype=int),
            year=ledger.period.map(year).to_numpy(dtype=int),
            account=ledger.line.map(account).to_numpy(dtype=int),
            site_no=pairs.get_indexer(own) + 1,
            entity_no=ledger.entity.map(entity).to_numpy(dtype=int),
        )

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        """Accounts in use."""
        return accounts_of(expected(self.plan.tables))

    @cached_property
    def periods(self) -> pd.DataFrame:
        """The clock."""
        return self.plan.tables["periods"]

    @cached_property
    def places(self) -> pd.DataFrame:
        """Sites, and each company's own money, in the order of their numbers, with a ``name`` each."""
        places = sites_of(self.plan.tables)
        several = (places.site == "").sum() > 1
        own = COMPANY + (" " + places.entity if several else "")
        return places.assign(name=places.site.where(places.site != "", own))

    @cached_property
    def entities(self) -> list[str]:
        """Companies in the order of their numbers."""
        return list(dict.fromkeys(self.places.entity))

    @cached_property
    def middle_months(self) -> Floats:
        """(m) months from the start to the middle of each period."""
        months = self.periods.months.to_numpy(dtype=float)
        return np.asarray(np.cumsum(months) - months / 2)

    @cached_property
    def rate_share_per_year(self) -> float | None:
        """The one discount rate, if the factors are made by one."""
        factors, middle = self.periods.discount_share.to_numpy(dtype=float), self.middle_months
        if not len(factors):
            return None
        rate = round(float(factors[-1] ** (-12 / middle[-1]) - 1.0), 10)
        same = np.allclose((1.0 + rate) ** (-middle / 12), factors, rtol=1e-9, atol=0)
        return rate if same else None

    def ledger_column(self, letter: str) -> str:
        """A column of the ledger in a formula."""
        return f"Ledger!${letter}${FIRST_ROW}:${letter}${FIRST_ROW + max(0, len(self.ledger) - 1)}"

    def summed(self, **by: str | int) -> str:
        """The formula of a sum over the ledger, reporting currency; ``by``: what each column must be."""
        conditions = "".join(f",{self.ledger_column(COLUMNS[name])},{wanted}" for name, wanted in by.items())
        return f"SUMIFS({self.ledger_column(AMOUNT)}{conditions})*{FX}"


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(dict.fromkeys(names), start=1)}
