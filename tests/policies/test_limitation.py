from datetime import date

import pytest
from situations import HOME, at, charge, demand

from policies.facts import Acknowledgement
from policies.limitation import add_years, days_left, expiry


def test_the_clock_runs_three_years_from_the_day_after_the_due_date():
    assert expiry(charge("2023-11-30"), HOME).court_safe == date(2026, 11, 30)


def test_a_demand_that_arrived_starts_it_again_and_only_good_proof_counts_in_court():
    clocks = expiry(charge("2023-11-30", demands=(demand("2025-03-10 10:00", "C"), demand("2024-05-01 10:00", "B"))), HOME)
    assert clocks.optimistic == date(2028, 3, 10)
    assert clocks.court_safe == date(2027, 5, 1)


def test_a_demand_on_its_way_restarts_nothing():
    assert expiry(charge("2023-11-30", demands=(demand(None),)), HOME).optimistic == date(2026, 11, 30)


def test_a_demand_after_the_end_revives_nothing_and_one_before_the_due_date_is_none():
    late = charge("2020-06-30", demands=(demand("2024-01-01 10:00"),))
    early = charge("2023-11-30", demands=(demand("2023-11-01 10:00"),))
    assert expiry(late, HOME).optimistic == date(2023, 6, 30)
    assert expiry(early, HOME).optimistic == date(2026, 11, 30)


def test_part_payment_or_a_promise_restarts_the_charge_it_names():
    paid = charge("2023-11-30", acknowledgements=(Acknowledgement(at("2026-02-01 12:00"), court_safe=True),))
    assert expiry(paid, HOME).court_safe == date(2029, 2, 1)


def test_twenty_years_are_the_end_of_it():
    arrivals = tuple(demand(f"{year}-06-01 10:00") for year in range(2006, 2025, 2))
    assert expiry(charge("2004-06-30", demands=arrivals), HOME).court_safe == date(2024, 6, 30)


@pytest.mark.parametrize(("day", "years", "later"), [("2024-02-29", 3, "2027-02-28"), ("2024-02-29", 4, "2028-02-29")])
def test_a_month_without_that_day_ends_on_its_last(day, years, later):
    assert add_years(date.fromisoformat(day), years) == date.fromisoformat(later)


def test_days_left_are_none_on_the_last_day():
    assert days_left(date(2026, 11, 30), date(2026, 11, 30)) == 0
