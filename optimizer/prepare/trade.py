"""What moving, buying, exchanging and selling machines costs and takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.config import Study
from optimizer.inputs import NEVER, Floats
from optimizer.prepare.customs import Customs, customs_usd, order_customs_usd
from optimizer.prepare.dated import share_held
from optimizer.prepare.fleet import Fleet
from optimizer.prepare.roads import Arrivals, Roads, arrivals
from optimizer.sections.fleet import Offer, Purchase, Refurbishment
from optimizer.sections.horizon import Period

Arrays = dict[str, Any]


@dataclass(frozen=True)
class MachinePrices:
    """What machines are worth over time."""

    value_usd: Floats  # (l, m) of one machine, before fees
    order_factor: Floats  # (l, m) price of an order over today's


def trade(
    study: Study,
    periods: list[Period],
    fleet: Fleet,
    prices: MachinePrices,
    network: Roads,
    border: Customs,
) -> Arrays:
    """Arrays of the corridors, of offers and of sales."""
    offers = offers_of(study)
    leads = [corridor.lead_time_weeks for corridor in network.corridors]
    due = arrivals([*leads, *(offer.lead_time_weeks for offer in offers)], periods)
    by_road, by_order = slice(0, len(leads)), slice(len(leads), None)
    value = prices.value_usd
    return {
        "arrival_classes": tuple(f"{share:.1%} lost" for share in due.lost_share),
        "lost_share": due.lost_share,
        "corridor_from": network.origin,
        "corridor_to": network.target,
        "arrival_period": due.period[by_road],
        "arrival_class": due.arrival_class[by_road],
        **_road(fleet, value, network, border),
        **_orders(study, offers, periods, fleet, prices, network, border, due, by_order),
        "sale_usd": value * (1.0 - study.sales.fee_share),
        "max_sales_per_period": _max_sales(study, periods),
        "trade_in_lot": fleet.trade_in_lot,
    }


def offers_of(study: Study) -> tuple[Offer, ...]:
    """In the order of the lots that they are."""
    return (*study.purchases, *study.refurbishments)


def regions_of(offer: Offer, regions: Sequence[str]) -> frozenset[str]:
    """The regions where the machines of an offer come to."""
    places = offer.deliver_to if isinstance(offer, Purchase) else ()
    places = offer.at if isinstance(offer, Refurbishment) else places
    return frozenset(region for region in regions if region in places or region[:2] in places)


def offer_notes(study: Study, regions: Sequence[str]) -> Iterator[str]:
    """Offers that reach no site of the study: nothing is ever ordered of them."""
    for offer in offers_of(study):
        if not regions_of(offer, regions):
            key = "deliver_to" if isinstance(offer, Purchase) else "at"
            places = offer.deliver_to if isinstance(offer, Purchase) else getattr(offer, "at", ())
            named = f"{key} is {', '.join(places)}, where the study has none"
            yield f"offer {offer.id!r} reaches no site: {named}"


def _road(fleet: Fleet, value: Floats, network: Roads, border: Customs) -> Arrays:
    insurance, breakage, freight = (
        np.array([getattr(corridor, name) for corridor in network.corridors])
        for name in ("insurance_share", "breakage_share", "freight_usd_per_kg")
    )
    freight_usd = fleet.mass_kg[:, None] * freight
    insurance_usd = value[:, None, :] * insurance[:, None]
    return {
        "freight_usd": freight_usd,
        "insurance_usd": insurance_usd,
        "customs_usd": customs_usd(border, network, value, freight_usd, insurance_usd),
        "breakage_usd": value[:, None, :] * breakage[:, None],
    }


def _orders(
    study: Study,
    offers: Sequence[Offer],
    periods: list[Period],
    fleet: Fleet,
    prices: MachinePrices,
    network: Roads,
    border: Customs,
    due: Arrivals,
    rows: slice,
) -> Arrays:
    own, count, months = len(study.fleet), len(fleet.ids), len(periods)
    price, per_period = np.zeros((count, months)), np.zeros((count, months))
    limit = np.zeros(count)
    can_order = np.zeros((count, len(network.hubs), months), dtype=bool)
    period, arrival_class = np.full((count, months), NEVER), np.zeros((count, months), dtype=np.int64)
    period[own:], arrival_class[own:] = due.period[rows], due.arrival_class[rows]
    regions = sorted({region for region, _ in network.hub_of})
    for lot, offer in enumerate(offers, start=own):
        on_offer = share_held(offer, periods) == 1.0  # all the period
        price[lot] = _price_usd(offer, fleet.nameplate_ths[lot], prices.order_factor[lot])
        limit[lot] = offer.max_machines
        monthly = np.inf if offer.max_machines_per_month is None else float(offer.max_machines_per_month)
        per_period[lot] = np.where(on_offer, monthly, 0.0)
        there = regions_of(offer, regions)
        can_order[lot, [hub for (region, _), hub in network.hub_of.items() if region in there]] = on_offer
    return {
        "order_usd": price,
        "order_customs_usd": order_customs_usd(border, network, fleet.ids, price),
        "can_order": can_order,
        "order_arrival_period": period,
        "order_arrival_class": arrival_class,
        "max_orders": limit,
        "max_orders_per_period": per_period * np.array([each.months for each in periods]),
    }


def _price_usd(offer: Offer, nameplate_ths: float, factor: Floats) -> Floats:
    """(m) of one machine; work on a machine does not get cheaper as machines do."""
    if isinstance(offer, Refurbishment):
        return np.full(factor.shape, offer.price_usd_per_machine)
    if isinstance(offer, Purchase):
        return np.asarray(offer.price_usd_per_ths * nameplate_ths * factor)
    raise TypeError(f"offer {offer.id!r} has no price")


def _max_sales(study: Study, periods: list[Period]) -> Floats:
    months = np.array([period.months for period in periods], dtype=float)
    if not study.sales.allowed:
        return np.zeros(len(periods))
    limit = study.sales.max_machines_per_month
    return np.full(len(periods), np.inf) if limit is None else limit * months
