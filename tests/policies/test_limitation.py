from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from situations import HOME, at, charge, demand

from policies.facts import Acknowledgement, Impediment, PublicClaim
from policies.limitation import Alarm, add_months, add_years, alarms, days_left, expiry
from policies.limitation_story import explain, links

DUE = date(2023, 11, 30)
END = date(2026, 11, 30)


def ends(due="2023-11-30", **more):
    """(optimistic, court-safe)."""
    clocks = expiry(charge(due, **more), HOME)
    return str(clocks.optimistic), str(clocks.court_safe)


def told(due="2023-11-30", **more):
    return [(str(line.day), line.said.en, line.source.en, str(line.court_safe)) for line in explain(charge(due, **more), HOME)][1:]


def filed(kind, on, ended=None, **more):
    return PublicClaim(kind, at(f"{on} 10:00"), at(f"{ended} 10:00") if ended else None, **more)


def impeded(since, until=None, cause="force_majeure", *, court_safe=True):
    return Impediment(cause, date.fromisoformat(since), date.fromisoformat(until) if until else None, court_safe)


# --- restarted ---------------------------------------------------------------------------------------------------------------------------


def test_the_clock_runs_three_years_from_the_day_after_the_due_date():
    assert ends() == ("2026-11-30", "2026-11-30")


def test_a_demand_that_arrived_starts_it_again_and_only_good_proof_counts_in_court():
    assert ends(demands=(demand("2025-03-10 10:00", "C"), demand("2024-05-01 10:00", "B"))) == ("2028-03-10", "2027-05-01")


def test_a_demand_on_its_way_restarts_nothing():
    assert ends(demands=(demand(None),)) == ("2026-11-30", "2026-11-30")


def test_the_day_of_arrival_is_the_debtors_own_day():
    late_evening = charge("2023-11-30", demands=(demand("2025-03-10 23:30"),))
    assert expiry(late_evening, HOME).court_safe == date(2028, 3, 10)
    assert expiry(late_evening, "Pacific/Auckland").court_safe == date(2028, 3, 11)


def test_a_demand_after_the_end_revives_nothing_and_one_before_the_due_date_is_none():
    assert ends("2020-06-30", demands=(demand("2024-01-01 10:00"),)) == ("2023-06-30", "2023-06-30")
    assert ends(demands=(demand("2023-11-01 10:00"), demand("2023-11-30 10:00"))) == ("2026-11-30", "2026-11-30")


def test_the_last_day_itself_is_still_in_time():
    assert ends(demands=(demand("2026-11-30 23:59"),)) == ("2029-11-30", "2029-11-30")
    assert ends(demands=(demand("2026-12-01 00:00"),)) == ("2026-11-30", "2026-11-30")


def test_a_chain_breaks_in_court_where_one_of_its_links_proves_too_little():
    chain = (demand("2026-06-01 10:00", "C"), demand("2029-01-01 10:00", "A"))
    assert ends(demands=chain) == ("2032-01-01", "2026-11-30")


@pytest.mark.parametrize("kind", ["part_payment", "promise", "instalment_plan", "acknowledged"])
def test_what_the_debtor_agreed_to_restarts_the_charge_it_names(kind):
    assert ends(acknowledgements=(Acknowledgement(at("2026-02-01 12:00"), True, kind),)) == ("2029-02-01", "2029-02-01")
    assert ends(acknowledgements=(Acknowledgement(at("2026-02-01 12:00"), kind=kind),)) == ("2029-02-01", "2026-11-30")


# --- filed, and at rest while proceedings last -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["suit", "payment_order", "bankruptcy_claim", "mediation_request"])
def test_from_filing_the_clock_rests_and_starts_again_when_proceedings_end(kind):
    assert ends(public_claims=(filed(kind, "2026-11-30", "2027-08-15"),)) == ("2030-08-15", "2030-08-15")
    assert ends(public_claims=(filed(kind, "2026-11-30"),)) == ("2043-11-30", "2043-11-30")
    assert ends(public_claims=(filed(kind, "2026-12-01", "2027-08-15"),)) == ("2026-11-30", "2026-11-30")


def test_a_demand_during_proceedings_takes_nothing_from_the_rest():
    assert ends(public_claims=(filed("suit", "2024-01-10", "2026-01-10"),), demands=(demand("2025-01-10 10:00"),))[1] == "2029-01-10"


def test_a_filing_that_cannot_be_shown_moves_the_optimistic_clock_alone():
    assert ends(public_claims=(filed("mediation_request", "2026-02-01", "2026-03-01", court_safe=False),)) == ("2029-03-01", "2026-11-30")


def test_where_nobody_knows_the_debtor_a_notice_in_the_media_restarts_the_clock_on_its_day():
    assert ends(public_claims=(filed("media_notice", "2026-02-01"),)) == ("2029-02-01", "2029-02-01")


# --- held off by an impediment -----------------------------------------------------------------------------------------------------------


def test_an_impediment_in_the_last_six_months_holds_the_end_off_until_six_months_after_it():
    assert ends(impediments=(impeded("2026-06-15", "2026-07-20"),)) == ("2027-01-20", "2027-01-20")
    assert ends(impediments=(impeded("2025-01-01", "2026-08-31", "heirs_unknown"),)) == ("2027-02-28", "2027-02-28")


