"""What a unit of hashrate earns: bitcoin price, difficulty, fees, halvings, and what machines sell for."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Days = NDArray[np.int64]
Period = tuple[date, date]  # first day, day after the last

SECONDS_PER_DAY = 86_400
HASHES_PER_DIFFICULTY = 2**32
DAYS_PER_YEAR = 365.25

BLOCKS_PER_HALVING = 210_000
MINUTES_PER_BLOCK = 10
HALVING_HEIGHT = 1_050_000  # the next one, the fifth
# The newest difficulty change with a known height; the hour is unknown, so noon halves the possible error.
KNOWN_HEIGHT, KNOWN_TIME = 961_632, datetime(2026, 8, 8, 12)
GENESIS = date(2009, 1, 3)
PAST_HALVINGS = (date(2012, 11, 28), date(2016, 7, 9), date(2020, 5, 11), date(2024, 4, 20))


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

    @property
    def first_day(self) -> date:
        return _first_day(self.month)

    def age_days(self, on: date) -> int:
        """Days from the last day in these means to `on`; negative when `on` is earlier."""
        return (on - self.last_day).days

    def _middle(self) -> float:
        return (self.first_day.toordinal() + self.last_day.toordinal() + 1) / 2


@dataclass(frozen=True, eq=False)
class MarketPath:
    """Means over the days of each period, shape (m). Arrays are read-only.

    Hashprice is the mean of the daily hashprice, not the hashprice of the mean price and difficulty.
    `difficulty` and `reward_btc_per_block` are None when the hashprice was given directly.
    """

    btc_price_usd: Floats  # (m)
    hashprice_usd_per_ths_day: Floats  # (m)
    btc_per_ths_day: Floats  # (m)
    difficulty: Floats | None = None  # (m)
    reward_btc_per_block: Floats | None = None  # (m) subsidy plus fees

    def __post_init__(self) -> None:
        for field in fields(self):
            values = getattr(self, field.name)
            if values is not None:
                values.setflags(write=False)


def bundled_start() -> MarketPoint:
    """The newest bundled month; its last day is where the data end, so ask `age_days` before trusting it."""
    return history()[-1]


@cache
def history() -> tuple[MarketPoint, ...]:
    """Every bundled month, oldest first."""
    text = (files("optimizer") / "data" / "network_monthly.csv").read_text(encoding="utf-8")
    return tuple(_from_row(row) for row in csv.DictReader(text.splitlines()))


def point(
    month: str,
    btc_price_usd: float,
    difficulty: float,
    fees_btc_per_block: float,
    source: str,
    confidence: str = "unsourced",
) -> MarketPoint:
    """A user's own starting month, as means over the whole of it; its hashprice follows from the formula."""
    first, after = _month_bounds(month)
    subsidy = float(np.mean(_subsidies_btc(_days_of([(first, after)]))))
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
    )


def hashprice_usd_per_ths_day(
    btc_price_usd: float, difficulty: float, fees_btc_per_block: float, subsidy_btc: float
) -> float:
    """Expected income of 1 TH/s in a day, exact for pay-outs that share subsidy and fees (FPPS)."""
    return (subsidy_btc + fees_btc_per_block) * btc_price_usd * _blocks_per_ths_day(difficulty)


def halving_date(number: int) -> date:
    """Day of the n-th halving: the record for the past, a block every 10 minutes for the future."""
    if number < 1:
        raise ValueError(f"halving {number}: they are counted from 1")
    if number <= len(PAST_HALVINGS):
        return PAST_HALVINGS[number - 1]
    height = HALVING_HEIGHT + BLOCKS_PER_HALVING * (number - len(PAST_HALVINGS) - 1)
    return (KNOWN_TIME + timedelta(minutes=MINUTES_PER_BLOCK * (height - KNOWN_HEIGHT))).date()


def subsidy_btc(day: date) -> float:
    """New bitcoin per block on a day; the whole day of a halving counts as after it."""
    if day < GENESIS:
        raise ValueError(f"{day} lies before the first block of {GENESIS}")
    return float(_subsidies_btc(np.array([day.toordinal()]))[0])


def project(
    start: MarketPoint,
    period_bounds: Sequence[Period],
    btc_price_growth_share_per_year: float,
    network_growth_share_per_year: float,
    fees_btc_per_block: float | None = None,
) -> MarketPath:
    """Daily path growing continuously from the middle of the start's days, averaged over each period's days.

    `fees_btc_per_block` None keeps the start's. Halvings count by the day. Raises ValueError for a growth of
    -1 or less, an empty period, or a period before the start.
    """
    days = _days_of(period_bounds)
    price = _btc_price_usd(start, days, btc_price_growth_share_per_year)
    difficulty = start.difficulty * _growth(start, days, "network", network_growth_share_per_year)
    fees = start.fees_btc_per_block if fees_btc_per_block is None else fees_btc_per_block
    reward = _subsidies_btc(days) + fees
    btc_per_ths_day = reward * _blocks_per_ths_day(1.0) / difficulty
    return MarketPath(
        btc_price_usd=_mean_of_periods(price, period_bounds),
        hashprice_usd_per_ths_day=_mean_of_periods(btc_per_ths_day * price, period_bounds),
        btc_per_ths_day=_mean_of_periods(btc_per_ths_day, period_bounds),
        difficulty=_mean_of_periods(difficulty, period_bounds),
        reward_btc_per_block=_mean_of_periods(reward, period_bounds),
    )


