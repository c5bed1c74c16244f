"""What a price file holds, and what machines would earn on it: figures for the screen and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.catalogue import Model
from optimizer.cli.price_guess import Reading
from optimizer.economics import HOURS_PER_DAY, breakeven_usd_per_kwh, cheapest_first
from optimizer.tariffs.base import Floats, Ints
from optimizer.tariffs.frictions import Frictions, simulate
from optimizer.tariffs.price_series import PriceSeries, oddities

HOURS_PER_YEAR = 365.25 * HOURS_PER_DAY
QUANTILES = {
    "min": 0.0,
    "p1": 0.01,
    "p5": 0.05,
    "p25": 0.25,
    "p50": 0.5,
    "p75": 0.75,
    "p95": 0.95,
    "p99": 0.99,
}
QUANTILES |= {"max": 1.0}
ALL = "all"


@dataclass(frozen=True)
class Site:
    """What stands between the index and a machine."""

    hashprice_usd_per_ths_day: float
    hashprice_source: str
    adder_usd_per_kwh: float = 0.0
    pue: float = 1.0
    is_real_time: bool = False


@dataclass(frozen=True)
class Stretch:
    """Prices of one year, or of all, in the file's own unit."""

    year: str
    hours: float
    mean: float
    quantiles: dict[str, float]
    negative_share: float


@dataclass(frozen=True)
class Earned:
    """One machine over one year of prices, or over all, at one hashprice."""

    model: str
    year: str
    j_per_th: float
    breakeven_usd_per_mwh: float  # at the meter, adder included: what the index may cost
    run_share: float
    paid_usd_per_mwh: float | None  # index on the mean of the hours run; None where it never runs
    margin_usd_per_year: float  # of 8,766 hours
    margin_on_last_price_usd_per_year: float | None


@dataclass(frozen=True)
class Running:
    """Machines over years, all (n, y) but the hours there are (y); money per kW at the wall."""

    site: Site
    breakeven_usd_per_kwh: Floats  # at the wall
    hours: Floats
    run_hours: Floats
    paid_usd_per_kw: Floats
    margin_usd_per_kw: Floats
    margin_on_last_usd_per_kw: Floats | None

    def earned(self, model: Model, n: int, name: str, span: slice) -> Earned:
        total, ran = float(self.hours[span].sum()), float(self.run_hours[n, span].sum())
        usd_of_kw = model.power_w / 1000 * HOURS_PER_YEAR / total
        late = self.margin_on_last_usd_per_kw
        return Earned(
            model=model.name,
            year=name,
            j_per_th=model.j_per_th,
            breakeven_usd_per_mwh=self._index_usd_per_mwh(self.breakeven_usd_per_kwh[n, 0]),
            run_share=ran / total,
            paid_usd_per_mwh=self._index_usd_per_mwh(self.paid_usd_per_kw[n, span].sum() / ran)
            if ran
            else None,
            margin_usd_per_year=float(self.margin_usd_per_kw[n, span].sum() * usd_of_kw),
            margin_on_last_price_usd_per_year=None
            if late is None
            else float(late[n, span].sum() * usd_of_kw),
        )

    def _index_usd_per_mwh(self, usd_per_wall_kwh: float) -> float:
        return 1000 * float(usd_per_wall_kwh / self.site.pue - self.site.adder_usd_per_kwh)


