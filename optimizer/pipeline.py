"""The pipeline: from a study, or from arrays, to an audited plan."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version

import numpy as np
import pandas as pd

from optimizer.audit import CAPITAL, CURRENT, NOT_CASH, audit
from optimizer.baselines import cheapest_power, stay_put
from optimizer.blocks import BLOCKS, Block
from optimizer.blocks.budget import budget
from optimizer.blocks.tax import tax
from optimizer.calendar_days import dated
from optimizer.certificate import upper_bound
from optimizer.config import Study
from optimizer.conflict import contradicting_limits
from optimizer.decisions import Decisions, declare
from optimizer.errors import AuditError, Infeasible, NoPlanInTime, SolveError
from optimizer.extract import tables
from optimizer.inputs import Inputs
from optimizer.invoices import invoiced
from optimizer.kpis import change, kpis
from optimizer.line_totals import line_totals
from optimizer.lp import Floats, LinearProgram
from optimizer.narrowing import maximize_narrowed
from optimizer.openings import start_point
from optimizer.plan import Alternative, Outcome, Plan
from optimizer.plan_tables import PlanTables
from optimizer.prepare import prepare
from optimizer.prices import binding, shadow_prices
from optimizer.reasons import zeros
from optimizer.solvers import Options, Solution, Status, maximize
from optimizer.statements import money_tables
from optimizer.story import Story, story_of
from optimizer.tax_tables import tax_tables
from optimizer.whole_machines import rounded

LAST: dict[Block, int] = {tax: 1, budget: 2}  # what counts, and then limits, every other block's money
LIBRARIES = ("rigshift", "highspy", "pulp", "numpy", "pandas", "scipy")
Progress = Callable[[str], None]


def solve(study: Study, blocks: Sequence[Block] = BLOCKS, progress: Progress = lambda stage: None) -> Plan:
    """The best plan for a study, audited, beside staying put and the cheapest power.

    ``progress`` is told each stage as it begins.

    Raises
    ------
    ConfigError
        If the study cannot be solved as written; every problem at once.
    Infeasible
        If limits contradict each other; names them.
    SolveError
        If the solver is missing or fails, or the plan does not survive its audit.
    """
    progress("reading places, law and market")
    prepared = prepare(study)
    return solve_inputs(
        prepared.inputs,
        options=options_of(study),
        whole_machines=study.solver.whole_machines,
        blocks=blocks,
        story=story_of(study, prepared),
        progress=progress,
    )


def solve_inputs(
    data: Inputs,
    *,
    options: Options | None = None,
    whole_machines: bool = True,
    blocks: Sequence[Block] = BLOCKS,
    story: Story | None = None,
    progress: Progress = lambda stage: None,
) -> Plan:
    """Arrays in, plan out; raises as ``solve`` does."""
    work = _Work(data, options or Options(), story or Story(), progress)
    with work.stage("building the model"):
        lp, plan = build(data, blocks)
    with work.stage(f"solving {len(lp.upper):,} columns and {len(lp.row_low):,} rows"):
        start = start_point(lp, data, work.options) if lp.is_integer.any() else None
        best = _with_plan(lp, data, plan, _best(lp, data, plan, start, work.options), work.options)
        best = _billed(lp, data, best)
    with work.stage("confirming the optimum without the solver"):
        certificate = _certificate(lp, data, plan, best)
    with work.stage("rounding to whole machines"):
        shown, note = (
            rounded(lp, data, plan, best, work.options) if whole_machines else (None, "not asked for")
        )
        shown = None if shown is None else _billed(lp, data, shown)
        if shown is not None and best.status is not Status.PROVEN:  # its rounding may be better
            best = replace(best, objective=max(best.objective, shown.objective))
    with work.stage("comparing with staying put and cheapest power"):
        others = {
            "stay put": _billed(lp, data, stay_put(lp, data, plan, work.options)),
            "cheapest power": _billed(lp, data, cheapest_power(lp, data, plan, work.options)),
        }
    with work.stage("auditing"):
        found = _audited(lp, data, plan, shown or best, is_whole=shown is not None)
        compared = {name: _audited_baseline(lp, data, plan, other) for name, other in others.items()}
    outcome = _outcome(lp, best, shown, note, certificate, work)
    return _plan(lp, data, best, found, compared, outcome, work.story)


def build(data: Inputs, blocks: Sequence[Block] = BLOCKS) -> tuple[LinearProgram, Decisions]:
    """The model: its decisions, then each block in turn."""
    lp = LinearProgram(data.labels, np.outer(data.probability, data.discount), "wm")
    plan = declare(lp, data)
    for add in sorted(blocks, key=lambda block: LAST.get(block, 0)):
        add(lp, data, plan)
    return lp, plan


def options_of(study: Study) -> Options:
    """How the study asks to be solved."""
    terms = study.solver
    return Options(terms.door, "auto", terms.time_limit_s, terms.mip_gap_share, terms.seed)


def _best(
    lp: LinearProgram, data: Inputs, plan: Decisions, start: Floats | None, options: Options
) -> Solution:
    if start is not None:
        return maximize(lp, options, start)
    return maximize_narrowed(lp, data, plan, options)


@dataclass
class _Work:
    """One run in hand, with its clock."""

    data: Inputs
    options: Options
    story: Story
    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.progress(name)
        began = time.perf_counter()
        yield
        self.seconds[name.split(" ", 1)[0]] = time.perf_counter() - began


def _with_plan(
    lp: LinearProgram, data: Inputs, plan: Decisions, found: Solution, options: Options
) -> Solution:
    """The solution, if it is a plan; staying put with an honest bound if time ran out; or why not."""
    if found.status in (Status.PROVEN, Status.WITHIN_GAP):
        return found
    if found.status is Status.INFEASIBLE:
        raise Infeasible(contradicting_limits(lp, data, options))
    if found.status in (Status.NO_PLAN, Status.STOPPED):
        return _at_least_staying_put(lp, data, plan, found, options)
    raise SolveError(f"{found.solver}: {found.status} ({found.message})")


def _billed(lp: LinearProgram, data: Inputs, found: Solution) -> Solution:
    """The solution at what it is billed: a search that is not over may pay more."""
    if not found.status.has_plan or found.status is Status.PROVEN:
        return found
    values = invoiced(lp, data, found.values)
    return replace(found, values=values, objective=float(lp.objective @ values))


def _at_least_staying_put(
    lp: LinearProgram, data: Inputs, plan: Decisions, found: Solution, options: Options
) -> Solution:
    """What a stopped search found, or staying put where that keeps every limit and is worth more."""
    held = replace(lp, upper=lp.upper.copy())
    for columns in (plan.shipped, plan.ordered, plan.sold, plan.departing, plan.arriving):
        held.forbid(columns, True)
    stayed = maximize(held, replace(options, door="highs", time_limit_s=max(10.0, options.time_limit_s)))
    if found.status.has_plan and not (stayed.status.has_plan and stayed.objective > found.objective):
        return found
    if not stayed.status.has_plan:
        told = f"{found.solver} found no plan in {found.seconds:.1f} s; raise solver.time_limit_s"
        raise NoPlanInTime(told)
    bound = found.bound
    if np.isnan(bound) and len(data.scenarios) == 1:
        any_prices = (np.zeros(len(lp.row_low)), np.nan_to_num(stayed.row_duals))
        bound = min(upper_bound(lp, data, plan, prices) for prices in any_prices)
    message = f"{found.message}; no better plan than staying put was found in {found.seconds:.1f} s"
    prices = np.full(len(lp.row_low), np.nan)
    return replace(stayed, status=Status.STOPPED, message=message, bound=bound, row_duals=prices)


def _certificate(lp: LinearProgram, data: Inputs, plan: Decisions, best: Solution) -> float | None:
    """The bound once more, from the prices alone; ``None`` with yes-or-no decisions or several scenarios."""
    if lp.is_integer.any() or len(data.scenarios) > 1 or np.isnan(best.row_duals).any():
        return None
    return upper_bound(lp, data, plan, best.row_duals)


def _audited(
    lp: LinearProgram, data: Inputs, plan: Decisions, best: Solution, *, is_whole: bool
) -> PlanTables:
    found = tables(lp, data, plan, best.values)
    findings = audit(found, data, best.objective, is_whole=is_whole, trusted_lines=_own_lines(lp))
    if findings:
        told = "\n".join(f"  - {finding}" for finding in findings[:10])
        raise AuditError(f"the plan does not survive its audit and is not shown:\n{told}")
    return found


def _own_lines(lp: LinearProgram) -> set[str]:
    """Lines of money from blocks that are not Rigshift's own: nobody but their author can recompute them."""
    return set(lp.ledger) - {*NOT_CASH, *CURRENT, *CAPITAL}


