from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.money import Owed, Rate, Reduction, allocate, court_likely_rates, late_charge_lines, payments_by_day, statement

DUE = date(2025, 6, 30)
A_YEAR_LATER = date(2026, 6, 30)
FEN = st.integers(min_value=0, max_value=10**7).map(lambda fen: Decimal(fen) / 100)


def late_charge(principal, per_day, due_on, as_of):
    """On an unchanged principal, at one daily rate."""
    return statement(principal, due_on, as_of, [Rate(due_on, per_day)], ()).late_charge


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


JULY_4, JULY_10 = date(2025, 7, 4), date(2025, 7, 10)


@pytest.mark.parametrize(
    ("paid", "dated", "counted"),
    [
        ("0", [], ()),
        ("500", [], ((DUE, "500"),)),
        ("500", [(JULY_10, "300")], ((DUE, "200"), (JULY_10, "300"))),
        ("500", [(JULY_10, "300"), (JULY_4, "200")], ((JULY_4, "200"), (JULY_10, "300"))),
        ("400", [(JULY_4, "300"), (JULY_10, "200")], ((JULY_4, "300"), (JULY_10, "100"))),
        ("300", [(JULY_4, "300"), (JULY_10, "200")], ((JULY_4, "300"),)),
    ],
    ids=["nothing", "undated", "partly dated", "dated", "less than dated", "much less"],
)
def test_payments_come_to_what_the_billing_system_says_and_never_later_than_they_can_be_shown(paid, dated, counted):
    known = [(day, Decimal(amount)) for day, amount in dated]
    assert payments_by_day(Decimal(paid), known, DUE) == tuple((day, Decimal(amount)) for day, amount in counted)


def test_a_paid_charge_grows_no_more():
    lines = late_charge_lines(Decimal(1000), DUE, date(2025, 7, 31), [Rate(DUE, Decimal("0.001"))], [(date(2025, 7, 10), Decimal(1000))])
    assert [(line.last, line.amount) for line in lines] == [(date(2025, 7, 10), Decimal("10.00"))]


def test_a_change_of_rate_breaks_the_statement():
    rates = [Rate(DUE, Decimal("0.003")), Rate(date(2025, 7, 11), Decimal("0.0005"))]
    assert [line.amount for line in late_charge_lines(Decimal(1000), DUE, date(2025, 7, 20), rates)] == [Decimal("30.00"), Decimal("5.00")]


def test_a_rate_published_again_unchanged_makes_no_line():
    rates = court_likely_rates([(date(2025, 5, 20), Decimal("0.03")), (date(2025, 12, 20), Decimal("0.030"))])
    assert [(line.days, line.amount) for line in late_charge_lines(Decimal(2400), DUE, A_YEAR_LATER, rates)] == [(365, Decimal("93.60"))]


def test_without_an_agreed_rate_there_is_no_late_charge():
    assert late_charge_lines(Decimal(2400), DUE, A_YEAR_LATER, []) == ()


def test_each_line_says_the_sum_it_came_from():
    (line,) = late_charge_lines(Decimal("2400.00"), DUE, A_YEAR_LATER, [Rate(DUE, Decimal("0.0005"))])
    assert line.formula.zh == "2400.00 × 0.5‰ × 365日 = 438.00"
    (line,) = late_charge_lines(Decimal("2400.00"), DUE, A_YEAR_LATER, court_likely_rates([(date(2025, 5, 20), Decimal("0.03"))]))
    assert line.formula.en == "2400.00 × 3% × 1.3 ÷ 365 × 365 days = 93.60"


def test_a_statement_sets_what_a_court_is_likely_to_allow_beside_what_was_agreed():
    both = statement(Decimal("2400.00"), DUE, A_YEAR_LATER, [Rate(DUE, Decimal("0.003"))], [(date(2025, 5, 20), Decimal("0.03"))])
    assert (both.amount, both.late_charge, both.court_likely_late_charge) == (Decimal("2400.00"), Decimal("2628.00"), Decimal("93.60"))


def test_a_local_reduction_comes_before_the_late_charge():
    empty_home = Reduction(Decimal("0.7"), "江苏省物业服务收费管理办法")
    less = statement(Decimal("2400.00"), DUE, A_YEAR_LATER, [Rate(DUE, Decimal("0.0005"))], [], reduction=empty_home)
    assert (less.amount, less.late_charge, less.court_likely) == (Decimal("1680.00"), Decimal("306.60"), ())


PER_DAY = st.integers(0, 30).map(lambda each: Decimal(each) / 10_000)
PER_YEAR = st.integers(300, 435).map(lambda each: Decimal(each) / 10_000)
LATER = st.integers(-20, 420).map(lambda days: DUE + timedelta(days=days))


