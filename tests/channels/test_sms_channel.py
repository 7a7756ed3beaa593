"""Text messages: sent once, reported honestly, found again when the answer was lost."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from twilio.request_validator import RequestValidator

from channels import open_channels
from channels.contract import Accepted, ForgedRequest, LookupFailed, Refused, SignedRequest, Sought, Unknown
from channels.sms import ERRORS
from tests.channels.another_twilio import AnotherTwilio, Taken
from tests.channels.conftest import ACCOUNT, TOKEN

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def reachable(who):
    return who.sms_fault is None and who.kind == "silent"


def test_a_text_is_taken_sent_and_delivered_and_each_word_names_the_attempt(channels, sandbox, house, somebody, a_message):
    handover = channels["sms"].send(a_message("sms", somebody(reachable)))
    assert isinstance(handover, Accepted)
    assert sandbox.move(seconds=1) == {"now": "2026-11-24T02:00:01+00:00", "next": "2026-11-24T02:00:20+00:00", "in_flight": 1}
    assert house.of(41) == ["sent"]
    assert sandbox.move(seconds=19)["in_flight"] == 0
    assert house.of(41) == ["sent", "delivered"]
    assert {receipt.provider_id for receipt in house.receipts} == {handover.provider_id}


def test_the_kept_bytes_hold_the_whole_exchange_and_no_credentials(channels, somebody, a_message):
    exchange = channels["sms"].send(a_message("sms", somebody(reachable))).exchange
    assert exchange.request.startswith(b"POST /2010-04-01/Accounts/AC")
    assert b"ValidityPeriod=7200" in exchange.request
    assert b"%2Fwebhooks%2Ftwilio%2Fstatus%2F41" in exchange.request
    assert b"uthorization" not in exchange.request
    assert exchange.response.startswith(b"HTTP/1.1 201 Created")
    assert b'"status":"queued"' in exchange.response


@pytest.mark.parametrize(
    ("until", "seconds"),
    [(timedelta(hours=-1), "1"), (timedelta(seconds=90.9), "90"), (timedelta(hours=10), "36000"), (timedelta(days=2), "36000")],
)
def test_nothing_leaves_the_carriers_queue_after_the_window_closes(channels, somebody, a_message, until, seconds):
    exchange = channels["sms"].send(a_message("sms", somebody(reachable), valid_until=MORNING + until)).exchange
    assert f"ValidityPeriod={seconds}&".encode() in exchange.request + b"&"


def test_a_number_that_cannot_be_reached_is_undelivered_with_its_class(channels, sandbox, house, somebody, a_message):
    channels["sms"].send(a_message("sms", somebody(lambda who: who.sms_fault == "30006")))
    sandbox.move(seconds=20)
    last = house.receipts[-1]
    assert (last.delivery, last.error_code, last.error_class) == ("undelivered", "30006", "contact_bad")


def test_an_invalid_number_is_refused_by_the_provider_s_own_code(channels, a_message):
    handover = channels["sms"].send(a_message("sms", "19900001234"))
    assert isinstance(handover, Refused)
    assert (handover.error_code, handover.error_class) == ("21211", "contact_bad")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "accept_then_reset"}, Unknown),
        ({"kind": "reset"}, Unknown),
        ({"kind": "status", "status": 500}, Unknown),
        ({"kind": "status", "status": 503}, Unknown),
        ({"kind": "status", "status": 408}, Unknown),
        ({"kind": "rate_limited", "retry_after": 7}, ("transient", "20429", 7.0)),
        ({"kind": "error", "code": 21610}, ("opted_out", "21610", None)),
        ({"kind": "error", "code": 30007}, ("blocked", "30007", None)),
        ({"kind": "error", "code": 98765}, ("permanent", "98765", None)),
    ],
)
def test_a_fault_is_unknown_or_refused_and_never_sent_a_second_time(channels, sandbox, somebody, a_message, fault, expected):
    sandbox.break_with(**fault)
    handover = channels["sms"].send(a_message("sms", somebody(reachable)))
    if expected is Unknown:
        assert isinstance(handover, Unknown)
    else:
        assert isinstance(handover, Refused)
        assert (handover.error_class, handover.error_code, handover.retry_after) == expected
    assert len(sandbox.log()) == (fault["kind"] == "accept_then_reset")


def test_a_server_that_is_not_there_took_nothing(settings, a_message):
    unreachable = replace(settings, twilio_api_url="http://127.0.0.1:9")
    handover = open_channels(unreachable, lambda: MORNING).of("sms").send(a_message("sms", "+8619900001234"))
    assert isinstance(handover, Refused)
    assert (handover.error_class, handover.error_code) == ("transient", "connect")


def test_wrong_credentials_are_a_matter_of_configuration(settings, sandbox, a_message):
    wrong = replace(settings, twilio_api_url=sandbox.url, twilio_auth_token="not-the-token")
    handover = open_channels(wrong, lambda: MORNING).of("sms").send(a_message("sms", "+8619900001234"))
    assert (handover.error_class, handover.error_code) == ("config", "20003")


def test_a_text_whose_answer_was_lost_is_found_by_recipient_body_and_real_time(channels, sandbox, somebody, a_message):
    sms, to = channels["sms"], somebody(reachable)
    earlier = sms.send(a_message("sms", to, attempt_id=40))
    sandbox.break_with("accept_then_reset")
    message = a_message("sms", to)
    at = datetime.now(UTC)
    assert isinstance(sms.send(message), Unknown)
    sms.send(a_message("sms", to, attempt_id=42, body=message.body + "又及"))
    sandbox.move(seconds=20)

    found = sms.find(Sought(41, to, message.body, at, taken=frozenset({earlier.provider_id})))
    assert found.provider_id == sandbox.log()[1]["sid"]
    assert [receipt.delivery for receipt in found.receipts] == ["delivered"]
    assert sms.find(Sought(41, to, message.body, at - timedelta(days=1))) is None
    assert sms.find(Sought(41, to, "另一封", at)) is None


SERVICE = "MG" + "0" * 32
FIRST, SECOND = "+8657100000000", "+8657100000001"


def test_a_text_is_looked_up_among_those_of_its_own_sender(sandbox, house, settings, somebody, a_message):
    """The same words were refused under one sender and left by the next, all within the minute."""
    here = replace(settings, public_url=house.url, twilio_api_url=sandbox.url, twilio_from=f"{FIRST},{SECOND},{SERVICE}")
    first, second, service = (open_channels(here, lambda: MORNING).of("sms", "twilio", sender) for sender in (FIRST, SECOND, SERVICE))
    to, at = somebody(reachable), datetime.now(UTC)
    sought = Sought(41, to, a_message("sms", to).body, at)
    by_service = service.send(a_message("sms", to))
    assert first.find(sought) is second.find(sought) is None
    by_second = second.send(a_message("sms", to))
    assert first.find(sought) is None
    assert second.find(sought).provider_id == by_second.provider_id
    assert service.find(replace(sought, taken=frozenset({by_second.provider_id}))).provider_id == by_service.provider_id


def test_lost_callbacks_are_made_up_for_by_asking(channels, sandbox, house, somebody, a_message):
    sandbox.break_with("callback_lost", count=2)
    sent = channels["sms"].send(a_message("sms", somebody(reachable)))
    sandbox.move(seconds=20)
    assert house.receipts == []
    record = channels["sms"].fetch(sent.provider_id, 41)
    assert [word.delivery for word in record.receipts] == ["delivered"]
    assert b'"status":"delivered"' in record.exchange.response


def test_a_doubled_callback_says_the_same_twice(channels, sandbox, house, somebody, a_message):
    sandbox.break_with("callback_doubled")
    channels["sms"].send(a_message("sms", somebody(reachable)))
    sandbox.move(seconds=1)
    assert house.of(41) == ["sent", "sent"]
    assert house.receipts[0] == house.receipts[1]


def signed(form, token="a-token-of-the-sandbox", url="https://xianli.example/webhooks/twilio/status/41"):
    signature = RequestValidator(token).compute_signature(url, dict(form))
    return SignedRequest(url, 41, form, {"X-Twilio-Signature": signature})


A_CALLBACK = [("AccountSid", "AC" + "0" * 31 + "1"), ("MessageSid", "SM1"), ("MessageStatus", "delivered"), ("ErrorCode", "")]


def test_a_callback_is_believed_only_with_our_signature_for_our_account(settings):
    sms = open_channels(settings, lambda: MORNING).of("sms")
    genuine = signed(A_CALLBACK)
    assert sms.parse_receipt(genuine)[0].delivery == "delivered"
    other_attempt = replace(genuine, url=genuine.url.replace("/41", "/42"))
    other_status = replace(genuine, form=[*A_CALLBACK[:2], ("MessageStatus", "failed"), A_CALLBACK[3]])
    other_account = signed([("AccountSid", "AC" + "f" * 32), *A_CALLBACK[1:]])
    for forged in (other_attempt, other_status, other_account, replace(genuine, headers={}), signed(A_CALLBACK, token="guessed")):
        with pytest.raises(ForgedRequest):
            sms.parse_receipt(forged)


def test_while_the_token_is_rotated_both_are_believed(settings):
    sms = open_channels(replace(settings, twilio_auth_token_next="the-next"), lambda: MORNING).of("sms")
    assert sms.parse_receipt(signed(A_CALLBACK, token="the-next"))
    assert sms.parse_receipt(signed(A_CALLBACK))


def test_a_word_twilio_adds_later_claims_nothing(settings):
    sms = open_channels(settings, lambda: MORNING).of("sms")
    receipt = sms.parse_receipt(signed([*A_CALLBACK[:2], ("MessageStatus", "teleported")]))[0]
    assert (receipt.status, receipt.delivery) == ("teleported", "accepted")


def test_production_sends_no_notice_of_a_debt_to_mainland_china(settings):
    production = open_channels(replace(settings, sandbox=False), lambda: MORNING)
    assert not production.serving("sms", "CN")
    assert not production.serving("voice", "CN")
    assert production.serving("sms", "US")


def test_the_code_table_is_in_order_and_leaves_unknown_codes_to_staff(settings):
    assert list(ERRORS) == sorted(ERRORS)
    explain = open_channels(settings, lambda: MORNING).of("sms").explain
    assert explain("12345").error_class == "permanent"
    assert explain("30005").error_class == "contact_bad"
    assert explain("21211").source == "https://www.twilio.com/docs/api/errors/21211"


def a_text(settings, number, body, **more):
    """A text to our number, as Twilio posts it and signs it."""
    url = f"{settings.public_url.rstrip('/')}/webhooks/twilio/sms"
    form = {"AccountSid": settings.twilio_account_sid, "MessageSid": "SM1", "From": number, "To": "+15005550006", "Body": body, **more}
    signature = RequestValidator(settings.twilio_auth_token).compute_signature(url, form)
    request = SignedRequest(url, None, list(form.items()), {"X-Twilio-Signature": signature})
    return open_channels(settings, lambda: MORNING).of("sms").parse_inbound(request)


@pytest.mark.parametrize(
    ("number", "body", "more", "answered"),
    [
        ("+12025550143", " Stop ", {}, True),
        ("+12025550143", "START", {}, True),
        ("+12025550143", "HELP", {}, False),
        ("+12025550143", "stop calling me", {}, False),
        ("+12025550143", "退订", {}, False),
        ("+8619900000001", "STOP", {}, False),
        ("+447700900001", "HELP", {"OptOutType": "HELP"}, True),
    ],
)
def test_what_twilio_confirms_by_itself_is_known_from_country_word_and_its_own_say(settings, number, body, more, answered):
    assert a_text(settings, number, body, **more).answered is answered


@pytest.mark.parametrize(
    ("written", "said_at"),
    [
        ({"DateSent": "Tue, 24 Nov 2026 01:30:00 +0000"}, datetime(2026, 11, 24, 1, 30, tzinfo=UTC)),
        ({"DateSent": "yesterday"}, None),
        ({"DateSent": "Tue, 24 Nov 2026 01:30:00"}, None),
        ({}, None),
    ],
)
def test_when_a_text_was_written_is_what_the_provider_says_of_it_if_it_can_be_read(settings, written, said_at):
    assert a_text(settings, "+12025550143", "ok", **written).said_at == said_at


@pytest.mark.parametrize(
    ("says", "wish"), [({"OptOutType": "STOP"}, "stop"), ({"OptOutType": "START"}, "start"), ({"OptOutType": "LATER"}, None), ({}, None)]
)
def test_a_keyword_the_account_chose_is_the_wish_that_twilio_took_it_for(settings, says, wish):
    assert a_text(settings, "+33600000001", "ARRET", **says).wish == wish


def test_a_destination_that_may_get_no_texts_is_the_debtor_s_no_and_not_held_against_the_sender(channels):
    assert channels["sms"].explain("30004").error_class == "opted_out"


def test_when_a_text_was_written_is_asked_of_twilio_whose_request_does_not_say(channels, sandbox, house, somebody, a_message):
    began = datetime.now(UTC)
    channels["sms"].send(a_message("sms", somebody(lambda who: who.sms_fault is None and who.reply)))
    sandbox.move(days=10)
    text = house.texts[0]
    assert text.said_at is None
    assert began - timedelta(seconds=1) <= channels["sms"].written_at(text.provider_id) <= datetime.now(UTC) + timedelta(seconds=1)
    with pytest.raises(LookupFailed):
        channels["sms"].written_at("SM" + "0" * 32)


def test_what_was_written_to_our_number_is_listed_by_another_server_too_in_small_pages_and_beside_what_we_sent(settings, a_message):
    """It heeds no time, gives two a page in no order, and mixes in what others sent to the number."""
    with closing(AnotherTwilio(ACCOUNT, TOKEN, lambda: MORNING, 3, timedelta(minutes=-4))) as other:
        line = open_channels(replace(settings, twilio_api_url=other.url), lambda: MORNING).of("sms")
        other.taken.append(Taken("SM" + "f" * 32, "sms", settings.twilio_from, "+861", "ours", {}, MORNING, MORNING))
        sids = [other.write("+8619900000001", settings.twilio_from, f"第{number}条") for number in range(5)]
        other.write("+8619900000001", "+8657199999999", "to somebody else")
        found = line.received(MORNING - timedelta(hours=1))
    assert {each.written.provider_id: each.written.body for each in found} == {sid: f"第{number}条" for number, sid in enumerate(sids)}
    assert {(each.written.sender, each.written.said_at) for each in found} == {
        ("+8619900000001", MORNING - timedelta(minutes=4) + timedelta(seconds=1))
    }
