"""What clauses do beyond one bill: probabilities that add up, hours the law takes, and what they refuse."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.sections.horizon import month_number, month_start
from optimizer.tariffs import site_hours
from optimizer.tariffs.base import Floats, HoursInPeriod, PowerPrice, Tariff
from optimizer.tariffs.bill import bill
from tests.tariffs.contracts import contract, days, months, quarter, refused, steady

FLAT = "{kind: flat, energy_usd_per_kwh: 0.04, %s}"
SUMMER = months("2027-06", 2)  # June and July


def peak_usd(price: PowerPrice) -> list[float]:
    """What a kW that is drawn all the time is expected to pay for the peaks of each period."""
    return [float(usd) for usd in (price.peak_usd_per_kwh * price.hours).sum(axis=0)]


@settings(max_examples=25, deadline=None)
@given(
    start=st.integers(0, 23),
    length=st.integers(1, 23),
    caught=st.floats(0, 1),
    limit=st.sampled_from(["", ", days_per_month: 6", ", hours_per_month: 7.5", ", avoidance: never"]),
)
def test_a_kw_drawn_all_month_pays_for_the_peak(start: int, length: int, caught: float, limit: str) -> None:
    """However the candidates are chosen, the probabilities of a month's hours add up to one peak: 15 USD."""
    window = f"window: {{hours: {start}-{(start + length) % 24}}}"
    terms = f"{window}, caught_share: {caught:.6f}{limit}"
    text = FLAT % f"coincident_peaks: [{{months: [6], peak_usd_per_kw: 15, {terms}}}]"
    assert peak_usd(contract(text).power_price(SUMMER)) == pytest.approx([15.0, 0.0])


def test_peaks_in_hours_that_the_law_closes_cost_nothing() -> None:
    """June closed to the 15th: half of the chance falls there. Spread evenly, 15 USD become 7.50; a price
    made from the open hours alone would still ask 15."""
    text = FLAT % "coincident_peaks: [{months: [6], peak_usd_per_kw: 15, caught_share: 0, avoidance: never}]"
    closed = days(date(2027, 6, 1), date(2027, 6, 15))
    price = contract(text).power_price(months("2027-06", closed=closed))
    assert price.hours.sum() == 360
    assert peak_usd(price) == pytest.approx([7.5])


def test_the_dearest_days_are_watched() -> None:
    """Two days of a month: with dear Sundays, the first two of them, 6 and 13 June 2027."""
    text = """
    kind: time_of_use
    otherwise_usd_per_kwh: 0.03
    windows: [{hours: 0-24, days: [sun], energy_usd_per_kwh: 0.05}]
    coincident_peaks:
      - {months: [6], peak_usd_per_kw: 15, window: {hours: 15-18}, days_per_month: 2, caught_share: 0}
    """
    price = contract(text).power_price(months("2027-06"))
    hours = [24 * 5 + 15, 24 * 5 + 16, 24 * 5 + 17, 24 * 12 + 15, 24 * 12 + 16, 24 * 12 + 17]
    assert np.flatnonzero(price.peak_usd_per_kwh[:, 0]).tolist() == hours
    assert price.peak_usd_per_kwh[hours, 0] == pytest.approx(15 / 6)


def test_a_month_without_candidates_or_with_nothing_else() -> None:
    """No window in June: the whole charge stays on all hours. All hours candidates: none is left outside, so
    nothing is lost of the 15 either."""
    nowhere = "window: {hours: 15-18, months: [7]}"
    everywhere = "window: {hours: 0-24}"
    for window in (nowhere, everywhere):
        text = FLAT % (
            f"coincident_peaks: [{{months: [6], peak_usd_per_kw: 15, {window}, caught_share: 0.3}}]"
        )
        price = contract(text).power_price(months("2027-06"))
        assert price.peak_usd_per_kwh[:, 0] == pytest.approx(15 / 720)


def test_peaks_of_a_quarter_fall_in_its_months() -> None:
    """July to September have three peaks of 15; one for the quarter would be a third."""
    text = FLAT % (
        "coincident_peaks: [{months: [6, 7, 8, 9], usd_per_kw_year: 60, window: {hours: 15-18}, "
        "caught_share: 0.1}]"
    )
    price = contract(text).power_price(quarter("2027-07"))
    assert peak_usd(price) == pytest.approx([45.0])
    assert peak_usd(contract(text).power_price(quarter("2027-10"))) == [0.0]


