"""Which channels a configuration opens."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from channels import open_channels
from channels.contract import Accepted, ForgedRequest, SignedRequest, Sought

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def opened(settings):
    return open_channels(settings, lambda: MORNING)


def test_without_a_provider_staff_and_print_room_still_work(settings):
    assert set(opened(replace(settings, twilio_account_sid=None))) == {"letter", "visit", "call"}


def test_a_messaging_service_alone_opens_texts_but_no_calls(settings):
    service = replace(settings, twilio_from=None, twilio_messaging_service_sid="MG" + "0" * 32)
    assert set(opened(service)) == {"letter", "visit", "call", "sms"}


@pytest.mark.parametrize(
    "half",
    [{"twilio_auth_token": None}, {"twilio_from": None}, {"post_url": "http://127.0.0.1:9"}],
)
def test_half_a_configuration_is_an_error_at_the_start(settings, half):
    with pytest.raises(ValueError, match=r"needed|without"):
        opened(replace(settings, **half))


def test_every_channel_names_itself_and_its_provider(settings):
    for name, adapter in opened(settings).items():
        assert adapter.channel == name
        assert adapter.provider in ("twilio", "print", "staff")
        assert adapter.capabilities("CN").available


@pytest.mark.parametrize("channel", ["visit", "call"])
def test_a_task_for_staff_is_the_attempt_itself(settings, a_message, channel):
    adapter = opened(settings)[channel]
    handover = adapter.send(a_message(channel, "3-1-0401", attempt_id=77))
    assert isinstance(handover, Accepted)
    assert (handover.provider, handover.provider_id) == ("staff", "task-77")
    assert adapter.find(Sought(77, "3-1-0401", "", MORNING)) == handover
    with pytest.raises(ForgedRequest):
        adapter.parse_receipt(SignedRequest("https://xianli.example", 77, [], {}))
