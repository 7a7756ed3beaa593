from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from operator import add

import pytest
from situations import PACKS, ask, at, case, charge

from policies.facts import CHANNELS, Impediment, Promise
from policies.forecast import Act, Behaviour, Lived, Means, Past, by_day, compare, forecast, learned, totals
from policies.forecast.life import Life
from policies.limits import breaches
from policies.windows import Place, is_open

START = at("2026-09-21 08:00")
CASES = [replace(case("courtesy-call", charge("2026-06-30"), charge("2026-05-31")), id=f"c{number}") for number in range(30)]
MEANS = Means(
    costs={"sms": Decimal("0.05"), "voice": Decimal("0.10"), "call": Decimal("0.30"), "letter": Decimal("6.20"), "visit": Decimal(2)},
    minutes={"call": 6, "visit": 30, "approval": 4},
    week=(480, 480, 480, 480, 480, 0, 0),
)


def rules_for(facts):
    return PACKS.rules("cn-property", facts.sequence)


def outlook(days=120, seed=1, behaviour=None, cases=CASES):
    return forecast(cases, rules_for, START, days, seed, behaviour)


def never_pays(**more):
    return Behaviour(pays=dict.fromkeys(CHANNELS, (0.0,)), **more)


def test_the_same_seed_gives_the_same_forecast_and_another_seed_another():
    assert outlook() == outlook()
    assert outlook(seed=2) != outlook()


def test_a_forecast_made_in_pieces_is_the_forecast_of_the_whole():
    pieces = [outlook(cases=CASES[place::7]) for place in range(7)]
    assert reduce(add, pieces) == outlook()


def test_every_case_ends_somewhere_and_many_are_settled_by_courtesy_alone():
    ends = outlook().ends
    assert set(ends) == {each.id for each in CASES}
    assert sum(end == "settled" for end in ends.values()) > 8


def test_who_never_pays_goes_the_whole_way_to_counsel():
    found = outlook(days=250, behaviour=never_pays())
    assert "settled" not in found.ends.values()
    assert sum(end == "ready_for_suit" for end in found.ends.values()) > 15
    assert {channel for _, channel in found.contacts} == {"sms", "voice", "call", "letter", "visit"}
    assert sum(found.approvals.values()) > 30


def test_nobody_is_contacted_on_a_day_of_silence():
    days = {day for day, _ in outlook(days=30, behaviour=never_pays()).contacts}
    assert days
    assert at("2026-09-25 00:00").date() not in days


def test_a_forecast_of_no_days_contacts_nobody():
    found = outlook(days=0)
    assert not found.contacts
    assert set(found.ends.values()) == {"open"}
    assert found.days(MEANS) == ()


def test_what_was_forecast_keeps_windows_and_caps():
    """Lived once more by hand: every contact of one case, looked at from outside."""
    life = Life(CASES[0], rules_for(CASES[0]), START, 1, never_pays())
    life.live(START + timedelta(days=200))
    log = life.facts.contacts
    assert len(log) > 6
    assert breaches(PACKS.pack("cn-property"), log, "Asia/Shanghai") == ()
    assert all(is_open(rules_for(CASES[0]), each.channel, Place("Asia/Shanghai"), each.at) for each in log)


def test_who_pays_pays_what_is_overdue_and_no_more():
    upcoming = replace(case("courtesy-call", charge("2026-06-30"), charge("2026-12-31", name="later")), id="c1")
    pays = Behaviour(outcomes={**Behaviour().outcomes, "voice": ((1.0, "answered"),)}, pays=dict.fromkeys(CHANNELS, (1.0,)))
    found = outlook(days=30, behaviour=pays, cases=[upcoming])
    assert found.totals.recovered == Decimal("600.00")
    assert found.ends == {"c1": "settled"}
    [(day, amount)] = found.lives["c1"].paid
    assert amount == Decimal("600.00")
    assert at("2026-09-22 00:00").date() <= day <= at("2026-09-28 00:00").date()


def test_who_pays_twice_over_pays_once():
    """Two contacts a few days apart may each move the debtor: the second payment finds nothing owed."""
    moved = Behaviour(pays=dict.fromkeys(CHANNELS, (1.0,)))
    assert outlook(behaviour=moved).totals.recovered <= Decimal(1200) * len(CASES)
    life = Life(CASES[0], rules_for(CASES[0]), START, 1, moved)
    life._pay()
    life._pay()
    assert [amount for _, amount in life.paid] == [Decimal("1200.00")]


def test_letters_that_never_arrive_prove_nothing():
    lost = outlook(days=250, behaviour=never_pays(mail_arrives=0.0))
    kept = outlook(days=250, behaviour=never_pays(mail_arrives=1.0))
    visits = [sum(count for (_, channel), count in found.contacts.items() if channel == "visit") for found in (lost, kept)]
    assert visits[0] > visits[1]


