"""A fault inside a contract is told at its own line, as what it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from optimizer.errors import Problem

One = Callable[..., Problem]
FLAT = "  grid: {kind: flat, energy_usd_per_kwh: 52 RUB/MWh}\n"  # line 25
TIME_OF_USE = ["kind: time_of_use", "otherwise_usd_per_kwh: 0.03", "windows:"]
TIERED = ["kind: tiered", "tiers:", "  - {up_to_kwh: 1000, energy_usd_per_kwh: 0.03}"]
PPA = [
    "kind: ppa",
    "price_usd_per_kwh: 0.03",
    "volume_kw: 100",
    "take_or_pay_share: 1",
    "above_usd_per_kwh: 0.05",
]
HOURLY = ["kind: hourly", "file: p.csv", "time_column: t", "price_column: p", "unit: USD/MWh"]
PLAIN = ["kind: flat", "energy_usd_per_kwh: 0.03"]


@pytest.mark.parametrize(
    ("lines", "faulty", "where", "rule"),
    [
        (
            [
                *TIME_OF_USE,
                "  - {hours: 8-12, energy_usd_per_kwh: 1}",
                "  - {hours: 11-13, energy_usd_per_kwh: 1}",
            ],
            4,
            "windows[1]",
            "covers 11:00 on Monday of month 1 like windows[0]",
        ),
        (
            [TIME_OF_USE[0], TIME_OF_USE[2], "  - {hours: 0-23, energy_usd_per_kwh: 1}"],
            1,
            "windows",
            "has no price for 23:00",
        ),
        (
            [*TIERED, "  - {energy_usd_per_kwh: 0.02}"],
            3,
            "tiers[1].energy_usd_per_kwh",
            "cheaper than tiers[0]",
        ),
        ([*TIERED, "  - {energy_usd_per_kwh: abc}"], 3, "tiers[1].energy_usd_per_kwh", "start with a number"),
        (["kind: tiered", "tiers: []"], 1, "tiers", "is an empty list"),
        (
            ["kind: duration", "blocks:", "  - {share: 0.5, energy_usd_per_kwh: 0.03}"],
            1,
            "blocks",
            "add up to 0.5",
        ),
        ([*PPA, "shape_by_hour: [1, 1, 1]"], 5, "shape_by_hour", "has 3 of at least 24 entries"),
        ([*PPA, f"shape_by_month: {[1] * 13}"], 5, "shape_by_month", "has 13 entries, more than 12"),
        ([*PPA, f"shape_by_hour: {[1] * 23 + [2]}"], 5, "shape_by_hour[23]", "at most 1"),
        ([*PPA, "resale: index"], 5, "resale", "does not name"),
        ([*HOURLY, "time: local_start"], 5, "time", "without a timezone"),
        (
            [*HOURLY, "time: utc_start", "floor_usd_per_kwh: 0.02", "cap_usd_per_kwh: 0.01"],
            7,
            "cap_usd_per_kwh",
            "below the floor of 0.02",
        ),
        (
            [
                *PLAIN,
                "levy_by_price:",
                "  - {to_usd_per_kwh: 0.02, levy_usd_per_kwh: 1}",
                "  - {from_usd_per_kwh: 0.03, levy_usd_per_kwh: 1}",
            ],
            4,
            "levy_by_price[1].from_usd_per_kwh",
            "a hole",
        ),
        (
            [
                *PLAIN,
                "demand:",
                "  - usd_per_kw_month: 3",
                "    seasons:",
                "      - {months: [6], usd_per_kw_month: 1}",
                "      - {months: [6], usd_per_kw_month: 1}",
            ],
            6,
            "demand[0].seasons[1].months",
            "names month 6",
        ),
        (
            [*PLAIN, "response:", "  called_hours_per_month: 8", "  forced: true", "  max_kw: 5"],
            5,
            "response.max_kw",
            "whole site",
        ),
    ],
)
def test_the_line_of_the_fault(problem: One, lines: list[str], faulty: int, where: str, rule: str) -> None:
    """The tariff's head is line 25; `faulty` counts the lines under it from 0."""
    told = problem((FLAT, "  grid:\n" + "".join(f"    {line}\n" for line in lines)))
    assert told.line == 26 + faulty
    assert told.where == f"tariffs.grid.{where}"
    assert rule in told.rule
    assert told.remedy


def test_a_wrong_entry_does_not_empty_its_list(problem: One) -> None:
    """One profile that is none is told as that, and the list is not called empty."""
    told = problem(("resale_usd_per_ths: 2}", "resale_usd_per_ths: 2, profiles: [ecco]}"))
    assert told.where == "fleet[0].profiles[0]"
    assert "must be" in told.rule


def test_a_past_peak_of_the_first_month_is_not_past(problem: One) -> None:
    """The plan begins in December 2026 and draws its own peak then; November's is past."""
    ratchet = "{share: 0.8, look_back_months: 11, past_peaks: [{month: %s, peak_kw: 900}]}"
    demand = f"    demand: [{{usd_per_kw_month: 1, ratchet: {ratchet}}}]\n"
    text = f"  grid:\n    {PLAIN[0]}\n    {PLAIN[1]}\n{demand}"
    one_site = ("  - {id: texas, name: Texas, lat_deg: 31.85, lon_deg: -102.37, region: US-TX,\n"
                "     max_power_kw: 4000, pue: 1.05, tariff: grid}\n", "")  # fmt: skip
    told = problem((FLAT, text % "2026-12"), one_site)
    assert told.where == "tariffs.grid.demand[0].ratchet.past_peaks[0].month"
    assert "is not before the plan, which begins in 2026-12" in told.rule
