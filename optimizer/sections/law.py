"""The law a study plans with: the switch, own zones, and exact borders of districts."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from optimizer.sections.base import Day, Id, NotNegative, Region, Section, Text, refusal

LawSwitch = Literal["in_force", "announced", "strict"]


class OwnZone(Section):
    """A polygon that the user brings, closed or allowed on some days by an act that the user names."""

    id: Id
    effect: Literal["closed", "allowed"] = Field(
        description="closed: nothing runs inside; allowed: the rules in `lifts` do not hold inside"
    )
    file: Text | None = Field(
        None, description="GeoJSON, GeoPackage or zipped shapefile inside the study's folder"
    )
    layer: Text | None = Field(None, description="layer of a GeoPackage with several")
    zone: Text | None = Field(None, description="name of the polygon in the file; left out: all of them")
    name_field: Text | None = Field(None, description="property that holds the names; left out: name")
    wkt: Text | None = Field(None, description="instead of a file: POLYGON ((lon lat, ...))")
    crs: Text | None = Field(None, description="e.g. EPSG:3857; left out: the file's own, or longitudes")
    from_day: Day | None = Field(None, alias="from", description="first day, e.g. 2027-01-01")
    to_day: Day | None = Field(None, alias="to", description="last day")
    lifts: tuple[Id, ...] = Field((), description="rules that an allowed zone sets aside; sanctions never")
    act: Text = Field(description="the act, order or decision that says so")
    source: Text = Field(description="where it was read")

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if (self.file is None) == (self.wkt is None):
            raise refusal("needs one of file and wkt", "give the polygon's file, or its text as wkt")
        if self.wkt is not None and (self.zone or self.layer or self.name_field):
            raise refusal("gives wkt and says what to take of a file", "drop zone, layer and name_field")
        if (self.effect == "allowed") != bool(self.lifts):
            raise refusal(
                "allows without naming what it lifts" if self.effect == "allowed" else "closes and lifts",
                "name the rules that an allowed zone lifts, such as lifts: [ru-irk-south-ban]",
            )
        if self.from_day and self.to_day and self.to_day < self.from_day:
            raise refusal(f"ends on {self.to_day}, before it starts", "exchange from and to")
        return self


class DistrictFile(Section):
    """Exact borders of the districts of one region, in place of the approximate ones that are bundled."""

    region: Region
    file: Text = Field(description="GeoJSON, GeoPackage or zipped shapefile inside the study's folder")
    layer: Text | None = None
    name_field: Text | None = Field(None, description="property that holds the names; left out: name")
    crs: Text | None = None
    error_km: NotNegative = Field(description="how far the borders may be off, km")
    source: Text = Field(description="where they come from")
