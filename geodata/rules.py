"""The law on mining as records: what holds where, from when to when, for whom, by which act, how sure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from geodata.store import GeodataError, read_rows

Season = tuple[tuple[int, int], tuple[int, int]]

KINDS = (  # strictest first
    "sanctioned", "banned", "seasonal", "moratorium", "licensed", "registration",
    "curtailment", "surplus_only", "share_of_output", "levy", "open",
)  # fmt: skip
STATUSES = ("in_force", "announced", "proposed", "contested", "lapsed")
# What a study may take as law. A rule that was law and has ended is in_force on its days; lapsed never binds.
SWITCHES = {
    "in_force": frozenset({"in_force"}),
    "announced": frozenset({"in_force", "announced"}),
    "strict": frozenset({"in_force", "announced", "proposed", "contested"}),
}
DEFAULT_SWITCH = "announced"
SUPPLIES = (
    "grid", "own_generation", "own_renewables", "isolated_generation", "imported",
    "fossil_behind_the_meter", "reserved_block",
)  # fmt: skip
LANDS = ("agricultural", "industrial")
EU_MEMBERS = frozenset(  # as of 2026
    "AT,BE,BG,CY,CZ,DE,DK,EE,ES,FI,FR,GR,HR,HU,IE,IT,LT,LU,LV,MT,NL,PL,PT,RO,SE,SI,SK".split(",")  # noqa: SIM905
)


@dataclass(frozen=True)
class Parameter:
    """One figure of a rule, such as a levy: `value` in `unit`."""

    name: str
    value: float
    unit: str
    note: str


@dataclass(frozen=True)
class Circle:
    """A place without a bundled outline, drawn as everything within `radius_km` of a point."""

    lat_deg: float
    lon_deg: float
    radius_km: float


@dataclass(frozen=True)
class Scope:
    """Whom a rule concerns; all that is given must hold together, and nothing given means everyone.

    `new_load_only`: load connected after the rule began. Sizes are of the facility, MW at the meter.
    `supplies`: where its power comes from. `persons`: countries of the operator and its owners; "EU" is any
    member, "foreign" an operator without an entity in the rule's country. `coin_sales` marks rules on where
    coins are sold, not on hashing.
    """

    new_load_only: bool = False
    at_least_mw: float | None = None
    below_mw: float | None = None
    supplies: tuple[str, ...] = ()
    land: str | None = None
    persons: tuple[str, ...] = ()
    coin_sales: bool = False

    @property
    def is_general(self) -> bool:
        """Whether it takes in whoever draws power from the grid, of whatever size and country."""
        limited = self.at_least_mw is not None or self.below_mw is not None or self.land or self.persons
        return not limited and not self.coin_sales and (not self.supplies or "grid" in self.supplies)

    def __str__(self) -> str:
        told = []
        if self.new_load_only:
            told.append("new load")
        if self.at_least_mw is not None:
            told.append(f"{self.at_least_mw:g} MW and up")
        if self.below_mw is not None:
            told.append(f"below {self.below_mw:g} MW")
        if self.supplies:
            told.append("power: " + ", ".join(each.replace("_", " ") for each in self.supplies))
        if self.land:
            told.append(f"{self.land} land")
        if self.persons:
            told.append("persons: " + ", ".join(self.persons))
        if self.coin_sales:
            told.append("sale of coins")
        return "; ".join(told) or "everyone"


@dataclass(frozen=True)
class RuleWindow:
    """One law, or one policy of exclusion, over one closed interval of days.

    `region` is None for a whole country and `districts` empty for a whole region. `end` is None while no
    end is known. `season` holds the first and last (month, day) of every year and may cross New Year.
    `licence` is the entry of licences.csv that must be held. `read_on` is the day the source was read,
    `fresh_to` the day of the newest page behind it: what came later is not known. None: an undated page.
    """

    rule_id: str
    jurisdiction: str
    region: str | None
    districts: tuple[str, ...]
    circle: Circle | None
    kind: str
    start: date
    end: date | None
    season: Season | None
    scope: Scope
    licence: str | None
    parameters: tuple[Parameter, ...]
    act: str
    note: str
    source: str
    source_date: str
    read_on: date
    fresh_to: date | None
    confidence: str
    status: str

    @property
    def closes(self) -> bool:
        """Whether no one in its scope may run on its days."""
        if self.kind == "curtailment":
            return self.parameter("curtailed_share") == 1.0 and self.end is not None
        return self.kind in ("sanctioned", "banned", "seasonal")

    def parameter(self, name: str) -> float | None:
        """The value of a figure of the rule; None when it has none of that name."""
        return next((each.value for each in self.parameters if each.name == name), None)


@dataclass(frozen=True)
class LicenceKind:
    """What a licence or register entry is and who can have it.

    `holders` are the countries whose entities may hold it (empty: any); `host_may_hold` says whether a
    host's entry serves its clients; `valid_months` is None where no end is known.
    """

    licence: str
    jurisdiction: str
    what: str
    holders: tuple[str, ...]
    host_may_hold: bool
    valid_months: int | None
    wait_days: int | None
    source: str
    source_date: str
    confidence: str


@lru_cache(maxsize=1)
def all_rules() -> tuple[RuleWindow, ...]:
    """Every bundled rule, whatever its status and dates."""
    figures: dict[str, list[Parameter]] = {}
    for row in read_rows("rule_parameters.csv"):
        figure = Parameter(row["name"], float(row["value"]), row["unit"], row["note"])
        figures.setdefault(row["rule_id"], []).append(figure)
    return tuple(_rule(row, tuple(figures.get(row["rule_id"], ()))) for row in read_rows("rules.csv"))


@lru_cache(maxsize=1)
def rules_by_id() -> dict[str, RuleWindow]:
    """Every bundled rule by its id."""
    return {rule.rule_id: rule for rule in all_rules()}


@lru_cache(maxsize=512)
def rules_of(jurisdiction: str, region: str) -> tuple[RuleWindow, ...]:
    """The rules of a country and of one of its regions, whatever their status, dates and districts."""
    return tuple(
        rule for rule in all_rules() if rule.jurisdiction == jurisdiction and rule.region in (None, region)
    )


def surveyed_jurisdictions() -> frozenset[str]:
    """Countries with at least one bundled rule; of the others nothing is known, and that is not "open"."""
    return frozenset(rule.jurisdiction for rule in all_rules())


def surveyed_on() -> date:
    """The day on which the sources of law were last read; how new they were then, known_to() says."""
    return max(rule.read_on for rule in all_rules())


def known_to(jurisdiction: str) -> date | None:
    """The day of the newest page on the law of a country: later law is not known. None: no dated page."""
    days = [rule.fresh_to for rule in all_rules() if rule.jurisdiction == jurisdiction and rule.fresh_to]
    return max(days, default=None)


@lru_cache(maxsize=1)
def licences() -> dict[str, LicenceKind]:
    """Each licence or register entry by the id that rules and operators name it with."""
    return {row["licence"]: _licence(row) for row in read_rows("licences.csv")}


def checked_switch(law: str) -> frozenset[str]:
    """The statuses that a study's switch takes as law; GeodataError for an unknown one."""
    if law not in SWITCHES:
        raise GeodataError(f"law {law!r} is no switch; write one of {', '.join(SWITCHES)}")
    return SWITCHES[law]


