"""Newer months joined to older ones: what is accepted, and everything that is refused."""

from dataclasses import replace
from datetime import date

import pytest

from optimizer import market
from optimizer.errors import ConfigError, Problem
from optimizer.market.refresh import GivenMonth, Refreshed, refreshed

TODAY = date(2026, 11, 22)
THERE = market.history()  # to 21 August 2026
JULY = GivenMonth(2, "2026-07", 31, 63_840.0, 129.1e12, 0.0217)
AUGUST = GivenMonth(3, "2026-08", 31, 67_000.0, 127.3e12, 0.0235)
SEPTEMBER = GivenMonth(4, "2026-09", None, 71_000.0, 131e12, 0.0221)
GOOD = (JULY, AUGUST, SEPTEMBER)


def join(*rows: GivenMonth) -> Refreshed:
    return refreshed(THERE, rows, "new.csv", "charts", "medium", TODAY)


def problems(*rows: GivenMonth) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        join(*rows)
    return list(caught.value.problems)


def problem(*rows: GivenMonth) -> Problem:
    found = problems(*rows)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def test_new_months_are_added_and_the_unfinished_one_is_replaced() -> None:
    """July stays as it was, August gets its 31 days, September is new; nothing else changes."""
    found = join(*GOOD)
    assert [each.month for each in found.added] == ["2026-09"]
    assert [(old.days, new.days) for old, new in found.replaced] == [(21, 31)]
    assert found.points[: len(THERE) - 1] == THERE[:-1]
    assert len(found.points) == len(THERE) + 1


def test_hashprice_of_a_new_month_is_the_formulas() -> None:
    """(3.125 + 0.0221) * 71,000 * 86,400e12 / (131e12 * 2^32) = 34.31 USD/PH/day."""
    assert 1000 * join(*GOOD).points[-1].hashprice_usd_per_ths_day == pytest.approx(34.312, abs=1e-3)


def test_what_is_written_can_be_read_again() -> None:
    """Every figure, source and confidence, old and new, to the last digit."""
    found = join(*GOOD)
    assert market.read_history(found.text) == found.points


def test_a_gap_in_the_file() -> None:
    told = problem(JULY, AUGUST, replace(SEPTEMBER, month="2026-10"))
    assert (told.line, told.rule) == (4, "follows 2026-08: 2026-09 is missing")


def test_a_repeated_month() -> None:
    told = problem(JULY, AUGUST, replace(AUGUST, line=4), replace(SEPTEMBER, line=5))
    assert (told.line, told.rule) == (4, "repeats the month of line 3")


def test_months_out_of_order() -> None:
    assert "comes after 2026-08" in problem(AUGUST, replace(JULY, line=4)).rule


def test_a_gap_between_what_is_there_and_the_file() -> None:
    """August is there only to the 21st, so a file from September leaves ten days out."""
    told = problem(SEPTEMBER)
    assert told.rule == "is the first month, but what is there goes to 2026-08-21: 2026-08 is missing"
    assert "begins in 2026-08" in told.remedy


def test_a_price_in_thousands() -> None:
    """65.2 for 65,200: wrong against July and against the month before; the slip is named."""
    told = problems(*(replace(row, btc_price_usd=row.btc_price_usd / 1000) for row in GOOD))
    assert {(each.line, each.where) for each in told} == {(2, "btc_price_usd")}
    assert all("is it in thousands?" in each.rule for each in told)


def test_a_difficulty_in_trillions() -> None:
    told = problems(JULY, replace(AUGUST, difficulty=127.3), replace(SEPTEMBER, difficulty=131.0))
    assert (told[0].line, told[0].where) == (3, "difficulty")
    assert "is it in trillions (T)?" in told[0].rule


def test_a_figure_that_leaps() -> None:
    """One month alone in another unit: the step into it and the step out of it."""
    told = problem(JULY, AUGUST, replace(SEPTEMBER, btc_price_usd=150_000.0))
    assert told.rule == "is 2.24 times the month before, 67000"
    assert told.value == "150000"


def test_a_file_older_than_what_is_there() -> None:
    """To 20 August: nothing of it is new, and joining it would take a day away."""
    told = problem(JULY, replace(AUGUST, days=20))
    assert told.rule == "ends on 2026-08-20; what is there goes to 2026-08-21"


def test_a_month_that_is_not_over() -> None:
    """November without days would claim all of it on the 22nd."""
    october = replace(SEPTEMBER, line=5, month="2026-10")
    november = replace(SEPTEMBER, line=6, month="2026-11")
    assert problem(*GOOD, october, november).rule == "ends on 2026-11-30, but today is 2026-11-22"
    newest = join(*GOOD, october, replace(november, days=20)).points[-1]
    assert (newest.month, newest.last_day) == ("2026-11", date(2026, 11, 20))


def test_an_unfinished_month_in_the_middle() -> None:
    told = problem(JULY, replace(AUGUST, days=25), SEPTEMBER)
    assert told.rule == "covers 2026-08 only to 2026-08-25, and further months follow"


def test_a_whole_month_that_disagrees() -> None:
    """5 % off July's price is another series; 1 % is another way of averaging."""
    assert "differs from the 63840.7" in problem(replace(JULY, btc_price_usd=67_000.0), AUGUST).rule
    assert join(replace(JULY, btc_price_usd=64_400.0), AUGUST).replaced


def test_fees_by_the_day() -> None:
    """144 blocks a day: 0.022 a block are 3.2 a day, and differ from July's; 20 are beyond belief."""
    assert "differs from" in problem(replace(JULY, fees_btc_per_block=3.2), AUGUST).rule
    assert (
        problem(JULY, replace(AUGUST, fees_btc_per_block=20.0)).remedy == "write BTC per block, not per day"
    )


def test_a_hashprice_that_the_figures_do_not_give() -> None:
    """34.31 by the formula; 36 says that one of the four figures is something else."""
    told = problem(*GOOD[:2], replace(SEPTEMBER, hashprice_usd_per_ths_day=0.036))
    assert told.rule == "is not what price, difficulty and fees give: 0.034312 USD per TH/s and day"
    assert join(*GOOD[:2], replace(SEPTEMBER, hashprice_usd_per_ths_day=0.0341)).added


def test_a_hashrate_that_is_not_the_difficultys() -> None:
    assert problem(*GOOD[:2], replace(SEPTEMBER, network_ehs=1100.0)).where == "network_ehs"


def test_no_months_at_all() -> None:
    assert problem().rule == "has no months"
