"""The smallest study that is right, and a way to ask what is wrong with a changed one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optimizer.config import Study
from optimizer.errors import ConfigError, Problem

STUDY = """\
rigshift: 1
name: tiny
title: Two sites, one lot
operator: {name: A miner, entity_jurisdiction: RU}
horizon: {start: 2026-12, months: 3}
currency:
  fx:
    RUB: {per_usd: 80, date: 2025-12-01, source: assumed}
market:
  start: bundled
  btc_price_growth_share_per_year: 0.0
  network_growth_share_per_year: 0.1
  pool_fee_share: 0.02
  machine_price_decline_share_per_year: 0.2
finance: {discount_rate_share_per_year: 0.12}
fleet:
  - {id: old, hashrate_ths: 100, power_w: 3000, mass_kg: 15, count: 1200, site: bratsk, uptime_share: 0.97,
     resale_usd_per_ths: 2}
sites:
  - {id: bratsk, name: Bratsk, lat_deg: 56.15, lon_deg: 101.63, region: RU-IRK,
     max_power_kw: 5 MW, pue: 1.05, tariff: grid}
  - {id: texas, name: Texas, lat_deg: 31.85, lon_deg: -102.37, region: US-TX,
     max_power_kw: 4000, pue: 1.05, tariff: grid}
tariffs:
  grid: {kind: flat, energy_usd_per_kwh: 52 RUB/MWh}
relocation:
  deinstall_usd_per_machine: 15
  install_usd_per_machine: 20
  corridors:
    - {from: RU, to: US, mode: sea, freight_usd_per_kg: 2.5, lead_time_weeks: 12}
sales: {allowed: false, fee_share: 0.05}
risk: {risk_aversion: 1.0}
end_value: {haircut_share: 0.2}
"""


@pytest.fixture
def study_text() -> str:
    return STUDY


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Study]:
    """Load the small study after replacing pieces of its text; further files are written beside it."""

    def load_changed(*changes: tuple[str, str], **files: str | bytes) -> Study:
        text = STUDY
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} is in the study {text.count(old)} times"
            text = text.replace(old, new)
        for name, content in files.items():
            raw = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name.replace("_csv", ".csv").replace("_xlsx", ".xlsx")).write_bytes(raw)
        (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
        return Study.from_yaml(tmp_path / "study.yaml")

    return load_changed


@pytest.fixture
def problems(load: Callable[..., Study]) -> Callable[..., list[Problem]]:
    """The problems of the small study after changes, with file names shortened to the last part."""

    def problems_of(*changes: tuple[str, str], **files: Any) -> list[Problem]:
        with pytest.raises(ConfigError) as caught:
            load(*changes, **files)
        return list(caught.value.problems)

    return problems_of


@pytest.fixture
def problem(problems: Callable[..., list[Problem]]) -> Callable[..., Problem]:
    """The one problem of the small study after changes."""

    def only_problem_of(*changes: tuple[str, str], **files: Any) -> Problem:
        found = problems(*changes, **files)
        assert len(found) == 1, "\n".join(str(one) for one in found)
        return found[0]

    return only_problem_of
