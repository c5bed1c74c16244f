"""Opens files of polygons that users bring: GeoJSON, GeoPackage, zipped shapefile, WKT. Trusts none of them.

What a file is, its first bytes decide, not its name; GDAL is asked only for the two formats that need it, and
only after the container has been looked through.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.errors import GeodataError

ZIP, SQLITE, SHAPEFILE = b"PK\x03\x04", b"SQLite format 3\x00", b"\x00\x00\x27\x0a"
GEOPACKAGE_IDS = {b"GPKG", b"GP10", b"GP11"}
WKT_START = re.compile(r"\s*(SRID\s*=\s*\d+\s*;)?\s*[A-Z]+\s*([ZM]{1,2}\s*)?(\(|EMPTY)", re.IGNORECASE)
PLAIN_TABLE = re.compile(r"CREATE TABLE\b")
SPATIAL_INDEX = re.compile(r'CREATE VIRTUAL TABLE ("[^"]*"|\w+) USING (rtree|RTREE) ?\(')
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
NEEDED_PARTS = (".shp", ".shx")
NAME_KEYS = ("name", "title", "id")
SMALL_BYTES = 100_000  # a member this small is no bomb, however well it is packed
FORMATS = "bring GeoJSON, GeoPackage (.gpkg), a zipped shapefile (.zip) or WKT (.wkt)"


@dataclass(frozen=True)
class Limits:
    """What a file may hold at most."""

    file_bytes: int = 20_000_000
    unpacked_bytes: int = 100_000_000
    name_bytes: int = 1_000_000  # of all features together
    members: int = 50
    compression_ratio: float = 200.0
    vertices: int = 500_000  # once long edges of projections are cut
    zones: int = 1_000


class Shape(NamedTuple):
    """One feature as its file has it; no geometry where the file leaves it empty."""

    geometry: BaseGeometry | None
    properties: dict[str, Any]


class Content(NamedTuple):
    """All features of a file or layer. `crs` is what the file says of its coordinates, None when nothing."""

    shapes: tuple[Shape, ...]
    crs: str | None
    repairs: tuple[str, ...] = ()


def bytes_inside(path: Path | str, root: Path | str, limits: Limits) -> bytes:
    """The content of a file in the folder `root` or below it; symbolic links are not followed."""
    base = Path(os.path.abspath(root))
    target = Path(os.path.normpath(base / path))
    if base not in target.parents:
        raise GeodataError(f"lies outside {base}; copy it into the folder of the study")
    try:
        below = [each for each in (target, *target.parents) if base in each.parents]
        if any(each.is_symlink() for each in below):
            raise GeodataError("is reached by a symbolic link; copy the file itself into the study's folder")
        if not stat.S_ISREG(target.lstat().st_mode):
            raise GeodataError("is not a file; name a file of polygons")
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(target, flags), "rb") as file:
            data = file.read(limits.file_bytes + 1)
    except OSError as error:
        raise GeodataError(f"cannot be read: {error.strerror}; check name and permissions") from error
    except ValueError as error:  # a zero byte in the name
        raise GeodataError(f"cannot be read: {error}; check the name") from error
    if len(data) > limits.file_bytes:
        raise GeodataError(f"is larger than {limits.file_bytes / 1e6:.0f} MB; simplify the polygons")
    if _beside(target, "-wal"):
        raise GeodataError("has changes that are not saved (a -wal file); close it where it is open")
    return data


def _beside(target: Path, suffix: str) -> bool:
    companion = target.with_name(target.name + suffix)
    return companion.is_file() and companion.stat().st_size > 0


def text_of(data: bytes) -> str:
    """UTF-8 text, with or without a byte order mark."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise GeodataError(f"is none of the known formats, and not UTF-8 text either; {FORMATS}") from error


