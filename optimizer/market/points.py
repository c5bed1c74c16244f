"""One month of the network: the bundled ones, the user's refreshed ones, or one stated in a study."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import numpy as np

from optimizer.market.days import days_of, month_bounds
from optimizer.market.halvings import subsidies_btc
from optimizer.market.record import Block

SECONDS_PER_DAY = 86_400
SECONDS_PER_BLOCK = 600
HASHES_PER_DIFFICULTY = 2**32
BUNDLED_SOURCE = "daily chain series of github.com/SecretSatoshis/Bitcoin-Report-Library, snapshot 2026-08-22"
STALE_AFTER_DAYS = 45


@dataclass(frozen=True)
class MarketPoint:
    """Monthly means of the network up to `last_day`; fees are per block, hashprice before the pool's fee."""

    month: str
    last_day: date
    btc_price_usd: float
    difficulty: float
    fees_btc_per_block: float
    hashprice_usd_per_ths_day: float
    source: str
    confidence: str
    block: Block | None = None  # from which halvings are counted; None: the newest bundled one by then

    @property
    def first_day(self) -> date:
        return month_bounds(self.month)[0]

    @property
    def days(self) -> int:
        """How many of the month's days these means cover."""
        return (self.last_day - self.first_day).days + 1

    @property
    def middle(self) -> float:
        """The middle of the days covered, as a time."""
        return (self.first_day.toordinal() + self.last_day.toordinal() + 1) / 2

    @property
    def hashprice_btc_per_phs_day(self) -> float:
        return 1000 * self.hashprice_usd_per_ths_day / self.btc_price_usd

    @property
    def network_ehs(self) -> float:
        """Hashrate that finds a block every 600 s at this difficulty."""
        return self.difficulty / difficulty_of(1.0)

    def age_days(self, on: date) -> int:
        """Days from the last day in these means to `on`; negative when `on` is earlier."""
        return (on - self.last_day).days


def bundled_start() -> MarketPoint:
    """The newest bundled month; its last day is where the data end, so ask `age_days` before trusting it."""
    return history()[-1]


@cache
def history() -> tuple[MarketPoint, ...]:
    """Every bundled month, oldest first."""
    text = (files("optimizer") / "data" / "network_monthly.csv").read_text(encoding="utf-8")
    return read_history(text)


def read_history(text: str) -> tuple[MarketPoint, ...]:
    """Months as the bundled file and the user's copy hold them; the copy has source and confidence too."""
    return tuple(_from_row(row) for row in csv.DictReader(text.splitlines()))


def point(
    month: str,
    btc_price_usd: float,
    difficulty: float,
    fees_btc_per_block: float,
    source: str,
    confidence: str = "unsourced",
    days: int | None = None,
    block: Block | None = None,
) -> MarketPoint:
    """A month as means over its first `days` (None: all of them); its hashprice follows from the formula."""
    first, after = month_bounds(month)
    if days is not None:
        after = first + timedelta(days=days)
    subsidy = float(np.mean(subsidies_btc(days_of([(first, after)]))))
    return MarketPoint(
        month=month,
        last_day=after - timedelta(days=1),
        btc_price_usd=btc_price_usd,
        difficulty=difficulty,
        fees_btc_per_block=fees_btc_per_block,
        hashprice_usd_per_ths_day=hashprice_usd_per_ths_day(
            btc_price_usd, difficulty, fees_btc_per_block, subsidy
        ),
        source=source,
        confidence=confidence,
        block=block,
    )


def hashprice_usd_per_ths_day(
    btc_price_usd: float, difficulty: float, fees_btc_per_block: float, subsidy_btc: float
) -> float:
    """Expected income of 1 TH/s in a day, exact for pay-outs that share subsidy and fees (FPPS)."""
    return (subsidy_btc + fees_btc_per_block) * btc_price_usd * blocks_per_ths_day(difficulty)


def blocks_per_ths_day(difficulty: float) -> float:
    return SECONDS_PER_DAY * 1e12 / (difficulty * HASHES_PER_DIFFICULTY)


def difficulty_of(network_ehs: float) -> float:
    """The difficulty at which a hashrate finds a block every 600 s."""
    return network_ehs * 1e18 * SECONDS_PER_BLOCK / HASHES_PER_DIFFICULTY


def _from_row(row: dict[str, str]) -> MarketPoint:
    first = month_bounds(row["month"])[0]
    return MarketPoint(
        month=row["month"],
        last_day=first + timedelta(days=int(row["days"]) - 1),
        btc_price_usd=float(row["btc_price_usd"]),
        difficulty=float(row["difficulty"]),
        fees_btc_per_block=float(row["fees_btc_per_block"]),
        hashprice_usd_per_ths_day=float(row["hashprice_usd_per_ths_day"]),
        source=row.get("source") or BUNDLED_SOURCE,
        confidence=row.get("confidence") or "high",
    )
