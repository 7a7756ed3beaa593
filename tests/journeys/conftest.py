"""Journeys are lived against the carrier and the web application, each on a port of its own."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from logging import WARNING
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from channels import open_channels
from channels.carrier.server import carrier_app
from channels.carrier.world import World
from orchestrator.runtime import Runtime
from orchestrator.sandbox.carrier import Carrier
from orchestrator.sandbox.far_side import identity
from orchestrator.web.app import create_app
from tests.channels.conftest import SEED, carrier_stage, house_stage
from tests.channels.conftest import Stage as Served
from tests.conftest import Clock
from tests.journeys.stage import Stage

__all__ = ["carrier_stage", "house_stage"]

SPOILED = "uvicorn.error"
"""The carrier's own server, which complains of an answer that it was told to cut off."""


@pytest.fixture
def stated() -> dict[str, Any]:
    """Settings that differ, as if the environment said so."""
    return {}


@pytest.fixture
def stage(
    runtime: Runtime,
    stated: dict[str, Any],
    clock: Clock,
    carrier_stage: tuple[Served, str],
    house_stage: tuple[Served, str],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Stage]:
    """All on one clock. Every journey ends lawful, with whole evidence, and with nothing that a log would complain of."""
    (carrier, carrier_url), (house, house_url) = carrier_stage, house_stage
    addresses = {"public_url": house_url, "post_url": carrier_url, "twilio_api_url": carrier_url, "alibaba_cloud_api_url": carrier_url}
    settings = runtime.settings.model_copy(update={**addresses, "exhibits": tmp_path, **stated})
    here = replace(runtime, settings=settings, lines=open_channels(settings, clock))
    people = World(SEED, clock.at, clock, journal=None)
    with (
        capture_logs() as told,
        house.play(create_app(here, hear=lambda receipt_ids: None, ask=lambda attempt_ids: None)),  # what came, the next sweep offers
        carrier.play(carrier_app(people, identity(settings), f"{house_url}/webhooks/twilio/sms")),
        closing(Carrier(carrier_url)) as client,
    ):
        lived = Stage(here, client, carrier_url, clock, tmp_path)
        yield lived
        assert lived.violations() == []
        assert lived.faults_of_evidence() == ()
        assert [line for line in told if line["log_level"] not in ("debug", "info")] == []
        assert [each.message for each in caplog.get_records("call") if each.levelno >= WARNING and each.name != SPOILED] == []