def read_shapefile(data: bytes, layer: str | None, name_field: str | None, limits: Limits) -> Content:
    """The features of a zipped shapefile; `layer`, needed where there are several, is its name sans .shp."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = _checked_members(archive, limits)
            stem = _chosen(layer, [name for name, part in members if part == ".shp"], "shapefile")
            parts = {part: archive.read(info) for (name, part), info in members.items() if name == stem}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise GeodataError(f"is a damaged or locked ZIP file: {error}; pack it again") from error
    if missing := [part for part in NEEDED_PARTS if part not in parts]:
        raise GeodataError(f"has {stem}.shp without {stem}{missing[0]}; add it to the ZIP file")
    if not parts[".shp"].startswith(SHAPEFILE):
        raise GeodataError(f"has a {stem}.shp that is no shapefile; export it again")
    with tempfile.TemporaryDirectory() as folder:
        for part, content in parts.items():
            (Path(folder) / f"zones{part}").write_bytes(content)
        return _read_by_gdal(Path(folder) / "zones.shp", None, name_field, limits)


def _checked_members(archive: zipfile.ZipFile, limits: Limits) -> dict[tuple[str, str], zipfile.ZipInfo]:
    """The shapefile parts by (name without ending, ending), after a look at every member."""
    infos = archive.infolist()
    if len(infos) > limits.members:
        raise GeodataError(f"packs {len(infos)} files, more than {limits.members}; pack the shapefile alone")
    if sum(info.file_size for info in infos) > limits.unpacked_bytes:
        raise GeodataError(
            f"unpacks to more than {limits.unpacked_bytes / 1e6:.0f} MB; simplify the polygons"
        )
    for info in infos:
        if fault := _fault_of(info, limits):
            raise GeodataError(f"packs {info.filename!r}, {fault}; pack the shapefile alone")
    found: dict[tuple[str, str], zipfile.ZipInfo] = {}
    for info in infos:
        path = PurePosixPath(info.filename)
        key = (path.stem, path.suffix.lower())
        if info.is_dir() or path.name.startswith("._") or key[1] not in SHAPEFILE_PARTS:
            continue
        if key in found:
            raise GeodataError(f"packs two files named {path.name}; pack one shapefile of each name")
        found[key] = info
    return found


def _fault_of(info: zipfile.ZipInfo, limits: Limits) -> str:
    path = PurePosixPath(info.filename)
    if path.is_absolute() or ".." in path.parts or re.search(r"[\\:\x00-\x1f]", info.filename):
        return "a path that leaves the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "a symbolic link"
    if info.flag_bits & 1:
        return "which is locked by a password"
    if info.file_size > SMALL_BYTES and info.file_size > limits.compression_ratio * info.compress_size:
        return f"packed more than {limits.compression_ratio:.0f} times, as no map is"
    return ""


def read_geopackage(data: bytes, layer: str | None, name_field: str | None, limits: Limits) -> Content:
    """The features of one layer of a GeoPackage."""
    if data[68:72] not in GEOPACKAGE_IDS:
        raise GeodataError(f"is an SQLite database, but no GeoPackage; {FORMATS}")
    unlogged = data[:18] + b"\x01\x01" + data[20:]  # not to wait for a log file that is not there
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.deserialize(unlogged)
            _check_plain(connection)
            chosen = _chosen(layer, _layers(connection), "layer of polygons")
            _check_cells(connection, chosen, name_field, limits)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise GeodataError(f"is a damaged GeoPackage: {error}; export it again") from error
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "zones.gpkg"
        file.write_bytes(unlogged)
        return _read_by_gdal(file, chosen, name_field, limits)


def _check_plain(connection: sqlite3.Connection) -> None:
    """Refuses all but tables of stored cells: what computes may do so without end, or to gigabytes."""
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master"):
        is_table = kind == "table" and (PLAIN_TABLE.match(sql or "") or SPATIAL_INDEX.match(sql or ""))
        is_kept_up = sql is None or re.match(r"CREATE (UNIQUE )?(INDEX|TRIGGER)\b", sql)
        if not (is_table or (kind in ("index", "trigger") and is_kept_up)):
            raise GeodataError(f"has {name!r}, which is computed; export the layer as a plain table")
    computed = connection.execute(
        "SELECT t.name, c.name FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c "
        "WHERE t.type NOT IN ('virtual', 'view') AND c.hidden IN (2, 3)"
    )
    for table, column in computed:
        raise GeodataError(f"has {table}.{column}, which is computed; export the layer as a plain table")


def _layers(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'")
    return [str(name) for (name,) in rows]


def _check_cells(connection: sqlite3.Connection, layer: str, name_field: str | None, limits: Limits) -> None:
    """Adds up the cells to be read: the default of a column is stored once and may fill all of them."""
    wanted = {key.casefold() for key in (*NAME_KEYS, name_field or "")}
    columns = [str(name) for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", [layer])]
    names = [name for name in columns if name.casefold() in wanted]
    found = connection.execute("SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", [layer])
    for cells, most in (
        (names, limits.name_bytes),
        ([str(name) for (name,) in found], limits.unpacked_bytes),
    ):
        total = 0
        for (size,) in connection.execute(
            f"SELECT {' + '.join(map(_size, cells)) or '0'} FROM {_quoted(layer)} LIMIT ?", [limits.zones + 1]
        ):
            if (total := total + size) > most:
                raise GeodataError(f"has more than {most / 1e6:.0f} MB in {', '.join(cells)}; simplify it")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _size(column: str) -> str:
    return f"coalesce(length(CAST({_quoted(column)} AS BLOB)), 0)"


def name_field_among(fields: Sequence[str], wanted: str | None) -> str | None:
    """The field that names the features: the one wanted, or else name, title or id, in any case."""
    keys = {field.casefold(): field for field in fields}
    looked_for = NAME_KEYS if wanted is None else (wanted.casefold(),)
    return next((keys[key] for key in looked_for if key in keys), None)


def _chosen(wanted: str | None, names: list[str], kind: str) -> str:
    if not names:
        raise GeodataError(f"holds no {kind}; {FORMATS}")
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted in names:
        return wanted
    fault = f"has no {kind} {wanted!r}" if wanted is not None else f"has more than one {kind}"
    raise GeodataError(f"{fault}; give as layer one of {', '.join(sorted(names)[:12])}")


def _read_by_gdal(file: Path, layer: str | None, name_field: str | None, limits: Limits) -> Content:
    from pyogrio import raw, read_info  # slow to load, and most studies bring no such file

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            fields = [str(field) for field in read_info(file, layer=layer)["fields"]]
            named = name_field_among(fields, name_field)
            meta, _, wkb, columns = raw.read(
                file,
                layer=layer,
                columns=[] if named is None else [named],
                force_2d=True,
                max_features=limits.zones + 1,
                datetime_as_string=True,
            )
            geometries = shapely.from_wkb(wkb)
        except Exception as error:  # what a damaged file makes GDAL raise is not ours to list
            fault = str(error).replace(str(file), "it").splitlines()[0]
            raise GeodataError(f"cannot be read: {fault}; export it again") from error
    unread = dict.fromkeys(fields)  # known by name, so that one of them can be said to be the name
    names = [None] * len(geometries) if named is None else columns[0].tolist()
    shapes = tuple(
        Shape(geometry, unread if named is None else {named: _plain(name)})
        for geometry, name in zip(geometries, names, strict=True)
    )
    warned = dict.fromkeys(str(each.message).replace(str(file), "the file") for each in told)
    return Content(shapes, meta["crs"], tuple(f"GDAL: {each}" for each in warned))


def _plain(value: Any) -> Any:
    """A cell as JSON has it."""
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def shapes_in(shapes: tuple[Shape, ...]) -> Iterator[tuple[int, BaseGeometry, dict[str, Any]]]:
    """Features with a geometry, numbered from 1 as the file has them."""
    for number, (geometry, properties) in enumerate(shapes, start=1):
        if geometry is not None and not geometry.is_empty:
            yield number, geometry, properties
