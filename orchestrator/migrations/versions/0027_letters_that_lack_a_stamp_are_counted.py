"""Letters that no time-stamping authority answered for are counted at once, however long the log is."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_index("ix_evidence_entry_unstamped", "evidence_entry", ["at_wall"], postgresql_where=sa.text("kind = 'letter unstamped'"))


def downgrade() -> None:
    op.drop_index("ix_evidence_entry_unstamped", "evidence_entry")
