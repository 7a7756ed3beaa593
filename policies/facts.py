"""All that is known when a case is asked what happens next.

Frozen values only. Whoever builds them (the store, or `xianli decide` from JSON) has read everything; nothing here reads more.
Instants are aware datetimes; dates are local dates of the debtor's zone; money is Decimal in the community's currency.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Literal

Channel = Literal["sms", "voice", "call", "letter", "visit"]
CHANNELS: tuple[Channel, ...] = ("sms", "voice", "call", "letter", "visit")
WRITTEN_CHANNELS: tuple[Channel, ...] = ("sms", "letter")

Grade = Literal["A", "B", "C", "0"]
"""What an arrival proves in court: A alone, B with something beside it, C supports, 0 does not count."""
BELIEVED: tuple[Grade, ...] = ("A", "B")

Outcome = Literal[
    "delivered",
    "undelivered",
    "failed",
    "sent",
    "answered",
    "machine",
    "no_answer",
    "busy",
    "conversation",
    "handed_over",
    "affixed",
    "refused_to_take",
    "moved_away",
    "not_this_person",
    "mailed",
    "returned_refused",
    "returned_unknown",
]

Failure = Literal["transient", "contact_bad", "unreachable", "opted_out", "blocked", "config", "permanent"]
"""Why a provider did not take or deliver something, in the words of the channels' error classes."""
NOT_ITS_FAULT: frozenset[Failure] = frozenset({"transient", "blocked", "config"})
"""Reasons of the provider's own or of our sender: they say nothing of the debtor, nor of their number."""
NUMBER_IS_DEAD: frozenset[Failure] = frozenset({"unreachable", "contact_bad"})

StopState = Literal[
    "disputed",
    "no_contact",
    "deceased",
    "incapacity",
    "insolvent",
    "represented",
    "wrong_person",
    "transferred",
]

ApprovalState = Literal["approved", "refused", "pending", "expired"]


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand that named a charge. Not arrived yet: `arrived_at` is None."""

    channel: Channel
    grade: Grade
    arrived_at: datetime | None
    pay_by: date | None = None


AcknowledgementKind = Literal["acknowledged", "part_payment", "promise", "instalment_plan"]


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The debtor's part payment, promise or instalment plan that names a charge: it restarts that charge's clock (Civil Code 195(2))."""

    at: datetime
    court_safe: bool = False
    kind: AcknowledgementKind = "acknowledged"


PublicClaimKind = Literal["suit", "payment_order", "bankruptcy_claim", "mediation_request", "media_notice"]


@dataclass(frozen=True, slots=True)
class PublicClaim:
    """The creditor's claim before a court, an administrator or a mediator, or in the press: it restarts the clock without arrival.

    `ended_at`: when the proceedings ended; None while they last, and for a notice in the media, which is over the day it appears.
    """

    kind: PublicClaimKind
    at: datetime
    ended_at: datetime | None = None
    court_safe: bool = True


ImpedimentCause = Literal["force_majeure", "no_representative", "heirs_unknown", "under_control", "other"]


@dataclass(frozen=True, slots=True)
class Impediment:
    """What kept the creditor from claiming, from `since` to `until`, both included; None while it lasts (Civil Code 194)."""

    cause: ImpedimentCause
    since: date
    until: date | None = None
    court_safe: bool = False


