"""Power contracts against the sites that have them and the months that are planned."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.config import Horizon
from optimizer.cross_checks.draft import Draft, Finding, Where
from optimizer.tariffs import Ppa, Tariff, price_file_of
from optimizer.tariffs.price_series import oddities

FAR_ABOVE = 2.0  # times the largest connection


def past_peaks_are_past(draft: Draft) -> Iterator[Finding]:
    """A peak that a ratchet remembers lies before the plan, and belongs to one site."""
    horizon = draft.whole.get("horizon")
    for name, tariff in draft.tariffs.items():
        sites = [site.id for site in draft.sites.values() if site.tariff == name]
        for i, charge in enumerate(tariff.demand):
            peaks = charge.ratchet.past_peaks if charge.ratchet is not None else ()
            where: Where = ("tariffs", name, "demand", i, "ratchet", "past_peaks")
            for j, past in enumerate(peaks):
                if isinstance(horizon, Horizon) and past.month >= horizon.start:
                    rule = f"is not before the plan, which begins in {horizon.start}"
                    yield Finding((*where, j, "month"), past.month, rule, "give peaks of months gone by")
            if peaks and len(sites) > 1:
                rule = f"are peaks of one site, but {' and '.join(sites)} have this tariff"
                yield Finding(where, None, rule, "give each site a tariff of its own")


def contract_oddities(draft: Draft) -> Iterator[str]:
    """Feeds that look frozen or in another unit, holidays that run out, contracts for another site's size."""
    last_month = draft.whole["horizon"].last_month
    for name, tariff in draft.tariffs.items():
        named = price_file_of(tariff)
        if named is not None:
            yield from (f"tariff {name!r}: {text}" for text in oddities(named.series))
        dated = [str(day) for day in tariff.holidays if len(str(day)) > len("12-25")]
        if dated and max(dated)[:7] < last_month and len(dated) == len(tariff.holidays):
            yield f"tariff {name!r}: its holidays end on {max(dated)}, before {last_month}; add later ones"
        yield from _sizes(draft, name, tariff)
        yield from _shared(draft, name, tariff)


def _shared(draft: Draft, name: str, tariff: Tariff) -> Iterator[str]:
    """A tariff that several sites name is a contract for each of them: sums are owed by each."""
    sites = [site.id for site in draft.sites.values() if site.tariff == name]
    owes = isinstance(tariff, Ppa) or tariff.standing_usd_per_month or tariff.minimum_bill_usd_per_month
    if len(sites) > 1 and (owes or any(charge.contracted_kw for charge in tariff.demand)):
        yield (
            f"tariff {name!r}: {' and '.join(sites)} each have the whole contract, its volume, standing "
            "charge and contracted power; give each site its own part if they share one"
        )


def _sizes(draft: Draft, name: str, tariff: Tariff) -> Iterator[str]:
    largest = max((s.largest_power_kw() for s in draft.sites.values() if s.tariff == name), default=0.0)
    for charge in tariff.demand:
        stated = [charge.contracted_kw or 0.0]
        stated += [past.peak_kw for past in (charge.ratchet.past_peaks if charge.ratchet else ())]
        if largest and max(stated) > FAR_ABOVE * largest:
            yield (
                f"tariff {name!r}: {max(stated):,.0f} kW contracted or drawn before, but no site with it has "
                f"more than {largest:,.0f} kW; check the unit"
            )
