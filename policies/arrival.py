"""What an arrival proves: the grade of a contact by channel and outcome (domain of evidence; the grades are this project's own policy).

A proves service in court alone, B with something beside it, C supports, 0 does not count. Only arrival counts.
"""

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
    # 诉讼时效规定 8: handed over and signed by the person, an authorised person or an adult relative living there.
    ("visit", "handed_over"): "A",
    ("visit", "affixed"): "C",
}


LEFT_WITH = frozenset({"locker", "station", "guard"})
"""Who takes letters for others without being authorised to receive them: it supports that the letter came, no more."""
OWN_DESK = "own_desk"
"""Our own front desk: what the creditor handed to itself reached nobody."""


def grade_of(
    channel: Channel,
    outcome: str,
    signer: str | None = None,
    *,
    designated: bool = False,
    deemed_service: bool = False,
    answered: bool = False,
) -> Grade:
    """The grade of one contact that ended in `outcome`; unknown outcomes count for nothing.

    `signer`: who took a letter (self, family, mail_desk, locker, station, guard, own_desk). `designated`: the contract names this number or
    address for notices. `deemed_service`: the contract says that post to the agreed address counts as served even when it comes back.
    `answered`: the debtor later replied to this very message about the debt, which proves whose the number is.

    >>> grade_of("sms", "delivered"), grade_of("sms", "delivered", designated=True), grade_of("sms", "undelivered")
    ('B', 'A', '0')
    """
    if outcome == "handed_over" and signer in LEFT_WITH:
        return "C"
    if outcome == "handed_over" and signer == OWN_DESK:
        return "0"
    grade = _GRADES.get((channel, outcome), "0")
    if (channel, outcome) == ("sms", "delivered") and (designated or answered):
        return "A"
    if (channel, outcome) == ("letter", "returned_refused") and designated:
        return "A"
    if (channel, outcome) == ("letter", "returned_unknown") and deemed_service:
        return "B"
    return grade
