"""The append-only log: leaves that stay, payloads that may be deleted by law."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel

from orchestrator.models.base import key, maybe_ref, ref


class EvidenceEntry(SQLModel, table=True):
    """One fact worth proving. `leaf` is the salted hash of its payload; `previous` the leaf before it of the same case."""

    __tablename__ = "evidence_entry"
    __table_args__ = (Index("ix_evidence_entry_case", "case_id", "id"),)

    id: int | None = key()
    kind: str
    case_id: int | None = maybe_ref("case.id")
    attempt_id: int | None = maybe_ref("attempt.id")
    at: datetime
    at_wall: datetime
    leaf: bytes = Field(sa_type=LargeBinary)
    previous: bytes | None = Field(default=None, sa_type=LargeBinary)


class EvidencePayload(SQLModel, table=True):
    """The canonical JSON (RFC 8785) behind a leaf, and its salt. Deleting it leaves a provable hole (PIPL 47)."""

    __tablename__ = "evidence_payload"

    entry_id: int = ref("evidence_entry.id", primary_key=True)
    salt: bytes = Field(sa_type=LargeBinary)
    payload: bytes = Field(sa_type=LargeBinary)
