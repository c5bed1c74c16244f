"""What people call a place: coordinates, a code, or the name of a country, region or district."""

from __future__ import annotations

import re
import unicodedata
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
from geodata.store import GeodataError

COORDINATES = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*")
# Words that names carry in the layer and people leave out.
COMMON_WORDS = {
    "oblast", "krai", "republic", "of", "the", "region", "province", "state", "emirate", "county",
    "municipality", "city", "district", "urban", "governorate", "autonomous", "okrug", "prefecture",
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
    """The place that a text names.

    Raises GeodataError when it is unknown (with the nearest names) or ambiguous (with the choices).
    """
    if match := COORDINATES.fullmatch(text):
        return Found(lat_deg=float(match[1]), lon_deg=float(match[2]))
    code = text.strip().upper()
    if code in known_regions():
        return Found(jurisdiction=jurisdiction_of(code), region=code)
    if code in known_jurisdictions():
        return Found(jurisdiction=code)
    index = _by_name()
    for key in (_plain(text), _bare(text)):
        if found := index.get(key):
            return _only(text, found)
    raise GeodataError(unknown("place", text, sorted({_shown(each) for each in _all()})))


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
def _all() -> tuple[Found, ...]:
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
        for name in known_districts(each.region)
    ]
    return (*countries, *regions, *districts)


@lru_cache(maxsize=1)
def _by_name() -> dict[str, tuple[Found, ...]]:
    """Places by their name in full; and by what is left of it without common words, where that is free."""
    index: dict[str, tuple[Found, ...]] = {}
    for found in _all():
        key = _plain(_shown(found))
        index[key] = (*index.get(key, ()), found)
    short: dict[str, tuple[Found, ...]] = {}
    for found in _all():
        key = _bare(_shown(found))
        if key not in index and not found.district:
            short[key] = (*short.get(key, ()), found)
    return short | index


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.strip()).casefold()
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in folded if not unicodedata.combining(c))))


def _bare(text: str) -> str:
    words = [word for word in _plain(text).split() if word not in COMMON_WORDS]
    return " ".join(words) or _plain(text)
