"""Tiers of the month's energy: bills to the cent, seasons, quarters, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.tariffs.bill import TOTAL
from tests.tariffs.contracts import contract, lines, months, quarter, refused

TIERS = """
kind: tiered
tiers:
  - {up_to_kwh: 300000, energy_usd_per_kwh: 40 USD/MWh}
  - {up_to_kwh: 500000, energy_usd_per_kwh: 50 USD/MWh}
  - {energy_usd_per_kwh: 65 USD/MWh}
seasons:
  - months: [6, 7, 8]
    tiers:
      - {up_to_kwh: 200000, energy_usd_per_kwh: 45 USD/MWh}
      - {energy_usd_per_kwh: 80 USD/MWh}
delivery_usd_per_kwh: 5 USD/MWh
standing_usd_per_month: 250
"""


def test_a_bill_through_all_three_tiers() -> None:
    """1 MW in January 2027 is 744,000 kWh: 300,000 at 4 c, 200,000 at 5 c, 244,000 at 6.5 c: 37,860;
    delivery 3,720; the meter 250. All of it at the last tier's price is 48,360; the ends taken for widths
    34,200."""
    made = lines(TIERS, months("2027-01"), 1000.0)[0]
    assert made["energy"] + made["volume"] == pytest.approx(37_860.00)
    assert made[TOTAL] == 41_830.00


def test_a_bill_within_the_first_tier() -> None:
    """400 kW are 297,600 kWh at 4 c."""
    made = lines(TIERS, months("2027-01"), 400.0)[0]
    assert (made["energy"], made["volume"]) == (11_904.00, 0.0)


def test_a_season_has_tiers_of_its_own() -> None:
    """June 2027, 720,000 kWh: 200,000 at 4.5 c and 520,000 at 8 c = 50,600; May, 744,000, as in January."""
    made = lines(TIERS, months("2027-05", 2), 1000.0, 1000.0)
    assert (made.loc["energy"] + made.loc["volume"]).tolist() == pytest.approx([37_860.00, 50_600.00])


def test_growth_moves_every_tier() -> None:
    """A step of 10 % in January: 37,860 x 1.1. Only the first tier moved would give 37,860 + 2,976."""
    text = f"{TIERS}steps: [{{from: 2027-01, multiply: 1.1}}]"
    made = lines(text, months("2027-01"), 1000.0)[0]
    assert made["energy"] + made["volume"] == pytest.approx(41_646.00)


def test_a_quarter_has_the_tiers_of_three_months() -> None:
    """January to March 2027 at 1 MW, 2,160,000 kWh: 900,000 at 4 c, 600,000 at 5 c, 660,000 at 6.5 c, in
    all 108,900. The months one by one, of 744, 672 and 744 hours, come to 37,860 + 33,180 + 37,860, the
    same."""
    made = lines(TIERS, quarter("2027-01"), 1000.0)[0]
    assert made["energy"] + made["volume"] == pytest.approx(108_900.00, rel=1e-12)


def test_a_quarter_over_the_edge_of_a_season() -> None:
    """April to June 2027, days 30, 31, 30 of 91: the kWh are spread by days. The first step ends where June's
    tier does, at 200,000 x 91 / 30, and its price is the mean of 4 c in 61 days and 4.5 c in 30."""
    steps = contract(TIERS).power_price(quarter("2027-04")).volume
    assert steps is not None
    first = contract(TIERS).power_price(quarter("2027-04")).energy_usd_per_kwh[0, 0]
    assert steps.kwh[0, 0] == pytest.approx(200_000 * 91 / 30)
    assert first == pytest.approx((0.04 * 61 + 0.045 * 30) / 91)
    assert first + steps.usd_per_kwh[1, 0] == pytest.approx((0.04 * 61 + 0.08 * 30) / 91)


def test_one_tier_is_a_flat_price() -> None:
    """And no step of volume that would make the model heavier."""
    price = contract("kind: tiered\ntiers: [{energy_usd_per_kwh: 0.05}]").power_price(months("2027-01"))
    flat = contract("kind: flat\nenergy_usd_per_kwh: 0.05").power_price(months("2027-01"))
    assert np.array_equal(price.total_usd_per_kwh(), flat.total_usd_per_kwh())
    assert not price.couples()


@pytest.mark.parametrize(
    ("tiers", "where", "rule", "remedy"),
    [
        (
            "[{up_to_kwh: 1000, energy_usd_per_kwh: 0.06}, {energy_usd_per_kwh: 0.05}]",
            "tiers.1.energy_usd_per_kwh",
            "cheaper than tiers[0]",
            "flat",
        ),
        (
            "[{up_to_kwh: 1000, energy_usd_per_kwh: 0.05}]",
            "tiers.0",
            "is the last tier and has an end",
            "all energy above",
        ),
        (
            "[{energy_usd_per_kwh: 0.04}, {energy_usd_per_kwh: 0.05}]",
            "tiers.0",
            "has no end, and is not the last",
            "up_to_kwh",
        ),
        (
            "[{up_to_kwh: 2000, energy_usd_per_kwh: 0.04}, {up_to_kwh: 2000, energy_usd_per_kwh: 0.05}, "
            "{energy_usd_per_kwh: 0.06}]",
            "tiers.1.up_to_kwh",
            "not above the end of tiers[0], 2000 kWh",
            "counts from the first kWh",
        ),
    ],
)
def test_tiers_that_are_none(tiers: str, where: str, rule: str, remedy: str) -> None:
    """Falling prices above all: an LP would fill the late tier first and pay too little."""
    at, told, what_to_do = refused(f"kind: tiered\ntiers: {tiers}")
    assert at == where
    assert rule in told
    assert remedy in what_to_do


def test_a_month_in_two_seasons() -> None:
    season = "{months: [6], tiers: [{energy_usd_per_kwh: 0.05}]}"
    where, told, _ = refused(
        f"kind: tiered\ntiers: [{{energy_usd_per_kwh: 0.04}}]\nseasons: [{season}, {season}]"
    )
    assert where == "seasons.1.months"
    assert "month 6, which an earlier season has" in told
