"""The ASIC catalogue: its figures agree with each other, carry sources, and are found by usual names."""

import csv
import hashlib
import math
import re
from importlib.resources import files

import pytest

from optimizer import catalogue

DATA = files("optimizer") / "data"
MODELS = list(catalogue.models().values())
LEVELS = {"high", "medium", "low"}


def named(found: catalogue.Model) -> str:
    return found.name


# --- figures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", MODELS, ids=named)
def test_figures_agree_with_each_other(found: catalogue.Model) -> None:
    """J/TH is power over hashrate within 0.5 %: a slip in any of the three shows."""
    assert found.power_w / found.hashrate_ths == pytest.approx(found.j_per_th, rel=0.005)
    assert found.cooling in {"air", "hydro", "immersion"}
    assert 10 < found.mass_kg < 50
    assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", found.released)


@pytest.mark.parametrize("found", MODELS, ids=named)
def test_every_figure_has_source_and_confidence(found: catalogue.Model) -> None:
    """A price without a source, or an estimate that calls itself better than low, is not shipped."""
    assert found.spec_source
    assert found.price_source
    assert {found.spec_confidence, found.mass_confidence, found.price_confidence} <= LEVELS
    if found.price_source.startswith("estimate"):
        assert found.price_confidence == "low"
    assert {found.altitude_confidence, found.maker_confidence} <= LEVELS
    assert (found.altitude_limit_m is None) == found.altitude_source.startswith("unknown")
    assert (found.maker_country == "") == found.maker_source.startswith("unknown")


@pytest.mark.parametrize("found", MODELS, ids=named)
def test_prices_are_per_terahash(found: catalogue.Model) -> None:
    """1 to 20 USD/TH; a price per machine would be hundreds, and an absent one is None, never 0."""
    prices = [found.price_new_usd_per_ths, found.price_used_usd_per_ths]
    known = [price for price in prices if price is not None]
    assert known
    assert all(1 <= price <= 20 for price in known)
    if None not in prices:
        assert prices == sorted(prices, reverse=True)


def test_eco_setting_saves_energy_per_hash() -> None:
    """S19j Pro at 74.5 TH/s and 1,905 W is 25.57 J/TH; swapped columns would give 0.04."""
    found = catalogue.model("S19j Pro")
    assert found.eco_power_w is not None
    assert found.eco_hashrate_ths is not None
    assert found.eco_power_w / found.eco_hashrate_ths == pytest.approx(25.57, abs=0.005)


def test_a_known_nameplate() -> None:
    """Antminer S21: 200 TH/s, 3,500 W, 17.5 J/TH: columns read into the wrong field show here."""
    found = catalogue.models()["Antminer S21"]
    assert (found.hashrate_ths, found.power_w, found.j_per_th) == (200, 3500, 17.5)
    assert (found.vendor, found.cooling, found.released) == ("Bitmain", "air", "2024-02")
    assert (found.price_new_usd_per_ths, found.price_used_usd_per_ths) == (None, 5.0)


def test_altitude_is_a_limit_of_air_cooled_machines_of_two_makers() -> None:
    """2,000 m where the vendor says so; a limit on a tank of oil would close Ethiopia to it for nothing."""
    limited = {(found.vendor, found.cooling) for found in MODELS if found.altitude_limit_m == 2000}
    assert limited == {("Bitmain", "air"), ("MicroBT", "air")}
    assert {found.altitude_limit_m for found in MODELS} == {None, 2000.0}


def test_the_makers_seat_is_known_or_said_to_be_unknown() -> None:
    """Canaan moved its seat: no country is better than one of two."""
    assert catalogue.model("S21").maker_country == "CN"
    assert catalogue.model("Proto Rig").maker_country == "US"
    assert catalogue.model("A16XP").maker_country == ""


def test_nothing_in_the_catalogue_is_beyond_belief() -> None:
    """The limits are taken from the catalogue: 9.5 J/TH and a tenth, 200 at the other end."""
    assert catalogue.best_model().j_per_th == 9.5
    assert catalogue.lowest_j_per_th("normal") == pytest.approx(8.55)
    assert catalogue.lowest_j_per_th("turbo") == pytest.approx(8.55)
    assert catalogue.lowest_j_per_th("eco") == pytest.approx(7.5004, abs=1e-4)
    assert all(8.55 < found.j_per_th < catalogue.HIGHEST_J_PER_TH for found in MODELS)


# --- the curve of profiles --------------------------------------------------------------------------------


