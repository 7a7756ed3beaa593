"""What happens next, situation by situation. Asked on Thursday 2026-09-24 at 10:00 in Shanghai unless a test says otherwise."""

from dataclasses import replace
from datetime import date

import pytest
from situations import ask, at, case, charge, contact, demand, told

from policies.facts import Approval, Hold, Promise, SiteDay

SERVED = (demand("2026-08-01 10:00"),)
GRAVE = (charge("2026-03-31", demands=SERVED), charge("2026-02-28", demands=SERVED))
"""Two periods, old enough for the lawyer letter, each demanded and the period over."""


def promise(on, made="2026-09-20 10:00", amount="600.00"):
    return Promise(at(f"{on} 00:00").date(), charge(amount=amount).amount, at(made))


# --- the polite order -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "due", "answer"),
    [
        ("courtesy-call", "2026-09-21", "send courtesy-call by voice"),
        ("courtesy-call", "2026-09-22", "too_young until 2026-09-25 00:00"),
        ("notice-sms", "2026-09-17", "send notice-sms by sms"),
        ("notice-sms", "2026-09-18", "too_young until 2026-09-25 00:00"),
        ("warm-letter", "2026-09-09", "send warm-letter by letter"),
        ("second-call", "2026-08-30", "send second-call by call"),
        ("visit", "2026-08-20", "send visit by visit"),
        ("formal-demand", "2026-07-26", "send formal-demand by letter"),
        ("formal-demand", "2026-07-27", "too_young until 2026-09-25 00:00"),
        ("settlement-offer", "2026-07-11", "send settlement-offer by call"),
        ("settlement-offer", "2026-07-12", "too_young until 2026-09-25 00:00"),
    ],
)
def test_each_step_waits_for_the_age_of_the_oldest_charge(step, due, answer):
    assert told(ask(case(step, charge(due)))) == answer


@pytest.mark.parametrize(
    ("step", "last", "answer"),
    [
        # The day of the event is day 0; three days are over at 00:00 of day 3.
        ("notice-sms", contact("2026-09-21 23:59", "voice", "answered"), "send notice-sms by sms"),
        ("notice-sms", contact("2026-09-22 00:00", "voice", "answered"), "wait_for_gap until 2026-09-25 00:00"),
        # An SMS without a receipt takes effect after 72 hours.
        ("warm-letter", contact("2026-09-17 10:00"), "send warm-letter by letter"),
        ("warm-letter", contact("2026-09-17 10:00", outcome="sent"), "wait_for_gap until 2026-09-27 00:00"),
        # An ordinary letter takes effect the day it is mailed.
        ("second-call", contact("2026-09-17 10:00", "letter", "mailed"), "send second-call by call"),
        # A registered one when signed for, else fifteen days after mailing; here the lawyer letter is what was mailed.
        ("suit", contact("2026-09-20 10:00", "letter", "mailed"), "wait_for_gap until 2026-10-20 00:00"),
        ("suit", contact("2026-09-12 10:00", "letter", "returned_refused"), "wait_for_gap until 2026-09-27 00:00"),
    ],
)
def test_the_gap_counts_from_the_day_the_last_contact_took_effect(step, last, answer):
    charges = (charge("2026-03-01", demands=SERVED), charge("2026-02-01", demands=SERVED))
    assert told(ask(case(step, *charges, contacts=(last,)))) == answer


def test_a_registered_letter_takes_effect_the_day_it_is_signed_for():
    mailed = contact("2026-09-01 10:00", "letter", "mailed")
    served = tuple(charge(due, demands=(demand("2026-09-03 10:00"),)) for due in ("2026-03-01", "2026-02-01"))
    facts = case("suit", *served, contacts=(mailed,))
    assert told(ask(facts, "2026-09-17 10:00")) == "wait_for_gap until 2026-09-18 00:00"
    assert told(ask(facts, "2026-09-18 10:00")) == "gate_period_running until 2026-09-22 00:00"
    assert told(ask(facts, "2026-09-22 10:00")) == "ask_approval for suit"


RETURNED = contact("2026-09-23 15:00", "letter", "returned_unknown", step="formal-demand")


def test_a_letter_that_came_back_unread_goes_to_another_address_the_next_day_and_where_there_is_none_the_step_is_over():
    old = charge("2026-06-30", demands=(demand("2026-09-24 09:00", grade="C"),))
    elsewhere = case("formal-demand", old, contacts=(replace(RETURNED, another_address=True),))
    assert told(ask(elsewhere)) == "send formal-demand by letter"
    assert told(ask(elsewhere, "2026-09-23 16:00")) == "wait_for_gap until 2026-09-24 00:00"
    assert "formal-demand" not in told(ask(case("formal-demand", old, contacts=(RETURNED,))))


