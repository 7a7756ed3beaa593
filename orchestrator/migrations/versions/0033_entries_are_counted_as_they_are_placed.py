"""The page of the log counted every entry at each view: now the sealer counts each kind as it gives places."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "evidence_kind",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_evidence_kind")),
    )
    op.execute("""
        INSERT INTO evidence_kind (kind, entries, last)
        SELECT e.kind, count(*), max(e.at) FROM evidence_position p JOIN evidence_entry e ON e.id = p.entry_id GROUP BY e.kind
    """)


def downgrade() -> None:
    op.drop_table("evidence_kind")
