"""Hourly price files: every hour at its own price, or a message with the row."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from optimizer.config import Study
from optimizer.errors import ConfigError, Problem
from optimizer.tariffs import PowerPrice, site_hours

One = Callable[..., Problem]
Many = Callable[..., list[Problem]]
Load = Callable[..., Study]
HOUR = timedelta(hours=1)
FLAT = "  grid: {kind: flat, energy_usd_per_kwh: 52 RUB/MWh}\n"
WINTER = [
    (date(2026, 12, 1), date(2027, 1, 1)),
    (date(2027, 1, 1), date(2027, 2, 1)),
    (date(2027, 2, 1), date(2027, 3, 1)),
]


def hourly(**terms: object) -> tuple[str, str]:
    said = {
        "file": "p.csv",
        "time_column": "t",
        "price_column": "p",
        "unit": "USD/MWh",
        "time": "utc_start",
    } | terms
    return FLAT, "  grid:\n    kind: hourly\n" + "".join(
        f"    {key}: {value}\n" for key, value in said.items()
    )


def utc_rows(
    first: datetime, after: datetime, price: Callable[[datetime], float] = lambda t: t.hour
) -> list[str]:
    count = int((after - first) / HOUR)
    return [f"{first + i * HOUR:%Y-%m-%dT%H:%MZ},{price(first + i * HOUR)}" for i in range(count)]


def csv(rows: list[str]) -> str:
    return "\n".join(["t,p", *rows, ""])


def local_rows(zone: str, first: date, after: date, *, autumn: str) -> list[str]:
    """Hour-ending rows of whole local days, priced 1, 2, 3, ...; `autumn` names the hour before the clock
    goes back by its "start" plus one (as Alberta does) or by the "end" that the clock shows."""
    utc, clock = ZoneInfo("UTC"), ZoneInfo(zone)
    start = datetime(first.year, first.month, first.day, tzinfo=clock).astimezone(utc)
    end = datetime(after.year, after.month, after.day, tzinfo=clock).astimezone(utc)
    rows = []
    for i in range(int((end - start) / HOUR)):
        begins, ends = ((start + (i + step) * HOUR).astimezone(clock).replace(tzinfo=None) for step in (0, 1))
        goes_back = ends <= begins
        rows.append(f"{begins + HOUR if goes_back and autumn == 'start' else ends:%Y-%m-%dT%H:%M},{i + 1}")
    return rows


def grid_price(study: Study, bounds: list[tuple[date, date]], timezone: str) -> PowerPrice:
    return study.tariffs["grid"].power_price(site_hours(bounds, timezone))


def test_the_horizons_own_hours(load: Load) -> None:
    """Price = UTC hour in USD/MWh. Irkutsk is 8 h ahead, so its day starts at 16 UTC: 16, 17, ...; mean 11.5.
    The local hour taken for UTC would start at 0."""
    content = csv(utc_rows(datetime(2026, 11, 30), datetime(2027, 3, 2)))
    study = load(hourly(), p_csv=content)
    price = grid_price(study, WINTER, "Asia/Irkutsk")
    assert price.hours.sum(axis=0).tolist() == [744, 744, 672]
    assert price.energy_usd_per_kwh[:10, 0] == pytest.approx(
        np.array([16, 17, 18, 19, 20, 21, 22, 23, 0, 1]) / 1000
    )
    assert price.energy_usd_per_kwh[:744, 1].mean() == pytest.approx(0.0115)
    assert price.energy_usd_per_kwh[672:, 2].tolist() == [0.0] * 72
    assert [Path(source.path).name for source in study.source_files] == ["study.yaml", "p.csv"]


def test_a_half_hour_zone_takes_half_of_two_prices(load: Load) -> None:
    """India's midnight hour is 18:30 to 19:30 UTC: (18 + 19) / 2 USD/MWh."""
    study = load(hourly(), p_csv=csv(utc_rows(datetime(2026, 11, 30), datetime(2027, 3, 2))))
    price = grid_price(study, WINTER, "Asia/Kolkata")
    assert price.energy_usd_per_kwh[0, 0] == pytest.approx(0.0185)


