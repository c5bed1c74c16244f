"""Ways to run a machine, and which figures of them no machine can have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic_core import PydanticCustomError

from optimizer import catalogue
from optimizer.sections.base import refusal

Profile = Literal["normal", "eco", "turbo"]
# Two readings of one machine differ by so much; the curve's own points, 105 and 96 TH/s, do by 0.6 %.
READING_SHARE = 0.02


@dataclass(frozen=True)
class Setting:
    """One machine in one profile."""

    hashrate_ths: float
    power_w: float

    @property
    def j_per_th(self) -> float:
        return self.power_w / self.hashrate_ths

    def clocked(self, hashrate_share: float) -> Setting:
        """By the bundled curve. Raises ValueError where it says nothing."""
        power_share = catalogue.profile_curve().power_share(hashrate_share)
        return Setting(self.hashrate_ths * hashrate_share, self.power_w * power_share)


def unbelievable(profile: str, setting: Setting) -> Iterator[PydanticCustomError]:
    """Energy per hash that no machine has: nearly always watts given as kW, or TH/s as PH/s."""
    lowest, best = catalogue.lowest_j_per_th(profile), catalogue.best_model()
    prefix = "" if profile == "normal" else f"{profile}_"
    said = (
        f"has {prefix}power_w {setting.power_w:g} for {prefix}hashrate_ths {setting.hashrate_ths:g}, "
        f"{setting.j_per_th:.3g} J/TH"
    )
    remedy = f"check the units: {prefix}power_w is watts, {prefix}hashrate_ths is TH/s, of one machine"
    if setting.j_per_th < lowest:
        least = f"{best.j_per_th:g} of {best.name}"
        yield refusal(f"{said}, below what is possible ({lowest:.3g}; the best known is {least})", remedy)
    if setting.j_per_th > catalogue.HIGHEST_J_PER_TH:
        yield refusal(f"{said}, above {catalogue.HIGHEST_J_PER_TH:g}", remedy)


def contradicts_normal(profile: str, setting: Setting, normal: Setting) -> Iterator[PydanticCustomError]:
    """Eco is slower, on less power and less energy per hash; turbo the other way round in all three."""
    is_eco = profile == "eco"
    remedy = (
        "an eco profile runs slower on less power" if is_eco else "a turbo profile runs faster on more power"
    )
    for key in ("hashrate_ths", "power_w"):
        value, usual = getattr(setting, key), getattr(normal, key)
        if value >= usual if is_eco else value <= usual:
            side = "below" if is_eco else "above"
            yield refusal(f"has {profile}_{key} {value:g}, not {side} the normal {usual:g}", remedy)
    per_hash = f"{setting.j_per_th:.4g} J/TH in {profile}, {normal.j_per_th:.4g} in normal operation"
    if is_eco and setting.j_per_th > normal.j_per_th * (1 + READING_SHARE):
        yield refusal(
            f"needs {per_hash}",
            "under-clocking saves energy per hash; check eco_hashrate_ths and eco_power_w",
        )
    if not is_eco and setting.j_per_th < normal.j_per_th * (1 - READING_SHARE):
        yield refusal(
            f"needs {per_hash}",
            "over-clocking costs energy per hash; check turbo_hashrate_ths and turbo_power_w",
        )


def off_the_curve(profile: str, hashrate_share: float) -> Iterator[PydanticCustomError]:
    """A share on the wrong side of normal, or beyond what was tested."""
    curve, key = catalogue.profile_curve(), f"{profile}_hashrate_share"
    low, high = (curve.lowest_share, 1.0) if profile == "eco" else (1.0, curve.highest_share)
    if hashrate_share == 1.0 or not low - 1e-9 <= hashrate_share <= high + 1e-9:
        yield refusal(
            f"has {key} {hashrate_share:g}, outside {low:.3f} to {high:.3f}, in which a machine was tested",
            f"give a share in between, or {profile}_hashrate_ths and {profile}_power_w as measured",
        )
