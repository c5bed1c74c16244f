"""What a machine earns in a period: by hand, and against a plain loop over the intervals."""

from __future__ import annotations

from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.prepare.breakevens import breakeven_table, breakevens
from optimizer.prepare.cooling import Conditions
from optimizer.prepare.hour_blocks import blocks_of
from optimizer.prepare.machine_hours import (
    Earnings,
    MachineMonths,
    best_by_the_hour,
    cost_usd_per_wall_kwh,
    earnings,
    machine_blocks,
    machine_months,
)
from optimizer.sections.sites import Site
from optimizer.tariffs.base import DemandCharge, HostTerms, PowerPrice, Response, VolumeSteps
from optimizer.tariffs.frictions import Frictions

SITE = Site(id="home", name="Home", lat_deg=50.0, lon_deg=80.0, max_power_kw=1e6, pue=1.0, tariff="any")
MONEY = tuple(each.name for each in fields(MachineMonths))


def one_machine(usd_per_hour: float = 0.5, kw: float = 5.0, months: int = 1, **terms: Any) -> Earnings:
    """A machine of 240 TH/s: what it earns in an hour, 10 TH/s-days, is 10 hashprices."""
    hashprice = np.full(months, usd_per_hour / 10)
    given_terms = {"pool_fee_share": 0.0, **terms}
    return earnings(
        np.array([[240.0]]), np.array([[kw]]), np.ones((1, months)), hashprice, hashprice / 6e4, **given_terms
    )


def prices(*energy: float, **parts: Any) -> PowerPrice:
    """One period of single hours."""
    column = np.array(energy)[:, None]
    return PowerPrice.plain(np.ones_like(column), column, **parts)


def only(amounts: np.ndarray) -> float:
    assert amounts.shape == (1, 1, 1)
    return float(amounts[0, 0, 0])


# --- by hand ----------------------------------------------------------------------------------------------


def test_a_machine_by_hand() -> None:
    """0.50 USD an hour on 5 kW is 10 c/kWh, after 2 % for the pool and 3 % for the firmware 9.5 c.

    Hours at 4, 8 and 9 c energy with 1 c delivery: 5 and 9 c pay, 10 c does not (it would without the fees
    counted in the decision: 3 hours). Two hours: 1.00 revenue, 0.02 pool, 0.03 firmware, 0.60 energy, 0.10
    delivery, 10 kWh; 0.25 is left.
    """
    found = machine_months(
        SITE,
        prices(0.04, 0.08, 0.09, delivery_usd_per_kwh=0.01),
        one_machine(pool_fee_share=0.02, firmware_share=np.array([[0.03]])),
    )
    told = {"run_hours": 2.0, "revenue_usd": 1.0, "pool_fee_usd": 0.02, "firmware_usd": 0.03}
    told |= {"energy_usd": 0.6, "delivery_usd": 0.1, "energy_kwh": 10.0, "margin_usd": 0.25}
    assert {name: only(getattr(found, name)) for name in told} == pytest.approx(told)


def test_overhead_heat_and_interruption_by_hand() -> None:
    """Hours at 8 c with overhead 1.2 and 1.3: 9.6 and 10.4 c at the wall against 10 c: the first runs alone.

    It is half weight in the heat and a quarter switched off: 0.375 hours, 0.375 x 5 x 1.2 = 2.25 kWh, 0.18
    USD. With the mean overhead both would run.
    """
    around = Conditions(np.array([[1.2], [1.3]]), np.array([[0.5], [1.0]]))
    price = replace(prices(0.08, 0.08), off_share=np.array([[0.25], [0.0]]))
    found = machine_months(SITE, price, one_machine(), around)
    told = {"run_hours": 0.375, "energy_kwh": 2.25, "energy_usd": 0.18, "revenue_usd": 0.1875}
    assert {name: only(getattr(found, name)) for name in told} == pytest.approx(told)


