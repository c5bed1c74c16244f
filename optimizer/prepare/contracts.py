"""The clauses of every site's power contract as arrays: standing charges, volume, demand, a minimum bill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from optimizer.inputs import Floats
from optimizer.prepare.modes import ModeArrays, SiteHours
from optimizer.tariffs.base import DemandCharge

Arrays = dict[str, Any]


def contract_arrays(sites: Sequence[SiteHours], found: ModeArrays) -> Arrays:
    """Everything that a contract says beside the price of its hours."""
    prices = [each.price for each in sites]
    return {
        "standing_charge_usd": np.array([price.standing_charge_usd for price in prices]),
        "minimum_bill_usd": np.array([price.minimum_bill_usd for price in prices]),
        "response_max_kw": np.array([_response_max_kw(each) for each in sites]),
        **_volume(sites),
        **_demand(sites, found),
    }


def _response_max_kw(each: SiteHours) -> Floats:
    offer = each.price.response
    return np.full(each.price.hours.shape[1], np.inf) if offer is None else offer.max_kw


def _volume(sites: Sequence[SiteHours]) -> Arrays:
    """A contract with fewer steps than another has steps of no width."""
    steps = max((len(each.price.volume.kwh) for each in sites if each.price.volume), default=0)
    shape = (len(sites), steps, sites[0].price.hours.shape[1])
    kwh, usd_per_kwh = np.zeros(shape), np.zeros(shape)
    for number, each in enumerate(sites):
        if each.price.volume is not None:
            own = slice(0, len(each.price.volume.kwh))
            kwh[number, own], usd_per_kwh[number, own] = each.price.volume.kwh, each.price.volume.usd_per_kwh
    names = tuple(f"step {number + 1}" for number in range(steps))
    return {"volume_steps": names, "volume_step_kwh": kwh, "volume_step_usd_per_kwh": usd_per_kwh}


def _demand(sites: Sequence[SiteHours], found: ModeArrays) -> Arrays:
    charges = [
        (number, place, charge)
        for number, each in enumerate(sites)
        for place, charge in enumerate(each.price.demand)
    ]
    periods = sites[0].price.hours.shape[1]
    window = np.ones((len(charges), len(found.modes.blocks), periods), dtype=bool)
    for row, (number, place, _) in enumerate(charges):
        cut = found.blocks[number]
        if cut is not None:
            window[row] = False
            window[row, 1 : cut.count + 1] = cut.in_window[place]
    by_period = ("usd_per_kw", "floor_kw", "contracted_kw", "excess_usd_per_kw", "ratchet_until")
    each_of = {name: [getattr(charge, name) for *_, charge in charges] for name in by_period}
    grids = {name: np.array(rows).reshape(-1, periods) for name, rows in each_of.items()}
    return {
        "demand_charges": tuple(_name(sites[number], place, charge) for number, place, charge in charges),
        "demand_site": np.array([number for number, *_ in charges], dtype=np.int64),
        "demand_window": window,
        "demand_usd_per_kw": grids["usd_per_kw"].astype(float),
        "demand_floor_kw": grids["floor_kw"].astype(float),
        "contracted_kw": grids["contracted_kw"].astype(float),
        "excess_usd_per_kw": grids["excess_usd_per_kw"].astype(float),
        "ratchet_share": np.array([charge.ratchet_share for *_, charge in charges], dtype=float),
        "ratchet_until": np.minimum(grids["ratchet_until"], periods - 1).astype(np.int64),
    }


def _name(each: SiteHours, place: int, charge: DemandCharge) -> str:
    return f"{each.site.id}: {charge.name} {place + 1}"