@dataclass(frozen=True, slots=True)
class Charge:
    """One item of one billing period: its own debt with its own three-year clock.

    What restarts or suspends the clock lists events with any of the joint debtors: each counts against all (诉讼时效规定 15).
    """

    id: str
    unit: str
    item: str
    period: str
    due_on: date
    amount: Decimal
    paid: Decimal = Decimal("0.00")
    demands: tuple[Demand, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    disputed_until: datetime | None = None
    public_claims: tuple[PublicClaim, ...] = ()
    impediments: tuple[Impediment, ...] = ()

    @property
    def unpaid(self) -> Decimal:
        return self.amount - self.paid


@dataclass(frozen=True, slots=True)
class Contact:
    """Something that went out to the debtor, on any of their properties or numbers.

    `own` is False for contacts of another case of the same debtor or number: they count in caps, never for this case's gaps.
    `step` names the step it belonged to, where known. `took_effect_at` says when it arrived, where that was later than `at` and is known.
    `another_address`: a letter that nobody took, while the debtor has an address from which none came back.
    `failure` says why it failed, `taken` is False where the provider certainly did not take it. `number` tells one number from another.
    """

    at: datetime
    channel: Channel
    outcome: Outcome
    step: str | None = None
    own: bool = True
    took_effect_at: datetime | None = None
    another_address: bool = False
    failure: Failure | None = None
    taken: bool = True
    number: str | None = None

    @property
    def never_left(self) -> bool:
        """Refused for no fault of the debtor's: neither a contact nor a try, and no cap counts it."""
        return not self.taken and self.failure in NOT_ITS_FAULT


@dataclass(frozen=True, slots=True)
class Hold:
    """A person's stop until an instant. `scope` repair, dispute, paid_already, review ...: the reason."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Promise:
    """The debtor said: I will pay `amount` on `on`."""

    on: date
    amount: Decimal
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """A named person's answer (or none yet) to a grave step."""

    step: str
    decided: ApprovalState


@dataclass(frozen=True, slots=True)
class SiteDay:
    """A day on which the community is left in peace, why, and who chose it."""

    day: date
    reason: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One debtor's arrears in one community, and all that was said and done about them.

    The last fields are no facts of their own: what every question asks of the others, worked out while the case is put together.
    """

    id: str
    timezone: str
    unit_use: Literal["residential", "commercial"]
    sequence: str
    cursor: int
    charges: tuple[Charge, ...]
    entered_at: datetime | None = None
    claim_set: tuple[str, ...] | None = None
    channels: tuple[Channel, ...] = CHANNELS
    numbers: tuple[tuple[Channel, str], ...] = ()
    """The numbers that each channel may use now, where they are told apart."""
    contacts: tuple[Contact, ...] = ()
    holds: tuple[Hold, ...] = ()
    promises: tuple[Promise, ...] = ()
    states: tuple[StopState, ...] = ()
    opted_out: tuple[Channel, ...] = ()
    approvals: tuple[Approval, ...] = ()
    in_flight: str | None = None
    site_days: tuple[SiteDay, ...] = ()
    payments_stale: bool = False

    unpaid: tuple[Charge, ...] = field(init=False, repr=False, compare=False)
    due_days: tuple[date, ...] = field(init=False, repr=False, compare=False)
    """On which what is unpaid falls due, in order."""
    disputes_end: tuple[datetime, ...] = field(init=False, repr=False, compare=False)
    """When the answers to what is disputed and unpaid were, or will be, awaited no longer."""
    past: tuple[Contact, ...] = field(init=False, repr=False, compare=False)
    """All that left, in the order of time."""
    turned_away: tuple[Contact, ...] = field(init=False, repr=False, compare=False)
    """This case's own that never left, in the order of time."""
    own_past: tuple[Contact, ...] = field(init=False, repr=False, compare=False)
    """This case's own, in the order of time."""
    reached_by: frozenset[Channel] = field(init=False, repr=False, compare=False)
    """The channels left to this debtor: who opts out of everything written still gets letters, and stays reachable in writing."""

    def __post_init__(self) -> None:
        unpaid = [charge for charge in self.charges if charge.paid < charge.amount]
        told = sorted(self.contacts, key=_at)
        away = [contact for contact in told if not contact.taken and contact.never_left]
        past = [contact for contact in told if contact not in away] if away else told
        own = [contact for contact in past if contact.own]
        _keep(self, "unpaid", tuple(unpaid))
        _keep(self, "due_days", tuple(sorted([charge.due_on for charge in unpaid])))
        _keep(self, "disputes_end", tuple([charge.disputed_until for charge in unpaid if charge.disputed_until is not None]))
        _keep(self, "past", tuple(past))
        _keep(self, "turned_away", tuple([contact for contact in away if contact.own]))
        _keep(self, "own_past", tuple(own))
        _keep(self, "reached_by", _left(self.channels, self.opted_out))


@lru_cache(maxsize=1024)
def _left(offered: tuple[Channel, ...], opted_out: tuple[Channel, ...]) -> frozenset[Channel]:
    left = frozenset(offered).difference(opted_out)
    return left if left.intersection(WRITTEN_CHANNELS) else left.union(channel for channel in offered if channel == "letter")


_at = attrgetter("at")
_keep = object.__setattr__
"""The one way to set a field of a frozen value while it is made."""
