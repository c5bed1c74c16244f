"""Corridors that the study does not state, found on the bundled network."""

from __future__ import annotations

import pytest

import geodata
from optimizer import ConfigError
from optimizer.inputs import NEVER
from optimizer.prepare import prepare

from .studies import ABAKAN, small

EKIBASTUZ = ABAKAN | {"id": "ekibastuz", "lat_deg": 51.72, "lon_deg": 75.32, "region": "KZ-55"}
ROUTED = {"modes": ["road", "rail"], "breakage_share": 0.01, "duty_share": 0.05, "vat_share": 0.16}
HOME = (56.01, 92.85)


def test_without_the_word_nothing_moves_where_no_corridor_leads() -> None:
    """A road nobody asked for would be a silent default."""
    prepared = prepare(small(sites__1=EKIBASTUZ))
    assert any("no corridor, so nothing moves: KZ-55 to RU-KYA" in note for note in prepared.notes)


def test_a_routed_pair_takes_the_way_of_the_network() -> None:
    """Freight and weeks are those of the route between the two sites, customs only across the border."""
    study = small(sites__1=EKIBASTUZ, relocation__routed=ROUTED, relocation__corridors=[])
    prepared = prepare(study)
    way = geodata.route(*HOME, 51.72, 75.32, ("road", "rail"))
    data = prepared.inputs
    corridor = data.corridors.index("RU-KYA > KZ-55")
    lead_months = way.lead_time_weeks() * 7 / (365.25 / 12)
    assert 0 < lead_months < 1
    assert data.arrival_period[corridor, 0] == 0
    assert data.freight_usd[0, corridor] == pytest.approx(16 * way.freight_usd_per_kg(), rel=1e-6)
    assert data.customs_usd[0, corridor, 0] == pytest.approx((0.05 + 0.16 * 1.05) * 1000)
    assert data.breakage_usd[0, corridor, 0] == pytest.approx(0.01 * 1000)
    assert any("routed over the bundled network" in note for note in prepared.notes)
    assert NEVER not in data.arrival_period[corridor, :2]


def test_inside_a_country_there_is_no_customs() -> None:
    """Duty between Krasnoyarsk and Khakassia would price out every domestic move."""
    data = prepare(small(sites__1=ABAKAN, relocation__routed=ROUTED, relocation__corridors=[])).inputs
    assert data.customs_usd[0, data.corridors.index("RU-KYA > RU-KK"), 0] == 0


def test_a_stated_corridor_comes_before_the_network() -> None:
    """Whoever has a quotation must not be overruled by an estimate."""
    quoted = {"from": "RU", "to": "KZ", "mode": "truck", "freight_usd_per_kg": 9.0, "lead_time_weeks": 2}
    study = small(sites__1=EKIBASTUZ, relocation__routed=ROUTED, relocation__corridors__1=quoted)
    data = prepare(study).inputs
    assert data.freight_usd[0, data.corridors.index("RU-KYA > KZ-55")] == pytest.approx(16 * 9.0)
    assert "KZ-55 > RU-KYA" in data.corridors  # the way back is nobody's: the network's


def test_where_no_way_exists_the_reason_is_told() -> None:
    """By road alone no one reaches Iceland: the pair stays closed, and the study says why."""
    iceland = ABAKAN | {"id": "iceland", "lat_deg": 63.99, "lon_deg": -22.56, "region": "IS-2"}
    study = small(sites__1=iceland, relocation__routed={"modes": ["road"]})
    assert any(note.startswith("no way by road") for note in prepare(study).notes)


FREE_ROAD = {"modes": ["road"], "duty_share": 0, "vat_share": 0}  # no rates are bundled for Ukraine


def test_a_way_over_contested_ground_says_so() -> None:
    """A truck from Donetsk to Dnipro crosses a front line: its price must not look like any other."""
    checked = {"region": None, "law_checked": "a test"}
    dnipro = ABAKAN | checked | {"id": "dnipro", "lat_deg": 48.46, "lon_deg": 35.05}
    donetsk = ABAKAN | checked | {"id": "donetsk", "lat_deg": 48.02, "lon_deg": 37.80}
    study = small(sites__1=dnipro, sites__2=donetsk, relocation__routed=FREE_ROAD)
    told = [note for note in prepare(study).notes if note.startswith("way from UA-14 to UA-12: ")]
    assert any("RU" in note for note in told)


def test_modes_without_road_are_refused() -> None:
    """No site stands in an airport: such a study would move nothing and say so in a note at most."""
    with pytest.raises(ConfigError, match="add road"):
        small(relocation__routed={"modes": ["air"]})
