"""The first sheet: the figures a plan is judged by, with unit and basis, and whether everything agrees."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.figures import CHANGE_FIGURES, KPI_FIGURES, Figure
from optimizer.workbook.cells import Cell, Sheet, formula, number, text
from optimizer.workbook.grid import Grid
from optimizer.workbook.source import FX, Source

PLACES = {"share a year": 4}  # to which a figure must agree; a cent otherwise
STYLES = {"share a year": "share", "currency": "money", "currency/kWh": "exact", "machines": "count"}
HEADS = ("figure", "unit", "basis", "this plan", "engine", "difference")


@dataclass(frozen=True)
class Grids:
    """The sheets that the summary reads; those by place are missing where the ledger was too long."""

    income: Grid
    cash: Grid
    by_place: tuple[Grid, ...]
    returns: Sheet
    rates: dict[str, str]  # formula of each rate of return, by figure


def summary_sheet(source: Source, grids: Grids) -> Sheet:
    """Figures, live where the sheets hold what it takes, and checks against the engine."""
    plan = source.plan
    others = plan.alternatives
    sheet = Sheet("Summary", (58, 18, 34, 16, 16, 12, *[16] * len(others)), "B6", 5)
    sheet.head(
        plan.story.title or plan.story.name,
        f"reporting currency {plan.story.currency}; black: live formula where there is a difference to show, "
        "otherwise the engine's figure",
    )
    agrees = sheet.add()
    sheet.add(
        *(text(head, "head left") for head in HEADS),
        *(text(other.name, "head") for other in others),
    )
    live, first = _live(source, grids), len(sheet.rows) + 1
    gains = _live_gains(grids)
    for name, figure in KPI_FIGURES.items():
        engine = [getattr(each, name) for each in (plan.kpis, *(other.kpis for other in others))]
        _add_figure(sheet, source, figure, engine, live.get(name))
    for other in others:
        sheet.add()
        sheet.add(text(f"This plan against: {other.name}", "section"))
        for name, figure in CHANGE_FIGURES.items():
            made = gains.get(name) if other.name == "stay put" else None
            _add_figure(sheet, source, figure, [getattr(other.gain, name)], made)
    _add_checks(sheet, source, grids)
    span = f"F{first}:F{len(sheet.rows)}"
    told = (
        f'IF(SUMPRODUCT(ABS({span}))=0,"All figures agree with the engine.","FIGURES DIFFER: see column F.")'
    )
    sheet.rows[agrees - 1] = (formula(told, "section"),)
    return sheet


def meanings_sheet(source: Source) -> Sheet:
    """What every figure of the summary is."""
    sheet = Sheet("What the figures mean", (46, 18, 34, 96), "A4", 3)
    sheet.head("What the figures mean", f"reporting currency {source.plan.story.currency}")
    parts = {"The plan": KPI_FIGURES, "The plan against another": CHANGE_FIGURES}
    for title, figures in parts.items():
        sheet.add(text(title, "section"))
        sheet.add(*(text(head, "head left") for head in ("figure", "unit", "basis", "meaning")))
        for figure in figures.values():
            unit = figure.unit.replace("currency", source.plan.story.currency)
            sheet.add(*(text(each) for each in (figure.label, unit, figure.basis, figure.meaning)))
        sheet.add()
    return sheet


def _add_figure(
    sheet: Sheet, source: Source, figure: Figure, engine: list[float | None], live: str | None
) -> None:
    row = len(sheet.rows) + 1
    style = STYLES.get(figure.unit, "number")
    given = [_engine_cell(source, figure, value, style) for value in engine]
    ours, gap = given[0], Cell(None)
    if live is not None and engine[0] is not None:
        ours = formula(live, style)
        gap = formula(f"ROUND(D{row}-E{row},{PLACES.get(figure.unit, 2)})", "check")
    unit = figure.unit.replace("currency", source.plan.story.currency)
    blanks = [None] * (len(source.plan.alternatives) - len(given) + 1)
    sheet.add(
        *(text(each) for each in (figure.label, unit, figure.basis)),
        ours,
        given[0],
        gap,
        *given[1:],
        *blanks,
    )


def _engine_cell(source: Source, figure: Figure, value: float | None, style: str) -> Cell:
    if value is None:
        return text("none")
    if figure.unit.startswith("currency"):
        return formula(f"{float(value)!r}*{FX}", style)
    return number(float(value), style)


def _live(source: Source, grids: Grids) -> dict[str, str]:
    """Formulas of figures of this plan."""
    income, cash = grids.income, grids.cash
    btc = repr(float(source.plan.kpis.mined_btc))
    fleet = f"{float(source.plan.kpis.fleet_usd)!r}*{FX}"
    running = f"({income.at('hash_revenue')}-({income.at('ebitda')}-{income.at('relocation')}))"
    one_off = "+".join([income.at("relocation"), *(cash.at(line) for line in _ONE_OFF_INVESTING)])
    wear = f"({fleet}-{cash.at('purchases')}-{cash.at('sales')}-{cash.at('end_value')})"
    all_in = f"({running}-({one_off})-{income.at('interest')}+{wear})"
    tax = income.at("tax")
    found = {
        "value_usd": cash.at("pv_worth"),
        "npv_usd": cash.at("pv_before_risk"),
        "legal_risk_usd": f"-{cash.at('pv_risk')}",
        "npv_before_tax_usd": f"{cash.at('pv_before_risk')}-{cash.at('pv_all_tax')}",
        "cash_usd": cash.at("net_cash"),
        "revenue_usd": income.at("revenue"),
        "ebitda_usd": income.at("ebitda"),
        "interest_usd": f"-{income.at('interest')}",
        "profit_tax_usd": f"-{tax}",
        "treasury_usd": cash.at("coins_at_end"),
    }
    if source.plan.kpis.mined_btc > 0:
        found |= {
            "cash_cost_usd_per_btc": f"{running}/{btc}",
            "cash_cost_after_tax_usd_per_btc": f"({running}-{tax})/{btc}",
            "all_in_cost_usd_per_btc": f"{all_in}/{btc}",
            "all_in_after_tax_cost_usd_per_btc": f"({all_in}-{tax})/{btc}",
        }
    return found | {name: told for name, told in grids.rates.items() if not name.startswith("gain")}


def _live_gains(grids: Grids) -> dict[str, str]:
    """Formulas of what the plan is worth against staying put, where its cash is known."""
    cash = grids.cash
    if "gap_cash_usd" not in cash.rows:
        return {}
    where, factors = cash.sheet.ref, f"{cash.sheet.ref}!{cash.span('factor')}"
    money, tax, left = (
        f"SUMPRODUCT({where}!{cash.span(f'gap_{each}_usd')},{factors})" for each in ("cash", "tax", "left")
    )
    rates = {
        name.removeprefix("gain "): told for name, told in grids.rates.items() if name.startswith("gain ")
    }
    return rates | {
        "npv_usd": f"{money}+{left}",
        "npv_before_tax_usd": f"{money}+{left}-{tax}",
        "lowest_cash_usd": f"MIN(0,MIN({where}!{cash.span('gap_cumulative')}))",
    }


_ONE_OFF_INVESTING = ("site_opening", "building", "deposits", "import")


def _add_checks(sheet: Sheet, source: Source, grids: Grids) -> None:
    """What must be the same whichever way it is added up."""
    income, cash = grids.income, grids.cash
    worth = f"{source.ledger_column('L')}"
    book = income.at("depreciation"), income.at("book_value_sold")
    flows = f"{cash.at('worth')}+{book[0]}+{book[1]}"
    checks = {
        "Net cash: statement, ledger": (cash.at("net_cash"), source.summed(cash=1)),
        "Every row of the ledger is in a statement": (flows, f"SUM({source.ledger_column('K')})*{FX}"),
        "Worth: discounted here, sum of the engine's present values": (
            cash.at("pv_worth"),
            f"SUM({worth})*{FX}",
        ),
    }
    for grid in grids.by_place:
        for key, ours, label in (("net_profit", income, "Net profit"), ("worth", cash, "Worth, nominal")):
            checks[f"{label}: {grid.sheet.title}, by month"] = (grid.at(key), ours.at(key))
        if "pv_net_cash" in grid.rows:
            checks[f"Net cash, present value: {grid.sheet.title}, by month"] = (
                grid.at("pv_net_cash"),
                cash.at("pv_net_cash"),
            )
    sheet.add()
    sheet.add(text("Checks", "section"))
    for label, (one, other) in checks.items():
        row = len(sheet.rows) + 1
        sheet.add(
            *(text(each) for each in (label, source.plan.story.currency, "the same sum in two ways")),
            formula(one),
            formula(other),
            formula(f"ROUND(D{row}-E{row},2)", "check"),
        )
