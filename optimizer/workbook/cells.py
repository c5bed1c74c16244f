"""Sheets as rows of plain cells, and how they become a file that a spreadsheet opens.

What comes from a study is text and stays text: a site called ``=1+1`` is shown, never computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter

FONT = "Calibri"
PAGE = 210  # characters of width that are still readable on one page
A4 = 9  # among the paper sizes of the format
LONGEST_TEXT = 32_000  # characters that a cell holds, rounded down
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
MONEY = '#,##0;[Red]-#,##0;"-"'

Value = str | float | int | date | None


class Cell(NamedTuple):
    """What stands in a cell; a formula begins with ``=`` and is made here, never read from a study."""

    value: Value
    style: str = "text"
    is_formula: bool = False


Row = Sequence[Cell | None]


def text(value: object, style: str = "text") -> Cell:
    """Anything as text."""
    return Cell(ILLEGAL_CHARACTERS_RE.sub(" ", str(value))[:LONGEST_TEXT], style)


def number(value: float | int | date | None, style: str = "number") -> Cell:
    """A figure or a day; nothing is a dash."""
    return Cell(value, style) if value is not None else Cell("-", style)


def formula(told: str, style: str = "money") -> Cell:
    """A live formula, without its ``=``."""
    return Cell(f"={told}", style, is_formula=True)


def day(iso: object, style: str = "date") -> Cell:
    """An ISO day as a day, anything else as the text that it is."""
    try:
        return Cell(date.fromisoformat(str(iso)), style)
    except ValueError:
        return text(iso)


def letter(column: int) -> str:
    """Letters of a column, counted from 1."""
    return str(get_column_letter(column))


@dataclass
class Sheet:
    """Rows from the top; ``freeze`` is the first cell that scrolls, ``repeat_rows`` every page's head."""

    title: str
    widths: Sequence[float]
    freeze: str = "A2"
    repeat_rows: int = 1
    rows: list[Row] = field(default_factory=list)

    def add(self, *cells: Cell | None) -> int:
        """Append a row; its number."""
        self.rows.append(cells)
        return len(self.rows)

    def head(self, *lines: str) -> None:
        """Title and what the reader must know, then an empty row."""
        for place, line in enumerate(lines):
            self.add(text(line, "note" if place else "title"))
        self.add()

    @property
    def ref(self) -> str:
        """The sheet in a formula."""
        return f"'{self.title}'"


def write(sheets: Sequence[Sheet], path: Path, title: str) -> None:
    """One file, with every formula computed when it is opened."""
    book = Workbook(write_only=True)
    book.calculation.fullCalcOnLoad = True
    book.properties.creator, book.properties.title = "Rigshift", text(title).value
    for style in _styles():
        book.add_named_style(style)
    for sheet in sheets:
        _write_sheet(book, sheet)
    book.save(path)


def _write_sheet(book: Workbook, sheet: Sheet) -> None:
    page = book.create_sheet(sheet.title)
    page.freeze_panes = sheet.freeze
    page.sheet_view.showGridLines = False
    for column, width in enumerate(sheet.widths, start=1):
        page.column_dimensions[letter(column)].width = width
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", A4
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = max(1, round(sum(sheet.widths) / PAGE)), 0
    page.print_title_rows, page.print_title_cols = f"1:{sheet.repeat_rows}", "A:A"
    page.oddFooter.center.text = "&A, page &P of &N"
    for row in sheet.rows:
        page.append([_written(page, cell) for cell in row])


def _written(page: object, cell: Cell | None) -> WriteOnlyCell | Value:
    if cell is None:
        return None
    value, style, is_formula = cell
    if style == "text" and isinstance(value, str) and not value.startswith((*BEGINS_FORMULA, "#")):
        return value  # plain text needs no cell of its own
    written = WriteOnlyCell(page, value)
    if isinstance(value, str) and not is_formula:
        written.data_type = "s"  # neither a formula nor an error, whatever it looks like
    written.style = f"rs {style}"
    if isinstance(value, str) and not is_formula and value.startswith(BEGINS_FORMULA):
        written.quotePrefix = True  # stays text when someone edits the cell
    return written


def _styles() -> list[NamedStyle]:
    """Every look that a cell may have."""
    grey, bold = Font(name=FONT, color="808080", size=9), Font(name=FONT, bold=True)
    rule, shade = Border(top=Side("thin")), PatternFill("solid", fgColor="E8EEF4")
    base: dict[str, dict[str, Any]] = {
        "text": {},
        "title": {"font": Font(name=FONT, bold=True, size=14)},
        "note": {"font": grey},
        "wrapped": {"alignment": Alignment(wrap_text=True, vertical="top")},
        "key": {"font": grey, "alignment": Alignment(horizontal="right")},
        "head": {"font": bold, "fill": shade, "alignment": Alignment(horizontal="right", wrap_text=True)},
        "head left": {"font": bold, "fill": shade, "alignment": Alignment(wrap_text=True)},
        "section": {"font": bold},
        "total label": {"font": bold, "border": rule},
        "money": {"number_format": MONEY},
        "total": {"number_format": MONEY, "font": bold, "border": rule},
        "result": {"number_format": MONEY, "font": bold, "border": rule, "fill": shade},
        "result label": {"font": bold, "border": rule, "fill": shade},
        "number": {"number_format": "#,##0.00"},
        "exact": {"number_format": "#,##0.0000"},
        "count": {"number_format": "#,##0"},
        "plain": {"number_format": "0"},
        "factor": {"number_format": "0.0000"},
        "share": {"number_format": "0.0%"},
        "date": {"number_format": "yyyy-mm-dd"},
        "month": {"number_format": "yyyy-mm", "font": bold, "fill": shade},
        "input": {"number_format": "General", "fill": PatternFill("solid", fgColor="FFF6D6")},
        "check": {"number_format": '0.00;[Red]-0.00;"0"', "font": Font(name=FONT, color="2E7D32")},
    }
    plain = {"font": Font(name=FONT)}
    return [NamedStyle(name=f"rs {name}", **(plain | look)) for name, look in base.items()]
