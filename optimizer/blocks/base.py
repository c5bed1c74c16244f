"""The form of a block."""

from __future__ import annotations

from typing import Protocol

from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram


class Block(Protocol):
    """One idea of the business: its own columns, its rows and its lines of money."""

    def __call__(self, lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
        """Add the idea to the model."""
