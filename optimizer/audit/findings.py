"""What does not hold, and comparing arrays with each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.inputs import AXES, Floats, Inputs

TOLERANCE = 1e-6  # relative to the size of what is compared


@dataclass(frozen=True)
class Finding:
    """One thing in a plan that does not hold: which rule, where, and by how much."""

    check: str
    where: str
    found: float
    limit: float

    def __str__(self) -> str:
        return f"{self.check} at {self.where}: {self.found:,.6g}, expected {self.limit:,.6g}"


def equal(check: str, data: Inputs, axes: str, found: Floats, expected: Floats) -> Iterator[Finding]:
    off = np.abs(found - expected)
    yield from _worst(check, data, axes, off, found, expected)


def at_most(check: str, data: Inputs, axes: str, found: Floats, limit: Floats) -> Iterator[Finding]:
    limit = np.broadcast_to(limit, found.shape)
    off = np.where(np.isfinite(limit), found - np.where(np.isfinite(limit), limit, 0.0), -np.inf)
    yield from _worst(check, data, axes, off, found, limit)


def _worst(
    check: str, data: Inputs, axes: str, off: Floats, found: Floats, expected: Floats
) -> Iterator[Finding]:
    """The worst cell, if it is out by more than rounding."""
    if not off.size:
        return
    size = np.maximum(np.abs(found), np.where(np.isfinite(expected), np.abs(expected), 0.0))
    share = off / np.maximum(1.0, size)
    cell = np.unravel_index(int(np.argmax(share)), off.shape)
    if share[cell] > TOLERANCE:
        names = (getattr(data, AXES[axis])[i] for axis, i in zip(axes, cell, strict=True))
        yield Finding(
            check, ", ".join(names), float(found[cell]), float(np.broadcast_to(expected, off.shape)[cell])
        )
