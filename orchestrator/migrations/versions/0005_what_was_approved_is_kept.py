"""An approval keeps the letter that was put before the person: what was approved is what is sent, byte for byte."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("approval", sa.Column("document", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("approval", "document")
