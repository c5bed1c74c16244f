"""Ways of running at a site, from the study to the plan: worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer.errors import ConfigError
from optimizer.pipeline import solve
from optimizer.plan import Plan
from optimizer.prepare import Prepared, prepare
from optimizer.prepare.modes import BEST_BY_THE_HOUR
from tests.prepare.studies import ABAKAN, small

# A hundred machines of 200 TH/s and 3.5 kW at 5 c per TH/s and day: 11.9048 c a kWh; January has 744 h.
PAYS = 200 * 0.05 / 24 / 3.5
SIGNED = {"sites__0__signed_until": "2027-01"}
SETTINGS = {
    "profiles": ["normal", "eco", "turbo"],
    **{"eco_hashrate_ths": 150, "eco_power_w": 2300, "turbo_hashrate_ths": 230, "turbo_power_w": 4400},
}
TWO_PRICES = {
    "kind": "time_of_use",
    "otherwise_usd_per_kwh": 0.04,
    "windows": [{"hours": "16-20", "energy_usd_per_kwh": 0.12}],
}
TINY_PEAK = {"demand": [{"usd_per_kw_month": 0.001, "windows": [{"hours": "16-20"}]}]}
RUBLE_FALLS = {
    "RUB": {
        **{"per_usd": 80, "date": "2026-12-01", "source": "made up"},
        "path": [{"from": "2027-01", "per_usd": 80}, {"from": "2027-03", "per_usd": 160}],
    }
}


def month(tariff: dict[str, Any], settings: dict[str, Any] | None = None, **changes: Any) -> Any:
    """A study of January 2027 at one site."""
    lots = {f"fleet__0__{key}": value for key, value in (settings or {}).items()}
    return small(horizon__months=1, tariffs__cheap=tariff, **lots, **changes)


def worth(plan: Plan) -> float:
    return float(plan.ledger.amount_usd.sum())


def of_line(plan: Plan, line: str) -> float:
    return float(plan.ledger[plan.ledger.line == line].amount_usd.sum())


# --- a minimum bill ---------------------------------------------------------------------------------------


def test_energy_below_a_minimum_bill_is_free() -> None:
    """20,000 buy 153,846 kWh at 13 c, which earn 18,315: -1,685. By the hour's own price: -20,000."""
    tariff = {"kind": "flat", "energy_usd_per_kwh": 0.13, "minimum_bill_usd_per_month": 20000}
    plan = solve(month(tariff, **SIGNED))
    assert worth(plan) == pytest.approx(20000 / 0.13 * PAYS - 20000, abs=0.02)


def test_below_a_minimum_bill_the_cheap_hours_come_first() -> None:
    """372 h at 4 c take 5,208; 20,000 buy 113,785 kWh of dear hours too: 9,046; idle in them -4,500."""
    window = {"hours": "8-20", "energy_usd_per_kwh": 0.13}
    tariff = {**TWO_PRICES, "windows": [window], "minimum_bill_usd_per_month": 20000}
    cheap_kwh = 350 * 372
    kwh = cheap_kwh + (20000 - 0.04 * cheap_kwh) / 0.13
    assert worth(solve(month(tariff, **SIGNED))) == pytest.approx(kwh * PAYS - 20000, abs=0.1)


def test_a_minimum_bill_where_every_hour_pays_leaves_the_hours_alone() -> None:
    """4 c, and free: both below 11.9 c. Nothing is cut, and an offer to be switched off stays."""
    offer = {"credit_usd_per_kw_month": 10, "called_hours_per_month": 10}
    tariff = {"kind": "flat", "energy_usd_per_kwh": 0.04, "minimum_bill_usd_per_month": 20000}
    found = prepare(month({**tariff, "response": offer})).inputs
    assert found.hour_blocks == ("all hours",)
    assert found.profiles == ("normal", "normal, ready to switch off")


