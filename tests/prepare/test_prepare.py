"""From a study to arrays: place, law, clock, road and price."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from optimizer import ConfigError, Study
from optimizer.inputs import NEVER
from optimizer.prepare import prepare
from optimizer.prepare.hazards import hazards_of
from optimizer.prepare.roads import arrivals
from optimizer.sections.horizon import Horizon

from .studies import ABAKAN, small

ANGARSK = {"lat_deg": 52.54, "lon_deg": 103.89, "region": "RU-IRK", "district": "Angarsk urban district"}


def at_home(**site: object) -> Study:
    return small(**{f"sites__0__{key}": value for key, value in site.items()})


def test_a_machine_month_is_exact_over_the_hours_of_the_month() -> None:
    """January: 200 TH/s x 0.05 x 31 = 310 USD, 3.5 kW x 744 h x 0.04 = 104.16; 730 h would give 102.20."""
    data = prepare(small()).inputs
    assert data.revenue_usd[0, 0, 0, 0] == pytest.approx([310.0, 280.0, 310.0])
    assert data.energy_usd[0, 0, 0, 0] == pytest.approx([104.16, 94.08, 104.16])


def test_the_clock_going_forward_takes_an_hour() -> None:
    """Texas loses an hour on 14 March 2027: 743 h; counting in UTC or by days would give 744."""
    data = prepare(
        small(
            sites__0__lat_deg=31.42,
            sites__0__lon_deg=-103.49,
            operator__licences=[],
            relocation__corridors__0__from="US",
            relocation__corridors__0__to="US",
        )
    ).inputs
    assert data.run_hours[0, 0, 0, 0] == pytest.approx([744.0, 672.0, 743.0])


def test_a_ban_closes_the_whole_period_and_names_its_rule() -> None:
    """South Irkutsk is closed to 2031: no running column, allowed share 0, and the rule that says so."""
    data = prepare(at_home(**ANGARSK)).inputs
    assert not data.can_run.any()
    assert (data.allowed_share == 0).all()
    assert all("irk" in rule for rule in data.barred_by.ravel())


def test_a_ban_within_a_month_leaves_the_days_before_it() -> None:
    """The ban began on 7 April 2025: 6 of April's 30 days are left; reading by months gives 0 or 30."""
    data = prepare(
        small(
            horizon__start="2025-04",
            horizon__months=1,
            market__start={
                "month": "2025-03",
                "btc_price_usd": 84000,
                "difficulty": 112e12,
                "fees_btc_per_block": 0.05,
                "source": "test",
            },
            **{f"sites__0__{key}": value for key, value in ANGARSK.items()},
        )
    ).inputs
    assert data.allowed_share[0, 0] == pytest.approx(6 / 30)
    assert data.run_hours[0, 0, 0, 0, 0] == pytest.approx(6 * 24)


def test_without_the_licence_nothing_runs_and_the_reason_is_told() -> None:
    """An unregistered operator may not hash in Russia at any price: there is no column for it."""
    prepared = prepare(small(operator__licences=[]))
    assert not prepared.inputs.can_run.any()
    assert any("RU-miner-register" in each.reason for each in prepared.restrictions)


def test_a_licence_held_from_a_day_opens_that_day() -> None:
    """Held from 15 February 2027: January closed, February 14 of 28 days, March whole."""
    licences = [{"id": "RU-miner-register", "held_from": "2027-02-15"}]
    data = prepare(small(operator__licences=licences)).inputs
    assert data.allowed_share[0] == pytest.approx([0.0, 0.5, 1.0])


def test_a_misspelt_licence_is_an_error_and_not_a_closed_site() -> None:
    """Silently matching nothing would show a legal operator an empty plan."""
    with pytest.raises(ConfigError, match="RU-miner-register"):
        prepare(small(operator__licences=[{"id": "RU-miners-register", "held_from": "2025-01-01"}]))


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ({"lat_deg": 43.0, "lon_deg": 34.0}, "sea"),
        ({"region": "RU-KK"}, "lies in RU-KYA"),
        ({"lat_deg": 54.3, "lon_deg": 97.25}, "name the site's district"),
        ({"lat_deg": 52.54, "lon_deg": 103.89, "district": "Bratsk"}, "lies in Angarsk"),
        ({"lat_deg": 52.54, "lon_deg": 103.89, "district": "Angarsk"}, "Angarsk urban district"),
        ({"lat_deg": 48.85, "lon_deg": 2.35}, "law_checked"),
    ],
)
def test_a_site_in_the_wrong_place_is_refused(site: dict[str, object], said: str) -> None:
    """In the sea, outside its region, in a partly closed region, in a country nobody surveyed."""
    with pytest.raises(ConfigError, match=said):
        prepare(at_home(**site))


