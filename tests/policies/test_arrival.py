"""The table of grades of the domain's section on evidence, read row by row."""

from dataclasses import replace
from datetime import datetime

import pytest

from policies.arrival import SERVED_WELL, Arrival, HeldOfVisit, grade_of, hours_of, raised_by, took_effect_at


@pytest.mark.parametrize(
    ("channel", "outcome", "grade"),
    [
        ("sms", "delivered", "B"),
        ("sms", "sent", "0"),
        ("sms", "undelivered", "0"),
        ("voice", "heard", "B"),
        ("voice", "answered", "C"),
        ("voice", "machine", "C"),
        ("voice", "no_answer", "0"),
        ("call", "conversation", "B"),
        ("call", "no_answer", "0"),
        ("letter", "mailed", "C"),
        ("letter", "delivered", "C"),
        ("letter", "handed_over", "A"),
        ("letter", "returned_refused", "B"),
        ("letter", "returned_unknown", "C"),
        ("visit", "handed_over", "C"),
        ("visit", "affixed", "0"),
        ("visit", "refused_to_take", "0"),
        ("visit", "no_answer", "0"),
    ],
)
def test_what_an_outcome_proves_by_itself(channel, outcome, grade):
    assert grade_of(channel, outcome) == grade


@pytest.mark.parametrize("signer", ["self", "family", "authorised", "legal_representative", "mail_desk"])
def test_who_may_receive_it_proves_it_by_signing(signer):
    assert grade_of("letter", "handed_over", signer) == "A"
    assert grade_of("visit", "handed_over", signer, held=HeldOfVisit(signed=True)) == "A"


def test_what_was_handed_over_and_not_signed_for_is_the_word_of_staff():
    assert grade_of("visit", "handed_over", "self", held=HeldOfVisit(photographed=True, two_persons=True, neutral_witness=True)) == "C"


BY_TWO = HeldOfVisit(photographed=True, two_persons=True)


@pytest.mark.parametrize(
    ("outcome", "held", "grade"),
    [
        ("affixed", BY_TWO, "C"),
        ("affixed", HeldOfVisit(photographed=True), "0"),
        ("affixed", HeldOfVisit(two_persons=True), "0"),
        ("affixed", replace(BY_TWO, neutral_witness=True), "C"),
        ("affixed", replace(BY_TWO, posted_same_day=True), "C"),
        ("affixed", replace(BY_TWO, neutral_witness=True, posted_same_day=True), "B"),
        ("affixed", HeldOfVisit(neutral_witness=True, posted_same_day=True), "0"),
        ("refused_to_take", BY_TWO, "C"),
        ("refused_to_take", HeldOfVisit(photographed=True, neutral_witness=True), "0"),
        ("refused_to_take", replace(BY_TWO, neutral_witness=True), "B"),
        ("no_answer", replace(SERVED_WELL, neutral_witness=True, posted_same_day=True), "0"),
        ("moved_away", SERVED_WELL, "0"),
        ("not_this_person", SERVED_WELL, "0"),
    ],
)
def test_what_was_left_at_a_door_proves_as_much_as_is_held_of_it(outcome, held, grade):
    assert grade_of("visit", outcome, held=held) == grade


@pytest.mark.parametrize("signer", ["locker", "station", "guard"])
def test_what_was_left_with_others_supports_only(signer):
    assert grade_of("letter", "handed_over", signer) == "C"
    assert grade_of("visit", "handed_over", signer, held=SERVED_WELL) == "C"
    assert grade_of("letter", "returned_refused", signer) == "B"


def test_what_our_own_desk_took_counts_for_nothing():
    assert grade_of("letter", "handed_over", "own_desk") == "0"


def test_a_text_message_proves_alone_where_the_number_was_designated_or_the_debtor_answered_it():
    assert grade_of("sms", "delivered", designated=True) == grade_of("sms", "delivered", answered=True) == "A"
    assert grade_of("sms", "sent", designated=True, answered=True) == "0"


