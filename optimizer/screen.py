"""A plan on one screen: what it is worth, what to do, where the fleet stands, what holds it back and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import StringIO
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from optimizer.kpis import Change, Kpis
from optimizer.screen_lines import lines_block
from optimizer.solvers import Status

if TYPE_CHECKING:
    from optimizer.plan import Plan

WIDTH = 112
MOVES_SHOWN = 14
LIMITS_SHOWN = 6
PERIODS_SHOWN = 8
LEAST_GAIN_USD = 1.0  # and a share of the plan's worth: less is rounding
LEAST_GAIN_SHARE = 1e-6
HIGHEST_RATE_SHARE = 10.0
RISK_ROW = "  before the legal-risk charge"
RETURN_ROW = "return on the fleet a year: after / before tax"
WHEREABOUTS = "Where machines run: MW that those in service draw at the meter while they run"
LIMITS = "What holds it back: periods at the limit, and what one more is worth, over the plan"


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
        lines_block(plan, lambda usd: _scaled(plan, usd), _scale(plan)[1]),
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
        text.append_text(_gain(plan, gain))
    text.append(f"{_proof(plan)}\n", style="green" if plan.status is Status.PROVEN else "yellow")
    if story.market:
        text.append(f"{story.market[0].upper()}{story.market[1:]}.\n", style="dim")
    if outcome.rounding_note and not outcome.whole_machines and outcome.rounding_note != "not asked for":
        text.append(f"Counts are not whole: {outcome.rounding_note}.\n", style="yellow")
    return text


def _gain(plan: Plan, gain: Change) -> Text:
    """What the plan is worth against staying put, on the scale of that sum."""
    if abs(gain.value_usd) <= max(LEAST_GAIN_USD, LEAST_GAIN_SHARE * abs(plan.kpis.value_usd)):
        best = plan.status in (Status.PROVEN, Status.WITHIN_GAP)
        told = "Staying put is the best plan" if best else "No better plan than staying put was found"
        return Text(f"{told}: nothing is gained by moving, buying or selling.\n", style="bold green")
    text = Text()
    text.append(
        f"Against staying put this plan is worth {_own_money(plan, gain.value_usd, sign=True)} today",
        style="bold green",
    )
    if gain.payback_months is not None and gain.lowest_cash_usd < 0:
        text.append(
            f"; the cash it takes ({_own_money(plan, -gain.lowest_cash_usd)}) "
            f"is back after {gain.payback_months:.1f} months"
        )
    rate = gain.irr_share_per_year
    if rate is not None and rate <= HIGHEST_RATE_SHARE:  # what a small sum brings at once says nothing
        text.append(f", {rate:,.0%} a year")
    return text.append(".\n")


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
        parts.append(f"confirmed without the solver {_exactness(off)}")
    if outcome.rounding_loss_share is not None:
        parts.append(_rounding_loss(outcome.rounding_loss_share))
    return "; ".join(parts) + "; audited."


def _exactness(off_share: float) -> str:
    return f"to {off_share:.0e}" if off_share >= 1e-15 else "to the last digit"


def _rounding_loss(loss_share: float) -> str:
    return f"whole machines cost {loss_share:.4%}" if loss_share >= 5e-7 else "whole machines cost nothing"


def _comparison(plan: Plan) -> Table:
    table = Table(title="", box=None, padding=(0, 2), pad_edge=False)
    table.add_column("")
    columns = [("this plan", plan.kpis), *((each.name, each.kpis) for each in plan.alternatives)]
    for name, _ in columns:
        table.add_column(name, justify="right")
    rows: dict[str, Callable[[Kpis], str]] = {
        f"worth today, {_scale(plan)[1]}": lambda k: _scaled(plan, k.value_usd),
        RISK_ROW: lambda k: _scaled(plan, k.npv_usd),
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
    if not any(figures.legal_risk_usd for _, figures in columns):
        del rows[RISK_ROW]
    if any(figures.npv_usd != figures.npv_before_tax_usd for _, figures in columns):
        rows |= _tax_rows(plan, [figures for _, figures in columns])
    for label, told in rows.items():
        table.add_row(label, *(told(figures) for _, figures in columns))
    return table


def _tax_rows(plan: Plan, shown: Sequence[Kpis]) -> dict[str, Callable[[Kpis], str]]:
    """What tax takes; everything above is after it but for the costs of a bitcoin."""
    rows: dict[str, Callable[[Kpis], str]] = {
        f"profit tax paid, nominal, {_scale(plan)[1]}": lambda k: _scaled(plan, k.profit_tax_usd),
        f"worth before tax and risk, {_scale(plan)[1]}": lambda k: _scaled(plan, k.npv_before_tax_usd),
        RETURN_ROW: lambda k: f"{_return(k.irr_share_per_year)} / {_return(k.irr_before_tax_share_per_year)}",
        "a bitcoin with moving, wear and tax, USD": lambda k: _number(
            k.all_in_after_tax_cost_usd_per_btc, "{:,.0f}"
        ),
    }
    rates = [rate for k in shown for rate in (k.irr_share_per_year, k.irr_before_tax_share_per_year)]
    if all(rate is None for rate in rates):
        del rows[RETURN_ROW]
    return rows


def _return(rate_share: float | None) -> str:
    """A yearly rate; ``None`` where the cash never turns, or turns more than once."""
    if rate_share is None:
        return "no one rate"
    return f"{rate_share:,.0%}" if rate_share <= HIGHEST_RATE_SHARE else "over 1,000%"


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
    return Group(Text(f"\n{WHEREABOUTS}", style="bold"), table)


def _in_order(plan: Plan, power: pd.DataFrame) -> list[str]:
    order = [*plan.placement.period, *plan.zeros.period]
    return sorted(dict.fromkeys(order)) if len(order) else list(power.columns)


def _limits(plan: Plan) -> Group | None:
    if plan.binding.empty:
        return None
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    for name in ("limit", "where", "periods at it", "one more is worth"):
        table.add_column(name, justify="right" if name == "one more is worth" else "left")
    for row in plan.binding.head(LIMITS_SHOWN).to_dict("records"):
        worth = _worth_of_one(plan, row["worth_usd_per_unit"], row["unit"])
        span = f"{row['first']} .. {row['last']} ({row['periods']})" if row["first"] else ""
        table.add_row(row["limit"], row["where"], span, worth)
    return Group(Text(f"\n{LIMITS}", style="bold"), table)


def _worth_of_one(plan: Plan, usd: float, unit: str) -> str:
    """Money for money is the same number in any currency."""
    currency = plan.story.currency
    return (
        f"{usd:,.3g} {currency} per {currency}"
        if unit == "USD"
        else f"{_amount(plan, usd)} {currency} per {unit}"
    )


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


def _own_money(plan: Plan, usd: float, *, sign: bool = False) -> str:
    """A sum on its own scale: ten thousand is nothing in millions."""
    amount, currency = usd * plan.story.units_per_usd, plan.story.currency
    plus = "+" if sign and usd >= 0 else ""
    if abs(amount) < 1e3:
        return f"{plus}{amount:,.0f} {currency}"
    size, name = (1e6, "m") if abs(amount) >= 1e6 else (1e3, "k")
    return f"{plus}{amount / size:,.2f} {name} {currency}"


def _scaled(plan: Plan, usd: float) -> str:
    amount = round(usd * plan.story.units_per_usd / _scale(plan)[0], 2)
    return f"{amount + 0.0:,.2f}"  # no minus before nothing


def _amount(plan: Plan, usd: float) -> str:
    amount = usd * plan.story.units_per_usd
    return f"{amount:,.0f}" if abs(amount) >= 100 else f"{amount:,.3g}"


def _number(value: float | None, form: str, factor: float = 1.0) -> str:
    return "-" if value is None else form.format(value * factor)
