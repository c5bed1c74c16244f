"""Both statements by site, jurisdiction and company, and the tax by company and year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from optimizer.accounts import ACCOUNTS, CASH, INCOME, WORTH, Account
from optimizer.statements import AT_END, COMPANY, counts_tax
from optimizer.workbook.cells import Sheet, formula, letter, number, text
from optimizer.workbook.grid import EACH_NOTE, TOTAL, Grid, Made, add_parts
from optimizer.workbook.source import FX, RATE, Source

TAX_ACCOUNT = next(account.number for account in ACCOUNTS if account.line == "profit_tax")


def by_site(source: Source) -> Grid:
    """Both statements by site over the whole horizon, and the present value of each site's cash."""
    grid = _place_grid(source, "By site", list(source.places.name), _numbers_of(source.places.jurisdiction))

    def made(account: Account) -> Made:
        return lambda column, row: source.summed(account=f"$B{row}", site=f"{column}$4")

    _add_both(grid, source, made)
    grid.sheet.add()
    grid.sheet.add(text("Net cash by month (first column: discount factor)", "section"))
    first = len(grid.sheet.rows) + 1
    for place, period in enumerate(source.periods.period, start=1):
        month = [formula(source.summed(period=place, site=f"{each}$4", cash=1)) for each in grid.letters]
        factor = formula(_factor(source, place), "factor")
        grid.inner(f"month {place}", str(period), month, factor)
    last, total = len(grid.sheet.rows), letter(TOTAL)
    worth = [
        f"SUMPRODUCT(${total}{first}:${total}{last},{each}{first}:{each}{last})" for each in grid.letters
    ]
    row = len(grid.sheet.rows) + 1
    grid.inner(
        "pv_net_cash",
        "Net cash, present value, after tax",
        [formula(each, "total") for each in worth],
        formula(f"SUM({grid.span(row)})", "total"),
    )
    return grid


def _factor(source: Source, place: int) -> str:
    middle = float(source.middle_months[place - 1])
    if source.rate_share_per_year is None:
        return repr(float(source.periods.discount_share.iloc[place - 1]))
    return f"(1+{RATE})^(-{middle!r}/12)"


def by_jurisdiction(source: Source, sites: Grid) -> Grid:
    """Both statements by jurisdiction: sums over the sheet by site."""
    names = list(dict.fromkeys(source.places.jurisdiction))
    grid = _place_grid(source, "By jurisdiction", names, _numbers_of(names))
    span = f"${sites.letters[0]}$5:${sites.letters[-1]}$5"

    def made(account: Account) -> Made:
        row = sites.rows[account.line]
        return lambda column, _: (
            f"SUMIFS({sites.sheet.ref}!{sites.span(row)},{sites.sheet.ref}!{span},{column}$5)"
        )

    _add_both(grid, source, made)
    return grid


def by_company(source: Source) -> Grid:
    """Both statements by company."""
    grid = _place_grid(source, "By company", source.entities, [None] * len(source.entities))
    _add_both(
        grid,
        source,
        lambda account: lambda column, row: source.summed(account=f"$B{row}", entity=f"{column}$4"),
    )
    return grid


def _add_both(grid: Grid, source: Source, made: Callable[[Account], Made]) -> None:
    """Income statement, then cash flow and worth; a line in both is written in both."""
    add_parts(grid, INCOME, source.accounts, made)
    grid.sheet.add()
    add_parts(grid, (*CASH, *WORTH), source.accounts, made)


def _numbers_of(names: Iterable[str]) -> list[int]:
    shown = list(names)
    found = {name: place for place, name in enumerate(dict.fromkeys(shown), start=1)}
    return [found[name] for name in shown]


def _place_grid(
    source: Source, title: str, names: Sequence[str], jurisdictions: Sequence[int | None]
) -> Grid:
    grid = Grid(Sheet(title, (44, 8, 15, *[14] * len(names)), "D7", 6), 0, len(names))
    grid.sheet.head(
        f"{title}: {source.plan.story.title or source.plan.story.name}",
        f"{source.plan.story.currency}, whole horizon, {EACH_NOTE}; {COMPANY}: money of no single site",
    )
    numbers = (number(place, "key") for place in range(1, len(names) + 1))
    grid.sheet.add(text("number", "note"), None, None, *numbers)
    known = (None if each is None else number(each, "key") for each in jurisdictions)
    grid.sheet.add(text("jurisdiction number", "note"), None, None, *known)
    grid.sheet.add(
        *(text(name, "head left") for name in ("", "account")),
        *(text(name, "head") for name in ("total", *names)),
    )
    return grid


def tax_sheet(source: Source) -> Sheet:
    """Profit tax paid by company and year; and its base, recomputed, where the plan has a table of it."""
    years = list(dict.fromkeys(source.periods.year))
    sheet = Sheet("Tax", (28, 12, *[14] * max(9, len(years) + 1)), "C5", 4)
    sheet.head(
        "Profit tax by company and year",
        f"{source.plan.story.currency}, {EACH_NOTE}; by the year in which it is paid",
    )
    if not counts_tax(source.plan.tables):
        sheet.add(text("No profit tax is counted: the study states no tax.", "note"))
        return sheet
    sheet.add(
        text("company", "head left"),
        text("number", "head"),
        *(number(int(year), "head") for year in years),
        text("total", "head"),
    )
    last = letter(2 + len(years))
    for place, entity in enumerate(source.entities, start=1):
        row = len(sheet.rows) + 1
        paid = [
            formula(source.summed(account=TAX_ACCOUNT, entity=f"$B{row}", year=f"{letter(3 + each)}$4"))
            for each in range(len(years))
        ]
        sheet.add(text(entity), number(place, "plain"), *paid, formula(f"SUM(C{row}:{last}{row})", "total"))
    _add_tax_base(sheet, source)
    return sheet


def _add_tax_base(sheet: Sheet, source: Source) -> None:
    """A row for each year, and one for what is left: the tax of the last year with it, less that without."""
    table = source.plan.tables.get("tax")
    sheet.add()
    if table is None or not len(table):
        sheet.add(text("The plan has no table of taxable profit.", "note"))
        return
    sheet.add(text(f"Of each scenario. {AT_END.capitalize()}: {_SOLD_OFF}", "note"))
    heads = ("company", "tax year", "scenario", "profit before depreciation", "depreciation", "losses used")
    more = ("taxable profit", "rate", "tax due", "tax of the engine", "difference")
    sheet.add(*(text(head, "head left") for head in (*heads, *more)))
    for each in table.to_dict("records"):
        row = len(sheet.rows) + 1
        is_left = each["tax_year"] == AT_END
        of_year = f"+D{row - 1}+E{row - 1}" if is_left else ""
        given = (each["profit_usd"], each["depreciation_usd"], each["loss_used_usd"])
        sheet.add(
            *(text(each[name]) for name in ("entity", "tax_year", "scenario")),
            *(formula(f"{float(usd)!r}*{FX}") for usd in given),
            formula(f"MAX(0,D{row}+E{row}-F{row}{of_year})", "total"),
            number(float(each["rate_share"]), "share"),
            formula(f"G{row}*H{row}{f'-I{row - 1}' if is_left else ''}", "total"),
            formula(f"{float(each['tax_usd'])!r}*{FX}"),
            formula(f"ROUND(I{row}-J{row},2)", "check"),
        )


_SOLD_OFF = (
    "its gain over its book value is added to the last year's profit, the losses are those that the year "
    "would then use, the tax is what it adds to that of the year (a deduction where negative); not cash."
)
