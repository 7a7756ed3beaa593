"""Who goes to which doors on which day, what is on its way from their phones, and who looked at it afterwards."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from orchestrator.models.base import key, maybe_ref, one_of, ref
from orchestrator.models.exhibits import EXHIBIT_KINDS

SHOTS = ("door_number", "notice", "fixed", "other")


class VisitRoute(SQLModel, table=True):
    """The doors of one building on one local day, approved in one act before anybody walks it."""

    __tablename__ = "visit_route"
    __table_args__ = (
        UniqueConstraint("community_id", "building", "day"),
        CheckConstraint("companion <> collector", name="two_are_two_persons"),
        Index("ix_visit_route_day", "day", "collector"),
    )

    id: int | None = key()
    community_id: int = ref("community.id")
    building: str
    day: date
    collector: str
    companion: str | None = None
    approved_by: str
    approved_at: datetime


class VisitStop(SQLModel, table=True):
    """A visit on a route, in its place. Started only after the question was asked once more; removed only by a person, with the reason."""

    __tablename__ = "visit_stop"
    __table_args__ = (
        CheckConstraint("persons BETWEEN 1 AND 3", name="walked_by_somebody"),
        CheckConstraint("num_nonnulls(removed_at, removed_by, removed_because) IN (0, 3)", name="removed_by_someone_for_a_reason"),
        Index("uq_visit_stop_live", "task_id", unique=True, postgresql_where=text("removed_at IS NULL")),
    )

    route_id: int = ref("visit_route.id", primary_key=True)
    task_id: int = ref("task.id", primary_key=True)
    place: int
    persons: int
    started_at: datetime | None = None
    removed_at: datetime | None = None
    removed_by: str | None = None
    removed_because: str | None = None


class Upload(SQLModel, table=True):
    """A file coming in piece by piece for a task. `key` is the sender's own name of it, so that asking twice begins one upload."""

    __tablename__ = "upload"
    __table_args__ = (
        UniqueConstraint("task_id", "key"),
        one_of("kind", EXHIBIT_KINDS),
        one_of("shot", SHOTS),
        CheckConstraint("size > 0", name="not_empty"),
    )

    id: int | None = key()
    task_id: int = ref("task.id")
    key: str
    kind: str
    shot: str | None = None
    """What a photo is meant to show."""
    size: int = Field(sa_type=BigInteger)
    by: str
    begun_at: datetime
    exhibit_id: int | None = maybe_ref("exhibit.id")


class VisitLook(SQLModel, table=True):
    """Somebody who was not there looked at the photos of a visit: is the door's number in them, the notice, and the code of the day?"""

    __tablename__ = "visit_look"

    task_id: int = ref("task.id", primary_key=True)
    code_seen: bool
    looked_by: str
    looked_at: datetime
    note: str = ""
