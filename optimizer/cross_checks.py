"""Checks between sections: what no section can know by itself. Places and law are checked elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import permutations
from typing import Any

from optimizer import catalogue, plausibility
from optimizer.config import (
    Concentration,
    CurrencyTerms,
    Horizon,
    Limits,
    Lot,
    Machine,
    Market,
    Purchase,
    Relocation,
    Risk,
    Site,
)
from optimizer.sections.base import PLACE
from optimizer.tariffs import Hourly, Tariff

Where = tuple[str | int, ...]


@dataclass(frozen=True)
class Draft:
    """A study being read: the sections that are right by themselves, and all that was written."""

    written: Mapping[str, Any]
    whole: Mapping[str, Any]  # sections other than the ones below, by key
    fleet: Mapping[int, Lot]  # by place in the list
    sites: Mapping[int, Site]
    purchases: Mapping[int, Purchase]
    tariffs: Mapping[str, Tariff]

    def written_texts(self, section: str, key: str = "id") -> list[tuple[int, str]]:
        """A key's texts in a list, of wrong entries too: a wrong site must not make its lots seem lost."""
        entries = self.written.get(section)
        if not isinstance(entries, list | tuple):
            return []
        ids = [
            (i, entry.get(key) if isinstance(entry, dict) else getattr(entry, key, None))
            for i, entry in enumerate(entries)
        ]
        return [(i, name) for i, name in ids if isinstance(name, str)]


@dataclass(frozen=True)
class Finding:
    where: Where
    value: Any
    rule: str
    remedy: str


def check(draft: Draft) -> Iterator[Finding]:
    """Everything in which the sections contradict each other."""
    for look in CHECKS:
        yield from look(draft)


def ids_are_unique(draft: Draft) -> Iterator[Finding]:
    for section in ("fleet", "sites", "purchases", "zones"):
        yield from _repeated(draft.written_texts(section), (section,), "id")
    lots = {name for _, name in draft.written_texts("fleet")}
    for i, name in draft.written_texts("purchases"):
        if name in lots:
            yield Finding(
                ("purchases", i, "id"), name, "is the id of a lot of the fleet too", "give it another id"
            )
    risk, limits = draft.whole.get("risk"), draft.whole.get("limits")
    if isinstance(risk, Risk):
        yield from _repeated(
            [(i, hazard.id) for i, hazard in enumerate(risk.hazards)], ("risk", "hazards"), "id"
        )
    if isinstance(limits, Limits):
        for key in ("power_groups", "concentration"):
            yield from _repeated(
                [(i, group.name) for i, group in enumerate(getattr(limits, key))], ("limits", key), "name"
            )


def _repeated(names: Iterable[tuple[int, str]], where: Where, key: str) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for i, name in names:
        if name in first:
            yield Finding(
                (*where, i, key), name, f"is the {key} of entry {first[name]} too", "give each entry its own"
            )
        first.setdefault(name, i)


def references_lead_somewhere(draft: Draft) -> Iterator[Finding]:
    sites = [name for _, name in draft.written_texts("sites")]
    written = draft.written.get("tariffs")
    tariffs = list(written) if isinstance(written, dict) else []
    for i, site in draft.written_texts("fleet", "site"):
        yield from _unknown(("fleet", i, "site"), site, sites, "site")
    for i, tariff in draft.written_texts("sites", "tariff"):
        yield from _unknown(("sites", i, "tariff"), tariff, tariffs, "tariff")
    limits, risk = draft.whole.get("limits"), draft.whole.get("risk")
    hosts = sorted({site.host for site in draft.sites.values() if site.host})
    if isinstance(limits, Limits):
        for key in ("power_groups", "concentration"):
            for i, group in enumerate(getattr(limits, key)):
                for j, name in enumerate(group.sites):
                    yield from _unknown(("limits", key, i, "sites", j), name, sites, "site")
                for j, name in enumerate(group.hosts if isinstance(group, Concentration) else ()):
                    yield from _unknown(("limits", key, i, "hosts", j), name, hosts, "host of a site")
    for i, hazard in enumerate(risk.hazards if isinstance(risk, Risk) else ()):
        if not re.fullmatch(PLACE, hazard.place):
            yield from _unknown(
                ("risk", "hazards", i, "place"), hazard.place, sites, "country, region or site"
            )


