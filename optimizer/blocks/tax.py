"""Profit tax by company and tax year, with writing off and with losses carried forward.

A year's profit is split into what is taxed, what past losses offset, and a loss that is carried on. More tax
never pays, so the split is right by itself wherever a dollar of tax weighs less in every later year. Where it
does not (a rate that rises, a holiday that ends, money that loses no worth), or where a loss can lapse,
inventing income and a loss beside it would pay; there yes-or-no columns hold the split to the law.

The end of the plan is a deemed disposal in the last tax year: what is left is sold at its worth, and its gain
or loss goes through the same account as the year's profit. What that changes in the last year's tax is
`deferred_tax`. So a gain is covered by losses, and a loss brings back no more than the last year's tax.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.decisions import Decisions, most_machines
from optimizer.inputs import NEVER, Bools, Inputs
from optimizer.lp import ABSENT, Columns, Expr, Floats, LinearProgram, last_period, total, total_at

# Capital to the budget, an expense or income of the year to the tax. Purchases and building are written off.
COUNTED_AT_ONCE = (
    *("deinstallation", "installation", "freight", "insurance", "customs", "breakage"),
    *("site_opening", "site_exit", "sales"),
)
MACHINES, INFRASTRUCTURE = ("purchases", "import"), ("building",)
LEFT_AT_END = ("end_value", "coins_at_end")
OWNED_BY = ("e", "s", "h", "k", "f")  # axes whose places belong to a company
ALIKE = 1e-9  # relative: a weight that falls by less does not fall


def tax(lp: LinearProgram, data: Inputs, plan: Decisions) -> None:
    """Columns taxable, loss_made, loss_used, loss_pool (w, e, y), cash_taxable (w, e) and their rows;
    profit_tax, deferred_tax.

    Built after every block that earns or spends and before the budget. Raises ValueError where the last
    year's tax is paid before the last period: the disposal at the end could not change it any more.
    """
    if not data.tax_years:
        return
    if data.tax_paid_in[-1] != len(data.periods) - 1:
        raise ValueError("inputs.tax_paid_in: the last tax year is paid in the last period")
    profit = _profit(lp, data, plan)
    in_all = profit + _in_last_year(lp, _gain_left(lp, data, plan))
    split = _Split(*(lp.variable(name, "wey") for name in ("taxable", "loss_made", "loss_used", "loss_pool")))
    lp.at_least("tax_profit", split.of_profit() - in_all, 0.0)
    _carry_losses(lp, data, split)
    if (tempted := may_pay_to_invent(data)).any():
        _hold_to_the_law(lp, data, split, _largest(lp, data, plan, in_all), tempted)
    _pay(lp, data, split, _cash_taxable(lp, data, split, profit))


def _cash_taxable(lp: LinearProgram, data: Inputs, split: _Split, profit: Expr) -> Columns:
    """(w, e) what of the last year is taxed in cash, before the disposal: its profit less losses from before.

    It moves tax between two lines whose sum alone counts in the worth; ``invoices.py`` puts it at its least.
    """
    cash = lp.variable("cash_taxable", "we")
    last = len(data.tax_years) - 1
    of_year = _last_year(profit)
    brought = total("we->we", last_period(split.pool)[..., last])
    opening = data.opening_loss_usd if last == 0 else np.zeros(len(data.entities))
    due = total("we->we", cash)
    lp.at_least("cash_tax", due + brought - of_year, np.broadcast_to(0.0 - opening, lp.shape("we")))
    share = data.loss_use_share[:, last]
    low = np.broadcast_to(np.where(share < 1.0, 0.0, -np.inf), lp.shape("we"))
    lp.at_least("cash_tax_share", due - of_year.times(1.0 - share), low)
    return cash


def _pay(lp: LinearProgram, data: Inputs, split: _Split, cash: Columns) -> None:
    """Lines profit_tax, when due, and deferred_tax: the rest of the last year's, not cash."""
    shape, rate = lp.shape("wem"), data.tax_rate_share
    w, e, _ = np.ogrid[tuple(slice(length) for length in lp.shape("wey"))]
    earlier = split.taxable.copy()
    earlier[..., -1] = ABSENT
    due = total_at("wem", shape, earlier, (w, e, data.tax_paid_in), rate)
    at_end = (w[..., 0], e[..., 0], shape[2] - 1)
    now = total_at("wem", shape, cash, at_end, rate[:, -1])
    lp.spend("profit_tax", due + now, is_taxable=False)
    in_all = total_at("wem", shape, split.taxable[..., -1], at_end, rate[:, -1])
    lp.spend("deferred_tax", in_all - now, is_cash=False)


