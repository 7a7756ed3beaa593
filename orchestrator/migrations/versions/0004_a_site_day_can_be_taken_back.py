"""A community's day of silence can be taken back by a person, with a reason; its row stays."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("site_day", sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("site_day", sa.Column("lifted_by", sa.Text(), nullable=True))
    op.add_column("site_day", sa.Column("lifted_because", sa.Text(), nullable=True))


def downgrade() -> None:
    for column in ("lifted_because", "lifted_by", "lifted_at"):
        op.drop_column("site_day", column)
