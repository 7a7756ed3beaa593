"""Consent given and withdrawn is kept as it was said, one row each time; whether a number is opted out is read from the last word."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

CHANNELS = ("sms", "voice", "call")
SOURCES = ("reply", "key", "page", "staff", "contract", "carrier")


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contact_point_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at_wall", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), nullable=True),
        sa.Column("proof", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(f"channel IN ({', '.join(map(repr, CHANNELS))})", name=op.f("ck_consent_channel_known")),
        sa.CheckConstraint(f"source IN ({', '.join(map(repr, SOURCES))})", name=op.f("ck_consent_source_known")),
        sa.ForeignKeyConstraint(
            ["contact_point_id"], ["contact_point.id"], name=op.f("fk_consent_contact_point_id_contact_point"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_consent_receipt_id_receipt"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_number", "consent", ["contact_point_id", "channel", "id"], unique=False)
    op.execute("""
        INSERT INTO consent (contact_point_id, channel, given, source, by, at, at_wall, receipt_id)
        SELECT contact_point_id, channel, given, source, '', at, at, receipt_id
          FROM (SELECT contact_point_id, channel, false AS given, source, at, receipt_id, id FROM opt_out
                UNION ALL
                SELECT contact_point_id, channel, true, source, ended_at, NULL, id FROM opt_out WHERE ended_at IS NOT NULL) AS said
         ORDER BY at, id
    """)
    op.create_index(
        "ix_receipt_of_nobody", "receipt", ["id"], unique=False, postgresql_where=sa.text("kind = 'reply' AND attempt_id IS NULL")
    )
    op.drop_table("opt_out")
    op.execute("""
        CREATE VIEW opt_out AS
        SELECT c.contact_point_id, c.channel, c.source, c.at
          FROM consent c
         WHERE NOT c.given
           AND NOT EXISTS (SELECT FROM consent later WHERE later.contact_point_id = c.contact_point_id AND later.channel = c.channel
                                                       AND later.id > c.id)
    """)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consent
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)


def downgrade() -> None:
    raise NotImplementedError("what was said about consent cannot be told in the old table")
