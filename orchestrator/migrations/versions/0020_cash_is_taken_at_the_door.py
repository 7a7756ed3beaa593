"""Cash taken at the door has a numbered receipt, and is handed over by one and counted by another."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "cash_handover",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("offered_by", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stated", sa.Numeric(14, 2), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted", sa.Numeric(14, 2), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.CheckConstraint("received_by <> offered_by", name=op.f("ck_cash_handover_signed_by_two")),
        sa.CheckConstraint(
            "num_nonnulls(received_by, received_at, counted) IN (0, 3)", name=op.f("ck_cash_handover_received_by_someone_who_counted")
        ),
        sa.CheckConstraint(
            "counted IS NULL OR counted = stated OR because <> ''", name=op.f("ck_cash_handover_a_difference_has_its_reason")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_handover")),
    )
    op.create_index("uq_cash_handover_open", "cash_handover", ["offered_by"], unique=True, postgresql_where=sa.text("received_at IS NULL"))
    op.create_table(
        "cash_receipt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("collector", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("community_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("units", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at_wall", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handover_id", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by", sa.Text(), nullable=True),
        sa.Column("voided_because", sa.Text(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_cash_receipt_amount_positive")),
        sa.CheckConstraint(
            "num_nonnulls(voided_at, voided_by, voided_because) IN (0, 3)", name=op.f("ck_cash_receipt_voided_by_someone_for_a_reason")
        ),
        sa.CheckConstraint("voided_at IS NULL OR handover_id IS NULL", name=op.f("ck_cash_receipt_what_is_voided_is_not_handed_over")),
        *(
            sa.ForeignKeyConstraint(
                [f"{column}_id"], [f"{table}.id"], name=op.f(f"fk_cash_receipt_{column}_id_{table}"), ondelete="RESTRICT"
            )
            for column, table in (("community", "community"), ("case", "case"), ("task", "task"), ("handover", "cash_handover"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_receipt")),
        sa.UniqueConstraint("collector", "number", name=op.f("uq_cash_receipt_collector_number")),
        sa.UniqueConstraint("collector", "key", name=op.f("uq_cash_receipt_collector_key")),
    )
    op.create_index(op.f("ix_cash_receipt_case_id"), "cash_receipt", ["case_id"], unique=False)
    op.create_index(op.f("ix_cash_receipt_handover_id"), "cash_receipt", ["handover_id"], unique=False)
    op.create_index(
        "ix_cash_receipt_in_hand", "cash_receipt", ["collector"], postgresql_where=sa.text("handover_id IS NULL AND voided_at IS NULL")
    )


def downgrade() -> None:
    op.drop_table("cash_receipt")
    op.drop_table("cash_handover")