def _audited_baseline(lp: LinearProgram, data: Inputs, plan: Decisions, best: Solution) -> PlanTables | None:
    """A baseline's tables, audited against everything but the limits that do not hold for it."""
    if not best.status.has_plan:
        return None
    unlimited = replace(
        data,
        crew_out_machines=np.full_like(data.crew_out_machines, np.inf),
        crew_in_machines=np.full_like(data.crew_in_machines, np.inf),
        concentration_max_share=np.full_like(data.concentration_max_share, np.inf),
        max_capex_usd=np.full_like(data.max_capex_usd, np.inf),
        opening_cash_usd=np.inf,
    )
    found = tables(lp, data, plan, best.values)
    findings = audit(found, unlimited, best.objective, is_whole=False, trusted_lines=_own_lines(lp))
    if findings:
        raise AuditError(f"a baseline does not survive its audit: {findings[0]}")
    return found


def _outcome(
    lp: LinearProgram,
    best: Solution,
    shown: Solution | None,
    note: str,
    certificate: float | None,
    work: _Work,
) -> Outcome:
    has_bound = bool(np.isfinite(best.bound))
    loss = None if shown is None else (best.objective - shown.objective) / max(1.0, abs(best.objective))
    return Outcome(
        status=best.status,
        solver=best.solver,
        message=best.message,
        objective_usd=best.objective,
        bound_usd=best.bound if has_bound else None,
        gap_share=best.gap_share if has_bound else None,
        whole_machines=shown is not None,
        rounding_loss_share=loss,
        rounding_note=note,
        certificate_usd=certificate if certificate is not None and np.isfinite(certificate) else None,
        seconds=work.seconds,
        columns=len(lp.upper),
        rows=len(lp.row_low),
        nonzeros=lp.matrix.nnz,
        seed=work.options.seed,
    )


