"""Every fault of the carrier does what it says, and is taken by the adapters for what it is."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import requests

from channels.contract import Accepted, ForgedRequest, Refused, Sought, Unknown
from channels.sms import ERRORS
from channels.wire import READ_SECONDS

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ADDRESS = "浙江省杭州市西湖区清苑小区3栋1单元0401 孙秀英 收"


def reachable(who):
    return who.sms_fault is None and who.kind == "silent" and who.phone == "no_answer"


@pytest.fixture
def hand_over(channels, somebody, a_message):
    """Hands over one message on a channel; `to` is a person's number, or an address."""

    def hand(channel, to=None, attempt_id=41):
        to = to or (ADDRESS if channel == "letter" else somebody(reachable))
        document = b"%PDF-1.7 a letter" if channel == "letter" else None
        return channels[channel].send(a_message(channel, to, attempt_id, document=document, registered=True, summary="3-1-0401"))

    return hand


def script(sandbox, *faults):
    return requests.post(f"{sandbox.url}/sandbox/faults", json=list(faults), timeout=5)


@pytest.mark.parametrize("channel", ["sms", "voice", "letter"])
@pytest.mark.parametrize("kind", ["accept_then_reset", "accept_then_status", "garbled", "truncated"])
def test_what_was_taken_without_an_answer_is_unknown_and_found(channels, sandbox, somebody, a_message, hand_over, channel, kind):
    sandbox.break_with(kind, channel=channel)
    assert isinstance(hand_over(channel), Unknown)
    (taken,) = sandbox.log()
    sought = Sought(41, taken["to"], a_message(channel, taken["to"]).body, datetime.now(UTC))
    assert channels[channel].find(sought).provider_id == taken["sid"]
    assert isinstance(hand_over(channel, attempt_id=42), Accepted), "it strikes once"


@pytest.mark.parametrize("channel", ["sms", "voice", "letter"])
@pytest.mark.parametrize("fault", [{"kind": "reset"}, {"kind": "status", "status": 500}, {"kind": "status", "status": 503}])
def test_what_failed_before_it_was_taken_is_unknown_all_the_same(sandbox, hand_over, channel, fault):
    sandbox.break_with(**fault, channel=channel)
    assert isinstance(hand_over(channel), Unknown)
    assert sandbox.log() == []


def test_an_answer_later_than_our_patience_is_unknown(channels, sandbox, hand_over):
    sandbox.break_with("slow", channel="sms", seconds=READ_SECONDS + 1)
    assert isinstance(hand_over("sms"), Unknown)
    assert [each["kind"] for each in sandbox.log()] == ["sms"]


def test_too_many_requests_is_told_with_when_to_come_back(sandbox, hand_over):
    sandbox.break_with("rate_limited", retry_after=7)
    refused = hand_over("sms")
    assert (refused.error_class, refused.error_code, refused.retry_after) == ("transient", "20429", 7.0)
    assert sandbox.log() == []


def test_each_code_is_known_at_handover(sandbox, hand_over):
    script(sandbox, *({"kind": "error", "channel": "sms", "code": int(code)} for code in ERRORS)).raise_for_status()
    for code, (error_class, _) in ERRORS.items():
        refused = hand_over("sms")
        assert isinstance(refused, Refused)
        assert (refused.error_code, refused.error_class) == (code, error_class)
    assert sandbox.log() == []


def test_each_code_is_known_by_receipt(sandbox, house, hand_over):
    script(sandbox, *({"kind": "undeliverable", "channel": "sms", "code": int(code)} for code in ERRORS)).raise_for_status()
    attempts = dict(enumerate(ERRORS, start=100))
    for attempt_id in attempts:
        assert isinstance(hand_over("sms", attempt_id=attempt_id), Accepted)
    sandbox.move(minutes=1)
    ends = {each.attempt_id: (each.delivery, each.error_code, each.error_class) for each in house.receipts if each.delivery != "sent"}
    assert ends == {attempt_id: ("undelivered", code, ERRORS[code][0]) for attempt_id, code in attempts.items()}


def test_a_call_that_is_bound_to_fail_fails_with_its_code(sandbox, house, hand_over):
    sandbox.break_with("undeliverable", channel="voice", code=13225)
    hand_over("voice")
    sandbox.move(minutes=1)
    assert [(each.status, each.delivery, each.error_class) for each in house.receipts][-1] == ("failed", "failed", "blocked")


@pytest.mark.parametrize("channel", ["sms", "voice", "letter"])
def test_a_callback_that_is_lost_is_not_heard(sandbox, house, hand_over, channel):
    sandbox.break_with("callback_lost", channel=channel, count=None)
    hand_over(channel)
    sandbox.move(days=9)
    assert house.requests == []


@pytest.mark.parametrize("channel", ["sms", "voice", "letter"])
def test_a_callback_that_comes_twice_says_the_same(sandbox, house, hand_over, channel):
    sandbox.break_with("callback_doubled", channel=channel, count=None)
    hand_over(channel)
    sandbox.move(days=9)
    said = house.of(41)
    assert said[::2] == said[1::2]
    assert len(set(said)) == len(said) / 2


