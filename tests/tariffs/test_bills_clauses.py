"""Bills worked by hand to the cent: one for each clause that a contract may carry."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import numpy as np
import pytest

from optimizer.tariffs.bill import CREDIT, TOTAL, VAT, bill, invoice
from tests.tariffs.contracts import contract, lines, months, quarter, steady

JANUARY = months("2027-01")  # 744 hours


def test_flat() -> None:
    """1 MW for 744 hours is 744,000 kWh: at 4 c 29,760; at 0.5 c 3,720; at 0.1 c 744; the meter 500."""
    text = """
    kind: flat
    energy_usd_per_kwh: 4 c/kWh
    delivery_usd_per_kwh: 5 USD/MWh
    levy_usd_per_kwh: 0.001
    standing_usd_per_month: 6 kUSD/year
    """
    made = lines(text, JANUARY, 1000.0)[0]
    expected = {"energy": 29_760.0, "delivery": 3_720.0, "levy": 744.0, "standing": 500.0, TOTAL: 34_724.0}
    assert {name: made[name] for name in expected} == expected


def test_time_of_use_with_a_holiday_in_the_month_of_the_clock_change() -> None:
    """March 2027 in Chicago has 743 hours and 23 workdays; Good Friday the 26th is none. 22 x 16 = 352 hours
    at 6 c and 391 at 3 c, 2 MW: 42,240 + 23,460. Without the holiday 66,660; without the clock 65,760."""
    text = """
    kind: time_of_use
    otherwise_usd_per_kwh: 3 c/kWh
    windows: [{hours: 7-23, days: weekdays, energy_usd_per_kwh: 6 c/kWh}]
    holidays: [2027-03-26]
    """
    made = lines(text, months("2027-03", timezone="America/Chicago"), 2000.0)[0]
    assert made["energy"] == 65_700.00


def test_demand_charge_with_a_ratchet() -> None:
    """8 USD per kW; 80 % of the highest summer peak of the 11 months before is billed at least.

    5,000 kW in August 2026 floor the bills to July 2027 at 4,000 kW: 32,000. July 2027 itself draws 6,000:
    48,000, and floors August 2027 to June 2028 at 4,800: 38,400. July 2028 is free of it: 2,000 kW, 16,000.
    A look-back one month short gives 16,000 in June 2028; one too long 38,400 in July 2028.
    """
    text = """
    kind: flat
    energy_usd_per_kwh: 0.04
    demand:
      - usd_per_kw_month: 8 USD/kW/month
        ratchet:
          {share: 0.8, look_back_months: 11, counting_months: [6, 7, 8, 9],
           past_peaks: [{month: 2026-08, peak_kw: 5 MW}, {month: 2026-12, peak_kw: 9 MW}]}
    """
    made = lines(text, months("2027-01", 19), *(2000.0 if m != 6 else 6000.0 for m in range(19)))
    assert made.loc["demand"].tolist() == [32_000.0] * 6 + [48_000.0] + [38_400.0] * 11 + [16_000.0]


def test_contracted_power_in_bands() -> None:
    """5 MW contracted, 80 % billed at least, 6 USD per kW; 3 more above it and 10 more above 7 MW.

    3 MW: 4,000 x 6 = 24,000. 6 MW: 36,000 + 1,000 x 3 = 39,000. 8 MW: 48,000 + 3,000 x 3 + 1,000 x 10 =
    67,000. Excess at the price of the last band alone would give 61,000.
    """
    text = """
    kind: flat
    energy_usd_per_kwh: 0.04
    demand:
      - name: capacity
        usd_per_kw_month: 6
        contracted_kw: 5 MW
        floor_share: 0.8
        excess_usd_per_kw_month: 3
        bands: [{above_kw: 7 MW, added_usd_per_kw_month: 10}]
    """
    made = lines(text, months("2027-01", 3), 3000.0, 6000.0, 8000.0)
    assert (made.loc["capacity"] + made.loc["capacity above 7,000 kW"]).tolist() == [24_000, 39_000, 67_000]
    assert made.loc["capacity above 7,000 kW"].tolist() == [0, 0, 10_000]


def test_a_seasonal_demand_charge_in_a_window() -> None:
    """4 USD in May, 12 in June, for draws from 13 to 19 on workdays: 1,500 kW there, whatever is drawn at
    night: 6,000 and 18,000. A window that did not count would bill the night's 5,000 kW."""
    text = """
    kind: flat
    energy_usd_per_kwh: 0.04
    demand:
      - usd_per_kw_month: 4
        seasons: [{months: [6, 7, 8, 9], usd_per_kw_month: 12}]
        windows: [{hours: 13-19, days: weekdays}]
    """
    price = contract(text).power_price(months("2027-05", 2))
    drawn = np.where(price.demand[0].in_window, 1500.0, 5000.0)
    assert bill(price, drawn).loc["demand"].tolist() == [6_000.00, 18_000.00]
    twice = bill(replace(price, demand=price.demand * 2), drawn)  # charges of one name are one line
    assert twice.loc["demand"].tolist() == [12_000.00, 36_000.00]
    assert price.demand[0].in_window[:, 1].sum() == 22 * 6  # June 2027 has 22 workdays


