"""Photos, signatures, recordings and scans are kept by their digest; a row is written once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

KINDS = ("photo", "signature", "recording", "scan", "tracking", "document")


def upgrade() -> None:
    op.create_table(
        "exhibit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("claim", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        *(sa.Column(f"{thing}_id", sa.BigInteger(), nullable=True) for thing in ("case", "attempt", "task")),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at_wall", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(f"kind IN ({', '.join(map(repr, KINDS))})", name=op.f("ck_exhibit_kind_known")),
        sa.CheckConstraint("length(sha256) = 32", name=op.f("ck_exhibit_named_by_its_digest")),
        sa.CheckConstraint("size > 0", name=op.f("ck_exhibit_not_empty")),
        sa.CheckConstraint("num_nonnulls(case_id, attempt_id, task_id) > 0", name=op.f("ck_exhibit_about_something")),
        *(
            sa.ForeignKeyConstraint([f"{thing}_id"], [f"{thing}.id"], name=op.f(f"fk_exhibit_{thing}_id_{thing}"), ondelete="RESTRICT")
            for thing in ("case", "attempt", "task")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exhibit")),
    )
    op.create_index(
        "uq_exhibit",
        "exhibit",
        ["sha256", "kind", "case_id", "attempt_id", "task_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    for thing in ("case", "attempt", "task"):
        op.create_index(op.f(f"ix_exhibit_{thing}_id"), "exhibit", [f"{thing}_id"], unique=False)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON exhibit
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)


def downgrade() -> None:
    op.drop_table("exhibit")
