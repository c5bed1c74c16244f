"""What went wrong, in three forms: an exit code, a message for people and a document for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import typer

from geodata.errors import GeodataError
from optimizer.errors import AuditError, ConfigError, Infeasible, NoPlanInTime, Problem, SolveError

DONE, INTERNAL, BAD_INPUT, INFEASIBLE, STOPPED, SOLVER, CANCELLED = 0, 1, 2, 3, 4, 5, 130
WORST_FIRST = (INTERNAL, SOLVER, BAD_INPUT, INFEASIBLE, STOPPED, DONE)
USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]  # click's, wherever typer has it


class Cancelled(Exception):
    """Ctrl-C; the text says what was written before it."""


@dataclass(frozen=True)
class Fault:
    """One failure of a command, with the exit code that tells its class."""

    kind: str
    exit_code: int
    message: str
    problems: tuple[Problem, ...] = ()
    limits: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The `error` object of `--json`; every key is always there."""
        return {
            "kind": self.kind,
            "message": self.message,
            "problems": [asdict(problem) for problem in self.problems],
            "limits": list(self.limits),
        }


def fault_of(error: BaseException) -> Fault:
    """The fault behind an exception."""
    match error:
        case ConfigError():
            count = len(error.problems)
            counted = "1 problem" if count == 1 else f"{count} problems"
            return Fault("config", BAD_INPUT, f"cannot start: {counted}", error.problems)
        case GeodataError():
            rule, _, remedy = str(error).partition("; ")
            return Fault("geodata", BAD_INPUT, f"{rule}\n  -> {remedy}" if remedy else rule)
        case Infeasible():
            message = "no plan satisfies the study; these limits contradict each other"
            return Fault("infeasible", INFEASIBLE, message, limits=error.limits)
        case NoPlanInTime():
            return Fault("stopped", STOPPED, str(error))
        case AuditError():
            return Fault("audit", SOLVER, str(error))
        case SolveError():
            return Fault("solver", SOLVER, str(error))
        case Cancelled():
            return Fault("cancelled", CANCELLED, str(error))
        case OSError():
            return Fault("file", BAD_INPUT, _operating_system_says(error))
    if isinstance(error, USAGE_ERROR):
        return Fault("usage", BAD_INPUT, _usage(error))
    return Fault("internal", INTERNAL, f"{type(error).__name__}: {error}")


def told(fault: Fault) -> str:
    """The fault for people: what is wrong first, each problem or limit below it."""
    if fault.kind == "infeasible":
        none = ["(no small set of them was found in time)"]
        return "\n".join([f"{fault.message}:", *(f"  - {limit}" for limit in fault.limits or none)])
    if fault.kind == "internal":
        return (
            f"{fault.message}\n"
            "This is a fault of Rigshift, not of your study; please report what --debug prints."
        )
    return "\n\n".join([fault.message, *(str(problem) for problem in fault.problems)])


def told_in_row(error: Mapping[str, Any]) -> str:
    """The same from an `error` object."""
    problems = tuple(Problem(**each) for each in error["problems"])
    return told(Fault(error["kind"], DONE, error["message"], problems, tuple(error["limits"])))


def _operating_system_says(error: OSError) -> str:
    if error.strerror is None or error.filename is None:
        return str(error) or type(error).__name__
    return f"{error.filename}: {error.strerror}"


def _usage(error: Exception) -> str:
    """The parser's own words, and where help is."""
    said = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "rigshift"
    return f"{said}\nTry: {command} --help"
