"""What people call a place: coordinates, a code, or the name of a country, region or district."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from geodata.districts import known_districts
from geodata.places import (
    jurisdiction_name,
    jurisdiction_of,
    known_jurisdictions,
    known_regions,
    region_name,
    regions_of,
    unknown,
)
from geodata.rules import rules_of
from geodata.store import GeodataError, read_rows

ANGLE = r"([NSEW]?)\s*([+-]?\d+(?:\.\d+)?)\s*°?\s*([NSEW]?)"
COORDINATES = re.compile(rf"\s*{ANGLE}(?:\s*[,;]\s*|\s+){ANGLE}\s*", re.IGNORECASE)
NUMBERS = re.compile(r"[NSEW]?\s*[+-]?\s*\d.*", re.IGNORECASE | re.DOTALL)
# Words that names carry in the layer and people leave out.
COMMON_WORDS = {
    "oblast", "krai", "republic", "of", "the", "region", "province", "state", "emirate", "county",
    "municipality", "city", "district", "urban", "governorate", "autonomous", "okrug", "prefecture",
    "область", "краи", "республика", "автономныи", "автономная", "округ", "город",
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A place by name: a point has coordinates, a country no region, a district its region."""

    lat_deg: float | None = None
    lon_deg: float | None = None
    jurisdiction: str = ""
    region: str = ""
    district: str = ""

    @property
    def name(self) -> str:
        """For people, with the code."""
        if self.lat_deg is not None:
            return f"{self.lat_deg}, {self.lon_deg}"
        if not self.region:
            return f"{jurisdiction_name(self.jurisdiction)} ({self.jurisdiction})"
        within = f"{region_name(self.region)} ({self.region})"
        return f"{self.district}, {within}" if self.district else within


def find(text: str) -> Found:
    """The place that a text names, in English or, where law is bundled, also in Russian.

    Raises GeodataError when it is unknown (with the nearest names) or ambiguous (with the choices), and for
    numbers that are no pair of decimal degrees.
    """
    if match := COORDINATES.fullmatch(text):
        return _point(text, match)
    code = text.strip().upper()
    if code in known_regions():
        return Found(jurisdiction=jurisdiction_of(code), region=code)
    if code in known_jurisdictions():
        return Found(jurisdiction=code)
    index = _by_name()
    for key in (_plain(text), _bare(text)):
        if found := index.get(key):
            return _only(text, found)
    if NUMBERS.fullmatch(text.strip()):
        raise _no_point(text)
    raise GeodataError(unknown("place", text, sorted({name for name, _ in _all()})))


def _point(text: str, match: re.Match[str]) -> Found:
    """Latitude first unless letters say otherwise."""
    first, second = (_degrees(text, *match.groups()[part : part + 3]) for part in (0, 3))
    axes = first[1] + second[1]
    if axes not in ("", "NE", "EN"):
        raise _no_point(text)
    lat, lon = (second, first) if axes == "EN" else (first, second)
    return Found(lat_deg=lat[0], lon_deg=lon[0])


def _degrees(text: str, before: str, number: str, after: str) -> tuple[float, str]:
    """Signed degrees and their axis: N for a latitude, E for a longitude, "" when no letter says it."""
    letter = (before + after).upper()
    if len(letter) > 1 or (letter and number[0] in "+-"):
        raise _no_point(text)
    sign = -1.0 if letter in ("S", "W") else 1.0
    return sign * float(number), {"S": "N", "W": "E"}.get(letter, letter)


def _no_point(text: str) -> GeodataError:
    return GeodataError(
        f"{text!r} is no pair of coordinates; write decimal degrees, latitude first, e.g. 52.3,104.3"
    )


def _only(text: str, found: tuple[Found, ...]) -> Found:
    if len(found) == 1:
        return found[0]
    choices = " or ".join(_code(each) for each in found[:6])
    raise GeodataError(
        f"{text!r} is the name of {len(found)} places; write the code or coordinates: {choices}"
    )


def _code(found: Found) -> str:
    return f"{found.region or found.jurisdiction} ({found.name})"


def _shown(found: Found) -> str:
    return found.district or (
        region_name(found.region) if found.region else jurisdiction_name(found.jurisdiction)
    )


@lru_cache(maxsize=1)
def _all() -> tuple[tuple[str, Found], ...]:
    """Every name with its place: countries, regions, districts, and other names of any of them."""
    countries = [Found(jurisdiction=code) for code in sorted(known_jurisdictions())]
    regions = [
        Found(jurisdiction=each.jurisdiction, region=code)
        for each in countries
        for code in regions_of(each.jurisdiction)
        if code != each.jurisdiction
    ]
    districts = [
        Found(jurisdiction=each.jurisdiction, region=each.region, district=name)
        for each in regions
        for name in dict.fromkeys((*known_districts(each.region), *_listed(each)))
    ]
    named = [(_shown(each), each) for each in (*countries, *regions, *districts)]
    return (*named, *((row["alias"], _meant(row)) for row in read_rows("aliases.csv")))


def _listed(region: Found) -> list[str]:
    """Districts and towns that rules of the region name."""
    rules = rules_of(region.jurisdiction, region.region)
    return [name for rule in rules if rule.region for name in rule.districts]


def _meant(alias: dict[str, str]) -> Found:
    code = alias["code"]
    if code in known_jurisdictions():
        return Found(jurisdiction=code)
    return Found(jurisdiction=jurisdiction_of(code), region=code, district=alias["district"])


@lru_cache(maxsize=1)
def _by_name() -> dict[str, tuple[Found, ...]]:
    """Places by their name in full; and by what is left of it without common words, where that is free.

    So left over, a city's district gives way to the region that has the same name.
    """
    index = _indexed((_plain(name), found) for name, found in _all())
    short = _indexed((_bare(name), found) for name, found in _all() if not found.district)
    shorter = _indexed((_bare(name), found) for name, found in _all() if found.district)
    return shorter | short | index


def _indexed(named: Iterable[tuple[str, Found]]) -> dict[str, tuple[Found, ...]]:
    index: dict[str, dict[Found, None]] = {}
    for key, found in named:
        index.setdefault(key, {})[found] = None
    return {key: tuple(found) for key, found in index.items()}


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.strip()).casefold()
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in folded if not unicodedata.combining(c))))


def _bare(text: str) -> str:
    words = [word for word in _plain(text).split() if word not in COMMON_WORDS]
    return " ".join(words) or _plain(text)
