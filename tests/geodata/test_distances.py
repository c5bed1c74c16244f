"""Distances and routes: known lengths, the properties any distance has, and borders that are closed."""

from __future__ import annotations

import itertools
import math
import time
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.distances import Route, great_circle_km, route
from geodata.freight import Rate, border_days, freight_rates
from geodata.network import DETOUR, GEOD, Leg, closures, hubs, legs
from geodata.places import jurisdiction_of, locate, region_polygons
from geodata.store import GeodataError, read_rows

SITES = {
    "Irkutsk": (52.29, 104.28),
    "Angarsk": (52.54, 103.89),
    "Bratsk": (56.15, 101.63),
    "Sayanogorsk": (53.10, 91.41),
    "Moscow": (55.75, 37.62),
    "Vladivostok": (43.12, 131.89),
    "Murmansk": (68.97, 33.08),
    "Kaliningrad": (54.71, 20.51),
    "Ekibastuz": (51.72, 75.32),
    "Shanghai": (31.23, 121.47),
    "Houston": (29.75, -95.37),
    "Rockdale": (30.66, -97.00),
    "Boden": (65.83, 21.69),
    "Hernandarias": (-25.41, -54.64),
    "Addis Ababa": (9.03, 38.74),
    "Phuentsholing": (26.86, 89.39),
    "Tashkent": (41.30, 69.25),
    "Baie-Comeau": (49.22, -68.15),
    "Reykjanesbaer": (64.00, -22.56),
    "Anadyr": (64.73, 177.51),
}


def between(start: str, end: str, modes: tuple[str, ...] = ("road", "rail", "sea"), **wish: str) -> Route:
    return route(*SITES[start], *SITES[end], modes, **wish)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lat1", "lon1", "lat2", "lon2", "km"),
    [
        (0.0, 0.0, 0.0, 1.0, 111.319),  # a degree of the equator
        (0.0, 0.0, 1.0, 0.0, 110.574),  # the first degree of a meridian
        (0.0, 179.5, 0.0, -179.5, 111.319),  # the same across 180 degrees
        (90.0, 0.0, -90.0, 0.0, 20_003.931),  # pole to pole
        (52.29, 104.28, 52.29, 104.28, 0.0),
    ],
)
def test_great_circle(lat1: float, lon1: float, lat2: float, lon2: float, km: float) -> None:
    """Lengths of the WGS 84 ellipsoid: a sphere would be off by up to half a percent."""
    assert great_circle_km(lat1, lon1, lat2, lon2) == pytest.approx(km, abs=0.001)


def test_great_circle_of_arrays() -> None:
    """A table of sites against one hub must come back as one number for each site."""
    km = great_circle_km([0.0, 0.0], [1.0, 2.0], 0.0, 0.0)
    assert km == pytest.approx([111.319, 222.639], abs=0.001)
    assert isinstance(great_circle_km(0.0, 0.0, 0.0, 1.0), float)


@pytest.mark.parametrize("bad", [(91.0, 0.0), (0.0, 181.0), (math.nan, 0.0), (101.63, 56.15)])
def test_bad_coordinates_have_no_distance(bad: tuple[float, float]) -> None:
    """The geodesic library answers for any number, in another place or with NaN."""
    with pytest.raises(GeodataError, match="not a latitude"):
        great_circle_km(*bad, 0.0, 0.0)
    with pytest.raises(GeodataError, match="not a latitude"):
        route(*bad, 52.0, 104.0)


@pytest.mark.parametrize(
    ("start", "end", "mode", "modes", "by", "km", "tolerance"),
    [
        ("Irkutsk", "Bratsk", "road", ("road",), "km", 640, 0.03),
        ("Angarsk", "Sayanogorsk", "road", ("road",), "km", 1640, 0.05),
        ("Bratsk", "Ekibastuz", "road", ("road",), "km", 2230, 0.05),
        ("Moscow", "Murmansk", "road", ("road",), "km", 1930, 0.04),
        ("Shanghai", "Houston", "sea", ("road", "sea"), "usd", 18_800, 0.03),
    ],
)
def test_known_lengths(
    start: str, end: str, mode: str, modes: tuple[str, ...], by: str, km: float, tolerance: float
) -> None:
    """Published lengths of roads and of the voyage through Panama."""
    assert between(start, end, modes, by=by).km_by_mode[mode] == pytest.approx(km, rel=tolerance)


