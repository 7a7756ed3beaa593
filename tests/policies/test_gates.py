from dataclasses import replace
from datetime import date

import pytest
from situations import HOME, PACKS, at, charge, demand

from policies.gates import lacking, period_over_on

RULES = PACKS.rules()
ZHEJIANG = PACKS.rules("zhejiang")
TODAY = date(2026, 9, 24)


def lacks(gate, *demands, rules=RULES, today=TODAY):
    return [(lack.kind, lack.over_on) for lack in lacking(gate, [charge(demands=demands)], rules, HOME, today)]


def test_the_period_is_over_the_day_after_the_later_of_pay_by_and_fifteen_days_and_three_for_the_post():
    assert period_over_on(demand("2026-09-10 10:00", pay_by="2026-09-25"), RULES, HOME) == date(2026, 9, 29)
    assert period_over_on(demand("2026-09-10 10:00", pay_by="2026-09-30"), RULES, HOME) == date(2026, 10, 4)
    assert period_over_on(demand("2026-09-10 23:30"), RULES, HOME) == date(2026, 9, 29)


def test_it_is_never_counted_from_posting():
    assert period_over_on(demand(None, pay_by="2026-09-25"), RULES, HOME) is None
    assert lacks("demanded", demand(None)) == [("demand_missing", None)]


def test_absent_owners_get_thirty_days():
    assert period_over_on(demand("2026-09-10 10:00"), PACKS.rules("cn-property", "absent-owner"), HOME) == date(2026, 10, 14)


def test_a_lawyer_letter_asks_a_believable_demand_of_every_charge():
    assert lacks("demanded") == [("demand_missing", None)]
    assert lacks("demanded", demand("2026-08-01 10:00", "C")) == [("demand_missing", None)]
    assert lacks("demanded", demand("2026-08-01 10:00", "B", "sms")) == []


def test_the_earliest_believable_demand_decides_when_the_period_is_over():
    assert lacks("demanded", demand("2026-09-20 10:00"), demand("2026-08-01 10:00", "B", "sms")) == []
    assert lacks("demanded", demand("2026-09-20 10:00"), demand("2026-08-01 10:00", "C")) == [("period_running", date(2026, 10, 9))]


def test_a_suit_asks_one_proof_that_stands_alone_or_two_on_different_channels():
    by_sms, by_letter = demand("2026-08-01 10:00", "B", "sms"), demand("2026-08-05 10:00", "B", "letter")
    assert lacks("provable", demand("2026-08-01 10:00", "A")) == []
    assert lacks("provable", by_sms) == [("demand_missing", None)]
    assert lacks("provable", by_sms, by_sms) == [("demand_missing", None)]
    assert lacks("provable", by_sms, by_letter) == []


def test_courts_in_zhejiang_want_it_in_writing():
    spoken = demand("2026-08-01 10:00", "A", "call")
    assert lacks("provable", spoken) == []
    assert lacks("provable", spoken, rules=ZHEJIANG) == [("demand_missing", None)]


def acts(gate, *demands, rules=RULES, today=TODAY):
    """What a person reads: what each charge lacks, and what to do about it."""
    return [(lack.because.en, lack.cure.en) for lack in lacking(gate, [charge(demands=demands)], rules, HOME, today)]


@pytest.mark.parametrize(
    ("gate", "demands", "because", "cure"),
    [
        ("demanded", [], "no demand has named it", "Send the formal demand"),
        ("demanded", [demand(None)], "under way and has not arrived", "Wait for its receipt"),
        ("demanded", [demand("2026-08-01 10:00", "C")], "proves too little", "by registered letter"),
        ("demanded", [demand("2026-08-01 10:00", "C"), demand(None)], "under way and has not arrived", "Wait for its receipt"),
        ("provable", [demand("2026-08-01 10:00", "B", "sms")], "only a grade B by text message", "on another channel"),
        ("demanded", [demand("2026-09-10 10:00")], "runs until 2026-09-28", "Go on when it is over"),
    ],
)
def test_each_lack_says_which_charge_lacks_what_and_what_to_do(gate, demands, because, cure):
    ((said, done),) = acts(gate, *demands)
    assert said.startswith("3-1-1201 物业费 2026-06: ")
    assert because in said
    assert cure in done


def test_where_courts_want_writing_what_was_only_spoken_lacks_it():
    ((said, done),) = acts("provable", demand("2026-08-01 10:00", "A", "call"), rules=ZHEJIANG)
    assert "in writing" in said
    assert "registered letter" in done


def test_a_charge_is_named_by_what_is_known_of_it():
    nameless = replace(charge(), unit="")
    (lack,) = lacking("demanded", [nameless], RULES, HOME, TODAY)
    assert lack.because.zh == "物业费 2026-06：还没有催缴列明这笔费用。"


def test_every_charge_of_the_set_is_asked_for_itself():
    proven, unnamed = charge(demands=(demand("2026-08-01 10:00"),)), charge("2026-03-31")
    assert [lack.charge for lack in lacking("demanded", [proven, unnamed], RULES, HOME, TODAY)] == [unnamed]


def test_a_period_that_nothing_believable_began_is_not_waited_for():
    assert lacks("period_over", demand("2026-09-20 10:00", "C")) == []
    assert lacks("period_over", demand("2026-09-20 10:00", "B")) == [("period_running", date(2026, 10, 9))]


def test_only_what_arrived_since_the_demand_in_question_begins_its_period():
    early = charge(demands=(demand("2026-08-01 10:00"), demand("2026-09-20 10:00")))
    (lack,) = lacking("period_over", [early], RULES, HOME, TODAY, since=at("2026-09-01 00:00"))
    assert lack.over_on == date(2026, 10, 9)
