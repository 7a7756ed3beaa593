"""What happens next? The whole policy on one page: PRECEDENCE, read from the top; the first rule that speaks decides.

Counting (contract section 3): days are local calendar days of the debtor; the day of an event is day 0, and N days are over at 00:00 of
day N. A wait names the first instant at which asking again can change the answer; it never promises to send.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate

from policies import reasons
from policies.actions import AskApproval, Decision, Stop, Wait
from policies.answers import HELD_BACK, answer, carry_out, day_start, wait
from policies.calendar import working_days_after
from policies.facts import CaseFacts, Charge
from policies.gates import Lack, lacking
from policies.limitation import FILE_BELOW_DAYS, FORMAL_DEMAND_BELOW_DAYS
from policies.out_of_turn import demand_step, open_letter
from policies.question import Question
from policies.rules import Rules
from policies.sequences import Minimum
from policies.turns import turns

FIRST_PROMISE_DAYS = 14
LATER_PROMISE_DAYS = 7
PROMISE_GRACE_WORKING_DAYS = 2
ASK_AGAIN_WITHIN = timedelta(hours=24)
RETRY_AFTER_DAYS = 1

Rule = Callable[[Question], Decision | None]


def decide(facts: CaseFacts, rules: Rules, now: datetime) -> Decision:
    """The answer to "what next?" for one case. Total: every question has one answer. `now` is aware."""
    question = Question(facts, rules, now)
    decision = _first_answer(question)
    return _end_in_time(question, decision, decision.action) if isinstance(decision.action, Wait) else decision


def _first_answer(question: Question) -> Decision:
    for rule in BEFORE_SENDING:
        decision = rule(question)
        if decision is not None:
            return decision
    return send(question)


def _end_in_time(question: Question, decision: Decision, planned: Wait) -> Decision:
    """The wait, ended at the first turn of time at which the answer is another: a clock comes under 90 days, a dispute ends."""
    for turn in turns(question, planned.until):
        later = _first_answer(Question(question.facts, question.rules, turn)).action
        if not isinstance(later, Wait) or later.until < planned.until:
            return decision._replace(action=replace(planned, until=turn))
    return decision


def stop_state(question: Question) -> Decision | None:
    """A state that ends contact: the gravest speaks. It never stops the limitation clock."""
    true_of_it = question.facts.states
    for state in reasons.STATES if true_of_it else ():
        if state in true_of_it:
            return answer(question, Stop(state), f"stop_{state}", reasons.stopped(state))
    return None


def settled(question: Question) -> Decision | None:
    """Nothing overdue is unpaid. What falls due later is a new story, unless nothing was ever due."""
    if question.overdue:
        return None
    was_due = any(charge.due_on < question.today for charge in question.facts.charges)
    if question.unpaid and not was_due:
        return None
    return answer(question, Stop("settled"), "stop_settled", reasons.SETTLED)


def file_or_mediate(question: Question) -> Decision | None:
    """Less than 30 days left to file: only filing or a mediation request is sure, and both are a person's act."""
    for charge, days in question.days_to_file:
        if 0 < days < FILE_BELOW_DAYS:
            return answer(question, Stop("file_or_mediate"), "stop_file_or_mediate", reasons.file_or_mediate(charge, days))
    return None


def in_flight(question: Question) -> Decision | None:
    """An attempt is under way: its outcome decides, not we."""
    step = question.facts.in_flight
    if step is None:
        return None
    return wait(question, question.now + ASK_AGAIN_WITHIN, "wait_in_flight", reasons.in_flight(step))


def stale_payment_data(question: Question) -> Decision | None:
    """Who may have paid since the last import is not asked to pay."""
    if not question.facts.payments_stale:
        return None
    return wait(question, question.now + ASK_AGAIN_WITHIN, "wait_for_payment_data", reasons.PAYMENTS_STALE)


def not_due(question: Question) -> Decision | None:
    """Nothing is overdue yet: asked again when the first charge is."""
    if question.overdue:
        return None
    first = min(charge.due_on for charge in question.facts.charges)
    return wait(question, day_start(question, first, 1), "wait_not_due", reasons.not_due(first))


