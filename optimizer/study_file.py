"""From a study file, and the tables and prices it names, to a Study: every fault, each with its line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from optimizer.config import Lot, Purchase, Refurbishment, Site, SourceFile, Study
from optimizer.cross_checks import Draft, cautions, check
from optimizer.errors import ConfigError, Problem, shown
from optimizer.market.user_copy import copy_path, user_copy
from optimizer.problems import Where, explained, missing_key, nearest, unknown_key
from optimizer.sections.base import Exchange, Id, Section
from optimizer.sections.market_tables import TABLES as MARKET_TABLES
from optimizer.tables import Row, read_table
from optimizer.tariffs import KINDS, AnyTariff, Hourly, Ppa, Tariff, price_file_of, unknown_kind
from optimizer.tariffs.price_columns import why_unreadable
from optimizer.tariffs.price_file import read_series
from optimizer.units import NUMBER, read_quantity
from optimizer.yaml_document import path_text, read_yaml

S = TypeVar("S", bound=Study)
LineOf = Callable[[Where], int | None]
IN_MEMORY = "(mapping)"

# Sections read entry by entry, so that one bad entry does not hide the others from the cross-checks.
LISTS: dict[str, type[Section]] = {
    "fleet": Lot,
    "sites": Site,
    "purchases": Purchase,
    "refurbishments": Refurbishment,
}


def load_yaml(path: Path, study: type[S]) -> S:
    """The study in a YAML file. Raises ConfigError with every problem of the file and of those it names."""
    document, raw = read_yaml(path)
    reader = _Reader(document.file, document.value, document.line, path.parent)
    reader.problems += document.repeated
    reader.sources.append(SourceFile(str(path), hashlib.sha256(raw).hexdigest()))
    return reader.read(study)


def load_mapping(mapping: Mapping[str, Any], base_dir: Path, study: type[S]) -> S:
    """The study in plain values. Raises ConfigError with every problem; problems have no line."""
    return _Reader(IN_MEMORY, dict(mapping), lambda where: None, base_dir).read(study)


class _Reader:
    """One reading of one study: collects problems on the way instead of stopping at the first."""

    def __init__(self, file: str, values: Any, line_of: LineOf, base_dir: Path) -> None:
        self.file, self.values, self.line_of, self.base_dir = file, values, line_of, base_dir
        self.problems: list[Problem] = []
        self.sources: list[SourceFile] = []
        self.rows: dict[Where, tuple[str, int]] = {}  # file and line of entries that came from a table
        self.exchange = Exchange()

    def read(self, study: type[S]) -> S:
        if not isinstance(self.values, dict):
            rule = f"the file is {shown(self.values)}, not a mapping of sections"
            self.report((), None, rule, "start with `rigshift: 1`; `rigshift init DIR` writes an example")
            raise ConfigError(self.problems)
        self._check_keys(study)
        self._include_tables()
        self.exchange = Exchange(_rates(self.values.get("currency")))
        draft = self._draft(study)
        self._note_polygon_files()
        for found in check(draft):
            self.report(found.where, found.value, found.rule, found.remedy)
        return self._built(study, draft)

    def report(self, where: Where, value: Any, rule: str, remedy: str) -> None:
        """Note a problem at a place in the study; one inside a table is told by the table's file and row."""
        self.problems.append(self.problem(where, value, rule, remedy))

    def problem(self, where: Where, value: Any, rule: str, remedy: str) -> Problem:
        """A fault told by the file and line where its place stands."""
        file, line = self.file, self.line_of(where)
        for length in range(len(where), 0, -1):
            if where[:length] in self.rows:
                file, line = self.rows[where[:length]]
                break
        return Problem(file, line, path_text(where), "" if value is None else shown(value), rule, remedy)

    def _check_keys(self, study: type[S]) -> None:
        known = study.model_fields
        meant = {nearest(str(key), known) for key in self.values if key not in known}
        for key in self.values:
            if key not in known:
                self.report((key,), None, *unknown_key(str(key), list(known)))
        for key, field in known.items():
            if field.is_required() and key not in self.values and key not in meant:
                self.report((), None, f"has no section {key}", missing_key(key, field)[1])

    def _include_tables(self) -> None:
        """Put the rows of the files of fleet, sites and market where the study names them."""
        self.values = dict(self.values)
        for section in ("fleet", "sites"):
            if isinstance(self.values.get(section), dict):
                self.values[section] = self._table((section,), self.values[section], LISTS[section])
        for place, form in MARKET_TABLES.items():
            self.values = self._with_table(self.values, (), ("market", *place), form)
        self._note_refreshed_market()

    def _with_table(
        self, values: Mapping[str, Any], done: Where, place: tuple[str, ...], form: type[Section]
    ) -> dict[str, Any]:
        """The same values with the rows of the file named at a place; as they are where none is."""
        key, *rest = place
        inside = values.get(key)
        if not isinstance(inside, dict):
            return dict(values)
        if rest:
            return {**values, key: self._with_table(inside, (*done, key), tuple(rest), form)}
        return {**values, key: self._table((*done, key), inside, form)}

    def _note_refreshed_market(self) -> None:
        """The user's own copy of the market's history is part of what goes into a run that starts from it."""
        market = self.values.get("market")
        if not isinstance(market, dict) or market.get("start") != "refreshed":
            return
        remedy = "run `rigshift market refresh FILE` with a file that you downloaded, or write bundled"
        try:
            copy = user_copy()
        except OSError as error:
            rule = f"means {copy_path()}, which cannot be read: {error.strerror}"
            self.report(("market", "start"), "refreshed", rule, remedy)
            return
        if copy is None:
            rule = f"means your own copy, but there is none at {copy_path()}"
            self.report(("market", "start"), "refreshed", rule, remedy)
        else:
            self.sources.append(SourceFile(str(copy.path), copy.sha256))

    def _table(self, where: Where, named: dict[str, Any], model: type[Section]) -> list[dict[str, Any]]:
        for key in named:
            if key not in ("file", "sheet"):
                self.report((*where, key), None, *unknown_key(str(key), ["file", "sheet"]))
        if not isinstance(named.get("file"), str):
            self.report(
                where,
                None,
                "names no file",
                "write a list of entries, or file: with the name of a CSV or XLSX file",
            )
            return []
        path = self.base_dir / named["file"]
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        try:
            required = [key for key, field in fields.items() if field.is_required()]
            rows = read_table(path, fields, required, named.get("sheet"))
        except ConfigError as error:
            self.problems += error.problems
            return []
        self.sources.append(SourceFile(str(path), hashlib.sha256(path.read_bytes()).hexdigest()))
        self.rows |= {(*where, i): (str(path), row.line) for i, row in enumerate(rows)}
        return [_entry(row, fields) for row in rows]

    def _note_polygon_files(self) -> None:
        """Files of own zones and district borders: read with the map, but part of what went into a run."""
        for section in ("zones", "district_borders"):
            entries = self.values.get(section)
            for i, entry in enumerate(entries if isinstance(entries, list | tuple) else ()):
                if isinstance(entry, dict) and isinstance(entry.get("file"), str):
                    self._note_file((section, i, "file"), entry["file"])

    def _note_file(self, where: Where, name: str) -> None:
        path = self.base_dir / name
        if not path.resolve().is_relative_to(self.base_dir.resolve()):
            self.report(where, name, "lies outside the study's folder", "copy it beside the study file")
        elif not path.is_file():
            self.report(where, name, "is not there", f"put it in {self.base_dir}, or correct the name")
        else:
            source = SourceFile(str(path), hashlib.sha256(path.read_bytes()).hexdigest())
            if source not in self.sources:
                self.sources.append(source)

    def _draft(self, study: type[S]) -> Draft:
        """Every section that is right by itself; lists and tariffs entry by entry."""
        whole: dict[str, Any] = {}
        lists: dict[str, dict[int, Any]] = {}
        for key, field in study.model_fields.items():
            if key not in self.values:
                continue
            if key in LISTS:
                lists[key] = self._entries(key, LISTS[key])
            elif key != "tariffs":
                whole |= self._section(key, field)
        tariffs = self._tariffs()
        return Draft(
            self.values,
            whole,
            lists.get("fleet", {}),
            lists.get("sites", {}),
            lists.get("purchases", {}),
            lists.get("refurbishments", {}),
            tariffs,
        )

    def _section(self, key: str, field: FieldInfo) -> dict[str, Any]:
        value = self._validated((key,), field.rebuild_annotation(), self.values[key])
        return {} if value is None else {key: value}

    def _entries(self, key: str, model: type[Section]) -> dict[int, Any]:
        entries = self.values[key]
        if not isinstance(entries, list | tuple):
            self.report((key,), entries, "is not a list", "write a list of entries, or {file: name.csv}")
            return {}
        found = {i: self._validated((key, i), model, entry) for i, entry in enumerate(entries)}
        return {i: entry for i, entry in found.items() if entry is not None}

    def _tariffs(self) -> dict[str, Tariff]:
        tariffs = self.values.get("tariffs", {})
        if not isinstance(tariffs, dict):
            self.report(
                ("tariffs",),
                tariffs,
                "is not a mapping",
                "write a name for each tariff, and under it kind: and its keys",
            )
            return {}
        self._validated(("tariffs",), dict[Id, Any], tariffs)
        found = {name: self._tariff(name, written) for name, written in tariffs.items()}
        known = {
            name: self._with_prices(name, tariff) for name, tariff in found.items() if tariff is not None
        }
        return {name: tariff for name, tariff in known.items() if tariff is not None}

    def _tariff(self, name: str, written: Any) -> Tariff | None:
        if isinstance(written, dict) and written.get("kind") not in KINDS:
            self.report(("tariffs", name, "kind"), written.get("kind"), *unknown_kind(written.get("kind")))
            return None
        form = KINDS[written["kind"]] if isinstance(written, dict) else AnyTariff
        tariff: Tariff | None = self._validated(("tariffs", name), form, written)
        return tariff

    def _with_prices(self, name: str, tariff: Tariff) -> Tariff | None:
        """A tariff with the prices of the file it follows; other tariffs as they are."""
        named = price_file_of(tariff)
        if named is None or not isinstance(tariff, Hourly | Ppa):
            return tariff
        path = self.base_dir / named.file
        where: Where = ("tariffs", name, *(() if isinstance(tariff, Hourly) else ("index",)), "file")
        if (unreadable := why_unreadable(path)) is not None:
            remedy = "check the path; it is relative to the study file"
            self.report(where, named.file, f"cannot be read: {unreadable}", remedy)
            return None
        rate = read_quantity(f"1 {named.unit}", "usd_per_kwh", self.exchange.per_usd)
        try:
            series = read_series(
                path, named.time_column, named.price_column, usd_per_kwh_of_unit=rate, stamps=named.stamps
            )
        except ConfigError as error:
            self.problems += error.problems
            return None
        if (str(path), series.sha256) not in {(source.path, source.sha256) for source in self.sources}:
            self.sources.append(SourceFile(str(path), series.sha256))
        return tariff.with_series(replace(series, named_at=self.problem(where, named.file, "", "")))

    def _validated(self, where: Where, form: Any, value: Any) -> Any:
        """The value in its form; None after its problems have been noted."""
        try:
            return TypeAdapter(form).validate_python(value, context=self.exchange)
        except ValidationError as error:
            for inside, wrong, rule, remedy in explained(error, form):
                as_written = wrong if wrong is None else _at(value, inside, wrong)
                self.report((*where, *inside), as_written, rule, remedy)
            return None

    def _by_place(self, problem: Problem) -> tuple[bool, str, int, str, str]:
        """The study's own file first, then line by line."""
        return problem.file != self.file, problem.file, problem.line or 0, problem.where, problem.rule

    def _built(self, study: type[S], draft: Draft) -> S:
        if self.problems:
            raise ConfigError(sorted(set(self.problems), key=self._by_place))
        lists = {key: tuple(getattr(draft, key).values()) for key in LISTS}
        try:
            made = study.model_validate({**draft.whole, **lists, "tariffs": draft.tariffs})
        except ValidationError as error:
            for where, wrong, rule, remedy in explained(error, study):
                self.report(where, wrong, rule, remedy)
            raise ConfigError(self.problems) from error
        made._source_files = tuple(self.sources)
        made._base_dir = self.base_dir
        made._problem = self.problem
        made._warnings = tuple(cautions(draft))
        return made


