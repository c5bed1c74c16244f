"""What a contract says against the sites that have it and the months that are planned."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.errors import ConfigError
from tests.prepare.studies import ABAKAN, small

FLAT: dict[str, Any] = {"kind": "flat", "energy_usd_per_kwh": 0.04}


def demand(**terms: Any) -> dict[str, Any]:
    return {**FLAT, "demand": [{"usd_per_kw_month": 4.0, **terms}]}


def ratchet(month: str, peak_kw: float = 500.0) -> dict[str, Any]:
    past = [{"month": month, "peak_kw": peak_kw}]
    return demand(ratchet={"share": 0.8, "look_back_months": 11, "past_peaks": past})


def test_a_peak_that_is_remembered_is_past() -> None:
    """A month of the plan has the peak that the plan gives it; two answers would be one too many."""
    assert not small(tariffs__cheap=ratchet("2026-12")).warnings
    with pytest.raises(ConfigError) as caught:
        small(tariffs__cheap=ratchet("2027-01"))
    (told,) = caught.value.problems
    assert (told.where, told.value) == ("tariffs.cheap.demand[0].ratchet.past_peaks[0].month", "'2027-01'")


def test_a_past_peak_belongs_to_one_site() -> None:
    """Else both sites would go on paying for what one of them drew."""
    with pytest.raises(ConfigError, match="home and abakan"):
        small(tariffs__cheap=ratchet("2026-12"), sites__1=ABAKAN)


@pytest.mark.parametrize(
    ("tariff", "said"),
    [
        (demand(contracted_kw=5000), "5,000 kW contracted or drawn before"),
        (ratchet("2026-12", peak_kw=9000), "9,000 kW contracted or drawn before"),
        ({**FLAT, "holidays": ["2027-01-07"]}, "its holidays end on 2027-01-07, before 2027-03"),
    ],
)
def test_what_is_hardly_meant_is_told(tariff: dict[str, Any], said: str) -> None:
    """A MW for a kW, and holidays of last year: allowed, but never without a word."""
    assert any(said in warning for warning in small(tariffs__cheap=tariff).warnings)


@pytest.mark.parametrize(
    "tariff", [demand(contracted_kw=2000), demand(), {**FLAT, "holidays": ["01-07"]}, FLAT]
)
def test_what_is_usual_is_not(tariff: dict[str, Any]) -> None:
    assert not small(tariffs__cheap=tariff).warnings


@pytest.mark.parametrize(
    ("tariff", "is_told"),
    [
        ({**FLAT, "standing_usd_per_month": 100.0}, True),
        ({**FLAT, "minimum_bill_usd_per_month": 100.0}, True),
        (demand(contracted_kw=200), True),
        (demand(), False),
        (FLAT, False),
    ],
)
def test_sites_that_share_a_contract_each_have_all_of_it(tariff: dict[str, Any], is_told: bool) -> None:
    """Two sites of one standing charge pay it twice: right for two meters, wrong for one agreement."""
    told = small(tariffs__cheap=tariff, sites__1=ABAKAN).warnings
    assert any("home and abakan each have the whole contract" in text for text in told) == is_told
