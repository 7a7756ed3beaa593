"""Who may do what, and the one row that is the sandbox's clock."""

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary
from sqlmodel import Field, SQLModel

from orchestrator.models.base import key, maybe_ref, one_of

ROLES = ("administrator", "supervisor", "collector", "counsel", "auditor", "integration")


class User(SQLModel, table=True):
    """A member of staff, or the billing system's key. Without a community: all of them."""

    __tablename__ = "user"
    __table_args__ = (one_of("role", ROLES),)

    id: int | None = key()
    name: str = Field(unique=True)
    role: str
    community_id: int | None = maybe_ref("community.id")
    password_hash: str
    language: str = "zh"
    active: bool = True
    phone: bytes | None = Field(default=None, sa_type=LargeBinary)
    """Their own number, sealed: where a call that is put through rings first."""


class SandboxClock(SQLModel, table=True):
    """The sandbox's time. It stands still until nothing is due or in flight, then jumps."""

    __tablename__ = "sandbox_clock"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: int = Field(default=1, primary_key=True)
    now: datetime
    began: datetime
    ends: datetime
    community_id: int | None = maybe_ref("community.id")
    """The community whose billing cycle is lived."""
