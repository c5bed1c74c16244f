"""Dated entries against the months of the plan: in order, and with something left of them to hold for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from optimizer.config import Horizon, Limits, Market, Period, Risk
from optimizer.cross_checks.draft import Draft, Finding, Where


def periods_of_validity_are_in_order(draft: Draft) -> Iterator[Finding]:
    for where, entry in (*_taken_whole(draft), *_dated(draft)):
        if entry.from_month and entry.to_month and entry.from_month > entry.to_month:
            rule = f"is after `to` ({entry.to_month})"
            yield Finding(
                (*where, "from"), entry.from_month, rule, "swap from and to, or correct one of them"
            )


def offers_have_a_whole_period(draft: Draft) -> Iterator[Finding]:
    """What is taken up in whole periods never is where its months lie inside a quarter."""
    horizon = draft.whole.get("horizon")
    if not isinstance(horizon, Horizon):
        return
    periods = horizon.periods()
    for where, entry in _taken_whole(draft):
        first, last = entry.from_month or "", entry.to_month or "9999-12"
        touched = [each for each in periods if any(first <= m <= last for m in each.month_names())]
        if touched and first <= last and not any(_is_whole(each, first, last) for each in touched):
            quarters = " and ".join(each.name for each in touched)
            rule = f"holds for no whole period of the plan: its months lie inside {quarters}"
            remedy = "widen it to a whole quarter, or plan more single months (horizon.months)"
            yield Finding((*where, "from"), entry.from_month, rule, remedy)


def fees_fall_within_the_plan(draft: Draft) -> Iterator[Finding]:
    """A cost that is paid once, in a month gone by, is no cost of the plan."""
    horizon = draft.whole.get("horizon")
    for i, cost in enumerate(draft.whole.get("overheads", ())):
        is_alone = cost.once_usd and not (cost.usd_per_month or cost.yearly_usd)
        if isinstance(horizon, Horizon) and is_alone and (cost.from_month or horizon.start) < horizon.start:
            rule = f"is paid once, before the plan, which begins in {horizon.start}"
            yield Finding(("overheads", i, "from"), cost.from_month, rule, "correct the month, or drop it")


def dates_without_effect(draft: Draft) -> Iterator[str]:
    """Entries that hold in no month of the plan; allowed, since a study may look at a part of its horizon."""
    horizon: Horizon = draft.whole["horizon"]
    for where, entry in (*_taken_whole(draft), *_dated(draft)):
        if (entry.from_month or "") > horizon.last_month or (entry.to_month or "9999-12") < horizon.start:
            yield f"{_named(where, entry)} holds in no month of the plan, {_span(horizon)}"
    for cost in draft.whole.get("overheads", ()):
        if cost.once_usd and (cost.from_month or horizon.start) < horizon.start:
            when = f"once_usd fell due in {cost.from_month}, before the plan"
            yield f"overhead {cost.name!r}: {when}, and is not counted"
    market = draft.whole.get("market")
    steps = market.treasury_share if isinstance(market, Market) else ()
    for step in steps if isinstance(steps, tuple) else ():
        if step.from_month > horizon.last_month:
            yield f"market.treasury_share from {step.from_month} begins after the plan, {_span(horizon)}"
    for site in draft.sites.values():
        if site.available_from is not None and site.available_from > horizon.last_month:
            yield f"site {site.id!r} opens in {site.available_from}, after the plan, {_span(horizon)}"


def _taken_whole(draft: Draft) -> list[tuple[Where, Any]]:
    """What can be ordered or drawn in a period only when it holds in all its months."""
    found: list[tuple[Where, Any]] = [(("purchases", i), each) for i, each in draft.purchases.items()]
    found += [(("refurbishments", i), each) for i, each in draft.refurbishments.items()]
    return [*found, *((("loans", i), each) for i, each in enumerate(draft.whole.get("loans", ())))]


def _dated(draft: Draft) -> list[tuple[Where, Any]]:
    limits, risk = draft.whole.get("limits"), draft.whole.get("risk")
    lists: list[tuple[Where, Sequence[Any]]] = [(("overheads",), draft.whole.get("overheads", ()))]
    if isinstance(limits, Limits):
        lists += [(("limits", key), getattr(limits, key)) for key in ("power_groups", "concentration")]
    if isinstance(risk, Risk):
        lists.append((("risk", "hazards"), risk.hazards))
    return [((*where, i), each) for where, entries in lists for i, each in enumerate(entries)]


def _is_whole(period: Period, first: str, last: str) -> bool:
    months = period.month_names()
    return first <= months[0] and months[-1] <= last


def _named(where: Where, entry: Any) -> str:
    name = getattr(entry, "id", None) or getattr(entry, "name", "")
    return f"{'.'.join(str(part) for part in where[:-1])} {name!r}"


def _span(horizon: Horizon) -> str:
    return f"{horizon.start} to {horizon.last_month}"
