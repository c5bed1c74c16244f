"""What `rigshift init` writes is a study that loads, and it never overwrites."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.config import Study
from optimizer.errors import ConfigError
from optimizer.templates import write_template


def test_the_template_is_a_sensible_study(tmp_path: Path) -> None:
    """A fleet of 10 MW that fits its racks and connection, without a warning."""
    written = write_template(tmp_path / "new")
    assert [path.name for path in written] == ["study.yaml", "fleet.csv", "sites.csv"]
    study = Study.from_yaml(written[0])
    assert study.warnings == ()
    assert [site.id for site in study.sites] == ["bratsk", "ekibastuz", "west-texas"]
    assert study.site("bratsk").district == "Bratsk"
    assert study.tariffs["kazakhstan-grid"].levy_usd_per_kwh == pytest.approx(2 / 525)
    assert len(study.source_files) == 3


def test_every_price_of_the_template_says_its_source(tmp_path: Path) -> None:
    """A figure without source and confidence is one that a reader cannot weigh."""
    study = Study.from_yaml(write_template(tmp_path)[0])
    for tariff in study.tariffs.values():
        assert tariff.source
        assert tariff.source_date
    assert all(corridor.source for corridor in study.relocation.corridors)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A user's fleet file in the way stops the whole, before anything is written."""
    (tmp_path / "fleet.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="is there already"):
        write_template(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["fleet.csv"]
    assert (tmp_path / "fleet.csv").read_text(encoding="utf-8") == "mine"
