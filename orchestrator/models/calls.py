"""Calls of staff that the provider puts through."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from orchestrator.models.base import key, one_of, ref

BRIDGE_STATES = ("placing", "ringing", "dialling", "ended", "not_connected", "refused", "unknown", "given_up")


class Bridge(SQLModel, table=True):
    """One try to connect a member of staff with a debtor, about a call task.

    A task has one that may have rung the debtor: another is placed only after nobody was dialled, or a person gave up on one whose end is
    not known. `outcome` and `seconds` are the debtor's leg; `provider_id` is the leg of the member of staff.
    """

    __tablename__ = "bridge"
    __table_args__ = (
        one_of("state", BRIDGE_STATES),
        one_of("outcome", ("answered", "busy", "no_answer", "failed")),
        CheckConstraint("(state = 'ended') = (outcome IS NOT NULL)", name="ended_somehow"),
        Index(
            "uq_bridge_open",
            "task_id",
            unique=True,
            postgresql_where=text("state IN ('placing', 'ringing', 'dialling', 'ended', 'unknown')"),
        ),
        Index("ix_bridge_ended", "ended_at", postgresql_where=text("state = 'ended'")),
    )

    id: int | None = key()
    task_id: int = ref("task.id")
    contact_point_id: int = ref("contact_point.id")
    by: str
    language: str
    provider: str
    sender: str
    provider_id: str | None = None
    state: str
    outcome: str | None = None
    seconds: int | None = None
    valid_until: datetime
    opened_at: datetime
    opened_at_wall: datetime
    ended_at: datetime | None = None
