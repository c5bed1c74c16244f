"""`rigshift market` and `rigshift market refresh`: figures with their dates; nothing replaced unchecked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.small_studies import Run, WriteStudy

HEADINGS = "month,days,price_usd,difficulty,fees_btc_per_block\n"
AUGUST = "2026-08,31,67000,127.3e12,0.0235\n"
SEPTEMBER = "2026-09,30,71000,131e12,0.0221\n"
GOOD = HEADINGS + AUGUST + SEPTEMBER
Document = Callable[..., Any]


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own for the user's copy."""
    monkeypatch.setenv("RIGSHIFT_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "network_monthly.csv"


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "new.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def refused(document: Document, file: Callable[[str], Path], data: Path) -> Callable[[str], dict[str, Any]]:
    """The first problem of a file that is refused; nothing may have been written."""

    def problem_of(text: str) -> dict[str, Any]:
        told = document("market", "refresh", file(text))
        assert told["exit_code"] == 2
        assert not data.exists()
        problem: dict[str, Any] = told["error"]["problems"][0]
        return problem

    return problem_of


def test_the_bundled_figures_with_dates(document: Document) -> None:
    """Newest month, age and halving as in the facts; a year of difficulty is 127.06 / 129.11 - 1."""
    told = document("market")["bundled"]
    assert (told["month"], told["last_day"], told["confidence"]) == ("2026-08", "2026-08-21", "high")
    assert told["is_stale"] is (told["age_days"] > 45)
    assert 1000 * told["hashprice_usd_per_ths_day"] == pytest.approx(32.474)
    assert told["hashprice_btc_per_phs_day"] == pytest.approx(32.474 / 65_158.62)
    assert (told["halving"]["date"], told["halving"]["blocks_left"]) == ("2028-04-13", 88_368)
    assert told["growth_share_per_year"]["1"]["difficulty"] == pytest.approx(-0.01585, abs=1e-5)
    assert set(told["growth_share_per_year"]) == {"1", "2", "3", "5"}
    assert len(told["last_months"]) == 12


def test_for_people(run: Run) -> None:
    """Dates, source and staleness are on the screen, not only in the document."""
    said = run("market").stdout
    for text in (
        "2026-08-21",
        "days old",
        "2028-04-13",
        "block 961,632",
        "growth a year",
        "confidence",
        "source:",
    ):
        assert text in said


def test_a_studys_path(document: Document, study: WriteStudy) -> None:
    """+10 % a year of network: the hashprice of February is below December's, and treasury is told."""
    file = study(("  pool_fee_share: 0.02", "  treasury_share: 0.3\n  halving: pace\n  pool_fee_share: 0.02"))
    told = document("market", "--study", file)
    first, *_, last = told["path"]
    assert (first["period"], last["period"], first["treasury_share"]) == ("2026-12", "2027-02", 0.3)
    assert last["hashprice_usd_per_ths_day"] < first["hashprice_usd_per_ths_day"]
    assert (told["halving"], told["next_halving"]) == ("pace", "2028-04-10")


def test_a_refresh_is_shown_first_and_written_only_when_asked(
    document: Document, file: Callable[[str], Path], data: Path
) -> None:
    """--dry-run tells the same and writes nothing."""
    told = document("market", "refresh", file(GOOD), "--dry-run")
    assert (told["written"], data.exists()) == (None, False)
    assert [each["month"] for each in told["added"]] == ["2026-09"]
    assert told["replaced"][0]["before"]["days"] == 21
    written = document("market", "refresh", file(GOOD), "--source", "charts.example")
    assert written["written"] == str(data)
    assert written["added"] == told["added"]
    shown = document("market")
    assert shown["bundled"]["month"] == "2026-08"  # what a study calls bundled stays what it was
    assert (shown["refreshed"]["month"], shown["refreshed"]["confidence"]) == ("2026-09", "medium")
    assert shown["refreshed"]["source"].startswith("charts.example, file sha256 ")
    assert [path.name for path in data.parent.iterdir()] == [data.name]  # no half file is left


def test_a_second_refresh_joins_the_first(document: Document, file: Callable[[str], Path]) -> None:
    """October joins September of the copy; joined to the bundled months it would leave a gap."""
    document("market", "refresh", file(GOOD))
    told = document("market", "refresh", file(HEADINGS + "2026-10,31,70500,135e12,0.0219\n"))
    assert [each["month"] for each in told["added"]] == ["2026-10"]


def test_columns_by_other_names(document: Document, file: Callable[[str], Path]) -> None:
    """EH/s for difficulty (900 EH/s is 125.73T), hashprice per PH, and a column that nobody needs."""
    rows = "2026-08,66000,900,0.02,33.17,x\n"
    text = (
        "month,btc_price_usd,network_hashrate_ehs,fees_btc_per_block,hashprice_usd_per_ph_day,note\n" + rows
    )
    told = document("market", "refresh", file(text))
    assert told["replaced"][0]["after"]["difficulty"] == pytest.approx(125.729e12, rel=1e-5)
    assert told["ignored"] == ["note"]
    in_t = file("month,price_usd,difficulty_t,fees_btc_per_block\n2026-08,66000,125.729,0.02\n")
    again = document("market", "refresh", in_t, "--dry-run")
    assert again["error"]["problems"][0]["rule"].startswith("ends on 2026-08-31")  # the first file had it all
    in_t.write_text(in_t.read_text() + "2026-09,66000,130.5,0.02\n")
    added = document("market", "refresh", in_t, "--dry-run")["added"]
    assert added[0]["difficulty"] == pytest.approx(130.5e12)


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        (GOOD.replace("2026-09", "2026-10"), 3, "2026-09 is missing"),
        (GOOD + SEPTEMBER, 4, "repeats the month of line 3"),
        (GOOD.replace("67000", "67").replace("71000", "71"), 2, "is it in thousands?"),
        (GOOD[:-3], 3, "cut off?"),
        (GOOD + "2026-10,31,70", 4, "cut off?"),
        (GOOD + "2026-10,31,70\n", 4, "has 3 cells under 5 headings"),
        (HEADINGS + AUGUST.replace("31", "20", 1), 2, "what is there goes to 2026-08-21"),
        (GOOD.replace("71000", "-71000"), 3, "must be above 0"),
        (GOOD.replace("71000", ""), 3, "is not a number"),
        (GOOD.replace("71000", "nan"), 3, "is not a number"),
        (GOOD.replace("30,71000", "31,71000"), 3, "is not a number from 1 to 30"),
        (GOOD.replace("2026-09", "09/2026"), 3, "is not a month"),
        (GOOD.replace("price_usd", "price_eur"), 1, "has no column for btc_price_usd"),
        (HEADINGS, None, "has no months"),
        ("", None, "is empty"),
    ],
)
def test_what_is_refused(
    refused: Callable[[str], dict[str, Any]], text: str, line: int | None, rule: str
) -> None:
    """Each with the file's line; a row let through would move every hashprice after it."""
    told = refused(text)
    assert told["line"] == line
    assert rule in told["rule"]
    assert told["remedy"]


