"""Paths for maps: where points land, where the globe is cut, and that areas survive the drawing."""

from __future__ import annotations

import math
import re

import pytest
import shapely

from geodata import GeodataError, drawing

NAMES = [view.name for view in drawing.views()]
KM2_PER_UNIT2 = {view.name: (view.metres_per_unit / 1000) ** 2 for view in drawing.views()}


def rings_of(path: str) -> list[list[tuple[int, int]]]:
    """The rings of a path, back as points."""
    rings = []
    for ring in re.findall(r"M([^Mz]+)z?", path):
        numbers = [int(number) for number in re.findall(r"-?\d+", ring)]
        points = [(numbers[0], numbers[1])]
        for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
            points.append((points[-1][0] + dx, points[-1][1] + dy))
        rings.append(points)
    return rings


def filled(path: str) -> shapely.Geometry:
    """What an even-odd fill of the path covers."""
    covered = shapely.Polygon()
    for ring in rings_of(path):
        covered = covered ^ shapely.make_valid(shapely.Polygon(ring))
    return covered


def drawn_km2(view: str, belongs: str) -> float:
    """The area drawn for a shape, or for all shapes of a country."""
    shown = [each for each in drawing.shapes(view) if belongs in (each.code, each.jurisdiction)]
    return sum(filled(each.path).area for each in shown) * KM2_PER_UNIT2[view]


@pytest.mark.parametrize("view", NAMES)
@pytest.mark.parametrize("lat_deg", [-35.0, 0.0, 20.5, 47.25, 66.0, 81.0])
@pytest.mark.parametrize("lon_deg", [-179.9, -169.01, -100.0, 0.0, 95.0, 179.9])
def test_a_point_comes_back_to_itself(view: str, lat_deg: float, lon_deg: float) -> None:
    assert drawing.unproject(view, *drawing.project(view, lat_deg, lon_deg)) == pytest.approx(
        (lat_deg, lon_deg), abs=1e-6
    )


def test_the_origins_land_where_the_sheets_say() -> None:
    assert drawing.project("world", 0, 11) == pytest.approx((17_250 / 5, 8_350 / 5))
    assert drawing.project("eurasia", 55, 95) == pytest.approx((5_200 / 2.5, 4_150 / 2.5))
    assert drawing.project("north_america", 45, -100) == pytest.approx((5_900 / 2.5, 4_000 / 2.5))


def test_the_equator_of_equal_earth_has_its_published_length() -> None:
    """Half of it is 2 sqrt(3) pi / (3 x 1.340264) radii of the sphere of equal area (Savric, 2019)."""
    half_m = 2 * math.sqrt(3) * math.pi / (3 * 1.340264) * 6_371_007.18
    x, _ = drawing.project("world", 0, 11 - 180)
    assert abs(x - 17_250 / 5) == pytest.approx(half_m / 5_000, rel=1e-5)


def test_east_is_right_north_is_up_and_the_far_east_is_not_torn_off() -> None:
    eastwards = [
        ("Lisbon", 38.7, -9.1),
        ("Moscow", 55.8, 37.6),
        ("Irkutsk", 52.3, 104.3),
        ("Anadyr", 64.7, 177.5),
        ("Uelen", 66.2, -169.8),
    ]
    for view in ("world", "eurasia"):
        across = [drawing.project(view, lat, lon)[0] for _, lat, lon in eastwards]
        assert across == sorted(across)
    nome, new_york = (drawing.project("world", *place)[0] for place in ((64.5, -165.4), (40.7, -74.0)))
    assert nome < new_york < drawing.project("world", 38.7, -9.1)[0]
    for view in NAMES:
        ys = [drawing.project(view, lat, drawing.view_named(view).lon_0_deg)[1] for lat in (10, 40, 70)]
        assert ys == sorted(ys, reverse=True)


@pytest.mark.parametrize("view", NAMES)
def test_no_band_runs_across_the_map(view: str) -> None:
    widest_units = 5_500e3 / drawing.view_named(view).metres_per_unit  # no country or region is wider
    for shape in drawing.shapes(view):
        for ring in rings_of(shape.path):
            xs = [x for x, _ in ring]
            assert max(xs) - min(xs) < widest_units, shape.code


def test_chukotka_is_one_piece_across_180_degrees() -> None:
    for view in ("world", "eurasia"):
        (chukotka,) = (shape for shape in drawing.shapes(view) if shape.code == "RU-CHU")
        mainland = max(
            (shapely.Polygon(ring) for ring in rings_of(chukotka.path)), key=lambda ring: ring.area
        )
        for lat_deg, lon_deg in ((66.3, -179.1), (67.0, 178.0), (66.1, -170.5)):
            assert mainland.contains(shapely.Point(drawing.project(view, lat_deg, lon_deg)))


@pytest.mark.parametrize(
    ("view", "code", "published_km2"),
    [
        ("world", "RU-SA", 3_083_523),
        ("world", "KZ", 2_724_902),
        ("world", "ZA", 1_221_037),  # 2.5 % more if the hole of Lesotho were filled
        ("eurasia", "RU-IRK", 774_846),
        ("eurasia", "KZ", 2_724_902),
        ("eurasia", "MN", 1_564_116),
        ("north_america", "US-TX", 695_662),
        ("north_america", "CA-AB", 661_848),
    ],
)
def test_areas_are_those_published(view: str, code: str, published_km2: float) -> None:
    assert drawn_km2(view, code) == pytest.approx(published_km2, rel=0.018)


