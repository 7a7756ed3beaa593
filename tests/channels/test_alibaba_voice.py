"""Calls to mainland China through Alibaba Cloud: who is asked before what is owed is named, and what its record says afterwards."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import requests

from channels.alibaba_line import SHANGHAI, AlibabaAccount
from channels.alibaba_voice import ERRORS, AlibabaVoiceChannel
from channels.conformance import (
    ALWAYS,
    WITH_A_PROVIDER,
    Bench,
    a_lost_answer_is_unknown_and_what_became_of_it_is_found,
    a_provider_that_cannot_be_asked_says_nothing_about_an_attempt,
    the_providers_own_record_can_be_asked_for,
    the_raw_exchange_is_kept_without_secrets,
    what_is_too_long_is_not_accepted,
    what_was_taken_is_found,
)
from channels.contract import Accepted, Exchange, LookupFailed, Refused, Sought, Template, Unknown
from tests.channels.conftest import ALIBABA_KEY, ALIBABA_SECRET
from tests.channels.test_alibaba_sms import NOWHERE, Desk, approve

TEXTS = {
    "TTS_1": "您好，这里是${creditor}的自动语音电话。如果您是${units}的业主，请按1；如果不是，请按3；需要工作人员联系您，请按4。",
    "TTS_2": "${units}物业费2026年8月到10月，合计${amount}，请在${pay_by}前缴纳。",
    "TTS_3": "抱歉打扰您，我们会更正联系方式。",
    "TTS_4": "好的，工作人员会在服务时间内与您联系。",
    "TTS_5": "感谢接听，再见。",
}
FILLED = {"creditor": "清苑物业", "units": "3-1-0401", "amount": "1200元4角", "pay_by": "2026年12月15日"}
TEMPLATE = Template("alibaba", "/".join(TEXTS), "057188880000", FILLED)
WITHOUT_A_LIST = (
    what_was_taken_is_found,
    the_raw_exchange_is_kept_without_secrets,
    a_lost_answer_is_unknown_and_what_became_of_it_is_found,
    a_provider_that_cannot_be_asked_says_nothing_about_an_attempt,
    the_providers_own_record_can_be_asked_for,
    what_is_too_long_is_not_accepted,
)
"""What Alibaba Cloud gives no way to keep: it lists no calls, and shows one only when it is over. Tests of their own say what is kept."""


class Switchboard(Desk):
    refusals = {"isv.MOBILE_NUMBER_ILLEGAL": "contact_bad", "isv.COMPLAINT_REJECT": "blocked", "isv.TTS_TEMPLATE_ILLEGAL": "config"}

    def take_and_fall_silent(self):
        self.sandbox.break_with("accept_then_reset", channel="voice")

    def garble(self, status):
        self.sandbox.break_with("status", status=status, channel="voice")

    def refuse(self, code):
        self.sandbox.break_with("error", code=code, channel="voice")


@pytest.fixture
def speaking(sandbox, settings):
    for code, content in TEXTS.items():
        approve(sandbox.url, code, content)

    def opened(url=sandbox.url):
        key = {"alibaba_cloud_access_key_id": ALIBABA_KEY, "alibaba_cloud_access_key_secret": ALIBABA_SECRET}
        return AlibabaVoiceChannel(AlibabaAccount(replace(settings, alibaba_cloud_api_url=url, **key)))

    return opened


@pytest.fixture
def a_call(a_message):
    def call(attempt_id=41, to="+8619900000001", template=TEMPLATE):
        return a_message("voice", to, attempt_id, template=template, body=f"第{attempt_id}次")

    return call


def sought(to, attempt_id=41, at=None):
    return Sought(attempt_id, to, "", at or datetime.now(UTC))


def bench(adapter, a_call):
    return Bench(adapter, a_call, lambda: datetime.now(UTC), {"US": frozenset({"available"}), "CN": frozenset({"inbound", "links"})})


@pytest.mark.parametrize("promise", [each for each in ALWAYS if each not in WITHOUT_A_LIST], ids=lambda promise: promise.__name__)
def test_it_keeps(speaking, a_call, promise):
    promise(bench(speaking(), a_call))


@pytest.mark.parametrize("promise", [each for each in WITH_A_PROVIDER if each not in WITHOUT_A_LIST], ids=lambda promise: promise.__name__)
def test_what_is_asked_of_it_is_told_honestly(speaking, sandbox, a_call, promise):
    promise(bench(speaking(), a_call), Switchboard(sandbox, speaking(NOWHERE)))


@pytest.mark.parametrize(("keys", "hears_the_debt"), [("1", True), ("3", False), ("", False)])
def test_what_is_owed_is_named_only_to_who_said_by_key_to_be_the_owner(speaking, sandbox, somebody, a_call, keys, hears_the_debt):
    person = somebody(lambda who: who.phone == "answers" and (who.keys[:1] == tuple(keys)))
    speaking().send(a_call(to=person))
    sandbox.move(minutes=3)

    (call,) = sandbox.log()
    assert (call["status"], call["keys"]) == ("completed", keys)
    heard = requests.get(f"{sandbox.url}/sandbox/people/{person}", timeout=5).json()["memory"]["demands"]
    assert any(each["total"] != "None" for each in heard) is hears_the_debt


@pytest.mark.parametrize(
    ("habit", "outcome", "state"),
    [("answers", "answered", "200000"), ("busy", "busy", "200002"), ("no_answer", "no_answer", "200003"), ("machine", "machine", "200008")],
)
def test_how_a_call_ended_is_told_by_its_record(speaking, sandbox, somebody, a_call, habit, outcome, state):
    person = somebody(lambda who: who.phone == habit and (habit != "answers" or who.keys))
    sent = speaking().send(a_call(to=person))
    sandbox.move(hours=71)

    (told,) = speaking().recall(sent.provider_id, sought(person)).receipts
    assert (told.outcome, told.status, told.provider_id) == (outcome, state, sent.provider_id)
    assert told.delivery == ("delivered" if outcome == "answered" else "undelivered")


def test_a_call_that_is_not_over_has_no_record(speaking, a_call):
    sent = speaking().send(a_call())
    with pytest.raises(LookupFailed):
        speaking().recall(sent.provider_id, sought("+8619900000001"))


class Records:
    """The provider's own record of a call, in the state it is told to have."""

    def __init__(self, state, at):
        local = at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        self.record = {"callee": "19900000001", "gmtCreate": local, **({} if state is None else {"state": state})}

    def look_up(self, product, ask):
        return SimpleNamespace(data=json.dumps(self.record)), Exchange(b"asked", b"answered")


