"""Expected loss from law and power that may go wrong: the study's own hazards and the bundled ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from geodata.hazards import BundledHazard, hazards_at
from optimizer.config import Study
from optimizer.economics import WEEKS_PER_MONTH
from optimizer.inputs import Floats
from optimizer.prepare.dated import share_held
from optimizer.prepare.places import Place
from optimizer.sections.horizon import Period
from optimizer.sections.sites import Site
from optimizer.sections.terms import Hazard

COSTS = ("pool_fee_usd", "energy_usd", "delivery_usd", "levy_usd", "hosting_usd", "site_opex_usd")
# What cannot happen again where mining is closed already; machines that stand there can still be seized.
ENDED_BY_CLOSURE = ("ban", "levy", "curtailment")
AnyHazard = Hazard | BundledHazard


def legal_risk_usd(
    study: Study,
    periods: Sequence[Period],
    where: Sequence[Place],
    value_usd: Floats,
    hours: Mapping[str, Floats],
) -> Floats:
    """(w, l, s, m) expected loss of a standing machine: probability in the period x loss x risk aversion.

    `value_usd` is (l, m), and `hours` the money of a machine's hours as machine_hours gives it.
    """
    months = np.array([period.months for period in periods], dtype=float)
    margin = hours["revenue_usd"] - sum(hours[name] for name in COSTS)
    monthly_margin = margin.max(axis=3) / months  # (w, l, s, m) of the best profile; never negative
    risk = np.zeros_like(monthly_margin)
    for s, (place, site) in enumerate(zip(where, study.sites, strict=True)):
        open_share = hours["allowed_share"][s]
        for hazard in hazards_of(study, place, site):
            probability = hazard.yearly_probability_share / 12 * months * _held_share(hazard, periods)
            if hazard.kind in ENDED_BY_CLOSURE:
                probability = probability * open_share
            lost_months = max(0.0, hazard.lost_margin_months - hazard.notice_weeks / WEEKS_PER_MONTH)
            loss = hazard.stranded_share * value_usd + hazard.evacuation_usd_per_machine
            risk[:, :, s] += probability * (loss + lost_months * monthly_margin[:, :, s])
    return np.asarray(study.risk.risk_aversion * risk)


def hazards_of(study: Study, place: Place, site: Site) -> list[AnyHazard]:
    """The hazards of one site: the study's, and bundled ones of the kinds that the study does not state."""
    own: list[AnyHazard] = [
        hazard for hazard in study.risk.hazards if hazard.place in (place.jurisdiction, place.region, site.id)
    ]
    if not study.risk.bundled_hazards:
        return own
    kinds = {hazard.kind for hazard in own}
    if place.jurisdiction in (study.operator.owner_jurisdictions or (study.operator.entity_jurisdiction,)):
        kinds.add("repatriation")  # money that is at home need not come home
    return [*own, *(hazard for hazard in hazards_at(place.region) if hazard.kind not in kinds)]


def hazard_notes(study: Study, where: Sequence[Place]) -> Iterator[str]:
    """One line that names the bundled hazards in use: nobody should be charged for a guess unawares."""
    used: dict[str, BundledHazard] = {}
    for place, site in zip(where, study.sites, strict=True):
        for hazard in hazards_of(study, place, site):
            if isinstance(hazard, BundledHazard):
                used[hazard.hazard_id] = hazard
    if used and study.risk.risk_aversion > 0:
        told = (f"{each.place} {each.kind} {each.yearly_probability_share:.0%}" for each in used.values())
        yield (
            f"legal risk counts bundled estimates by the year: {', '.join(told)}; state own ones in "
            "risk.hazards, or bundled_hazards: false"
        )


def _held_share(hazard: AnyHazard, periods: Sequence[Period]) -> Floats:
    """(m) share of each period's months in which a hazard holds; the bundled ones always do."""
    if isinstance(hazard, BundledHazard):
        return np.ones(len(periods))
    return share_held(hazard, periods)
