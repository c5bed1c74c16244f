"""ASIC models with their figures, each with its source and confidence, and how power follows hashrate."""

import csv
import difflib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_FAMILIES = ("antminer", "whatsminer", "avalon", "sealminer", "teraflux")
_NUMBERS_THAT_MAY_BE_ABSENT = (
    "price_new_usd_per_ths",
    "price_used_usd_per_ths",
    "eco_hashrate_ths",
    "eco_power_w",
    "altitude_limit_m",
)
HIGHEST_J_PER_TH = 200.0  # of machines of 2016; nothing that hashes today needs more
NEWER_SHARE = 0.9  # a machine newer than the catalogue may need so much of what its best one needs


@dataclass(frozen=True)
class Model:
    """One machine model: nameplate figures for one machine, prices per TH/s, None where nothing is known.

    The eco pair is the vendor's or a tester's low-power setting. `maker_country` is the seat of the company,
    "" where unknown; where a machine was made is on its plate and in no catalogue. Each `_confidence` is
    high, medium or low.
    """

    name: str
    vendor: str
    hashrate_ths: float
    power_w: float
    j_per_th: float
    cooling: str
    mass_kg: float
    released: str
    price_new_usd_per_ths: float | None
    price_used_usd_per_ths: float | None
    eco_hashrate_ths: float | None
    eco_power_w: float | None
    spec_source: str
    price_source: str
    spec_confidence: str
    mass_confidence: str
    price_confidence: str
    altitude_limit_m: float | None
    altitude_source: str
    altitude_confidence: str
    maker_country: str
    maker_source: str
    maker_confidence: str


@dataclass(frozen=True)
class Curve:
    """Power when clocked otherwise than normal: ``power share = hashrate share ** exponent``.

    Fitted to the logarithms of the tested points, through normal; it says nothing outside what was tested.
    """

    name: str
    exponent: float
    lowest_share: float
    highest_share: float
    source: str
    confidence: str

    def covers(self, hashrate_share: float) -> bool:
        return self.lowest_share - 1e-9 <= hashrate_share <= self.highest_share + 1e-9

    def power_share(self, hashrate_share: float) -> float:
        """Raises ValueError where no machine was tested."""
        if not self.covers(hashrate_share):
            raise ValueError(
                f"a hashrate share of {hashrate_share:g} is outside {self.lowest_share:.3f} to "
                f"{self.highest_share:.3f}, which was tested"
            )
        return float(hashrate_share**self.exponent)


class UnknownModel(KeyError):
    """No single catalogue model has this name; `nearest` lists what may have been meant, best first."""

    def __init__(self, name: str, nearest: list[str]) -> None:
        super().__init__(name)
        self.name = name
        self.nearest = nearest

    def __str__(self) -> str:
        hint = f"did you mean {', '.join(self.nearest)}?" if self.nearest else "see `rigshift catalogue`"
        return f"model {self.name!r} is not in the catalogue; {hint}"


def models() -> dict[str, Model]:
    """Every bundled model by its name, in the file's order (vendor, then age)."""
    return dict(_models())


def find(text: str) -> list[Model]:
    """Models whose vendor, name and cooling contain every word of `text`, in any letter case."""
    words = text.casefold().split()
    return [found for found in _models().values() if all(word in _searched_text(found) for word in words)]


def model(name: str) -> Model:
    """The one model called `name`, in any case and spacing, with or without vendor and family ("S21 Pro").

    Raises UnknownModel, with the nearest names, when there is none or when a shortened name fits several.
    """
    candidates = _models_by_spelling().get(_spelling(name), ())
    if len(candidates) == 1:
        return candidates[0]
    raise UnknownModel(name, [found.name for found in candidates] or _nearest(name))


@cache
def profile_curve() -> Curve:
    """The bundled curve, of one machine: low confidence, for machines of which nothing better is known."""
    rows = _rows("profile_curves.csv")
    normal = next(row for row in rows if row["is_normal"] == "true")
    points = [_shares(row, normal) for row in rows]
    logs = [(math.log(hashrate), math.log(power)) for hashrate, power in points]
    exponent = sum(x * y for x, y in logs) / sum(x * x for x, _ in logs)
    shares = [hashrate for hashrate, _ in points]
    return Curve(normal["curve"], exponent, min(shares), max(shares), normal["source"], normal["confidence"])


def _shares(row: dict[str, str], normal: dict[str, str]) -> tuple[float, float]:
    hashrate, power = (float(row[key]) / float(normal[key]) for key in ("hashrate_ths", "power_w"))
    return hashrate, power


def best_model() -> Model:
    """The one that needs least energy per hash."""
    return min(_models().values(), key=lambda found: found.j_per_th)


def lowest_j_per_th(profile: str) -> float:
    """The least that is believed of a profile: the best model known, somewhat newer, under-clocked if eco."""
    curve, best = profile_curve(), NEWER_SHARE * best_model().j_per_th
    return best * curve.lowest_share ** (curve.exponent - 1.0) if profile == "eco" else best


@cache
def _models() -> dict[str, Model]:
    read = [_from_row(row) for row in _rows("asics.csv")]
    return {found.name: found for found in read}


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("optimizer") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _from_row(row: dict[str, str]) -> Model:
    absent = {key: float(row[key]) if row[key] else None for key in _NUMBERS_THAT_MAY_BE_ABSENT}
    return Model(
        name=row["name"],
        vendor=row["vendor"],
        hashrate_ths=float(row["hashrate_ths"]),
        power_w=float(row["power_w"]),
        j_per_th=float(row["j_per_th"]),
        cooling=row["cooling"],
        mass_kg=float(row["mass_kg"]),
        released=row["released"],
        spec_source=row["spec_source"],
        price_source=row["price_source"],
        spec_confidence=row["spec_confidence"],
        mass_confidence=row["mass_confidence"],
        price_confidence=row["price_confidence"],
        altitude_source=row["altitude_source"],
        altitude_confidence=row["altitude_confidence"],
        maker_country=row["maker_country"],
        maker_source=row["maker_source"],
        maker_confidence=row["maker_confidence"],
        **absent,
    )


@cache
def _models_by_spelling() -> dict[str, tuple[Model, ...]]:
    by_spelling: dict[str, tuple[Model, ...]] = {}
    for found in _models().values():
        for spelling in _spellings(found):
            by_spelling[spelling] = (*by_spelling.get(spelling, ()), found)
    return by_spelling


def _spellings(found: Model) -> set[str]:
    family, _, rest = found.name.partition(" ")
    names = {found.name, rest} if family.casefold() in _FAMILIES else {found.name}
    return {_spelling(name) for name in names} | {_spelling(f"{found.vendor} {name}") for name in names}


def _nearest(name: str) -> list[str]:
    close = difflib.get_close_matches(_spelling(name), list(_models_by_spelling()), n=8, cutoff=0.5)
    return list(dict.fromkeys(_names(close)))[:3]


def _names(spellings: list[str]) -> Iterator[str]:
    for spelling in spellings:
        yield from (found.name for found in _models_by_spelling()[spelling])


def _spelling(name: str) -> str:
    """Letters, digits and plus signs: people write S19j Pro, S19JPro and s19j-pro."""
    return re.sub(r"[\s_-]+", "", name.casefold())


def _searched_text(found: Model) -> str:
    return f"{found.vendor} {found.name} {found.cooling}".casefold()
