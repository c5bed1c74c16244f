"""Machine figures of every lot, standing or on offer, from the catalogue or the study's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer import catalogue
from optimizer.inputs import Floats
from optimizer.sections.fleet import Lot, Machine, Purchase

PROFILES = ("normal", "eco")


@dataclass(frozen=True)
class Fleet:
    """Figures of one machine of each lot; the study's lots first, then its offers."""

    ids: tuple[str, ...]
    profiles: tuple[str, ...]
    hashrate_ths: Floats  # (l, p) 0 where the lot lacks the profile
    power_kw: Floats  # (l, p)
    nameplate_ths: Floats  # (l) normal profile
    nameplate_kw: Floats  # (l)
    mass_kg: Floats  # (l)
    uptime_share: Floats  # (l)
    resale_usd: Floats  # (l) of one machine today
    maintenance_usd_per_month: Floats  # (l)
    notes: tuple[str, ...]  # what was taken from the catalogue at low confidence


@dataclass(frozen=True)
class _Figures:
    normal: tuple[float, float]  # TH/s, kW
    eco: tuple[float, float] | None
    mass_kg: float
    resale_usd_per_ths: float
    note: str


def fleet(lots: Sequence[Lot], offers: Sequence[Purchase]) -> Fleet:
    """Raises ``LookupError``, naming the lot, where a figure is neither given nor in the catalogue."""
    machines: list[Machine] = [*lots, *offers]
    figures = [_figures(machine) for machine in machines]
    profiles = tuple(name for name in PROFILES if any(name in machine.profiles for machine in machines))
    shape = (len(machines), len(profiles))
    hashrate, power = np.zeros(shape), np.zeros(shape)
    for row, (machine, figure) in enumerate(zip(machines, figures, strict=True)):
        for column, profile in enumerate(profiles):
            if profile in machine.profiles:
                hashrate[row, column], power[row, column] = _profile(machine, figure, profile)
    return Fleet(
        ids=tuple(machine.id for machine in machines),
        profiles=profiles,
        hashrate_ths=hashrate,
        power_kw=power,
        nameplate_ths=np.array([figure.normal[0] for figure in figures]),
        nameplate_kw=np.array([figure.normal[1] for figure in figures]),
        mass_kg=np.array([figure.mass_kg for figure in figures]),
        uptime_share=np.array([machine.uptime_share for machine in machines]),
        resale_usd=np.array([figure.resale_usd_per_ths * figure.normal[0] for figure in figures]),
        maintenance_usd_per_month=np.array([machine.maintenance_usd_per_month for machine in machines]),
        notes=tuple(_resale_note(figures)),
    )


def _profile(machine: Machine, figure: _Figures, profile: str) -> tuple[float, float]:
    if profile == "normal":
        return figure.normal
    if figure.eco is None:
        raise LookupError(
            f"lot {machine.id!r} asks for the eco profile, but no low-power figures are known for "
            f"{machine.model or 'it'}; give eco_hashrate_ths and eco_power_w, or take eco out of its profiles"
        )
    return figure.eco


def _resale_note(figures: Sequence[_Figures]) -> Iterator[str]:
    """One line for all prices that were taken from the catalogue."""
    told = "; ".join(dict.fromkeys(figure.note for figure in figures if figure.note))
    if told:
        yield f"resale from the catalogue, USD/TH: {told}"


def _figures(machine: Machine) -> _Figures:
    if machine.model is None:
        return _own_figures(machine)
    known = catalogue.model(machine.model)
    resale = machine.resale_usd_per_ths
    note = ""
    if resale is None:
        resale = known.price_used_usd_per_ths
        basis = f"{known.price_source}; {known.price_confidence} confidence"
        note = f"{known.name} {resale} ({basis})"
    if resale is None:
        raise LookupError(
            f"lot {machine.id!r}: the catalogue has no used price for {known.name}; give resale_usd_per_ths"
        )
    eco = _eco(machine) or _pair(known.eco_hashrate_ths, known.eco_power_w)
    if eco is not None and (eco[0] >= known.hashrate_ths or eco[1] >= known.power_w / 1000):
        raise LookupError(
            f"lot {machine.id!r}: its eco profile of {eco[0]:g} TH/s on {1000 * eco[1]:g} W is not below the "
            f"{known.hashrate_ths:g} TH/s and {known.power_w:g} W of {known.name}; check the figures"
        )
    return _Figures((known.hashrate_ths, known.power_w / 1000), eco, known.mass_kg, resale, note)


def _own_figures(machine: Machine) -> _Figures:
    if machine.hashrate_ths is None or machine.power_w is None or machine.mass_kg is None:
        raise LookupError(
            f"lot {machine.id!r} has neither a model nor its own hashrate_ths, power_w and mass_kg"
        )
    if machine.resale_usd_per_ths is None:
        raise LookupError(f"lot {machine.id!r} has its own figures; give resale_usd_per_ths too")
    normal = (machine.hashrate_ths, machine.power_w / 1000)
    return _Figures(normal, _eco(machine), machine.mass_kg, machine.resale_usd_per_ths, "")


def _eco(machine: Machine) -> tuple[float, float] | None:
    return _pair(machine.eco_hashrate_ths, machine.eco_power_w)


def _pair(hashrate_ths: float | None, power_w: float | None) -> tuple[float, float] | None:
    return None if hashrate_ths is None or power_w is None else (hashrate_ths, power_w / 1000)
