"""Cases in which a plausible model is quietly wrong: late arrivals, law inside a month, quarters."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

import pytest

from optimizer import ConfigError, Plan, Study, solve
from optimizer.blocks import BLOCKS
from optimizer.decisions import Decisions
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram
from optimizer.prepare import prepare

from .studies import ABAKAN, small

CHITA = {
    "id": "chita",
    "name": "Chita",
    "lat_deg": 52.03,
    "lon_deg": 113.50,
    "region": "RU-ZAB",
    "max_power_kw": 1000,
    "pue": 1.0,
    "tariff": "cheap",
}
MARCH_2025 = {
    "month": "2025-03",
    "btc_price_usd": 84000,
    "difficulty": 112e12,
    "fees_btc_per_block": 0.05,
    "source": "test",
}


def served(plan: Plan, site: str) -> float:
    """Most machine-periods in service at a site in any period."""
    running = plan.running[plan.running.site == site].groupby("period").machines.sum()
    return float(running.max()) if len(running) else 0.0


def test_machines_that_come_late_cannot_share_out_the_month_before_them() -> None:
    """350 kW arrive 80 % into January at a 100 kW site: averaged power would let all of it run."""
    road = {"from": "RU", "to": "RU", "mode": "truck", "freight_usd_per_kg": 0.0, "lead_time_weeks": 3.5}
    plan = solve(
        small(
            horizon__months=1,
            sites__0__max_power_kw=0,
            sites__1={**ABAKAN, "max_power_kw": 100},
            relocation__corridors=[road],
        )
    )
    at_most = 100 / 3.5 * (1 - 3.5 / (365.25 / 12 / 7))  # 28.6 machines for the 19.5 % that is left
    assert served(plan, "abakan") <= at_most + 1e-6


def test_machines_that_arrive_after_the_last_lawful_day_do_not_run() -> None:
    """Chita closes on 15 November; what takes 2.2 weeks from the first comes on the 16th: 0 hours."""
    road = {"from": "RU", "to": "RU", "mode": "truck", "freight_usd_per_kg": 0.0, "lead_time_weeks": 2.2}
    study = small(
        horizon__start="2025-11",
        horizon__months=1,
        market__start=MARCH_2025,
        sites__0__max_power_kw=0,
        sites__1=CHITA,
        relocation__corridors=[road],
    )
    assert prepare(study).inputs.allowed_share[1, 0] == pytest.approx(14 / 30)
    assert served(solve(study), "chita") == 0.0


def test_machines_that_arrive_before_the_lawful_days_miss_none_of_them() -> None:
    """The season ends on 15 March; arriving on the 16th leaves all 16 lawful days, not 49 % of them."""
    road = {"from": "RU", "to": "RU", "mode": "truck", "freight_usd_per_kg": 0.0, "lead_time_weeks": 2.1}
    study = small(
        horizon__start="2025-03",
        horizon__months=1,
        market__start={**MARCH_2025, "month": "2025-02"},
        sites__1=CHITA,
        relocation__corridors=[road],
    )
    data = prepare(study).inputs
    late = int(data.arrival_class.max())
    assert data.lost_share[late] == pytest.approx(0.483, abs=1e-3)
    assert data.missed_share[1, late, 0] == pytest.approx(0.0, abs=0.01)


def test_a_limit_inside_a_quarter_holds_for_the_quarter() -> None:
    """Power ends in the quarter's second month: reading its first month only would run all three."""
    steps = [{"from": "2027-03", "max_power_kw": 0}]
    data = prepare(small(horizon__months=1, horizon__quarters=1, sites__0__power_steps=steps)).inputs
    assert data.max_power_kw[0].tolist() == [1000.0, 0.0]


def test_a_group_inside_a_quarter_binds() -> None:
    """From March to April of a quarter that begins in February: it must not be missed."""
    group = {"name": "all", "sites": ["home"], "max_power_kw": 10.0, "from": "2027-03", "to": "2027-04"}
    study = small(horizon__months=1, horizon__quarters=1, limits__power_groups=[group])
    assert prepare(study).inputs.power_group_kw[0, 1] == 10.0