def test_heat_that_stops_every_machine_stops_it_in_cheap_hours_too() -> None:
    """Weight 0 in an hour whose power is given away: nothing runs, nothing is paid."""
    found = machine_months(SITE, prices(-0.05), one_machine(), Conditions(np.ones((1, 1)), np.zeros((1, 1))))
    assert all(only(getattr(found, name)) == 0.0 for name in MONEY)


def test_response_by_hand() -> None:
    """Four hours at 2 c, one of them half called at 30 c/kWh, 3 USD/kW for the month.

    Enrolled 5 kW: 15.00; called 0.5 h x 5 kW x 0.30 = 0.75. Runs 3.5 hours: 1.75 revenue, 0.35 energy. The
    host keeps a fifth: 12.60. Crediting the called kWh on what is drawn instead gives 0.75 less half.
    """
    offer = Response(
        np.array([3.0]), np.array([[0.0], [0.5], [0.0], [0.0]]), np.full((4, 1), 0.3), np.array([np.inf])
    )
    price = replace(prices(0.02, 0.02, 0.02, 0.02), response=offer, hosting=HostTerms(0.0, 0.2, 0.0, 0.0))
    found = machine_months(SITE, price, one_machine(), response=offer)
    told = {"run_hours": 3.5, "credit_usd": 12.6, "revenue_usd": 1.75, "energy_usd": 0.35}
    assert {name: only(getattr(found, name)) for name in told} == pytest.approx(told)
    plain = machine_months(SITE, price, one_machine())
    assert (only(plain.credit_usd), only(plain.run_hours)) == (0.0, 4.0)


def test_a_machine_that_runs_half_the_hours_has_enrolled_half_its_power() -> None:
    """Two of four hours pay: 3 USD/kW on 2.5 kW, not on 5."""
    offer = Response(np.array([3.0]), np.zeros((4, 1)), np.zeros((4, 1)), np.array([np.inf]))
    found = machine_months(SITE, prices(0.02, 0.02, 0.5, 0.5), one_machine(), response=offer)
    assert only(found.credit_usd) == pytest.approx(7.5)


def test_a_hosts_share_and_credit_by_hand() -> None:
    """10 c earned, 4 c power, 1 c fee, 1 c own cost: 4 c left, of which the host takes a quarter: 1 c.

    Available 90 % of a promised 95 %: of 10 h x 5 kW, 2.5 kWh are promised and not delivered, at 2 c 0.05.
    Hosting 0.1 x 45 kWh x (1 + 1 c) = 0.90. A share of the gross margin (6 c) would be 1.125.
    """
    site = SITE.model_copy(
        update={"availability_share": 0.9, "hosting_fee_usd_per_kwh": 0.01, "opex_usd_per_kwh": 0.01}
    )
    price = replace(prices(*[0.04] * 10), hosting=HostTerms(0.25, 0.0, 0.95, 0.02))
    found = machine_months(site, price, one_machine())
    told = {"energy_kwh": 45.0, "hosting_usd": 0.9, "site_opex_usd": 0.45, "credit_usd": 0.05}
    assert {name: only(getattr(found, name)) for name in told} == pytest.approx(told)


def test_a_share_of_the_profit_does_not_change_which_hours_pay() -> None:
    """The host takes all of it: the same two hours, and nothing is left."""
    plain = machine_months(SITE, prices(0.02, 0.05, 0.2), one_machine())
    price = replace(prices(0.02, 0.05, 0.2), hosting=HostTerms(1.0, 0.0, 0.0, 0.0))
    found = machine_months(SITE, price, one_machine())
    assert only(found.run_hours) == only(plain.run_hours) == 2.0
    assert only(found.margin_usd) == pytest.approx(0.0, abs=1e-15)


