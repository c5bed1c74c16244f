"""Machines of a study: profiles, age and repairs, what stands in the books, what is handed in."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from optimizer import ConfigError, catalogue
from optimizer.prepare.fleet import Service, fleet, service
from optimizer.sections.fleet import Lot, Purchase, Refurbishment
from optimizer.sections.horizon import Horizon

from .studies import small

OWN = {"id": "own", "hashrate_ths": 100, "power_w": 3000, "mass_kg": 15, "resale_usd_per_ths": 2}
S19J = {"id": "s19j", "model": "Antminer S19j Pro"}
STANDS = {"count": 10, "site": "home", "uptime_share": 0.96}
OFFERED = {"uptime_share": 1.0, "lead_time_weeks": 4, "max_machines": 5}
MONTHS = Horizon.model_validate({"start": "2027-01", "months": 3}).periods()
LONG = Horizon.model_validate({"start": "2027-01", "months": 12, "quarters": 4}).periods()


def lot(**more: Any) -> Lot:
    return Lot.model_validate({**OWN, **STANDS, **more})


def catalogued(**more: Any) -> Lot:
    return Lot.model_validate({**S19J, **STANDS, **more})


def purchase(**more: Any) -> Purchase:
    terms = {**OWN, **OFFERED, "id": "offer", "price_usd_per_ths": 4, "deliver_to": ["RU"]}
    return Purchase.model_validate({**terms, **more})


def refurbishment(**more: Any) -> Refurbishment:
    terms = {**OWN, **OFFERED, "id": "back", "hands_in": "own", "price_usd_per_machine": 300, "at": ["RU"]}
    return Refurbishment.model_validate({**terms, **more})


# --- profiles ---------------------------------------------------------------------------------------------


def test_profiles_from_figures_from_tests_and_from_the_curve() -> None:
    """Own figures as given; S19j Pro eco as tested (74.5 TH/s, 1,905 W); 80 % of 100 TH/s by the curve.

    0.8 ^ 1.51656 is 0.71289 of 3,000 W: 2,138.7 W. A straight line would give 2,400 W, a cube 1,536 W.
    """
    machines = fleet(
        [
            lot(turbo_hashrate_ths=110, turbo_power_w=3500, profiles=["turbo"]),
            catalogued(profiles=["normal", "eco"]),
            lot(id="clocked", eco_hashrate_share=0.8, profiles=["eco", "normal"]),
        ],
        [],
    )
    assert machines.profiles == ("normal", "eco", "turbo")
    assert machines.hashrate_ths.tolist() == [[0, 0, 110], [100, 74.5, 0], [100, 80, 0]]
    assert machines.power_kw == pytest.approx(
        np.array([[0, 0, 3.5], [3.05, 1.905, 0], [3.0, 2.1387, 0]]), abs=1e-4
    )
    (told,) = machines.notes[1:]
    assert "clocked eco" in told
    assert "low confidence" in told


def test_the_curve_is_of_the_model_too_and_before_its_tested_point() -> None:
    """A share of 0.9 of the S19j Pro's 100 TH/s is asked for: its tested 74.5 TH/s are not meant."""
    machines = fleet([catalogued(eco_hashrate_share=0.9, profiles=["eco"])], [])
    assert machines.hashrate_ths.tolist() == [[90]]
    assert machines.power_kw[0, 0] == pytest.approx(3.05 * 0.9**1.5165604, rel=1e-7)


