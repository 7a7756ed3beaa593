"""The cases being worked: who entered, what was decided, and what people did about it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from orchestrator.models.base import Money, key, maybe_ref, one_of, ref

REASON_CODES = ("service", "vacancy", "dispute", "cash", "ownership_change", "unreachable", "refuses", "developer")
STOP_STATES = ("disputed", "no_contact", "deceased", "incapacity", "insolvent", "represented", "wrong_person", "transferred")


class Campaign(SQLModel, table=True):
    """The cases put under sequences for one billing cycle of one community. Approving freezes its list by digest."""

    __tablename__ = "campaign"
    __table_args__ = (
        one_of("state", ("proposed", "approved", "cancelled")),
        CheckConstraint("state <> 'approved' OR (approved_by IS NOT NULL AND list_digest IS NOT NULL)", name="approved_by_someone"),
        Index("uq_campaign_open", "community_id", "cycle", unique=True, postgresql_where=text("state <> 'cancelled'")),
    )

    id: int | None = key()
    community_id: int = ref("community.id")
    cycle: str
    state: str = "proposed"
    proposed_at: datetime
    proposed_by: str
    approved_at: datetime | None = None
    approved_by: str | None = None
    list_digest: bytes | None = Field(default=None, sa_type=LargeBinary)
    forecast: Any = Field(default=None, sa_type=JSONB, nullable=True)


class Candidate(SQLModel, table=True):
    """A debtor looked at for a campaign: in, with a sequence, or left out, with the reason."""

    __tablename__ = "candidate"
    __table_args__ = (CheckConstraint("(left_out IS NULL) = (sequence IS NOT NULL)", name="in_with_sequence_or_out_with_reason"),)

    campaign_id: int = ref("campaign.id", primary_key=True)
    debtor_id: int = ref("debtor.id", primary_key=True)
    sequence: str | None = None
    left_out: str | None = None
    remark: str | None = None
    charges: int
    arrears: Decimal = Field(sa_type=Money)
    oldest_due: date | None = None


class Case(SQLModel, table=True):
    """One debtor's arrears in one community being worked.

    `ask_at` is when to ask what happens next (null: nothing to ask until facts change); `offered_until` is the lease, in real time,
    of the worker that was offered it. Sequence and pack are pinned by digest when the case enters.
    """

    __tablename__ = "case"
    __table_args__ = (
        one_of("state", ("open", "stopped", "closed")),
        CheckConstraint("state <> 'open' OR ask_at IS NOT NULL OR parked IS NOT NULL", name="open_has_a_next_question"),
        CheckConstraint("(state = 'open') = (rest IS NULL)", name="at_rest_for_a_reason"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at_a_time"),
        Index("uq_case_open", "community_id", "debtor_id", unique=True, postgresql_where=text("state <> 'closed'")),
        Index("ix_case_due", "ask_at", postgresql_where=text("state = 'open' AND parked IS NULL")),
        {"postgresql_with": {"fillfactor": 80}},
    )

    id: int | None = key()
    community_id: int = ref("community.id")
    debtor_id: int = ref("debtor.id", index=True)
    campaign_id: int | None = maybe_ref("campaign.id")
    state: str = "open"
    rest: str | None = None
    """Why the case is at rest: settled, disputed, ready_for_suit …"""
    sequence: str
    sequence_digest: str
    pack: str
    pack_digest: str
    cursor: int = 0
    home_id: int | None = maybe_ref("contact_point.id")
    """The address of the debtor's homes in the community, once the case was asked about."""
    entered_at: datetime
    ask_at: datetime | None = None
    offered_until: datetime | None = None
    changes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often its facts changed, counted under the case's lock: what was claimed before the last change may not leave."""
    parked: str | None = None
    """The row could not pass and waits for the operator, with the reason."""
    closed_at: datetime | None = None


class ClaimedCharge(SQLModel, table=True):
    """The claim set: charges frozen when the formal demand was composed. Gates test these."""

    __tablename__ = "claimed_charge"

    case_id: int = ref("case.id", primary_key=True)
    charge_id: int = ref("charge.id", primary_key=True)
    frozen_at: datetime


