"""Automated calls: placed, lived key by key, and reported as what they were."""

from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from channels import open_channels
from channels.contract import Accepted, LookupFailed, SignedRequest, Sought, Unknown
from channels.dialogue import LONGEST_AT_THE_DESK
from channels.twilio_line import TwilioAccount
from channels.twilio_senders import Sender
from channels.voice import VoiceChannel
from tests.channels.conftest import ACCOUNT, TOKEN


def statuses(house):
    return [(receipt.delivery, receipt.outcome) for receipt in house.receipts]


def test_a_person_who_confirms_and_listens_hears_all_and_presses_a_key(channels, sandbox, house, somebody, a_message):
    handover = channels["voice"].send(a_message("voice", somebody(lambda who: who.kind == "caller")))
    assert isinstance(handover, Accepted)
    sandbox.move(minutes=5)
    assert [turn.meaning for turn in house.turns] == ["started", "confirmed", "heard", "will_pay", "day_named", "promised"]
    assert house.turns[-1].on == date(2026, 12, 1)
    assert statuses(house) == [("accepted", None), ("sent", None), ("sent", None), ("delivered", "answered")]
    assert sandbox.clock()["in_flight"] == 0


def test_the_debt_is_named_only_after_the_person_confirmed_to_be_the_owner(channels, sandbox, house, somebody, a_message):
    channels["voice"].send(a_message("voice", somebody(lambda who: who.kind == "stranger")))
    sandbox.move(minutes=5)
    assert [turn.meaning for turn in house.turns] == ["started", "wrong_person"]


@pytest.mark.parametrize(
    ("habit", "delivery", "outcome"),
    [
        ("no_answer", "undelivered", "no_answer"),
        ("busy", "undelivered", "busy"),
        ("machine", "undelivered", "machine"),
        ("hangs_up", "delivered", "answered"),
    ],
)
def test_how_a_call_ended_is_told_as_it_was(channels, sandbox, house, somebody, a_message, habit, delivery, outcome):
    channels["voice"].send(a_message("voice", somebody(lambda who: who.phone == habit)))
    sandbox.move(minutes=5)
    assert statuses(house)[-1] == (delivery, outcome)
    assert "heard" not in [turn.meaning for turn in house.turns]


def test_a_call_whose_answer_was_lost_is_found_by_both_numbers_and_real_time(channels, sandbox, somebody, a_message):
    voice, to = channels["voice"], somebody(lambda who: who.phone == "busy")
    sandbox.break_with("accept_then_reset", channel="voice")
    at = datetime.now(UTC)
    assert isinstance(voice.send(a_message("voice", to)), Unknown)
    sandbox.move(minutes=1)
    found = voice.find(Sought(41, to, "", at))
    assert found.provider_id == sandbox.log()[0]["sid"]
    assert [receipt.outcome for receipt in found.receipts] == ["busy"]
    assert voice.find(Sought(41, to, "", at, taken=frozenset({found.provider_id}))) is None
    assert [receipt.outcome for receipt in voice.fetch(found.provider_id, 41).receipts] == ["busy"]


@pytest.mark.parametrize(
    ("stamp", "at"),
    [
        ("Tue, 24 Nov 2026 02:00:05 +0000", datetime(2026, 11, 24, 2, 0, 5, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 02:00:05 -0000", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_time_is_believed_only_with_its_zone(settings, stamp, at):
    (line,) = (each for each in open_channels(settings, lambda: datetime.now(UTC)) if each.channel == "voice")
    form = {"AccountSid": ACCOUNT, "CallSid": "CA1", "CallStatus": "ringing", "Timestamp": stamp}
    url = "https://xianli.example/webhooks/twilio/status/41"
    signature = RequestValidator(TOKEN).compute_signature(url, form)
    (told,) = line.parse_receipt(SignedRequest(url, 41, list(form.items()), {"X-Twilio-Signature": signature}))
    assert told.at == at


def test_a_call_hung_up_by_a_backend_that_does_not_answer_is_still_reported(channels, sandbox, house, somebody, a_message):
    house.script = None
    channels["voice"].send(a_message("voice", somebody(lambda who: who.kind == "caller")))
    sandbox.move(minutes=5)
    assert statuses(house)[-1] == ("delivered", "answered")
    assert house.turns == []


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("13225", "blocked"),
        ("13227", "config"),
        ("21202", "contact_bad"),
        ("10004", "transient"),
        ("20003", "config"),
        ("99999", "permanent"),
    ],
)
def test_every_code_has_its_class_and_its_source(channels, code, meant):
    told = channels["voice"].explain(code)
    assert (told.error_class, told.source) == (meant, f"https://www.twilio.com/docs/api/errors/{code}")


def test_an_answered_call_alone_supports_and_the_mainland_is_served_by_the_sandbox_only(channels, settings):
    assert channels["voice"].capabilities("CN").evidence_level == "C"
    real = replace(settings, sandbox=False)
    voice = VoiceChannel(Sender("+8657100000000"), TwilioAccount(real), real, lambda: datetime.now(UTC))
    assert not voice.capabilities("CN").available
    assert (voice.capabilities("US").cost, voice.capabilities("DE").cost) == ("0.0140", None)


def test_a_call_turns_to_our_apology_where_its_words_cannot_be_fetched(channels, somebody, a_message):
    handover = channels["voice"].send(a_message("voice", somebody(lambda who: who.kind == "caller")))
    asked = dict(parse_qsl(handover.exchange.request.rpartition(b"\r\n\r\n")[2].decode()))
    assert "stage=start" in asked["Url"]
    assert "stage=sorry" in asked["FallbackUrl"]


def test_who_is_put_through_to_staff_may_speak_as_long_as_the_desk_allows(channels, somebody, a_message):
    exchange = channels["voice"].send(a_message("voice", somebody(lambda who: who.phone == "busy"))).exchange
    assert int(dict(parse_qsl(exchange.request.decode().split("\r\n\r\n")[-1]))["TimeLimit"]) > LONGEST_AT_THE_DESK


def test_what_was_recorded_of_a_call_can_be_fetched_and_is_the_same_each_time(channels, sandbox, house, somebody, a_message):
    voice = channels["voice"]
    sid = voice.send(a_message("voice", somebody(lambda who: who.kind == "caller"))).provider_id
    assert voice.recordings(sid) == []
    sandbox.move(minutes=5)
    (sound,) = voice.recordings(sid)
    assert (sound[:4], sound[8:12]) == (b"RIFF", b"WAVE")
    assert voice.recordings(sid) == [sound]
    assert house.recorded == [sid], "told once, when the call is over"


def test_a_provider_that_does_not_know_a_call_says_nothing_of_its_recordings(channels):
    with pytest.raises(LookupFailed):
        channels["voice"].recordings("CA" + "0" * 32)
