"""Texts to mainland China through Alibaba Cloud: by template, known by our own reference, believed only from its own record."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import requests
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import SendSmsRequest
from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.request import DaraRequest

from channels.alibaba_line import COMMON_ERRORS, UNSURE, AlibabaAccount, instant
from channels.alibaba_sms import ERRORS, REPORTS, AlibabaSmsChannel
from channels.conformance import ALWAYS, WITH_A_PROVIDER, Bench
from channels.contract import Accepted, LookupFailed, Refused, Sought, Template, Unknown
from tests.channels.conftest import ALIBABA_KEY, ALIBABA_SECRET

NOWHERE = "http://127.0.0.1:9"
TEMPLATE = "SMS_480000001"
CONTENT = "${debtors}：${community}${charges}，合计${amount}未缴，请于${pay_by}前缴清。"
SIGNATURE = "清苑物业"
FILLED = {"debtors": "孙秀英", "community": "清苑小区", "charges": "3-1-0401物业费2026.08-2026.10共3期", "amount": "1200.40元"}


@dataclass
class Desk:
    """The sandbox carrier, standing in for Alibaba Cloud."""

    sandbox: object
    gone: AlibabaSmsChannel
    refusals = {
        "isv.MOBILE_NUMBER_ILLEGAL": "contact_bad",
        "isv.AMOUNT_NOT_ENOUGH": "config",
        "isv.BUSINESS_LIMIT_CONTROL": "transient",
        "isv.SMS_CONTENT_ILLEGAL": "blocked",
    }
    unknown_code = "isv.A_WORD_OF_TOMORROW"
    secrets = (ALIBABA_SECRET.encode(), b"uthorization", ALIBABA_KEY.encode())

    @property
    def taken(self):
        return len(self.sandbox.log())

    def take_and_fall_silent(self):
        self.sandbox.break_with("accept_then_reset", channel="sms")

    def garble(self, status):
        self.sandbox.break_with("status", status=status, channel="sms")

    def refuse(self, code):
        self.sandbox.break_with("error", code=code, channel="sms")


@pytest.fixture
def speaking(sandbox, settings):
    """Opens the adapter on an address, with the key of the account or another."""
    approve(sandbox.url, TEMPLATE, CONTENT, SIGNATURE)

    def opened(url=sandbox.url, secret=ALIBABA_SECRET, key=ALIBABA_KEY):
        named = replace(settings, alibaba_cloud_access_key_id=key, alibaba_cloud_access_key_secret=secret, alibaba_cloud_api_url=url)
        return AlibabaSmsChannel(AlibabaAccount(named))

    return opened


def approve(url, code, content, signature=""):
    given = {"code": code, "content": content, "signature": signature}
    requests.post(f"{url}/sandbox/alibaba/templates", json=given, timeout=5).raise_for_status()


@pytest.fixture
def reached(somebody):
    return somebody(lambda who: who.sms_fault is None and who.kind == "silent")


@pytest.fixture
def a_text(a_message, reached):
    def text(attempt_id=41, to=reached, **changes):
        values = {**FILLED, "pay_by": f"2026年12月{attempt_id % 28 + 1}日"}
        template = Template("alibaba", TEMPLATE, SIGNATURE, values)
        return a_message("sms", to, attempt_id, **{"template": template, "body": f"【清苑物业】第{attempt_id}次", **changes})

    return text


def bench(adapter, a_text):
    return Bench(adapter, a_text, lambda: datetime.now(UTC), {"US": frozenset({"available"}), "CN": frozenset({"inbound", "links"})})


@pytest.mark.parametrize("promise", ALWAYS, ids=lambda promise: promise.__name__)
def test_it_keeps(speaking, a_text, promise):
    promise(bench(speaking(), a_text))


@pytest.mark.parametrize("promise", WITH_A_PROVIDER, ids=lambda promise: promise.__name__)
def test_what_is_asked_of_it_is_told_honestly(speaking, sandbox, a_text, promise):
    promise(bench(speaking(), a_text), Desk(sandbox, speaking(NOWHERE)))


def test_a_text_is_sent_as_its_template_and_our_reference(speaking, sandbox, a_text, reached):
    sent = speaking().send(a_text(41))

    assert isinstance(sent, Accepted)
    assert sent.provider_id == "41", "its records show no other name"
    (seen,) = sandbox.log()
    assert (seen["to"], seen["from"], seen["attempt"]) == (reached, SIGNATURE, 41)
    assert seen["body"] == "【清苑物业】孙秀英：清苑小区3-1-0401物业费2026.08-2026.10共3期，合计1200.40元未缴，请于2026年12月14日前缴清。"


@pytest.mark.parametrize("template", [None, Template("another", TEMPLATE, SIGNATURE, {})])
def test_a_text_without_its_template_never_leaves(speaking, sandbox, a_text, template):
    refused = speaking().send(a_text(template=template))

    assert isinstance(refused, Refused)
    assert (refused.error_class, refused.error_code) == ("permanent", "no_template")
    assert sandbox.log() == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"id": "SMS_1"}, "isv.SMS_TEMPLATE_ILLEGAL"),
        ({"signature": "别家物业"}, "isv.SMS_SIGNATURE_ILLEGAL"),
        ({"variables": {}}, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ({"variables": {**FILLED, "pay_by": "http://example.com"}}, "isv.PARAM_NOT_SUPPORT_URL"),
        ({"variables": {**FILLED, "pay_by": "很" * 36}}, "isv.PARAM_LENGTH_LIMIT"),
    ],
)
def test_what_alibaba_cloud_does_not_take_is_refused_by_its_own_code(speaking, sandbox, a_text, changed, code):
    message = a_text()
    refused = speaking().send(replace(message, template=replace(message.template, **changed)))

    assert isinstance(refused, Refused)
    assert refused.error_code == code
    assert sandbox.log() == []


def test_a_landline_takes_no_text(speaking, a_text):
    refused = speaking().send(a_text(to="+8657188888888"))
    assert (refused.error_class, refused.error_code) == ("contact_bad", "isv.MOBILE_NUMBER_ILLEGAL")


@pytest.mark.parametrize(
    ("wrong", "code"), [({"secret": "guessed"}, "SignatureDoesNotMatch"), ({"key": "LTAI5tNobody"}, "InvalidAccessKeyId.NotFound")]
)
def test_another_key_is_refused_as_a_matter_of_the_account(speaking, a_text, wrong, code):
    adapter = speaking(**wrong)
    refused = adapter.send(a_text())

    assert (refused.error_class, refused.error_code) == ("config", code)
    assert adapter.check().state == "down"


def test_throttling_is_transient(speaking, sandbox, a_text):
    sandbox.break_with("rate_limited", channel="sms")
    refused = speaking().send(a_text())
    assert (refused.error_class, refused.error_code) == ("transient", "Throttling.User")


@pytest.mark.parametrize("code", sorted(UNSURE))
def test_a_system_error_leaves_it_open_whether_the_text_is_out(speaking, sandbox, a_text, code):
    sandbox.break_with("error", code=code, channel="sms")
    assert isinstance(speaking().send(a_text()), Unknown)


@pytest.mark.parametrize("code", sorted({**COMMON_ERRORS, **ERRORS}))
def test_each_code_is_explained_by_its_page(speaking, code):
    meant = speaking(NOWHERE).explain(code)
    assert meant.error_class in ("transient", "contact_bad", "blocked", "config", "permanent")
    assert meant.says
    assert meant.source.startswith("https://help.aliyun.com/")


def test_each_code_is_refused_by_its_class(speaking, sandbox, a_text):
    adapter = speaking()
    for code, (error_class, _) in {**COMMON_ERRORS, **ERRORS}.items():
        if code not in UNSURE:
            sandbox.break_with("error", code=code, channel="sms")
            refused = adapter.send(a_text())
            assert (refused.error_code, refused.error_class) == (code, error_class)
    assert sandbox.log() == []


def test_what_carriers_report_is_explained_too(speaking):
    adapter = speaking(NOWHERE)
    assert {code: adapter.explain(code).error_class for code in ("MBBLACK", "UNDELIV", "MK:0001")} == {
        "MBBLACK": "opted_out",
        "UNDELIV": "unreachable",
        "MK:0001": "contact_bad",
    }
    assert adapter.explain("MK:9999").error_class == "permanent"


def told_of(adapter, sought):
    (receipt,) = adapter.recall(str(sought.attempt_id), sought).receipts
    return receipt


def test_what_the_record_shows_is_waited_for_until_the_carrier_reports(speaking, sandbox, a_text, reached):
    adapter = speaking()
    adapter.send(a_text(41))
    sought = Sought(41, reached, "", datetime.now(UTC))

    assert told_of(adapter, sought).delivery == "sent"
    sandbox.move(hours=71)
    told = told_of(adapter, sought)
    assert (told.delivery, told.status, told.error_code) == ("delivered", "3 DELIVERED", None)
    assert abs(told.at - datetime.now(UTC)) < timedelta(minutes=2), "a time without a zone is Shanghai's"


def test_a_report_may_be_late_and_is_pushed_with_our_reference(speaking, sandbox, house, a_text):
    adapter = speaking()
    for attempt_id in range(1, 31):
        adapter.send(a_text(attempt_id))
    sandbox.move(minutes=1)
    soon = len(house.requests)
    sandbox.move(hours=71)

    assert 0 < soon < len(house.requests) == 30
    (hint,) = adapter.hints(house.requests[0].raw_body)
    assert hint.provider_id == str(hint.attempt_id)
    assert hint.attempt_id in range(1, 31)


@pytest.mark.parametrize("body", [b"", b"{}", b"not json"])
def test_what_is_no_report_is_none(speaking, body):
    with pytest.raises(ValueError, match=r".*"):
        speaking(NOWHERE).hints(body)


def test_entries_that_name_nothing_of_ours_are_left_out(speaking):
    body = json.dumps([{"out_id": "41"}, {"out_id": "someone-else"}, {"out_id": "9" * 30}, {}, "junk"]).encode()
    assert [hint.attempt_id for hint in speaking(NOWHERE).hints(body)] == [41]


@pytest.mark.parametrize(("fault", "code"), [("30003", "MOBILE_TERMINAL_ERROR"), ("30005", "INVALID_NUMBER")])
def test_what_never_arrives_says_why(speaking, sandbox, somebody, a_text, fault, code):
    adapter, unlucky = speaking(), somebody(lambda who: who.sms_fault == fault)
    adapter.send(a_text(41, to=unlucky))
    sandbox.move(hours=71)

    told = told_of(adapter, Sought(41, unlucky, "", datetime.now(UTC)))
    assert (told.delivery, told.error_code, told.error_class) == ("undelivered", code, REPORTS[code][0])


def test_a_record_of_another_day_with_our_reference_is_not_ours(speaking, a_text, reached):
    """A database taken back from a backup gives numbers out again."""
    adapter = speaking()
    adapter.send(a_text(41))
    assert adapter.find(Sought(41, reached, "", datetime.now(UTC) - timedelta(minutes=30))) is None


@pytest.mark.parametrize("off", [-timedelta(minutes=14), -timedelta(minutes=4), timedelta(minutes=4), timedelta(minutes=14)])
def test_a_record_by_a_clock_that_is_not_ours_is_found(speaking, a_text, reached, off):
    adapter = speaking()
    adapter.send(a_text(41))
    assert adapter.find(Sought(41, reached, "", datetime.now(UTC) + off)).provider_id == "41"


def test_a_record_beyond_the_first_page_is_found(speaking, a_text, reached):
    adapter = speaking()
    for attempt_id in range(1, 53):
        adapter.send(a_text(attempt_id))
    assert adapter.find(Sought(1, reached, "", datetime.now(UTC))).provider_id == "1"


def test_what_has_no_record_cannot_be_recalled(speaking, reached):
    with pytest.raises(LookupFailed):
        speaking().recall("41", Sought(41, reached, "", datetime.now(UTC)))


def test_a_time_without_zone_is_shanghais():
    assert instant("2026-11-24 10:00:00") == datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    assert instant("") is None
    assert not Sought(41, "", "", datetime.now(UTC)).is_about_then(None)


def test_nobody_writes_back_by_this_way(speaking, sandbox, house, somebody, a_text):
    writer = somebody(lambda who: who.reply is not None and who.sms_fault is None)
    speaking().send(a_text(41, to=writer))
    sandbox.move(hours=80)
    assert house.texts == []


def test_an_account_without_an_approved_signature_is_warned_of(sandbox, settings):
    named = replace(
        settings,
        alibaba_cloud_access_key_id=ALIBABA_KEY,
        alibaba_cloud_access_key_secret=ALIBABA_SECRET,
        alibaba_cloud_api_url=sandbox.url,
    )
    adapter = AlibabaSmsChannel(AlibabaAccount(named))
    assert adapter.check().state == "warning"
    approve(sandbox.url, TEMPLATE, CONTENT, SIGNATURE)
    assert adapter.check().state == "ok"


def test_the_sdk_itself_unchanged_is_admitted_by_the_carrier(speaking, sandbox, reached):
    """The carrier checks what Alibaba Cloud's own transport signs, not only what ours does."""
    config = Config(
        access_key_id=ALIBABA_KEY,
        access_key_secret=ALIBABA_SECRET,
        endpoint=sandbox.url.removeprefix("http://"),
        protocol="http",
    )
    speaking()
    request = SendSmsRequest(phone_numbers=reached, sign_name=SIGNATURE, template_code="SMS_1", template_param='{"name":"王 芳~*"}')
    answered = Client(config).send_sms(request)
    assert answered.body.code == "isv.SMS_TEMPLATE_ILLEGAL"


