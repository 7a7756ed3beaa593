"""Which channels a configuration opens."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from channels import open_channels
from channels.contract import Accepted, ForgedRequest, SignedRequest, Sought
from channels.lines import LineName

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def opened(settings):
    return open_channels(settings, lambda: MORNING)


def channels(lines):
    return {line.channel for line in lines}


def test_without_a_provider_staff_and_print_room_still_work(settings):
    assert channels(opened(replace(settings, twilio_account_sid=None))) == {"letter", "visit", "call"}


def test_a_messaging_service_alone_opens_texts_but_no_calls(settings):
    service = replace(settings, twilio_from=None, twilio_messaging_service_sid="MG" + "0" * 32)
    assert channels(opened(service)) == {"letter", "visit", "call", "sms"}


@pytest.mark.parametrize(
    "half",
    [{"twilio_auth_token": None}, {"twilio_from": None}, {"post_url": "http://127.0.0.1:9"}],
)
def test_half_a_configuration_is_an_error_at_the_start(settings, half):
    with pytest.raises(ValueError, match=r"needed|without"):
        opened(replace(settings, **half))


def test_every_line_names_its_provider_and_its_sender(settings):
    assert [str(LineName.of(line)) for line in opened(settings)] == [
        "print",
        "staff",
        "staff",
        "twilio +8657100000000",
        "twilio +8657100000000",
    ]
    assert all(line.capabilities("CN").available for line in opened(settings))


@pytest.mark.parametrize("channel", ["visit", "call"])
def test_a_task_for_staff_is_the_attempt_itself(settings, a_message, channel):
    adapter = opened(settings).of(channel)
    handover = adapter.send(a_message(channel, "3-1-0401", attempt_id=77))
    assert isinstance(handover, Accepted)
    assert (handover.provider, handover.provider_id) == ("staff", "task-77")
    assert adapter.find(Sought(77, "3-1-0401", "", MORNING)) == handover
    with pytest.raises(ForgedRequest):
        adapter.parse_receipt(SignedRequest("https://xianli.example", 77, [], {}))


MAINLAND = {"alibaba_cloud_access_key_id": "LTAI5tSandbox", "alibaba_cloud_access_key_secret": "a-secret"}


def test_with_a_key_of_alibaba_cloud_numbers_of_the_mainland_go_by_it_first_and_no_others(settings):
    lines = opened(replace(settings, **MAINLAND))
    assert {channel: [line.provider for line in lines.serving(channel, "CN")] for channel in ("sms", "voice")} == {
        "sms": ["alibaba", "twilio"],
        "voice": ["alibaba", "twilio"],
    }
    assert [line.provider for line in lines.serving("sms", "SG")] == ["twilio"]
    assert not lines.hears("sms", "CN"), "nobody can answer, so nobody is told to"


def test_in_production_the_mainland_is_reached_by_alibaba_cloud_alone(settings):
    lines = opened(replace(settings, sandbox=False, **MAINLAND))
    assert [line.provider for line in (*lines.serving("sms", "CN"), *lines.serving("voice", "CN"))] == ["alibaba", "alibaba"]


def test_half_a_key_of_alibaba_cloud_is_an_error_at_the_start(settings):
    with pytest.raises(ValueError, match="ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        opened(replace(settings, alibaba_cloud_access_key_id="LTAI5tSandbox"))
