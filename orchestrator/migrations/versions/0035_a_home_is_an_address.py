"""A debtor's homes are a contact point like the addresses they gave: a case knows which, and a letter names the one it went to.

Letters sent before stay without one: what their address was is in their bytes, and it was always that of the homes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.add_column("case", sa.Column("home_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_case_home_id_contact_point"), "case", "contact_point", ["home_id"], ["id"], ondelete="RESTRICT")


def downgrade() -> None:
    op.drop_constraint(op.f("fk_case_home_id_contact_point"), "case", type_="foreignkey")
    op.drop_column("case", "home_id")
