"""A call is said again in a text message: within ten minutes, once, to who was spoken to, and as a part of that contact only."""

from datetime import UTC, date, datetime, timedelta

import pytest

from channels.receipts import Receipt
from orchestrator import casework, outreach
from orchestrator.store import consents, hearing
from orchestrator.store.consents import Word
from orchestrator.store.hearing import Heard
from tests.orchestrator.conftest import River
from tests.world import Home, World, month


@pytest.fixture
def home(world: World) -> Home:
    """A home that owes two months, at the step of the first call."""
    owed = [month(2026, 9, "400.00"), month(2026, 10, "400.00")]
    return world.home("3-1-1201", "王芳", "+8619900000001", charges=owed).open_case(cursor=0)


def call(river: River, home: Home) -> int:
    """The first call leaves; its attempt."""
    attempt = river.plan(home)
    river.flow()
    assert river.sent == [("voice", attempt)]
    return attempt


def keys(river: River, attempt: int, *meanings: str, on: str | None = None) -> None:
    for meaning in meanings:
        word = Receipt("line", f"id-{attempt}", attempt, f"menu:{meaning}", "sent", outcome=meaning)
        detail = {"meaning": meaning, "stage": "menu"} | ({"on": on} if on else {})
        with river.runtime.store.begin() as rows:
            hearing.keep(rows, [Heard.of(word, b"raw", "keys", detail)], river.clock.at, river.clock.at)


def answered(river: River, attempt: int, *meanings: str, on: str | None = None) -> None:
    keys(river, attempt, "started", *meanings, on=on)
    river.said(attempt, "delivered", outcome="answered")


def texts(river: River) -> list[str]:
    return [message.body for message in river.lines["sms"].sent]


HEARD = ("confirmed", "heard")


def test_a_call_that_was_heard_is_said_again_at_once_to_the_number_called(river: River, home: Home) -> None:
    answered(river, call(river, home), *HEARD)
    river.flow()
    (message,) = river.lines["sms"].sent
    assert message.to == "+8619900000001"
    assert "刚才的通话" in message.body
    assert "800.00" in message.body
    assert river.value("SELECT outcome FROM attempt WHERE channel = 'voice'") == "heard"


def test_what_was_promised_in_the_call_is_said_with_its_day(river: River, home: Home) -> None:
    answered(river, call(river, home), *HEARD, "promised", on="2026-12-05")
    river.flow()
    assert "您表示将于2026年12月5日缴纳" in texts(river)[0]
    assert river.value('SELECT "on" FROM promise') == date(2026, 12, 5)


def test_a_call_is_recapped_once_however_often_its_end_is_told(river: River, home: Home) -> None:
    attempt = call(river, home)
    answered(river, attempt, *HEARD)
    river.flow()
    river.said(attempt, "delivered", outcome="answered", error_code="0")
    outreach.sweep(river.runtime)
    river.flow()
    assert len(texts(river)) == 1


@pytest.mark.parametrize("last", ["wrong_person", "paid_already"])
def test_a_stranger_and_who_has_paid_are_sent_nothing(river: River, home: Home, last: str) -> None:
    answered(river, call(river, home), *HEARD, last)
    river.flow()
    assert texts(river) == []


def test_who_did_not_say_that_they_are_the_debtor_is_sent_nothing(river: River, home: Home) -> None:
    answered(river, call(river, home))
    river.flow()
    assert texts(river) == []
    assert river.value("SELECT outcome FROM attempt WHERE channel = 'voice'") == "answered"


@pytest.mark.parametrize("outcome", ["machine", "no_answer", "busy"])
def test_a_call_nobody_took_is_not_recapped(river: River, home: Home, outcome: str) -> None:
    river.said(call(river, home), "undelivered", outcome=outcome)
    river.flow()
    assert texts(river) == []


def test_a_number_that_wants_no_texts_gets_none(river: River, home: Home) -> None:
    attempt = call(river, home)
    with river.runtime.store.begin() as rows:
        consents.withdraw(rows, [home.point_id or 0], ["sms"], Word("staff", by="collector"), river.clock.at, river.clock.at)
    answered(river, attempt, *HEARD)
    river.flow()
    assert texts(river) == []


def test_who_paid_right_after_the_call_gets_none(river: River, home: Home) -> None:
    attempt = call(river, home)
    answered(river, attempt, *HEARD)
    river.pay(home)
    river.flow()
    assert texts(river) == []


def test_what_cannot_leave_within_ten_minutes_is_left(river: River, home: Home) -> None:
    answered(river, call(river, home), *HEARD)
    outreach.hear(outreach.sweep(river.runtime).receipts, river.runtime)
    assert river.value("SELECT state FROM attempt WHERE purpose = 'recap'") == "planned"
    river.clock.at += timedelta(minutes=11)
    river.flow()
    assert texts(river) == []
    assert river.value("SELECT outcome FROM attempt WHERE purpose = 'recap'") == "too_late"


def test_after_the_window_of_texts_it_is_not_sent_and_that_is_on_record(river: River, home: Home) -> None:
    attempt = call(river, home)
    river.clock.at = datetime(2026, 11, 24, 12, 5, tzinfo=UTC)
    answered(river, attempt, *HEARD)
    river.flow()
    assert texts(river) == []
    assert river.value("SELECT state || ' ' || outcome FROM attempt WHERE purpose = 'recap'") == "cancelled window_closed"
    assert river.value("SELECT count(*) FROM evidence_entry WHERE kind = 'withheld'") == 1


def test_it_is_no_step_counts_in_no_cap_and_moves_no_gap(river: River, home: Home) -> None:
    answered(river, call(river, home), *HEARD)
    river.flow()
    assert len(texts(river)) == 1
    river.clock.at += timedelta(days=3)
    river.execute("UPDATE community SET payments_as_of = :now", now=river.clock.at)
    river.ask(home)
    river.flow()
    assert river.value("SELECT array_agg(step ORDER BY id) FROM attempt") == ["courtesy-call", "recap", "notice-sms"]


def test_a_recap_that_a_worker_let_fall_is_planned_again(river: River, home: Home) -> None:
    answered(river, call(river, home), *HEARD)
    outreach.hear(outreach.sweep(river.runtime).receipts, river.runtime)
    river.execute("UPDATE attempt SET state = 'cancelled', outcome = 'claim_lapsed', concluded_at = now() WHERE purpose = 'recap'")
    river.flow()
    assert len(texts(river)) == 1


def test_a_conversation_with_staff_is_said_again_with_what_was_promised(river: River, home: Home) -> None:
    river.execute("UPDATE community SET voice_opt_in = false")
    river.plan(home)
    river.flow()
    task = river.value("SELECT id FROM task")
    casework.complete_call(river.runtime, task, "collector", "conversation", promised_on=date(2026, 12, 1))  # type: ignore[arg-type]
    river.flow()
    assert "您表示将于2026年12月1日缴纳" in texts(river)[0]
