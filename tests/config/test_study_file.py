"""A study file that is wrong says what, where and what to do, about everything at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from optimizer.config import Study, study_schema
from optimizer.errors import ConfigError, Problem

One = Callable[..., Problem]
Many = Callable[..., list[Problem]]
Load = Callable[..., Study]


def test_the_small_study_is_right(load: Load, tmp_path: Path) -> None:
    """Proves that units, currency and aliases arrive: 52 RUB/MWh at 80 is 0.00065 USD/kWh."""
    study = load()
    assert study.tariffs["grid"].power_price is not None
    assert study.site("bratsk").max_power_kw == 5000
    assert study.fleet[0].count == 1200
    assert study.relocation.corridors[0].origin == "RU"
    assert study.tariffs["grid"].model_dump()["energy_usd_per_kwh"] == pytest.approx(0.00065)
    digest = hashlib.sha256((tmp_path / "study.yaml").read_bytes()).hexdigest()
    assert [(Path(f.path).name, f.sha256) for f in study.source_files] == [("study.yaml", digest)]
    assert study.warnings == ()


def test_what_is_dumped_can_be_read_again(load: Load) -> None:
    """A key dumped under its Python name ("from_month") or converted twice would break this."""
    study = load()
    again = Study.from_mapping(study.model_dump(mode="json"))
    assert again.model_dump() == study.model_dump()


def test_a_study_cannot_be_changed(load: Load) -> None:
    """A run's inputs are what was checked; a field that can be set would escape every check."""
    with pytest.raises(ValueError, match="frozen"):
        load().horizon.months = 4  # type: ignore[misc]


