"""What must hold whatever the numbers are, on tiny random studies."""

from __future__ import annotations

from dataclasses import fields, replace
from importlib import import_module

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from optimizer.audit import Finding, audit
from optimizer.baselines import cheapest_power, stay_put
from optimizer.certificate import upper_bound
from optimizer.errors import AuditError, Infeasible
from optimizer.extract import standing, tables
from optimizer.inputs import Inputs
from optimizer.pipeline import build, solve_inputs
from optimizer.solvers import Options, Status, maximize
from optimizer.solvers.solution import largest_violation
from optimizer.whole_machines import rounded
from tests.core.answers import Answer, answer, same, value
from tests.core.instances import (
    changed,
    in_blocks,
    on_offer,
    quiet,
    random_inputs,
    rich_inputs,
    with_contracts,
)

SEEDS = st.integers(0, 99_999)
LIMITS = tuple(each.name for each in fields(Inputs) if each.metadata.get("is_limit"))
OF_A_SITE = ("supply_kwh", "demand_floor_kw", "standing_charge_usd", "minimum_bill_usd")  # grow with it
MONEY = tuple(each.name for each in fields(Inputs) if "usd" in each.name)


def some(count: int) -> settings:
    """The same examples in every run: a fault found once is found again."""
    quick = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    return settings(deadline=None, max_examples=count, derandomize=True, suppress_health_check=quick)


def solved(data: Inputs) -> Answer | None:
    """The optimum, yes-or-no decisions to the last cent; ``None`` where limits contradict each other."""
    lp, plan = build(data)
    solution = maximize(lp, Options(mip_gap_share=0.0))
    assert solution.status in (Status.PROVEN, Status.INFEASIBLE)
    return Answer(lp, data, plan, solution) if solution.status.has_plan else None


# --- money ------------------------------------------------------------------------------------------------


@some(40)
@given(SEEDS)
def test_the_ledger_is_the_objective(seed: int) -> None:
    """The discounted lines of the tables add up to what was maximized; a line left out would be missing."""
    data = rich_inputs(seed)
    found = solved(data)
    assume(found is not None)
    ledger = tables(found.lp, data, found.plan, found.solution.values).ledger
    worth = dict(zip(data.periods, data.discount, strict=True))
    assert same(float((ledger.amount_usd * ledger.period.map(worth)).sum()), found.value_usd, 1e-6)
    assert same(float(ledger.present_value_usd.sum()), found.value_usd, 1e-6)


@some(20)
@given(SEEDS)
def test_twice_the_money_is_twice_the_value(seed: int) -> None:
    """Every price and every purse doubled: nobody is richer. A price left out of the ledger shows here."""
    data = rich_inputs(seed)
    found = solved(data)
    assume(found is not None)
    doubled = replace(data, **{name: 2.0 * getattr(data, name) for name in MONEY})
    assert same(value(doubled), 2.0 * found.value_usd, 1e-6)


@some(20)
@given(SEEDS)
def test_twice_the_fleet_with_twice_the_room_is_twice_the_value(seed: int) -> None:
    """Counts, limits and purse doubled in a linear study: a limit that is not doubled is one per machine."""
    data = random_inputs(seed)
    names = {"start_machines", *(name for name in LIMITS if name != "concentration_max_share"), *OF_A_SITE}
    doubled = replace(data, **{name: 2.0 * getattr(data, name) for name in names})
    assert same(value(doubled), 2.0 * value(data), 1e-6)


# --- machines ---------------------------------------------------------------------------------------------


@some(30)
@given(SEEDS)
def test_machines_are_conserved(seed: int) -> None:
    """Bought less sold is the change, lot by lot; what is on the road in a month stands nowhere in it."""
    data = rich_inputs(seed)
    found = solved(data)
    assume(found is not None)
    plan = tables(found.lp, data, found.plan, found.solution.values)
    stands = standing(found.plan, found.solution.values)[0].sum(axis=1)  # (l, m)
    number = {name: place for place, name in enumerate(data.periods)}
    for lot, name in enumerate(data.lots):
        moves, bought, sold = (t[t.lot == name] for t in (plan.moves, plan.purchases, plan.sales))
        for period in range(len(data.periods)):
            left, came = moves.leaves.map(number) <= period, moves.arrives.map(number) > period
            under_way = moves.machines[left & came].sum()
            delivered = bought.machines[bought.arrives.map(number) <= period].sum()
            gone = sold.machines[sold.period.map(number) <= period].sum()
            expected = data.start_machines[lot].sum() + delivered - gone - under_way
            assert stands[lot, period] == pytest.approx(expected, abs=1e-5)


