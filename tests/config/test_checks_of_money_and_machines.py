"""Companies, loans, currencies and machines: what the sections say together, told where it stands."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.errors import ConfigError, Problem
from tests.prepare.studies import small

LOAN = {
    "id": "bank",
    "max_usd": 1e6,
    "share": 0.7,
    "interest_share_per_year": 0.1,
    "repaid": "annuity",
    "term_months": 12,
}
OFFER = {
    "id": "new",
    "model": "Antminer S21 XP",
    "price_usd_per_ths": 10.0,
    "lead_time_weeks": 2.0,
    "max_machines": 5,
    "deliver_to": ["RU"],
    "uptime_share": 1.0,
}
REBUILT = {
    "id": "rebuilt",
    "hands_in": "s21",
    "hashrate_ths": 220,
    "power_w": 3500,
    "mass_kg": 16,
    "resale_usd_per_ths": 5,
    "price_usd_per_machine": 100.0,
    "lead_time_weeks": 4.0,
    "max_machines": 5,
    "at": ["RU"],
    "uptime_share": 1.0,
}
LATE = {"month": "2027-06", "amount_usd": 1.0}
LICENCE = {"id": "x", "held_from": "2026-01-01", "fee_yearly_usd": 100.0}
ROUBLE = {"per_usd": 80.0, "date": "2026-12-01", "source": "a test"}
FALLING = {**ROUBLE, "change_share_per_year": 0.1}


def problem(**changes: Any) -> Problem:
    with pytest.raises(ConfigError) as caught:
        small(**changes)
    (told,) = caught.value.problems
    return told


@pytest.mark.parametrize(
    ("changes", "where", "rule"),
    [
        ({"loans": [LOAN]}, "loans[0]", "nothing is on offer"),
        ({"overheads": [{"name": "office"}]}, "overheads[0]", "has no amount"),
        (
            {"sites__0__host": "a host", "sites__0__host_licences": [LICENCE]},
            "sites[0].host_licences[0]",
            "the host, pays",
        ),
        (
            {
                "limits__budget": {
                    "opening_cash_usd": 1.0,
                    "equity": [{"month": "2027-06", "amount_usd": 1.0}],
                }
            },
            "limits.budget.equity[0].month",
            "lies outside the plan",
        ),
        ({"tariffs__cheap__currency": "RUB"}, "tariffs.cheap.currency", "no exchange rate"),
        ({"sites__0__currency": "KZT"}, "sites[0].currency", "no exchange rate"),
        ({"fleet__0__bought": "2027-02"}, "fleet[0].bought", "stands on the first day"),
        ({"fleet__0__profiles": ["normal", "turbo"]}, "fleet[0].profiles", "has turbo, for which no figures"),
        (
            {"refurbishments": [{**REBUILT, "hands_in": "s19"}]},
            "refurbishments[0].hands_in",
            "is not a lot or purchase of this study",
        ),
        (
            {"purchases": [OFFER], "refurbishments": [{**REBUILT, "id": "new"}]},
            "refurbishments[0].id",
            "is the id of a purchase too",
        ),
    ],
)
def test_what_cannot_hold_is_told_at_its_place(changes: dict[str, Any], where: str, rule: str) -> None:
    """Each would otherwise cost nothing, or come from nowhere, without a word."""
    told = problem(**changes)
    assert told.where == where
    assert rule in told.rule
    assert told.remedy


def test_what_can_hold_is_left_alone() -> None:
    """The same entries where they have something to hold for."""
    study = small(
        purchases=[OFFER],
        refurbishments=[REBUILT],
        loans=[LOAN],
        overheads=[{"name": "office", "once_usd": 1.0}],
        currency__fx={"RUB": ROUBLE},
        tariffs__cheap__currency="RUB",
        fleet__0__bought="2026-11",
    )
    assert [each.id for each in study.refurbishments] == ["rebuilt"]


@pytest.mark.parametrize(
    ("price", "currency", "rate", "is_told"),
    [
        ("3.2 RUB/kWh", "USD", FALLING, True),
        ("3.2 RUB/kWh", "RUB", FALLING, False),
        ("3.2 RUB/kWh", "USD", ROUBLE, False),
        (0.04, "USD", FALLING, False),
    ],
)
def test_a_price_that_stays_while_its_currency_moves(
    price: float | str, currency: str, rate: dict[str, Any], is_told: bool
) -> None:
    """Written in roubles and paid in today's dollars: a falling rouble would never reach the bill."""
    study = small(
        currency__fx={"RUB": rate},
        tariffs__cheap__energy_usd_per_kwh=price,
        tariffs__cheap__currency=currency,
    )
    assert any("whose rate moves in this study" in text for text in study.warnings) == is_told
