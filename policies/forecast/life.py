"""One case lived ahead: asked by the same `decide` on a clock moved by hand, answered by a debtor who acts by seeded chance."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from policies.actions import AskApproval, Stop, Wait
from policies.arrival import SERVED_WELL, grade_of
from policies.decide import decide
from policies.facts import Approval, CaseFacts, Channel, Charge, Contact, Demand, Outcome
from policies.forecast.behaviour import HEARD, Behaviour, Chances
from policies.limitation import YEARS, add_years, expiry
from policies.localtime import local_day
from policies.rules import Rules
from policies.sequences import Step

MAIL_DAYS = timedelta(days=4)
APPROVED_WITHIN = timedelta(days=1)
PAYS_WITHIN_DAYS = 5
A_MOMENT = timedelta(minutes=1)


class Act(NamedTuple):
    """What a case gets on a local day: a contact, or a person asked for approval (`channel` then says what it is for)."""

    day: date
    kind: Literal["contact", "approval"]
    step: str
    channel: Channel | None


@dataclass(frozen=True, slots=True)
class Lived:
    """One case's part of a forecast.

    `end`: why it stopped (`settled`, `ready_for_suit`, ...), or `open`. `paid`: what was paid on which local day. Charges whose court-safe
    clock was to run out meanwhile: the amounts of those that a demand `saved`, and of those that ran out all the same.
    """

    acts: tuple[Act, ...]
    end: str
    paid: tuple[tuple[date, Decimal], ...] = ()
    saved: tuple[Decimal, ...] = ()
    ran_out: tuple[Decimal, ...] = ()


def live(facts: CaseFacts, rules: Rules, start: datetime, end: datetime, seed: int, behaviour: Behaviour) -> Lived:
    """Lives the case from `start` to `end` (both aware)."""
    life = Life(facts, rules, start, seed, behaviour)
    outcome = life.live(end)
    saved, ran_out = _clocks(facts, life.facts, start, end)
    return Lived(tuple(life.acts), outcome, tuple(life.paid), saved, ran_out)


class Life:
    """A case being lived. `coming` holds what will happen by itself, with its instant: a payment, a letter's arrival."""

    def __init__(self, facts: CaseFacts, rules: Rules, start: datetime, seed: int, behaviour: Behaviour) -> None:
        self.facts = facts
        self.rules = rules
        self.now = start
        self.seed = seed
        self.behaviour = behaviour
        self.coming: list[tuple[datetime, Callable[[], None]]] = []
        self.acts: list[Act] = []
        self.paid: list[tuple[date, Decimal]] = []
        self.heard = 0
        self.contacts = 0

    def live(self, end: datetime) -> str:
        while self.now < end:
            self._let_happen()
            decision = decide(self.facts, self.rules, self.now)
            if decision.cursor > self.facts.cursor:
                self.facts = replace(self.facts, cursor=decision.cursor)
            match decision.action:
                case Stop(reason):
                    return reason
                case Wait(until):
                    self.now = min([until, *(at for at, _ in self.coming)])
                case AskApproval(step, channel):
                    self.acts.append(_act(self._today(), "approval", step, channel))
                    self.facts = replace(self.facts, approvals=(*self.facts.approvals, Approval(step, "approved")))
                    self.now += APPROVED_WITHIN
                case sent:
                    self._contact(self._step(sent.step), sent.channel)
                    self.now += A_MOMENT
        return "open"

    def _let_happen(self) -> None:
        due = [happen for at, happen in self.coming if at <= self.now]
        if due:
            self.coming = [(at, happen) for at, happen in self.coming if at > self.now]
            for happen in due:
                happen()

    def _step(self, name: str) -> Step:
        sequence = self.rules.sequence
        return sequence.demand if name == sequence.demand.name else sequence.named(name)

    def _contact(self, step: Step, channel: Channel) -> None:
        today = self._today()
        self.acts.append(_act(today, "contact", step.name, channel))
        self.contacts += 1
        outcome = self._drawn(self.behaviour.outcomes[channel], "outcome")
        contacts = (*self.facts.contacts, Contact(self.now, channel, outcome, step.name))
        overdue = tuple([charge.id for charge in self.facts.charges if charge.paid < charge.amount and charge.due_on < today])
        claim_set = overdue if step.name == self.rules.sequence.demand.name else self.facts.claim_set
        self.facts = replace(self.facts, contacts=contacts, claim_set=claim_set)
        if step.purpose == "demand":
            self._demand(channel, outcome, overdue)
        if outcome in HEARD:
            self.heard += 1
            if self._chance("pays") < self.behaviour.chance_to_pay(channel, self.heard):
                self.coming.append((self.now + timedelta(days=1 + self._chance("when") * PAYS_WITHIN_DAYS), self._pay))

    def _demand(self, channel: Channel, outcome: Outcome, named: tuple[str, ...]) -> None:
        """A demand that arrives and proves anything will name these charges: letters by their signed receipt."""
        arrives, proof = self.now, grade_of(channel, outcome, held=SERVED_WELL)
        if outcome == "mailed":
            if self._chance("mail") >= self.behaviour.mail_arrives:
                return
            arrives, proof = self.now + MAIL_DAYS, grade_of(channel, "handed_over")
        if proof != "0":
            arrived = Demand(channel, proof, arrives)
            self.coming.append((arrives, lambda: self._arrive(arrived, named)))

    def _arrive(self, demand: Demand, named: tuple[str, ...]) -> None:
        charges = [replace(each, demands=(*each.demands, demand)) if each.id in named else each for each in self.facts.charges]
        self.facts = replace(self.facts, charges=tuple(charges))

    def _pay(self) -> None:
        """All arrears; what is not due yet stays owed."""
        today = self._today()
        overdue = [charge for charge in self.facts.charges if charge.paid < charge.amount and charge.due_on < today]
        if overdue:
            self.paid.append((today, sum((charge.unpaid for charge in overdue), Decimal(0))))
        charges = [replace(each, paid=each.amount) if each in overdue else each for each in self.facts.charges]
        self.facts = replace(self.facts, charges=tuple(charges))

    def _today(self) -> date:
        return local_day(self.now, self.facts.timezone)

    def _drawn(self, chances: Chances, what: str) -> Outcome:
        left = self._chance(what)
        for share, outcome in chances:
            left -= share
            if left < 0:
                return outcome
        return chances[-1][1]

    def _chance(self, what: str) -> float:
        """Between 0 and 1, the same for the same seed, case, contact and question."""
        words = f"{self.seed}/{self.facts.id}/{self.contacts}/{what}".encode()
        return int.from_bytes(hashlib.blake2b(words, digest_size=6).digest()) / 2**48


@lru_cache(maxsize=1 << 16)
def _act(day: date, kind: Literal["contact", "approval"], step: str, channel: Channel | None) -> Act:
    """The same value for all cases that get the same on the same day: a hundred thousand lives share a few thousand acts."""
    return Act(day, kind, step, channel)


def _clocks(before: CaseFacts, after: CaseFacts, start: datetime, end: datetime) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]]:
    """The amounts of charges whose court-safe clock was to run out in between: those a demand saved, those that ran out unpaid."""
    first, last = local_day(start, before.timezone), local_day(end, before.timezone)
    saved, ran_out = [], []
    for charge, later in zip(before.charges, after.charges, strict=True):
        if add_years(charge.due_on, YEARS) > last:
            continue
        if first <= _court_safe(charge, before) < last:
            if _court_safe(later, after) > _court_safe(charge, before):
                saved.append(charge.unpaid)
            elif later.unpaid:
                ran_out.append(charge.unpaid)
    return tuple(saved), tuple(ran_out)


def _court_safe(charge: Charge, facts: CaseFacts) -> date:
    return expiry(charge, facts.timezone).court_safe
