"""In a sandbox the first page says which day it is, and where the carrier shows what it saw."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from orchestrator.runtime import Runtime
from orchestrator.store import sandbox
from tests.orchestrator.web.conftest import Client


@pytest.mark.usefixtures("lived")
def test_the_first_page_leads_to_what_the_carrier_saw(staff: Callable[[str], Client], runtime: Runtime) -> None:
    visitor, way = staff("supervisor"), f'href="{runtime.settings.post_url}/?lang='
    assert way not in visitor.get("/").text
    with runtime.store.begin() as rows:
        sandbox.begin(rows, runtime.now(), runtime.now() + timedelta(days=60))
    assert way in visitor.get("/").text