def test_restarts_by_hand() -> None:
    """Off in hours 2 and 4 of five: started in 3 and 5, each a quarter hour of 0.50 less 2 %: 0.245 in all.

    By hours that run (3) it would be 0.3675. A host that takes 40 % of the profit bears 40 % of it; without
    an order in time nothing is known of starts.
    """
    price, earns = prices(0.02, 0.5, 0.02, 0.5, 0.02), one_machine(pool_fee_share=0.02)
    terms = Frictions(restart_minutes=15)
    found = machine_months(SITE, price, earns, frictions=terms)
    ideal = machine_months(SITE, price, earns)
    assert only(found.friction_usd) == pytest.approx(0.245)
    assert only(found.margin_usd) == pytest.approx(only(ideal.margin_usd) - 0.245)
    hosted = replace(price, hosting=HostTerms(0.4, 0.0, 0.0, 0.0))
    assert only(machine_months(SITE, hosted, earns, frictions=terms).friction_usd) == pytest.approx(0.147)
    shares = replace(price, intervals_per_hour=0)
    assert only(machine_months(SITE, shares, earns, frictions=terms).friction_usd) == 0.0


def test_charges_of_a_site_may_differ_by_the_month() -> None:
    """A fee of 1 c, then of 9 c: with power at 2 c the second month's hour costs 11 c and does not pay."""
    site = SimpleNamespace(
        hosting_fee_usd_per_kwh=np.array([0.01, 0.09]),
        opex_usd_per_kwh=np.zeros(2),
        availability_share=1.0,
        pue=1.0,
    )
    price = PowerPrice.plain(np.ones((1, 2)), np.full((1, 2), 0.02))
    found = machine_months(site, price, one_machine(months=2))
    assert found.run_hours[0, 0].tolist() == [1.0, 0.0]
    assert found.hosting_usd[0, 0].tolist() == pytest.approx([0.05, 0.0])


def test_uptime_may_change_by_the_month() -> None:
    """A machine that hashes 90 %, then 80 % of its hours: revenue follows, power does not."""
    hashprice = np.array([0.05, 0.05])
    earns = earnings(
        np.array([[240.0]]), np.array([[5.0]]), np.array([[0.9, 0.8]]), hashprice, hashprice, 0.0
    )
    price = PowerPrice.plain(np.ones((1, 2)), np.full((1, 2), 0.02))
    found = machine_months(SITE, price, earns)
    assert found.revenue_usd[0, 0].tolist() == pytest.approx([0.45, 0.40])
    assert found.energy_kwh[0, 0].tolist() == [5.0, 5.0]


# --- against a plain loop ---------------------------------------------------------------------------------


def random_case(seed: int) -> tuple[Site, PowerPrice, Earnings, Conditions, Response]:
    """Everything at once: three lots, two settings of which one lot lacks one, two months, quarter hours."""
    draw = np.random.default_rng(seed)
    shape = (int(draw.integers(1, 30)), 2)
    hours = np.where(draw.random(shape) < 0.9, 0.25, 0.0)
    hours[:1] = 0.25
    price = PowerPrice(
        intervals_per_hour=4,
        hours=hours,
        energy_usd_per_kwh=draw.normal(0.05, 0.05, shape).round(2),
        delivery_usd_per_kwh=draw.uniform(0, 0.02, shape).round(2),
        levy_usd_per_kwh=draw.uniform(0, 0.02, shape),
        peak_usd_per_kwh=np.where(draw.random(shape) < 0.1, 0.5, 0.0),
        off_share=np.where(draw.random(shape) < 0.2, draw.choice([0.3, 1.0]), 0.0),
        standing_charge_usd=np.zeros(2),
        minimum_bill_usd=np.zeros(2),
        hosting=HostTerms(0.3, 0.4, 0.97, 0.01),
    )
    site = SITE.model_copy(
        update={"availability_share": 0.95, "hosting_fee_usd_per_kwh": 0.003, "opex_usd_per_kwh": 0.002}
    )
    ths, kw = draw.uniform(100, 300, (3, 2)), draw.uniform(2, 6, (3, 2))
    ths[1, 1] = kw[1, 1] = 0.0
    hashprice = draw.uniform(0.03, 0.08, 2)
    uptime, firmware = draw.uniform(0.8, 1, (3, 2)), draw.uniform(0, 0.03, (3, 2))
    earns = earnings(ths, kw, uptime, hashprice, hashprice / 6e4, 0.02, firmware)
    around = Conditions(draw.uniform(1, 1.3, shape), draw.choice([0.0, 0.9, 1.0], shape, p=[0.1, 0.3, 0.6]))
    called = np.where(draw.random(shape) < 0.2, draw.uniform(0, 1, shape), 0.0)
    offer = Response(np.array([2.0, 3.0]), called, np.full(shape, 0.2), np.full(2, np.inf))
    return site, price, earns, around, offer