FOUR_PEAKS = """
kind: flat
energy_usd_per_kwh: 3 c/kWh
coincident_peaks:
  - {months: [6, 7, 8, 9], usd_per_kw_year: 60 USD/kW/year, window: {hours: 15-18, days: weekdays},
     caught_share: 0.1, avoidance: %s}
"""


def test_four_coincident_peaks_dodged_and_not() -> None:
    """60 USD a year are 15 for each of four peaks. June 2027 has 22 workdays: 66 candidate hours of 720.

    1 MW all month pays for the peak wherever it falls: 15,000. Off in the 66 hours it is caught once in ten
    years: 1,500, and buys 654,000 kWh for 19,620. May has no peak.
    """
    price = contract(FOUR_PEAKS % "choose").power_price(months("2027-05", 2))
    running = steady(price, 1000.0)
    dearer = price.peak_usd_per_kwh > price.peak_usd_per_kwh.max() / 2
    dodging = np.where(dearer, 0.0, running)
    assert int(dearer.sum()) == 66
    assert bill(price, running).loc["coincident peak"].tolist() == [0.0, 15_000.00]
    made = bill(price, dodging)[1]
    assert (made["coincident peak"], made["energy"], made[TOTAL]) == (1_500.00, 19_620.00, 21_120.00)


def test_four_coincident_peaks_without_a_choice() -> None:
    """always: off in the 66 hours, 1,500 left. never: each of the 720 hours carries 15 / 720, so that a
    machine off in 66 of them pays 15,000 x 654 / 720 = 13,625; as a choice it would pay 1,500."""
    always = contract(FOUR_PEAKS % "always").power_price(months("2027-06"))
    assert always.off_share.sum() == 66
    made = bill(always, steady(always, 1000.0) * (1 - always.off_share))[0]
    assert (made["coincident peak"], made["energy"]) == (1_500.00, 19_620.00)
    never = contract(FOUR_PEAKS % "never").power_price(months("2027-06"))
    assert never.off_share.sum() == 0
    drawn = steady(never, 1000.0) * (1 - always.off_share)
    assert bill(never, drawn).loc["coincident peak", 0] == 13_625.00
    assert bill(never, steady(never, 1000.0)).loc["coincident peak", 0] == 15_000.00


def test_twelve_coincident_peaks_in_the_dearest_hours() -> None:
    """5 USD per kW and peak, looked for in the 10 dearest hours: 1 MW pays 5,000 each month and 60,000 a
    year; off in the ten, 20 % of it: 1,000. The dearest hours are those of the evening window."""
    text = """
    kind: time_of_use
    otherwise_usd_per_kwh: 3 c/kWh
    windows: [{hours: 18-20, energy_usd_per_kwh: 9 c/kWh}]
    coincident_peaks:
      - {months: all, peak_usd_per_kw: 5 USD/kW, hours_per_month: 10, caught_share: 0.2}
    """
    price = contract(text).power_price(months("2027-01", 12))
    candidates = price.peak_usd_per_kwh > 0.1
    assert candidates.sum(axis=0).tolist() == [10] * 12
    assert (price.energy_usd_per_kwh[candidates] == 0.09).all()
    running = steady(price, 1000.0)
    assert bill(price, running).loc["coincident peak"].tolist() == [5_000.00] * 12
    assert bill(price, np.where(candidates, 0.0, running)).loc["coincident peak"].tolist() == [1_000.00] * 12


