"""The law as a study meets it: its switch, its own zones and borders, its hosts, and loads side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from optimizer import ConfigError, Study
from optimizer.prepare import Prepared, prepare

from .studies import BASE, small

KRASNOYARSK = "POLYGON ((92.5 55.8, 93.2 55.8, 93.2 56.2, 92.5 56.2, 92.5 55.8))"
FAR_AWAY = "POLYGON ((30 60, 31 60, 31 61, 30 61, 30 60))"
ANGARSK = {"lat_deg": 52.54, "lon_deg": 103.89, "region": "RU-IRK", "district": "Angarsk urban district"}
ULAN_UDE = {"lat_deg": 51.83, "lon_deg": 107.58, "region": "RU-BU", "district": "Ulan-Ude city"}


def at_home(place: dict[str, Any], **changes: Any) -> Study:
    return small(**{f"sites__0__{key}": value for key, value in place.items()}, **changes)


def zone(**changes: Any) -> dict[str, Any]:
    terms = {"id": "town", "effect": "closed", "wkt": KRASNOYARSK, "act": "Order 7", "source": "the town"}
    return terms | changes


def effects(prepared: Prepared) -> dict[str, str]:
    return {each.rule.rule_id: each.effect for each in prepared.restrictions}


def test_an_own_zone_closes_what_lies_inside_on_its_days() -> None:
    """From 15 February: January open, half of February, March closed; outside it nothing changes."""
    dated = zone(**{"from": "2027-02-15", "to": "2027-04-30"})
    inside = prepare(small(zones=[dated]))
    assert inside.inputs.allowed_share[0] == pytest.approx([1.0, 0.5, 0.0])
    assert inside.inputs.barred_by[0, 2] == "zone-town"
    outside = prepare(small(zones=[dated | {"wkt": FAR_AWAY}]))
    assert outside.inputs.allowed_share[0] == pytest.approx([1.0, 1.0, 1.0])


def test_an_own_zone_lifts_the_rules_it_names_and_says_so() -> None:
    """An exemption by a named act opens closed Angarsk; the plan must carry who said so."""
    around = "POLYGON ((103.5 52.3, 104.2 52.3, 104.2 52.7, 103.5 52.7, 103.5 52.3))"
    allowed = zone(effect="allowed", wkt=around, lifts=["ru-irk-south-ban"])
    prepared = prepare(at_home(ANGARSK, zones=[allowed]))
    assert prepared.inputs.allowed_share[0] == pytest.approx([1.0, 1.0, 1.0])
    assert any("lifted by the study, not checked by Rigshift: Order 7" in note for note in prepared.notes)
    partly = prepare(at_home(ANGARSK, zones=[allowed | {"from": "2027-03-01"}]))
    assert partly.inputs.allowed_share[0] == pytest.approx([0.0, 0.0, 1.0])


def test_an_own_zone_never_lifts_a_sanction() -> None:
    """Crimea stays excluded whatever a study declares; so does a rule that nobody knows."""
    for rule in ("ua-crimea-embargo", "ru-irk-north-ban"):
        allowed = zone(effect="allowed", lifts=[rule])
        with pytest.raises(ConfigError, match=r"sanction|no bundled rule"):
            prepare(small(zones=[allowed]))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"wkt": "POLYGON ((92 55, 93"}, "zones"),
        ({"wkt": None}, "one of file and wkt"),
        ({"effect": "allowed"}, "lifts"),
        ({"lifts": ["ru-register"]}, "lifts"),
        ({"from": "2027-03-01", "to": "2027-02-01"}, "before it starts"),
        ({"wkt": None, "file": "../town.geojson"}, "outside the study's folder"),
        ({"wkt": None, "file": "missing.geojson"}, "not there"),
        ({"wkt": "POINT (92 55)"}, "zones"),
    ],
)
def test_a_zone_that_cannot_be_used_is_refused(changes: dict[str, Any], said: str) -> None:
    """A zone silently dropped would plan into what the user wanted closed."""
    terms = {key: value for key, value in (zone() | changes).items() if value is not None}
    with pytest.raises(ConfigError, match=said):
        prepare(small(zones=[terms]))


def test_a_zone_from_a_file_is_part_of_what_went_into_a_run(tmp_path: Path) -> None:
    """The file's checksum is among the study's sources; inside the study's folder it is found by name."""
    ring = [[92.5, 55.8], [93.2, 55.8], [93.2, 56.2], [92.5, 56.2], [92.5, 55.8]]
    shape = {
        "type": "Feature",
        "properties": {"name": "town"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    (tmp_path / "town.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [shape]}))
    terms = {key: value for key, value in zone(file="town.geojson").items() if key != "wkt"}
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(BASE | {"zones": [terms]}))
    study = Study.from_yaml(tmp_path / "study.yaml")
    assert [Path(each.path).name for each in study.source_files] == ["study.yaml", "town.geojson"]
    assert prepare(study).inputs.allowed_share[0] == pytest.approx([0.0, 0.0, 0.0])


def test_exact_borders_replace_the_approximate_ones(tmp_path: Path) -> None:
    """By the bundled outlines this point is Angarsk's or unclear; the exact ones put it in open Bratsk's."""
    ring = [[103.5, 52.3], [104.2, 52.3], [104.2, 52.7], [103.5, 52.7], [103.5, 52.3]]
    shape = {
        "type": "Feature",
        "properties": {"name": "Bratsk"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    (tmp_path / "irk.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [shape]}))
    borders = {"region": "RU-IRK", "file": "irk.geojson", "error_km": 0.2, "source": "survey"}
    site = BASE["sites"][0] | {key: ANGARSK[key] for key in ("lat_deg", "lon_deg")}
    values = BASE | {"district_borders": [borders], "sites": [site]}
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(values))
    prepared = prepare(Study.from_yaml(tmp_path / "study.yaml"))
    assert prepared.places[0].district == "Bratsk"
    assert prepared.inputs.allowed_share[0] == pytest.approx([1.0, 1.0, 1.0])


@pytest.mark.parametrize(("law", "summer_share"), [("in_force", 1.0), ("announced", 0.0), ("strict", 0.0)])
def test_the_switch_decides_whether_announced_law_closes(law: str, summer_share: float) -> None:
    """Buryatia all year is announced only: under law in force its summer is open."""
    study = at_home(ULAN_UDE, law=law, horizon__start="2027-06", horizon__months=1)
    prepared = prepare(study)
    assert prepared.inputs.allowed_share[0] == pytest.approx([summer_share])
    told = any("is announced, not law, and planned with as law" in note for note in prepared.notes)
    assert told is (law != "in_force")


def test_a_host_under_sanctions_closes_its_site_to_everything() -> None:
    """Not a price and not a note: nothing may arrive, run or be paid there."""
    prepared = prepare(at_home({"host": "BitRiver Rus LLC"}))
    assert prepared.inputs.is_sanctioned.all()
    assert any("under sanctions" in each.reason for each in prepared.restrictions)


@pytest.mark.parametrize(("apart_deg", "concerned"), [(0.0, True), (0.01, True), (0.2, False)])
def test_a_load_split_over_sites_side_by_side_is_one_facility(apart_deg: float, concerned: bool) -> None:
    """Two halls of 40 MW a kilometre apart are 80 MW to a Texan threshold of 75; 20 km apart they are not."""
    texas = {"lat_deg": 31.42, "lon_deg": -103.49, "max_power_kw": 40_000}
    second = BASE["sites"][0] | texas | {"id": "second", "lat_deg": 31.42 + apart_deg}
    study = at_home(texas, sites__1=second, operator__licences=[], relocation__corridors__0__from="US")
    assert (effects(prepare(study))["us-tx-register"] == "closed") is concerned


def test_a_licence_of_a_host_serves_its_client() -> None:
    """A foreign operator mines in Russia as the client of a registered Russian host, and not otherwise."""
    abroad = {"operator__entity_jurisdiction": "AE", "operator__licences": []}
    assert not prepare(small(**abroad)).inputs.can_run.any()
    entry = {"id": "RU-miner-register", "held_from": "2025-01-01", "holder_jurisdiction": "RU"}
    hosted = prepare(at_home({"host": "A host", "host_licences": [entry]}, **abroad))
    assert hosted.inputs.can_run.all()


def test_old_law_is_told() -> None:
    """A plan of 2028 on a survey of 2026 rests on law that nobody has looked at since."""
    old = prepare(small(horizon__start="2028-01")).notes
    assert any("the law is known as of 2026" in note for note in old)
    assert not any("the law is known as of" in note for note in prepare(small()).notes)
