"""Days and windows: each case is a date on which an off-by-one would show."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import GeodataError
from geodata.calendars import calendar, closed_days, days_in_force, minus, union
from geodata.rules import Parameter, Scope
from tests.geodata.records import rule

WINTER = ((11, 15), (3, 15))
SEASONAL = rule(kind="seasonal", season=WINTER, start=date(2025, 1, 1), end=date(2031, 3, 15))


def test_april_2025_in_south_irkutsk_is_closed_on_24_days() -> None:
    """From the 7th to the 30th, both counted: an exclusive end would give 23, a whole month 30."""
    assert closed_days(rule(), date(2025, 4, 1), date(2025, 4, 30)) == [(date(2025, 4, 7), date(2025, 4, 30))]


def test_season_across_new_year() -> None:
    """15 November to 15 March is 121 days, 122 in a leap year; cut at New Year it would be 47 or 74."""
    assert days_in_force(SEASONAL, date(2025, 7, 1), date(2026, 6, 30)) == [
        (date(2025, 11, 15), date(2026, 3, 15))
    ]
    leap = days_in_force(SEASONAL, date(2027, 7, 1), date(2028, 6, 30))
    assert (leap[0][1] - leap[0][0]).days + 1 == 122


def test_season_clipped_to_the_rule_and_to_the_question() -> None:
    """The first season begins with the rule on 1 January, not the November before; the last ends in 2031."""
    assert days_in_force(SEASONAL, date(2024, 11, 1), date(2025, 6, 30)) == [
        (date(2025, 1, 1), date(2025, 3, 15))
    ]
    assert days_in_force(SEASONAL, date(2031, 1, 10), date(2032, 12, 31)) == [
        (date(2031, 1, 10), date(2031, 3, 15))
    ]
    assert days_in_force(SEASONAL, date(2025, 6, 1), date(2025, 8, 31)) == []


def test_a_calendar_year_touches_two_winters() -> None:
    """One interval for the year would open January or November."""
    assert days_in_force(SEASONAL, date(2026, 1, 1), date(2026, 12, 31)) == [
        (date(2026, 1, 1), date(2026, 3, 15)),
        (date(2026, 11, 15), date(2026, 12, 31)),
    ]


def test_a_season_inside_one_year() -> None:
    """A summer season must not wrap round the winter."""
    summer = rule(kind="seasonal", season=((6, 1), (8, 31)), start=date(2025, 1, 1), end=None)
    assert days_in_force(summer, date(2025, 1, 1), date(2026, 7, 1)) == [
        (date(2025, 6, 1), date(2025, 8, 31)),
        (date(2026, 6, 1), date(2026, 7, 1)),
    ]


@pytest.mark.parametrize(
    ("changes", "closes"),
    [
        ({"kind": "banned"}, True),
        ({"kind": "sanctioned"}, True),
        ({"kind": "moratorium"}, False),
        ({"kind": "levy"}, False),
        ({"kind": "registration", "licence": "RU-miner-register"}, False),
        ({"kind": "curtailment"}, False),
        ({"kind": "curtailment", "parameters": (Parameter("curtailed_share", 1.0, "share", ""),)}, True),
        ({"kind": "curtailment", "parameters": (Parameter("curtailed_share", 0.95, "share", ""),)}, False),
    ],
)
def test_what_closes_a_day(changes: dict[str, object], closes: bool) -> None:
    """A licence or a levy must not shut a region, and a full cut of power must not pass for a condition."""
    assert bool(closed_days(rule(**changes), date(2026, 1, 1), date(2026, 1, 2))) is closes


def test_windows_keep_gaps_and_name_the_strictest() -> None:
    """Season to 15 March, nothing to 6 April, ban from the 7th: a joined window would close the gap."""
    first = rule(rule_id="season", start=date(2025, 1, 1), end=date(2025, 3, 15))
    found = calendar([rule(rule_id="ban"), first], date(2025, 3, 1), date(2025, 4, 30))
    assert [(w.first, w.last, w.status) for w in found] == [
        (date(2025, 3, 1), date(2025, 3, 15), "banned"),
        (date(2025, 3, 16), date(2025, 4, 6), "unknown"),
        (date(2025, 4, 7), date(2025, 4, 30), "banned"),
    ]


def test_of_overlapping_rules_the_strictest_wins_and_all_are_told() -> None:
    """A licence over a ban must not open it; the licence must still be named."""
    register = rule(rule_id="register", kind="registration", licence="RU-miner-register", end=None)
    levy = rule(rule_id="levy", kind="levy", end=None)
    found = calendar([levy, register, rule(rule_id="ban")], date(2031, 3, 15), date(2031, 3, 16))
    assert [(w.status, [r.rule_id for r in w.rules]) for w in found] == [
        ("banned", ["ban", "register", "levy"]),
        ("registration", ["register", "levy"]),
    ]


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        (Scope(), "banned"),
        (Scope(new_load_only=True), "moratorium"),
        (Scope(at_least_mw=75), "conditions"),
        (Scope(persons=("EU",)), "unknown"),
        (Scope(land="agricultural"), "conditions"),
        (Scope(supplies=("grid", "imported")), "banned"),
        (Scope(supplies=("isolated_generation",)), "conditions"),
        (Scope(coin_sales=True), "unknown"),
    ],
)
def test_a_ban_of_some_is_not_a_ban_of_all(scope: Scope, status: str) -> None:
    """Read as rules for everyone, bans on farms, giants or foreigners would close whole countries."""
    assert calendar([rule(scope=scope)], date(2026, 1, 1), date(2026, 1, 1))[0].status == status


def test_partial_is_said_only_of_whole_regions() -> None:
    """With 29 of 42 districts closed the region is closed in part; a named district is closed, full stop."""
    south = rule(districts=("Irkutsk city",))
    day = date(2026, 1, 1)
    assert calendar([south], day, day, of_whole_region=True)[0].is_partial
    assert not calendar([south], day, day)[0].is_partial
    both = calendar([south, rule(rule_id="all")], day, day, of_whole_region=True)[0]
    assert not both.is_partial


def test_an_interval_backwards_is_refused() -> None:
    """Start and end exchanged would otherwise answer that nothing is banned."""
    with pytest.raises(GeodataError, match="ends before it starts"):
        calendar([rule()], date(2026, 12, 31), date(2026, 12, 1))


DAY = st.dates(date(2024, 1, 1), date(2033, 12, 31))
SPANS = st.lists(
    st.tuples(DAY, st.integers(0, 400)).map(lambda s: (s[0], s[0] + timedelta(days=s[1]))), max_size=6
)
SEASONS = st.one_of(
    st.none(),
    st.tuples(
        st.tuples(st.integers(1, 12), st.integers(1, 28)), st.tuples(st.integers(1, 12), st.integers(1, 28))
    ),
)


def days_of(spans: list[tuple[date, date]]) -> set[date]:
    return {first + timedelta(days=n) for first, last in spans for n in range((last - first).days + 1)}


@given(SPANS, SPANS)
def test_union_and_minus_are_those_of_sets(
    days: list[tuple[date, date]], taken: list[tuple[date, date]]
) -> None:
    """Interval arithmetic against plain sets of days."""
    assert days_of(union(days)) == days_of(days)
    assert days_of(minus(days, taken)) == days_of(days) - days_of(taken)
    joined = union(days)
    assert all(later[0] > earlier[1] + timedelta(days=1) for earlier, later in pairwise(joined))


@given(DAY, st.integers(0, 800), DAY, st.integers(0, 800), SEASONS)
def test_days_in_force_against_a_plain_loop(
    start: date, length: int, asked: date, span: int, season: tuple[tuple[int, int], tuple[int, int]] | None
) -> None:
    """Every day by itself: inside the rule's dates, and inside the season by the calendar alone."""
    end, until = start + timedelta(days=length), asked + timedelta(days=span)
    made = rule(kind="seasonal" if season else "banned", season=season, start=start, end=end)

    def holds(day: date) -> bool:
        if not start <= day <= end:
            return False
        if season is None:
            return True
        first, last = season
        now = (day.month, day.day)
        return first <= now <= last if first <= last else now >= first or now <= last

    expected = {day for day in days_of([(asked, until)]) if holds(day)}
    assert days_of(days_in_force(made, asked, until)) == expected


@given(st.lists(st.tuples(DAY, st.integers(0, 900)), max_size=5), DAY, st.integers(0, 700))
def test_windows_cover_every_day_once(rules: list[tuple[date, int]], asked: date, span: int) -> None:
    """Windows are in order, without gap or overlap, and no two neighbours are alike."""
    made = [rule(rule_id=f"r{n}", start=s, end=s + timedelta(days=d)) for n, (s, d) in enumerate(rules)]
    until = asked + timedelta(days=span)
    found = calendar(made, asked, until)
    assert (found[0].first, found[-1].last) == (asked, until)
    for earlier, later in pairwise(found):
        assert later.first == earlier.last + timedelta(days=1)
        assert {r.rule_id for r in later.rules} != {r.rule_id for r in earlier.rules}