def test_interruptible_credit() -> None:
    """3 USD per kW and month to be ready, 8 hours of calls at 0.5 USD: 7 USD per kW. 800 kW enrolled, 500 at
    most: 3,500. Calls come from 16 to 20 h: 8 of 124 hours."""
    text = """
    kind: flat
    energy_usd_per_kwh: 4 c/kWh
    response:
      {credit_usd_per_kw_month: 3 USD/kW/month, called_hours_per_month: 8, windows: [{hours: 16-20}],
       call_usd_per_kwh: 500 USD/MWh, max_kw: 500 kW, notice_minutes: 10}
    """
    made = lines(text, JANUARY, 1000.0, enrolled_kw=800.0)[0]
    assert (made["energy"], made[CREDIT], made[TOTAL]) == (29_760.00, -3_500.00, 26_260.00)
    offer = contract(text).power_price(JANUARY).response
    assert offer is not None
    assert offer.call_share[16:20, 0] == pytest.approx(8 / 124)
    assert offer.call_share.sum() == pytest.approx(8)


def test_a_forced_interruption() -> None:
    """The same without a choice: 1 MW is off 8 of 744 hours, buys 736,000 kWh for 29,440 and gets 7,000 for
    it. Half the machines get half. A minimum bill of 30,000 counts what is charged: 560 more, whatever is
    paid beside it; net of the credit it would be 7,560."""
    text = """
    kind: flat
    energy_usd_per_kwh: 4 c/kWh
    response: {credit_usd_per_kw_month: 3, called_hours_per_month: 8, call_usd_per_kwh: 0.5, forced: true}
    """
    price = contract(text).power_price(JANUARY)
    drawn = steady(price, 1000.0) * (1 - price.off_share)
    made, half = bill(price, drawn)[0], bill(price, drawn / 2)[0]
    assert price.response is None
    assert (made["energy"], made["delivery"], made[CREDIT]) == (29_440.00, 0.0, -7_000.00)
    assert (half[CREDIT], made[TOTAL]) == (-3_500.00, 22_440.00)
    least = contract(f"minimum_bill_usd_per_month: 30000\n{dedent(text)}").power_price(JANUARY)
    assert bill(least, drawn).loc[["minimum bill", TOTAL], 0].tolist() == [560.00, 23_000.00]


def test_minimum_bill() -> None:
    """100 kW use 2,976 and pay 500 of a minimum of 20,000: 16,524 more. 1 MW is above it. With VAT of 12 %
    the minimum is 22,400, the energy 3,333.12 and the standing charge 560."""
    text = """{kind: flat, energy_usd_per_kwh: 0.04, standing_usd_per_month: 500,
              minimum_bill_usd_per_month: 20 kUSD/month%s}"""
    hours = months("2027-01", 2)
    made = lines(text % "", hours, 100.0, 1000.0)
    assert made.loc["minimum bill"].tolist() == [16_524.00, 0.0]
    assert made.loc[TOTAL, 0] == 20_000.00
    taxed = lines(text % ", vat: {unrecovered_share: 0.12}", hours, 100.0, 1000.0)
    assert taxed[0][["energy", "minimum bill", TOTAL]].tolist() == [3_333.12, 18_506.88, 22_400.00]


def test_kazakhstan_reading_one() -> None:
    """2 tenge on every kWh, at 525: 744,000 x 18 / 525 = 25,508.57 and 744,000 x 2 / 525 = 2,834.29."""
    text = "{kind: flat, energy_usd_per_kwh: 18 KZT/kWh, levy_usd_per_kwh: 2 KZT/kWh, currency: KZT}"
    made = lines(text, JANUARY, 1000.0)[0]
    assert made[["energy", "levy", TOTAL]].tolist() == [25_508.57, 2_834.29, 28_342.86]