def test_calls_in_the_dearest_hours() -> None:
    """2.5 hours: the first two hours at 9 c and half of the third."""
    text = """
    kind: time_of_use
    otherwise_usd_per_kwh: 0.03
    windows: [{hours: 18-20, energy_usd_per_kwh: 0.09}]
    response: {called_hours_per_month: 2.5, calls: dearest}
    """
    offer = contract(text).power_price(months("2027-01")).response
    assert offer is not None
    assert offer.call_share[[18, 19, 42, 43], 0].tolist() == [1.0, 1.0, 0.5, 0.0]
    assert offer.call_share.sum() == 2.5
    assert offer.max_kw.tolist() == [np.inf]


def test_calls_of_a_quarter() -> None:
    """8 hours a month are 24 in a quarter, and three months of credit."""
    text = (
        FLAT % "response: {called_hours_per_month: 8, credit_usd_per_kw_month: 3, windows: [{hours: 16-20}]}"
    )
    offer = contract(text).power_price(quarter("2027-01")).response
    assert offer is not None
    assert (offer.call_share.sum(), offer.credit_usd_per_kw[0]) == (pytest.approx(24), 9.0)


def test_what_is_off_by_two_clauses_is_off_once() -> None:
    """Off in the candidates for sure and a tenth of the time by calls: never more than the whole hour."""
    text = FLAT % (
        "response: {called_hours_per_month: 72, forced: true},"
        "coincident_peaks: [{months: [6], peak_usd_per_kw: 1, window: {hours: 15-18}, caught_share: 0, "
        "avoidance: always}]"
    )
    price = contract(text).power_price(months("2027-06"))
    assert price.off_share[15:19, 0] == pytest.approx([1.0, 1.0, 1.0, 0.1])


def test_a_past_peak_floors_quarters_and_a_quarter_floors_later_ones() -> None:
    """Look-back 5 months. 4,000 kW in November 2026 count to April: the quarters of January and April.
    A peak in the quarter of January counts from March on to August: April's and July's."""
    text = FLAT % (
        "demand: [{usd_per_kw_month: 1, ratchet: {share: 0.5, look_back_months: 5, "
        "past_peaks: [{month: 2026-11, peak_kw: 4000}]}}]"
    )
    first = month_number("2027-01")
    bounds = [(month_start(n), month_start(n + 3)) for n in range(first, first + 12, 3)]
    charge = contract(text).power_price(site_hours(bounds, "UTC")).demand[0]
    assert charge.floor_kw.tolist() == [2000, 2000, 0, 0]
    assert charge.ratchet_until.tolist() == [2, 3, 3, 3]


class QuarterHourly(Tariff):
    """Hours cut in four, each at the hour's own price."""

    kind: Literal["quarter_hourly"] = "quarter_hourly"
    intervals_per_hour: ClassVar[int] = 4

    def energy_blocks(self, hours: HoursInPeriod) -> tuple[Floats, Floats]:
        calendar = hours.calendar.each(4)
        return calendar.is_hour / 4, 0.03 + 0.001 * calendar.hour_of_day


class WholeHours(Tariff):
    kind: Literal["whole_hours"] = "whole_hours"

    def energy_blocks(self, hours: HoursInPeriod) -> tuple[Floats, Floats]:
        calendar = hours.calendar
        return calendar.is_hour / 1.0, 0.03 + 0.001 * calendar.hour_of_day


def test_hours_cut_in_four_make_the_same_bill() -> None:
    """Windows, dearest hours, levies, calls and days that the law takes, in rows of 15 minutes: a clause that
    read row numbers as hours would bill other hours."""
    terms = """
    levy_top_up: {target_usd_per_kwh: 0.045}
    demand: [{usd_per_kw_month: 5, windows: [{hours: 20-6, days: weekdays}]}]
    coincident_peaks: [{months: [6, 7], peak_usd_per_kw: 9, hours_per_month: 10, caught_share: 0.2}]
    response: {called_hours_per_month: 6, windows: [{hours: 18-22}]}
    """
    closed = days(date(2027, 6, 3), date(2027, 6, 20))
    hours = months("2027-06", 2, "America/Chicago", closed)
    whole, fine = (kind.model_validate(yaml.safe_load(terms)) for kind in (WholeHours, QuarterHourly))
    by_hour, by_quarter = whole.power_price(hours), fine.power_price(hours)
    drawn = np.arange(by_hour.hours.size).reshape(by_hour.hours.shape) % 977 * (by_hour.hours > 0.0)
    one = bill(by_hour, drawn, np.full(2, 100.0))
    other = bill(by_quarter, np.repeat(drawn, 4, axis=0), np.full(2, 100.0))
    assert by_quarter.hours.sum(axis=0).tolist() == [12 * 24, 31 * 24]
    np.testing.assert_allclose(one.to_numpy(), other.to_numpy(), atol=0.011)
    assert (one.loc[["levy", "demand", "coincident peak"]] > 0).all(axis=None)


