"""The example study that `rigshift init` writes for a user to start from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from optimizer.errors import ConfigError, Problem

FILES = ("study.yaml", "fleet.csv", "sites.csv")


def write_template(directory: Path) -> list[Path]:
    """Write the example's files into a directory, made if needed; ConfigError when one is there already."""
    targets = [directory / name for name in FILES]
    rule, remedy = "is there already", "choose another directory, or move the file away"
    taken = [Problem(str(path), None, "", "", rule, remedy) for path in targets if path.exists()]
    if taken:
        raise ConfigError(taken)
    directory.mkdir(parents=True, exist_ok=True)
    for path in targets:
        path.write_bytes((files("optimizer.templates") / path.name).read_bytes())
    return targets
