"""A charge whose clock runs out soon rings once for each threshold: a task for counsel, with or without a case."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

KINDS = ("visit", "call", "check")


def upgrade() -> None:
    op.add_column("community", sa.Column("clocks_seen_on", sa.Date(), nullable=True))
    op.add_column("task", sa.Column("debtor_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_task_debtor_id_debtor"), "task", "debtor", ["debtor_id"], ["id"], ondelete="RESTRICT")
    _allow((*KINDS, "alarm"))
    op.create_check_constraint(op.f("ck_task_an_alarm_has_its_debtor"), "task", "(kind = 'alarm') = (debtor_id IS NOT NULL)")
    op.create_index(
        "uq_task_alarm",
        "task",
        ["community_id", "debtor_id", "about"],
        unique=True,
        postgresql_where=sa.text("kind = 'alarm' AND state = 'open'"),
    )
    op.create_table(
        "limitation_alarm",
        sa.Column("charge_id", sa.BigInteger(), nullable=False),
        sa.Column("days_left", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name=op.f("fk_limitation_alarm_charge_id_charge"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_limitation_alarm_task_id_task"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("charge_id", "days_left", "last_day", name=op.f("pk_limitation_alarm")),
    )
    op.create_index(op.f("ix_limitation_alarm_task_id"), "limitation_alarm", ["task_id"], unique=False)


def downgrade() -> None:
    op.drop_table("limitation_alarm")
    op.drop_index("uq_task_alarm", table_name="task", postgresql_where=sa.text("kind = 'alarm' AND state = 'open'"))
    op.drop_constraint("ck_task_an_alarm_has_its_debtor", "task")
    op.execute("DELETE FROM task WHERE kind = 'alarm'")
    _allow(KINDS)
    op.drop_column("task", "debtor_id")
    op.drop_column("community", "clocks_seen_on")


def _allow(kinds: tuple[str, ...]) -> None:
    op.drop_constraint("ck_task_kind_known", "task")
    op.create_check_constraint(op.f("ck_task_kind_known"), "task", f"kind IN {kinds}")
