"""The chart of accounts: where each line of the ledger stands in the statements.

A line that is not here (a block of the user's own) is shown under *other* by its name, and never dropped.
Interest is a financing flow, as IFRS 18 has it for companies that do not lend; relocating machines one owns
is an expense (IAS 16.20).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd


@dataclass(frozen=True)
class Account:
    """One line of the ledger: its number, its words, and the sections in which it is summed."""

    number: int
    line: str
    label: str
    sections: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """The accounts of one kind, and the words for their sum; ``sign`` turns them for a second statement."""

    key: str
    title: str
    total: str


@dataclass(frozen=True)
class Result:
    """A line that adds up sections and results above it."""

    key: str
    label: str
    adds: tuple[str, ...]


def _accounts(first: int, sections: tuple[str, ...], **labels: str) -> Iterable[Account]:
    for number, (line, label) in enumerate(labels.items()):
        yield Account(first + 10 * number, line, label, sections)


ACCOUNTS: tuple[Account, ...] = (
    *_accounts(1000, ("revenue",), hash_revenue="Mining revenue", pool_fees="Pool fees"),
    *_accounts(
        2000,
        ("power",),
        energy="Energy",
        delivery="Delivery and grid",
        levies="Levies on power",
        peak_charges="Coincident-peak charges",
        demand_charges="Demand charges",
        volume_charges="Volume steps and take-or-pay",
        standing_charges="Standing charges",
        minimum_bill="Top-up to the minimum bill",
        supply_credits="Power bought ahead, against the tariff",
        response_credits="Curtailment and response credits",
        hosting="Hosting fees",
        frictions="Restarts and switching",
    ),
    *_accounts(
        3000,
        ("operating",),
        maintenance="Maintenance of machines",
        firmware_fees="Firmware fees",
        site_opex="Site cost per kWh",
        site_fixed="Fixed cost of sites",
        overheads="Company overheads",
    ),
    *_accounts(
        4000,
        ("relocation",),
        deinstallation="Taking out",
        installation="Putting in",
        freight="Freight",
        insurance="Cargo insurance",
        customs="Duty and import VAT",
        breakage="Breakage",
        site_exit="Leaving sites",
    ),
    *_accounts(5000, ("book",), depreciation="Depreciation"),
    *_accounts(5100, ("book",), book_value_sold="Book value of machines sold"),
    *_accounts(5200, ("interest", "financing"), loan_interest="Loan interest", loan_fees="Loan fees"),
    *_accounts(5300, ("tax", "tax_paid"), profit_tax="Profit tax, when it is paid"),
    *_accounts(6000, ("tax_paid",), coins_held="Coins mined and kept, not sold"),
    *_accounts(
        7000,
        ("investing",),
        purchases="Machines bought",
        sales="Machines sold",
        building="Building of connections",
        site_opening="Opening of sites",
        deposits="Deposits paid and returned",
        **{"import": "Duty and import VAT on machines bought"},
    ),
    *_accounts(8000, ("financing",), loan_drawn="Loans drawn", loan_principal="Loans repaid"),
    *_accounts(
        9000,
        ("left",),
        end_value="Machines left at the horizon, at resale",
        coins_at_end="Coins left at the horizon",
        loan_left="Loans owed after the horizon",
        deferred_tax="Tax on what is left, over its book value",
    ),
    *_accounts(9100, ("risk",), legal_risk="Charge for legal risk"),
)
BOOK = ("depreciation", "book_value_sold")  # lines of the table ``book``: in profit, neither cash nor worth
OWN_NUMBERS = 9500  # of accounts for lines that are not above

INCOME: tuple[Section | Result, ...] = (
    Section("revenue", "Revenue", "Revenue after pool fees"),
    Section("power", "Power", "Power in all"),
    Result("gross_margin", "Gross margin", ("revenue", "power")),
    Section("operating", "Operating costs", "Operating costs in all"),
    Section("relocation", "Relocation", "Relocation in all"),
    Section("other", "Other", "Other in all"),
    Result("ebitda", "EBITDA", ("gross_margin", "operating", "relocation", "other")),
    Section("book", "Depreciation and disposals", "Depreciation and disposals in all"),
    Section("interest", "Interest and loan fees", "Interest and loan fees in all"),
    Result("before_tax", "Profit before tax", ("ebitda", "book", "interest")),
    Section("tax", "Tax", "Tax paid in all"),
    Result("net_profit", "Net profit", ("before_tax", "tax")),
)
CASH: tuple[Section | Result, ...] = (
    Result("carried", "EBITDA, all of it cash", ("ebitda",)),
    Section("tax_paid", "Tax, and coins not sold", "Tax paid and coins kept"),
    Result("from_operating", "Cash from operating", ("carried", "tax_paid")),
    Section("investing", "Investing", "Cash from investing"),
    Section("financing", "Financing", "Cash from financing"),
    Result("net_cash", "Net cash", ("from_operating", "investing", "financing")),
)
WORTH: tuple[Section | Result, ...] = (  # below the cash flow: what counts in the plan's worth beside cash
    Section("left", "Left at the horizon, not cash", "Left at the horizon"),
    Result("before_risk", "Net cash and what is left", ("net_cash", "left")),
    Section("risk", "Legal risk, not cash", "Legal risk"),
    Result("worth", "Worth", ("before_risk", "risk")),
)


def accounts_of(ledger: pd.DataFrame) -> tuple[Account, ...]:
    """The accounts that a ledger uses, in order; lines that have none get one under *other*.

    Where book values are given, what machines fetch stands in profit too, beside the book value given up.
    """
    used = ledger.drop_duplicates("line")
    known = {account.line for account in ACCOUNTS}
    own = [row for row in used.itertuples() if row.line not in known]
    found = [account for account in ACCOUNTS if account.line in set(used.line)]
    if set(BOOK) & set(used.line):
        found = [
            replace(each, sections=("book", "investing")) if each.line == "sales" else each for each in found
        ]
    return (*found, *(_own(OWN_NUMBERS + place, row) for place, row in enumerate(own)))


def _own(number: int, row: object) -> Account:
    is_cash, is_capital = bool(getattr(row, "is_cash", True)), bool(getattr(row, "is_capital", False))
    section = "left" if not is_cash else "investing" if is_capital else "other"
    line = str(getattr(row, "line", ""))
    return Account(number, line, f"Other: {line}", (section,))


def in_section(section: str, accounts: Sequence[Account]) -> list[Account]:
    """The accounts that are summed in a section."""
    return [account for account in accounts if section in account.sections]


def lines_of(section: str) -> tuple[str, ...]:
    """The ledger's lines of one section."""
    return tuple(account.line for account in in_section(section, ACCOUNTS))
