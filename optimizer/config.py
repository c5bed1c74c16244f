"""The study file as a frozen object: what an operator has, may do and expects. All money is USD once read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr

from optimizer.errors import Problem, shown
from optimizer.sections.base import Id, Section, Text
from optimizer.sections.fleet import Lot as Lot
from optimizer.sections.fleet import Machine as Machine
from optimizer.sections.fleet import Profile as Profile
from optimizer.sections.fleet import Purchase as Purchase
from optimizer.sections.fleet import Refurbishment as Refurbishment
from optimizer.sections.fleet import Sales as Sales
from optimizer.sections.horizon import CurrencyTerms as CurrencyTerms
from optimizer.sections.horizon import ExchangeRate as ExchangeRate
from optimizer.sections.horizon import Finance as Finance
from optimizer.sections.horizon import Horizon as Horizon
from optimizer.sections.horizon import Licence as Licence
from optimizer.sections.horizon import Operator as Operator
from optimizer.sections.horizon import Period as Period
from optimizer.sections.law import DistrictFile as DistrictFile
from optimizer.sections.law import LawSwitch as LawSwitch
from optimizer.sections.law import OwnZone as OwnZone
from optimizer.sections.market import Market as Market
from optimizer.sections.market import MonthlyHashprice as MonthlyHashprice
from optimizer.sections.market import StartPoint as StartPoint
from optimizer.sections.money import Entity as Entity
from optimizer.sections.money import Loan as Loan
from optimizer.sections.money import Overhead as Overhead
from optimizer.sections.money import TaxTerms as TaxTerms
from optimizer.sections.sites import PowerStep as PowerStep
from optimizer.sections.sites import Site as Site
from optimizer.sections.terms import Budget as Budget
from optimizer.sections.terms import Concentration as Concentration
from optimizer.sections.terms import Corridor as Corridor
from optimizer.sections.terms import EndValue as EndValue
from optimizer.sections.terms import Hazard as Hazard
from optimizer.sections.terms import Limits as Limits
from optimizer.sections.terms import PowerGroup as PowerGroup
from optimizer.sections.terms import Relocation as Relocation
from optimizer.sections.terms import Risk as Risk
from optimizer.sections.terms import Routed as Routed
from optimizer.sections.terms import Solver as Solver
from optimizer.tariffs import AnyTariff


@dataclass(frozen=True)
class SourceFile:
    """A file the study was read from, so that a run can say exactly what went into it."""

    path: str
    sha256: str


Where = tuple[str | int, ...]
TellProblem = Callable[[Where, object, str, str], Problem]


class Study(Section):
    """One question to the optimiser, complete: made by `from_yaml` or `from_mapping`, never changed."""

    rigshift: Literal[1] = Field(description="version of the study format: 1")
    name: Id = Field(description="short name, used in file names")
    title: Text = Field(description="one line for people")
    notes: str = Field("", description="anything worth knowing")
    operator: Operator
    law: LawSwitch = Field(
        "announced",
        description="what counts as law: in_force; announced (also what is decided); strict (also proposals)",
    )
    zones: tuple[OwnZone, ...] = Field((), description="own polygons that close or allow, with dates")
    district_borders: tuple[DistrictFile, ...] = Field(
        (), description="exact borders of districts, in place of the bundled ones"
    )
    horizon: Horizon
    currency: CurrencyTerms
    market: Market
    finance: Finance
    entities: tuple[Entity, ...] = Field(
        (), description="companies of the group and their sites; left out: one, the operator's"
    )
    tax: TaxTerms | None = Field(None, description="profit tax; left out: the plan is before tax")
    overheads: tuple[Overhead, ...] = Field((), description="costs of a company that no site has")
    loans: tuple[Loan, ...] = Field((), description="money lent for machines that are bought")
    fleet: tuple[Lot, ...] = Field(description="lots of identical machines, here or in {file: fleet.csv}")
    sites: Annotated[tuple[Site, ...], Field(min_length=1)] = Field(
        description="sites, here or in {file: sites.csv}"
    )
    tariffs: dict[Id, AnyTariff] = Field(description="power contracts by name")
    relocation: Relocation
    purchases: tuple[Purchase, ...] = Field((), description="machines on offer")
    refurbishments: tuple[Refurbishment, ...] = Field(
        (), description="machines handed in, each for a better one, at a price"
    )
    sales: Sales
    limits: Limits = Field(default_factory=Limits, description="limits over several sites")
    risk: Risk
    end_value: EndValue
    solver: Solver = Field(default_factory=Solver)

    _source_files: tuple[SourceFile, ...] = PrivateAttr(())
    _base_dir: Path = PrivateAttr(Path())
    _warnings: tuple[str, ...] = PrivateAttr(())
    _problem: TellProblem | None = PrivateAttr(None)  # None: the study was not read from anything

    @property
    def source_files(self) -> tuple[SourceFile, ...]:
        """Every file that was read, the study's own first; empty when it was made from plain values alone."""
        return self._source_files

    @property
    def base_dir(self) -> Path:
        """The folder that the files of the study are named from; none may lie outside it."""
        return self._base_dir

    def problem_at(self, where: Where, value: object, rule: str, remedy: str) -> Problem:
        """A fault that shows only later, told by file and line of its place, e.g. ("sites", 3, "lat_deg")."""
        if self._problem is not None:
            return self._problem(where, value, rule, remedy)
        return Problem("(study)", None, ".".join(map(str, where)), shown(value), rule, remedy)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed but probably not meant, one sentence each."""
        return self._warnings

    def site(self, site_id: str) -> Site:
        """The site of that id; KeyError when there is none."""
        return {site.id: site for site in self.sites}[site_id]

    @classmethod
    def from_yaml(cls, path: str | Path) -> Self:
        """Read and check a study file and the files it names. Raises ConfigError with every problem found."""
        from optimizer.study_file import load_yaml

        return load_yaml(Path(path), cls)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], base_dir: str | Path = ".") -> Self:
        """The same from plain values, as a YAML file would hold them; files are looked up from `base_dir`."""
        from optimizer.study_file import load_mapping

        return load_mapping(mapping, Path(base_dir), cls)


def study_schema() -> dict[str, Any]:
    """JSON Schema of the study file, for editors."""
    schema = Study.model_json_schema(by_alias=True)
    table = {
        "type": "object",
        "properties": {"file": {"type": "string"}, "sheet": {"type": ["string", "null"]}},
        "required": ["file"],
        "additionalProperties": False,
    }
    for section, item in (("fleet", "Lot"), ("sites", "Site")):
        described = schema["properties"][section]
        inline = {"type": "array", "items": {"$ref": f"#/$defs/{item}"}}
        schema["properties"][section] = {
            "title": described["title"],
            "description": described["description"],
            "anyOf": [inline, table],
        }
    schema["$defs"]["Market"]["properties"]["hashprice_usd_per_ths_day"]["anyOf"] += [
        {"type": "string"},
        table,
    ]
    return schema
