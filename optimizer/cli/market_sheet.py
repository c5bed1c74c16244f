"""The market on a screen and as a document: where it stands, how it came there, where a study sees it go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from optimizer import market
from optimizer.market import MarketPoint

if TYPE_CHECKING:
    from optimizer.config import Study

MONTHS_SHOWN = 12
YEARS_BACK = (1, 2, 3, 5)
PACES = (-0.2, 0.0, 0.2, 0.5)  # growth of the network, share a year


@dataclass(frozen=True)
class Sheet:
    """One history of the network, as of a day."""

    word: str  # what a study writes as market.start
    file: Path | None
    sha256: str | None
    points: tuple[MarketPoint, ...]
    today: date

    @property
    def newest(self) -> MarketPoint:
        return self.points[-1]

    @property
    def is_stale(self) -> bool:
        return self.newest.age_days(self.today) > market.STALE_AFTER_DAYS


def sheets(today: date) -> list[Sheet]:
    """The bundled history, and the user's copy where there is one. Raises OSError, ValueError, KeyError."""
    found = [Sheet("bundled", None, None, market.history(), today)]
    copy = market.user_copy()
    if copy is not None:
        found.append(Sheet("refreshed", copy.path, copy.sha256, market.read_history(copy.text), today))
    return found


def as_dict(sheet: Sheet) -> dict[str, Any]:
    newest = sheet.newest
    return {
        "start": sheet.word,
        "file": sheet.file,
        "sha256": sheet.sha256,
        **point_as_dict(newest),
        "age_days": newest.age_days(sheet.today),
        "is_stale": sheet.is_stale,
        "halving": _halving_as_dict(newest),
        "growth_share_per_year": _growth(sheet.points),
        "last_months": [point_as_dict(each) for each in sheet.points[-MONTHS_SHOWN:]],
        "source": newest.source,
        "confidence": newest.confidence,
    }


def point_as_dict(each: MarketPoint) -> dict[str, Any]:
    return {
        "month": each.month,
        "days": each.days,
        "last_day": each.last_day,
        "btc_price_usd": each.btc_price_usd,
        "difficulty": each.difficulty,
        "network_hashrate_ehs": each.network_ehs,
        "fees_btc_per_block": each.fees_btc_per_block,
        "hashprice_usd_per_ths_day": each.hashprice_usd_per_ths_day,
        "hashprice_btc_per_phs_day": each.hashprice_btc_per_phs_day,
    }


def screen(sheet: Sheet) -> Iterator[RenderableType]:
    """One sheet for people."""
    newest, age = sheet.newest, sheet.newest.age_days(sheet.today)
    where = f", {sheet.file} (sha256 {sheet.sha256[:12]})" if sheet.sha256 else ""
    yield Text(f"market.start: {sheet.word}{where}", style="bold")
    stale = f", older than {market.STALE_AFTER_DAYS}: refresh it" if sheet.is_stale else ""
    yield Text(
        f"  {newest.month}, means of {newest.days} days to {newest.last_day}; {age} days old on "
        f"{sheet.today}{stale}",
        style="yellow" if sheet.is_stale else "",
    )
    yield from (Text(f"  {line}") for line in _lines(newest))
    yield Text(f"\nlast {MONTHS_SHOWN} months", style="bold")
    yield _months(sheet.points[-MONTHS_SHOWN:])
    yield Text(f"\ngrowth a year to {newest.month}", style="bold")
    yield _growth_table(sheet.points)
    yield Text(f"source: {newest.source}; confidence {newest.confidence}\n", style="dim")


def study_months(study: Study) -> list[dict[str, Any]]:
    """The path of a study, a row for each of its periods. Raises ConfigError."""
    from optimizer.prepare.market import market_of, treasury_share

    periods = study.horizon.periods()
    _, path = market_of(study, periods)
    kept = treasury_share(study.market, periods)
    none = [None] * len(periods)
    difficulties = none if path.difficulty is None else path.difficulty
    rewards = none if path.reward_btc_per_block is None else path.reward_btc_per_block
    return [
        {
            "period": period.name,
            "btc_price_usd": path.btc_price_usd[m],
            "difficulty": difficulties[m],
            "reward_btc_per_block": rewards[m],
            "hashprice_usd_per_ths_day": path.hashprice_usd_per_ths_day[m],
            "hashprice_btc_per_phs_day": 1000 * path.btc_per_ths_day[m],
            "treasury_share": kept[m],
        }
        for m, period in enumerate(periods)
    ]


def study_facts(study: Study) -> dict[str, Any]:
    """What the path of a study starts from and ends at. Raises ConfigError."""
    from optimizer.prepare.market import end_btc_price_usd, market_of, next_halving

    start, path = market_of(study, study.horizon.periods())
    return {
        "start": study.market.start if isinstance(study.market.start, str) else "stated",
        **point_as_dict(start),
        "source": start.source,
        "confidence": start.confidence,
        "next_halving": next_halving(study.market, start),
        "halving": str(study.market.halving),
        "end_btc_price_usd": end_btc_price_usd(study.market, path),
    }