@pytest.mark.parametrize(
    ("old", "new", "where", "line", "value", "rule", "remedy"),
    [
        (
            "pue: 1.05, tariff: grid}\n  - {id: t",
            "pue: 0.9, tariff: grid}\n  - {id: t",
            "sites[0].pue",
            21,
            "0.9",
            "at least 1",
            "check",
        ),
        (
            "pool_fee_share: 0.02",
            "pool_fee_share: 2",
            "market.pool_fee_share",
            13,
            "2",
            "at most 1",
            "0.015 for 1.5 %",
        ),
        (
            "pool_fee_share: 0.02",
            "pool_fee_share: 2 %",
            "market.pool_fee_share",
            13,
            "'2 %'",
            "not a number",
            "decimal",
        ),
        (
            "pool_fee_share: 0.02",
            "pool_fee_share: .nan",
            "market.pool_fee_share",
            13,
            "nan",
            "finite",
            "number",
        ),
        (
            "pool_fee_share: 0.02",
            "pool_fee_share: true",
            "market.pool_fee_share",
            13,
            "True",
            "not a number",
            "decimal",
        ),
        ("count: 1200", "count: -3", "fleet[0].count", 17, "-3", "at least 0", "check"),
        ("count: 1200", "count: 12.5", "fleet[0].count", 17, "12.5", "not a whole number", "1200"),
        ("count: 1200", "count: '1200'", "fleet[0].count", 17, "'1200'", "not a whole number", "1200"),
        ("max_power_kw: 4000", "max_power_kw: .inf", "sites[1].max_power_kw", 23, "inf", "finite", "number"),
        (
            "max_power_kw: 4000",
            "max_power_kw: -4 MW",
            "sites[1].max_power_kw",
            23,
            "'-4 MW'",
            "at least 0",
            "check",
        ),
        (
            "max_power_kw: 4000",
            "max_power_kw: 1e999 MW",
            "sites[1].max_power_kw",
            23,
            "'1e999 MW'",
            "finite",
            "number",
        ),
        (
            "max_power_kw: 4000",
            "max_power_kw: 4 mW",
            "sites[1].max_power_kw",
            23,
            "'4 mW'",
            "milli or mega",
            "'MW'",
        ),
        (
            "52 RUB/MWh",
            "52 EUR/MWh",
            "tariffs.grid.energy_usd_per_kwh",
            25,
            "'52 EUR/MWh'",
            "no exchange rate",
            "fx.EUR",
        ),
        (
            "kind: flat",
            "kind: flatt",
            "tariffs.grid.kind",
            25,
            "'flatt'",
            "no kind of tariff",
            "did you mean 'flat'?",
        ),
        ("kind: flat, ", "", "tariffs.grid.kind", 25, "", "is missing", "the kinds are flat, time_of_use"),
        ("start: 2026-12,", "start: 2026-13,", "horizon.start", 5, "'2026-13'", "not a month", "2026-12"),
        ("months: 3", "months: 0", "horizon.months", 5, "0", "at least 1", "check"),
        (
            "date: 2025-12-01, ",
            "",
            "currency.fx.RUB.date",
            8,
            "",
            "is missing",
            "add date: (day of the rate)",
        ),
        (
            "date: 2025-12-01",
            "date: 20251201",
            "currency.fx.RUB.date",
            8,
            "20251201",
            "not a date",
            "YYYY-MM-DD",
        ),
        (
            "date: 2025-12-01",
            "date: 2025-02-30",
            "currency.fx.RUB.date",
            8,
            "'2025-02-30'",
            "not a date",
            "YYYY-MM-DD",
        ),
        ("    RUB: {", "    USD: {", "currency", 6, "", "1 by definition", "remove fx.USD"),
        ("allowed: false", "allowed: no", "sales.allowed", 31, "'no'", "not true or false", "true"),
        (
            "region: RU-IRK",
            "region: Irkutsk",
            "sites[0].region",
            20,
            "'Irkutsk'",
            "not a country or region code",
            "RU-IRK",
        ),
        ("from: RU", "from: Russia", "relocation.corridors[0].from", 30, "'Russia'", "not a place", "'*'"),
        (
            "start: bundled",
            "start: newest",
            "market.start",
            10,
            "'newest'",
            "neither 'bundled'",
            "difficulty",
        ),
        (
            "start: bundled",
            "start: {month: 2026-08}",
            "market.start.difficulty",
            10,
            "",
            "is missing",
            "network difficulty",
        ),
        ("name: tiny", "name: tiny study", "name", 2, "'tiny study'", "not a plain name", "letters"),
        ("rigshift: 1", "rigshift: 2", "rigshift", 1, "2", "must be 1", ""),
        (
            "haircut_share: 0.2",
            "haircut_shore: 0.2",
            "end_value.haircut_shore",
            33,
            "",
            "not a known key",
            "'haircut_share'",
        ),
        (
            "mass_kg: 15",
            "model: Antminer S21",
            "fleet[0]",
            17,
            "",
            "both model and hashrate_ths, power_w",
            "keep the model",
        ),
        ("mass_kg: 15, ", "", "fleet[0]", 17, "", "lacks mass_kg", "catalogue model"),
        (
            "mass_kg: 15",
            "mass_kg: 15, eco_power_w: 2000",
            "fleet[0]",
            17,
            "",
            "without the other",
            "both or neither",
        ),
        (
            "mass_kg: 15",
            "mass_kg: 15, eco_power_w: 3000, eco_hashrate_ths: 80",
            "fleet[0]",
            17,
            "",
            "not below the normal 3000",
            "less power",
        ),
        (
            "tariff: grid}\ntariffs",
            "timezone: America/Huston, tariff: grid}\ntariffs",
            "sites[1].timezone",
            23,
            "'America/Huston'",
            "not an IANA time zone",
            "did you mean",
        ),
        (
            "max_power_kw: 4000",
            "max_power_kw: 4000, min_power_kw: 5 MW",
            "sites[1]",
            22,
            "",
            "min_power_kw 5,000 above its largest max_power_kw 4,000",
            "lower min_power_kw",
        ),
        (
            "US-TX,",
            "US-TX, power_steps: [{from: 2027-02, max_power_kw: 1}, {from: 2027-01, max_power_kw: 2}],",
            "sites[1]",
            22,
            "",
            "out of order: 2027-01 after 2027-02",
            "by month",
        ),
        (
            "risk_aversion: 1.0}",
            "risk_aversion: 1.0}\nsolver: {door: gurobi}",
            "solver.door",
            33,
            "'gurobi'",
            "no solver",
            "pulp:cbc",
        ),
        ("fleet:\n", "fleet: 7\nfleeet:\n", "fleet", 16, "7", "not a list", "file: name.csv"),
    ],
)
def test_each_fault_is_told_with_place_line_rule_and_remedy(
    problems: Many, old: str, new: str, where: str, line: int, value: str, rule: str, remedy: str
) -> None:
    """Each row breaks one thing; a wrong line, a pydantic sentence or a missing remedy would fail here."""
    found = {one.where: one for one in problems((old, new))}
    told = found[where]
    assert (told.line, told.value, Path(told.file).name) == (line, value, "study.yaml")
    assert rule in told.rule
    assert remedy in told.remedy


