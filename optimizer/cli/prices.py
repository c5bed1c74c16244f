"""`rigshift prices check`: what a price file holds, and what machines would earn on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.cli import terminal
from optimizer.cli.faults import DONE
from optimizer.errors import ConfigError, Problem

if TYPE_CHECKING:
    from optimizer.catalogue import Model
    from optimizer.cli.price_guess import Reading
    from optimizer.cli.price_sheet import Sheet, Site

app = typer.Typer(help="Price files: what they hold, and whether a study can use them.", no_args_is_help=True)


@app.callback()
def prices() -> None:
    """Price files: what they hold, and whether a study can use them."""


@app.command()
def check(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV (also .gz) or Parquet.", show_default=False)
    ],
    unit: Annotated[
        str | None, typer.Option(help="Unit of the prices, e.g. USD/MWh; left out: from the heading.")
    ] = None,
    time: Annotated[
        str | None, typer.Option(help="What stamps name: utc_start, utc_ending, local_start, local_ending.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Clock of local stamps, e.g. America/Edmonton.")
    ] = None,
    time_column: Annotated[str | None, typer.Option(help="Heading of the stamps.")] = None,
    price_column: Annotated[str | None, typer.Option(help="Heading of the prices.")] = None,
    per_usd: Annotated[
        float | None, typer.Option(min=1e-9, help="Units of the file's currency per 1 USD, e.g. 1.39.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="A catalogue model; may be given again. Left out: all.")
    ] = None,
    hashprice: Annotated[
        str | None, typer.Option(help="'32.5 USD/PH/day'; left out: the newest bundled month.")
    ] = None,
    adder: Annotated[
        str, typer.Option(help="Delivery and levies on top of the index, e.g. '5 USD/MWh'.")
    ] = "0 USD/MWh",
    pue: Annotated[float, typer.Option(min=1.0, help="Meter over wall.")] = 1.0,
    real_time: Annotated[
        bool, typer.Option("--real-time", help="Also: margin when only the last price is known.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")
    ] = False,
) -> None:
    """Check a file of prices: what it covers, its quantiles by year, gaps, and what machines would earn."""
    from optimizer.cli.price_guess import Reading

    sheet = _read(file, Reading(time_column, price_column, unit, time, timezone), per_usd)
    models, site = _models(model), _site(hashprice, adder, pue, real_time)
    if json:
        terminal.document({**sheet.as_dict(models, site), "exit_code": DONE})
    else:
        from optimizer.cli import price_screen

        terminal.show(*price_screen.screen(sheet, models, site, terminal.width()))


def _read(file: Path, given: Reading, per_usd: float | None) -> Sheet:
    from optimizer.cli.price_guess import complete
    from optimizer.cli.price_sheet import Sheet
    from optimizer.tariffs.price_columns import file_bytes
    from optimizer.tariffs.price_file import read_series

    _check_clock(given)
    reading, guessed = complete(file, file_bytes(file), given)
    rate, has_rate = _usd_per_kwh(str(reading.unit), per_usd)
    series = read_series(
        file,
        str(reading.time_column),
        str(reading.price_column),
        usd_per_kwh_of_unit=rate,
        stamps=reading.stamps,
    )
    return Sheet(file, reading, guessed, series, has_rate)


def _check_clock(given: Reading) -> None:
    from pydantic_core import PydanticCustomError

    from optimizer.sections.sites import known_zone

    if given.timezone is not None:
        try:
            known_zone(given.timezone)
        except PydanticCustomError as error:
            told = error.context or {}
            raise _refused("--timezone", given.timezone, error.message(), str(told["remedy"])) from error
    if given.time is None:
        return
    words = ("utc_start", "utc_ending", "local_start", "local_ending")
    if given.time not in words:
        raise _refused("--time", given.time, "is not known", f"write one of {', '.join(words)}")
    if given.time.startswith("local") != (given.timezone is not None):
        raise _refused(
            "--time", given.time, "does not go with the clock", "give --timezone with local times alone"
        )


def _usd_per_kwh(unit: str, per_usd: float | None) -> tuple[float, bool]:
    """USD of one unit of the prices, and whether it is known; if not, the file's own money stands in."""
    from optimizer.cli.price_guess import CURRENCIES
    from optimizer.units import QuantityError, read_quantity

    def at(rate: float) -> float:
        return read_quantity(f"1 {unit}", "usd_per_kwh", dict.fromkeys(CURRENCIES.split(), rate))

    try:
        rate, is_usd = at(per_usd or 1.0), at(1.0) == at(2.0)
    except QuantityError as error:
        raise _refused("--unit", unit, error.rule, error.remedy) from error
    if is_usd and per_usd is not None:
        raise _refused("--per-usd", f"{per_usd:g}", "is given, but prices are in USD", "leave it out")
    return rate, is_usd or per_usd is not None


def _models(names: list[str] | None) -> list[Model]:
    from optimizer.catalogue import UnknownModel, model, models

    if not names:
        return list(models().values())
    try:
        return [model(name) for name in names]
    except UnknownModel as unknown:
        hint = f"did you mean {', '.join(unknown.nearest)}?" if unknown.nearest else "see rigshift catalogue"
        raise _refused("--model", unknown.name, "is not in the catalogue", hint) from unknown


def _site(hashprice: str | None, adder: str, pue: float, is_real_time: bool) -> Site:
    from optimizer.cli.price_sheet import Site
    from optimizer.market import bundled_start

    adder_usd = _quantity("--adder", adder, "usd_per_kwh")
    if hashprice is not None:
        given = _quantity("--hashprice", hashprice, "usd_per_ths_day")
        if given <= 0:
            raise _refused("--hashprice", hashprice, "is not above 0", "write e.g. '32.5 USD/PH/day'")
        return Site(given, "as given", adder_usd, pue, is_real_time)
    point = bundled_start()
    source = f"bundled market, mean of {point.month} up to {point.last_day}"
    return Site(point.hashprice_usd_per_ths_day, source, adder_usd, pue, is_real_time)


def _quantity(option: str, text: str, unit: str) -> float:
    from optimizer.units import QuantityError, read_quantity

    try:
        return read_quantity(text, unit, {})
    except QuantityError as error:
        raise _refused(option, text, error.rule, error.remedy) from error


def _refused(option: str, value: str, rule: str, remedy: str) -> ConfigError:
    return ConfigError([Problem("command line", None, option, repr(value), rule, remedy)])
