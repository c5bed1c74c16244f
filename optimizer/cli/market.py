"""`rigshift market`: the figures that studies start from; `rigshift market refresh`: newer ones, checked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from optimizer.cli import terminal
from optimizer.cli.faults import DONE
from optimizer.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from optimizer.market import MarketPoint
    from optimizer.market.refresh import Refreshed

T = TypeVar("T")
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]

app = typer.Typer(help="Price, difficulty, fees and hashprice that studies start from; and newer ones.")


@app.callback(invoke_without_command=True)
def market(
    context: typer.Context,
    study: Annotated[
        Path | None, typer.Option("--study", metavar="STUDY", help="Show this study's path instead.")
    ] = None,
    json: Json = False,
) -> None:
    """Show price, difficulty, fees, hashprice and halving with their dates; with --study, a study's path."""
    if context.invoked_subcommand is not None:
        return
    if study is not None:
        _show_study(study, json)
    else:
        _show_sheets(json)


@app.command()
def refresh(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV with month, days, price_usd, difficulty, fees_btc_per_block.",
            show_default=False,
        ),
    ],
    source: Annotated[
        str | None, typer.Option("--source", help="Where the file was downloaded; kept beside its figures.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and show; write nothing.")] = False,
    json: Json = False,
) -> None:
    """Check a file of newer months and put them into your own copy; studies use it with start: refreshed."""
    from optimizer.cli.market_file import read_market_file
    from optimizer.market.refresh import refreshed
    from optimizer.market.user_copy import copy_path, replace_copy

    there = _newest_history()
    read = read_market_file(file)
    told = f"{source or file.name}, file sha256 {read.sha256[:12]}, read {date.today()}"
    confidence = "unsourced" if source is None else "medium"
    found = refreshed(there, read.rows, str(file), told, confidence, date.today())
    if not dry_run:
        try:
            replace_copy(found.text)
        except OSError as error:
            rule = f"cannot be written: {error.strerror}"
            raise _refused(copy_path(), rule, "set RIGSHIFT_DATA to a folder that can be written") from error
    written = None if dry_run else copy_path()
    if json:
        terminal.document({**_changes(found), "ignored": read.ignored, "written": written, "exit_code": DONE})
    else:
        _tell(found, read.ignored, written)


def _show_sheets(json: bool) -> None:
    from optimizer.cli import market_sheet

    found = _with_copy_told(lambda: market_sheet.sheets(date.today()))
    if json:
        terminal.document({**{each.word: market_sheet.as_dict(each) for each in found}, "exit_code": DONE})
        return
    for each in found:
        terminal.show(*market_sheet.screen(each))


def _show_study(file: Path, json: bool) -> None:
    from optimizer.cli import market_sheet
    from optimizer.config import Study

    read = Study.from_yaml(file)
    try:
        facts, rows = market_sheet.study_facts(read), market_sheet.study_months(read)
    except (LookupError, ValueError) as error:
        raise ConfigError([read.problem_at(("market",), None, str(error), "")]) from error
    if json:
        terminal.document({"study": read.name, **facts, "path": rows, "exit_code": DONE})
    else:
        terminal.show(*market_sheet.study_screen(read.name, facts, rows))


def _newest_history() -> Sequence[MarketPoint]:
    """What newer months are joined to: the user's copy, unless the bundled history has overtaken it."""
    from optimizer.cli import market_sheet

    found = _with_copy_told(lambda: market_sheet.sheets(date.today()))
    return max(found, key=lambda sheet: sheet.newest.last_day).points


def _with_copy_told(read: Callable[[], T]) -> T:
    """The same, with a copy that cannot be read told as what it is."""
    from optimizer.market.user_copy import copy_path

    try:
        return read()
    except (OSError, ValueError, KeyError) as error:
        remedy = "delete it, then run `rigshift market refresh FILE` again"
        raise _refused(copy_path(), f"cannot be read: {error}", remedy) from error


def _changes(found: Refreshed) -> dict[str, Any]:
    from optimizer.cli.market_sheet import point_as_dict

    return {
        "added": [point_as_dict(each) for each in found.added],
        "replaced": [
            {"before": point_as_dict(before), "after": point_as_dict(after)}
            for before, after in found.replaced
        ],
    }


def _tell(found: Refreshed, ignored: Sequence[str], written: Path | None) -> None:
    for old, new in found.replaced:
        print(f"{new.month}  was {old.days} days: {_figures(old)}")
        print(f"         now {new.days} days: {_figures(new)}")
    for each in found.added:
        print(f"{each.month}  new, {each.days} days: {_figures(each)}")
    if ignored:
        terminal.say(f"columns not needed: {', '.join(ignored)}")
    done = "nothing was written (--dry-run)" if written is None else f"written to {written}"
    terminal.say(f"{done}; studies use it with market.start: refreshed")


def _figures(each: MarketPoint) -> str:
    return (
        f"{each.btc_price_usd:,.0f} USD, {each.difficulty / 1e12:,.2f}T, {each.fees_btc_per_block:.5f} BTC, "
        f"{1000 * each.hashprice_usd_per_ths_day:.2f} USD/PH/day"
    )


def _refused(file: Path, rule: str, remedy: str) -> ConfigError:
    return ConfigError([Problem(str(file), None, "", "", rule, remedy)])
