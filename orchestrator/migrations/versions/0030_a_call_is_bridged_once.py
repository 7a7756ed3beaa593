"""A call is put through by the provider once, from the phone of a member of staff."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

STATES = ("placing", "ringing", "dialling", "ended", "not_connected", "refused", "unknown", "given_up")
OUTCOMES = ("answered", "busy", "no_answer", "failed")


def upgrade() -> None:
    op.add_column("user", sa.Column("phone", sa.LargeBinary(), nullable=True))
    op.create_table(
        "bridge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_point_id", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at_wall", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_bridge_state_known")),
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name=op.f("ck_bridge_outcome_known")),
        sa.CheckConstraint("(state = 'ended') = (outcome IS NOT NULL)", name=op.f("ck_bridge_ended_somehow")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_bridge_task_id_task"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["contact_point_id"], ["contact_point.id"], name=op.f("fk_bridge_contact_point_id_contact_point"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bridge")),
    )
    op.create_index(
        "uq_bridge_open",
        "bridge",
        ["task_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('placing', 'ringing', 'dialling', 'ended', 'unknown')"),
    )
    op.create_index("ix_bridge_ended", "bridge", ["ended_at"], postgresql_where=sa.text("state = 'ended'"))


def downgrade() -> None:
    op.drop_table("bridge")
    op.drop_column("user", "phone")
