"""A test that needs a program says which: it is skipped by that name, and never where every tool is required."""

import re

import pytest

from tests.architecture.source import ROOT
from tests.tools import needed


def test_what_lacks_is_skipped_by_name(monkeypatch):
    monkeypatch.delenv("XIANLI_REQUIRE_TOOLS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-program lacks"):
        needed("no-such-program")


def test_what_lacks_fails_where_every_tool_is_required(monkeypatch):
    monkeypatch.setenv("XIANLI_REQUIRE_TOOLS", "1")
    with pytest.raises(pytest.fail.Exception, match="no-such-program is required"):
        needed("no-such-program")


def test_ci_installs_every_program_that_a_test_names():
    installed = set(re.findall(r"\[([\w-]+)\]=", (ROOT / ".ci" / "run").read_text(encoding="utf-8")))
    named = {
        name
        for path in (ROOT / "tests").rglob("*.py")
        for call in re.findall(r"(?:mark\.tool|[^_]needed)\(((?:\"[\w-]+\",? ?)+)\)", path.read_text(encoding="utf-8"))
        for name in re.findall(r"[\w-]+", call)
    } - {"no-such-program"}
    assert {"chromium", "openssl", "pdfsig", "pdftoppm", "softhsm2-util"} <= named <= installed
