"""The page on contracts shows contracts that can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.tariffs.contracts import contract

PAGE = (Path(__file__).parents[2] / "docs" / "tariffs.md").read_text(encoding="utf-8")
SHOWN = [text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.S) if "kind" in yaml.safe_load(text)]


@pytest.mark.parametrize("text", SHOWN)
def test_every_example_is_a_contract(text: str) -> None:
    """A key that was renamed in the program would stay on the page; what is saved with a plan can be read."""
    made = contract(text)
    assert type(made).model_validate(made.model_dump(mode="json")) == made


def test_the_page_has_examples() -> None:
    """Were the fences written otherwise, nothing would be tried above."""
    assert len(SHOWN) >= 12