def _licence(row: dict[str, str]) -> LicenceKind:
    return LicenceKind(
        licence=row["licence"],
        jurisdiction=row["jurisdiction"],
        what=row["what"],
        holders=_names(row["holders"]),
        host_may_hold=row["host_may_hold"] == "yes",
        valid_months=int(row["valid_months"]) if row["valid_months"] else None,
        wait_days=int(row["wait_days"]) if row["wait_days"] else None,
        source=row["source"],
        source_date=row["source_date"],
        confidence=row["confidence"],
    )


def _rule(row: dict[str, str], parameters: tuple[Parameter, ...]) -> RuleWindow:
    try:
        rule = RuleWindow(
            rule_id=row["rule_id"],
            jurisdiction=row["jurisdiction"],
            region=row["region"] or None,
            districts=_names(row["districts"]),
            circle=_circle(row),
            kind=row["kind"],
            start=date.fromisoformat(row["start"]),
            end=date.fromisoformat(row["end"]) if row["end"] else None,
            season=_season(row),
            scope=Scope(
                new_load_only=_yes(row["new_load_only"]),
                at_least_mw=_number(row["at_least_mw"]),
                below_mw=_number(row["below_mw"]),
                supplies=_names(row["supplies"]),
                land=row["land"] or None,
                persons=_names(row["persons"]),
                coin_sales=row["concerns"] == "coin_sales",
            ),
            licence=row["licence"] or None,
            parameters=parameters,
            act=row["act"],
            note=row["note"],
            source=row["source"],
            source_date=row["source_date"],
            read_on=date.fromisoformat(row["read_on"]),
            fresh_to=date.fromisoformat(row["fresh_to"]) if row["fresh_to"] else None,
            confidence=row["confidence"],
            status=row["status"],
        )
    except (KeyError, ValueError) as error:
        raise GeodataError(f"rules.csv, rule {row.get('rule_id')!r}: {error}; correct the row") from error
    check_rule(rule)
    return rule


def check_rule(rule: RuleWindow) -> None:
    """Raises GeodataError when the parts of a rule contradict each other."""
    scope = rule.scope
    faults = {
        f"kind {rule.kind!r} is not one of {', '.join(KINDS)}": rule.kind not in KINDS,
        f"status {rule.status!r} is not one of {', '.join(STATUSES)}": rule.status not in STATUSES,
        "the end is before the start": rule.end is not None and rule.end < rule.start,
        "kind 'seasonal' and a season go together": (rule.kind == "seasonal") != (rule.season is not None),
        "a licence is asked for by the kinds 'licensed' and 'registration', and by no other": (
            rule.kind in ("licensed", "registration")
        )
        != (rule.licence is not None),
        f"supplies are some of {', '.join(SUPPLIES)}": not set(scope.supplies) <= set(SUPPLIES),
        f"land is one of {', '.join(LANDS)}": scope.land not in (None, *LANDS),
        "a circle stands for a named place: give it in districts": rule.circle is not None
        and not rule.districts,
        "districts need a region": bool(rule.districts) and rule.region is None,
        "at_least_mw is above below_mw": (scope.at_least_mw or 0) > (scope.below_mw or float("inf")),
    }
    if wrong := [fault for fault, holds in faults.items() if holds]:
        raise GeodataError(f"rules.csv, rule {rule.rule_id!r}: {', '.join(wrong)}; correct the row")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(";") if name.strip())


def _number(text: str) -> float | None:
    return float(text) if text else None


def _yes(text: str) -> bool:
    if text not in ("", "yes"):
        raise ValueError(f"{text!r} is neither yes nor empty")
    return text == "yes"


def _circle(row: dict[str, str]) -> Circle | None:
    if not row["radius_km"]:
        return None
    return Circle(float(row["centre_lat_deg"]), float(row["centre_lon_deg"]), float(row["radius_km"]))


def _season(row: dict[str, str]) -> Season | None:
    if not row["season_first"]:
        return None
    return _month_day(row["season_first"]), _month_day(row["season_last"])


def _month_day(text: str) -> tuple[int, int]:
    day = date.fromisoformat(f"2001-{text}")  # not a leap year: a season must not end on 29 February
    return day.month, day.day
