"""An audit can be asked for on the console, and the newest one is found at once however long the log is."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

KINDS = "ck_job_kind_known"


def upgrade() -> None:
    op.drop_constraint(op.f(KINDS), "job")
    op.create_check_constraint(op.f(KINDS), "job", "kind IN ('bundle', 'archive', 'filing', 'audit')")
    op.create_index("ix_evidence_entry_audit", "evidence_entry", ["id"], postgresql_where=sa.text("kind = 'audit'"))


def downgrade() -> None:
    op.drop_index("ix_evidence_entry_audit", "evidence_entry")
    op.execute("DELETE FROM job WHERE kind = 'audit'")
    op.drop_constraint(op.f(KINDS), "job")
    op.create_check_constraint(op.f(KINDS), "job", "kind IN ('bundle', 'archive', 'filing')")