def by_loop(
    site: Site, price: PowerPrice, earns: Earnings, around: Conditions, offer: Response | None, cell: Any
) -> dict[str, float]:
    """One machine in one period, every interval asked by itself."""
    lot, profile, m = cell
    sums = dict.fromkeys(MONEY, 0.0)
    kw, host = earns.power_kw[lot, profile], price.hosting
    assert host is not None
    if kw == 0:
        return sums
    earned, coins = earns.revenue_usd_per_hour[cell], earns.btc_per_hour[cell]
    fee_share = earns.pool_fee_share + earns.firmware_share[lot, profile]
    for b in range(len(price.hours)):
        parts = [
            getattr(price, f"{part}_usd_per_kwh")[b, m] for part in ("energy", "delivery", "levy", "peak")
        ]
        all_in = sum(parts) + site.hosting_fee_usd_per_kwh + site.opex_usd_per_kwh
        meter_kw = kw * around.pue[b, m]
        profit = earned * (1 - fee_share) - meter_kw * all_in
        wanted = price.hours[b, m] * around.weight[b, m] * (1 - price.off_share[b, m])
        if profit <= 0 or wanted == 0:
            continue
        called = 0.0 if offer is None else offer.call_share[b, m]
        ran = wanted * (1 - called) * site.availability_share
        kwh = ran * meter_kw
        sums["run_hours"] += ran
        sums["revenue_usd"] += ran * earned
        sums["pool_fee_usd"] += ran * earned * earns.pool_fee_share
        sums["firmware_usd"] += ran * earned * earns.firmware_share[lot, profile]
        sums["mined_btc"] += ran * coins
        sums["energy_kwh"] += kwh
        for part, usd_per_kwh in zip(("energy", "delivery", "levy", "peak"), parts, strict=True):
            sums[f"{part}_usd"] += kwh * usd_per_kwh
        sums["hosting_usd"] += kwh * site.hosting_fee_usd_per_kwh + host.profit_share * ran * profit
        sums["site_opex_usd"] += kwh * site.opex_usd_per_kwh
        missing = host.guaranteed_share - site.availability_share
        sums["credit_usd"] += wanted * (1 - called) * meter_kw * missing * host.uptime_credit_usd_per_kwh
        if offer is not None:
            ready_kwh = wanted * site.availability_share * meter_kw
            ready_kw = ready_kwh / price.hours[:, m].sum()
            paid = ready_kw * offer.credit_usd_per_kw[m] + ready_kwh * called * offer.call_usd_per_kwh[b, m]
            sums["credit_usd"] += paid * (1 - host.credit_share)
    return sums


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31), st.booleans())
def test_every_amount_equals_a_plain_loop(seed: int, is_offered: bool) -> None:
    """All amounts of every machine, profile and month to 1e-12, with everything a contract can do at once."""
    site, price, earns, around, response = random_case(seed)
    offer = response if is_offered else None
    found = machine_months(site, price, earns, around, offer)
    for cell in np.ndindex(earns.revenue_usd_per_hour.shape):
        loop = by_loop(site, price, earns, around, offer, cell)
        assert {name: getattr(found, name)[cell] for name in MONEY} == pytest.approx(
            loop, abs=1e-12, rel=1e-12
        )


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31))
def test_curtailing_never_loses_to_running_flat_out(seed: int) -> None:
    """The margin is at least that of every interval run, and at least nothing."""
    site, price, earns, around, _ = random_case(seed)
    free = replace(price, hosting=None)
    curtailed = machine_months(site, free, earns, around).margin_usd
    whole = blocks_of(price, around, np.where(price.hours > 0, 0, -1))
    flat_out = machine_blocks(site, free, earns, whole, around).margin_usd[:, :, 0]
    assert (curtailed >= flat_out - 1e-12).all()
    assert (curtailed >= -1e-12).all()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31))
