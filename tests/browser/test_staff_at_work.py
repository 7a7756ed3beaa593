"""A supervisor's morning in a real browser: no error in its console, no request to another host."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from orchestrator import people
from orchestrator.runtime import Runtime
from tests.browser.conftest import Seat
from tests.orchestrator.web.conftest import Client
from tests.world import Home, World, month

pytestmark = pytest.mark.tool("chromium")


@pytest.fixture
def home(world: World) -> Home:
    home = world.home("3-1-0401", "孙丽", "+8619900003958", charges=[month(2026, 8), month(2026, 9)]).open_case()
    home.asks_approval()
    return home


@pytest.fixture
def seat(browser: Browser, client: Client, runtime: Runtime, home: Home) -> Iterator[Seat]:
    password = people.add(runtime, "林主管", "supervisor")
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    seat = Seat(context.new_page(), client.base)
    seat.watch()
    seat.log_in("林主管", password)
    yield seat
    context.close()
    assert seat.complaints == []


def test_the_matrix_leads_to_the_case_and_back_to_the_approval(seat: Seat, runtime: Runtime) -> None:
    seat.page.click("a.strip")
    expect(seat.page.locator("h1")).to_contain_text("3-1-0401")
    expect(seat.page.locator(".why")).to_contain_text("为什么等待，等到何时")
    seat.open("/approvals")
    seat.page.keyboard.press("j")
    seat.page.keyboard.press("a")
    seat.page.keyboard.press("Enter")
    expect(seat.page.locator(".flash.success")).to_have_text("已批准。")
    with runtime.store.begin() as rows:
        assert rows.execute(text("SELECT state, decided_by FROM approval")).one() == ("approved", "林主管")


def test_a_bar_turns_green_before_the_eyes_when_its_demand_is_signed_for(seat: Seat, home: Home) -> None:
    bar = seat.page.locator(f"#c{home.charge_ids[0]}")
    expect(bar).to_have_class("missing")
    home.attempt("letter", "delivered", outcome="handed_over", step="formal-demand", signer="self")
    expect(bar).to_have_class("running", timeout=10_000)
    expect(seat.page.locator(".score b")).to_have_text("2")


def test_every_page_fits_a_phone(seat: Seat, home: Home) -> None:
    home.task("visit", home.attempt("visit", "accepted", step="visit"))
    seat.page.set_viewport_size({"width": 360, "height": 740})
    for path in (
        "/",
        "/cases",
        f"/cases/{home.case_id}",
        f"/cases/{home.case_id}/evidence",
        "/approvals",
        "/tasks",
        "/visits",
        "/campaigns",
        "/evidence",
    ):
        width = seat.open(path).evaluate("document.documentElement.scrollWidth")
        assert width <= 360, path


def test_the_language_is_chosen_and_stays(seat: Seat) -> None:
    seat.page.click(".languages a[lang=en]")
    expect(seat.page.locator("#matrix-heading")).to_have_text("Proof matrix")
    expect(seat.open("/cases").locator("h1")).to_contain_text("Cases")
