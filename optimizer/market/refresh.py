"""Newer months joined to the history that is there: what would change, or all that speaks against it."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from optimizer.errors import ConfigError, Problem
from optimizer.market.days import month_bounds, month_number, month_text
from optimizer.market.points import MarketPoint, difficulty_of, point

FIGURES = ("btc_price_usd", "difficulty", "fees_btc_per_block")
COLUMNS = ("month", "days", *FIGURES, "hashprice_usd_per_ths_day", "source", "confidence")

# From one month to the next, as a factor up or down. The largest since 2019 were 1.58 and 1.41.
LARGEST_STEP = {"btc_price_usd": 2.0, "difficulty": 1.5}
# Months that both have: two chains of averages differ by less than this; fees, by what they are per block.
AGREE_SHARE = {"btc_price_usd": 0.03, "difficulty": 0.03, "fees_btc_per_block": 0.25}
AGREE_FEES_BTC = 0.01
MOST_FEES_BTC = 5.0  # per block, in the mean of a month; the most since 2019 was 1.7
HASHPRICE_AGREES_SHARE = 0.03
SLIPS = {1e3: "in thousands", 1e6: "in millions", 1e12: "in trillions (T)", 1e8: "in satoshi"}


@dataclass(frozen=True)
class GivenMonth:
    """One row of a file and its line; means over the first `days` days, None: the whole month."""

    line: int
    month: str
    days: int | None
    btc_price_usd: float
    difficulty: float
    fees_btc_per_block: float
    hashprice_usd_per_ths_day: float | None = None
    network_ehs: float | None = None

    @property
    def last_day(self) -> date:
        first, after = month_bounds(self.month)
        return (after if self.days is None else first + timedelta(days=self.days)) - timedelta(days=1)

    @property
    def is_whole(self) -> bool:
        return self.last_day + timedelta(days=1) == month_bounds(self.month)[1]


@dataclass(frozen=True)
class Refreshed:
    """The history that would be written, the months that are new in it, and those that were not over."""

    points: tuple[MarketPoint, ...]
    added: tuple[MarketPoint, ...]
    replaced: tuple[tuple[MarketPoint, MarketPoint], ...]  # before and after

    @property
    def text(self) -> str:
        """The copy as it is written."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([getattr(each, name) for name in COLUMNS] for each in self.points)
        return out.getvalue()


def refreshed(
    there: Sequence[MarketPoint],
    rows: Sequence[GivenMonth],
    file: str,
    source: str,
    confidence: str,
    today: date,
) -> Refreshed:
    """Join a file's months to the history that is there. Raises ConfigError with all that is not right."""
    problems = [fault.problem(file) for fault in _faults(there, rows, today)]
    if problems:
        raise ConfigError(problems)
    known = {each.month: each for each in there}
    new = [_as_point(row, source, confidence) for row in rows if row.last_day > there[-1].last_day]
    before = [each for each in there if each.month != new[0].month]
    return Refreshed(
        points=(*before, *new),
        added=tuple(each for each in new if each.month not in known),
        replaced=tuple((known[each.month], each) for each in new if each.month in known),
    )


@dataclass(frozen=True)
class _Fault:
    """What is wrong with a figure of a row, or with the rows as a whole."""

    row: GivenMonth | None
    where: str
    rule: str
    remedy: str

    def problem(self, file: str) -> Problem:
        if self.row is None:
            return Problem(file, None, "", "", self.rule, self.remedy)
        value = getattr(self.row, self.where)
        told = f"{value:g}" if isinstance(value, float) else str(value)
        return Problem(file, self.row.line, self.where, told, self.rule, self.remedy)


def _faults(there: Sequence[MarketPoint], rows: Sequence[GivenMonth], today: date) -> Iterator[_Fault]:
    if not rows:
        yield _Fault(None, "", "has no months", "download it again: one row for each month")
        return
    order = list(_out_of_order(rows))
    yield from order
    yield from _not_over(rows, today)
    for row in rows:
        yield from _by_itself(row)
    if not order:
        yield from _joins(there, rows)
        yield from _disagreements(there, rows)
        yield from _steps(there, rows)


def _out_of_order(rows: Sequence[GivenMonth]) -> Iterator[_Fault]:
    for before, row in pairwise(rows):
        step = month_number(row.month) - month_number(before.month)
        if step == 0:
            yield _Fault(row, "month", f"repeats the month of line {before.line}", "keep one of the rows")
        elif step < 0:
            yield _Fault(row, "month", f"comes after {before.month}", "sort the rows by month")
        elif step > 1:
            missing = month_text(month_number(before.month) + 1)
            rule = f"follows {before.month}: {missing} is missing"
            yield _Fault(row, "month", rule, "add the missing months; none is guessed")


