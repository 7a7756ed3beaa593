"""Every page, by day and by night, in both languages: fit for whoever cannot see it, or uses no mouse, and quiet towards others."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from sqlalchemy import text

from orchestrator import people
from orchestrator.runtime import Runtime
from orchestrator.web.console.words import LANGUAGES
from tests.browser.conftest import Seat
from tests.orchestrator.web.conftest import Client
from tests.orchestrator.web.test_console import PAGES
from tests.world import World, month

pytestmark = pytest.mark.tool("chromium")

DRAWN = (*(page for page in PAGES if "live" not in page), "/letters", "/originals", "/files")
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}


@pytest.fixture
def seat(browser: Browser, client: Client, runtime: Runtime, lived: World) -> Iterator[Seat]:
    """An administrator, with a call to make."""
    home = lived.home("5-1-0101", "周宁", "+8619900007777", charges=[month(2026, 9)]).open_case()
    home.task("call", home.attempt("call", "accepted", step="second-call"), about="second-call")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    seat = Seat(context.new_page(), client.base)
    seat.watch()
    seat.log_in("林主管", people.add(runtime, "林主管", "administrator"))
    yield seat
    context.close()
    assert seat.complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_meets_wcag_at_level_aa(seat: Seat, language: str, runtime: Runtime) -> None:
    with runtime.store.begin() as rows:
        call = rows.execute(text("SELECT id FROM task WHERE kind = 'call'")).scalar_one()
    seat.open(f"/language/{language}")
    found = {}
    for path in (*DRAWN, f"/tasks/{call}"):
        page = seat.open(path)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            violations = Axe().run(page, options=WCAG).response["violations"]
            if violations:
                found[path, scheme] = [(each["id"], [node["target"] for node in each["nodes"]]) for each in violations]
    assert found == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_menu_is_seen_on_a_desk_and_the_open_page_is_in_sight_on_a_phone(seat: Seat, language: str) -> None:
    seat.open(f"/language/{language}")
    menu = seat.open("/evidence").locator(".bar nav")
    for width in (1024, 1280, 1600, 1920):
        seat.page.set_viewport_size({"width": width, "height": 900})
        assert menu.evaluate("(menu) => menu.scrollWidth <= menu.clientWidth"), width
    seat.page.set_viewport_size({"width": 390, "height": 800})
    left, right = (
        seat.open("/evidence")
        .locator(".bar nav [aria-current]")
        .evaluate("(open) => [open.getBoundingClientRect().left, open.getBoundingClientRect().right]")
    )
    assert 0 <= left < right <= 390


def test_whoever_uses_no_mouse_comes_to_the_page_first_and_sees_where_they_are(seat: Seat) -> None:
    page = seat.open("/cases")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
