"""Up to when each sender's provider was asked for what was written to it."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.add_column("sender_state", sa.Column("listened_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("sender_state", "listened_until")
