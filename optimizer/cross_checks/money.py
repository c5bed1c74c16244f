"""Companies, loans and cash: what is stated has something to hold for."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.config import Horizon, Limits
from optimizer.cross_checks.draft import Draft, Finding


def money_has_an_object(draft: Draft) -> Iterator[Finding]:
    """Loans need something to buy, overheads an amount, and a host pays its own fees."""
    offers = [*draft.written_texts("purchases"), *draft.written_texts("refurbishments")]
    for i, loan in enumerate(draft.whole.get("loans", ())):
        if not offers:
            rule = "is lent for machines that are bought, and nothing is on offer"
            yield Finding(("loans", i), loan.id, rule, "add purchases, or drop the loan")
    for i, cost in enumerate(draft.whole.get("overheads", ())):
        if not (cost.usd_per_month or cost.yearly_usd or cost.once_usd):
            remedy = "give usd_per_month, yearly_usd or once_usd"
            yield Finding(("overheads", i), cost.name, "has no amount", remedy)
    for i, site in draft.sites.items():
        for j, licence in enumerate(site.host_licences):
            if licence.fee_once_usd or licence.fee_yearly_usd:
                rule = "has a fee, which its holder, the host, pays"
                remedy = "take it out; what the host asks for it belongs in its rate"
                yield Finding(("sites", i, "host_licences", j), licence.id, rule, remedy)


def cash_is_within_the_horizon(draft: Draft) -> Iterator[Finding]:
    horizon, limits = draft.whole.get("horizon"), draft.whole.get("limits")
    if not isinstance(horizon, Horizon) or not isinstance(limits, Limits) or limits.budget is None:
        return
    dated = [("equity", i, "month", each.month) for i, each in enumerate(limits.budget.equity)]
    steps = enumerate(limits.budget.min_cash_steps)
    dated += [("min_cash_steps", i, "from", each.from_month) for i, each in steps]
    for key, i, name, month in dated:
        if not horizon.start <= month <= horizon.last_month:
            rule = f"lies outside the plan, {horizon.start} to {horizon.last_month}"
            where = ("limits", "budget", key, i, name)
            yield Finding(where, month, rule, "correct the month, or drop the entry")