def test_every_site_in_the_wrong_place_is_told_at_once() -> None:
    """Two bad sites are two problems, not one after the other."""
    sea = {**ABAKAN, "lat_deg": 43.0, "lon_deg": 34.0}
    study = small(sites__0__region="RU-KK", sites__1=sea)
    with pytest.raises(ConfigError) as caught:
        prepare(study)
    assert len(caught.value.problems) == 2


def test_regions_with_the_same_terms_are_one_hub() -> None:
    """Krasnoyarsk and Khakassia share their corridor; one of its own makes Khakassia a second hub."""
    assert len(prepare(small(sites__1=ABAKAN)).inputs.hubs) == 1
    own = {"from": "RU", "to": "RU-KK", "mode": "rail", "freight_usd_per_kg": 0.2, "lead_time_weeks": 3}
    data = prepare(small(sites__1=ABAKAN, relocation__corridors__1=own)).inputs
    assert len(data.hubs) == 2
    into = [k for k, name in enumerate(data.corridors) if name.endswith("> RU-KK")]
    assert data.freight_usd[0, into] == pytest.approx([0.2 * 16] * len(into))


def test_two_corridors_for_one_pair_are_an_error() -> None:
    """RU to * and * to RU name a Russian pair equally closely; taking either would be chance."""
    rival = {"from": "RU", "to": "*", "mode": "rail", "freight_usd_per_kg": 9.0, "lead_time_weeks": 3}
    other = {**rival, "from": "*", "to": "RU"}
    with pytest.raises(ConfigError, match="equally closely"):
        prepare(small(relocation__corridors=[rival, other]))


def test_a_lead_time_is_whole_months_and_a_lost_share() -> None:
    """12 weeks are 2.76 months: out in January, there in March, 76 % of it lost; never past the end."""
    periods = Horizon(start="2027-01", months=4).periods()
    due = arrivals([0.0, 12.0], periods)
    assert due.period.tolist() == [[0, 1, 2, 3], [2, 3, NEVER, NEVER]]
    assert due.lost_share[due.arrival_class[1, 0]] == pytest.approx(12 / (365.25 / 12 / 7) - 2)
    assert due.lost_share[due.arrival_class[0, 0]] == 0.0


def test_arrival_in_a_quarter_is_counted_in_months() -> None:
    """Two months from February reach the quarter after one month of it: a third of it is lost."""
    periods = Horizon(start="2027-01", months=2, quarters=1).periods()
    weeks = 2 * 365.25 / 12 / 7
    due = arrivals([weeks], periods)
    assert due.period.tolist() == [[2, 2, 2]]
    assert due.lost_share[due.arrival_class[0]] == pytest.approx([0.0, 1 / 3, 2 / 3])


def test_quarters_add_up_to_their_months() -> None:
    """Three months and one quarter of them earn the same; a quarter read as one month would earn a third."""
    months = prepare(small(horizon__months=4)).inputs
    quarter = prepare(small(horizon__months=1, horizon__quarters=1)).inputs
    assert quarter.period_months.tolist() == [1.0, 3.0]
    assert quarter.revenue_usd[0, 0, 0, 0, 1] == pytest.approx(months.revenue_usd[0, 0, 0, 0, 1:].sum())
    assert quarter.energy_usd[0, 0, 0, 0, 1] == pytest.approx(months.energy_usd[0, 0, 0, 0, 1:].sum())


