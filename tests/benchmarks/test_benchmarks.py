"""The benchmarks compare like with like: every builder writes the same model, or ratios mean nothing."""

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.instance import SIZES, instance
from benchmarks.measure import BUILDERS, Exists, existing, module_of
from benchmarks.report import disagreement
from optimizer.blocks import BLOCKS
from optimizer.inputs import Inputs
from optimizer.pipeline import build as build_blocks


@pytest.fixture(scope="module")
def data() -> Inputs:
    return instance(*SIZES["small"])


@pytest.fixture(scope="module")
def exists(data: Inputs) -> Exists:
    return existing(data)


@pytest.fixture(scope="module")
def reference(data: Inputs, exists: Exists) -> float:
    return solved("raw arrays", data, exists)[0]


def solved(name: str, data: Inputs, exists: Exists) -> tuple[float, dict[str, np.ndarray]]:
    if name == "linopy":
        pytest.importorskip("linopy", reason="linopy comes with the extra 'bench' only")
    module = module_of(name)
    model = module.build(data, exists)
    module.solve(model, "ipx", 60.0)
    return module.extract(model)


@pytest.mark.parametrize("name", BUILDERS)
def test_builders_agree(name: str, data: Inputs, exists: Exists, reference: float) -> None:
    """All find the same optimum to 1e-7: a builder that lost a row or a price would be faster and wrong."""
    objective, values = solved(name, data, exists)
    assert objective == pytest.approx(reference, rel=1e-7)
    assert (
        reference > 4e7
    )  # the fleet earns: a model without revenue or without machines would agree at nothing
    assert {key: value.shape for key, value in values.items()} == {
        key: mask.shape for key, mask in exists.items()
    }
    assert all(not value[~exists[key]].any() for key, value in values.items())


def test_values_are_a_plan(data: Inputs, exists: Exists) -> None:
    """Values come back in their own places: in the solver's order the fleet would not add up."""
    for name in ("raw arrays", "PuLP, idiomatic"):
        _, values = solved(name, data, exists)
        first = values["staying"][:, :, 0] + values["departing"][:, :, 0]
        assert first == pytest.approx(data.start_machines, abs=1e-5)


@pytest.mark.parametrize(
    "family", ["orders", "concentration", "capex", "crew_out", "power_groups", "cash_balance"]
)
def test_instance_has_every_family(family: str, data: Inputs) -> None:
    """Each family of limits has rows, or agreement says nothing about it: infinite limits have none."""
    lp, _ = build_blocks(data, BLOCKS)
    assert (lp.rows[family][1] >= 0).any()


def test_report_fails_when_builders_disagree(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of another model than the reference's is told and fails the command, instead of a fast line."""
    from benchmarks import __main__ as command
    from benchmarks.measure import Measured, Seconds

    def one(name: str, size: str, method: str, time_limit_s: float) -> Measured:
        spent = Seconds(0.1, 0.1)
        objective = 100.0 if name != "Rigshift" else 100.1
        return Measured(name, size, "ipx", spent, spent, spent, spent, True, objective, 50.0, 60.0)

    monkeypatch.setattr(command, "_in_own_process", one)
    assert main(["--sizes", "small", "--repeat", "1", "--also", ""]) == 1
    assert "do not agree" in capsys.readouterr().out
    agreeing = [one(name, "small", "ipx", 1.0) for name in BUILDERS if name != "Rigshift"]
    assert disagreement(agreeing) is None