def _sites(data: Inputs) -> pd.DataFrame:
    """Where each site is and whose."""
    columns = {
        "site": data.sites,
        "region": data.site_region,
        "jurisdiction": data.site_jurisdiction,
        "entity": np.array(data.entities, dtype=object)[data.entity_of_site],
    }
    return pd.DataFrame(columns)


def _plan(
    lp: LinearProgram,
    data: Inputs,
    best: Solution,
    found: PlanTables,
    compared: dict[str, PlanTables | None],
    outcome: Outcome,
    story: Story,
) -> Plan:
    prices = shadow_prices(lp, data, best)
    frames = {
        **dict(found.items()),
        **money_tables(found, compared, data, story.first_days),
        "line_totals": line_totals(found, compared, data),
        **tax_tables(found, data, _own_lines(lp)),
        "sites": _sites(data),
        **(dated(found, data, story.first_days) if story.first_days else {}),
        "binding": binding(prices),
        "zeros": zeros(data, found.running),
        "law": story.law,
        "breakevens": story.breakevens,
    }
    return Plan(
        story=story,
        outcome=outcome,
        kpis=kpis(found, data),
        alternatives=tuple(
            Alternative(name, kpis(other, data), change(found, other, data))
            for name, other in compared.items()
            if other is not None
        ),
        tables=frames,
        prices=prices,
        versions={library: version(library) for library in LIBRARIES},
        lp=lp,
    )