@dataclass(frozen=True)
class _Split:
    """Columns (w, e, y): a year's profit is what is taxed and offset, less the loss that is made."""

    taxable: Columns
    made: Columns
    used: Columns
    pool: Columns  # losses not yet used at the end of the year

    def of_profit(self) -> Expr:
        return _sum(self.taxable) + _sum(self.used) - _sum(self.made)


def _sum(columns: Columns, weights: Floats | None = None) -> Expr:
    return total("wey->wey", columns) if weights is None else total("wey,ey->wey", columns, weights)


def _carry_losses(lp: LinearProgram, data: Inputs, split: _Split) -> None:
    """Rows ``tax_losses``, ``loss_share`` and, where losses lapse in time, ``loss_life`` (w, e, y)."""
    opening = np.zeros(lp.shape("wey"))
    opening[..., 0] = data.opening_loss_usd
    carried = _sum(split.pool) - _sum(last_period(split.pool)) - _sum(split.made) + _sum(split.used)
    lp.at_most("tax_losses", carried, opening)
    share = data.loss_use_share
    limit = np.where(share < 1.0, 0.0, np.inf)
    over = _sum(split.used, 1.0 - share) - _sum(split.taxable, share)
    lp.at_most("loss_share", over, np.broadcast_to(limit, lp.shape("wey")))
    years = np.arange(len(data.tax_years))
    lapses = lapses_in_time(data)
    young = _sum(split.pool)
    for age in range(len(years)):
        earlier = np.full_like(split.made, ABSENT)
        earlier[..., age:] = split.made[..., : len(years) - age]
        counts = np.where(age < data.loss_life_years, 1.0, 0.0)
        young = young - _sum(earlier, np.broadcast_to(counts[:, None], lapses.shape))
    still = np.where(years < data.loss_life_years[:, None] - 1, data.opening_loss_usd[:, None], 0.0)
    lp.at_most("loss_life", young, np.broadcast_to(np.where(lapses, still, np.inf), lp.shape("wey")))


def lapses_in_time(data: Inputs) -> Bools:
    """(e, y) whether some loss is too old to be used after the year, with years still to come."""
    years = np.arange(len(data.tax_years))
    first = np.where(data.opening_loss_usd > 0, -1, 0)  # year in which the oldest loss was made
    too_old = years >= (first + data.loss_life_years)[:, None]
    return np.asarray(too_old & (years < len(years) - 1))


def may_pay_to_invent(data: Inputs) -> Bools:
    """(e, y) whether a dollar of loss is worth more after the year than a dollar of tax costs in it.

    Cash that is scarce weighs no more later than sooner, so that with a budget the rates alone decide.
    """
    paid, rate = data.tax_paid_in, data.tax_rate_share
    tempted = np.zeros(rate.shape, dtype=bool)
    for year in range(rate.shape[1]):
        for later in range(year + 1, rate.shape[1]):
            weighs = rate[:, later] * data.discount[paid[later]]
            holds = rate[:, year] * data.discount[paid[year]]
            is_same = (paid[year] == paid[later]) & (rate[:, year] == rate[:, later])
            has_budget = np.isfinite(data.opening_cash_usd)
            gains = (weighs >= holds * (1 - ALIKE)) | ((rate[:, later] > rate[:, year]) & has_budget)
            tempted[:, year] |= gains & ~is_same & (rate[:, later] > 0)
    return np.asarray(tempted | (lapses_in_time(data) & (rate > 0)).any(axis=1, keepdims=True))


def _hold_to_the_law(lp: LinearProgram, data: Inputs, split: _Split, most: Floats, tempted: Bools) -> None:
    """Columns ``in_profit``, ``losses_gone`` (whole): profit or loss in a year, and losses used in order.

    ``most`` (w, e, y) is what no profit and no loss of the year can pass.
    """
    in_profit, gone = (
        lp.variable(name, "wey", exists=tempted[None], upper=1.0, is_integer=True)
        for name in ("in_profit", "losses_gone")
    )
    only = np.where(tempted, 0.0, np.inf)[None]
    as_profit = total("wey,wey->wey", in_profit, most)
    lp.at_most("profit_year", _sum(split.taxable) + _sum(split.used) - as_profit, _rows(lp, only))
    lp.at_most("loss_year", _sum(split.made) + as_profit, _rows(lp, only + most))
    brought = np.zeros(lp.shape("wey"))
    brought[..., 0] = data.opening_loss_usd
    carried = np.cumsum(most + brought, axis=-1)  # used up in the year, or as much as the share allows
    not_used = _sum(last_period(split.pool)) - _sum(split.used)
    all_of_it = total("wey,wey->wey", gone, carried)
    lp.at_most("all_losses_used", not_used + all_of_it, _rows(lp, only + carried - brought))
    share = data.loss_use_share
    left_over = _sum(split.taxable, share) - _sum(split.used, 1.0 - share)
    lp.at_most("share_used", left_over - total("wey,wey->wey", gone, most), _rows(lp, only))


