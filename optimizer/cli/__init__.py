"""The command line: what each command reads, calls and prints. Documented in docs/cli.md."""

from __future__ import annotations

import os
import re
import signal
import sys
import traceback
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from optimizer.cli import market, prices, terminal, zones
from optimizer.cli.faults import DONE, STOPPED, WORST_FIRST, Cancelled, fault_of, told, told_in_row
from optimizer.cli.isolation import is_left_behind, isolated

if TYPE_CHECKING:
    from optimizer.plan import Plan

# The numeric libraries are imported inside the commands: help and the catalogue start without them.


SOUTH_OR_WEST = re.compile(r"-\s*\d")


class Form(StrEnum):
    """How tables are written."""

    CSV = "csv"
    PARQUET = "parquet"


class LawSwitch(StrEnum):
    """What counts as law; the names are those of a study's key `law`."""

    in_force = "in_force"
    announced = "announced"
    strict = "strict"


class _Commands(TyperGroup):
    """The one place where failures become messages and exit codes, whatever the command."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, typer.Abort):
            raise Cancelled("cancelled; nothing was written") from None

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        given = list(sys.argv[1:] if args is None else args)
        wanted = [each for each in given if each != "--debug"]
        try:
            code = super().main(wanted, prog_name, complete_var, False, windows_expand_args, **extra)
        except Exception as error:
            if "--debug" in given:
                traceback.print_exc()
            code = _fail(error, as_json="--json" in given)
        _end(code if isinstance(code, int) else DONE)


class _PlaceCommand(TyperCommand):
    """A command to which -25.3,-57.6 is a place and not an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [f" {each}" if SOUTH_OR_WEST.match(each) else each for each in args])


app = typer.Typer(
    name="rigshift",
    cls=_Commands,
    help="Where every bitcoin miner of a fleet should stand, month by month, under power prices and the law.",
    epilog="Exit codes: 0 a plan, 2 bad input, 3 infeasible, 4 stopped before proof, 5 solver, 130 Ctrl-C.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY", help="A YAML file.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]
TableForm = Annotated[Form, typer.Option("--form", help="Form of the tables.")]


app.add_typer(market.app, name="market")
app.add_typer(zones.app, name="zones")
app.add_typer(prices.app, name="prices")


def main() -> None:
    """The `rigshift` command."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # asked to end by a program: as if by Ctrl-C
    app()


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of any error.")] = False,
) -> None:
    if show_version:
        from importlib.metadata import version

        print(f"rigshift {version('rigshift')}")
    elif context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def solve(
    study: StudyFile,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Write tables, manifest and this screen here."),
    ] = None,
    form: TableForm = Form.CSV,
    json: Json = False,
) -> None:
    """Find the best plan: what to move, buy, sell and idle, and what it is worth against staying put."""
    from optimizer.cli.destination import check_destinations

    if out is not None:
        check_destinations([out])
    plan = _solved(study)
    if not json:  # before it is written: a full disk must not cost the answer
        from optimizer.screen import screen

        terminal.show(screen(plan))
    if out is not None:
        plan.save(out, form.value)
        if not json:
            files = f"the tables as {form.value}, money.xlsx, manifest.json, plan.txt"
            terminal.say(f"\nwritten to {out}: {files}")
    code = STOPPED if plan.status == "stopped with a plan" else DONE
    if json:
        terminal.document({"plan": _as_dict(plan), "written": out, "exit_code": code})
    raise typer.Exit(code)


@app.command()
def check(study: StudyFile, json: Json = False) -> None:
    """Check a study and show, without solving, what the law leaves of every site and month."""
    from optimizer.cli import legal_grid
    from optimizer.config import Study
    from optimizer.prepare import prepare

    read = Study.from_yaml(study)
    prepared = prepare(read)
    if json:
        terminal.document({**legal_grid.as_dict(read, prepared), "exit_code": DONE})
    else:
        terminal.show(legal_grid.screen(read, prepared, terminal.width()))


@app.command(cls=_PlaceCommand)
def law(
    place: Annotated[
        list[str],
        typer.Argument(
            metavar="PLACE", help="Coordinates (52.3,104.3), a code (RU-IRK) or a name.", show_default=False
        ),
    ],
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="The day, e.g. 2027-01-15; today if left out.")
    ] = None,
    district: Annotated[
        str | None, typer.Option("--district", help="Municipality, where the law differs within a region.")
    ] = None,
    switch: Annotated[
        LawSwitch, typer.Option("--law", help="What counts as law besides what is in force.")
    ] = LawSwitch.announced,
    json: Json = False,
) -> None:
    """Show the law on mining at a place: what holds, since when, until when, by which act, how sure."""
    from optimizer.cli import law_screen, law_sheet

    found = law_sheet.sheet(" ".join(" ".join(place).split()), _day(on), district, switch.value)
    if json:
        terminal.document({**law_sheet.as_dict(found), "exit_code": DONE})
    else:
        terminal.show(*law_screen.screen(found, terminal.width()))


@app.command("places")
def places_of(study: StudyFile, json: Json = False) -> None:
    """Show where a study's sites are: region, district, clock, climate, and how far from each other."""
    from optimizer.cli import place_sheet
    from optimizer.config import Study
    from optimizer.prepare import prepare

    with terminal.progress() as tell:
        tell("checking the study")
        read = Study.from_yaml(study)
        found = place_sheet.sheet(read, prepare(read), tell)
    if json:
        terminal.document({**place_sheet.as_dict(found), "exit_code": DONE})
    else:
        terminal.show(*place_sheet.screen(found))


@app.command()
def breakevens(
    study: StudyFile,
    period: Annotated[
        str | None,
        typer.Option("--period", metavar="MONTH", help="As the plan names it; the first if left out."),
    ] = None,
    json: Json = False,
) -> None:
    """Show which power price each machine bears at each site, and the hashprice that it needs."""
    from optimizer.cli import breakeven_sheet
    from optimizer.config import Study
    from optimizer.prepare import breakevens_of, prepare

    prepared = prepare(Study.from_yaml(study))
    data = prepared.inputs
    asked = data.periods[0] if period is None else period
    if asked not in data.periods:
        raise typer.BadParameter(f"{asked!r} is no period of the study; they are {', '.join(data.periods)}")
    found = breakevens_of(prepared, None if json and period is None else [asked])
    if json:
        terminal.document({**breakeven_sheet.as_dict(found), "exit_code": DONE})
        return
    hashprice = float(prepared.market_path.hashprice_usd_per_ths_day[data.periods.index(asked)])
    terminal.show(*breakeven_sheet.screen(found, asked, hashprice))


@app.command("map")
def law_map(
    study: StudyFile,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="The page, e.g. law.html.", show_default=False)
    ],
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="The day first shown; the study's first if left out."),
    ] = None,
    start_on: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="First day of the slider; the study's if left out."),
    ] = None,
    json: Json = False,
) -> None:
    """Draw the law, the study's zones and its sites as one page with a date slider; it needs no network."""
    from optimizer.cli import study_map
    from optimizer.config import Study

    starts_on, opens_on = (None if text is None else _day(text) for text in (start_on, on))
    with terminal.progress() as tell:
        tell("drawing the law and the study on a map")
        read = Study.from_yaml(study)
        study_map.check_target(out, read)
        page = study_map.page(read, starts_on, opens_on)
    study_map.write(out, page)
    if json:
        terminal.document({"written": [out], "bytes": len(page.encode()), "exit_code": DONE})
    else:
        terminal.say(f"written to {out} ({len(page.encode()) / 1e6:.1f} MB); open it in any browser")


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Made if needed.", show_default=False)],
    json: Json = False,
) -> None:
    """Write a commented study with fleet.csv and sites.csv to start from."""
    from optimizer.templates import write_template

    files = write_template(directory)
    steps = [f"rigshift check {files[0]}", f"rigshift solve {files[0]} -o {directory / 'plan'}"]
    if json:
        terminal.document({"files": files, "next": steps, "exit_code": DONE})
        return
    print(f"written: {', '.join(str(file) for file in files)}\n\nIt solves as it is. Next:")
    print(f"  {steps[0]}\n  {steps[1]}\nThen put your own figures in; comments in {files[0].name} say how.")


