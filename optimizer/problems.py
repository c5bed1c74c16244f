"""Validation errors in words for people: which rule is broken and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from optimizer.sections.base import FORMS, Section
from optimizer.units import EXAMPLES, unit_of

Where = tuple[str | int, ...]
Model = type[BaseModel]

COMPARISONS = {
    "greater_than": ("must be above {gt:g}", "gt"),
    "greater_than_equal": ("must be at least {ge:g}", "ge"),
    "less_than": ("must be below {lt:g}", "lt"),
    "less_than_equal": ("must be at most {le:g}", "le"),
}
WRONG_TYPE = {
    "int_type": ("is not a whole number", "write digits only, e.g. 1200"),
    "int_from_float": ("is not a whole number", "write digits only, e.g. 1200"),
    "string_type": ("is not text", "put it in quotes"),
    "bool_type": ("is not true or false", "write true or false"),
    "tuple_type": ("is not a list", "write it as a list: [a, b]"),
    "dict_type": ("is not a mapping", "write key: value pairs, one to a line"),
    "model_type": ("is not a mapping", "write key: value pairs, one to a line"),
    "model_attributes_type": ("is not a mapping", "write key: value pairs, one to a line"),
    "finite_number": ("is not a finite number", "write a number"),
    "string_too_short": ("is empty", "write something"),
    "string_too_long": ("is too long", "use at most 80 characters"),
}


def explained(error: ValidationError, form: Any) -> Iterator[tuple[Where, Any, str, str]]:
    """Each fault of a value of some form (a section, a list of them) as where in it, value, rule, remedy."""
    misspelt: set[Where] = set()
    # Unknown keys first: the key that one of them was meant to be is not told as missing too.
    for details in sorted(
        error.errors(include_url=False), key=lambda found: found["type"] != "extra_forbidden"
    ):
        where = tuple(step for step in details["loc"] if step != "[key]")
        known = _keys_at(form, where[:-1])
        if details["type"] == "extra_forbidden":
            misspelt.add((*where[:-1], nearest(str(where[-1]), known) or ""))
        if (details["type"] == "missing" and where in misspelt) or _is_long_enough(details):
            continue
        says_enough = details["type"] in ("missing", "extra_forbidden") or (
            details["type"] == "rigshift" and isinstance(details["input"], dict | Section)
        )
        value = None if says_enough else details["input"]
        yield where, value, *_in_words(details, where, known)


def unknown_key(key: str, known: Sequence[str]) -> tuple[str, str]:
    """Rule and remedy for a key that is not one of those known."""
    near = nearest(key, known)
    return "is not a known key", f"did you mean {near!r}?" if near else f"known here: {', '.join(known)}"


def nearest(key: str, known: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(key, list(known), n=1)), None)


def missing_key(key: str, field: FieldInfo | None) -> tuple[str, str]:
    meaning = f" ({field.description})" if field is not None and field.description else ""
    return "is missing", f"add {key}:{meaning}"


def _in_words(details: ErrorDetails, where: Where, known: Mapping[str, FieldInfo]) -> tuple[str, str]:
    kind, context = details["type"], details.get("ctx", {})
    key = next((str(step) for step in reversed(where) if isinstance(step, str)), "")
    if kind == "rigshift":
        return str(context["rule"]), str(context["remedy"])
    if kind == "extra_forbidden":
        return unknown_key(key, list(known))
    if kind == "missing":
        return missing_key(key, known.get(key))
    if kind in COMPARISONS:
        return COMPARISONS[kind][0].format(**context), _within_range(key)
    if kind == "string_pattern_mismatch":
        return FORMS[str(context["pattern"])]
    if kind == "literal_error":
        return _choice_in_words(details["input"], str(context["expected"]))
    if kind in ("too_short", "too_long"):
        return _length_in_words(details)
    if kind in ("float_type", "float_parsing"):
        return "is not a number", _as_number(key)
    return WRONG_TYPE.get(kind, (details["msg"], ""))


def _is_long_enough(details: ErrorDetails) -> bool:
    """A list counts as too short where one of its entries is wrong, which is told by itself."""
    wanted, written = details.get("ctx", {}).get("min_length", 0), details["input"]
    return details["type"] == "too_short" and isinstance(written, Sized) and len(written) >= wanted


def _length_in_words(details: ErrorDetails) -> tuple[str, str]:
    context, written = details["ctx"], details["input"]
    count = len(written) if isinstance(written, Sized) else context["actual_length"]
    if count == 0:
        return "is an empty list", "give at least one entry"
    if details["type"] == "too_short":
        wanted = context["min_length"]
        return f"has {count} of at least {wanted} entries", f"give {wanted - count} more"
    most = context["max_length"]
    return f"has {count} entries, more than {most}", f"take {count - most} out"


def _within_range(key: str) -> str:
    if key.endswith(("_share", "_share_per_year")) or key == "share":
        return "write a fraction: 0.015 for 1.5 %"
    return "check the number and its unit"


def _as_number(key: str) -> str:
    unit = unit_of(key)
    if unit is not None:
        return f"write a number in {unit}, or text with a unit such as {EXAMPLES[unit]!r}"
    return "write a number with a decimal point, without quotes or unit"


def _choice_in_words(value: Any, expected: str) -> tuple[str, str]:
    choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
    near = get_close_matches(str(value), choices, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"write {expected}"
    return f"must be {expected}", hint


def _keys_at(form: Any, where: Where) -> dict[str, FieldInfo]:
    """The keys that may stand at a place within a form, with their fields."""
    sections = list(_sections_in(form))
    for step in where:
        field = next((_by_key(model)[str(step)] for model in sections if str(step) in _by_key(model)), None)
        sections = (field and list(_sections_in(field.annotation))) or sections
    return {key: field for model in reversed(sections) for key, field in _by_key(model).items()}


def _by_key(model: Model) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _sections_in(annotation: Any) -> Iterator[Model]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _sections_in(inner)
