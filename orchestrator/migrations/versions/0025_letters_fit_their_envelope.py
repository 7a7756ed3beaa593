"""What a community's letters look like: their envelope, what the payment code holds, in how many parts an offer splits the arrears."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("community", sa.Column("envelope", sa.String(), nullable=False, server_default="gb-dl"))
    op.add_column("community", sa.Column("payment_code", sa.String(), nullable=False, server_default=""))
    op.add_column("community", sa.Column("plan_months", sa.Integer(), nullable=False, server_default="3"))
    for column in ("envelope", "payment_code", "plan_months"):
        op.alter_column("community", column, server_default=None)
    op.create_check_constraint("plan_within_a_year", "community", "plan_months BETWEEN 1 AND 12")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_community_plan_within_a_year"), "community")
    for column in ("plan_months", "payment_code", "envelope"):
        op.drop_column("community", column)
