"""What can go wrong, said so that the reader knows what to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN_CHARACTERS = 70


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in an input: where it stands, what it is, which rule it breaks and what to do."""

    file: str
    line: int | None  # 1-based; None when the input is not a file with lines
    where: str  # "sites[3].pue"
    value: str  # as the reader wrote it, shortened; "" when it is missing
    rule: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        subject = f"{self.where} = {self.value}" if self.value else self.where
        lines = [f"{place}: {subject}" if subject else place, f"    {self.rule}"]
        return "\n".join([*lines, f"    -> {self.remedy}"] if self.remedy else lines)


class ConfigError(Exception):
    """The study cannot be read as it stands; carries every problem found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        title = "1 problem in the study" if count == 1 else f"{count} problems in the study"
        return "\n\n".join([title, *(str(problem) for problem in self.problems)])


class SolveError(Exception):
    """The solver could not be started, failed, or gave an answer that does not check."""


class Infeasible(SolveError):
    """No plan satisfies the study; ``limits`` are the limits that contradict each other, in plain words."""

    def __init__(self, limits: Sequence[str]) -> None:
        self.limits = tuple(limits)
        told = (
            "\n".join(f"  - {limit}" for limit in self.limits) or "  (no small set of them was found in time)"
        )
        super().__init__(f"no plan satisfies the study; these limits contradict each other:\n{told}")


class NoPlanInTime(SolveError):
    """The time limit passed before any plan was found."""


class AuditError(SolveError):
    """A plan did not survive its independent re-computation; it is not shown."""


def shown(value: object) -> str:
    """A value as one short piece of text for a message; containers are named, not printed."""
    if isinstance(value, dict):
        return f"a mapping of {len(value)} keys"
    if isinstance(value, list | tuple | set):
        return f"a list of {len(value)} entries"
    if value is None:
        return "nothing"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 3] + "..."