def test_a_copy_that_is_refused_stays_as_it_was(
    document: Document, file: Callable[[str], Path], data: Path
) -> None:
    """The old copy is not touched by a file that does not check."""
    document("market", "refresh", file(GOOD))
    before = data.read_bytes()
    document("market", "refresh", file(HEADINGS + "2026-10,31,70.5,135e12,0.0219\n"))
    assert data.read_bytes() == before


def test_a_damaged_copy_is_told(document: Document, data: Path) -> None:
    """Not a traceback, and not silently the bundled figures."""
    data.parent.mkdir()
    data.write_text("month,days\n2026-09,x\n", encoding="utf-8")
    told = document("market")
    assert told["exit_code"] == 2
    assert told["error"]["problems"][0]["file"] == str(data)


def test_a_study_that_starts_refreshed(
    document: Document, file: Callable[[str], Path], data: Path, study: WriteStudy
) -> None:
    """Without a copy an error with its remedy; with one the newest month, and its checksum in the inputs."""
    from optimizer import Study

    path = study(("start: bundled", "start: refreshed"))
    (problem,) = document("market", "--study", path)["error"]["problems"]
    assert (problem["where"], problem["line"]) == ("market.start", 13)
    assert "there is none at" in problem["rule"]
    assert "rigshift market refresh" in problem["remedy"]
    document("market", "refresh", file(GOOD))
    assert document("market", "--study", path)["month"] == "2026-09"
    read = Study.from_yaml(path)
    named = {source.path: source.sha256 for source in read.source_files}
    assert named[str(data)] == hashlib.sha256(data.read_bytes()).hexdigest()


def test_a_copy_that_changes_after_the_study_was_read(
    document: Document, file: Callable[[str], Path], data: Path, study: WriteStudy
) -> None:
    """Else the manifest would name a checksum that the figures are not from."""
    from optimizer import Study
    from optimizer.errors import ConfigError
    from optimizer.prepare.market import market_of

    document("market", "refresh", file(GOOD))
    read = Study.from_yaml(study(("start: bundled", "start: refreshed")))
    data.write_bytes(data.read_bytes().replace(b"71000.0", b"72000.0"))
    with pytest.raises(ConfigError, match="has changed since"):
        market_of(read, read.horizon.periods())
