"""Whole cases of the mainland, by Alibaba Cloud: templates, reports that are late and unsigned, records that are asked."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests

from orchestrator import outreach, pushing, templating
from orchestrator.campaigns import Refused
from tests.channels.conftest import ALIBABA_KEY, ALIBABA_SECRET, somebody
from tests.journeys.stage import Bill, Stage, local
from tests.journeys.test_whole_cases import AUTUMN, NAME, RUNG_IN_VAIN, UNIT, ignores_all
from tests.orchestrator.test_approved_templates import COURTESY_CALL, NOTICE_SMS
from tests.orchestrator.test_templates_before_approval import TEXTS

CREDITOR = "云栖物业服务有限公司"
TEXTED = "11-30 09:00 sms notice-sms: delivered"
"""What goes on where the report comes within the hour; the reports of these numbers do, by the carrier's hash."""


@pytest.fixture
def stated() -> dict[str, Any]:
    """A company that has an account at Alibaba Cloud, and none at Twilio."""
    key = {"alibaba_cloud_access_key_id": ALIBABA_KEY, "alibaba_cloud_access_key_secret": ALIBABA_SECRET}
    return {"twilio_account_sid": None, **key}


@pytest.fixture
def billed(stage: Stage) -> Stage:
    take_over_all(stage)
    stage.bill(Bill(UNIT, NAME, somebody(ignores_all), AUTUMN))
    stage.open_cases()
    return stage


def take_over_all(stage: Stage) -> None:
    """Alibaba Cloud approved them, and staff took them over."""
    texts = [replace(NOTICE_SMS, wording=name, text=text, template_id=f"SMS_{name}", signature=CREDITOR) for name, text in TEXTS.items()]
    for made in (*texts, COURTESY_CALL):
        templating.put(stage.runtime, made, stage.clock.at, "陈静")
        for code, content in zip(made.template_id.split("/"), made.text.split("\n"), strict=True):
            given = {"code": code, "content": content, "signature": made.signature}
            requests.post(f"{stage.address}/sandbox/alibaba/templates", json=given, timeout=5).raise_for_status()


def test_without_its_templates_a_campaign_is_refused_and_nothing_was_sent(stage: Stage) -> None:
    stage.bill(Bill(UNIT, NAME, somebody(ignores_all), AUTUMN))
    with pytest.raises(Refused, match=r"courtesy-call.*no approved template"):
        stage.open_cases()
    stage.live(local("2026-12-05 12:00"))
    assert stage.seen() == {}


def test_who_ignores_everything_is_rung_and_written_to_by_template_and_nothing_else_was_sent(billed: Stage) -> None:
    billed.live(local("2026-12-05 12:00"))
    assert billed.seen() == {UNIT: [*RUNG_IN_VAIN, TEXTED]}
    providers = billed.value("SELECT string_agg(DISTINCT provider, ',') FROM attempt WHERE channel IN ('sms', 'voice')")
    assert providers == "alibaba"
    (text,) = [sent["body"] for sent in billed.carrier.log() if sent["kind"] == "sms"]
    assert text.startswith(f"【{CREDITOR}】{NAME}：云栖花园的3-1-1201物业费2026.08-2026.10共3期，合计1200.00元未缴")
    assert text == billed.value("SELECT body FROM message WHERE wording LIKE 'notice-sms%'")


def test_a_text_whose_answer_was_lost_is_found_by_our_reference_and_nothing_else_was_sent(billed: Stage) -> None:
    billed.live(local("2026-11-30 08:59"))
    billed.spoil("accept_then_reset", "sms")
    billed.spoil("callback_lost", "sms")
    billed.live(local("2026-11-30 09:00"))
    assert billed.handovers("notice-sms") == [("unknown", 1)]
    billed.live(local("2026-12-05 12:00"))
    assert billed.handovers("notice-sms") == [("delivered", 2)]
    assert billed.seen() == {UNIT: [*RUNG_IN_VAIN, TEXTED]}


def test_a_call_whose_answer_was_lost_is_known_by_its_report_and_nothing_else_was_sent(billed: Stage) -> None:
    billed.spoil("accept_then_reset", "voice")
    billed.live(local("2026-11-24 12:00"))
    assert billed.value("SELECT state || ' ' || outcome FROM attempt WHERE channel = 'voice'") == "undelivered no_answer"
    billed.live(local("2026-12-05 12:00"))
    assert billed.seen() == {UNIT: [*RUNG_IN_VAIN, TEXTED]}


def test_a_report_that_is_never_pushed_is_pulled_and_nothing_else_was_sent(billed: Stage) -> None:
    billed.live(local("2026-11-30 08:59"))
    billed.spoil("callback_lost", "sms")
    billed.live(local("2026-12-01 12:00"))
    assert billed.handovers("notice-sms") == [("accepted", 1)]
    outreach.catch_up(billed.runtime)
    billed.live(local("2026-12-01 12:00") + timedelta(minutes=1))
    assert billed.handovers("notice-sms") == [("delivered", 1)]
    billed.live(local("2026-12-05 12:00"))
    assert billed.seen() == {UNIT: [*RUNG_IN_VAIN, TEXTED]}


def test_a_forged_push_changes_nothing_and_nothing_else_was_sent(billed: Stage) -> None:
    """By somebody who got to know the address: the record says that the text is still on its way."""
    billed.live(local("2026-11-30 09:00"))
    attempt = billed.value("SELECT id FROM attempt WHERE step = 'notice-sms'")
    door = pushing.address(billed.runtime.settings, "alibaba", "sms")
    forged = [{"out_id": str(attempt), "success": False, "err_code": "MBBLACK", "report_time": "2026-11-30 09:00:01"}]
    assert requests.post(door, json=forged, timeout=5).json()["code"] == 0
    billed.work()
    assert billed.handovers("notice-sms") == [("sent", 1)]
    assert billed.value("SELECT count(*) FROM opt_out") == 0
    billed.live(local("2026-12-05 12:00"))
    assert billed.seen() == {UNIT: [*RUNG_IN_VAIN, TEXTED]}
