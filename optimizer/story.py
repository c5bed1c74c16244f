"""What a reader of a plan must know beside its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from optimizer.config import ExchangeRate, Study
from optimizer.prepare import BREAKEVEN_COLUMNS, Prepared, breakevens_of
from optimizer.reasons import LAW_COLUMNS, law_table

ROWS_OF_BREAKEVENS = 20_000


@dataclass(frozen=True, eq=False)
class Story:
    """Everything has a neutral value for plans from bare arrays."""

    name: str = "inputs"
    title: str = ""
    first_days: tuple[date, ...] = ()  # of each period, and the day after the last
    currency: str = "USD"
    units_per_usd: float = 1.0
    market: str = ""
    notes: tuple[str, ...] = ()
    input_files: tuple[tuple[str, str], ...] = ()  # path and sha256 of everything that was read
    breakevens: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=BREAKEVEN_COLUMNS))
    law: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=LAW_COLUMNS))


def story_of(study: Study, prepared: Prepared) -> Story:
    """The story of a study that was prepared."""
    reporting = study.currency.reporting
    start, path = prepared.market_start, prepared.market_path
    first, last = 1000 * path.hashprice_usd_per_ths_day[[0, -1]]
    until = f" (means to {start.last_day})" if isinstance(study.market.start, str) else ""
    if study.market.start == "refreshed":
        until += f", {start.source}"
    return Story(
        name=study.name,
        title=study.title,
        first_days=(*(period.first_day for period in prepared.periods), prepared.periods[-1].day_after_last),
        currency=reporting,
        units_per_usd=1.0 if reporting == "USD" else study.currency.fx[reporting].per_usd,
        market=(
            f"market from {start.month}{until}: {start.btc_price_usd:,.0f} USD/BTC, "
            f"difficulty {start.difficulty / 1e12:,.1f}T; hashprice {first:.1f} to {last:.1f} USD/PH/day"
            f"{_shown_at(study)}"
        ),
        notes=(*rate_notes(study), *prepared.notes),
        input_files=tuple((file.path, file.sha256) for file in study.source_files),
        breakevens=_breakevens(prepared),
        law=law_table(prepared.restrictions),
    )


def rate_notes(study: Study) -> list[str]:
    """Which rates move in the study, though the plan is shown at those of one day."""
    reporting, notes = study.currency.reporting, []
    for code, rate in _moving(study).items():
        if code == reporting:
            notes.append(f"amounts in {code} are {_at(code, rate)}, whatever it is later in the study")
        else:
            notes.append(
                f"amounts written in {code} are {_at(code, rate)}; they follow its rate from month to month "
                "where an entry names that currency, and nowhere else"
            )
    return notes


def _moving(study: Study) -> dict[str, ExchangeRate]:
    """Rates that change in the study, of the reports and of everything that names a currency."""
    entries = (*study.tariffs.values(), *study.sites, *study.overheads, *study.operator.licences)
    used = dict.fromkeys((study.currency.reporting, *(each.currency for each in entries)))
    rates = study.currency.fx
    return {code: rates[code] for code in used if code in rates and rates[code].moves}


def _shown_at(study: Study) -> str:
    """For the line of the market."""
    return "".join(f"; {code} {_at(code, rate)}" for code, rate in _moving(study).items())


def _at(code: str, rate: ExchangeRate) -> str:
    return f"shown at the rate of {rate.date}, {rate.per_usd:g} {code} per USD"


def _breakevens(prepared: Prepared) -> pd.DataFrame:
    """Of every period, or of the first and the last where that would be more than anybody reads."""
    data = prepared.inputs
    size = len(data.lots) * len(data.sites) * len(data.profiles) * len(data.periods)
    if size <= ROWS_OF_BREAKEVENS:
        return breakevens_of(prepared)
    return breakevens_of(prepared, periods=[data.periods[0], data.periods[-1]])
