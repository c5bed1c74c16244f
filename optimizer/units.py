"""Text such as "52 RUB/MWh" or "120 MW" as a number in the unit that a key's name ends with; money in USD."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")

POWER_IN_KW = {"W": 1e-3, "kW": 1.0, "MW": 1e3, "GW": 1e6}
ENERGY_IN_KWH = {"kWh": 1.0, "MWh": 1e3, "GWh": 1e6}
POWER_MONTHS_IN_KW = {f"{name}{by}month": size for name, size in POWER_IN_KW.items() for by in "/-"}
POWER_YEARS_IN_KW = {f"{name}{by}year": size for name, size in POWER_IN_KW.items() for by in "/-"}
HASHRATE_IN_THS = {"GH": 1e-3, "TH": 1.0, "PH": 1e3, "EH": 1e6}
HASHRATE_IN_THS |= {f"{name}/s": size for name, size in HASHRATE_IN_THS.items()}
HASH_DAYS_IN_THS = {f"{name}/day": size for name, size in HASHRATE_IN_THS.items()}
MASS_IN_KG = {"kg": 1.0, "t": 1e3}

# What a money key may be divided by, and how many of the key's own unit that is.
PER = {
    "usd_per_kwh": ENERGY_IN_KWH,
    "usd_per_ths_day": HASH_DAYS_IN_THS,
    "usd_per_ths": HASHRATE_IN_THS,
    "usd_per_kg": MASS_IN_KG,
    "usd_per_kw": POWER_IN_KW,
    "usd_per_kw_month": POWER_MONTHS_IN_KW | {name: 12 * size for name, size in POWER_YEARS_IN_KW.items()},
    "usd_per_kw_year": POWER_YEARS_IN_KW,
    "usd_per_machine": {"machine": 1.0},
    "usd_per_month": {"month": 1.0, "year": 12.0},
    "usd": {"": 1.0},
}
EXAMPLES = {
    "usd_per_kwh": "41 USD/MWh",
    "usd_per_ths_day": "32.5 USD/PH/day",
    "usd_per_ths": "5 USD/TH",
    "usd_per_kg": "0.6 USD/kg",
    "usd_per_kw": "0.3 M USD/MW",
    "usd_per_kw_month": "4 USD/kW/month",
    "usd_per_kw_year": "60 USD/kW/year",
    "usd_per_machine": "15 USD/machine",
    "usd_per_month": "20 kUSD/month",
    "usd": "1.2 M USD",
    "kw": "120 MW",
}
MULTIPLES = {"": 1.0, "k": 1e3, "M": 1e6}
MONEY = re.compile(
    r"(?P<multiple>[kMm]?) ?(?P<currency>[A-Z]{3})|(?P<cents>[c¢]) ?(?P<of>[A-Z]{3})|(?P<us>US[c¢])"
)


class QuantityError(ValueError):
    """A text that is not a quantity of the wanted unit: the rule it breaks and what to write instead."""

    def __init__(self, rule: str, remedy: str) -> None:
        super().__init__(rule)
        self.rule, self.remedy = rule, remedy


def unit_of(key: str) -> str | None:
    """The unit that a key's name ends with ("max_power_kw" -> "kw"), None when it has no text form."""
    fitting = (unit for unit in EXAMPLES if key == unit or key.endswith("_" + unit))
    return max(fitting, key=len, default=None)


def read_quantity(text: str, unit: str, fx_per_usd: Mapping[str, float]) -> float:
    """`text` ("value unit") as a number in `unit`, one of EXAMPLES; `fx_per_usd`: currency units per 1 USD.

    Raises QuantityError when the unit is absent, of another kind or ambiguous, or the currency unknown.
    """
    value, written = _split(text.strip(), unit)
    if unit == "kw":
        return value * _size(written, POWER_IN_KW, unit)
    money, _, per = written.partition("/")
    if written == "c/kWh" and unit == "usd_per_kwh":
        money = "USc"  # the trade's own shorthand; everywhere else a bare cent could be anyone's
    return value * _usd(money, unit, fx_per_usd) / _size(per, PER[unit], unit)


def _split(text: str, unit: str) -> tuple[float, str]:
    if re.match(r"[+-]?[\d.]*,\d", text):
        raise QuantityError(
            "has a comma in its number", "write a decimal point and no thousands separators: 4.1, 250000"
        )
    number = NUMBER.match(text)
    if number is None:
        raise QuantityError(
            "does not start with a number", f"write a number, or text such as {EXAMPLES[unit]!r}"
        )
    written = text[number.end() :].replace(" per ", "/")
    written = re.sub(r"\s*/\s*", "/", re.sub(r"\s+", " ", written)).strip()
    if not written:
        raise QuantityError(
            "is text with no unit",
            f"write {number[0]} without quotes ({unit}), or with its unit, e.g. {EXAMPLES[unit]!r}",
        )
    return float(number[0]), written


def _size(written: str, sizes: Mapping[str, float], unit: str) -> float:
    if written in sizes:
        return sizes[written]
    by_lower = {name.lower(): name for name in sizes}
    if written.startswith("m") and by_lower.get(written.lower(), "").startswith("M"):
        raise QuantityError(
            f"has the ambiguous unit {written!r} (milli or mega?)",
            f"write {by_lower[written.lower()]!r} for mega",
        )
    near = get_close_matches(written.lower(), by_lower, n=1)
    known = ", ".join(repr(name) for name in sizes if name and "-" not in name)  # each has a form with "/"
    expected = f"in {known}" if unit == "kw" else f"per {known}" if known else "plain money"
    hint = f"did you mean {by_lower[near[0]]!r}? " if near and near[0] else ""
    raise QuantityError(f"is not {expected}", f"{hint}write e.g. {EXAMPLES[unit]!r}")


def _usd(money: str, unit: str, fx_per_usd: Mapping[str, float]) -> float:
    found = MONEY.fullmatch(money)
    if found is None:
        raise QuantityError(
            f"has {money!r} where a currency belongs: {_why_refused(money)}", f"write e.g. {EXAMPLES[unit]!r}"
        )
    if found["multiple"] == "m":
        raise QuantityError(
            f"has the ambiguous multiple 'm' in {money!r} (thousandth or million?)",
            f"write 'M {found['currency']}' for millions",
        )
    currency = found["currency"] or found["of"] or "USD"
    multiple = MULTIPLES[found["multiple"]] if found["currency"] else 0.01
    if currency == "USD":
        return multiple
    if currency not in fx_per_usd:
        raise QuantityError(
            f"is in {currency}, for which the study has no exchange rate",
            f"add currency.fx.{currency} with per_usd, date and source, or write the amount in USD",
        )
    return multiple / fx_per_usd[currency]


def _why_refused(money: str) -> str:
    if money in ("c", "¢"):
        return "cents of which currency? Write 'USc' or 'c CAD' (only 'c/kWh' is read as US cents)"
    if "$" in money:
        return "'$' could be USD, CAD, AUD and others. Write the three-letter code"
    return "a three-letter code such as USD, with k or M before it"
