"""Files that a worker makes while a person waits: what was asked for, how far it is, and where the file lies."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from orchestrator.models.base import key, maybe_ref, one_of

JOB_KINDS = ("bundle", "archive", "filing", "audit")
JOB_STATES = ("waiting", "running", "done", "failed", "removed")


class Job(SQLModel, table=True):
    """One piece of work that gives a file.

    `arguments` are ids and options, never personal data. `result` is the file's name in the job's folder, gone again when `removed`.
    A job of a community is for those who see that community; without one, for those who see all.
    """

    __tablename__ = "job"
    __table_args__ = (
        one_of("kind", JOB_KINDS),
        one_of("state", JOB_STATES),
        CheckConstraint("state <> 'done' OR result IS NOT NULL", name="done_has_a_result"),
        CheckConstraint("state <> 'failed' OR error IS NOT NULL", name="failed_has_a_reason"),
        CheckConstraint("(state = 'running') = (claimed_until IS NOT NULL)", name="running_has_a_lease"),
        CheckConstraint("done BETWEEN 0 AND total", name="done_of_total"),
        Index("ix_job_unfinished", "id", postgresql_where=text("state IN ('waiting', 'running')")),
    )

    id: int | None = key()
    kind: str
    arguments: Any = Field(sa_type=JSONB)
    community_id: int | None = maybe_ref("community.id")
    state: str = "waiting"
    tries: int = 0
    done: int = 0
    total: int = 0
    result: str | None = None
    error: str | None = None
    requested_by: str
    requested_at: datetime
    claimed_until: datetime | None = None
    finished_at: datetime | None = None
    because: Any = Field(default=None, sa_type=JSONB, nullable=True)
