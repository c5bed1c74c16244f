"""From runs to one table per size: medians, and ratios against raw arrays of one run of all."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version

import psutil

from benchmarks.measure import BUILDERS, Measured, Seconds

LIBRARIES = ("highspy", "pulp", "linopy", "numpy", "scipy")
REFERENCE = "raw arrays"
AGREEMENT = 1e-7
HEAD = (
    "builder",
    "build",
    "hand over",
    "extract",
    "layer",
    "layer / raw",
    "whole / raw",
    "layer / solver",
    "solver",
    "peak MB",
    "of it the model",
)


def machine() -> str:
    """What the numbers were measured on."""
    memory_gb = psutil.virtual_memory().total / 2**30
    versions = ", ".join(f"{library} {version(library)}" for library in LIBRARIES)
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{psutil.cpu_count()} cores, {memory_gb:.0f} GB, {system}; {versions}."


def disagreement(runs: Iterable[Measured]) -> str | None:
    """What is wrong if two builders did not find the same optimum, or one did not prove it."""
    runs = list(runs)
    unsolved = [run.builder for run in runs if not run.is_solved]
    if unsolved:
        return f"not solved to optimality: {', '.join(sorted(set(unsolved)))}"
    low, high = min(run.objective for run in runs), max(run.objective for run in runs)
    if high - low > AGREEMENT * max(1.0, abs(high)):
        told = ", ".join(f"{run.builder} {run.objective:.6f}" for run in runs)
        return f"the builders do not agree to {AGREEMENT:g}: {told}"
    return None


def table(runs: Sequence[Measured]) -> str:
    """One size: CPU seconds, with wall seconds in brackets; every number the median of its builder's runs."""
    reference = [run for run in runs if run.builder == REFERENCE]
    lines = [_line(HEAD), _line(["---"] * len(HEAD))]
    for builder in BUILDERS:
        own = [run for run in runs if run.builder == builder]
        if own:
            lines.append(_line(_cells(builder, own, reference)))
    return "\n".join(lines)


def layer(run: Measured) -> Seconds:
    """Everything outside the solver's own time."""
    wall = run.build.wall + run.hand_over.wall + run.extract.wall
    return Seconds(wall, run.build.cpu + run.hand_over.cpu + run.extract.cpu)


def whole(run: Measured) -> Seconds:
    """The layer and the solver."""
    outside = layer(run)
    return Seconds(outside.wall + run.solver.wall, outside.cpu + run.solver.cpu)


def _cells(builder: str, own: Sequence[Measured], reference: Sequence[Measured]) -> list[str]:
    is_solved = all(run.is_solved for run in own)
    timed = (lambda run: run.build, lambda run: run.hand_over, lambda run: run.extract, layer)
    cells = [builder, *(_seconds(own, of) for of in timed)]
    cells.append(_ratio(own, reference, lambda run: layer(run).cpu))
    if not is_solved:
        return [*cells, "", "", "not asked", *_memory(own)]
    share = _median(own, lambda run: layer(run).cpu) / _median(own, lambda run: run.solver.cpu)
    cells += [_ratio(own, reference, lambda run: whole(run).cpu), f"{share:.1%}"]
    return [*cells, _seconds(own, lambda run: run.solver), *_memory(own)]


def _memory(runs: Sequence[Measured]) -> list[str]:
    peak, start = _median(runs, lambda run: run.peak_mb), _median(runs, lambda run: run.start_mb)
    return [f"{peak:,.0f}", f"{peak - start:,.0f}"]


def _median(runs: Iterable[Measured], of: Callable[[Measured], float]) -> float:
    return statistics.median(of(run) for run in runs)


def _seconds(runs: Sequence[Measured], of: Callable[[Measured], Seconds]) -> str:
    return f"{_median(runs, lambda run: of(run).cpu):.3g} ({_median(runs, lambda run: of(run).wall):.3g})"


def _ratio(own: Sequence[Measured], reference: Sequence[Measured], of: Callable[[Measured], float]) -> str:
    return f"{_median(own, of) / _median(reference, of):.2f}" if reference else ""


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