def _rows(lp: LinearProgram, limit: Floats) -> Floats:
    return np.broadcast_to(limit, lp.shape("wey"))


def _profit(lp: LinearProgram, data: Inputs, plan: Decisions) -> Expr:
    """(w, e, y) income less expenses and what is written off."""
    at_once = np.broadcast_to(data.year_share.T, (len(data.entities), *data.year_share.T.shape))
    by_month = _lines(lp, data, COUNTED_AT_ONCE, with_taxable=True) - _book_of_what_is_gone(lp, data, plan)
    by_month = by_month - _first_fleet(lp, data, plan)
    profit = _in_years(by_month, at_once) - _under_way(lp, data, plan)
    for names, share in _write_offs(data):
        profit = profit + _in_years(_lines(lp, data, names), share @ data.year_share.T)
    return profit


def _write_offs(data: Inputs) -> tuple[tuple[tuple[str, ...], Floats], ...]:
    """Lines that are written off, and the shares (e, m, m): paid, written off."""
    return (MACHINES, data.order_depreciation_share), (INFRASTRUCTURE, data.building_depreciation_share)


def _lines(lp: LinearProgram, data: Inputs, names: tuple[str, ...], *, with_taxable: bool = False) -> Expr:
    """(w, e, m) the named lines that the model has, and those marked for the tax."""
    found = lp.nothing("wem")
    for name, line in lp.ledger.items():
        if name in names or (with_taxable and line.is_taxable):
            found = found + _by_company(name, line.expr, data)
    return found


def _by_company(name: str, expr: Expr, data: Inputs) -> Expr:
    """(w, e, m) a line where its payer belongs to: of a trip, the company that it leads to."""
    owners = {
        "s": data.entity_of_site,
        "h": data.entity_of_hub,
        "k": data.entity_of_hub[data.corridor_to],
        "f": data.loan_entity,
        "e": np.arange(len(data.entities)),
    }
    axis = next((axis for axis in OWNED_BY if axis in expr.axes), None)
    if axis is not None:
        return expr.summed_to(f"w{axis}m").regrouped(axis, owners[axis], "e", len(data.entities))
    if len(data.entities) > 1:
        raise ValueError(f"line {name!r} has axes {expr.axes!r}: with several companies, whose is it?")
    by_month = expr.summed_to("wm")
    return Expr("wem", (by_month.shape[0], 1, by_month.shape[1]), by_month.cells, *_terms(by_month))


def _terms(expr: Expr) -> tuple[Columns, Floats]:
    return expr.columns, expr.values


def _in_years(expr: Expr, share: Floats) -> Expr:
    """(w, e, m) to (w, e, y) by shares (e, m, y) of what is paid in a period."""
    w, e, m = np.unravel_index(expr.cells, expr.shape)
    shape = (*expr.shape[:2], share.shape[2])
    counted, year = np.nonzero(share[e, m])
    cells = np.ravel_multi_index((w[counted], e[counted], year), shape).astype(np.int64)
    values = expr.values[counted] * share[e[counted], m[counted], year]
    return Expr("wey", shape, cells, expr.columns[counted], values)


def _book_of_what_is_gone(lp: LinearProgram, data: Inputs, plan: Decisions) -> Expr:
    """(w, e, m) book value of machines that are sold or handed in."""
    gone = total("wlhm,lm->whm", plan.sold, data.book_usd) + total(
        "wlhm,lm->whm", plan.handed_in, data.book_usd
    )
    return _by_company("book value", gone, data)


def _first_fleet(lp: LinearProgram, data: Inputs, plan: Decisions) -> Expr:
    """(w, e, m) what today's machines write off where they stand."""
    where = np.moveaxis(data.depreciation_usd[data.entity_of_site], 0, 1)  # (l, s, m)
    standing = total("wlsm,lsm->wsm", plan.staying, where) + total("wlscm,lsm->wsm", plan.arriving, where)
    return _by_company("depreciation", standing, data)