@pytest.mark.parametrize(
    ("channel", "in_order"),
    [
        ("sms", ["sent", "delivered"]),
        ("voice", ["initiated", "ringing", "no-answer"]),
        ("letter", ["collected", "in_transit", "out_for_delivery"]),
    ],
)
def test_a_callback_that_was_overtaken_comes_after_the_next(sandbox, house, hand_over, channel, in_order):
    sandbox.break_with("callback_reordered", channel=channel)
    hand_over(channel)
    sandbox.move(days=9)
    first, second, *others = in_order
    assert house.of(41)[: len(in_order)] == [second, first, *others]


@pytest.mark.parametrize(("channel", "word"), [("sms", "queued"), ("voice", "initiated"), ("letter", "accepted")])
def test_a_callback_that_is_quicker_than_the_answer_names_the_attempt(sandbox, house, hand_over, channel, word):
    sandbox.break_with("callback_first", channel=channel)
    handover = hand_over(channel)
    (receipt,) = house.receipts
    assert (receipt.status, receipt.delivery, receipt.attempt_id) == (word, "accepted", 41)
    assert receipt.provider_id == handover.provider_id


@pytest.mark.parametrize("channel", ["sms", "voice", "letter"])
def test_a_callback_is_replayed_later_to_the_byte(sandbox, house, hand_over, channel):
    sandbox.break_with("callback_replayed", channel=channel, seconds=3600)
    hand_over(channel)
    sandbox.move(days=9)
    sandbox.move(days=1)
    assert house.requests[0].raw_body == house.requests[-1].raw_body
    assert house.receipts[0] == house.receipts[-1]
    assert Counter(house.of(41)).most_common(1)[0][1] == 2


@pytest.mark.parametrize("channel", ["sms", "voice", "letter"])
@pytest.mark.parametrize("kind", ["callback_forged", "callback_wrong_account"])
def test_a_lie_about_the_end_is_not_believed(channels, sandbox, house, hand_over, channel, kind):
    sandbox.break_with(kind, channel=channel, count=None)
    hand_over(channel)
    sandbox.move(days=9)
    assert len(house.forged) == len(house.receipts) > 0
    lied = house.forged[0]
    with pytest.raises(ForgedRequest):
        channels[channel].parse_receipt(lied)
    assert lied.raw_body != house.requests[1].raw_body


def test_a_fault_strikes_whom_it_names(sandbox, somebody, hand_over):
    one = somebody(reachable)
    other = somebody(lambda who: reachable(who) and who.key != one)
    sandbox.break_with("error", to=other, code=30007)
    assert isinstance(hand_over("sms", one, 1), Accepted)
    assert isinstance(hand_over("sms", other, 2), Refused)


def test_a_fault_strikes_from_the_nth_request_on(sandbox, hand_over):
    sandbox.break_with("error", nth=3, count=2, channel="sms")
    answers = [hand_over("sms", attempt_id=attempt_id) for attempt_id in range(1, 7)]
    assert [type(each) for each in answers] == [Accepted, Accepted, Refused, Refused, Accepted, Accepted]


def test_a_fault_of_some_probability_strikes_the_same_ones_for_the_same_seed(sandbox, hand_over):
    def struck(seed):
        requests.delete(f"{sandbox.url}/sandbox/faults", timeout=5)
        sandbox.break_with("error", probability=0.5, seed=seed, count=None)
        return [isinstance(hand_over("sms"), Refused) for _ in range(30)]

    first = struck(seed=4)
    assert struck(seed=4) == first
    assert struck(seed=5) != first
    assert 5 < sum(first) < 25


def test_a_script_is_taken_whole_or_not_at_all(sandbox):
    answer = script(sandbox, {"kind": "reset"}, {"kind": "earthquake"})
    assert (answer.status_code, "earthquake" in answer.json()["error"]) == (422, True)
    assert script(sandbox, {"kind": "reset", "probability": 3}).status_code == 422
    assert requests.get(f"{sandbox.url}/sandbox/faults", timeout=5).json() == []
    assert len(script(sandbox, {"kind": "reset"}, {"kind": "slow", "seconds": 1}).json()) == 2


def test_the_page_shows_what_was_seen_with_its_faults_and_callbacks(sandbox, somebody, hand_over):
    script(sandbox, {"kind": "callback_forged"}, {"kind": "accept_then_reset", "channel": "voice"}, {"kind": "reset", "channel": "letter"})
    for attempt_id, channel in enumerate(("sms", "voice", "letter"), start=41):
        hand_over(channel, attempt_id=attempt_id)
    sandbox.move(minutes=2)
    page = requests.get(sandbox.url, headers={"Accept-Language": "en-GB"}, timeout=5)
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    for seen in ("清苑物业", "callback_forged", "accept_then_reset", "Requests that were not taken", "no-answer", "<b>403</b>"):
        assert seen in page.text
    chinese = requests.get(sandbox.url, params={"channel": "voice", "number": somebody(reachable)}, timeout=5).text
    assert "沙盒运营商" in chinese
    assert "清苑物业" not in chinese, "texts are filtered out"
    assert "accept_then_reset" in chinese
    assert "这里还没有" in requests.get(sandbox.url, params={"number": "no such number"}, timeout=5).text
    assert timedelta(0) < page.elapsed < timedelta(seconds=5)
