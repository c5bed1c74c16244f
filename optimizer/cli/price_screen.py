"""A price file on a screen: what it covers, its quantiles by year, what machines would earn."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from optimizer.catalogue import Model
from optimizer.cli.price_sheet import ALL, Earned, Sheet, Site, Stretch

BY_YEAR_UP_TO = 3  # models
WIDE = 100  # columns
MIDDLE_QUANTILES = ("p1", "p5", "p25", "p75")  # left out where the terminal is narrow
ODD_DAYS_SHOWN = 4


def screen(sheet: Sheet, models: list[Model], site: Site, width: int) -> Iterator[RenderableType]:
    """The sheet for people."""
    series = sheet.series
    yield Text(str(sheet.file), style="bold")
    for guess in sheet.guessed:
        yield Text(f"  guessed: {guess}", style="dim")
    yield Text(
        f"{series.said()}, {len(series.usd_per_kwh):,} intervals of {series.minutes} minutes, none missing"
    )
    yield Text(f"clock: {series.timezone}{_odd_days(sheet)}")
    years = ", ".join(map(str, sheet.whole_years())) or "none"
    yield Text(f"whole years, for reference_year: {years}")
    for caution in sheet.cautions():
        yield Text(f"caution: {caution}", style="yellow")
    yield Text(f"\nPrices, {sheet.reading.unit}", style="bold")
    yield _price_table(sheet.stretches(), width)
    yield from _machines(sheet, models, site)


def _odd_days(sheet: Sheet) -> str:
    days = sheet.odd_days()
    if not days:
        return "; every day has 24 hours"
    counts = {hours: sum(each == hours for _, each in days) for _, hours in days}
    told = ", ".join(
        f"{count} day{'s' if count > 1 else ''} of {hours:g} hours" for hours, count in sorted(counts.items())
    )
    shown = ", ".join(day for day, _ in days[:ODD_DAYS_SHOWN])
    return f"; {told} ({shown}{', ...' if len(days) > ODD_DAYS_SHOWN else ''})"


def _table(first: str, *numbers: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(first)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _price_table(stretches: list[Stretch], width: int) -> Table:
    names = [name for name in stretches[0].quantiles if width >= WIDE or name not in MIDDLE_QUANTILES]
    shown = [f"{name[1:]} %" if name.startswith("p") else name for name in names]
    table = _table("year", "hours", "mean", *shown, "below 0")
    for each in stretches:
        figures = [f"{each.quantiles[name]:,.1f}" for name in names]
        below = f"{each.negative_share:.1%}"
        table.add_row(each.year, f"{each.hours:,.0f}", f"{each.mean:,.2f}", *figures, below)
    return table


def _machines(sheet: Sheet, models: list[Model], site: Site) -> Iterator[RenderableType]:
    if not sheet.has_rate:
        yield Text(
            "\nWhat machines would earn needs an exchange rate: give --per-usd, how much of the file's money "
            "is 1 USD, e.g. --per-usd 1.39",
            style="yellow",
        )
        return
    earned = sheet.earned(models, site)
    if len(models) > BY_YEAR_UP_TO:
        earned = [each for each in earned if each.year == ALL]
    yield Text(
        f"\nWhat a machine would earn, at {1000 * site.hashprice_usd_per_ths_day:.2f} USD/PH/day",
        style="bold",
    )
    yield _machine_table(earned, site)
    yield Text(
        f"hashprice: {site.hashprice_source}, in every year. A machine runs when the index is below its "
        f"break-even; adder {1000 * site.adder_usd_per_kwh:g} USD/MWh, "
        f"PUE {site.pue:g}, no pool fee, no downtime; "
        "best per kW first, USD per machine and 8,766 hours.",
        style="dim",
    )


def _machine_table(earned: list[Earned], site: Site) -> Table:
    last = ("on last price",) if site.is_real_time else ()
    table = _table("model", "year", "J/TH", "break-even USD/MWh", "runs", "pays USD/MWh", "margin USD", *last)
    for each in earned:
        paid = "-" if each.paid_usd_per_mwh is None else f"{each.paid_usd_per_mwh:,.2f}"
        late = each.margin_on_last_price_usd_per_year
        table.add_row(
            each.model,
            each.year,
            f"{each.j_per_th:.1f}",
            f"{each.breakeven_usd_per_mwh:,.2f}",
            f"{each.run_share:.1%}",
            paid,
            f"{each.margin_usd_per_year:,.0f}",
            *([] if late is None else [f"{late:,.0f}"]),
        )
    return table
