"""Reads the bundled files and says where each comes from; knows nothing of what their columns mean."""

from __future__ import annotations

import csv
import hashlib
import io
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geodata.errors import GeodataError as GeodataError

if TYPE_CHECKING:
    import pandas as pd

DATA = files("geodata") / "data"


def read_rows(file: str) -> list[dict[str, str]]:
    """The rows of a bundled CSV as text, empty cells as ""."""
    return list(csv.DictReader(io.StringIO((DATA / file).read_text(encoding="utf-8"), newline="")))


@lru_cache(maxsize=8)
def read_table(file: str) -> dict[str, npt.NDArray[Any]]:
    """The columns of a bundled Parquet file as arrays; geometry is WKB in lon/lat degrees."""
    from pyarrow import parquet

    table = parquet.ParquetFile(io.BytesIO((DATA / file).read_bytes())).read()
    return {name: np.asarray(table[name].to_numpy()) for name in table.column_names}


def sources() -> pd.DataFrame:
    """Every bundled file: file, source, licence, date, rows, sha256, note.

    Rows and sha256 are of the file as it is now, so a changed file shows; the other columns are as published.
    """
    import pandas as pd

    table = pd.DataFrame(read_rows("sources.csv"))
    contents = [(DATA / file).read_bytes() for file in table["file"]]
    table.insert(4, "rows", [_row_count(file) for file in table["file"]])
    table.insert(5, "sha256", [hashlib.sha256(content).hexdigest() for content in contents])
    return table


def _row_count(file: str) -> int:
    return len(read_table(file)["geometry"]) if file.endswith(".parquet") else len(read_rows(file))
