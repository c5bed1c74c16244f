"""Distances and routes: known lengths, the properties any distance has, and borders that are closed."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.access import Site, ways_to_hubs
from geodata.distances import Route, great_circle_km, route
from geodata.freight import Measure, Rate, border_days, freight_rates
from geodata.globe import GEOD
from geodata.network import DETOUR, MODES, Leg, hubs, legs
from geodata.places import jurisdiction_of, locate, region_polygons
from geodata.store import GeodataError, read_rows
from geodata.ways import CHANGE, network

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
    for a, b in itertools.permutations(("Vladivostok", "Murmansk", "Rockdale", "Boden", "Reykjanesbaer"), 2):
        assert not _closed_legs(between(a, b))


def _closed_legs(found: Route, on: date = date.max) -> list[Leg]:
    """Legs across a border that closures.csv closes, read from the file by itself."""
    return [
        leg
        for leg in found.legs
        for row in read_rows("closures.csv")
        if leg.mode in row["modes"].split(";")
        and date.fromisoformat(row["closed_from"]) <= on
        and (not row["closed_to"] or on <= date.fromisoformat(row["closed_to"]))
        for lands in [(leg.start_jurisdiction, *leg.through, leg.end_jurisdiction)]
        for a, b in itertools.pairwise(lands)
        for here, there in ((a, b), (b, a))
        if here == row["jurisdiction"] != there != "" and {there, "*"} & set(row["neighbours"].split(";"))
    ]


# Next to a border that is closed, or across a third country from the rest of their own.
BY_CLOSED_BORDERS = {
    "Seoul": (37.57, 127.0),
    "Pyongyang": (39.02, 125.75),
    "Tel Aviv": (32.08, 34.78),
    "Beirut": (33.89, 35.50),
    "Oujda": (34.68, -1.91),
    "Tlemcen": (34.88, -1.31),
    "Nakhchivan": (39.21, 45.41),
    "Baku": (40.41, 49.87),
    "Yerevan": (40.18, 44.51),
    "Kars": (40.60, 43.10),
    "Kaliningrad": (54.71, 20.51),
    "Simferopol": (44.95, 34.10),
    "Chernihiv": (51.49, 31.29),
    "Gomel": (52.43, 31.01),
    "Narva": (59.38, 28.19),
    "Thimphu": (27.47, 89.64),
    "Lhasa": (29.65, 91.12),
}


@pytest.mark.parametrize("modes", [("road", "rail", "sea"), ("road", "rail", "sea", "air")])
@pytest.mark.parametrize("on", [None, date(1985, 6, 1), date(2026, 6, 1)])
def test_no_leg_of_any_route_is_closed(modes: tuple[str, ...], on: date | None) -> None:
    """The roads to the first and from the last hub cross borders as well as those between hubs."""
    for a, b in itertools.combinations(BY_CLOSED_BORDERS.values(), 2):
        try:
            found = route(*a, *b, modes, on=on)
        except GeodataError as error:
            assert "no way by" in str(error)  # noqa: PT017
            continue
        assert not _closed_legs(found, on or date.max)


def test_no_road_crosses_the_armistice_line() -> None:
    """Seoul is the hub nearest to Pyongyang, 195 km away and out of reach."""
    found = route(*BY_CLOSED_BORDERS["Seoul"], *BY_CLOSED_BORDERS["Pyongyang"])
    assert not {("KR", "KP"), ("KP", "KR")} & set(found.borders)
    assert found.km > 1500


def test_israel_and_lebanon_trade_by_way_of_nobody_next_to_both() -> None:
    """Haifa is the hub nearest to Beirut; the ports of Syria are closed to it as well."""
    found = route(*BY_CLOSED_BORDERS["Tel Aviv"], *BY_CLOSED_BORDERS["Beirut"])
    crossed = {frozenset(border) for border in found.borders}
    assert not crossed & {frozenset(("IL", "LB")), frozenset(("IL", "SY"))}


def test_a_closed_road_to_the_only_hub_is_told() -> None:
    """Tlemcen's only hub by land is in Morocco, whose border with Algeria is closed since 1994."""
    ends = (*BY_CLOSED_BORDERS["Oujda"], *BY_CLOSED_BORDERS["Tlemcen"])
    with pytest.raises(GeodataError, match=r"DZ is closed to rail/road \(border closed\); allow"):
        route(*ends)
    assert route(*ends, on=date(1993, 1, 1)).borders == (("MA", "DZ"),)


