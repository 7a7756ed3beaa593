"""A provider that has enough for now is left alone until the time it names."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.add_column("sender_state", sa.Column("waits_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("sender_state", "waits_until")
