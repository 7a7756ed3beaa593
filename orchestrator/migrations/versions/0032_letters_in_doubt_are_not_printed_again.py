"""A letter from before there were batches whose outcome nobody knew then lies in none either, should it turn up as taken.

No line stands beside it (0017), which tells it from one that was handed over since.
"""

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.execute("""
        INSERT INTO letter (attempt_id)
        SELECT id FROM attempt WHERE channel = 'letter' AND state IN ('sending', 'unknown') AND sender IS NULL
        ON CONFLICT (attempt_id) DO NOTHING
    """)


def downgrade() -> None:
    """What is known of a letter stays known."""
