"""Contracts as a study writes them, and the months they are billed for."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from optimizer.sections.base import Exchange
from optimizer.sections.horizon import month_number, month_start
from optimizer.tariffs import AnyTariff, HoursInPeriod, PowerPrice, Tariff, site_hours
from optimizer.tariffs.base import Bounds, Floats
from optimizer.tariffs.bill import bill

RATES = Exchange({"RUB": 80.0, "KZT": 525.0, "CAD": 1.39})


def contract(text: str) -> Tariff:
    """A tariff from the lines that a study would have under its name."""
    made: Tariff = TypeAdapter(AnyTariff).validate_python(yaml.safe_load(text), context=RATES)
    return made


def refused(text: str) -> tuple[str, str, str]:
    """Where, why and what to do instead, of the only fault."""
    with pytest.raises(ValidationError) as caught:
        contract(text)
    (error,) = caught.value.errors()
    context = error.get("ctx", {})
    return ".".join(map(str, error["loc"])), error["msg"], str(context.get("remedy", ""))


def months(first: str, count: int = 1, timezone: str = "UTC", closed: Bounds = ()) -> HoursInPeriod:
    """Calendar months, one period each."""
    start = month_number(first)
    bounds = [(month_start(n), month_start(n + 1)) for n in range(start, start + count)]
    return site_hours(bounds, timezone, closed)


def quarter(first: str) -> HoursInPeriod:
    start = month_number(first)
    return site_hours([(month_start(start), month_start(start + 3))], "UTC")


def steady(price: PowerPrice, *kw: float) -> Floats:
    """The same draw in every hour of a period; one number for all periods, or one for each."""
    return np.where(price.hours > 0, np.broadcast_to(np.array(kw), (price.hours.shape[1],)), 0.0)


def lines(
    text: str, hours: HoursInPeriod, *kw: float, enrolled_kw: float | None = None, fx: Floats | None = None
) -> pd.DataFrame:
    """The bill of a contract for a steady draw."""
    price = contract(text).power_price(hours, fx)
    enrolled = None if enrolled_kw is None else np.full(price.hours.shape[1], enrolled_kw)
    return bill(price, steady(price, *kw), enrolled)


def days(first: date, last: date) -> list[tuple[date, date]]:
    """Days that the law closes, both inclusive."""
    return [(first, last)]