def test_everything_wrong_is_told_at_once(problems: Many) -> None:
    """A misspelt market key must not hide the lot at an unknown site, nor either of them the rest."""
    found = problems(
        ("pool_fee_share", "pool_fee_sahre"),
        ("site: bratsk", "site: bratks"),
        ("52 RUB/MWh", "52 EUR/MWh"),
        ("max_power_kw: 4000", "max_power_kw: x"),
        ("end_value:", "end_vaule:"),
    )
    assert len(found) == 5
    told = {one.where: one.remedy for one in found}
    assert told["market.pool_fee_sahre"] == "did you mean 'pool_fee_share'?"
    assert told["fleet[0].site"] == "did you mean 'bratsk'?"
    assert told["end_vaule"] == "did you mean 'end_value'?"
    assert {"tariffs.grid.energy_usd_per_kwh", "sites[1].max_power_kw"} <= told.keys()
    assert [one.line for one in found] == sorted(one.line or 0 for one in found)


def test_the_message_reads_as_people_read(problem: One) -> None:
    """Place, value, rule and remedy stand in one block, in this order."""
    told = problem(("site: bratsk", "site: bratks"))
    assert str(told).splitlines() == [
        f"{told.file}:17: fleet[0].site = 'bratks'",
        "    is not a site of this study",
        "    -> did you mean 'bratsk'?",
    ]
    assert str(ConfigError([told])).startswith("1 problem in the study\n\n")


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("a: [1, 2", 1, "column 9"),
        ("a: 1\n\tb: 2", 2, "column 1"),
        ("rigshift: 1\nname: 'x", 2, "column 9"),
        ("a: *nobody", 1, "undefined alias"),
        ("&a [*a]", 1, "contains itself"),
        ("a: !!python/object/apply:os.getcwd []", 1, "unknown tag"),
        ("? [x]\n: 1", 1, "a key must be plain text"),
        ("a: \x01", None, "not YAML"),
        ("[" * 5000, None, "not YAML"),
        ("- 1", 1, "a list of 1 entries, not a mapping"),
        ("", 1, "nothing, not a mapping"),
    ],
)
def test_a_file_that_is_no_study(tmp_path: Path, text: str, line: int | None, rule: str) -> None:
    """Malformed YAML is a problem with its line and column, never a traceback."""
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Study.from_yaml(path)
    told = caught.value.problems[0]
    assert told.line == line
    assert rule in told.rule
    assert told.remedy


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    """Both are bad input (exit code 2), not crashes."""
    with pytest.raises(ConfigError, match="No such file"):
        Study.from_yaml(tmp_path / "missing.yaml")
    (tmp_path / "study.yaml").write_bytes(b"title: \xff")
    with pytest.raises(ConfigError, match=r"not UTF-8 text \(byte 7\)"):
        Study.from_yaml(tmp_path / "study.yaml")