KAZAKHSTAN_TWO = """
kind: time_of_use
otherwise_usd_per_kwh: 18 KZT/kWh
windows: [{hours: 8-20, energy_usd_per_kwh: 30 KZT/kWh}]
levy_top_up: {target_usd_per_kwh: 25 KZT/kWh, least_usd_per_kwh: 1 KZT/kWh}
currency: KZT
"""


def test_kazakhstan_reading_two() -> None:
    """max(1, 25 - price): 7 tenge on the 372 hours at 18, 1 on the 372 at 30. Energy 372,000 x 48 / 525 =
    34,011.43, levy 372,000 x 8 / 525 = 5,668.57. On the mean price of 24 it would be 1 everywhere."""
    made = lines(KAZAKHSTAN_TWO, JANUARY, 1000.0)[0]
    assert made[["energy", "levy"]].tolist() == [34_011.43, 5_668.57]


def test_the_levy_is_reckoned_in_the_currency_of_the_law() -> None:
    """At half the tenge's worth price and levy both halve: 17,005.71 and 2,834.29. A target held in dollars
    would find the energy too cheap and take 16 tenge more."""
    made = lines(KAZAKHSTAN_TWO, JANUARY, 1000.0, fx=np.array([0.5]))[0]
    assert made[["energy", "levy"]].tolist() == [17_005.71, 2_834.29]


def test_a_levy_by_price_bands() -> None:
    """Below 20 USD/MWh 10, from 20 to 40 5, above 1. 6 hours at 19, 12 at 20 and 6 at 40 a day, 31 days,
    1 MW: 186 x 10 + 372 x 5 + 186 x 1 = 3,906. An edge that belonged to the cheaper band would give 6,510."""
    text = """
    kind: time_of_use
    otherwise_usd_per_kwh: 20 USD/MWh
    windows:
      - {hours: 0-6, energy_usd_per_kwh: 19 USD/MWh}
      - {hours: 18-24, energy_usd_per_kwh: 40 USD/MWh}
    levy_by_price:
      - {to_usd_per_kwh: 20 USD/MWh, levy_usd_per_kwh: 10 USD/MWh}
      - {from_usd_per_kwh: 20 USD/MWh, to_usd_per_kwh: 40 USD/MWh, levy_usd_per_kwh: 5 USD/MWh}
      - {from_usd_per_kwh: 40 USD/MWh, levy_usd_per_kwh: 1 USD/MWh}
    """
    assert lines(text, JANUARY, 1000.0).loc["levy", 0] == 3_906.00


VALUE_ADDED = """
kind: flat
energy_usd_per_kwh: 0.04
levy_usd_per_kwh: 0.001
demand: [{usd_per_kw_month: 5}]
vat: {unrecovered_share: 0.2%s}
"""


def test_vat_on_everything_and_on_its_own_line() -> None:
    """29,760 + 744 + 5,000 = 35,504 before VAT; 20 % is 7,100.80; 42,604.80 in all."""
    tariff = contract(VALUE_ADDED % "")
    drawn = steady(tariff.power_price(JANUARY), 1000.0)
    made = invoice(tariff, JANUARY, drawn)[0]
    assert made[["energy", "levy", "demand", VAT, TOTAL]].tolist() == [
        29_760.00,
        744.00,
        5_000.00,
        7_100.80,
        42_604.80,
    ]
    assert bill(tariff.power_price(JANUARY), drawn)[0][["energy", "levy", TOTAL]].tolist() == [
        35_712.00,
        892.80,
        42_604.80,
    ]


def test_vat_on_energy_alone() -> None:
    """20 % of 29,760 is 5,952."""
    tariff = contract(VALUE_ADDED % ", applies_to: [energy]")
    drawn = steady(tariff.power_price(JANUARY), 1000.0)
    assert invoice(tariff, JANUARY, drawn).loc[VAT, 0] == 5_952.00


