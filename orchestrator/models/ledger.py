"""What is owed and what was paid: charges, payments, and the files they came from."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from orchestrator.models.base import Money, key, maybe_ref, one_of, ref


class ImportRun(SQLModel, table=True):
    """One file taken in. Its counts describe what the file states."""

    __tablename__ = "import_run"
    __table_args__ = (one_of("kind", ("arrears", "payments", "service-records")),)

    id: int | None = key()
    kind: str
    community_id: int | None = maybe_ref("community.id")
    file_name: str
    file_digest: bytes = Field(sa_type=LargeBinary)
    snapshot: bool = False
    at: datetime
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0
    charges: int = 0
    accounts: int = 0
    total: Decimal = Field(default=Decimal(0), sa_type=Money)
    undone_at: datetime | None = None


class Charge(SQLModel, table=True):
    """One item of one billing period of one account: its own debt, its own clock.

    `paid` is what the billing system says was paid; `provisional` what bank rows add until a later snapshot confirms them.
    A charge is never deleted: it is voided, with a reason, or cleared by a snapshot that no longer lists it.
    """

    __tablename__ = "charge"
    __table_args__ = (
        UniqueConstraint("account_id", "item", "period_start", "period_end"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("paid >= 0 AND provisional >= 0", name="paid_not_negative"),
        CheckConstraint("period_start <= period_end", name="period_ordered"),
        CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="void_has_reason"),
        Index("ix_charge_open", "debtor_id", "due_on", postgresql_where=text("voided_at IS NULL AND cleared_at IS NULL")),
    )

    id: int | None = key()
    account_id: int = ref("account.id", index=True)
    debtor_id: int = ref("debtor.id")
    item: str
    period_start: date
    period_end: date
    period: str
    due_on: date
    amount: Decimal = Field(sa_type=Money)
    paid: Decimal = Field(default=Decimal(0), sa_type=Money)
    provisional: Decimal = Field(default=Decimal(0), sa_type=Money)
    note: str = ""
    import_id: int | None = maybe_ref("import_run.id")
    disputed_until: datetime | None = None
    voided_at: datetime | None = None
    void_reason: str | None = None
    cleared_at: datetime | None = None
    created_at: datetime


class ChargeVersion(SQLModel, table=True):
    """What a charge said before an import or a person changed it: what `import --undo` puts back."""

    __tablename__ = "charge_version"

    id: int | None = key()
    charge_id: int = ref("charge.id", index=True)
    import_id: int | None = maybe_ref("import_run.id", index=True)
    amount: Decimal = Field(sa_type=Money)
    paid: Decimal = Field(sa_type=Money)
    provisional: Decimal = Field(sa_type=Money)
    due_on: date
    cleared_at: datetime | None = None
    at: datetime


class Payment(SQLModel, table=True):
    """Money that came in. Unmatched ones wait for a person; a reversal is a state with a reason, never a deletion."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("community_id", "source_ref"),
        one_of("state", ("matched", "unmatched", "reversed")),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: int | None = key()
    community_id: int = ref("community.id")
    source_ref: str
    at: datetime
    payer: str = ""
    memo: str = ""
    amount: Decimal = Field(sa_type=Money)
    state: str
    matched_by: str | None = None
    """unit, payer_and_amount, or the person who matched it."""
    debtor_id: int | None = maybe_ref("debtor.id", index=True)
    account_id: int | None = maybe_ref("account.id")
    import_id: int | None = maybe_ref("import_run.id")
    reversed_reason: str | None = None
    created_at: datetime


class Allocation(SQLModel, table=True):
    """How much of a payment went to which charge. Provisional until a snapshot dated after the payment supersedes it."""

    __tablename__ = "allocation"
    __table_args__ = (UniqueConstraint("payment_id", "charge_id"), CheckConstraint("amount > 0", name="amount_positive"))

    id: int | None = key()
    payment_id: int = ref("payment.id")
    charge_id: int = ref("charge.id", index=True)
    amount: Decimal = Field(sa_type=Money)
    at: datetime
    superseded_at: datetime | None = None


class ServiceRecord(SQLModel, table=True):
    """Proof that the service was performed (Civil Code 944(1)): a patrol, a cleaning, a repair, of a period."""

    __tablename__ = "service_record"
    __table_args__ = (UniqueConstraint("community_id", "place", "done_on", "kind", "description"),)

    id: int | None = key()
    community_id: int = ref("community.id")
    place: str = ""
    done_on: date
    kind: str
    description: str = ""
    import_id: int | None = maybe_ref("import_run.id")