def test_a_licence_for_new_load_leaves_old_load_alone() -> None:
    """A registered 100 MW load in Texas that stood before SB 6 keeps it; only more needs the study."""
    texas = {"lat_deg": 31.42, "lon_deg": -103.49, "max_power_kw": 100_000, "existing_load_kw": 100_000}
    registered = [{"id": "US-TX-puct-registration", "held_from": "2025-01-01"}]
    study = small(
        **{f"sites__0__{key}": value for key, value in texas.items()}, operator__licences=registered
    )
    data = prepare(study).inputs
    assert data.can_run.all()
    assert data.moratorium_kw[0].tolist() == [100_000.0] * 3


def test_cheapest_power_goes_where_power_is_cheaper() -> None:
    """4 against 6 c/kWh with room for all: 100 move; weighing the trip's lost weeks would move none."""
    cheap = {"kind": "flat", "energy_usd_per_kwh": 0.03}
    plan = solve(small(sites__1={**ABAKAN, "max_power_kw": 1000, "tariff": "low"}, tariffs__low=cheap))
    fill = next(each for each in plan.alternatives if each.name == "cheapest power")
    assert fill.kpis.moved_machines == pytest.approx(100)


def rent(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """A notebook's own cost: 10 USD a month for every standing machine."""
    lp.spend("rent", plan.standing("wlsm->wsm").times(10.0))


def test_a_block_of_ones_own_is_money_like_any_other() -> None:
    """3,000 USD of rent is in the worth, in the cost of a bitcoin and in the budget, whatever the order."""
    study = small(limits__budget={"opening_cash_usd": 1000.0})
    plain, rented = solve(study), solve(study, blocks=(*BLOCKS, rent))
    assert plain.kpis.value_usd - rented.kpis.value_usd == pytest.approx(3000)
    assert (rented.kpis.cash_cost_usd_per_btc or 0) > (plain.kpis.cash_cost_usd_per_btc or 0)


def test_an_owner_in_the_union_is_told_what_binds_him() -> None:
    """The ban on Russian venues does not stop hashing; the plan must still say that it is there."""
    notes = prepare(small(operator__owner_jurisdictions=["DE"])).notes
    assert any("coins may not be sold through venues of RU" in note for note in notes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tariffs__cheap__energy_usd_per_kwh": 41}, "energy price"),
        ({"market__hashprice_usd_per_ths_day": 50}, "hashprice"),
        ({"market__network_growth_share_per_year": 10}, "yearly growth"),
        ({"finance__discount_rate_share_per_year": 15}, "discount rate"),
        ({"currency__fx": {"RUB": {"per_usd": 30, "date": "2013-01-01", "source": "old"}}}, "RUB rate"),
    ],
)
def test_a_unit_that_slipped_is_told(changes: dict[str, Any], said: str) -> None:
    """kW for W, MWh for kWh, percent for shares: allowed, since nobody knows, but never without a word."""
    study: Study = small(**changes)
    assert any(said in warning for warning in study.warnings)


def test_an_eco_profile_above_the_models_own_is_refused() -> None:
    """900 TH/s on 3 kW is no under-clocked S21: it would earn four times what the machine can."""
    lot = {"id": "s21", "model": "Antminer S21", "count": 10, "site": "home", "uptime_share": 1.0}
    fast = {**lot, "eco_hashrate_ths": 900, "eco_power_w": 3000, "profiles": ["eco"]}
    with pytest.raises(ConfigError, match="not below"):
        prepare(small(fleet__0=fast))


def test_clocks_come_with_the_program() -> None:
    """A system's own zones may be years old: with those of 2025 Alberta's winter of 2027 is an hour off."""
    assert zoneinfo.TZPATH == ()
    assert zoneinfo.ZoneInfo("America/Edmonton").utcoffset(
        datetime.datetime(2027, 1, 15)
    ) == datetime.timedelta(hours=-6)