def test_dated_steps_in_ethiopia() -> None:
    """3.14 c, +30 % in December 2025, +24 % in July 2026, +28 % in July 2027. June 2027: 720,000 x 0.0314 x
    1.3 x 1.24 = 36,444.10. July: 744,000 x 0.0314 x 1.3 x 1.24 x 1.28 = 48,203.39."""
    text = """
    kind: flat
    energy_usd_per_kwh: 3.14 c/kWh
    steps:
      - {from: 2025-12, multiply: 1.30}
      - {from: 2026-07, multiply: 1.24}
      - {from: 2027-07, multiply: 1.28}
    """
    assert lines(text, months("2027-06", 2), 1000.0).loc["energy"].tolist() == [36_444.10, 48_203.39]


def test_a_dated_step_of_delivery_and_demand() -> None:
    """x 1.1 from February 2027 on delivery and demand: 3,720 and 5,000, then 672,000 x 0.0055 = 3,696 and
    5,500; energy stays at 4 c: 26,880."""
    text = """
    kind: flat
    energy_usd_per_kwh: 0.04
    delivery_usd_per_kwh: 0.005
    demand: [{usd_per_kw_month: 5}]
    steps: [{from: 2027-02, multiply: 1.1, applies_to: [delivery, demand]}]
    """
    made = lines(text, months("2027-01", 2), 1000.0)
    assert made.loc["delivery"].tolist() == [3_720.00, 3_696.00]
    assert made.loc["demand"].tolist() == [5_000.00, 5_500.00]
    assert made.loc["energy"].tolist() == [29_760.00, 26_880.00]


def test_escalator() -> None:
    """3 % each April from 2026 on: one rise by March 2027, 744,000 x 0.0515 = 38,316; two by April,
    720,000 x 0.053045 = 38,192.40. A rise on each January would give 38,192.40 a month early."""
    text = """
    kind: flat
    energy_usd_per_kwh: 0.05
    escalators: [{from: 2026-04, share_per_year: 0.03}]
    """
    assert lines(text, months("2027-03", 2), 1000.0).loc["energy"].tolist() == [38_316.00, 38_192.40]


def test_roubles_that_lose_worth() -> None:
    """4.1 RUB at 80 are 5.125 c; the rouble at 100 %, 90 % and 80 % of its worth: 38,130, 34,317 and
    672,000 x 0.041 = 27,552. 800 RUB per kW are 10 USD: 10,000, 9,000, 8,000."""
    text = """
    kind: flat
    energy_usd_per_kwh: 4.1 RUB/kWh
    demand: [{usd_per_kw_month: 800 RUB/kW/month}]
    currency: RUB
    """
    made = lines(text, months("2026-12", 3), 1000.0, fx=np.array([1.0, 0.9, 0.8]))
    assert made.loc["energy"].tolist() == [38_130.00, 34_317.00, 27_552.00]
    assert made.loc["demand"].tolist() == [10_000.00, 9_000.00, 8_000.00]


def test_a_quarter_pays_three_months_of_what_is_monthly() -> None:
    """January to March: meter 3 x 500, demand 1,000 kW x (5 + 5 + 7), minimum 3 x 100."""
    text = """
    kind: flat
    energy_usd_per_kwh: 0.04
    standing_usd_per_month: 500
    minimum_bill_usd_per_month: 100
    demand: [{usd_per_kw_month: 5, seasons: [{months: [3], usd_per_kw_month: 7}]}]
    """
    made = lines(text, quarter("2027-01"), 1000.0)[0]
    assert (made["standing"], made["demand"]) == (1_500.00, 17_000.00)
    assert contract(text).power_price(quarter("2027-01")).minimum_bill_usd.tolist() == [300.0]


def test_a_bill_refuses_a_draw_that_is_none() -> None:
    """A draw of another shape would be spread over hours that nobody meant."""
    price = contract("{kind: flat, energy_usd_per_kwh: 0.04}").power_price(JANUARY)
    with pytest.raises(ValueError, match=r"want \(744, 1\)"):
        bill(price, np.ones(744))
    with pytest.raises(ValueError, match="0 or more"):
        bill(price, -steady(price, 1.0))
