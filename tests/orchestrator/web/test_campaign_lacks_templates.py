"""A proposal that cannot be approved says why in place of the button."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from channels.lines import Lines
from orchestrator import campaigns
from orchestrator.runtime import Runtime
from orchestrator.web.app import create_app
from tests.lines import Line
from tests.orchestrator.test_templates_before_approval import ByTemplate
from tests.orchestrator.web.conftest import Client, Heard, serving
from tests.orchestrator.web.test_console import LogIn
from tests.world import World, month


@pytest.fixture
def mainland(runtime: Runtime) -> Runtime:
    """Texts to the mainland go by a provider of templates."""
    staff = tuple(Line(channel) for channel in ("letter", "call", "visit"))
    return replace(runtime, lines=Lines(general=staff, by_country={"CN": (ByTemplate("sms", provider="alibaba", sender="alibaba"),)}))


@pytest.fixture
def client(mainland: Runtime, heard: Heard) -> Iterator[Client]:
    with serving(create_app(mainland, heard)) as address, Client(address) as stranger:
        yield stranger


def test_what_lacks_stands_where_the_approval_would(staff: LogIn, mainland: Runtime, world: World) -> None:
    world.home("3-1-0401", "孙丽", "+8619900003958", charges=[month(2026, 9)])
    proposed = campaigns.propose(mainland, world.community_name, "2026-11", "陈静")

    page = staff("administrator").get(f"/campaigns/{proposed.campaign_id}").text
    assert "notice-sms [zh] by alibaba for 1 number: no approved template" in page
    assert f"/campaigns/{proposed.campaign_id}/approve" not in page
