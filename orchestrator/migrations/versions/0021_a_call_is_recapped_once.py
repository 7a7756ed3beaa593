"""A call is recapped once, and the calls of the last minutes are found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_index(
        "uq_attempt_recap", "attempt", ["occasion"], unique=True, postgresql_where=sa.text("purpose = 'recap' AND state <> 'cancelled'")
    )
    op.create_index(
        "ix_attempt_spoken",
        "attempt",
        ["concluded_at"],
        postgresql_where=sa.text("channel IN ('voice', 'call') AND outcome IN ('answered', 'heard', 'conversation')"),
    )


def downgrade() -> None:
    op.drop_index("ix_attempt_spoken", "attempt")
    op.drop_index("uq_attempt_recap", "attempt")
