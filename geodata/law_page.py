"""The law on a map: one self-contained page that needs no network, for readers without this program.

Takes windows of law that are already evaluated, so it knows neither studies nor how rules are weighed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from html import escape
from itertools import pairwise
from typing import Any

from geodata import drawing
from geodata.law_marks import STATUSES, check_marks
from geodata.law_marks import RuleNote as RuleNote
from geodata.law_marks import SiteMark as SiteMark
from geodata.law_marks import Span as Span
from geodata.law_marks import ZoneMark as ZoneMark
from geodata.store import DATA

TEMPLATES = DATA / "law_page"
ONE_DAY = timedelta(days=1)
WORDS = {  # of the codes that do not explain themselves
    "confirmed_2": "confirmed by two sources",
    "inferred": "inferred, not stated by a source",
    "unsourced": "no source",
    "banned": "ban",
    "seasonal": "ban by season",
    "licensed": "licence required",
    "registration": "registration required",
    "levy": "levy or surcharge",
    "surplus_only": "only from surplus power",
    "high": "high confidence",
    "medium": "medium confidence",
    "low": "low confidence",
}
# First day, last day, status, in part, rules, status of the rest where the part is drawn; by number.
Flat = tuple[int, int, int, int, list[int], int | None]
NAMED_PLACES = 6  # more regions than these in one change are counted, not listed
DISCLAIMERS = (
    "This is a survey of public sources, not legal advice. Have counsel confirm the acts before deciding.",
    "“No rule on record” means that nobody looked, or nothing was found: mining may not be free there.",
    "Regions carry their ISO 3166 codes and are drawn coarsely; no position on sovereignty is implied. "
    "Close to a border the map does not decide.",
)


def law_page(
    title: str,
    start: date,
    end: date,
    calendars: Mapping[str, Sequence[Span]],
    sites: Sequence[SiteMark] = (),
    zones: Sequence[ZoneMark] = (),
    rules: Sequence[RuleNote] = (),
    as_of: str = "",
    known_to: Mapping[str, date | None] | None = None,
    opens_on: date | None = None,
    notes: Sequence[str] = (),
) -> str:
    """The whole page as HTML text, the same for the same input.

    `calendars` gives the spans of each shape of the drawing layer by code; a region without its own takes
    that of its country; a day in no span is "unknown", and of several the strictest counts. `as_of` says,
    in sentences, how new the law is and what counts as law; `known_to` gives by country the day up to which
    its law is known (None: no page on it is dated); `opens_on` is the day first shown (the first day by
    default); `notes` are printed with the disclaimers. All texts are shown as they are and never run.

    Raises GeodataError for a status, effect, rule, region, date or number that the page could not show.
    """
    known_days = known_to or {}
    check_marks(start, end, opens_on, calendars, sites, zones, rules, known_days)
    numbers = {rule.rule_id: number for number, rule in enumerate(rules)}
    flat = {code: _flattened(calendars[code], start, end, numbers) for code in sorted(calendars)}
    own = [_flattened(site.spans, start, end, numbers) for site in sites]
    data = {
        "start": _day(start),
        "end": _day(end),
        "opens_on": _day(opens_on or start),
        "first_view": _first_view(sites),
        "statuses": [
            {"key": key, "label": label, "meaning": meaning} for key, (label, meaning) in STATUSES.items()
        ],
        "rules": [_rule(rule) for rule in rules],
        "regions": drawing.shape_names(),
        "known_to": {code: str(day) if day else None for code, day in sorted(known_days.items())},
        "calendars": flat,
        "sites": [
            {"id": site.id, "name": site.name, "mw": site.mw, "note": site.note, "spans": spans}
            for site, spans in zip(sites, own, strict=True)
        ],
        "zones": [_zone(zone, start, end) for zone in zones],
        "changes": sorted(
            [
                *_region_changes(flat, rules),
                *_site_changes(sites, own, rules),
                *_zone_changes(zones, start, end),
            ],
            key=lambda change: (change["day"], change["who"]),
        ),
        "views": [_view(view, sites, zones) for view in drawing.views()],
    }
    subtitle = f"{as_of} Status by region, {start} to {end}.".strip()
    return _filled(title, subtitle, (*DISCLAIMERS, *notes), data)


def _filled(title: str, subtitle: str, notes: Iterable[str], data: dict[str, Any]) -> str:
    """The template with its parts; only the very script and style that are in it may run or load."""
    style, script = _template("page.css"), _template("map.js") + _template("page.js")
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    # Every "<" of the data is written as an escape, so no text in it can end the script element.
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    parts = {
        "csp": policy,
        "title": escape(title),
        "subtitle": escape(subtitle),
        "notes": "".join(f"<li>{escape(note)}</li>" for note in notes),
        "style": style,
        "script": script,
        "data": text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"),
    }
    pieces = re.split(
        r"\{\{(\w+)\}\}", _template("page.html")
    )  # one pass: what is filled in is not filled again
    return "".join(parts[piece] if number % 2 else piece for number, piece in enumerate(pieces))


def _template(file: str) -> str:
    return (TEMPLATES / file).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _day(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def _flattened(spans: Sequence[Span], start: date, end: date, numbers: Mapping[str, int]) -> list[Flat]:
    """The spans without overlaps or gaps over [start, end]: the strictest counts, all rules are kept."""
    within = [span for span in spans if span.first <= end and span.last >= start]
    cuts = {start, *(span.first for span in within), *(span.last + ONE_DAY for span in within)}
    firsts = sorted(day for day in cuts if start <= day <= end)
    flat: list[Flat] = []
    for first, following in pairwise([*firsts, end + ONE_DAY]):
        holding = sorted((span for span in within if span.first <= first <= span.last), key=_strictness)
        strictest = holding[0] if holding else Span(start, end, "unknown")
        ids = dict.fromkeys(rule_id for span in holding for rule_id in span.rule_ids)
        rest = list(STATUSES).index(strictest.rest) if strictest.rest else None
        told = [numbers[rule_id] for rule_id in ids]
        look = (_strictness(strictest)[0], int(strictest.is_partial), told, rest)
        first_day = flat.pop()[0] if flat and flat[-1][2:] == look else _day(first)
        flat.append((first_day, _day(following) - 1, *look))
    return flat


def _strictness(span: Span) -> tuple[int, bool]:
    return list(STATUSES).index(span.status), span.is_partial


def _rule(rule: RuleNote) -> dict[str, Any]:
    dates = {"since": str(rule.since), "until": str(rule.until) if rule.until else None}
    words = {"kind": _words(rule.kind), "status": _words(rule.status), "confidence": _words(rule.confidence)}
    return {**asdict(rule), **dates, **words}


def _words(code: str) -> str:
    return WORDS.get(code, code.replace("_", " "))


def _zone(zone: ZoneMark, start: date, end: date) -> dict[str, Any]:
    ends = (("since", zone.first), ("until", zone.last))
    when = [f"{word} {day}" for word, day in ends if day]
    days = {"first": _day(zone.first or start), "last": _day(zone.last or end)}
    return {"name": zone.name, "effect": zone.effect, "own": zone.is_own, "when": when, **days}


def _view(view: drawing.View, sites: Sequence[SiteMark], zones: Sequence[ZoneMark]) -> dict[str, Any]:
    paths = [drawing.path_of(view.name, zone.polygon) for zone in zones]
    spots = [
        (number, *_spot(view.name, site)) for number, site in enumerate(sites) if _is_shown(view.name, site)
    ]
    return {
        "name": view.name,
        "title": view.title,
        "width": view.width,
        "height": view.height,
        "frame": drawing.frame(view.name),
        "frontiers": drawing.frontiers(view.name),
        "shapes": [(each.code, each.path, each.label_x, each.label_y) for each in drawing.shapes(view.name)],
        "sites": spots,
        "zones": [(number, path) for number, path in enumerate(paths) if path],
    }


def _spot(view: str, site: SiteMark) -> tuple[float, float]:
    x, y = drawing.project(view, site.lat_deg, site.lon_deg)
    return round(x, 1), round(y, 1)


def _is_shown(view: str, site: SiteMark) -> bool:
    return drawing.is_on_sheet(view, site.lat_deg, site.lon_deg)


def _first_view(sites: Sequence[SiteMark]) -> str:
    """The last view that shows every site: the closest look at all of them."""
    names = [view.name for view in drawing.views()]
    fitting = [name for name in names if all(_is_shown(name, site) for site in sites)]
    return fitting[-1] if sites and fitting else names[0]


def _region_changes(flat: Mapping[str, list[Flat]], rules: Sequence[RuleNote]) -> Iterator[dict[str, Any]]:
    """One change for all regions in which the same happens on the same day."""
    together: defaultdict[str, list[str]] = defaultdict(list)
    changes: dict[str, dict[str, Any]] = {}
    for code, shape in drawing.shape_names().items():
        for before, after in pairwise(flat.get(code) or flat.get(shape.jurisdiction) or ()):
            change = _change(before, after, rules)
            changes.setdefault(repr(change), change)
            together[repr(change)].append(code)
    for key, change in changes.items():
        yield {"who": _who(together[key]), "codes": together[key], **change}


def _site_changes(
    sites: Sequence[SiteMark], own: Sequence[list[Flat]], rules: Sequence[RuleNote]
) -> Iterator[dict[str, Any]]:
    for site, spans in zip(sites, own, strict=True):
        for before, after in pairwise(spans):
            yield {"who": f"Site {site.name}", "codes": [], **_change(before, after, rules)}


def _zone_changes(zones: Sequence[ZoneMark], start: date, end: date) -> Iterator[dict[str, Any]]:
    for zone in filter(lambda each: each.is_own, zones):
        turns = [(zone.first, "begins"), (zone.last + ONE_DAY if zone.last else None, "has ended")]
        for day, what in turns:
            if day and start < day <= end:
                yield {
                    **{"who": f"Own zone {zone.name}", "codes": [], "day": _day(day), "after": None},
                    **{"what": f"{zone.effect} {what}", "acts": ""},
                }


def _change(before: Flat, after: Flat, rules: Sequence[RuleNote]) -> dict[str, Any]:
    is_same = before[2:4] == after[2:4]
    what = "Status stays, rules change" if is_same else f"{_told(after)}; before: {_told(before)}"
    begun, ended = (_acts(span, other, rules) for span, other in ((after, before), (before, after)))
    turns = {act: "changes" if act in ended else "begins" for act in begun}
    turns |= {act: "ends" for act in ended if act not in begun}
    acts = "; ".join(f"{turn}: {act}" for act, turn in turns.items())
    return {"day": after[0], "after": after[2:4], "what": what, "acts": acts}


def _acts(span: Flat, other: Flat, rules: Sequence[RuleNote]) -> list[str]:
    """The acts behind one span and not the other; an "open" names none, it says that none was found."""
    only = [rules[number] for number in span[4] if number not in other[4]]
    return [rule.act for rule in only if rule.kind != "open"]


def _told(span: Flat) -> str:
    return list(STATUSES.values())[span[2]][0] + (" (in part of the region)" if span[3] else "")


def _who(codes: Sequence[str]) -> str:
    """Regions by name, country by country; counted where they are many."""
    shapes = drawing.shape_names()
    drawn = Counter(shape.jurisdiction for shape in shapes.values())
    countries: defaultdict[str, list[str]] = defaultdict(list)
    for code in codes:
        countries[shapes[code].jurisdiction].append(code)
    told = []
    for jurisdiction, members in countries.items():
        names = [shapes[code].name for code in members]
        if len(names) == drawn[jurisdiction]:
            names = [f"all {len(names)} regions"] if len(names) > 1 else []
        if len(names) > NAMED_PLACES + 1:
            names = [*names[:NAMED_PLACES], f"{len(names) - NAMED_PLACES} more"]
        listed = ", ".join(names)
        country = shapes[members[0]].jurisdiction_name
        told.append(f"{country}: {listed}" if listed else country)
    return "; ".join(told)