def test_twice_the_money_is_twice_the_value(seed: int) -> None:
    """Every price and the hashprice doubled: the same hours, twice the margin."""
    site, price, earns, around, _ = random_case(seed)
    names = [f"{part}_usd_per_kwh" for part in ("energy", "delivery", "levy", "peak")]
    dear = replace(price, hosting=None, **{name: 2 * getattr(price, name) for name in names})
    twice = SITE.model_copy(
        update={"availability_share": 0.95, "hosting_fee_usd_per_kwh": 0.006, "opex_usd_per_kwh": 0.004}
    )
    rich = replace(earns, revenue_usd_per_hour=2 * earns.revenue_usd_per_hour)
    once = machine_months(site, replace(price, hosting=None), earns, around)
    found = machine_months(twice, dear, rich, around)
    assert (found.run_hours == once.run_hours).all()
    assert found.margin_usd == pytest.approx(2 * once.margin_usd, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31))
def test_blocks_of_single_intervals_add_up_to_the_hours_that_pay(seed: int) -> None:
    """A machine in service in exactly the intervals whose margin is positive is the closed form."""
    site, price, earns, around, offer = random_case(seed)
    count = len(price.hours)
    running = np.isfinite(cost_usd_per_wall_kwh(site, price, around))
    single = blocks_of(price, around, np.where(running, np.arange(count)[:, None], -1))
    each = machine_blocks(site, price, earns, single, around, offer)
    closed = machine_months(site, price, earns, around, offer)
    pays = (
        np.stack([cost_usd_per_wall_kwh(site, price, around)] * 3)[:, None] < earns.per_wall_kwh()[:, :, None]
    )
    for name in MONEY:
        total = (getattr(each, name) * pays[:, :, : single.count]).sum(axis=2)
        assert total == pytest.approx(getattr(closed, name), abs=1e-12), name


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**31), st.booleans())
def test_the_best_by_the_hour_is_the_best_of_each_interval(seed: int, offered: bool) -> None:
    """Two settings asked in every interval: whichever leaves more, if any does; amounts of what ran.

    A single setting for the month leaves less; a lot that lacks one, or runs in one alone, has no such mode.
    """
    site, price, earns, around, offer = random_case(seed)
    found, power_kw = best_by_the_hour(site, price, earns, around, offer if offered else None)
    alone = [by_choice(site, price, earns, around, offer if offered else None, lot) for lot in range(3)]
    for lot, m in np.ndindex(3, 2):
        sums, used = alone[lot][m]
        if len(used) < 2:
            assert all(getattr(found, name)[lot, 0, m] == 0 for name in MONEY)
            continue
        assert power_kw[lot, 0, m] == earns.power_kw[lot].max()
        for name in MONEY:
            assert getattr(found, name)[lot, 0, m] == pytest.approx(sums[name], rel=1e-9, abs=1e-9), name