def test_a_key_given_twice_is_an_error(problem: One) -> None:
    """YAML readers take the last one silently: half of what the user wrote would be gone."""
    told = problem(("pool_fee_share: 0.02", "pool_fee_share: 0.02\n  pool_fee_share: 0.03"))
    assert (told.where, told.line) == ("market.pool_fee_share", 14)
    assert told.rule == "is given twice, first on line 13"


def test_norway_is_not_false(load: Load) -> None:
    """YAML 1.1 reads NO as false; the operator's country would become a boolean."""
    study = load(("entity_jurisdiction: RU", "entity_jurisdiction: RU, owner_jurisdictions: [NO, SE]"))
    assert study.operator.owner_jurisdictions == ("NO", "SE")


def test_small_numbers_are_numbers(load: Load) -> None:
    """YAML 1.1 as read by PyYAML takes 1e-4 for text."""
    study = load(("risk_aversion: 1.0}", "risk_aversion: 1.0}\nsolver: {mip_gap_share: 1e-4}"))
    assert study.solver.mip_gap_share == 1e-4


def test_an_anchor_saves_writing(load: Load) -> None:
    """A merged key keeps what is said beside it; and overriding a merged key is no repetition."""
    study = load(
        ("  grid: {kind", "  grid: &grid {kind"),
        ("relocation:", "  dear: {<<: *grid, energy_usd_per_kwh: 0.09}\nrelocation:"),
    )
    assert study.tariffs["dear"].model_dump()["energy_usd_per_kwh"] == 0.09
    assert study.warnings == ("tariff 'dear' is used by no site",)


def test_a_fault_beside_a_merged_anchor_has_its_own_line(problem: One) -> None:
    """The key stands in the anchor too; told there, the user would correct the wrong tariff."""
    told = problem(
        ("  grid: {kind", "  grid: &grid {kind"),
        ("relocation:", "  dear: {<<: *grid, energy_usd_per_kwh: 9 EUR/kWh}\nrelocation:"),
    )
    assert (told.line, told.where) == (26, "tariffs.dear.energy_usd_per_kwh")


def test_anchors_cannot_blow_up(tmp_path: Path) -> None:
    """Ten lines of anchors that stand for a billion entries are refused at once, and fill no memory."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    (tmp_path / "study.yaml").write_text("\n".join([*lines, "notes: *a8"]), encoding="utf-8")
    with pytest.raises(ConfigError, match="is not a known key"):
        Study.from_yaml(tmp_path / "study.yaml")


def test_a_bad_rate_is_told_once(problem: One) -> None:
    """Without care each amount in roubles would be reported too."""
    assert problem(("per_usd: 80", "per_usd: 0")).where == "currency.fx.RUB.per_usd"


def test_a_mapping_is_told_without_lines(study_text: str) -> None:
    """From a notebook there is no file; the place still is said."""
    mapping: dict[str, Any] = yaml.safe_load(study_text)
    mapping["horizon"]["start"] = "2026-12"
    mapping["finance"] = {}
    with pytest.raises(ConfigError) as caught:
        Study.from_mapping(mapping)
    (told,) = caught.value.problems
    assert (told.file, told.line, told.where) == ("(mapping)", None, "finance.discount_rate_share_per_year")


def test_the_schema_tells_units_and_meaning() -> None:
    """An editor must accept text with units, tables by file, and know every key."""
    schema = study_schema()
    site = schema["$defs"]["Site"]["properties"]
    assert [kind["type"] for kind in site["max_power_kw"]["anyOf"]] == ["number", "string"]
    assert "kW" in site["max_power_kw"]["description"]
    assert schema["properties"]["fleet"]["anyOf"][1]["required"] == ["file"]
    assert "from" in schema["$defs"]["Corridor"]["properties"]
    kinds = schema["properties"]["tariffs"]["patternProperties"].popitem()[1]["discriminator"]["mapping"]
    assert set(kinds) == {"flat", "time_of_use", "duration", "hourly", "tiered", "ppa", "hosting"}
