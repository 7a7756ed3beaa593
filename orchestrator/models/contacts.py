"""What went out, what the provider answered, what people reported."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from orchestrator.models.base import Money, key, maybe_ref, one_of, ref

ATTEMPT_STATES = ("planned", "claimed", "sending", "accepted", "sent", "delivered", "undelivered", "failed", "unknown", "cancelled")
PURPOSES = ("demand", "reminder", "offer", "bill_notice", "thank_you", "promise_reminder", "recap", "answer")
CAMPAIGN_PURPOSES = ("bill_notice", "thank_you", "promise_reminder", "answer")
"""Messages that are no steps of a case, no demands, and outside the caps; an answer is to what a debtor wrote, its receipt the occasion."""


class Attempt(SQLModel, table=True):
    """One try of one step at one contact point.

    `planned_at`, `sent_at`, `concluded_at` are the program's time (sandbox time in the sandbox); leases, claims, deadlines and
    `sent_at_wall` are real time. `outcome` says what became of it in the words of the rules (contract section 3).
    """

    __tablename__ = "attempt"
    __table_args__ = (
        Index(
            "uq_attempt_of_a_case",
            "case_id",
            "step",
            "round",
            "contact_point_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("case_id IS NOT NULL"),
        ),
        Index(
            "uq_attempt_of_a_campaign",
            "community_id",
            "debtor_id",
            "purpose",
            "occasion",
            unique=True,
            postgresql_where=text("case_id IS NULL AND state <> 'cancelled'"),
        ),
        Index("uq_attempt_recap", "occasion", unique=True, postgresql_where=text("purpose = 'recap' AND state <> 'cancelled'")),
        Index(
            "ix_attempt_spoken",
            "concluded_at",
            postgresql_where=text("channel IN ('voice', 'call') AND outcome IN ('answered', 'heard', 'conversation')"),
        ),
        UniqueConstraint("provider", "provider_id"),
        one_of("state", ATTEMPT_STATES),
        one_of("purpose", PURPOSES),
        one_of("channel", ("sms", "voice", "call", "letter", "visit")),
        CheckConstraint(f"purpose IN {CAMPAIGN_PURPOSES} OR case_id IS NOT NULL", name="a_demand_has_its_case"),
        CheckConstraint("state <> 'claimed' OR claimed_until IS NOT NULL", name="claimed_until_a_time"),
        CheckConstraint("state <> 'sending' OR sending_until IS NOT NULL", name="sending_has_a_deadline"),
        CheckConstraint("state NOT IN ('accepted', 'sent', 'delivered') OR provider_id IS NOT NULL", name="accepted_has_a_provider_id"),
        CheckConstraint("state NOT IN ('cancelled', 'failed') OR concluded_at IS NOT NULL", name="ended_at_a_time"),
        Index("ix_attempt_due", "planned_at", postgresql_where=text("state = 'planned'")),
        Index("ix_attempt_in_flight", "state", postgresql_where=text("state IN ('claimed', 'sending', 'unknown')")),
        Index("ix_attempt_unheard", "sent_at_wall", postgresql_where=text("state IN ('accepted', 'sent') AND channel IN ('sms', 'voice')")),
        Index("ix_attempt_debtor", "debtor_id", "sent_at"),
        Index("ix_attempt_contact_point", "contact_point_id", "sent_at"),
        {"postgresql_with": {"fillfactor": 80}},
    )

    id: int | None = key()
    case_id: int | None = maybe_ref("case.id", index=True)
    community_id: int = ref("community.id")
    debtor_id: int = ref("debtor.id")
    purpose: str
    step: str
    round: int = 1
    occasion: str = ""
    """What a message that is no step is about, so that it goes out once: the due date, the payment, the call."""
    channel: str
    contact_point_id: int | None = maybe_ref("contact_point.id")
    state: str = "planned"
    outcome: str | None = None
    signer: str | None = None
    """Who took it: self, family, mail_desk, locker, station, guard."""
    provider: str | None = None
    sender: str | None = None
    """The line it left by, with its channel and provider."""
    provider_id: str | None = None
    refused_as: Any = Field(default=None, sa_type=ARRAY(Text), nullable=True)
    """What earlier lines' providers called it when they refused it: what is said of those names is not said of what left."""
    error_class: str | None = None
    error_code: str | None = None
    planned_at: datetime
    offered_until: datetime | None = None
    claimed_at: datetime | None = None
    claimed_changes: int | None = None
    """The case's count of changes at the claim."""
    claimed_until: datetime | None = None
    sending_until: datetime | None = None
    sent_at: datetime | None = None
    sent_at_wall: datetime | None = None
    concluded_at: datetime | None = None
    missing_since: datetime | None = None
    """Since when, in real time, the provider's list is known not to have it, while the outcome is unknown."""


