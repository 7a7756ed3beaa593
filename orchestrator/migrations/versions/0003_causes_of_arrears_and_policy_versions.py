"""Why a debtor does not pay, and every policy version that a case was ever pinned to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

CODES = ("service", "vacancy", "dispute", "cash", "ownership_change", "unreachable", "refuses", "developer")


def upgrade() -> None:
    op.create_table(
        "policy_version",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('pack', 'sequence')", name=op.f("ck_policy_version_kind_known")),
        sa.PrimaryKeyConstraint("kind", "digest", name=op.f("pk_policy_version")),
    )
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_version
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.create_table(
        "cause_of_arrears",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("community_id", sa.BigInteger(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint(f"code IN ({', '.join(map(repr, CODES))})", name=op.f("ck_cause_of_arrears_code_known")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_cause_of_arrears_ended_by_someone")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_cause_of_arrears_community_id_community"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_cause_of_arrears_debtor_id_debtor"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cause_of_arrears")),
    )
    op.create_index(
        "uq_cause_of_arrears",
        "cause_of_arrears",
        ["community_id", "debtor_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("cause_of_arrears")
    op.drop_table("policy_version")
