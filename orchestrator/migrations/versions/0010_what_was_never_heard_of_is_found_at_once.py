"""Handovers of which nothing final was heard are looked for every few minutes, among all that ever went out."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_index(
        "ix_attempt_unheard",
        "attempt",
        ["sent_at_wall"],
        postgresql_where=sa.text("state IN ('accepted', 'sent') AND channel IN ('sms', 'voice')"),
    )


def downgrade() -> None:
    op.drop_index("ix_attempt_unheard", "attempt")
