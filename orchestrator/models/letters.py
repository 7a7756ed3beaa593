"""Letters on their way: the batch each is printed in, the number the post gave it, and what the post's record said of it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from orchestrator.models.base import key, maybe_ref, one_of, ref

BATCH_STATES = ("open", "closed", "handed_over", "acknowledged")


class LetterBatch(SQLModel, table=True):
    """The letters of one community and one working day. Once closed it never changes; `manifest` names its files by digest."""

    __tablename__ = "letter_batch"
    __table_args__ = (
        UniqueConstraint("community_id", "day"),
        one_of("state", BATCH_STATES),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at_a_time"),
        CheckConstraint("(handed_over_at IS NULL) = (handed_over_by IS NULL)", name="handed_over_by_someone"),
        CheckConstraint("state NOT IN ('handed_over', 'acknowledged') OR manifest IS NOT NULL", name="handed_over_with_its_manifest"),
        Index("ix_letter_batch_under_way", "cut_off_at", postgresql_where=text("state <> 'acknowledged'")),
    )

    id: int | None = key()
    community_id: int = ref("community.id")
    day: date
    cut_off_at: datetime
    day_known: bool
    """False where the year's holiday notice was not out: whether the day is worked was a guess."""
    state: str = "open"
    opened_at: datetime
    closed_at: datetime | None = None
    manifest: Any = Field(default=None, sa_type=JSONB, nullable=True)
    uncertain_since: datetime | None = None
    """Real time since when nobody knows whether the print house took it."""
    handed_over_at: datetime | None = None
    handed_over_by: str | None = None
    """A member of staff, or the print house's address."""
    acknowledged_at: datetime | None = None


class Letter(SQLModel, table=True):
    """An attempt as paper. Without a batch: from before batches were kept. Withdrawn before its batch was closed it has no place in it."""

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("batch_id", "place"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_because IS NULL)", name="withdrawn_for_a_reason"),
        CheckConstraint("waybill IS NULL OR waybill_at IS NOT NULL", name="waybill_at_a_time"),
        Index("ix_letter_followed", "posted_at", postgresql_where=text("posted_at IS NOT NULL AND waybill IS NOT NULL")),
    )

    attempt_id: int = ref("attempt.id", primary_key=True)
    batch_id: int | None = maybe_ref("letter_batch.id")
    place: int | None = None
    """Its place in the closed batch, from 1."""
    pages: int | None = None
    waybill: str | None = Field(default=None, unique=True)
    waybill_at: datetime | None = None
    waybill_by: str | None = None
    posted_at: datetime | None = None
    rejected_because: str | None = None
    """The print house's reason for not printing it."""
    withdrawn_at: datetime | None = None
    withdrawn_because: str | None = None
    pull_asked_at: datetime | None = None
    """Staff were asked to pull it out of the post, if they can."""
    returned_because: str | None = None
    """Why the envelope came back, as a person read it: refused, unknown, moved, unclaimed."""
    signed_return_at: datetime | None = None
    """When the signed return (回执) was scanned: what a person read on it outranks the post's feed."""


class LetterSnapshot(SQLModel, table=True):
    """What the post's record said of a letter when it was fetched. The raw bytes are in the log, or an exhibit by their digest."""

    __tablename__ = "letter_snapshot"
    __table_args__ = (
        one_of("source", ("import", "desk")),
        Index("ix_letter_snapshot_attempt", "attempt_id", "taken_at"),
        Index("uq_letter_snapshot_imported", "attempt_id", "sha256", unique=True, postgresql_where=text("source = 'import'")),
    )

    id: int | None = key()
    attempt_id: int = ref("attempt.id")
    taken_at: datetime
    source: str
    status: str
    """The post's own words, the last of them."""
    said_at: datetime | None = None
    signer: str = ""
    sha256: bytes = Field(sa_type=LargeBinary)