class Message(SQLModel, table=True):
    """The exact bytes of one attempt, stored and hashed before anything leaves."""

    __tablename__ = "message"

    attempt_id: int = ref("attempt.id", primary_key=True)
    wording: str
    language: str
    body: str
    document: bytes | None = Field(default=None, sa_type=LargeBinary)
    summary: str = ""
    registered: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """A letter that goes by registered post."""
    digest: bytes = Field(sa_type=LargeBinary)
    pay_by: date | None = None
    valid_until: datetime
    composed_at: datetime


class SenderState(SQLModel, table=True):
    """How a sender's last handovers went, where they were refused for its own reasons. All times are real.

    `streak` counts refusals at the handover, `later` those told by receipts of what had been taken, each since the last that went well.
    While `resting_since` is set nothing leaves through it, but for the one attempt `trial`, and from `retry_at` on another.
    Nor does anything until `waits_until`, when its provider asked to be left alone.
    """

    __tablename__ = "sender_state"
    __table_args__ = (
        CheckConstraint("streak >= 0 AND later >= 0", name="streak_counted"),
        CheckConstraint("(resting_since IS NULL) = (retry_at IS NULL)", name="rests_until_it_is_tried"),
    )

    channel: str = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    sender: str = Field(primary_key=True)
    streak: int = 0
    later: int = 0
    error_class: str | None = None
    error_code: str | None = None
    resting_since: datetime | None = None
    retry_at: datetime | None = None
    trial: int | None = maybe_ref("attempt.id")
    waits_until: datetime | None = None
    listened_until: datetime | None = None
    """Up to when its provider was asked for what was written to it."""


class NamedCharge(SQLModel, table=True):
    """A charge that a message names, with what it said was unpaid and the late charge as of its printed date."""

    __tablename__ = "named_charge"

    attempt_id: int = ref("attempt.id", primary_key=True)
    charge_id: int = Field(foreign_key="charge.id", ondelete="RESTRICT", primary_key=True, index=True)
    unpaid: Decimal = Field(sa_type=Money)
    late_charge: Decimal = Field(default=Decimal(0), sa_type=Money)


class Receipt(SQLModel, table=True):
    """A later word of a provider, raw. Its digest makes a repeat harmless; `applied_at` is when it was folded in."""

    __tablename__ = "receipt"
    __table_args__ = (
        Index("ix_receipt_waiting", "id", postgresql_where=text("applied_at IS NULL")),
        Index("ix_receipt_of_nobody", "id", postgresql_where=text("kind = 'reply' AND attempt_id IS NULL")),
    )

    id: int | None = key()
    digest: bytes = Field(sa_type=LargeBinary, unique=True)
    provider: str
    provider_id: str
    attempt_id: int | None = maybe_ref("attempt.id", index=True)
    kind: str
    """delivery, reply, keys, hint (unsigned) or repeat (bytes that say again what is known)."""
    status: str
    delivery: str | None = None
    outcome: str | None = None
    error_code: str | None = None
    detail: Any = Field(default=None, sa_type=JSONB, nullable=True)
    raw: bytes = Field(sa_type=LargeBinary)
    said_at: datetime | None = None
    received_at: datetime
    received_at_wall: datetime
    offered_until: datetime | None = None
    applied_at: datetime | None = None


class Task(SQLModel, table=True):
    """What only a person can do: a visit, a call, a check, counsel's answer to an alarm. Its report is what the attempt became."""

    __tablename__ = "task"
    __table_args__ = (
        one_of("kind", ("visit", "call", "check", "alarm")),
        one_of("state", ("open", "done", "cancelled")),
        CheckConstraint("(state = 'done') = (done_by IS NOT NULL)", name="done_by_a_person"),
        CheckConstraint("(kind = 'alarm') = (debtor_id IS NOT NULL)", name="an_alarm_has_its_debtor"),
        CheckConstraint("(claimed_by IS NULL) = (claimed_until IS NULL)", name="claimed_by_someone_for_a_while"),
        Index("ix_task_open", "kind", "due_at", postgresql_where=text("state = 'open'")),
        Index(
            "uq_task_alarm",
            "community_id",
            "debtor_id",
            "about",
            unique=True,
            postgresql_where=text("kind = 'alarm' AND state = 'open'"),
        ),
    )

    id: int | None = key()
    kind: str
    state: str = "open"
    community_id: int = ref("community.id")
    debtor_id: int | None = maybe_ref("debtor.id")
    """Of an alarm, which rings whether or not there is a case."""
    case_id: int | None = maybe_ref("case.id", index=True)
    attempt_id: int | None = Field(default=None, foreign_key="attempt.id", ondelete="RESTRICT", unique=True)
    due_at: datetime
    about: str = ""
    assignee: str | None = None
    claimed_by: str | None = None
    """Who has a call in hand until `claimed_until`, in real time."""
    claimed_until: datetime | None = None
    report: Any = Field(default=None, sa_type=JSONB, nullable=True)
    done_at: datetime | None = None
    done_by: str | None = None