def test_as_many_addresses_as_there_are_are_tried():
    back = [replace(RETURNED, at=at(f"2026-09-{day} 15:00"), another_address=True) for day in (17, 19, 21, 23)]
    assert told(ask(case("formal-demand", contacts=tuple(back)))) == "send formal-demand by letter"


def test_where_limitation_is_near_the_other_address_comes_before_the_door():
    endangered = charge("2023-11-30", demands=())
    elsewhere = case("notice-sms", endangered, contacts=(replace(RETURNED, another_address=True),))
    assert told(ask(elsewhere)) == "limitation_first: send formal-demand by letter"
    assert told(ask(case("notice-sms", endangered, contacts=(RETURNED,)))) == "limitation_first: send formal-demand by visit"


def test_the_gap_counts_from_the_day_a_contact_is_known_to_have_taken_effect():
    told_late = contact("2026-09-20 19:00", "letter", "mailed", step="warm-letter", took_effect_at=at("2026-09-23 09:00"))
    facts = case("second-call", contacts=(told_late,))
    assert told(ask(facts, "2026-09-28 10:00")) == "wait_for_gap until 2026-09-30 00:00"


def test_with_no_contact_yet_the_gap_has_run():
    assert told(ask(case("warm-letter"))) == "send warm-letter by letter"


def test_contacts_of_another_case_count_in_caps_but_never_for_the_gap():
    elsewhere = contact("2026-09-21 10:00", "voice", "answered", own=False)
    assert told(ask(case("notice-sms", contacts=(elsewhere,)))) == "send notice-sms by sms"


def test_an_unanswered_courtesy_call_is_tried_again_the_next_day_and_then_becomes_an_agent_call():
    once = contact("2026-09-23 15:00", "voice", "no_answer", step="courtesy-call")
    again = contact("2026-09-24 11:00", "voice", "busy", step="courtesy-call")
    assert told(ask(case("courtesy-call", contacts=(once,)))) == "send courtesy-call by voice"
    assert told(ask(case("courtesy-call", contacts=(once, again)), "2026-09-24 15:00")) == "wait_for_gap until 2026-09-25 00:00"
    assert told(ask(case("courtesy-call", contacts=(once, again)), "2026-09-26 10:00")) == "send courtesy-call by call"


def test_an_agent_call_unanswered_twice_is_given_up_and_the_case_moves_on():
    tries = [
        contact(f"2026-09-{day} 15:00", channel, "no_answer", step="courtesy-call")
        for day, channel in ((17, "voice"), (18, "voice"), (19, "call"), (20, "call"))
    ]
    decision = ask(case("courtesy-call", contacts=tuple(tries)))
    assert (told(decision), decision.cursor) == ("send notice-sms by sms", 1)


def test_a_step_that_had_its_effect_is_behind_us_though_the_cursor_still_names_it():
    done = contact("2026-09-17 10:00", "sms", "delivered", step="notice-sms")
    assert told(ask(case("notice-sms", contacts=(done,)))) == "send warm-letter by letter"


def test_without_a_voice_line_the_courtesy_call_is_an_agents():
    assert told(ask(case("courtesy-call", channels=("sms", "call", "letter", "visit")))) == "send courtesy-call by call"


def test_two_unanswered_calls_make_the_courtesy_call_an_agents_even_where_nobody_noted_the_step():
    tries = (contact("2026-09-22 15:00", "voice", "no_answer"), contact("2026-09-23 15:00", "voice", "no_answer"))
    assert told(ask(case("courtesy-call", contacts=tries))) == "send courtesy-call by call"


def test_a_channel_without_a_contact_point_is_passed_over_and_the_reason_kept():
    decision = ask(case("notice-sms", channels=("call", "letter", "visit")))
    assert (told(decision), decision.cursor) == ("send warm-letter by letter", 2)
    assert "notice-sms" in decision.passed_over[0].en


def test_an_opt_out_passes_the_channel_over_but_never_the_last_written_one():
    assert told(ask(case("notice-sms", opted_out=("sms",)))) == "send warm-letter by letter"
    assert told(ask(case("warm-letter", opted_out=("sms", "letter")))) == "send warm-letter by letter"


def test_zones_that_never_meet_pass_over_everything_but_letters():
    abroad = case("notice-sms", timezone="America/New_York")
    assert told(ask(abroad, "2026-09-23 22:00", zone="America/New_York")) == "send warm-letter by letter"