class ByRow(QuarterHourly):
    """A price of its own in every row."""

    def energy_blocks(self, hours: HoursInPeriod) -> tuple[Floats, Floats]:
        lengths, _ = super().energy_blocks(hours)
        return lengths, np.arange(lengths.size, dtype=float).reshape(lengths.shape)


def test_the_law_takes_whole_hours_of_four_rows() -> None:
    """The first day closed, the second begins with rows 96, 97, 98: each keeps its own price."""
    closed = days(date(2027, 6, 1), date(2027, 6, 1))
    price = ByRow().power_price(months("2027-06", closed=closed))
    assert price.energy_usd_per_kwh[:6, 0].tolist() == [96, 97, 98, 99, 100, 101]
    assert price.hours.sum() == 29 * 24


PEAK = "coincident_peaks: [{months: [6], caught_share: 0.1, %s}]"


@pytest.mark.parametrize(
    ("terms", "where", "rule", "remedy"),
    [
        ("levy_by_price: [{from_usd_per_kwh: 0.01, levy_usd_per_kwh: 0}]", "levy_by_price.0.from_usd_per_kwh",
         "no levy for prices below 0.01", "leave out from_usd_per_kwh"),
        ("levy_by_price: [{to_usd_per_kwh: 0.05, levy_usd_per_kwh: 0}]", "levy_by_price.0.to_usd_per_kwh",
         "no levy for prices from 0.05 USD/kWh on", "leave out to_usd_per_kwh"),
        ("levy_by_price: [{to_usd_per_kwh: 0.02, levy_usd_per_kwh: 0.01}, "
         "{from_usd_per_kwh: 0.03, levy_usd_per_kwh: 0}]", "levy_by_price.1.from_usd_per_kwh",
         "a hole: band 1 ends at 0.02 USD/kWh, band 2 begins at 0.03", "begin where the one before ends"),
        ("levy_by_price: [{to_usd_per_kwh: 0.04, levy_usd_per_kwh: 0.01}, "
         "{from_usd_per_kwh: 0.03, levy_usd_per_kwh: 0}]", "levy_by_price.1.from_usd_per_kwh",
         "an overlap: band 1 ends at 0.04 USD/kWh, band 2 begins at 0.03", "begin where the one before ends"),
        ("levy_by_price: [{levy_usd_per_kwh: 0.01}, {levy_usd_per_kwh: 0}]", "levy_by_price.1",
         "no edge between band 1 and band 2", "give the one a to_"),
        ("levy_by_price: [{to_usd_per_kwh: 0.04, levy_usd_per_kwh: 1}, {from_usd_per_kwh: 0.04, "
         "to_usd_per_kwh: 0.02, levy_usd_per_kwh: 0}, {from_usd_per_kwh: 0.02, levy_usd_per_kwh: 0}]",
         "levy_by_price.1", "a band from 0.04 to 0.02", "from cheap to dear"),
        ("levy_usd_per_kwh: -0.01", "levy_usd_per_kwh", "greater than or equal to 0", ""),
        ("demand: [{usd_per_kw_month: 5, floor_share: 0.8}]", "demand.0.floor_share",
         "without contracted_kw", "give"),
        ("demand: [{usd_per_kw_month: 5, contracted_kw: 5 MW, floor_share: 80}]", "demand.0.floor_share",
         "less than or equal to 1", ""),
        ("demand: [{usd_per_kw_month: 5 USD/kW}]", "demand.0.usd_per_kw_month", "is not per", "USD/kW/month"),
        ("demand: [{usd_per_kw_month: 5, seasons: [{months: [6, 7], usd_per_kw_month: 6}, "
         "{months: [7], usd_per_kw_month: 7}]}]", "demand.0.seasons.1.months",
         "month 7, which an earlier season has", "one season at most"),
        ("demand: [{usd_per_kw_month: 5, ratchet: {share: 0.8, look_back_months: 0}}]",
         "demand.0.ratchet.look_back_months", "greater than or equal to 1", ""),
        ("demand: [{usd_per_kw_month: 5, windows: [{hours: 25-26}]}]", "demand.0.windows.0.hours",
         "is not a range of hours", "'18-22'"),
        (PEAK % "window: {hours: 15-18}", "coincident_peaks.0", "no price", "either"),
        (PEAK % "usd_per_kw_year: 60, peak_usd_per_kw: 15, window: {hours: 15-18}",
         "coincident_peaks.0.peak_usd_per_kw", "second price", "either"),
        ("coincident_peaks: [{months: [6, 6], usd_per_kw_year: 60, hours_per_month: 9, caught_share: 0}]",
         "coincident_peaks.0.months", "names 6 twice", "once"),
        (PEAK % "usd_per_kw_year: 60", "coincident_peaks.0", "no candidate hours", "avoidance: never"),
        (PEAK % "usd_per_kw_year: 60, hours_per_month: 9, window: {hours: 1-2}, days_per_month: 3",
         "coincident_peaks.0.hours_per_month", "days are limited too", "not both"),
        ("coincident_peaks: [{months: [6], usd_per_kw_year: 60, hours_per_month: 9}]",
         "coincident_peaks.0.caught_share", "required", ""),
        ("response: {called_hours_per_month: 8, forced: true, max_kw: 5 MW}", "response.max_kw",
         "takes the whole site", "remove max_kw"),
        ("response: {called_hours_per_month: 30, windows: [{hours: 17-18}]}",
         "response.called_hours_per_month", "more than the 28 hours", "widen the windows"),
        ("vat: {unrecovered_share: 12}", "vat.unrecovered_share", "less than or equal to 1", ""),
        ("vat: {unrecovered_share: 0.1, applies_to: []}", "vat.applies_to", "is empty", "name at least one"),
        ("steps: [{from: 2027-01, multiply: 1.1, applies_to: [energi]}]", "steps.0.applies_to.0",
         "'energy', 'delivery'", ""),
        ("escalators: [{from: '2027', share_per_year: 0.03}]", "escalators.0.from", "match pattern", ""),
        ("currency: rouble", "currency", "match pattern", ""),
        ("holidays: ['2027-02-30']", "holidays.0", "is not a day", "'12-25'"),
        ("holidays: [easter]", "holidays.0", "is not a day", "YYYY-MM-DD"),
        ("minimum_bill_usd_per_month: -1", "minimum_bill_usd_per_month", "greater than or equal to 0", ""),
        ("take_or_pay: 1", "take_or_pay", "not permitted", ""),
    ],
)  # fmt: skip
def test_refused(terms: str, where: str, rule: str, remedy: str) -> None:
    """Each fault alone is told at its own key, with what to write instead."""
    at, said, instead = refused(FLAT % terms)
    assert at == where
    assert rule in said
    assert remedy in instead


