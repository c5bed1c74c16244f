"""Text with units becomes the number its key promises, or is refused; it is never guessed at."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.units import EXAMPLES, PER, POWER_IN_KW, QuantityError, read_quantity, unit_of

FX = {"RUB": 80.0, "CAD": 1.39, "KZT": 525.0}


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("52 RUB/MWh", "usd_per_kwh", 0.00065),  # 52 / 80 / 1000
        ("4.1 c/kWh", "usd_per_kwh", 0.041),
        ("4.1 c CAD/kWh", "usd_per_kwh", 0.041 / 1.39),
        ("4.1 USc/kWh", "usd_per_kwh", 0.041),
        ("-3 USD/MWh", "usd_per_kwh", -0.003),
        ("0.041 USD per kWh", "usd_per_kwh", 0.041),
        ("120 MW", "kw", 120_000.0),
        ("750kW", "kw", 750.0),
        ("0.1 GW", "kw", 100_000.0),
        ("1.2 M USD", "usd", 1_200_000.0),
        ("300 kUSD", "usd", 300_000.0),
        ("250000 RUB", "usd", 3125.0),
        ("32.5 USD/PH/day", "usd_per_ths_day", 0.0325),
        ("32.5 USD/PH/s/day", "usd_per_ths_day", 0.0325),
        ("0.3 M USD/MW", "usd_per_kw", 300.0),
        ("320 RUB/kW/month", "usd_per_kw_month", 4.0),
        ("48 USD/kW-year", "usd_per_kw_month", 4.0),
        ("60 kUSD/MW/year", "usd_per_kw_year", 60.0),
        ("48 RUB/kg", "usd_per_kg", 0.6),
        ("600 USD/t", "usd_per_kg", 0.6),
        ("240 kUSD/year", "usd_per_month", 20_000.0),
        ("5 USD/TH/s", "usd_per_ths", 5.0),
        ("1.5e1 USD/machine", "usd_per_machine", 15.0),
    ],
)
def test_worked_by_hand(text: str, unit: str, expected: float) -> None:
    """Proves each unit's factor; multiplying instead of dividing by MWh would give 650 for the first."""
    assert read_quantity(text, unit, FX) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "unit", "rule", "remedy"),
    [
        ("52", "usd_per_kwh", "no unit", "without quotes"),
        ("4,1 c/kWh", "usd_per_kwh", "comma", "4.1"),
        ("250,000 USD", "usd", "comma", "250000"),
        ("$41/MWh", "usd_per_kwh", "does not start with a number", "41 USD/MWh"),
        ("41 $/MWh", "usd_per_kwh", "'$' could be USD, CAD", "41 USD/MWh"),
        ("4.1 ¢/kWh", "usd_per_kwh", "cents of which currency", "41 USD/MWh"),
        ("41 c/MWh", "usd_per_kwh", "cents of which currency", "41 USD/MWh"),
        ("5 c", "usd", "cents of which currency", "1.2 M USD"),
        ("5 m USD", "usd", "ambiguous multiple 'm'", "M USD"),
        ("5 mUSD", "usd", "ambiguous multiple 'm'", "M USD"),
        ("5 mW", "kw", "ambiguous unit 'mW'", "'MW'"),
        ("5 mw", "kw", "ambiguous unit 'mw'", "'MW'"),
        ("5 kw", "kw", "is not in", "did you mean 'kW'?"),
        ("41 EUR/MWh", "usd_per_kwh", "no exchange rate", "currency.fx.EUR"),
        ("41 USD/MW", "usd_per_kwh", "is not per", "41 USD/MWh"),
        ("41 USD", "usd_per_kwh", "is not per", "41 USD/MWh"),
        ("41 USD/MWh", "usd", "plain money", "1.2 M USD"),
        ("4 USD/kW", "usd_per_kw_month", "is not per", "4 USD/kW/month"),
        ("5 USD/kW/month", "usd_per_kw_year", "is not per", "60 USD/kW/year"),
        ("120 MW", "usd_per_kwh", "where a currency belongs", "41 USD/MWh"),
        ("a lot", "kw", "does not start with a number", "120 MW"),
        ("nan USD", "usd", "does not start with a number", "1.2 M USD"),
        ("", "kw", "does not start with a number", "120 MW"),
    ],
)
def test_refused(text: str, unit: str, rule: str, remedy: str) -> None:
    """Proves that what has two readings gets none, and that the message says what to write."""
    with pytest.raises(QuantityError) as caught:
        read_quantity(text, unit, FX)
    assert rule in caught.value.rule
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("key", "unit"),
    [
        ("max_power_kw", "kw"),
        ("build_usd_per_kw", "usd_per_kw"),
        ("excess_usd_per_kw_month", "usd_per_kw_month"),
        ("usd_per_kw_year", "usd_per_kw_year"),
        ("resale_usd_per_ths", "usd_per_ths"),
        ("hashprice_usd_per_ths_day", "usd_per_ths_day"),
        ("opening_cost_usd", "usd"),
        ("btc_price_growth_share_per_year", None),
        ("count", None),
    ],
)
def test_the_key_names_its_unit(key: str, unit: str | None) -> None:
    """A broken suffix match would read build_usd_per_kw as kW."""
    assert unit_of(key) == unit


@given(
    st.floats(min_value=1e-6, max_value=1e9),
    st.sampled_from(sorted(PER)),
    st.sampled_from(["USD", *FX]),
    st.data(),
)
def test_one_quantity_is_one_number_in_any_unit(
    amount: float, unit: str, currency: str, data: st.DataObject
) -> None:
    """An amount per MWh, per kWh, in roubles, in thousands or in cents is the same number."""
    per = data.draw(st.sampled_from(sorted(PER[unit])))
    multiple, size = data.draw(st.sampled_from([("", 1.0), ("k", 1e3), ("M ", 1e6), ("c ", 0.01)]))
    written = amount * PER[unit][per] * {"USD": 1.0, **FX}[currency] / size
    text = f"{written!r} {multiple}{currency}" + (f"/{per}" if per else "")
    assert math.isclose(read_quantity(text, unit, FX), amount, rel_tol=1e-12)


@given(st.floats(min_value=1e-6, max_value=1e9), st.sampled_from(sorted(POWER_IN_KW)))
def test_one_power_is_one_number_in_any_unit(kw: float, unit: str) -> None:
    """A factor of 1000 missing anywhere in the power units would show here."""
    assert math.isclose(read_quantity(f"{kw / POWER_IN_KW[unit]!r} {unit}", "kw", {}), kw, rel_tol=1e-12)


@pytest.mark.parametrize("unit", sorted(EXAMPLES))
def test_every_example_in_a_message_is_itself_accepted(unit: str) -> None:
    """A remedy that is refused when followed would be worse than none."""
    assert read_quantity(EXAMPLES[unit], unit, {}) > 0