def test_the_curve_is_the_least_squares_fit_of_its_points() -> None:
    """96 TH/s at 2,850 W, 105 at 3,100, 74.5 at 1,905: sum(xy) / sum(xx) of the logarithms is 1.51656.

    Through the low point alone it would be 1.589, through the high one 0.938.
    """
    points = [(105 / 96, 3100 / 2850), (74.5 / 96, 1905 / 2850)]
    logs = [(math.log(h), math.log(p)) for h, p in points]
    by_hand = sum(x * y for x, y in logs) / sum(x * x for x, _ in logs)
    curve = catalogue.profile_curve()
    assert curve.exponent == pytest.approx(by_hand)
    assert curve.exponent == pytest.approx(1.51656, abs=1e-5)
    assert (curve.lowest_share, curve.highest_share) == pytest.approx((0.77604, 1.09375), abs=1e-5)
    assert curve.confidence == "low"


def test_the_curve_misses_its_points_by_little_and_says_nothing_beyond_them() -> None:
    """2 % at the low point, 5 % at the high one, exactly 1 at normal; outside it is an error."""
    curve = catalogue.profile_curve()
    assert curve.power_share(1.0) == 1.0
    assert curve.power_share(74.5 / 96) == pytest.approx(1905 / 2850, rel=0.02)
    assert curve.power_share(105 / 96) == pytest.approx(3100 / 2850, rel=0.06)
    for share in (0.7, 1.2):
        with pytest.raises(ValueError, match="which was tested"):
            curve.power_share(share)


# --- names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", MODELS, ids=named)
def test_every_model_is_found_by_each_of_its_names(found: catalogue.Model) -> None:
    """Full name, with the vendor, in capitals: each leads to this model and to no other."""
    for name in (found.name, f"{found.vendor} {found.name}", found.name.upper(), f"  {found.name} "):
        assert catalogue.model(name) is found


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("S21", "Antminer S21"),
        ("s21 xp hyd", "Antminer S21 XP Hyd"),
        ("Bitmain S19", "Antminer S19"),
        ("S19JPro+", "Antminer S19j Pro+"),
        ("antminer-s19j-pro", "Antminer S19j Pro"),
        ("M60S++", "WhatsMiner M60S++"),
        ("A16XP", "Avalon A16XP"),
        ("A2", "SEALMINER A2"),
        ("Proto Rig", "Proto Rig"),
    ],
)
def test_short_names(short: str, full: str) -> None:
    """The name on the invoice is enough; "S21" is the S21, not the first of eight that contain it."""
    assert catalogue.model(short).name == full


@pytest.mark.parametrize(
    ("typed", "meant"), [("Antminer S21 Prro", "Antminer S21 Pro"), ("S19jj Pro", "Antminer S19j Pro")]
)
def test_unknown_name_says_what_may_have_been_meant(typed: str, meant: str) -> None:
    """A misspelt model must never become its neighbour: it is an error that names the neighbour first."""
    with pytest.raises(catalogue.UnknownModel, match="is not in the catalogue") as caught:
        catalogue.model(typed)
    assert caught.value.name == typed
    assert caught.value.nearest[0] == meant
    assert len(set(caught.value.nearest)) == len(caught.value.nearest) <= 3


def test_name_like_no_other_points_to_the_list() -> None:
    """No suggestion is better than a foolish one."""
    with pytest.raises(catalogue.UnknownModel, match="rigshift catalogue") as caught:
        catalogue.model("Zzzzz")
    assert caught.value.nearest == []


def test_find_wants_every_word() -> None:
    """Bitmain's hydro S21 family only: any-word matching would return half the catalogue."""
    found = {model.name for model in catalogue.find("HYDRO bitmain s21")}
    expected = ["S21 Hyd", "S21+ Hyd", "S21 XP Hyd", "S21e XP Hyd 3U"]
    assert found == {f"Antminer {name}" for name in expected}
    assert len(catalogue.find("")) == len(MODELS) == 56
    assert catalogue.find("s21 whatsminer") == []


def test_callers_cannot_spoil_the_catalogue() -> None:
    """The dictionary is the caller's own copy."""
    catalogue.models().clear()
    assert len(catalogue.models()) == len(MODELS)


# --- provenance of the bundled files ---------------------------------------------------------------------


def test_every_bundled_file_is_listed_with_its_checksum() -> None:
    """A file changed without its provenance, or added without one, fails here."""
    text = (DATA / "sources.csv").read_text(encoding="utf-8")
    listed = {row["file"]: row for row in csv.DictReader(text.splitlines())}
    shipped = {file.name for file in DATA.iterdir()} - {"sources.csv"}
    assert set(listed) == shipped
    for name, row in listed.items():
        content = (DATA / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["sha256"], name
        assert len(content.splitlines()) - 1 == int(row["rows"]), name
        assert all(row[key] for key in ("source", "licence", "date", "note")), name