def test_a_profile_of_which_nothing_is_known_is_refused() -> None:
    """Normal figures in its stead would be an over-clocked machine that costs nothing."""
    with pytest.raises(LookupError, match=r"'s19j' asks for the turbo profile.*turbo_hashrate_share"):
        fleet([catalogued(profiles=["turbo"])], [])


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"power_w": 3}, r"0\.03 J/TH, below what is possible"),
        ({"hashrate_ths": 0.1}, r"3e\+04 J/TH, above 200"),
        ({"power_w": 854}, "best known is 9.5 of Antminer S23 Hyd"),
        ({"power_w": 20_001}, "above 200"),
        ({"eco_hashrate_ths": 80, "eco_power_w": 590}, "has eco_power_w 590 .* below what is possible"),
        ({"eco_hashrate_ths": 80, "eco_power_w": 2500}, "needs 31.25 J/TH in eco, 30 in normal"),
        ({"eco_hashrate_ths": 100, "eco_power_w": 2500}, "eco_hashrate_ths 100, not below the normal 100"),
        ({"turbo_hashrate_ths": 100, "turbo_power_w": 3500}, "not above the normal 100"),
        ({"turbo_hashrate_ths": 110, "turbo_power_w": 3000}, "turbo_power_w 3000, not above"),
        ({"turbo_hashrate_ths": 110, "turbo_power_w": 3200}, "needs 29.09 J/TH in turbo, 30 in normal"),
        ({"turbo_hashrate_ths": 110}, "has one of turbo_hashrate_ths and turbo_power_w"),
        ({"eco_hashrate_share": 0.7}, "eco_hashrate_share 0.7, outside 0.776 to 1.000"),
        ({"eco_hashrate_share": 1.0}, "outside"),
        ({"eco_hashrate_share": 1.05}, "outside"),
        ({"turbo_hashrate_share": 0.9}, "outside 1.000 to 1.094"),
        ({"turbo_hashrate_share": 1.2}, "outside"),
        (
            {"eco_hashrate_share": 0.8, "eco_hashrate_ths": 80, "eco_power_w": 2300},
            "gives both eco_hashrate_share and eco_hashrate_ths",
        ),
        ({"profiles": ["eco", "eco"]}, "names a profile twice"),
        ({"profiles": ["fast"]}, "normal"),
        ({"resale_usd_per_ths": -1}, "greater than or equal to 0"),
    ],
)
def test_machines_that_cannot_be_are_refused(figures: dict[str, Any], said: str) -> None:
    """Each would make money out of nothing, or out of watts given as kW."""
    with pytest.raises(ValidationError, match=said):
        lot(**figures)


@pytest.mark.parametrize(
    "figures",
    [
        {"power_w": 856},
        {"power_w": 19_999},
        {"eco_hashrate_ths": 80, "eco_power_w": 2440},
        {"turbo_hashrate_ths": 110, "turbo_power_w": 3240},
        {"eco_hashrate_share": 74.5 / 96},
        {"turbo_hashrate_share": 105 / 96},
    ],
)
def test_the_edge_of_what_can_be_is_allowed(figures: dict[str, Any]) -> None:
    """8.55 J/TH, 200 J/TH, two per cent between readings, the tested points themselves."""
    lot(**figures)


def test_eco_of_a_model_is_held_against_its_nameplate() -> None:
    """101 TH/s on 2,000 W is no under-clocked S19j Pro of 100 TH/s."""
    with pytest.raises(ValidationError, match="not below the normal 100"):
        catalogued(eco_hashrate_ths=101, eco_power_w=2000)


def test_a_faulty_machine_is_told_with_its_place_and_remedy() -> None:
    """The message of the study names the entry, the figures and what to check."""
    with pytest.raises(ConfigError, match="power_w is watts") as told:
        small(fleet__0__power_w=3.5)
    (problem,) = told.value.problems
    assert problem.where == "fleet[0]"
    assert "0.0175 J/TH" in problem.rule


def test_firmware_takes_its_share_where_it_runs() -> None:
    """2 % in normal, 3 % in eco; a lot that says nothing pays nothing, nor does a profile it lacks."""
    paying = lot(
        firmware_fee_share=0.02,
        eco_firmware_fee_share=0.03,
        eco_hashrate_share=0.8,
        profiles=["normal", "eco"],
    )
    machines = fleet([paying, lot(id="free")], [])
    assert machines.firmware_share.tolist() == [[0.02, 0.03], [0, 0]]


# --- age and repairs --------------------------------------------------------------------------------------


