from datetime import date

from situations import HOME, PACKS, charge, demand

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
