"""A carrier whose answers are lost or late: what became of each message is looked up, and none is sent twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from orchestrator import casework
from tests.channels.conftest import somebody
from tests.journeys.stage import Bill, Stage, local
from tests.journeys.test_whole_cases import AUTUMN, NAME, RUNG_IN_VAIN, UNIT, ignores_all

TEXTED = "11-30 09:00 sms notice-sms: delivered"


@pytest.fixture
def billed(stage: Stage) -> Stage:
    stage.bill(Bill(UNIT, NAME, somebody(ignores_all), AUTUMN))
    stage.open_cases()
    return stage


def test_a_message_whose_answer_was_lost_is_looked_up_and_nothing_else_was_sent(billed: Stage) -> None:
    """On every channel: the carrier took it and dropped the connection, and its later words of it were lost too."""
    for channel, words in (("voice", 3), ("sms", 2), ("letter", 1)):
        billed.spoil("accept_then_reset", channel)
        billed.spoil("callback_lost", channel, count=words)
    for step, leaves, found in (
        ("courtesy-call", "2026-11-24 10:00", ("undelivered", 2)),
        ("notice-sms", "2026-11-30 09:00", ("delivered", 2)),
        ("warm-letter", "2026-12-07 09:00", ("accepted", 2)),
    ):
        billed.live(local(leaves))
        assert billed.handovers(step) == [("unknown", 1)]
        billed.live(local(leaves) + timedelta(seconds=90))
        assert billed.handovers(step) == [found]
    billed.live(local("2026-12-12 12:00"))
    assert billed.seen() == {UNIT: [*RUNG_IN_VAIN, TEXTED, "12-07 09:00 letter warm-letter: collected"]}


def test_an_answer_that_comes_after_it_was_given_up_changes_nothing_and_nothing_else_was_sent(billed: Stage) -> None:
    billed.live(local("2026-11-30 08:59"))
    billed.spoil("slow", "sms", seconds=3)
    billed.clock.at = local("2026-11-30 09:00")
    billed.carrier.tell_time(billed.clock.at)
    billed.work()
    with ThreadPoolExecutor(1) as worker:
        handing_over = worker.submit(billed.work)
        while not any(sent["kind"] == "sms" for sent in billed.carrier.log()):
            assert not handing_over.done(), "the text was not handed over"
        billed.clock.at += billed.runtime.sending + timedelta(seconds=1)
        billed.work()
        assert billed.handovers("notice-sms") == [("accepted", 1)], "it was not looked up"
        handing_over.result()
    assert billed.handovers("notice-sms") == [("accepted", 2)]
    billed.live(local("2026-12-05 12:00"))
    assert billed.seen() == {UNIT: [*RUNG_IN_VAIN, TEXTED]}


def test_a_message_that_the_carrier_never_took_waits_for_a_person_and_nothing_else_was_sent(billed: Stage) -> None:
    """Two listings without it: only somebody who looked into it may say that it never left, and then the step is tried again."""
    billed.spoil("reset", "sms")
    billed.live(local("2026-12-02 12:00"))
    assert billed.handovers("notice-sms") == [("failed", 1)]
    (task,) = billed.doubts()
    casework.complete_check(billed.runtime, task, "collector", "")
    billed.live(local("2026-12-05 12:00"))
    assert billed.handovers("notice-sms") == [("failed", 1), ("delivered", 1)]
    assert billed.seen() == {UNIT: [*RUNG_IN_VAIN, "12-02 12:00 check absent: checked", "12-02 12:00 sms notice-sms: delivered"]}


def test_a_call_that_the_carrier_never_speaks_of_again_holds_up_nobody_and_nothing_else_was_sent(billed: Stage) -> None:
    """Every callback of it is lost: after three days the case goes on, the call counted as made."""
    billed.spoil("callback_lost", "voice", count=3)
    billed.live(local("2026-11-28 12:00"))
    assert billed.handovers("courtesy-call") == [("accepted", 1)]
    assert billed.seen() == {UNIT: [RUNG_IN_VAIN[0], "11-27 10:00 sms notice-sms: delivered"]}


def test_a_text_that_the_carrier_never_speaks_of_again_counts_as_come_after_three_days_and_nothing_else_was_sent(billed: Stage) -> None:
    billed.spoil("callback_lost", "sms", count=2)
    billed.live(local("2026-12-10 12:00"))
    assert billed.handovers("notice-sms") == [("accepted", 1)]
    assert billed.seen() == {UNIT: [*RUNG_IN_VAIN, TEXTED, "12-10 09:00 letter warm-letter: accepted"]}


def test_what_the_carrier_says_twice_is_heard_once_and_nothing_else_was_sent(billed: Stage) -> None:
    billed.spoil("callback_doubled", "sms", count=2)
    billed.live(local("2026-12-05 12:00"))
    assert billed.value("SELECT count(*) FROM receipt WHERE provider_id LIKE 'SM%'") == 2
    assert billed.seen() == {UNIT: [*RUNG_IN_VAIN, TEXTED]}


def test_callbacks_before_the_answer_out_of_order_and_replayed_end_the_same_and_nothing_else_was_sent(billed: Stage) -> None:
    for fault in ("callback_first", "callback_reordered", "callback_replayed"):
        billed.spoil(fault, "sms", seconds=86_400)
    billed.live(local("2026-12-05 12:00"))
    assert billed.handovers("notice-sms") == [("delivered", 1)]
    assert billed.value("SELECT count(*) FROM receipt WHERE provider_id LIKE 'SM%'") == 3
    assert billed.seen() == {UNIT: [*RUNG_IN_VAIN, TEXTED]}


def test_an_answer_that_nobody_understands_is_looked_up_and_nothing_else_was_sent(billed: Stage) -> None:
    billed.spoil("truncated", "sms")
    billed.spoil("callback_lost", "sms", count=2)
    billed.live(local("2026-12-05 12:00"))
    assert billed.handovers("notice-sms") == [("delivered", 2)]
    assert billed.seen() == {UNIT: [*RUNG_IN_VAIN, TEXTED]}