def test_one_that_was_over_before_the_last_six_months_or_began_after_the_end_changes_nothing():
    assert ends(impediments=(impeded("2025-01-01", "2026-05-30"),)) == ("2026-11-30", "2026-11-30")
    assert ends(impediments=(impeded("2026-12-01", "2027-05-30"),)) == ("2026-11-30", "2026-11-30")


def test_one_that_still_lasts_moves_nothing_before_its_end_is_known():
    assert ends(impediments=(impeded("2026-10-01"),)) == ("2026-11-30", "2026-11-30")


def test_one_impediment_after_another_holds_the_end_off_again():
    both = impeded("2026-11-01", "2026-11-30"), impeded("2027-04-01", "2027-06-30")
    assert ends(impediments=both) == ("2027-12-30", "2027-12-30")


def test_a_demand_while_the_end_is_held_off_starts_the_clock_again():
    assert ends(impediments=(impeded("2026-11-01", "2026-11-30"),), demands=(demand("2027-03-01 10:00"),)) == ("2030-03-01", "2030-03-01")


def test_an_impediment_that_nobody_can_prove_is_not_relied_upon():
    assert ends(impediments=(impeded("2026-06-15", "2026-07-20", court_safe=False),)) == ("2027-01-20", "2026-11-30")


# --- the long stop, months and days ------------------------------------------------------------------------------------------------------


def test_twenty_years_are_the_end_of_it():
    arrivals = tuple(demand(f"{year}-06-01 10:00") for year in range(2006, 2025, 2))
    assert ends("2004-06-30", demands=arrivals) == ("2024-06-30", "2024-06-30")


@pytest.mark.parametrize(("day", "years", "later"), [("2024-02-29", 3, "2027-02-28"), ("2024-02-29", 4, "2028-02-29")])
def test_a_month_without_that_day_ends_on_its_last(day, years, later):
    assert add_years(date.fromisoformat(day), years) == date.fromisoformat(later)


@pytest.mark.parametrize(
    ("day", "months", "other"), [("2026-08-31", 6, "2027-02-28"), ("2026-01-15", -6, "2025-07-15"), ("2026-12-31", 0, "2026-12-31")]
)
def test_months_are_counted_by_the_same_rule(day, months, other):
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(other)


def test_days_left_are_none_on_the_last_day():
    assert days_left(date(2026, 11, 30), date(2026, 11, 30)) == 0


# --- alarms ------------------------------------------------------------------------------------------------------------------------------


def test_an_alarm_rings_on_the_day_with_exactly_so_many_days_left():
    assert alarms(END, date(2026, 6, 2), date(2026, 6, 3)) == (Alarm(180, date(2026, 6, 3)),)
    assert alarms(END, date(2026, 6, 3), date(2026, 8, 31)) == ()
    assert [alarm.days_left for alarm in alarms(END, date(2026, 1, 1), END)] == [180, 90, 30]
    assert all(days_left(END, alarm.on) == alarm.days_left for alarm in alarms(END, date(2026, 1, 1), END))


@given(cuts=st.lists(st.integers(0, 400), min_size=1, max_size=6))
def test_however_the_days_are_looked_through_each_alarm_rings_once(cuts):
    days = [date(2026, 1, 1), *sorted(date(2026, 1, 1) + timedelta(days=cut) for cut in cuts), date(2027, 3, 1)]
    rung = [alarm for after, until in pairwise(days) for alarm in alarms(END, after, until)]
    assert [alarm.days_left for alarm in rung] == [180, 90, 30]


# --- the story ---------------------------------------------------------------------------------------------------------------------------


def test_the_story_begins_with_the_due_date():
    (line,) = explain(charge("2023-11-30"), HOME)
    assert (line.day, line.source.zh, line.optimistic, line.court_safe) == (DUE, "民法典第188条、第201条", END, END)


def test_the_story_tells_each_event_with_its_article_and_the_new_end():
    assert told(demands=(demand("2024-05-01 10:00", "B"), demand("2025-03-10 10:00", "C", "sms"))) == [
        (
            "2024-05-01",
            "A demand by letter arrived, evidence grade B, the clock starts again for three years.",
            "Civil Code 195(1); SPC limitation rules 8",
            "2027-05-01",
        ),
        (
            "2025-03-10",
            "A demand by text message arrived, evidence grade C, it proves too little for court: only the optimistic clock starts again.",
            "Civil Code 195(1); SPC limitation rules 8",
            "2027-05-01",
        ),
    ]


