"""Overhead and derating by the weather, and which machines a site takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from geodata.climate import Climate, temperature_normals
from optimizer.prepare.cooling import ambient_by_hour, conditions, figures, fits, steady
from optimizer.sections.cooling import Cooling
from optimizer.tariffs.base import HoursInPeriod, PowerPrice, site_hours

JULY = ((date(2027, 7, 1), date(2027, 8, 1)),)
EXACT: dict[str, Any] = {"day_spread_c": 0.0}


def climate(mean_c: float, warm_c: float) -> Climate:
    """The same every month; July's is what the tests ask for."""
    return Climate((mean_c,) * 12, (warm_c,) * 12, 200.0, "Town", 5.0, 1.0, "made up", "low")


def july(timezone: str = "UTC") -> HoursInPeriod:
    return site_hours(JULY, timezone)


def hourly(hours: HoursInPeriod, per_hour: int = 1) -> PowerPrice:
    count = hours.calendar.is_hour.shape[0] * per_hour
    length = np.full((count, 1), 1.0 / per_hour)
    return replace(PowerPrice.plain(length, 0.05), intervals_per_hour=per_hour)


# --- temperature and overhead -----------------------------------------------------------------------------


def test_a_day_is_a_cosine_around_the_mean() -> None:
    """Mean 20, mean maximum 28: within 0.1 of 28 around 15:00 and of 12 around 3:00, and 20 on the whole.

    By UTC instead of the local clock of Irkutsk the warmest hour would be 7:00 local.
    """
    hours = july("Asia/Irkutsk")
    ambient = ambient_by_hour(climate(20, 28), hours)[:, 0]
    by_clock = {hour: ambient[hours.calendar.hour_of_day[:, 0] == hour][0] for hour in range(24)}
    assert by_clock[14] == by_clock[15] == max(by_clock.values()) == pytest.approx(28, abs=0.1)
    assert by_clock[2] == by_clock[3] == min(by_clock.values()) == pytest.approx(12, abs=0.1)
    assert ambient.mean() == pytest.approx(20)


def test_each_month_has_its_own_normals() -> None:
    """A quarter from July to September takes three months' figures, not the first one's."""
    hours = site_hours(((date(2027, 7, 1), date(2027, 10, 1)),), "UTC")
    normals = Climate(
        tuple(float(m) for m in range(12)), tuple(float(m) for m in range(12)), 0, "", 0, 1, "", ""
    )
    ambient = ambient_by_hour(normals, hours)[:, 0]
    assert (ambient[0], ambient[31 * 24], ambient[-1]) == pytest.approx((6.0, 7.0, 8.0))


def test_the_overhead_follows_the_curve_of_its_kind() -> None:
    """Free air draws 2 % at 0 C and 6 % at 35 C: 4 % at a steady 17.5 C; immersion 3 % below 20 C."""
    hours = july()
    for kind, expected in (("air", 1.04), ("immersion", 1.03)):
        found = conditions(Cooling(kind=kind), None, climate(17.5, 17.5), hours, hourly(hours))
        assert found.pue == pytest.approx(np.full((744, 1), expected))


def test_a_stated_overhead_wins_over_the_curve_but_not_over_the_heat() -> None:
    """A pue of 1.1 at a steady 38 C: 41 at the intake, still derated by a tenth."""
    hours = july()
    found = conditions(Cooling(kind="air", **EXACT), 1.1, climate(38, 38), hours, hourly(hours))
    assert (found.pue == 1.1).all()
    assert found.weight == pytest.approx(np.full((744, 1), 0.9))


def test_without_cooling_the_stated_overhead_holds() -> None:
    """No climate is asked for; and without both there is nothing to go by."""
    hours = july()
    found = conditions(None, 1.07, None, hours, hourly(hours))
    assert (found.pue == 1.07).all()
    assert (found.weight == 1.0).all()
    with pytest.raises(ValueError, match="pue"):
        steady(None, (1, 1))
    with pytest.raises(ValueError, match="climate"):
        conditions(Cooling(kind="air"), None, None, hours, hourly(hours))


def test_quarter_hours_take_the_figure_of_their_hour() -> None:
    """Row 4 i + k is hour i; tiled the other way round the first four rows would be four hours."""
    hours = july()
    once = conditions(Cooling(kind="air"), None, climate(20, 30), hours, hourly(hours)).pue
    found = conditions(Cooling(kind="air"), None, climate(20, 30), hours, hourly(hours, 4)).pue
    assert found.shape == (2976, 1)
    assert (found.reshape(744, 4) == once).all()


def test_prices_without_an_order_in_time_take_the_periods_mean() -> None:
    """Shares of hours at a price: every block has the mean overhead of the month."""
    hours = july()
    by_hour = conditions(Cooling(kind="air"), None, climate(20, 30), hours, hourly(hours)).pue
    shares = replace(PowerPrice.plain(np.full((3, 1), 248.0), 0.05), intervals_per_hour=0)
    found = conditions(Cooling(kind="air"), None, climate(20, 30), hours, shares)
    assert found.pue == pytest.approx(np.full((3, 1), by_hour.mean()))


