"""The page as text: nothing of its input can run, nothing in it loads, and it says what it was given."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import shapely

from geodata import GeodataError, drawing, law_map
from geodata.calendars import Window, calendar
from geodata.law import windows
from geodata.law_map import WHAT_COUNTS, rule_note
from geodata.law_marks import STATUSES, RuleNote, SiteMark, Span, ZoneMark
from geodata.law_page import TEMPLATES, law_page
from geodata.places import known_regions
from geodata.rules import SWITCHES, all_rules, known_to, rules_by_id, rules_of, surveyed_on

START, END = date(2025, 1, 1), date(2027, 12, 31)
EPOCH = date(1970, 1, 1)
SOUTH = rules_by_id()["ru-irk-south-ban"]
ATTACK = "</script><img src=x onerror=alert(1)></script ><!--<script >{{script}}\u2028&amp;"
BAN = RuleNote(
    "ban", "Decree 1", "banned", date(2025, 3, 15), None, "Only in A, B.", "in_force", "confirmed_2", "a page"
)
LEVY = replace(BAN, rule_id="levy", act="Act 2", kind="levy", confidence="low")
SITE = SiteMark("one", "Hall one", 52.5, 103.85, 38.0, (Span(START, END, "open", ("levy",)),))
ZONE = ZoneMark("Shore", shapely.box(104, 51, 110, 55), "ban", date(2026, 3, 1), date(2026, 9, 30))


def page(**changes: Any) -> str:
    given: dict[str, Any] = {
        "title": "A study",
        "start": START,
        "end": END,
        "calendars": {"RU-IRK": [Span(date(2025, 3, 15), END, "banned", ("ban",), True)]},
        "sites": [SITE],
        "zones": [ZONE],
        "rules": [BAN, LEVY],
        "as_of": "Law read on 2026-11-22.",
    }
    return law_page(**{**given, **changes})


def data_of(html: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    return json.loads(text)  # type: ignore[no-any-return]


def days(first: date, last: date) -> list[int]:
    return [(first - EPOCH).days, (last - EPOCH).days]


class Elements(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_spans_are_in_the_page_without_overlap_or_gap() -> None:
    whole = Span(START, END, "licensed", ("levy",))
    part = Span(date(2026, 11, 15), date(2027, 3, 15), "banned", ("ban",), is_partial=True)
    open_before = Span(date(2020, 1, 1), date(2025, 5, 31), "open")
    calendars = {"RU-BU": [whole, part], "KZ-55": [open_before]}
    told = data_of(page(calendars=calendars))["calendars"]
    licensed, banned = list(STATUSES).index("licensed"), list(STATUSES).index("banned")
    ban, levy = 0, 1
    assert told["RU-BU"] == [
        [*days(START, date(2026, 11, 14)), licensed, 0, [levy], None],
        [*days(date(2026, 11, 15), date(2027, 3, 15)), banned, 1, [ban, levy], None],
        [*days(date(2027, 3, 16), END), licensed, 0, [levy], None],
    ]
    opened, unknown = list(STATUSES).index("open"), list(STATUSES).index("unknown")
    assert told["KZ-55"] == [
        [*days(START, date(2025, 5, 31)), opened, 0, [], None],
        [*days(date(2025, 6, 1), END), unknown, 0, [], None],
    ]


def test_of_two_bans_the_one_of_the_whole_region_counts() -> None:
    part = Span(START, END, "banned", ("ban",), is_partial=True, rest="open")
    whole = Span(date(2026, 1, 1), END, "banned", ("levy",))
    banned, opened = list(STATUSES).index("banned"), list(STATUSES).index("open")
    for spans in ([part, whole], [whole, part]):
        first, second = data_of(page(calendars={"RU-BU": spans}))["calendars"]["RU-BU"]
        assert first[2:] == [banned, 1, [0], opened]
        assert second[2:] == [banned, 0, [1, 0], None]


def test_a_gap_of_one_day_is_kept() -> None:
    spans = [
        Span(START, date(2025, 6, 1), "banned", ("ban",)),
        Span(date(2025, 6, 3), END, "banned", ("ban",)),
    ]
    told = data_of(page(calendars={"RU-BU": spans}))["calendars"]["RU-BU"]
    assert [each[:3] for each in told][1] == [*days(date(2025, 6, 2), date(2025, 6, 2)), 7]


def test_changes_are_told_once_for_all_regions_they_happen_in() -> None:
    turn = [Span(date(2025, 3, 15), END, "banned", ("ban",), True)]
    kazakh = [code for code in drawing.shape_names() if code.startswith("KZ")]
    changes = data_of(page(calendars={"RU-IRK": turn, **dict.fromkeys(kazakh, turn)}, zones=[]))["changes"]
    (change,) = changes
    assert change["day"] == (date(2025, 3, 15) - EPOCH).days
    assert change["who"] == "Kazakhstan: all 20 regions; Russia: Irkutsk Oblast"
    assert change["what"] == "Banned (in part of the region); before: No rule on record"
    assert change["acts"] == "begins: Decree 1"


def test_a_ban_that_spreads_to_the_whole_region_is_a_change_of_status() -> None:
    spans = [
        Span(START, date(2025, 12, 31), "banned", ("ban",), is_partial=True),
        Span(date(2026, 1, 1), date(2026, 6, 30), "banned", ("ban",)),
        Span(date(2026, 7, 1), END, "banned", ("ban", "levy")),
    ]
    spread, amended = data_of(page(calendars={"RU-BU": spans}, zones=[]))["changes"]
    assert spread["what"] == "Banned; before: Banned (in part of the region)"
    assert (amended["what"], amended["acts"]) == ("Status stays, rules change", "begins: Act 2")


def test_many_regions_are_counted() -> None:
    turn = [Span(date(2025, 3, 15), END, "banned", ("ban",))]
    codes = ["RU-AD", "RU-AL", "RU-ALT", "RU-AMU", "RU-ARK", "RU-AST", "RU-BA", "RU-BEL"]
    (change,) = data_of(page(calendars=dict.fromkeys(codes, turn), zones=[]))["changes"]
    assert change["who"].count(",") == 6
    assert change["who"].endswith(", 2 more")


def test_a_countrys_calendar_holds_in_its_regions() -> None:
    (change, *_) = data_of(page(calendars={"US": [Span(date(2025, 3, 15), END, "open")]}))["changes"]
    assert change["who"] == "United States: all 51 regions"


def test_zones_and_sites_change_too() -> None:
    spans = (Span(START, date(2025, 12, 31), "open"), Span(date(2026, 1, 1), END, "moratorium"))
    told = data_of(page(calendars={}, sites=[replace(SITE, spans=spans)]))
    assert [(each["day"], each["who"]) for each in told["changes"]] == [
        ((date(2026, 1, 1) - EPOCH).days, "Site Hall one"),
        ((date(2026, 3, 1) - EPOCH).days, "Own zone Shore"),
        ((date(2026, 10, 1) - EPOCH).days, "Own zone Shore"),
    ]
    shown = {view["name"]: (len(view["sites"]), len(view["zones"])) for view in told["views"]}
    assert shown == {"world": (1, 1), "eurasia": (1, 1), "north_america": (0, 0)}


def test_the_first_view_shows_every_site() -> None:
    texas = replace(SITE, id="two", lat_deg=31.8, lon_deg=-102.5)
    firsts = [data_of(page(sites=sites))["first_view"] for sites in ([], [SITE], [texas], [SITE, texas])]
    assert firsts == ["world", "eurasia", "north_america", "world"]


def test_rules_are_told_in_words() -> None:
    ban, levy = data_of(page())["rules"]
    assert (ban["since"], ban["until"], ban["confidence"]) == ("2025-03-15", None, "confirmed by two sources")
    assert (levy["kind"], levy["status"], levy["confidence"]) == (
        "levy or surcharge",
        "in force",
        "low confidence",
    )


def test_no_text_of_the_input_can_run() -> None:
    rule = RuleNote("ban", *[ATTACK] * 2, date(2025, 3, 15), None, *[ATTACK] * 5)
    html = page(
        title=ATTACK,
        as_of=ATTACK,
        notes=[ATTACK],
        sites=[replace(SITE, name=ATTACK, id=ATTACK, note=ATTACK, spans=())],
        zones=[replace(ZONE, name=ATTACK)],
        rules=[rule],
    )
    plain = Elements(page(notes=["a note"]))
    hostile = Elements(html)
    assert hostile.found == [
        (tag, {**attrs, "content": policy(html)} if attrs.get("http-equiv") else attrs)
        for tag, attrs in plain.found
    ]
    (data,) = re.findall(r'id="data">(.*?)</script>', html, re.DOTALL)
    assert "<" not in data  # neither an end tag nor a comment can begin in it
    told = data_of(html)
    assert told["sites"][0]["name"] == told["zones"][0]["name"] == told["rules"][0]["act"] == ATTACK
    assert html.count('"use strict"') == 1  # "{{script}}" in a text is not filled in


def policy(html: str) -> str:
    (found,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    return str(found)


def test_only_the_pages_own_script_and_style_may_run() -> None:
    html = page()
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    for kind, text in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy(html)
    assert "unsafe" not in policy(html)


def test_the_policy_leaves_nothing_open() -> None:
    """base-uri and form-action do not fall back on default-src."""
    told = dict(part.split(" ", 1) for part in policy(page()).split("; "))
    assert told.pop("script-src").startswith("'sha256-")
    assert told.pop("style-src").startswith("'sha256-")
    assert told == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_nothing_loads() -> None:
    html = page()
    loading = [
        (tag, attrs)
        for tag, attrs in Elements(html).found
        if any(attrs.get(name, "data:,") != "data:," for name in ("src", "href", "srcset", "data", "action"))
    ]
    assert loading == []
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert "@import" not in style
    assert all(target.startswith("#") for target in re.findall(r"url\((.*?)\)", style))
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert not re.search(
        r"fetch|XMLHttp|WebSocket|import\(|innerHTML|insertAdjacent|document\.write|eval", script
    )


def test_the_page_is_small_and_always_the_same() -> None:
    first, second = page(), page()
    assert first == second
    assert len(first.encode()) < 700_000


def test_the_bundled_law_fits_the_page() -> None:
    html = law_map.law_map("All", START, END, sites=[replace(SITE, spans=())], opens_on=date(2026, 7, 1))
    told = data_of(html)
    assert len(html.encode()) < 800_000
    assert {"RU-IRK", "RU-DA", "US-TX", "KZ-55"} <= told["calendars"].keys()
    banned = list(STATUSES).index("banned")
    day = (date(2026, 7, 1) - EPOCH).days
    look = {
        code: next(s[2:4] for s in spans if s[0] <= day <= s[1]) for code, spans in told["calendars"].items()
    }
    assert look["RU-DA"] == [banned, 0]  # Decree 1869: the whole republic
    assert look["RU-IRK"] == [banned, 1]  # and the south of Irkutsk
    assert look["RU-KYA"][0] != banned


@pytest.fixture(params=list(SWITCHES))
def switch(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def held_in(shape: str, law: str) -> list[Window]:
    """What holds in a shape, by the law of places; in a country drawn whole, by its rules for all of it."""
    if shape in known_regions():
        return windows(shape, START, END, law=law)
    binding = [rule for rule in rules_of(shape, shape) if rule.status in SWITCHES[law]]
    return calendar(binding, START, END)


def test_every_shape_is_coloured_by_the_law_of_the_switch(switch: str) -> None:
    told = data_of(law_map.law_map("All", START, END, law=switch))
    ids = [rule["rule_id"] for rule in told["rules"]]
    look_of = {code: {first: rest for first, *rest in spans} for code, spans in told["calendars"].items()}
    for code in drawing.shape_names():
        held = held_in(code, switch)
        assert (code in look_of) == any(window.rules for window in held), code
        for window in held if code in look_of else ():
            _, status, in_part, rules, _ = look_of[code][(window.first - EPOCH).days]
            assert (list(STATUSES)[status], in_part) == (window.status, window.is_partial), code
            assert [ids[number] for number in rules] == [rule.rule_id for rule in window.rules], code


def test_the_switch_holds_in_countries_drawn_whole_too(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = next(code for code in drawing.shape_names() if code not in known_regions())
    proposed = replace(SOUTH, jurisdiction=whole, region=None, districts=(), status="proposed")
    monkeypatch.setattr(law_map, "rules_of", lambda code, _: (proposed,) if code == whole else ())
    held = [whole in law_map.region_windows(START, END, law) for law in ("in_force", "announced", "strict")]
    assert held == [False, False, True]


def test_the_switches_colour_differently() -> None:
    told = [data_of(law_map.law_map("All", START, END, law=law))["calendars"] for law in SWITCHES]
    assert told[0] != told[1] != told[2]


def test_the_page_says_what_counts_as_law_and_how_new_it_is(switch: str) -> None:
    html = law_map.law_map("All", START, END, law=switch)
    newest = max(rule.fresh_to for rule in all_rules() if rule.fresh_to)
    (subtitle,) = re.findall(r'<p class="sub">(.*?)</p>', html)
    assert subtitle.startswith(
        f"Law read on {surveyed_on()}; newest page of {newest}. {WHAT_COUNTS[switch]} Status "
    )
    assert sum(words in html for words in WHAT_COUNTS.values()) == 1
    countries = {rule.jurisdiction for rule in all_rules()}
    days = {code: str(known_to(code)) if known_to(code) else None for code in countries}
    assert data_of(html)["known_to"] == days
    assert None in days.values()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What law_map() hands to the page."""
    handed: dict[str, Any] = {}
    as_page = law_map.law_page

    def hand(*given: Any, **named: Any) -> str:
        handed.update(named, calendars=given[3], html=as_page(*given, **named))
        return str(handed["html"])

    monkeypatch.setattr(law_map, "law_page", hand)
    return handed


