"""A contract that is refused at the entry that is wrong, not at its head."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails

from optimizer.sections.base import refusal


def refusal_at(where: tuple[str | int, ...], value: Any, rule: str, remedy: str) -> ValidationError:
    """What a validator of a whole section raises where one of its entries is at fault: ("windows", 1).

    `value` is what stands there; entries with keys of their own are not shown, only their line.
    """
    fault = InitErrorDetails(type=refusal(rule, remedy), loc=where, input=value)
    return ValidationError.from_exception_data("contract", [fault])
