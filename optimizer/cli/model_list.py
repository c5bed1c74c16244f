"""The catalogue on a screen: a table of all that matched, and sources where there are few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from optimizer.catalogue import Model, UnknownModel, model

SOURCES_UP_TO = 6
NARROW = 90  # columns
NUMBERS = ("TH/s", "W", "J/TH", "new", "used")


def screen(models: Sequence[Model], words: str, width: int) -> Iterator[RenderableType]:
    """The models; where none matched, the nearest names."""
    if not models:
        yield Text(f"no model has all of these words in vendor, name or cooling: {words}{_nearest(words)}")
        return
    yield _table(models, 2 if width > NARROW else 1)
    yield Text("prices in USD per TH/s; confidence: of specification/of price", style="dim")
    if len(models) > SOURCES_UP_TO:
        yield Text(f"sources: name one, e.g. rigshift catalogue {models[0].name}", style="dim")
        return
    for each in models:
        yield Text(f"\n{each.name}", style="bold")
        yield from (Padding(Text(line), (0, 0, 0, 2), expand=False) for line in _sources(each))


def _sources(found: Model) -> Iterator[str]:
    yield f"specification: {found.spec_source}"
    yield f"price: {found.price_source}"
    if found.eco_hashrate_ths is not None and found.eco_power_w is not None:
        yield f"eco profile: {found.eco_hashrate_ths:g} TH/s at {found.eco_power_w:g} W"
    yield f"mass: {found.mass_kg:g} kg ({found.mass_confidence} confidence)"


def _table(models: Sequence[Model], gap: int) -> Table:
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False)
    table.add_column("model")  # the one that gives way where the terminal is narrow
    for name in NUMBERS:
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("cooling", "from", "confidence"):
        table.add_column(name, no_wrap=True)
    for each in models:
        numbers = (f"{each.hashrate_ths:g}", f"{each.power_w:g}", f"{each.j_per_th:.1f}")
        prices = (_price(each.price_new_usd_per_ths), _price(each.price_used_usd_per_ths))
        trust = f"{each.spec_confidence}/{each.price_confidence}"
        table.add_row(*map(Text, (each.name, *numbers, *prices, each.cooling, each.released, trust)))
    return table


def _price(usd_per_ths: float | None) -> str:
    return "-" if usd_per_ths is None else f"{usd_per_ths:.1f}"


def _nearest(words: str) -> str:
    try:
        return f"; did you mean {model(words).name}?"
    except UnknownModel as unknown:
        return f"; did you mean {', '.join(unknown.nearest)}?" if unknown.nearest else ""