def test_currency_and_compression(load: Load, tmp_path: Path) -> None:
    """80 RUB is a dollar: prices of 0..23 RUB/kWh are 0..23/80 USD/kWh, from a .gz as well."""
    (tmp_path / "p.csv.gz").write_bytes(
        gzip.compress(csv(utc_rows(datetime(2026, 11, 30), datetime(2027, 3, 2))).encode())
    )
    study = load(hourly(file="p.csv.gz", unit="RUB/kWh"))
    assert grid_price(study, WINTER, "UTC").energy_usd_per_kwh[8, 0] == pytest.approx(0.1)


@pytest.mark.parametrize("autumn", ["start", "end"])
def test_local_hour_ending_over_both_clock_changes(load: Load, autumn: str) -> None:
    """Whole days of Alberta in order cost 1, 2, 3, ...: a 23-hour and a 25-hour day and none lost or doubled,
    however the file names the hour in which the clock goes back."""
    first, after = date(2026, 10, 30), date(2027, 3, 18)
    rows = local_rows("America/Denver", first, after, autumn=autumn)
    study = load(hourly(time="local_ending", timezone="America/Denver"), p_csv=csv(rows))
    price = grid_price(study, [(first, after)], "America/Denver")
    assert len(rows) == (after - first).days * 24  # one hour more in November, one fewer in March
    assert (price.energy_usd_per_kwh[:, 0] * 1000).round(6).tolist() == list(range(1, len(rows) + 1))


def test_the_other_name_of_the_hour_in_which_the_clock_goes_forward(load: Load) -> None:
    """01:00 to 03:00 on 14 March 2027: its end is 03:00 on the clock; some files say 02:00."""
    first, after = date(2026, 11, 20), date(2027, 3, 18)
    rows = local_rows("America/Denver", first, after, autumn="start")
    at = next(i for i, row in enumerate(rows) if row.startswith("2027-03-14T03:00"))
    rows[at] = rows[at].replace("T03:00", "T02:00")
    study = load(hourly(time="local_ending", timezone="America/Denver"), p_csv=csv(rows))
    price = grid_price(study, [(first, after)], "America/Denver")
    assert (price.energy_usd_per_kwh[:, 0] * 1000).round(6).tolist() == list(range(1, len(rows) + 1))


def full_year(year: int, price: Callable[[datetime], float]) -> str:
    return csv(utc_rows(datetime(year, 1, 1), datetime(year + 1, 1, 1), price))


def test_a_reference_year_repeats_by_month_day_and_clock_hour(load: Load) -> None:
    """Price = month x 1000 + day x 10 + hour / 100 in the reference year; each hour finds its own."""
    content = full_year(2025, lambda t: t.month * 1000 + t.day * 10 + t.hour / 100)
    study = load(hourly(reference_year=2025), p_csv=content)
    price = grid_price(study, WINTER, "UTC").energy_usd_per_kwh * 1000
    assert price[0, 0] == pytest.approx(12_010.00)
    assert price[743, 0] == pytest.approx(12_310.23)
    assert price[25, 1] == pytest.approx(1_020.01)


def test_leap_days(load: Load) -> None:
    """29 February 2028 takes the 28th of a year without one, and its own of a year with one."""
    february = [(date(2028, 2, 1), date(2028, 3, 1))]
    for year, expected in ((2025, 28), (2024, 29)):
        study = load(hourly(reference_year=year), p_csv=full_year(year, lambda t: t.day))
        price = grid_price(study, february, "UTC")
        assert price.hours.sum() == 696
        assert price.energy_usd_per_kwh[-1, 0] == pytest.approx(expected / 1000)