def _under_way(lp: LinearProgram, data: Inputs, plan: Decisions) -> Expr:
    """(w, e, y) what they write off on the road, at the company that they go to."""
    by_year = data.depreciation_usd[..., None] * data.year_share.T  # (e, l, m, y)
    before = np.zeros((*by_year.shape[:2], by_year.shape[2] + 1, by_year.shape[3]))
    before[:, :, 1:] = np.cumsum(by_year, axis=2)
    company, now = data.entity_of_hub[data.corridor_to], np.arange(len(data.periods))
    due = np.where(data.arrival_period == NEVER, now, data.arrival_period)  # (k, m)
    if not len(company):
        return lp.nothing("wey")
    weight = np.stack([before[e][:, due[k]] - before[e][:, now] for k, e in enumerate(company)])
    columns = np.broadcast_to(plan.shipped[..., None], (*plan.shipped.shape, by_year.shape[3]))
    lost = total("wlkmy,klmy->wky", columns, weight)
    return lost.regrouped("k", company, "e", len(data.entities))


def _gain_left(lp: LinearProgram, data: Inputs, plan: Decisions) -> Expr:
    """(w, e) worth of what is left at the end over what the tax books hold of it."""
    last = len(data.periods) - 1
    gain = _lines(lp, data, LEFT_AT_END) + _lines(lp, data, ("coins_held",))
    book = np.zeros((len(data.lots), len(data.sites), last + 1))
    worn = np.moveaxis(data.depreciation_usd[data.entity_of_site], 0, 1)[..., last]
    book[..., last] = data.book_usd[:, None, last] - worn
    gain = gain - _by_company("book value", plan.standing("wlsm,lsm->wsm", book), data)
    for names, share in _write_offs(data):
        gain = gain + _lines(lp, data, names).times(1.0 - share.sum(axis=2))
    return gain.summed_to("we")


def _last_year(expr: Expr) -> Expr:
    """(w, e, y) to (w, e)"""
    here = expr.cells % expr.shape[2] == expr.shape[2] - 1
    cells = expr.cells[here] // expr.shape[2]
    return Expr("we", expr.shape[:2], cells, expr.columns[here], expr.values[here])


def _in_last_year(lp: LinearProgram, expr: Expr) -> Expr:
    """(w, e) to (w, e, y)"""
    shape = lp.shape("wey")
    return Expr("wey", shape, (expr.cells + 1) * shape[2] - 1, *_terms(expr))


def _largest(lp: LinearProgram, data: Inputs, plan: Decisions, profit: Expr) -> Floats:
    """(w, e, y) a sum that no profit and no loss of the year can pass.

    Columns without a limit of their own (peaks, loans, what is built) are taken to cost no more than all
    machines turn over.
    """
    machines = most_machines(data)
    most = np.zeros(profit.shape)
    is_limited = np.isfinite(lp.upper)
    for place in np.ndindex(*profit.shape):
        here = profit.cells == np.ravel_multi_index(place, profit.shape)
        weight = np.abs(np.bincount(profit.columns[here], profit.values[here], len(lp.upper) + 1))
        for name, columns in plan.of_machines().items():
            each = weight[columns[place[0]]]  # ABSENT reads the last place, which is zero
            by_lot = each.reshape(len(machines), -1, each.shape[-1]).max(axis=1, initial=0.0).sum(axis=-1)
            most[place] += _of_running(each, data, machines) if name == "running" else by_lot @ machines
            weight[columns] = 0.0
        beside = float(weight[:-1][is_limited] @ lp.upper[is_limited])
        most[place] = most[place] * (2.0 if weight[:-1][~is_limited].any() else 1.0) + beside
    return most


def _of_running(weight: Floats, data: Inputs, machines: Floats) -> float:
    """The most that running can come to: each machine at its dearest, or each site with all its power."""
    by_lot, by_power = 0.0, 0.0
    for block in range(len(data.hour_blocks)):
        inside = weight[:, :, data.profile_block == block]  # (l, s, p, m)
        drawn_kw = data.meter_kw[:, :, data.profile_block == block]
        unlimited = np.where(inside > 0, np.inf, 0.0)
        dearest = np.divide(inside, drawn_kw, out=unlimited, where=drawn_kw > 0).max(axis=(0, 2), initial=0.0)
        pays = dearest > 0
        by_power += float(dearest[pays] @ data.max_power_kw[pays])
        by_lot += float(inside.max(axis=(1, 2), initial=0.0).sum(axis=-1) @ machines)
    return min(by_lot, by_power)
