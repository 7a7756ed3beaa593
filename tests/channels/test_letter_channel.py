"""Letters: printed once, posted once, tracked by the post's own signed words."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from channels import open_channels
from channels.contract import Accepted, ForgedRequest, LookupFailed, Refused, SignedRequest, Sought, Unknown
from channels.letter import SIGNATURE_HEADER, tracking_signature

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ADDRESS = "浙江省杭州市西湖区清苑小区3栋1单元0401 孙秀英 收"
CONTENT = "3-1-0401 物业费2026年8月至10月 1200.40元"


@pytest.fixture
def a_letter(a_message):
    def compose(attempt_id=41, to=ADDRESS, registered=True):
        return a_message("letter", to, attempt_id, document=b"%PDF-1.7 a letter", summary=CONTENT, registered=registered)

    return compose


def test_a_letter_handed_in_has_its_waybill(channels, sandbox, a_letter):
    handover = channels["letter"].send(a_letter())
    assert isinstance(handover, Accepted)
    assert handover.provider == "post"
    (letter,) = sandbox.log()
    assert handover.provider_id in (letter.get("sid"), letter.get("provider_id"))


def test_the_same_letter_handed_in_twice_is_one_letter_with_one_waybill(channels, sandbox, a_letter):
    first, second = channels["letter"].send(a_letter()), channels["letter"].send(a_letter())
    assert first.provider_id == second.provider_id
    assert len(sandbox.log()) == 1


def test_an_address_the_desk_refuses_is_no_address(channels, a_letter):
    handover = channels["letter"].send(a_letter(to="?"))
    assert isinstance(handover, Refused)
    assert (handover.error_class, handover.error_code) == ("contact_bad", "address_incomplete")
    assert "address" in channels["letter"].explain("address_incomplete").says


def test_a_letter_whose_answer_was_lost_is_found_at_the_desk(channels, sandbox, a_letter):
    letter, sought = channels["letter"], Sought(41, ADDRESS, "", datetime.now(UTC))
    assert letter.find(sought) is None
    sandbox.break_with("accept_then_reset", channel="letter")
    assert isinstance(letter.send(a_letter()), Unknown)
    assert letter.find(sought).provider_id == letter.send(a_letter()).provider_id


def test_the_desks_own_record_is_fetched_with_its_bytes_and_its_time(channels, sandbox, somebody, a_message, a_letter):
    channels["sms"].send(a_message("sms", somebody(lambda who: who.mail == "self"), attempt_id=40))
    waybill = channels["letter"].send(a_letter()).provider_id
    sandbox.move(days=5)
    tracked = channels["letter"].track(waybill, 41)
    assert (tracked.receipt.status, tracked.receipt.outcome, tracked.receipt.signer) == ("signed_self", "handed_over", "self")
    assert tracked.receipt.at > MORNING
    assert b"signed_self" in tracked.exchange.response
    with pytest.raises(LookupFailed):
        channels["letter"].track("EX000", 41)


def test_a_desk_that_is_shut_says_nothing_about_a_letter(settings, a_letter):
    letter = open_channels(replace(settings, post_url="http://127.0.0.1:9", post_token="t"), lambda: MORNING).of("letter")
    assert letter.send(a_letter()).error_class == "transient"
    with pytest.raises(LookupFailed):
        letter.find(Sought(41, ADDRESS, "", MORNING))


def test_without_a_desk_a_letter_waits_in_the_print_room(settings, a_letter):
    letter = open_channels(settings, lambda: MORNING).of("letter")
    assert letter.send(a_letter()).provider_id == "print-41"
    assert letter.find(Sought(41, ADDRESS, "", MORNING)).provider_id == "print-41"
    assert letter.capabilities("CN").evidence_level == "C"
    assert letter.check().state == "ok"
    with pytest.raises(LookupFailed):
        letter.track("print-41", 41)


def test_what_keeps_letters_from_going_out_is_said(settings, channels, tmp_path):
    assert channels["letter"].check().state == "ok"
    (tmp_path / "file").write_text("no folder")
    shut = replace(settings, exhibits=tmp_path / "file")
    assert "XIANLI_EXHIBITS" in open_channels(shut, lambda: MORNING).of("letter").check().says
    nobody = replace(settings, post_url="http://127.0.0.1:9", post_token="t")
    assert "XIANLI_POST_URL" in open_channels(nobody, lambda: MORNING).of("letter").check().says
    no_house = replace(settings, print_house_url=f"file://{tmp_path}/nowhere")
    assert "print house" in open_channels(no_house, lambda: MORNING).of("letter").check().says


@pytest.mark.parametrize(
    ("habit", "last", "outcome", "signer"),
    [
        ("self", "delivered", "handed_over", "self"),
        ("family", "delivered", "handed_over", "family"),
        ("locker", "delivered", "handed_over", "locker"),
        ("refuses", "undelivered", "returned_refused", None),
        ("moved", "undelivered", "returned_unknown", None),
    ],
)
def test_a_registered_letter_is_mailed_the_same_evening_and_signed_for_or_returned(
    channels, sandbox, house, somebody, a_message, a_letter, habit, last, outcome, signer
):
    channels["sms"].send(a_message("sms", somebody(lambda who: who.mail == habit), attempt_id=40))
    channels["letter"].send(a_letter())
    sandbox.move(hours=8)
    mailed = house.receipts[-1]
    assert (mailed.outcome, mailed.at.isoformat()) == ("mailed", "2026-11-24T10:00:00+00:00")
    sandbox.move(days=4)
    end = next(receipt for receipt in house.receipts if receipt.attempt_id == 41 and receipt.outcome not in (None, "mailed"))
    assert (end.delivery, end.outcome, end.signer) == (last, outcome, signer)
    assert 2 <= end.at.hour < 9, "between 10:00 and 17:00 in Hangzhou"


def test_ordinary_post_is_not_tracked_past_the_counter(channels, sandbox, house, somebody, a_message, a_letter):
    channels["sms"].send(a_message("sms", somebody(lambda who: who.mail == "self"), attempt_id=40))
    channels["letter"].send(a_letter(registered=False))
    sandbox.move(days=10)
    assert house.of(41) == ["collected"]


def tracking(status, token=b"t"):
    url, body = (
        "https://xianli.example/webhooks/post/tracking/41",
        json.dumps({"waybill": "EX1", "status": status, "at": MORNING.isoformat()}).encode(),
    )
    return SignedRequest(url, 41, [], {SIGNATURE_HEADER.lower(): tracking_signature(token, url, body)}, body)


def test_tracking_is_believed_only_with_the_posts_signature(settings):
    letter = open_channels(replace(settings, post_url="http://127.0.0.1:9", post_token="t"), lambda: MORNING).of("letter")
    genuine = tracking("signed_self")
    assert letter.parse_receipt(genuine)[0].signer == "self"
    moved = replace(genuine, url=genuine.url.replace("41", "42"))
    altered = replace(genuine, raw_body=genuine.raw_body.replace(b"self", b"guard"))
    for forged in (moved, altered, replace(genuine, headers={}), tracking("signed_self", b"guessed")):
        with pytest.raises(ForgedRequest):
            letter.parse_receipt(forged)


def test_without_a_desk_no_tracking_is_believed(settings):
    with pytest.raises(ForgedRequest):
        open_channels(settings, lambda: MORNING).of("letter").parse_receipt(tracking("signed_self", b""))


def test_delivered_back_to_the_sender_is_no_delivery(settings):
    letter = open_channels(replace(settings, post_url="http://127.0.0.1:9", post_token="t"), lambda: MORNING).of("letter")
    (receipt,) = letter.parse_receipt(tracking("return_delivered"))
    assert (receipt.delivery, receipt.outcome) == ("undelivered", None)
