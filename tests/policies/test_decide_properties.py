"""What must hold for any facts whatever. The checks count by hand, from the pages of the rules, never with the code they check."""

from collections import Counter
from datetime import date, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import OUTCOMES, any_situation, ready_situation
from situations import PACKS

from policies.actions import Send, Stop, Wait
from policies.decide import decide
from policies.facts import CHANNELS

QUICK = settings(max_examples=200, deadline=None, derandomize=True)
numbers = st.integers(0, 2**32)
SITUATIONS = [make(number) for number in range(700) for make in (any_situation, ready_situation)]


def of_every_situation(check):
    """The check, made of every situation. Where it fails, `situation.facts.id` is the number that made the situation up."""

    def check_all():
        for situation in SITUATIONS:
            check(situation)

    check_all.__name__ = check.__name__
    return check_all


def answer(situation, now=None, pack=None):
    return decide(situation.facts, PACKS.rules(pack or situation.pack, situation.facts.sequence), now or situation.now)


MORNING, NOON, AFTERNOON, EVENING = time(10), time(12), time(14), time(20)
SILENT = {date(2026, 9, 25)}
"""中秋: the only day of silence that the questions of these tests can fall on."""


def house_is_open(channel, wall):
    if channel in ("sms", "letter"):
        return time(9) <= wall.time() < EVENING
    return MORNING <= wall.time() < NOON or AFTERNOON <= wall.time() < EVENING


@QUICK
@given(numbers.map(any_situation))
def test_every_question_has_one_answer_and_the_same_one_each_time(situation):
    assert answer(situation) == answer(situation)


@of_every_situation
def test_every_wait_lies_in_the_future_and_until_its_last_instant_the_answer_is_a_wait(situation):
    action = answer(situation).action
    if isinstance(action, Wait):
        ahead = action.until - situation.now
        assert ahead > timedelta(0)
        for meanwhile in (ahead / 3, ahead / 2, ahead - timedelta(microseconds=1)):
            assert isinstance(answer(situation, situation.now + meanwhile).action, Wait)


@of_every_situation
def test_nothing_is_sent_outside_the_window_or_on_a_day_of_silence_of_either_zone(situation):
    facts, now = situation.facts, situation.now
    action = answer(situation, pack="cn-property").action
    if isinstance(action, Send):
        zones = {"Asia/Shanghai"} if action.channel == "letter" else {"Asia/Shanghai", facts.timezone}
        for wall in (now.astimezone(ZoneInfo(zone)) for zone in zones):
            assert wall.date() not in SILENT | {each.day for each in facts.site_days}
            assert house_is_open(action.channel, wall)
            assert facts.unit_use == "residential" or wall.time() >= MORNING


@of_every_situation
def test_nothing_is_sent_after_a_stop_during_an_attempt_on_old_payment_data_or_to_who_owes_nothing(situation):
    facts = situation.facts
    action = answer(situation).action
    if facts.states:
        assert isinstance(action, Stop)
    if isinstance(action, Send):
        today = situation.now.astimezone(ZoneInfo(facts.timezone)).date()
        assert facts.in_flight is None
        assert not facts.payments_stale
        assert any(charge.amount > charge.paid and charge.due_on < today for charge in facts.charges)


@of_every_situation
def test_nothing_is_sent_above_a_cap(situation):
    facts = situation.facts
    action = answer(situation, pack="cn-property").action
    if not isinstance(action, Send):
        return
    zone = ZoneInfo(facts.timezone)
    today = situation.now.astimezone(zone).date()

    def count(channels, days, outcomes, day_only=("failed", "undelivered")):
        ages = [(contact, (today - contact.at.astimezone(zone).date()).days) for contact in facts.contacts if contact.channel in channels]
        return sum((contact.outcome in outcomes and age < days) or (contact.outcome in day_only and age < 1) for contact, age in ages)

    reached_out = ("conversation", "answered", "machine", "handed_over", "affixed", "mailed", "sent", "delivered")
    assert count(CHANNELS, 7, reached_out) < 3
    if action.channel == "sms":
        assert count(["sms"], 3, reached_out) < 1
    if action.channel in ("voice", "call"):
        assert count(["voice", "call"], 7, ["conversation", "answered"], ()) < 1
        assert count(["voice", "call"], 1, OUTCOMES, ()) < 3
    if action.channel == "visit":
        assert count(["visit"], 1, OUTCOMES, ()) < 1
        assert count(["visit"], 30, reached_out) < 2


def claimed(situation):
    """What a demand may name now: overdue, unpaid, not in dispute; of these the frozen set, where anything of it is left."""
    facts, now = situation.facts, situation.now
    today = now.astimezone(ZoneInfo(facts.timezone)).date()
    owed = [charge for charge in facts.charges if charge.amount > charge.paid and charge.due_on < today]
    named = [charge for charge in owed if not (charge.disputed_until and charge.disputed_until > now)]
    return [charge for charge in named if charge.id in (facts.claim_set or ())] or named


def heeded_too_late(situation, charge):
    """Demands for a charge that a court believes and whose reasonable period is over, with three days for the post."""
    zone, days = ZoneInfo(situation.facts.timezone), 30 if situation.facts.sequence == "absent-owner" else 15
    today = situation.now.astimezone(zone).date()
    believed = [demand for demand in charge.demands if demand.arrived_at and demand.grade in "AB"]
    last_days = [(demand, demand.arrived_at.astimezone(zone).date() + timedelta(days=days)) for demand in believed]
    return [demand for demand, last in last_days if today > max(last, demand.pay_by or last) + timedelta(days=3)]