@dataclass(frozen=True)
class Sheet:
    """One file, read."""

    file: Path
    reading: Reading
    guessed: Sequence[str]
    series: PriceSeries
    has_rate: bool  # prices are in USD, or were told in USD

    @cached_property
    def years(self) -> Ints:
        """Year of each interval on the file's own clock."""
        return self._clock.year.to_numpy().astype(np.intp)

    @cached_property
    def _clock(self) -> pd.DatetimeIndex:
        starts = pd.DatetimeIndex(self.series.start_utc.astype("datetime64[s]"))
        return starts.tz_localize("UTC").tz_convert(self.series.timezone)

    def stretches(self) -> list[Stretch]:
        own = self.series.usd_per_kwh / self.series.usd_per_kwh_of_unit
        years = np.unique(self.years)
        found = [self._stretch(str(year), own[self.years == year]) for year in years]
        return [*found, self._stretch(ALL, own)] if len(years) > 1 else found

    def _stretch(self, year: str, prices: Floats) -> Stretch:
        quantiles = np.quantile(prices, list(QUANTILES.values())).tolist()
        return Stretch(
            year=year,
            hours=len(prices) / self.series.intervals_per_hour,
            mean=float(prices.mean()),
            quantiles=dict(zip(QUANTILES, quantiles, strict=True)),
            negative_share=float((prices < 0).mean()),
        )

    def odd_days(self) -> list[tuple[str, float]]:
        """Whole days of its clock that do not have 24 hours, and how many they have."""
        days = self._clock.tz_localize(None).normalize()
        counts = pd.Series(days).value_counts(sort=False).sort_index() / self.series.intervals_per_hour
        inside = counts.iloc[1:-1]
        return [(f"{day:%Y-%m-%d}", float(hours)) for day, hours in inside[inside != HOURS_PER_DAY].items()]

    def cautions(self) -> list[str]:
        return list(oddities(self.series)) if self.has_rate else []

    def earned(self, models: Sequence[Model], site: Site) -> list[Earned]:
        """Every model over all and in every year, the best over all first."""
        if not self.has_rate or not models:
            return []
        ran = self._running(models, site)
        best_first = np.argsort(-ran.margin_usd_per_kw.sum(axis=1), kind="stable")
        spans = {ALL: slice(None)} | {
            str(year): slice(y, y + 1) for y, year in enumerate(np.unique(self.years))
        }
        return [ran.earned(models[n], n, name, span) for n in best_first for name, span in spans.items()]

    def _running(self, models: Sequence[Model], site: Site) -> Running:
        """Every machine in the intervals that pay, year by year."""
        hours, cost = self._by_year(np.unique(self.years), site)
        efficiency = np.array([each.j_per_th for each in models])
        level = np.repeat(
            breakeven_usd_per_kwh(site.hashprice_usd_per_ths_day, efficiency)[:, None], hours.shape[1], axis=1
        )
        cheap = cheapest_first(np.where(hours > 0, cost, np.inf), [hours, hours * cost])
        run_hours, paid = cheap.below(level)
        late = simulate(hours, cost, level, Frictions(decides_on="last")) if site.is_real_time else None
        on_last = None if late is None else late.margin_usd_per_kw
        return Running(site, level, hours.sum(axis=0), run_hours, paid, level * run_hours - paid, on_last)

    def _by_year(self, years: Ints, site: Site) -> tuple[Floats, Floats]:
        """Hours and cost of a kWh at the wall, both (b, y), padded with hours 0."""
        parts = [self.series.usd_per_kwh[self.years == year] for year in years]
        shape = (max(map(len, parts)), len(years))
        hours, cost = np.zeros(shape), np.zeros(shape)
        for y, prices in enumerate(parts):
            hours[: len(prices), y] = 1.0 / self.series.intervals_per_hour
            cost[: len(prices), y] = (prices + site.adder_usd_per_kwh) * site.pue
        return hours, cost

    def as_dict(self, models: Sequence[Model], site: Site) -> dict[str, Any]:
        """For programs."""
        return {
            "file": self.file,
            "reading": asdict(self.reading),
            "guessed": list(self.guessed),
            "covers": {
                "from_utc": f"{pd.Timestamp(self.series.first_utc):%Y-%m-%dT%H:%MZ}",
                "to_utc": f"{pd.Timestamp(self.series.end_utc):%Y-%m-%dT%H:%MZ}",
                "interval_minutes": self.series.minutes,
                "intervals": len(self.series.usd_per_kwh),
                "whole_years": self.whole_years(),
                "days_not_of_24_hours": dict(self.odd_days()),
            },
            "prices": [asdict(each) for each in self.stretches()],
            "cautions": self.cautions(),
            "site": asdict(site),
            "machines": [asdict(each) for each in self.earned(models, site)],
        }

    def whole_years(self) -> list[int]:
        """Years that may be named as reference_year."""
        return [int(year) for year in np.unique(self.years) if self.series.covers_year(int(year))]