def by_choice(
    site: Site, price: PowerPrice, earns: Earnings, around: Conditions, offer: Response | None, lot: int
) -> list[tuple[dict[str, float], set[int]]]:
    """Of each period: sums over intervals one by one, each in its best setting, and the settings used."""
    cost, left = cost_usd_per_wall_kwh(site, price, around), earns.after_fees_usd_per_hour()
    found = []
    for m in range(2):
        sums, used = dict.fromkeys(MONEY, 0.0), set()
        for b in np.flatnonzero(np.isfinite(cost[:, m])):
            profit = left[lot, :, m] - earns.power_kw[lot] * cost[b, m]
            best = int(np.where(earns.power_kw[lot] > 0, profit, -np.inf).argmax())
            if profit[best] <= 0:
                continue
            used.add(best)
            one = only_interval(price, b, m)
            each = by_loop(site, one, earns, around, offer, (lot, best, m))
            each["run_hours"] *= earns.btc_per_hour[lot, best, m] / earns.btc_per_hour[lot, :, m].max()
            if offer is not None:  # the credit is spread over the whole month
                whole, part = price.hours[:, m].sum(), one.hours[:, m].sum()
                enrolled = (
                    offer.credit_usd_per_kw[m]
                    * (1.0 / whole - 1.0 / part)
                    * each_enrolled_kwh(site, one, earns, around, (lot, best, m))
                )
                each["credit_usd"] += enrolled * (1.0 - price.hosting.credit_share)
            sums = {name: total + each[name] for name, total in sums.items()}
        found.append((sums, used))
    return found


def only_interval(price: PowerPrice, b: int, m: int) -> PowerPrice:
    hours = np.zeros_like(price.hours)
    hours[b, m] = price.hours[b, m]
    return replace(price, hours=hours)


def each_enrolled_kwh(site: Site, one: PowerPrice, earns: Earnings, around: Conditions, cell: Any) -> float:
    lot, profile, m = cell
    wanted = one.hours[:, m] * around.weight[:, m] * (1 - one.off_share[:, m]) * around.pue[:, m]
    return float(wanted.sum() * earns.power_kw[lot, profile] * site.availability_share)


def test_three_settings_by_hand() -> None:
    """2, 3 and 4 kW that earn 20, 26 and 30 c an hour: 4 kW below 4 c, 3 below 6 c, 2 below 10 c.

    Never best: 3 kW that earn 25.5 c, or 26 c once more, and 5 kW for 30 c. Hours at 3, 5, 8 and 11 c.
    """
    kw, cents = np.array([[2.0, 3, 4, 3, 5, 3]]), np.array([20.0, 26, 30, 25.5, 30, 26])
    hashprice = np.array([0.01])
    earns = earnings(24 * cents[None], kw, np.ones((1, 1)), hashprice, hashprice, 0.0)
    found, power_kw = best_by_the_hour(SITE, prices(0.03, 0.05, 0.08, 0.11), earns)
    assert only(found.margin_usd) == pytest.approx((0.30 - 0.12) + (0.26 - 0.15) + (0.20 - 0.16))
    assert only(found.energy_kwh) == pytest.approx(4 + 3 + 2)
    assert only(found.run_hours) == pytest.approx((30 + 26 + 20) / 30)
    assert only(power_kw) == 4.0


def test_switching_between_settings_costs_the_step_alone() -> None:
    """4 and 2 kW; hours at 2, 8, 2 c: the second is 2 kW's. Starting the other 2 kW again takes 15 minutes.

    The step earns 10 c an hour: 2.5 c are lost. As if the whole machine had stopped it would be 7.5 c.
    """
    hashprice = np.array([0.01])
    earns = earnings(
        24 * np.array([[20.0, 30.0]]), np.array([[2.0, 4.0]]), np.ones((1, 1)), hashprice, hashprice, 0.0
    )
    found, _ = best_by_the_hour(
        SITE, prices(0.02, 0.08, 0.02), earns, frictions=Frictions(restart_minutes=15)
    )
    assert only(found.friction_usd) == pytest.approx(0.025)


def test_frictions_never_cost_more_than_running_through() -> None:
    """Hours at 2 and 11 c in turn against 10 c, decided on the last price: all wrong, 4 x 8 c of profit lost
    and 4 x 1 c paid. Running through leaves 28 c a kW, so that 4 c a kW are lost at most, not 36."""
    earns = one_machine()
    found = machine_months(SITE, prices(*[0.02, 0.11] * 4), earns, frictions=Frictions(decides_on="last"))
    assert only(found.friction_usd) == pytest.approx(5 * 0.04)
    dear = machine_months(SITE, prices(*[0.09, 0.5] * 4), earns, frictions=Frictions(decides_on="last"))
    assert only(dear.margin_usd) == pytest.approx(0.0)


