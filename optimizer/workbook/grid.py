"""A statement in the making: rows of formulas over columns of months, sites or companies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from optimizer.accounts import Account, Result, Section, in_section
from optimizer.workbook.cells import Cell, Sheet, formula, letter, number, text

Made = Callable[[str, int], str]  # a formula from column letter and row
TOTAL = 3  # column of the sum over all others
EACH_NOTE = "nominal, expected over the scenarios; income positive, cost negative"


@dataclass
class Grid:
    """A statement in the making: label, account, total, years, then its columns; ``rows`` by key."""

    sheet: Sheet
    years: int
    width: int
    year_row: int = 0
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def letters(self) -> list[str]:
        """Of the columns that are not sums."""
        first = TOTAL + 1 + self.years
        return [letter(first + place) for place in range(self.width)]

    def span(self, row: int | str) -> str:
        """One row over all columns that are not sums."""
        place = self.rows[row] if isinstance(row, str) else row
        return f"${self.letters[0]}{place}:${self.letters[-1]}{place}"

    def at(self, key: str, column: str = letter(TOTAL)) -> str:
        """A cell from another sheet; 0 where the row is not there."""
        return f"{self.sheet.ref}!{column}{self.rows[key]}" if key in self.rows else "0"

    def across(
        self, key: str, label: str, made: Made, account: int | None = None, style: str = "money"
    ) -> None:
        """A row whose years and total are sums over its columns."""
        row = self._next(key)
        years = [letter(TOTAL + 1 + place) for place in range(self.years)]
        head = f"{self.letters[0]}${self.year_row}:${self.letters[-1]}${self.year_row}"
        self.sheet.add(
            text(label),
            None if account is None else number(account, "plain"),
            formula(f"SUM({self.span(row)})", style),
            *(formula(f"SUMIFS({self.span(row)},${head},{each}${self.year_row})", style) for each in years),
            *(formula(made(each, row), style) for each in self.letters),
        )

    def down(self, key: str, label: str, made: Made, style: str = "total") -> None:
        """A row in which every column, sums too, is made from the rows above it."""
        row = self._next(key)
        every = [letter(TOTAL + place) for place in range(1 + self.years + self.width)]
        blank = Cell(None, f"{style} label")
        self.sheet.add(
            text(label, f"{style} label"), blank, *(formula(made(each, row), style) for each in every)
        )

    def inner(self, key: str, label: str, cells: Sequence[Cell], total: Cell | None = None) -> None:
        """A row without sums over years."""
        self._next(key)
        self.sheet.add(text(label), None, total, *([None] * self.years), *cells)

    def _next(self, key: str) -> int:
        self.rows[key] = len(self.sheet.rows) + 1
        return self.rows[key]


def add_parts(
    grid: Grid,
    parts: Sequence[Section | Result],
    accounts: Sequence[Account],
    made: Callable[[Account], Made],
) -> None:
    """Sections with their lines and sums, and the results; what has no line is left out."""
    for part in parts:
        if isinstance(part, Result):
            added = [grid.rows[key] for key in part.adds if key in grid.rows]
            grid.down(part.key, part.label, _sum_of(added), "result")
            continue
        lines = in_section(part.key, accounts)
        if not lines:
            continue
        grid.sheet.add(text(part.title, "section"))
        for account in lines:
            grid.across(account.line, f"   {account.label}", made(account), account.number)
        first, last = grid.rows[lines[0].line], grid.rows[lines[-1].line]
        grid.down(part.key, part.total, _span_of(first, last))


def _sum_of(rows: Sequence[int]) -> Made:
    return lambda column, _: "+".join(f"{column}{row}" for row in rows) or "0"


def _span_of(first: int, last: int) -> Made:
    return lambda column, _: f"SUM({column}{first}:{column}{last})"
