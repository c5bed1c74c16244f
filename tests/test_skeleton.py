"""The frame that the rest hangs in: import contracts that can fail, a full wheel, pinned versions."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGES = ("optimizer", "geodata")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {contract["id"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}

# One forbidden import for every contract: the module that is made to break it, and the import.
PLANTED = {
    "layers": ("optimizer/units.py", "import optimizer.market"),
    "geodata-layers": ("geodata/places.py", "from geodata import law"),
    "geodata-alone": ("geodata/__init__.py", "import optimizer.units"),
    "prepare-meets-geodata": ("optimizer/economics.py", "import geodata"),
    "lp-is-not-mining": ("optimizer/lp.py", "import optimizer.inputs"),
    "blocks-independent": ("optimizer/blocks/mining.py", "import optimizer.blocks.placement"),
    "blocks-see-arrays-only": ("optimizer/blocks/mining.py", "import optimizer.config"),
    "solvers-are-doors": ("optimizer/economics.py", "import highspy"),
    "solvers-are-not-mining": ("optimizer/solvers/highs.py", "import optimizer.inputs"),
    "config-is-plain": ("optimizer/config.py", "import numpy"),
    "arithmetic-is-plain": ("optimizer/market/path.py", "import pandas"),
    "audit-is-independent": ("optimizer/audit/money.py", "import optimizer.decisions"),
    "app-is-a-skin": ("optimizer/economics.py", "import streamlit"),
}


def copy_of_the_code(target: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, target / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", target)
    (target / "optimizer" / "audit.py").touch()  # TEMPORARY, until there is one
    return target


def lint_imports(where: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", *options]
    environment = os.environ | {"PYTHONPATH": str(where)}
    return subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)


# --- the picture of docs/architecture.md ------------------------------------------------------------------


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_the_code(tmp_path_factory.mktemp("code"))


@pytest.fixture
def planted(copied: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The copy with one forbidden import at the end of one module, taken out again afterwards."""
    module, line = PLANTED[request.param]
    path = copied / module
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    yield copied
    path.write_text(before, encoding="utf-8")


def test_contracts_hold_on_the_code_as_it_is(copied: Path) -> None:
    """The clean copy passes, so that a failure below comes from what was planted and from nothing else."""
    result = lint_imports(copied)
    assert result.returncode == 0, result.stdout
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


@pytest.mark.parametrize(("planted", "contract"), [(key, key) for key in PLANTED], indirect=["planted"])
def test_contract_fails_on_a_planted_violation(planted: Path, contract: str) -> None:
    """A contract that could not fail (a misspelt module, a wildcard too wide) would report `1 kept`."""
    result = lint_imports(planted, "--contract", contract)
    assert result.returncode == 1, result.stdout
    assert f"{CONTRACTS[contract]['name']} BROKEN" in result.stdout
    assert "0 kept, 1 broken" in result.stdout


def test_every_contract_is_planted() -> None:
    """A contract added without its violation would never be seen to fail."""
    assert set(PLANTED) == set(CONTRACTS)


# --- what is shipped --------------------------------------------------------------------------------------


def test_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    """A data file or marker left out of the wheel breaks only on the user's machine, where no test runs."""
    source = copy_of_the_code(tmp_path)
    for name in ("README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = "import sys; from setuptools.build_meta import build_wheel; print(build_wheel(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", build, str(tmp_path / "dist")], cwd=source, check=True, capture_output=True
    )
    (wheel,) = (tmp_path / "dist").glob("rigshift-*.whl")
    written = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()]
    expected = {str(path.relative_to(ROOT)) for path in written if path.suffix != ".pyc"}
    assert expected <= set(zipfile.ZipFile(wheel).namelist())


def test_packages_say_that_they_are_typed() -> None:
    """Without the marker a type checker treats every call into the package as Any."""
    assert all((ROOT / package / "py.typed").is_file() for package in PACKAGES)


# --- versions ---------------------------------------------------------------------------------------------


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def requirements() -> list[Requirement]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    texts = [*PROJECT["project"]["dependencies"], *(text for extra in extras for text in extra)]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_every_dependency_is_pinned_inside_its_range(requirement: Requirement) -> None:
    """An unpinned dependency makes tomorrow's fresh clone another program than today's."""
    assert pins()[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_every_dependency_has_its_reason(requirement: Requirement) -> None:
    """docs/dependencies.md has a line for each: what nobody can give a reason for should go."""
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert f"| `{requirement.name}` |" in page


def test_solver_versions_known_to_be_wrong_are_shut_out() -> None:
    """PuLP 4 drops the bundled CBC; highspy 1.14 gave wrong MIP results after presolve."""
    ranges = {requirement.name: requirement.specifier for requirement in requirements()}
    assert not ranges["pulp"].contains("4.0.0a12", prereleases=True)
    assert not ranges["highspy"].contains("1.14.0")
    assert pins()["pulp"] == "3.3.2"


def test_constraints_are_names_and_versions_only() -> None:
    """An index address, a hash or a local path would tie everybody to one machine."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if not line.startswith("#")]
    assert [line for line in pinned if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []


# --- the commands -----------------------------------------------------------------------------------------


def test_ci_runs_what_make_test_runs() -> None:
    """`.ci/run` must start as it is, and end in the test runner: its closing line is the last one printed."""
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").splitlines()[-1].startswith("make test VENV=")
    outside_make = {key: value for key, value in os.environ.items() if key not in {"MAKEFLAGS", "MAKELEVEL"}}
    command = ["make", "--dry-run", "--no-print-directory", "test"]
    shown = subprocess.run(
        command, cwd=ROOT, env=outside_make, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert shown[-1].endswith("-m pytest -q -n 2")
    assert [line.split("/bin/")[-1] for line in shown[-4:-1]] == [
        "ruff check .",
        "mypy --strict optimizer geodata",
        "lint-imports",
    ]
