"""The catalogue on a screen: a table of all that matched, and sources where there are few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from optimizer.catalogue import Model, UnknownModel, model

SOURCES_UP_TO = 6
NUMBERS = ("TH/s", "W", "J/TH", "new", "used")


def screen(models: Sequence[Model], words: str) -> Iterator[RenderableType]:
    """The models; where none matched, the nearest names."""
    if not models:
        yield Text(f"no model has all of these words in vendor, name or cooling: {words}{_nearest(words)}")
        return
    yield _table(models)
    yield Text("prices in USD per TH/s; confidence of specification / price", style="dim")
    if len(models) > SOURCES_UP_TO:
        yield Text(f"sources: name one, e.g. rigshift catalogue {models[0].name}", style="dim")
        return
    for each in models:
        yield Text(f"\n{each.name}", style="bold")
        yield Text(f"  specification: {each.spec_source}\n  price: {each.price_source}")
        if each.eco_hashrate_ths is not None and each.eco_power_w is not None:
            yield Text(f"  eco profile: {each.eco_hashrate_ths:g} TH/s at {each.eco_power_w:g} W")
        yield Text(f"  mass: {each.mass_kg:g} kg ({each.mass_confidence} confidence)")


def _table(models: Sequence[Model]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("model", no_wrap=True)
    for name in NUMBERS:
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("cooling", "from", "confidence"):
        table.add_column(name, no_wrap=True)
    for each in models:
        numbers = (f"{each.hashrate_ths:g}", f"{each.power_w:g}", f"{each.j_per_th:.1f}")
        prices = (_price(each.price_new_usd_per_ths), _price(each.price_used_usd_per_ths))
        trust = f"{each.spec_confidence} / {each.price_confidence}"
        table.add_row(*map(Text, (each.name, *numbers, *prices, each.cooling, each.released, trust)))
    return table


def _price(usd_per_ths: float | None) -> str:
    return "-" if usd_per_ths is None else f"{usd_per_ths:.1f}"


def _nearest(words: str) -> str:
    try:
        return f"; did you mean {model(words).name}?"
    except UnknownModel as unknown:
        return f"; did you mean {', '.join(unknown.nearest)}?" if unknown.nearest else ""
