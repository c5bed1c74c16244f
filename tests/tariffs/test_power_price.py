"""The one form of every contract: its checks, and what it says of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from optimizer.tariffs import PowerPrice
from optimizer.tariffs.base import DemandCharge, HostTerms, Response, VolumeSteps
from tests.tariffs.contracts import contract, days, months

HOURS = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 0.0]])  # (b, m): three hours, then two
ENERGY = np.array([[0.03, 0.04], [0.05, 0.04], [0.09, 7.0]])
PLAIN = PowerPrice.plain(HOURS, ENERGY, 0.01, 0.002)
NONE, NO_ROWS = np.zeros(2), np.zeros((0, 2))


def charge(**terms: Any) -> DemandCharge:
    quiet: dict[str, Any] = {
        "usd_per_kw": np.array([5.0, 5.0]),
        "in_window": np.ones((3, 2), dtype=bool),
        "floor_kw": NONE,
        "contracted_kw": np.full(2, np.inf),
        "excess_usd_per_kw": NONE,
        "ratchet_share": 0.0,
        "ratchet_until": np.full(2, -1),
    }
    return DemandCharge(**quiet | terms)


def offer(**terms: Any) -> Response:
    quiet: dict[str, Any] = {
        "credit_usd_per_kw": NONE,
        "call_share": np.zeros((3, 2)),
        "call_usd_per_kwh": np.zeros((3, 2)),
        "max_kw": np.full(2, np.inf),
    }
    return Response(**quiet | terms)


def steps(prices: list[list[float]]) -> VolumeSteps:
    widths = np.full((len(prices), 2), 100.0)
    widths[-1] = np.inf
    return VolumeSteps(widths, np.array(prices))


def test_the_total_is_nothing_where_there_are_no_hours() -> None:
    """3 + 1 + 0.2 c; the padded row has a price of 7 that must not show."""
    total = PLAIN.total_usd_per_kwh()
    assert total[0, 0] == pytest.approx(0.042)
    assert total[2, 1] == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"hours": np.ones(3)}, r"want \(b, m\)"),
        ({"energy_usd_per_kwh": np.zeros((3, 1))}, r"want \(b, m\)"),
        ({"energy_usd_per_kwh": np.full((3, 2), np.nan)}, "not finite"),
        ({"peak_usd_per_kwh": np.full((3, 2), np.inf)}, "not finite"),
        ({"hours": -HOURS}, "below 0"),
        ({"off_share": np.full((3, 2), 1.5)}, "share is above 1"),
        ({"standing_charge_usd": np.zeros(3)}, r"want \(m\)"),
        ({"minimum_bill_usd": np.array([0.0, -1.0])}, "below 0"),
        ({"cap_kw": np.full((3, 2), np.nan)}, "0 or more"),
        ({"cap_kw": np.zeros((2, 2))}, r"want \(b, m\)"),
        ({"supply_kw": np.zeros((3, 2))}, "go together"),
        ({"credit_usd_per_kwh": -np.ones((3, 2))}, "0 or more"),
        ({"supply_kw": np.ones((3, 2)), "supply_discount_usd_per_kwh": -np.ones((3, 2))}, "0 or more"),
        ({"demand": (charge(in_window=np.ones((2, 2), dtype=bool)),)}, r"want \(b, m\)"),
        ({"response": offer(call_share=NO_ROWS, call_usd_per_kwh=NO_ROWS)}, r"want \(b, m\)"),
        ({"response": offer(max_kw=np.ones(3))}, r"want \(m\)"),
        ({"volume": VolumeSteps(np.full((1, 3), np.inf), np.zeros((1, 3)))}, r"want \(t, m\)"),
    ],
)  # fmt: skip
def test_a_power_price_checks_itself(fields: dict[str, Any], said: str) -> None:
    """Whoever makes one is told at once: a wrong shape would be stretched over other hours."""
    with pytest.raises(ValueError, match=said):
        replace(PLAIN, **fields)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: steps([[0.05, 0.05], [0.04, 0.06]]), "must rise"),
        (lambda: steps([[np.nan, 0.05]]), "not finite"),
        (lambda: VolumeSteps(np.ones((2, 2)), np.ones((2, 2))), "endless"),
        (lambda: VolumeSteps(np.ones((2, 2)), np.ones((1, 2))), r"want \(t, m\)"),
        (lambda: charge(usd_per_kw=-np.ones(2)), "below 0"),
        (lambda: charge(ratchet_share=1.2), "0 to 1"),
        (lambda: charge(floor_kw=np.zeros(3)), r"want \(m\)"),
        (lambda: charge(contracted_kw=np.array([1.0, np.nan])), "0 or more"),
        (lambda: offer(call_share=np.full((3, 2), 2.0)), "above 1"),
        (lambda: offer(max_kw=-np.ones(2)), "0 or more"),
        (lambda: HostTerms(1.5, 0.0, 0.9, 0.0), "profit_share must be 0 to 1"),
        (lambda: HostTerms(0.5, 0.0, 0.9, np.inf), "not finite"),
        (lambda: HostTerms(0.5, 0.0, 0.9, np.array([0.01, -0.01])), "below 0"),
    ],
)
def test_its_parts_check_themselves(make: Any, said: str) -> None:
    """Falling steps would make the model fill the dear ones last and call it cheap."""
    with pytest.raises(ValueError, match=said):
        make()


def test_volume_is_charged_step_by_step() -> None:
    """250 kWh over steps of 100, 100 and the rest at 1, 2 and 5: 100 + 200 + 250; 50 kWh: 50."""
    made = steps([[1.0, 1.0], [2.0, 2.0], [5.0, 5.0]])
    assert made.charge_usd(np.array([250.0, 50.0])).tolist() == [550.0, 50.0]


def test_a_ratchet_reaches_as_far_as_it_says_and_not_further() -> None:
    """Half of 100 floors the next two bills: 100, 50, 50, 10."""
    four = {name: np.zeros(4) for name in ("floor_kw", "excess_usd_per_kw")}
    made = charge(
        **four,
        usd_per_kw=np.ones(4),
        in_window=np.ones((3, 4), dtype=bool),
        contracted_kw=np.full(4, np.inf),
        ratchet_share=0.5,
        ratchet_until=np.array([2, -1, -1, -1]),
    )
    assert made.billed_kw(np.array([100.0, 10.0, 10.0, 10.0])).tolist() == [100, 50, 50, 10]


@pytest.mark.parametrize(
    ("fields", "couples"),
    [
        ({}, False),
        ({"demand": (charge(),)}, False),
        ({"demand": (charge(in_window=np.array([[True, True], [True, True], [True, False]])),)}, False),
        ({"demand": (charge(in_window=np.array([[True, True], [False, True], [True, True]])),)}, True),
        ({"cap_kw": np.full((3, 2), np.inf)}, False),
        ({"cap_kw": np.full((3, 2), 900.0)}, True),
        ({"supply_kw": np.ones((3, 2)), "supply_discount_usd_per_kwh": np.zeros((3, 2))}, False),
        ({"supply_kw": np.ones((3, 2)), "supply_discount_usd_per_kwh": np.ones((3, 2))}, True),
        ({"volume": steps([[0.0, 0.0]])}, False),
        ({"volume": steps([[0.0, 0.0], [1.0, 1.0]])}, True),
        ({"volume": steps([[0.0, 0.0], [1.0, 1.0]]), "energy_usd_per_kwh": np.full((3, 2), 0.04)}, False),
    ],
)
def test_what_makes_an_hour_depend_on_other_machines(fields: dict[str, Any], couples: bool) -> None:
    """A clause that couples needs hours in blocks; one that does not keeps the exact sum. Padding counts for
    nothing."""
    assert replace(PLAIN, **fields).couples() == couples


def test_the_law_takes_rows_and_nothing_else() -> None:
    """Every array of the open hours is that of the whole months at the same hours."""
    text = """
    kind: time_of_use
    otherwise_usd_per_kwh: 0.03
    windows: [{hours: 18-22, days: weekdays, energy_usd_per_kwh: 0.06}]
    levy_top_up: {target_usd_per_kwh: 0.05}
    standing_usd_per_month: 70
    demand: [{usd_per_kw_month: 5, windows: [{hours: 7-23}]}]
    response: {called_hours_per_month: 6, windows: [{hours: 18-22}], call_usd_per_kwh: 1}
    """
    tariff = contract(text)
    whole = months("2027-01", 2, "Asia/Irkutsk")
    lawful = months("2027-01", 2, "Asia/Irkutsk", days(date(2027, 1, 10), date(2027, 1, 20)))
    all_hours, open_hours = tariff.power_price(whole), tariff.power_price(lawful)
    assert open_hours.hours.sum(axis=0).tolist() == [20 * 24, 28 * 24]
    kept = [np.isin(every, left) for every, left in zip(whole.start_utc, lawful.start_utc, strict=True)]
    for of in (
        lambda price: price.energy_usd_per_kwh,
        lambda price: price.levy_usd_per_kwh,
        lambda price: price.demand[0].in_window,
        lambda price: price.response.call_share,
        lambda price: price.response.call_usd_per_kwh,
    ):
        for m, chosen in enumerate(kept):
            expected = of(all_hours)[: len(chosen), m][chosen]
            assert of(open_hours)[: chosen.sum(), m].tolist() == expected.tolist()
    assert open_hours.standing_charge_usd.tolist() == [70, 70]


def test_a_duration_curve_shrinks_with_the_open_hours() -> None:
    """20 of 31 days are open: every block keeps its share of them."""
    curve = (
        "{kind: duration, blocks: [{share: 0.9, energy_usd_per_kwh: 1}, {share: 0.1, energy_usd_per_kwh: 2}]}"
    )
    closed = days(date(2027, 1, 10), date(2027, 1, 20))
    price = contract(curve).power_price(months("2027-01", closed=closed))
    assert price.hours[:, 0] == pytest.approx([432.0, 48.0])
    assert price.intervals_per_hour == 0


def test_sites_of_one_clock_share_the_arrays_that_nobody_may_change() -> None:
    """The same tariff on the same clock is priced once; another rate of exchange is another price."""
    window = "windows: [{hours: 1-2, energy_usd_per_kwh: 0.08}]"
    text = f"{{kind: time_of_use, otherwise_usd_per_kwh: 0.04, {window}, currency: RUB}}"
    first, again = (
        contract(text).power_price(months("2027-01")),
        contract(text).power_price(months("2027-01")),
    )
    assert first is again
    cheaper = contract(text).power_price(months("2027-01"), np.array([0.5]))
    assert cheaper.energy_usd_per_kwh[0, 0] == 0.02
    with pytest.raises(ValueError, match="read-only"):
        first.hours[0, 0] = 0.0
