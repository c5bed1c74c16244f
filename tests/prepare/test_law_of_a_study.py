"""The law as a study meets it: its switch, its own zones and borders, its hosts, and loads side by side."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from optimizer import ConfigError, Study
from optimizer.prepare import Prepared, prepare
from optimizer.prepare.law import covers, touches

from .studies import BASE, small

KRASNOYARSK = "POLYGON ((92.5 55.8, 93.2 55.8, 93.2 56.2, 92.5 56.2, 92.5 55.8))"
FAR_AWAY = "POLYGON ((30 60, 31 60, 31 61, 30 61, 30 60))"
ANGARSK = {"lat_deg": 52.54, "lon_deg": 103.89, "region": "RU-IRK", "district": "Angarsk urban district"}
ABU_DHABI = {"lat_deg": 24.2, "lon_deg": 54.6, "region": "AE-AZ"}
TEXAS = {"lat_deg": 31.42, "lon_deg": -103.49}
ENTRY = {"id": "RU-miner-register", "held_from": "2025-01-01"}
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


def test_a_zone_ends_inside_the_horizon() -> None:
    """To 14 February: closed in January and for 14 of 28 days, open after."""
    prepared = prepare(small(zones=[zone(to="2027-02-14")]))
    assert prepared.inputs.allowed_share[0] == pytest.approx([0.0, 0.5, 1.0])


def test_a_zone_lifts_a_stop_to_new_load() -> None:
    """Not only bans: an exemption from a moratorium frees the connection, and nothing else does."""
    manitoba = {"lat_deg": 49.9, "lon_deg": -97.2, "region": "CA-MB"}
    around = "POLYGON ((-98 49.5, -96 49.5, -96 50.5, -98 50.5, -98 49.5))"
    terms = {"operator__entity_jurisdiction": "CA", "operator__licences": []}
    stopped = prepare(at_home(manitoba, **terms))
    assert stopped.inputs.moratorium_kw[0, 0] == pytest.approx(100 * 3.5)
    assert any("state existing_load_kw" in note for note in stopped.notes)
    at_the_meter = prepare(at_home(manitoba | {"pue": 1.1}, **terms)).inputs.moratorium_kw[0, 0]
    assert at_the_meter == pytest.approx(100 * 3.5 * 1.1)
    told = prepare(at_home(manitoba | {"existing_load_kw": 77}, **terms))
    assert told.inputs.moratorium_kw[0, 0] == 77
    assert not any("state existing_load_kw" in note for note in told.notes)
    rules = [r for r, effect in effects(stopped).items() if effect == "no new load"]
    freed = prepare(at_home(manitoba, zones=[zone(effect="allowed", wkt=around, lifts=rules)], **terms))
    assert np.isinf(freed.inputs.moratorium_kw[0, 0])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"wkt": "POLYGON ((55.8 12.5, 56.2 12.5, 56.2 13.2, 55.8 13.2, 55.8 12.5))"}, "contains no site"),
        ({"from": "2030-01-01"}, "holds on no day"),
        (
            {"effect": "allowed", "lifts": ["ru-irk-south-ban"]},
            "lifts ru-irk-south-ban, which holds at no site",
        ),
        ({"wkt": KRASNOYARSK.replace("93.2", "92.855")}, "the border of own zone 'town'"),
    ],
)
def test_a_zone_that_changes_nothing_says_so(changes: dict[str, Any], said: str) -> None:
    """Exchanged coordinates, wrong years and wrong rules leave everything open: seldom what was meant."""
    prepared = prepare(small(zones=[zone() | changes]))
    assert any(said in note for note in prepared.notes)


def test_two_zones_of_one_name_and_two_borders_of_one_region_are_refused(tmp_path: Path) -> None:
    """Of two answers for one question the last would win unseen."""
    with pytest.raises(ConfigError, match="id of entry 0 too"):
        small(zones=[zone(), zone()])
    ring = [[103.5, 52.3], [104.2, 52.3], [104.2, 52.7], [103.5, 52.7], [103.5, 52.3]]
    entries = []
    for name in ("Bratsk", "Angarsk urban district"):
        geometry = {"type": "Polygon", "coordinates": [ring]}
        shape = {"type": "Feature", "properties": {"name": name}, "geometry": geometry}
        (tmp_path / f"{name}.geojson").write_text(
            json.dumps({"type": "FeatureCollection", "features": [shape]})
        )
        entries.append({"region": "RU-IRK", "file": f"{name}.geojson", "error_km": 0.2, "source": "x"})
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(BASE | {"district_borders": entries}))
    with pytest.raises(ConfigError, match="has borders already"):
        prepare(Study.from_yaml(tmp_path / "study.yaml"))


def test_one_polygon_of_a_file_by_its_name(tmp_path: Path) -> None:
    """zone: takes the one of that name; all of them would close the neighbour too."""
    rings = {
        "town": [[92.5, 55.8], [93.2, 55.8], [93.2, 56.2], [92.5, 56.2], [92.5, 55.8]],
        "field": [[30, 60], [31, 60], [31, 61], [30, 61], [30, 60]],
    }
    shapes = [
        {"type": "Feature", "properties": {"name": n}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for n, ring in rings.items()
    ]
    (tmp_path / "two.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": shapes}))
    terms = {key: value for key, value in zone(file="two.geojson").items() if key != "wkt"}
    for name, share in (("field", 1.0), ("town", 0.0)):
        (tmp_path / "study.yaml").write_text(yaml.safe_dump(BASE | {"zones": [terms | {"zone": name}]}))
        assert prepare(Study.from_yaml(tmp_path / "study.yaml")).inputs.allowed_share[0, 0] == share
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(BASE | {"zones": [terms | {"zone": "none"}]}))
    with pytest.raises(ConfigError, match="no polygon is named"):
        prepare(Study.from_yaml(tmp_path / "study.yaml"))


def test_coins_may_not_be_sold_where_the_owner_may_not_deal_wherever_they_were_mined() -> None:
    """A Kazakh site, a German owner, Russian venues: unlawful, though no Russian site is in the study."""
    kazakh = {
        "operator__entity_jurisdiction": "KZ",
        "operator__licences": [{"id": "KZ-mining-licence", "held_from": "2026-01-01"}],
        "operator__owner_jurisdictions": ["DE"],
    }
    site = {"lat_deg": 51.72, "lon_deg": 75.32, "region": "KZ-55"}
    with pytest.raises(ConfigError, match="coins may not be sold through venues of RU"):
        prepare(at_home(site, **kazakh, operator__coin_sale_jurisdictions=["RU"]))
    sold = prepare(at_home(site, **kazakh, operator__coin_sale_jurisdictions=["AE"]))
    assert not any("venues of RU" in note for note in sold.notes)
    unsaid = prepare(at_home(site, **kazakh))
    assert sum("venues of RU" in note for note in unsaid.notes) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"operator__owner_jurisdictions": ["EL"]}, "write GR"),
        ({"operator__coin_sale_jurisdictions": ["UK"]}, "write GB"),
        ({"operator__entity_jurisdiction": "XX"}, "is no region, country"),
        ({"operator__licences": [ENTRY | {"holder_jurisdiction": "ZZ"}]},
         "is no region, country"),
        ({"operator__name": "BitRiver Rus LLC"}, "under sanctions"),
        ({"sites__0__host": "A host", "sites__0__host_licences": [ENTRY | {"id": "RU-register"}]},
         "is no licence that a rule asks for"),
    ],
)  # fmt: skip
def test_terms_of_the_operator_that_would_match_nothing_are_refused(
    changes: dict[str, Any], said: str
) -> None:
    """A misspelt country has no sanctions, a misspelt licence opens nothing, a listed operator no plan."""
    with pytest.raises(ConfigError, match=said):
        prepare(small(**changes))


def test_quebecs_block_is_in_quebec() -> None:
    """A supply that the law of a place does not know would slip past rules for the grid."""
    with pytest.raises(ConfigError, match="reserved_block"):
        prepare(at_home({"supply": "reserved_block"}))


def test_host_licences_need_a_host() -> None:
    """An entry of nobody would open Russia to everybody, unscreened."""
    with pytest.raises(ConfigError, match="host_licences without a host"):
        at_home({"host_licences": [ENTRY]})


@pytest.mark.parametrize(
    ("site", "operator", "rule", "effect"),
    [
        (ANGARSK | {"supply": "isolated_generation"}, {}, "ru-irk-south-ban", "exempt"),
        (ANGARSK, {}, "ru-irk-south-ban", "closed"),
        (ABU_DHABI | {"land": "agricultural"}, {}, "ae-az-farmland", "closed"),
        (ABU_DHABI | {"land": "industrial"}, {}, "ae-az-farmland", "exempt"),
        ({}, {"licences": [ENTRY | {"held_to": "2026-12-31"}]},
         "ru-register", "closed"),
        ({}, {"entity_jurisdiction": "AE"}, "ru-foreign", "closed"),
        (TEXAS, {"owner_jurisdictions": ["IR"]}, "us-embargoed-persons", "sanctioned"),
    ],
)  # fmt: skip
def test_each_term_of_site_and_operator_reaches_the_law(
    site: dict[str, Any], operator: dict[str, Any], rule: str, effect: str
) -> None:
    """Supply, land, end of a licence, entity, owners: a term that is dropped on the way decides nothing."""
    terms = {f"operator__{key}": value for key, value in operator.items()}
    assert effects(prepare(at_home(site, **terms)))[rule] == effect


def test_a_place_that_nobody_surveyed_needs_somebodys_word() -> None:
    """Kyiv, Ontario and Berlin alike: no rule, no plan, unless the study says who looked at the law."""
    for lat_deg, lon_deg, region in ((50.45, 30.52, "UA-30"), (43.7, -79.4, "CA-ON"), (52.52, 13.4, "DE-BE")):
        place = {"lat_deg": lat_deg, "lon_deg": lon_deg}
        with pytest.raises(ConfigError, match=f"no law on mining is bundled for .*{region}"):
            prepare(at_home(place))
        told = prepare(at_home(place | {"law_checked": "counsel, 2026-11-20"})).notes
        assert any("taken on the study's word: counsel, 2026-11-20" in note for note in told)


def test_a_chain_of_halls_is_one_facility() -> None:
    """Three halls of 30 MW, 2 km apart: the ends are 4 km apart, and all three are the same 90 MW."""
    texas = TEXAS | {"max_power_kw": 30_000}
    others = [BASE["sites"][0] | texas | {"id": f"hall{n}", "lat_deg": 31.42 + 0.018 * n} for n in (1, 2)]
    terms = {"operator__licences": [], "relocation__corridors__0__from": "US"}
    prepared = prepare(at_home(texas, sites__1=others[0], sites__2=others[1], **terms))
    closed = {
        each.site
        for each in prepared.restrictions
        if each.rule.rule_id == "us-tx-register" and each.effect == "closed"
    }
    assert closed == {"home", "hall1", "hall2"}


@pytest.mark.parametrize(("month", "effect"), [("2027-02", "closed"), ("2035-01", "exempt")])
def test_power_that_comes_after_the_plan_does_not_count(month: str, effect: str) -> None:
    """80 MW in 2035 are no reason to register 20 MW in 2027; 80 MW next month are."""
    steps = [{"from": month, "max_power_kw": 80_000}]
    texas = TEXAS | {"max_power_kw": 20_000, "power_steps": steps}
    terms = {"operator__licences": [], "relocation__corridors__0__from": "US"}
    assert effects(prepare(at_home(texas, **terms)))["us-tx-register"] == effect


def test_a_host_under_sanctions_closes_its_site_to_everything() -> None:
    """Not a price and not a note: nothing may arrive, run or be paid there."""
    prepared = prepare(at_home({"host": "BitRiver Rus LLC"}))
    assert prepared.inputs.is_sanctioned.all()
    assert any("under sanctions" in each.reason for each in prepared.restrictions)


@pytest.mark.parametrize(("apart_deg", "concerned"), [(0.0, True), (0.01, True), (0.2, False)])
def test_a_load_split_over_sites_side_by_side_is_one_facility(apart_deg: float, concerned: bool) -> None:
    """Two halls of 40 MW a kilometre apart are 80 MW to a Texan threshold of 75; 20 km apart they are not."""
    texas = TEXAS | {"max_power_kw": 40_000}
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
    """The newest Russian page is of April 2026: a plan of 2027 rests on law nobody has looked at since."""
    old = prepare(small()).notes
    assert any(note.startswith("the law is known only so far: RU to 2026-") for note in old)
    terms = {
        "month": "2026-05",
        "btc_price_usd": 9e4,
        "difficulty": 1.2e14,
        "fees_btc_per_block": 0,
        "source": "x",
    }
    new = prepare(small(horizon__start="2026-05", market__start=terms)).notes
    assert not any("known only so far" in note for note in new)


@pytest.mark.parametrize(
    ("first", "last", "touched", "covered"),
    [
        ("2027-01-31", "2027-02-01", True, False),  # the first day
        ("2027-02-28", "2027-03-31", True, False),  # the last day
        ("2027-01-01", "2027-01-31", False, False),
        ("2027-03-01", "2027-03-31", False, False),
        ("2027-02-01", "2027-02-28", True, True),
        ("2027-02-02", "2027-02-28", True, False),
        ("2027-02-01", "2027-02-27", True, False),
    ],
)
def test_days_that_touch_and_cover_a_month(first: str, last: str, touched: bool, covered: bool) -> None:
    """Both ends of February: an open end would lose a day of law or close a day too many."""
    february = small(horizon__start="2027-02", horizon__months=1).horizon.periods()[0]
    days = ((date.fromisoformat(first), date.fromisoformat(last)),)
    assert touches(days, february) is touched
    assert covers(days, february) is covered


def test_the_rule_that_closes_the_whole_period_is_named() -> None:
    """A season that covers part of a month must not be named for a month that the ban closes."""
    prepared = prepare(at_home(ULAN_UDE, horizon__start="2027-03", horizon__months=2))
    assert prepared.inputs.barred_by[0].tolist() == ["ru-bu-year-round", "ru-bu-year-round"]


def test_only_the_studys_own_switch_asks_for_a_district() -> None:
    """Under law in force Buryatia has one law in summer: asking for a district there would be noise."""
    near_the_line = {"lat_deg": 54.5, "lon_deg": 109.75, "region": "RU-BU"}
    june = {"horizon__start": "2027-06", "horizon__months": 1}
    prepare(at_home(near_the_line, law="in_force", **june))
    with pytest.raises(ConfigError, match="name the site's district"):
        prepare(at_home(near_the_line, **june))


def test_a_levy_is_told_beside_what_the_tariff_counts() -> None:
    """Rigshift adds no levy by itself: the reader must see both figures, or one is forgotten."""
    site = {"lat_deg": 51.72, "lon_deg": 75.32, "region": "KZ-55"}
    licence = [{"id": "KZ-mining-licence", "held_from": "2026-01-01", "holder_jurisdiction": "KZ"}]
    told = prepare(at_home(site, operator__licences=licence, tariffs__cheap__levy_usd_per_kwh=0.0038)).notes
    assert any("levy 2 KZT/kWh" in note and "the tariff counts 0.0038 USD/kWh" in note for note in told)


def test_where_no_rule_concerns_the_site_the_law_is_not_known() -> None:
    """100 MW off the grid in Texas: every rule there is on the grid or on less, and none says open."""
    site = TEXAS | {"max_power_kw": 100_000, "supply": "isolated_generation"}
    terms = {"operator__licences": [], "relocation__corridors__0__from": "US"}
    with pytest.raises(ConfigError, match="that concerns this site"):
        prepare(at_home(site, **terms))
    assert prepare(at_home(site | {"law_checked": "counsel, 2026-11"}, **terms)).inputs.can_run.all()


def test_polygon_files_are_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`rigshift check studies/x.yaml` looks for the file beside the study, not in studies/studies."""
    ring = [[92.5, 55.8], [93.2, 55.8], [93.2, 56.2], [92.5, 56.2], [92.5, 55.8]]
    shape = {"type": "Feature", "properties": {"name": "town"}}
    shape["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    folder = tmp_path / "studies"
    folder.mkdir()
    (folder / "town.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [shape]}))
    terms = {key: value for key, value in zone(file="town.geojson").items() if key != "wkt"}
    (folder / "study.yaml").write_text(yaml.safe_dump(BASE | {"zones": [terms]}))
    monkeypatch.chdir(tmp_path)
    assert prepare(Study.from_yaml("studies/study.yaml")).inputs.allowed_share[0] == pytest.approx([0.0] * 3)
    monkeypatch.chdir(folder)
    assert prepare(Study.from_yaml("study.yaml")).inputs.allowed_share[0] == pytest.approx([0.0] * 3)


def test_an_own_zone_does_not_stand_for_the_law_of_a_place() -> None:
    """Two closed days of one's own in Berlin are no survey of German law: the others would pass as open."""
    berlin = {"lat_deg": 52.52, "lon_deg": 13.4}
    around = "POLYGON ((13 52, 14 52, 14 53, 13 53, 13 52))"
    closed = zone(wkt=around, **{"from": "2027-01-01", "to": "2027-01-02"})
    with pytest.raises(ConfigError, match="no law on mining is bundled"):
        prepare(at_home(berlin, zones=[closed]))
    with pytest.raises(ConfigError, match="no law on mining is bundled"):
        prepare(at_home(berlin | {"host": "BitRiver AG"}))


def test_days_after_the_last_rule_are_told() -> None:
    """Manitoba's pause ends on 30 April 2026; under law in force nothing is on record for May and June."""
    manitoba = {"lat_deg": 49.9, "lon_deg": -97.2, "region": "CA-MB"}
    terms = {
        "month": "2026-03",
        "btc_price_usd": 9e4,
        "difficulty": 1.2e14,
        "fees_btc_per_block": 0,
        "source": "x",
    }
    study = at_home(manitoba, law="in_force", horizon__start="2026-04", market__start=terms)
    told = [note for note in prepare(study).notes if "no rule on mining is on record" in note]
    assert any("from 2026-05-01 to 2026-06-30" in note for note in told)
    summer = at_home(ULAN_UDE, law="in_force", horizon__start="2027-03")
    assert not any("is on record from" in note for note in prepare(summer).notes)
