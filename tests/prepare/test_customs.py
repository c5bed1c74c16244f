"""Import duty and VAT: three relocations and an order by hand, which rates count, and their table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from optimizer import ConfigError, Study
from optimizer.inputs import Floats
from optimizer.prepare.customs import Customs, customs, customs_usd, order_customs_usd
from optimizer.prepare.customs_rates import UNIONS, Charge, NoRate, Rate, charge, rates
from optimizer.prepare.fleet import fleet
from optimizer.prepare.roads import Roads
from optimizer.sections.horizon import Period

from .studies import BASE, small

LEFT_OUT = {"duty_share": None, "vat_share": None}
VALUE_USD = 1000.0  # 200 TH/s at 5 USD, 16 kg: the machine of the small study


def corridor(origin: str, target: str, weeks: float, **more: Any) -> dict[str, Any]:
    terms = {"from": origin, "to": target, "mode": "truck", "freight_usd_per_kg": 2.5}
    return terms | {"lead_time_weeks": weeks, "insurance_share": 0.01} | LEFT_OUT | more


def study(corridors: Sequence[dict[str, Any]], start: str, makes: Sequence[str | None] = ("CN",)) -> Study:
    lots = [BASE["fleet"][0] | {"id": f"lot{i}", "made_in": make} for i, make in enumerate(makes)]
    return small(fleet=lots, relocation__corridors=list(corridors), horizon__start=start)


def terms_of(asked: Study, *regions: str) -> Customs:
    machines = fleet(asked.fleet, asked.purchases)
    return customs(asked, regions, {}, machines, asked.horizon.periods())


def paid(asked: Study, origin: str, target: str) -> Floats:
    """(l, m) USD for one machine of each lot: freight 16 kg x 2.50 = 40 USD, insurance 10 USD."""
    (road,) = asked.relocation.closest(origin, target)
    network = Roads(
        hubs=(origin, target),
        hub_of={(origin, ""): 0, (target, ""): 1},
        corridors=(road,),
        origin=np.array([0]),
        target=np.array([1]),
        missing=(),
    )
    lots, months = len(asked.fleet), len(asked.horizon.periods())
    value = np.full((lots, months), VALUE_USD)
    freight, insurance = np.full((lots, 1), 40.0), np.full((lots, 1, months), 10.0)
    return customs_usd(terms_of(asked, origin, target), network, value, freight, insurance)[:, 0]


# --- three relocations by hand ----------------------------------------------------------------------------


def test_russia_to_kazakhstan() -> None:
    """No duty inside the union, VAT of the value alone: 120.00 USD in 2025, 160.00 USD from 2026.

    What leaves on 2025-12-01 for four weeks arrives on the 29th, for six weeks in January. With freight and
    insurance the first would be 126.00, by the day of leaving the slow one 120.00.
    """
    quick = study([corridor("RU", "KZ", 4)], "2025-12")
    assert paid(quick, "RU-IRK", "KZ-55")[0] == pytest.approx([120.00, 160.00, 160.00], abs=1e-9)
    slow = study([corridor("RU", "KZ", 6)], "2025-12")
    assert paid(slow, "RU-IRK", "KZ-55")[0] == pytest.approx([160.00, 160.00, 160.00], abs=1e-9)


def test_russia_to_texas_goes_by_the_make() -> None:
    """Made in China: 576.00 USD, and 376.00 once the court had struck a part down; Malaysia: 216.00, 126.00.

    Value alone: with freight and insurance the first would be 604.80. That it comes from Russia is no matter;
    where nobody says where it was made, the highest rate counts, and the study is told.
    """
    asked = study([corridor("RU", "US", 4)], "2026-01", ["CN", "MY", None])
    by_hand = [[576.00, 376.00, 376.00], [216.00, 126.00, 126.00], [576.00, 376.00, 376.00]]
    assert paid(asked, "RU-IRK", "US-TX") == pytest.approx(np.array(by_hand), abs=1e-9)
    notes = terms_of(asked, "RU-IRK", "US-TX").notes
    assert any("nobody says where they were made" in note for note in notes)
    assert sum("57.6%" in note for note in notes) == 1


def test_quebec_to_paraguay() -> None:
    """Value, freight and insurance are 1,050: duty 5 % is 52.50, half of 10 % VAT of 1,102.50 is 55.125.

    Together 107.625 USD; on value alone 102.50, with all of the VAT 162.75.
    """
    asked = study([corridor("CA-QC", "PY", 12), corridor("PY", "CA", 12)], "2026-12")
    assert paid(asked, "CA-QC", "PY-10")[0] == pytest.approx([107.625] * 3, abs=1e-9)
    back = paid(asked, "PY-10", "CA-QC")[0]
    assert back == pytest.approx([149.75] * 3, abs=1e-9)  # GST and QST of the value alone
    assert paid(asked, "PY-10", "CA-AB")[0] == pytest.approx([50.0] * 3, abs=1e-9)


# --- which rate counts ------------------------------------------------------------------------------------


def test_stated_shares_come_first_and_count_on_value_alone() -> None:
    """27.6 % stated is 276.00; duty stated for Paraguay leaves VAT to the table: 50 + 5 % x (1,050 + 50).

    VAT stated leaves duty to it: 52.50 + 5 % x (1,000 + 52.50).
    """
    both = study([corridor("RU", "US", 4, duty_share=0.276, vat_share=0.1)], "2026-12")
    assert paid(both, "RU-IRK", "US-TX")[0] == pytest.approx([276 + 0.1 * 1276] * 3)
    one = study([corridor("CA", "PY", 4, duty_share=0.05)], "2026-12")
    assert paid(one, "CA-QC", "PY-10")[0] == pytest.approx([105.0] * 3)
    other = study([corridor("CA", "PY", 4, vat_share=0.05)], "2026-12")
    assert paid(other, "CA-QC", "PY-10")[0] == pytest.approx([52.5 + 0.05 * 1052.5] * 3)
    (told,) = terms_of(one, "CA-QC", "PY-10").notes
    assert "VAT that is not recovered 5.0%" in told
    assert "duty 5.0%" not in told
    none = study([corridor("RU", "US", 4, duty_share=0, vat_share=0)], "2026-12")
    assert paid(none, "RU-IRK", "US-TX")[0].tolist() == [0, 0, 0]


def test_inside_a_country_there_is_no_customs() -> None:
    """Russian VAT on a move from Irkutsk to Khakassia would be invented."""
    asked = study([corridor("RU", "RU", 2)], "2026-12")
    assert paid(asked, "RU-IRK", "RU-KK")[0].tolist() == [0, 0, 0]
    assert terms_of(asked, "RU-IRK", "RU-KK").notes == ()


def test_members_of_a_union_take_no_duty() -> None:
    """Oman asks 2.5 % of others, and gives VAT back: 26.25 of 1,050; from the Emirates nothing."""
    asked = study([corridor("*", "OM", 2)], "2026-12")
    assert paid(asked, "CA-QC", "OM-MA")[0] == pytest.approx([26.25] * 3)
    assert paid(asked, "AE-DU", "OM-MA")[0].tolist() == [0, 0, 0]


def test_a_destination_without_rates_is_refused() -> None:
    """Free of duty would be a guess; the corridor is named, and what to state."""
    asked = study([corridor("RU", "RU", 2), corridor("*", "*", 10)], "2026-12")
    with pytest.raises(ConfigError, match="state duty_share and vat_share") as told:
        terms_of(asked, "RU-IRK", "BT-33")
    (problem,) = told.value.problems
    assert problem.where == "relocation.corridors[1]"
    assert "from RU-IRK to BT-33" in problem.rule
    assert "bundled for BT" in problem.rule


def test_before_the_first_rate_there_is_none() -> None:
    """The table for the United States begins in June 2024: earlier days are not free of duty."""
    with pytest.raises(NoRate, match="US on 2024-06-14"):
        charge("RU", "US", "CN", date(2024, 6, 14))
    assert charge("RU", "US", "CN", date(2024, 6, 15)).charge.duty_share == 0.276


def test_regions_are_told_apart_where_their_terms_differ() -> None:
    """Quebec and Alberta differ in VAT, Krasnoyarsk and Irkutsk in nothing: the latter two are one hub."""
    asked = study([corridor("*", "*", 4)], "2026-12")
    terms = terms_of(asked, "RU-IRK", "RU-KYA", "CA-QC", "CA-AB")
    assert terms.of_pair("RU-IRK", "CA-QC") == terms.of_pair("RU-KYA", "CA-QC")
    assert terms.of_pair("RU-IRK", "CA-QC") != terms.of_pair("RU-IRK", "CA-AB")
    assert terms.of_pair("CA-QC", "CA-AB") == terms.of_pair("RU-IRK", "RU-KYA")


# --- orders -----------------------------------------------------------------------------------------------


OFFER = {
    **{key: BASE["fleet"][0][key] for key in ("hashrate_ths", "power_w", "mass_kg", "uptime_share")},
    **{"id": "new", "price_usd_per_ths": 10, "lead_time_weeks": 8, "max_machines": 10},
    **{"resale_usd_per_ths": 5, "deliver_to": ["US", "KZ"], "made_in": "MY"},
}


def test_an_order_pays_by_make_and_place_of_delivery() -> None:
    """2,000 USD, made in Malaysia: 12.6 % is 252.00 in Texas, VAT of 16 % is 320.00 in Kazakhstan."""
    asked = small(purchases=[OFFER | {"duty_paid": False}], horizon__start="2026-12")
    assert _order(asked) == pytest.approx(np.array([0, 252, 320.0]))


def test_duty_paid_is_the_rule() -> None:
    """A price that holds duty already must not bear it twice."""
    assert _order(small(purchases=[OFFER], horizon__start="2026-12")).tolist() == [0, 0, 0]


def _order(asked: Study) -> Floats:
    """(h) in the first period, for hubs in Russia, Texas and Kazakhstan."""
    regions = ("RU-IRK", "US-TX", "KZ-55")
    nothing = np.array([], dtype=np.int64)
    hubs = {(region, ""): hub for hub, region in enumerate(regions)}
    network = Roads(regions, hubs, (), nothing, nothing, ())
    order_usd = np.array([[0.0] * 3, [2000.0] * 3])
    due = order_customs_usd(terms_of(asked, *regions), network, ("s21", "new"), order_usd)
    assert due.shape == (2, 3, 3)
    assert not due[0].any()
    return np.asarray(due[1, :, 0])


def test_an_order_to_where_no_rate_is_known_is_refused() -> None:
    """Duty unpaid, and nobody knows how much: the offer is named."""
    asked = small(purchases=[OFFER | {"deliver_to": ["BT"], "duty_paid": False}])
    with pytest.raises(ConfigError, match="leaves duty and VAT to the buyer") as told:
        terms_of(asked, "BT-33")
    assert told.value.problems[0].where == "purchases[0].duty_paid"


# --- the table --------------------------------------------------------------------------------------------


def test_every_rate_is_possible_and_has_source_date_and_confidence() -> None:
    """Percent given as shares show: nothing above 60 % duty or 27 % VAT is known."""
    for rate in rates():
        assert 0 <= rate.duty_share <= 0.6, rate
        assert 0 <= rate.vat_share <= 0.27, rate
        assert 0 <= rate.vat_recoverable_share <= 1, rate
        assert rate.source, rate
        assert rate.date, rate
        assert rate.confidence in {"high", "medium", "low", "unsourced"}, rate
        assert rate.first_day <= rate.last_day, rate


def test_dated_rates_follow_each_other_without_gap_or_overlap() -> None:
    """Each day from the first has one rate, and the last row is open."""
    runs: dict[tuple[str, str], list[Rate]] = defaultdict(list)
    for rate in rates():
        runs[rate.destination, rate.made_in].append(rate)
    for run in runs.values():
        assert all(b.first_day == a.last_day + timedelta(days=1) for a, b in pairwise(run)), run
        assert run[-1].last_day == date.max, run


def test_unions_do_not_overlap() -> None:
    """A country in two unions would be free of duty with both."""
    members = [country for union in UNIONS.values() for country in union]
    assert len(members) == len(set(members))
    assert len(UNIONS["European Union"]) == 27


def test_an_unknown_make_never_pays_less_than_a_known_one() -> None:
    """For every destination, on days across the table."""
    makes = ["CN", "MY", "US", "RU", "DE"]
    for destination in {rate.destination for rate in rates()}:
        for day in (date(2025, 1, 1), date(2025, 10, 1), date(2026, 3, 1), date(2027, 1, 1)):
            unknown = _cost(charge("", destination, "", day).charge)
            known = [_cost(charge("", destination, make, day).charge) for make in makes]
            assert unknown >= max(known), (destination, day)


def _cost(asked: Charge) -> float:
    return asked.duty_share + asked.vat_share * (1 + asked.duty_share)


def test_periods_are_those_of_the_horizon() -> None:
    """A quarter pays by the day on which its first day's trip arrives: one charge for each period."""
    asked = study([corridor("RU", "KZ", 4)], "2025-11")
    periods: list[Period] = asked.horizon.periods()
    (row,) = terms_of(asked, "RU-IRK", "KZ-55").pairs["RU-IRK", "KZ-55"]
    assert len(row) == len(periods)
    assert [each.vat_share for each in row] == [0.12, 0.12, 0.16]