def test_a_minimum_bill_at_fees_that_do_not_pay_is_cut() -> None:
    """Paid to draw at 4 c less 10 c of own cost, 6 c pay; below the minimum 10 c do, and 12 c would not."""
    tariff = {"kind": "flat", "energy_usd_per_kwh": -0.04, "minimum_bill_usd_per_month": 1}
    assert len(prepare(month(tariff, sites__0__opex_usd_per_kwh=0.10)).inputs.hour_blocks) == 1
    assert len(prepare(month(tariff, sites__0__opex_usd_per_kwh=0.12)).inputs.hour_blocks) == 2


@pytest.mark.parametrize("owed_share", [0.0, 1.0])
def test_a_months_volume_below_the_price_above(owed_share: float) -> None:
    """100,000 kWh at 9 c, 15 c above: 2,904.76, owed or not. Decided by the price above: 0 and -9,000."""
    tariff = {"kind": "ppa", "price_usd_per_kwh": 0.09, "volume_kwh_per_month": 100000}
    tariff |= {"take_or_pay_share": owed_share, "above_usd_per_kwh": 0.15}
    assert worth(solve(month(tariff, **SIGNED))) == pytest.approx(100000 * (PAYS - 0.09), abs=0.02)


# --- the best setting by the hour -------------------------------------------------------------------------


def best_of_each_hour(usd_per_kwh: float) -> float:
    settings = ((200, 3.5), (150, 2.3), (230, 4.4))
    return max(0.0, *(ths * 0.05 / 24 - kw * usd_per_kwh for ths, kw in settings))


def test_turbo_in_cheap_hours_and_eco_in_dear_ones() -> None:
    """620 h of turbo, 124 of eco, 100 machines: 19,249. One setting for all hours brings 18,796 (turbo).

    Hours count as turbo's: 620 + 124 x 150 / 230 a machine, so that hashrate times hours is what is hashed.
    """
    plan = solve(month(TWO_PRICES, SETTINGS))
    by_hand = 100 * (620 * best_of_each_hour(0.04) + 124 * best_of_each_hour(0.12))
    assert worth(plan) == pytest.approx(by_hand)
    (row,) = plan.running.to_dict("records")
    assert row["profile"] == BEST_BY_THE_HOUR
    told = {"hashrate_ths": 23000.0, "meter_kw": 440.0, "run_hours": 100 * (620 + 124 * 150 / 230)}
    told |= {"energy_kwh": 100 * (620 * 4.4 + 124 * 2.3)}
    assert {name: row[name] for name in told} == pytest.approx(told)


def test_one_setting_best_in_all_hours_needs_no_other_mode() -> None:
    """At one price all month turbo is the best by the hour: no column beside its own."""
    data = prepare(month({"kind": "flat", "energy_usd_per_kwh": 0.04}, SETTINGS)).inputs
    assert data.profiles[3] == BEST_BY_THE_HOUR
    assert data.can_run[0, 0, :, 0].tolist() == [True, True, True, False]


@pytest.mark.parametrize("settings", [{}, SETTINGS])
def test_a_charge_more_never_raises_the_worth(settings: dict[str, Any]) -> None:
    """0.1 cents a kW in the dear hours: by block at most what it was, and nearly so (a kW costs 0.44 USD)."""
    plain, charged = (worth(solve(month({**TWO_PRICES, **more}, settings))) for more in ({}, TINY_PEAK))
    assert plain - 0.5 <= charged <= plain


def test_blocks_are_cut_where_a_machine_changes_its_setting() -> None:
    """Turbo at 4 c, eco at 9 c, both below every break-even: not one block with one setting."""
    windows = [{"hours": "8-16", "energy_usd_per_kwh": 0.09}]
    plain, charged = (
        worth(solve(month({**TWO_PRICES, "windows": windows, **more}, SETTINGS))) for more in ({}, TINY_PEAK)
    )
    assert plain == pytest.approx(100 * (496 * best_of_each_hour(0.04) + 248 * best_of_each_hour(0.09)))
    assert plain - 0.5 <= charged <= plain