def test_a_request_heard_twice_is_not_carried_out_twice(sandbox, reached):
    """Whoever listened to a request cannot have it carried out again: its nonce is spent."""
    approve(sandbox.url, TEMPLATE, "您好${name}，再见", SIGNATURE)
    asked = {"PhoneNumbers": reached, "SignName": SIGNATURE, "TemplateCode": TEMPLATE, "TemplateParam": '{"name":"王"}', "OutId": "7"}
    signed = DaraRequest()
    signed.method, signed.pathname, signed.query = "POST", "/", asked
    payload = sha256(b"").hexdigest()
    signed.headers = {
        "host": sandbox.url.removeprefix("http://"),
        "x-acs-action": "SendSms",
        "x-acs-version": "2017-05-25",
        "x-acs-date": Utils.get_timestamp(),
        "x-acs-signature-nonce": "once",
        "x-acs-content-sha256": payload,
    }
    key = Utils.get_authorization(signed, "ACS3-HMAC-SHA256", payload, ALIBABA_KEY, ALIBABA_SECRET)
    said = [
        requests.post(sandbox.url, params=asked, headers={**signed.headers, "Authorization": key}, timeout=5).json()["Code"]
        for _ in range(2)
    ]
    assert said == ["OK", "SignatureNonceUsed"]
    assert len(sandbox.log()) == 1


def test_what_was_changed_on_the_way_is_not_admitted(sandbox, speaking, a_text):
    sent = speaking().send(a_text(41))
    target = sent.exchange.request.split(b" ")[1].decode()
    assert requests.post(f"{sandbox.url}{target}", timeout=5).json()["Code"] == "IncompleteSignature", "the key is not in what is kept"


def test_a_proxy_of_the_environment_is_never_asked_for_a_server_on_this_machine(speaking, a_text, sandbox):
    script = f"""
from datetime import UTC, datetime
from types import SimpleNamespace
from channels.alibaba_line import AlibabaAccount
from channels.alibaba_sms import AlibabaSmsChannel
settings = SimpleNamespace(alibaba_cloud_access_key_id={ALIBABA_KEY!r}, alibaba_cloud_access_key_secret={ALIBABA_SECRET!r},
                           alibaba_cloud_api_url={sandbox.url!r})
print(AlibabaSmsChannel(AlibabaAccount(settings)).check().state)
"""
    environment = {**os.environ, "HTTP_PROXY": NOWHERE, "http_proxy": NOWHERE}
    ran = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=30)
    assert ran.stdout.strip() == "ok", ran.stderr