def test_the_end_of_the_sequence_is_a_persons_turn():
    assert told(ask(case(cursor=9))) == "stop_exhausted"
    assert told(ask(case("suit", charge("2026-01-31"), channels=()))) == "stop_exhausted"


# --- what stops and what waits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state", ["no_contact", "deceased", "incapacity", "insolvent", "represented", "wrong_person", "transferred", "disputed"]
)
def test_a_stop_state_ends_contact_even_when_time_runs_out(state):
    assert told(ask(case("notice-sms", charge("2023-10-10"), states=(state,)))) == f"stop_{state}"


def test_a_paid_case_is_settled():
    assert told(ask(case("notice-sms", charge(paid=charge().amount)))) == "stop_settled"
    assert told(ask(case("notice-sms", charge(paid=charge().amount), charge("2026-12-31")))) == "stop_settled"


def test_the_due_day_itself_is_in_time():
    assert told(ask(case("courtesy-call", charge("2026-09-24")))) == "wait_not_due until 2026-09-25 00:00"


def test_an_attempt_under_way_is_awaited_and_asked_about_within_a_day():
    assert told(ask(case(in_flight="notice-sms"))) == "wait_in_flight until 2026-09-25 10:00"


def test_nobody_is_asked_to_pay_on_stale_payment_data():
    assert told(ask(case(payments_stale=True))) == "wait_for_payment_data until 2026-09-25 10:00"


def test_the_longest_hold_speaks():
    holds = (Hold(at("2026-09-30 00:00"), "repair"), Hold(at("2026-10-05 12:00"), "paid_already"), Hold(at("2026-09-01 00:00"), "old"))
    assert told(ask(case(holds=holds))) == "wait_for_hold until 2026-10-05 12:00"
    assert told(ask(case(holds=holds), "2026-10-05 12:00")) == "send notice-sms by sms"


@pytest.mark.parametrize(
    ("promises", "answer"),
    [
        # Friday 09-25 to 27 is the holiday of 中秋; the working days after the 24th are Monday 28 and Tuesday 29.
        ([promise("2026-09-24")], "wait_for_promise until 2026-09-30 00:00"),
        # The national holiday: 10-08 and 10-09 are the two working days after 09-30.
        ([promise("2026-09-30")], "wait_for_promise until 2026-10-10 00:00"),
        # A promise of a month ahead is honoured to 14 days after it was made, 10-04.
        ([promise("2026-10-20")], "wait_for_promise until 2026-10-10 00:00"),
        # A second promise to 7: 09-29, then 09-30 and 10-08.
        ([promise("2026-09-21", "2026-09-15 10:00"), promise("2026-10-08", "2026-09-22 10:00")], "wait_for_promise until 2026-10-09 00:00"),
        # Sunday 09-20 is worked (调休): it and Monday the 21st are the two days after Friday the 18th.
        ([promise("2026-09-18", "2026-09-15 10:00")], "send notice-sms by sms"),
    ],
)
def test_a_promise_keeps_quiet_through_its_day_and_two_working_days(promises, answer):
    assert told(ask(case(promises=tuple(promises)))) == answer


def test_a_make_up_workday_ends_the_quiet_after_a_promise_sooner():
    facts = case(promises=(promise("2026-09-18", "2026-09-15 10:00"),))
    assert told(ask(facts, "2026-09-21 10:00")) == "wait_for_promise until 2026-09-22 00:00"


def test_a_wait_over_an_unpublished_year_says_that_it_guesses():
    decision = ask(case(promises=(promise("2026-12-31", "2026-12-28 10:00"),)), "2026-12-29 10:00")
    assert told(decision) == "wait_for_promise until 2027-01-06 00:00"
    assert any("2027" in reason.en for reason in decision.because)


def test_a_disputed_charge_is_left_out_and_a_wholly_disputed_case_stops():
    disputed = charge("2026-03-31", disputed_until=at("2026-10-10 00:00"))
    assert told(ask(case("formal-demand", disputed, charge("2026-08-31")))) == "too_young until 2026-10-10 00:00"
    assert told(ask(case("formal-demand", disputed))) == "stop_disputed"
    assert told(ask(case("formal-demand", disputed), "2026-10-10 10:00")) == "send formal-demand by letter"