def test_the_best_setting_is_worth_what_it_brings_to_hazards_too() -> None:
    """The best margin is that of the best mode, not the worst profile's."""
    best = prepare(month(TWO_PRICES, SETTINGS)).hours.best_margin_usd
    by_hand = 620 * best_of_each_hour(0.04) + 124 * best_of_each_hour(0.12)
    assert best.tolist() == [[[pytest.approx(by_hand)]]]


# --- frictions --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def restless(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Real-time prices of 30 and 200 USD/MWh by chance."""
    path = tmp_path_factory.mktemp("prices") / "prices.csv"
    _write(path, np.random.default_rng(1).choice([30, 200], 24 * 40))
    return {
        **{"kind": "hourly", "file": str(path), "time_column": "time", "price_column": "usd"},
        **{"unit": "USD/MWh", "time": "utc_start", "market": "real_time"},
    }


def _write(path: Path, usd: np.ndarray) -> None:
    start = datetime(2026, 12, 31)
    rows = [f"{start + timedelta(hours=i):%Y-%m-%dT%H:%M},{each}" for i, each in enumerate(usd)]
    path.write_text("\n".join(["time,usd", *rows]) + "\n")


@pytest.mark.parametrize("settings", [{}, SETTINGS])
def test_a_tiny_charge_does_not_make_frictions_vanish(restless: dict[str, Any], settings: Any) -> None:
    """By block the same share of the margin is lost; without it the worth rose from 1,100 to 11,600."""
    plain = worth(solve(month(restless, settings)))
    plan = solve(month({**restless, **TINY_PEAK}, settings))
    assert plain - 0.5 <= worth(plan) <= plain
    assert of_line(plan, "frictions") < -1000
    assert any("in every block of hours the same share" in note for note in plan.story.notes)


def test_an_offer_that_blocks_leave_out_is_named_beside_frictions(restless: dict[str, Any]) -> None:
    offer = {"response": {"called_hours_per_month": 1, "credit_usd_per_kw_month": 3}}
    notes = prepare(month({**restless, **TINY_PEAK, **offer})).notes
    assert any("offer to be switched off is not counted" in note for note in notes)
    assert any("switching costs" in note for note in notes)


# --- law, currency, terms ---------------------------------------------------------------------------------


def closed_from_the_16th() -> list[dict[str, Any]]:
    town = "POLYGON((92 55,94 55,94 57,92 57,92 55))"
    return [
        {
            "id": "town",
            "effect": "closed",
            "wkt": town,
            "act": "Order 7",
            "source": "made up",
            "from": "2027-01-16",
        }
    ]


def test_half_a_month_earns_half_the_credit() -> None:
    """10 USD on 350 kW for 360 of 744 hours: 1,693.55; over the lawful hours alone 3,500."""
    offer = {"credit_usd_per_kw_month": 10, "called_hours_per_month": 10}
    tariff = {"kind": "flat", "energy_usd_per_kwh": 0.04, "response": offer}
    plan = solve(month(tariff, zones=closed_from_the_16th()))
    assert of_line(plan, "response_credits") == pytest.approx(3500 * 360 / 744)


def ruble_contract(**changes: Any) -> Prepared:
    tariff = {"kind": "flat", "energy_usd_per_kwh": "4 RUB/kWh", "currency": "RUB"}
    return prepare(small(currency__fx=RUBLE_FALLS, tariffs__cheap=tariff, **changes))


def test_a_contract_follows_its_currency() -> None:
    """4 RUB are 5 c in January, 2.5 c at 160 RUB in March; without the path 5 c all the while."""
    data = ruble_contract().inputs
    per_kwh = data.energy_usd[0, 0, 0, 0] / data.energy_kwh[0, 0, 0, 0]
    assert per_kwh.tolist() == pytest.approx([0.05, 0.05, 0.025])