def test_a_reference_year_is_met_on_the_sites_own_clock(load: Load) -> None:
    """Price = hour on Chicago's clock. In 2025 its 02:00 of 9 March does not exist; in 2027 that day is a
    plain one, and its 02:00 takes the 01:00 price. By UTC hour 9 to 14 March would be an hour off."""
    clock = ZoneInfo("America/Chicago")
    content = full_year(2025, lambda t: t.replace(tzinfo=ZoneInfo("UTC")).astimezone(clock).hour)
    study = load(hourly(reference_year=2025), p_csv=content)
    price = (
        grid_price(study, [(date(2027, 3, 1), date(2027, 4, 1))], "America/Chicago").energy_usd_per_kwh[:, 0]
        * 1000
    )
    per_day = [price[d * 24 : d * 24 + 24].round(6).tolist() for d in range(13)]
    assert per_day[0] == list(range(24))
    assert per_day[8] == [0, 1, 1, *range(3, 24)]  # 9 March
    assert per_day[10] == list(range(24))  # 11 March: summer time in 2025, winter time in 2027
    assert price[13 * 24 : 13 * 24 + 23].round(6).tolist() == [
        0,
        1,
        *range(3, 24),
    ]  # 14 March 2027 has 23 hours


def test_a_repeated_hour_of_the_reference_year_is_averaged(load: Load) -> None:
    """On 2 November 2025 Chicago's 01:00 is there twice, at 6 and 7 UTC: 6.5 on average; and both of the
    two 01:00 hours of 7 November 2027 take that day's one price of 2025."""
    study = load(hourly(reference_year=2025), p_csv=full_year(2025, lambda t: t.hour))
    price = (
        grid_price(study, [(date(2027, 11, 1), date(2027, 12, 1))], "America/Chicago").energy_usd_per_kwh[
            :, 0
        ]
        * 1000
    )
    assert price[24 + 1] == pytest.approx(6.5)
    assert price[6 * 24 : 6 * 24 + 4].round(6).tolist() == [6, 7, 7, 8]


GOOD = utc_rows(datetime(2026, 11, 30), datetime(2027, 3, 2))


def changed(row: int, text: str | None) -> list[str]:
    return [*GOOD[:row], *([] if text is None else [text]), *GOOD[row + 1 :]]


@pytest.mark.parametrize(
    ("rows", "line", "where", "value", "rule", "remedy"),
    [
        (
            changed(30, None),
            32,
            "t",
            "'2026-12-01T07:00Z'",
            "gap: an hour is missing",
            "never filled by guess",
        ),
        (
            [*GOOD[:30], *GOOD[35:]],
            32,
            "t",
            "'2026-12-01T11:00Z'",
            "gap: 5 hours are missing",
            "from the source",
        ),
        (
            [*GOOD[:30], GOOD[29], *GOOD[30:]],
            32,
            "t",
            "'2026-12-01T05:00Z'",
            "repeats an hour",
            "keep one row",
        ),
        (changed(30, "2026-12-01T06:00Z,n/a"), 32, "p", "'n/a'", "is not a number", "decimal point"),
        (changed(30, "2026-12-01T06:00Z,"), 32, "p", "''", "is not a number", "fill a missing hour"),
        (changed(30, '2026-12-01T06:00Z,"4,1"'), 32, "p", "'4,1'", "is not a number", "decimal point"),
        (changed(30, "2026-12-01T06:00Z,inf"), 32, "p", "'inf'", "is not a number", "decimal point"),
    ],
)
def test_a_faulty_row_is_told(
    problem: One, rows: list[str], line: int, where: str, value: str, rule: str, remedy: str
) -> None:
    """A gap closed silently would shift every later price by its hours."""
    told = problem(hourly(), p_csv=csv(rows))
    assert (Path(told.file).name, told.line, told.where, told.value) == ("p.csv", line, where, value)
    assert rule in told.rule
    assert remedy in told.remedy


def test_faults_of_several_kinds_are_told_together_and_many_are_counted(problems: Many) -> None:
    """Nine bad prices are five lines, the last with the count of the rest; bad times come beside them."""
    rows = [
        *GOOD[:5],
        "yesterday,3",
        *GOOD[6:40],
        *[row.split(",")[0] + ",x" for row in GOOD[40:49]],
        *GOOD[49:],
    ]
    rows[100], rows[101] = rows[101], rows[100]
    found = problems(hourly(), p_csv=csv(rows))
    told = [(one.line, one.rule) for one in found]
    assert (7, "is not a time") in told
    assert [line for line, rule in told if rule.startswith("is not a number")] == [42, 43, 44, 45, 46]
    assert (46, "is not a number; so do 4 more rows further down") in told
    assert any(rule == "goes back in time" for _, rule in told)