def limitation_first(question: Question) -> Decision | None:
    """Under 90 court-safe days the registered demand goes out, whatever cursor, hold, promise, gap, floor and gate say."""
    if not question.days_to_file:
        return None
    endangered = [(charge, days) for charge, days in question.days_to_file if 0 < days < FORMAL_DEMAND_BELOW_DAYS]
    if not endangered or open_letter(question) is not None:
        return None
    demand = demand_step(question, ())
    if demand is None:
        return None
    return carry_out(question, demand, "limitation_first", reasons.limitation_first(*endangered[0]))


def wholly_disputed(question: Question) -> Decision | None:
    """Each disputed charge is left out while it is answered in writing; when nothing else is owed the case stops."""
    if question.claimed:
        return None
    return answer(question, Stop("disputed"), "stop_disputed", reasons.stopped("disputed"))


def hold(question: Question) -> Decision | None:
    """A person's stop until a time; the longest counts."""
    if not question.facts.holds:
        return None
    running = [each for each in question.facts.holds if each.until > question.now]
    if not running:
        return None
    longest = max(running, key=lambda each: each.until)
    return wait(question, longest.until, "wait_for_hold", reasons.held(longest, question.facts.timezone))


def promise(question: Question) -> Decision | None:
    """Quiet through the promised day and two working days after it; a promise too far ahead counts as far as it may go."""
    if not question.facts.promises:
        return None
    latest: Decision | None = None
    until = question.now
    for earlier, given in enumerate(sorted(question.facts.promises, key=lambda each: each.made_at)):
        furthest = question.day(given.made_at) + timedelta(days=LATER_PROMISE_DAYS if earlier else FIRST_PROMISE_DAYS)
        quiet_to, guessed = working_days_after(question.rules.calendar, min(given.on, furthest), PROMISE_GRACE_WORKING_DAYS)
        if day_start(question, quiet_to, 1) > until:
            until = day_start(question, quiet_to, 1)
            doubts = map(reasons.calendar_unknown, guessed)
            latest = wait(question, until, "wait_for_promise", reasons.promised(given), *doubts)
    return latest


def exhausted(question: Question) -> Decision | None:
    """Every step is done or passed over: a person decides what comes."""
    if question.next_step is not None:
        return None
    return answer(question, Stop("exhausted"), "stop_exhausted", reasons.END_OF_SEQUENCE)


def gap(question: Question) -> Decision | None:
    """The days since the step before took effect. A try of the same step that was unanswered or never left is repeated on another day."""
    here, last = question.here, question.gap_from
    if question.turned_away_today:
        tomorrow = day_start(question, question.today, RETRY_AFTER_DAYS)
        return wait(question, tomorrow, "wait_for_gap", reasons.turned_away(here.step.name), at=here)
    if last is None:
        return None
    retry = last.step == here.step.name
    days = RETRY_AFTER_DAYS if retry else here.step.gap_days
    since = question.day(last.at) if retry else question.effect_day(last)
    until = day_start(question, since, days)
    if until <= question.now:
        return None
    return wait(question, until, "wait_for_gap", reasons.gap(here.step.name, since, days), at=here)


def floor(question: Question) -> Decision | None:
    """The least size of the claim, and the least age of its oldest charge."""
    here = question.here
    if here.step.minimum is not None and not _reaches(question.fileable, here.step.minimum):
        return _below_minimum(question, here.step.minimum)
    oldest = question.oldest_due
    until = day_start(question, oldest, here.step.floor_days)
    if until <= question.now:
        return None
    return wait(question, until, "too_young", reasons.too_young(here.step, oldest), at=here)


def gate(question: Question) -> Decision | None:
    """What must be proven first. A charge that was never demanded makes the formal demand of the whole set the next step."""
    here = question.here
    for name in here.step.gates:
        charges = question.claim_set if name == "period_over" else question.fileable
        if not charges:
            return answer(question, Stop("exhausted"), "stop_exhausted", reasons.NOTHING_TO_FILE, at=here)
        since = question.demanded_at if name == "period_over" else None
        lacks = lacking(name, charges, question.rules, question.facts.timezone, question.today, since)
        missing = [lack.charge for lack in lacks if lack.kind == "demand_missing"]
        if missing:
            return _demand_whole_set(question, missing)
        if lacks:
            return _await_period(question, lacks)
    return None