class Decision(SQLModel, table=True):
    """What was answered to "what next?", by which rule, for which reasons. Doing nothing is recorded like sending."""

    __tablename__ = "decision"
    __table_args__ = (
        one_of("action", ("send", "ask_approval", "wait", "stop")),
        CheckConstraint("action <> 'wait' OR until > asked_at", name="a_wait_lies_in_the_future"),
        Index("ix_decision_case", "case_id", "id"),
    )

    id: int | None = key()
    case_id: int = ref("case.id")
    attempt_id: int | None = maybe_ref("attempt.id")
    """Set when the question was asked again at the moment of sending."""
    asked_at: datetime
    asked_at_wall: datetime
    action: str
    step: str | None = None
    channel: str | None = None
    until: datetime | None = None
    reason: str | None = None
    rule: str
    because: Any = Field(sa_type=JSONB)
    pack: str
    calendar: str
    cursor: int


class Hold(SQLModel, table=True):
    """A person's stop until a time, for one reason, once per issue."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("until > since", name="ends_after_it_began"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_by_someone"),
        Index("ix_hold_debtor", "debtor_id", "community_id"),
        Index("uq_hold_issue", "community_id", "debtor_id", "issue", unique=True, postgresql_where=text("issue IS NOT NULL")),
    )

    id: int | None = key()
    community_id: int = ref("community.id")
    debtor_id: int = ref("debtor.id")
    reason: str
    comment: str = ""
    issue: str | None = None
    since: datetime
    until: datetime
    by: str
    lifted_at: datetime | None = None
    lifted_by: str | None = None


class Promise(SQLModel, table=True):
    """The debtor said they would pay an amount on a day."""

    __tablename__ = "promise"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"), Index("ix_promise_debtor", "debtor_id", "community_id"))

    id: int | None = key()
    community_id: int = ref("community.id")
    debtor_id: int = ref("debtor.id")
    on: date
    amount: Decimal = Field(sa_type=Money)
    made_at: datetime
    by: str


class StopState(SQLModel, table=True):
    """A state that ends contact: disputed, no-contact order, deceased … An end is written, never a deletion."""

    __tablename__ = "stop_state"
    __table_args__ = (one_of("state", STOP_STATES), Index("ix_stop_state_debtor", "debtor_id", "community_id"))

    id: int | None = key()
    community_id: int = ref("community.id")
    debtor_id: int = ref("debtor.id")
    state: str
    since: datetime
    by: str
    note: str = ""
    ended_at: datetime | None = None
    ended_by: str | None = None


class CauseOfArrears(SQLModel, table=True):
    """Why a debtor does not pay, as a member of staff understood it: one reason code at a time. It chooses the sequence."""

    __tablename__ = "cause_of_arrears"
    __table_args__ = (
        one_of("code", REASON_CODES),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_someone"),
        Index("uq_cause_of_arrears", "community_id", "debtor_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: int | None = key()
    community_id: int = ref("community.id")
    debtor_id: int = ref("debtor.id")
    code: str
    note: str = ""
    since: datetime
    by: str
    ended_at: datetime | None = None
    ended_by: str | None = None


class LimitationAlarm(SQLModel, table=True):
    """A charge whose court-safe clock had at most `days_left` days left until `last_day`, and the task that told counsel. It rings once."""

    __tablename__ = "limitation_alarm"

    charge_id: int = ref("charge.id", primary_key=True)
    days_left: int = Field(primary_key=True)
    last_day: date = Field(primary_key=True)
    task_id: int = ref("task.id", index=True)
    rung_at: datetime


class PolicyVersion(SQLModel, table=True):
    """A rule pack or sequence as it was when a case was pinned to it: an edit makes another version and leaves this one as it is."""

    __tablename__ = "policy_version"
    __table_args__ = (one_of("kind", ("pack", "sequence")),)

    kind: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    name: str
    content: Any = Field(sa_type=JSONB)
    kept_at: datetime


class Approval(SQLModel, table=True):
    """A named person's yes or no to a grave step, bound to what was seen. It expires to review, never to send."""

    __tablename__ = "approval"
    __table_args__ = (
        one_of("state", ("pending", "approved", "refused", "expired", "withdrawn")),
        CheckConstraint("decided_by IS NULL OR decided_by <> requested_by", name="never_decided_by_who_asked"),
        CheckConstraint("state NOT IN ('approved', 'refused') OR decided_by IS NOT NULL", name="decided_by_a_person"),
        Index("uq_approval_pending", "case_id", "step", unique=True, postgresql_where=text("state = 'pending'")),
        Index("ix_approval_case", "case_id"),
    )

    id: int | None = key()
    case_id: int = ref("case.id")
    step: str
    state: str = "pending"
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""
    snapshot: Any = Field(sa_type=JSONB)
    snapshot_digest: bytes = Field(sa_type=LargeBinary)
    document: bytes | None = Field(default=None, sa_type=LargeBinary)
    """The letter that was put before the person; a yes sends these bytes."""