@pytest.mark.parametrize("view", NAMES)
def test_neighbours_keep_their_border(view: str) -> None:
    """Drawn in whole units, neighbours neither overlap nor part by more than rounding does."""
    outlines = shapely.make_valid([filled(shape.path) for shape in drawing.shapes(view)])
    assert shapely.union_all(outlines).area == pytest.approx(sum(each.area for each in outlines), rel=1e-3)


@pytest.mark.parametrize("view", NAMES)
def test_frontiers_run_between_countries_only(view: str) -> None:
    owners: dict[tuple[int, int], set[str]] = {}
    for shape in drawing.shapes(view):
        for x, y in (point for ring in rings_of(shape.path) for point in ring):
            owners.setdefault((x, y), set()).add(shape.jurisdiction)
    ends = [end for line in rings_of(drawing.frontiers(view)) for end in (line[0], line[-1])]
    shared = [end for end in ends if len(owners.get(end, ())) > 1]
    assert len(shared) > 0.8 * len(ends) > 5  # the others end where a straight border has no corner


def test_only_the_far_south_is_missing_from_the_world() -> None:
    shown = {shape.code for shape in drawing.shapes("world")}
    assert {"SG", "MC", "VA", "RU-CHU", "US-HI", "NZ"} <= shown
    assert set(drawing.shape_names()) - shown == {"AQ"}


def test_labels_lie_in_their_shapes() -> None:
    for shape in drawing.shapes("eurasia"):
        spot = shapely.Point(shape.label_x, shape.label_y)
        assert filled(shape.path).distance(spot) < 3, shape.code


def test_the_paths_are_small_enough_for_a_browser() -> None:
    sizes = {view: sum(len(shape.path) for shape in drawing.shapes(view)) for view in NAMES}
    assert sizes["world"] <= 450_000
    assert sum(sizes.values()) + sum(len(drawing.frontiers(view)) for view in NAMES) <= 700_000


def test_a_polygon_is_drawn_at_its_corners() -> None:
    box = shapely.box(100, 50, 100.5, 50.5)
    corners = {
        tuple(round(number) for number in drawing.project("eurasia", lat, lon))
        for lat in (50, 50.5)
        for lon in (100, 100.5)
    }
    assert set(rings_of(drawing.path_of("eurasia", box))[0]) == corners


def test_a_polygon_across_the_antimeridian_may_come_cut_or_whole() -> None:
    whole = shapely.box(175, 60, 185, 65)
    cut = shapely.MultiPolygon([shapely.box(175, 60, 180, 65), shapely.box(-180, 60, -175, 65)])
    for view in ("world", "eurasia"):
        one, two = (filled(drawing.path_of(view, each)) for each in (whole, cut))
        assert one.geom_type == two.geom_type == "Polygon"
        assert one.symmetric_difference(two).area < 0.01 * one.area
    assert "z" in drawing.path_of("world", shapely.box(-171, 60, -167, 65))
    assert (
        len(rings_of(drawing.path_of("world", shapely.box(-171, 60, -167, 65)))) == 2
    )  # the world's own cut


def test_what_a_view_does_not_show_has_no_path() -> None:
    assert drawing.path_of("eurasia", shapely.box(-100, 30, -95, 35)) == ""
    assert not drawing.is_on_sheet("eurasia", 32.0, -97.0)
    assert not drawing.is_on_sheet("world", -75.0, 0.0)
    assert drawing.is_on_sheet("north_america", 32.0, -97.0)


def test_islands_are_drawn_from_six_square_units() -> None:
    """In a view of 2.5 km a unit these are boxes of 8 x 8 km (10 units2) and 4 x 4 km (2.6 units2)."""

    def box(km: float, lon_deg: float) -> shapely.Polygon:
        half_lat, half_lon = km / 111.3 / 2, km / 63.8 / 2  # at 55 N
        return shapely.box(lon_deg - half_lon, 55 - half_lat, lon_deg + half_lon, 55 + half_lat)

    mainland = box(200, 95)
    drawn = [
        len(rings_of(drawing.path_of("eurasia", shapely.MultiPolygon([mainland, box(km, 98)]))))
        for km in (8, 4)
    ]
    assert drawn == [2, 1]


def test_a_hole_stays_open() -> None:
    ring = shapely.box(90, 50, 110, 60) - shapely.box(95, 53, 105, 57)
    covered = filled(drawing.path_of("eurasia", ring))
    assert not covered.contains(shapely.Point(drawing.project("eurasia", 55, 100)))
    assert covered.contains(shapely.Point(drawing.project("eurasia", 55, 92)))


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: drawing.shapes("euroasia"), "unknown view 'euroasia'; did you mean 'eurasia'"),
        (lambda: drawing.project("world", 91, 0), "latitude in -90..90"),
        (lambda: drawing.project("world", 0, math.nan), "longitude in -180..180"),
        (lambda: drawing.unproject("world", 0, 0), "off the globe"),
        (lambda: drawing.unproject("world", math.inf, 0), "off the globe"),
        (lambda: drawing.path_of("world", shapely.Polygon()), "not empty"),
        (lambda: drawing.path_of("world", shapely.Point(1, 1)), "Point cannot be drawn"),
        (
            lambda: drawing.path_of("world", shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])),
            "valid polygon",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_remedy(ask: object, told: str) -> None:
    with pytest.raises(GeodataError, match=re.escape(told)) as caught:
        ask()  # type: ignore[operator]
    assert "; " in str(caught.value)