def test_an_exclave_is_not_reached_across_a_closed_country() -> None:
    """From Nakhchivan to Baku the straight line lies in Armenia; trucks go by way of Iran."""
    found = route(*BY_CLOSED_BORDERS["Nakhchivan"], *BY_CLOSED_BORDERS["Baku"])
    assert found.borders[0] == ("AZ", "IR")
    before_the_war = route(
        *BY_CLOSED_BORDERS["Nakhchivan"], *BY_CLOSED_BORDERS["Baku"], by="km", on=date(1992, 1, 1)
    )
    assert before_the_war.borders == (("AZ", "AM"), ("AM", "AZ"))
    assert not before_the_war.is_complete
    assert any("leads across AM" in note for note in before_the_war.notes)


def test_foreign_ground_on_the_way_is_cleared_twice() -> None:
    """Both borders of a third country take time, as those between hubs do."""
    [road] = [leg for leg in ways_to_hubs(Site(39.21, 45.41), None) if leg.end == "baku"]
    rate = dict(freight_rates())["road"]
    assert road.borders == (("AZ", "AM"), ("AM", "AZ"))
    assert road.reversed().borders == (("AZ", "AM"), ("AM", "AZ"))
    assert road.cost("days", rate) == pytest.approx(road.km / rate.km_per_day + 2 * rate.border_days)


@pytest.mark.parametrize(
    ("start", "end", "held"),
    [
        ((48.00, 37.80), (48.46, 35.04), "UA-14 is held in part by RU"),  # Donetsk to Dnipro
        ((44.95, 34.10), (46.64, 32.61), "UA-43 is held by RU"),  # Simferopol to Kherson
        ((44.95, 34.10), (45.04, 38.98), "UA-43 is held by RU"),  # to Krasnodar, by way of Kyiv
        ((47.50, 34.66), (47.84, 35.14), "UA-23 is held in part by RU"),  # Enerhodar to Zaporizhzhia
        ((41.72, 44.79), (43.00, 41.02), "GE-AB is held by Abkhazia"),  # Tbilisi to Sukhumi
    ],
)
def test_a_road_over_contested_ground_is_a_guess(
    start: tuple[float, float], end: tuple[float, float], held: str
) -> None:
    """Nobody drives from Donetsk to Dnipro: the front is not drawn, so the route must say what it ignores."""
    for ends in ((*start, *end), (*end, *start)):
        found = route(*ends)
        assert not found.is_complete
        assert any(held in note for note in found.notes)


@pytest.mark.parametrize("name", ["Irkutsk", "Rockdale", "Shanghai", "Murmansk", "Boden", "Tashkent"])
def test_a_road_over_own_ground_is_no_guess(name: str) -> None:
    """A warning on every route would be read by nobody; Taiwan and Gibraltar have no line inside either."""
    for site in (SITES[name], (36.14, -5.35), (24.15, 120.67)):
        for road in ways_to_hubs(Site(*site), date.max)[:1]:
            assert "held" not in road.note
            assert not road.through


def test_a_corner_of_a_neighbour_is_driven_round() -> None:
    """Basel to Zurich cuts a corner of Germany on the map, where no lorry would be cleared twice."""
    found = route(47.56, 7.59, 47.70, 8.63)  # Basel to Schaffhausen
    assert found.borders == ()
    assert found.is_complete


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


FRANCE = ((46.0, 2.5), (47.0, 2.5))  # a degree of the meridian, 111.161 km
HAND = [
    # 1.3 x 111.161 km of road: 9 + 2 + 144.509 / 500 days; 0.10 + 0.20 x 0.144509 USD
    (*FRANCE, ("road",), "days", 144.509, 1.612717, 0.128902),
    # 3,980 km of rail over one border inside a union: 9 + 6 + 3980 / 450 + 1; 0.15 + 0.12 x 3.980
    ("moscow", "almaty", ("road", "rail"), "usd", 3980.0, 3.549206, 0.627600),
    # sea 11,536.509 km to Mexico, road 2,600 km: 9 + 12 + 11536.509 / 650 + 3 + 2 + 2600 / 500 + 2;
    # 1.20 + 0.04 x 11.536509 + 0.10 + 0.20 x 2.600
    ("vladivostok", "houston", ("road", "sea"), "days", 14136.509, 7.278354, 2.281460),
    # one voyage inside the customs territory of the United States: 9 + 12 + 3929.912 / 650 + 1
    ("san_juan", "houston", ("road", "sea"), "days", 3929.912, 4.006574, 1.357196),
    # two voyages, changing ships in Panama: 9 + 2 x 12 + 11114.895 / 650 + 3 + 3; 2 x 1.20 + 0.04 x 11.114895
    ("havana", "honolulu", ("road", "sea"), "usd", 11114.895, 8.014263, 2.844596),
    # two flights, by way of Almaty: 9 + 2 x 4 + 7382.682 / 5000 + 1 + 2; 2 x 1.80 + 0.60 x 7.382682
    ("moscow", "helsinki", ("road", "air"), "days", 7382.682, 3.068077, 8.029609),
]  # fmt: skip


