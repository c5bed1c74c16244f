"""A plan in the reader's hands: shown, saved, loaded, exported, explained when there is none."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pulp
import pytest
from pandas.testing import assert_frame_equal

from optimizer.blocks import BLOCKS
from optimizer.decisions import Decisions
from optimizer.errors import Infeasible, NoPlanInTime, SolveError
from optimizer.inputs import Inputs
from optimizer.lp import LinearProgram, total
from optimizer.pipeline import solve_inputs
from optimizer.plan import Plan
from optimizer.solvers import Options, Status
from tests.core.instances import busy, changed, quiet, random_inputs

pytestmark = pytest.mark.filterwarnings("ignore:.*PuLP 4.0.*:DeprecationWarning")
BETTER_AWAY = {"revenue_usd": [[[100.0] * 3], [[150.0] * 3]], "freight_usd": 30.0}
NO_TIME = Options(time_limit_s=1e-6)
NO_ROADS = {"corridors": (), "corridor_from": np.empty(0, int), "corridor_to": np.empty(0, int)}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve_inputs(busy())


# --- saved and loaded -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_saved_plan_comes_back_as_it_was(plan: Plan, form: str, tmp_path: Path) -> None:
    """Every table to the last digit, every figure, and the same screen; types of empty columns aside."""
    loaded = Plan.load(plan.save(tmp_path / "plan", form))
    assert list(loaded.tables) == list(plan.tables)
    for name, table in {**plan.tables, **plan.prices}.items():
        again = loaded.tables[name] if name in plan.tables else loaded.prices[name]
        assert_frame_equal(again, table.reset_index(drop=True), check_dtype=False, check_exact=True)
    assert (loaded.kpis, loaded.outcome, loaded.alternatives) == (plan.kpis, plan.outcome, plan.alternatives)
    assert str(loaded) == str(plan)
    assert loaded.summary() == plan.summary()


def test_names_made_of_digits_come_back_as_names(tmp_path: Path) -> None:
    """Sites '001' and '002' become 1 and 2: the plan no longer names the study's own sites."""
    data = changed(quiet(max_power_kw=5.0), sites=("001", "002"), lots=("7",))
    saved = solve_inputs(data).save(tmp_path / "plan")
    assert set(Plan.load(saved).placement.site) == {"001", "002"}


def test_a_plan_without_prices_comes_back_without(tmp_path: Path) -> None:
    """Stopped before proof: prices are missing, and must not come back as zero or as text."""
    stopped = solve_inputs(random_inputs(4), options=NO_TIME)
    loaded = Plan.load(stopped.save(tmp_path / "plan"))
    assert loaded.status is Status.STOPPED
    assert loaded.shadow_prices("site_power").worth_usd.isna().all()
    assert loaded.shadow_prices("site_power").limit.dtype.kind == "f"


def test_a_plan_replaces_an_earlier_one_whole(plan: Plan, tmp_path: Path) -> None:
    """No table of the earlier plan is left lying beside the new ones."""
    target = plan.save(tmp_path / "plan", "parquet")
    plan.save(target, "csv")
    assert list(target.glob("*.parquet")) == []
    assert str(Plan.load(target)) == str(plan)


def test_an_empty_directory_may_be_written_to(plan: Plan, tmp_path: Path) -> None:
    """It holds nothing that could be lost."""
    (tmp_path / "plan").mkdir()
    assert Plan.load(plan.save(tmp_path / "plan")).kpis == plan.kpis


def test_a_foreign_directory_is_refused(plan: Plan, tmp_path: Path) -> None:
    """The directory is replaced on saving: whatever else it holds would be gone."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(SolveError, match=r"holds thesis\.txt, which no plan wrote"):
        plan.save(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_foreign_manifest_does_not_make_a_plan(plan: Plan, tmp_path: Path) -> None:
    """`manifest.json` is a common name: web apps and extensions have one beside years of work."""
    (tmp_path / "manifest.json").write_text('{"name": "my web app"}')
    (tmp_path / "app.js").write_text("years of work")
    with pytest.raises(SolveError):
        plan.save(tmp_path)


def test_notes_beside_an_earlier_plan_survive(plan: Plan, tmp_path: Path) -> None:
    """A reader's own file in the directory is either kept or a reason to refuse."""
    target = plan.save(tmp_path / "plan")
    (target / "my_notes.txt").write_text("years of work")
    with suppress(SolveError):
        plan.save(target)
    assert (target / "my_notes.txt").exists()


