"""The table of grades of the domain's section on evidence, read row by row."""

import pytest

from policies.arrival import grade_of


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
        ("visit", "handed_over", "A"),
        ("visit", "affixed", "C"),
        ("visit", "no_answer", "0"),
    ],
)
def test_what_an_outcome_proves_by_itself(channel, outcome, grade):
    assert grade_of(channel, outcome) == grade


@pytest.mark.parametrize("signer", ["self", "family", "mail_desk"])
def test_who_may_receive_it_proves_it_by_signing(signer):
    assert grade_of("letter", "handed_over", signer) == grade_of("visit", "handed_over", signer) == "A"


@pytest.mark.parametrize("signer", ["locker", "station", "guard"])
def test_what_was_left_with_others_supports_only(signer):
    assert grade_of("letter", "handed_over", signer) == "C"
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