def test_without_keys_of_age_nothing_changes() -> None:
    """Exactly the uptime and upkeep as given, times the months: no rounding may move a study."""
    machines = [lot(maintenance_usd_per_month=3.3), purchase()]
    found = service(machines, LONG)
    months = np.array([period.months for period in LONG], dtype=float)
    assert (found.uptime_share == np.array([[0.96], [1.0]])).all()
    assert (found.maintenance_usd == np.array([[3.3], [0.0]]) * months).all()


def test_repairs_cost_money_and_days() -> None:
    """12 in 100 a year at 150 USD are 1.50 USD a month; 30.4375 days each are 1 % of the year out of service.

    Uptime 0.96 x 0.99 = 0.9504. A version that took days of a month for days of a year would give 0.84.
    """
    found = service(
        [
            lot(
                failure_share_per_year=0.12,
                repair_usd=150,
                repair_days=30.4375,
                maintenance_usd_per_month=2,
            )
        ],
        MONTHS,
    )
    assert found.maintenance_usd[0] == pytest.approx([3.5] * 3)
    assert found.uptime_share[0] == pytest.approx([0.9504] * 3)


def test_a_quarter_is_three_months_of_repairs() -> None:
    """Of 1.50 USD each; the hashrate lost counts from the middle of the period."""
    found = service([lot(failure_share_per_year=0.12, repair_usd=150)], LONG)
    assert found.maintenance_usd[0, -1] == pytest.approx(4.5)
    assert found.maintenance_usd[0, 0] == pytest.approx(1.5)


@pytest.mark.parametrize("age", [{"age_months": 24}, {"bought": "2025-01"}])
def test_failures_grow_with_age(age: dict[str, Any]) -> None:
    """0.10 a year, half as many more with each year: at 24.5 months 0.10 x 1.5 ^ (24.5 / 12) = 0.228834.

    Two years and the middle of January; counted from the start of the plan it would be 0.1017.
    """
    terms = {"failure_share_per_year": 0.10, "failure_growth_share_per_year": 0.5, "repair_usd": 1200}
    found = service([lot(**terms, **age)], MONTHS)
    assert found.maintenance_usd[0, 0] == pytest.approx(100 * 0.1 * 1.5 ** (24.5 / 12))
    assert found.maintenance_usd[0, 0] == pytest.approx(22.8834, abs=1e-4)


def test_an_offer_ages_from_its_first_month() -> None:
    """On offer from March: in January and February it is as old as it will be then."""
    terms = {"failure_share_per_year": 0.1, "failure_growth_share_per_year": 1.0, "repair_usd": 12}
    found = service([purchase(age_months=12, **{"from": "2027-03"}, **terms)], MONTHS)
    assert found.maintenance_usd[0] == pytest.approx([0.2, 0.2, 0.1 * 2 ** (12.5 / 12)])


def test_hashrate_is_lost_from_the_first_day_on() -> None:
    """4 % a year: half a month in, 0.96 x 0.96 ^ (0.5 / 12)."""
    found = service([lot(hashrate_loss_share_per_year=0.04)], MONTHS)
    assert found.uptime_share[0] == pytest.approx(
        [0.96 * 0.96 ** (months / 12) for months in (0.5, 1.5, 2.5)]
    )


def test_uptime_never_turns_negative() -> None:
    """Twenty repairs a year of a month each leave nothing, and no negative hashrate."""
    found = service([lot(failure_share_per_year=20, repair_days=30)], MONTHS)
    assert found.uptime_share[0].tolist() == [0, 0, 0]


def test_worse_terms_never_serve_more() -> None:
    """More failures, faster growth, longer repairs: less uptime and dearer upkeep, each by itself."""
    base: dict[str, Any] = {
        "failure_share_per_year": 0.1,
        "failure_growth_share_per_year": 0.2,
        "repair_usd": 100,
        "repair_days": 20,
        "age_months": 10,
    }
    worse = [base | {key: 2 * value} for key, value in base.items()]
    plain, *others = (service([lot(**terms)], LONG) for terms in (base, *worse))
    assert all(_serves_no_more(plain, other) for other in others)


