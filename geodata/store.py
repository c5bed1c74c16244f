"""Reads the bundled files and says where each comes from; knows nothing of what their columns mean."""

from __future__ import annotations

import csv
import hashlib
import io
from functools import lru_cache
from importlib.resources import files

import pandas as pd

DATA = files("geodata") / "data"


class GeodataError(Exception):
    """A place, district or bundled file that geodata cannot answer for; says which, and what to do."""


def read_rows(file: str) -> list[dict[str, str]]:
    """The rows of a bundled CSV as text, empty cells as ""."""
    return list(csv.DictReader(io.StringIO((DATA / file).read_text(encoding="utf-8"), newline="")))


@lru_cache(maxsize=1)
def read_regions() -> pd.DataFrame:
    """One row per region: region, name, jurisdiction, jurisdiction_name, is_approximate, geometry (WKB)."""
    return pd.read_parquet(io.BytesIO((DATA / "regions.parquet").read_bytes()))


def sources() -> pd.DataFrame:
    """Every bundled file: file, source, licence, date, rows, sha256, note.

    Rows and sha256 are of the file as it is now, so a changed file shows; the other columns are as published.
    """
    table = pd.DataFrame(read_rows("sources.csv"))
    contents = [(DATA / file).read_bytes() for file in table["file"]]
    table.insert(4, "rows", [_row_count(file) for file in table["file"]])
    table.insert(5, "sha256", [hashlib.sha256(content).hexdigest() for content in contents])
    return table


def _row_count(file: str) -> int:
    return len(read_regions()) if file.endswith(".parquet") else len(read_rows(file))
