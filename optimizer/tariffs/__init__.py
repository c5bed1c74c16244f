"""Every kind of power contract a study may name. Add a file, add it here."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo

from optimizer.sections.base import refusal
from optimizer.tariffs.base import HoursInPeriod as HoursInPeriod
from optimizer.tariffs.base import PowerPrice as PowerPrice
from optimizer.tariffs.base import Tariff as Tariff
from optimizer.tariffs.base import site_hours as site_hours
from optimizer.tariffs.duration import Duration as Duration
from optimizer.tariffs.flat import Flat as Flat
from optimizer.tariffs.hosting import Hosting as Hosting
from optimizer.tariffs.hourly import Hourly as Hourly
from optimizer.tariffs.hourly import PriceFile as PriceFile
from optimizer.tariffs.ppa import Ppa as Ppa
from optimizer.tariffs.tiered import Tiered as Tiered
from optimizer.tariffs.time_of_use import TimeOfUse as TimeOfUse

KINDS: dict[str, type[Flat | TimeOfUse | Duration | Hourly | Tiered | Ppa | Hosting]] = {
    "flat": Flat,
    "time_of_use": TimeOfUse,
    "duration": Duration,
    "hourly": Hourly,
    "tiered": Tiered,
    "ppa": Ppa,
    "hosting": Hosting,
}


def _of_its_kind(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, Tariff):
        return value
    if not isinstance(value, dict):
        raise refusal("is not a mapping", f"write kind: and its keys; the kinds are {', '.join(KINDS)}")
    if value.get("kind") in KINDS:
        return KINDS[value["kind"]].model_validate(value, context=info.context)
    raise refusal(*unknown_kind(value.get("kind")))


def unknown_kind(kind: Any) -> tuple[str, str]:
    """Rule and remedy for a tariff whose kind is not one of KINDS."""
    near = get_close_matches(str(kind), KINDS, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return "is missing" if kind is None else "is no kind of tariff", f"{hint}the kinds are {', '.join(KINDS)}"


def price_file_of(tariff: Tariff) -> PriceFile | None:
    """The file of market prices that a tariff follows."""
    if isinstance(tariff, Ppa):
        return tariff.index
    return tariff if isinstance(tariff, Hourly) else None


AnyTariff = Annotated[
    Flat | TimeOfUse | Duration | Hourly | Tiered | Ppa | Hosting,
    Field(discriminator="kind"),
    BeforeValidator(_of_its_kind),
]
