"""From rules to calendars: on which days a rule holds, and what holds at a place from day to day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from geodata.rules import RuleWindow, Season
from geodata.store import GeodataError

ONE_DAY = timedelta(days=1)
Days = tuple[date, date]  # first and last, both included

# What a place is to someone who comes with new load from the grid and holds no licence; strictest first.
PLACE_STATUSES = (
    "sanctioned", "banned", "moratorium", "licensed", "registration", "conditions", "open", "unknown",
)  # fmt: skip


@dataclass(frozen=True)
class Window:
    """Days on which the same rules hold at a place.

    `status` is one of PLACE_STATUSES, by the strictest of `rules`; "unknown" with no rules is a gap, of
    which nothing is known. `is_partial` says that the strictest hold only in the districts they name.
    """

    first: date
    last: date
    status: str
    rules: tuple[RuleWindow, ...]
    is_partial: bool


def days_in_force(rule: RuleWindow, start: date, end: date) -> list[Days]:
    """The intervals of days inside [start, end], ends included, on which a rule of any kind holds."""
    check_order(start, end)
    first, last = max(start, rule.start), min(end, rule.end or end)
    if first > last:
        return []
    spans = [(first, last)] if rule.season is None else _seasons(rule.season, first.year - 1, last.year)
    clipped = ((max(opened, first), min(closed, last)) for opened, closed in spans)
    return [(opened, closed) for opened, closed in clipped if opened <= closed]


def holds_on(rule: RuleWindow, day: date) -> bool:
    """Whether the rule holds on the day."""
    return bool(days_in_force(rule, day, day))


def closed_days(rule: RuleWindow, start: date, end: date) -> list[Days]:
    """The days inside [start, end] on which no one in the rule's scope may run; none for a mere condition."""
    return days_in_force(rule, start, end) if rule.closes else []


def place_status(rule: RuleWindow) -> str:
    """What the rule alone makes of a place, on its days, to someone new without a licence."""
    if rule.kind == "open":
        return "open"
    if rule.scope.persons or rule.scope.coin_sales:
        return "unknown"  # tells nothing of the place to anyone else
    if not rule.scope.is_general:
        return "conditions"
    if rule.closes and rule.kind != "sanctioned":
        return "moratorium" if rule.scope.new_load_only else "banned"
    return rule.kind if rule.kind in PLACE_STATUSES else "conditions"


def calendar(
    rules: Sequence[RuleWindow], start: date, end: date, *, of_whole_region: bool = False
) -> list[Window]:
    """The days of [start, end] in windows of equal law, without gaps and in order.

    `of_whole_region` says that the rules of all districts are among them: then some may hold in part only.
    """
    check_order(start, end)
    held = [(rule, days_in_force(rule, start, end)) for rule in rules]
    edges = {start} | {first for _, days in held for first, _ in days}
    edges |= {last + ONE_DAY for _, days in held for _, last in days if last < end}
    firsts = sorted(edges)
    lasts = [first - ONE_DAY for first in firsts[1:]] + [end]
    return [
        _window(first, last, [rule for rule, days in held if _covers(days, first)], of_whole_region)
        for first, last in zip(firsts, lasts, strict=True)
    ]


def _window(first: date, last: date, rules: list[RuleWindow], of_whole_region: bool) -> Window:
    rated = [(PLACE_STATUSES.index(place_status(rule)), rule) for rule in rules]
    if of_whole_region:  # a named city says nothing of the region; listed districts are a good part of it
        conditions = PLACE_STATUSES.index("conditions")
        rated = [(max(rank, conditions) if rule.circle else rank, rule) for rank, rule in rated]
    rated.sort(key=lambda each: each[0])
    best = rated[0][0] if rated else PLACE_STATUSES.index("unknown")
    strictest = [rule for rank, rule in rated if rank == best]
    is_partial = of_whole_region and bool(strictest) and all(rule.districts for rule in strictest)
    return Window(first, last, PLACE_STATUSES[best], tuple(rule for _, rule in rated), is_partial)


def _covers(days: Iterable[Days], day: date) -> bool:
    return any(first <= day <= last for first, last in days)


def _seasons(season: Season, first_year: int, last_year: int) -> Iterator[Days]:
    (month, day), (last_month, last_day) = season
    crosses_new_year = (last_month, last_day) < (month, day)
    for year in range(max(first_year, 1), last_year + 1):
        yield date(year, month, day), date(year + crosses_new_year, last_month, last_day)


def check_order(start: date, end: date) -> None:
    """Raises GeodataError when an interval ends before it starts."""
    if end < start:
        raise GeodataError(f"the interval {start} to {end} ends before it starts; exchange the two")


def union(days: Iterable[Days]) -> list[Days]:
    """The same days in disjoint intervals, in order."""
    joined: list[Days] = []
    for first, last in sorted(days):
        # A day is added to neither end: there is none after the last that a licence may be held to.
        if joined and (first <= joined[-1][1] or first - ONE_DAY == joined[-1][1]):
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def minus(days: Iterable[Days], taken: Iterable[Days]) -> list[Days]:
    """The days of the first that are not among the second."""
    left = union(days)
    for first, last in union(taken):
        left = [part for each in left for part in _without(each, first, last)]
    return left


def _without(days: Days, first: date, last: date) -> Iterator[Days]:
    if days[0] < first:
        yield days[0], min(days[1], first - ONE_DAY)
    if days[1] > last:
        yield max(days[0], last + ONE_DAY), days[1]
