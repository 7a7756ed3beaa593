"""The append-only log: leaves that stay, payloads that may be deleted by law, and the tree with its signed and stamped checkpoints."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from orchestrator.models.base import key, maybe_ref, one_of, ref


class EvidenceEntry(SQLModel, table=True):
    """One fact worth proving. `leaf` is the hash of its header; `previous` the leaf before it of the same case; `payload_digest` the
    salted hash of its payload (null in entries from before headers were hashed, whose leaf is that hash itself).
    """

    __tablename__ = "evidence_entry"
    __table_args__ = (
        Index("ix_evidence_entry_case", "case_id", "id"),
        Index("ix_evidence_entry_audit", "id", postgresql_where=text("kind = 'audit'")),
        Index("ix_evidence_entry_unstamped", "at_wall", postgresql_where=text("kind = 'letter unstamped'")),
    )

    id: int | None = key()
    kind: str
    case_id: int | None = maybe_ref("case.id")
    attempt_id: int | None = maybe_ref("attempt.id")
    at: datetime
    at_wall: datetime
    leaf: bytes = Field(sa_type=LargeBinary)
    previous: bytes | None = Field(default=None, sa_type=LargeBinary)
    payload_digest: bytes | None = Field(default=None, sa_type=LargeBinary)


class EvidencePayload(SQLModel, table=True):
    """The canonical JSON (RFC 8785) behind an entry, encrypted and bound to its leaf, and its salt. Deleting it leaves a provable hole
    (PIPL 47).
    """

    __tablename__ = "evidence_payload"

    entry_id: int = ref("evidence_entry.id", primary_key=True)
    salt: bytes = Field(sa_type=LargeBinary)
    payload: bytes = Field(sa_type=LargeBinary)


class EvidenceUnsealed(SQLModel, table=True):
    """Entries that have no place in the tree yet: a trigger writes them here, the sealer takes them away."""

    __tablename__ = "evidence_unsealed"

    entry_id: int = ref("evidence_entry.id", primary_key=True)


class EvidencePosition(SQLModel, table=True):
    """Where an entry stands in the tree, from 0, for good."""

    __tablename__ = "evidence_position"

    index: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    entry_id: int = Field(foreign_key="evidence_entry.id", ondelete="RESTRICT", sa_type=BigInteger, unique=True)


class EvidenceKind(SQLModel, table=True):
    """How many entries of a kind have a place, and when the last of them was: counted as places are given, never over the whole log."""

    __tablename__ = "evidence_kind"

    kind: str = Field(primary_key=True)
    entries: int = Field(sa_type=BigInteger)
    last: datetime


class EvidenceTile(SQLModel, table=True):
    """256 hashes of one level of the tree side by side, and the node over them (evidence.merkle)."""

    __tablename__ = "evidence_tile"

    level: int = Field(primary_key=True, sa_type=SmallInteger, sa_column_kwargs={"autoincrement": False})
    index: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    hashes: bytes = Field(sa_type=LargeBinary)
    root: bytes = Field(sa_type=LargeBinary)


class EvidenceKey(SQLModel, table=True):
    """A key of the log. `statement` is a note signed by it that names the key before it: so who trusts the last key trusts them all."""

    __tablename__ = "evidence_key"

    public: bytes = Field(primary_key=True, sa_type=LargeBinary)
    name: str
    statement: bytes = Field(sa_type=LargeBinary)
    since: datetime


class EvidenceCheckpoint(SQLModel, table=True):
    """The root over the first `size` entries, as a signed note (evidence.checkpoints)."""

    __tablename__ = "evidence_checkpoint"

    size: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    root: bytes = Field(sa_type=LargeBinary)
    note: bytes = Field(sa_type=LargeBinary)
    public: bytes = Field(foreign_key="evidence_key.public", ondelete="RESTRICT", sa_type=LargeBinary)
    at: datetime
    at_wall: datetime


class EvidenceStamp(SQLModel, table=True):
    """An authority's word that it saw a checkpoint at a time: its answer as it came, the certificates and revocation lists of that day."""

    __tablename__ = "evidence_stamp"
    __table_args__ = (
        one_of("algorithm", ("sha256", "sm3")),
        CheckConstraint("expires > stamped_at", name="stamped_by_a_certificate_in_force"),
        UniqueConstraint("size", "authority"),
    )

    id: int | None = key()
    size: int = Field(foreign_key="evidence_checkpoint.size", ondelete="RESTRICT", sa_type=BigInteger)
    authority: str
    algorithm: str
    response: bytes = Field(sa_type=LargeBinary)
    certificates: bytes = Field(sa_type=LargeBinary)
    revocation: bytes | None = Field(default=None, sa_type=LargeBinary)
    stamped_at: datetime
    expires: datetime
    at_wall: datetime
