"""The carrier refuses one sender and takes the other: the debtor is written to once, by the one that works."""

from dataclasses import replace

import pytest

from channels import open_channels
from tests.channels.conftest import somebody
from tests.journeys.stage import Bill, Stage, local
from tests.journeys.test_lost_answers import TEXTED
from tests.journeys.test_whole_cases import AUTUMN, NAME, RUNG_IN_VAIN, UNIT, ignores_all

FIRST, SECOND = "+15005550006", "+15005550007"


@pytest.fixture
def written_to(stage: Stage) -> Stage:
    """A case just before its notice by text, with two senders to write it."""
    settings = stage.runtime.settings.model_copy(update={"twilio_from": f"{FIRST},{SECOND}"})
    stage.runtime = replace(stage.runtime, lines=open_channels(settings, stage.clock))
    stage.bill(Bill(UNIT, NAME, somebody(ignores_all), AUTUMN))
    stage.open_cases()
    stage.live(local("2026-11-30 08:59"))
    return stage


def senders(stage: Stage) -> list[str]:
    return [sent["from"] for sent in stage.carrier.log() if sent["kind"] == "sms"]


@pytest.mark.parametrize("code", [30034, 30007])
def test_a_notice_that_one_sender_is_refused_leaves_by_the_other_once(written_to: Stage, code: int) -> None:
    written_to.spoil("error", "sms", code=code)
    written_to.live(local("2026-12-05 12:00"))
    assert senders(written_to) == [SECOND]
    assert written_to.handovers("notice-sms") == [("delivered", 2)]
    assert written_to.seen() == {UNIT: [*RUNG_IN_VAIN, TEXTED]}


def test_what_the_second_sender_lost_is_found_under_its_own_name(written_to: Stage) -> None:
    written_to.spoil("error", "sms", code=30034)
    written_to.spoil("accept_then_reset", "sms")
    written_to.spoil("callback_lost", "sms", count=2)
    written_to.live(local("2026-12-05 12:00"))
    assert senders(written_to) == [SECOND]
    assert written_to.value("SELECT sender FROM attempt WHERE step = 'notice-sms'") == SECOND
    assert written_to.value("SELECT state FROM attempt WHERE step = 'notice-sms'") == "delivered"


def test_a_notice_that_both_senders_are_refused_has_failed(written_to: Stage) -> None:
    written_to.spoil("error", "sms", code=30034, count=2)
    written_to.live(local("2026-11-30 09:30"))
    assert senders(written_to) == []
    assert written_to.handovers("notice-sms") == [("failed", 2)]