def test_legal_risk_is_probability_times_loss() -> None:
    """12 % a year are 1.06 % in the first month; x (0.5 x 1,000 USD + 38 + 1 month of 205.84) = 7.88 USD."""
    hazard = {
        "id": "ban",
        "place": "RU",
        "kind": "ban",
        "yearly_probability_share": 0.12,
        "stranded_share": 0.5,
        "evacuation_usd_per_machine": 38.0,
        "lost_margin_months": 1.0,
        "evidence": "test",
    }
    own = {"risk__risk_aversion": 1.0, "risk__bundled_hazards": False}
    data = prepare(small(**own, risk__hazards=[hazard])).inputs
    first_month = 1 - 0.88 ** (1 / 12)
    assert data.legal_risk_usd[0, 0, 0, 0] == pytest.approx(first_month * (500 + 38 + 205.84))
    noticed = prepare(small(**own, risk__hazards=[hazard | {"notice_weeks": 2.174}])).inputs
    half_a_month_left = first_month * (500 + 38 + 205.84 / 2)
    assert noticed.legal_risk_usd[0, 0, 0, 0] == pytest.approx(half_a_month_left, rel=1e-3)


def test_bundled_hazards_count_unless_the_study_states_its_own() -> None:
    """Krasnoyarsk: seizure and levy of Russia; an own levy replaces that one and no other."""
    none = prepare(small(risk__risk_aversion=1.0, risk__bundled_hazards=False)).inputs
    assert not none.legal_risk_usd.any()
    bundled = prepare(small(risk__risk_aversion=1.0))
    assert bundled.inputs.legal_risk_usd[0, 0, 0, 0] > 0
    told = next(note for note in bundled.notes if note.startswith("legal risk counts bundled"))
    assert "RU seizure" in told
    assert "RU levy" in told
    study = small(
        risk__risk_aversion=1.0,
        risk__hazards=[
            {
                "id": "x",
                "place": "RU-KYA",
                "kind": "levy",
                "yearly_probability_share": 0,
                "evidence": "own view",
            }
        ],
    )
    place = prepare(study).places[0]
    periods = study.horizon.periods()
    kinds = {hazard.kind: hazard.evidence for hazard, _ in hazards_of(study, place, study.sites[0], periods)}
    assert kinds["levy"] == "own view"
    assert len(kinds) == len(hazards_of(study, place, study.sites[0], periods))
    assert "seizure" in kinds
    assert "repatriation" not in kinds  # a Russian operator's money is at home
    abroad = small(operator__owner_jurisdictions=["AE"], risk__risk_aversion=1.0)
    assert "repatriation" in {
        hazard.kind for hazard, _ in hazards_of(abroad, place, abroad.sites[0], periods)
    }


def test_where_mining_is_closed_a_ban_cannot_come_again() -> None:
    """A machine that waits in closed Angarsk can be seized, but not banned once more."""
    hazard = {
        "id": "ban",
        "place": "RU",
        "kind": "ban",
        "yearly_probability_share": 0.12,
        "stranded_share": 0.5,
    }
    hazards = [hazard | {"evidence": "test"}]
    terms = {"risk__risk_aversion": 1.0, "risk__bundled_hazards": False, "risk__hazards": hazards}
    closed = prepare(small(**terms, **{f"sites__0__{key}": value for key, value in ANGARSK.items()}))
    assert not closed.inputs.legal_risk_usd.any()
    hazards[0]["kind"] = "seizure"
    seized = prepare(small(**terms, **{f"sites__0__{key}": value for key, value in ANGARSK.items()}))
    assert seized.inputs.legal_risk_usd[0, 0, 0, 0] == pytest.approx((1 - 0.88 ** (1 / 12)) * 500)


def test_a_machine_is_lost_once_and_power_may_be_cut_every_year() -> None:
    """Over two years a certain ban costs one machine, not two; a certain cut costs its margin twice."""
    terms = {"risk__risk_aversion": 1.0, "risk__bundled_hazards": False, "horizon__months": 24}
    hazard = {"id": "x", "place": "RU", "yearly_probability_share": 0.5, "evidence": "test"}
    price = {"market__machine_price_decline_share_per_year": 0.0}
    ban = hazard | {"kind": "ban", "evacuation_usd_per_machine": 100}
    cut = hazard | {"kind": "curtailment", "evacuation_usd_per_machine": 100}
    lost = [
        prepare(small(**terms, **price, risk__hazards=[each])).inputs.legal_risk_usd.sum()
        for each in (ban, cut)
    ]
    assert lost == pytest.approx([75.0, 100.0])  # 0.5 + 0.25 against 0.5 + 0.5


