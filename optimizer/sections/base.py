"""The form every section of a study takes, and the kinds of values that its keys hold."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from optimizer.units import EXAMPLES, QuantityError, read_quantity, unit_of


@dataclass(frozen=True)
class Exchange:
    """What reading a section needs to know of the rest of the study: units of each currency per 1 USD."""

    per_usd: Mapping[str, float] = field(default_factory=dict)


class Section(BaseModel):
    """A frozen piece of the study; an unknown key is an error; what is dumped can be read again."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)


def refusal(rule: str, remedy: str) -> PydanticCustomError:
    """The error a validator raises: the rule that is broken and what to do about it."""
    return PydanticCustomError("rigshift", "{rule}", {"rule": rule, "remedy": remedy})


def _in_key_unit(value: Any, info: ValidationInfo) -> Any:
    unit = unit_of(info.field_name or "")
    if unit is None or not isinstance(value, str):
        return value
    exchange = info.context if isinstance(info.context, Exchange) else Exchange()
    try:
        return read_quantity(value, unit, exchange.per_usd)
    except QuantityError as error:
        raise refusal(error.rule, error.remedy) from error


def _is_a_date(value: Any) -> Any:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    if isinstance(value, str):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            pass  # said below, with the form that is wanted
    raise refusal("is not a date", "write the day as YYYY-MM-DD, e.g. 2026-12-01")


def _day_as_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value


NUMBER_OR_TEXT = WithJsonSchema(
    {
        "anyOf": [
            {"type": "number"},
            {"type": "string", "description": f"value and unit, e.g. {', '.join(EXAMPLES.values())}"},
        ]
    }
)

Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Positive = Annotated[Number, Field(gt=0)]
NotNegative = Annotated[Number, Field(ge=0)]
Share = Annotated[Number, Field(ge=0, le=1)]
Growth = Annotated[Number, Field(gt=-1)]
Count = Annotated[int, Strict(), Field(ge=0)]
Flag = Annotated[bool, Strict()]

# The unit of a quantity is the one its key ends with; text with another unit or currency is converted.
Quantity = Annotated[Number, BeforeValidator(_in_key_unit), NUMBER_OR_TEXT]
Cost = Annotated[Number, Field(ge=0), BeforeValidator(_in_key_unit), NUMBER_OR_TEXT]

ID, MONTH = r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$", r"^\d{4}-(0[1-9]|1[0-2])$"
REGION, JURISDICTION, CURRENCY = r"^[A-Z]{2}-[A-Z0-9]{1,3}$", r"^[A-Z]{2}$", r"^[A-Z]{3}$"
PLACE, ANYWHERE = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", r"^(\*|[A-Z]{2}(-[A-Z0-9]{1,3})?)$"
DOOR = r"^(highs|pulp:\w+)$"
FORMS = {  # what a text that does not fit its pattern is not, and what to write
    ID: ("is not a plain name", "use letters, digits, '-', '_' and '.', starting with a letter or digit"),
    MONTH: ("is not a month", "write year and month, e.g. 2026-12"),
    REGION: ("is not a region code", "write ISO 3166-2, e.g. RU-IRK"),
    JURISDICTION: ("is not a country code", "write ISO 3166-1 in capitals, e.g. RU, KZ, US"),
    CURRENCY: ("is not a currency code", "write its three letters, e.g. RUB"),
    PLACE: ("is not a country or region code", "write e.g. RU or RU-IRK"),
    ANYWHERE: ("is not a place", "write a region (RU-IRK), a country (RU) or '*' for anywhere"),
    DOOR: ("is no solver", "write highs, pulp:highs, pulp:cbc, or pulp: with another solver's name"),
}

Id = Annotated[str, Field(pattern=ID, max_length=80)]
Text = Annotated[str, Field(min_length=1)]
DateText = Annotated[str, BeforeValidator(_day_as_text)]  # as exact as the source: "2025-12-23", "2024"
Month = Annotated[str, Field(pattern=MONTH, examples=["2026-12"])]
Day = Annotated[datetime.date, BeforeValidator(_is_a_date)]
Region = Annotated[str, Field(pattern=REGION, examples=["RU-IRK"])]
Jurisdiction = Annotated[str, Field(pattern=JURISDICTION, examples=["RU"])]
Place = Annotated[str, Field(pattern=PLACE, examples=["RU", "RU-IRK"])]
Anywhere = Annotated[str, Field(pattern=ANYWHERE, examples=["RU-IRK", "KZ", "*"])]
Door = Annotated[str, Field(pattern=DOOR)]
Currency = Annotated[str, Field(pattern=CURRENCY, examples=["RUB"])]
Evidence = Literal["high", "medium", "low", "unsourced"]