def _unknown(where: Where, name: str, known: list[str], what: str) -> Iterator[Finding]:
    if name not in known:
        yield Finding(where, name, f"is not a {what} of this study", _nearest(name, known))


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(name, names, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return (
        f"known: {', '.join(names[:8])}{', ...' if len(names) > 8 else ''}"
        if names
        else "the study has none; add it"
    )


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
    if (
        "eco" in machine.profiles
        and machine.eco_power_w is None
        and (model is None or model.eco_power_w is None)
    ):
        remedy = "add eco_hashrate_ths and eco_power_w, or take eco out of profiles"
        yield Finding((*where, "profiles"), None, "has eco, for which no figures are known", remedy)


def _machines(draft: Draft) -> Iterator[tuple[Where, Machine]]:
    yield from ((("fleet", i), lot) for i, lot in draft.fleet.items())
    yield from ((("purchases", i), purchase) for i, purchase in draft.purchases.items())


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


def periods_of_validity_are_in_order(draft: Draft) -> Iterator[Finding]:
    dated: list[tuple[Where, Any]] = [(("purchases", i), offer) for i, offer in draft.purchases.items()]
    limits, risk = draft.whole.get("limits"), draft.whole.get("risk")
    if isinstance(limits, Limits):
        dated += [(("limits", "power_groups", i), group) for i, group in enumerate(limits.power_groups)]
        dated += [(("limits", "concentration", i), group) for i, group in enumerate(limits.concentration)]
    if isinstance(risk, Risk):
        dated += [(("risk", "hazards", i), hazard) for i, hazard in enumerate(risk.hazards)]
    for where, entry in dated:
        if entry.from_month and entry.to_month and entry.from_month > entry.to_month:
            rule = f"is after `to` ({entry.to_month})"
            yield Finding(
                (*where, "from"), entry.from_month, rule, "swap from and to, or correct one of them"
            )


def currency_is_known(draft: Draft) -> Iterator[Finding]:
    terms = draft.whole.get("currency")
    if isinstance(terms, CurrencyTerms) and terms.reporting != "USD" and terms.reporting not in terms.fx:
        remedy = f"add currency.fx.{terms.reporting} with per_usd, date and source, or report in USD"
        yield Finding(
            ("currency", "reporting"), terms.reporting, "has no exchange rate in this study", remedy
        )


def corridors_do_not_compete(draft: Draft) -> Iterator[Finding]:
    """Never two equally close corridors for a pair of regions, as far as regions are written down."""
    relocation = draft.whole.get("relocation")
    if not isinstance(relocation, Relocation):
        return
    corridors, reported = relocation.corridors, set()
    places = {(c.origin, c.destination): 0 for c in corridors}
    regions = sorted({site.region for site in draft.sites.values() if site.region})
    rivals = [[c for c in corridors if (c.origin, c.destination) == place] for place in places]
    rivals += [
        list(relocation.closest(start, end))
        for start, end in [*permutations(regions, 2), *((r, r) for r in regions)]
    ]
    for first, *others in (rival for rival in rivals if len(rival) > 1):
        for other in others:
            i, j = sorted((_position(corridors, first), _position(corridors, other)))
            if (i, j) not in reported:
                reported.add((i, j))
                rule = f"{other.origin} to {other.destination} fits some pair as closely as corridors[{i}]"
                yield Finding(
                    ("relocation", "corridors", j),
                    None,
                    rule,
                    "keep one, or add a corridor that names both places exactly",
                )


def _position(corridors: tuple[Any, ...], wanted: Any) -> int:
    return next(i for i, corridor in enumerate(corridors) if corridor is wanted)


def prices_cover_the_horizon(draft: Draft) -> Iterator[Finding]:
    horizon = draft.whole.get("horizon")
    if not isinstance(horizon, Horizon):
        return
    periods = horizon.periods()
    first, after = periods[0].first_day, periods[-1].day_after_last
    for name, tariff in draft.tariffs.items():
        if not isinstance(tariff, Hourly):
            continue
        if tariff.reference_year is None and not tariff.series.covers_days(first, after):
            rule = f"covers {tariff.series.said()}, not all of {horizon.start} to {horizon.last_month}"
            remedy = "give a longer file, a shorter horizon, or a reference_year to repeat"
            yield Finding(("tariffs", name, "file"), tariff.file, rule, remedy)
        elif tariff.reference_year is not None and not tariff.series.covers_year(tariff.reference_year):
            rule = f"is not covered in full by {tariff.file}, which has {tariff.series.said()}"
            yield Finding(
                ("tariffs", name, "reference_year"),
                tariff.reference_year,
                rule,
                "name a year that the file has from end to end",
            )
    yield from _hashprice_gaps(
        draft.whole.get("market"), [month for period in periods for month in period.month_names()]
    )


def _hashprice_gaps(market: Any, months: list[str]) -> Iterator[Finding]:
    if not isinstance(market, Market) or not isinstance(market.hashprice_usd_per_ths_day, tuple):
        return
    where: Where = ("market", "hashprice_usd_per_ths_day")
    given = [row.month for row in market.hashprice_usd_per_ths_day]
    yield from _repeated(enumerate(given), where, "month")
    missing = [month for month in months if month not in given]
    if missing:
        rule = f"lacks {len(missing)} months of the horizon, first {', '.join(missing[:4])}"
        yield Finding(where, None, rule, "add them, or shorten the horizon")


CHECKS = (
    ids_are_unique,
    references_lead_somewhere,
    machines_are_known,
    fleet_fits_at_the_start,
    periods_of_validity_are_in_order,
    currency_is_known,
    corridors_do_not_compete,
    prices_cover_the_horizon,
)


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
    for machine in (*draft.fleet.values(), *draft.purchases.values()):
        yield from plausibility.machine_oddities(machine)
    for name, tariff in draft.tariffs.items():
        for key in ("energy_usd_per_kwh", "otherwise_usd_per_kwh"):
            yield from plausibility.price_oddities(name, getattr(tariff, key, 0.0))
    yield from plausibility.market_oddities(draft.whole["market"])
    yield from plausibility.finance_oddities(draft.whole["finance"])
    yield from plausibility.rate_oddities(draft.whole["currency"], draft.whole["horizon"])
