"""`rigshift zones import`: polygons of any format checked, cleaned and ready for a study."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer.cli import terminal
from optimizer.cli.faults import DONE
from optimizer.errors import ConfigError, Problem

if TYPE_CHECKING:
    from rich.console import RenderableType

    from geodata.zones import Zone, ZoneFile

GEOJSON = (".geojson", ".json")
STATED_ERROR_KM = 0.2  # of surveyed borders drawn at 1:100,000; the snippet shows where to put one's own
PLAIN_TEXT = re.compile(r"[A-Za-z][\w ./-]*\w")  # as YAML takes it without quotes
YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})

app = typer.Typer(
    help="Own zones: areas that a study closes or allows, and exact district borders.", no_args_is_help=True
)


@app.callback()
def zones() -> None:
    """Own zones: areas that a study closes or allows, and exact district borders."""


@app.command("import")
def import_zones(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="GeoJSON, GeoPackage, zipped shapefile or WKT.", show_default=False
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="OUT", help="GeoJSON to write; left out: zones/<name>.geojson."),
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="The polygons are the districts of this region, e.g. RU-IRK.")
    ] = None,
    name_field: Annotated[str | None, typer.Option(help="Property that names them; left out: name.")] = None,
    layer: Annotated[str | None, typer.Option(help="Layer of a file with several.")] = None,
    crs: Annotated[str | None, typer.Option(help="Coordinate system, if the file says none.")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")
    ] = False,
) -> None:
    """Check and repair polygons, write them as clean GeoJSON and show what to put into the study."""
    from geodata.zones import read_zones

    target = _destination(file, out)
    source = file.resolve()  # the user named it, so a link of theirs is followed
    with _problems_of(file):
        read = read_zones(source.name, source.parent, layer=layer, name_field=name_field, crs=crs)
        rows = _rows(read, region)
        _write(target, [zone for zone, _ in rows])
    snippet = _district_snippet(region, target) if region else _zone_snippet(rows, target)
    if json:
        found = [{"name": zone.name, **facts} for zone, facts in rows]
        terminal.document(
            {"zones": found, "repairs": read.repairs, "written": target, "yaml": snippet, "exit_code": DONE}
        )
        return
    terminal.show(*_screen(rows, read))
    print(snippet)  # as it is: lines that the screen wraps would have to be mended after copying
    terminal.say(f"\nwritten to {target}")


@contextmanager
def _problems_of(file: Path) -> Iterator[None]:
    from geodata.errors import GeodataError

    try:
        yield
    except GeodataError as error:
        rule, _, remedy = str(error).removeprefix(f"{file.resolve().name} ").partition("; ")
        raise _refused(file, rule, remedy) from error


def _refused(file: Path, rule: str, remedy: str) -> ConfigError:
    return ConfigError([Problem(str(file), None, "", "", rule, remedy)])


def _destination(file: Path, out: Path | None) -> Path:
    target = out or Path("zones") / f"{file.stem}.geojson"
    if target.suffix.lower() not in GEOJSON:
        raise _refused(target, "is not the name of a GeoJSON file", "name one that ends with .geojson")
    if target.exists() and file.exists() and target.samefile(file):
        raise _refused(target, "is the file that is read", "name another one with -o")
    return target


def _in_study(target: Path) -> str:
    """The file as a study in the current folder names it; elsewhere by its name alone, as one beside it."""
    here, there = Path.cwd().resolve(), target.resolve()
    return there.relative_to(here).as_posix() if there.is_relative_to(here) else target.name


def _rows(read: ZoneFile, region: str | None) -> list[tuple[Zone, dict[str, Any]]]:
    """Each zone with what is to be said of it; with a region, named as its districts are."""
    from geodata.districts import match_district
    from geodata.zone_places import borders_from, share_outside, zone_regions

    if region is None:
        return [
            (zone, {"area_km2": zone.area_km2, "regions": dict(zone_regions(zone))}) for zone in read.zones
        ]
    borders_from(read, region, STATED_ERROR_KM)
    named = [replace(zone, name=match_district(region, zone.name)) for zone in read.zones]
    return [
        (zone, {"area_km2": zone.area_km2, "outside_share": share_outside(zone, region)}) for zone in named
    ]


def _write(target: Path, zones: list[Zone]) -> None:
    """In one step: a reader never sees half a file."""
    from geodata.zone_places import zones_geojson

    text = dumps(zones_geojson(zones), ensure_ascii=False) + "\n"
    half = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(exist_ok=True)  # and no more: a path that is half missing is misspelt
        try:
            half.write_text(text, encoding="utf-8")
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)
    except OSError as error:
        remedy = "name a file in a folder that exists and can be written"
        raise _refused(target, f"cannot be written: {error.strerror}", remedy) from error


def _zone_snippet(rows: list[tuple[Zone, dict[str, Any]]], target: Path) -> str:
    lines = [
        f"  - {{id: {_id(zone.name, number)}, effect: closed, file: {_yaml(_in_study(target))}, "
        f'zone: {_yaml(zone.name)}, from: 2027-01-01, to: 2028-12-31, act: "...", source: "..."}}'
        for number, (zone, _) in enumerate(rows, start=1)
    ]
    return "\n".join(["zones:", *lines])


def _district_snippet(region: str, target: Path) -> str:
    file = _yaml(_in_study(target))
    entry = f'  - {{region: {region}, file: {file}, error_km: {STATED_ERROR_KM}, source: "..."}}'
    return f"district_borders:\n{entry}"


def _id(name: str, number: int) -> str:
    """A plain name for the study, which people will change anyway."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
    return plain[:60] or f"zone-{number}"


def _yaml(text: str) -> str:
    """Quoted unless YAML reads it as the text it is."""
    is_plain = PLAIN_TEXT.fullmatch(text) and text.casefold() not in YAML_WORDS
    return text if is_plain else dumps(text, ensure_ascii=False)


def _screen(rows: list[tuple[Zone, dict[str, Any]]], read: ZoneFile) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("zone")
    table.add_column("km2", justify="right", no_wrap=True)
    table.add_column("outside the region" if "outside_share" in rows[0][1] else "lies in")
    for zone, facts in rows:
        table.add_row(Text(zone.name), f"{facts['area_km2']:,.1f}", _where(facts))
    yield table
    yield Text("\nrepaired" if read.repairs else "\nnothing had to be repaired", style="bold")
    yield from (Text(f"  {each}") for each in read.repairs)
    yield Text("\nfor the study, in whose folder the file must be", style="bold")


def _where(facts: dict[str, Any]) -> str:
    if "outside_share" in facts:
        return f"{facts['outside_share']:.1%}"
    regions: dict[str, float] = facts["regions"]
    told = [f"{region} {share:.0%}" for region, share in list(regions.items())[:4]]
    more = len(regions) - len(told)
    return (", ".join(told) + (f" and {more} more" if more > 0 else "")) or "the sea"
