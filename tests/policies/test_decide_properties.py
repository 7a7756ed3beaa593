"""What must hold for any facts whatever. The checks count by hand, from the pages of the rules, never with the code they check."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import get_args
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from situations import PACKS

from policies.actions import Send, Stop, Wait
from policies.decide import decide
from policies.facts import (
    CHANNELS,
    Approval,
    ApprovalState,
    CaseFacts,
    Charge,
    Contact,
    Demand,
    Hold,
    Outcome,
    Promise,
    SiteDay,
    StopState,
)

QUICK = settings(max_examples=400, deadline=None, derandomize=True)
ZONES = ("Asia/Shanghai",) * 4 + ("Asia/Urumqi", "Australia/Lord_Howe", "Europe/London", "America/New_York", "Pacific/Auckland")
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
STATES: tuple[StopState, ...] = get_args(StopState)
SEQUENCES = ("standard", "commercial", "absent-owner", "chronic", "developer-units")
PACK_NAMES = ("cn-property", "us-regf", "article-22")
START = datetime(2026, 9, 21, tzinfo=UTC)


@dataclass(frozen=True)
class Situation:
    """Facts, a pack and an instant of the week of 中秋 2026, all from one number: most can act, a few of each kind cannot."""

    facts: CaseFacts
    pack: str
    now: datetime


def any_situation(number: int) -> Situation:
    dice = Random(number)
    now = START + timedelta(minutes=dice.randrange(7 * 24 * 60))
    sequence = dice.choice(SEQUENCES)
    steps = PACKS.sequence(sequence).steps
    facts = CaseFacts(
        id=str(number),
        timezone=dice.choice(ZONES),
        unit_use=dice.choice(("residential", "residential", "commercial")),
        sequence=sequence,
        cursor=dice.randrange(len(steps) + 1),
        charges=tuple(any_charge(dice, name, now) for name in "abc"[: dice.randint(1, 3)]),
        claim_set=dice.choice((None, None, ("a",), ("a", "b"), ())),
        channels=dice.choice((CHANNELS, CHANNELS, CHANNELS, tuple(dice.sample(CHANNELS, 3)))),
        contacts=tuple(any_contact(dice, now, [step.name for step in steps]) for _ in range(dice.choice((0, 0, 1, 2, 4, 6)))),
        holds=one_in(8, dice, lambda: Hold(around(dice, now), "repair")),
        promises=one_in(8, dice, lambda: Promise(around(dice, now).date(), Decimal(1), now - timedelta(days=dice.randint(0, 9)))),
        states=one_in(12, dice, lambda: dice.choice(STATES)),
        opted_out=one_in(6, dice, lambda: dice.choice(CHANNELS)),
        approvals=tuple(Approval(step, dice.choice(get_args(ApprovalState))) for step in ("lawyer-letter", "suit") if dice.random() < 0.7),
        in_flight=dice.choice((*(None,) * 9, "visit")),
        site_days=one_in(6, dice, lambda: SiteDay(now.date() + timedelta(days=dice.randint(-1, 2)))),
    )
    return Situation(facts, dice.choice(PACK_NAMES), now)


def any_charge(dice, name, now):
    age = dice.choice((dice.randint(-30, 60), dice.randint(60, 400), dice.randint(1000, 1100)))
    return Charge(
        id=name,
        unit="3-1-1201",
        item="物业费",
        period=dice.choice(("2026-01", "2026-02", "2026-03")),
        due_on=now.date() - timedelta(days=age),
        amount=Decimal(dice.choice((400, 700, 1500))),
        paid=Decimal(dice.choice((0, 0, 0, 0, 400))),
        demands=tuple(any_demand(dice, now) for _ in range(dice.choice((0, 1, 1, 2)))),
        disputed_until=dice.choice((*(None,) * 9, around(dice, now))),
    )


def any_demand(dice, now):
    arrived = dice.choice((None, now - timedelta(days=dice.randint(1, 90)), now - timedelta(days=dice.randint(30, 400))))
    pay_by = dice.choice((None, now.date() - timedelta(days=dice.randint(-20, 20))))
    return Demand(dice.choice(CHANNELS), dice.choice("AABBC0"), arrived, pay_by)


def any_contact(dice, now, steps):
    before = timedelta(minutes=dice.choice((dice.randrange(3 * 24 * 60), dice.randrange(40 * 24 * 60))))
    return Contact(now - before, dice.choice(CHANNELS), dice.choice(OUTCOMES), dice.choice((None, *steps)), dice.random() < 0.6)


def around(dice, now):
    return now + timedelta(hours=dice.randint(-100, 300))


def one_in(chances, dice, make):
    return (make(),) if dice.randrange(chances) == 0 else ()


situations = st.integers(0, 2**32).map(any_situation)


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
@given(situations)
def test_every_question_has_one_answer_and_the_same_one_each_time(situation):
    assert answer(situation) == answer(situation)


@QUICK
@given(situations)
def test_every_wait_lies_in_the_future_and_an_instant_before_its_end_is_still_a_wait(situation):
    action = answer(situation).action
    if isinstance(action, Wait):
        assert action.until > situation.now
        before = action.until - timedelta(microseconds=1)
        assert isinstance(answer(situation, before).action, Wait)


@QUICK
@given(situations)
def test_nothing_is_sent_outside_the_window_or_on_a_day_of_silence_of_either_zone(situation):
    facts, now = situation.facts, situation.now
    action = answer(situation, pack="cn-property").action
    if isinstance(action, Send):
        zones = {"Asia/Shanghai"} if action.channel == "letter" else {"Asia/Shanghai", facts.timezone}
        for wall in (now.astimezone(ZoneInfo(zone)) for zone in zones):
            assert wall.date() not in SILENT | {each.day for each in facts.site_days}
            assert house_is_open(action.channel, wall)
            assert facts.unit_use == "residential" or wall.time() >= MORNING


@QUICK
@given(situations)
def test_nothing_is_sent_after_a_stop_during_an_attempt_or_to_who_owes_nothing(situation):
    facts = situation.facts
    action = answer(situation).action
    if facts.states:
        assert isinstance(action, Stop)
    if isinstance(action, Send):
        today = situation.now.astimezone(ZoneInfo(facts.timezone)).date()
        assert facts.in_flight is None
        assert any(charge.amount > charge.paid and charge.due_on < today for charge in facts.charges)


@QUICK
@given(situations)
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


@QUICK
@given(situations)
def test_a_lawyer_letter_never_leaves_without_a_yes_and_a_believable_demand_for_each_charge_of_its_set(situation):
    facts, now = situation.facts, situation.now
    action = answer(situation).action
    if isinstance(action, Send) and action.step == "lawyer-letter":
        assert [each.decided for each in facts.approvals if each.step == "lawyer-letter"] == ["approved"]
        today = now.astimezone(ZoneInfo(facts.timezone)).date()
        owed = [charge for charge in facts.charges if charge.amount > charge.paid and charge.due_on < today]
        named = [charge for charge in owed if not (charge.disputed_until and charge.disputed_until > now)]
        in_set = [charge for charge in named if charge.id in (facts.claim_set or ())] or named
        believed = [charge for charge in in_set if any(demand.arrived_at and demand.grade in "AB" for demand in charge.demands)]
        assert believed
        assert all(charge in believed or today - charge.due_on > timedelta(days=3 * 365) for charge in in_set)


@QUICK
@given(situations)
def test_only_channels_that_there_are_and_that_were_not_opted_out_are_used_except_letters(situation):
    facts = situation.facts
    action = answer(situation).action
    if isinstance(action, Send):
        assert action.channel in facts.channels
        assert action.channel not in facts.opted_out or action.channel == "letter"


def test_these_situations_reach_every_rule():
    """The properties above say something only if the situations are rich enough."""
    rules = {answer(any_situation(number)).rule for number in range(6000)}
    assert rules >= {
        *("stop_settled", "stop_file_or_mediate", "stop_refused", "stop_exhausted", "stop_ready_for_suit", "stop_disputed"),
        *("wait_in_flight", "wait_not_due", "limitation_first", "wait_for_hold", "wait_for_promise", "wait_for_gap", "too_young"),
        *("gate_demand_missing", "gate_period_running", "ask_approval", "wait_for_approval"),
        *("wait_for_cap", "wait_for_blackout", "wait_for_window", "send"),
    }
