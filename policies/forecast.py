"""A whole campaign before it begins: the same `decide` on a hand-moved clock, with debtors who answer and pay by seeded chance.

Chance is a digest of the seed, the case and the contact, so the same seed gives the same forecast on any machine. Nothing is sent.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from policies.actions import AskApproval, Send, Stop, Wait
from policies.decide import decide
from policies.facts import Approval, CaseFacts, Channel, Contact, Demand, Grade, Outcome
from policies.localtime import local_day
from policies.rules import Rules
from policies.sequences import Step

MAIL_DAYS = timedelta(days=4)
APPROVED_WITHIN = timedelta(days=1)
PAYS_WITHIN_DAYS = 5
A_MOMENT = timedelta(minutes=1)

Chances = tuple[tuple[float, Outcome], ...]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How debtors answer. `outcomes`: shares that add up to 1 per channel; `pays`: the share of contacts after which they pay all."""

    outcomes: Mapping[Channel, Chances] = field(
        default_factory=lambda: {
            "sms": ((0.95, "delivered"), (0.05, "undelivered")),
            "voice": ((0.45, "answered"), (0.15, "machine"), (0.40, "no_answer")),
            "call": ((0.55, "conversation"), (0.45, "no_answer")),
            "letter": ((1.0, "mailed"),),
            "visit": ((0.55, "handed_over"), (0.25, "affixed"), (0.20, "no_answer")),
        }
    )
    mail_arrives: float = 0.85
    pays: Mapping[Channel, float] = field(default_factory=lambda: {"sms": 0.12, "voice": 0.08, "call": 0.15, "letter": 0.10, "visit": 0.20})


@dataclass(frozen=True, slots=True)
class Forecast:
    """Contacts per local day and channel, approvals asked per day, and how each case stands at the end (`open`, or why it stopped)."""

    contacts: Mapping[tuple[date, Channel], int]
    approvals: Mapping[date, int]
    ends: Mapping[str, str]


def forecast(
    cases: Iterable[CaseFacts],
    rules_for: Callable[[CaseFacts], Rules],
    start: datetime,
    days: int,
    seed: int = 1,
    behaviour: Behaviour | None = None,
) -> Forecast:
    """Lives every case from `start` (aware) for so many days."""
    contacts: Counter[tuple[date, Channel]] = Counter()
    approvals: Counter[date] = Counter()
    ends: dict[str, str] = {}
    for facts in cases:
        life = Life(facts, rules_for(facts), start, seed, behaviour or Behaviour())
        ends[facts.id] = life.live(start + timedelta(days=days))
        contacts.update(life.contacts)
        approvals.update(life.approvals)
    return Forecast(contacts, approvals, ends)


class Life:
    """One case being lived. `coming` holds what will happen by itself: a payment, a letter's arrival."""

    def __init__(self, facts: CaseFacts, rules: Rules, start: datetime, seed: int, behaviour: Behaviour) -> None:
        self.facts = facts
        self.rules = rules
        self.now = start
        self.seed = seed
        self.behaviour = behaviour
        self.coming: list[tuple[datetime, Callable[[CaseFacts], CaseFacts]]] = []
        self.contacts: list[tuple[date, Channel]] = []
        self.approvals: list[date] = []

    def live(self, end: datetime) -> str:
        while self.now < end:
            self._let_happen()
            decision = decide(self.facts, self.rules, self.now)
            self.facts = replace(self.facts, cursor=max(self.facts.cursor, decision.cursor))
            match decision.action:
                case Stop(reason):
                    return reason
                case Wait(until):
                    self.now = min([until, *(at for at, _ in self.coming)])
                case AskApproval(step):
                    self.approvals.append(self._today())
                    self.facts = replace(self.facts, approvals=(*self.facts.approvals, Approval(step, "approved")))
                    self.now += APPROVED_WITHIN
                case Send(step, channel):
                    self._contact(self.rules.sequence.named(step), channel)
                    self.now += A_MOMENT
        return "open"

    def _let_happen(self) -> None:
        due = [event for at, event in self.coming if at <= self.now]
        self.coming = [(at, event) for at, event in self.coming if at > self.now]
        for event in due:
            self.facts = event(self.facts)

    def _contact(self, step: Step, channel: Channel) -> None:
        self.contacts.append((self._today(), channel))
        outcome = self._drawn(self.behaviour.outcomes[channel], "outcome")
        self.facts = replace(self.facts, contacts=(*self.facts.contacts, Contact(self.now, channel, outcome, step.name)))
        if step.name == self.rules.sequence.demand.name:
            self.facts = replace(self.facts, claim_set=tuple(charge.id for charge in self.facts.charges if charge.unpaid > 0))
        if step.purpose == "demand":
            self._demand(channel, outcome)
        if outcome in _HEARD and self._chance("pays") < self.behaviour.pays[channel]:
            self.coming.append((self.now + timedelta(days=1 + self._chance("when") * PAYS_WITHIN_DAYS), _paid))

    def _demand(self, channel: Channel, outcome: Outcome) -> None:
        arrives = self.now
        if outcome == "mailed":
            if self._chance("mail") >= self.behaviour.mail_arrives:
                return
            arrives += MAIL_DAYS
        grade = _GRADES.get((channel, outcome))
        if grade is not None:
            arrived = Demand(channel, grade, arrives)
            self.coming.append((arrives, lambda facts: _demanded(facts, arrived)))

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
        words = f"{self.seed}/{self.facts.id}/{len(self.contacts)}/{what}".encode()
        return int.from_bytes(hashlib.blake2b(words, digest_size=6).digest()) / 2**48


_HEARD: frozenset[Outcome] = frozenset({"delivered", "answered", "conversation", "mailed", "handed_over", "affixed"})
_GRADES: dict[tuple[Channel, Outcome], Grade] = {
    ("sms", "delivered"): "B",
    ("call", "conversation"): "B",
    ("letter", "mailed"): "A",
    ("visit", "handed_over"): "A",
    ("visit", "affixed"): "C",
}
"""What a contact that ended so will prove once it arrived; letters by their signed receipt."""


def _paid(facts: CaseFacts) -> CaseFacts:
    return replace(facts, charges=tuple(replace(charge, paid=charge.amount) for charge in facts.charges))


def _demanded(facts: CaseFacts, demand: Demand) -> CaseFacts:
    return replace(facts, charges=tuple(replace(charge, demands=(*charge.demands, demand)) for charge in facts.charges))
