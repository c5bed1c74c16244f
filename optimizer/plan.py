"""A plan in the words of the business: what to move, buy, sell and idle, and what that is worth."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from optimizer.errors import SolveError
from optimizer.kpis import Change, Kpis
from optimizer.lp import LinearProgram
from optimizer.screen import rendered
from optimizer.solvers import Status
from optimizer.solvers.via_pulp import problem
from optimizer.statements import Across, Name, expected, statement
from optimizer.story import Story
from optimizer.workbook import write_workbook

MANIFEST = "manifest.json"
WORKBOOK = "money.xlsx"
SCHEMA_VERSION = 2
LABELS = (  # columns of names: a lot called 007 is not the number 7
    *(
        "scenario",
        "lot",
        "site",
        "from_site",
        "to_site",
        "profile",
        "corridor",
        "line",
        "group",
        "limit_name",
    ),
    *("period", "leaves", "arrives", "ordered", "first", "last", "first_day", "last_day", "source_date"),
    *("unit", "where", "reason", "rule_id"),
    *("entity", "region", "jurisdiction", "tax_year", "plan", "kind"),
)


@dataclass(frozen=True)
class Outcome:
    """How the solve ended. ``gap_share`` and ``bound_usd`` are ``None`` when nothing is proven."""

    status: Status
    solver: str
    message: str
    objective_usd: float  # of the fractional plan
    bound_usd: float | None
    gap_share: float | None
    whole_machines: bool
    rounding_loss_share: float | None  # of the shown plan against the fractional one
    rounding_note: str
    certificate_usd: float | None  # the bound confirmed without the solver
    seconds: dict[str, float]
    columns: int
    rows: int
    nonzeros: int
    seed: int


@dataclass(frozen=True)
class Alternative:
    """Another way to run the same fleet, in the same money, and what the plan is worth against it."""

    name: str
    kpis: Kpis
    gain: Change


@dataclass(frozen=True, eq=False)
class Plan:
    """A solved study. ``print(plan)`` shows it on one screen; every table is a pandas frame.

    Tables: ``placement``, ``running``, ``moves``, ``purchases``, ``sales``, ``openings``, ``ledger``,
    ``binding`` (which limit binds where), ``zeros`` (why nothing runs where nothing runs).
    """

    story: Story
    outcome: Outcome
    kpis: Kpis
    alternatives: tuple[Alternative, ...]
    tables: Mapping[str, pd.DataFrame]
    prices: Mapping[str, pd.DataFrame]
    versions: Mapping[str, str]
    lp: LinearProgram | None = field(default=None, repr=False)

    @property
    def status(self) -> Status:
        """How far the solve got; only ``proven optimal`` is optimal."""
        return self.outcome.status

    @property
    def moves(self) -> pd.DataFrame:
        """Dated moves: lot, machines, from_site, to_site, leaves, arrives, cost_usd."""
        return self.tables["moves"]

    @property
    def placement(self) -> pd.DataFrame:
        """Machines by lot, site and period."""
        return self.tables["placement"]

    @property
    def running(self) -> pd.DataFrame:
        """Machines in service by lot, site, profile and period, with power, hashrate, energy and bitcoin."""
        return self.tables["running"]

    @property
    def purchases(self) -> pd.DataFrame:
        """Machines bought."""
        return self.tables["purchases"]

    @property
    def sales(self) -> pd.DataFrame:
        """Machines sold."""
        return self.tables["sales"]

    @property
    def ledger(self) -> pd.DataFrame:
        """Every line of money by site and period; its present values add up to ``kpis.value_usd``."""
        return self.tables["ledger"]

    @property
    def binding(self) -> pd.DataFrame:
        """Which limit binds where, and what one more unit of it is worth."""
        return self.tables["binding"]

    @property
    def zeros(self) -> pd.DataFrame:
        """Why nothing runs at a site in a period: the rule and act, or the reason."""
        return self.tables["zeros"]

    def income_statement(self, by: Literal["period", "site"] = "period") -> pd.DataFrame:
        """Lines of the ledger down, periods or sites across, nominal USD, expected over the scenarios.

        What a company pays as a whole stands under its name. ``statement`` has them in an accountant's order.
        """
        ledger = expected({name: self.tables[name] for name in ("ledger", "scenarios")})
        ledger = ledger.assign(site=ledger.site.where(ledger.site != "", ledger.entity))
        return ledger.pivot_table("amount_usd", "line", by, aggfunc="sum", fill_value=0.0, sort=False)

    def statement(self, name: Name, by: Across = "period") -> pd.DataFrame:
        """Income statement or cash flow by period, year, site, jurisdiction or company, nominal USD."""
        return statement(self.tables, name, by)

    def shadow_prices(self, family: str) -> pd.DataFrame:
        """Limit, use and worth of one more unit, by site or group and period.

        Raises
        ------
        KeyError
            If the model has no such family of limits; the message lists those it has.
        """
        if family not in self.prices:
            raise KeyError(f"no limits called {family!r}; this plan has {', '.join(self.prices)}")
        return self.prices[family]

    def write_lp(self, path: str | Path) -> None:
        """Write the model as .lp or .mps, by the path's ending, with names that people can read."""
        if self.lp is None:
            raise SolveError("a loaded plan does not hold its model; solve the study again to write it")
        model = problem(self.lp, self.story.name)
        if Path(path).suffix not in (".lp", ".mps"):
            raise ValueError(f"{path}: the ending says the form; write .lp or .mps")
        (model.writeLP if Path(path).suffix == ".lp" else model.writeMPS)(str(path))

    def summary(self) -> dict[str, Any]:
        """Everything but the tables, ready for JSON."""
        return {
            "schema": SCHEMA_VERSION,
            "study": self.story.name,
            "title": self.story.title,
            "currency": self.story.currency,
            "units_per_usd": self.story.units_per_usd,
            "market": self.story.market,
            "notes": list(self.story.notes),
            "outcome": {**asdict(self.outcome), "status": str(self.status)},
            "kpis": self.kpis.as_dict(),
            "alternatives": {
                each.name: {"kpis": each.kpis.as_dict(), "gain": each.gain.as_dict()}
                for each in self.alternatives
            },
            "inputs": [{"path": path, "sha256": digest} for path, digest in self.story.input_files],
            "first_days": [day.isoformat() for day in self.story.first_days],
            "versions": dict(self.versions),
        }

    def save(self, directory: str | Path, form: Literal["csv", "parquet"] = "csv") -> Path:
        """Write tables and manifest into a directory, whole or not at all.

        Raises
        ------
        SolveError
            If the directory exists and holds something other than an earlier plan.
        """
        target = Path(directory).resolve()
        _check_target(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
            fresh, old = Path(scratch) / "new", Path(scratch) / "old"
            fresh.mkdir()
            self._write(fresh, form)
            if target.exists():
                target.rename(old)
            try:
                fresh.rename(target)
            except BaseException:
                if old.exists() and not target.exists():
                    old.rename(target)
                raise
        return Path(directory)

    def _write(self, directory: Path, form: str) -> None:
        frames = {
            **self.tables,
            **{f"shadow_prices_{family}": table for family, table in self.prices.items()},
        }
        for name, table in frames.items():
            if form == "parquet":
                table.to_parquet(directory / f"{name}.parquet", index=False)
            else:
                table.to_csv(directory / f"{name}.csv", index=False)
        statement = self.income_statement().reset_index()
        statement.to_csv(directory / "income_statement.csv", index=False)
        write_workbook(self, directory / WORKBOOK)
        (directory / "plan.txt").write_text(str(self) + "\n", encoding="utf-8")
        manifest = {
            **self.summary(),
            "form": form,
            "tables": list(self.tables),
            "price_tables": list(self.prices),
            "files": sorted([MANIFEST, *(path.name for path in directory.iterdir())]),
        }
        (directory / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, directory: str | Path) -> Plan:
        """Read a saved plan; it has everything but the model itself."""
        source = Path(directory)
        try:
            manifest = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise SolveError(f"{source} holds no plan: {MANIFEST} is missing") from error
        if manifest["schema"] != SCHEMA_VERSION:
            raise SolveError(
                f"{source}: plan schema {manifest['schema']} is not {SCHEMA_VERSION}; solve the study again"
            )
        frames = {name: _read(source / f"{name}.{manifest['form']}") for name in manifest["tables"]}
        prices = {
            name: _read(source / f"shadow_prices_{name}.{manifest['form']}")
            for name in manifest["price_tables"]
        }
        outcome = {**manifest["outcome"], "status": Status(manifest["outcome"]["status"])}
        others = manifest["alternatives"].items()
        return cls(
            story=Story(
                name=manifest["study"],
                title=manifest["title"],
                first_days=tuple(date.fromisoformat(day) for day in manifest["first_days"]),
                currency=manifest["currency"],
                units_per_usd=manifest["units_per_usd"],
                market=manifest["market"],
                notes=tuple(manifest["notes"]),
                input_files=tuple((each["path"], each["sha256"]) for each in manifest["inputs"]),
                law=frames["law"],
            ),
            outcome=Outcome(**outcome),
            kpis=Kpis(**manifest["kpis"]),
            alternatives=tuple(
                Alternative(name, Kpis(**each["kpis"]), Change(**each["gain"])) for name, each in others
            ),
            tables=frames,
            prices=prices,
            versions=manifest["versions"],
        )

    def __str__(self) -> str:
        return rendered(self)


def strangers(directory: Path) -> list[str]:
    """What lies in a directory beside the files of an earlier plan; all of it where there was none."""
    try:
        own = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, LookupError, TypeError):
        own = []  # no manifest, or not a plan's: nothing here is known to be ours to replace
    return sorted({path.name for path in directory.iterdir()} - set(own))


def _check_target(target: Path) -> None:
    """Refuse a place to save in that is no directory, is in use, or holds what no plan wrote."""
    if target.exists() and not target.is_dir():
        raise SolveError(f"{target} is a file; name a directory")
    if Path.cwd().is_relative_to(target):
        raise SolveError(f"{target} is the directory that you are in; name one below it")
    if target.exists() and (foreign := strangers(target)):
        raise SolveError(f"{target} holds {foreign[0]}, which no plan wrote; name another directory")


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    numbers = {"worth_usd": [""], "limit": [""]}
    return pd.read_csv(path, keep_default_na=False, na_values=numbers, dtype=dict.fromkeys(LABELS, str))
