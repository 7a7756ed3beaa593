"""Files that take longer than a page may are made by a worker, as jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(), nullable=False),
        sa.Column("community_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("tries", "done", "total")),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("result", "error")),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in ("claimed_until", "finished_at")),
        sa.CheckConstraint("kind IN ('bundle', 'archive', 'filing')", name=op.f("ck_job_kind_known")),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'removed')", name=op.f("ck_job_state_known")),
        sa.CheckConstraint("state <> 'done' OR result IS NOT NULL", name=op.f("ck_job_done_has_a_result")),
        sa.CheckConstraint("state <> 'failed' OR error IS NOT NULL", name=op.f("ck_job_failed_has_a_reason")),
        sa.CheckConstraint("(state = 'running') = (claimed_until IS NOT NULL)", name=op.f("ck_job_running_has_a_lease")),
        sa.CheckConstraint("done BETWEEN 0 AND total", name=op.f("ck_job_done_of_total")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_job_community_id_community"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_unfinished", "job", ["id"], postgresql_where=sa.text("state IN ('waiting', 'running')"))


def downgrade() -> None:
    op.drop_table("job")