# --- heat -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ambient_c", "left"), [(36.9, 1.0), (37.1, 0.9), (43.9, 0.9), (44.1, 0.0)])
def test_machines_slow_down_and_stop_by_the_heat_at_their_intake(ambient_c: float, left: float) -> None:
    """The hall adds 3 C: slower above 40 C at the intake, off above 47; by ambient it would be 40 and 47."""
    hours = july()
    found = conditions(
        Cooling(kind="air", **EXACT), None, climate(ambient_c, ambient_c), hours, hourly(hours)
    )
    assert found.weight == pytest.approx(np.full((744, 1), left))


def test_some_days_are_warmer_than_the_normal() -> None:
    """A normal exactly at the limit: half of the days are above it, a tenth is lost on those: 0.95.

    By the normal alone nothing is lost. 7 C further up, 2.33 spreads, one day in a hundred stops.
    """
    hours = july()
    found = conditions(Cooling(kind="air"), None, climate(37, 37), hours, hourly(hours))
    assert found.weight[0, 0] == pytest.approx(1 - 0.1 * 0.5 - 0.9 * 0.0098, abs=1e-4)


def test_a_site_that_stops_before_it_slows_is_stopped() -> None:
    """Stops at 35 C, while the bundled limit for slowing is 40: nothing is left at 36, not a tenth."""
    hours = july()
    cooling = Cooling(kind="air", shutdown_above_c=35, rise_c=0, **EXACT)
    found = conditions(cooling, None, climate(36, 36), hours, hourly(hours))
    assert (found.weight == 0.0).all()


def test_no_air_goes_through_machines_in_water_or_oil() -> None:
    """50 C outside: they run on."""
    hours = july()
    for kind in ("hydro", "immersion"):
        assert (
            conditions(Cooling(kind=kind), None, climate(50, 50), hours, hourly(hours)).weight == 1.0
        ).all()


def test_a_real_place_in_the_desert_loses_hashrate_in_july_and_a_cold_one_does_not() -> None:
    """Abu Dhabi against Irkutsk, by the bundled normals."""
    hours = july()
    left = [
        conditions(Cooling(kind="air"), None, temperature_normals(*place), hours, hourly(hours)).weight.mean()
        for place in ((24.45, 54.38), (52.29, 104.28))
    ]
    assert left[0] < 0.97
    assert left[1] > 0.999


# --- what fits --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("machine", "kind", "takes", "is_fit"),
    [
        ("air", "air", None, True),
        ("air", "evaporative", None, True),
        ("hydro", "air", None, False),
        ("air", "hydro", None, False),
        ("air", "immersion", None, False),
        ("air", "immersion", ("immersion", "air"), True),
        ("", "air", None, True),
        ("", "hydro", None, False),
    ],
)
def test_which_machines_a_site_takes(machine: str, kind: str, takes: Any, is_fit: bool) -> None:
    """By kind, or as the site says; a machine of unknown cooling is cooled by air."""
    found, why = fits(machine, None, Cooling(kind=kind, takes=takes), None)
    assert found is is_fit
    assert (why == "") is is_fit


def test_a_site_that_says_nothing_takes_any_machine() -> None:
    """No cooling, no height."""
    assert fits("hydro", 2000.0, None, None) == (True, "")


def test_thin_air_cools_less() -> None:
    """Addis Ababa at 2,355 m is above the 2,000 m of most machines; at 2,000 m they still stand."""
    fit, why = fits("air", 2000.0, None, 2355.0)
    assert not fit
    assert "2,355 m" in why
    assert fits("air", 2000.0, None, 2000.0) == (True, "")


# --- the section ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"kind": "hydro", "rise_c": 3}, "take in no air"),
        ({"kind": "air", "derate_above_c": 45, "shutdown_above_c": 40}, "slows machines down above 45 C"),
        ({"kind": "water"}, "kind"),
        ({"kind": "air", "takes": []}, "takes"),
        ({"kind": "air", "elevation_m": 9000}, "elevation_m"),
        ({"kind": "air", "derate_share": 10}, "derate_share"),
        ({"kind": "air", "pue": 1.1}, "pue"),
    ],
)
def test_what_a_section_refuses(given: dict[str, Any], told: str) -> None:
    """Each with the key it is about; `pue` stands at the site."""
    with pytest.raises(ValidationError, match=told):
        Cooling(**given)


def test_stated_figures_replace_bundled_ones_and_estimates_are_told() -> None:
    """Bundled: overhead, rise and spread are estimates; what the study states is not."""
    assert figures(Cooling(kind="air")).estimates == ("pue", "rise_c", "day_spread_c")
    own = figures(Cooling(kind="air", rise_c=1.5, day_spread_c=4))
    assert (own.rise_c, own.day_spread_c, own.derate_above_c) == (1.5, 4.0, 40.0)
    assert own.estimates == ("pue",)
