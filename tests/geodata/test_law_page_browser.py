"""The page in a real browser, from a file, offline: dates, clicks, keys, search, and nothing leaves.

Needs Chromium (CHROMIUM=PATH, or one on the path) and playwright; skipped, saying so, without them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely

from geodata.law_marks import RuleNote, SiteMark, Span, ZoneMark
from geodata.law_page import law_page

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
if CHROMIUM is None:
    pytest.skip("no Chromium on the path; install one or set CHROMIUM", allow_module_level=True)

FLAGS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"),
]
ATTACK = "<img src=x onerror=\"document.title='run'\"></script><script>document.title='run'</script>"
START, TURN, END = date(2025, 1, 1), date(2025, 4, 7), date(2027, 12, 31)
RULES = [
    RuleNote(
        *("season", "Decree 1869", "seasonal", START, date(2031, 3, 15), "Only in the south."),
        *("in_force", "confirmed_2", "https://example.org/decree", ATTACK),
    ),
    RuleNote(
        "register", "Law 221-FZ", "registration", START, None, "", "in_force", "one_source", "a gazette"
    ),
]
REGISTER = Span(START, END, "registration", ("register",))
CALENDARS = {
    "RU-IRK": [REGISTER, Span(TURN, END, "banned", ("season",), is_partial=True)],
    "RU-BU": [REGISTER, Span(TURN, END, "banned", ("season",), is_partial=True, rest="registration")],
    "RU-KK": [REGISTER],
    "US-TX": [Span(START, END, "conditions")],
}
SITES = [
    SiteMark("angarsk", "Angarsk hall", 52.5, 103.85, 38, tuple(CALENDARS["RU-IRK"])),
    SiteMark("odd", ATTACK, 53.1, 91.4, 6, (REGISTER,), ATTACK),
]
ZONES = [
    ZoneMark("Shore", shapely.box(104, 51.5, 108, 53), "ban", date(2026, 1, 1)),
    ZoneMark("Buryatia: 20 districts", shapely.box(105, 51, 109, 53), "ban", TURN, END, is_own=False),
]
KNOWN_TO = {"RU": date(2026, 4, 23), "US": None}


class Seen:
    """One opened page with what it said and asked for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.said: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def look(self, code: str) -> str:
        """The classes of a region on the map."""
        return str(self.page.get_attribute(f'[data-code="{code}"]', "class"))

    def card(self) -> str:
        return str(self.page.inner_text("#card"))

    def today(self) -> str:
        return str(self.page.inner_text("#today"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "law.html"
    html = law_page("Law", START, END, CALENDARS, SITES, ZONES, RULES, known_to=KNOWN_TO)
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture
def seen(browser: Any, file: Path) -> Iterator[Seen]:
    """The page, opened; when the test is done it must have said nothing and asked for nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    opened = Seen(context.new_page())
    opened.page.goto(file.as_uri())
    opened.page.wait_for_selector("html[data-ready]")
    yield opened
    assert opened.said == []
    assert opened.requests == [file.as_uri()]
    assert opened.page.title() == "Law"
    context.close()


def test_the_slider_changes_the_colours(seen: Seen) -> None:
    assert seen.look("RU-IRK") == "region s-registration"
    assert seen.look("RU-MUR") == "region s-unknown"
    seen.page.focus("#month")
    for _ in range(3):
        seen.page.keyboard.press("ArrowRight")
    assert seen.today() == "1 April 2025"
    assert seen.look("RU-IRK") == "region s-registration"
    seen.page.keyboard.press("ArrowRight")
    assert seen.today() == "1 May 2025"
    assert seen.look("RU-IRK") == "region s-banned part"
    assert seen.look("RU-KK") == "region s-registration"
    legend = "".join(seen.page.inner_text("#legend").split())
    assert "Bannedinpart1" in legend
    assert "Bannedindistricts1" in legend


def test_the_next_change_is_an_exact_day(seen: Seen) -> None:
    seen.page.click("[data-do=next]")
    assert seen.today() == "7 April 2025"
    assert seen.look("RU-IRK") == "region s-banned part"
    seen.page.click("[data-do=before]")
    assert seen.today() == "1 April 2025"
    seen.page.fill("#day", "2025-04-06")
    assert seen.look("RU-IRK") == "region s-registration"
    seen.page.fill("#day", "2025-04-07")
    assert seen.look("RU-IRK") == "region s-banned part"


def test_a_click_shows_the_rules(seen: Seen) -> None:
    seen.page.fill("#day", "2026-07-01")
    seen.page.dispatch_event('[data-code="RU-IRK"]', "click")
    card = seen.card()
    for text in (
        *("Irkutsk Oblast", "Banned (in part of the region)", "From 2025-04-07", "Decree 1869"),
        *("since 2025-01-01, until 2031-03-15", "Only in the south.", "confirmed by two sources", ATTACK),
        *("Law 221-FZ", "no end known", "a gazette"),
    ):
        assert text in card
    assert seen.page.get_attribute("#card a", "href") == "https://example.org/decree"
    assert seen.page.locator("#card img, #sites img, #map img").count() == 0


def test_the_mouse_points_drags_and_zooms(seen: Seen) -> None:
    site = seen.page.locator('[data-site="0"]').bounding_box()
    seen.page.mouse.move(site["x"] + site["width"] / 2, site["y"] + site["height"] / 2)
    assert "Angarsk hall, 38 MW" in seen.page.inner_text("#tip")
    seen.page.mouse.click(site["x"] + site["width"] / 2, site["y"] + site["height"] / 2)
    assert seen.card().startswith("Angarsk hall")
    before = seen.page.get_attribute("#map", "viewBox")
    seen.page.mouse.wheel(0, -100)
    zoomed = seen.page.get_attribute("#map", "viewBox")
    assert float(zoomed.split()[2]) < float(before.split()[2])
    seen.page.mouse.down()
    seen.page.mouse.move(site["x"] - 60, site["y"] - 40, steps=3)
    seen.page.mouse.up()
    assert seen.page.get_attribute("#map", "viewBox").split()[0] > zoomed.split()[0]
    assert seen.card().startswith("Angarsk hall")  # a drag picks nothing
    seen.page.click("text=Reset")
    assert seen.page.get_attribute("#map", "viewBox") == before


def test_search_travels_to_regions_and_sites_in_any_view(seen: Seen) -> None:
    seen.page.fill("#search", "texas")
    seen.page.press("#search", "Enter")
    assert seen.card().startswith("Texas")
    assert seen.page.get_attribute('[data-view="north_america"]', "aria-pressed") == "true"
    seen.page.fill("#search", "Angarsk")
    seen.page.press("#search", "Enter")
    assert seen.card().startswith("Angarsk hall")
    assert seen.page.get_attribute('[data-view="eurasia"]', "aria-pressed") == "true"


def test_everything_is_reached_by_keys(seen: Seen) -> None:
    seen.page.dispatch_event('[data-code="RU-KYA"]', "click")
    seen.page.focus('[data-code="RU-KYA"]')
    seen.page.keyboard.press("ArrowRight")
    reached = seen.page.evaluate("document.activeElement.dataset.code")
    assert reached.startswith("RU-")
    assert reached != "RU-KYA"
    assert not seen.page.is_hidden("#tip")
    seen.page.keyboard.press("Enter")
    assert reached in seen.card()
    width = float(seen.page.get_attribute("#map", "viewBox").split()[2])
    seen.page.keyboard.press("+")
    assert float(seen.page.get_attribute("#map", "viewBox").split()[2]) < width
    seen.page.keyboard.press("n")
    assert seen.today() == "7 April 2025"
    seen.page.focus("#sites button")
    seen.page.keyboard.press("Enter")
    assert seen.card().startswith("Angarsk hall")
    assert seen.page.evaluate("document.activeElement.textContent") == "Angarsk hall"


def test_zones_hold_on_their_days_only(seen: Seen) -> None:
    zone = seen.page.locator('[data-zone="0"]')
    assert not zone.is_visible()
    seen.page.fill("#day", "2026-01-01")
    assert zone.is_visible()


def test_closed_districts_are_drawn_on_their_days_and_not_listed(seen: Seen) -> None:
    districts = seen.page.locator('[data-zone="1"]')
    assert districts.get_attribute("class") == "districts s-banned"
    assert not districts.is_visible()
    seen.page.fill("#day", "2025-04-06")
    assert not districts.is_visible()
    seen.page.fill("#day", "2025-04-07")
    assert districts.is_visible()
    fill = "node => getComputedStyle(node).fill"
    assert "#whole-banned" in districts.evaluate(fill)
    assert seen.look("RU-BU") == "region s-registration"
    assert seen.look("RU-IRK") == "region s-banned part"  # its districts are not drawn here
    seen.page.dispatch_event('[data-code="RU-BU"]', "click")
    assert "Banned (in part of the region; elsewhere: Registration required)" in seen.card()
    assert "Shore" in seen.page.inner_text("#zones")
    assert "Buryatia" not in seen.page.inner_text("#zones")


def test_the_card_says_up_to_when_the_law_of_the_country_is_known(seen: Seen) -> None:
    told = {}
    for code in ("RU-MUR", "US-TX", "MN-1"):
        seen.page.dispatch_event(f'[data-code="{code}"]', "click") if code != "US-TX" else search(seen, code)
        told[code] = seen.card()
        search(seen, "RU-MUR")
    assert "Law of Russia known up to 2026-04-23" in told["RU-MUR"]
    assert "Law of United States: no page read bears a date" in told["US-TX"]
    assert "Law of" not in told["MN-1"]
    assert "No rule on record" in told["MN-1"]


def search(seen: Seen, text: str) -> None:
    seen.page.fill("#search", text)
    seen.page.press("#search", "Enter")


def test_sites_have_tab_stops_and_keep_them(seen: Seen) -> None:
    focused = "document.activeElement.dataset.site"
    seen.page.dispatch_event('[data-code="RU-KYA"]', "click")
    seen.page.focus('[data-code="RU-KYA"]')
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate(focused) == "0"
    assert "Angarsk hall" in seen.page.inner_text("#tip")
    for key in ("+", "n", "Enter"):
        seen.page.keyboard.press(key)
        assert seen.page.evaluate(focused) == "0"
    assert seen.card().startswith("Angarsk hall")
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate(focused) == "1"


def test_a_site_out_of_view_is_brought_into_it(seen: Seen) -> None:
    search(seen, "RU-CHU")
    before = seen.page.get_attribute("#map", "viewBox").split()
    seen.page.focus('[data-site="0"]')
    after = seen.page.get_attribute("#map", "viewBox").split()
    assert float(after[0]) < float(before[0])
    assert after[2] == before[2]  # no zoom
    room, site = (seen.page.locator(each).bounding_box() for each in ("#map", '[data-site="0"]'))
    assert room["x"] < site["x"] < room["x"] + room["width"]
    assert room["y"] < site["y"] < room["y"] + room["height"]


@pytest.mark.parametrize("width_px", [320, 390, 768])
def test_nothing_is_wider_than_the_screen(browser: Any, file: Path, width_px: int) -> None:
    page = browser.new_page(viewport={"width": width_px, "height": 800}, offline=True)
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate("document.documentElement.scrollWidth") == width_px
    page.close()


def test_an_address_opens_a_day_and_a_view(browser: Any, file: Path) -> None:
    page = browser.new_page(offline=True)
    page.goto(f"{file.as_uri()}#date=2027-01-15&view=world")
    page.wait_for_selector("html[data-ready]")
    assert page.inner_text("#today") == "15 January 2027"
    assert page.get_attribute('[data-view="world"]', "aria-pressed") == "true"
    page.close()


def test_play_goes_on_by_months_and_stops(seen: Seen) -> None:
    seen.page.clock.install()
    seen.page.reload()
    seen.page.wait_for_selector("html[data-ready]")
    seen.requests.clear()
    seen.requests.append(seen.page.url)
    seen.page.click("text=Play")
    seen.page.clock.run_for(2_150)
    assert seen.today() == "1 April 2025"
    seen.page.clock.run_for(60_000)
    assert seen.today() == "31 December 2027"
    assert seen.page.inner_text("[data-do=play]") == "Play"