def test_the_closed_districts_of_a_partly_closed_region_are_drawn(drawn: dict[str, Any]) -> None:
    law_map.law_map("All", date(2024, 12, 1), END)
    irkutsk = [zone for zone in drawn["zones"] if zone.name.startswith("Irkutsk Oblast: 29 districts")]
    assert [(zone.first, zone.last) for zone in irkutsk] == [
        (date(2025, 1, 1), date(2025, 3, 15)),
        (date(2025, 4, 7), END),
    ]
    for zone in irkutsk:
        assert (zone.effect, zone.is_own) == ("ban", False)
        assert zone.polygon.contains(shapely.Point(104.3, 52.3))  # Irkutsk
        assert not zone.polygon.intersects(shapely.Point(101.6, 56.2))  # Bratsk
    listed = [zone for zone in data_of(drawn["html"])["zones"] if "Irkutsk" in zone["name"]]
    assert [zone["own"] for zone in listed] == [False, False]
    assert not any("Own zone" in change["who"] for change in data_of(drawn["html"])["changes"])


def test_a_region_with_drawn_districts_has_the_colour_of_its_rest(drawn: dict[str, Any]) -> None:
    law_map.law_map("All", date(2024, 12, 1), END)
    rest_on = {span.first: (span.status, span.rest) for span in drawn["calendars"]["RU-IRK"]}
    assert rest_on[date(2024, 12, 1)] == ("registration", "")
    assert rest_on[date(2025, 1, 1)] == rest_on[date(2025, 4, 7)] == ("banned", "registration")
    assert {span.rest for span in drawn["calendars"]["RU-KYA"]} == {""}


