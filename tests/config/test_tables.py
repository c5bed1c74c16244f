"""Fleet, sites and hashprice from CSV and XLSX: read exactly, or refused with the row."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from optimizer.config import Study
from optimizer.errors import Problem

One = Callable[..., Problem]
Many = Callable[..., list[Problem]]
Load = Callable[..., Study]

INLINE_FLEET = """\
fleet:
  - {id: old, hashrate_ths: 100, power_w: 3000, mass_kg: 15, count: 1200, site: bratsk, uptime_share: 0.97,
     resale_usd_per_ths: 2}
"""
FROM_CSV = (INLINE_FLEET, "fleet: {file: fleet.csv}\n")
FROM_XLSX = (INLINE_FLEET, "fleet: {file: fleet.xlsx, sheet: lots}\n")
HEADINGS = "id,model,count,site,uptime_share,resale_usd_per_ths,maintenance_usd_per_month,profiles\n"
CSV = (
    HEADINGS
    + "a,Antminer S19j Pro,700,bratsk,0.96,160 RUB/TH,,normal;eco\n007,Antminer S21,500,texas,1,,2.5,\n"
)
INLINE_SITES = """\
sites:
  - {id: bratsk, name: Bratsk, lat_deg: 56.15, lon_deg: 101.63, region: RU-IRK,
     max_power_kw: 5 MW, pue: 1.05, tariff: grid}
  - {id: texas, name: Texas, lat_deg: 31.85, lon_deg: -102.37, region: US-TX,
     max_power_kw: 4000, pue: 1.05, tariff: grid}
"""
SITES_CSV = """\
id,name,lat_deg,lon_deg,max_power_kw,power_steps,max_machines,pue,tariff
bratsk,"Bratsk, hall 2",56.15,101.63,5 MW,2027-01: 3 MW; 2027-02: 1500,1200,1.05,grid
texas,Texas,31.85,-102.37,4000,,,1.05,grid
"""


def test_a_fleet_in_csv(load: Load) -> None:
    """An empty cell is absent, never NaN or 0; text with units works; an id such as 007 keeps its zeros."""
    study = load(FROM_CSV, fleet_csv=CSV)
    first, second = study.fleet
    assert (first.id, first.count, first.resale_usd_per_ths, first.profiles) == (
        "a",
        700,
        2.0,
        ("normal", "eco"),
    )
    assert (second.id, second.uptime_share, second.resale_usd_per_ths) == ("007", 1.0, None)
    assert (first.maintenance_usd_per_month, second.maintenance_usd_per_month) == (0.0, 2.5)
    assert [Path(source.path).name for source in study.source_files] == ["study.yaml", "fleet.csv"]


def test_sites_in_csv(load: Load) -> None:
    """Dated power in one cell, a quoted comma, and racks left out."""
    bratsk, texas = load((INLINE_SITES, "sites: {file: sites.csv}\n"), sites_csv=SITES_CSV).sites
    assert bratsk.name == "Bratsk, hall 2"
    assert [bratsk.power_limit_kw(month) for month in ("2026-12", "2027-01", "2027-03")] == [5000, 3000, 1500]
    assert (texas.max_machines, texas.power_steps) == (None, ())


def test_licences_of_a_host_in_one_cell(load: Load) -> None:
    """Licence, day and country of the holder; a cell that is not read would close the site for want of it."""
    table = (
        SITES_CSV.replace("max_machines", "host")
        .replace("power_steps", "host_licences")
        .replace("2027-01: 3 MW; 2027-02: 1500", "RU-miner-register:2024-11-01:RU; X:2025-01-01")
    )
    bratsk, texas = load((INLINE_SITES, "sites: {file: sites.csv}\n"), sites_csv=table).sites
    held = [(each.id, each.held_from.isoformat(), each.holder_jurisdiction) for each in bratsk.host_licences]
    assert held == [("RU-miner-register", "2024-11-01", "RU"), ("X", "2025-01-01", None)]
    assert texas.host_licences == ()


@pytest.mark.parametrize(
    ("content", "line", "where", "rule", "remedy"),
    [
        (CSV.replace("count", "cuont"), 1, "cuont", "not a known column", "did you mean 'count'?"),
        (CSV.replace("model,", "count,"), 1, "count", "heads two columns", "keep one"),
        (CSV.replace(",", ";"), 1, "", "not separated by commas", "commas between columns"),
        (CSV.replace("0.96", "0,96"), 2, "", "has 9 cells under 8 headings", "decimal points"),
        (CSV.replace("0.96", '"0,96"'), 2, "fleet[0].uptime_share", "not a number", "decimal point"),
        (CSV.replace("160 RUB/TH", '"1,6 RUB/TH"'), 2, "fleet[0].resale_usd_per_ths", "has a comma", "4.1"),
        (CSV.replace("Antminer S21", "Antminer S12"), 3, "fleet[1].model", "not one model", "did you mean"),
        (CSV.replace("500", "5e2"), 3, "fleet[1].count", "not a whole number", "1200"),
        (CSV.replace("500", "nan"), 3, "fleet[1].count", "not a whole number", "1200"),
        (CSV.replace("texas", "texs"), 3, "fleet[1].site", "not a site", "did you mean 'texas'?"),
        (CSV.replace("007", "a"), 3, "fleet[1].id", "is the id of entry 0 too", "its own"),
        ("\ufeff" + CSV, 1, "", "byte-order mark", "UTF-8 without"),
        (CSV.encode("utf-16"), 1, "", "byte-order mark", "UTF-8 without"),
        (CSV.replace("Antminer S21", "Ant\xe4").encode("latin-1"), None, "", "not a CSV file", "UTF-8"),
        ("", None, "", "is empty", "column names"),
        (HEADINGS.replace("site,", "") + "a,,1,1,,,\n", 1, "site", "must be there", "add the column"),
    ],
)
def test_a_table_that_could_be_misread(
    problem: One, content: str | bytes, line: int | None, where: str, rule: str, remedy: str
) -> None:
    """Every one of these, guessed at, would put a wrong number into the plan."""
    told = problem(FROM_CSV, fleet_csv=content)
    assert (Path(told.file).name, told.line, told.where) == ("fleet.csv", line, where)
    assert rule in told.rule
    assert remedy in told.remedy


def test_blank_lines_do_not_shift_the_row_told(problem: One) -> None:
    """The line is the file's, as an editor shows it, also after a blank line and a cell of two lines."""
    content = CSV.replace("\n007", '\n\nb,"Antminer\nS21",1,texas,1,,,\n007').replace("500,texas", "500,texs")
    told = problem(FROM_CSV, fleet_csv=content)
    assert (told.line, told.where) == (6, "fleet[2].site")