@pytest.mark.parametrize(
    ("stations", "km"),
    [
        ("moscow nizhny_novgorod kirov perm yekaterinburg tyumen omsk novosibirsk krasnoyarsk taishet "
         "irkutsk ulan_ude chita skovorodino khabarovsk vladivostok", 9289),
        ("moscow petrozavodsk murmansk", 1967),
    ],
)  # fmt: skip
def test_railway_lines_have_their_published_length(stations: str, km: float) -> None:
    """The Trans-Siberian is 9,289 km long; a mistyped section would show in the sum."""
    by_ends = {frozenset((leg.start, leg.end)): leg.km for leg in legs() if leg.mode == "rail"}
    line = itertools.pairwise(stations.split())
    assert sum(by_ends[frozenset(ends)] for ends in line) == pytest.approx(km, rel=0.005)


def test_a_route_is_as_long_back() -> None:
    """Machines come back the way they went."""
    for start, end in (("Irkutsk", "Rockdale"), ("Baie-Comeau", "Hernandarias"), ("Boden", "Tashkent")):
        out, back = between(start, end), between(end, start)
        assert out.km == pytest.approx(back.km)
        assert out.lead_time_weeks() == pytest.approx(back.lead_time_weeks())
        assert out.borders == tuple((b, a) for a, b in reversed(back.borders))


def test_a_detour_is_never_shorter() -> None:
    """The triangle property over hubs: going by way of a third place cannot save any way."""
    names = ["Irkutsk", "Moscow", "Ekibastuz", "Tashkent", "Rockdale", "Reykjanesbaer", "Addis Ababa"]
    km = {(a, b): between(a, b, by="km").km for a, b in itertools.permutations(names, 2)}
    for a, b, c in itertools.permutations(names, 3):
        assert km[a, c] <= km[a, b] + km[b, c] + 60  # a site's own road to its hub is walked twice


def test_a_route_is_never_shorter_than_the_great_circle() -> None:
    """A leg with a digit lost would be a short cut through the earth."""
    for a, b in itertools.combinations(SITES.values(), 2):
        assert route(*a, *b, by="km").km >= great_circle_km(*a, *b) * 0.999


def test_a_leg_is_never_shorter_than_the_great_circle() -> None:
    """Nor longer than any real detour around mountains and lakes."""
    for leg in legs():
        start, end = hubs()[leg.start], hubs()[leg.end]
        straight_km = great_circle_km(start.lat_deg, start.lon_deg, end.lat_deg, end.lon_deg)
        assert leg.km >= straight_km * 0.99, leg
        assert leg.km <= 3.0 * straight_km + 60, leg
        assert leg.mode in DETOUR


def test_legs_at_sea_keep_off_the_land() -> None:
    """A voyage through Florida or Kamchatka would be a week too short.

    Ports lie inland on the drawn map and straits are narrower on it than on the water, so that the first
    40 km from a port and 12 km on the way are let pass; rivers, fjords and canals are named in the note.
    """
    outlines = list(region_polygons().values())
    tree = shapely.STRtree(outlines)
    for leg in legs():
        if leg.mode == "sea" and not leg.note:
            assert _km_over_land(leg, tree) <= 12, leg


def _km_over_land(leg: Leg, tree: shapely.STRtree) -> float:
    start, end = hubs()[leg.start], hubs()[leg.end]
    ends = (start.lon_deg, start.lat_deg, end.lon_deg, end.lat_deg)
    km = great_circle_km(start.lat_deg, start.lon_deg, end.lat_deg, end.lon_deg)
    count = max(2, int(km / 5))
    points = shapely.points(GEOD.npts(*ends, count))
    along_km = np.linspace(0, km, count + 2)[1:-1]
    at_port = (start.kind != "waypoint") & (along_km < 40) | (end.kind != "waypoint") & (km - along_km < 40)
    dry = np.zeros(count, dtype=bool)
    dry[tree.query(points, predicate="within")[0]] = True
    return float((dry & ~at_port).sum() * km / count)


def test_hubs_lie_in_their_jurisdiction() -> None:
    """A hub on the wrong side of a border would hide a customs clearance."""
    for hub in hubs().values():
        if hub.kind == "waypoint":
            assert hub.jurisdiction == ""
        else:
            assert locate(hub.lat_deg, hub.lon_deg).jurisdiction == hub.jurisdiction, hub


def test_every_hub_can_be_reached_from_every_other() -> None:
    """A hub typed without a leg would make its region unreachable."""
    named = {end for leg in legs() for end in (leg.start, leg.end)}
    assert named == set(hubs())


def test_every_figure_has_its_source() -> None:
    """A leg whose origin nobody knows cannot be corrected."""
    for file in ("hubs.csv", "legs.csv", "closures.csv", "freight_rates.csv"):
        for row in read_rows(file):
            assert row["source"], row
            assert row["source_date"], row
            assert row["confidence"], row
    assert all(row["km_basis"] == "published" for row in read_rows("legs.csv") if row["km"])