def test_a_letter_refused_at_the_agreed_address_proves_and_one_returned_counts_where_the_contract_deems_it_served():
    assert grade_of("letter", "returned_refused", designated=True) == "A"
    assert grade_of("letter", "returned_refused", confirmed=True) == "A"
    assert grade_of("letter", "returned_unknown", deemed_service=True) == "B"
    assert grade_of("letter", "returned_unknown", designated=True) == "C"


def test_a_confirmed_call_that_was_said_again_in_writing_proves_more_and_a_machine_does_not():
    assert grade_of("voice", "answered", recapped=True) == "B"
    assert grade_of("voice", "machine", recapped=True) == "C"


@pytest.mark.parametrize(
    ("arrival", "raises"),
    [
        (Arrival("sms", "sent"), [("B", "arrival"), ("A", "arrival designation"), ("A", "arrival answer")]),
        (Arrival("sms", "delivered"), [("A", "designation"), ("A", "answer")]),
        (Arrival("sms", "delivered", designated=True), []),
        (Arrival("sms", "undelivered"), []),
        (Arrival("voice", "answered"), [("B", "recap")]),
        (Arrival("voice", "machine"), []),
        (Arrival("voice", "no_answer"), []),
        (Arrival("call", "conversation"), []),
        (Arrival("letter", "mailed"), [("A", "signed_return")]),
        (Arrival("letter", "delivered"), [("A", "signed_return")]),
        (Arrival("letter", "handed_over", "guard"), [("A", "signed_return")]),
        (Arrival("letter", "handed_over", "self"), []),
        (Arrival("letter", "handed_over", "own_desk"), []),
        (Arrival("letter", "returned_refused"), [("A", "designation")]),
        (Arrival("letter", "returned_unknown"), [("B", "deemed_service")]),
        (Arrival("visit", "handed_over"), [("A", "counterpart")]),
        (Arrival("visit", "affixed", held=BY_TWO), [("B", "neutral_witness post_same_day")]),
        (Arrival("visit", "affixed", held=HeldOfVisit(two_persons=True)), [("C", "photos"), ("B", "photos neutral_witness post_same_day")]),
        (Arrival("visit", "refused_to_take", held=BY_TWO), [("B", "neutral_witness")]),
        (Arrival("visit", "no_answer"), []),
    ],
)
def test_what_would_raise_a_grade_is_the_least_that_must_be_held_besides(arrival, raises):
    assert [(each.grade, " ".join(each.by)) for each in raised_by(arrival)] == raises


def test_whoever_went_alone_has_to_go_again_and_a_receipt_can_still_be_brought():
    (receipt,) = raised_by(Arrival("letter", "mailed"))
    (witness,) = raised_by(Arrival("visit", "refused_to_take", held=BY_TWO))
    assert not receipt.again
    assert witness.again


@pytest.mark.parametrize(
    ("entered", "counts"),
    [
        ("2026-11-24T08:59:59+08:00", "2026-11-24T09:00:00+08:00"),
        ("2026-11-24T09:00:00+08:00", "2026-11-24T09:00:00+08:00"),
        ("2026-11-24T17:59:59+08:00", "2026-11-24T17:59:59+08:00"),
        ("2026-11-24T18:00:00+08:00", "2026-11-25T09:00:00+08:00"),
        ("2026-12-31T15:30:00+00:00", "2027-01-01T09:00:00+08:00"),
    ],
)
def test_what_comes_in_outside_the_agreed_hours_counts_from_when_they_next_begin(entered, counts):
    found = took_effect_at(datetime.fromisoformat(entered), "09:00-18:00", "Asia/Shanghai")
    assert found == datetime.fromisoformat(counts)


def test_where_no_hours_were_agreed_a_message_counts_when_it_comes_in():
    entered = datetime.fromisoformat("2026-11-24T23:30:00+08:00")
    assert took_effect_at(entered, "", "Asia/Shanghai") == entered


@pytest.mark.parametrize("written", ["9-18", "18:00-09:00", "09:00-09:00", "all day"])
def test_hours_written_in_another_way_are_refused(written):
    with pytest.raises(ValueError, match=r"09:00-18:00|16:00"):
        hours_of(written)
