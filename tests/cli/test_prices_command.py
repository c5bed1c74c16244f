"""`rigshift prices check`: guesses are told, what cannot be known is asked for, bad files have exit 2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.cli.price_screen import _odd_days
from tests.cli.small_studies import Run

Document = Callable[..., Any]


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(
    stamps: list[str], prices: list[float], time: str = "hour_start_utc", price: str = "usd_mwh"
) -> str:
    pd.DataFrame({time: stamps, price: prices}).to_csv("p.csv", index=False)
    return "p.csv"


def utc(count: int, first: str = "2025-01-01") -> list[str]:
    return [f"{each:%Y-%m-%dT%H:%MZ}" for each in pd.date_range(first, periods=count, freq="h")]


def edmonton(first: str, after: str) -> list[str]:
    """Hour-ending stamps of whole days by the clock of Edmonton, as Alberta writes them."""
    zone = "America/Denver"
    starts = pd.date_range(first, after, freq="h", tz=zone, inclusive="left").tz_localize(None)
    return [f"{each + pd.Timedelta(hours=1):%Y-%m-%d %H:%M}" for each in starts]


def told(result: Any) -> str:
    """What people see, without line breaks."""
    return " ".join((result.stdout + result.stderr).split())


def test_what_a_machine_earns_by_hand(document: Document) -> None:
    """Prices of 20, 40, 60 and -10 USD/MWh in turn, 5 on top, 25 USD/PH/day: 30.5 J/TH are 0.732 kWh a day,
    which breaks even at 25 / 0.732 = 34.15, an index of 29.15. So it runs in half the hours, at an index of
    5 on the mean, and 3.05 kW earn 34.15 - 10 USD/MWh. Without the adder in the cost it would be 34.15 -
    5."""
    file = write(utc(8760), np.tile([20.0, 40.0, 60.0, -10.0], 2190).tolist())
    found = document(
        "prices", "check", file, "--model", "S19j Pro", "--hashprice", "25 USD/PH/day", "--adder", "5 USD/MWh"
    )
    every, year = found["machines"]
    assert (every["year"], year["year"]) == ("all", "2025")
    assert every["breakeven_usd_per_mwh"] == pytest.approx(25 / 0.732 - 5)
    assert every["run_share"] == 0.5
    assert every["paid_usd_per_mwh"] == pytest.approx(5.0)
    assert every["margin_usd_per_year"] == pytest.approx(4383 * 3.05 / 1000 * (25 / 0.732 - 10))
    assert found["covers"]["whole_years"] == [2025]
    (prices,) = found["prices"]
    assert (prices["mean"], prices["negative_share"], prices["quantiles"]["max"]) == (27.5, 0.25, 60.0)


def test_pue_raises_what_a_kwh_costs(document: Document) -> None:
    """At a PUE of 1.25 the break-even at the meter is 4/5 of that at the wall."""
    file = write(utc(48), [30.0] * 24 + [31.0] * 24)
    plain, cooled = (
        document("prices", "check", file, "--model", "S21 XP", "--hashprice", "50 USD/PH/day", "--pue", pue)[
            "machines"
        ][0]
        for pue in (1.0, 1.25)
    )
    assert cooled["breakeven_usd_per_mwh"] == pytest.approx(0.8 * plain["breakeven_usd_per_mwh"])
    assert cooled["margin_usd_per_year"] == pytest.approx(
        8766 * 3.645 / 1000 * (50 / 0.324 - 1.25 * 30.5), rel=1e-9
    )


def test_deciding_on_the_last_price_earns_less(document: Document, run: Run) -> None:
    """Prices in turn above and below the break-even: always a step late, the machine runs in the dear
    hours."""
    file = write(utc(1000), [20.0, 90.0] * 500)
    common = ("--model", "S19j Pro", "--hashprice", "50 USD/PH/day", "--real-time")
    (machine, *_) = document("prices", "check", file, *common)["machines"]
    assert machine["margin_on_last_price_usd_per_year"] < 0 < machine["margin_usd_per_year"]
    assert "on last price" in run("prices", "check", file, *common).stdout


def test_every_guess_is_told(document: Document, run: Run) -> None:
    """Columns, unit and convention, each from what the file says."""
    guessed = document("prices", "check", write(utc(48), [30.0, 35.0] * 24))["guessed"]
    assert guessed[0] == "times are in 'hour_start_utc'"
    assert guessed[2] == "prices are in USD/MWh"
    assert guessed[3].startswith("--time utc_start: stamps carry their offset; the heading says start")
    assert "guessed: prices are in 'usd_mwh'" in run("prices", "check", "p.csv").stdout


def test_the_end_of_the_interval_is_guessed_from_the_first_stamp(document: Document) -> None:
    """A file of whole days that begins at 01:00 names the ends."""
    file = write(utc(48, "2025-01-01 01:00"), [30.0, 35.0] * 24, time="stamp")
    assert document("prices", "check", file)["reading"]["time"] == "utc_ending"


def test_local_times_need_their_clock(run: Run) -> None:
    """Alberta's file as it comes, and one that only its clock change gives away: both ask, with the
    option."""
    stamps = edmonton("2025-03-01", "2025-03-20")
    for heading in ("hour_ending_local", "when"):
        result = run("prices", "check", write(stamps, [30.0] * len(stamps), heading, "cad_mwh"))
        assert result.exit_code == 2
        assert "give --timezone, e.g. --timezone America/Edmonton (and --time local_ending)" in told(result)
    assert "the hour before 2025-03-09 04:00 is not there" in told(result)


def test_local_times_in_another_currency(document: Document, run: Run) -> None:
    """Without a rate the file is still described, in its own money; with one, machines are worth
    something."""
    stamps = edmonton("2025-03-01", "2025-11-20")
    file = write(stamps, [30.0, 45.0] * (len(stamps) // 2), "hour_ending_local", "cad_mwh")
    known = ("prices", "check", file, "--timezone", "America/Denver")
    found = document(*known)
    assert found["covers"]["days_not_of_24_hours"] == {"2025-03-09": 23.0, "2025-11-02": 25.0}
    assert (found["machines"], found["prices"][0]["mean"]) == ([], 37.5)
    assert "give --per-usd" in told(run(*known))
    (machine, *_) = document(*known, "--per-usd", 1.5, "--model", "S23 Hyd")["machines"]
    assert machine["paid_usd_per_mwh"] == pytest.approx(25.0)


def test_a_screen_for_every_model(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One row each; by year only where few are asked for."""
    monkeypatch.setenv("COLUMNS", "120")  # narrower, long names go on in the next line
    write(utc(48), [30.0, 35.0] * 24)
    screen = run("prices", "check", "p.csv").stdout
    assert "Antminer S21 XP Hyd" in screen
    assert "48 intervals of 60 minutes, none missing" in screen
    assert "whole years, for reference_year: none" in screen


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--unit", "USD/MW"), "is not per"),
        (("--unit", "XYZ/MWh"), "XYZ"),
        (("--time", "start"), "write one of utc_start"),
        (("--time", "local_start"), "give --timezone"),
        (("--timezone", "America/Edmontn"), "America/Edmonton"),
        (("--per-usd", "1.4"), "prices are in USD"),
        (("--model", "S21 XPP"), "did you mean"),
        (("--hashprice", "0 USD/PH/day"), "is not above 0"),
        (("--hashprice", "50"), "text with no unit"),
        (("--price-column", "lmp"), "is not a column of the file"),
        (("--time-column", "when"), "is not a column of the file"),
    ],
)
def test_options_that_do_not_fit(run: Run, arguments: tuple[str, ...], said: str) -> None:
    """Exit 2 and what to write instead."""
    result = run("prices", "check", write(utc(48), [30.0, 35.0] * 24), *arguments)
    assert result.exit_code == 2
    assert said in told(result)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\n1,2\n", "no column that reads as times"),
        ("t,x,y\n2025-01-01T00:00Z,1,2\n", "has 2 columns of numbers"),
        ("t,x\n2025-01-01T00:00Z,dear\n", "has no column of numbers"),
        ("t,price\n2025-01-01T00:00Z,30\n", "does not say its unit"),
        ("t,usd_mwh\n2025-01-01T00:00Z,30\n2025-01-01T01:00Z,3O\n", "p.csv:3: usd_mwh = '3O'"),
        ("t,usd_mwh\n" + "".join(f"2025-01-01T{h:02}:00Z,30\n" for h in (0, 1, 2, 4)), "an hour is missing"),
        ("", "has no rows"),
    ],
)
def test_files_that_are_wrong(run: Run, content: str, said: str) -> None:
    Path("p.csv").write_text(content)
    result = run("prices", "check", "p.csv")
    assert result.exit_code == 2
    assert said in told(result)


def test_a_file_that_is_not_there(run: Run) -> None:
    result = run("prices", "check", "q.csv")
    assert result.exit_code == 2
    assert "cannot be read" in told(result)


def test_cautions_are_told(run: Run) -> None:
    """Cents per kWh in a column that claims USD/MWh."""
    assert "caution: half of its prices" in told(run("prices", "check", write(utc(48), [2.5, 2.7] * 24)))


def test_one_odd_day_is_a_day() -> None:
    """The clock goes forward once a year: not '1 days of 23 hours'."""
    days = [("2025-03-09", 23.0), ("2025-11-02", 25.0), ("2026-11-01", 25.0)]
    told = _odd_days(SimpleNamespace(odd_days=lambda: days))  # type: ignore[arg-type]
    assert told.startswith("; 1 day of 23 hours, 2 days of 25 hours (2025-03-09")