def test_two_sites_with_one_contract_and_other_fees_are_not_mixed_up() -> None:
    """The order of the intervals is kept between calls; 9 c of fee leaves no hour, and back again."""
    price = prices(0.02, 0.05)
    dear = SITE.model_copy(update={"opex_usd_per_kwh": 0.09})
    hours = [only(machine_months(site, price, one_machine()).run_hours) for site in (SITE, dear, SITE)]
    assert hours == [2.0, 0.0, 2.0]
    warm = Conditions(np.array([[1.0], [3.0]]), np.ones((2, 1)))
    assert only(machine_months(SITE, price, one_machine(), warm).run_hours) == 1.0


def test_a_credit_is_spread_over_the_whole_month() -> None:
    """Four lawful hours of a month of sixteen: a quarter of 3 USD on 5 kW; by lawful hours alone 15."""
    offer = Response(np.array([3.0]), np.zeros((4, 1)), np.zeros((4, 1)), np.array([np.inf]))
    terms = {"response": offer, "month_hours": np.array([16.0])}
    found = machine_months(SITE, prices(*[0.02] * 4), one_machine(), **terms)
    assert only(found.credit_usd) == pytest.approx(3.75)


# --- break-evens ------------------------------------------------------------------------------------------


def test_breakevens_by_hand() -> None:
    """10 TH/s-days an hour on 5 kW: 2 TH/s-days a kWh. Hours at 2, 4 and 9 c.

    Pays first at 1 c per TH/s-day, always at 4.5 c; flat out at the mean, 5 c / 2 = 2.5 c. Upkeep of 0.30 is
    6 c a kW: 4 c leaves 2, 6 c leaves 4 + 2: 3 c per TH/s-day; flat out (15 + 6) / 3 / 2 = 3.5 c. At a
    hashprice of 5 c the machine can pay 10 c/kWh.
    """
    price = prices(0.02, 0.04, 0.09)
    around = Conditions(np.ones((3, 1)), np.ones((3, 1)))
    without = breakevens(SITE, price, one_machine(), around, np.array([[0.0]]))
    assert [only(each) for each in vars(without).values()] == pytest.approx([0.1, 0.01, 0.01, 0.025, 0.045])
    upkeep = breakevens(SITE, price, one_machine(), around, np.array([[0.3]]))
    assert [only(each) for each in vars(upkeep).values()] == pytest.approx([0.1, 0.01, 0.03, 0.035, 0.045])


def charge_on_peak(usd_per_kw: float, *in_window: bool) -> DemandCharge:
    none = np.zeros(1)
    window = np.array(in_window)[:, None]
    return DemandCharge(np.array([usd_per_kw]), window, none, none + np.inf, none, 0.0, np.array([-1]))


def test_a_charge_on_the_peak_raises_the_break_evens() -> None:
    """The same hours with 0.06 USD a kW: as 0.30 of upkeep on 5 kW, at overhead 1. At overhead 2 it is twice.

    In a window it can be avoided in the hours that pay, but not flat out.
    """
    around = Conditions(np.ones((3, 1)), np.ones((3, 1)))
    price = replace(prices(0.02, 0.04, 0.09), demand=(charge_on_peak(0.06, True, True, True),))
    found = breakevens(SITE, price, one_machine(), around, np.zeros((1, 1)))
    assert [only(each) for each in vars(found).values()] == pytest.approx([0.1, 0.01, 0.03, 0.035, 0.045])
    window = replace(price, demand=(charge_on_peak(0.06, False, False, True),))
    found = breakevens(SITE, window, one_machine(), around, np.zeros((1, 1)))
    assert [only(each) for each in vars(found).values()] == pytest.approx([0.1, 0.01, 0.01, 0.035, 0.045])
    half = replace(price, demand=(charge_on_peak(0.03, True, True, True),))
    hot = Conditions(np.full((3, 1), 2.0), np.ones((3, 1)))
    cheap = replace(half, energy_usd_per_kwh=half.energy_usd_per_kwh / 2)
    found = breakevens(SITE, cheap, one_machine(), hot, np.zeros((1, 1)))
    assert only(found.pays_flat_out_usd_per_ths_day) == pytest.approx(0.035)


