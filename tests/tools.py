"""Programs outside Python that some tests need: where one lacks its tests skip by name, or fail where every tool is required, as in CI."""

import os
import shutil

import pytest

OTHER_NAMES = {"chromium": ("chromium-browser", "google-chrome")}


def needed(name: str) -> str:
    """The path of a program; the test that asks ends here where the machine has none."""
    for each in (name, *OTHER_NAMES.get(name, ())):
        if program := shutil.which(each):
            return program
    if os.environ.get("XIANLI_REQUIRE_TOOLS") == "1":
        pytest.fail(f"{name} is required here and lacks")
    pytest.skip(f"{name} lacks")