@pytest.mark.parametrize(
    ("terms", "content", "where", "rule", "remedy"),
    [
        (
            {"price_column": "price"},
            csv(GOOD),
            "price",
            "not a column of the file",
            "its columns are 't', 'p'",
        ),
        ({}, csv(GOOD).replace(",", ";"), "", "not separated by commas", "commas between columns"),
        ({}, csv(GOOD).replace(":00Z,", ":00Z,3,"), "", "has 3 cells under 2 headings", "decimal commas"),
        ({}, "\ufeff" + csv(GOOD), "", "byte-order mark", "UTF-8 without"),
        ({"file": "p.csv.gz"}, csv(GOOD), "tariffs.grid.file", "No such file", "relative to the study"),
        ({}, "t,p\n", "", "has no rows", "one row for each hour"),
        ({}, "", "p", "not a column of the file", "its columns are"),
        ({}, b"\xff\xff", "", "is not a CSV file", "UTF-8"),
        ({"file": "q.csv"}, csv(GOOD), "tariffs.grid.file", "No such file", "relative to the study"),
        ({"unit": "USD/MW"}, csv(GOOD), "tariffs.grid.unit", "is not per", "41 USD/MWh"),
        ({"unit": "NOK/MWh"}, csv(GOOD), "tariffs.grid.unit", "no exchange rate", "currency.fx.NOK"),
        (
            {"time": "local_ending"},
            csv(GOOD),
            "tariffs.grid.time",
            "local times without a timezone",
            "timezone",
        ),
        (
            {"timezone": "Asia/Irkutsk"},
            csv(GOOD),
            "tariffs.grid.timezone",
            "its times are UTC",
            "local_ending",
        ),
        (
            {"reference_year": 2026},
            csv(GOOD),
            "tariffs.grid.reference_year",
            "not covered in full",
            "end to end",
        ),
        ({}, csv(GOOD[:1000]), "tariffs.grid.file", "not all of 2026-12 to 2027-02", "reference_year"),
        ({}, csv([row.replace(":00Z", ":30Z") for row in GOOD]), "t", "not on the hour", "whole UTC hour"),
    ],
)
def test_a_file_that_does_not_fit(
    problems: Many, terms: dict[str, object], content: str | bytes, where: str, rule: str, remedy: str
) -> None:
    """Wrong column, unit, convention or span, each told at the key or file to change."""
    told = problems(hourly(**terms), p_csv=content)[0]
    assert told.where == where
    assert rule in told.rule
    assert remedy in told.remedy


def test_a_missing_local_hour_is_a_gap_even_on_a_long_day(problems: Many) -> None:
    """24 rows on the 25-hour day of 1 November 2026 look complete by count; the repeated hour is missing."""
    rows = local_rows("America/Denver", date(2026, 10, 20), date(2027, 3, 5), autumn="start")
    twice = [i for i, row in enumerate(rows) if row.startswith("2026-11-01T02:00")]
    assert len(twice) == 2
    del rows[twice[1]]
    (told,) = problems(hourly(time="local_ending", timezone="America/Denver"), p_csv=csv(rows))
    assert (told.line, told.value) == (twice[1] + 2, "'2026-11-01T03:00'")
    assert "an hour is missing" in told.rule


def test_hours_outside_the_file_are_refused_when_priced(load: Load) -> None:
    """The file covers the horizon in UTC; a site 8 h ahead needs the last hours of the day before."""
    content = csv(utc_rows(datetime(2026, 12, 1), datetime(2027, 3, 1)))
    study = load(hourly(), p_csv=content)
    with pytest.raises(
        ConfigError, match="8 more hours are needed, 2026-11-30 16:00:00 to 2026-11-30 23:00:00 UTC"
    ) as caught:
        grid_price(study, WINTER, "Asia/Irkutsk")
    (told,) = caught.value.problems
    assert (Path(told.file).name, told.line, told.where, told.value) == (
        "study.yaml",
        27,
        "tariffs.grid.file",
        "'p.csv'",
    )
    assert "on the clock of Asia/Irkutsk" in told.rule
    assert "longer file" in told.remedy