def test_a_missing_table_or_name(problem: One) -> None:
    """The study names the table; where it is not is said with the path."""
    assert "No such file" in problem(FROM_CSV).rule
    assert problem(
        (INLINE_FLEET, "fleet: {flie: fleet.csv, file: fleet.csv}\n"), fleet_csv=CSV
    ).remedy.startswith("did you mean 'file'?")
    assert problem((INLINE_FLEET, "fleet: {}\n")).rule == "names no file"
    told = problem((INLINE_FLEET, "fleet: {file: fleet.csv, sheet: lots}\n"), fleet_csv=CSV)
    assert told.rule == "a CSV file has no sheets"


def workbook(*rows: list[Any], sheet: str = "lots") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in [HEADINGS.strip().split(","), *rows]:
        page.append(row)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def test_a_fleet_in_xlsx(load: Load) -> None:
    """Numbers come as numbers, a whole float as a count, an id typed as a number as text."""
    rows = [
        ["a", "Antminer S21", 700.0, "bratsk", 0.97, "160 RUB/TH", None, "normal"],
        [7, "Antminer S21", 5, "texas", 1],
    ]
    first, second = load(FROM_XLSX, fleet_xlsx=workbook(*rows)).fleet
    assert (first.count, first.resale_usd_per_ths, second.id, second.uptime_share) == (700, 2.0, "7", 1.0)


def test_a_month_in_xlsx_is_a_month(load: Load) -> None:
    """A spreadsheet turns 2027-01 into the first of January; read as a day it would be refused or misread."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["id", "name", "lat_deg", "lon_deg", "max_power_kw", "available_from", "pue", "tariff"])
    page.append(["bratsk", "Bratsk", 56.15, 101.63, 5000, None, 1.05, "grid"])
    page.append(["texas", "Texas", 31.85, -102.37, 4000, datetime(2027, 1, 1), 1.05, "grid"])
    raw = io.BytesIO()
    book.save(raw)
    study = load((INLINE_SITES, "sites: {file: sites.xlsx}\n"), sites_xlsx=raw.getvalue())
    assert [site.available_from for site in study.sites] == [None, "2027-01"]


@pytest.mark.parametrize(
    ("content", "where", "line", "rule"),
    [
        (
            workbook(["a", "Antminer S21", "=1+1", "bratsk", 1]),
            "C2",
            2,
            "is a formula without a stored value",
        ),
        (workbook(["a", "Antminer S21", "#REF!", "bratsk", 1]), "C2", 2, "is #REF!"),
        (workbook(sheet="other"), "sheet", None, "is not a sheet of the file"),
        (b"PK no zip", "", None, "is not an XLSX file"),
    ],
)
def test_a_workbook_that_hides_its_numbers(
    problem: One, content: bytes, where: str, line: int | None, rule: str
) -> None:
    """A formula never calculated reads as empty: the lot would silently have no count."""
    told = problem(FROM_XLSX, fleet_xlsx=content)
    assert (told.where, told.line) == (where, line)
    assert told.rule.startswith(rule)


def test_hashprice_from_a_file(load: Load, problem: One) -> None:
    """Months come in the file's own units; a month missing or given twice is told."""
    change = ("  pool_fee_share", "  hashprice_usd_per_ths_day: {file: hp.csv}\n  pool_fee_share")
    rows = "month,hashprice_usd_per_ths_day\n2026-12,32.5 USD/PH/day\n2027-01,0.031\n2027-02,0.030\n"
    given = load(change, hp_csv=rows).market.hashprice_usd_per_ths_day
    assert isinstance(given, tuple)
    assert [(row.month, row.hashprice_usd_per_ths_day) for row in given][:2] == [
        ("2026-12", 0.0325),
        ("2027-01", 0.031),
    ]
    assert (
        "lacks 1 months of the horizon, first 2027-02"
        in problem(change, hp_csv=rows.replace("2027-02", "2027-03")).rule
    )
    told = problem(change, hp_csv=rows + "2027-02,0.029\n")
    assert (told.line, told.rule) == (5, "is the month of entry 2 too")
