"""Income statement and cash flow by year and month, and what they are worth today."""

from __future__ import annotations

from optimizer.accounts import CASH, INCOME, WORTH, Account
from optimizer.statements import TAX_LINES
from optimizer.workbook.cells import Sheet, formula, number, text
from optimizer.workbook.grid import EACH_NOTE, Grid, Made, add_parts
from optimizer.workbook.source import FX, RATE, Source


def by_period(source: Source) -> tuple[Grid, Grid]:
    """Income statement and cash flow by year and month, in the same columns."""
    income = _period_grid(source, "Income statement", "before and after tax")

    def made(account: Account) -> Made:
        return lambda column, row: source.summed(account=f"$B{row}", period=f"{column}$5")

    add_parts(income, INCOME, source.accounts, made)
    cash = _period_grid(source, "Cash flow", "after tax")
    carried, rest = CASH[0], CASH[1:]
    cash.down(carried.key, "EBITDA, all of it cash", lambda column, _: income.at("ebitda", column), "result")
    add_parts(cash, rest, source.accounts, made)
    first = cash.letters[0] if cash.letters else ""
    row = cash.rows["net_cash"]
    running = [formula(f"SUM(${first}{row}:{each}{row})") for each in cash.letters]
    cash.inner("cumulative", "Net cash, cumulative", running)
    cash.sheet.add()
    add_parts(cash, WORTH, source.accounts, made)
    if taxes := [cash.rows[line] for line in TAX_LINES if line in cash.rows]:
        told = "Tax, paid and on what is left (in the above; figures before tax add it back)"
        cash.down("all_tax", told, lambda column, _: "+".join(f"{column}{row}" for row in taxes))
    _add_present_values(cash, source)
    _add_other_plan(cash, source, "stay put")
    return income, cash


def _period_grid(source: Source, title: str, basis: str) -> Grid:
    years = list(dict.fromkeys(source.periods.year))
    grid = Grid(
        Sheet(title, (44, 8, 15, *[13] * (len(years) + len(source.periods))), "D7", 6),
        len(years),
        len(source.periods),
    )
    grid.sheet.head(
        f"{title}: {source.plan.story.title or source.plan.story.name}",
        f"{source.plan.story.currency}, {EACH_NOTE}; {basis}; a period belongs to the year of its first day",
    )
    grid.year_row = grid.sheet.add(
        text("year", "note"),
        None,
        None,
        *(number(int(year), "key") for year in [*years, *source.periods.year]),
    )
    numbers = range(1, len(source.periods) + 1)
    grid.sheet.add(
        text("period number", "note"),
        None,
        None,
        *[None] * len(years),
        *(number(each, "key") for each in numbers),
    )
    grid.sheet.add(
        *(text(name, "head left") for name in ("", "account")),
        text("total", "head"),
        *(text(year, "head") for year in years),
        *(text(name, "head") for name in source.periods.period),
    )
    return grid


def _add_present_values(cash: Grid, source: Source) -> None:
    """Discount factors at mid-period, and what each result is worth today."""
    cash.sheet.add()
    cash.sheet.add(text("Present value (discounted from the middle of each period)", "section"))
    cash.inner(
        "middle", "Months from the start to the middle", [number(m, "number") for m in source.middle_months]
    )
    row, factors = cash.rows["middle"], source.periods.discount_share
    made = [formula(f"(1+{RATE})^(-{each}{row}/12)", "factor") for each in cash.letters]
    given = [number(float(factor), "factor") for factor in factors]
    cash.inner("factor", "Discount factor", given if source.rate_share_per_year is None else made)
    for key, label in (
        ("net_cash", "Net cash, present value"),
        ("before_risk", "Net cash and what is left, present value (NPV)"),
        ("all_tax", "Tax, paid and on what is left, present value"),
        ("risk", "Legal risk, present value"),
        ("worth", "Worth, present value"),
    ):
        if key in cash.rows:
            _add_present_value(cash, f"pv_{key}", label, cash.rows[key])


def _add_present_value(cash: Grid, key: str, label: str, row: int) -> None:
    factor = cash.rows["factor"]
    total = formula(f"SUMPRODUCT({cash.span(row)},{cash.span(factor)})", "total")
    cash.inner(key, label, [formula(f"{each}{row}*{each}{factor}") for each in cash.letters], total)


def _add_other_plan(cash: Grid, source: Source, name: str) -> None:
    """The cash of staying put as the engine has it, and what the plan brings beside it."""
    flows = source.plan.tables["cash_flows"]
    flows = flows[flows.plan == name].set_index("period").reindex(source.periods.period)
    if flows.cash_usd.isna().any() or not len(flows):
        return
    cash.sheet.add()
    cash.sheet.add(text(f"Against: {name} (its figures are the engine's)", "section"))
    ours = {"cash_usd": "net_cash", "tax_usd": "all_tax", "left_usd": "left"}
    words = {"cash_usd": "net cash", "tax_usd": "tax in both", "left_usd": "left at the horizon"}
    for column, word in words.items():
        theirs = [formula(f"{float(usd)!r}*{FX}") for usd in flows[column]]
        cash.inner(f"other_{column}", f"{name}: {word}", theirs)
    for column, word in words.items():
        row, other = cash.rows.get(ours[column]), cash.rows[f"other_{column}"]
        gap = [formula(f"{f'{each}{row}' if row else 0}-{each}{other}") for each in cash.letters]
        cash.inner(f"gap_{column}", f"This plan less {name}: {word}", gap)
    row = cash.rows["gap_cash_usd"]
    running = [formula(f"SUM(${cash.letters[0]}{row}:{each}{row})") for each in cash.letters]
    cash.inner("gap_cumulative", f"This plan less {name}: net cash, cumulative", running)
