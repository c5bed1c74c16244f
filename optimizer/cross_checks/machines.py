"""Machines: models that are known, figures for every profile, room on the first day, what is handed in."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer import catalogue
from optimizer.config import Horizon, Machine
from optimizer.cross_checks.draft import Draft, Finding, Where, unknown


def machines_are_known(draft: Draft) -> Iterator[Finding]:
    for where, machine in _machines(draft):
        try:
            model = catalogue.model(machine.model) if machine.model else None
        except catalogue.UnknownModel as unknown:
            hint = (
                f"did you mean {' or '.join(repr(name) for name in unknown.nearest)}? "
                if unknown.nearest
                else ""
            )
            remedy = f"{hint}`rigshift catalogue` lists them; or give hashrate_ths, power_w and mass_kg"
            yield Finding((*where, "model"), machine.model, "is not one model of the catalogue", remedy)
            continue
        yield from _lacking_figures(where, machine, model)


def _lacking_figures(where: Where, machine: Machine, model: catalogue.Model | None) -> Iterator[Finding]:
    if machine.resale_usd_per_ths is None and (model is None or model.price_used_usd_per_ths is None):
        rule = "is missing, and the catalogue has no used price for it"
        yield Finding(
            (*where, "resale_usd_per_ths"), None, rule, "add resale_usd_per_ths, e.g. 5 (USD per TH/s)"
        )
    for profile in ("eco", "turbo"):
        if profile in machine.profiles and machine.setting(profile) is None:
            given = f"{profile}_hashrate_ths and {profile}_power_w, or {profile}_hashrate_share"
            remedy = f"add {given}, or take {profile} out of profiles"
            yield Finding(
                (*where, "profiles"), None, f"has {profile}, for which no figures are known", remedy
            )


def _machines(draft: Draft) -> Iterator[tuple[Where, Machine]]:
    yield from ((("fleet", i), lot) for i, lot in draft.fleet.items())
    yield from ((("purchases", i), purchase) for i, purchase in draft.purchases.items())
    yield from ((("refurbishments", i), offer) for i, offer in draft.refurbishments.items())


def fleet_fits_at_the_start(draft: Draft) -> Iterator[Finding]:
    horizon = draft.whole.get("horizon")
    for i, site in draft.sites.items():
        lots = [(j, lot) for j, lot in draft.fleet.items() if lot.site == site.id and lot.count > 0]
        count = sum(lot.count for _, lot in lots)
        if site.max_machines is not None and count > site.max_machines:
            rule = f"site {site.id!r} has {site.max_machines:,} racks but {count:,} machines start there"
            yield Finding(
                ("sites", i, "max_machines"),
                site.max_machines,
                rule,
                "raise max_machines or correct the fleet",
            )
        late = (
            isinstance(horizon, Horizon)
            and site.available_from is not None
            and site.available_from > horizon.start
        )
        if late and count:
            rule = f"site {site.id!r} opens in {site.available_from} but {count:,} machines start there"
            yield Finding(
                ("sites", i, "available_from"),
                site.available_from,
                rule,
                "take out available_from or correct the fleet",
            )


def bought_before_the_start(draft: Draft) -> Iterator[Finding]:
    """What stands on the first day was bought before it."""
    horizon = draft.whole.get("horizon")
    for i, lot in draft.fleet.items():
        if isinstance(horizon, Horizon) and lot.bought is not None and lot.bought > horizon.start:
            rule = f"is after {horizon.start}, and the lot stands on the first day"
            yield Finding(
                ("fleet", i, "bought"), lot.bought, rule, "correct the month, or make it a purchase"
            )


def handed_in_machines_exist(draft: Draft) -> Iterator[Finding]:
    known = [name for section in ("fleet", "purchases") for _, name in draft.written_texts(section)]
    for i, name in draft.written_texts("refurbishments", "hands_in"):
        yield from unknown(("refurbishments", i, "hands_in"), name, known, "lot or purchase")
