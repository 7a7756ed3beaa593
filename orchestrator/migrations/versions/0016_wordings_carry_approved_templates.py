"""A wording carries the templates that providers approved of it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "wording_template",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("provider", "wording", "language", "template_id", "signature", "content", "state")
        ),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('approved', 'retired')", name=op.f("ck_wording_template_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording_template")),
    )
    op.create_index(
        "uq_wording_template_in_force",
        "wording_template",
        ["provider", "wording", "language"],
        unique=True,
        postgresql_where=sa.text("state = 'approved'"),
    )


def downgrade() -> None:
    op.drop_table("wording_template")