# --- limits and their prices ------------------------------------------------------------------------------


@some(60)
@given(SEEDS, st.sampled_from(LIMITS), st.floats(1.0, 3.0))
def test_loosening_a_limit_never_lowers_the_value(seed: int, limit: str, factor: float) -> None:
    """Any limit, times any factor of one or more: a limit read with the wrong sign would cost money."""
    data = rich_inputs(seed)
    found = solved(data)
    assume(found is not None)
    extra = 0.0 if limit == "volume_step_kwh" else 0.1  # a step of no width is no step
    looser = replace(data, **{limit: getattr(data, limit) * factor + extra * (factor > 1)})
    assert value(looser) >= found.value_usd - 1e-6 * max(1.0, abs(found.value_usd))


@some(30)
@given(SEEDS, st.sampled_from(["site_power", "power_groups", "site_racks", "orders", "crew_out"]))
def test_a_shadow_price_is_a_finite_difference(seed: int, family: str) -> None:
    """One limit moved both ways by a thousandth: where both sides agree the price is their slope."""
    field = {
        "site_power": "max_power_kw",
        "power_groups": "power_group_kw",
        "site_racks": "max_machines",
        "orders": "max_orders",
        "crew_out": "crew_out_machines",
    }[family]
    data = random_inputs(seed)
    found = answer(data)
    numbers = found.lp.rows[family][1][0]
    prices = np.where(numbers >= 0, found.solution.row_duals[numbers], 0.0)
    if family == "site_racks":  # one limit for every month
        prices = prices.sum(axis=1)
    place = np.unravel_index(int(np.argmax(np.abs(prices))), prices.shape)
    step, slopes = 1e-3, []
    assume(abs(prices[place]) > 1e-6 and getattr(data, field)[place] > step)
    for sign in (1.0, -1.0):
        limit = getattr(data, field).copy()
        limit[place] += sign * step
        moved = solved(replace(data, **{field: limit}))
        assume(moved is not None)
        slopes.append((moved.value_usd - found.value_usd) / (sign * step))
    assume(abs(slopes[0] - slopes[1]) < 1e-3)
    assert prices[place] == pytest.approx(slopes[0], abs=2e-3)


@some(25)
@given(SEEDS)
def test_no_price_where_there_is_room(seed: int) -> None:
    """Complementary slackness on every limit: what is not used up is worth nothing more."""
    found = answer(random_inputs(seed))
    activity = found.lp.matrix @ found.solution.values
    slack = np.minimum(found.lp.row_high - activity, activity - found.lp.row_low)
    assert (np.abs(found.solution.row_duals[slack > 1e-5]) < 1e-6).all()


# --- places -----------------------------------------------------------------------------------------------


def reordered(data: Inputs, order: np.ndarray) -> Inputs:
    """The same study with its sites listed in another order."""
    moved = {}
    for each in fields(Inputs):
        if "s" in each.metadata.get("axes", ""):
            here = getattr(data, each.name)
            if isinstance(here, tuple):
                moved[each.name] = tuple(here[place] for place in order)
            else:
                moved[each.name] = np.take(here, order, axis=each.metadata["axes"].index("s"))
    moved["demand_site"] = np.argsort(order)[data.demand_site]
    return replace(data, sites=tuple(data.sites[place] for place in order), **moved)


@some(20)
@given(SEEDS)
def test_the_order_of_sites_does_not_matter(seed: int) -> None:
    """Listed backwards, the value is the same: an index that is taken for another place would change it."""
    data = rich_inputs(seed)
    found = solved(data)
    assume(found is not None)
    backwards = reordered(data, np.arange(len(data.sites))[::-1])
    assert same(value(backwards), found.value_usd, 1e-6)


