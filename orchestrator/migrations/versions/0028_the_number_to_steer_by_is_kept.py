"""What each community could still collect in court is kept day by day."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "steering_day",
        sa.Column("community_id", sa.BigInteger(), sa.ForeignKey("community.id", ondelete="RESTRICT"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("charges", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "day"),
    )


def downgrade() -> None:
    op.drop_table("steering_day")
