"""The polygons a study brings: own zones on its sites, and exact borders of districts."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geodata
from geodata.zone_places import borders_from
from geodata.zones import Zone, read_zones, zone_contains, zone_from_wkt
from optimizer.config import Study, Where
from optimizer.errors import Problem
from optimizer.prepare.stated import stated_rule
from optimizer.sections.law import OwnZone
from optimizer.sections.sites import Site

NEAR_KM = 1.0  # a site's coordinates are often those of its town or gate


@dataclass(frozen=True)
class OwnPolygon:
    """One polygon of one own zone of the study."""

    terms: OwnZone
    zone: Zone


@dataclass(frozen=True)
class SiteZone:
    """An own zone that a site lies in."""

    terms: OwnZone
    reason: str

    def days(
        self, start: datetime.date, end: datetime.date
    ) -> tuple[tuple[datetime.date, datetime.date], ...]:
        """The days of [start, end] on which the zone holds: one interval or none."""
        first = max(start, self.terms.from_day or start)
        last = min(end, self.terms.to_day or end)
        return ((first, last),) if first <= last else ()

    def as_rule(self, region: str, first_day: datetime.date) -> geodata.RuleWindow:
        """The zone in the form of a rule, so that a plan can name it as what closed a site."""
        return stated_rule(
            region,
            rule_id=f"zone-{self.terms.id}",
            kind="banned",
            start=self.terms.from_day or first_day,
            end=self.terms.to_day,
            act=self.terms.act,
            note="own zone of the study",
            source=self.terms.source,
            source_date="",
            read_on=first_day,
            confidence="stated in the study",
        )


@dataclass(frozen=True)
class OwnGeography:
    """All polygons of a study and what had to be repaired in them."""

    polygons: tuple[OwnPolygon, ...]
    borders: dict[str, geodata.DistrictBorders]
    notes: tuple[str, ...]

    def at(self, lat_deg: float, lon_deg: float) -> tuple[list[SiteZone], list[str]]:
        """The own zones at a point, and a note for each border close by."""
        zones, notes = [], []
        for polygon in self.polygons:
            inside, border_km = zone_contains(polygon.zone, lat_deg, lon_deg)
            name = f"own zone {polygon.terms.id!r}"
            if inside:
                zones.append(SiteZone(polygon.terms, f"inside {name}: {polygon.terms.act}"))
            if border_km < NEAR_KM:
                side = "inside" if inside else "outside"
                notes.append(
                    f"is {border_km * 1000:.0f} m {side} the border of {name}; check its coordinates"
                )
        return zones, notes


def own_geography(study: Study) -> tuple[OwnGeography, list[Problem]]:
    """The polygons of a study, with a problem for each that cannot be used."""
    polygons: list[OwnPolygon] = []
    borders: dict[str, geodata.DistrictBorders] = {}
    notes: list[str] = []
    problems: list[Problem] = []
    for number, terms in enumerate(study.zones):
        try:
            problems += _unknown_rules(study, number, terms)
            found, repairs = _zones(study, terms)
            polygons += [OwnPolygon(terms, zone) for zone in found]
            notes += [f"own zone {terms.id!r}: {repair}" for repair in repairs]
        except geodata.GeodataError as error:
            problems.append(_problem(study, ("zones", number), terms.file or "wkt", error))
    for number, given in enumerate(study.district_borders):
        try:
            if given.region in borders:
                raise geodata.GeodataError(f"{given.region} has borders already; put all into one file")
            read = read_zones(
                Path(given.file),
                study.base_dir,
                layer=given.layer,
                name_field=given.name_field,
                crs=given.crs,
            )
            borders[given.region] = borders_from(read, given.region, given.error_km)
            notes += [f"district borders of {given.region}: {repair}" for repair in read.repairs]
        except geodata.GeodataError as error:
            problems.append(_problem(study, ("district_borders", number), given.file, error))
    return OwnGeography(tuple(polygons), borders, tuple(notes)), problems


def idle_polygons(
    study: Study, own: OwnGeography, first: datetime.date, last: datetime.date
) -> Iterator[str]:
    """Polygons that change nothing, which is seldom what was meant."""
    for terms in study.zones:
        polygons = [each.zone for each in own.polygons if each.terms is terms]
        inside = [site for site in study.sites if any(_is_in(zone, site) for zone in polygons)]
        if not inside:
            yield f"own zone {terms.id!r} contains no site; its coordinates are longitude first"
        elif not SiteZone(terms, "").days(first, last):
            yield f"own zone {terms.id!r} holds on no day of the plan"


def _is_in(zone: Zone, site: Site) -> bool:
    return zone_contains(zone, site.lat_deg, site.lon_deg)[0]


def _zones(study: Study, terms: OwnZone) -> tuple[tuple[Zone, ...], tuple[str, ...]]:
    if terms.wkt is not None:
        read = zone_from_wkt(terms.wkt, name=terms.id, crs=terms.crs)
        return read.zones, read.repairs
    read = read_zones(
        Path(str(terms.file)),
        study.base_dir,
        layer=terms.layer,
        name_field=terms.name_field,
        crs=terms.crs,
    )
    wanted = tuple(zone for zone in read.zones if terms.zone in (None, zone.name))
    if not wanted:
        names = ", ".join(zone.name for zone in read.zones[:8])
        raise geodata.GeodataError(f"no polygon is named {terms.zone!r}; the file has {names}")
    return wanted, read.repairs


def _unknown_rules(study: Study, number: int, terms: OwnZone) -> Iterator[Problem]:
    known = {rule.rule_id: rule for rule in geodata.all_rules()}
    for place, rule_id in enumerate(terms.lifts):
        where: Where = ("zones", number, "lifts", place)
        if rule_id not in known:
            yield study.problem_at(
                where, rule_id, "is no bundled rule", "see `rigshift law PLACE` for the ids"
            )
        elif known[rule_id].kind == "sanctioned":
            yield study.problem_at(where, rule_id, "is a sanction, which no zone can lift", "take it out")


def _problem(study: Study, where: Where, value: str, error: geodata.GeodataError) -> Problem:
    rule, _, remedy = str(error).partition("; ")
    return study.problem_at(where, value, rule, remedy)
