"""What a provider's list does not have: looked for again a day later, and then a person says whether it went out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from channels.contract import Handover, Message, Unknown
from orchestrator import casework, outreach
from orchestrator.sandbox import staff
from orchestrator.sandbox.carrier import Carrier
from orchestrator.store.offering import LOOK_UP_AFTER
from tests.lines import RAW, taken
from tests.orchestrator.conftest import River
from tests.world import Home

DAY = timedelta(hours=24)


def lost(message: Message) -> Handover:
    return Unknown("line", "timeout", RAW)


@pytest.fixture
def real(river: River) -> River:
    """The river outside a sandbox: its times are the real ones."""
    river.runtime = replace(river.runtime, settings=river.runtime.settings.model_copy(update={"sandbox": False}))
    return river


@pytest.fixture
def attempt(real: River, home: Home) -> int:
    """A text whose handover nobody answered; what is sent after it is taken."""
    real.lines["sms"].answer = lost
    attempt = real.plan(home)
    outreach.deliver([attempt], real.runtime)
    real.lines["sms"].answer = taken
    real.clock.at += LOOK_UP_AFTER + timedelta(seconds=1)
    real.flow()
    return attempt


@pytest.fixture
def absent(real: River, attempt: int) -> int:
    """The same a day later: still not in the provider's list."""
    fresh_payments(real)
    real.clock.at += DAY
    real.flow()
    return attempt


def fresh_payments(river: River) -> None:
    river.execute("UPDATE community SET payments_as_of = :then", then=river.clock.at + timedelta(days=9))


def task_of(river: River, attempt: int) -> int:
    return int(str(river.value("SELECT id FROM task WHERE attempt_id = :id AND kind = 'check' AND state = 'open'", id=attempt)))


def test_a_list_without_it_says_little_while_it_may_lag(real: River, attempt: int) -> None:
    for _ in range(3):
        outreach.look_up([attempt], real.runtime)  # whatever a queue repeats
        real.clock.at += timedelta(hours=7, minutes=50)
        real.flow()
    assert real.state(attempt) == "unknown"


def test_what_turns_up_in_the_second_listing_was_sent(real: River, attempt: int) -> None:
    real.lines["sms"].known[attempt] = taken(real.lines["sms"].sent[0])  # type: ignore[assignment]
    real.clock.at += DAY
    real.flow()
    assert real.state(attempt) == "accepted"
    assert len(real.sent) == 1


def test_what_is_still_missing_a_day_later_is_put_before_a_person_and_its_case_waits(real: River, home: Home, absent: int) -> None:
    assert real.state(absent) == "failed"
    assert real.value("SELECT error_code FROM attempt WHERE id = :id", id=absent) == "absent"
    assert real.value("SELECT about FROM task WHERE id = :id", id=task_of(real, absent)) == "absent"
    for _ in range(3):
        real.clock.at += timedelta(days=1)
        real.flow()
    assert real.sent == [("sms", absent)]
    assert real.value("SELECT rule FROM decision WHERE case_id = :id ORDER BY id DESC LIMIT 1", id=home.case_id) == "wait_in_flight"


def test_a_person_who_says_it_never_left_has_its_step_tried_again(real: River, absent: int) -> None:
    casework.complete_check(real.runtime, task_of(real, absent), "collector", "")
    real.flow()
    assert [message.attempt_id for message in real.lines["sms"].sent] == [absent, absent + 1]
    assert real.value("SELECT array_agg(step ORDER BY id) FROM attempt") == ["notice-sms", "notice-sms"]


def test_a_person_who_says_it_went_out_has_the_case_go_on_from_it(real: River, home: Home, absent: int) -> None:
    casework.complete_check(real.runtime, task_of(real, absent), "collector", "", went_out=True)
    real.flow()
    assert real.sent == [("sms", absent)]
    assert real.value("SELECT rule FROM decision WHERE case_id = :id ORDER BY id DESC LIMIT 1", id=home.case_id) == "wait_for_gap"
    assert real.value("SELECT step FROM decision WHERE case_id = :id ORDER BY id DESC LIMIT 1", id=home.case_id) != "notice-sms"


@pytest.mark.parametrize("word", ["accepted", "sent", "delivered", "undelivered"])
def test_a_word_of_the_provider_ends_the_doubt_before_anybody_answers(real: River, absent: int, word: str) -> None:
    real.said(absent, word)
    outreach.hear(outreach.sweep(real.runtime).receipts, real.runtime)
    assert real.state(absent) == word
    assert real.value("SELECT state FROM task WHERE attempt_id = :id", id=absent) == "cancelled"


def test_a_refusal_that_nobody_can_explain_takes_the_place_of_the_doubt_before_the_person(real: River, absent: int) -> None:
    real.said(absent, "undelivered", error_class="permanent", error_code="99999")
    outreach.hear(outreach.sweep(real.runtime).receipts, real.runtime)
    assert real.value("SELECT about FROM task WHERE id = :id", id=task_of(real, absent)) == "unexplained"


@pytest.mark.parametrize("word", ["sent", "delivered"])
def test_what_the_provider_speaks_of_again_is_not_sent_twice(real: River, absent: int, word: str) -> None:
    real.said(absent, word)
    real.flow()
    for _ in range(4):
        real.clock.at += DAY
        real.flow()
    assert [channel for channel, _ in real.sent].count("sms") == 1


def test_in_a_sandbox_a_day_is_a_minute_and_its_staff_decide(river: River, home: Home) -> None:
    river.lines["sms"].answer = lost
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    for _ in range(2):
        river.clock.at += timedelta(seconds=61)
        river.flow()
    assert river.state(attempt) == "failed"
    assert staff.work(river.runtime, Carrier("http://nobody.invalid"), seed=1) == 1
    assert river.value("SELECT done_by FROM task WHERE attempt_id = :id", id=attempt) == staff.COLLECTOR
