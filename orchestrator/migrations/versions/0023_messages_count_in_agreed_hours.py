"""A contract may say within which hours a text message counts as arrived when it comes in (Civil Code 137)."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("community", sa.Column("notice_hours", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("community", "notice_hours")