@app.command()
def catalogue(
    text: Annotated[
        list[str] | None, typer.Argument(help="Words of vendor, name or cooling.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Show ASIC models: TH/s, W, J/TH, prices, source and confidence."""
    from optimizer.catalogue import find

    words = " ".join(text or [])
    models = find(words)
    if json:
        from dataclasses import asdict

        terminal.document({"models": [asdict(model) for model in models], "exit_code": DONE})
        return
    from optimizer.cli import model_list

    terminal.show(*model_list.screen(models, words, terminal.width()))


@app.command()
def schema(json: Json = False) -> None:
    """Print the JSON Schema of the study file, for editors (JSON with and without --json)."""
    from json import dumps

    from optimizer.config import study_schema

    print(dumps(study_schema(), indent=2))


@app.command()
def batch(
    studies: Annotated[list[Path], typer.Argument(metavar="STUDIES", help="YAML files.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="DIR", help="Each plan goes to DIR/<study name>.", show_default=False
        ),
    ],
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Studies at a time.")] = 1,
    form: TableForm = Form.CSV,
    json: Json = False,
) -> None:
    """Solve many studies in processes; one summary of all. The exit code is that of the worst."""
    from optimizer.cli import batch_run, batch_summary

    tasks = batch_run.tasks_of(studies)
    with terminal.progress() as progress:
        rows = batch_run.solve_all(tasks, out, jobs, form.value, progress)
    code = min((row.exit_code for row in rows), key=WORST_FIRST.index)
    if json:
        terminal.document({**batch_run.as_dict(rows), "written": out, "exit_code": code})
    else:
        terminal.show(batch_summary.table(rows))
        for row in rows:
            if row.error is not None:
                terminal.say("")
                terminal.say(f"{row.file}: {told_in_row(row.error)}", "bold red")
        terminal.say(f"\nwritten to {out}: summary.csv, summary.json and the plans")
    raise typer.Exit(code)


def _day(text: str | None) -> date:
    """The day of an option; today when it is left out."""
    if text is None:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write it as 2027-01-15") from None


def _solved(study: Path) -> Plan:
    with terminal.progress() as progress:
        progress("reading the study")

        def work() -> Plan:
            from optimizer import Study, solve

            return solve(Study.from_yaml(study), progress=progress)

        return isolated(work)


def _as_dict(plan: Plan) -> dict[str, Any]:
    """The summary and the tables that a decision needs; all others are in the plan's directory."""
    names = ("moves", "purchases", "sales", "binding", "zeros", "law")
    return {**plan.summary(), **{name: plan.tables[name].to_dict("records") for name in names}}


def _fail(error: Exception, *, as_json: bool) -> int:
    fault = fault_of(error)
    if as_json:
        terminal.document({"error": fault.as_dict(), "exit_code": fault.exit_code})
    else:
        terminal.say(told(fault), "bold red")
    return fault.exit_code


def _end(code: int) -> NoReturn:
    """Exit; without waiting, if a cancelled solver still runs: it hears of it only between its own steps."""
    if is_left_behind():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