def test_energy_within_a_volume_has_the_volume_s_price() -> None:
    """15 c above, 11 less in the first step, or for a supply: 4 c, 2 c per TH/s-day; above, 7.5."""
    one = np.ones((1, 1))
    steps = VolumeSteps(np.array([[0.0], [100.0], [np.inf]]), np.array([[-0.15], [-0.11], [0.0]]))
    supply = {"supply_kw": 50 * one, "supply_discount_usd_per_kwh": 0.11 * one}
    for price in (replace(prices(0.15), volume=steps), replace(prices(0.15), **supply)):
        found = breakevens(SITE, price, one_machine(), Conditions(one, one), np.zeros((1, 1)))
        assert only(found.pays_flat_out_usd_per_ths_day) == pytest.approx(0.02)
    none_supplied = replace(prices(0.15), **(supply | {"supply_kw": 0 * one}))
    found = breakevens(SITE, none_supplied, one_machine(), Conditions(one, one), np.zeros((1, 1)))
    assert only(found.pays_first_usd_per_ths_day) == pytest.approx(0.075)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31))
def test_at_the_break_even_hashprice_the_margin_is_the_upkeep(seed: int) -> None:
    """Put back as the market's hashprice, the machine earns its upkeep; at the first one, nothing."""
    site, price, earns, around, _ = random_case(seed)
    price = replace(price, hosting=replace(price.hosting, uptime_credit_usd_per_kwh=0.0))
    upkeep = np.full((3, 2), 0.5)
    found = breakevens(site, price, earns, around, upkeep)
    for name, left in (("pays_upkeep_usd_per_ths_day", 0.5), ("pays_first_usd_per_ths_day", 0.0)):
        hashprice = getattr(found, name)
        reached = np.isfinite(hashprice) & (hashprice > 0)
        factor = np.where(reached, hashprice, 0.0) / earns.hashprice_usd_per_ths_day
        at = replace(earns, revenue_usd_per_hour=earns.revenue_usd_per_hour * factor)
        margin = machine_months(site, price, at, around).margin_usd
        assert margin[reached] == pytest.approx(np.full(reached.sum(), left), abs=1e-9)


def test_the_table_leaves_out_profiles_that_a_lot_lacks() -> None:
    """Three lots, two profiles, two periods, less one lot's second profile: 10 rows."""
    site, price, earns, around, _ = random_case(1)
    found = breakevens(site, price, earns, around, np.zeros((3, 2)))
    table = breakeven_table(found, ("a", "b", "c"), ("normal", "eco"), "home", ("m1", "m2"))
    assert len(table) == 10
    assert list(table.columns)[:4] == ["lot", "site", "profile", "period"]
    assert ("b", "eco") not in set(zip(table.lot, table.profile, strict=True))


def test_a_site_without_a_lawful_hour_never_pays() -> None:
    """No interval: infinite hashprices, no division by nothing."""
    price = PowerPrice.plain(np.zeros((2, 1)), np.zeros((2, 1)))
    found = breakevens(
        SITE, price, one_machine(), Conditions(np.ones((2, 1)), np.ones((2, 1))), np.zeros((1, 1))
    )
    assert np.isposinf(only(found.pays_first_usd_per_ths_day))
    assert np.isposinf(only(found.pays_always_usd_per_ths_day))
    assert only(machine_months(SITE, price, one_machine()).run_hours) == 0.0