NORTH = rules_by_id()["ru-irk-north"]
SMALL = replace(SOUTH, rule_id="small", scope=replace(SOUTH.scope, below_mw=1.0))
NEW_LOAD = replace(SOUTH, rule_id="new", scope=replace(SOUTH.scope, new_load_only=True))
NOWHERE = replace(SOUTH, rule_id="nowhere", districts=(*SOUTH.districts, "Atlantis"))
REGISTER = rules_by_id()["ru-register"]
LICENSED_NORTH = replace(NORTH, rule_id="licensed", kind="licensed", licence=REGISTER.licence)


@pytest.mark.parametrize(
    ("rules", "zones", "rest"),
    [
        ([SOUTH], 1, "unknown"),
        ([SOUTH, replace(NORTH, districts=())], 1, "open"),
        ([NORTH], 0, ""),  # closes nothing
        ([SMALL], 0, ""),  # closes nothing to the load the map is coloured for
        ([NEW_LOAD], 0, ""),  # is no ban of what runs there
        ([NOWHERE], 0, ""),  # would be drawn smaller than it is
        ([SOUTH, NORTH], 1, ""),  # the rest differs too: stripes
        ([SOUTH, NORTH, REGISTER], 1, "registration"),
        ([SOUTH, LICENSED_NORTH, REGISTER], 1, ""),
        ([SOUTH, NOWHERE], 1, ""),
    ],
)
def test_only_what_closes_to_everyone_is_drawn_as_closed(
    rules: list[Any], zones: int, rest: str, drawn: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {"RU-IRK": calendar(rules, date(2026, 1, 1), END, of_whole_region=True)}
    monkeypatch.setattr(law_map, "region_windows", lambda *_: held)
    law_map.law_map("All", date(2026, 1, 1), END)
    assert len(drawn["zones"]) == zones
    assert {span.rest for span in drawn["calendars"]["RU-IRK"]} == {rest}


def test_every_bundled_rule_can_be_told_and_drawn() -> None:
    for rule in all_rules():
        told = rule_note(rule)
        assert told.act
        assert all(name in told.scope for name in rule.districts)
        assert rule.region is None or rule.region in drawing.shape_names()


SPAN = Span(START, END, "open")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"end": date(2024, 1, 1)}, "its last day must not be before its first"),
        ({"opens_on": END + timedelta(1)}, "choose a day from 2025-01-01"),
        ({"calendars": {"RU-IRC": [SPAN]}}, "unknown region 'RU-IRC'; did you mean"),
        ({"calendars": {"RU-IRK": [replace(SPAN, status="closed")]}}, "unknown status 'closed'"),
        ({"calendars": {"RU-IRK": [replace(SPAN, rule_ids=("nn",))]}}, "names rule 'nn'"),
        ({"calendars": {"RU-IRK": [replace(SPAN, last=date(2024, 1, 1))]}}, "region RU-IRK: a span"),
        ({"calendars": {"RU-IRK": [replace(SPAN, rest="open")]}}, "to a partial span only"),
        ({"calendars": {"RU-IRK": [replace(SPAN, is_partial=True, rest="free")]}}, "rest 'free'"),
        ({"known_to": {"RU-IRK": None}}, "unknown jurisdiction 'RU-IRK'"),
        ({"sites": [replace(SITE, spans=(replace(SPAN, status="shut"),))]}, "site 'one' has unknown status"),
        ({"sites": [replace(SITE, mw=float("nan"))]}, "nan MW"),
        ({"sites": [replace(SITE, lat_deg=123.0)]}, "(123.0, 103.85) is no place"),
        ({"zones": [replace(ZONE, effect="maybe")]}, "unknown effect 'maybe'"),
        ({"zones": [replace(ZONE, last=date(2026, 1, 1))]}, "zone 'Shore' ends on 2026-01-01"),
        ({"zones": [replace(ZONE, polygon=shapely.Polygon())]}, "cannot be drawn"),
        ({"rules": [BAN, BAN]}, "same id"),
    ],
)
def test_what_the_page_could_not_show_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(GeodataError, match=re.escape(told)) as caught:
        page(**changes)
    assert "; " in str(caught.value)