def given(
    hashprice_usd_per_ths_day: Floats,
    start: MarketPoint,
    period_bounds: Sequence[Period],
    btc_price_growth_share_per_year: float,
) -> MarketPath:
    """A path from a hashprice stated per period, shape (m), instead of price over difficulty.

    Bitcoin are still counted: hashprice divided by the projected bitcoin price. Money never depends on that
    price. Raises ValueError when the shape differs from the periods or a value is negative or not finite.
    """
    hashprice = np.array(hashprice_usd_per_ths_day, dtype=np.float64)
    if hashprice.shape != (len(period_bounds),):
        raise ValueError(f"hashprice has shape {hashprice.shape}, but there are {len(period_bounds)} periods")
    if not np.all(np.isfinite(hashprice) & (hashprice >= 0)):
        raise ValueError("hashprice_usd_per_ths_day must be finite and not negative in every period")
    days = _days_of(period_bounds)
    price = _mean_of_periods(_btc_price_usd(start, days, btc_price_growth_share_per_year), period_bounds)
    return MarketPath(
        btc_price_usd=price, hashprice_usd_per_ths_day=hashprice, btc_per_ths_day=hashprice / price
    )


def day_weighted(by_month: Mapping[str, float], period_bounds: Sequence[Period]) -> Floats:
    """Monthly values ("2026-12": value) as means over the days of each period, shape (m).

    Raises ValueError naming every month that a period touches and the values do not have.
    """
    months = [f"{day:%Y-%m}" for day in map(date.fromordinal, _days_of(period_bounds).tolist())]
    missing = sorted(set(months) - set(by_month))
    if missing:
        raise ValueError(f"no value for {', '.join(missing)}")
    return _mean_of_periods(np.array([by_month[month] for month in months], dtype=np.float64), period_bounds)


def machine_price_factor(period_bounds: Sequence[Period], decline_share_per_year: float) -> Floats:
    """Machine price relative to the first period's first day, mean over each period's days, shape (m)."""
    if not 0 <= decline_share_per_year < 1:
        raise ValueError(f"machine price decline is {decline_share_per_year} a year; it must be in [0, 1)")
    days = _days_of(period_bounds)
    daily = (1 - decline_share_per_year) ** _years_since(float(days[0]), days)
    return _mean_of_periods(daily, period_bounds)


def _from_row(row: dict[str, str]) -> MarketPoint:
    return MarketPoint(
        month=row["month"],
        last_day=_first_day(row["month"]) + timedelta(days=int(row["days"]) - 1),
        btc_price_usd=float(row["btc_price_usd"]),
        difficulty=float(row["difficulty"]),
        fees_btc_per_block=float(row["fees_btc_per_block"]),
        hashprice_usd_per_ths_day=float(row["hashprice_usd_per_ths_day"]),
        source="daily chain series of github.com/SecretSatoshis/Bitcoin-Report-Library, snapshot 2026-08-22",
        confidence="high",
    )


def _blocks_per_ths_day(difficulty: float) -> float:
    return SECONDS_PER_DAY * 1e12 / (difficulty * HASHES_PER_DIFFICULTY)


def _btc_price_usd(start: MarketPoint, days: Days, growth_share_per_year: float) -> Floats:
    return start.btc_price_usd * _growth(start, days, "bitcoin price", growth_share_per_year)


def _growth(start: MarketPoint, days: Days, what: str, share_per_year: float) -> Floats:
    if not (math.isfinite(share_per_year) and share_per_year > -1):
        raise ValueError(f"{what} growth is {share_per_year} a year; it must be a finite number above -1")
    first = date.fromordinal(int(days.min()))
    if first < start.first_day:
        raise ValueError(f"the horizon begins on {first}, before the market's start, {start.month}")
    grown: Floats = (1 + share_per_year) ** _years_since(start._middle(), days)
    return grown


def _years_since(origin: float, days: Days) -> Floats:
    """From an instant (a day's ordinal is its midnight) to the middle of each day."""
    return (days.astype(np.float64) + (0.5 - origin)) / DAYS_PER_YEAR


def _subsidies_btc(days: Days) -> Floats:
    halvings = [halving.toordinal() for halving in PAST_HALVINGS]
    while halvings[-1] <= days.max():
        halvings.append(halving_date(len(halvings) + 1).toordinal())
    count = np.searchsorted(halvings, days, side="right").astype(np.float64)
    return 50.0 * 0.5**count


def _days_of(period_bounds: Sequence[Period]) -> Days:
    """Ordinals of every day of every period, in order."""
    if not period_bounds:
        raise ValueError("there are no periods")
    for first, after in period_bounds:
        if first >= after:
            raise ValueError(f"the period from {first} to before {after} has no days")
    return np.concatenate([np.arange(first.toordinal(), after.toordinal()) for first, after in period_bounds])


def _mean_of_periods(daily: Floats, period_bounds: Sequence[Period]) -> Floats:
    lengths = np.array([(after - first).days for first, after in period_bounds])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    means: Floats = np.add.reduceat(daily, starts) / lengths
    return means


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _month_bounds(month: str) -> Period:
    first = _first_day(month)
    return first, (first + timedelta(days=31)).replace(day=1)
