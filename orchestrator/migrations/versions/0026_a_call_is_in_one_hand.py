"""A call task is in one person's hands, for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("task", sa.Column("claimed_by", sa.Text(), nullable=True))
    op.add_column("task", sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_task_claimed_by_someone_for_a_while"), "task", "(claimed_by IS NULL) = (claimed_until IS NULL)")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_task_claimed_by_someone_for_a_while"), "task")
    op.drop_column("task", "claimed_until")
    op.drop_column("task", "claimed_by")
