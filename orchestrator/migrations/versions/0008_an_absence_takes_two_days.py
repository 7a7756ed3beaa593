"""What a provider's list did not have is looked for again a day later: since when it was missing is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("attempt", sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True))
    op.drop_column("attempt", "sought")


def downgrade() -> None:
    op.add_column("attempt", sa.Column("sought", sa.Integer(), nullable=False, server_default="0"))
    op.drop_column("attempt", "missing_since")
