"""A channel may have several senders: an attempt names the one it left by, and each is spared by itself where it is refused.

How the senders of before stood was not kept by name: it is found out anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("attempt", sa.Column("sender", sa.String(), nullable=True))
    op.add_column("attempt", sa.Column("refused_as", sa.ARRAY(sa.Text()), nullable=True))
    op.execute("DELETE FROM sender_state")
    op.add_column("sender_state", sa.Column("sender", sa.String(), nullable=False))
    op.add_column("sender_state", sa.Column("later", sa.Integer(), nullable=False))
    op.drop_constraint(op.f("pk_sender_state"), "sender_state", type_="primary")
    op.create_primary_key(op.f("pk_sender_state"), "sender_state", ["channel", "provider", "sender"])
    op.drop_constraint(op.f("ck_sender_state_streak_counted"), "sender_state", type_="check")
    op.create_check_constraint(op.f("ck_sender_state_streak_counted"), "sender_state", "streak >= 0 AND later >= 0")


def downgrade() -> None:
    op.execute("DELETE FROM sender_state")
    op.drop_constraint(op.f("ck_sender_state_streak_counted"), "sender_state", type_="check")
    op.create_check_constraint(op.f("ck_sender_state_streak_counted"), "sender_state", "streak >= 0")
    op.drop_constraint(op.f("pk_sender_state"), "sender_state", type_="primary")
    op.create_primary_key(op.f("pk_sender_state"), "sender_state", ["channel", "provider"])
    op.drop_column("sender_state", "later")
    op.drop_column("sender_state", "sender")
    op.drop_column("attempt", "refused_as")
    op.drop_column("attempt", "sender")