@of_every_situation
def test_a_lawyer_letter_never_leaves_without_a_yes_and_an_unheeded_demand_for_each_charge_of_a_claim_that_is_worth_it(situation):
    action = answer(situation, pack="cn-property").action
    if isinstance(action, Send) and action.step == "lawyer-letter":
        assert [each.decided for each in situation.facts.approvals if each.step == "lawyer-letter"] == ["approved"]
        unheeded = [charge for charge in claimed(situation) if heeded_too_late(situation, charge)]
        today = situation.now.date()
        assert all(charge in unheeded or today - charge.due_on > timedelta(days=3 * 365) for charge in claimed(situation))
        assert len({charge.period for charge in unheeded}) >= 2 or sum(charge.amount - charge.paid for charge in unheeded) >= Decimal(1000)


@of_every_situation
def test_counsel_gets_a_case_only_with_a_yes_and_proof_for_each_charge(situation):
    decision = answer(situation, pack="cn-property")
    if decision.rule == "stop_ready_for_suit":
        assert [each.decided for each in situation.facts.approvals if each.step == "suit"] == ["approved"]
        today = situation.now.date()
        for charge in claimed(situation):
            unheeded = heeded_too_late(situation, charge)
            proven = any(demand.grade == "A" for demand in unheeded) or len({demand.channel for demand in unheeded}) > 1
            assert proven or today - charge.due_on > timedelta(days=3 * 365)


@of_every_situation
def test_nothing_but_the_demand_that_saves_a_clock_is_sent_during_a_hold_or_before_the_day_of_a_promise(situation):
    facts, now = situation.facts, situation.now
    decision = answer(situation)
    if isinstance(decision.action, Send) and decision.rule != "limitation_first":
        zone = ZoneInfo(facts.timezone)
        assert all(hold.until <= now for hold in facts.holds)
        honoured = [min(each.on, each.made_at.astimezone(zone).date() + timedelta(days=14)) for each in facts.promises]
        assert all(now.astimezone(zone).date() > day for day in honoured)


@of_every_situation
def test_a_demand_out_of_turn_leaves_only_while_a_charge_is_in_danger(situation):
    decision = answer(situation)
    if decision.rule == "limitation_first" and isinstance(decision.action, Send):
        assert decision.action.step == PACKS.sequence(situation.facts.sequence).demand.name
        today = situation.now.date()
        assert any(today - charge.due_on > timedelta(days=3 * 365 - 92) for charge in situation.facts.charges)


@of_every_situation
def test_nothing_is_sent_in_the_last_thirty_days_of_a_charge_that_nothing_restarted(situation):
    today = situation.now.astimezone(ZoneInfo(situation.facts.timezone)).date()
    unheard = [charge for charge in situation.facts.charges if not any(demand.arrived_at for demand in charge.demands)]
    ends = [charge.due_on.replace(year=charge.due_on.year + 3) for charge in unheard if charge.amount > charge.paid]
    if any(0 < (end - today).days < 30 for end in ends):
        assert not isinstance(answer(situation).action, Send)


@of_every_situation
def test_the_days_between_two_steps_are_kept_from_the_day_the_first_took_effect(situation):
    decision, zone = answer(situation), ZoneInfo(situation.facts.timezone)
    own = sorted((contact for contact in situation.facts.contacts if contact.own), key=lambda contact: contact.at)
    if decision.rule == "send" and own and own[-1].outcome in ("delivered", "answered", "conversation", "handed_over", "affixed"):
        step = next(each for each in PACKS.sequence(situation.facts.sequence).steps if each.name == decision.action.step)
        days = (situation.now.astimezone(zone).date() - own[-1].at.astimezone(zone).date()).days
        assert days >= (1 if own[-1].step == step.name else step.gap_days)


@of_every_situation
def test_only_channels_that_there_are_and_that_were_not_opted_out_are_used_except_letters(situation):
    facts = situation.facts
    action = answer(situation).action
    if isinstance(action, Send):
        assert action.channel in facts.channels
        assert action.channel not in facts.opted_out or action.channel == "letter"


def test_these_situations_reach_every_rule_and_every_step():
    """The properties above say something only if the situations are rich enough."""
    rules = {answer(any_situation(number)).rule for number in range(2000)}
    sent = Counter(decision.action.step for decision in map(answer, map(ready_situation, range(600))) if isinstance(decision.action, Send))
    assert sent.total() > 150
    assert sent.keys() >= {step.name for step in PACKS.sequence("standard").steps if step.channels}
    assert rules >= {
        *("stop_settled", "stop_file_or_mediate", "stop_refused", "stop_exhausted", "stop_ready_for_suit", "stop_disputed"),
        *("wait_in_flight", "wait_not_due", "limitation_first", "wait_for_hold", "wait_for_promise", "wait_for_gap", "too_young"),
        *("gate_demand_missing", "gate_period_running", "ask_approval", "wait_for_approval"),
        *("wait_for_cap", "wait_for_blackout", "wait_for_window", "send"),
    }
