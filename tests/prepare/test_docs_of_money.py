"""The keys that docs/model.md shows for companies, tax, loans and overheads are those of a study."""

from __future__ import annotations

from pathlib import Path

import yaml

from optimizer import Study, solve

ROOT = Path(__file__).parents[2]


def test_the_example_of_a_group_solves() -> None:
    """Nobody could state their own rate of tax from a page whose keys have moved on."""
    page = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    block = page[page.index("    entities:\n") : page.index("More tax never pays")]
    shown = yaml.safe_load("\n".join(line[4:] for line in block.splitlines()))
    text = (ROOT / "docs" / "examples" / "worked.yaml").read_text(encoding="utf-8")
    study = yaml.safe_load(text.replace("127.0e12", "127.0e+12")) | shown  # plain YAML wants the sign
    study["currency"]["fx"] = {"RUB": {"per_usd": 80.0, "date": "2026-12-01", "source": "a test"}}
    study["purchases"] = [
        {"id": "new", "model": "Antminer S21 XP", "price_usd_per_ths": 10.0, "lead_time_weeks": 2.0}
        | {"max_machines": 50, "deliver_to": ["RU"], "uptime_share": 1.0}
    ]
    plan = solve(Study.from_mapping(study))
    paid = plan.ledger[plan.ledger.line == "overheads"].amount_usd.sum()
    assert paid == -3 * 1.6e6 / 80