def _at(value: Any, where: Where, otherwise: Any) -> Any:
    """What was written at a place: "-4 MW", where validation speaks of -4000."""
    for step in where:
        entries = dict(enumerate(value)) if isinstance(value, list | tuple) else value
        if not isinstance(entries, dict) or step not in entries:
            return otherwise
        value = entries[step]
    return value


def _rates(currency: Any) -> dict[str, float]:
    """Units per USD as written. A wrong rate is reported by its own section, and the study refused; here 1
    stands in for it, so that it is not reported again at every amount."""
    written = currency.get("fx") if isinstance(currency, dict) else None
    if not isinstance(written, dict):
        return {}
    rates = {code: rate.get("per_usd") if isinstance(rate, dict) else None for code, rate in written.items()}
    return {code: float(r) if isinstance(r, int | float) and r > 0 else 1.0 for code, r in rates.items()}


def _entry(row: Row, fields: Mapping[str, FieldInfo]) -> dict[str, Any]:
    """A table row as a YAML entry would hold it."""
    return {
        key: _cell(key, value, {leaf for leaf in _leaves(fields[key].annotation) if isinstance(leaf, type)})
        for key, value in row.cells.items()
    }


def _cell(key: str, value: Any, kinds: set[Any]) -> Any:
    if key == "power_steps" and isinstance(value, str):
        return [_power_step(part) for part in value.split(";") if part.strip()]
    if key == "host_licences" and isinstance(value, str):
        return [_licence(part) for part in value.split(";") if part.strip()]
    if key == "profiles" and isinstance(value, str):
        return [part.strip() for part in value.split(";")]
    if isinstance(value, str) and kinds & {int, float} and NUMBER.fullmatch(value):
        return int(value) if value.lstrip("+-").isdigit() else float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = int(value) if float(value).is_integer() else value
        return number if kinds & {int, float} else str(number)
    return value


def _power_step(text: str) -> dict[str, Any]:
    month, _, power = (part.strip() for part in text.partition(":"))
    return {"from": month, "max_power_kw": float(power) if NUMBER.fullmatch(power) else power}


def _licence(text: str) -> dict[str, Any]:
    """ "RU-miner-register:2024-11-01:RU": licence, first day, country of the holder."""
    keys = ("id", "held_from", "holder_jurisdiction")
    return dict(zip(keys, (part.strip() for part in text.split(":")), strict=False))


def _leaves(annotation: Any) -> Sequence[Any]:
    """The plain types inside an annotation: {float, NoneType} of a number that may be left out."""
    inner = get_args(annotation)
    return [leaf for part in inner for leaf in _leaves(part)] if inner else [annotation]