def _not_over(rows: Sequence[GivenMonth], today: date) -> Iterator[_Fault]:
    for row in rows[:-1]:
        if not row.is_whole:
            rule = f"covers {row.month} only to {row.last_day}, and further months follow"
            yield _Fault(row, "days", rule, "give the means of the whole month")
    if rows[-1].last_day > today:
        rule = f"ends on {rows[-1].last_day}, but today is {today}"
        remedy = "say in `days` how many days the last month covers; forecasts belong in a study"
        yield _Fault(rows[-1], "month", rule, remedy)


def _by_itself(row: GivenMonth) -> Iterator[_Fault]:
    if row.fees_btc_per_block > MOST_FEES_BTC:
        rule = f"is above {MOST_FEES_BTC:g} BTC a block, which no month has been near"
        yield _Fault(row, "fees_btc_per_block", rule, "write BTC per block, not per day")
    if row.network_ehs is not None and not _near(difficulty_of(row.network_ehs), row.difficulty, 0.03):
        ehs = row.difficulty / difficulty_of(1.0)
        rule = f"is not the hashrate of difficulty {row.difficulty:g}, which is {ehs:.1f} EH/s"
        yield _Fault(row, "network_ehs", rule, "give one of the two columns")
    if row.hashprice_usd_per_ths_day is not None:
        formula = _as_point(row, "", "").hashprice_usd_per_ths_day
        if not _near(row.hashprice_usd_per_ths_day, formula, HASHPRICE_AGREES_SHARE):
            rule = f"is not what price, difficulty and fees give: {formula:.6f} USD per TH/s and day"
            remedy = "check which of the four figures is in another unit"
            yield _Fault(row, "hashprice_usd_per_ths_day", rule, remedy)


def _joins(there: Sequence[MarketPoint], rows: Sequence[GivenMonth]) -> Iterator[_Fault]:
    newest, first, last = there[-1], rows[0], rows[-1]
    if last.last_day <= newest.last_day:
        rule = f"ends on {last.last_day}; what is there goes to {newest.last_day}"
        yield _Fault(last, "month", rule, "download a newer file; this one brings nothing new")
        return
    is_over = newest.last_day + timedelta(days=1) == month_bounds(newest.month)[1]
    wanted = month_text(month_number(newest.month) + is_over)
    if first.month > wanted:
        rule = f"is the first month, but what is there goes to {newest.last_day}: {wanted} is missing"
        yield _Fault(first, "month", rule, f"download a file that begins in {wanted} or earlier")


def _disagreements(there: Sequence[MarketPoint], rows: Sequence[GivenMonth]) -> Iterator[_Fault]:
    """Months of which both have the whole."""
    known = {each.month: each for each in there if each.days == _days_in(each.month)}
    for row in rows:
        for name in FIGURES if row.month in known and row.is_whole else ():
            value, before = getattr(row, name), getattr(known[row.month], name)
            slack = AGREE_FEES_BTC if name == "fees_btc_per_block" else 0.0
            if abs(value - before) > max(slack, AGREE_SHARE[name] * before):
                rule = f"differs from the {before:g} that is there for {row.month}{_slip(value, before)}"
                yield _Fault(row, name, rule, "check the column's unit and the source")


def _steps(there: Sequence[MarketPoint], rows: Sequence[GivenMonth]) -> Iterator[_Fault]:
    """Changes between months that follow each other, from the last month that is there."""
    known = {each.month: each for each in there}
    before: GivenMonth | MarketPoint | None = known.get(month_text(month_number(rows[0].month) - 1))
    for row in rows:
        for name, largest in LARGEST_STEP.items() if before is not None else ():
            value, last = getattr(row, name), getattr(before, name)
            if not 1 / largest <= value / last <= largest:
                rule = f"is {value / last:.3g} times the month before, {last:g}{_slip(value, last)}"
                remedy = f"check its unit; from month to month at most {largest:g} times is believed"
                yield _Fault(row, name, rule, remedy)
        before = row


def _slip(value: float, expected: float) -> str:
    """A unit that would explain the difference."""
    for factor, told in SLIPS.items():
        if _near(value * factor, expected, 0.5):
            return f"; is it {told}?"
    return ""


def _near(value: float, expected: float, share: float) -> bool:
    return abs(value - expected) <= share * abs(expected)


def _days_in(month: str) -> int:
    first, after = month_bounds(month)
    return (after - first).days


def _as_point(row: GivenMonth, source: str, confidence: str) -> MarketPoint:
    return point(
        row.month,
        row.btc_price_usd,
        row.difficulty,
        row.fees_btc_per_block,
        source,
        confidence,
        days=row.days,
    )
