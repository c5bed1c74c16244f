"""The bundled tables say where they come from, and none is missing."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files

import geodata
from geodata.store import read_rows

LARGEST_BYTES = 2_600_000  # travels with every install: raw outlines would be 35 MB


def test_sources_cover_every_bundled_file() -> None:
    """A file without a licence line cannot be shipped; a stale line would describe another file."""
    table = geodata.sources()
    bundled = {entry.name for entry in (files("geodata") / "data").iterdir() if entry.is_file()}
    assert set(table["file"]) == bundled - {"sources.csv"}
    assert list(table.columns) == ["file", "source", "licence", "date", "rows", "sha256", "note"]
    assert (table["rows"] > 0).all()
    assert all(re.fullmatch(r"[0-9a-f]{64}", text) for text in table["sha256"])
    assert all(date.fromisoformat(text) for text in table["date"])
    assert table["licence"].all()


def test_every_row_that_names_a_source_names_one() -> None:
    """A figure without source, or without saying that it has none, cannot be checked by anyone."""
    for file in geodata.sources()["file"]:
        if not file.endswith(".csv"):
            continue
        rows = read_rows(file)
        for column in {"source", "source_date", "confidence"} & set(rows[0]):
            assert all(row[column] for row in rows), f"{file}: {column}"


def test_the_bundle_stays_small() -> None:
    """All polygons together."""
    sizes = [len((files("geodata") / "data" / file).read_bytes()) for file in geodata.sources()["file"]]
    assert sum(sizes) < LARGEST_BYTES + 600_000