def test_a_file_of_the_sites_own_days_is_enough(load: Load, problem: One) -> None:
    """Both sites on Irkutsk's clock: their days end 8 h before those of UTC. A check by UTC days would refuse
    a file that has every hour of the plan; one that forgot the clock would pass a file an hour short."""
    zone = "pue: 1.05, timezone: Asia/Irkutsk, tariff: grid"
    sites = [
        ("5 MW, pue: 1.05, tariff: grid", f"5 MW, {zone}"),
        ("4000, pue: 1.05, tariff: grid", f"4000, {zone}"),
    ]
    own = utc_rows(datetime(2026, 11, 30, 16), datetime(2027, 2, 28, 16))
    study = load(hourly(), *sites, p_csv=csv(own))
    assert grid_price(study, WINTER, "Asia/Irkutsk").hours.sum() == 90 * 24
    told = problem(hourly(), *sites, p_csv=csv(own[:-1]))
    assert (told.where, told.line) == ("tariffs.grid.file", 27)
    assert "not all of 2026-12 to 2027-02 on the clock of Asia/Irkutsk" in told.rule


def test_without_a_stated_clock_a_day_may_lack(load: Load, problem: One) -> None:
    """The regions' clocks are known only later: a file within a day of the plan passes here, one two days
    short does not."""
    load(hourly(), p_csv=csv(utc_rows(datetime(2026, 12, 1, 6), datetime(2027, 2, 28, 2))))
    told = problem(hourly(), p_csv=csv(utc_rows(datetime(2026, 12, 1), datetime(2027, 2, 27))))
    assert told.where == "tariffs.grid.file"


def test_a_file_that_is_not_there_is_told_at_its_tariff(problem: One) -> None:
    """With two contracts, "No such file" alone does not say whose."""
    told = problem(hourly(file="q.csv"))
    assert (Path(told.file).name, told.line, told.value) == ("study.yaml", 27, "'q.csv'")


def test_a_file_of_quarters_in_a_study(load: Load, tmp_path: Path) -> None:
    """The price is the minute of the quarter: 0, 15, 30 and 45 USD/MWh, each for a quarter of an hour."""
    starts = [datetime(2026, 11, 30) + i * timedelta(minutes=15) for i in range(92 * 96)]
    content = csv([f"{start:%Y-%m-%dT%H:%MZ},{start.minute}" for start in starts])
    price = grid_price(load(hourly(), p_csv=content), WINTER, "Asia/Irkutsk")
    assert (price.intervals_per_hour, price.hours.sum(axis=0).tolist()) == (4, [744, 744, 672])
    assert (1000 * price.energy_usd_per_kwh[:5, 0]).round(9).tolist() == [0, 15, 30, 45, 0]


PPA = """  grid:
    kind: ppa
    price_usd_per_kwh: 52 RUB/MWh
    volume_kw: 2 MW
    take_or_pay_share: 1
    resale: index
    index: {file: p.csv, time_column: t, price_column: p, unit: RUB/MWh, time: utc_start}
"""


def test_the_index_of_a_ppa_is_read(load: Load) -> None:
    """The same file as an hourly tariff's, in its own currency: UTC hour 16 at Irkutsk's midnight, 80 RUB a
    dollar."""
    study = load((FLAT, PPA), p_csv=csv(GOOD))
    price = grid_price(study, WINTER, "Asia/Irkutsk")
    assert price.energy_usd_per_kwh[:2, 0] == pytest.approx(np.array([16, 17]) / 80_000)
    assert [Path(source.path).name for source in study.source_files] == ["study.yaml", "p.csv"]


def test_a_fault_in_the_index_of_a_ppa_is_told(problem: One) -> None:
    told = problem((FLAT, PPA), p_csv=csv(changed(30, None)))
    assert (Path(told.file).name, told.line) == ("p.csv", 32)
    assert "an hour is missing" in told.rule
