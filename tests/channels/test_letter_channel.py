"""Letters: printed once, posted once, tracked by the post's own signed words."""

import csv
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
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


def manifest(folder):
    path = folder / "print" / "2026-11-24" / "manifest.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())) if path.exists() else []


def test_a_letter_lies_in_the_days_batch_with_its_waybill(channels, tmp_path, a_letter):
    handover = channels["letter"].send(a_letter())
    assert isinstance(handover, Accepted)
    assert handover.provider == "post"
    (row,) = manifest(tmp_path)
    assert (row["attempt"], row["waybill"], row["registered"], row["to"], row["content"]) == (
        "41",
        handover.provider_id,
        "yes",
        ADDRESS,
        CONTENT,
    )
    printed = tmp_path / "print" / "2026-11-24" / row["file"]
    assert hashlib.sha256(printed.read_bytes()).hexdigest() == row["sha256"]


def test_the_same_letter_handed_in_twice_is_one_letter_with_one_waybill(channels, sandbox, tmp_path, a_letter):
    first, second = channels["letter"].send(a_letter()), channels["letter"].send(a_letter())
    assert first.provider_id == second.provider_id
    assert len(sandbox.log()) == len(manifest(tmp_path)) == 1


def test_many_hands_at_once_leave_a_whole_manifest(channels, tmp_path, a_letter):
    with ThreadPoolExecutor(8) as hands:
        list(hands.map(lambda attempt_id: channels["letter"].send(a_letter(attempt_id)), range(1, 25)))
    assert sorted(int(row["attempt"]) for row in manifest(tmp_path)) == list(range(1, 25))


def test_a_letter_the_desk_refuses_is_taken_out_of_the_batch(channels, tmp_path, a_letter):
    handover = channels["letter"].send(a_letter(to="?"))
    assert isinstance(handover, Refused)
    assert (handover.error_class, handover.error_code) == ("contact_bad", "address_incomplete")
    assert manifest(tmp_path) == []
    assert list((tmp_path / "print").rglob("*.pdf")) == []


def test_a_letter_whose_answer_was_lost_is_posted_only_once_the_desk_knows_it(channels, sandbox, tmp_path, a_letter):
    letter, sought = channels["letter"], Sought(41, ADDRESS, "", datetime.now(UTC))
    assert letter.find(sought) is None
    sandbox.break_with("accept_then_reset", channel="letter")
    assert isinstance(letter.send(a_letter()), Unknown)
    assert manifest(tmp_path) == []
    found = letter.find(sought)
    assert [row["waybill"] for row in manifest(tmp_path)] == [found.provider_id]


def test_a_desk_that_is_shut_says_nothing_about_a_letter(settings, a_letter):
    letter = open_channels(replace(settings, post_url="http://127.0.0.1:9", post_token="t"), lambda: MORNING)["letter"]
    assert letter.send(a_letter()).error_class == "transient"
    with pytest.raises(LookupFailed):
        letter.find(Sought(41, ADDRESS, "", MORNING))


def test_without_a_desk_the_batch_is_posted_by_hand(settings, tmp_path, a_letter):
    letter = open_channels(settings, lambda: datetime(2026, 11, 23, 17, 0, tzinfo=UTC))["letter"]
    assert letter.send(a_letter()).provider_id == "print-41"
    assert letter.find(Sought(41, ADDRESS, "", MORNING)).provider_id == "print-41"
    assert letter.find(Sought(42, ADDRESS, "", MORNING)) is None
    assert len(manifest(tmp_path)) == 1


def test_an_address_never_becomes_a_formula(settings, tmp_path, a_letter):
    open_channels(settings, lambda: MORNING)["letter"].send(a_letter(to="=HYPERLINK(1)"))
    assert manifest(tmp_path)[0]["to"] == "'=HYPERLINK(1)"


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
    letter = open_channels(replace(settings, post_url="http://127.0.0.1:9", post_token="t"), lambda: MORNING)["letter"]
    genuine = tracking("signed_self")
    assert letter.parse_receipt(genuine)[0].signer == "self"
    moved = replace(genuine, url=genuine.url.replace("41", "42"))
    altered = replace(genuine, raw_body=genuine.raw_body.replace(b"self", b"guard"))
    for forged in (moved, altered, replace(genuine, headers={}), tracking("signed_self", b"guessed")):
        with pytest.raises(ForgedRequest):
            letter.parse_receipt(forged)


def test_without_a_desk_no_tracking_is_believed(settings):
    with pytest.raises(ForgedRequest):
        open_channels(settings, lambda: MORNING)["letter"].parse_receipt(tracking("signed_self", b""))


def test_delivered_back_to_the_sender_is_no_delivery(settings):
    letter = open_channels(replace(settings, post_url="http://127.0.0.1:9", post_token="t"), lambda: MORNING)["letter"]
    (receipt,) = letter.parse_receipt(tracking("return_delivered"))
    assert (receipt.delivery, receipt.outcome) == ("undelivered", None)
