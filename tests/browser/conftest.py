"""A real browser at the real pages. Where the machine has no Chromium the tests skip by name, except where every tool is required."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.orchestrator.web.conftest import client, heard, lived
from tests.tools import needed

__all__ = ["client", "heard", "lived"]

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=needed("chromium"), args=list(QUIET))
        yield running
        running.close()


@dataclass
class Seat:
    """A browser window of a member of staff, and everything it complained about or asked elsewhere."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda asked: None if asked.url.startswith(self.base) else self.complaints.append(asked.url))

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def log_in(self, name: str, password: str) -> Page:
        page = self.open("/login")
        page.fill("[name=username]", name)
        page.fill("[name=password]", password)
        page.click("button.primary")
        expect(page.locator(".matrix")).to_be_visible()
        return page
