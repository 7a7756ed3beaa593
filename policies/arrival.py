"""What an arrival proves: the grade of a contact by channel and outcome (domain of evidence; the grades are this project's own policy).

A proves service in court alone, B with something beside it, C supports, 0 does not count. Only arrival counts.
"""

from dataclasses import dataclass

from policies.facts import Channel, Grade

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


def grade_of(
    channel: Channel,
    outcome: str,
    signer: str | None = None,
    *,
    designated: bool = False,
    deemed_service: bool = False,
    answered: bool = False,
    held: HeldOfVisit = NOTHING_HELD,
) -> Grade:
    """The grade of one contact that ended in `outcome`; unknown outcomes count for nothing.

    `signer`: who took it (self, family, authorised, legal_representative, mail_desk, locker, station, guard, own_desk). `held`: what
    there is of a visit. `designated`: the contract names this number or address for notices. `deemed_service`: the contract says that post
    to the agreed address counts as served even when it comes back.
    `answered`: the debtor later replied to this very message about the debt, which proves whose the number is.

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
    if (channel, outcome) == ("letter", "returned_refused") and designated:
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