def hosted(**changes: Any) -> Prepared:
    """Abakan of 210 kW under a host that asks 800 RUB a kW and six months."""
    host = {"kind": "hosting", "rate_usd_per_kwh": "1 RUB/kWh", "deposit_usd_per_kw": "800 RUB/kW"}
    host |= {"currency": "RUB", "min_term_months": 2}
    site = {**ABAKAN, "tariff": "host", "min_term_months": 1, "deposit_usd": 7, **changes}
    return prepare(small(currency__fx=RUBLE_FALLS, tariffs__host=host, sites__1=site))


@pytest.mark.parametrize(("available", "usd"), [(None, 2107.0), ("2027-02", 2107.0), ("2027-03", 1057.0)])
def test_a_host_s_deposit_is_paid_at_the_rate_of_its_day(available: str | None, usd: float) -> None:
    """168,000 RUB: 2,100 USD at 80, 1,050 at 160, beside the site's own 7."""
    data = hosted(available_from=available).inputs
    assert data.deposit_usd.tolist() == pytest.approx([0.0, usd])


def test_the_longer_term_of_host_and_site_counts() -> None:
    """Two months of the host against one of the site: the last month's term is cut at the horizon."""
    assert hosted().inputs.min_term_periods[1].tolist() == [2, 2, 1]


@pytest.mark.parametrize(
    ("until", "signed"),
    [("2027-01", [True, False, False]), ("2027-02", [True, True, False]), ("2026-12", [False] * 3)],
)
def test_signed_to_the_end_of_its_month(until: str, signed: list[bool]) -> None:
    assert prepare(small(sites__0__signed_until=until)).inputs.is_signed[0].tolist() == signed


def test_signed_into_a_quarter_is_refused_with_a_remedy() -> None:
    """Until April in a plan of March and a quarter: April's charges are not told from the quarter's."""
    horizon = {"start": "2027-03", "months": 1, "quarters": 1}
    with pytest.raises(ConfigError, match=r"signed_until.*2027-04[\s\S]*say 2027-03 or 2027-06"):
        prepare(small(horizon=horizon, sites__0__signed_until="2027-04"))
    signed = prepare(small(horizon=horizon, sites__0__signed_until="2027-06")).inputs.is_signed
    assert signed.tolist() == [[True, True]]


def test_each_site_has_the_steps_of_its_own_contract() -> None:
    """The second of two sites has a step of 1,000 kWh at 5 c less; the first has none at all."""
    tariff = {"kind": "ppa", "price_usd_per_kwh": 0.04, "volume_kwh_per_month": 1000}
    tariff |= {"take_or_pay_share": 0.0, "above_usd_per_kwh": 0.09}
    data = prepare(small(tariffs__own=tariff, sites__1={**ABAKAN, "tariff": "own"})).inputs
    assert not data.volume_step_kwh[0].any()
    first = (data.volume_step_kwh[1, :, 0] > 0).argmax()
    assert data.volume_step_kwh[1, first, 0] == 1000.0
    assert data.volume_step_usd_per_kwh[1, first, 0] == pytest.approx(-0.05)


def test_a_closed_site_is_let_off_its_ratchet_in_plan_and_audit() -> None:
    """350 kW at 5 in January, sold before the law closes the site: nothing in February; else 1,400."""
    ratchet = {"usd_per_kw_month": 5, "ratchet": {"share": 0.8, "look_back_months": 11}}
    tariff = {"kind": "flat", "energy_usd_per_kwh": 0.04, "standing_usd_per_month": 1, "demand": [ratchet]}
    plan = solve(
        small(tariffs__cheap=tariff, zones=closed_from_the_16th(), sales={"allowed": True, "fee_share": 0.0})
    )
    charged = plan.ledger[plan.ledger.line == "demand_charges"]
    assert charged.set_index("period").amount_usd.to_dict() == pytest.approx({"2027-01": -1750.0})
