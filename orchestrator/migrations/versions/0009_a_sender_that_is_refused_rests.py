"""A sender whose provider refuses one message after the other for reasons of its own is spared: how it stands is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "sender_state",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("streak", sa.Integer(), nullable=False),
        sa.Column("error_class", sa.String(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("resting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trial", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("streak >= 0", name=op.f("ck_sender_state_streak_counted")),
        sa.CheckConstraint("(resting_since IS NULL) = (retry_at IS NULL)", name=op.f("ck_sender_state_rests_until_it_is_tried")),
        sa.ForeignKeyConstraint(["trial"], ["attempt.id"], name=op.f("fk_sender_state_trial_attempt"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("channel", "provider", name=op.f("pk_sender_state")),
    )


def downgrade() -> None:
    op.drop_table("sender_state")
