"""What an arrival proves: the grade of a contact by channel and outcome (domain of evidence; the grades are this project's own policy).

A proves service in court alone, B with something beside it, C supports, 0 does not count. Only arrival counts. What would raise a grade is
found by asking for the grade again as if more were held: the two cannot disagree.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations
from typing import Literal

from policies.facts import Channel, Grade
from policies.localtime import A_DAY, closing, local_day, opening
from policies.post_days import minute_of

GRADES: tuple[Grade, ...] = ("A", "B", "C", "0")
"""From the best."""

RECAP_WITHIN = timedelta(minutes=10)
"""From the end of a call; a recap that comes later is no part of it any more (domain of evidence, voice)."""

_GRADES: dict[tuple[Channel, str], Grade] = {
    # A data message arrives on entering the designated system (Civil Code 137); without designation it needs something beside it.
    ("sms", "delivered"): "B",
    # Identity confirmed and the demand heard to its end; an automated voice that nobody confirmed supports only.
    ("voice", "answered"): "C",
    ("voice", "heard"): "B",
    ("voice", "machine"): "C",
    ("call", "conversation"): "B",
    # Registered post: signed by the right person proves; refusing what one could have read counts as having received it.
    ("letter", "handed_over"): "A",
    ("letter", "returned_refused"): "B",
    ("letter", "returned_unknown"): "C",
    ("letter", "mailed"): "C",
    # The post says delivered and does not say to whom: no more than that it was on its way, until the signed return tells.
    ("letter", "delivered"): "C",
}


MAY_RECEIVE = frozenset({"self", "family", "authorised", "legal_representative", "mail_desk"})
"""Whose signature shows that the addressee is found at an address."""
LEFT_WITH = frozenset({"locker", "station", "guard"})
"""Who takes letters for others without being authorised to receive them: it supports that the letter came, no more."""
OWN_DESK = "own_desk"
"""Our own front desk: what the creditor handed to itself reached nobody."""


@dataclass(frozen=True, slots=True)
class HeldOfVisit:
    """What is held of a visit besides the word of who reported it.

    `signed`: the counterpart, signed on the screen or on paper. `photographed`: the door with its number and the notice on it, with the
    code of the day in them, looked at by somebody who was not there. `posted_same_day`: a registered letter with the same demand.
    """

    signed: bool = False
    photographed: bool = False
    two_persons: bool = False
    neutral_witness: bool = False
    posted_same_day: bool = False


NOTHING_HELD = HeldOfVisit()
SERVED_WELL = HeldOfVisit(signed=True, photographed=True, two_persons=True)
"""A visit as the checklist asks for it: what a forecast counts on."""

Means = Literal[
    "arrival",
    "designation",
    "answer",
    "recap",
    "signed_return",
    "deemed_service",
    "counterpart",
    "photos",
    "second_person",
    "neutral_witness",
    "post_same_day",
]
"""What may be held besides. arrival: the provider says that it arrived. designation: the contract names the number or address for notices.
answer: the debtor answers the message about the debt, or pays on it. recap: a text message within ten minutes says a confirmed call again.
signed_return: the post's receipt, signed by who may receive. counterpart: the notice's copy, signed. photos: door, notice and code of the
day, looked at by somebody who was not there. post_same_day: the same demand by registered post."""
_ONLY_THEN: frozenset[Means] = frozenset({"recap", "second_person", "neutral_witness", "post_same_day"})
"""What could be had at the contact alone: afterwards it takes another one."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One contact and what is held of it, as `grade_of` asks for it."""

    channel: Channel
    outcome: str
    signer: str | None = None
    designated: bool = False
    confirmed: bool = False
    deemed_service: bool = False
    answered: bool = False
    recapped: bool = False
    held: HeldOfVisit = NOTHING_HELD

    @property
    def grade(self) -> Grade:
        return grade_of(
            self.channel,
            self.outcome,
            self.signer,
            designated=self.designated,
            confirmed=self.confirmed,
            deemed_service=self.deemed_service,
            answered=self.answered,
            recapped=self.recapped,
            held=self.held,
        )


@dataclass(frozen=True, slots=True)
class Raise:
    """What would raise a contact to `grade`: all of `by` together. `again`: part of it takes another contact."""

    grade: Grade
    by: tuple[Means, ...]

    @property
    def again(self) -> bool:
        return not _ONLY_THEN.isdisjoint(self.by)


def grade_of(
    channel: Channel,
    outcome: str,
    signer: str | None = None,
    *,
    designated: bool = False,
    confirmed: bool = False,
    deemed_service: bool = False,
    answered: bool = False,
    recapped: bool = False,
    held: HeldOfVisit = NOTHING_HELD,
) -> Grade:
    """The grade of one contact that ended in `outcome`; unknown outcomes count for nothing.

    `signer`: who took it (self, family, authorised, legal_representative, mail_desk, locker, station, guard, own_desk). `held`: what
    there is of a visit. `designated`: the contract names this number or address for notices. `confirmed`: who may receive it signed for an
    earlier letter at this address, which shows that they are found there. `deemed_service`: the contract says that post
    to the agreed address counts as served even when it comes back.
    `answered`: the debtor later replied to this very message about the debt, which proves whose the number is. `recapped`: in the call
    they confirmed who they are, and a text message that arrived within ten minutes named the charge again.

    >>> grade_of("sms", "delivered"), grade_of("sms", "delivered", designated=True), grade_of("sms", "undelivered")
    ('B', 'A', '0')
    """
    if outcome == "handed_over" and signer in LEFT_WITH:
        return "C"
    if outcome == "handed_over" and signer == OWN_DESK:
        return "0"
    if channel == "visit":
        return _of_visit(outcome, held)
    grade = _GRADES.get((channel, outcome), "0")
    if (channel, outcome) == ("sms", "delivered") and (designated or answered):
        return "A"
    if (channel, outcome) == ("voice", "answered") and recapped:
        return "B"
    if (channel, outcome) == ("letter", "returned_refused") and (designated or confirmed):
        return "A"
    if (channel, outcome) == ("letter", "returned_unknown") and deemed_service:
        return "B"
    return grade