@some(25)
@given(SEEDS)
def test_a_ban_where_nobody_goes_changes_nothing(seed: int) -> None:
    """A site that the best plan never uses is sanctioned: the same value to the cent."""
    data = random_inputs(seed)
    found = answer(data)
    used = standing(found.plan, found.solution.values).sum(axis=(0, 1, 3)) > 1e-9
    assume(not used.all())
    banned = np.broadcast_to(~used[:, None], data.is_sanctioned.shape)
    assert same(value(replace(data, is_sanctioned=banned)), found.value_usd)
    nothing = data.can_run & used[None, :, None, None]
    assert same(value(replace(data, can_run=nothing)), found.value_usd)


@some(25)
@given(SEEDS)
def test_a_ban_never_pays(seed: int) -> None:
    """Sanctions at any site and month only take options away."""
    data = random_inputs(seed)
    draw = np.random.default_rng(seed)
    banned = draw.random(data.is_sanctioned.shape) < 0.3
    assert value(replace(data, is_sanctioned=banned)) <= value(data) + 1e-6 * abs(value(data))


@some(15)
@given(SEEDS)
def test_equal_sites_without_time_or_cost_between_them_are_interchangeable(seed: int) -> None:
    """Sites alike but for who stands there, free roads: where the fleet begins does not matter."""
    draw = np.random.default_rng(seed)
    months = {"max_power_kw": draw.uniform(2, 9, 3), "revenue_usd": draw.uniform(50, 150, 3)}
    start = draw.integers(0, 9, (2, 3)).astype(float)
    shuffled = np.stack([draw.permutation(row) for row in start])
    values = [value(quiet(lots=2, sites=3, start_machines=each, **months)) for each in (start, shuffled)]
    assert same(*values)


@some(15)
@given(SEEDS)
def test_the_fleet_may_be_cut_into_lots_in_any_way(seed: int) -> None:
    """One lot of n machines is worth what two equal lots with n between them are."""
    draw = np.random.default_rng(seed)
    terms = {
        "revenue_usd": draw.uniform(50, 150, (3, 1, 3)),
        "freight_usd": float(draw.uniform(0, 40)),
        "max_power_kw": draw.uniform(1, 8, (3, 3)),
    }
    first, second = draw.integers(0, 9, (2, 3)).astype(float)
    whole = quiet(sites=3, start_machines=first + second, **terms)
    parts = quiet(lots=2, sites=3, start_machines=np.stack([first, second]), **terms)
    assert same(value(whole), value(parts))


# --- scenarios --------------------------------------------------------------------------------------------


def repeated(data: Inputs, probability: list[float], commit_periods: int) -> Inputs:
    """The study's one scenario several times over."""
    count = len(probability)
    copies = {
        each.name: np.repeat(getattr(data, each.name), count, axis=0)
        for each in fields(Inputs)
        if each.metadata.get("axes", "").startswith("w") and each.name != "probability"
    }
    names = tuple(f"w{number}" for number in range(count))
    copies["probability"] = np.array(probability)
    return replace(data, scenarios=names, commit_periods=commit_periods, **copies)


@some(15)
@given(SEEDS, st.sampled_from([[0.5, 0.5], [0.2, 0.3, 0.5]]), st.booleans())
def test_one_scenario_repeated_is_one_scenario(seed: int, probability: list[float], commits: bool) -> None:
    """The same future k times: the same value, whether or not decisions are shared between them."""
    data = rich_inputs(seed)
    found = solved(data)
    assume(found is not None)
    together = repeated(data, probability, len(data.periods) if commits else 0)
    again = solved(together)
    assert again is not None
    assert same(again.value_usd, found.value_usd, 1e-6)


