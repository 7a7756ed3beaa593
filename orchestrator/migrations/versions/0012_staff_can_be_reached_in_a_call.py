"""A community says where an automated call is put through to staff, and when they are there."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for column in ("service_number", "service_hours"):
        op.add_column("community", sa.Column(column, sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    for column in ("service_hours", "service_number"):
        op.drop_column("community", column)
