"""Whole cases, from the billing system's file to their end, against the carrier. What was seen is all that was sent."""

from datetime import timedelta

from channels.carrier.personas import Persona
from orchestrator import casework
from tests.channels.conftest import somebody
from tests.journeys.stage import Bill, Stage, local

UNIT, NAME = "3-1-1201", "王芳"
AUTUMN = ("2026-08", "2026-09", "2026-10")


def ignores_all(who: Persona) -> bool:
    """Never answers a call or a text; takes in what the post brings to be signed for."""
    return who.kind == "silent" and who.phone == "no_answer" and who.mail == "self" and who.sms_fault is None


RUNG_IN_VAIN = [
    "11-24 10:00 voice courtesy-call: no-answer",
    "11-25 10:00 voice courtesy-call: no-answer",
    "11-26 10:00 call courtesy-call: no_answer",
    "11-27 10:00 call courtesy-call: no_answer",
]


def test_who_ignores_everything_is_led_courteously_to_a_persons_decision_and_nothing_else_was_sent(stage: Stage) -> None:
    stage.bill(Bill(UNIT, NAME, somebody(ignores_all), AUTUMN))
    stage.open_cases()
    stage.live(local("2027-01-27 12:00"))
    assert stage.value("SELECT step FROM approval WHERE state = 'pending'") == "lawyer-letter"
    assert stage.waits(UNIT)[0] == "wait_for_approval"
    assert stage.seen() == {
        UNIT: [
            *RUNG_IN_VAIN,
            "11-30 09:00 sms notice-sms: delivered",
            "12-07 09:00 letter warm-letter: collected",
            "12-14 10:00 call second-call: no_answer",
            "12-15 10:00 call second-call: no_answer",
            "12-22 10:00 visit visit: affixed",
            "12-27 09:00 letter formal-demand: signed_self",
            "01-18 10:00 call settlement-offer: no_answer",
            "01-19 10:00 call settlement-offer: no_answer",
        ]
    }


def test_who_pays_after_the_text_gets_thanks_and_nothing_else_was_sent(stage: Stage) -> None:
    pays = somebody(lambda who: who.kind == "prompt" and who.phone == "no_answer" and who.sms_fault is None)
    stage.bill(Bill(UNIT, NAME, pays, AUTUMN))
    stage.open_cases()
    stage.live(local("2026-12-20 12:00"))
    assert stage.standing(UNIT) == ("closed", "settled")
    assert stage.seen() == {
        UNIT: [*RUNG_IN_VAIN, "11-30 09:00 sms notice-sms: delivered", "12-04 09:00 sms thank-you: delivered"],
    }


def test_who_says_that_they_have_paid_is_left_alone_for_72_hours_and_nothing_else_was_sent(stage: Stage) -> None:
    """They press 2, and have not paid: the case goes on where it stood, and a person has looked into it."""
    says_so = somebody(lambda who: who.kind == "claims_paid" and not who.word_holds and who.sms_fault is None)
    stage.bill(Bill(UNIT, NAME, says_so, AUTUMN))
    stage.open_cases()
    stage.live(local("2026-11-24 12:00"))
    called = ["11-24 10:00 voice courtesy-call: completed, pressed 1 2", "11-24 10:00 check paid_already: open"]
    assert stage.waits(UNIT) == ("wait_for_hold", local("2026-11-27 10:00:08"))
    stage.live(local("2026-11-27 10:00"))
    assert stage.seen() == {UNIT: called}
    stage.live(local("2026-11-27 10:30"))
    assert stage.seen() == {UNIT: [*called, "11-27 10:00 sms notice-sms: delivered"]}


def test_who_promises_is_reminded_once_and_left_alone_through_the_day_and_two_working_days_and_nothing_else_was_sent(stage: Stage) -> None:
    """Keyed on Thursday: in seven days. Friday and Monday are the two working days; the word is broken.

    The recap is a part of the call; written in answer to it, they name the day before as well, and are reminded of that.
    """
    breaks_word = somebody(lambda who: who.kind == "breaks_word" and who.phone == "answers" and who.sms_fault is None)
    stage.bill(Bill(UNIT, NAME, breaks_word, AUTUMN))
    stage.live(local("2026-11-26 10:00"))
    stage.open_cases()
    stage.live(local("2026-11-26 12:00"))
    called = ["11-26 10:00 voice courtesy-call: completed, pressed 1 1 2 1", "11-26 10:01 sms recap: delivered"]
    assert stage.waits(UNIT) == ("wait_for_promise", local("2026-12-08 00:00"))
    stage.live(local("2026-12-07 23:59"))
    called.append("11-26 10:49 sms answer-promise: delivered")
    reminded = [*called, "12-01 09:00 sms promise-reminder: delivered"]  # the day before the promised day, outside the caps
    assert stage.seen() == {UNIT: reminded}
    stage.live(local("2026-12-08 09:30"))
    assert stage.seen() == {UNIT: [*reminded, "12-08 09:00 sms notice-sms: delivered"]}


