"""What the weather of a place does to machines: overhead by temperature, derating in heat, what fits."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from scipy.special import ndtr

from geodata.climate import Climate
from optimizer.inputs import Bools, Floats
from optimizer.sections.cooling import Cooling
from optimizer.tariffs.base import HoursInPeriod, PowerPrice

WARMEST_HOUR = 15.0  # of the local day; the daily maximum falls between 14 and 17 almost everywhere


@dataclass(frozen=True)
class Conditions:
    """How a site treats machines in each interval of the contract; what is padded is noise."""

    pue: Floats  # (b, m) power at the meter over power of the machines
    weight: Floats  # (b, m) share of hashrate and power that the heat leaves, expected; 0: shut down


@dataclass(frozen=True)
class Figures:
    """The figures of one kind of cooling: the study's where given, the bundled ones otherwise."""

    curve_c: Floats  # (knots) ambient, rising
    curve_pue: Floats  # (knots) constant outside, straight between
    rise_c: float
    derate_above_c: float  # infinite where no air goes through the machines
    derate_share: float
    shutdown_above_c: float
    day_spread_c: float
    estimates: tuple[str, ...]  # which of the bundled ones used are of low confidence or unsourced


def steady(pue: float | None, shape: tuple[int, ...]) -> Conditions:
    """A stated overhead in every interval (b, m), and no heat."""
    if pue is None:
        raise ValueError("a site without a pue needs its conditions by the hour: `conditions`")
    return Conditions(np.full(shape, pue), np.ones(shape))


def conditions(
    cooling: Cooling | None,
    pue: float | None,
    climate: Climate | None,
    hours: HoursInPeriod,
    price: PowerPrice,
) -> Conditions:
    """Overhead and derating in each interval of ``price``, whose lawful hours are ``hours``.

    A stated ``pue`` holds whatever the weather. A price that is not in order of time has its periods' means,
    so that heat and high prices are not seen to come together.

    Raises
    ------
    ValueError
        Where the site has a ``cooling`` and no ``climate``.
    """
    if cooling is None:
        return steady(pue, price.hours.shape)
    if climate is None:
        raise ValueError("cooling by temperature needs the place's climate")
    known = figures(cooling)
    ambient_c = ambient_by_hour(climate, hours)
    overhead = np.interp(ambient_c, known.curve_c, known.curve_pue)
    by_hour = (overhead if pue is None else np.full(overhead.shape, pue), _left_share(ambient_c, known))
    is_hour = hours.calendar.is_hour
    return Conditions(*(_in_intervals(each, is_hour, price) for each in by_hour))


def ambient_by_hour(climate: Climate, hours: HoursInPeriod) -> Floats:
    """(hour, m) temperature of a normal day: a cosine from the month's mean up to its mean daily maximum."""
    calendar = hours.calendar
    month = calendar.month_of_year()
    mean, warm = np.array(climate.mean_c)[month], np.array(climate.warm_c)[month]
    turn = 2 * np.pi * (calendar.hour_of_day + 0.5 - WARMEST_HOUR) / 24
    return np.asarray(mean + (warm - mean) * np.cos(turn))


def figures(cooling: Cooling) -> Figures:
    """What is known of a site's cooling."""
    rows = [row for row in _bundled() if row["kind"] in (cooling.kind, "any")]
    curve = [row for row in rows if row["quantity"] == "pue"]
    single = {row["quantity"]: row for row in rows if row["quantity"] != "pue"}

    def figure(key: str, absent: float) -> float:
        own = getattr(cooling, key)
        if own is not None:
            return float(own)
        return float(single[key]["value"]) if key in single else absent

    taken = [*curve, *(row for key, row in single.items() if getattr(cooling, key) is None)]
    weak = [row for row in taken if row["confidence"] in ("low", "unsourced")]
    return Figures(
        curve_c=np.array([float(row["ambient_c"]) for row in curve]),
        curve_pue=np.array([float(row["value"]) for row in curve]),
        rise_c=figure("rise_c", 0.0),
        derate_above_c=figure("derate_above_c", np.inf),
        derate_share=figure("derate_share", 0.0),
        shutdown_above_c=figure("shutdown_above_c", np.inf),
        day_spread_c=figure("day_spread_c", 0.0),
        estimates=tuple(dict.fromkeys(row["quantity"] for row in weak)),
    )


def fits(
    machine_cooling: str | None,
    max_altitude_m: float | None,
    cooling: Cooling | None,
    elevation_m: float | None,
) -> tuple[bool, str]:
    """Whether a site takes a machine, and why not. A machine whose cooling is not known is cooled by air; a
    site without ``cooling`` takes any; heights are compared where both are known."""
    kind = machine_cooling or "air"
    if cooling is not None and kind not in cooling.fitting:
        return (
            False,
            f"{kind} machines do not fit {cooling.kind} cooling that takes {', '.join(cooling.fitting)}",
        )
    if max_altitude_m is not None and elevation_m is not None and elevation_m > max_altitude_m:
        return False, f"{elevation_m:,.0f} m is above the {max_altitude_m:,.0f} m that the machine stands"
    return True, ""


def _left_share(ambient_c: Floats, known: Figures) -> Floats:
    """Expected share of hashrate and power, over days warmer and cooler than normal."""
    if not np.isfinite(min(known.derate_above_c, known.shutdown_above_c)):
        return np.ones_like(ambient_c)
    intake_c = ambient_c + known.rise_c
    slow, stopped = (
        _chance_above(intake_c, limit_c, known.day_spread_c)
        for limit_c in (known.derate_above_c, known.shutdown_above_c)
    )
    return 1.0 - known.derate_share * np.maximum(slow, stopped) - (1.0 - known.derate_share) * stopped


def _chance_above(intake_c: Floats, limit_c: float, spread_c: float) -> Floats:
    if spread_c == 0.0:
        return (intake_c > limit_c).astype(np.float64)
    return np.asarray(ndtr((intake_c - limit_c) / spread_c))


def _in_intervals(by_hour: Floats, is_hour: Bools, price: PowerPrice) -> Floats:
    """(b, m) of the contract from (hour, m): each hour's figure in its intervals, or the period's mean."""
    shape = price.hours.shape
    if price.intervals_per_hour == 0:
        count = np.maximum(1, is_hour.sum(axis=0))
        return np.broadcast_to(np.where(is_hour, by_hour, 0.0).sum(axis=0) / count, shape)
    rows = np.repeat(np.where(is_hour, by_hour, 1.0), price.intervals_per_hour, axis=0)
    if rows.shape != shape:
        raise ValueError(f"conditions {rows.shape} and prices {shape} are not of the same hours")
    return rows


@cache
def _bundled() -> tuple[dict[str, str], ...]:
    text = (files("optimizer") / "data" / "cooling.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