# --- limitation -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "answer"),
    [
        # Court-safe days left on 2026-09-24: 90, 89, 30, 29, 1, 0.
        ("2023-12-23", "send notice-sms by sms"),
        ("2023-12-22", "limitation_first: send formal-demand by letter"),
        ("2023-10-24", "limitation_first: send formal-demand by letter"),
        ("2023-10-23", "stop_file_or_mediate"),
        ("2023-09-25", "stop_file_or_mediate"),
        ("2023-09-24", "send notice-sms by sms"),
    ],
)
def test_under_ninety_days_the_demand_comes_first_and_under_thirty_a_person(due, answer):
    assert told(ask(case("notice-sms", charge(due)))) == answer


ENDANGERED = charge("2023-11-30")


def test_the_demand_passes_holds_promises_and_gaps_but_obeys_windows_and_caps():
    held = case("notice-sms", ENDANGERED, holds=(Hold(at("2026-12-01 00:00"), "repair"),), promises=(promise("2026-09-30"),))
    assert told(ask(held)) == "limitation_first: send formal-demand by letter"
    assert told(ask(held, "2026-09-24 21:00")) == "wait_for_window until 2026-09-26 09:00"
    assert told(ask(held, "2026-09-25 11:00")) == "wait_for_blackout until 2026-09-26 09:00"
    busy = tuple(contact(f"2026-09-{day} 10:00", "letter", "mailed", own=False) for day in (19, 20, 21))
    assert told(ask(case("notice-sms", ENDANGERED, contacts=busy))) == "wait_for_cap until 2026-09-26 00:00"


def test_while_one_is_under_way_the_polite_order_goes_on_and_after_fifteen_days_it_is_handed_over():
    mailed = contact("2026-09-10 10:00", "letter", "mailed", step="formal-demand")
    facts = case("notice-sms", ENDANGERED, contacts=(mailed,))
    assert told(ask(facts)) == "wait_for_gap until 2026-09-25 00:00"
    assert told(ask(facts, "2026-09-26 10:00")) == "limitation_first: send formal-demand by visit"


def test_a_wait_ends_early_when_a_clock_will_by_then_change_the_answer():
    held = case("notice-sms", charge("2023-12-30"), holds=(Hold(at("2026-12-01 00:00"), "repair"),))
    assert told(ask(held)) == "wait_for_hold until 2026-10-02 00:00"
    assert told(ask(held, "2026-10-02 09:00")) == "limitation_first: send formal-demand by letter"


def test_what_ran_out_is_never_threatened_with_suit():
    run_out = charge("2022-01-31", demands=(demand("2026-03-01 10:00"),))
    assert told(ask(case("lawyer-letter", run_out, charge("2022-02-28")))) == "stop_exhausted"


# --- grave steps ------------------------------------------------------------------------------------------------------------------------


def test_the_offer_waits_for_the_period_of_the_demand():
    served = charge(demands=(demand("2026-09-10 10:00", pay_by="2026-09-25"),))
    assert told(ask(case("settlement-offer", served))) == "gate_period_running until 2026-09-29 00:00"


def test_the_offer_counts_the_period_of_the_formal_demand_and_not_of_an_earlier_notice():
    mailed = contact("2026-09-01 10:00", "letter", "mailed", step="formal-demand")
    noticed = demand("2026-07-10 10:00", "B", "sms")
    waiting = charge(demands=(noticed,))
    served = charge(demands=(noticed, demand("2026-09-10 10:00", pay_by="2026-09-25")))
    assert told(ask(case("formal-demand", waiting, contacts=(mailed,)), "2026-09-05 10:00")) == "wait_for_gap until 2026-09-16 00:00"
    assert told(ask(case("formal-demand", served, contacts=(mailed,)))) == "gate_period_running until 2026-09-29 00:00"


def test_a_charge_that_was_never_demanded_makes_the_formal_demand_the_next_step():
    decision = ask(case("lawyer-letter", GRAVE[0], charge("2026-04-30", "500.00")))
    assert told(decision) == "gate_demand_missing: send formal-demand by letter"
    assert "2026-04" in decision.because[0].en
    assert "2026-03" not in decision.because[0].en


def test_a_frozen_claim_set_is_what_the_gates_ask_about():
    later = charge("2026-05-31", "500.00")
    frozen = tuple(each.id for each in GRAVE)
    assert told(ask(case("lawyer-letter", *GRAVE, later, claim_set=frozen))) == "ask_approval for lawyer-letter"
    assert told(ask(case("lawyer-letter", *GRAVE, later))) == "gate_demand_missing: send formal-demand by letter"


