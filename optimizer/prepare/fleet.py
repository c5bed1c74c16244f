"""Machine figures of every lot, standing, on offer or handed back, from the catalogue or the study's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer import catalogue
from optimizer.inputs import Floats, Ints
from optimizer.sections.fleet import Lot, Machine, Purchase, Refurbishment
from optimizer.sections.horizon import Period, month_number
from optimizer.sections.profiles import Setting

PROFILES = ("normal", "eco", "turbo")
UNKNOWN = ""
DAYS_PER_YEAR = 365.25
MONTHS_PER_YEAR = 12


@dataclass(frozen=True)
class Fleet:
    """Figures of one machine of each lot: the study's lots, then its offers, then its refurbishments."""

    machines: tuple[Machine, ...]
    ids: tuple[str, ...]
    profiles: tuple[str, ...]
    hashrate_ths: Floats  # (l, p) 0 where the lot lacks the profile
    power_kw: Floats  # (l, p)
    firmware_share: Floats  # (l, p) of what is hashed
    nameplate_ths: Floats  # (l) normal profile
    nameplate_kw: Floats  # (l)
    mass_kg: Floats  # (l)
    uptime_share: Floats  # (l) as given: `service` adds repairs and age
    resale_usd: Floats  # (l) of one machine today
    maintenance_usd_per_month: Floats  # (l) as given: `service` adds repairs
    altitude_limit_m: Floats  # (l) infinite where unknown
    cooling: tuple[str, ...]  # (l)
    made_in: tuple[str, ...]  # (l) country, UNKNOWN where nobody says
    trade_in_lot: Ints  # (l) handed in for each machine of a refurbishment, -1 for other lots
    notes: tuple[str, ...]  # what was taken from the catalogue or a curve at low confidence

    @property
    def j_per_th(self) -> Floats:
        """(l) in normal operation: what decides the class in which a machine is sold."""
        return 1000.0 * self.nameplate_kw / self.nameplate_ths


@dataclass(frozen=True)
class Service:
    """What age and repairs leave of a machine; the numbers as given where the study says nothing of them."""

    uptime_share: Floats  # (l, m) of the hours in service, hashrate lost with age included
    maintenance_usd: Floats  # (l, m) of a standing machine


def fleet(
    lots: Sequence[Lot], offers: Sequence[Purchase], refurbishments: Sequence[Refurbishment] = ()
) -> Fleet:
    """Raises ``LookupError``, naming the lot, where a figure is neither given nor in the catalogue."""
    machines: tuple[Machine, ...] = (*lots, *offers, *refurbishments)
    normal = [_setting(machine, "normal") for machine in machines]
    resale = [_resale_usd_per_ths(machine) for machine in machines]
    profiles = tuple(name for name in PROFILES if any(name in machine.profiles for machine in machines))
    hashrate, power, firmware = _by_profile(machines, profiles)
    nameplate_ths = np.array([each.hashrate_ths for each in normal])
    return Fleet(
        machines=machines,
        ids=tuple(machine.id for machine in machines),
        profiles=profiles,
        hashrate_ths=hashrate,
        power_kw=power,
        firmware_share=firmware,
        nameplate_ths=nameplate_ths,
        nameplate_kw=np.array([each.power_w / 1000 for each in normal]),
        mass_kg=np.array([_mass_kg(machine) for machine in machines]),
        uptime_share=np.array([machine.uptime_share for machine in machines]),
        resale_usd=np.array(resale) * nameplate_ths,
        maintenance_usd_per_month=np.array([machine.maintenance_usd_per_month for machine in machines]),
        altitude_limit_m=np.array([_altitude_limit_m(machine) for machine in machines]),
        cooling=tuple(_cooling(machine) for machine in machines),
        made_in=tuple(machine.made_in or UNKNOWN for machine in machines),
        trade_in_lot=_trade_in(machines, [each.id for each in lots] + [each.id for each in offers]),
        notes=(*_resale_note(machines), *_curve_note(machines)),
    )


def service(machines: Sequence[Machine], periods: Sequence[Period]) -> Service:
    """Expected repairs, and hashrate lost, at the age that a machine has in the middle of each period.

    Repairs in a year are ``failure * (1 + growth) ** years of age``; each costs `repair_usd` and takes the
    machine out for `repair_days`. Offers age from their first month, whenever they are ordered.
    """
    months = np.array([period.months for period in periods], dtype=float)
    since_start = np.cumsum(months) - months / 2
    given = np.array([machine.uptime_share for machine in machines]).reshape(-1, 1)
    upkeep = np.array([machine.maintenance_usd_per_month for machine in machines]).reshape(-1, 1) * months
    uptime = np.repeat(given, len(periods), axis=1)
    for row, machine in enumerate(machines):
        repairs = _repairs_per_year(machine, periods, since_start)
        uptime[row] *= np.maximum(0.0, 1.0 - repairs * machine.repair_days / DAYS_PER_YEAR)
        uptime[row] *= (1.0 - machine.hashrate_loss_share_per_year) ** (since_start / MONTHS_PER_YEAR)
        upkeep[row] += repairs * machine.repair_usd * months / MONTHS_PER_YEAR
    return Service(uptime, upkeep)