@pytest.mark.parametrize(
    "terms",
    [
        "demand: [{usd_per_kw_month: 5, windows: [{hours: 7-23}]}]",
        "coincident_peaks: [{months: [6], usd_per_kw_year: 60, hours_per_month: 9, caught_share: 0.1}]",
        "response: {called_hours_per_month: 8, windows: [{hours: 16-20}]}",
        "response: {called_hours_per_month: 8, calls: dearest}",
    ],
)
def test_a_curve_without_hours_has_no_clause_for_certain_hours(terms: str) -> None:
    """Nobody knows which hours of a duration curve lie between 7 and 23; a clause for all of them works."""
    curve = "{kind: duration, blocks: [{share: 1.0, energy_usd_per_kwh: 0.04}], %s}"
    assert "shares of hours that nobody can name" in refused(curve % terms)[1]
    text = curve % "demand: [{usd_per_kw_month: 5}], response: {called_hours_per_month: 7.44}"
    price = contract(text).power_price(months("2027-01"))
    assert bill(price, steady(price, 1000.0)).loc["demand", 0] == 5_000.0
    assert price.response is not None
    assert price.response.call_share.tolist() == [[pytest.approx(0.01)]]


def test_a_rate_of_exchange_must_be_above_nothing() -> None:
    """A rate of 0 would make power free."""
    with pytest.raises(ValueError, match="above 0"):
        contract(FLAT % "currency: RUB").power_price(SUMMER, np.array([1.0, 0.0]))