def test_a_demand_on_its_way_is_awaited_before_another_is_sent():
    mailed = contact("2026-09-20 10:00", "letter", "mailed", step="formal-demand")
    waiting = case("lawyer-letter", charge("2026-03-31"), charge("2026-02-28"), contacts=(mailed,))
    assert told(ask(waiting)).startswith("wait_for_gap until 2026-10-12")
    called = contact("2026-09-21 10:00", "call", "no_answer", step="settlement-offer")
    answer = told(ask(case("lawyer-letter", *waiting.charges, contacts=(mailed, called)), "2026-09-29 10:00"))
    assert answer == "gate_demand_missing until 2026-10-05 00:00"


def test_a_lawyer_letter_needs_two_periods_or_a_thousand_yuan():
    small = charge("2026-03-31", "400.00", demands=SERVED)
    assert told(ask(case("lawyer-letter", small))) == "stop_exhausted"
    assert told(ask(case("lawyer-letter", charge("2026-03-31", "1000.00", demands=SERVED)))) == "ask_approval for lawyer-letter"
    assert told(ask(case("lawyer-letter", small, charge("2026-10-31", "400.00")))) == "too_young until 2026-11-01 00:00"


@pytest.mark.parametrize(
    ("decided", "answer"),
    [
        (None, "ask_approval for lawyer-letter"),
        ("approved", "send lawyer-letter by letter"),
        ("refused", "stop_refused"),
        ("pending", "wait_for_approval until 2026-09-25 00:00"),
        ("expired", "ask_approval for lawyer-letter"),
    ],
)
def test_a_grave_step_needs_a_named_persons_yes(decided, answer):
    approvals = (Approval("lawyer-letter", decided),) if decided else ()
    assert told(ask(case("lawyer-letter", *GRAVE, approvals=approvals))) == answer


def test_approval_is_asked_for_outside_the_window_too():
    assert told(ask(case("lawyer-letter", *GRAVE), "2026-09-25 23:00")) == "ask_approval for lawyer-letter"


def test_an_approved_suit_is_counsels():
    old = tuple(charge(due, demands=SERVED) for due in ("2026-02-28", "2026-03-01"))
    assert told(ask(case("suit", *old))) == "ask_approval for suit"
    assert told(ask(case("suit", *old, approvals=(Approval("suit", "approved"),)))) == "stop_ready_for_suit"


# --- caps, windows, packs ---------------------------------------------------------------------------------------------------------------


def test_a_cap_speaks_before_a_window():
    sms = contact("2026-09-23 10:00", own=False)
    assert told(ask(case("notice-sms", contacts=(sms,)), "2026-09-24 21:00")) == "wait_for_cap until 2026-09-26 00:00"


def test_outside_the_window_it_waits_for_the_opening():
    assert told(ask(case("notice-sms"), "2026-09-23 20:00")) == "wait_for_window until 2026-09-24 09:00"
    assert told(ask(case("visit"), "2026-09-23 13:00")) == "wait_for_window until 2026-09-23 14:00"


def test_site_days_are_silent_and_say_why_and_by_whom():
    asked = ask(case(site_days=(SiteDay(date(2026, 9, 24), "小区祭扫", "李敏"),)))
    assert told(asked) == "wait_for_blackout until 2026-09-26 09:00"
    assert asked.because[0].zh == "2026-09-24是小区的静默日（小区祭扫，李敏），不联系。"
    assert asked.because[0].en == "2026-09-24 is a day of silence of the community (小区祭扫, 李敏)."


def test_a_day_of_silence_is_called_by_its_name():
    assert ask(case(), "2026-09-25 10:00").because[0].en == "2026-09-25 (中秋) is a day of silence."


def test_the_debtors_midnight_counts_and_not_ours():
    # 2026-09-21 20:00 in Los Angeles is already the 22nd in Shanghai.
    facts = case("notice-sms", timezone="America/Los_Angeles", contacts=(contact("2026-09-22 11:00", "voice", "answered"),))
    decision = ask(facts, "2026-09-23 23:00", "us-regf", zone="America/Los_Angeles")
    assert told(decision, "America/Los_Angeles") == "wait_for_gap until 2026-09-24 00:00"


def test_a_decision_carries_the_versions_it_was_taken_under():
    decision = ask(case())
    assert decision.pack.startswith("cn-property@")
    assert decision.calendar.startswith("cn-2026@")
    assert decision.asked_at == at("2026-09-24 10:00")
    assert decision.because[0].zh != decision.because[0].en


def test_asking_an_instant_before_a_wait_ends_still_gives_a_wait():
    facts = case("notice-sms", contacts=(contact("2026-09-22 00:00", "voice", "answered"),))
    assert told(ask(facts)) == "wait_for_gap until 2026-09-25 00:00"
    assert told(ask(facts, "2026-09-24 23:59:59")) == "wait_for_gap until 2026-09-25 00:00"
