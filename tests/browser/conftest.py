"""A real browser at the real pages. Where the machine has no Chromium the tests skip by name, except where every tool is required."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.orchestrator.web.conftest import client, heard
from tests.tools import needed

__all__ = ["client", "heard"]

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