def study_screen(
    name: str, facts: dict[str, Any], rows: Sequence[dict[str, Any]]
) -> Iterator[RenderableType]:
    """A study's path for people."""
    yield Text(f"{name}: market from {facts['start']}, {facts['month']} to {facts['last_day']}", style="bold")
    yield Text(
        f"  {facts['btc_price_usd']:,.0f} USD/BTC, difficulty {facts['difficulty'] / 1e12:,.2f}T; "
        f"{facts['source']} ({facts['confidence']})"
    )
    yield Text(f"  next halving {facts['next_halving']} (market.halving: {facts['halving']})\n")
    table = _table("period", ("USD/BTC", "difficulty T", "BTC/block", "USD/PH/day", "BTC/PH/day", "kept"))
    for row in rows:
        table.add_row(
            row["period"],
            f"{row['btc_price_usd']:,.0f}",
            "given" if row["difficulty"] is None else f"{row['difficulty'] / 1e12:,.2f}",
            "given" if row["reward_btc_per_block"] is None else f"{row['reward_btc_per_block']:.4f}",
            f"{1000 * row['hashprice_usd_per_ths_day']:.2f}",
            f"{row['hashprice_btc_per_phs_day']:.6f}",
            f"{row['treasury_share']:.0%}",
        )
    yield table
    yield Text(f"\non the last day {facts['end_btc_price_usd']:,.0f} USD/BTC", style="dim")


def _lines(newest: MarketPoint) -> Iterator[str]:
    yield f"price       {newest.btc_price_usd:,.0f} USD/BTC"
    yield f"difficulty  {newest.difficulty / 1e12:,.2f}T, {newest.network_ehs:,.0f} EH/s at 600 s a block"
    yield f"fees        {newest.fees_btc_per_block:.5f} BTC per block"
    yield (
        f"hashprice   {1000 * newest.hashprice_usd_per_ths_day:.2f} USD/PH/day, "
        f"{newest.hashprice_btc_per_phs_day:.6f} BTC/PH/day"
    )
    halving = _halving_as_dict(newest)
    yield (
        f"halving     {halving['date']} at block {halving['height']:,}: {halving['blocks_left']:,} blocks of "
        f"10 minutes after block {halving['known_height']:,} of {halving['known_day']}"
    )
    paces = ", ".join(f"{each['day']} at {each['growth']:+.0%}" for each in halving["by_pace"])
    yield f"            by the network's growth a year (market.halving: pace): {paces}"


def _halving_as_dict(newest: MarketPoint) -> dict[str, Any]:
    known, height = market.known_block(newest.last_day), market.NEXT_HALVING * market.BLOCKS_PER_HALVING
    dates = {
        share: market.halving_date(market.NEXT_HALVING, known, market.growing_difficulty(newest, share))
        for share in PACES
    }
    return {
        "date": market.halving_date(market.NEXT_HALVING, known),
        "height": height,
        "known_height": known.height,
        "known_day": known.day,
        "blocks_left": height - known.height,
        "by_pace": [{"growth": share, "day": day} for share, day in dates.items()],
    }


def _growth(points: Sequence[MarketPoint]) -> dict[str, dict[str, float]]:
    """Yearly growth to the newest month from the same month of earlier years."""
    newest, names = points[-1], ("btc_price_usd", "difficulty", "hashprice_usd_per_ths_day")
    return {
        str(years): {
            name: (getattr(newest, name) / getattr(points[-1 - 12 * years], name)) ** (1 / years) - 1
            for name in names
        }
        for years in YEARS_BACK
        if len(points) > 12 * years
    }


def _growth_table(points: Sequence[MarketPoint]) -> Table:
    table = _table("over", ("price", "difficulty", "hashprice USD"))
    for years, rates in _growth(points).items():
        table.add_row(f"{years} y", *(f"{rate:+.1%}" for rate in rates.values()))
    return table


def _months(points: Sequence[MarketPoint]) -> Table:
    table = _table(
        "month", ("days", "USD/BTC", "difficulty T", "EH/s", "fees BTC", "USD/PH/day", "BTC/PH/day")
    )
    for each in points:
        table.add_row(
            each.month,
            str(each.days),
            f"{each.btc_price_usd:,.0f}",
            f"{each.difficulty / 1e12:,.2f}",
            f"{each.network_ehs:,.0f}",
            f"{each.fees_btc_per_block:.4f}",
            f"{1000 * each.hashprice_usd_per_ths_day:.2f}",
            f"{each.hashprice_btc_per_phs_day:.6f}",
        )
    return table


def _table(first: str, numbers: Sequence[str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table
