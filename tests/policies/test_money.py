from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.money import Owed, Rate, allocate, court_likely_rates, late_charge, late_charge_lines

DUE = date(2025, 6, 30)
A_YEAR_LATER = date(2026, 6, 30)
FEN = st.integers(min_value=0, max_value=10**7).map(lambda fen: Decimal(fen) / 100)


@pytest.mark.parametrize(("per_day", "owed"), [("0.003", "2628.00"), ("0.0005", "438.00"), ("0", "0.00")])
def test_2400_yuan_a_year_late(per_day, owed):
    assert late_charge(Decimal(2400), Decimal(per_day), DUE, A_YEAR_LATER) == Decimal(owed)


def test_a_court_is_likely_to_allow_the_prime_rate_times_1_3():
    lines = late_charge_lines(Decimal(2400), DUE, A_YEAR_LATER, court_likely_rates([(date(2025, 5, 20), Decimal("0.03"))]))
    assert [line.amount for line in lines] == [Decimal("93.60")]


def test_nothing_is_charged_for_the_due_day_and_one_day_for_the_day_after():
    assert late_charge(Decimal(1000), Decimal("0.001"), DUE, DUE) == 0
    assert late_charge(Decimal(1000), Decimal("0.001"), DUE, date(2025, 7, 1)) == Decimal("1.00")


def test_each_line_is_rounded_half_up_to_the_fen():
    assert late_charge(Decimal("0.50"), Decimal("0.01"), DUE, date(2025, 7, 1)) == Decimal("0.01")


def test_a_payment_breaks_the_statement_and_its_own_day_is_still_charged_on_the_whole():
    lines = late_charge_lines(Decimal(1000), DUE, date(2025, 7, 10), [Rate(DUE, Decimal("0.001"))], [(date(2025, 7, 4), Decimal(400))])
    assert [(line.first.day, line.last.day, line.days, line.principal, line.amount) for line in lines] == [
        (1, 4, 4, Decimal(1000), Decimal("4.00")),
        (5, 10, 6, Decimal(600), Decimal("3.60")),
    ]


def test_a_paid_charge_grows_no_more():
    lines = late_charge_lines(Decimal(1000), DUE, date(2025, 7, 31), [Rate(DUE, Decimal("0.001"))], [(date(2025, 7, 10), Decimal(1000))])
    assert [(line.last, line.amount) for line in lines] == [(date(2025, 7, 10), Decimal("10.00"))]


def test_a_change_of_rate_breaks_the_statement():
    rates = [Rate(DUE, Decimal("0.003")), Rate(date(2025, 7, 11), Decimal("0.0005"))]
    assert [line.amount for line in late_charge_lines(Decimal(1000), DUE, date(2025, 7, 20), rates)] == [Decimal("30.00"), Decimal("5.00")]


@settings(max_examples=60, deadline=None)
@given(amount=FEN, days=st.integers(1, 200), paid=st.lists(st.tuples(st.integers(-5, 220), FEN), max_size=3), per_myriad=st.integers(0, 30))
def test_the_lines_add_up_to_a_slow_count_of_every_day(amount, days, paid, per_myriad):
    payments = [(DUE + timedelta(days=day), part) for day, part in paid]
    lines = late_charge_lines(amount, DUE, DUE + timedelta(days=days), [Rate(DUE, Decimal(per_myriad) / 10_000)], payments)
    exact = Fraction(0)
    for day in (DUE + timedelta(days=n) for n in range(1, days + 1)):
        left = amount - sum(part for paid_on, part in payments if paid_on < day)
        exact += max(Fraction(left), Fraction(0)) * per_myriad / 10_000
    assert abs(Fraction(sum(line.amount for line in lines)) - exact) <= Fraction(len(lines), 200)
    assert all(line.amount == line.amount.quantize(Decimal("0.01"), ROUND_HALF_UP) for line in lines)


def owed(name, due, principal="100.00", late="0.00", burden="0"):
    return Owed(name, date.fromisoformat(due), Decimal(principal), Decimal(late), Decimal(burden))


def paid(payment, *charges, **more):
    parts, left = allocate(Decimal(payment), charges, date(2026, 9, 24), **more)
    return {part.id: (str(part.principal), str(part.late_charge)) for part in parts}, str(left)


def test_the_older_of_two_due_charges_is_paid_first_and_what_is_due_before_what_is_not():
    assert paid("150.00", owed("next", "2026-12-31"), owed("new", "2026-06-30"), owed("old", "2026-03-31")) == (
        {"new": ("50.00", "0.00"), "old": ("100.00", "0.00")},
        "0.00",
    )


def test_the_heavier_burden_is_paid_before_the_older():
    assert paid("100.00", owed("old", "2026-03-31"), owed("heavy", "2026-06-30", burden="0.003"))[0] == {"heavy": ("100.00", "0.00")}


def test_the_debtors_word_comes_before_every_rule():
    assert paid("100.00", owed("old", "2026-03-31"), owed("new", "2026-06-30"), designated=["new"])[0] == {"new": ("100.00", "0.00")}


def test_all_principal_is_paid_before_any_late_charge_unless_agreed_otherwise():
    charges = owed("old", "2026-03-31", late="9.00"), owed("new", "2026-06-30", late="3.00")
    assert paid("205.00", *charges) == ({"old": ("100.00", "5.00"), "new": ("100.00", "0.00")}, "0.00")
    assert paid("12.00", *charges, late_charge_first=True)[0] == {"old": ("0.00", "9.00"), "new": ("0.00", "3.00")}


def test_equal_charges_are_paid_in_proportion():
    assert paid("10.00", owed("a", "2026-06-30", "200.00"), owed("b", "2026-06-30", "100.00"))[0] == {
        "a": ("6.67", "0.00"),
        "b": ("3.33", "0.00"),
    }


def test_what_nothing_needs_is_left_over():
    assert paid("130.00", owed("a", "2026-06-30")) == ({"a": ("100.00", "0.00")}, "30.00")


@settings(max_examples=60, deadline=None)
@given(payment=FEN, debts=st.lists(st.tuples(FEN, FEN), max_size=5))
def test_not_a_fen_is_lost_or_invented(payment, debts):
    charges = [Owed(str(n), DUE, principal, late) for n, (principal, late) in enumerate(debts)]
    parts, left = allocate(payment, charges, A_YEAR_LATER)
    assert sum(part.principal + part.late_charge for part in parts) + left == payment
    assert all(part.principal <= charges[int(part.id)].principal for part in parts)
    assert all(part.late_charge <= charges[int(part.id)].late_charge for part in parts)