def _serves_no_more(plain: Service, other: Service) -> bool:
    less, dearer = other.uptime_share <= plain.uptime_share, other.maintenance_usd >= plain.maintenance_usd
    differs = (other.uptime_share < plain.uptime_share) | (other.maintenance_usd > plain.maintenance_usd)
    return bool((less & dearer & differs).all())


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"repair_usd": 100}, "has repair_usd without failure_share_per_year"),
        ({"repair_days": 10}, "has repair_days without"),
        ({"failure_share_per_year": 0.1, "failure_growth_share_per_year": 0.2}, "but no age"),
        ({"age_months": 3, "bought": "2026-01"}, "gives both bought and age_months"),
        ({"hashrate_loss_share_per_year": 1.0}, "less than 1"),
        ({"firmware_fee_share": 1.0}, "less than 1"),
    ],
)
def test_half_an_answer_about_age_is_refused(terms: dict[str, Any], said: str) -> None:
    """A cost of repairs that never happen, a growth from nowhere: silently nothing otherwise."""
    with pytest.raises(ValidationError, match=said):
        lot(**terms)


def test_what_is_bought_later_does_not_stand_on_the_first_day() -> None:
    """A negative age would make it younger than new."""
    late = lot(bought="2027-02", failure_share_per_year=0.1, failure_growth_share_per_year=0.1)
    with pytest.raises(LookupError, match="bought in 2027-02"):
        service([late], MONTHS)


# --- what else is known of a machine ----------------------------------------------------------------------


def test_class_and_resale() -> None:
    """30.5 J/TH of the S19j Pro; own figures 30. 2 USD x 100 TH/s, whatever the books say."""
    machines = fleet([catalogued(book_value_usd=900), lot()], [purchase()])
    assert machines.j_per_th.tolist() == [30.5, 30, 30]
    assert machines.resale_usd.tolist() == [200, 200, 200]


def test_cooling_altitude_and_make() -> None:
    """Air-cooled Antminers stop at 2,000 m; one put into oil does not, and a study's own limit counts."""
    machines = fleet(
        [
            catalogued(made_in="CN"),
            catalogued(id="b", cooling="immersion"),
            catalogued(id="c", altitude_limit_m=1500),
            lot(),
        ],
        [],
    )
    assert machines.cooling == ("air", "immersion", "air", "air")
    assert machines.altitude_limit_m.tolist() == [2000, np.inf, 1500, np.inf]
    assert machines.made_in == ("CN", "", "", "")


def test_a_refurbishment_knows_what_it_takes() -> None:
    """Third group, after lots and offers: its row points to the lot handed in, others to none."""
    machines = fleet([catalogued(), lot()], [purchase()], [refurbishment()])
    assert machines.ids == ("s19j", "own", "offer", "back")
    assert machines.trade_in_lot.tolist() == [-1, -1, -1, 1]
    with pytest.raises(LookupError, match="'s18' is no lot"):
        fleet([lot()], [], [refurbishment(hands_in="s18")])
    with pytest.raises(LookupError, match="'back' is no lot"):
        fleet([lot()], [], [refurbishment(hands_in="back")])


def test_an_unknown_model_is_left_to_the_check_that_knows_names() -> None:
    """The section itself must not stumble over it: the study's check says which model was meant."""
    unknown = Lot.model_validate({**S19J, **STANDS, "model": "S19jj Pro", "eco_hashrate_share": 0.8})
    with pytest.raises(catalogue.UnknownModel):
        unknown.setting("eco")


def test_more_hashrate_always_takes_more_power() -> None:
    """Along the whole curve, and with less energy per hash the slower it runs."""
    normal = lot().setting("normal")
    assert normal is not None
    settings = [normal.clocked(share) for share in np.linspace(0.777, 1.09, 40)]
    assert all(a.power_w < b.power_w and a.j_per_th < b.j_per_th for a, b in pairwise(settings))