# ---- the palette: statuses stay apart for every kind of eye

LEAST_DIFFERENCE = 15.0  # CIE76; about 2 is just noticeable side by side
TO_LMS_DEFICIENCY = {  # Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB
    "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def lab(colour: str, eye: str) -> npt.NDArray[np.float64]:
    """CIELAB of an sRGB colour as seen by an eye."""
    srgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(TO_LMS_DEFICIENCY[eye]) @ linear, 0, 1)
    xyz = TO_XYZ @ seen / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_statuses_without_hatching_differ_in_grey_print() -> None:
    printed = (TEMPLATES / "page.css").read_text(encoding="utf-8").split("@media print")[1]
    plain = [status for status in STATUSES if status not in ("sanctioned", "banned")]
    greys = sorted(lab(re.findall(rf"--{each}: (#\w{{6}})", printed)[0], "normal")[0] for each in plain)
    assert min(np.diff(greys)) > 8  # of 100


@pytest.mark.parametrize("eye", list(TO_LMS_DEFICIENCY))
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_statuses_differ_to_every_eye(eye: str, theme: str) -> None:
    light, dark = (TEMPLATES / "page.css").read_text(encoding="utf-8").split("@media", 2)[:2]
    block = light if theme == "light" else dark
    colours = {status: re.findall(rf"--{status}: (#\w{{6}})", block)[0] for status in STATUSES}
    for one, other in combinations(STATUSES, 2):
        difference = float(np.linalg.norm(lab(colours[one], eye) - lab(colours[other], eye)))
        assert difference > LEAST_DIFFERENCE, (one, other)
