"""`rigshift zones import`: what it prints can be pasted, what it writes read; faults have exit 2."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
import yaml
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geodata.districts import district_polygons
from geodata.zones import read_zones
from tests.cli.small_studies import Run

SQUARE = shapely.box(104, 52, 105, 53)


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(file: str, **shapes: BaseGeometry) -> str:
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": mapping(shape)}
        for name, shape in shapes.items()
    ]
    Path(file).write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return file


def test_the_snippet_can_be_pasted(run: Run) -> None:
    """The lines after the heading are YAML as the study wants it, and name what was written."""
    result = run("zones", "import", write("drawn.geojson", north=SQUARE, **{"no: south": SQUARE}))
    assert result.exit_code == 0
    assert "RU-IRK 100%" in result.stdout
    (first, second) = yaml.safe_load(result.stdout[result.stdout.index("zones:\n") :])["zones"]
    assert first["id"] == "north"
    assert (first["effect"], first["file"], first["zone"]) == ("closed", "zones/drawn.geojson", "north")
    assert (second["id"], second["zone"]) == ("no-south", "no: south")
    assert [zone.name for zone in read_zones("zones/drawn.geojson", ".").zones] == ["north", "no: south"]


def test_the_snippet_names_a_file_that_a_study_takes(run: Run, tmp_path: Path) -> None:
    """Studies refuse files outside their folder: from elsewhere the name alone is right, beside the study."""
    study = tmp_path / "study"
    study.mkdir()
    os.chdir(study)
    drawn = write("drawn.geojson", north=SQUARE)
    for out, file in (
        ("../x.geojson", "x.geojson"),
        (str(tmp_path / "y.geojson"), "y.geojson"),
        (str(study / "new" / "z.geojson"), "new/z.geojson"),
        ("new/../w.geojson", "w.geojson"),
    ):
        result = run("zones", "import", drawn, "-o", out)
        assert result.exit_code == 0
        (entry,) = yaml.safe_load(result.stdout[result.stdout.index("zones:\n") :])["zones"]
        assert entry["file"] == file
        assert Path(out).is_file()
        assert "in whose folder the file must be" in result.stdout


def test_the_document(document: Callable[..., Any]) -> None:
    """Areas, regions and repairs for programs."""
    spike = shapely.Polygon([(104, 52), (105, 52), (105, 53), (105, 54), (105, 53), (104, 53)])
    told = document("zones", "import", write("drawn.geojson", z=spike), "-o", "clean.geojson")
    (zone,) = told["zones"]
    assert zone["area_km2"] == pytest.approx(7_556.6, rel=1e-3)
    assert zone["regions"]["RU-IRK"] == pytest.approx(1.0, abs=1e-3)
    assert told["repairs"][0].startswith("z: ring self-intersection")
    assert told["written"] == "clean.geojson"


def test_district_borders(run: Run) -> None:
    """Names in any case become those of the law; the snippet is for exact borders."""
    bratsk = district_polygons("RU-IRK")["Bratsk"]
    result = run("zones", "import", write("irk.geojson", BRATSK=bratsk), "--region", "RU-IRK")
    assert result.exit_code == 0
    (entry,) = yaml.safe_load(result.stdout[result.stdout.index("district_borders:\n") :])["district_borders"]
    assert (entry["region"], entry["file"], entry["error_km"]) == ("RU-IRK", "zones/irk.geojson", 0.2)
    assert read_zones("zones/irk.geojson", ".").zones[0].name == "Bratsk"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.geojson"], "cannot be read"),
        (["square.geojson", "--region", "RU-IRK"], "did you mean 'Bratsky'"),
        (["square.geojson", "--region", "RU-IRQ"], "unknown region"),
        (["square.geojson", "--region", "RU-MOW"], "no bundled districts"),
        (["square.geojson", "--crs", "EPSG:32648"], "too small for"),
        (["square.geojson", "--layer", "x"], "has no layers"),
        (["square.geojson", "-o", "study.yaml"], "ends with .geojson"),
        (["square.geojson", "-o", "square.geojson"], "is the file that is read"),
        (["square.geojson", "-o", "a/b/c.geojson"], "cannot be written: No such file"),
    ],
)
def test_faults_have_exit_2_and_write_nothing(arguments: list[str], words: str, run: Run) -> None:
    """A half import would leave a study that names a file of something else."""
    file = write("square.geojson", Bratskiy=SQUARE)
    before = Path(file).read_bytes()
    result = run("zones", "import", *arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert [path.name for path in Path().iterdir()] == [file]
    assert Path(file).read_bytes() == before


def test_faults_in_a_document(document: Callable[..., Any]) -> None:
    """With --json the fault is a problem of the file with its remedy."""
    Path("torn.geojson").write_text('{"type": "Feat', encoding="utf-8")
    told = document("zones", "import", "torn.geojson")
    assert told["exit_code"] == 2
    (problem,) = told["error"]["problems"]
    assert problem["file"] == "torn.geojson"
    assert "export it again" in problem["remedy"]