def test_closed_borders_are_gone_round() -> None:
    """Sweden and Kola are 800 km apart, but no freight crosses: the way leads over a third country."""
    open_way = route(*SITES["Boden"], *SITES["Murmansk"], ("road", "rail"), on=date(2021, 6, 1))
    closed = route(*SITES["Boden"], *SITES["Murmansk"], ("road", "rail"), on=date(2026, 6, 1))
    assert open_way.km < 1500
    assert closed.km > 5000
    assert ("GE", "RU") in closed.borders
    assert not {("FI", "RU"), ("NO", "RU")} & set(closed.borders)


def test_no_ship_sails_between_ports_closed_to_each_other() -> None:
    """The closure is between ports, while the legs end at way points: a plain check of legs would miss it."""
    shut = {
        frozenset((closure.jurisdiction, other))
        for closure in closures() if "sea" in closure.modes for other in closure.neighbours
    }  # fmt: skip
    for a, b in itertools.permutations(("Vladivostok", "Murmansk", "Rockdale", "Boden", "Reykjanesbaer"), 2):
        found = between(a, b)
        voyages = [leg for leg in found.legs if leg.mode == "sea"]
        assert not shut & {frozenset((v.start_jurisdiction, v.end_jurisdiction)) for v in voyages}


def test_an_exclave_is_reached_by_sea() -> None:
    """Kaliningrad is Russian, and the road to it is not."""
    assert between("Kaliningrad", "Moscow").km_by_mode["sea"] == pytest.approx(1200, rel=0.1)
    assert between("Kaliningrad", "Moscow").borders == ()


def test_no_way_names_the_closed_border() -> None:
    """The reader must learn whether to add a mode or to give up the move."""
    with pytest.raises(GeodataError, match=r"RU is closed to rail/road \(EU and Norwegian bans.*; allow"):
        between("Kaliningrad", "Moscow", ("road", "rail"))
    with pytest.raises(GeodataError, match=r"no way by rail, road from.*; allow"):
        between("Moscow", "Houston", ("road", "rail"))


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "told"),
    [(0.0, -30.0, "in the sea"), (-49.35, 70.22, "no hub can"), (21.70, -82.82, "no hub can")],
)
def test_places_without_a_hub(lat_deg: float, lon_deg: float, told: str) -> None:
    """A point at sea, Kerguelen, and the Isle of Youth, 60 km of water from the rest of Cuba."""
    with pytest.raises(GeodataError, match=f"{told}.*; "):
        route(lat_deg, lon_deg, *SITES["Irkutsk"])


def test_modes_are_checked() -> None:
    """A misspelt mode must not silently leave the railways out."""
    with pytest.raises(GeodataError, match="unknown mode 'train'; known: road"):
        between("Irkutsk", "Bratsk", ("road", "train"))
    with pytest.raises(GeodataError, match="without road; add it"):
        between("Irkutsk", "Bratsk", ("rail",))


def test_neighbours_need_no_hub() -> None:
    """Angarsk to Irkutsk is one short road, with its stated factor."""
    found = between("Angarsk", "Irkutsk")
    assert [leg.mode for leg in found.legs] == ["road"]
    assert found.km == pytest.approx(great_circle_km(*SITES["Angarsk"], *SITES["Irkutsk"]) * DETOUR["road"])


def test_a_place_is_no_way_from_itself() -> None:
    """Moving within a site takes packing and unpacking, but no freight."""
    found = between("Irkutsk", "Irkutsk")
    assert (found.km, found.legs, found.freight_usd_per_kg()) == (0, (), 0)
    assert found.lead_time_weeks() == pytest.approx(dict(freight_rates())["site"].handling_days / 7)


def test_a_guess_is_marked() -> None:
    """Alert, Nunavut, has no road: a route from the north of the mainland is told to be incomplete."""
    assert between("Irkutsk", "Bratsk").is_complete
    far = route(64.32, -96.02, *SITES["Baie-Comeau"])
    assert not far.is_complete
    assert any("guess" in note for note in far.notes)


def test_freight_and_lead_time_by_hand() -> None:
    """Bratsk to Ekibastuz: 2,230 km of road and one border inside the Eurasian union."""
    found = between("Bratsk", "Ekibastuz", ("road",))
    rates = (("road", Rate(0.2, 0.1, 500, 2, 3, 0.5)), ("site", Rate(0, 0, 0, 9, 0, 0)))
    assert found.borders == (("RU", "KZ"),)
    assert found.freight_usd_per_kg(rates) == pytest.approx(0.2 * found.km / 1000 + 0.1)
    assert found.lead_time_weeks(rates) == pytest.approx((9 + found.km / 500 + 2 + 0.5) / 7)


