"""``python -m benchmarks``: the same model through every layer, each run in a process of its own."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.instance import SIZES
from benchmarks.measure import BUILDERS, Measured, Seconds, measure
from benchmarks.report import disagreement, layer, machine, table, whole

HAND_OVER_ONLY_S = 0.1  # time limit where only the layer is compared and nobody is asked to solve
TIME_LIMIT_S = 1_800.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and fail if the builders do not agree."""
    asked = _parser().parse_args(arguments)
    if asked.one:
        print(json.dumps(asdict(measure(*asked.one, asked.time_limit))))
        return 0
    parts, wrong = [machine()], []
    for size in asked.sizes.split(","):
        solves = size not in asked.layer_only.split(",")
        runs = _runs(size, asked.repeat, TIME_LIMIT_S if solves else HAND_OVER_ONLY_S)
        told = disagreement(runs) if solves else None
        wrong += [f"{size}: {told}"] if told else []
        parts.append(f"## {size}: {_shape(size)}\n\n{table(runs)}")
    parts += [_also(*each.split(":")) for each in asked.also.split(",") if each]
    report = "\n\n".join(parts + wrong)
    print(report)
    if asked.out:
        asked.out.write_text(report + "\n", encoding="utf-8")
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", default=",".join(SIZES), help="comma-separated: %(default)s")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the median is shown")
    parser.add_argument(
        "--layer-only", default="large", help="sizes not to solve, only to hand over: %(default)s"
    )
    parser.add_argument(
        "--also",
        default="middle:auto,large:auto,middle:choose",
        help="SIZE:METHOD once more through Rigshift: %(default)s",
    )
    parser.add_argument("--out", type=Path, help="write the report here too")
    parser.add_argument("--one", nargs=3, metavar=("BUILDER", "SIZE", "METHOD"), help=argparse.SUPPRESS)
    parser.add_argument("--time-limit", type=float, default=TIME_LIMIT_S, help=argparse.SUPPRESS)
    return parser


def _runs(size: str, repeat: int, time_limit_s: float) -> list[Measured]:
    """The builders in turn, so that a busy minute of the machine falls on all of them."""
    return [_in_own_process(name, size, "rule", time_limit_s) for _ in range(repeat) for name in BUILDERS]


def _in_own_process(name: str, size: str, method: str, time_limit_s: float) -> Measured:
    print(f"{size}: {name} ({method})", file=sys.stderr, flush=True)
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "--time-limit",
        str(time_limit_s),
        "--one",
        name,
        size,
        method,
    ]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = json.loads(printed.splitlines()[-1])
    for stage in ("build", "hand_over", "solver", "extract"):
        found[stage] = Seconds(**found[stage])
    return Measured(**found)


def _shape(size: str) -> str:
    sites, lots, periods = SIZES[size]
    return f"{sites} sites, {lots} lots, {periods} months"


def _also(size: str, method: str) -> str:
    run = _in_own_process("Rigshift", size, method, TIME_LIMIT_S)
    outside, total = layer(run), whole(run)
    spent = f"{total.cpu:.1f} s CPU, {total.wall:.1f} s wall, of it the layer {outside.cpu:.2f} s CPU"
    told = f"optimum {run.objective:,.2f}" if run.is_solved else "NOT solved"
    return f"{size}, Rigshift, method `{method}`: {told} in {spent}; peak {run.peak_mb:,.0f} MB."


if __name__ == "__main__":
    sys.exit(main())
