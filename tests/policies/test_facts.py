"""What a case works out while it is put together: it follows the facts wherever they are replaced, copied or sent elsewhere."""

import pickle
from dataclasses import fields, replace
from decimal import Decimal

import pytest
from made_up import any_situation
from situations import case, charge, contact

from policies.facts import CaseFacts

JUNE, JULY = charge("2026-06-30"), charge("2026-07-31")


def worked_out(value: CaseFacts) -> dict:
    return {each.name: getattr(value, each.name) for each in fields(value) if not each.init}


def test_what_was_paid_is_no_longer_among_the_unpaid():
    owed = case("visit", JULY, JUNE)
    assert owed.unpaid == (JULY, JUNE)
    assert owed.due_days == (JUNE.due_on, JULY.due_on)
    paid = replace(owed, charges=(replace(JULY, paid=JULY.amount), JUNE))
    assert paid.unpaid == (JUNE,)
    assert paid.due_days == (JUNE.due_on,)


def test_contacts_stand_in_the_order_of_time_whatever_order_they_were_told_in():
    late, early = contact("2026-09-20 10:00"), contact("2026-09-01 10:00")
    elsewhere = contact("2026-09-10 10:00", own=False)
    told = case("visit", contacts=(late, elsewhere, early))
    assert told.past == (early, elsewhere, late)
    assert told.own_past == (early, late)
    assert replace(told, contacts=(elsewhere,)).own_past == ()


@pytest.mark.parametrize(("opted_out", "left"), [(("sms",), {"voice", "letter"}), (("sms", "letter"), {"voice", "letter"})])
def test_who_opts_out_of_everything_written_is_still_reached_by_letter(opted_out, left):
    assert case("visit", channels=("sms", "voice", "letter"), opted_out=opted_out).reached_by == left


@pytest.mark.parametrize("number", range(50))
def test_a_copy_knows_the_same_and_two_cases_are_told_apart_by_their_facts_alone(number):
    facts = any_situation(number).facts
    for copied in (pickle.loads(pickle.dumps(facts)), replace(facts)):
        assert worked_out(copied) == worked_out(facts)
        assert copied == facts
        assert hash(copied) == hash(facts)
    assert replace(facts, charges=tuple(replace(each, amount=each.amount + Decimal(1)) for each in facts.charges)) != facts
