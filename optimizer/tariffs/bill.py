"""A bill that an energy buyer can lay beside the supplier's own: lines by period, in dollars and cents."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.tariffs.base import Tariff
from optimizer.tariffs.hours import Floats, HoursInPeriod
from optimizer.tariffs.price import PowerPrice

TOTAL, VAT, CREDIT = "total", "VAT not recovered", "response credit"


def bill(price: PowerPrice, drawn_kw: Floats, enrolled_kw: Floats | None = None) -> pd.DataFrame:
    """Lines by period, rounded to the cent, for a site that draws `drawn_kw` (b, m) at the meter.

    `enrolled_kw` (m) is what was offered for response; None: nothing. Every line has its VAT in it (`invoice`
    tells it apart). Coincident peaks and calls are what the contract is expected to charge and pay, not what
    the peaks and calls of one year came to. What a host takes of the profit is not part of a power bill.
    Raises ValueError for a draw that is not (b, m), not finite or below 0.
    """
    _check(price, drawn_kw)
    lines = _charges(price, drawn_kw)
    charged = np.sum(list(lines.values()), axis=0)
    short = np.maximum(0.0, price.minimum_bill_usd - charged)
    lines["minimum bill"] = np.where(price.minimum_bill_usd > 0, short, 0.0)  # no minimum, no floor of 0
    lines[CREDIT] = -_credit(price, enrolled_kw) - _imposed(price, drawn_kw)
    table = pd.DataFrame(lines).T.round(2) + 0.0  # no -0.00
    table.loc[TOTAL] = table.sum().round(2)
    return table


def invoice(
    tariff: Tariff,
    hours: HoursInPeriod,
    drawn_kw: Floats,
    fx: Floats | None = None,
    enrolled_kw: Floats | None = None,
) -> pd.DataFrame:
    """The same bill with each line before VAT, and the VAT that is not recovered on a line of its own."""
    whole = bill(tariff.power_price(hours, fx), drawn_kw, enrolled_kw)
    untaxed = tariff.model_copy(update={"vat": None})
    table = bill(untaxed.power_price(hours, fx), drawn_kw, enrolled_kw).drop(index=TOTAL)
    table.loc[VAT] = (whole.loc[TOTAL] - table.sum()).round(2)
    table.loc[TOTAL] = whole.loc[TOTAL]
    return table


def _charges(price: PowerPrice, drawn_kw: Floats) -> dict[str, Floats]:
    """Every line of the bill but the minimum and the credit, each (m)."""
    kwh = drawn_kw * price.hours
    parts = {
        "energy": price.energy_usd_per_kwh,
        "delivery": price.delivery_usd_per_kwh,
        "levy": price.levy_usd_per_kwh,
        "coincident peak": price.peak_usd_per_kwh,
    }
    lines = {name: (kwh * usd).sum(axis=0) for name, usd in parts.items()}
    if price.supply_kw is not None and price.supply_discount_usd_per_kwh is not None:
        supplied = np.minimum(drawn_kw, price.supply_kw) * price.hours
        lines["supply"] = -(supplied * price.supply_discount_usd_per_kwh).sum(axis=0)
    if price.volume is not None:
        lines["volume"] = price.volume.charge_usd(kwh.sum(axis=0))
    lines |= _demand(price, drawn_kw)
    return lines | {"standing": price.standing_charge_usd}


def _demand(price: PowerPrice, drawn_kw: Floats) -> dict[str, Floats]:
    """By name of the charge; charges of one name are one line."""
    lines: dict[str, Floats] = {}
    for charge in price.demand:
        counted = charge.in_window & (price.hours > 0)
        peak_kw = np.where(counted, drawn_kw, 0.0).max(axis=0, initial=0.0)
        lines[charge.name] = lines.get(charge.name, 0.0) + charge.charge_usd(peak_kw)
    return lines


def _credit(price: PowerPrice, enrolled_kw: Floats | None) -> Floats:
    if price.response is None or enrolled_kw is None:
        return np.zeros(price.hours.shape[1])
    offer = price.response
    called = (offer.call_share * price.hours * offer.call_usd_per_kwh).sum(axis=0)
    counted: Floats = np.minimum(enrolled_kw, offer.max_kw) * (offer.credit_usd_per_kw + called)
    return counted


def _imposed(price: PowerPrice, drawn_kw: Floats) -> Floats:
    """What a contract that switches the site off pays for it, (m)."""
    if price.credit_usd_per_kwh is None:
        return np.zeros(price.hours.shape[1])
    paid: Floats = (drawn_kw * price.hours * price.credit_usd_per_kwh).sum(axis=0)
    return paid


def _check(price: PowerPrice, drawn_kw: Floats) -> None:
    if drawn_kw.shape != price.hours.shape:
        raise ValueError(f"the draw is {drawn_kw.shape}; want {price.hours.shape}, (b, m)")
    if not np.isfinite(drawn_kw).all() or (drawn_kw < 0).any():
        raise ValueError("a draw must be finite and 0 or more")
