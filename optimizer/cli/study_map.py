"""A study's sites and zones on the map of the law, as one page that needs no network."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import geodata
from geodata.calendars import ONE_DAY
from geodata.law_map import law_map, rule_note
from geodata.law_page import RuleNote, SiteMark, Span, ZoneMark
from optimizer.config import Study
from optimizer.errors import ConfigError, Problem
from optimizer.prepare.law import Restriction
from optimizer.prepare.places import Place, places, site_notes
from optimizer.prepare.zones import own_geography
from optimizer.sections.sites import Site

EFFECT_STATUS = {
    "sanctioned": "sanctioned",
    "closed": "banned",
    "no new load": "moratorium",
    "advice": "conditions",
    "met": "unknown",  # as open as the place is
    "exempt": "unknown",  # of no concern: what the place is, other rules say
}


def page(study: Study, starts_on: datetime.date | None = None, opens_on: datetime.date | None = None) -> str:
    """The page as HTML text, from the study's first day, or another one, to its last.

    Raises ConfigError as prepare does, and GeodataError for days outside.
    """
    periods = study.horizon.periods()
    first, last = starts_on or periods[0].first_day, periods[-1].day_after_last - ONE_DAY
    if first > last:
        raise geodata.GeodataError(f"the map would begin on {first}, after the study's last day, {last}")
    where, notes = places(study, first, last)
    restrictions = [each for place in where for each in place.restrictions]
    return law_map(
        study.title,
        first,
        last,
        sites=[_site(*pair, first, last) for pair in zip(study.sites, where, strict=True)],
        zones=list(_zones(study)),
        site_rules=_own_rules(restrictions),
        law=study.law,
        opens_on=opens_on or max(first, periods[0].first_day),
        notes=(*notes, *site_notes(study, where)),
    )


def check_target(out: Path, study: Study) -> None:
    """Raises ConfigError for a place that is no file to write, or that the study itself was read from."""
    faults = {
        "is a directory": (out.is_dir(), f"name a file in it, e.g. {out / 'law.html'}"),
        "is not a plain file": (out.exists() and not out.is_file(), "name a file, e.g. law.html"),
        "is a file of the study": (_is_source(out, study), "name another file, e.g. law.html"),
    }
    for rule, (holds, remedy) in faults.items():
        if holds:
            raise ConfigError([Problem(str(out), None, "", "", rule, remedy)])


def _is_source(out: Path, study: Study) -> bool:
    return out.exists() and any(out.samefile(source.path) for source in study.source_files)


def write(out: Path, page: str) -> None:
    """In one step: a failure leaves what was there before, and nothing beside it."""
    target = out.resolve()  # a link of the user's stays a link
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        half.write_text(page, encoding="utf-8")
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)


def _site(site: Site, place: Place, first: datetime.date, last: datetime.date) -> SiteMark:
    spans = []
    for each in place.restrictions:
        spans += [Span(*days, _status(each), (each.rule.rule_id,)) for days in each.days]
        if _tells_of_place(each):
            spans += [Span(*days, "open") for days in geodata.days_in_force(each.rule, first, last)]
    where = place.district or geodata.region_name(place.region)
    return SiteMark(
        site.id,
        site.name,
        site.lat_deg,
        site.lon_deg,
        site.largest_power_kw() / 1000,
        tuple(spans),
        f"{where}; {place.timezone}",
    )


def _status(restriction: Restriction) -> str:
    """The word of the map; a missing licence is told apart from a ban."""
    kind = restriction.rule.kind
    if restriction.effect == "closed" and kind in ("licensed", "registration"):
        return kind
    if restriction.effect == "advice" and kind == "open":
        return "open"
    return EFFECT_STATUS[restriction.effect]


def _tells_of_place(restriction: Restriction) -> bool:
    """Whether the days of the rule were looked at: what it does not close then is open, and not unknown."""
    rule = restriction.rule
    return restriction.effect != "exempt" and (rule.scope.is_general or rule.kind == "open")


def _zones(study: Study) -> Iterator[ZoneMark]:
    own, _ = own_geography(study)
    for each in own.polygons:
        effect = "ban" if each.terms.effect == "closed" else "allowance"
        yield ZoneMark(each.terms.id, each.zone.polygon, effect, each.terms.from_day, each.terms.to_day)


def _own_rules(restrictions: Sequence[Restriction]) -> list[RuleNote]:
    """Rules that are not bundled: the study's zones, and parties under sanctions."""
    bundled = {rule.rule_id for rule in geodata.all_rules()}
    own = {each.rule.rule_id: each.rule for each in restrictions if each.rule.rule_id not in bundled}
    return [rule_note(rule) for rule in own.values()]
