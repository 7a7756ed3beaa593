"""A job says what it left out and why, in both languages of the console."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column("job", sa.Column("because", JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("job", "because")