def test_of_own_hazards_of_a_kind_the_nearest_place_counts() -> None:
    """Stated for country, region and site it is one danger, not three; two at one place are two."""
    terms = {"risk__risk_aversion": 1.0, "risk__bundled_hazards": False}
    hazard = {"kind": "seizure", "yearly_probability_share": 0.12, "evidence": "test"}
    hazards = [
        hazard | {"id": place, "place": place, "evacuation_usd_per_machine": usd}
        for place, usd in (("RU", 1000), ("RU-KYA", 100), ("home", 10))
    ]
    month = 1 - 0.88 ** (1 / 12)
    alone = prepare(small(**terms, risk__hazards=hazards)).inputs.legal_risk_usd
    assert alone[0, 0, 0, 0] == pytest.approx(month * 10)
    second = hazards[2] | {"id": "second", "evacuation_usd_per_machine": 5}
    both = prepare(small(**terms, risk__hazards=[*hazards, second])).inputs.legal_risk_usd
    assert both[0, 0, 0, 0] == pytest.approx(month * 15)
    dated = [hazards[0], hazards[2] | {"from": "2027-02", "to": "2027-02"}]
    risk = prepare(small(**terms, risk__hazards=dated)).inputs.legal_risk_usd[0, 0, 0]
    assert risk[0] > 50 * risk[1]  # January: the country's; February: the site's


def test_a_hazard_at_a_place_nobody_knows_is_an_error() -> None:
    """RU-KH is no region; a hazard that matches nothing would silently charge nothing."""
    hazard = {
        "id": "ban",
        "place": "RU-KH",
        "kind": "ban",
        "yearly_probability_share": 0.1,
        "evidence": "test",
    }
    with pytest.raises(ConfigError, match="did you mean"):
        prepare(small(risk__risk_aversion=1.0, risk__hazards=[hazard]))


def test_stale_market_figures_are_told() -> None:
    """The bundled month ends on 21 August 2026: 133 days before January 2027, and the reader must know."""
    assert any("133 days old" in note for note in prepare(small()).notes)


def test_a_horizon_past_the_given_hashprice_is_an_error() -> None:
    """February and March have no price; holding January's would invent one."""
    study_values = [{"month": "2027-01", "hashprice_usd_per_ths_day": 0.05}]
    with pytest.raises(ConfigError, match="2027-02"):
        prepare(small(market__hashprice_usd_per_ths_day=study_values))


def test_a_moratorium_leaves_the_load_that_stood_there() -> None:
    """British Columbia takes no new load: 100 machines x 3.5 kW stood there, so 350 kW remain."""
    data = prepare(
        small(
            sites__0__lat_deg=50.67,
            sites__0__lon_deg=-120.33,
            operator__licences=[],
            relocation__corridors__0__from="CA",
            relocation__corridors__0__to="CA",
        )
    ).inputs
    assert data.moratorium_kw[0] == pytest.approx([350.0] * 3)
    assert all(data.moratorium_by[0] != "")


def test_money_in_another_currency_is_converted_once() -> None:
    """3.2 RUB/kWh at 80 RUB per USD is 0.04 USD/kWh: the same arrays as in dollars."""
    fx = {"RUB": {"per_usd": 80.0, "date": "2025-12-01", "source": "test"}}
    roubles = small(currency__fx=fx, tariffs__cheap__energy_usd_per_kwh="3.2 RUB/kWh")
    assert prepare(roubles).inputs.energy_usd == pytest.approx(prepare(small()).inputs.energy_usd)


def test_power_steps_and_availability_are_dated() -> None:
    """No power before February, 1 MW then, 2 MW from March; nothing may be put in before February."""
    steps = [{"from": "2027-03", "max_power_kw": 2000}]
    data = prepare(
        small(sites__1={**ABAKAN, "available_from": "2027-02", "max_power_kw": 1000, "power_steps": steps})
    ).inputs
    assert data.max_power_kw[1] == pytest.approx([0.0, 1000.0, 2000.0])
    assert data.crew_in_machines[1, 0] == 0.0
    assert np.isinf(data.crew_in_machines[1, 1])


def test_the_first_day_of_a_period_is_the_months_first() -> None:
    """Moves are dated by the first day of their period."""
    assert prepare(small()).periods[1].first_day == datetime.date(2027, 2, 1)
