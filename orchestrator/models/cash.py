"""Money taken at the door: a numbered receipt for each sum, and the hand-over at the end of the day that two people sign."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from orchestrator.models.base import Money, key, maybe_ref, ref


class CashHandover(SQLModel, table=True):
    """A collector's cash on its way to the till. `stated`: the sum of its receipts; `counted`: what the other person found in the bag."""

    __tablename__ = "cash_handover"
    __table_args__ = (
        CheckConstraint("received_by <> offered_by", name="signed_by_two"),
        CheckConstraint("num_nonnulls(received_by, received_at, counted) IN (0, 3)", name="received_by_someone_who_counted"),
        CheckConstraint("counted IS NULL OR counted = stated OR because <> ''", name="a_difference_has_its_reason"),
        Index("uq_cash_handover_open", "offered_by", unique=True, postgresql_where=text("received_at IS NULL")),
    )

    id: int | None = key()
    offered_by: str
    offered_at: datetime
    stated: Decimal = Field(sa_type=Money)
    received_by: str | None = None
    received_at: datetime | None = None
    counted: Decimal | None = Field(default=None, sa_type=Money)
    because: str = ""


class CashReceipt(SQLModel, table=True):
    """Cash that a collector took. It is no payment of the ledger until the billing system says so; the case waits 72 hours for that.

    Numbers run per collector without a gap; a wrong one is voided with its reason, never changed. `key` is the phone's own name of it.
    """

    __tablename__ = "cash_receipt"
    __table_args__ = (
        UniqueConstraint("collector", "number"),
        UniqueConstraint("collector", "key"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("num_nonnulls(voided_at, voided_by, voided_because) IN (0, 3)", name="voided_by_someone_for_a_reason"),
        CheckConstraint("voided_at IS NULL OR handover_id IS NULL", name="what_is_voided_is_not_handed_over"),
        Index("ix_cash_receipt_in_hand", "collector", postgresql_where=text("handover_id IS NULL AND voided_at IS NULL")),
    )

    id: int | None = key()
    collector: str
    number: int
    key: str
    community_id: int = ref("community.id")
    case_id: int = ref("case.id", index=True)
    task_id: int | None = maybe_ref("task.id")
    units: str
    amount: Decimal = Field(sa_type=Money)
    taken_at: datetime
    taken_at_wall: datetime
    handover_id: int | None = maybe_ref("cash_handover.id", index=True)
    voided_at: datetime | None = None
    voided_by: str | None = None
    voided_because: str | None = None