def test_who_writes_that_they_want_no_texts_gets_none_the_sequence_passes_over_them_and_nothing_else_was_sent(stage: Stage) -> None:
    """退订, written to a bill notice after an automated call had rung: confirmed once, then no notice and no bill; the calls stay."""
    unsubscribes = somebody(lambda who: who.reply == "退订" and who.phone == "no_answer" and who.mail == "self" and who.sms_fault is None)
    stage.bill(Bill(UNIT, NAME, unsubscribes, (*AUTUMN, "2026-11", "2026-12")))
    stage.live(local("2026-11-25 10:00"))
    stage.open_cases()
    stage.live(local("2026-12-24 12:00"))
    assert stage.heard() == ["11-25 10:04 退订"]
    assert stage.value("SELECT count(*) FROM attempt WHERE channel = 'sms' AND purpose <> 'answer'") == 1, "another text was tried"
    assert stage.seen() == {
        UNIT: [
            "11-25 09:00 sms bill-notice: delivered",
            "11-25 10:00 voice courtesy-call: no-answer",
            "11-25 10:04 sms answer-stop: delivered",
            "11-26 10:00 voice courtesy-call: no-answer",
            "11-27 10:00 call courtesy-call: no_answer",
            "11-28 10:00 call courtesy-call: no_answer",
            "12-05 09:00 letter warm-letter: collected",
            "12-12 10:00 call second-call: no_answer",
            "12-13 10:00 call second-call: no_answer",
            "12-20 10:00 visit visit: affixed",
        ]
    }


def test_two_homes_that_share_a_number_are_capped_as_one_and_nothing_else_was_sent(stage: Stage) -> None:
    """One text in three days to a number, whoever it is for: the second home's notice waits."""
    shared, neighbour = somebody(ignores_all), "3-1-1202"
    stage.bill(Bill(UNIT, NAME, shared, AUTUMN), Bill(neighbour, "李强", shared, AUTUMN))
    stage.open_cases()
    stage.live(local("2026-12-05 12:00"))
    assert stage.seen() == {
        UNIT: [*RUNG_IN_VAIN, "11-30 09:00 sms notice-sms: delivered"],
        neighbour: [*RUNG_IN_VAIN, "12-03 09:00 sms notice-sms: delivered"],
    }


def test_who_is_held_for_a_repair_or_disputes_goes_on_where_they_stood_and_nothing_else_was_sent(stage: Stage) -> None:
    stage.bill(Bill(UNIT, NAME, somebody(ignores_all), AUTUMN))
    stage.open_cases()
    stage.live(local("2026-11-28 12:00"))
    case, now = stage.case(UNIT), stage.clock()
    casework.hold(stage.runtime, case, "repair", now + timedelta(days=20), "collector", issue="stairway lamp")
    stage.live(local("2026-12-06 12:00"))
    assert stage.seen() == {UNIT: RUNG_IN_VAIN}
    casework.lift(stage.runtime, case, "collector")
    stage.live(local("2026-12-08 12:00"))
    casework.dispute(stage.runtime, case, "collector", "the area is wrong")
    stage.live(local("2026-12-20 12:00"))
    assert stage.standing(UNIT) == ("stopped", "disputed")
    casework.leave_state(stage.runtime, case, "disputed", "supervisor")
    stage.live(local("2026-12-21 12:00"))
    assert stage.seen() == {
        UNIT: [*RUNG_IN_VAIN, "12-06 12:00 sms notice-sms: delivered", "12-20 12:00 letter warm-letter: collected"],
    }


def test_a_no_contact_order_is_silence_for_ever_while_the_clock_is_watched_and_nothing_else_was_sent(stage: Stage) -> None:
    """It bars contact, not suing: the case is shown as short of time, and the day the order ends a person is to file or mediate."""
    stage.bill(Bill(UNIT, NAME, somebody(ignores_all), ("2024-02", "2024-03")))
    stage.open_cases()
    stage.live(local("2026-11-28 12:00"))
    case = stage.case(UNIT)
    casework.enter_state(stage.runtime, case, "no_contact", "supervisor", "police order")
    assert stage.endangered() == frozenset()
    stage.live(local("2027-02-01 12:00"))
    assert stage.standing(UNIT) == ("stopped", "no_contact")
    assert stage.endangered() == {case}
    assert stage.alarms() == ["11-25 limitation-180", "11-30 limitation-90", "01-29 limitation-30"]
    casework.leave_state(stage.runtime, case, "no_contact", "supervisor")
    stage.live(local("2027-02-02 12:00"))
    assert stage.standing(UNIT) == ("stopped", "file_or_mediate")
    assert stage.seen() == {UNIT: RUNG_IN_VAIN}
