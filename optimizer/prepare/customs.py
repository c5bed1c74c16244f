"""Import duty and VAT of every move and order that crosses a border, by the law of the day it gets there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

import geodata
from optimizer.config import Study
from optimizer.errors import ConfigError, Problem
from optimizer.inputs import Floats
from optimizer.prepare.customs_rates import Charge, Found, NoRate, charge, charge_on, destination
from optimizer.prepare.fleet import Fleet
from optimizer.sections.fleet import Purchase
from optimizer.sections.horizon import Period
from optimizer.sections.terms import Corridor

if TYPE_CHECKING:
    from optimizer.prepare.roads import Roads

Where = tuple[str | int, ...]
Pair = tuple[str, str]  # regions, from and to
Terms = tuple[tuple[Charge, ...], ...]  # by make, as in `Customs.makes`, and period
Order = tuple[str, str]  # id of an offer, and region
FREE = Charge(0.0, 0.0)


@dataclass(frozen=True)
class Customs:
    """What is paid on each border; regions whose terms differ are not one hub (`roads`)."""

    makes: tuple[str, ...]  # countries of make in the fleet, "" unknown
    made_in: tuple[str, ...]  # (l)
    pairs: Mapping[Pair, Terms]
    orders: Mapping[Order, Terms]  # offers that are delivered with duty unpaid
    notes: tuple[str, ...]

    def of_pair(self, origin: str, target: str) -> int:
        """A number that pairs of regions with the same terms share."""
        return id(self.pairs.get((origin, target)))

    def of_orders(self, region: str) -> tuple[int, ...]:
        """Numbers that regions share whose orders pay the same."""
        return tuple(id(terms) for (_, place), terms in self.orders.items() if place == region)


def customs(
    study: Study,
    regions: Sequence[str],
    routed: Mapping[Pair, Corridor],
    machines: Fleet,
    periods: Sequence[Period],
) -> Customs:
    """Terms for all pairs of regions that a corridor joins, and for offers with duty unpaid.

    Raises
    ------
    ConfigError
        Naming every corridor or offer that states no rates and for whose destination none are bundled.
    """
    asked = _Asked(study, periods, tuple(sorted(set(machines.made_in))))
    pairs = {}
    for origin in regions:
        for target in regions:
            corridor = next(iter(study.relocation.closest(origin, target)), routed.get((origin, target)))
            if corridor is not None:
                pairs[origin, target] = asked.of_corridor(corridor, origin, target)
    orders = {
        (offer.id, region): asked.of_offer(number, offer, region)
        for number, offer in enumerate(study.purchases)
        if not offer.duty_paid
        for region in regions
        if region in offer.deliver_to or region[:2] in offer.deliver_to
    }
    if asked.problems:
        raise ConfigError(list(asked.problems.values()))
    return Customs(asked.makes, machines.made_in, pairs, orders, tuple(asked.notes))


def customs_usd(
    terms: Customs, network: Roads, value_usd: Floats, freight_usd: Floats, insurance_usd: Floats
) -> Floats:
    """(l, k, m) from value (l, m), freight (l, k) and insurance (l, k, m) of one machine.

    Stated shares count on value alone; bundled ones on value, freight and insurance where the row says so.
    """
    regions = network.region_of_hub
    paid = np.zeros_like(insurance_usd)
    for k, (a, b) in enumerate(zip(network.origin, network.target, strict=True)):
        road = freight_usd[:, k, None] + insurance_usd[:, k]
        paid[:, k] = _paid(terms, terms.pairs[regions[a], regions[b]], value_usd, road)
    return paid


def order_customs_usd(terms: Customs, network: Roads, lots: Sequence[str], order_usd: Floats) -> Floats:
    """(l, h, m) on the price (l, m) of an order, freight to the door included; 0 where duty is paid."""
    paid = np.zeros((len(lots), len(network.hubs), order_usd.shape[1]))
    no_freight = np.zeros_like(order_usd)
    for hub, region in enumerate(network.region_of_hub):
        for (offer, place), due in terms.orders.items():
            if place == region:
                lot = lots.index(offer)
                paid[lot, hub] = _paid(terms, due, order_usd, no_freight)[lot]
    return paid


def _paid(terms: Customs, due: Terms, value_usd: Floats, road_usd: Floats) -> Floats:
    """(l, m)"""
    by_make = _shares(due)
    lots = [terms.makes.index(made_in) for made_in in terms.made_in]
    duty, vat, duty_on_cif, vat_on_cif = np.moveaxis(by_make[lots], -1, 0)
    duty_usd = duty * (value_usd + duty_on_cif * road_usd)
    return np.asarray(duty_usd + vat * (value_usd + vat_on_cif * road_usd + duty_usd))


@lru_cache(maxsize=4096)
def _shares(due: Terms) -> Floats:
    """(make, m, field of Charge)"""
    return np.array([[astuple(each) for each in row] for row in due], dtype=float)


@dataclass
class _Asked:
    """Looks up terms, each kind once, and keeps what was missing and what must be told."""

    study: Study
    periods: Sequence[Period]
    makes: tuple[str, ...]
    kinds: dict[Terms, Terms] = field(default_factory=dict)
    known: dict[object, Terms] = field(default_factory=dict)
    problems: dict[object, Problem] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)

    def of_corridor(self, corridor: Corridor, origin: str, target: str) -> Terms:
        leaves, country = geodata.jurisdiction_of(origin), geodata.jurisdiction_of(target)
        duty, vat = corridor.duty_share, corridor.vat_share
        if leaves == country or (duty is not None and vat is not None):
            return self._constant(Charge(duty or 0.0, vat or 0.0))
        place = destination(target, country)
        key = (leaves, place, corridor.lead_time_weeks, duty, vat)
        try:
            if key not in self.known:
                bundled = self._bundled(leaves, place, corridor.lead_time_weeks, duty, vat)
                self.known[key] = self._kind(
                    tuple(tuple(_overruled(found.charge, duty, vat) for found in row) for row in bundled)
                )
        except NoRate as missing:
            remedy = "state duty_share and vat_share (0 for none), of the machine's value"
            rule = f"leads from {origin} to {target} without duty_share or without vat_share, and {missing}"
            return self._missing(self._where(corridor), None, country, rule, remedy)
        return self.known[key]

    def of_offer(self, number: int, offer: Purchase, region: str) -> Terms:
        try:
            place = destination(region, geodata.jurisdiction_of(region))
            bundled = self._bundled("", place, offer.lead_time_weeks)
        except NoRate as missing:
            remedy = "give a price with duty and VAT in it, and take duty_paid out"
            rule = f"leaves duty and VAT to the buyer, and {missing}"
            return self._missing(("purchases", number, "duty_paid"), False, region, rule, remedy)
        return self._kind(tuple(tuple(found.charge for found in row) for row in bundled))

    def _bundled(
        self,
        leaves: str,
        place: str,
        weeks: float,
        duty_share: float | None = None,
        vat_share: float | None = None,
    ) -> tuple[tuple[Found, ...], ...]:
        days = [period.first_day + timedelta(weeks=weeks) for period in self.periods]
        found = tuple(tuple(charge(leaves, place, make, day) for day in days) for make in self.makes)
        for make, row in zip(self.makes, found, strict=True):
            self.notes |= dict.fromkeys(_told(make, row, duty_share, vat_share))
        return found

    def _constant(self, charged: Charge) -> Terms:
        if charged not in self.known:
            self.known[charged] = self._kind(((charged,) * len(self.periods),) * len(self.makes))
        return self.known[charged]

    def _kind(self, terms: Terms) -> Terms:
        return self.kinds.setdefault(terms, terms)

    def _where(self, corridor: Corridor) -> Where:
        for number, own in enumerate(self.study.relocation.corridors):
            if own is corridor:
                return ("relocation", "corridors", number)
        return ("relocation", "routed")

    def _missing(self, where: Where, value: object, place: str, rule: str, remedy: str) -> Terms:
        """Told once for each country that a corridor leads to."""
        self.problems.setdefault((where, place), self.study.problem_at(where, value, rule, remedy))
        return self._constant(FREE)


def _overruled(bundled: Charge, duty_share: float | None, vat_share: float | None) -> Charge:
    """What the study states comes before the bundled rate, and counts on value alone."""
    return charge_on(
        bundled.duty_share if duty_share is None else duty_share,
        bundled.vat_share if vat_share is None else vat_share,
        bundled.duty_on_cif and duty_share is None,
        bundled.vat_on_cif and vat_share is None,
    )


def _told(
    make: str, row: Sequence[Found], duty_share: float | None, vat_share: float | None
) -> Iterator[str]:
    """What was taken from the table, and not what the study states."""
    for found in dict.fromkeys(row):
        rate, paid = found.rate, found.charge
        if found.is_highest and duty_share is None:
            of = f"made in {make}" if make else "of which nobody says where they were made (made_in)"
            yield f"customs: on machines {of} the highest rate into {rate.destination} is charged"
        duty = f"duty {paid.duty_share:.1%}" if duty_share is None else ""
        vat = f"VAT that is not recovered {paid.vat_share:.1%}" if vat_share is None else ""
        union = f" inside the {found.union}" if found.union else ""
        yield (
            f"customs into {rate.destination}{union}: {', '.join(filter(None, (duty, vat)))} "
            f"({_source(rate.source)}, {rate.confidence}; {rate.note})"
        )


def _source(told: str) -> str:
    """The host of an address, the name of a text: the bundled table has all of it."""
    first = told.split()[0] if told else "unsourced"
    return urlsplit(first).hostname or told.split(" (")[0].split(";")[0]
