"""The flat data: ledger, moves, and what the figures rest on."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from optimizer.statements import notes
from optimizer.workbook.cells import Cell, Sheet, day, formula, letter, number, text
from optimizer.workbook.source import AMOUNT, ASSUMPTIONS, FIRST_ROW, FX, WORTH, Source

LEDGER_HEADS = (
    *("period no.", "period", "year", "account", "line", "site no.", "site", "company no.", "company"),
    *("is cash", "amount, USD nominal", "present value, USD"),
)
TRIPS: Mapping[str, tuple[str, ...]] = {
    "moves": ("scenario", "lot", "machines", "from_site", "to_site", "leaves", "arrives", "cost_usd"),
    "purchases": ("scenario", "lot", "machines", "", "to_site", "ordered", "arrives", "cost_usd"),
    "sales": ("scenario", "lot", "machines", "from_site", "kind", "period", "", "income_usd"),
}
DAYS = ("leaves", "arrives", "ordered", "period")


def ledger_sheet(source: Source) -> Sheet:
    """Every row of money in USD; the other sheets sum it by the numbers in it."""
    sheet = Sheet("Ledger", (9, 20, 7, 9, 18, 8, 22, 9, 16, 7, 18, 18), f"A{FIRST_ROW}", FIRST_ROW - 1)
    cut = "" if source.has_sites else " The ledger by site is too long for a sheet: see the file ledger."
    sheet.head(
        "Ledger",
        f"USD, expected over the scenarios; present values are the engine's.{cut}",
    )
    last = FIRST_ROW + max(0, len(source.ledger) - 1)
    sums = (formula(f"SUM({each}{FIRST_ROW}:{each}{last})", "total") for each in (AMOUNT, WORTH))
    sheet.add(text("sum", "note"), *[None] * 9, *sums)
    sheet.add(*(text(head, "head left") for head in LEDGER_HEADS))
    ledger = source.ledger.assign(is_cash=source.ledger.is_cash.astype(int))
    columns = (
        "period_no",
        "period",
        "year",
        "account",
        "line",
        "site_no",
        "site",
        "entity_no",
        "entity",
        "is_cash",
    )
    for row in ledger[[*columns, "amount_usd", "present_value_usd"]].itertuples(index=False):
        *labels, amount, worth = row
        plain = (text(each) if isinstance(each, str) else number(each, "text") for each in labels)
        sheet.add(*plain, number(amount, "number"), number(worth, "number"))
    return sheet


def moves_sheet(source: Source) -> Sheet:
    """Moves, purchases and sales with their days and costs."""
    sheet = Sheet("Moves", (10, 22, 11, 20, 20, 12, 12, 16), "A4", 3)
    currency = source.plan.story.currency
    sheet.head(
        "Moves, purchases and sales",
        f"machines; cost and income in {currency}, nominal, of each scenario",
    )
    for name, columns in TRIPS.items():
        table = source.plan.tables[name]
        sheet.add(text(name, "section"))
        sheet.add(
            *(
                text(column.replace("_usd", f", {currency}").replace("_", " "), "head left")
                for column in columns
            )
        )
        first = len(sheet.rows) + 1
        for each in table.to_dict("records"):
            sheet.add(*(_trip_cell(column, each.get(column, "")) for column in columns))
        last = max(first, len(sheet.rows))
        sums = {3: "count", len(columns): "total"}
        cells = (
            formula(f"SUM({letter(place)}{first}:{letter(place)}{last})", sums[place])
            if place in sums
            else None
            for place in range(1, len(columns) + 1)
        )
        sheet.add(*cells) if len(table) else sheet.add(text("none"))
        sheet.add()
    return sheet


def _trip_cell(column: str, value: object) -> Cell:
    if column.endswith("_usd"):
        return formula(f"{float(str(value))!r}*{FX}")
    if isinstance(value, float | int):
        return number(value, "count")
    return day(value) if column in DAYS else text(value)


def assumptions_sheet(source: Source) -> Sheet:
    """The cells that formulas read (yellow), then notes, law and sources as the plan states them."""
    plan, story = source.plan, source.plan.story
    sheet = Sheet(ASSUMPTIONS, (34, 60, 20, 16, 14, 44, 40), "A4", 3)
    sheet.head("Assumptions and sources", "yellow cells feed the formulas of the other sheets")
    sheet.add(text("Reporting currency"), text(story.currency, "input"))
    sheet.add(text(f"{story.currency} for one USD"), number(story.units_per_usd, "input"))
    rate = source.rate_share_per_year
    sheet.add(
        text("Discount rate, share a year"),
        text("factors as given, see Cash flow") if rate is None else number(rate, "input"),
    )
    sheet.add()
    facts = {
        "Study": story.title or story.name,
        "Horizon": f"{source.periods.period.iloc[0]} .. {source.periods.period.iloc[-1]}",
        "Market": story.market,
        "How it was solved": f"{plan.outcome.solver}: {plan.outcome.status}; {plan.outcome.message}",
        "Amounts": "nominal; present values are discounted from the middle of each period",
        "Tax": "figures before tax add back what is paid and what is due on what is left; "
        "decisions are those best after tax",
    }
    for name, told in facts.items():
        sheet.add(text(name), text(told, "wrapped"))
    _add_odds(sheet, source)
    for title, said in (("Statements", notes(plan.tables)), ("To know", story.notes)):
        sheet.add()
        sheet.add(text(title, "section"))
        for note in said:
            sheet.add(None, text(note, "wrapped"))
    _add_law(sheet, plan.tables.get("law"))
    sheet.add()
    sheet.add(text("Files that were read", "section"), text("sha256", "section"))
    for path, digest in story.input_files:
        sheet.add(text(path), text(digest))
    for library, version in plan.versions.items():
        sheet.add(text(f"version of {library}"), text(version))
    return sheet


def _add_odds(sheet: Sheet, source: Source) -> None:
    odds = source.plan.tables["scenarios"]
    if len(odds) < 2:
        return
    for scenario, probability in zip(odds.scenario, odds.probability, strict=True):
        sheet.add(text(f"Probability of {scenario}"), number(float(probability), "share"))


def _add_law(sheet: Sheet, law: pd.DataFrame | None) -> None:
    if law is None or law.empty:
        return
    acts = law.drop_duplicates(["rule_id", "act", "source"])
    columns = ("rule_id", "act", "reason", "source_date", "confidence", "source", "status")
    sheet.add()
    sheet.add(text("Law", "section"))
    sheet.add(*(text(column.replace("_", " "), "head left") for column in columns))
    for each in acts.to_dict("records"):
        sheet.add(
            *(text(each[column], "wrapped" if column in ("act", "reason") else "text") for column in columns)
        )
