"""Expected loss from law and power that may go wrong: the study's own hazards and the bundled ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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

# What cannot happen again where mining is closed already; machines that stand there can still be seized.
ENDED_BY_CLOSURE = ("ban", "levy", "curtailment")
RECURRING = ("curtailment",)
AnyHazard = Hazard | BundledHazard


def legal_risk_usd(
    study: Study,
    periods: Sequence[Period],
    where: Sequence[Place],
    value_usd: Floats,
    best_margin_usd: Floats,
    allowed_share: Floats,
) -> Floats:
    """(w, l, s, m) expected loss of a standing machine: probability in the period x loss x risk aversion.

    ``value_usd`` is (l, m), ``best_margin_usd`` (l, s, m) what a machine earns in a period where it is run as
    well as it can, and ``allowed_share`` (s, m) what the law leaves of the hours.
    """
    months = np.array([period.months for period in periods], dtype=float)
    monthly_margin = (best_margin_usd / months)[None]
    risk = np.zeros_like(monthly_margin)
    for s, (place, site) in enumerate(zip(where, study.sites, strict=True)):
        for hazard, held_share in hazards_of(study, place, site, periods):
            probability = _probability(hazard, months) * held_share
            if hazard.kind in ENDED_BY_CLOSURE:
                probability = probability * allowed_share[s]
            lost_months = max(0.0, hazard.lost_margin_months - hazard.notice_weeks / WEEKS_PER_MONTH)
            loss = hazard.stranded_share * value_usd + hazard.evacuation_usd_per_machine
            risk[:, :, s] += probability * (loss + lost_months * monthly_margin[:, :, s])
    return np.asarray(study.risk.risk_aversion * risk)


def _probability(hazard: AnyHazard, months: Floats) -> Floats:
    """(m) probability that it happens in a period.

    What ends an operation happens once: a ban of 0.1 a year falls in the first year with 0.1, in the second
    with 0.09. A cut of power may come every year.
    """
    if hazard.kind in RECURRING:
        return hazard.yearly_probability_share * months / 12
    years = np.concatenate([[0.0], np.cumsum(months)]) / 12
    survived = (1.0 - hazard.yearly_probability_share) ** years
    return np.asarray(survived[:-1] - survived[1:])


def hazards_of(
    study: Study, place: Place, site: Site, periods: Sequence[Period]
) -> list[tuple[AnyHazard, Floats]]:
    """The hazards of one site with the share (m) of each period in which they count.

    Of each kind the nearest that the study states counts, site before region before country, and the
    bundled one where and while the study states none.
    """
    found: list[tuple[AnyHazard, Floats]] = []
    free: dict[str, Floats] = {}  # share of each period that no nearer hazard of a kind has taken yet
    for names in ({site.id}, {place.region}, {place.jurisdiction}):
        nearest = [(each, share_held(each, periods)) for each in study.risk.hazards if each.place in names]
        found += [(each, np.minimum(held, free.get(each.kind, 1.0))) for each, held in nearest]
        for each, held in nearest:
            free[each.kind] = np.minimum(free.get(each.kind, 1.0), 1.0 - held)
    if study.risk.bundled_hazards:
        at_home = study.operator.owner_jurisdictions or (study.operator.entity_jurisdiction,)
        for bundled in hazards_at(place.region, place.district, study.law):
            if bundled.kind == "repatriation" and place.jurisdiction in at_home:
                continue  # money that is at home need not come home
            found.append((bundled, free.get(bundled.kind, np.ones(len(periods)))))
    return [(hazard, held) for hazard, held in found if held.any()]


def hazard_notes(study: Study, where: Sequence[Place], periods: Sequence[Period]) -> Iterator[str]:
    """One line that names the bundled hazards in use: nobody should be charged for a guess unawares."""
    used: dict[str, BundledHazard] = {}
    for place, site in zip(where, study.sites, strict=True):
        for hazard, _ in hazards_of(study, place, site, periods):
            if isinstance(hazard, BundledHazard):
                used[hazard.hazard_id] = hazard
    if used and study.risk.risk_aversion > 0:
        told = (f"{each.place} {each.kind} {each.yearly_probability_share:.0%}" for each in used.values())
        yield (
            f"legal risk counts bundled estimates by the year: {', '.join(told)}; state own ones in "
            "risk.hazards, or bundled_hazards: false"
        )
