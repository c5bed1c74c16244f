"""A plan on one screen: what it is worth, what to do, where the fleet stands, what holds it back and why."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from optimizer.kpis import Kpis
from optimizer.solvers import Status

if TYPE_CHECKING:
    from optimizer.plan import Plan

WIDTH = 112
MOVES_SHOWN = 14
LIMITS_SHOWN = 6
PERIODS_SHOWN = 8


def rendered(plan: Plan) -> str:
    """The screen as plain text."""
    text = StringIO()
    Console(file=text, width=WIDTH, color_system=None, highlight=False).print(screen(plan))
    return text.getvalue().rstrip()


def screen(plan: Plan) -> RenderableType:
    """The screen for a terminal."""
    parts = [
        _headline(plan),
        _comparison(plan),
        _actions(plan),
        _whereabouts(plan),
        _limits(plan),
        _closed(plan),
        _notes(plan),
    ]
    return Group(*(part for part in parts if part is not None))


def _headline(plan: Plan) -> Text:
    story, outcome = plan.story, plan.outcome
    text = Text(f"{story.title or story.name}\n", style="bold")
    gain = next((each.gain for each in plan.alternatives if each.name == "stay put"), None)
    if gain is not None:
        text.append(
            f"Against staying put this plan is worth {_money(plan, gain.value_usd, sign=True)} today",
            style="bold green",
        )
        if gain.payback_months is not None and gain.lowest_cash_usd < 0:
            text.append(
                f"; the cash it takes ({_money(plan, -gain.lowest_cash_usd)}) "
                f"is back after {gain.payback_months:.1f} months"
            )
        if gain.irr_share_per_year is not None:
            text.append(f", {_yearly(gain.irr_share_per_year)}")
        text.append(".\n")
    text.append(f"{_proof(plan)}\n", style="green" if plan.status is Status.PROVEN else "yellow")
    if story.market:
        text.append(f"{story.market[0].upper()}{story.market[1:]}.\n", style="dim")
    if outcome.rounding_note and not outcome.whole_machines and outcome.rounding_note != "not asked for":
        text.append(f"Counts are not whole: {outcome.rounding_note}.\n", style="yellow")
    return text


def _yearly(rate_share: float) -> str:
    """A rate of return; what a small sum brings at once says no more than that it is a lot."""
    return "more than 1,000% a year" if rate_share > 10 else f"{rate_share:,.0%} a year"


def _proof(plan: Plan) -> str:
    outcome = plan.outcome
    told = {Status.PROVEN: "Proven optimal", Status.WITHIN_GAP: "Within the gap asked for"}.get(
        plan.status, "Not proven"
    )
    parts = [f"{told} by {outcome.solver} in {outcome.seconds.get('solving', 0.0):.1f} s"]
    if plan.status is not Status.PROVEN:
        gap = "unknown" if outcome.gap_share is None else f"{outcome.gap_share:.2%}"
        parts.append(f"gap {gap} ({outcome.message})")
    if plan.status is Status.PROVEN and outcome.certificate_usd is not None:
        off = abs(outcome.certificate_usd - outcome.objective_usd) / max(1.0, abs(outcome.objective_usd))
        parts.append(f"confirmed without the solver to {off:.0e}")
    if outcome.rounding_loss_share is not None:
        parts.append(f"whole machines cost {max(0.0, outcome.rounding_loss_share):.4%}")
    return "; ".join(parts) + "; audited."


def _comparison(plan: Plan) -> Table:
    table = Table(title="", box=None, padding=(0, 2), pad_edge=False)
    table.add_column("")
    columns = [("this plan", plan.kpis), *((each.name, each.kpis) for each in plan.alternatives)]
    for name, _ in columns:
        table.add_column(name, justify="right")
    rows: dict[str, Callable[[Kpis], str]] = {
        f"worth today, {_scale(plan)[1]}": lambda k: _scaled(plan, k.value_usd),
        "  before the legal-risk charge": lambda k: _scaled(plan, k.npv_usd),
        "bitcoin mined": lambda k: f"{k.mined_btc:,.1f}",
        "hashrate, EH/s: mean / at the end": lambda k: (
            f"{k.mean_hashrate_ehs:.2f} / {k.last_hashrate_ehs:.2f}"
        ),
        "power drawn, MW mean": lambda k: f"{k.mean_power_mw:.1f}",
        "efficiency, J/TH": lambda k: _number(k.efficiency_j_per_th, "{:.1f}"),
        "power all-in, US c/kWh": lambda k: _number(k.power_usd_per_kwh, "{:.2f}", 100),
        "cost of a bitcoin, USD: cash": lambda k: _number(k.cash_cost_usd_per_btc, "{:,.0f}"),
        "  with moving and wear": lambda k: _number(k.all_in_cost_usd_per_btc, "{:,.0f}"),
        "break-even hashprice, USD/PH/day": lambda k: _number(k.breakeven_hashprice_usd_per_ph_day, "{:.1f}"),
        "machines moved / bought / sold": lambda k: (
            f"{k.moved_machines:,.0f} / {k.bought_machines:,.0f} / {k.sold_machines:,.0f}"
        ),
    }
    if any(figures.profit_tax_usd for _, figures in columns):
        rows |= _tax_rows(plan)
    for label, told in rows.items():
        table.add_row(label, *(told(figures) for _, figures in columns))
    return table


def _tax_rows(plan: Plan) -> dict[str, Callable[[Kpis], str]]:
    """What tax takes; everything above is after it but for the costs of a bitcoin."""
    return {
        f"profit tax paid, nominal, {_scale(plan)[1]}": lambda k: _scaled(plan, k.profit_tax_usd),
        f"worth before tax and risk, {_scale(plan)[1]}": lambda k: _scaled(plan, k.npv_before_tax_usd),
        "return on the fleet a year: after / before tax": lambda k: (
            f"{_number(k.irr_share_per_year, '{:,.0f}%', 100)} / "
            f"{_number(k.irr_before_tax_share_per_year, '{:,.0f}%', 100)}"
        ),
        "a bitcoin with moving, wear and tax, USD": lambda k: _number(
            k.all_in_after_tax_cost_usd_per_btc, "{:,.0f}"
        ),
    }


def _actions(plan: Plan) -> Group | None:
    actions = _all_actions(plan)
    if actions.empty:
        return Group(Text("\nWhat to do: nothing moves, nothing is bought or sold.", style="bold"))
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    for name in ("leaves", "arrives", "machines", "lot", "from", "to"):
        table.add_column(name, justify="right" if name == "machines" else "left")
    table.add_column(f"{plan.story.currency} k", justify="right")
    for row in actions.head(MOVES_SHOWN).to_dict("records"):
        money = f"{row['usd'] * plan.story.units_per_usd / 1e3:,.0f}"
        table.add_row(
            *(str(row[name]) for name in ("leaves", "arrives")),
            f"{row['machines']:,.0f}",
            str(row["lot"]),
            str(row["origin"]),
            str(row["target"]),
            money,
        )
    more = len(actions) - MOVES_SHOWN
    rest = [Text(f"... and {more} more in moves, purchases and sales", style="dim")] if more > 0 else []
    return Group(Text("\nWhat to do", style="bold"), table, *rest)


def _all_actions(plan: Plan) -> pd.DataFrame:
    moves, bought, sold = plan.moves, plan.purchases, plan.sales
    columns = ["leaves", "arrives", "machines", "lot", "origin", "target", "usd"]
    parts = [
        moves.assign(origin=moves.from_site, target=moves.to_site, usd=-moves.cost_usd)[columns],
        bought.assign(leaves=bought.ordered, origin="(buy)", target=bought.to_site, usd=-bought.cost_usd)[
            columns
        ],
        sold.assign(
            leaves=sold.period,
            arrives="",
            origin=sold.from_site,
            target=sold.kind.map({"sold": "(sell)", "handed in": "(hand in)"}),
            usd=sold.income_usd,
        )[columns],
    ]
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=columns)
    return pd.concat(filled).sort_values(["leaves", "machines"], ascending=[True, False], ignore_index=True)


def _whereabouts(plan: Plan) -> Group:
    power = (
        plan.running.pivot_table("meter_kw", "site", "period", aggfunc="sum", fill_value=0.0, sort=False)
        / 1000
    )
    periods = list(dict.fromkeys(plan.zeros.period)) if power.empty else _in_order(plan, power)
    step = max(1, -(-(len(periods) - 1) // (PERIODS_SHOWN - 1)))
    shown = [*periods[:-1:step], *periods[-1:]]
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    table.add_column("site")
    for period in shown:
        table.add_column(str(period), justify="right")
    for site in power.index:
        table.add_row(str(site), *(f"{power.loc[site].get(period, 0.0):.1f}" for period in shown))
    return Group(Text("\nWhere machines run, MW at the meter", style="bold"), table)


def _in_order(plan: Plan, power: pd.DataFrame) -> list[str]:
    order = [*plan.placement.period, *plan.zeros.period]
    return sorted(dict.fromkeys(order)) if len(order) else list(power.columns)


def _limits(plan: Plan) -> Group | None:
    if plan.binding.empty:
        return None
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    for name in ("what holds it back", "where", "periods", "one more is worth"):
        table.add_column(name, justify="right" if name == "one more is worth" else "left")
    for row in plan.binding.head(LIMITS_SHOWN).to_dict("records"):
        worth = f"{_amount(plan, row['worth_usd_per_unit'])} {plan.story.currency} per {row['unit']}"
        span = f"{row['first']} .. {row['last']} ({row['periods']})" if row["first"] else ""
        table.add_row(row["limit"], row["where"], span, worth)
    return Group(Text(""), table)


def _closed(plan: Plan) -> Group | None:
    """Law first: which rule closes which site, and when."""
    held = plan.zeros[plan.zeros.rule_id != ""]
    if held.empty:
        return None
    acts = plan.tables["law"].drop_duplicates("rule_id").set_index("rule_id")
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    for name in ("nothing runs at", "periods", "because", "by"):
        table.add_column(name, overflow="fold")
    for (site, rule, reason), part in held.groupby(["site", "rule_id", "reason"], sort=False):
        act = Text(f"{acts.act.get(rule, rule)} [{rule}]")  # Text: square brackets are not markup
        table.add_row(
            str(site),
            f"{part.period.iloc[0]} .. {part.period.iloc[-1]} ({len(part)})",
            str(reason),
            act,
        )
    return Group(Text(""), table)


def _notes(plan: Plan) -> Group | None:
    notes = plan.story.notes
    if not notes:
        return None
    # None is left out: a plan must not rest on law or on a word that its reader is not told of.
    lines = [Text(f"  {note}", style="yellow") for note in notes]
    return Group(Text("\nTo know", style="bold"), *lines)


def _scale(plan: Plan) -> tuple[float, str]:
    """What money is counted in on this screen: millions for a fleet, thousands for a container."""
    size = abs(plan.kpis.value_usd) * plan.story.units_per_usd
    return (1e6, f"m {plan.story.currency}") if size >= 1e6 else (1e3, f"k {plan.story.currency}")


def _money(plan: Plan, usd: float, *, sign: bool = False) -> str:
    plus = "+" if sign and usd >= 0 else ""
    return f"{plus}{_scaled(plan, usd)} {_scale(plan)[1]}"


def _scaled(plan: Plan, usd: float) -> str:
    return f"{usd * plan.story.units_per_usd / _scale(plan)[0]:,.2f}"


def _amount(plan: Plan, usd: float) -> str:
    amount = usd * plan.story.units_per_usd
    return f"{amount:,.0f}" if abs(amount) >= 100 else f"{amount:,.3g}"


def _number(value: float | None, form: str, factor: float = 1.0) -> str:
    return "-" if value is None else form.format(value * factor)