def test_a_demand_that_arrives_saves_a_charge_whose_clock_was_about_to_run_out():
    old = replace(case("courtesy-call", charge("2023-12-01", name="old"), charge("2026-06-30")), id="c1")
    arrives = outlook(days=90, behaviour=never_pays(mail_arrives=1.0), cases=[old]).totals
    assert (arrives.saved, arrives.ran_out) == ((1, Decimal("600.00")), (0, Decimal(0)))
    unreachable = replace(old, channels=("voice",))
    assert outlook(days=90, behaviour=never_pays(), cases=[unreachable]).totals.ran_out == (1, Decimal("600.00"))


def test_a_charge_that_was_paid_in_time_neither_ran_out_nor_was_saved():
    old = replace(case("courtesy-call", charge("2023-12-01", name="old")), id="c1", channels=("call",))
    pays = Behaviour(outcomes={**Behaviour().outcomes, "call": ((1.0, "conversation"),)}, pays=dict.fromkeys(CHANNELS, (1.0,)))
    found = outlook(days=90, behaviour=pays, cases=[old]).totals
    assert (found.saved[0], found.ran_out[0], found.recovered) == (0, 0, Decimal("600.00"))


def test_a_clock_that_an_impediment_moved_past_the_horizon_neither_ran_out_nor_was_saved():
    floods = Impediment("force_majeure", at("2026-08-01 00:00").date(), at("2026-09-10 00:00").date(), court_safe=True)
    old = replace(case("courtesy-call", charge("2023-10-15", name="old", impediments=(floods,))), id="c1", channels=("voice",))
    assert outlook(days=90, behaviour=never_pays(), cases=[old]).totals.ran_out[0] == 0


def test_a_promise_kept_or_not_is_waited_for_before_the_next_contact():
    promised = replace(CASES[0], promises=(Promise(at("2026-09-28 00:00").date(), Decimal(600), START),))
    first = outlook(days=30, behaviour=never_pays(), cases=[promised]).lives["c0"].acts[0]
    assert first.day >= at("2026-10-01 00:00").date()


def test_the_first_act_of_a_forecast_is_what_the_decision_of_that_moment_says():
    [contact] = outlook(days=1, behaviour=never_pays(), cases=CASES[:1]).lives["c0"].acts
    decision = ask(CASES[0], "2026-09-21 10:00")
    assert (contact.step, contact.channel) == (decision.action.step, decision.action.channel)


# By day.


def day(number):
    return at(f"2026-09-{number:02} 00:00").date()


def act(number, kind="contact", step="visit", channel="visit"):
    return Act(day(number), kind, step, channel)


def test_days_have_no_holes_and_carry_what_the_staff_could_not_do_to_the_next():
    """Monday to Wednesday: 20 visits of half an hour and one approval against 8 hours a day."""
    lives = [Lived((act(21),), "open") for _ in range(20)] + [Lived((act(23, "approval", "suit", None),), "open")]
    monday, tuesday, wednesday = by_day(lives, MEANS)
    assert (monday.minutes, monday.capacity, monday.backlog, monday.cost) == (600, 480, 120, Decimal(40))
    assert (tuesday.contacts, tuesday.minutes, tuesday.backlog) == ({}, 0, 0)
    assert (wednesday.tasks, wednesday.approvals, wednesday.minutes) == ({"call": 0, "visit": 0, "approval": 1}, 1, 4)


def test_nobody_works_off_a_backlog_on_a_day_without_staff():
    lives = [Lived((act(26),), "open"), Lived((act(27),), "open", paid=((day(28), Decimal("10.50")),))]
    saturday, sunday, monday = by_day(lives, MEANS)
    assert (saturday.backlog, sunday.backlog, monday.backlog) == (30, 60, 0)
    assert monday.recovered == Decimal("10.50")


def test_text_messages_and_letters_take_no_staff_time_but_cost_money():
    [only] = by_day([Lived((act(21, step="notice-sms", channel="sms"), act(21, step="warm-letter", channel="letter")), "open")], MEANS)
    assert (only.minutes, only.cost) == (0, Decimal("6.25"))


def test_what_the_days_show_adds_up_to_the_totals():
    found = outlook(days=200)
    days, whole = found.days(MEANS), found.totals
    assert sum((Counter(each.contacts) for each in days), Counter()) == whole.contacts
    assert sum(each.cost for each in days) == whole.cost(MEANS)
    assert sum(each.recovered for each in days) == whole.recovered
    assert sum(each.approvals for each in days) == whole.approvals == sum(found.approvals.values())
    assert whole.cases == sum(whole.ends.values()) == len(CASES)


def test_a_day_is_shown_in_hours_and_money_as_text():
    [shown] = [each.as_json() for each in by_day([Lived((act(21),), "settled", paid=((day(21), Decimal("600.00")),))], MEANS)]
    assert shown == {
        "day": "2026-09-21",
        "contacts": {"visit": 1},
        "approvals": 0,
        "tasks": {"call": 0, "visit": 1, "approval": 0},
        "hours": 0.5,
        "capacity_hours": 8.0,
        "backlog_hours": 0.0,
        "cost": "2",
        "recovered": "600.00",
    }