def approval(question: Question) -> Decision | None:
    """A grave step needs a named person's yes. An answer that expired is asked for again, never taken as given."""
    here = question.here
    if not here.step.approval:
        return None
    answers = [each.decided for each in question.facts.approvals if each.step == here.step.name]
    match answers[-1] if answers else None:
        case "approved":
            return None
        case "refused":
            return answer(question, Stop("refused"), "stop_refused", reasons.refused(here.step.name), at=here)
        case "pending":
            tomorrow = day_start(question, question.today, 1)
            return wait(question, tomorrow, "wait_for_approval", reasons.approval_pending(here.step.name), at=here)
        case _:
            ask = AskApproval(here.step.name, here.channel)
            return answer(question, ask, "ask_approval", reasons.approval_needed(here.step.name), at=here)


def ready_for_suit(question: Question) -> Decision | None:
    """A step that contacts nobody ends our part: counsel has the filing packet."""
    if question.here.channel is not None:
        return None
    return answer(question, Stop("ready_for_suit"), "stop_ready_for_suit", reasons.READY_FOR_SUIT, at=question.here)


def send(question: Question) -> Decision:
    """Everything is in order: now, if no cap, day of silence or window says otherwise."""
    return carry_out(question, question.here, "send", reasons.send(question.here.step.name))


PRECEDENCE: dict[Rule, tuple[str, ...]] = {
    stop_state: tuple(f"stop_{state}" for state in reasons.STATES),
    settled: ("stop_settled",),
    file_or_mediate: ("stop_file_or_mediate",),
    in_flight: ("wait_in_flight",),
    stale_payment_data: ("wait_for_payment_data",),
    not_due: ("wait_not_due",),
    limitation_first: ("limitation_first", *HELD_BACK),
    wholly_disputed: ("stop_disputed",),
    hold: ("wait_for_hold",),
    promise: ("wait_for_promise",),
    exhausted: ("stop_exhausted",),
    gap: ("wait_for_gap",),
    floor: ("too_young", "stop_exhausted"),
    gate: ("gate_demand_missing", "gate_period_running", "stop_exhausted", *HELD_BACK),
    approval: ("ask_approval", "wait_for_approval", "stop_refused"),
    ready_for_suit: ("stop_ready_for_suit",),
    send: ("send", *HELD_BACK),
}
"""The rules in order, each with the names under which it may answer."""

BEFORE_SENDING = tuple(rule for rule in PRECEDENCE if rule is not send)
"""Where none of these speaks, the step goes out as far as caps, days of silence and windows let it."""


def _reaches(charges: tuple[Charge, ...], minimum: Minimum) -> bool:
    enough_periods = len({charge.period for charge in charges}) >= minimum.periods
    return enough_periods or sum(charge.unpaid for charge in charges) >= minimum.amount


def _below_minimum(question: Question, minimum: Minimum) -> Decision:
    """Wait for the charge whose falling due makes the claim large enough; stop where these charges never will."""
    here, facts = question.here, question.facts
    upcoming = sorted((charge for charge in question.unpaid if charge.due_on >= question.today), key=lambda charge: charge.due_on)
    if facts.claim_set is not None:
        upcoming = [charge for charge in upcoming if charge.id in facts.claim_set]
    for claim in accumulate(upcoming, lambda claim, charge: (*claim, charge), initial=question.fileable):
        if _reaches(claim, minimum):
            due = claim[-1].due_on
            return wait(question, day_start(question, due, 1), "too_young", reasons.below_minimum(here.step, minimum), at=here)
    return answer(question, Stop("exhausted"), "stop_exhausted", reasons.below_minimum(here.step, minimum), at=here)


def _demand_whole_set(question: Question, missing: list[Charge]) -> Decision:
    because = reasons.demand_missing(question.here.step.name, missing)
    posted = open_letter(question)
    if posted is not None:
        lost_on = day_start(question, question.given_up_on(posted), 0)
        return wait(question, lost_on, "gate_demand_missing", because, reasons.LETTER_ON_ITS_WAY, at=question.here)
    demand = demand_step(question, missing)
    if demand is None:
        return answer(question, Stop("exhausted"), "stop_exhausted", because, reasons.NO_WAY_TO_DEMAND, at=question.here)
    return carry_out(question, demand, "gate_demand_missing", because)


def _await_period(question: Question, lacks: tuple[Lack, ...]) -> Decision:
    here = question.here
    last = max(lack.over_on for lack in lacks if lack.over_on is not None)
    return wait(question, day_start(question, last, 0), "gate_period_running", reasons.period_running(here.step.name, last), at=here)