def test_every_change_of_mode_is_handled_and_every_border_cleared() -> None:
    """Road, ship, road: three handlings; Ethiopia, Djibouti, China: two borders."""
    found = between("Addis Ababa", "Shanghai")
    rates = dict(freight_rates())
    assert [mode for mode, _ in itertools.groupby(leg.mode for leg in found.legs)] == ["road", "sea", "road"]
    assert found.borders == (("ET", "DJ"), ("DJ", "CN"))
    handling = 2 * rates["road"].usd_per_kg_handling + rates["sea"].usd_per_kg_handling
    moving = sum(km / 1000 * rates[mode].usd_per_kg_per_1000_km for mode, km in found.km_by_mode.items())
    assert found.freight_usd_per_kg() == pytest.approx(handling + moving)


def test_costs_lie_in_the_surveyed_ranges() -> None:
    """Rail or truck within Russia and to Kazakhstan 0.3-1.2 USD/kg; sea and truck 1.5-4; air about 9-12."""
    assert 0.3 <= between("Bratsk", "Ekibastuz").freight_usd_per_kg() <= 1.2
    assert 1.5 <= between("Shanghai", "Rockdale").freight_usd_per_kg() <= 4.0
    assert 8.5 <= route(22.55, 114.1, 39.0, -76.7, ("road", "air")).freight_usd_per_kg() <= 12.0
    assert 1.0 <= between("Irkutsk", "Bratsk").lead_time_weeks() <= 4.0
    assert 6.0 <= between("Shanghai", "Rockdale").lead_time_weeks() <= 20.0


def test_the_quickest_is_quickest_and_the_cheapest_cheapest() -> None:
    """`by` must change the way, not only the label."""
    quick, cheap, short = (between("Irkutsk", "Rockdale", by=by) for by in ("days", "usd", "km"))
    assert quick.lead_time_weeks() <= min(cheap.lead_time_weeks(), short.lead_time_weeks()) + 1e-9
    assert cheap.freight_usd_per_kg() <= min(quick.freight_usd_per_kg(), short.freight_usd_per_kg()) + 1e-9
    assert short.km <= min(quick.km, cheap.km) + 1e-9


def test_short_ways_do_not_change_modes() -> None:
    """Rail is cheaper by the km, but its loading pays only over a long way."""
    near = route(*SITES["Moscow"], 56.33, 44.00, by="usd")
    assert set(near.km_by_mode) == {"road"}
    assert between("Moscow", "Vladivostok", by="usd").km_by_mode["rail"] > 8000


def test_borders_inside_a_customs_union_are_quick() -> None:
    """Russia to Kazakhstan is not Russia to China."""
    road = dict(freight_rates())["road"]
    assert border_days("RU", "KZ", road) == border_days("SE", "FI", road) == road.union_border_days
    assert border_days("RU", "CN", road) == border_days("NO", "SE", road) == road.border_days
    assert border_days("RU", "RU", road) == 0


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(SITES)), st.floats(-60, 75), st.floats(-180, 180))
def test_any_pair_has_a_route_or_a_reason(start: str, lat_deg: float, lon_deg: float) -> None:
    """No coordinate may crash, and what comes back is joined end to end."""
    try:
        found = route(*SITES[start], lat_deg, lon_deg)
    except GeodataError:
        return
    assert found.km == pytest.approx(sum(leg.km for leg in found.legs))
    assert all(a.end_jurisdiction == b.start_jurisdiction for a, b in itertools.pairwise(found.legs))
    if found.legs:
        assert found.legs[-1].end_jurisdiction in (
            locate(lat_deg, lon_deg).jurisdiction,
            *_near(lat_deg, lon_deg),
        )


def _near(lat_deg: float, lon_deg: float) -> list[str]:
    return [jurisdiction_of(region) for region, _ in locate(lat_deg, lon_deg).alternatives]


def test_routes_between_many_sites_are_quick() -> None:
    """Sixty sites are 3,540 pairs: at 50 ms each a study would take three minutes to read."""
    between("Irkutsk", "Bratsk")
    places = list(SITES.values())
    started = time.perf_counter()
    pairs = list(itertools.combinations(places, 2))
    for a, b in pairs:
        route(*a, *b)
    assert (time.perf_counter() - started) / len(pairs) < 0.05