def counted_day_by_day(amount, as_of, rates, payments):
    """(first day, last day, amount) of each line: what one day costs, day after day, as fractions; a new line when it costs otherwise."""
    lines = []
    day = DUE + timedelta(days=1)
    while day <= as_of:
        left = Fraction(amount) - sum(Fraction(part) for paid_on, part in payments if paid_on < day)
        in_force = [rate for rate in rates if rate.since <= day][-1:] or rates[:1]
        costs = [left * Fraction(rate.share) * Fraction(rate.factor) / rate.days for rate in in_force]
        today = (left, *((rate.share, rate.factor, rate.days) for rate in in_force))
        if lines and lines[-1][0] == today:
            lines[-1][2:] = [day, lines[-1][3] + costs[0]]
        else:
            lines.append([today, day, day, costs[0]])
        day += timedelta(days=1)
    return [(first, last, int(cost * 100 + Fraction(1, 2))) for (left, *_), first, last, cost in lines if left > 0]


@settings(max_examples=80, deadline=None)
@given(
    amount=FEN,
    as_of=LATER,
    payments=st.lists(st.tuples(LATER, FEN.filter(bool)), max_size=3),
    agreed=st.lists(st.tuples(LATER, PER_DAY), min_size=1, max_size=3),
    published=st.lists(st.tuples(LATER, PER_YEAR), min_size=1, max_size=4, unique_by=lambda each: each[0]),
)
def test_the_lines_are_those_of_a_slow_count_of_every_day(amount, as_of, payments, agreed, published):
    agreed_rates = [Rate(since, share) for since, share in sorted(agreed)]
    both = statement(amount, DUE, as_of, agreed_rates, published, payments)
    for lines, rates in ((both.agreed, agreed_rates), (both.court_likely, court_likely_rates(published))):
        assert [(line.first, line.last, line.amount * 100) for line in lines] == counted_day_by_day(amount, as_of, rates, payments)


def recomputed(formula):
    """The left side of a printed formula, counted as it stands."""
    left, said = formula.removesuffix("日").split(" = ")
    value, divide = Fraction(1), False
    for word in left.removesuffix("日").split():
        if word in "×÷":
            divide = word == "÷"
            continue
        number = Fraction(word.rstrip("‰%")) / {"‰": 1000, "%": 100}.get(word[-1], 1)
        value = value / number if divide else value * number
    return int(value * 100 + Fraction(1, 2)), Decimal(said)


@settings(max_examples=60, deadline=None)
@given(amount=FEN.filter(bool), as_of=LATER, published=st.tuples(LATER, PER_YEAR), agreed=st.tuples(LATER, PER_DAY))
def test_who_recomputes_a_printed_line_gets_the_printed_amount(amount, as_of, published, agreed):
    both = statement(amount, DUE, as_of, [Rate(*agreed)], [published])
    for line in (*both.agreed, *both.court_likely):
        assert recomputed(line.formula.zh) == (line.amount * 100, line.amount)


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


def test_costs_and_interest_are_paid_before_principal_and_the_late_charge_after_it():
    old = Owed("old", date(2026, 3, 31), Decimal(100), Decimal(9), costs=Decimal(50), interest=Decimal(3))
    for payment, paid_of in ((51, (50, 1, 0, 0)), (60, (50, 3, 7, 0)), (155, (50, 3, 100, 2))):
        ((part,), left) = allocate(Decimal(payment), [old], date(2026, 9, 24))
        assert ((part.costs, part.interest, part.principal, part.late_charge), left) == (paid_of, 0)


def test_what_the_debtor_named_is_served_before_the_costs_of_anything_else():
    old = Owed("old", date(2026, 3, 31), Decimal(100), costs=Decimal(50))
    assert paid("120.00", old, owed("new", "2026-06-30"), designated=["new", "gone"])[0] == {
        "old": ("0.00", "0.00"),
        "new": ("100.00", "0.00"),
    }


def test_equal_charges_are_paid_in_proportion():
    assert paid("10.00", owed("a", "2026-06-30", "200.00"), owed("b", "2026-06-30", "100.00"))[0] == {
        "a": ("6.67", "0.00"),
        "b": ("3.33", "0.00"),
    }


def test_what_nothing_needs_is_left_over():
    assert paid("130.00", owed("a", "2026-06-30")) == ({"a": ("100.00", "0.00")}, "30.00")


@settings(max_examples=60, deadline=None)
@given(
    payment=FEN,
    debts=st.lists(st.tuples(LATER, FEN, FEN, FEN, FEN, st.sampled_from([Decimal(0), Decimal("0.003")])), max_size=5),
    designated=st.lists(st.sampled_from("01234"), max_size=3, unique=True),
    late_charge_first=st.booleans(),
)
def test_not_a_fen_is_lost_or_invented(payment, debts, designated, late_charge_first):
    charges = [
        Owed(str(n), due, principal, late, burden, costs, interest)
        for n, (due, principal, late, costs, interest, burden) in enumerate(debts)
    ]
    parts, left = allocate(payment, charges, A_YEAR_LATER, designated, late_charge_first=late_charge_first)
    assert sum(part.principal + part.late_charge + part.costs + part.interest for part in parts) + left == payment
    owed_in_all = sum(charge.principal + charge.late_charge + charge.costs + charge.interest for charge in charges)
    assert left == max(payment - owed_in_all, 0)
    assert all(part.principal <= charges[int(part.id)].principal for part in parts)
    assert all(part.late_charge <= charges[int(part.id)].late_charge for part in parts)
