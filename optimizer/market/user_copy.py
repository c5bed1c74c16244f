"""The user's own copy of the market's history: where it lies, and how it is replaced in one step."""

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

FILE = "network_monthly.csv"


@dataclass(frozen=True)
class UserCopy:
    """The bytes of the copy, read once, so that text and checksum belong together."""

    path: Path
    raw: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def text(self) -> str:
        return self.raw.decode("utf-8")


def data_folder() -> Path:
    """RIGSHIFT_DATA, or the folder in which the operating system keeps a user's data of a program."""
    stated = os.environ.get("RIGSHIFT_DATA")
    if stated:
        return Path(stated)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "rigshift"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "rigshift"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "rigshift"


def copy_path() -> Path:
    return data_folder() / FILE


def user_copy() -> UserCopy | None:
    """The copy; None when `rigshift market refresh` has never written one. Raises OSError."""
    path = copy_path()
    return UserCopy(path, path.read_bytes()) if path.exists() else None


def replace_copy(text: str) -> Path:
    """Write the copy in one step: a reader sees the old one or the new one, never half. Raises OSError."""
    path = copy_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with half.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return path