@pytest.mark.parametrize(
    ("state", "delivery"),
    [*((each, "accepted") for each in (None, "", "200101", "200102", "200201", "200100")), ("200002", "undelivered"), ("299999", "failed")],
)
def test_a_call_on_its_way_is_no_failure(state, delivery):
    """Asked too early, its record has no state yet, or one of those it passes through."""
    at = datetime.now(UTC)
    (told,) = AlibabaVoiceChannel(Records(state, at)).recall("1^2", sought("+8619900000001", at=at)).receipts
    assert (told.delivery, told.outcome is None, told.error_class) == (
        delivery,
        delivery == "accepted",
        "permanent" if delivery == "failed" else None,
    )


@pytest.mark.parametrize("wrong", [{"to": "+8619900000002"}, {"at": datetime.now(UTC) - timedelta(hours=2)}])
def test_the_record_of_another_call_is_not_believed_of_ours(speaking, sandbox, somebody, a_call, wrong):
    person = somebody(lambda who: who.phone == "busy")
    sent = speaking().send(a_call(to=person))
    sandbox.move(hours=71)
    with pytest.raises(LookupFailed):
        speaking().recall(sent.provider_id, sought(**{"to": person, **wrong}))


def test_a_lost_answer_is_unknown_until_the_report_names_the_call(speaking, sandbox, house, somebody, a_call):
    person = somebody(lambda who: who.phone == "busy")
    adapter = speaking()
    sandbox.break_with("accept_then_reset", channel="voice")
    assert isinstance(adapter.send(a_call(to=person)), Unknown)
    assert adapter.find(sought(person)) is None
    sandbox.move(hours=71)

    (hint,) = adapter.hints(house.requests[-1].raw_body)
    assert hint.attempt_id == 41
    (told,) = adapter.recall(hint.provider_id, sought(person)).receipts
    assert told.outcome == "busy"


def test_a_provider_that_cannot_be_asked_says_nothing_about_a_call(speaking):
    with pytest.raises(LookupFailed):
        speaking(NOWHERE).recall("1^1", sought("+8619900000001"))


def test_the_raw_exchange_is_kept_without_secrets_of_a_call(speaking, a_call):
    sent = speaking().send(a_call())
    assert isinstance(sent, Accepted)
    assert b"StartCode=TTS_1" in sent.exchange.request
    assert b"CallId" in sent.exchange.response
    assert ALIBABA_SECRET.encode() not in sent.exchange.request
    assert ALIBABA_KEY.encode() not in sent.exchange.request


@pytest.mark.parametrize("template", [None, replace(TEMPLATE, id="TTS_2"), replace(TEMPLATE, provider="another")])
def test_a_call_without_all_its_texts_is_never_placed(speaking, sandbox, a_call, template):
    refused = speaking().send(a_call(template=template))
    assert isinstance(refused, Refused)
    assert refused.error_code == "no_template"
    assert sandbox.log() == []


def test_variables_that_are_too_long_together_never_leave(speaking, sandbox, a_call):
    refused = speaking().send(a_call(template=replace(TEMPLATE, variables={**FILLED, "units": "很" * 250})))
    assert refused.error_code == "isv.PARAM_LENGTH_LIMIT"
    assert sandbox.log() == []


def test_each_code_and_state_is_explained(speaking):
    adapter = speaking(NOWHERE)
    assert all(adapter.explain(code).source.startswith("https://help.aliyun.com/") for code in ERRORS)
    assert adapter.explain("200004").error_class == "contact_bad"
    assert adapter.explain("200999").error_class == "permanent"


def test_a_report_that_names_no_call_is_left_out(speaking):
    body = json.dumps([{"out_id": "41"}, {"out_id": "9" * 30, "call_id": "1^2"}, {"out_id": "42", "call_id": "1^2"}]).encode()
    assert [hint.attempt_id for hint in speaking(NOWHERE).hints(body)] == [42]