@pytest.mark.parametrize(("start", "end", "modes", "by", "km", "weeks", "usd_per_kg"), HAND)
def test_routes_computed_by_hand(
    start: str | tuple[float, float], end: str | tuple[float, float], modes: tuple[str, ...], by: str,
    km: float, weeks: float, usd_per_kg: float,
) -> None:  # fmt: skip
    """Every rate, border and handling of freight_rates.csv, summed on paper."""
    found = route(*_at(start), *_at(end), modes, by=by)  # type: ignore[arg-type]
    assert found.km == pytest.approx(km, abs=0.001)
    assert found.lead_time_weeks() == pytest.approx(weeks, abs=1e-6)
    assert found.freight_usd_per_kg() == pytest.approx(usd_per_kg, abs=1e-6)


def _at(place: str | tuple[float, float]) -> tuple[float, float]:
    return (hubs()[place].lat_deg, hubs()[place].lon_deg) if isinstance(place, str) else place


def test_a_flight_with_a_stop_says_so() -> None:
    """Nothing flies from Moscow to Helsinki: told as one leg it would cross a closed border."""
    found = between("Moscow", "Boden", ("road", "air"))
    flights = [leg for leg in found.legs if leg.mode == "air"]
    assert len(flights) == 2
    assert flights[0].end == flights[1].start
    stop = flights[0].end_jurisdiction
    assert stop in {land for border in found.borders for land in border}
    assert stop not in ("RU", "SE", "FI")
    assert any(f"by way of {flights[0].end}" in note for note in found.notes)
    assert not any("by way of" in note for note in between("Moscow", "Irkutsk", ("road", "air")).notes)


@pytest.mark.parametrize(
    ("name", "lat_deg", "lon_deg"),
    [("Aland, 38 km of water from Sweden", 60.12, 19.915), ("Man, 30 km from Britain", 54.256, -4.487),
     ("Guernsey, 40 km from France", 49.473, -2.569)],
)  # fmt: skip
def test_no_bridge_spans_a_wide_strait(name: str, lat_deg: float, lon_deg: float) -> None:
    """A road where a ship is needed would be days too quick."""
    with pytest.raises(GeodataError, match="no hub can be reached by road"):
        ways_to_hubs(Site(lat_deg, lon_deg), None)


def test_a_narrow_strait_is_bridged() -> None:
    """Zakynthos has its ferry, 17 km from the mainland."""
    assert ways_to_hubs(Site(37.788, 20.785), None)[0].end == "athens"


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


MEASURED: dict[Measure, Callable[[Route], float]] = {
    "days": Route.lead_time_weeks,
    "usd": Route.freight_usd_per_kg,
    "km": lambda found: found.km,
}


def test_the_quickest_is_quickest_and_the_cheapest_cheapest() -> None:
    """`by` must find the least of what the route then tells: voyages cleared, every loading counted."""
    pairs = list(itertools.combinations(SITES.values(), 2))[::3]
    assert len(pairs) > 60
    hubs_too = [(_at("san_juan"), SITES["Houston"]), (_at("havana"), _at("honolulu"))]
    for (a, b), modes in itertools.product([*pairs, *hubs_too], (("road", "rail", "sea"), MODES)):
        found = {by: route(*a, *b, modes, by=by) for by in MEASURED}
        for by, measure in MEASURED.items():
            least = min(measure(each) for each in found.values())
            assert measure(found[by]) <= least + 1e-6, (a, b, modes, by)


def test_the_search_weighs_what_the_route_tells() -> None:
    """Two formulas for one cost would let the search prefer what the route then counts as dearer."""
    rates, lands = freight_rates(), ("shanghai", "houston", "san_juan", "addis_ababa", "rotterdam", "moscow")
    on_site_days = dict(rates)["site"].handling_days
    for modes in (("road", "sea"), MODES):
        graph = network(frozenset(modes), date.max, "days", rates)
        for a, b in itertools.combinations(lands, 2):
            days = route(*_at(a), *_at(b), modes).lead_time_weeks() * 7
            assert graph.cost((a, CHANGE), (b, CHANGE)) == pytest.approx(days - on_site_days, abs=1e-6)


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
