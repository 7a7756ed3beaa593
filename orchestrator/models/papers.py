"""Documents that prove standing, price, liability and service; and where the paper originals of a case lie."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary
from sqlmodel import Field, SQLModel

from orchestrator.models.base import key, maybe_ref, one_of, ref

PAPER_KINDS = ("contract", "filing", "renewal", "fee_standard", "title", "sale_contract", "hand_over_form", "service")
ORIGINAL_KINDS = ("posting_stub", "signed_counterpart", "returned_envelope", "contract", "other")


class Paper(SQLModel, table=True):
    """A document about a whole community (its contract chain), or about one case (the owner's title). Its bytes are kept by digest, and
    become an exhibit of a case when that is exported.
    """

    __tablename__ = "paper"
    __table_args__ = (
        one_of("kind", PAPER_KINDS),
        CheckConstraint("length(sha256) = 32", name="named_by_its_digest"),
        Index("uq_paper", "community_id", "case_id", "kind", "sha256", unique=True, postgresql_nulls_not_distinct=True),
    )

    id: int | None = key()
    community_id: int = ref("community.id")
    case_id: int | None = maybe_ref("case.id", index=True)
    kind: str
    title: str
    sha256: bytes = Field(sa_type=LargeBinary)
    media_type: str
    size: int = Field(sa_type=BigInteger)
    kept_at: datetime
    by: str


class Original(SQLModel, table=True):
    """A paper original, and on which shelf it was laid. Where it is now, its last movement says."""

    __tablename__ = "original"
    __table_args__ = (one_of("what", ORIGINAL_KINDS), CheckConstraint("shelf <> ''", name="lies_somewhere"))

    id: int | None = key()
    shelf: str = Field(unique=True)
    what: str
    case_id: int = ref("case.id", index=True)
    attempt_id: int | None = maybe_ref("attempt.id")
    exhibit_id: int | None = maybe_ref("exhibit.id")
    """Its scan."""
    remark: str = ""
    received_at: datetime
    received_by: str


class OriginalMovement(SQLModel, table=True):
    """An original went from hand to hand: two names each time. Only ever added to."""

    __tablename__ = "original_movement"
    __table_args__ = (
        CheckConstraint("\"to\" IN ('shelf', 'court', 'counsel', 'other')", name="to_known"),
        CheckConstraint("given_by <> taken_by", name="signed_by_two"),
    )

    id: int | None = key()
    original_id: int = ref("original.id", index=True)
    to: str
    at: datetime
    given_by: str
    taken_by: str
    remark: str = ""
