"""A rule as a test wants it."""

from __future__ import annotations

from datetime import date
from typing import Any

from geodata.rules import RuleWindow, Scope

PLAIN: dict[str, Any] = {
    "rule_id": "xx-rule",
    "jurisdiction": "RU",
    "region": "RU-KK",
    "districts": (),
    "circle": None,
    "kind": "banned",
    "start": date(2025, 4, 7),
    "end": date(2031, 3, 15),
    "season": None,
    "scope": Scope(),
    "licence": None,
    "parameters": (),
    "act": "An act",
    "note": "",
    "source": "https://example.org",
    "source_date": "2025",
    "read_on": date(2026, 11, 22),
    "fresh_to": date(2026, 4, 22),
    "confidence": "confirmed_2",
    "status": "in_force",
}


def rule(**changes: Any) -> RuleWindow:
    """A ban for everyone in Khakassia from 2025-04-07 to 2031-03-15, with what a test changes."""
    return RuleWindow(**(PLAIN | changes))