@pytest.mark.parametrize(
    ("events", "said", "end"),
    [
        ({"demands": (demand("2023-11-01 10:00"),)}, "before the due date", "2026-11-30"),
        ({"demands": (demand("2027-01-01 10:00"),)}, "not revived", "2026-11-30"),
        (
            {"acknowledgements": (Acknowledgement(at("2026-02-01 12:00"), True, "part_payment"),)},
            "The debtor paid a part, the clock",
            "2029-02-01",
        ),
        ({"public_claims": (filed("suit", "2026-02-01"),)}, "not ended yet, the clock rests", "2043-11-30"),
        ({"public_claims": (filed("suit", "2026-02-01", "2026-09-01"),)}, "ended on 2026-09-01, the clock starts again", "2029-09-01"),
        ({"impediments": (impeded("2026-06-15", "2026-07-20"),)}, "touched the last six months", "2027-01-20"),
        ({"impediments": (impeded("2025-01-01", "2025-02-01"),)}, "did not touch the last six months", "2026-11-30"),
        ({"impediments": (impeded("2026-10-01"),)}, "not ended yet, if it lasts into the last six months", "2026-11-30"),
    ],
)
def test_the_story_says_what_an_event_did_to_the_clock(events, said, end):
    ((_, english, _, court_safe),) = told(**events)
    assert said in english
    assert court_safe == end


def test_the_story_says_where_the_court_safe_clock_had_run_out_while_the_other_ran_on():
    chain = (demand("2026-06-01 10:00", "C"), demand("2027-01-01 10:00", "A"))
    assert "court-safe period had run out before" in told(demands=chain)[1][1]


def linked(**more):
    return [str(line.day) for line in links(charge("2023-11-30", **more), HOME)]


def test_of_many_demands_a_court_need_read_only_those_that_carry_the_clock_to_its_end():
    months = ["2024-05-01", "2025-03-10", "2026-10-01", "2027-03-01", "2029-09-01", "2029-09-02"]
    assert linked(demands=tuple(demand(f"{day} 10:00") for day in months)) == ["2026-10-01", "2029-09-02"]


def test_a_demand_that_proves_too_little_or_came_too_late_is_no_link():
    assert linked(demands=(demand("2026-05-01 10:00", "C"), demand("2026-04-01 10:00"))) == ["2026-04-01"]
    assert linked(demands=(demand("2027-01-01 10:00"),)) == []
    assert linked(demands=(demand("2026-05-01 10:00", "C"), demand("2027-01-01 10:00", "A"))) == []


def test_what_came_while_proceedings_last_is_no_link_beside_them():
    assert linked(public_claims=(filed("suit", "2026-02-01"),), demands=(demand("2026-05-01 10:00"),)) == ["2026-02-01"]


def test_where_an_impediment_held_the_end_off_all_that_went_before_is_told():
    held = impeded("2028-06-01", "2028-09-01")
    assert linked(demands=(demand("2024-05-01 10:00"), demand("2025-08-01 10:00")), impediments=(held,)) == [
        "2024-05-01",
        "2025-08-01",
        "2028-06-01",
    ]


# --- both together, against a clock that walks day by day --------------------------------------------------------------------------------

DAYS = st.integers(-30, 2600).map(lambda days: DUE + timedelta(days=days))


def walked(restarts, proceedings):
    """The last day to file, found by walking: each day either restarts the count, rests, or may be one too many."""
    counted_from = day = DUE
    running = True
    while running:
        day += timedelta(days=1)
        if day > counted_from.replace(year=counted_from.year + 3):
            return day - timedelta(days=1)
        over = [ended for began, ended in proceedings if began == day]
        if day in restarts or over:
            counted_from = max([counted_from, day, *over])
    raise AssertionError


@settings(max_examples=60, deadline=None)
@example(restarts=[date(2026, 11, 30)], proceedings=[], impediments=[])
@given(
    restarts=st.lists(DAYS, max_size=4),
    proceedings=st.lists(st.tuples(DAYS, st.integers(0, 400)), max_size=2),
    impediments=st.lists(st.tuples(DAYS, st.integers(0, 300)), max_size=2),
)
def test_the_clock_agrees_with_one_that_walks_day_by_day(restarts, proceedings, impediments):
    lasting = [(began, began + timedelta(days=days)) for began, days in proceedings]
    moved = {
        "demands": tuple(demand(f"{day} 10:00") for day in restarts),
        "public_claims": tuple(filed("suit", str(began), str(ended)) for began, ended in lasting),
    }
    leap_day = any(day.month == 2 and day.day == 29 for day in [*restarts, *(ended for _, ended in lasting)])
    if not leap_day:
        assert expiry(charge("2023-11-30", **moved), HOME).court_safe == walked(restarts, lasting)
    shown = [line.day for line in links(charge("2023-11-30", **moved), HOME)]
    fewer = {
        "demands": tuple(each for each in moved["demands"] if each.arrived_at.date() in shown),
        "public_claims": tuple(each for each in moved["public_claims"] if each.at.date() in shown),
    }
    assert expiry(charge("2023-11-30", **fewer), HOME).court_safe == expiry(charge("2023-11-30", **moved), HOME).court_safe
    held_off = charge(
        "2023-11-30", **moved, impediments=tuple(impeded(str(day), str(day + timedelta(days=days))) for day, days in impediments)
    )
    assert expiry(held_off, HOME).court_safe >= expiry(charge("2023-11-30", **moved), HOME).court_safe
    last = explain(held_off, HOME)[-1]
    assert (last.optimistic, last.court_safe) == (expiry(held_off, HOME).optimistic, expiry(held_off, HOME).court_safe)