@some(15)
@given(SEEDS)
def test_deciding_later_never_loses(seed: int) -> None:
    """Two futures of income: committed to the end, for a month, not at all; freedom is never worth less."""
    data = repeated(random_inputs(seed), [0.5, 0.5], 0)
    boom = data.revenue_usd * np.array([0.6, 1.4])[:, None, None, None, None]
    data = replace(data, revenue_usd=boom)
    values = [value(replace(data, commit_periods=months)) for months in (len(data.periods), 1, 0)]
    assert values[0] <= values[1] + 1e-6 * abs(values[1])
    assert values[1] <= values[2] + 1e-6 * abs(values[2])


@some(4)
@given(SEEDS)
def test_a_plan_of_two_scenarios_passes_its_audit(seed: int) -> None:
    """Two futures through the whole pipeline: tables by scenario, expected figures, the audit's own sums."""
    data = repeated(random_inputs(seed), [0.25, 0.75], 1)
    boom = replace(data, revenue_usd=data.revenue_usd * np.array([0.6, 1.4])[:, None, None, None, None])
    plan = solve_inputs(boom)
    assert plan.kpis.value_usd == pytest.approx(plan.outcome.objective_usd, rel=1e-6, abs=1e-6)
    assert set(plan.placement.scenario) <= {"w0", "w1"}


# --- proof ------------------------------------------------------------------------------------------------


@some(40)
@given(SEEDS)
def test_the_certificate_is_the_value(seed: int) -> None:
    """Without the solver: the prices' own value and every machine's best walk add up to the optimum."""
    data = random_inputs(seed)
    found = answer(data)
    bound = upper_bound(found.lp, data, found.plan, found.solution.row_duals)
    assert same(bound, found.value_usd, 1e-6)


@some(30)
@given(SEEDS, st.floats(0.0, 3.0))
def test_any_prices_prove_an_upper_bound(seed: int, spread: float) -> None:
    """Prices that are wrong, even of the wrong sign, prove less, but never less than the optimum."""
    data = random_inputs(seed)
    found = answer(data)
    noise = np.random.default_rng(seed).normal(1.0, spread, len(found.solution.row_duals))
    bound = upper_bound(found.lp, data, found.plan, found.solution.row_duals * noise)
    assert bound >= found.value_usd - 1e-6 * max(1.0, abs(found.value_usd))


# --- whole machines ---------------------------------------------------------------------------------------


def crowd(data: Inputs, factor: float) -> Inputs:
    """The same study with so many times the machines and room for them."""
    names = {"start_machines", *(name for name in LIMITS if name != "concentration_max_share")}
    return replace(data, **{name: np.floor(factor * getattr(data, name)) for name in names})


@some(40)
@given(SEEDS)
def test_whole_machines_keep_every_limit_and_lose_little(seed: int) -> None:
    """Counts are whole, no row is broken, and of a hundredfold fleet less than 1 % of the value is lost."""
    data = crowd(random_inputs(seed), 100.0)
    found = answer(data)
    whole, why = rounded(found.lp, data, found.plan, found.solution, Options())
    assert whole is not None, why
    for name in ("staying", "departing", "arriving", "shipped", "ordered", "sold", "handed_in"):
        columns = getattr(found.plan, name)
        counts = whole.values[columns[columns >= 0]]
        assert counts == pytest.approx(np.round(counts), abs=1e-9)
    assert largest_violation(found.lp, whole.values) <= 1e-6
    loss = found.value_usd - whole.objective
    assert -1e-6 * abs(found.value_usd) <= loss <= 0.01 * abs(found.value_usd)


@some(20)
@given(SEEDS)
def test_a_whole_plan_is_left_as_it_is(seed: int) -> None:
    """Sites without limits: every machine goes to its best walk, nothing is fractional, nothing is lost."""
    data = random_inputs(seed, limits=False)
    found = answer(replace(data, max_sales_per_period=np.zeros(len(data.periods))))
    whole, why = rounded(found.lp, data, found.plan, found.solution, Options())
    assert whole is not None, why
    assert same(whole.objective, found.value_usd)


