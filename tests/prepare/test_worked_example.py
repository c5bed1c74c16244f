"""docs/model.md's worked example: the page, the file and the solver agree to the dollar."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer import Study, solve

ROOT = Path(__file__).parents[2]


def test_the_worked_example_comes_out_to_the_dollar() -> None:
    """60 machines move for 45,751 USD; without the trip's lost time 51,432, without its cost 48,031."""
    plan = solve(Study.from_yaml(ROOT / "docs/examples/worked.yaml"))
    page = (ROOT / "docs/model.md").read_text(encoding="utf-8")
    stay = next(each for each in plan.alternatives if each.name == "stay put")
    kw_price = plan.shadow_prices("site_power").query("site == 'abakan'").worth_usd.sum()
    assert plan.moves.machines.tolist() == [60.0]
    assert plan.moves.leaves.tolist() == ["2027-01-01"]
    assert plan.kpis.value_usd == pytest.approx(45_751, abs=0.5)
    assert stay.kpis.value_usd == pytest.approx(44_640, abs=0.01)
    assert kw_price == pytest.approx(5.29, abs=0.005)
    for told in (
        f"{plan.kpis.value_usd:,.0f}",
        f"{stay.kpis.value_usd:,.0f}",
        f"{stay.gain.value_usd:+,.0f}",
        "5.29",
    ):
        assert f"**{told}" in page, told