def stop_at(third: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while a table is being written."""
    write, written = pd.DataFrame.to_csv, []

    def interrupted(table: pd.DataFrame, *args: object, **options: object) -> None:
        written.append(args)
        if len(written) == third:
            raise KeyboardInterrupt
        write(table, *args, **options)

    monkeypatch.setattr(pd.DataFrame, "to_csv", interrupted)


def test_an_interrupted_save_leaves_nothing(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a plan would be read as a whole one."""
    stop_at(3, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        plan.save(tmp_path / "plan")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_save_leaves_the_earlier_plan(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The earlier plan stays until the new one is complete."""
    target = plan.save(tmp_path / "plan")
    stop_at(3, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        plan.save(target)
    assert list(tmp_path.iterdir()) == [target]
    assert str(Plan.load(target)) == str(plan)


def test_a_save_that_fails_at_the_last_step_leaves_the_earlier_plan(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole or not at all: when the new directory cannot be put in place both plans are lost."""
    target = plan.save(tmp_path / "plan")

    def refused(self: Path, to: Path) -> None:
        raise PermissionError(f"{self} cannot become {to}")

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(PermissionError):
        plan.save(target)
    assert (target / "manifest.json").exists()


def test_what_is_not_a_plan_is_not_loaded(tmp_path: Path) -> None:
    """The message names the directory and what is missing."""
    with pytest.raises(SolveError, match=r"holds no plan: manifest\.json is missing"):
        Plan.load(tmp_path)


def test_a_plan_of_another_schema_is_not_loaded(plan: Plan, tmp_path: Path) -> None:
    """Tables of a later version must not be half understood."""
    target = plan.save(tmp_path / "plan")
    manifest = target / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"schema": 2', '"schema": 99'))
    with pytest.raises(SolveError, match="schema 99"):
        Plan.load(target)


# --- the model for an auditor -----------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".lp", ".mps"])
def test_the_written_model_has_the_same_optimum(plan: Plan, ending: str, tmp_path: Path) -> None:
    """CBC reads the file with names in it and finds minus the plan's objective, to the gap asked for."""
    model, answer = tmp_path / f"model{ending}", tmp_path / "answer.txt"
    plan.write_lp(model)
    assert "site_power_base__home__m1" in model.read_text()
    cbc = pulp.PULP_CBC_CMD(msg=False).path
    subprocess.run([cbc, model, "ratio", "0", "solve", "solu", answer], check=True, capture_output=True)
    status, _, figure = answer.read_text().splitlines()[0].rpartition(" ")
    assert status.startswith("Optimal")
    assert float(figure) == pytest.approx(-plan.outcome.objective_usd, rel=1e-4)


def test_the_ending_says_the_form(plan: Plan, tmp_path: Path) -> None:
    """`model.txt` is neither."""
    with pytest.raises(ValueError, match=r"write \.lp or \.mps"):
        plan.write_lp(tmp_path / "model.txt")


def test_a_loaded_plan_has_no_model(plan: Plan, tmp_path: Path) -> None:
    """It says so, and what to do."""
    with pytest.raises(SolveError, match="solve the study again"):
        Plan.load(plan.save(tmp_path / "plan")).write_lp(tmp_path / "model.lp")


# --- shown ------------------------------------------------------------------------------------------------


def test_the_screen_shows_the_figures(plan: Plan) -> None:
    """Read off the tables, beside those of staying put; the headline is the difference of the two values."""
    text = " ".join(str(plan).split())
    stay = plan.alternatives[0]
    prices = [each.kpis.breakeven_hashprice_usd_per_ph_day for each in (plan, stay)]
    assert f"Against staying put this plan is worth +{stay.gain.value_usd / 1e3:,.2f} k USD" in text
    assert "machines moved / bought / sold 2 / 5 / 4 0 / 0 / 0" in text
    assert f"cost of a bitcoin, USD: cash {plan.kpis.cash_cost_usd_per_btc:,.0f}" in text
    assert "break-even hashprice, USD/PH/day {:.1f} {:.1f}".format(*prices) in text
    assert "m1 m2 2 old home away" in text
    assert "sanctioned act 7" in text


def test_the_ledger_is_the_value_however_it_is_added_up(plan: Plan) -> None:
    """By line, month and site; and the value is below the programme's by the loss of whole counts."""
    by_period, by_site = plan.income_statement("period"), plan.income_statement("site")
    assert by_period.to_numpy().sum() == pytest.approx(plan.ledger.amount_usd.sum())
    assert by_site.sum(axis=1).to_dict() == pytest.approx(by_period.sum(axis=1).to_dict())
    assert plan.kpis.value_usd == pytest.approx(plan.ledger.present_value_usd.sum())
    loss = plan.outcome.rounding_loss_share * plan.outcome.objective_usd
    assert plan.kpis.value_usd == pytest.approx(plan.outcome.objective_usd - loss)


def test_what_moving_is_worth_is_the_difference_to_each_alternative(plan: Plan) -> None:
    """One money: the gain over staying put is this plan's value less that one's."""
    for other in plan.alternatives:
        assert other.gain.value_usd == pytest.approx(plan.kpis.value_usd - other.kpis.value_usd)
    assert [other.name for other in plan.alternatives] == ["stay put", "cheapest power"]


def test_every_idle_site_has_its_reason(plan: Plan) -> None:
    """`away` waits for machines in m1, `far` is sanctioned in m4 by its act; nothing else is idle."""
    found = [tuple(row) for row in plan.zeros.itertuples(index=False)]
    assert found == [
        ("away", "m1", "no machine can be there yet", ""),
        ("far", "m4", "sanctioned", "act 7"),
    ]


def test_shadow_prices_have_names() -> None:
    """Five of ten run on 5 kW: one kW more is worth 100 in each month, and it binds."""
    table = solve_inputs(quiet(sites=1, max_power_kw=5.0)).shadow_prices("site_power")
    assert table.site.tolist() == ["home"] * 3
    assert table.worth_usd.tolist() == pytest.approx([100.0] * 3)
    assert table.used.tolist() == pytest.approx([5.0] * 3)
    assert table.binds.all()


def test_binding_limits_are_added_up_over_the_months() -> None:
    """Three months at 100 a kW: 300 for a kW that stays."""
    (row,) = solve_inputs(quiet(sites=1, max_power_kw=5.0)).binding.to_dict("records")
    assert (row["where"], row["periods"], row["first"], row["last"]) == ("home", 3, "m1", "m3")
    assert row["worth_usd_per_unit"] == pytest.approx(300.0)


def test_an_unknown_family_of_limits_is_named(plan: Plan) -> None:
    """The message lists those that there are."""
    with pytest.raises(KeyError, match=r"no limits called 'site_pwer'; this plan has site_power"):
        plan.shadow_prices("site_pwer")


def test_cheapest_power_opens_no_site_in_vain() -> None:
    """Power costs 50, 20 and 30; all move to the 20. `far` costs 1,000 a month to be open and is not needed.

    3 x 10 x 80 - 50 of freight = 2,350; a baseline that opens `far` as well is beaten by nothing but itself.
    """
    data = quiet(
        sites=3,
        energy_usd=[[[50.0] * 3], [[20.0] * 3], [[30.0] * 3]],
        freight_usd=5.0,
        fixed_usd=[[0.0], [0.0], [1000.0]],
    )
    (cheapest,) = [each for each in solve_inputs(data).alternatives if each.name == "cheapest power"]
    assert cheapest.kpis.value_usd == pytest.approx(2350)


def test_cheapest_power_runs_on_free_power() -> None:
    """Power costs nothing anywhere: it still runs, 3,000, and does not sit idle at 0."""
    plan = solve_inputs(quiet())
    assert [each.kpis.value_usd for each in plan.alternatives] == pytest.approx([3000.0, 3000.0])


# --- when there is no plan --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sites": 1, "max_machines": 5.0}, "racks of the site of home: m1 (5)"),
        (
            {"sites": 1, "maintenance_usd": 200.0, "opening_cash_usd": 100.0, "can_run": False},
            "cash: m1 (100)",
        ),
        (
            {**NO_ROADS, "arrival_period": np.empty((0, 3), int), "max_machines": [4.0, 9.0]},
            "racks of the site of home: m1 (4)",
        ),
    ],
)
def test_contradicting_limits_are_named(changes: dict[str, object], told: str) -> None:
    """Which limit, where, when, and what it is: what a person can go and change."""
    with pytest.raises(Infeasible) as caught:
        solve_inputs(quiet(**changes))
    assert caught.value.limits == (told,)
    assert told in str(caught.value)


def test_a_contradiction_of_whole_answers_is_named() -> None:
    """Five machines at each of two sites that want eight or more, and no road: half open there is room."""
    stuck = {**NO_ROADS, "arrival_period": np.empty((0, 3), int), "start_machines": [[5, 5]]}
    with pytest.raises(Infeasible) as caught:
        solve_inputs(quiet(**stuck, min_power_kw=8.0, fixed_usd=1.0))
    assert any("least size" in limit for limit in caught.value.limits)


def test_a_fleet_of_nothing_has_a_plan() -> None:
    """No machine, no offer: nothing to do, worth nothing."""
    assert solve_inputs(quiet(start_machines=0.0)).kpis.value_usd == 0.0


def test_a_fleet_that_cannot_run_has_a_plan() -> None:
    """No lawful hour anywhere: machines stand and cost their upkeep, and the screen is still drawn."""
    plan = solve_inputs(quiet(can_run=False, maintenance_usd=1.0))
    assert plan.kpis.value_usd == pytest.approx(-30)
    assert plan.kpis.cash_cost_usd_per_btc is None
    assert "bitcoin mined" in str(plan)


# --- stopped before proof ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [4, 10, 16])
def test_no_time_gives_staying_put_with_a_bound(seed: int) -> None:
    """A plan, not called optimal, worth what staying is, and a bound that the true optimum respects."""
    data = random_inputs(seed)
    stopped = solve_inputs(data, options=NO_TIME)
    best = solve_inputs(data).outcome.objective_usd
    assert stopped.status is Status.STOPPED
    assert stopped.moves.empty
    assert stopped.outcome.objective_usd <= best + 1e-6
    assert stopped.outcome.bound_usd is not None
    assert stopped.outcome.bound_usd >= best - 1e-6
    assert stopped.outcome.gap_share > 0
    assert "Proven" not in str(stopped)
    assert f"gap {stopped.outcome.gap_share:.2%}" in " ".join(str(stopped).split())


def test_no_time_and_no_way_to_stay_is_no_plan() -> None:
    """Two must leave for the racks to hold: staying put is no answer, and there is no time for another."""
    with pytest.raises(NoPlanInTime, match=r"raise solver\.time_limit_s"):
        solve_inputs(quiet(max_machines=[8.0, 9.0]), options=NO_TIME)


# --- other doors, other rules -----------------------------------------------------------------------------


@pytest.mark.parametrize("door", ["pulp:cbc", "pulp:highs"])
def test_another_door_gives_the_same_plan(door: str) -> None:
    """The second opinion: another solver, the same worth and the same table of moves."""
    ours = solve_inputs(quiet(**BETTER_AWAY))
    theirs = solve_inputs(quiet(**BETTER_AWAY), options=Options(door=door))
    assert theirs.kpis.value_usd == pytest.approx(ours.kpis.value_usd)
    assert_frame_equal(theirs.moves, ours.moves)


@pytest.mark.parametrize("door", ["pulp:cbc", "pulp:highs"])
def test_another_door_with_a_crew_gives_the_same_plan(door: str) -> None:
    """A crew of four: 3,000 + 4 x 120 + 4 x 70 + 2 x 20 = 3,800."""
    plan = solve_inputs(quiet(**BETTER_AWAY, crew_out_machines=4.0), options=Options(door=door))
    assert plan.kpis.value_usd == pytest.approx(3800)


def at_most_three_away(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """A rule of the user's own: at most three machines in service at the second site."""
    lp.at_most("three_away", total("wlpm->wm", plan.running[:, :, 1]), 3.0)


def test_a_rule_of_ones_own_holds() -> None:
    """One function beside the blocks: 3 run at `away`, 7 at home. 3 x 3 x 150 + 3 x 7 x 100 - 90 = 3,360."""
    plan = solve_inputs(quiet(**BETTER_AWAY), blocks=(*BLOCKS, at_most_three_away))
    assert plan.kpis.value_usd == pytest.approx(3360)


def watchman(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Money of the user's own: 2 USD a month for every machine that stands anywhere."""
    lp.spend("watchman", plan.standing("wlsm->wsm", 2.0))


def test_a_line_of_money_of_ones_own_is_in_the_plan() -> None:
    """3,000 - 60: the line is in the ledger and in the value, and the audit lets it pass."""
    plan = solve_inputs(quiet(), blocks=(*BLOCKS, watchman))
    assert plan.kpis.value_usd == pytest.approx(2940)