def _repairs_per_year(machine: Machine, periods: Sequence[Period], since_start: Floats) -> Floats:
    growth = 1.0 + machine.failure_growth_share_per_year
    if growth == 1.0:
        return np.full(len(periods), machine.failure_share_per_year)
    first = month_number(periods[0].first_month)
    offered = getattr(machine, "from_month", None)
    late = 0 if offered is None else max(0, month_number(offered) - first)
    age = age_months(machine, periods[0].first_month) + np.maximum(0.0, since_start - late)
    return np.asarray(machine.failure_share_per_year * growth ** (age / MONTHS_PER_YEAR))


def age_months(machine: Machine, first_month: str) -> float:
    """Age on the first day of the plan, or when first on offer; LookupError for what is bought later."""
    bought = machine.bought if isinstance(machine, Lot) else None
    if bought is None:
        return machine.age_months or 0.0
    age = month_number(first_month) - month_number(bought)
    if age < 0:
        raise LookupError(
            f"lot {machine.id!r} stands on the plan's first day, {first_month}, but was bought in {bought}"
        )
    return float(age)


def _by_profile(machines: Sequence[Machine], profiles: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    shape = (len(machines), len(profiles))
    hashrate, power, firmware = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for row, machine in enumerate(machines):
        for column, profile in enumerate(profiles):
            if profile in machine.profiles:
                setting = _setting(machine, profile)
                hashrate[row, column], power[row, column] = setting.hashrate_ths, setting.power_w / 1000
                firmware[row, column] = machine.firmware_fee_share_in(profile)
    return hashrate, power, firmware


def _setting(machine: Machine, profile: str) -> Setting:
    found = machine.setting(profile)
    if found is None:
        raise LookupError(
            f"lot {machine.id!r} asks for the {profile} profile, but no figures of it are known for "
            f"{machine.model or 'it'}; give {profile}_hashrate_ths and {profile}_power_w, or "
            f"{profile}_hashrate_share for the bundled curve, or take {profile} out of its profiles"
        )
    return found


def _known(machine: Machine) -> catalogue.Model | None:
    return None if machine.model is None else catalogue.model(machine.model)


def _mass_kg(machine: Machine) -> float:
    known = _known(machine)
    mass = machine.mass_kg if known is None else known.mass_kg
    if mass is None:
        raise LookupError(f"lot {machine.id!r} has neither a model nor its own mass_kg")
    return mass


def _resale_usd_per_ths(machine: Machine) -> float:
    known = _known(machine)
    if machine.resale_usd_per_ths is not None:
        return machine.resale_usd_per_ths
    if known is None:
        raise LookupError(f"lot {machine.id!r} has its own figures; give resale_usd_per_ths too")
    if known.price_used_usd_per_ths is None:
        raise LookupError(
            f"lot {machine.id!r}: the catalogue has no used price for {known.name}; give resale_usd_per_ths"
        )
    return known.price_used_usd_per_ths


def _cooling(machine: Machine) -> str:
    known = _known(machine)
    return machine.cooling or ("air" if known is None else known.cooling)


def _altitude_limit_m(machine: Machine) -> float:
    """An air-cooled model put into a tank is no longer held by what its fans can do."""
    known = _known(machine)
    limit = machine.altitude_limit_m
    if limit is None and known is not None and _cooling(machine) == known.cooling:
        limit = known.altitude_limit_m
    return np.inf if limit is None else limit


def _trade_in(machines: Sequence[Machine], lots: Sequence[str]) -> Ints:
    number = {name: lot for lot, name in enumerate(lots)}
    handed_in = [each.hands_in if isinstance(each, Refurbishment) else None for each in machines]
    unknown = [name for name in handed_in if name is not None and name not in number]
    if unknown:
        raise LookupError(f"hands_in {unknown[0]!r} is no lot of the fleet and no offer")
    return np.array([-1 if name is None else number[name] for name in handed_in], dtype=np.int64)


def _resale_note(machines: Sequence[Machine]) -> Iterator[str]:
    """One line for all prices that were taken from the catalogue."""
    taken = [known for each in machines if each.resale_usd_per_ths is None and (known := _known(each))]
    told = (
        f"{known.name} {known.price_used_usd_per_ths} "
        f"({known.price_source}; {known.price_confidence} confidence)"
        for known in taken
    )
    if taken:
        yield f"resale from the catalogue, USD/TH: {'; '.join(dict.fromkeys(told))}"


def _curve_note(machines: Sequence[Machine]) -> Iterator[str]:
    curve = catalogue.profile_curve()
    by_curve = [
        f"{each.id} {profile}"
        for each in machines
        for profile in each.profiles
        if profile != "normal" and getattr(each, f"{profile}_hashrate_share") is not None
    ]
    if by_curve:
        yield (
            f"power of {', '.join(by_curve)} by the curve of one {curve.name}, hashrate share ^ "
            f"{curve.exponent:.2f} ({curve.source}; {curve.confidence} confidence)"
        )