def test_a_leftover_machine_goes_where_there_is_room() -> None:
    """`away` pays 150 and holds 4.6: the programme moves 4.6, four go and the fifth stays at home.

    3 x (4 x 150 + 6 x 100) - 4 x 10 = 3,560 of 3 x (4.6 x 150 + 5.4 x 100) - 46 = 3,644. A fifth at `away`
    breaks its racks.
    """
    data = quiet(revenue_usd=[[[100.0] * 3], [[150.0] * 3]], freight_usd=10.0, max_machines=[99.0, 4.6])
    found = answer(data)
    whole, why = rounded(found.lp, data, found.plan, found.solution, Options())
    assert whole is not None, why
    assert found.value_usd == pytest.approx(3644)
    assert whole.objective == pytest.approx(3560)
    assert standing(found.plan, whole.values)[0, 0, 1].tolist() == [4, 4, 4]


def test_no_room_for_a_whole_machine_is_said() -> None:
    """Nine and a half racks for ten machines and a buyer of half a one: no whole plan, and the reason why."""
    data = quiet(sites=1, max_machines=9.5, max_sales_per_period=[0.5, 0.0, 0.0], sale_usd=1.0)
    found = answer(data)
    whole, why = rounded(found.lp, data, found.plan, found.solution, Options())
    assert whole is None
    assert "found no place with room" in why


# --- the pipeline -----------------------------------------------------------------------------------------


@some(12)
@given(SEEDS)
def test_every_plan_passes_its_own_audit(seed: int) -> None:
    """With law, cash, shares, openings and building: a plan whose tables do not add up raises."""
    data = rich_inputs(seed)
    if solved(data) is None:
        with pytest.raises(Infeasible):
            solve_inputs(data)
        return
    plan = solve_inputs(data)
    assert plan.status in (Status.PROVEN, Status.WITHIN_GAP)
    assert plan.kpis.value_usd <= plan.outcome.bound_usd + 1e-6 * abs(plan.outcome.bound_usd)


@some(25)
@given(SEEDS)
def test_the_plan_is_no_worse_than_what_it_is_held_against(seed: int) -> None:
    """Without limits of the user's own both baselines are plans too; a better one would be the optimum."""
    data = random_inputs(seed, limits=False)
    lp, plan = build(data)
    best = maximize(lp, Options())
    for baseline in (stay_put, cheapest_power):
        other = baseline(lp, data, plan, Options())
        assert other.status is Status.PROVEN
        assert largest_violation(lp, other.values) <= 1e-6
        assert other.objective <= best.objective + 1e-6 * abs(best.objective)


def test_the_cheapest_power_neither_buys_nor_sells() -> None:
    """A machine at 1 USD and a buyer at 1,000: who fills sites by tariff looks at neither: 3 x 800."""
    data = quiet(
        energy_usd=[[[50.0] * 3], [[20.0] * 3]],
        sale_usd=1000.0,
        max_sales_per_period=5.0,
        **on_offer(3, order_usd=1.0),
    )
    lp, plan = build(data)
    found = cheapest_power(lp, data, plan, Options())
    assert found.objective == pytest.approx(10 * 3 * 80.0)


@some(10)
@given(SEEDS)
def test_staying_put_by_hand(seed: int) -> None:
    """Nobody moves: a machine earns its margin or nothing, month by month, and its value at the end."""
    data = changed(random_inputs(seed, limits=False), max_sales_per_period=0.0)
    lp, plan = build(data)
    stay = stay_put(lp, data, plan, Options())
    margin = np.where(data.can_run, data.margin_usd[0], 0.0).max(axis=2).clip(0.0)  # (l, s, m)
    upkeep = data.maintenance_usd[:, None, :] + data.legal_risk_usd[0]
    each = ((margin - upkeep) * data.discount).sum(axis=2) + data.end_value_usd[:, None] * data.discount[-1]
    assert same(stay.objective, float((each * data.start_machines).sum()), 1e-6)


@pytest.mark.filterwarnings("ignore:.*PuLP 4.0.*:DeprecationWarning")
@pytest.mark.parametrize("door", ["pulp:cbc", "pulp:highs"])
def test_other_doors_find_the_same_value(door: str) -> None:
    """The second opinion on whole studies, five of them with yes-or-no decisions."""
    for seed in range(8):
        lp, _ = build(rich_inputs(seed))
        ours, theirs = (maximize(lp, Options(door=each, mip_gap_share=0.0)) for each in ("highs", door))
        assert ours.status.has_plan == theirs.status.has_plan
        if ours.status.has_plan:
            assert theirs.objective == pytest.approx(ours.objective, rel=1e-6, abs=1e-6)