def _of_visit(outcome: str, held: HeldOfVisit) -> Grade:
    """诉讼时效规定 8: handed over and signed by the person, an authorised person or an adult relative living there.

    A notice that nobody signed for is the word of our own staff, which supports. One left at the door or refused there counts only as
    far as two persons and their photos show it; a neutral witness, and for what was affixed the same demand by post that day, stand
    beside it.
    """
    if outcome == "handed_over":
        return "A" if held.signed else "C"
    if outcome not in ("affixed", "refused_to_take") or not (held.two_persons and held.photographed):
        return "0"
    return "B" if held.neutral_witness and (held.posted_same_day or outcome == "refused_to_take") else "C"


def raised_by(arrival: Arrival) -> tuple[Raise, ...]:
    """What would raise the grade, and to which: each set of means without one that could be left out, the smallest first.

    >>> raised_by(Arrival("letter", "returned_refused"))
    (Raise(grade='A', by=('designation',)),)
    """
    best, found = GRADES.index(arrival.grade), list[Raise]()
    lacking = [means for means in _MEANS[arrival.channel] if _with(arrival, (means,)) != arrival]
    for by in (chosen for many in range(1, len(lacking) + 1) for chosen in combinations(lacking, many)):
        grade = _with(arrival, by).grade
        as_good = (each for each in found if GRADES.index(each.grade) <= GRADES.index(grade))
        if GRADES.index(grade) < best and not any(set(each.by) < set(by) for each in as_good):
            found.append(Raise(grade, by))
    return tuple(found)


_MEANS: dict[Channel, tuple[Means, ...]] = {
    "sms": ("arrival", "designation", "answer"),
    "voice": ("recap",),
    "call": (),
    "letter": ("signed_return", "designation", "deemed_service"),
    "visit": ("counterpart", "photos", "second_person", "neutral_witness", "post_same_day"),
}
_UNDER_WAY = frozenset({"accepted", "sent"})
_MAY_BE_SIGNED_FOR = frozenset({"accepted", "sent", "mailed", "delivered", "handed_over"})


def _with(arrival: Arrival, by: tuple[Means, ...]) -> Arrival:
    """As if these were held too. What an outcome has no room for changes nothing: no receipt is signed for a letter that came back."""
    for means in by:
        arrival = _held_too(arrival, means)
    return arrival


def _held_too(arrival: Arrival, means: Means) -> Arrival:
    held = arrival.held
    match means:
        case "arrival" if arrival.outcome in _UNDER_WAY:
            return replace(arrival, outcome="delivered")
        case "signed_return" if arrival.outcome in _MAY_BE_SIGNED_FOR and arrival.signer != OWN_DESK:
            return replace(arrival, outcome="handed_over", signer="self")
        case "designation":
            return replace(arrival, designated=True)
        case "deemed_service":
            return replace(arrival, deemed_service=True)
        case "answer":
            return replace(arrival, answered=True)
        case "recap":
            return replace(arrival, recapped=True)
        case "counterpart":
            return replace(arrival, held=replace(held, signed=True))
        case "photos":
            return replace(arrival, held=replace(held, photographed=True))
        case "second_person":
            return replace(arrival, held=replace(held, two_persons=True))
        case "neutral_witness":
            return replace(arrival, held=replace(held, neutral_witness=True))
        case "post_same_day":
            return replace(arrival, held=replace(held, posted_same_day=True))
    return arrival


def took_effect_at(entered_at: datetime, notice_hours: str, timezone: str) -> datetime:
    """When a message that entered the addressee's system at `entered_at` counts as arrived (Civil Code 137).

    At once, unless the contract agreed on hours (`09:00-18:00`, every day, on the community's clock; empty: none): what comes in outside
    them counts from the next time they begin.
    """
    if not notice_hours:
        return entered_at
    begins, ends = hours_of(notice_hours)
    day = local_day(entered_at, timezone)
    if entered_at < opening(day, begins, timezone):
        return opening(day, begins, timezone)
    return entered_at if entered_at < closing(day, ends, timezone) else opening(day + A_DAY, begins, timezone)


def hours_of(notice_hours: str) -> tuple[int, int]:
    """`09:00-18:00` as two minutes of the day. Raises ValueError for what is not so written, or ends before it begins."""
    first, _, last = notice_hours.partition("-")
    begins, ends = minute_of(first), minute_of(last)
    if begins >= ends:
        raise ValueError(f"{notice_hours!r} ends before it begins; write it as 09:00-18:00")
    return begins, ends
