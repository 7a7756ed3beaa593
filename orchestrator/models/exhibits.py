"""What people and providers brought as proof: photos, signatures, recordings, scans. The bytes lie under their digest on the disk."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from orchestrator.models.base import key, maybe_ref, one_of

EXHIBIT_KINDS = ("photo", "signature", "recording", "scan", "tracking", "document")


class Exhibit(SQLModel, table=True):
    """Bytes kept as evidence of a case, an attempt or a task; `claim` is what the file says of itself (EXIF), which proves nothing."""

    __tablename__ = "exhibit"
    __table_args__ = (
        one_of("kind", EXHIBIT_KINDS),
        CheckConstraint("length(sha256) = 32", name="named_by_its_digest"),
        CheckConstraint("size > 0", name="not_empty"),
        CheckConstraint("num_nonnulls(case_id, attempt_id, task_id) > 0", name="about_something"),
        Index("uq_exhibit", "sha256", "kind", "case_id", "attempt_id", "task_id", unique=True, postgresql_nulls_not_distinct=True),
    )

    id: int | None = key()
    sha256: bytes = Field(sa_type=LargeBinary)
    media_type: str
    size: int = Field(sa_type=BigInteger)
    kind: str
    claim: Any = Field(sa_type=JSONB)
    case_id: int | None = maybe_ref("case.id", index=True)
    attempt_id: int | None = maybe_ref("attempt.id", index=True)
    task_id: int | None = maybe_ref("task.id", index=True)
    received_at: datetime
    received_at_wall: datetime
    by: str
