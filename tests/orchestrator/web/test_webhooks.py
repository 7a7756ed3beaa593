"""What providers tell us: believed only when signed, kept once however often it is said."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text
from twilio.request_validator import RequestValidator

from channels.letter import SIGNATURE_HEADER, tracking_signature
from channels.lines import Lines
from channels.receipts import Receipt
from channels.sms import SmsChannel
from channels.twilio_line import TwilioAccount
from channels.twilio_senders import Sender
from orchestrator import outreach
from orchestrator.runtime import Runtime
from orchestrator.store import hearing
from orchestrator.web.app import create_app
from tests.conftest import PUBLIC_URL
from tests.orchestrator.web.conftest import Client, Heard, serving
from tests.world import Home, World, month

NUMBER = "+8619900003958"


@pytest.fixture
def home(world: World) -> Home:
    return world.home("3-1-0401", "孙丽", NUMBER, charges=[month(2026, 9)]).open_case()


def say(client: Client, runtime: Runtime, path: str, form: dict[str, str], *, token: str | None = None) -> Any:
    form = {"AccountSid": str(runtime.settings.twilio_account_sid), **form}
    signature = RequestValidator(token or runtime.settings.twilio_auth_token).compute_signature(PUBLIC_URL + path, form)
    return client.post(
        path, data=urlencode(form), headers={"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    )


def receipts(runtime: Runtime) -> list[Any]:
    with runtime.store.begin() as rows:
        return list(rows.execute(text("SELECT * FROM receipt ORDER BY id")))


def test_a_delivery_is_kept_raw_and_handed_on(client: Client, runtime: Runtime, home: Home, heard: Heard) -> None:
    attempt = home.attempt("sms", "accepted")
    answer = say(client, runtime, f"/webhooks/twilio/status/{attempt}", {"MessageSid": "SM1", "MessageStatus": "delivered"})
    (kept,) = receipts(runtime)
    assert answer.status_code == 204
    assert (kept.kind, kept.delivery, kept.attempt_id) == ("delivery", "delivered", attempt)
    assert bytes(kept.raw).endswith(b"&MessageSid=SM1&MessageStatus=delivered")
    assert heard.once_told() == [kept.id]


def test_the_same_word_said_twice_is_kept_and_heard_once(client: Client, runtime: Runtime, home: Home, heard: Heard) -> None:
    attempt = home.attempt("sms", "accepted")
    for _ in range(2):
        said = say(client, runtime, f"/webhooks/twilio/status/{attempt}", {"MessageSid": "SM1", "MessageStatus": "delivered"})
        assert said.status_code == 204
    assert len(receipts(runtime)) == len(heard.once_told()) == 1


def test_the_bytes_of_a_signed_word_are_kept_though_it_was_known_before_from_a_record(
    client: Client, runtime: Runtime, home: Home, heard: Heard
) -> None:
    """The callback came late, after the provider was asked: of a delivery that counts as proof the signed bytes are held."""
    attempt = home.attempt("sms", "accepted", provider_id="SM1")
    with runtime.store.begin() as rows:
        word = Receipt("twilio", "SM1", attempt, "delivered", "delivered")
        hearing.keep(rows, [hearing.Heard.of(word, b"the record")], runtime.now(), runtime.wall())
    path = f"/webhooks/twilio/status/{attempt}"
    for more in ({}, {}, {"RawDlrDoneDate": "2611240201"}):
        assert say(client, runtime, path, {"MessageSid": "SM1", "MessageStatus": "delivered", **more}).status_code == 204
    asked, signed, again = receipts(runtime)
    assert (asked.kind, bytes(asked.raw)) == ("delivery", b"the record")
    assert (signed.kind, again.kind, signed.attempt_id) == ("repeat", "repeat", attempt)
    assert bytes(signed.raw).endswith(b"&MessageSid=SM1&MessageStatus=delivered")
    assert heard.once_told() == [signed.id, again.id]
    outreach.hear([each.id for each in (asked, signed, again)], runtime)
    with runtime.store.begin() as rows:
        entries = rows.execute(text("SELECT count(*) FROM evidence_entry WHERE kind = 'receipt' AND attempt_id = :id"), {"id": attempt})
        assert entries.scalar() == 3


def test_of_a_word_said_in_ever_new_bytes_only_so_many_are_kept(client: Client, runtime: Runtime, home: Home) -> None:
    attempt = home.attempt("sms", "accepted", provider_id="SM1")
    for number in range(hearing.REPEATS_KEPT + 5):
        form = {"MessageSid": "SM1", "MessageStatus": "delivered", "Padding": str(number)}
        assert say(client, runtime, f"/webhooks/twilio/status/{attempt}", form).status_code == 204
    assert [kept.kind for kept in receipts(runtime)] == ["delivery", *["repeat"] * hearing.REPEATS_KEPT]


def test_a_reply_posted_twice_is_taken_up_once(client: Client, runtime: Runtime, home: Home) -> None:
    home.attempt("sms", "delivered")
    for more in ({}, {"ApiVersion": "2010-04-01"}):
        form = {"MessageSid": "SM9", "From": NUMBER, "To": "+15005550006", "Body": "对金额有异议", **more}
        say(client, runtime, "/webhooks/twilio/sms", form)
    outreach.hear([kept.id for kept in receipts(runtime)], runtime)
    with runtime.store.begin() as rows:
        assert rows.execute(text("SELECT count(*) FROM task WHERE about = 'dispute'")).scalar() == 1
        assert rows.execute(text("SELECT count(*) FROM receipt WHERE applied_at IS NULL")).scalar() == 0


def test_a_forged_callback_is_refused_and_its_bytes_are_evidence(client: Client, runtime: Runtime, home: Home, heard: Heard) -> None:
    attempt = home.attempt("sms", "accepted")
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    assert say(client, runtime, f"/webhooks/twilio/status/{attempt}", form, token="f" * 32).status_code == 403
    assert client.post(f"/webhooks/twilio/status/{attempt}", data=form).status_code == 403
    assert (receipts(runtime), heard.ids) == ([], [])
    with runtime.store.begin() as rows:
        forged = rows.execute(text("SELECT count(*) FROM evidence_entry WHERE kind = 'forged'")).scalar()
    assert forged == 2


def test_a_flood_of_forgeries_does_not_fill_the_log(client: Client, runtime: Runtime) -> None:
    for _ in range(70):
        client.post("/webhooks/twilio/sms", data={"Body": "x"})
    with runtime.store.begin() as rows:
        assert rows.execute(text("SELECT count(*) FROM evidence_entry WHERE kind = 'forged'")).scalar() == 60


def test_a_body_without_end_is_refused(client: Client) -> None:
    assert client.post("/webhooks/twilio/sms", data=b"x" * 100_000).status_code == 413


def test_a_word_about_an_attempt_nobody_knows_is_kept_without_it(client: Client, runtime: Runtime) -> None:
    said = say(client, runtime, "/webhooks/twilio/status/999", {"MessageSid": "SM1", "MessageStatus": "delivered"})
    assert said.status_code == 204
    assert [kept.attempt_id for kept in receipts(runtime)] == [None]


def test_a_reply_is_taken_for_an_answer_to_the_last_thing_sent_to_its_number(client: Client, runtime: Runtime, home: Home) -> None:
    home.attempt("sms", "delivered", step="notice-sms")
    later = home.attempt("sms", "delivered", step="recap", provider_id="later")
    answer = say(client, runtime, "/webhooks/twilio/sms", {"MessageSid": "SM9", "From": NUMBER, "To": "+15005550006", "Body": "12月5日交"})
    (kept,) = receipts(runtime)
    assert answer.text == "<Response/>"
    assert (kept.kind, kept.attempt_id) == ("reply", later)
    assert kept.detail.items() >= {"reply": "promise", "on": "2026-12-05", "text": "12月5日交"}.items()


class Dated(SmsChannel):
    """Twilio says when it got each text."""

    def written_at(self, provider_id: str) -> datetime:
        return self._now() - timedelta(days=2)


def test_a_text_that_reaches_us_late_answers_what_was_sent_before_it_was_written(runtime: Runtime, heard: Heard, home: Home) -> None:
    earlier = home.attempt("sms", "delivered", step="notice-sms", sent=timedelta(days=-6))
    home.attempt("sms", "delivered", step="recap", provider_id="later", sent=timedelta(days=-1))
    line = Dated(Sender("+15005550006"), TwilioAccount(runtime.settings), runtime.now, sandbox=True)
    with serving(create_app(replace(runtime, lines=Lines(general=(line,))), heard)) as address, Client(address) as late:
        form = {"MessageSid": "SM9", "From": NUMBER, "To": "+15005550006", "Body": "三天后交"}
        say(late, runtime, "/webhooks/twilio/sms", form)
    (kept,) = receipts(runtime)
    assert kept.attempt_id == earlier
    assert kept.detail["on"] == "2026-11-25"
    assert kept.said_at == runtime.now() - timedelta(days=2)


@pytest.mark.parametrize(("body", "found"), [("多少钱?", False), ("退订", True)])
def test_after_sixty_days_only_a_wish_about_contact_still_finds_its_number(
    client: Client, runtime: Runtime, world: World, body: str, found: bool
) -> None:
    old = world.home("1-1-0101", "李四", NUMBER, charges=[month(2026, 8)]).open_case()
    attempt = old.attempt("sms", "delivered", sent=timedelta(days=-61))
    say(client, runtime, "/webhooks/twilio/sms", {"MessageSid": "SM9", "From": NUMBER, "To": "+15005550006", "Body": body})
    assert [kept.attempt_id for kept in receipts(runtime)] == [attempt if found else None]


def test_a_letter_signed_for_says_by_whom(client: Client, runtime: Runtime, home: Home) -> None:
    attempt = home.attempt("letter", "accepted", step="formal-demand", provider_id="EMS1")
    path, body = (
        f"/webhooks/post/tracking/{attempt}",
        json.dumps({"waybill": "EMS1", "status": "signed_self", "at": "2026-11-24T09:30:00+08:00"}),
    )
    signature = tracking_signature(str(runtime.settings.post_token).encode(), PUBLIC_URL + path, body.encode())
    answer = client.post(path, data=body, headers={SIGNATURE_HEADER: signature, "Content-Type": "application/json"})
    (kept,) = receipts(runtime)
    assert answer.status_code == 204
    assert (kept.outcome, kept.detail) == ("handed_over", {"signer": "self"})


def test_no_personal_data_reaches_the_log_of_the_process(
    client: Client, runtime: Runtime, home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    form = {"MessageSid": "SM9", "From": NUMBER, "To": "+15005550006", "Body": "我是孙丽"}
    say(client, runtime, "/webhooks/twilio/sms", form)
    say(client, runtime, "/webhooks/twilio/sms", form, token="f" * 32)
    written = "".join(capfd.readouterr())
    assert "9900003958" not in written
    assert "孙丽" not in written
