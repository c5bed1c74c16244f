"""Which law on mining holds at a place, and on which days; knows nothing of fleets or money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import lru_cache

from geodata.places import jurisdiction_of, unknown
from geodata.store import GeodataError, read_rows

Season = tuple[tuple[int, int], tuple[int, int]]

KINDS = frozenset({"banned", "seasonal", "sanctioned", "moratorium", "licensed", "open"})
CLOSING_KINDS = frozenset({"banned", "seasonal", "sanctioned", "moratorium"})
STATUSES = frozenset({"in_force", "planned", "announced", "proposed", "lapsed"})
BINDING_STATUSES = frozenset({"in_force", "planned"})


@dataclass(frozen=True)
class RuleWindow:
    """One law, or one policy of exclusion, over one closed interval of days.

    `region` is None for a whole country and `districts` empty for a whole region. `end` is None while no
    end is known. `season` holds the first and last (month, day) of every year and may cross New Year.
    `scope` says whom it concerns: "all"; "new_load" (load connected after `start`); "above_mw" and
    "new_load_above_mw" (at or above `threshold_mw`); "below_mw"; any other ("eu_persons",
    "agricultural_land", ...) concerns only those it names. `licence` is the entry of licences.csv that the
    operator must hold. `status`: "in_force" was or is law on its days; "planned" is announced or inferred
    and to be planned with as if it were law; the others do not bind.
    """

    rule_id: str
    jurisdiction: str
    region: str | None
    districts: tuple[str, ...]
    kind: str
    start: date
    end: date | None
    season: Season | None
    scope: str
    threshold_mw: float | None
    licence: str | None
    act: str
    note: str
    source: str
    source_date: str
    confidence: str
    status: str

    def touches(self, start: date, end: date) -> bool:
        """Whether the rule holds on any day of [start, end]."""
        return bool(days_in_force(self, start, end))


@lru_cache(maxsize=1)
def all_rules() -> tuple[RuleWindow, ...]:
    """Every bundled rule, whatever its status and dates."""
    return tuple(_rule(row) for row in read_rows("rules.csv"))


def rules_for(region: str, district: str | None, start: date, end: date) -> tuple[RuleWindow, ...]:
    """The binding rules of a region, its country and its district that hold on any day of [start, end].

    Binding means in force or planned. An empty answer means that no law is bundled, not that mining is
    free: see surveyed_jurisdictions(). Raises GeodataError for an unknown region or district, and when the
    answer depends on a district that is not given.
    """
    jurisdiction = jurisdiction_of(region)
    touching = [
        rule
        for rule in all_rules()
        if rule.jurisdiction == jurisdiction
        and rule.region in (None, region)
        and rule.status in BINDING_STATUSES
        and rule.touches(start, end)
    ]
    known = known_districts(region)
    listed = {name for rule in all_rules() if rule.region == region for name in rule.districts}
    if district is None:
        _require_whole(region, touching, known)
    else:
        district = _matched(district, region, known, listed)
    return tuple(rule for rule in touching if not rule.districts or district in rule.districts)


def banned_days(rule: RuleWindow, start: date, end: date) -> list[tuple[date, date]]:
    """The intervals of days inside [start, end], both included, that the rule closes to those in its scope.

    Seasons are expanded year by year. A rule that asks for a licence, or says that mining is open, closes
    none.
    """
    return days_in_force(rule, start, end) if rule.kind in CLOSING_KINDS else []


def days_in_force(rule: RuleWindow, start: date, end: date) -> list[tuple[date, date]]:
    """The intervals of days inside [start, end], ends included, on which a rule of any kind holds."""
    if end < start:
        raise GeodataError(f"the interval {start} to {end} ends before it starts")
    first, last = max(start, rule.start), min(end, rule.end or end)
    spans = [(first, last)] if rule.season is None else _seasons(rule.season, first.year - 1, last.year)
    clipped = ((max(opened, first), min(closed, last)) for opened, closed in spans)
    return [(opened, closed) for opened, closed in clipped if opened <= closed]


def _seasons(season: Season, first_year: int, last_year: int) -> Iterator[tuple[date, date]]:
    (month, day), (last_month, last_day) = season
    crosses_new_year = (last_month, last_day) < (month, day)
    for year in range(first_year, last_year + 1):
        yield date(year, month, day), date(year + crosses_new_year, last_month, last_day)


def known_districts(region: str) -> tuple[str, ...]:
    """The districts of a region that is banned in part; empty for every other region."""
    return _districts().get(region, ())


def surveyed_jurisdictions() -> frozenset[str]:
    """Countries with at least one bundled rule; of the others nothing is known, and that is not "open"."""
    return frozenset(rule.jurisdiction for rule in all_rules())


@lru_cache(maxsize=1)
def licences() -> dict[str, str]:
    """What each licence or register entry is, by the id that rules and operators name it with."""
    return {row["licence"]: row["what"] for row in read_rows("licences.csv")}


@lru_cache(maxsize=1)
def _districts() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in read_rows("districts.csv"):
        found[row["region"]] = (*found.get(row["region"], ()), row["district"])
    return found


def _require_whole(region: str, rules: list[RuleWindow], known: tuple[str, ...]) -> None:
    """Without a district, the law must be the same in all of them."""
    if known and any(rule.districts and rule.kind in CLOSING_KINDS for rule in rules):
        raise GeodataError(
            f"{region} is banned in part: name the site's district, one of {', '.join(sorted(known))}"
        )


def _matched(district: str, region: str, known: tuple[str, ...], listed: set[str]) -> str:
    """The district's name as bundled.

    A region without bundled districts takes any name, unless it is a near miss of one that a rule lists.
    """
    names = {name.casefold(): name for name in (*known, *listed)}
    if (found := names.get(district.strip().casefold())) is not None:
        return found
    if known or get_close_matches(district, listed, n=1, cutoff=0.8):
        raise GeodataError(f"{region}: {unknown('district', district, sorted(names.values()))}")
    return district


def _rule(row: dict[str, str]) -> RuleWindow:
    try:
        rule = RuleWindow(
            rule_id=row["rule_id"],
            jurisdiction=row["jurisdiction"],
            region=row["region"] or None,
            districts=tuple(name.strip() for name in row["districts"].split(";") if name.strip()),
            kind=row["kind"],
            start=date.fromisoformat(row["start"]),
            end=date.fromisoformat(row["end"]) if row["end"] else None,
            season=(_month_day(row["season_first"]), _month_day(row["season_last"]))
            if row["season_first"]
            else None,
            scope=row["scope"],
            threshold_mw=float(row["threshold_mw"]) if row["threshold_mw"] else None,
            licence=row["licence"] or None,
            act=row["act"],
            note=row["note"],
            source=row["source"],
            source_date=row["source_date"],
            confidence=row["confidence"],
            status=row["status"],
        )
    except (KeyError, ValueError) as error:
        raise GeodataError(f"rules.csv, rule {row.get('rule_id')!r}: {error}") from error
    _check(rule)
    return rule


def _month_day(text: str) -> tuple[int, int]:
    day = date.fromisoformat(f"2001-{text}")  # not a leap year: a season must not end on 29 February
    return day.month, day.day


def _check(rule: RuleWindow) -> None:
    faults = {
        f"kind {rule.kind!r} is not one of {sorted(KINDS)}": rule.kind not in KINDS,
        f"status {rule.status!r} is not one of {sorted(STATUSES)}": rule.status not in STATUSES,
        "the end is before the start": rule.end is not None and rule.end < rule.start,
        "kind 'seasonal' and a season go together": (rule.kind == "seasonal") != (rule.season is not None),
        "a scope by load needs threshold_mw": rule.scope.endswith("_mw") and rule.threshold_mw is None,
        "kind 'licensed' and a licence go together": (rule.kind == "licensed") != (rule.licence is not None),
    }
    if wrong := [fault for fault, holds in faults.items() if holds]:
        raise GeodataError(f"rules.csv, rule {rule.rule_id!r}: {'; '.join(wrong)}")