# --- power contracts --------------------------------------------------------------------------------------


@some(40)
@given(SEEDS)
def test_bills_are_what_an_invoice_would_say(seed: int) -> None:
    """Every clause at once, no yes or no: proven by its walks, and the audit's own bill is the model's."""
    data = with_contracts(random_inputs(seed, limits=False), seed, chance=0.8)
    found = answer(data)
    assert not found.lp.is_integer.any()
    assert same(upper_bound(found.lp, data, found.plan, found.solution.row_duals), found.value_usd, 1e-6)
    plan = tables(found.lp, data, found.plan, found.solution.values)
    assert audit(plan, data, found.value_usd, is_whole=False) == []


@some(12)
@given(SEEDS)
def test_baselines_under_contracts_are_plans_too(seed: int) -> None:
    """Staying put and the cheapest power keep every row, pass the audit, and are not better than the best."""
    data = with_contracts(random_inputs(seed, limits=False), seed, chance=0.8)
    lp, plan = build(data)
    best = maximize(lp, Options())
    for baseline in (stay_put, cheapest_power):
        held = baseline(lp, data, plan, Options())
        assert held.status is Status.PROVEN
        assert largest_violation(lp, held.values) <= 1e-6
        assert held.objective <= best.objective + 1e-6 * max(1.0, abs(best.objective))
        assert audit(tables(lp, data, plan, held.values), data, held.objective, is_whole=False) == []


@some(25)
@given(SEEDS)
def test_blocks_of_hours_without_a_clause_change_nothing(seed: int) -> None:
    """A month cut at random, nothing that couples its hours: the value of the whole month."""
    data = random_inputs(seed, limits=False)
    draw = np.random.default_rng(seed)
    blocks = int(draw.integers(1, 4))
    share = draw.dirichlet(np.full(blocks, 2.0), (len(data.sites), len(data.periods))).transpose(0, 2, 1)
    cut = in_blocks(data, draw.random(len(data.sites)) < 0.6, share)
    assert same(value(cut), value(data), 1e-6)


@some(25)
@given(SEEDS, st.sampled_from(["demand_usd_per_kw", "standing_charge_usd", "minimum_bill_usd", "peak_usd"]))
def test_a_dearer_contract_is_never_worth_more(seed: int, name: str) -> None:
    """Half as much again of any charge: money in the wrong direction shows here."""
    data = with_contracts(random_inputs(seed, limits=False), seed, chance=0.8)
    dearer = getattr(data, name) + 0.5 * np.abs(getattr(data, name))
    assert value(replace(data, **{name: dearer})) <= value(data) + 1e-6 * max(1.0, abs(value(data)))


def test_the_cheapest_power_hands_nothing_in() -> None:
    """Machines that find no room stay where they are: none vanishes into an offer to refurbish."""
    trade_in = {"trade_in_lot": np.array([-1, 0]), **on_offer(3, order_usd=1.0)}
    data = quiet(lots=2, start_machines=[[10, 0], [0, 0]], revenue_usd=0.0, maintenance_usd=5.0, **trade_in)
    lp, plan = build(data)
    found = cheapest_power(lp, data, plan, Options())
    assert standing(plan, found.values)[0].sum(axis=(0, 1)).tolist() == pytest.approx([10, 10, 10])


def test_the_audit_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan with a finding is never shown: here every plan has one."""

    def found_something(*arguments: object, **options: object) -> list[Finding]:
        return [*audit(*arguments, **options), Finding("planted", "somewhere", 1.0, 0.0)]

    monkeypatch.setattr(import_module("optimizer.pipeline"), "audit", found_something)
    with pytest.raises(AuditError, match=r"the plan does not survive its audit.*\n.*planted at somewhere"):
        solve_inputs(quiet())
