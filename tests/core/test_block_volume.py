"""Charges that rise with a month's energy, and energy that is paid whether taken or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optimizer.blocks.volume import volume
from tests.core.answers import answer, same
from tests.core.instances import quiet
from tests.core.printed import line, model_of, rows

MONTH = {"sites": 1, "periods": 1}  # ten machines of 720 kWh


def steps(kwh: list[float], usd_per_kwh: list[float]) -> dict[str, Any]:
    return {
        "volume_steps": tuple(f"step {number}" for number in range(1, len(kwh) + 1)),
        "volume_step_kwh": np.array(kwh)[:, None],
        "volume_step_usd_per_kwh": np.array(usd_per_kwh)[:, None],
    }


def test_all_energy_is_in_steps() -> None:
    """An equality: energy in no step would be free, a step without energy is impossible."""
    lp = model_of(quiet(**MONTH, **steps([2160.0, np.inf], [-0.01, 0.1])), volume)
    taken = [f"volume_kwh[base, home, step {step}, m1]" for step in (1, 2)]
    assert rows(lp, "volume") == [
        f"volume[base, home, m1]: +720 running[base, old, home, normal, m1] -{taken[0]} -{taken[1]} = 0"
    ]
    assert line(lp, "volume_charges") == [f"base, home, m1: +0.01 {taken[0]} -0.1 {taken[1]}"]
    assert lp.upper[lp.variables["volume_kwh"][1].ravel()].tolist() == [2160, np.inf]


def test_a_site_without_steps_pays_none() -> None:
    """Of two sites only `home` has steps: `away` has neither row nor column."""
    data = quiet(
        periods=1,
        volume_steps=("all",),
        volume_step_kwh=np.array([np.inf, 0.0])[:, None, None],
        volume_step_usd_per_kwh=0.1,
    )
    lp = model_of(data, volume)
    assert [row.split(":")[0] for row in rows(lp, "volume")] == ["volume[base, home, m1]"]


@pytest.mark.parametrize(("usd_per_kwh", "usd", "run"), [(0.1, 496, 10), (0.2, 300, 3)])
def test_machines_run_while_the_next_step_pays(usd_per_kwh: float, usd: float, run: float) -> None:
    """Three machines' energy is free of charge, the rest costs 72 (or 144) against 100: 300 + 7 x 28, or 300.

    All energy at the second step's price would leave 280 (or 0).
    """
    found = answer(quiet(**MONTH, **steps([2160.0, np.inf], [0.0, usd_per_kwh])))
    assert found.running(0) == [run]
    assert same(found.value_usd, usd)


def test_three_steps_fill_in_order() -> None:
    """720 kWh at 1, 2 and 3 cents ... : 7.2 + 2 x 14.4 + 7 x 21.6 = 187.2 of 1,000."""
    found = answer(quiet(**MONTH, **steps([720.0, 1440.0, np.inf], [0.01, 0.02, 0.03])))
    assert found.money("volume_charges") == [pytest.approx(-187.2)]
    assert found.of("volume_kwh")[0, 0, :, 0].round(6).tolist() == [720, 1440, 5040]


def test_energy_that_is_paid_anyhow_is_used_up() -> None:
    """80 USD a machine against 60 of income; five machines' energy (400 USD) is owed in any case.

    A standing charge of 400, which the first 3,600 kWh give back: five run, 5 x 60 - 400 = -100. A sixth
    would lose 20; without the step nothing runs (-400); without the standing charge there is a profit of 300.
    """
    data = quiet(
        **MONTH,
        revenue_usd=60.0,
        energy_usd=80.0,
        standing_charge_usd=400.0,
        is_signed=True,
        **steps([3600.0, np.inf], [-80 / 720, 0.0]),
    )
    found = answer(data)
    assert found.running(0) == [5]
    assert same(found.value_usd, -100)


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        (steps([100.0, 200.0], [0.0, 0.1]), "the last step of a month has no end"),
        (steps([100.0, np.inf], [0.1, 0.0]), "it must rise"),
        (steps([100.0, 0.0, np.inf], [0.1, 0.0, 0.05]), "it must rise"),
    ],
)
def test_steps_that_the_programme_would_misread_are_refused(terms: dict[str, Any], told: str) -> None:
    """A finite last step would be a cap on energy, a falling price would fill the dear step last."""
    with pytest.raises(ValueError, match=told):
        quiet(**MONTH, **terms)
