"""Companies, loans, taxes and cash: what is stated has something to hold for."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.config import Horizon, Limits, Operator, TaxTerms
from optimizer.cross_checks.draft import Draft, Finding, nearest


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


def regimes_have_a_company(draft: Draft) -> Iterator[Finding]:
    """Own terms of tax are of a place where a company is taxed, and stand once for each first month."""
    terms, operator = draft.whole.get("tax"), draft.whole.get("operator")
    homes = [each.jurisdiction for each in draft.whole.get("entities", ())]
    if not homes and isinstance(operator, Operator) and not draft.written.get("entities"):
        homes = [operator.entity_jurisdiction]
    places = sorted({*homes, *(home[:2] for home in homes)})
    first: dict[tuple[str, str | None], int] = {}
    for i, regime in enumerate(terms.regimes if isinstance(terms, TaxTerms) else ()):
        where, key = ("tax", "regimes", i), (regime.jurisdiction, regime.from_month)
        if key in first:
            rule = f"is the place of entry {first[key]} too, from the same month"
            remedy = "keep one, or say from which month each holds"
            yield Finding((*where, "jurisdiction"), regime.jurisdiction, rule, remedy)
        first.setdefault(key, i)
        if places and regime.jurisdiction not in places:
            rule = "is a place where no company of the study is taxed"
            yield Finding((*where, "jurisdiction"), regime.jurisdiction, rule, nearest(key[0], places))