# Learned behaviour.


def test_without_a_past_debtors_behave_as_supposed():
    supposed = Behaviour()
    known = learned(Past())
    assert known.mail_arrives == pytest.approx(supposed.mail_arrives)
    for channel in CHANNELS:
        assert known.chance_to_pay(channel, 3) == pytest.approx(supposed.chance_to_pay(channel, 3))
        assert {outcome: pytest.approx(share) for share, outcome in known.outcomes[channel]} == {
            outcome: share for share, outcome in supposed.outcomes[channel]
        }


def test_a_long_past_replaces_what_was_supposed_and_a_short_one_only_bends_it():
    long_past = learned(Past(outcomes={("sms", "delivered"): 50_000, ("sms", "undelivered"): 50_000}, mailed=100_000, arrived=20_000))
    assert long_past.outcomes["sms"][0][0] == pytest.approx(0.5, abs=0.001)
    assert long_past.mail_arrives == pytest.approx(0.2, abs=0.001)
    short = learned(Past(outcomes={("sms", "undelivered"): 5}))
    assert 0.85 < short.outcomes["sms"][0][0] < 0.95


def test_the_first_contact_and_the_fourth_are_learned_apart():
    known = learned(Past(heard={("call", 1): 10_000, ("call", 4): 10_000}, paid={("call", 1): 3_000, ("call", 4): 100}))
    assert known.chance_to_pay("call", 1) == pytest.approx(0.3, abs=0.01)
    assert known.chance_to_pay("call", 4) == known.chance_to_pay("call", 9) == pytest.approx(0.01, abs=0.01)
    assert known.chance_to_pay("call", 2) == pytest.approx(0.15)


def test_an_outcome_that_nobody_supposed_is_drawn_too_once_it_happened():
    known = learned(Past(outcomes={("call", "busy"): 100}))
    assert known.outcomes["call"][-1] == (pytest.approx(100 / 150), "busy")
    assert sum(share for share, _ in known.outcomes["call"]) == pytest.approx(1)


def test_shares_that_do_not_quite_add_up_still_draw_an_outcome():
    short = Behaviour(outcomes={**Behaviour().outcomes, "voice": ((0.0, "answered"), (0.0, "no_answer"))})
    life = Life(CASES[0], rules_for(CASES[0]), START, 1, short)
    life.live(START + timedelta(days=1))
    assert life.facts.contacts[0].outcome == "no_answer"


# Compared.


def test_forecasts_compared_tell_who_would_get_what_when_instead_of_what():
    gentle = [replace(each, sequence="hardship") for each in CASES]
    before, after = outlook(behaviour=never_pays()), outlook(behaviour=never_pays(), cases=gentle)
    found = compare(before.lives, after.lives)
    assert len(found.differences) + found.alike == len(CASES)
    first = found.differences[0]
    assert first.before != first.after
    assert first.day == min(each.day for each in (first.before, first.after) if each)
    assert (found.before, found.after) == (before.totals, after.totals)


def test_a_forecast_compared_with_itself_differs_nowhere():
    found = compare(outlook().lives, outlook().lives)
    assert (found.alike, found.differences) == (len(CASES), ())


def test_a_case_that_gets_less_and_one_that_only_ends_otherwise_are_both_told():
    before = {"a": Lived((act(21), act(22)), "open"), "b": Lived((act(23),), "open"), "c": Lived((), "open")}
    after = {"a": Lived((act(21),), "open"), "b": Lived((act(23),), "settled"), "c": Lived((), "open")}
    shorter, ended = compare(before, after).differences
    assert shorter.as_json() == {
        "case": "a",
        "day": "2026-09-22",
        "before": {"day": "2026-09-22", "kind": "contact", "step": "visit", "channel": "visit"},
        "after": None,
        "end_before": "open",
        "end_after": "open",
    }
    assert (ended.case, ended.day, ended.end_before, ended.end_after) == ("b", None, "open", "settled")


def test_a_comparison_is_shown_with_the_totals_of_both_sides():
    shown = compare({"a": Lived((act(21),), "open")}, {"a": Lived((), "settled", saved=(Decimal("600.00"),))}).as_json()
    assert shown["before"]["contacts"] == {"visit": 1}
    assert shown["after"]["limitation_saved"] == {"charges": 1, "amount": "600.00"}
    assert shown["after"]["ends"] == {"settled": 1}
    assert [each["case"] for each in shown["differences"]] == ["a"]


def test_forecasts_of_other_cases_are_not_compared():
    with pytest.raises(ValueError, match="not of the same cases: c9"):
        compare({}, {"c9": Lived((), "open")})


def test_totals_of_nothing_are_nothing():
    assert totals([]).as_json()["cases"] == 0
