"""A study being read, and what is found wrong in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from optimizer.config import Lot, Purchase, Refurbishment, Site
from optimizer.tariffs import Tariff

Where = tuple[str | int, ...]


@dataclass(frozen=True)
class Draft:
    """A study being read: the sections that are right by themselves, and all that was written."""

    written: Mapping[str, Any]
    whole: Mapping[str, Any]  # sections other than the ones below, by key
    fleet: Mapping[int, Lot]  # by place in the list
    sites: Mapping[int, Site]
    purchases: Mapping[int, Purchase]
    refurbishments: Mapping[int, Refurbishment]
    tariffs: Mapping[str, Tariff]

    def written_texts(self, section: str, key: str = "id") -> list[tuple[int, str]]:
        """A key's texts in a list, of wrong entries too: a wrong site must not make its lots seem lost."""
        entries = self.written.get(section)
        if not isinstance(entries, list | tuple):
            return []
        ids = [
            (i, entry.get(key) if isinstance(entry, dict) else getattr(entry, key, None))
            for i, entry in enumerate(entries)
        ]
        return [(i, name) for i, name in ids if isinstance(name, str)]


@dataclass(frozen=True)
class Finding:
    where: Where
    value: Any
    rule: str
    remedy: str


def unknown(where: Where, name: str, known: list[str], what: str) -> Iterator[Finding]:
    if name not in known:
        yield Finding(where, name, f"is not a {what} of this study", nearest(name, known))


def nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(name, names, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return (
        f"known: {', '.join(names[:8])}{', ...' if len(names) > 8 else ''}"
        if names
        else "the study has none; add it"
    )


def repeated(names: Iterable[tuple[int, str]], where: Where, key: str) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for i, name in names:
        if name in first:
            yield Finding(
                (*where, i, key), name, f"is the {key} of entry {first[name]} too", "give each entry its own"
            )
        first.setdefault(name, i)
