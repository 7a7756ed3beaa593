"""The table of grades of the domain's section on evidence, read row by row."""

from dataclasses import replace

import pytest

from policies.arrival import SERVED_WELL, HeldOfVisit, grade_of


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
    assert grade_of("letter", "returned_unknown", deemed_service=True) == "B"
    assert grade_of("letter", "returned_unknown", designated=True) == "C"
