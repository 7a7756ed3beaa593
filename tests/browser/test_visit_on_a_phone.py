"""A visit on a phone: a photo, a signature, and a connection that is lost in the middle of both."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import text

from orchestrator import people
from orchestrator.runtime import Runtime
from orchestrator.store import proofs, routes
from tests.orchestrator.web.conftest import Client
from tests.world import Home, World, month

pytestmark = pytest.mark.tool("chromium")


@dataclass
class Phone:
    """A collector's phone, what it complained of, and the pieces of files it sent."""

    context: BrowserContext
    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", lambda said: self._complain(said.text) if said.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda asked: self.pieces.append(asked.headers["upload-offset"]) if asked.method == "PATCH" else None)

    def _complain(self, said: str) -> None:
        """That a connection was lost is what the browser must say; anything else is ours."""
        if "net::ERR_INTERNET_DISCONNECTED" not in said and "net::ERR_FAILED" not in said:
            self.complaints.append(said)

    def loses_its_connection_after(self, pieces: int) -> None:
        """The line is dead from the piece after that many on, until `finds_it_again`."""

        def carry(route: Route) -> None:
            if len(self.pieces) > pieces:
                self.context.set_offline(True)
                route.abort()
            else:
                route.continue_()

        self.page.route("**/visits/uploads/*", carry)

    def finds_it_again(self) -> None:
        self.page.unroute("**/visits/uploads/*")
        self.context.set_offline(False)

    def signs(self) -> None:
        pad = self.page.locator("#signature")
        pad.evaluate("pad => pad.scrollIntoView({block: 'center'})")
        box = pad.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 30, box["y"] + 60)
        self.page.mouse.down()
        for step in range(1, 8):
            self.page.mouse.move(box["x"] + 30 + 25 * step, box["y"] + 60 + (20 if step % 2 else -20))
        self.page.mouse.up()


@pytest.fixture
def home(world: World) -> Home:
    home = world.home("3-1-0401", "孙丽", charges=[month(2026, 5)]).open_case(cursor=4)
    home.task("visit", home.attempt("visit", "accepted", step="visit", body="您好，我是物业服务中心的工作人员。"))
    return home


@pytest.fixture
def phone(browser: Browser, client: Client, runtime: Runtime, world: World, home: Home) -> Iterator[Phone]:
    password = people.add(runtime, "陈工", "collector")
    with world.store.begin() as rows:
        stop = routes.Planned(1, 1, 1)
        routes.approve(rows, world.community_id, "3", world.now.date(), [stop], "陈工", None, "林主管", world.now, world.now)
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        geolocation={"latitude": 30.27, "longitude": 120.155, "accuracy": 12},
        permissions=["geolocation"],
    )
    phone = Phone(context, context.new_page(), client.base)
    phone.watch()
    phone.page.goto(client.base + "/login")
    phone.page.fill("[name=username]", "陈工")
    phone.page.fill("[name=password]", password)
    phone.page.click("button.primary")
    yield phone
    context.close()
    assert phone.complaints == []


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """As large as a few pieces of an upload."""
    made = BytesIO()
    Image.effect_noise((700, 700), 120).convert("RGB").save(made, "JPEG", quality=90)
    assert len(made.getvalue()) > 3 * 128 * 1024
    path = tmp_path / "door.jpg"
    path.write_bytes(made.getvalue())
    return path


def test_a_visit_is_reported_whole_over_a_connection_that_is_lost_in_the_middle(
    phone: Phone, home: Home, picture: Path, runtime: Runtime, world: World
) -> None:
    page = phone.page
    page.goto(phone.base + "/visits")
    page.click("text=3-1-0401")
    page.click("text=我在门口，开始")
    expect(page.locator("#code")).to_be_visible()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    phone.loses_its_connection_after(pieces=2)
    page.set_input_files("input[data-shot=door_number]", picture)
    expect(page.locator("#status")).to_contain_text("没有网络")
    page.check("[name=outcome][value=handed_over]")
    page.select_option("[name=signer]", "self")
    page.fill("[name=signer_name]", "孙丽")
    page.fill("[name=note]", "月底前扫码缴费")
    page.check("[name=ticked][value=outside_only]")
    page.click("#locate")
    expect(page.locator("#located")).to_contain_text("12")
    phone.signs()
    page.click("text=完成并发送")
    expect(page.locator("#status")).to_contain_text("没有网络")
    with world.store.begin() as rows:
        assert rows.execute(text("SELECT state FROM task")).scalar() == "open"
        assert rows.execute(text("SELECT count(*) FROM exhibit")).scalar() == 0

    phone.finds_it_again()
    expect(page.locator(".stop.done")).to_be_visible(timeout=20_000)
    assert phone.pieces.count("0") == 2, "one piece begins the photo and one the signature: nothing was sent again from the start"
    with runtime.store.begin() as rows:
        kinds = rows.execute(text("SELECT kind, size FROM exhibit ORDER BY id")).all()
        report = rows.execute(text("SELECT report FROM task")).scalar_one()
        (demand,) = proofs.demands(rows, home.charge_ids)[home.charge_ids[0]]
    assert [kind for kind, _ in kinds] == ["photo", "signature"]
    assert kinds[0].size == picture.stat().st_size
    assert (report["signer_name"], report["note"], report["checklist"]) == ("孙丽", "月底前扫码缴费", ["outside_only"])
    assert report["place"] == {"latitude": "30.27000", "longitude": "120.15500", "accuracy": "12"}
    assert demand.grade == "A"
    assert page.evaluate("Object.keys(localStorage)") == []


def test_what_was_typed_is_there_when_the_page_opens_again_and_gone_after_logging_out(phone: Phone) -> None:
    page = phone.page
    page.goto(phone.base + "/visits/1")
    page.click("text=我在门口，开始")
    page.fill("[name=note]", "邻居称周末在家")
    page.check("[name=outcome][value=no_answer]")
    page.reload()
    expect(page.locator("[name=note]")).to_have_value("邻居称周末在家")
    expect(page.locator("[name=outcome][value=no_answer]")).to_be_checked()
    page.click("text=退出")
    expect(page.locator("[name=username]")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage)") == []


def test_a_photo_that_was_not_sent_yet_outlasts_the_page(phone: Phone, picture: Path, runtime: Runtime) -> None:
    page = phone.page
    page.goto(phone.base + "/visits/1")
    page.click("text=我在门口，开始")
    phone.loses_its_connection_after(pieces=1)
    page.set_input_files("input[data-shot=notice]", picture)
    expect(page.locator("#status")).to_contain_text("没有网络")
    phone.finds_it_again()
    page.goto(phone.base + "/visits")
    page.goto(phone.base + "/visits/1")
    expect(page.locator("#files .kept").first).to_be_visible(timeout=15_000)
    with runtime.store.begin() as rows:
        assert rows.execute(text("SELECT count(*), max(size) FROM exhibit")).one() == (1, picture.stat().st_size)


def test_a_photo_chosen_while_the_page_is_still_loading_is_sent_too(phone: Phone, picture: Path) -> None:
    page = phone.page
    page.goto(phone.base + "/visits/1")
    page.click("text=我在门口，开始")
    expect(page.locator("#code")).to_be_visible()
    page.wait_for_load_state()
    scripts: list[Route] = []
    page.route("**/visits.js*", lambda script: scripts.append(script))
    with page.expect_request("**/visits.js*"):
        page.goto(phone.base + "/visits/1", wait_until="commit")
    page.set_input_files("input[data-shot=notice]", picture)
    for script in scripts:
        script.continue_()
    expect(page.locator("#files .kept")).to_have_count(1, timeout=15_000)
