"""Checks between sections: what no section can know by itself. Places and law are checked elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer import plausibility
from optimizer.cross_checks.contracts import contract_oddities, past_peaks_are_past
from optimizer.cross_checks.dates import (
    dates_without_effect,
    fees_fall_within_the_plan,
    offers_have_a_whole_period,
    periods_of_validity_are_in_order,
)
from optimizer.cross_checks.draft import Draft as Draft
from optimizer.cross_checks.draft import Finding as Finding
from optimizer.cross_checks.machines import (
    bought_before_the_start,
    fleet_fits_at_the_start,
    handed_in_machines_exist,
    machines_are_known,
)
from optimizer.cross_checks.money import (
    cash_is_within_the_horizon,
    money_has_an_object,
    regimes_have_a_company,
)
from optimizer.cross_checks.names import ids_are_unique, references_lead_somewhere
from optimizer.cross_checks.prices import (
    currencies_are_known,
    currency_is_known,
    moving_rates_left_still,
    prices_cover_the_horizon,
)
from optimizer.cross_checks.terms import corridors_do_not_compete

CHECKS = (
    ids_are_unique,
    references_lead_somewhere,
    machines_are_known,
    handed_in_machines_exist,
    bought_before_the_start,
    fleet_fits_at_the_start,
    periods_of_validity_are_in_order,
    offers_have_a_whole_period,
    fees_fall_within_the_plan,
    currency_is_known,
    currencies_are_known,
    corridors_do_not_compete,
    prices_cover_the_horizon,
    past_peaks_are_past,
    money_has_an_object,
    cash_is_within_the_horizon,
    regimes_have_a_company,
)


def check(draft: Draft) -> Iterator[Finding]:
    """Everything in which the sections contradict each other."""
    for look in CHECKS:
        yield from look(draft)


def cautions(draft: Draft) -> Iterator[str]:
    """What is allowed but probably not meant; for a study without errors."""
    for site in draft.sites.values():
        count = sum(lot.count for lot in draft.fleet.values() if lot.site == site.id)
        if site.max_power_kw == 0 and count:
            what = f"site {site.id!r}: max_power_kw is 0 but {count:,} machines start there"
            yield f"{what}; raise the limit or let them leave"
    used = {site.tariff for site in draft.sites.values()}
    for name in draft.tariffs:
        if name not in used:
            yield f"tariff {name!r} is used by no site"
    for name, tariff in draft.tariffs.items():
        for key in ("energy_usd_per_kwh", "otherwise_usd_per_kwh"):
            yield from plausibility.price_oddities(name, getattr(tariff, key, 0.0))
    yield from plausibility.market_oddities(draft.whole["market"])
    yield from plausibility.finance_oddities(draft.whole["finance"])
    for section, machines in (
        ("lot", draft.fleet),
        ("purchase", draft.purchases),
        ("refurbishment", draft.refurbishments),
    ):
        for machine in machines.values():
            yield from plausibility.machine_oddities(section, machine)
    yield from dates_without_effect(draft)
    yield from contract_oddities(draft)
    yield from moving_rates_left_still(draft)
    yield from plausibility.rate_oddities(draft.whole["currency"], draft.whole["horizon"])
